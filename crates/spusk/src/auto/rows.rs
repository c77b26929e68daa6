//! Rows in memory, from which trials take some.

use std::ops::Range;

use crate::data::random;
use crate::data::{DataError, Encoded, Permutation};
use crate::train::Examples;

/// Encoded rows in memory.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    features: Vec<f32>,
    targets: Vec<f32>,
    width: usize,
    target_width: usize,
}

impl Rows {
    /// All rows of the parts, one behind the other.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn of(parts: &[&Encoded]) -> Result<Rows, DataError> {
        let first = parts.first();
        let width = first.map_or(0, |part| part.width());
        let target_width = first.map_or(1, |part| part.targets());
        let count: usize = parts.iter().map(|part| part.len()).sum();
        let mut features = vec![0.0; count * width];
        let mut targets = vec![0.0; count * target_width];
        let mut start = 0;
        for part in parts {
            let end = start + part.len();
            let in_order = crate::data::Batches::new(part, 0, false);
            in_order.fill(
                0,
                0..part.len(),
                &mut features[start * width..end * width],
                &mut targets[start * target_width..end * target_width],
            )?;
            start = end;
        }
        Ok(Rows { features, targets, width, target_width })
    }

    /// The same rows with some of their features only.
    pub(crate) fn columns(&self, columns: Range<usize>) -> Rows {
        let rows = self.features.chunks(self.width.max(1));
        Rows {
            features: rows.flat_map(|row| row[columns.clone()].iter().copied()).collect(),
            targets: self.targets.clone(),
            width: columns.len(),
            target_width: self.target_width,
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.targets.len() / self.target_width.max(1)
    }

    /// The first target number of a row: its class, if it has one.
    pub(crate) fn target(&self, row: usize) -> f32 {
        self.targets[row * self.target_width]
    }

    /// These rows, shuffled anew in every epoch.
    pub(crate) fn subset(&self, rows: Vec<u32>, seed: u64) -> Subset<'_> {
        Subset { rows: self, chosen: rows, seed }
    }
}

/// Some of the rows.
pub(crate) struct Subset<'a> {
    rows: &'a Rows,
    chosen: Vec<u32>,
    seed: u64,
}

impl Subset<'_> {
    fn take(&self, rows: impl Iterator<Item = usize>, features: &mut [f32], targets: &mut [f32]) {
        let Rows { width, target_width, .. } = *self.rows;
        for (i, row) in rows.enumerate() {
            let row = self.chosen[row] as usize;
            features[i * width..(i + 1) * width]
                .copy_from_slice(&self.rows.features[row * width..(row + 1) * width]);
            targets[i * target_width..(i + 1) * target_width]
                .copy_from_slice(&self.rows.targets[row * target_width..(row + 1) * target_width]);
        }
    }
}

impl Examples for Subset<'_> {
    fn len(&self) -> usize {
        self.chosen.len()
    }

    fn fill(
        &self,
        epoch: u64,
        positions: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        let key = random::word(random::key(self.seed, "trial"), epoch);
        let order = Permutation::new(self.chosen.len(), key);
        self.take(positions.map(|position| order.at(position)), features, targets);
        Ok(())
    }

    fn fill_in_order(
        &self,
        rows: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        self.take(rows, features, targets);
        Ok(())
    }

    fn origin(&self, _: u64, _: usize) -> Option<String> {
        None
    }
}

/// Deals rows to `count` folds of nearly equal size, every class to all of them alike. Gives the
/// fold of each row.
pub(crate) fn folds(rows: &Rows, classes: bool, count: usize, seed: u64) -> Vec<usize> {
    let key = random::key(seed, "folds");
    let order = Permutation::new(rows.len(), key);
    let mut shuffled: Vec<usize> = (0..rows.len()).map(|position| order.at(position)).collect();
    if classes {
        // A stable sort keeps the random order inside a class.
        shuffled.sort_by(|&a, &b| rows.target(a).total_cmp(&rows.target(b)));
    }
    let mut fold = vec![0; rows.len()];
    for (position, row) in shuffled.into_iter().enumerate() {
        fold[row] = position % count;
    }
    fold
}
