//! Double precision: one element after the other.

use super::{each, each_pair};
use crate::simd::Vector;

macro_rules! by_element {
    ($($name:ident = $f:expr;)*) => {$(
        #[inline(always)]
        pub(super) fn $name<V: Vector<Scalar = f64>>(x: V) -> V {
            each(x, $f)
        }
    )*};
}

by_element! {
    exp = f64::exp;
    log = f64::ln;
    log1p = f64::ln_1p;
    expm1 = f64::exp_m1;
    tanh = f64::tanh;
    sigmoid = sigmoid_of;
    erf = erf_of;
    sin = f64::sin;
    cos = f64::cos;
}

#[inline(always)]
pub(super) fn pow<V: Vector<Scalar = f64>>(x: V, b: V) -> V {
    each_pair(x, b, f64::powf)
}

#[inline(always)]
pub(super) fn div_sqrt<V: Vector<Scalar = f64>>(x: V, y: V, eps: V) -> V {
    x.div(y.sqrt().add(eps))
}

/// Of -|x|, so that nothing overflows on the way.
pub(super) fn sigmoid_of(x: f64) -> f64 {
    let z = (-x.abs()).exp();
    if x < 0.0 { z / (1.0 + z) } else { 1.0 / (1.0 + z) }
}

/// The error function, within 1e-15, relative.
///
/// Below 3 the series 2x/√π e^{-x²} Σ (2x²)ⁿ / (1·3·5···(2n+1)), all of whose terms are positive;
/// above, 1 - erfc by Laplace's continued fraction (Abramowitz & Stegun 7.1.6 and 7.1.14).
pub(super) fn erf_of(x: f64) -> f64 {
    let a = x.abs();
    let value = if a.is_nan() {
        a
    } else if a < 3.0 {
        let (mut term, mut sum, mut odd) = (1.0, 1.0, 1.0);
        while term > 1e-18 * sum {
            odd += 2.0;
            term *= 2.0 * a * a / odd;
            sum += term;
        }
        std::f64::consts::FRAC_2_SQRT_PI * a * (-a * a).exp() * sum
    } else if a < 6.0 {
        let fraction = (1..=60).rev().fold(a, |fraction, k| a + f64::from(k) * 0.5 / fraction);
        1.0 - (-a * a).exp() / (fraction * std::f64::consts::PI.sqrt())
    } else {
        1.0
    };
    value.copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_function_is_its_integral() {
        // Simpson's rule for 2/√π ∫ e^{-t²}, in steps of 1/1024.
        let f = |t: f64| std::f64::consts::FRAC_2_SQRT_PI * (-t * t).exp();
        let h = 1.0 / 1024.0;
        let mut integral = 0.0;
        for i in 0..7 * 512 {
            let a = f64::from(i) * 2.0 * h;
            integral += h / 3.0 * (f(a) + 4.0 * f(a + h) + f(a + 2.0 * h));
            let x = a + 2.0 * h;
            assert!((erf_of(x) - integral).abs() < 2e-13, "erf({x}) = {}", erf_of(x));
            assert_eq!(erf_of(-x), -erf_of(x));
        }
    }

    #[test]
    fn the_error_function_near_zero_and_known_values() {
        // To twenty digits: Abramowitz & Stegun, table 7.1, and its continuation.
        let table = [
            (0.0, 0.0),
            (1e-300, 1.128_379_167_095_512_6e-300),
            (0.5, 0.520_499_877_813_046_5),
            (1.0, 0.842_700_792_949_714_9),
            (2.0, 0.995_322_265_018_952_7),
            (2.999_999, 0.999_977_909_363_747_9),
            (3.0, 0.999_977_909_503_001_4),
            (4.0, 0.999_999_984_582_742_1),
            (7.0, 1.0),
            (f64::INFINITY, 1.0),
        ];
        for (x, want) in table {
            let got = erf_of(x);
            assert!((got - want).abs() <= 1e-15 * want, "erf({x}) = {got}, expected {want}");
        }
        assert!(erf_of(f64::NAN).is_nan());
        assert!(erf_of(-0.0).is_sign_negative());
    }

    #[test]
    fn sigmoid_at_the_ends() {
        assert_eq!(sigmoid_of(0.0), 0.5);
        assert_eq!(sigmoid_of(f64::INFINITY), 1.0);
        assert_eq!(sigmoid_of(f64::NEG_INFINITY), 0.0);
        assert_eq!(sigmoid_of(-700.0), (-700.0_f64).exp());
        assert!(sigmoid_of(f64::NAN).is_nan());
    }
}
