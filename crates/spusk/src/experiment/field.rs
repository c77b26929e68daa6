//! How a value of each type is read from TOML and printed as TOML.

use std::collections::BTreeMap;
use std::time::Duration;

use super::grammar::{find, parse_item, parse_layers, parse_listed_layers};
use super::help::{Help, Kind, Range, Vocabulary, a};
use super::node::{Entry, Node, NodeValue, quote};
use super::problem::Fault;
use super::spec::{Raw, Spec, finish, give};
use super::suggest::nearest;
use super::{Auto, ClassWeights, Every, Layers};
use crate::data::{ColumnKind, LARGEST_SIDE};
use crate::messages::{self as say, Language};
use crate::text::shown;

/// What readers need besides the value.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) vocabulary: Vocabulary<'a>,
    /// The text that the value stands in.
    pub(super) source: &'a str,
}

/// A type that settings can have.
pub(super) trait Field: Sized {
    /// What narrows the type down for one setting.
    type Limits: Copy + 'static;

    /// The text that stands for "not set" where the setting is optional.
    const NONE: &'static str = "off";

    /// For example `a number above 0`.
    fn expected(limits: Self::Limits, l: Language) -> String;

    /// The value, or what is wrong with it. A refusal of the type or range is `Refusal::Kind`,
    /// which the caller turns into "must be …, got …".
    fn read(node: &Node, limits: Self::Limits, context: Context) -> Result<Self, Refusal>;

    /// The value in TOML; nothing if it is not set.
    fn print(&self) -> Option<String>;

    /// Replaces one argument of an item, as in `optimizer.beta1=0.9`.
    fn set_argument(
        &mut self,
        name: (&str, std::ops::Range<usize>),
        _value: &Node,
        _limits: Self::Limits,
        _context: Context,
    ) -> Result<(), Fault> {
        let (name, span) = name;
        Err(Fault::new(span, |l| say::settings_nothing_inside(l, shown(name))))
    }
}

/// Why a value was refused.
pub(super) enum Refusal {
    /// It is not of the expected type, or out of range.
    Kind,
    /// The same, and this word may be meant.
    Meant(&'static str),
    /// Something more particular.
    Fault(Fault),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Refusal::Fault(fault)
    }
}

/// An enum whose values are words.
pub(super) trait Words: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

impl<T: Words> Field for T {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        T::WORDS.iter().map(|(word, _)| quote(word)).collect::<Vec<_>>().join(&say::kind_or(l))
    }

    fn read(node: &Node, (): (), _: Context) -> Result<Self, Refusal> {
        let text = node.text().ok_or(Refusal::Kind)?;
        if let Some((_, value)) = T::WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(*value);
        }
        let words = T::WORDS.iter().map(|(word, _)| *word);
        Err(nearest(text, words).map_or(Refusal::Kind, Refusal::Meant))
    }

    fn print(&self) -> Option<String> {
        T::WORDS.iter().find(|(_, value)| value == self).map(|(word, _)| quote(word))
    }
}

