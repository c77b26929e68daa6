//! Counter-based random numbers.

use std::array::from_fn;
use std::ops::Range;

use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{Element, Level, Place, Random, RandomKind};

/// Elements that one thread makes at a time; a multiple of [`BATCH`] times 4.
const CHUNK: usize = 4096;
/// Counters that go through the rounds side by side.
const BATCH: usize = 16;

/// Element `index` of a [`Random`] instruction, in f64: its definition.
pub fn random_reference(kind: RandomKind, key: u64, stream: u64, index: u64) -> f64 {
    let words = philox(index / 4, stream, key).map(|word| word[0]);
    let word = (index % 4) as usize;
    match kind {
        RandomKind::Uniform => f64::from(words[word] >> 8) / f64::from(1 << 24),
        RandomKind::Normal => {
            let pair = word & 2;
            let u = (f64::from(words[pair]) + 0.5) / (1_u64 << 32) as f64;
            let angle = std::f64::consts::TAU * f64::from(words[pair + 1]) / (1_u64 << 32) as f64;
            let (sin, cos) = angle.sin_cos();
            (-2.0 * u.ln()).sqrt() * if word & 1 == 0 { cos } else { sin }
        }
    }
}

struct RandomKernel {
    spec: Random,
}

pub(crate) fn prepare<T: Element>(spec: &Random) -> Result<Box<dyn Kernel<T>>, String> {
    if spec.key.len != 4 {
        return Err(format!("the key has {} elements, expected 4", spec.key.len));
    }
    Ok(Box::new(RandomKernel { spec: spec.clone() }))
}

impl<T: Element> Kernel<T> for RandomKernel {
    fn reads(&self) -> Vec<Place> {
        vec![self.spec.key]
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.spec.output]
    }

    fn chunks(&self) -> usize {
        self.spec.output.len.div_ceil(CHUNK).max(1)
    }

    fn cost(&self) -> f64 {
        let element = match self.spec.kind {
            RandomKind::Uniform => 1.5,
            RandomKind::Normal => 8.0,
        };
        20.0 + element * self.spec.output.len as f64
    }

    fn scratch(&self) -> usize {
        0
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, _: *mut T, level: Level) {
        let len = self.spec.output.len;
        let (from, to) = ((chunks.start * CHUNK).min(len), (chunks.end * CHUNK).min(len));
        // SAFETY: nobody writes the key meanwhile, nor touches elements from..to of the output.
        let (key, output) = unsafe {
            (
                std::slice::from_raw_parts(memory.ptr(self.spec.key), 4),
                std::slice::from_raw_parts_mut(memory.ptr(self.spec.output).add(from), to - from),
            )
        };
        let key = key_from_parts(key);
        let work = Work { kind: self.spec.kind, key, stream: self.spec.stream, first: from / 4 };
        match level {
            // SAFETY: the processor has the level, says the caller.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { fill_avx512(work, output) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { fill_avx2(work, output) },
            _ => fill(work, output),
        }
    }
}

/// The 64-bit key from its four 16-bit parts; whatever is not in 0..65536 goes to the nearest bound.
fn key_from_parts<T: Element>(parts: &[T]) -> u64 {
    let part = |i: usize| u64::from(parts[i].to_f64() as u16);
    part(0) | part(1) << 16 | part(2) << 32 | part(3) << 48
}

