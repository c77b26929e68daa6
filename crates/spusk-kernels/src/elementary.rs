//! Elementary functions of whole vectors.
//!
//! In single precision they are own polynomials: the same sequence of operations with every
//! instruction set, so the same bits, and no tables, divisions or branches where arithmetic does.
//! In double precision, which serves checks and formulas, they are the standard library's.
//!
//! Largest errors in single precision over all inputs, in units in the last place of the exact
//! result (0.5 is the least possible), by `examples/accuracy.rs`:
//!
//! | function | error | | function | error |
//! |---|---|---|---|---|
//! | exp | @ | | log | @ |
//! | expm1 | @ | | log1p | @ |
//! | tanh | @ | | sigmoid | @ |
//! | erf | @ | | sin, cos | @ |
//!
//! Results below the normal numbers are rounded to the denormal ones, not flushed to 0. Zeros keep
//! their sign where the function goes through the origin. `DivSqrt` is within @ units.

mod double;
mod single;

#[cfg(target_arch = "aarch64")]
use crate::simd::{F32x4, F64x2};
#[cfg(target_arch = "x86_64")]
use crate::simd::{F32x8, F32x16, F64x4, F64x8};
use crate::simd::{Pair, Portable, Vector};

/// The functions that a number format's vectors have.
pub trait Elementary: Vector {
    /// Several vectors as one, as many as make long functions quick.
    type Wide: Elementary<Scalar = Self::Scalar>;
    /// Whether loops over these vectors are worth the code that makes them quick.
    const TUNED: bool;

