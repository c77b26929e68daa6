//! Options: a struct that is also written as a name with arguments.
//!
//! The `options!` macro makes both from one declaration; its doc comments are the help of the
//! command line too. The `list!` macro makes a closed enum of the items of one kind.

use crate::spec::{ArgumentHelp, Help, Kind, Spec, Value};

/// A struct that is also a [`Spec`].
pub trait Options: Sized {
    /// Its name, its arguments, what they mean.
    const HELP: Help;

    /// From the written form: unknown names, missing arguments and values of the wrong kind are
    /// errors.
    fn from_spec(spec: &Spec) -> Result<Self, String>;

    /// The written form, without arguments that have their default value.
    fn to_spec(&self) -> Spec;
}

/// A field of [`Options`].
pub trait Setting: Sized {
    /// From the written value; `None` if it is of another kind.
    fn read(value: &Value) -> Option<Self>;
    /// The written value.
    fn write(&self) -> Value;
}

impl Setting for f64 {
    fn read(value: &Value) -> Option<f64> {
        match value {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }
    fn write(&self) -> Value {
        Value::Number(*self)
    }
}

impl Setting for usize {
    fn read(value: &Value) -> Option<usize> {
        f64::read(value).filter(|x| *x >= 0.0 && x.fract() == 0.0).map(|x| x as usize)
    }
    fn write(&self) -> Value {
        Value::Number(*self as f64)
    }
}

impl Setting for bool {
    fn read(value: &Value) -> Option<bool> {
        match value {
            Value::Switch(switch) => Some(*switch),
            _ => None,
        }
    }
    fn write(&self) -> Value {
        Value::Switch(*self)
    }
}

impl Setting for Vec<f64> {
    fn read(value: &Value) -> Option<Vec<f64>> {
        match value {
            Value::Numbers(numbers) => Some(numbers.clone()),
            Value::Number(number) => Some(vec![*number]),
            _ => None,
        }
    }
    fn write(&self) -> Value {
        Value::Numbers(self.clone())
    }
}

/// Refuses names that the item does not know, layers where none stand, and missing arguments.
pub(crate) fn check(help: &Help, spec: &Spec) -> Result<(), String> {
    let name = help.name;
    if spec.name != name {
        return Err(format!("expected `{name}`, got `{}`", spec.name));
    }
    if !spec.layers.is_empty() && !help.contains_layers {
        return Err(format!("`{name}` has no layers inside; it is written `{}`", help.example));
    }
    for given in &spec.arguments {
        if !help.arguments.iter().any(|known| known.name == given.name) {
            let known: Vec<&str> = help.arguments.iter().map(|known| known.name).collect();
            let known = if known.is_empty() { "it has none".into() } else { known.join(", ") };
            return Err(format!("`{name}` has no argument `{}`: {known}", given.name));
        }
    }
    let missing = |known: &&ArgumentHelp| known.default.is_none() && spec.get(known.name).is_none();
    match help.arguments.iter().find(missing) {
        Some(known) => Err(format!("`{name}` needs `{}`; write `{}`", known.name, help.example)),
        None => Ok(()),
    }
}

/// An argument's value: as given, else its default.
pub(crate) fn read<T: Setting>(help: &Help, spec: &Spec, name: &str) -> Result<T, String> {
    let known = (help.arguments.iter().find(|known| known.name == name))
        .expect("the macro asks for its own fields only");
    let value = match spec.get(name) {
        Some(value) => value.clone(),
        None => default_value(known).expect("check() refuses a missing argument"),
    };
    let read = if allowed(known.kind, &value) { T::read(&value) } else { None };
    read.ok_or_else(|| {
        let expected = describe(known.kind);
        format!("`{}`: `{name}` is {value}, expected {expected}", help.name)
    })
}

/// The default of an argument; `None` where it must be given.
///
/// # Panics
/// If the list's default is not of the list's kind, which a test over every list refuses.
pub(crate) fn default_value(known: &ArgumentHelp) -> Option<Value> {
    let text = known.default?;
    let value = match known.kind {
        Kind::Integer(_) | Kind::Number(_) => text.parse().ok().map(Value::Number),
        Kind::Numbers(_) => numbers(text).map(Value::Numbers),
        Kind::Sizes { .. } => match text.parse() {
            Ok(number) => Some(Value::Number(number)),
            Err(_) => Some(Value::Word(text.into())),
        },
        Kind::Choice(_) | Kind::Word => Some(Value::Word(text.into())),
        Kind::Switch => text.parse().ok().map(Value::Switch),
    };
    Some(value.expect("the lists' test reads every default"))
}

fn numbers(text: &str) -> Option<Vec<f64>> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    inside.split(',').map(str::trim).filter(|s| !s.is_empty()).map(|s| s.parse().ok()).collect()
}

