//! What `spusk list` says in Russian of what can be named: the English sentence, which stands where the item
//! is, beside the Russian one. Many items share arguments, so the sentence is the key.

use super::settings;

mod layers;
mod networks;
mod sources;
mod training;

const TABLES: [&[(&str, &str)]; 4] =
    [networks::NETWORKS, layers::LAYERS, training::TRAINING, sources::SOURCES];

/// A sentence about an item, an argument or a source; English where it has no Russian, which a test forbids.
pub(crate) fn sentence(english: &'static str) -> &'static str {
    let found = TABLES.into_iter().flatten().find(|(known, _)| *known == english);
    found.map_or(english, |(_, russian)| russian)
}

/// What a setting is, by its key.
pub(crate) fn setting(key: &str) -> Option<&'static str> {
    settings::SETTINGS.iter().find(|(known, _)| *known == key).map(|(_, russian)| *russian)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use spusk::data::SOURCES;
    use spusk::experiment::settings_help;

    use super::{TABLES, setting};
    use crate::commands::sentences;

    #[test]
    fn everything_that_is_listed_has_a_russian_sentence_and_nothing_else() {
        let listed: BTreeSet<&str> = sentences().collect();
        let known: BTreeSet<&str> =
            TABLES.into_iter().flatten().map(|(english, _)| *english).collect();
        let missing: Vec<_> = listed.difference(&known).collect();
        assert!(missing.is_empty(), "no Russian: {missing:#?}");
        let unused: Vec<_> = known.difference(&listed).collect();
        assert!(unused.is_empty(), "nothing says this: {unused:#?}");
        assert_eq!(
            known.len(),
            TABLES.iter().map(|table| table.len()).sum::<usize>(),
            "twice in the tables"
        );
        assert!(SOURCES.iter().all(|source| listed.contains(source.about)));
    }

    #[test]
    fn sentences_are_russian_but_for_formulas() {
        for (english, russian) in TABLES.into_iter().flatten() {
            let cyrillic = russian.chars().any(|c| ('\u{400}'..'\u{500}').contains(&c));
            assert!(cyrillic || english == russian && english.starts_with("y = "), "{russian}");
            assert_eq!(english.ends_with('.'), russian.ends_with('.'), "{russian}");
        }
    }

    #[test]
    fn every_setting_has_a_russian_sentence() {
        for help in settings_help() {
            assert!(setting(&help.key()).is_some(), "{}", help.key());
        }
    }
}