#[derive(Clone, Copy)]
struct Work {
    kind: RandomKind,
    key: u64,
    stream: u64,
    /// Counter of the first element.
    first: usize,
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn fill_avx512<T: Element>(work: Work, output: &mut [T]) {
    fill(work, output);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn fill_avx2<T: Element>(work: Work, output: &mut [T]) {
    fill(work, output);
}

/// Inlined into each level, where the compiler makes vectors of its loops. It never joins a product
/// and a sum, so the bits are the same everywhere.
#[inline(always)]
fn fill<T: Element>(work: Work, output: &mut [T]) {
    for (batch, output) in output.chunks_mut(4 * BATCH).enumerate() {
        let words = philox((work.first + batch * BATCH) as u64, work.stream, work.key);
        match work.kind {
            RandomKind::Uniform => uniform(&words, output),
            RandomKind::Normal => normal(&words, output),
        }
    }
}

/// Philox 4x32-10 of `BATCH` counters from `first`: word w of counter c is `[w][c]`.
///
/// Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3.
#[inline(always)]
fn philox(first: u64, stream: u64, key: u64) -> [[u32; BATCH]; 4] {
    let counter = |c| first.wrapping_add(c as u64);
    let mut x = [
        from_fn(|c| counter(c) as u32),
        from_fn(|c| (counter(c) >> 32) as u32),
        [stream as u32; BATCH],
        [(stream >> 32) as u32; BATCH],
    ];
    let (mut k0, mut k1) = (key as u32, (key >> 32) as u32);
    for _ in 0..10 {
        let product = |word: u32, factor: u32| u64::from(word) * u64::from(factor);
        let high = |word, factor| (product(word, factor) >> 32) as u32;
        let low = |word, factor| product(word, factor) as u32;
        x = [
            from_fn(|c| high(x[2][c], 0xCD9E_8D57) ^ x[1][c] ^ k0),
            from_fn(|c| low(x[2][c], 0xCD9E_8D57)),
            from_fn(|c| high(x[0][c], 0xD251_1F53) ^ x[3][c] ^ k1),
            from_fn(|c| low(x[0][c], 0xD251_1F53)),
        ];
        k0 = k0.wrapping_add(0x9E37_79B9);
        k1 = k1.wrapping_add(0xBB67_AE85);
    }
    x
}

/// The upper 24 bits of a word over 2²⁴: exact in both formats, and so the same number.
#[inline(always)]
fn uniform<T: Element>(words: &[[u32; BATCH]; 4], output: &mut [T]) {
    let mut values = [[T::ZERO; 4]; BATCH];
    for (c, four) in values.iter_mut().enumerate() {
        for (w, value) in four.iter_mut().enumerate() {
            *value = T::from_f64(f64::from(words[w][c] >> 8) * (1.0 / (1 << 24) as f64));
        }
    }
    output.copy_from_slice(&values.as_flattened()[..output.len()]);
}

/// Words 0 and 1 of a counter make two normal numbers, words 2 and 3 two more:
/// r cos α and r sin α with r = √(-2 ln u), u = (word + ½) / 2³², α = 2π · other word / 2³²
/// (Box & Muller 1958). Reckoned in f64 for both formats.
#[inline(always)]
fn normal<T: Element>(words: &[[u32; BATCH]; 4], output: &mut [T]) {
    let mut values = [[T::ZERO; 4]; BATCH];
    for pair in [0, 2] {
        for c in 0..BATCH {
            let u = (f64::from(words[pair][c]) + 0.5) * (1.0 / (1_u64 << 32) as f64);
            let radius = (-2.0 * ln(u)).sqrt();
            let (sin, cos) = sin_cos_turns(words[pair + 1][c]);
            values[c][pair] = T::from_f64(radius * cos);
            values[c][pair + 1] = T::from_f64(radius * sin);
        }
    }
    output.copy_from_slice(&values.as_flattened()[..output.len()]);
}

/// Natural logarithm of a normal positive number, to about 1e-12.
///
/// x = 2ᵉ m with m in [√½, √2), ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), s = (m - 1) / (m + 1).
/// Own, because the platform's differs from platform to platform.
#[inline(always)]
fn ln(x: f64) -> f64 {
    // Adding the difference of 1 and √½ (as bit patterns) carries into the exponent from √2 on.
    const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    let shifted = x.to_bits() + (0x3FF0_0000_0000_0000 - SQRT_HALF);
    let e = f64::from((shifted >> 52) as u32 as i32 - 1023);
    let m = f64::from_bits((shifted & 0x000F_FFFF_FFFF_FFFF) + SQRT_HALF);
    let s = (m - 1.0) / (m + 1.0);
    let q = s * s;
    let mut sum = 1.0 / 15.0;
    for divisor in [13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * q + 1.0 / divisor;
    }
    e * std::f64::consts::LN_2 + 2.0 * s * sum
}

/// Sine and cosine of `turn` / 2³² full turns, to about 1e-13.
///
/// The nearest quarter of a turn is taken off, the rest goes through the Taylor series.
#[inline(always)]
fn sin_cos_turns(turn: u32) -> (f64, f64) {
    let quarter = (turn.wrapping_add(1 << 29)) >> 30;
    let rest = turn.wrapping_sub(quarter << 30) as i32;
    let x = f64::from(rest) * (std::f64::consts::TAU / (1_u64 << 32) as f64);
    let q = x * x;
    let (mut sin, mut cos) = (1.0, 1.0);
    // Horner's scheme: 1 - x²/(2·3) (1 - x²/(4·5) (1 - …)), and the like for the cosine.
    for i in [7, 6, 5, 4, 3, 2, 1] {
        let n = f64::from(2 * i);
        sin = 1.0 - sin * q * (1.0 / (n * (n + 1.0)));
        cos = 1.0 - cos * q * (1.0 / (n * (n - 1.0)));
    }
    sin *= x;
    let (s, c) = if quarter & 1 == 0 { (sin, cos) } else { (cos, -sin) };
    if quarter & 2 == 0 { (s, c) } else { (-s, -c) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Instruction;
    use crate::testing::{place, refusal, run};

    fn sample<T: Element>(kind: RandomKind, stream: u64, key: [u16; 4], len: usize) -> Vec<f64> {
        let (key_place, output) = (place(0, 4), place(16, len));
        let mut work = vec![0.0; output.padded_end()];
        for (to, from) in work.iter_mut().zip(key) {
            *to = f64::from(from);
        }
        let random = Random { kind, stream, key: key_place, output };
        run::<T>(vec![Instruction::Random(random)], work, vec![]).work[16..16 + len].to_vec()
    }

    /// The known answers that its authors publish with Random123.
    #[test]
    fn philox_gives_the_published_answers() {
        let check = |counter: [u32; 4], key: [u32; 2], expected: [u32; 4]| {
            let wide = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
            let words = philox(
                wide(counter[0], counter[1]),
                wide(counter[2], counter[3]),
                wide(key[0], key[1]),
            );
            assert_eq!(words.map(|word| word[0]), expected);
        };
        check([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        check([!0; 4], [!0; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        check(
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        );
    }

    #[test]
    fn an_element_depends_on_its_index_alone() {
        for kind in [RandomKind::Uniform, RandomKind::Normal] {
            let long = sample::<f32>(kind, 5, [1, 2, 3, 65535], 10_000);
            for len in [0, 1, 3, 4, 63, 64, 65, 4097] {
                assert_eq!(sample::<f32>(kind, 5, [1, 2, 3, 65535], len), long[..len]);
            }
            assert_ne!(sample::<f32>(kind, 6, [1, 2, 3, 65535], 8), long[..8]);
            assert_ne!(sample::<f32>(kind, 5, [1, 2, 4, 65535], 8), long[..8]);
        }
        // The uniform numbers of both formats are equal.
        assert_eq!(
            sample::<f32>(RandomKind::Uniform, 1, [0; 4], 100),
            sample::<f64>(RandomKind::Uniform, 1, [0; 4], 100)
        );
    }

    #[test]
    fn the_first_uniform_number_is_the_first_word() {
        let expected = f64::from(0x6627_e8d5_u32 >> 8) / f64::from(1 << 24);
        assert_eq!(sample::<f32>(RandomKind::Uniform, 0, [0; 4], 1), [expected]);
    }

    /// Moments of 2¹⁸ numbers, each within 5 standard errors.
    #[test]
    fn moments_are_those_of_the_distribution() {
        let check = |kind, expected: [(f64, f64); 4]| {
            let x = sample::<f32>(kind, 3, [9, 8, 7, 6], 1 << 18);
            for (power, (mean, variance)) in expected.into_iter().enumerate() {
                let power = power as i32 + 1;
                let got = x.iter().map(|x| x.powi(power)).sum::<f64>() / x.len() as f64;
                let error = (variance / x.len() as f64).sqrt();
                assert!((got - mean).abs() < 5.0 * error, "{kind:?} moment {power}: {got}");
            }
        };
        // Mean and variance of xⁿ: 1/(n+1) and 1/(2n+1) - 1/(n+1)².
        let uniform = [1.0, 2.0, 3.0, 4.0_f64]
            .map(|n| (1.0 / (n + 1.0), 1.0 / (2.0 * n + 1.0) - 1.0 / (n + 1.0).powi(2)));
        check(RandomKind::Uniform, uniform);
        check(RandomKind::Normal, [(0.0, 1.0), (1.0, 2.0), (0.0, 15.0), (3.0, 96.0)]);
    }

    #[test]
    fn elementary_functions_are_accurate() {
        for i in 0..100_000_u32 {
            let x = (f64::from(i) + 0.5) / 100_000.0;
            assert!((ln(x) - x.ln()).abs() < 1e-11 * x.ln().abs().max(0.1), "ln {x}");
            let turn = i.wrapping_mul(42_949);
            let (sin, cos) = sin_cos_turns(turn);
            let angle =
                f64::from(turn) / f64::from(1 << 16) / f64::from(1 << 16) * std::f64::consts::TAU;
            assert!((sin - angle.sin()).abs() < 1e-12, "sin {angle}");
            assert!((cos - angle.cos()).abs() < 1e-12, "cos {angle}");
        }
    }

    #[test]
    fn refuses_a_wrong_key() {
        let (key, output) = (place(0, 5), place(16, 4));
        let random = Random { kind: RandomKind::Normal, stream: 0, key, output };
        let got = refusal(Instruction::Random(random), 32);
        assert_eq!(got, "random: the key has 5 elements, expected 4");
    }
}
