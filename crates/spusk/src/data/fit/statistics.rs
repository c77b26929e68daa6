//! What one pass over numbers keeps of them.

use crate::data::random;

/// Whether a column of whole numbers numbers the rows: it rises from row to row with few gaps, or holds every
/// number of a range once.
#[derive(Default)]
pub(super) struct Sequence {
    rows: usize,
    broken: bool,
    unsorted: bool,
    last: f64,
    least: f64,
    most: f64,
    /// Of all numbers and of their squares, modulo 2¹²⁸.
    sum: i128,
    squares: i128,
}

impl Sequence {
    pub(super) fn add(&mut self, value: f64) {
        /// Whole numbers up to here are exact.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if self.broken || value.fract() != 0.0 || value.abs() > EXACT {
            // Also NaN, which is a missing cell.
            self.broken = true;
            return;
        }
        if self.rows == 0 {
            (self.least, self.most) = (value, value);
        } else {
            self.unsorted |= value <= self.last;
        }
        self.rows += 1;
        self.last = value;
        (self.least, self.most) = (self.least.min(value), self.most.max(value));
        let whole = value as i128;
        self.sum = self.sum.wrapping_add(whole);
        self.squares = self.squares.wrapping_add(whole.wrapping_mul(whole));
    }

    pub(super) fn numbers_rows(&self, all: usize) -> bool {
        if self.broken || self.rows != all || all < 10 {
            return false;
        }
        let span = self.most - self.least + 1.0;
        if !self.unsorted {
            return span <= 2.0 * all as f64;
        }
        span == all as f64 && self.is_of_a_range()
    }

    /// Whether the sums are those of every number from the least to the most, once each. Other whole numbers in
    /// that range have the same two sums by chance only.
    fn is_of_a_range(&self) -> bool {
        // Σ k and Σ k² for k below n, moved by the least number.
        let (n, least) = (self.rows as i128, self.least as i128);
        let (linear, square) = (n * (n - 1) / 2, (n - 1) * n * (2 * n - 1) / 6);
        let sum = linear.wrapping_add(n.wrapping_mul(least));
        let squares = square
            .wrapping_add((2 * linear).wrapping_mul(least))
            .wrapping_add(n.wrapping_mul(least).wrapping_mul(least));
        (self.sum, self.squares) == (sum, squares)
    }
}

/// Mean and variance in one pass: Welford 1962, "Note on a method for calculating corrected sums of
/// squares and products".
#[derive(Debug, Clone)]
pub(crate) struct Moments {
    count: u64,
    pub(crate) mean: f64,
    squares: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Default for Moments {
    fn default() -> Moments {
        Moments { count: 0, mean: 0.0, squares: 0.0, least: f64::INFINITY, most: f64::NEG_INFINITY }
    }
}

impl Moments {
    pub(crate) fn add(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }

    pub(crate) fn std(&self) -> f64 {
        (self.squares / self.count as f64).sqrt()
    }

    /// Nothing varies but perhaps the last bits.
    pub(crate) fn is_constant(&self) -> bool {
        let size = self.least.abs().max(self.most.abs());
        self.count == 0 || self.most - self.least <= 1e-12 * size
    }
}

/// An even sample of bounded size from a stream: Vitter 1985, "Random sampling with a reservoir",
/// algorithm R.
pub(super) struct Sample {
    values: Vec<f64>,
    room: usize,
    seen: u64,
    key: u64,
}

impl Sample {
    pub(super) fn new(room: usize, key: u64) -> Sample {
        Sample { values: Vec::new(), room, seen: 0, key }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.seen += 1;
        if self.values.len() < self.room {
            self.values.push(value);
            return;
        }
        let place = random::word(self.key, self.seen) % self.seen;
        if let Some(kept) = self.values.get_mut(place as usize) {
            *kept = value;
        }
    }

    /// The quartiles, with linear interpolation between neighbors.
    pub(super) fn quarters(&self) -> [f64; 3] {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        [0.25, 0.5, 0.75].map(|share| {
            let at = share * (sorted.len() - 1) as f64;
            let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
            low + (high - low) * at.fract()
        })
    }
}
