//! What can be named in an experiment: layers, losses, optimizers, schedules and their arguments.
//!
//! The items themselves are listed where they are defined. Here is the shape of such a list, from
//! which the parsers, their errors and the printed help all come.

use std::ops::Bound;

use crate::messages::{self as say, Language};

/// Everything that an experiment can name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vocabulary<'a> {
    /// The layers of `--model`.
    pub layers: &'a [Help],
    /// The losses of `--loss`.
    pub losses: &'a [Help],
    /// The optimizers of `--optimizer`.
    pub optimizers: &'a [Help],
    /// The schedules of the learning rate.
    pub schedules: &'a [Help],
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
    /// What it means, in a phrase that can stand before "; for example".
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
    /// A whole number, or a word in its place.
    Sizes {
        /// The least number.
        least: u64,
        /// Whether two numbers in brackets may stand in its place: for height and for width.
        pairs: bool,
        /// The words.
        words: &'static [&'static str],
    },
    /// Any word.
    Word,
    /// Yes or no. In a short form its bare name means yes.
    Switch,
}

impl Kind {
    pub(super) fn is_switch(self) -> bool {
        matches!(self, Kind::Switch)
    }

    /// For example `a number above 0`, for programs: in English.
    pub fn describe(self) -> String {
        self.in_language(Language::English)
    }

    /// For example `a number above 0`, in a language.
    pub fn in_language(self, l: Language) -> String {
        match self {
            Kind::Integer(least) => say::kind_integer(l, least),
            Kind::Number(range) => say::kind_number(l, range.describe(l)),
            Kind::Numbers(range) => say::kind_numbers(l, range.describe(l)),
            Kind::Choice(words) => list(words.iter().copied(), l),
            Kind::Sizes { least, pairs, words } => {
                let mut text = say::kind_integer(l, least);
                if pairs {
                    text.push_str(&say::kind_pairs(l));
                }
                for word in words {
                    text.push_str(&say::kind_or(l));
                    text.push_str(word);
                }
                text
            }
            Kind::Word => say::kind_word(l),
            Kind::Switch => say::kind_switch(l),
        }
    }
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

    /// What follows "a number", such as ` above 0`.
    fn describe(self, l: Language) -> String {
        use Bound::{Excluded, Included, Unbounded};
        let number = |value: f64| l.digits(&value.to_string());
        match (self.low, self.high) {
            (Unbounded, Unbounded) => String::new(),
            (Unbounded, Excluded(high)) => say::range_below(l, number(high)),
            (Unbounded, Included(high)) => say::range_at_most(l, number(high)),
            (Excluded(low), Unbounded) => say::range_above(l, number(low)),
            (Included(low), Unbounded) => say::range_at_least(l, number(low)),
            (Included(low), Included(high)) => say::range_between(l, number(low), number(high)),
            (Included(low), Excluded(high)) => say::range_to_below(l, number(low), number(high)),
            (Excluded(low), Included(high)) => say::range_above_to(l, number(low), number(high)),
            (Excluded(low), Excluded(high)) => say::range_inside(l, number(low), number(high)),
        }
    }
}

/// The noun with its article, or as Russian has it behind "the name of".
pub(crate) fn a(noun: &str, l: Language) -> String {
    if l == Language::Russian {
        return say::noun(l, noun);
    }
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// Names as a sentence has them: `a`, `b` or `c`.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>, l: Language) -> String {
    let mut quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.pop() {
        None => String::new(),
        Some(last) if quoted.is_empty() => last,
        Some(last) => format!("{}{}{last}", quoted.join(", "), say::kind_or(l)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_what_they_contain() {
        let check = |range: Range, text: &str, inside: &[f64], outside: &[f64]| {
            assert_eq!(range.describe(Language::English), text);
            inside.iter().for_each(|&x| assert!(range.contains(x), "{x} {text}"));
            outside.iter().for_each(|&x| assert!(!range.contains(x), "{x} {text}"));
        };
        check(Range::ANY, "", &[-1e300, 0.0], &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        check(Range::POSITIVE, " above 0", &[1e-300], &[0.0, -1.0, f64::INFINITY]);
        check(Range::NON_NEGATIVE, " of at least 0", &[0.0], &[-1e-300]);
        check(Range::UNIT, " from 0 to 1", &[0.0, 1.0], &[1.0000001]);
        check(Range::FRACTION, " from 0 to below 1", &[0.0, 0.999], &[1.0]);
    }
}
