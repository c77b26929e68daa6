//! The text form of a graph: one node a line,
//! `%3 = sum {axes = [0]} %2 : [1, 4] # layers.0 dense`.

use std::fmt::{self, Write};
use std::sync::Arc;

use crate::ops::{Attribute, Attributes};
use crate::{Graph, GraphError, Op, Shape, Value};

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.values().try_for_each(|value| writeln!(f, "{}", line(self, value)))
    }
}

/// One node.
pub(crate) fn line(graph: &Graph, value: Value) -> String {
    let node = graph.node(value);
    let mut text = format!("{value} = {}", node.op.name());
    let attributes = node.op.attributes();
    if !attributes.0.is_empty() {
        let all: Vec<String> = attributes.0.iter().map(|(n, a)| format!("{n} = {a}")).collect();
        write!(text, " {{{}}}", all.join(", ")).expect("writing to a string cannot fail");
    }
    for input in &node.inputs {
        write!(text, " {input}").expect("writing to a string cannot fail");
    }
    write!(text, " : {}", node.shape).expect("writing to a string cannot fail");
    if !node.scope.is_empty() {
        write!(text, " # {}", node.scope).expect("writing to a string cannot fail");
    }
    text
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Attribute::Sizes(sizes) => write!(f, "{sizes:?}"),
            Attribute::Numbers(numbers) => write!(f, "{numbers:?}"),
            Attribute::Number(number) => write!(f, "{number:?}"),
            Attribute::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// Reads the text form back; shapes are inferred and compared with what is written.
pub fn parse(text: &str) -> Result<Graph, GraphError> {
    let mut graph = Graph::default();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        parse_line(&mut graph, line).map_err(|what| {
            GraphError::new("", format!("line {}: {what}: `{}`", number + 1, line.trim()))
        })?;
    }
    Ok(graph)
}

fn parse_line(graph: &mut Graph, line: &str) -> Result<(), String> {
    let mut cursor = Cursor { rest: line };
    let value = cursor.value()?;
    if value.index() != graph.nodes().len() {
        return Err(format!("expected %{}, got {value}", graph.nodes().len()));
    }
    cursor.expect("=")?;
    let name = cursor.word()?.to_string();
    let attributes = cursor.attributes()?;
    let mut inputs = Vec::new();
    while cursor.peek('%') {
        let input = cursor.value()?;
        if input.index() >= graph.nodes().len() {
            return Err(format!("{input} does not stand before its use"));
        }
        inputs.push(input);
    }
    cursor.expect(":")?;
    let shape = match cursor.attribute()? {
        Attribute::Sizes(sizes) => Shape::from(sizes),
        other => return Err(format!("shape {other}, expected a list of sizes")),
    };
    let scope: Arc<str> = match cursor.rest.trim_start() {
        "" => "".into(),
        rest => rest.strip_prefix("# ").ok_or("text behind the shape")?.into(),
    };
    let op = Op::from_text(&name, &attributes)?;
    let made = graph.apply(op, &inputs, &scope).map_err(|error| error.what)?;
    if *graph.shape(made) != shape {
        return Err(format!("shape {shape}, but the op makes {}", graph.shape(made)));
    }
    Ok(())
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn peek(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.starts_with(c)
    }

    fn expect(&mut self, what: &str) -> Result<(), String> {
        self.rest = self.rest.trim_start();
        self.rest = self.rest.strip_prefix(what).ok_or_else(|| format!("expected `{what}`"))?;
        Ok(())
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c| !keep(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn word(&mut self) -> Result<&'a str, String> {
        match self.take_while(|c| c.is_ascii_alphanumeric() || c == '_') {
            "" => Err("expected a name".into()),
            word => Ok(word),
        }
    }

    fn value(&mut self) -> Result<Value, String> {
        self.expect("%")?;
        let digits = self.take_while(|c| c.is_ascii_digit());
        digits.parse().map(Value).map_err(|_| format!("`%{digits}` is no value"))
    }

    fn attributes(&mut self) -> Result<Attributes, String> {
        let mut attributes = Attributes::none();
        if !self.peek('{') {
            return Ok(attributes);
        }
        self.expect("{")?;
        while !self.peek('}') {
            let name = known_name(self.word()?)?;
            self.expect("=")?;
            attributes.0.push((name, self.attribute()?));
            if !self.peek('}') {
                self.expect(",")?;
            }
        }
        self.expect("}")?;
        Ok(attributes)
    }

    fn attribute(&mut self) -> Result<Attribute, String> {
        if self.peek('[') {
            return self.list();
        }
        if self.peek('"') {
            return self.quoted();
        }
        let text = self.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        text.parse().map(Attribute::Number).map_err(|_| format!("`{text}` is no number"))
    }

    fn list(&mut self) -> Result<Attribute, String> {
        self.expect("[")?;
        let inside = self.take_while(|c| c != ']');
        self.expect("]")?;
        let items: Vec<&str> = inside.split(',').map(str::trim).filter(|s| !s.is_empty()).collect();
        if let Ok(sizes) = items.iter().map(|item| item.parse()).collect::<Result<Vec<usize>, _>>()
        {
            return Ok(Attribute::Sizes(sizes));
        }
        let numbers = items.iter().map(|item| item.parse()).collect::<Result<Vec<f64>, _>>();
        numbers.map(Attribute::Numbers).map_err(|_| format!("`[{inside}]` is no list of numbers"))
    }

    fn quoted(&mut self) -> Result<Attribute, String> {
        self.expect("\"")?;
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(Attribute::Text(text));
                }
                // A body is a text of several lines.
                '\\' => {
                    text.extend(characters.next().map(|(_, c)| if c == 'n' { '\n' } else { c }))
                }
                c => text.push(c),
            }
        }
        Err("a text without its closing quote".into())
    }
}

