//! A fair sample of (target, predicted) pairs, kept while they stream by.

use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use super::json_number;

/// A wanted value and what was predicted for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Which example, counted from 0 over all batches.
    pub row: u64,
    /// The wanted value.
    #[serde(with = "json_number")]
    pub target: f64,
    /// The predicted value.
    #[serde(with = "json_number")]
    pub predicted: f64,
}

impl Pair {
    /// target − predicted: positive where the prediction is too low.
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.target - self.predicted
    }
}

/// Keeps the `keep` pairs whose row has the smallest hash: a random sample that depends neither on
/// a seed nor on how the rows came in batches.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    keep: usize,
    heap: BinaryHeap<(u64, u64, [u64; 2])>,
}

impl Sample {
    pub(crate) fn new(keep: usize) -> Sample {
        Sample { keep, heap: BinaryHeap::new() }
    }

    pub(crate) fn push(&mut self, pair: Pair) {
        let hash = mix(pair.row);
        if self.heap.len() >= self.keep {
            if self.heap.peek().is_none_or(|largest| largest.0 <= hash) {
                return;
            }
            self.heap.pop();
        }
        // As bits, since f64 has no total order of its own; the order by row decides before them.
        self.heap.push((hash, pair.row, [pair.target.to_bits(), pair.predicted.to_bits()]));
    }

    /// The sample in the order of the rows.
    pub(crate) fn finish(self) -> Vec<Pair> {
        let pair = |(_, row, [target, predicted]): (u64, u64, [u64; 2])| Pair {
            row,
            target: f64::from_bits(target),
            predicted: f64::from_bits(predicted),
        };
        let mut pairs: Vec<Pair> = self.heap.into_iter().map(pair).collect();
        pairs.sort_unstable_by_key(|pair| pair.row);
        pairs
    }
}

/// SplitMix64 of Steele, Lea & Flood 2014: neighboring rows get unrelated numbers.
fn mix(row: u64) -> u64 {
    let mut z = row.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Pair, Sample};

    fn sample(rows: u64, keep: usize) -> Vec<Pair> {
        let mut sample = Sample::new(keep);
        for row in 0..rows {
            sample.push(Pair { row, target: row as f64, predicted: -1.5 });
        }
        sample.finish()
    }

    #[test]
    fn everything_is_kept_while_it_fits() {
        let pairs = sample(50, 50);
        assert_eq!(pairs.len(), 50);
        assert!(pairs.iter().enumerate().all(|(i, pair)| pair.row == i as u64));
        assert_eq!(pairs[7], Pair { row: 7, target: 7.0, predicted: -1.5 });
        assert_eq!(pairs[7].residual(), 8.5);
        assert_eq!(sample(50, 0), []);
    }

    #[test]
    fn a_sample_is_spread_over_all_rows() {
        let pairs = sample(100_000, 1000);
        assert_eq!(pairs.len(), 1000);
        // The mean row of a fair sample: 50,000 ± 100,000/√12/√1000 = ± 913; five times that.
        let mean = pairs.iter().map(|pair| pair.row as f64).sum::<f64>() / 1000.0;
        assert!((mean - 50_000.0).abs() < 4600.0, "{mean}");
    }
}
