//! TOML with the place of every key and value.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::problem::Fault;
use crate::messages::{self as say, Language};
use crate::text::shown;

/// A value and its bytes in the text.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: NodeValue,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum NodeValue {
    Text(String),
    /// Wide enough to see what is too large for a setting.
    Integer(i128),
    Float(f64),
    Boolean(bool),
    Date,
    List(Vec<Node>),
    Table(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

/// Reads a document. Entries are in the order of the text.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, Fault> {
    let table = DeTable::parse(text).map_err(|error| {
        let end = text.len();
        // The words are those of the parser, which has English only.
        let what = error.message().lines().next().unwrap_or("not valid TOML");
        Fault::new(error.span().unwrap_or(end..end), |l| say::settings_syntax(l, what))
    })?;
    entries(table.get_ref())
}

fn entries(table: &DeTable) -> Result<Vec<Entry>, Fault> {
    let mut entries = table
        .iter()
        .map(|(key, value)| {
            let node = node(value.get_ref(), value.span())?;
            Ok(Entry { key: key.get_ref().to_string(), key_span: key.span(), node })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    entries.sort_by_key(|entry| entry.key_span.start);
    Ok(entries)
}

fn node(value: &DeValue, span: Range<usize>) -> Result<Node, Fault> {
    let value = match value {
        DeValue::String(text) => NodeValue::Text(text.to_string()),
        DeValue::Integer(integer) => {
            let parsed = i128::from_str_radix(integer.as_str(), integer.radix());
            let too_large = |_| Fault::new(span.clone(), say::settings_large_number);
            NodeValue::Integer(parsed.map_err(too_large)?)
        }
        DeValue::Float(float) => {
            let parsed = float.as_str().parse().ok();
            let bad = || Fault::new(span.clone(), say::settings_not_number);
            NodeValue::Float(parsed.ok_or_else(bad)?)
        }
        DeValue::Boolean(boolean) => NodeValue::Boolean(*boolean),
        DeValue::Datetime(_) => NodeValue::Date,
        DeValue::Array(items) => {
            let items = items.iter().map(|item| node(item.get_ref(), item.span()));
            NodeValue::List(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => NodeValue::Table(entries(table)?),
    };
    Ok(Node { value, span })
}

impl Node {
    /// What this is, for "got …".
    pub(crate) fn describe(&self, l: Language) -> String {
        match &self.value {
            NodeValue::Text(text) => say::got_text(l, shown(text)),
            NodeValue::Integer(integer) => integer.to_string(),
            NodeValue::Float(float) => float.to_string(),
            NodeValue::Boolean(boolean) => boolean.to_string(),
            NodeValue::Date => say::got_date(l),
            NodeValue::List(_) => say::got_list(l),
            NodeValue::Table(_) => say::got_table(l),
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Any number.
    pub(crate) fn number(&self) -> Option<f64> {
        match self.value {
            NodeValue::Integer(integer) => Some(integer as f64),
            NodeValue::Float(float) => Some(float),
            _ => None,
        }
    }

    /// A whole number without sign; `1e3` counts.
    pub(crate) fn integer(&self) -> Option<u64> {
        match self.value {
            NodeValue::Integer(integer) => integer.try_into().ok(),
            NodeValue::Float(float) if float.fract() == 0.0 && (0.0..1e15).contains(&float) => {
                Some(float as u64)
            }
            _ => None,
        }
    }

    /// The byte of `source` at which the letters of this text begin, where they stand there as
    /// they are: without escapes.
    pub(crate) fn inner_start(&self, source: &str) -> Option<usize> {
        let raw = source.get(self.span.clone())?;
        let text = self.text()?;
        // On the command line a text needs no quotes.
        if raw == text {
            return Some(self.span.start);
        }
        let quotes = ["\"\"\"", "'''", "\"", "'"];
        let quote = quotes.into_iter().find(|quote| raw.starts_with(quote))?;
        let inner = raw.strip_prefix(quote)?.strip_suffix(quote)?;
        inner.ends_with(text).then(|| self.span.end - quote.len() - text.len())
    }
}

/// A text as TOML writes it, on one line.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            letter if letter.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(letter)));
            }
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_keeps_its_place() {
        let text = "a = 1\n[b]\nc.d = [true, 'x']\ne = { f = 2.5, g = 2020-01-01 }\n";
        fn walk(text: &str, entries: &[Entry], found: &mut Vec<String>) {
            for Entry { key, key_span, node } in entries {
                assert_eq!(&text[key_span.clone()], key);
                match &node.value {
                    NodeValue::Table(inner) => walk(text, inner, found),
                    _ => found.push(format!("{key}: {}", &text[node.span.clone()])),
                }
            }
        }
        let mut found = Vec::new();
        walk(text, &parse(text).unwrap(), &mut found);
        assert_eq!(found, ["a: 1", "d: [true, 'x']", "f: 2.5", "g: 2020-01-01"]);
    }

    #[test]
    fn the_letters_of_a_text_are_found() {
        let check = |value: &str, want: Option<usize>| {
            let text = format!("a = {value}");
            let entries = parse(&text).unwrap();
            assert_eq!(entries[0].node.inner_start(&text), want, "{value}");
        };
        check("\"relu\"", Some(5));
        check("'relu'", Some(5));
        check("\"\"\"\nrelu\"\"\"", Some(8));
        check("\"\"", Some(5));
        check(r#""re\u006cu""#, None);
    }

    #[test]
    fn quoted_texts_read_back() {
        for text in ["", "plain", "C:\\x \"y\"", "a\nb\tc\r\u{0}\u{7f}\u{85}", "эпоха 🎓"] {
            let document = format!("a = {}", quote(text));
            assert_eq!(parse(&document).unwrap()[0].node.text(), Some(text));
        }
    }

    #[test]
    fn hostile_nesting_is_an_error() {
        let deep = 400_000;
        for text in [
            format!("{}=1", vec!["a"; deep].join(".")),
            format!("[{}]", vec!["a"; deep].join(".")),
            format!("b = 1\n{} = 1", vec!["a"; deep].join(" . ")),
            format!("x = {}", "[".repeat(deep)),
            format!("x = {}", "{a=".repeat(deep)),
            format!("x = {{ {} = 1 }}", vec!["a"; deep].join(".")),
            format!("x = [{{ {} = 1 }}]", vec!["\"a\""; deep].join(".")),
            format!("{} = 1", vec!["'a'"; deep].join(".")),
        ] {
            assert!(parse(&text).is_err(), "{}", &text[..30]);
        }
    }
}
