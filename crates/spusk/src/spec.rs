//! Layers, losses, optimizers and schedules as they are written: a name with arguments.

use std::fmt;
use std::ops::Bound;

/// A named item with its arguments, such as `dense 256` or `residual(dense 64, relu)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The item's name.
    pub name: String,
    /// The arguments given.
    pub arguments: Vec<Argument>,
    /// The layers inside, where the item contains layers.
    pub layers: Vec<Spec>,
}

/// One argument of a [`Spec`].
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The argument's name.
    pub name: String,
    /// Its value.
    pub value: Value,
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

impl Spec {
    /// An item without arguments.
    pub fn new(name: impl Into<String>) -> Spec {
        Spec { name: name.into(), arguments: Vec::new(), layers: Vec::new() }
    }

    /// The same item with one more argument.
    pub fn with(mut self, name: impl Into<String>, value: Value) -> Spec {
        self.arguments.push(Argument { name: name.into(), value });
        self
    }

    /// The argument with this name, if it is given.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|argument| argument.name == name).map(|found| &found.value)
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for Argument { name, value } in &self.arguments {
            write!(f, " {name}={value}")?;
        }
        if !self.layers.is_empty() {
            let layers: Vec<String> = self.layers.iter().map(Spec::to_string).collect();
            write!(f, "({})", layers.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Numbers(numbers) => write!(f, "{numbers:?}"),
            Value::Word(word) => f.write_str(word),
            Value::Switch(switch) => write!(f, "{switch}"),
        }
    }
}

/// One item that can be named, with its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Help {
    /// The name, such as `dense`.
    pub name: &'static str,
    /// What others call it; only for "did you mean".
    pub aliases: &'static [&'static str],
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// How it is written, such as `dense 256`.
    pub example: &'static str,
    /// Its arguments; those that may be given without their names come first.
    pub arguments: &'static [ArgumentHelp],
    /// Whether layers stand inside it, in parentheses.
    pub contains_layers: bool,
}

/// One argument.
#[derive(Clone, Copy, Debug)]
pub struct ArgumentHelp {
    /// The name, such as `features`.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub summary: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// The value it has when it is not given, as it would be written; `None` if it must be given.
    pub default: Option<&'static str>,
    /// Whether its name may be left out.
    pub positional: bool,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A whole number of at least this.
    Integer(u64),
    /// A number.
    Number(Range),
    /// Numbers in brackets.
    Numbers(Range),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Any word.
    Word,
    /// Yes or no. In a short form its bare name means yes.
    Switch,
}

/// Which numbers are allowed. Infinity and NaN never are.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The lower end.
    pub low: Bound<f64>,
    /// The upper end.
    pub high: Bound<f64>,
}

impl Range {
    /// Every number.
    pub const ANY: Range = Range { low: Bound::Unbounded, high: Bound::Unbounded };
    /// Above 0.
    pub const POSITIVE: Range = Range { low: Bound::Excluded(0.0), high: Bound::Unbounded };
    /// At least 0.
    pub const NON_NEGATIVE: Range = Range { low: Bound::Included(0.0), high: Bound::Unbounded };
    /// From 0 to 1, both included.
    pub const UNIT: Range = Range { low: Bound::Included(0.0), high: Bound::Included(1.0) };
    /// From 0, which is included, to 1, which is not.
    pub const FRACTION: Range = Range { low: Bound::Included(0.0), high: Bound::Excluded(1.0) };

    /// Whether the number is allowed.
    pub fn contains(self, number: f64) -> bool {
        number.is_finite() && std::ops::RangeBounds::contains(&(self.low, self.high), &number)
    }
}
