//! Elementary functions of whole vectors.

use crate::LANES;
use crate::simd::Vector;

/// The functions that a number format's vectors have.
pub trait Elementary: Vector {
    /// eˣ.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn log(self) -> Self;
    /// log(1 + x).
    fn log1p(self) -> Self;
    /// eˣ - 1.
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
    /// self / (√y + ε).
    #[inline(always)]
    fn div_sqrt(self, y: Self, eps: Self) -> Self {
        self.div(y.sqrt().add(eps))
    }
}

/// f of each element.
#[inline(always)]
fn each<V: Vector>(x: V, f: impl Fn(V::Scalar) -> V::Scalar) -> V {
    let mut values = [V::Scalar::default(); LANES];
    // SAFETY: `N ≤ LANES`.
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
    let (mut xs, mut ys) = ([V::Scalar::default(); LANES], [V::Scalar::default(); LANES]);
    // SAFETY: `N ≤ LANES`.
    unsafe {
        x.store(xs.as_mut_ptr());
        y.store(ys.as_mut_ptr());
        for (x, &y) in xs[..V::N].iter_mut().zip(&ys) {
            *x = f(*x, y);
        }
        V::load(xs.as_ptr())
    }
}

/// The error function in double precision: within 1e-15, relative.
///
/// Below 3 the series 2x/√π e^{-x²} Σ (2x²)ⁿ / (1·3·5···(2n+1)), all of whose terms are positive;
/// above, 1 - erfc by Laplace's continued fraction.
pub(crate) fn erf(x: f64) -> f64 {
    let a = x.abs();
    let value = if a.is_nan() {
        return x;
    } else if a < 3.0 {
        let mut term = 1.0;
        let mut sum = 1.0;
        let mut odd = 1.0;
        while term > 1e-18 * sum {
            odd += 2.0;
            term *= 2.0 * a * a / odd;
            sum += term;
        }
        std::f64::consts::FRAC_2_SQRT_PI * a * (-a * a).exp() * sum
    } else if a < 6.0 {
        let mut fraction = a;
        for k in (1..=60).rev() {
            fraction = a + f64::from(k) * 0.5 / fraction;
        }
        1.0 - (-a * a).exp() / (fraction * std::f64::consts::PI.sqrt())
    } else {
        1.0
    };
    value.copysign(x)
}

macro_rules! per_element {
    ($($vector:ty),*) => {$(
        impl Elementary for $vector {
            #[inline(always)]
            fn exp(self) -> Self { each(self, |x| x.exp()) }
            #[inline(always)]
            fn log(self) -> Self { each(self, |x| x.ln()) }
            #[inline(always)]
            fn log1p(self) -> Self { each(self, |x| x.ln_1p()) }
            #[inline(always)]
            fn expm1(self) -> Self { each(self, |x| x.exp_m1()) }
            #[inline(always)]
            fn tanh(self) -> Self { each(self, |x| x.tanh()) }
            #[inline(always)]
            fn sigmoid(self) -> Self { each(self, |x| 1.0 / (1.0 + (-x).exp())) }
            #[inline(always)]
            fn erf(self) -> Self { each(self, |x| erf(x.into()) as _) }
            #[inline(always)]
            fn sin(self) -> Self { each(self, |x| x.sin()) }
            #[inline(always)]
            fn cos(self) -> Self { each(self, |x| x.cos()) }
            #[inline(always)]
            fn pow(self, b: Self) -> Self { each_pair(self, b, |x, y| x.powf(y)) }
        }
    )*};
}

per_element!(crate::simd::Portable<f32, 4>, crate::simd::Portable<f64, 2>);
#[cfg(target_arch = "x86_64")]
per_element!(crate::simd::F32x8, crate::simd::F32x16, crate::simd::F64x4, crate::simd::F64x8);
