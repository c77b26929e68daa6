/// Random numbers that are a pure function of a seed, a name and an index.
///
/// SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"), whose
/// state is a counter, so that any element can be had alone.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    start: u64,
}

/// 2⁶⁴ / φ, odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Numbers {
    /// The numbers of one parameter.
    pub fn new(seed: u64, name: &str) -> Numbers {
        // FNV-1a (Fowler, Noll & Vo) tells names apart; mixing makes near seeds far.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Numbers { start: mix(mix(seed.wrapping_add(GOLDEN)) ^ hash) }
    }

    /// 64 random bits.
    pub fn bits(self, index: u64) -> u64 {
        mix(self.start.wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(self, index: u64) -> f64 {
        (self.bits(index) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Normal with mean 0 and variance 1: Box & Muller 1958, two elements from two uniforms.
    pub fn normal(self, index: u64) -> f64 {
        let first = index & !1;
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform(first)).ln()).sqrt();
        let angle = std::f64::consts::TAU * self.uniform(first + 1);
        radius * if index == first { angle.cos() } else { angle.sin() }
    }
}

/// The finalizer of SplitMix64.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The first outputs of the published generator from seed 0.
        let zero = Numbers { start: 0 };
        assert_eq!(zero.bits(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(zero.bits(1), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let numbers = Numbers::new(7, "w");
        let n = 100_000;
        let mean = |f: &dyn Fn(u64) -> f64| (0..n).map(f).sum::<f64>() / n as f64;
        // Five standard errors each.
        assert!((mean(&|i| numbers.uniform(i)) - 0.5).abs() < 5.0 * 0.289 / 316.0);
        assert!(mean(&|i| numbers.normal(i)).abs() < 5.0 / 316.0);
        assert!((mean(&|i| numbers.normal(i).powi(2)) - 1.0).abs() < 5.0 * 1.414 / 316.0);
        assert!((mean(&|i| numbers.normal(i).powi(4)) - 3.0).abs() < 5.0 * 9.8 / 316.0);
        let neighbors = mean(&|i| numbers.normal(2 * i) * numbers.normal(2 * i + 1));
        assert!(neighbors.abs() < 5.0 / 316.0);
    }
}