impl Field for bool {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::kind_switch(l)
    }

    fn read(node: &Node, (): (), _: Context) -> Result<Self, Refusal> {
        match (&node.value, node.text()) {
            (NodeValue::Boolean(boolean), _) => Ok(*boolean),
            // As `--shuffle off` has it.
            (_, Some("on")) => Ok(true),
            (_, Some("off")) => Ok(false),
            _ => Err(Refusal::Kind),
        }
    }

    fn print(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Field for f64 {
    type Limits = Range;

    fn expected(range: Range, l: Language) -> String {
        Kind::Number(range).in_language(l)
    }

    fn read(node: &Node, range: Range, _: Context) -> Result<Self, Refusal> {
        node.number().filter(|&number| range.contains(number)).ok_or(Refusal::Kind)
    }

    fn print(&self) -> Option<String> {
        Some(format!("{self:?}"))
    }
}

impl Field for u64 {
    /// The least allowed number.
    type Limits = u64;

    fn expected(least: u64, l: Language) -> String {
        Kind::Integer(least).in_language(l)
    }

    fn read(node: &Node, least: u64, _: Context) -> Result<Self, Refusal> {
        if let NodeValue::Integer(integer) = node.value
            && integer > i128::from(u64::MAX)
        {
            let message = format!("a whole number can be at most {}, got {integer}", u64::MAX);
            return Err(Fault::new(node.span.clone(), message).into());
        }
        node.integer().filter(|&number| number >= least).ok_or(Refusal::Kind)
    }

    fn print(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Field for String {
    type Limits = ();

    // A column or a file may be called "off".
    const NONE: &'static str = "";

    fn expected((): (), l: Language) -> String {
        say::want_text(l)
    }

    fn read(node: &Node, (): (), _: Context) -> Result<Self, Refusal> {
        match (&node.value, node.text()) {
            (_, Some(text)) => Ok(text.into()),
            // A column may be given by its number.
            (NodeValue::Integer(integer), _) => Ok(integer.to_string()),
            _ => Err(Refusal::Kind),
        }
    }

    fn print(&self) -> Option<String> {
        Some(quote(self))
    }
}

impl Field for Vec<String> {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_texts(l)
    }

    fn read(node: &Node, (): (), context: Context) -> Result<Self, Refusal> {
        match &node.value {
            NodeValue::List(items) => {
                let read = |item: &Node| {
                    String::read(item, (), context).map_err(|_| {
                        Refusal::Fault(Fault::new(item.span.clone(), |l| {
                            say::settings_list_text(l, item.describe(l))
                        }))
                    })
                };
                items.iter().map(read).collect()
            }
            // One name needs no brackets.
            _ => Ok(vec![String::read(node, (), context)?]),
        }
    }

    fn print(&self) -> Option<String> {
        Some(format!("[{}]", self.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", ")))
    }
}

/// Height and width: `"48x64"` or `[48, 64]`; `64` for a square.
impl Field for [usize; 2] {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_size(l)
    }

    fn read(node: &Node, (): (), context: Context) -> Result<Self, Refusal> {
        // `0x10` is a whole number of TOML, and nobody who writes it here means 16.
        let is_decimal = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        let written = |node: &Node| context.source.get(node.span.clone()).is_some_and(is_decimal);
        let side = |node: &Node| usize::try_from(node.integer().filter(|_| written(node))?).ok();
        let sides = match (&node.value, node.text()) {
            (NodeValue::List(sides), _) => sides.iter().map(side).collect::<Option<Vec<_>>>(),
            (_, Some(text)) => {
                let side = |side: &str| side.parse().ok().filter(|_| is_decimal(side));
                text.split(['x', '×']).map(str::trim).map(side).collect()
            }
            _ => side(node).map(|side| vec![side]),
        };
        let sides = match sides.as_deref() {
            Some(&[side]) => [side, side],
            Some(&[height, width]) => [height, width],
            _ => return Err(Refusal::Kind),
        };
        match sides.iter().all(|side| (1..=LARGEST_SIDE).contains(side)) {
            true => Ok(sides),
            false => Err(Refusal::Kind),
        }
    }

    fn print(&self) -> Option<String> {
        let [height, width] = self;
        Some(quote(&format!("{height}x{width}")))
    }
}

/// Kinds of columns by their names: `["zip=category"]` or `{ zip = "category" }`.
impl Field for BTreeMap<String, ColumnKind> {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_kinds(l)
    }

    fn read(node: &Node, (): (), context: Context) -> Result<Self, Refusal> {
        let one = |node: &Node| {
            let (name, kind) = node.text()?.rsplit_once('=')?;
            let kind = Node { value: NodeValue::Text(kind.trim().into()), span: node.span.clone() };
            Some((name.trim().to_owned(), ColumnKind::read(&kind, (), context).ok()?))
        };
        let all = match &node.value {
            NodeValue::Table(entries) => {
                let kinds = entries.iter().map(|entry| {
                    let kind = ColumnKind::read(&entry.node, (), context)?;
                    Ok((entry.key.clone(), kind))
                });
                return kinds.collect();
            }
            NodeValue::List(items) => items.iter().map(one).collect::<Option<_>>(),
            _ => one(node).map(|one| BTreeMap::from([one])),
        };
        all.ok_or(Refusal::Kind)
    }

    fn print(&self) -> Option<String> {
        let kind = |kind: &ColumnKind| quote(kind.name());
        let kinds = self.iter().map(|(name, of)| format!("{} = {}", quote(name), kind(of)));
        match self.is_empty() {
            true => Some("{}".into()),
            false => Some(format!("{{ {} }}", kinds.collect::<Vec<_>>().join(", "))),
        }
    }

    fn set_argument(
        &mut self,
        (name, span): (&str, std::ops::Range<usize>),
        value: &Node,
        (): (),
        context: Context,
    ) -> Result<(), Fault> {
        let kind = ColumnKind::read(value, (), context).map_err(|_| {
            Fault::new(span, |l| {
                say::settings_must_be(
                    l,
                    shown(name),
                    ColumnKind::expected((), l),
                    value.describe(l),
                )
            })
        })?;
        self.insert(name.into(), kind);
        Ok(())
    }
}

