//! Whether training stops early, and which weights it keeps.

use crate::messages::{self as say, Said};

/// What decides whether training stops early and the weights of the best epoch are kept.
pub(super) struct Stopping {
    /// What the user says; a patience asks for it, too.
    pub(super) given: Option<bool>,
    /// Whether the validation part is large enough to choose an epoch by.
    pub(super) decides: bool,
    pub(super) length: Length,
    /// Rows of the validation part.
    pub(super) rows: usize,
}

/// Who has chosen the length of a training.
#[derive(PartialEq)]
pub(super) enum Length {
    /// Nobody has measured it.
    Open,
    /// It is that with the least loss on all rows: more than a small part can say.
    CrossValidated,
    /// Few windows of a series tell nothing of later ones.
    OfSeries,
    /// It is what suits the usual network for pictures, whose losses on few of them go up and down.
    OfPictures,
}

impl Stopping {
    /// Whether it does.
    pub(super) fn keeps_best(&self) -> bool {
        self.given.unwrap_or(self.decides || self.length == Length::Open) && self.rows > 0
    }

    /// What there is to say, where the part is small.
    pub(super) fn note(&self) -> Option<Said> {
        if self.decides || self.rows == 0 || self.given == Some(false) {
            return None;
        }
        let message = match (self.keeps_best(), &self.length) {
            (true, _) => say::chosen_by_few,
            (false, Length::CrossValidated) => say::chosen_length_stays,
            (false, _) => say::chosen_watched,
        };
        Some(Said::new(|l| message(l, self.rows)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_decide_only_where_nobody_knows_better() {
        let keeps =
            |given, decides, length| Stopping { given, decides, length, rows: 50 }.keeps_best();
        assert!(keeps(None, false, Length::Open));
        for length in [Length::CrossValidated, Length::OfSeries, Length::OfPictures] {
            assert!(!keeps(None, false, length));
        }
        assert!(keeps(None, true, Length::OfPictures));
        // What the user says wins.
        assert!(keeps(Some(true), false, Length::OfPictures));
        assert!(!keeps(Some(false), true, Length::Open));
    }
}