fn allowed(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Integer(least), Value::Number(number)) => {
            number.fract() == 0.0 && *number >= least as f64 && *number <= 2f64.powi(53)
        }
        (Kind::Number(range), Value::Number(number)) => range.contains(*number),
        (Kind::Numbers(range), Value::Number(number)) => range.contains(*number),
        (Kind::Numbers(range), Value::Numbers(all)) => all.iter().all(|&x| range.contains(x)),
        (Kind::Sizes { least, .. }, Value::Number(_)) => allowed(Kind::Integer(least), value),
        (Kind::Sizes { least, pairs: true, .. }, Value::Numbers(pair)) => {
            let fits = |&size: &f64| allowed(Kind::Integer(least), &Value::Number(size));
            pair.len() == 2 && pair.iter().all(fits)
        }
        (Kind::Sizes { words, .. }, Value::Word(word)) => words.contains(&word.as_str()),
        (Kind::Choice(words), Value::Word(word)) => words.contains(&word.as_str()),
        (Kind::Word, Value::Word(_)) | (Kind::Switch, Value::Switch(_)) => true,
        _ => false,
    }
}

fn describe(kind: Kind) -> String {
    match kind {
        Kind::Integer(least) => format!("a whole number of at least {least}"),
        Kind::Number(range) => format!("a number {:?} to {:?}", range.low, range.high),
        Kind::Numbers(range) => format!("numbers {:?} to {:?}", range.low, range.high),
        Kind::Choice(words) => format!("one of {}", words.join(", ")),
        Kind::Sizes { .. } => kind.describe(),
        Kind::Word => "a word".into(),
        Kind::Switch => "true or false".into(),
    }
}

/// Adds an argument to a spec unless it has its default value.
pub(crate) fn write(help: &Help, spec: Spec, name: &str, value: Value) -> Spec {
    let known = help.arguments.iter().find(|known| known.name == name);
    if known.and_then(default_value).as_ref() == Some(&value) {
        return spec;
    }
    spec.with(name, value)
}