impl Field for Duration {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_time(l)
    }

    fn read(node: &Node, (): (), _: Context) -> Result<Self, Refusal> {
        node.text().and_then(parse_duration).ok_or(Refusal::Kind)
    }

    fn print(&self) -> Option<String> {
        Some(quote(&print_duration(*self)))
    }
}

impl<T: Field> Field for Option<T> {
    type Limits = T::Limits;

    fn expected(limits: T::Limits, l: Language) -> String {
        say::want_or(l, T::expected(limits, l), T::NONE)
    }

    fn read(node: &Node, limits: T::Limits, context: Context) -> Result<Self, Refusal> {
        match node.text() {
            Some(text) if text == T::NONE => Ok(None),
            _ => T::read(node, limits, context).map(Some),
        }
    }

    fn print(&self) -> Option<String> {
        self.as_ref()?.print()
    }
}

impl<T: Field> Field for Auto<T> {
    type Limits = T::Limits;

    fn expected(limits: T::Limits, l: Language) -> String {
        say::want_or(l, T::expected(limits, l), "auto")
    }

    fn read(node: &Node, limits: T::Limits, context: Context) -> Result<Self, Refusal> {
        match node.text() {
            Some("auto") => Ok(Auto::Auto),
            _ => T::read(node, limits, context).map(Auto::Set),
        }
    }

    fn print(&self) -> Option<String> {
        match self {
            Auto::Auto => Some(quote("auto")),
            Auto::Set(value) => value.print(),
        }
    }

    fn set_argument(
        &mut self,
        name: (&str, std::ops::Range<usize>),
        value: &Node,
        limits: T::Limits,
        context: Context,
    ) -> Result<(), Fault> {
        match self {
            Auto::Set(item) => item.set_argument(name, value, limits, context),
            Auto::Auto => {
                Err(Fault::new(name.1, say::settings_auto).help(say::settings_name_first))
            }
        }
    }
}

/// Which of the named things a setting names.
#[derive(Clone, Copy)]
pub(super) enum Noun {
    Loss,
    Optimizer,
    Schedule,
}

impl Noun {
    pub(super) fn name(self) -> &'static str {
        match self {
            Noun::Loss => "loss",
            Noun::Optimizer => "optimizer",
            Noun::Schedule => "schedule",
        }
    }

    fn known(self, vocabulary: Vocabulary<'_>) -> &[Help] {
        match self {
            Noun::Loss => vocabulary.losses,
            Noun::Optimizer => vocabulary.optimizers,
            Noun::Schedule => vocabulary.schedules,
        }
    }
}

impl Field for Spec {
    type Limits = Noun;

    fn expected(noun: Noun, l: Language) -> String {
        say::want_item(l, a(noun.name(), l))
    }

    fn read(node: &Node, noun: Noun, context: Context) -> Result<Self, Refusal> {
        let known = noun.known(context.vocabulary);
        match &node.value {
            NodeValue::Text(text) => {
                let item = parse_item(text, noun.name(), known);
                Ok(item.map_err(|fault| in_text(fault, node, context))?)
            }
            NodeValue::Table(entries) => {
                Ok(item_of_table(node, entries, ("name", noun.name(), known), context)?)
            }
            _ => Err(Refusal::Kind),
        }
    }

    fn print(&self) -> Option<String> {
        Some(quote(&self.to_string()))
    }

