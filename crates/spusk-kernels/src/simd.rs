//! Vectors of one instruction set behind one trait, and the one place where an instruction set is
//! entered.
//!
//! Every method of [`Vector`] is inlined into the function that uses it, and compiles to single
//! instructions only inside a function that has the instruction set. So generic bodies are written
//! as a [`Work`] and entered through [`dispatch`], one choice for each kernel call.
//!
//! Every operation here is exactly specified (IEEE 754 or bits), so a body gives the same bits with
//! every vector type, as long as it does the same operations for each element. The sign and the
//! payload of a NaN are the exception.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod pair;
mod portable;

use std::ops::{Add, Mul, Sub};

use crate::Level;
use crate::elementary::Elementary;
#[cfg(target_arch = "aarch64")]
pub(crate) use neon::{F32x4, F64x2};
pub(crate) use pair::Pair;
pub(crate) use portable::Portable;
#[cfg(target_arch = "x86_64")]
pub(crate) use {
    avx2::{F32x8, F64x4},
    avx512::{F32x16, F64x8},
};

/// `N` numbers that are computed with together.
///
/// # Invariant
/// The types for an instruction set are used only in code that runs when the processor has it: in a
/// body entered through [`dispatch`] (or under an equal check). That is what the `unsafe` blocks of
/// the implementations rest on.
pub trait Vector: Copy + 'static {
    /// The number format.
    type Scalar: Copy
        + Default
        + PartialOrd
        + Add<Output = Self::Scalar>
        + Sub<Output = Self::Scalar>
        + Mul<Output = Self::Scalar>
        + 'static;
    /// The answer of a comparison, one truth value an element.
    type Mask: Copy;
    /// Numbers in a vector; a divisor of [`crate::LANES`], but for a [`Pair`].
    const N: usize;

    /// `value` everywhere.
    fn splat(value: Self::Scalar) -> Self;

    /// `value`, rounded to the nearest, everywhere.
    fn constant(value: f64) -> Self;

    /// 0 everywhere.
    #[inline(always)]
    fn zero() -> Self {
        Self::splat(Self::Scalar::default())
    }

    /// Reads `N` elements from any address.
    ///
    /// # Safety
    /// `from` points to `N` readable elements.
    unsafe fn load(from: *const Self::Scalar) -> Self;

    /// Writes `N` elements to any address.
    ///
    /// # Safety
    /// `to` points to `N` writable elements.
    unsafe fn store(self, to: *mut Self::Scalar);

    /// Reads the first `n ≤ N` elements; the others are 0. Touches no memory behind them.
    ///
    /// # Safety
    /// `from` points to `n` readable elements.
    unsafe fn load_partial(from: *const Self::Scalar, n: usize) -> Self;

    /// Writes the first `n ≤ N` elements. Touches no memory behind them.
    ///
    /// # Safety
    /// `to` points to `n` writable elements.
    unsafe fn store_partial(self, to: *mut Self::Scalar, n: usize);

    /// True for the first `n ≤ N` elements.
    fn first(n: usize) -> Self::Mask;

    /// self + b.
    fn add(self, b: Self) -> Self;
    /// self - b.
    fn sub(self, b: Self) -> Self;
    /// self · b.
    fn mul(self, b: Self) -> Self;
    /// self / b.
    fn div(self, b: Self) -> Self;
    /// √self.
    fn sqrt(self) -> Self;
    /// self · b + c, rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// c - self · b, rounded once.
    fn neg_mul_add(self, b: Self, c: Self) -> Self;
    /// -self: the sign bit turned, also of NaN.
    fn neg(self) -> Self;
    /// |self|: the sign bit cleared, also of NaN.
    fn abs(self) -> Self;
    /// Largest integer not above.
    fn floor(self) -> Self;
    /// Nearest integer, ties to even.
    fn round(self) -> Self;

    /// `self > b ? self : b`, so `b` if either is NaN or both are zeros.
    fn max(self, b: Self) -> Self;
    /// `self < b ? self : b`, so `b` if either is NaN or both are zeros.
    fn min(self, b: Self) -> Self;

    /// The larger; NaN if either is.
    #[inline(always)]
    fn max_nan(self, b: Self) -> Self {
        Self::select(self.is_nan(), self, self.max(b))
    }
    /// The smaller; NaN if either is.
    #[inline(always)]
    fn min_nan(self, b: Self) -> Self {
        Self::select(self.is_nan(), self, self.min(b))
    }

    /// self == b; false for NaN.
    fn equal(self, b: Self) -> Self::Mask;
    /// self > b; false for NaN.
    fn greater(self, b: Self) -> Self::Mask;
    /// self ≥ b; false for NaN.
    fn at_least(self, b: Self) -> Self::Mask;
    /// Whether it is NaN.
    fn is_nan(self) -> Self::Mask;
    /// Element-wise `mask ? a : b`.
    fn select(mask: Self::Mask, a: Self, b: Self) -> Self;
    /// Whether the mask is true anywhere.
    fn any(mask: Self::Mask) -> bool;

    /// Whether the mask is true everywhere.
    fn all(mask: Self::Mask) -> bool;

    /// Bits set in both.
    fn bit_and(self, b: Self) -> Self;
    /// Bits set in either.
    fn bit_or(self, b: Self) -> Self;
    /// Bits set in one of the two.
    fn bit_xor(self, b: Self) -> Self;

    /// Sum over the elements, pairwise: i with i + N/2, then + N/4, …
    fn fold_add(self) -> Self::Scalar;
    /// Maximum in the same order; NaN if one is NaN.
    fn fold_max(self) -> Self::Scalar;

    /// The fold of each of the first `N` vectors, as [`Combine::fold`].
    #[inline(always)]
    fn fold_each<C: Combine>(vectors: [Self; crate::LANES]) -> Self {
        let mut folds = [Self::Scalar::default(); crate::LANES];
        for (fold, &vector) in folds.iter_mut().zip(&vectors[..Self::N]) {
            *fold = C::fold(vector);
        }
        // SAFETY: `N ≤ LANES`.
        unsafe { Self::load(folds.as_ptr()) }
    }
    /// Elements that [`Vector::transpose`] takes from each row.
    const TRANSPOSED: usize;
    /// Reads `TRANSPOSED` elements from each of the first `N` addresses and writes `TRANSPOSED`
    /// vectors, `stride` elements apart: element j from every address to `to + j * stride`.
    ///
    /// # Safety
    /// The elements may be read, the vectors written.
    unsafe fn transpose(
        rows: &[*const Self::Scalar; crate::LANES],
        to: *mut Self::Scalar,
        stride: usize,
    );

    /// |self| with the sign of `sign`.
    #[inline(always)]
    fn copy_sign(self, sign: Self) -> Self {
        self.abs().bit_or(sign.bit_xor(sign.abs()))
    }
}

