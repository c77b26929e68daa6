//! Examples in an order that depends on the epoch.

use std::ops::Range;

use crate::data::{Batches, DataError, Encoded};

/// Encoded examples.
pub trait Examples: Sync {
    /// How many.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies the examples at `positions` of an epoch's order.
    ///
    /// # Errors
    /// If they cannot be read.
    fn fill(
        &self,
        epoch: u64,
        positions: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError>;

    /// Copies examples in their own order.
    ///
    /// # Errors
    /// If they cannot be read.
    fn fill_in_order(
        &self,
        rows: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError>;

    /// The examples at `positions` of an epoch's order where they stand in memory, one after the other
    /// as the network wants them: what [`Examples::fill`] would copy. `None` where they do not.
    fn lend(&self, _epoch: u64, _positions: Range<usize>) -> Option<(&[f32], &[f32])> {
        None
    }

    /// As [`Examples::lend`], in their own order: what [`Examples::fill_in_order`] would copy.
    fn lend_in_order(&self, _rows: Range<usize>) -> Option<(&[f32], &[f32])> {
        None
    }

    /// Where the example at a position of an epoch stands in its source, for people.
    fn origin(&self, epoch: u64, position: usize) -> Option<String>;
}

/// A part of the data, shuffled anew in every epoch or not.
pub struct Shuffled<'a> {
    data: &'a Encoded,
    shuffled: Batches<'a>,
    in_order: Batches<'a>,
}

impl<'a> Shuffled<'a> {
    /// The examples of a part; `shuffle` makes the order another in every epoch.
    pub fn new(data: &'a Encoded, seed: u64, shuffle: bool) -> Self {
        Shuffled {
            data,
            shuffled: Batches::new(data, seed, shuffle),
            in_order: Batches::new(data, seed, false),
        }
    }
}

impl Examples for Shuffled<'_> {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn fill(
        &self,
        epoch: u64,
        positions: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        self.shuffled.fill(epoch, positions, features, targets)
    }

    fn fill_in_order(
        &self,
        rows: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        self.in_order.fill(0, rows, features, targets)
    }

    fn lend(&self, _: u64, positions: Range<usize>) -> Option<(&[f32], &[f32])> {
        self.shuffled.lend(positions)
    }

    fn lend_in_order(&self, rows: Range<usize>) -> Option<(&[f32], &[f32])> {
        self.in_order.lend(rows)
    }

    fn origin(&self, epoch: u64, position: usize) -> Option<String> {
        let row = self.shuffled.row_at(epoch, position).ok()?;
        self.data.origin(row).ok()
    }
}
