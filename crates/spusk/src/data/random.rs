//! Random numbers as a function of a key and a counter: no state, so any order of asking gives the
//! same numbers.

/// A bijection of the 64-bit words that scatters every bit over all others.
///
/// The finalizer of SplitMix64: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
/// generators".
pub(crate) fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The random word number `counter` of the stream `key`.
pub(crate) fn word(key: u64, counter: u64) -> u64 {
    mix(mix(key).wrapping_add(counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// A key for one purpose made from a seed, so that two uses of a seed do not share their numbers.
pub(crate) fn key(seed: u64, purpose: &str) -> u64 {
    purpose.bytes().fold(mix(seed ^ 0x5350_5553_4b00_0001), |key, byte| word(key, u64::from(byte)))
}

/// Uniform in [0, 1).
pub(crate) fn uniform(key: u64, counter: u64) -> f64 {
    (word(key, counter) >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Normal with mean 0 and variance 1: Box & Muller 1958.
pub(crate) fn normal(key: u64, counter: u64) -> f64 {
    // One minus a number in [0, 1) is never 0, so the logarithm is finite.
    let radius = (-2.0 * (1.0 - uniform(key, 2 * counter)).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(key, 2 * counter + 1)).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_their_moments() {
        let count = 100_000u64;
        let key = key(1, "test");
        let moment = |power: i32| {
            (0..count).map(|index| normal(key, index).powi(power)).sum::<f64>() / count as f64
        };
        assert!(moment(1).abs() < 0.02);
        assert!((moment(2) - 1.0).abs() < 0.02);
        assert!(moment(3).abs() < 0.05);
        assert!((moment(4) - 3.0).abs() < 0.15);
    }

    #[test]
    fn keys_depend_on_seed_and_purpose() {
        assert_ne!(key(1, "split"), key(2, "split"));
        assert_ne!(key(1, "split"), key(1, "shuffle"));
        assert_ne!(key(1, "ab"), key(1, "ba"));
    }
}