/// How two partial results become one.
pub trait Combine {
    /// The result of nothing.
    const IDENTITY: f64;
    /// Element by element.
    fn combine<V: Vector>(a: V, b: V) -> V;
    /// Over the elements: i with i + N/2, then + N/4, …
    fn fold<V: Vector>(v: V) -> V::Scalar;
}

/// What polynomial approximations need of a vector of `f32` besides arithmetic.
pub(crate) trait Vector32: Vector<Scalar = f32> {
    /// self · 2ⁿ, rounded once, for |self| in 0.5..2 (or NaN) and integers n in -252..=254 held as
    /// floats.
    fn scale(self, n: Self) -> Self;

    /// `(m, e)` with self = m · 2ᵉ and m in 0.75..1.5, for positive finite normal numbers.
    fn split(self) -> (Self, Self);

    /// A first guess of 1 / self for positive normal numbers below 2¹²⁶: the bits taken from
    /// `magic`.
    fn reciprocal_guess(self, magic: u32) -> Self;

    /// Whether the bits, as an unsigned integer, are at least `bits`: for a positive float's bits,
    /// true for everything from it to infinity, for NaN and for everything with a sign.
    fn bits_at_least(self, bits: u32) -> Self::Mask;
}

/// A number format that has a vector type for every [`Level`] of this architecture.
pub trait HasVectors: Sized + Copy + 'static {
    /// For [`Level::Portable`].
    type Portable: Elementary<Scalar = Self>;
    /// For [`Level::Neon`].
    #[cfg(target_arch = "aarch64")]
    type Neon: Elementary<Scalar = Self>;
    /// For [`Level::Avx2`].
    #[cfg(target_arch = "x86_64")]
    type Avx2: Elementary<Scalar = Self>;
    /// For [`Level::Avx512`].
    #[cfg(target_arch = "x86_64")]
    type Avx512: Elementary<Scalar = Self>;
}

