//! A named item with its arguments: `dense 256`, `adamw beta1=0.9`, `residual(dense 64, relu)`.

use std::fmt;
use std::ops::Range;

use super::help::{ArgumentHelp, Help, Kind};
use super::problem::Fault;
use super::suggest::nearest;
use crate::messages::{self as say, Language, Said};
use crate::text::shown;

/// A layer, loss, optimizer or schedule as an experiment names it, checked against its [`Help`]:
/// names are known, every argument has its kind, and none is missing.
///
/// Its `Display` is its short form, which parses back to an equal value.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The item's name.
    pub name: String,
    /// The arguments given, in the order of the item's help.
    pub arguments: Vec<Argument>,
    /// The layers inside, where the item contains layers.
    pub layers: Vec<Spec>,
    /// The bytes of the short form that it was read from. Equality does not look at it.
    pub span: Range<usize>,
}

/// One argument of a [`Spec`].
#[derive(Clone, Debug)]
pub struct Argument {
    /// The argument's name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Whether the short form leaves its name out. Equality does not look at it.
    pub positional: bool,
}

/// The value of an [`Argument`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Also for whole numbers.
    Number(f64),
    /// Numbers in brackets.
    Numbers(Vec<f64>),
    /// One word.
    Word(String),
    /// Yes or no.
    Switch(bool),
}

impl PartialEq for Spec {
    fn eq(&self, other: &Spec) -> bool {
        self.name == other.name && self.arguments == other.arguments && self.layers == other.layers
    }
}

impl PartialEq for Argument {
    fn eq(&self, other: &Argument) -> bool {
        self.name == other.name && self.value == other.value
    }
}

impl Spec {
    /// An item without arguments.
    pub fn new(name: impl Into<String>) -> Spec {
        Spec { name: name.into(), arguments: Vec::new(), layers: Vec::new(), span: 0..0 }
    }

    /// The same item with one more argument.
    pub fn with(mut self, name: impl Into<String>, value: Value) -> Spec {
        self.arguments.push(Argument { name: name.into(), value, positional: false });
        self
    }

    /// The argument with this name, if it is given.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|argument| argument.name == name).map(|found| &found.value)
    }

    /// The number given under this name.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The whole number given under this name.
    pub fn integer(&self, name: &str) -> Option<u64> {
        self.number(name).filter(|&number| is_integer(number)).map(|number| number as u64)
    }

    /// The numbers given under this name.
    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        match self.get(name)? {
            Value::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// The word given under this name.
    pub fn word(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The answer given under this name.
    pub fn switch(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Switch(switch) => Some(*switch),
            _ => None,
        }
    }

    /// The same item with every argument of its help, defaults where none was given.
    pub fn with_defaults(mut self, help: &Help) -> Spec {
        for argument in help.arguments {
            let Some(default) = argument.default else { continue };
            if self.get(argument.name).is_none()
                && let Ok(value) = convert(argument.kind, Raw::Token(default))
            {
                self = self.with(argument.name, value);
            }
        }
        self.put_in_order(help);
        self
    }

    /// The same item with its arguments in the order of the help, their names left out where they
    /// can be.
    pub(crate) fn in_order(mut self, help: &Help) -> Spec {
        self.put_in_order(help);
        self
    }

    /// Puts the arguments into the order of the help and leaves out the names that can be.
    pub(super) fn put_in_order(&mut self, help: &Help) {
        let place = |name: &str| help.arguments.iter().position(|known| known.name == name);
        self.arguments.sort_by_key(|argument| place(&argument.name));
        for (index, argument) in self.arguments.iter_mut().enumerate() {
            let known = help.arguments.get(index);
            let in_place =
                known.is_some_and(|known| known.positional && known.name == argument.name);
            argument.positional = in_place && !is_switch_name(help, &argument.value);
        }
        let leading = self.arguments.iter().take_while(|argument| argument.positional).count();
        self.arguments.iter_mut().skip(leading).for_each(|argument| argument.positional = false);
    }
}

/// A bare word that is also the name of a switch would be read as that switch.
fn is_switch_name(help: &Help, value: &Value) -> bool {
    let Value::Word(word) = value else { return false };
    help.arguments.iter().any(|known| known.name == word && known.kind.is_switch())
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for argument in &self.arguments {
            write!(f, " {argument}")?;
        }
        if !self.layers.is_empty() {
            write!(f, "({})", print_layers(&self.layers))?;
        }
        Ok(())
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Switch(true) => f.write_str(&self.name),
            value if self.positional => value.fmt(f),
            value => write!(f, "{}={value}", self.name),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => f.write_str(&print_number(*number)),
            Value::Numbers(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(|&x| print_number(x)).collect();
                write!(f, "[{}]", numbers.join(", "))
            }
            Value::Word(word) => f.write_str(word),
            Value::Switch(switch) => switch.fmt(f),
        }
    }
}