/// Attribute names are those that ops use.
fn known_name(name: &str) -> Result<&'static str, String> {
    const NAMES: &[&str] = &[
        "after",
        "axes",
        "axis",
        "before",
        "body",
        "carries",
        "data",
        "dilation",
        "ends",
        "groups",
        "kernel",
        "kind",
        "lengths",
        "name",
        "order",
        "padding",
        "part",
        "reverse",
        "sequences",
        "shape",
        "size",
        "start",
        "starts",
        "stream",
        "stride",
        "turns",
        "value",
        "weights",
    ];
    let found = NAMES.iter().find(|known| **known == name);
    found.copied().ok_or_else(|| format!("no op has an attribute `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Trace;

    #[test]
    fn every_op_survives_the_round_trip() {
        for sample in Op::samples() {
            let trace = Trace::new();
            let inputs: Vec<_> = (sample.inputs.iter().enumerate())
                .map(|(i, (shape, ..))| trace.input(&format!("x {i}\"\\"), shape))
                .collect();
            trace.scoped("layers.0 dense", || trace.apply(sample.op, &inputs));
            trace.check().expect("the sample's shapes fit");
            let text = trace.graph().to_string();
            let back = parse(&text).expect("what is printed can be read");
            assert_eq!(back.to_string(), text);
        }
    }

    #[test]
    fn errors_name_the_line() {
        let check = |text: &str, want: &str| {
            assert_eq!(parse(text).expect_err("broken").to_string(), want);
        };
        check("%1 = exp", "line 1: expected %0, got %1: `%1 = exp`");
        check(
            "%0 = constant {value = 1.0, shape = [2]} : [3]",
            "line 1: shape [3], but the op makes [2]: \
             `%0 = constant {value = 1.0, shape = [2]} : [3]`",
        );
        check("\n%0 = wat : []", &{
            format!(
                "line 2: no op is named `wat`; there are {}: `%0 = wat : []`",
                Op::NAMES.join(", ")
            )
        });
        check("%0 = exp %0 : []", "line 1: %0 does not stand before its use: `%0 = exp %0 : []`");
    }
}