impl HasVectors for f32 {
    type Portable = Portable<f32, 4>;
    #[cfg(target_arch = "aarch64")]
    type Neon = F32x4;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = F32x8;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = F32x16;
}

impl HasVectors for f64 {
    type Portable = Portable<f64, 2>;
    #[cfg(target_arch = "aarch64")]
    type Neon = F64x2;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = F64x4;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = F64x8;
}

/// A table with an entry for every level, in the order of [`Level`]. In the place of a level that this
/// architecture lacks stands the portable one.
macro_rules! by_level {
    ($portable:expr, $neon:expr, $avx2:expr, $avx512:expr $(,)?) => {{
        #[cfg(target_arch = "aarch64")]
        let table = [$portable, $neon, $portable, $portable];
        #[cfg(target_arch = "x86_64")]
        let table = [$portable, $portable, $avx2, $avx512];
        #[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
        let table = [$portable, $portable, $portable, $portable];
        table
    }};
}
pub(crate) use by_level;

/// A body written once for all instruction sets. Mark `run`, and everything in it that takes or
/// gives vectors, `#[inline(always)]`; use no closures around vectors.
pub(crate) trait Work<T: HasVectors> {
    /// What it gives.
    type Output;

    /// Runs with vectors of type `V`.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`, and what the implementation asks for.
    unsafe fn run<V: Elementary<Scalar = T>>(self) -> Self::Output;
}

