//! The column of texts that is read, and its vocabulary.

use crate::data::error::DataError;
use crate::data::options::DataOptions;
use crate::data::preprocessing::Encoding;
use crate::data::raw::{RawKind, RawTable};
use crate::data::split::Part;
use crate::data::texts::Texts;
use crate::data::tokens::{Lengths, TokenKind, Tokens, WHOLE, learn};
use crate::messages::{self as say, Language};

/// The column of texts that is read, and its vocabulary.
pub(super) struct FittedText {
    pub(super) place: usize,
    tokens: Tokens,
    length: usize,
    lengths: Lengths,
    /// The length was set by the user.
    set: bool,
}

impl FittedText {
    pub(super) fn encoding(&self) -> Encoding {
        Encoding::Text { tokens: self.tokens.clone(), length: self.length }
    }

    pub(super) fn summary(&self, l: Language) -> String {
        let unit = match self.tokens.kind() {
            TokenKind::Word => say::texts_words(l),
            TokenKind::Character => say::texts_characters(l),
            TokenKind::Bpe => say::texts_tokens(l),
        };
        let (middle, length) = (self.lengths.median(), self.length);
        let whole = match self.set {
            true => String::new(),
            false => say::texts_whole(l, l.percent(WHOLE, 0)),
        };
        let longer = l.count(self.lengths.longer(length));
        say::texts_median(l, middle, unit, length, whole, longer)
    }
}

/// Fits a vocabulary to the training texts of the column that has the longest ones.
pub(super) fn fit_text(
    table: &RawTable,
    parts: &[Part],
    targets: &[usize],
    ignored: &[bool],
    options: &DataOptions,
) -> Result<Option<FittedText>, DataError> {
    let kind = options.tokens;
    let size = options.vocabulary.unwrap_or(kind.usual_vocabulary());
    let mut best: Option<FittedText> = None;
    for (place, column) in table.columns.iter().enumerate() {
        let RawKind::Text(texts) = &column.kind else { continue };
        if ignored[place] || targets.contains(&place) {
            continue;
        }
        let (tokens, lengths) =
            learn(kind, size, 2, &mut |take| each_text(table, parts, place, texts, take))?;
        let length = options.text_length.unwrap_or_else(|| lengths.quantile(WHOLE));
        let set = options.text_length.is_some();
        let found = FittedText { place, tokens, length, lengths, set };
        if best.as_ref().is_none_or(|best| best.lengths.median() < found.lengths.median()) {
            best = Some(found);
        }
    }
    Ok(best)
}

/// Hands out the training texts of a column.
fn each_text(
    table: &RawTable,
    parts: &[Part],
    place: usize,
    texts: &Texts,
    take: &mut dyn FnMut(&str),
) -> Result<(), DataError> {
    table.cells.each(table.columns.len(), 0..table.rows, |row, cells| {
        if parts[row] == Part::Train && !cells[place].is_nan() {
            take(&texts.read(cells[place])?);
        }
        Ok(())
    })
}
