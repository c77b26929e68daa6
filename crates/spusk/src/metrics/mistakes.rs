//! The worst of many, kept while the examples stream by.

use serde::{Deserialize, Serialize};

use super::json_number;

/// A wrongly named example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// Which example, counted from 0 over all batches.
    pub row: u64,
    /// Its class.
    pub label: usize,
    /// What it was taken for.
    pub predicted: usize,
    /// Probability given to the wrong class, if the outputs are probabilities or logits.
    #[serde(with = "json_number")]
    pub confidence: Option<f64>,
    /// Probability given to the right class, if the outputs are probabilities or logits.
    #[serde(with = "json_number")]
    pub label_confidence: Option<f64>,
    /// How bad: the log loss, or by how much the wrong score exceeds the right one.
    #[serde(with = "json_number")]
    pub badness: f64,
}

/// Keeps the `keep` items of greatest badness; among equals the earliest.
#[derive(Debug, Clone)]
pub(crate) struct Worst<T> {
    keep: usize,
    items: Vec<(f64, u64, T)>,
    /// Items below this badness cannot enter any more.
    bar: f64,
}

impl<T> Worst<T> {
    pub(crate) fn new(keep: usize) -> Worst<T> {
        Worst { keep, items: Vec::new(), bar: f64::NEG_INFINITY }
    }

    pub(crate) fn push(&mut self, badness: f64, row: u64, item: impl FnOnce() -> T) {
        if self.keep == 0 || badness < self.bar {
            return;
        }
        self.items.push((badness, row, item()));
        if self.items.len() >= 2 * self.keep + 64 {
            self.trim();
        }
    }

    pub(crate) fn finish(mut self) -> Vec<T> {
        self.trim();
        self.items.into_iter().map(|(_, _, item)| item).collect()
    }

    fn trim(&mut self) {
        self.items.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.items.truncate(self.keep);
        if let Some(last) = self.items.last().filter(|_| self.items.len() == self.keep) {
            self.bar = last.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Worst;

    #[test]
    fn the_worst_remain_in_order() {
        let mut worst = Worst::new(3);
        for row in 0..1000_u64 {
            worst.push((row * 577 % 997) as f64, row, || row);
        }
        let mut all: Vec<u64> = (0..1000).collect();
        all.sort_by_key(|&row| (std::cmp::Reverse(row * 577 % 997), row));
        assert_eq!(worst.finish(), all[..3]);
    }

    #[test]
    fn equals_keep_the_earliest_and_none_can_be_wanted() {
        let mut worst = Worst::new(2);
        (0..500_u64).for_each(|row| worst.push(1.0, row, || row));
        assert_eq!(worst.finish(), [0, 1]);
        let mut none = Worst::new(0);
        none.push(1.0, 0, || 0);
        assert_eq!(none.finish(), [0; 0]);
    }
}