/// Runs a body with the vectors of a level.
///
/// # Safety
/// The processor has `level`, and what the implementation of `work` asks for.
#[inline]
pub(crate) unsafe fn dispatch<T: HasVectors, W: Work<T>>(level: Level, work: W) -> W::Output {
    match level {
        // SAFETY: the processor has the level by the caller's promise, the rest is passed on.
        #[cfg(target_arch = "aarch64")]
        Level::Neon => unsafe { enter_neon(work) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { enter_avx2(work) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { enter_avx512(work) },
        // SAFETY: every processor can do plain Rust; the rest is passed on to the caller.
        _ => unsafe { enter_portable(work) },
    }
}

/// # Safety
/// What the implementation of `work` asks for.
unsafe fn enter_portable<T: HasVectors, W: Work<T>>(work: W) -> W::Output {
    // SAFETY: every processor can do plain Rust; the rest is passed on.
    unsafe { work.run::<T::Portable>() }
}

/// # Safety
/// What the implementation of `work` asks for.
#[cfg(target_arch = "aarch64")]
unsafe fn enter_neon<T: HasVectors, W: Work<T>>(work: W) -> W::Output {
    // SAFETY: every AArch64 processor has NEON; the rest is passed on.
    unsafe { work.run::<T::Neon>() }
}

/// # Safety
/// The processor has the named features, and what the implementation of `work` asks for.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn enter_avx2<T: HasVectors, W: Work<T>>(work: W) -> W::Output {
    // SAFETY: passed on to the caller.
    unsafe { work.run::<T::Avx2>() }
}

/// # Safety
/// The processor has the named features, and what the implementation of `work` asks for.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
unsafe fn enter_avx512<T: HasVectors, W: Work<T>>(work: W) -> W::Output {
    // SAFETY: passed on to the caller.
    unsafe { work.run::<T::Avx512>() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LANES;

    /// Inputs for two-argument operations, all pairs of which are tried.
    const VALUES: [f64; 16] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -1.5,
        2.5,
        3.75,
        -1e-30,
        1e30,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        1e-41,
        123.456,
        -7.25e-3,
    ];

    /// Every operation of [`Vector`] on one pair of groups of [`LANES`] numbers.
    struct Everything<T> {
        a: [T; LANES],
        b: [T; LANES],
    }

    impl<T: crate::Element> Work<T> for Everything<T> {
        type Output = Vec<T>;

        #[inline(always)]
        unsafe fn run<V: Elementary<Scalar = T>>(self) -> Vec<T> {
            let mut out = Vec::new();
            let mut masks = Vec::new();
            for start in (0..LANES).step_by(V::N) {
                // SAFETY: `V::N` divides `LANES`.
                let (a, b) =
                    unsafe { (V::load(self.a.as_ptr().add(start)), V::load(&self.b[start])) };
                let one = V::splat(T::from_f64(1.0));
                let results = [
                    a.add(b),
                    a.sub(b),
                    a.mul(b),
                    a.div(b),
                    a.abs().sqrt(),
                    a.mul_add(b, one),
                    a.neg_mul_add(b, one),
                    a.neg(),
                    a.abs(),
                    a.floor(),
                    a.round(),
                    a.max(b),
                    a.min(b),
                    a.max_nan(b),
                    a.min_nan(b),
                    a.copy_sign(b),
                    a.bit_and(b),
                    a.bit_or(b),
                    a.bit_xor(b),
                    V::select(a.equal(b), one, V::zero()),
                    V::select(a.greater(b), one, V::zero()),
                    V::select(a.at_least(b), one, V::zero()),
                    V::select(a.is_nan(), one, V::zero()),
                ];
                masks.push(V::any(a.greater(b)));
                for result in results {
                    let mut lanes = [T::ZERO; LANES];
                    // SAFETY: `V::N ≤ LANES`.
                    unsafe { result.store(lanes.as_mut_ptr()) };
                    out.extend_from_slice(&lanes[..V::N]);
                }
            }
            // By operation, then by lane, so that the order does not depend on `N`.
            let count = 23;
            let sorted = (0..count * LANES).map(|i| {
                let (op, lane) = (i / LANES, i % LANES);
                out[lane / V::N * V::N * count + op * V::N + lane % V::N]
            });
            let any = masks.contains(&true);
            sorted.chain([T::from_f64(f64::from(any))]).collect()
        }
    }

    fn same<T: crate::Element>(a: T, b: T) -> bool {
        let (a, b) = (a.to_f64(), b.to_f64());
        a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
    }

    fn levels_agree<T: crate::Element>() {
        let values = VALUES.map(T::from_f64);
        for shift in 0..LANES {
            let b = std::array::from_fn(|i| values[(i + shift) % LANES]);
            let want =
                // SAFETY: every processor has this level.
                unsafe { dispatch::<T, _>(Level::Portable, Everything { a: values, b }) };
            for level in Level::available() {
                // SAFETY: the level is available.
                let got = unsafe { dispatch::<T, _>(level, Everything { a: values, b }) };
                for (i, (&got, &want)) in got.iter().zip(&want).enumerate() {
                    let (op, lane) = (i / LANES, i % LANES);
                    assert!(
                        same(got, want),
                        "{} {level:?}, operation {op}: f({:?}, {:?}) = {got:?}, expected {want:?}",
                        T::NAME,
                        values[lane],
                        b[lane],
                    );
                }
            }
        }
    }

    #[test]
    fn all_levels_give_the_same_bits() {
        levels_agree::<f32>();
        levels_agree::<f64>();
    }

    #[test]
    fn the_definitions_hold() {
        struct Case(f32, f32);
        impl Work<f32> for Case {
            type Output = [f32; 8];
            #[inline(always)]
            unsafe fn run<V: Elementary<Scalar = f32>>(self) -> [f32; 8] {
                let (a, b) = (V::splat(self.0), V::splat(self.1));
                let all = [
                    a.max(b),
                    a.min(b),
                    a.max_nan(b),
                    a.min_nan(b),
                    a.mul_add(b, a),
                    a.neg_mul_add(b, a),
                    a.round(),
                    a.copy_sign(b),
                ];
                all.map(|v| {
                    let mut lanes = [0.0; LANES];
                    // SAFETY: `N ≤ LANES`.
                    unsafe { v.store(lanes.as_mut_ptr()) };
                    lanes[0]
                })
            }
        }
        let nan = f32::NAN;
        let cases = [
            (1.0, 2.0, [2.0, 1.0, 2.0, 1.0, 3.0, -1.0, 1.0, 1.0]),
            (2.5, -4.0, [2.5, -4.0, 2.5, -4.0, -7.5, 12.5, 2.0, -2.5]),
            (nan, 1.0, [1.0, 1.0, nan, nan, nan, nan, nan, nan]),
            (1.0, nan, [nan, nan, nan, nan, nan, nan, 1.0, 1.0]),
            (-3.5, 0.0, [0.0, -3.5, 0.0, -3.5, -3.5, -3.5, -4.0, 3.5]),
        ];
        for level in Level::available() {
            for (a, b, want) in cases {
                // SAFETY: the level is available.
                let got = unsafe { dispatch(level, Case(a, b)) };
                for i in 0..7 {
                    assert!(same(got[i], want[i]), "{level:?} ({a}, {b}): {got:?}, not {want:?}");
                }
            }
        }
    }

    #[test]
    fn partial_vectors_touch_nothing_else() {
        struct CopyPart<'a, T>(&'a [T], &'a mut [T], usize);
        impl<T: crate::Element> Work<T> for CopyPart<'_, T> {
            type Output = ();
            #[inline(always)]
            unsafe fn run<V: Elementary<Scalar = T>>(self) {
                let n = self.2.min(V::N);
                // SAFETY: the slices hold `n` elements.
                unsafe {
                    let v = V::load_partial(self.0.as_ptr(), n);
                    v.store_partial(self.1.as_mut_ptr(), n);
                    // What is not read is 0.
                    v.store(self.1.as_mut_ptr().add(LANES));
                }
            }
        }
        fn check<T: crate::Element>(level: Level, width: usize) {
            let nine = T::from_f64(9.0);
            for n in 0..=width {
                // An exact allocation, so that a checker of memory accesses would notice more.
                let source: Box<[T]> = (0..n).map(|i| T::from_f64(i as f64 + 1.0)).collect();
                let mut target = vec![nine; 2 * LANES];
                // SAFETY: the level is available.
                unsafe { dispatch(level, CopyPart(&source, &mut target, n)) };
                for i in 0..LANES {
                    let want = if i < n { T::from_f64(i as f64 + 1.0) } else { nine };
                    assert_eq!(target[i], want, "{level:?}, {n} of {width}, element {i}");
                }
                for i in 0..width {
                    let want = if i < n { T::from_f64(i as f64 + 1.0) } else { T::ZERO };
                    assert_eq!(target[LANES + i], want, "{level:?}, {n} of {width}, read {i}");
                }
            }
        }
        for level in Level::available() {
            let bytes = match level {
                Level::Portable | Level::Neon => 16,
                Level::Avx2 => 32,
                Level::Avx512 => 64,
            };
            check::<f32>(level, bytes / 4);
            check::<f64>(level, bytes / 8);
        }
    }

    #[test]
    fn folds_are_pairwise() {
        struct Fold<'a, T>(&'a [T; LANES]);
        impl<T: crate::Element> Work<T> for Fold<'_, T> {
            type Output = (T, T);
            #[inline(always)]
            unsafe fn run<V: Elementary<Scalar = T>>(self) -> (T, T) {
                let mut sums = [V::zero(); LANES];
                let mut maxima = [V::zero(); LANES];
                let mut count = LANES / V::N;
                for i in 0..count {
                    // SAFETY: `i * N < LANES`.
                    sums[i] = unsafe { V::load(self.0.as_ptr().add(i * V::N)) };
                    maxima[i] = sums[i];
                }
                while count > 1 {
                    count /= 2;
                    for i in 0..count {
                        sums[i] = sums[i].add(sums[i + count]);
                        maxima[i] = maxima[i].max_nan(maxima[i + count]);
                    }
                }
                (sums[0].fold_add(), maxima[0].fold_max())
            }
        }
        fn check<T: crate::Element>(nan_at: Option<usize>) {
            let mut values: [T; LANES] =
                std::array::from_fn(|i| T::from_f64((i as f64 * 1.7).sin() * 1000.0 + 0.1));
            if let Some(i) = nan_at {
                values[i] = T::from_f64(f64::NAN);
            }
            let mut sums = values;
            for half in [8, 4, 2, 1] {
                for i in 0..half {
                    sums[i] = sums[i] + sums[i + half];
                }
            }
            let largest = values.iter().fold(f64::NEG_INFINITY, |m, v| m.max(v.to_f64()));
            let largest = if nan_at.is_some() { f64::NAN } else { largest };
            for level in Level::available() {
                // SAFETY: the level is available.
                let (sum, maximum) = unsafe { dispatch(level, Fold(&values)) };
                assert!(same(sum, sums[0]), "{} {level:?}: {sum} not {}", T::NAME, sums[0]);
                assert!(same(maximum.to_f64(), largest), "{} {level:?}: {maximum}", T::NAME);
            }
        }
        check::<f32>(None);
        check::<f64>(None);
        for i in 0..LANES {
            check::<f32>(Some(i));
            check::<f64>(Some(i));
        }
    }

    trait Case32: Copy {
        fn run<V: Vector32>(self, x: V, y: V) -> V;
    }

    /// Runs a case at every available level over pairs of numbers; the results by level.
    fn run32<C: Case32>(case: C, x: f32, y: f32) -> Vec<f32> {
        fn go<V: Vector32, C: Case32>(case: C, x: f32, y: f32) -> f32 {
            let mut lanes = [0.0; LANES];
            // SAFETY: `N ≤ LANES`.
            unsafe { case.run(V::splat(x), V::splat(y)).store(lanes.as_mut_ptr()) };
            lanes[V::N - 1]
        }
        let level = |level| match level {
            #[cfg(target_arch = "aarch64")]
            Level::Neon => go::<<f32 as HasVectors>::Neon, C>(case, x, y),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => go::<<f32 as HasVectors>::Avx2, C>(case, x, y),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => go::<<f32 as HasVectors>::Avx512, C>(case, x, y),
            _ => go::<<f32 as HasVectors>::Portable, C>(case, x, y),
        };
        Level::available().into_iter().map(level).collect()
    }

    #[test]
    fn transposing_takes_a_column_from_each_row() {
        struct Columns;
        impl<T: crate::Element> Work<T> for Columns {
            type Output = ();
            #[inline(always)]
            unsafe fn run<V: Vector<Scalar = T>>(self) {
                let from: Vec<T> = (0..1000).map(|i| T::from_f64(f64::from(i))).collect();
                // Rows in no order, at no particular distance.
                let rows = std::array::from_fn(|i| &raw const from[(i * 37 + 5) % 101 * 9]);
                let mut to = vec![T::from_f64(-1.0); 8 * 20];
                // SAFETY: rows end before 101 · 9 + 4, and up to 4 vectors are 20 apart.
                unsafe { V::transpose(&rows, to.as_mut_ptr(), 20) };
                for (i, &got) in to.iter().enumerate() {
                    let (j, lane) = (i / 20, i % 20);
                    let want = if j < V::TRANSPOSED && lane < V::N {
                        from[(lane * 37 + 5) % 101 * 9 + j]
                    } else {
                        T::from_f64(-1.0)
                    };
                    assert_eq!(got, want, "element {j} of row {lane}");
                }
            }
        }
        for level in Level::available() {
            // SAFETY: the level is available.
            unsafe {
                dispatch::<f32, _>(level, Columns);
                dispatch::<f64, _>(level, Columns);
            }
        }
    }

    #[test]
    fn scaling_rounds_once() {
        #[derive(Clone, Copy)]
        struct Scale;
        impl Case32 for Scale {
            fn run<V: Vector32>(self, x: V, y: V) -> V {
                x.scale(y)
            }
        }
        for x in [1.0, -1.25, 0.707_106_77, 1.414_213_5, 1.999_999_9, 0.5] {
            for n in -252..=254 {
                let want = (f64::from(x) * f64::from(n).exp2()) as f32;
                let got = run32(Scale, x, n as f32);
                assert!(got.iter().all(|&g| g == want), "{x} · 2^{n}: {got:?}, expected {want}");
            }
        }
    }

    #[test]
    fn splitting_is_exact() {
        #[derive(Clone, Copy)]
        struct Split(bool);
        impl Case32 for Split {
            fn run<V: Vector32>(self, x: V, _: V) -> V {
                let (mantissa, exponent) = x.split();
                if self.0 { mantissa } else { exponent }
            }
        }
        let mut x = f32::MIN_POSITIVE;
        while x.is_finite() {
            let mantissas = run32(Split(true), x, 0.0);
            let exponents = run32(Split(false), x, 0.0);
            for (&m, &e) in mantissas.iter().zip(&exponents) {
                assert!((0.75..1.5).contains(&m), "{x}: mantissa {m}");
                assert_eq!(f64::from(m) * f64::from(e).exp2(), f64::from(x));
            }
            x *= 1.037;
        }
    }

    #[test]
    fn bits_are_compared_without_sign() {
        #[derive(Clone, Copy)]
        struct AtLeast;
        impl Case32 for AtLeast {
            fn run<V: Vector32>(self, x: V, _: V) -> V {
                V::select(x.bits_at_least(2.0_f32.to_bits()), V::splat(1.0), V::zero())
            }
        }
        let table = [
            (0.0, 0.0),
            (1.999_999_9, 0.0),
            (2.0, 1.0),
            (f32::INFINITY, 1.0),
            (f32::NAN, 1.0),
            (-0.0, 1.0),
            (-1.0, 1.0),
        ];
        for (x, want) in table {
            assert!(run32(AtLeast, x, 0.0).iter().all(|&got| got == want), "{x}");
        }
    }

    #[test]
    fn guesses_are_the_same_bits() {
        #[derive(Clone, Copy)]
        struct Guess;
        impl Case32 for Guess {
            fn run<V: Vector32>(self, x: V, _: V) -> V {
                x.reciprocal_guess(0x7EF3_11C7)
            }
        }
        for x in [1.0_f32, 3.0, 1e-8, 0.123, 7e10] {
            for got in run32(Guess, x, 0.0) {
                assert_eq!(got.to_bits(), 0x7EF3_11C7 - x.to_bits());
                assert!((got * x - 1.0).abs() < 0.13, "1 / {x} ≈ {got}");
            }
        }
    }
}