    fn set_argument(
        &mut self,
        name: (&str, std::ops::Range<usize>),
        value: &Node,
        noun: Noun,
        context: Context,
    ) -> Result<(), Fault> {
        let known = noun.known(context.vocabulary);
        let help = find(&self.name, name.1.clone(), noun.name(), known)?;
        self.arguments.retain(|argument| argument.name != name.0);
        give(self, help, name, (raw(value), value.span.clone()))?;
        finish(self, help)
    }
}

/// A fault in a short form, moved to where the short form stands.
fn in_text(fault: Fault, node: &Node, context: Context) -> Fault {
    match node.inner_start(context.source) {
        Some(start) => fault.shifted(start),
        None => Fault { span: node.span.clone(), ..fault },
    }
}

/// `{ name = "adamw", beta1 = 0.9 }`; `title` is the key of the name.
fn item_of_table(
    node: &Node,
    entries: &[Entry],
    (title, noun, known): (&str, &'static str, &[Help]),
    context: Context,
) -> Result<Spec, Fault> {
    let named = entries.iter().find(|entry| entry.key == title);
    let Some((entry, name)) = named.and_then(|entry| Some((entry, entry.node.text()?))) else {
        let example = known.first().map_or("…", |help| help.name);
        return Err(Fault::new(node.span.clone(), |l| {
            say::settings_table_needs(l, a(noun, l), title)
        })
        .help(|l| say::settings_example(l, format!("{{ {title} = \"{example}\" }}"))));
    };
    let name_span = entry.node.span.clone();
    let help = find(name, name_span.clone(), noun, known)?;
    let mut spec = Spec { span: name_span, ..Spec::new(name) };
    for entry in entries.iter().filter(|entry| entry.key != title) {
        if entry.key == "layers" && help.contains_layers {
            spec.layers = layers_of_node(&entry.node, context)?.ok_or_else(|| {
                Fault::new(entry.node.span.clone(), |l| {
                    let (want, got) = (Layers::expected((), l), entry.node.describe(l));
                    say::settings_must_be(l, "layers", want, got)
                })
            })?;
        } else {
            let value = (raw(&entry.node), entry.node.span.clone());
            give(&mut spec, help, (&entry.key, entry.key_span.clone()), value)?;
        }
    }
    finish(&mut spec, help)?;
    Ok(spec)
}

fn raw(node: &Node) -> Raw<'_> {
    match &node.value {
        NodeValue::Text(text) => Raw::Text(text),
        NodeValue::Integer(_) | NodeValue::Float(_) => match node.number() {
            Some(number) => Raw::Number(number),
            None => Raw::Other(say::got_no_number),
        },
        NodeValue::Boolean(boolean) => Raw::Switch(*boolean),
        NodeValue::List(items) => match items.iter().map(Node::number).collect() {
            Some(numbers) => Raw::Numbers(numbers),
            None => Raw::Other(say::got_more),
        },
        NodeValue::Date => Raw::Other(say::got_date),
        NodeValue::Table(_) => Raw::Other(say::got_table),
    }
}

impl Field for Layers {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_layers(l)
    }

    fn read(node: &Node, (): (), context: Context) -> Result<Self, Refusal> {
        match node.text().map(str::trim) {
            Some("auto") => Ok(Layers::Auto),
            Some("linear") => Ok(Layers::These(Vec::new())),
            Some("") => Err(Fault::new(node.span.clone(), say::settings_no_layers)
                .help(say::settings_linear)
                .into()),
            _ => match layers_of_node(node, context)? {
                Some(layers) => Ok(Layers::These(layers)),
                None => Err(Refusal::Kind),
            },
        }
    }

    fn print(&self) -> Option<String> {
        let Layers::These(layers) = self else { return Some(quote("auto")) };
        let lines: String =
            layers.iter().map(|layer| format!("  {},\n", quote(&layer.to_string()))).collect();
        Some(if lines.is_empty() { "[]".into() } else { format!("[\n{lines}]") })
    }
}

