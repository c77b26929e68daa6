//! What people are told, in their language: one table, every message in all languages.
//!
//! A line of the table is a function of the language and of what stands in the braces. A message
//! without one of its languages, or with another set of braces in one of them, does not compile.
//!
//! ```
//! use spusk::messages::{Language, learning_rate};
//!
//! assert_eq!(learning_rate(Language::English), "learning rate");
//! assert_eq!(learning_rate(Language::Russian), "шаг (скорость обучения)");
//! ```

use serde::{Deserialize, Serialize};
use spusk_graph::{GraphError, Sentence};

#[cfg(test)]
pub(crate) mod check;
mod numbers;

/// A language that people are told things in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// All of them.
    pub const ALL: &[Language] = &[Language::English, Language::Russian];

    /// Its code, as in `--language ru`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Russian => "ru",
        }
    }

    /// The language of a code or of a locale such as `ru_RU.UTF-8`.
    #[must_use]
    pub fn of_locale(locale: &str) -> Option<Language> {
        let code = locale.split(['_', '.', '-', '@']).next().unwrap_or_default();
        match code {
            "C" | "POSIX" => Some(Language::English),
            _ => Language::ALL.iter().copied().find(|l| l.code().eq_ignore_ascii_case(code)),
        }
    }
}

/// One thing said in all languages. A name or other text that belongs to no language is the same in each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Said {
    // Without room to grow: errors hold several.
    english: Box<str>,
    russian: Box<str>,
}

/// How it stands in files: plain text where all languages say the same.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Same(String),
    Each { en: String, ru: String },
}

impl From<Written> for Said {
    fn from(written: Written) -> Said {
        match written {
            Written::Same(text) => text.into(),
            Written::Each { en, ru } => Said { english: en.into(), russian: ru.into() },
        }
    }
}

impl From<Said> for Written {
    fn from(said: Said) -> Written {
        match said.english == said.russian {
            true => Written::Same(said.english.into()),
            false => Written::Each { en: said.english.into(), ru: said.russian.into() },
        }
    }
}

impl From<String> for Said {
    fn from(text: String) -> Said {
        let english: Box<str> = text.into();
        Said { russian: english.clone(), english }
    }
}

/// Tests compare what is said in English.
#[cfg(test)]
impl PartialEq<&str> for Said {
    fn eq(&self, other: &&str) -> bool {
        *self.english == **other
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Said {
        text.to_string().into()
    }
}

/// What a message says in each language: `Said::from(say::learning_rate)`, or a closure around one.
impl<F: Fn(Language) -> String> From<F> for Said {
    fn from(message: F) -> Said {
        Said::new(message)
    }
}

impl Said {
    /// What a message says in each language.
    pub fn new(message: impl Fn(Language) -> String) -> Said {
        let [english, russian] =
            [Language::English, Language::Russian].map(|l| message(l).into_boxed_str());
        Said { english, russian }
    }

    /// In one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Russian => &self.russian,
        }
    }

    /// For programs: the words that do not depend on who reads.
    #[must_use]
    pub fn english(&self) -> &str {
        self.in_language(Language::English)
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.english.is_empty()
    }
}

impl From<Said> for Sentence {
    fn from(said: Said) -> Sentence {
        let translations = match said.english == said.russian {
            true => Vec::new(),
            false => vec![(Language::Russian.code(), said.russian.into())],
        };
        Sentence { english: said.english.into(), translations }
    }
}

/// What is wrong with a graph, in a language; what only English has stays English.
#[must_use]
pub fn graph_error(error: &GraphError, l: Language) -> String {
    let told = error.translations.iter().find(|(code, _)| *code == l.code());
    match told {
        Some((_, what)) if error.scope.is_empty() => what.clone(),
        Some((_, what)) => format!("{}: {what}", error.scope),
        None => error.to_string(),
    }
}

/// Makes a function of every line, and the list of all.
macro_rules! messages {
    ($($name:ident($($what:ident),*) { en: $en:literal, ru: $ru:literal $(,)? })*) => {
        use std::fmt::Display;

        use super::Language;

        $(
            #[doc = concat!("\"", $en, "\"")]
            #[must_use]
            #[allow(clippy::too_many_arguments, reason = "as many as the message has braces")]
            pub fn $name(language: Language $(, $what: impl Display)*) -> String {
                match language {
                    // A named argument that is not used does not compile: the braces agree.
                    Language::English => format!($en $(, $what = $what)*),
                    Language::Russian => format!($ru $(, $what = $what)*),
                }
            }
        )*

        /// The messages of this room by name, in English and Russian, with their braces.
        pub(super) const MESSAGES: &[super::Entry] = &[$((stringify!($name), $en, $ru)),*];
    };
}

/// A message by its name, in English and Russian, with its braces.
type Entry = (&'static str, &'static str, &'static str);

/// The rooms of the table: messages stand by the part of the system that says them.
macro_rules! rooms {
    ($($room:ident),* $(,)?) => {
        $(
            mod $room;
            #[allow(clippy::wildcard_imports)]
            pub use $room::*;
        )*

        /// Every message by its name, in English and Russian, with its braces.
        pub fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
            [$($room::MESSAGES),*].concat().into_iter()
        }
    };
}

rooms![
    activations,
    commands,
    data,
    diagnosis,
    errors,
    files,
    formulas,
    landscape,
    layers,
    options,
    pictures,
    report,
    scores,
    series,
    sessions,
    settings,
    starts,
    training,
    weights,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_stands_in_both_languages() {
        for (name, english, russian) in all() {
            assert!(!english.trim().is_empty() && !russian.trim().is_empty(), "{name}");
            assert_ne!(english, russian, "{name}");
            let words = |text: &str| {
                let mut inside = false;
                let outside: String = text
                    .chars()
                    .filter(|&c| {
                        inside = (inside || c == '{') && c != '}';
                        !inside
                    })
                    .collect();
                outside
            };
            let cyrillic = |text: &str| text.chars().any(|c| ('\u{400}'..'\u{500}').contains(&c));
            assert!(cyrillic(&words(russian)), "{name} is not Russian: {russian}");
            assert!(!cyrillic(english), "{name} is not English: {english}");
            assert_eq!(braces(english), braces(russian), "{name}");
        }
    }

    fn braces(text: &str) -> Vec<String> {
        let mut names: Vec<String> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0.into()))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    #[test]
    fn names_are_used_once() {
        let mut names: Vec<&str> = all().map(|message| message.0).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn locales_name_languages() {
        for (locale, want) in [
            ("ru_RU.UTF-8", Some(Language::Russian)),
            ("ru", Some(Language::Russian)),
            ("en_US.UTF-8", Some(Language::English)),
            ("C.UTF-8", Some(Language::English)),
            ("POSIX", Some(Language::English)),
            ("de_DE", None),
            ("", None),
        ] {
            assert_eq!(Language::of_locale(locale), want, "{locale}");
        }
    }
}
