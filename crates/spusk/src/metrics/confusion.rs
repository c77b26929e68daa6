//! The confusion matrix.

use serde::{Deserialize, Serialize};

/// How often each class was taken for each: rows are labels, columns are predictions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Confusion {
    classes: usize,
    /// counts[label · classes + predicted]
    counts: Vec<u64>,
}

/// The matrix as a file has it, before its sizes are checked.
#[derive(Deserialize)]
struct Stored {
    classes: usize,
    counts: Vec<u64>,
}

impl TryFrom<Stored> for Confusion {
    type Error = String;

    fn try_from(Stored { classes, counts }: Stored) -> Result<Confusion, String> {
        if classes.checked_mul(classes) == Some(counts.len()) {
            return Ok(Confusion { classes, counts });
        }
        Err(format!(
            "confusion matrix: got {} counts for {classes} classes, expected classes × classes",
            counts.len()
        ))
    }
}

impl Confusion {
    /// An empty matrix for so many classes.
    #[must_use]
    pub fn new(classes: usize) -> Confusion {
        Confusion { classes, counts: vec![0; classes * classes] }
    }

    /// A matrix from its rows; `None` if they do not form a square.
    #[must_use]
    pub fn from_rows(rows: &[Vec<u64>]) -> Option<Confusion> {
        let square = rows.iter().all(|row| row.len() == rows.len());
        square.then(|| Confusion { classes: rows.len(), counts: rows.concat() })
    }

    /// Counts one example. Indices beyond the classes are ignored.
    pub fn push(&mut self, label: usize, predicted: usize) {
        if label < self.classes && predicted < self.classes {
            self.counts[label * self.classes + predicted] += 1;
        }
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many examples of class `label` were called `predicted`.
    #[must_use]
    pub fn count(&self, label: usize, predicted: usize) -> u64 {
        if label >= self.classes || predicted >= self.classes {
            return 0;
        }
        self.counts[label * self.classes + predicted]
    }

    /// Examples of class `label`: the sum of a row.
    #[must_use]
    pub fn support(&self, label: usize) -> u64 {
        let row = (0..self.classes).map(|predicted| self.count(label, predicted));
        row.fold(0, u64::saturating_add)
    }

    /// Examples called `predicted`: the sum of a column.
    #[must_use]
    pub fn predicted(&self, predicted: usize) -> u64 {
        let column = (0..self.classes).map(|label| self.count(label, predicted));
        column.fold(0, u64::saturating_add)
    }

    /// All examples.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// The most frequent mistakes as (label, predicted, count), most frequent first.
    #[must_use]
    pub fn worst_pairs(&self, most: usize) -> Vec<(usize, usize, u64)> {
        let pairs = (0..self.classes)
            .flat_map(|label| (0..self.classes).map(move |predicted| (label, predicted)));
        let mut pairs: Vec<_> = pairs
            .filter(|(label, predicted)| label != predicted)
            .map(|(label, predicted)| (label, predicted, self.count(label, predicted)))
            .filter(|&(_, _, count)| count > 0)
            .collect();
        pairs
            .sort_by_key(|&(label, predicted, count)| (std::cmp::Reverse(count), label, predicted));
        pairs.truncate(most);
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::Confusion;

    fn example() -> Confusion {
        let mut matrix = Confusion::new(3);
        // sklearn's own example: y_true = [2, 0, 2, 2, 0, 1], y_pred = [0, 0, 2, 2, 0, 2]
        for (label, predicted) in [2, 0, 2, 2, 0, 1].into_iter().zip([0, 0, 2, 2, 0, 2]) {
            matrix.push(label, predicted);
        }
        matrix
    }

    #[test]
    fn counts_rows_and_columns() {
        let matrix = example();
        let rows = [vec![2, 0, 0], vec![0, 0, 1], vec![1, 0, 2]];
        assert_eq!(Confusion::from_rows(&rows), Some(matrix.clone()));
        assert_eq!([0, 1, 2].map(|c| matrix.support(c)), [2, 1, 3]);
        assert_eq!([0, 1, 2].map(|c| matrix.predicted(c)), [3, 0, 3]);
        assert_eq!(matrix.total(), 6);
        assert_eq!(matrix.worst_pairs(5), [(1, 2, 1), (2, 0, 1)]);
    }

    #[test]
    fn strange_indices_and_shapes_are_harmless() {
        let mut matrix = example();
        matrix.push(3, 0);
        matrix.push(0, usize::MAX);
        assert_eq!(matrix, example());
        assert_eq!(matrix.count(9, 9), 0);
        assert_eq!(Confusion::from_rows(&[vec![1], vec![2]]), None);
        assert_eq!(Confusion::new(0).worst_pairs(3), []);
        let text = r#"{"classes":4,"counts":[1]}"#;
        let error = serde_json::from_str::<Confusion>(text).expect_err("too few");
        assert!(error.to_string().contains("got 1 counts for 4 classes"), "{error}");
    }
}