/// A short form, or a list of short forms and tables.
fn layers_of_node(node: &Node, context: Context) -> Result<Option<Vec<Spec>>, Fault> {
    let known = context.vocabulary.layers;
    match &node.value {
        NodeValue::Text(text) => {
            let layers = parse_layers(text, known);
            layers.map(Some).map_err(|fault| in_text(fault, node, context))
        }
        NodeValue::Table(entries) => {
            let layer = item_of_table(node, entries, ("layer", "layer", known), context)?;
            Ok(Some(vec![layer]))
        }
        NodeValue::List(items) => {
            let mut layers = Vec::new();
            for item in items {
                let inner = match &item.value {
                    NodeValue::List(_) => None,
                    NodeValue::Text(text) => Some(
                        parse_listed_layers(text, known)
                            .map_err(|fault| in_text(fault, item, context))?,
                    ),
                    _ => layers_of_node(item, context)?,
                };
                layers.extend(inner.ok_or_else(|| {
                    Fault::new(item.span.clone(), |l| say::settings_layer_kind(l, item.describe(l)))
                })?);
            }
            Ok(Some(layers))
        }
        _ => Ok(None),
    }
}

impl Field for ClassWeights {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_class_weights(l)
    }

    fn read(node: &Node, (): (), context: Context) -> Result<Self, Refusal> {
        match (&node.value, node.text()) {
            (_, Some("off")) => Ok(ClassWeights::Off),
            (_, Some("balanced")) => Ok(ClassWeights::Balanced),
            (NodeValue::Table(entries), _) => {
                let mut weights = BTreeMap::new();
                for entry in entries {
                    let weight = f64::read(&entry.node, Range::POSITIVE, context);
                    let Ok(weight) = weight else {
                        let message = format!(
                            "the weight of class `{}` must be a number above 0, got {}",
                            shown(&entry.key),
                            entry.node.describe(Language::English)
                        );
                        return Err(Fault::new(entry.node.span.clone(), message).into());
                    };
                    weights.insert(entry.key.clone(), weight);
                }
                Ok(ClassWeights::Of(weights))
            }
            _ => Err(Refusal::Kind),
        }
    }

    fn print(&self) -> Option<String> {
        Some(match self {
            ClassWeights::Off => quote("off"),
            ClassWeights::Balanced => quote("balanced"),
            ClassWeights::Of(weights) => {
                let weights =
                    weights.iter().map(|(class, weight)| format!("{} = {weight:?}", quote(class)));
                format!("{{ {} }}", weights.collect::<Vec<_>>().join(", "))
            }
        })
    }
}

impl Field for Every {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_every(l)
    }

    fn read(node: &Node, (): (), _: Context) -> Result<Self, Refusal> {
        let steps = node.integer().filter(|&steps| steps > 0).map(Every::Steps);
        let text = node.text();
        let off = (text == Some("off")).then_some(Every::Off);
        let time = text.and_then(parse_duration).map(Every::Time);
        steps.or(off).or(time).ok_or(Refusal::Kind)
    }

    fn print(&self) -> Option<String> {
        match self {
            Every::Steps(steps) => steps.print(),
            Every::Time(time) => time.print(),
            Every::Off => Some(quote("off")),
        }
    }
}

const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// `90s`, `10m`, `1h30m`, `1.5h`, to the millisecond, above zero.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut milliseconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..letters])?;
        milliseconds += number * *unit as f64;
        rest = rest[letters..].trim_start();
    }
    // Three hundred years; longer is a slip of the finger.
    (0.5..1e13).contains(&milliseconds).then(|| Duration::from_millis(milliseconds.round() as u64))
}

/// The shortest such text.
pub(super) fn print_duration(duration: Duration) -> String {
    let mut left = duration.as_millis() as u64;
    let mut text = String::new();
    for (name, unit) in UNITS {
        let count = left / unit;
        left %= unit;
        if count > 0 {
            text.push_str(&format!("{count}{name}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let check = |text: &str, milliseconds: u64, printed: &str| {
            let time = parse_duration(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(time.as_millis() as u64, milliseconds, "{text}");
            assert_eq!(print_duration(time), printed);
            assert_eq!(parse_duration(printed), Some(time));
        };
        check("90s", 90_000, "1m30s");
        check("10m", 600_000, "10m");
        check("1.5h", 5_400_000, "1h30m");
        check("1h 30m", 5_400_000, "1h30m");
        check("250ms", 250, "250ms");
        check(" 61.001s ", 61_001, "1m1s1ms");
        for text in
            ["", "10", "m", "10 m", "10d", "-5s", "1e3s", "0s", "1..5s", "999999999999h", "٣s"]
        {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