/// The short form of several layers, as `--model` takes it.
pub fn print_layers(layers: &[Spec]) -> String {
    layers.iter().map(Spec::to_string).collect::<Vec<_>>().join(", ")
}

/// The shortest text that reads back to the same bits, whole numbers without a point.
fn print_number(number: f64) -> String {
    let plain = number.fract() == 0.0 && number.abs() < 1e15;
    if plain { format!("{number}") } else { format!("{number:?}") }
}

/// Whether the number is one of 0, 1, 2 … and exact.
fn is_integer(number: f64) -> bool {
    number >= 0.0 && number.fract() == 0.0 && number <= 9_007_199_254_740_992.0
}

/// A value as the text has it, before it is known what it should be.
#[derive(Clone, Debug)]
pub(super) enum Raw<'a> {
    /// A token of a short form: a number, a word or a switch, as it is needed.
    Token(&'a str),
    /// A text of a TOML table.
    Text(&'a str),
    Number(f64),
    Numbers(Vec<f64>),
    Switch(bool),
    /// Something that no argument can be, in words.
    Other(fn(Language) -> String),
}

impl Raw<'_> {
    /// What was got, for an error.
    fn describe(&self, l: Language) -> String {
        match self {
            Raw::Token(text) => format!("`{}`", shown(text)),
            Raw::Text(text) => say::got_text(l, shown(text)),
            Raw::Number(number) => print_number(*number),
            Raw::Numbers(_) => say::got_numbers(l),
            Raw::Switch(switch) => switch.to_string(),
            Raw::Other(what) => what(l),
        }
    }
}

/// Why a value is not of a kind.
pub(super) struct Unfit {
    expected: Said,
    got: Said,
}

/// The value, if it is of the kind; else what was expected and what was got.
pub(super) fn convert(kind: Kind, raw: Raw) -> Result<Value, Unfit> {
    let value = match kind {
        Kind::Integer(least) => number(&raw)
            .filter(|&number| is_integer(number) && number >= least as f64)
            .map(Value::Number),
        Kind::Number(range) => {
            number(&raw).filter(|&number| range.contains(number)).map(Value::Number)
        }
        Kind::Numbers(range) => numbers(&raw)
            .filter(|numbers| numbers.iter().all(|&number| range.contains(number)))
            .map(Value::Numbers),
        Kind::Choice(words) => {
            word(&raw).filter(|word| words.contains(word)).map(|word| Value::Word(word.into()))
        }
        Kind::Sizes { least, pairs, words } => {
            let fits = |number: f64| is_integer(number) && number >= least as f64;
            if let Some(number) = number(&raw).filter(|&number| fits(number)) {
                Some(Value::Number(number))
            } else if let Some(numbers) = numbers(&raw) {
                let pair = pairs && numbers.len() == 2 && numbers.iter().all(|&n| fits(n));
                pair.then_some(Value::Numbers(numbers))
            } else {
                word(&raw).filter(|word| words.contains(word)).map(|word| Value::Word(word.into()))
            }
        }
        Kind::Word => word(&raw).map(|word| Value::Word(word.into())),
        Kind::Switch => switch(&raw).map(Value::Switch),
    };
    value.ok_or_else(|| {
        let meant = match (kind, &raw) {
            (Kind::Choice(words), Raw::Token(text) | Raw::Text(text)) => {
                nearest(text, words.iter().copied())
            }
            _ => None,
        };
        let got = |l| match meant {
            Some(word) => format!("{}; {}", raw.describe(l), say::meant(l, word)),
            None => raw.describe(l),
        };
        Unfit { expected: Said::new(|l| kind.in_language(l)), got: Said::new(got) }
    })
}

fn number(raw: &Raw) -> Option<f64> {
    match raw {
        Raw::Token(text) => parse_number(text),
        Raw::Number(number) => Some(*number),
        _ => None,
    }
}

fn numbers(raw: &Raw) -> Option<Vec<f64>> {
    match raw {
        Raw::Numbers(numbers) => Some(numbers.clone()),
        _ => None,
    }
}

