//! How a value of each type is read from TOML and printed as TOML.

mod item;
mod time;

use std::collections::BTreeMap;

use super::help::{Kind, Range, Vocabulary};
use super::node::{Node, NodeValue, quote};
use super::problem::Fault;
use super::suggest::nearest;
use super::{Auto, ClassWeights};
use crate::data::{ColumnKind, LARGEST_SIDE};
use crate::messages::{self as say, Language};
use crate::text::shown;

pub(super) use item::Noun;

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
            let message = |l: Language| say::settings_most(l, u64::MAX, integer);
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
                        let fault = Fault::new(entry.node.span.clone(), |l| {
                            let got = entry.node.describe(l);
                            say::settings_class_weight(l, shown(&entry.key), got)
                        });
                        return Err(fault.into());
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
