//! What one pass over numbers keeps of them.

use crate::data::random;

/// Whether a column counts 0, 1, 2, … or from any other number on.
pub(super) enum Sequence {
    Empty,
    Counts { last: f64, rows: usize },
    Broken,
}

impl Sequence {
    pub(super) fn add(&mut self, value: f64) {
        *self = match *self {
            Sequence::Empty if value.fract() == 0.0 => Sequence::Counts { last: value, rows: 1 },
            Sequence::Counts { last, rows } if value == last + 1.0 => {
                Sequence::Counts { last: value, rows: rows + 1 }
            }
            _ => Sequence::Broken,
        };
    }

    pub(super) fn counts_rows(&self, all: usize) -> bool {
        matches!(self, Sequence::Counts { rows, .. } if *rows == all && all >= 10)
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