    /// eˣ.
    fn exp(self) -> Self;
    /// Natural logarithm; NaN below 0, -inf at 0.
    fn log(self) -> Self;
    /// log(1 + x), accurate near 0.
    fn log1p(self) -> Self;
    /// eˣ - 1, accurate near 0.
    fn expm1(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// 1 / (1 + e⁻ˣ).
    fn sigmoid(self) -> Self;
    /// The error function.
    fn erf(self) -> Self;
    /// Sine.
    fn sin(self) -> Self;
    /// Cosine.
    fn cos(self) -> Self;
    /// self to the power b, one element after the other.
    fn pow(self, b: Self) -> Self;
    /// self / (√y + ε) for ε in [`DIV_SQRT_EPS`], without waiting for the divider.
    fn div_sqrt(self, y: Self, eps: Self) -> Self;
}

/// The ε for which [`Elementary::div_sqrt`] is good.
pub(crate) const DIV_SQRT_EPS: std::ops::RangeInclusive<f64> = 1e-11..=1e10;

/// The longest vector, pairs included.
const WIDEST: usize = 64;

/// f of each element.
#[inline(always)]
fn each<V: Vector>(x: V, f: impl Fn(V::Scalar) -> V::Scalar) -> V {
    let mut values = [V::Scalar::default(); WIDEST];
    // SAFETY: `N ≤ WIDEST`.
    unsafe {
        x.store(values.as_mut_ptr());
        for value in &mut values[..V::N] {
            *value = f(*value);
        }
        V::load(values.as_ptr())
    }
}

/// f of each pair of elements.
#[inline(always)]
fn each_pair<V: Vector>(x: V, y: V, f: impl Fn(V::Scalar, V::Scalar) -> V::Scalar) -> V {
    let (mut xs, mut ys) = ([V::Scalar::default(); WIDEST], [V::Scalar::default(); WIDEST]);
    // SAFETY: `N ≤ WIDEST`.
    unsafe {
        x.store(xs.as_mut_ptr());
        y.store(ys.as_mut_ptr());
        for (x, &y) in xs[..V::N].iter_mut().zip(&ys) {
            *x = f(*x, y);
        }
        V::load(xs.as_ptr())
    }
}

macro_rules! elementary {
    ($module:ident, $tuned:expr; $($vector:ty, $wide:ty;)*) => {$(
        impl Elementary for $vector {
            type Wide = $wide;
            const TUNED: bool = $tuned;
            #[inline(always)]
            fn exp(self) -> Self {
                $module::exp(self)
            }
            #[inline(always)]
            fn log(self) -> Self {
                $module::log(self)
            }
            #[inline(always)]
            fn log1p(self) -> Self {
                $module::log1p(self)
            }
            #[inline(always)]
            fn expm1(self) -> Self {
                $module::expm1(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $module::tanh(self)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                $module::sigmoid(self)
            }
            #[inline(always)]
            fn erf(self) -> Self {
                $module::erf(self)
            }
            #[inline(always)]
            fn sin(self) -> Self {
                $module::sin(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                $module::cos(self)
            }
            #[inline(always)]
            fn pow(self, b: Self) -> Self {
                $module::pow(self, b)
            }
            #[inline(always)]
            fn div_sqrt(self, y: Self, eps: Self) -> Self {
                $module::div_sqrt(self, y, eps)
            }
        }
    )*};
}

elementary! {
    single, false;
    Portable<f32, 4>, Pair<Pair<Portable<f32, 4>>>;
    Pair<Pair<Portable<f32, 4>>>, Self;
}
elementary! {
    double, false;
    Portable<f64, 2>, Self;
}
#[cfg(target_arch = "aarch64")]
elementary! {
    single, true;
    F32x4, Pair<Pair<F32x4>>;
    Pair<Pair<F32x4>>, Self;
}
#[cfg(target_arch = "aarch64")]
elementary! {
    double, false;
    F64x2, Self;
}
#[cfg(target_arch = "x86_64")]
elementary! {
    single, true;
    F32x8, Pair<F32x8>;
    Pair<F32x8>, Self;
    F32x16, Pair<Pair<F32x16>>;
    Pair<Pair<F32x16>>, Self;
}
#[cfg(target_arch = "x86_64")]
elementary! {
    double, false;
    F64x4, Self;
    F64x8, Self;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Work, dispatch};
    use crate::{Element, LANES, Level};

    /// Applies one function to numbers, whole vectors at a time.
    struct Run<'a, T> {
        function: usize,
        x: &'a [T],
        y: &'a mut [T],
    }

    impl<T: Element> Work<T> for Run<'_, T> {
        type Output = ();

        #[inline(always)]
        unsafe fn run<V: Elementary<Scalar = T>>(self) {
            for (x, y) in self.x.chunks_exact(V::N).zip(self.y.chunks_exact_mut(V::N)) {
                // SAFETY: chunks of `N`.
                unsafe {
                    let x = V::load(x.as_ptr());
                    let value = match self.function {
                        0 => x.exp(),
                        1 => x.log(),
                        2 => x.log1p(),
                        3 => x.expm1(),
                        4 => x.tanh(),
                        5 => x.sigmoid(),
                        6 => x.erf(),
                        7 => x.sin(),
                        _ => x.cos(),
                    };
                    value.store(y.as_mut_ptr());
                }
            }
        }
    }

    /// Name, definition, and the bound on the error in single precision, in units in the last place.
    const FUNCTIONS: [(&str, fn(f64) -> f64, f64); 9] = [
        ("exp", f64::exp, 1.0),
        ("log", f64::ln, 1.0),
        ("log1p", f64::ln_1p, 1.0),
        ("expm1", f64::exp_m1, 1.5),
        ("tanh", f64::tanh, 2.0),
        ("sigmoid", double::sigmoid_of, 1.5),
        ("erf", double::erf_of, 1.0),
        ("sin", f64::sin, 1.5),
        ("cos", f64::cos, 1.5),
    ];

    fn run<T: Element>(level: Level, function: usize, x: &[T]) -> Vec<T> {
        let mut y = vec![T::ZERO; x.len()];
        // SAFETY: the level is available.
        unsafe { dispatch(level, Run { function, x, y: &mut y }) };
        y
    }

    /// Distance in units in the last place of `want` rounded to single precision.
    fn ulps(got: f32, want: f64) -> f64 {
        let rounded = want as f32;
        if got == rounded || (got.is_nan() && rounded.is_nan()) {
            return if got.is_finite() {
                (f64::from(got) - want).abs() / ulp(rounded)
            } else {
                0.0
            };
        }
        (f64::from(got) - want).abs() / ulp(rounded)
    }

