//! A saved column and what is met of it in new rows.

use std::collections::HashMap;

use super::places::Places;
use crate::data::error::quoted;
use crate::data::preprocessing::{Encoding, Inputs, Preprocessing, UNKNOWN};
use crate::data::table::cell;
use crate::data::tokens::{TextEncoder, TextFacts};
use crate::messages::{self as say, Said};

/// A feature of the saved preprocessing and its place in the new source.
pub(super) struct Feature {
    pub(super) place: usize,
    /// The index of the saved column; none for pixels.
    pub(super) column: Option<usize>,
    pub(super) inputs: std::ops::Range<usize>,
    pub(super) words: HashMap<Vec<u8>, usize>,
    pub(super) unknown: Unknown,
    pub(super) text: Option<TextFeature>,
}

/// A text on its way to become inputs.
pub(super) struct TextFeature {
    encoder: TextEncoder,
    /// The inputs of the present row.
    pub(super) inputs: Vec<f32>,
    /// Tokens of all rows, and those that the vocabulary does not have.
    all: TextFacts,
    /// Texts that are longer than their inputs, and those without a token.
    cut: u64,
    empty: u64,
}

impl TextFeature {
    fn of(encoding: &Encoding) -> Option<TextFeature> {
        let Encoding::Text { tokens, length } = encoding else { return None };
        let encoder = TextEncoder::new(tokens);
        let all = TextFacts::default();
        Some(TextFeature { encoder, inputs: vec![0.0; *length], all, cut: 0, empty: 0 })
    }

    pub(super) fn take(&mut self, text: &str) {
        let facts = self.encoder.encode(text, &mut self.inputs);
        self.all.tokens += facts.tokens;
        self.all.unknown += facts.unknown;
        self.cut += u64::from(facts.tokens > self.inputs.len());
        self.empty += u64::from(facts.tokens == 0);
    }

    /// What the user should know of the texts so far.
    pub(super) fn notes(&self, name: &str) -> Vec<Said> {
        let mut notes = Vec::new();
        if self.all.unknown > 0 {
            let share = self.all.unknown as f64 / self.all.tokens as f64;
            notes.push(Said::new(|l| {
                let tokens = l.counted(self.all.tokens as u64, "token");
                say::data_unknown_tokens(l, name, self.all.unknown, tokens, l.percent(share, 1))
            }));
        }
        if self.cut > 0 {
            notes.push(Said::new(|l| {
                say::data_long_texts(l, name, l.counted(self.cut, "text"), self.inputs.len())
            }));
        }
        if self.empty > 0 {
            notes
                .push(Said::new(|l| say::data_empty_texts(l, name, l.counted(self.empty, "text"))));
        }
        notes
    }
}

#[derive(Default)]
pub(super) struct Unknown {
    pub(super) count: u64,
    pub(super) first: Option<(u64, String)>,
    pub(super) missing: u64,
}

impl Unknown {
    /// Counts a word that is not among the encoding's.
    pub(super) fn see(&mut self, encoding: &Encoding, line: u64, text: &[u8]) -> f64 {
        self.count += 1;
        self.first.get_or_insert_with(|| (line, quoted(text)));
        match encoding {
            Encoding::Boolean { .. } => f64::NAN,
            _ => UNKNOWN,
        }
    }
}

impl Encoding {
    /// Whether the training part had missing values, so that the network knows them.
    pub(super) fn knows_missing(&self) -> bool {
        match self {
            Encoding::Number { indicator, .. }
            | Encoding::Boolean { indicator, .. }
            | Encoding::Date { indicator, .. } => *indicator,
            Encoding::Category { missing, .. } => *missing,
            Encoding::Text { .. } | Encoding::Dropped { .. } => true,
        }
    }
}

pub(super) fn features(preprocessing: &Preprocessing, places: &Places) -> Vec<Feature> {
    let Inputs::Table { columns, .. } = &preprocessing.inputs else {
        return places
            .features
            .iter()
            .map(|&place| Feature {
                place,
                column: None,
                inputs: 0..0,
                words: HashMap::new(),
                unknown: Unknown::default(),
                text: None,
            })
            .collect();
    };
    let mut width = 0;
    let used = columns.iter().enumerate().filter(|(_, column)| column.encoding.width() > 0);
    used.zip(&places.features)
        .map(|((index, column), &place)| {
            let start = width;
            width += column.encoding.width();
            Feature {
                place,
                column: Some(index),
                inputs: start..width,
                words: words(&column.encoding),
                unknown: Unknown::default(),
                text: TextFeature::of(&column.encoding),
            }
        })
        .collect()
}

pub(super) fn words(encoding: &Encoding) -> HashMap<Vec<u8>, usize> {
    let words: Vec<&String> = match encoding {
        Encoding::Category { values, .. } => values.iter().collect(),
        Encoding::Boolean { no, yes, .. } => vec![no, yes],
        _ => Vec::new(),
    };
    numbered_words(words.into_iter().map(String::as_str))
}

/// The number of each word; words that mean yes or no are known in the other ways to write them, too.
pub(super) fn numbered_words<'a>(
    words: impl Iterator<Item = &'a str> + Clone,
) -> HashMap<Vec<u8>, usize> {
    let mut numbers = HashMap::new();
    for (index, word) in words.clone().enumerate() {
        for form in cell::boolean_forms(word).into_iter().flatten() {
            numbers.insert(form.into_bytes(), index);
        }
    }
    // What stands in the training data itself comes first.
    numbers.extend(words.enumerate().map(|(index, word)| (word.as_bytes().to_vec(), index)));
    numbers
}
