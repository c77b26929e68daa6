//! Where every row of the data went.

use super::raw::Skipped;
pub use super::raw::SkippedRows;
use crate::messages::{self as say, Language};

/// Rows in = rows that train + rows held out + rows skipped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accounting {
    /// Rows read from the source.
    pub rows: u64,
    /// Rows that train.
    pub train: u64,
    /// Rows held out for validation.
    pub validation: u64,
    /// Rows held out for the test at the end.
    pub test: u64,
    /// Rows left out, with the reason.
    pub skipped: Skipped,
    /// Rows read from a test source of its own; they are not among `rows` and `test`.
    pub test_source_rows: u64,
    /// Rows of the test source that were left out.
    pub test_source_skipped: Skipped,
    /// The rows of each class, in the order of the classes; empty for a regression.
    pub classes: Vec<ClassRows>,
}

/// The rows of one class in the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassRows {
    /// The class's name.
    pub name: String,
    /// Rows that train.
    pub train: u64,
    /// Rows held out for validation.
    pub validation: u64,
    /// Rows held out for the test (of a test source of its own, where there is one).
    pub test: u64,
}

impl Accounting {
    /// All rows that were left out.
    pub fn skipped_rows(&self) -> u64 {
        self.skipped.values().map(|rows| rows.count).sum()
    }

    /// Whether every row of the source is in exactly one part.
    pub fn is_complete(&self) -> bool {
        self.rows == self.train + self.validation + self.test + self.skipped_rows()
    }
}

impl Accounting {
    /// Where every row went, in a line.
    #[must_use]
    pub fn account(&self, l: Language) -> String {
        let [train, validation, test, skipped] =
            [self.train, self.validation, self.test, self.skipped_rows()].map(|rows| l.count(rows));
        let rows = l.counted(self.rows, "row");
        let mut words = say::data_account(l, rows, train, validation, test, skipped);
        for (reason, rows) in &self.skipped {
            let reason = say::skipped(l, reason);
            words += "; ";
            words += &say::data_skipped(l, l.count(rows.count), reason, rows.first);
        }
        if self.test_source_rows > 0 {
            let skipped: u64 = self.test_source_skipped.values().map(|rows| rows.count).sum();
            words += "; ";
            words += &say::data_test_source(l, l.count(self.test_source_rows), l.count(skipped));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::raw::skip;

    #[test]
    fn the_sum_is_shown_and_held() {
        let mut accounting =
            Accounting { rows: 11, train: 7, validation: 1, test: 2, ..Accounting::default() };
        skip(&mut accounting.skipped, "no target", 5);
        assert!(accounting.is_complete());
        assert_eq!(
            accounting.account(Language::English),
            "11 rows = 7 training + 1 validation + 2 test + 1 skipped; 1 skipped: no target (first \
             at 5)"
        );
    }

    #[test]
    fn a_lost_row_shows() {
        assert!(!Accounting { rows: 3, train: 2, ..Accounting::default() }.is_complete());
    }
}
