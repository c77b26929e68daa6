//! Precision, recall and F1 of each class, and their averages.

use serde::{Deserialize, Serialize};

/// What was counted for one class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassTally {
    /// Examples of the class that were recognized (true positives).
    pub hits: u64,
    /// Examples that were called this class.
    pub predicted: u64,
    /// Examples of the class.
    pub support: u64,
}

/// The scores of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    /// hits / predicted; `None` if nothing was called this class.
    pub precision: Option<f64>,
    /// hits / support; `None` if the class has no example.
    pub recall: Option<f64>,
    /// 2·hits / (predicted + support); `None` if both are zero.
    pub f1: Option<f64>,
    /// Examples of the class.
    pub support: u64,
}

/// The mean of the classes' scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Average {
    /// Mean precision.
    pub precision: f64,
    /// Mean recall.
    pub recall: f64,
    /// Mean of the F1 scores (not the F1 of the means).
    pub f1: f64,
}

impl ClassTally {
    /// The scores that follow from the counts.
    #[must_use]
    pub fn score(&self) -> ClassScore {
        let ratio = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        ClassScore {
            precision: ratio(self.hits, self.predicted),
            recall: ratio(self.hits, self.support),
            f1: ratio(2 * self.hits, self.predicted + self.support),
            support: self.support,
        }
    }
}

impl Average {
    /// Every class counts the same. A score that does not exist counts as 0; a class that neither
    /// occurs nor is predicted is left out. Both as in scikit-learn. `None` without any class.
    #[must_use]
    pub fn macro_of(tallies: &[ClassTally]) -> Option<Average> {
        let seen = |tally: &&ClassTally| tally.support + tally.predicted > 0;
        mean(tallies.iter().filter(seen).map(|tally| (tally.score(), 1.0)))
    }

    /// Each class counts by its number of examples. `None` without any example.
    #[must_use]
    pub fn weighted_of(tallies: &[ClassTally]) -> Option<Average> {
        mean(tallies.iter().map(|tally| (tally.score(), tally.support as f64)))
    }
}

fn mean(scores: impl Iterator<Item = (ClassScore, f64)>) -> Option<Average> {
    let mut sum = Average { precision: 0.0, recall: 0.0, f1: 0.0 };
    let mut weights = 0.0;
    for (score, weight) in scores {
        sum.precision += weight * score.precision.unwrap_or(0.0);
        sum.recall += weight * score.recall.unwrap_or(0.0);
        sum.f1 += weight * score.f1.unwrap_or(0.0);
        weights += weight;
    }
    (weights > 0.0).then(|| Average {
        precision: sum.precision / weights,
        recall: sum.recall / weights,
        f1: sum.f1 / weights,
    })
}

#[cfg(test)]
mod tests {
    use super::{Average, ClassTally};

    fn tally(hits: u64, predicted: u64, support: u64) -> ClassTally {
        ClassTally { hits, predicted, support }
    }

    #[test]
    fn scores_exist_only_where_they_are_defined() {
        let table = [
            (tally(2, 3, 2), Some(2.0 / 3.0), Some(1.0), Some(0.8)),
            (tally(0, 0, 1), None, Some(0.0), Some(0.0)),
            (tally(0, 4, 0), Some(0.0), None, Some(0.0)),
            (tally(0, 0, 0), None, None, None),
        ];
        for (tally, precision, recall, f1) in table {
            let score = tally.score();
            assert_eq!((score.precision, score.recall, score.f1), (precision, recall, f1));
        }
    }

    #[test]
    fn averages_are_those_of_scikit_learn() {
        // precision_recall_fscore_support([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]):
        // class 0: hits 2 of 3 predicted, 2 support; classes 1 and 2: no hit. Macro: 2/9, 1/3, 4/15.
        let tallies = [tally(2, 3, 2), tally(0, 2, 2), tally(0, 1, 2), tally(0, 0, 0)];
        let average = Average::macro_of(&tallies).expect("classes");
        assert!((average.precision - 2.0 / 9.0).abs() < 1e-15);
        assert!((average.recall - 1.0 / 3.0).abs() < 1e-15);
        assert!((average.f1 - 4.0 / 15.0).abs() < 1e-15);
        // Weighted with supports 2, 1, 3: precision (2·2/3 + 0 + 3·2/3)/6 = 5/9.
        let tallies = [tally(2, 3, 2), tally(0, 0, 1), tally(2, 3, 3)];
        let average = Average::weighted_of(&tallies).expect("examples");
        assert!((average.precision - 5.0 / 9.0).abs() < 1e-15);
        assert!((average.recall - 2.0 / 3.0).abs() < 1e-15);
        assert!((average.f1 - (2.0 * 0.8 + 3.0 * 2.0 / 3.0) / 6.0).abs() < 1e-15);
    }

    #[test]
    fn nothing_has_no_average() {
        assert_eq!(Average::macro_of(&[]), None);
        assert_eq!(Average::weighted_of(&[tally(0, 0, 0)]), None);
    }
}
