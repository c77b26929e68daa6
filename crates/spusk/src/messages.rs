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

use std::fmt::Display;

use serde::{Deserialize, Serialize};

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

/// One thing said in all languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    #[serde(rename = "en")]
    english: String,
    #[serde(rename = "ru")]
    russian: String,
}

impl Said {
    /// What a message says in each language.
    pub fn new(message: impl Fn(Language) -> String) -> Said {
        Said { english: message(Language::English), russian: message(Language::Russian) }
    }

    /// In one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Russian => &self.russian,
        }
    }
}

/// Makes a function of every line, and the list of all.
macro_rules! messages {
    ($($name:ident($($what:ident),*) { en: $en:literal, ru: $ru:literal $(,)? })*) => {
        $(
            #[doc = concat!("\"", $en, "\"")]
            #[must_use]
            pub fn $name(language: Language $(, $what: impl Display)*) -> String {
                match language {
                    // A named argument that is not used does not compile: the braces agree.
                    Language::English => format!($en $(, $what = $what)*),
                    Language::Russian => format!($ru $(, $what = $what)*),
                }
            }
        )*

        /// Every message by its name, in English and Russian, with its braces.
        pub const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $ru)),*];
    };
}

include!("messages/table.rs");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_stands_in_both_languages() {
        for (name, english, russian) in ALL {
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
        let mut names: Vec<&str> = ALL.iter().map(|message| message.0).collect();
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