fn word<'a>(raw: &Raw<'a>) -> Option<&'a str> {
    match raw {
        Raw::Token(text) => Some(text),
        // Whatever is stored must be printable as a token again.
        Raw::Text(text) if !text.is_empty() && text.chars().all(is_word_letter) => Some(text),
        _ => None,
    }
}

fn switch(raw: &Raw) -> Option<bool> {
    match raw {
        Raw::Switch(switch) => Some(*switch),
        Raw::Token("true" | "yes" | "on") => Some(true),
        Raw::Token("false" | "no" | "off") => Some(false),
        _ => None,
    }
}

/// A number as a short form has it: `256`, `-0.1`, `1e-3`, `10_000`.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    // `inf` and `nan` parse as floats, and here they are words.
    let numeric =
        text.starts_with(|letter: char| letter.is_ascii_digit() || "+-.".contains(letter));
    let number: f64 = text.replace('_', "").parse().ok()?;
    (numeric && number.is_finite()).then_some(number)
}

/// The letters that words and numbers are made of.
pub(super) fn is_word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || "_-.+/".contains(letter)
}

/// Adds one argument after checking its name and value.
pub(super) fn give(
    spec: &mut Spec,
    help: &Help,
    name: (&str, Range<usize>),
    raw: (Raw, Range<usize>),
) -> Result<(), Fault> {
    let (name, name_span) = name;
    let Some(known) = help.arguments.iter().find(|known| known.name == name) else {
        return Err(unknown_argument(help, name, name_span));
    };
    if spec.get(name).is_some() {
        return Err(Fault::new(name_span, |l| say::item_twice(l, name, help.name)));
    }
    let (raw, span) = raw;
    let value = convert(known.kind, raw).map_err(|unfit| {
        let Unfit { expected, got } = unfit;
        Fault::new(span, |l: Language| {
            let (expected, got) = (expected.in_language(l), got.in_language(l));
            say::item_argument_must_be(l, name, help.name, expected, got)
        })
        .help(|l| example(help, known, l))
    })?;
    spec.arguments.push(Argument { name: name.into(), value, positional: false });
    Ok(())
}

fn unknown_argument(help: &Help, name: &str, span: Range<usize>) -> Fault {
    let names = || help.arguments.iter().map(|known| known.name);
    let fault = Fault::new(span, |l| say::item_no_argument(l, help.name, shown(name)));
    match (nearest(name, names()), help.arguments) {
        (Some(meant), _) => fault.label(|l| say::meant(l, meant)),
        (None, []) => fault.help(|l| say::item_no_arguments(l, help.name)),
        (None, _) => fault.help(|l| say::item_arguments(l, names().collect::<Vec<_>>().join(", "))),
    }
}

/// How an item is written; what an argument means is told where its language is spoken.
fn example(help: &Help, argument: &ArgumentHelp, l: Language) -> String {
    let example = say::settings_example(l, help.example);
    match l {
        Language::English => {
            format!("{}; {example}", argument.summary.trim_end_matches('.'))
        }
        Language::Russian => example,
    }
}

/// Checks that nothing is missing, then brings the item into its canonical form.
pub(super) fn finish(spec: &mut Spec, help: &Help) -> Result<(), Fault> {
    let missing = help
        .arguments
        .iter()
        .find(|known| known.default.is_none() && spec.get(known.name).is_none());
    if let Some(known) = missing {
        let message = |l| say::item_needs(l, help.name, known.name, known.kind.in_language(l));
        let fault = Fault::new(spec.span.clone(), message);
        return Err(fault.help(|l| example(help, known, l)));
    }
    if help.contains_layers && spec.layers.is_empty() {
        let fault = Fault::new(spec.span.clone(), |l| say::item_needs_layers(l, help.name));
        return Err(fault.help(|l| say::settings_example(l, help.example)));
    }
    spec.put_in_order(help);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_to_the_same_bits() {
        let check = |number: f64, want: &str| {
            assert_eq!(print_number(number), want);
            assert_eq!(parse_number(want).map(f64::to_bits), Some(number.to_bits()));
        };
        check(256.0, "256");
        check(0.1, "0.1");
        check(1e-5, "1e-5");
        check(1e300, "1e300");
        check(-2.0, "-2");
        check(-0.0, "-0");
        check(f64::MIN_POSITIVE, "2.2250738585072014e-308");
    }

    #[test]
    fn what_is_no_number_is_a_word() {
        for text in ["inf", "nan", "-inf", "1e999", "3x3", "abc", "", "infinity", "+nan"] {
            assert_eq!(parse_number(text), None, "{text}");
        }
    }
}