    fn ulp(x: f32) -> f64 {
        let exponent = ((x.abs().to_bits() >> 23) as i32).clamp(1, 254);
        f64::from(exponent - 150).exp2()
    }

    /// Every `step`-th bit pattern.
    fn sweep(step: usize) -> Vec<f32> {
        let mut bits: Vec<f32> = (0..=u32::MAX).step_by(step).map(f32::from_bits).collect();
        bits.resize(bits.len().next_multiple_of(LANES), 1.0);
        bits
    }

    #[test]
    fn single_precision_is_within_its_bounds() {
        let x = sweep(9973);
        for (function, (name, definition, bound)) in FUNCTIONS.into_iter().enumerate() {
            let got = run(Level::detect(), function, &x);
            let mut worst = (0.0, 0.0, 0.0);
            for (&x, &got) in x.iter().zip(&got) {
                let error = ulps(got, definition(f64::from(x)));
                assert!(!error.is_nan(), "{name}({x:?}) = {got:?}");
                if error > worst.0 {
                    worst = (error, x, got);
                }
            }
            let (error, x, got) = worst;
            println!("{name}: {error:.3} at {x:?}");
            assert!(error <= bound, "{name}({x:?}) = {got:?}, off by {error} units");
        }
    }

    #[test]
    fn all_levels_give_the_same_bits() {
        let x = sweep(99_991);
        for (function, (name, ..)) in FUNCTIONS.into_iter().enumerate() {
            let want = run(Level::Portable, function, &x);
            for level in Level::available() {
                let got = run(level, function, &x);
                for ((&x, &got), &want) in x.iter().zip(&got).zip(&want) {
                    let same = got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan());
                    assert!(same, "{level:?}: {name}({x:?}) = {got:?}, expected {want:?}");
                }
            }
        }
    }

    #[test]
    fn special_values() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let table: [(usize, &[(f64, f64)]); 9] = [
            (0, &[(0.0, 1.0), (-0.0, 1.0), (inf, inf), (-inf, 0.0), (200.0, inf), (-200.0, 0.0)]),
            (1, &[(1.0, 0.0), (0.0, -inf), (-0.0, -inf), (inf, inf), (-1.0, nan), (-inf, nan)]),
            (2, &[(0.0, 0.0), (-0.0, -0.0), (-1.0, -inf), (-2.0, nan), (inf, inf), (-inf, nan)]),
            (3, &[(0.0, 0.0), (-0.0, -0.0), (inf, inf), (-inf, -1.0), (200.0, inf), (-90.0, -1.0)]),
            (4, &[(0.0, 0.0), (-0.0, -0.0), (inf, 1.0), (-inf, -1.0), (20.0, 1.0)]),
            (5, &[(0.0, 0.5), (-0.0, 0.5), (inf, 1.0), (-inf, 0.0), (-200.0, 0.0), (90.0, 1.0)]),
            (6, &[(0.0, 0.0), (-0.0, -0.0), (inf, 1.0), (-inf, -1.0), (9.0, 1.0)]),
            (7, &[(0.0, 0.0), (-0.0, -0.0), (inf, nan), (-inf, nan)]),
            (8, &[(0.0, 1.0), (-0.0, 1.0), (inf, nan), (-inf, nan)]),
        ];
        for level in Level::available() {
            for (function, values) in table {
                for &(x, want) in values.iter().chain(&[(nan, nan)]) {
                    let name = FUNCTIONS[function].0;
                    let got = run(level, function, &[x as f32; LANES])[LANES - 1];
                    let same = got.to_bits() == (want as f32).to_bits() || got.is_nan();
                    assert!(same && got.is_nan() == want.is_nan(), "{level:?} {name}({x}) = {got}");
                    if x.abs() != 200.0 {
                        let got = run(level, function, &[x; LANES])[0];
                        let same = (got - want).abs() < 1e-15 || got == want || want.is_nan();
                        assert!(same && got.is_nan() == want.is_nan(), "{name}({x}) = {got}");
                    }
                }
            }
        }
    }

    #[test]
    fn small_results_are_denormal_not_zero() {
        for level in Level::available() {
            for x in [-87.5_f32, -90.0, -100.0, -103.0] {
                let want = f64::from(x).exp() as f32;
                assert!(want > 0.0 && want < f32::MIN_POSITIVE);
                assert_eq!(run(level, 0, &[x; LANES])[3], want, "{level:?} exp({x})");
                assert_eq!(run(level, 5, &[x; LANES])[3], want, "{level:?} sigmoid({x})");
            }
        }
    }

    /// x / (√y + ε).
    struct DivSqrt<'a> {
        x: &'a [f32],
        y: &'a [f32],
        eps: f32,
        out: &'a mut [f32],
    }

    impl Work<f32> for DivSqrt<'_> {
        type Output = ();

        #[inline(always)]
        unsafe fn run<V: Elementary<Scalar = f32>>(self) {
            for i in (0..self.x.len()).step_by(V::N) {
                // SAFETY: the slices have equal lengths, multiples of `LANES`.
                unsafe {
                    let (x, y) = (V::load(&raw const self.x[i]), V::load(&raw const self.y[i]));
                    x.div_sqrt(y, V::splat(self.eps)).store(&raw mut self.out[i]);
                }
            }
        }
    }

    fn div_sqrt(level: Level, x: &[f32], y: &[f32], eps: f32) -> Vec<f32> {
        let mut out = vec![0.0; x.len()];
        // SAFETY: the level is available.
        unsafe { dispatch(level, DivSqrt { x, y, eps, out: &mut out }) };
        out
    }

    #[test]
    fn division_by_a_root() {
        // All nonnegative y, and x that keep the result in range.
        let y: Vec<f32> = sweep(9973).into_iter().map(f32::abs).collect();
        let x: Vec<f32> = y.iter().map(|y| 0.3 + (y.to_bits() % 1000) as f32 * 0.01).collect();
        for eps in [1e-11, 1e-8, 1e-3, 1.0, 1e10] {
            let want = div_sqrt(Level::Portable, &x, &y, eps);
            let mut worst = 0.0_f64;
            for level in Level::available() {
                let got = div_sqrt(level, &x, &y, eps);
                for i in 0..x.len() {
                    let exact = f64::from(x[i]) / (f64::from(y[i]).sqrt() + f64::from(eps));
                    let same = got[i].to_bits() == want[i].to_bits() || got[i].is_nan();
                    assert!(same, "{level:?}: {} / (√{} + {eps}) = {}", x[i], y[i], got[i]);
                    assert_eq!(got[i].is_nan(), exact.is_nan(), "{} / (√{})", x[i], y[i]);
                    if !exact.is_nan() {
                        worst = worst.max(ulps(got[i], exact));
                    }
                }
            }
            println!("div_sqrt with ε = {eps}: {worst:.3}");
            assert!(worst <= 3.0, "ε = {eps}: {worst} units");
        }
    }

    #[test]
    fn division_by_the_root_of_special_values() {
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        let table = [
            (1.0, 0.0, 1e8),
            (0.0, 0.0, 0.0),
            (-1.0, 1e-45, -1e8),
            (1.0, inf, 0.0),
            (1.0, -1.0, nan),
            (1.0, nan, nan),
            (nan, 1.0, nan),
            (inf, 1.0, inf),
            (-inf, 0.0, -inf),
            (1.0, f32::MAX, 5.421_011e-20),
            (1.0, -0.0, 1e8),
        ];
        for level in Level::available() {
            for (x, y, want) in table {
                let got = div_sqrt(level, &[x; LANES], &[y; LANES], 1e-8)[LANES - 1];
                let close = got == want || (got - want).abs() <= 3e-7 * want.abs();
                assert!(close || (got.is_nan() && want.is_nan()), "{level:?} {x} / (√{y}) = {got}");
            }
        }
    }
}