/// Declares a struct of options with its documentation, name and arguments:
///
/// ```text
/// options! {
///     /// y = max(slope · x, x).
///     "leaky_relu", aliases ["lrelu"], example "leaky_relu 0.1";
///     pub struct LeakyRelu {
///     } options {
///         /// The slope below 0.
///         slope: f64 = 0.1 where Kind::Number(Range::ANY), positional;
///     }
/// }
/// ```
///
/// The first block has the arguments that must be given, all positional; the second those with a
/// default. Without the first block the struct also has a `Default`.
macro_rules! options {
    (
        #[doc = $summary:literal] $(#[doc = $doc:literal])*
        $name:literal, aliases [$($alias:literal),*], example $example:literal;
        pub struct $Type:ident;
    ) => {
        #[doc = $summary] $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Default)]
        pub struct $Type;

        impl $crate::options::Options for $Type {
            const HELP: $crate::spec::Help = $crate::spec::Help {
                name: $name,
                aliases: &[$($alias),*],
                summary: $summary.trim_ascii(),
                example: $example,
                arguments: &[],
                contains_layers: false,
            };

            fn from_spec(spec: &$crate::spec::Spec) -> Result<Self, String> {
                $crate::options::check(&Self::HELP, spec).map(|()| $Type)
            }

            fn to_spec(&self) -> $crate::spec::Spec {
                $crate::spec::Spec::new($name)
            }
        }
    };
    (
        $(#[doc = $doc:literal])+
        $name:literal, aliases [$($alias:literal),*], example $example:literal;
        pub struct $Type:ident options {
            $($(#[doc = $field_doc:literal])+
            $field:ident: $ty:ty = $default:tt where $kind:expr $(, $positional:ident)?;)+
        }
    ) => {
        options! {
            $(#[doc = $doc])+
            $name, aliases [$($alias),*], example $example;
            pub struct $Type {
            } options {
                $($(#[doc = $field_doc])+
                $field: $ty = $default where $kind $(, $positional)?;)+
            }
        }

        impl Default for $Type {
            fn default() -> Self {
                <Self as $crate::options::Options>::from_spec(&$crate::spec::Spec::new($name))
                    .expect("every argument has a default, and the lists' test reads each")
            }
        }
    };
    (
        #[doc = $summary:literal] $(#[doc = $doc:literal])*
        $name:literal, aliases [$($alias:literal),*], example $example:literal;
        pub struct $Type:ident {
            $($(#[doc = $required_doc:literal])+
            $required:ident: $required_ty:ty where $required_kind:expr;)*
        } options {
            $($(#[doc = $field_doc:literal])+
            $field:ident: $ty:ty = $default:tt where $kind:expr $(, $positional:ident)?;)*
        }
    ) => {
        #[doc = $summary] $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $Type {
            $($(#[doc = $required_doc])+
            pub $required: $required_ty,)*
            $($(#[doc = $field_doc])+
            #[doc = concat!("\n\nDefault `", stringify!($default), "`.")]
            pub $field: $ty,)*
        }

        impl $crate::options::Options for $Type {
            const HELP: $crate::spec::Help = $crate::spec::Help {
                name: $name,
                aliases: &[$($alias),*],
                summary: $summary.trim_ascii(),
                example: $example,
                arguments: &[
                    $($crate::spec::ArgumentHelp {
                        name: stringify!($required),
                        summary: concat!($($required_doc),+).trim_ascii(),
                        kind: $required_kind,
                        default: None,
                        positional: true,
                    },)*
                    $($crate::spec::ArgumentHelp {
                        name: stringify!($field),
                        summary: concat!($($field_doc),+).trim_ascii(),
                        kind: $kind,
                        default: Some(stringify!($default)),
                        positional: false $(|| $crate::options::$positional)?,
                    },)*
                ],
                contains_layers: false,
            };

            fn from_spec(spec: &$crate::spec::Spec) -> Result<Self, String> {
                $crate::options::check(&Self::HELP, spec)?;
                Ok($Type {
                    $($required: $crate::options::read(&Self::HELP, spec, stringify!($required))?,)*
                    $($field: $crate::options::read(&Self::HELP, spec, stringify!($field))?,)*
                })
            }

            fn to_spec(&self) -> $crate::spec::Spec {
                let spec = $crate::spec::Spec::new($name);
                $(let value = $crate::options::Setting::write(&self.$required);
                let spec = $crate::options::write(&Self::HELP, spec, stringify!($required), value);)*
                $(let value = $crate::options::Setting::write(&self.$field);
                let spec = $crate::options::write(&Self::HELP, spec, stringify!($field), value);)*
                spec.in_order(&Self::HELP)
            }
        }
    };
}

/// What the word `positional` in `options!` stands for.
#[allow(non_upper_case_globals)]
pub(crate) const positional: bool = true;

/// Declares the closed enum of the items of one kind; every derived list comes from it.
macro_rules! list {
    (
        $(#[doc = $doc:literal])*
        pub enum $Any:ident: $Trait:ident, $noun:literal [$($Item:ident),+ $(,)?]
    ) => {
        $(#[doc = $doc])*
        ///
        /// It dereferences to the trait.
        #[derive(Debug, Clone)]
        #[allow(missing_docs)]
        pub enum $Any {
            $($Item($Item),)+
            /// One that is not on the list; it cannot be written in an experiment.
            Custom(std::sync::Arc<dyn $Trait>),
        }

        $(impl From<$Item> for $Any {
            fn from(item: $Item) -> $Any {
                $Any::$Item(item)
            }
        })+

        impl std::ops::Deref for $Any {
            type Target = dyn $Trait;
            fn deref(&self) -> &Self::Target {
                match self {
                    $($Any::$Item(item) => item,)+
                    $Any::Custom(item) => item.as_ref(),
                }
            }
        }

        impl $Any {
            /// The help of every item.
            pub const HELP: &'static [$crate::spec::Help] =
                &[$(<$Item as $crate::options::Options>::HELP),+];

            /// From the written form.
            pub fn from_spec(spec: &$crate::spec::Spec) -> Result<$Any, String> {
                $(if spec.name == <$Item as $crate::options::Options>::HELP.name {
                    return <$Item as $crate::options::Options>::from_spec(spec).map($Any::$Item);
                })+
                let known: Vec<&str> = Self::HELP.iter().map(|help| help.name).collect();
                let name = &spec.name;
                Err(format!("there is no {} `{name}`; known are {}", $noun, known.join(", ")))
            }

            /// The written form; of a custom item its name alone.
            pub fn to_spec(&self) -> $crate::spec::Spec {
                match self {
                    $($Any::$Item(item) => $crate::options::Options::to_spec(item),)+
                    $Any::Custom(_) => $crate::spec::Spec::new("custom"),
                }
            }

            /// Its name.
            pub fn name(&self) -> &'static str {
                match self {
                    $($Any::$Item(_) => <$Item as $crate::options::Options>::HELP.name,)+
                    $Any::Custom(_) => "custom",
                }
            }
        }
    };
}

// The macro makes items public, which inside of tests they cannot be.
#[cfg(test)]
#[allow(unreachable_pub)]
pub(crate) mod tests {
    use super::*;
    use crate::experiment::{Experiment, Override, Vocabulary};
    use crate::spec::Range;

    /// What holds for every list: names, documentation, defaults, the written form.
    pub(crate) fn check_list(all: &[Help], round_trip: impl Fn(&Spec) -> Result<Spec, String>) {
        for (i, help) in all.iter().enumerate() {
            let name = help.name;
            assert!(all[..i].iter().all(|other| other.name != name), "`{name}` is listed twice");
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(name.chars().all(plain), "`{name}` is no name");
            assert!(help.summary.ends_with('.'), "{name}: {}", help.summary);
            assert!(help.example.starts_with(name), "{name}: {}", help.example);
            for argument in help.arguments {
                assert!(argument.summary.ends_with('.'), "{name}: {}", argument.summary);
                let default = default_value(argument);
                assert!(default.is_none_or(|value| allowed(argument.kind, &value)), "{name}");
            }
            check_round_trip(help, &round_trip);
        }
    }

    /// The example of an item's help can be written in an experiment and means the item.
    pub(crate) fn check_example(
        help: &Help,
        setting: &str,
        read: impl Fn(Experiment) -> Result<Spec, String>,
    ) {
        let vocabulary = Vocabulary {
            layers: crate::layers::AnyLayer::HELP,
            losses: crate::losses::AnyLoss::HELP,
            optimizers: crate::optimizers::AnyOptimizer::HELP,
            schedules: crate::schedules::AnySchedule::HELP,
        };
        let flag = Override::flag("--flag", setting, help.example);
        let experiment = Experiment::parse("example.toml", "", &[flag], vocabulary);
        let experiment = experiment.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read(experiment).map(|spec| spec.name), Ok(help.name.to_string()));
    }

    fn check_round_trip(help: &Help, round_trip: impl Fn(&Spec) -> Result<Spec, String>) {
        let least = least(help);
        assert_eq!(round_trip(&least), Ok(least.clone()));
        let empty = Spec { arguments: Vec::new(), ..least.clone() };
        let full = help
            .arguments
            .iter()
            .fold(empty, |spec, argument| spec.with(argument.name, other_value(argument)));
        assert_eq!(round_trip(&full), Ok(full.clone()));

        let error = round_trip(&least.clone().with("wat", Value::Switch(true)));
        assert!(error.is_err_and(|text| text.contains("`wat`")), "{}", help.name);
        for (i, argument) in full.arguments.iter().enumerate() {
            let mut wrong = full.clone();
            wrong.arguments[i].value = match argument.value {
                Value::Word(_) => Value::Number(1.0),
                _ => Value::Word("wat".into()),
            };
            let error = round_trip(&wrong);
            assert!(error.is_err_and(|text| text.contains(&argument.name)), "{wrong}");
        }
    }

    /// The item with the arguments that must be given.
    pub(crate) fn least(help: &Help) -> Spec {
        let inside = Spec::new("relu");
        let layers = if help.contains_layers { vec![inside] } else { Vec::new() };
        let required = help.arguments.iter().filter(|argument| argument.default.is_none());
        required.fold(Spec { layers, ..Spec::new(help.name) }, |spec, argument| {
            spec.with(argument.name, other_value(argument))
        })
    }

    /// A value that is allowed and not the default.
    fn other_value(argument: &ArgumentHelp) -> Value {
        let default = default_value(argument);
        let numbers = [0.5, 0.25, 2.0];
        let candidates: Vec<Value> = match argument.kind {
            Kind::Integer(least) | Kind::Sizes { least, .. } => {
                vec![Value::Number(least as f64), Value::Number(least as f64 + 3.0)]
            }
            Kind::Number(_) => numbers.map(Value::Number).to_vec(),
            Kind::Numbers(_) => numbers.map(|x| Value::Numbers(vec![x])).to_vec(),
            Kind::Choice(words) => words.iter().map(|&word| Value::Word(word.into())).collect(),
            Kind::Word => vec![Value::Word("word".into())],
            Kind::Switch => vec![Value::Switch(true), Value::Switch(false)],
        };
        let fits = |value: &Value| allowed(argument.kind, value) && Some(value) != default.as_ref();
        candidates.into_iter().find(fits).expect("some candidate fits")
    }

    options! {
        /// A test item.
        "item", aliases ["thing"], example "item 3";
        pub struct Item {
            /// How many.
            count: usize where Kind::Integer(1);
        } options {
            /// How much.
            share: f64 = 0.5 where Kind::Number(Range::UNIT), positional;
            /// Each of them.
            each: Vec<f64> = [] where Kind::Numbers(Range::ANY);
        }
    }

    #[test]
    fn errors_name_the_argument_and_what_it_may_be() {
        let check = |spec: Spec, want: &str| {
            assert_eq!(Item::from_spec(&spec).expect_err("broken"), want);
        };
        let number = |x| Value::Number(x);
        check(Spec::new("item"), "`item` needs `count`; write `item 3`");
        check(
            Spec::new("item").with("count", number(0.0)),
            "`item`: `count` is 0, expected a whole number of at least 1",
        );
        check(
            Spec::new("item").with("counts", number(1.0)),
            "`item` has no argument `counts`: count, share, each",
        );
        let mut nested = Spec::new("item").with("count", number(1.0));
        nested.layers.push(Spec::new("item"));
        check(nested, "`item` has no layers inside; it is written `item 3`");
    }

    #[test]
    fn the_written_form_leaves_defaults_out() {
        let item = Item { count: 2, share: 0.5, each: vec![1.0, 2.0] };
        let spec = item.to_spec();
        assert_eq!(spec.to_string(), "item 2 each=[1, 2]");
        assert_eq!(Item::from_spec(&spec), Ok(item));
        assert!(Item::HELP.arguments[1].positional && !Item::HELP.arguments[2].positional);
    }
}
