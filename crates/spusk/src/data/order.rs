//! The order of the rows in an epoch, as a function of the seed and the epoch.

use std::ops::Range;

use super::permutation::Permutation;
use super::random;

/// Which order an epoch has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch {
    pub(crate) seed: u64,
    pub(crate) number: u64,
    pub(crate) shuffle: bool,
}

impl Epoch {
    fn key(self) -> u64 {
        random::word(random::key(self.seed, "shuffle"), self.number)
    }
}

/// The order of rows that are in memory: any row may follow any other.
pub(crate) enum RowOrder {
    Kept,
    Shuffled(Permutation),
}

impl RowOrder {
    pub(crate) fn new(rows: usize, epoch: Epoch) -> RowOrder {
        if epoch.shuffle {
            RowOrder::Shuffled(Permutation::new(rows, epoch.key()))
        } else {
            RowOrder::Kept
        }
    }

    pub(crate) fn row(&self, position: usize) -> usize {
        match self {
            RowOrder::Kept => position,
            RowOrder::Shuffled(permutation) => permutation.at(position),
        }
    }
}

/// The order of rows that are in a file: blocks of neighboring rows are shuffled, and the rows of a
/// window of many blocks among themselves. So a window is read in large pieces, and one window is
/// all that must be in memory.
///
/// Blocks begin at a random row of each epoch and go round the end, so that the one short block,
/// which comes last, is not always made of the same rows.
pub(crate) struct BlockOrder {
    rows: usize,
    block: usize,
    window: usize,
    start: usize,
    key: u64,
    blocks: Option<Permutation>,
}

impl BlockOrder {
    /// `block` is in rows, `window` in rows and a multiple of `block`.
    pub(crate) fn new(rows: usize, block: usize, window: usize, epoch: Epoch) -> BlockOrder {
        debug_assert!(block > 0 && window.is_multiple_of(block) && window > 0);
        let key = epoch.key();
        let whole = rows / block;
        let (start, blocks) = if epoch.shuffle {
            let start = (random::word(key, 0) % rows.max(1) as u64) as usize;
            (start, Some(Permutation::new(whole, random::word(key, 1))))
        } else {
            (0, None)
        };
        BlockOrder { rows, block, window, start, key, blocks }
    }

    /// The window that holds a position of the epoch.
    pub(crate) fn window_at(&self, position: usize) -> usize {
        position / self.window
    }

    /// The positions of a window.
    pub(crate) fn positions(&self, window: usize) -> Range<usize> {
        window * self.window..((window + 1) * self.window).min(self.rows)
    }

    /// The pieces of the file that make up a window, as ranges of rows in reading order.
    pub(crate) fn pieces(&self, window: usize) -> Vec<Range<usize>> {
        let positions = self.positions(window);
        let whole = self.rows / self.block;
        let mut pieces = Vec::new();
        for place in positions.start / self.block..positions.end.div_ceil(self.block) {
            let block = match &self.blocks {
                Some(blocks) if place < whole => blocks.at(place),
                _ => place,
            };
            let length = self.block.min(self.rows - block * self.block);
            let first = (block * self.block + self.start) % self.rows;
            let before_end = length.min(self.rows - first);
            pieces.push(first..first + before_end);
            if before_end < length {
                pieces.push(0..length - before_end);
            }
        }
        pieces
    }

    /// The order inside a window: positions to places in what `pieces` read.
    pub(crate) fn inside(&self, window: usize) -> RowOrder {
        if self.blocks.is_none() {
            return RowOrder::Kept;
        }
        let count = self.positions(window).len();
        RowOrder::Shuffled(Permutation::new(count, random::word(self.key, 2 + window as u64)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(order: &BlockOrder) -> Vec<usize> {
        let mut rows = Vec::new();
        let mut position = 0;
        while position < order.rows {
            let window = order.window_at(position);
            let read: Vec<usize> = order.pieces(window).into_iter().flatten().collect();
            let positions = order.positions(window);
            assert_eq!(read.len(), positions.len());
            let inside = order.inside(window);
            rows.extend((0..positions.len()).map(|index| read[inside.row(index)]));
            position = positions.end;
        }
        rows
    }

    #[test]
    fn every_row_comes_once() {
        for count in [1, 2, 3, 4, 5, 15, 16, 17, 100, 1001] {
            for number in 0..5 {
                let epoch = Epoch { seed: 1, number, shuffle: true };
                let mut order = rows(&BlockOrder::new(count, 4, 16, epoch));
                order.sort_unstable();
                assert_eq!(order, (0..count).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn unshuffled_order_is_the_source_order() {
        let epoch = Epoch { seed: 1, number: 2, shuffle: false };
        assert_eq!(rows(&BlockOrder::new(103, 4, 16, epoch)), (0..103).collect::<Vec<_>>());
        assert_eq!(RowOrder::new(5, epoch).row(3), 3);
    }

    #[test]
    fn epochs_and_seeds_differ() {
        let order = |seed, number| {
            rows(&BlockOrder::new(1000, 4, 64, Epoch { seed, number, shuffle: true }))
        };
        assert_eq!(order(1, 1), order(1, 1));
        assert_ne!(order(1, 1), order(1, 2));
        assert_ne!(order(1, 1), order(2, 1));
    }
}
