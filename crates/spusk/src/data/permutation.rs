//! A keyed permutation: shuffled order as a function, not as a list.

use super::random;

const ROUNDS: usize = 4;

/// A random-looking order of `0..len` which is a pure function of `len` and a key.
///
/// It holds no list, so shuffling a billion rows costs no memory, any position can be asked for at
/// any time, and a resumed run needs only its position.
///
/// Each round x ← (x·a + b) mod 2ᵏ, x ← x ⊕ (x ≫ ⌈k/2⌉) with odd a is a bijection of the k-bit
/// numbers; numbers ≥ `len` are walked on until one falls inside (cycle walking: Black & Rogaway
/// 2002, "Ciphers with arbitrary finite domains"), which takes fewer than two turns on average
/// because 2ᵏ < 2·`len`.
#[derive(Debug, Clone, Copy)]
pub struct Permutation {
    len: u64,
    mask: u64,
    shift: u32,
    rounds: [(u64, u64); ROUNDS],
}

impl Permutation {
    /// The permutation of `0..len` that belongs to `key`.
    pub fn new(len: usize, key: u64) -> Permutation {
        let len = len as u64;
        let bits = 64 - len.saturating_sub(1).leading_zeros();
        let mask = (1u64 << bits.min(63)) - 1;
        let mut rounds = [(1, 0); ROUNDS];
        for (index, round) in rounds.iter_mut().enumerate() {
            let counter = 2 * index as u64;
            *round = (random::word(key, counter) | 1, random::word(key, counter + 1));
        }
        Permutation { len, mask, shift: bits.div_ceil(2).max(1), rounds }
    }

    /// The element at `position`, which must be below the length.
    pub fn at(&self, position: usize) -> usize {
        debug_assert!((position as u64) < self.len);
        let mut element = position as u64;
        loop {
            for (factor, summand) in self.rounds {
                element = element.wrapping_mul(factor).wrapping_add(summand) & self.mask;
                element ^= element >> self.shift;
            }
            if element < self.len {
                return element as usize;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn every_element_appears_once() {
        for len in (1..70).chain([127, 128, 129, 1000, 1797, 4096, 4097, 60_000]) {
            for key in 0..3 {
                let permutation = Permutation::new(len, random::mix(key));
                let mut seen = vec![false; len];
                for position in 0..len {
                    let element = permutation.at(position);
                    assert!(!seen[element], "{element} twice in {len}");
                    seen[element] = true;
                }
            }
        }
    }

    /// All orders of four elements appear, none much more often than another.
    #[test]
    fn small_orders_are_even() {
        let trials = 24_000;
        let mut counts: HashMap<Vec<usize>, u32> = HashMap::new();
        for trial in 0..trials {
            let permutation = Permutation::new(4, random::word(7, trial));
            *counts.entry((0..4).map(|at| permutation.at(at)).collect()).or_default() += 1;
        }
        assert_eq!(counts.len(), 24);
        for (order, count) in counts {
            assert!(
                (700..1300).contains(&count),
                "{order:?} appears {count} times, not about 1000"
            );
        }
    }

    /// Where an element lands, and which one follows it, is even over the keys.
    #[test]
    fn places_and_neighbors_are_even() {
        for len in [10usize, 23, 64] {
            let trials = 2000 * len as u64;
            let mut places = vec![0u32; len];
            let mut steps = vec![0u32; len];
            for trial in 0..trials {
                let permutation = Permutation::new(len, random::word(11, trial));
                let first = permutation.at(0);
                places[first] += 1;
                steps[(permutation.at(1) + len - first) % len] += 1;
            }
            assert!(places.iter().all(|&count| (1600..2400).contains(&count)), "{len}: {places:?}");
            assert_eq!(steps[0], 0);
            let share = 2000.0 * len as f64 / (len - 1) as f64;
            for &count in &steps[1..] {
                assert!((f64::from(count) / share - 1.0).abs() < 0.25, "{len}: {steps:?}");
            }
        }
    }

    /// A shuffled order keeps no trace of the sorted one: rank correlation is near zero.
    #[test]
    fn long_orders_do_not_follow_the_sorted_one() {
        let len = 10_000;
        for trial in 0..20 {
            let permutation = Permutation::new(len, random::word(3, trial));
            let mean = (len - 1) as f64 / 2.0;
            let (mut product, mut square) = (0.0, 0.0);
            for position in 0..len {
                let offset = position as f64 - mean;
                product += offset * (permutation.at(position) as f64 - mean);
                square += offset * offset;
            }
            assert!((product / square).abs() < 0.05, "trial {trial}: {}", product / square);
        }
    }
}
