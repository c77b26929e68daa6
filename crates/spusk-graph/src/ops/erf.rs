use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// The error function, 2/√π ∫₀ˣ e^(-t²) dt; its derivative is 2/√π · e^(-x²).
    Erf, "erf", erf, Lowering::Unary(TileUnary::Erf), -2.0..2.0,
    |x, y, g| Vjp::all([g * std::f64::consts::FRAC_2_SQRT_PI * (-(x * x)).exp()])
);

/// By its series up to 3 and the continued fraction of erfc beyond, both in f64.
///
/// Abramowitz and Stegun 1964, 7.1.6 and 7.1.14.
fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let a = x.abs();
    if a < 3.0 {
        let (mut term, mut sum, mut n) = (a, a, 0.0);
        while term.abs() > 1e-17 * sum.abs() && n < 200.0 {
            n += 1.0;
            term *= 2.0 * a * a / (2.0 * n + 1.0);
            sum += term;
        }
        return x.signum() * std::f64::consts::FRAC_2_SQRT_PI * (-a * a).exp() * sum;
    }
    let fraction = (1..=60).rev().fold(a, |tail, k| a + f64::from(k) / 2.0 / tail);
    let erfc = (-a * a).exp() / (fraction * std::f64::consts::PI.sqrt());
    x.signum() * (1.0 - erfc)
}

#[cfg(test)]
mod tests {
    #[test]
    fn erf_has_its_tabulated_values() {
        // Abramowitz and Stegun 1964, table 7.1.
        for (x, want) in [(0.0, 0.0), (0.5, 0.5204998778), (1.0, 0.8427007929), (2.0, 0.9953222650)]
        {
            assert!((super::erf(x) - want).abs() < 1e-10, "erf({x})");
            assert!((super::erf(-x) + want).abs() < 1e-10, "erf(-{x})");
        }
        assert!((super::erf(2.9999999) - super::erf(3.0000001)).abs() < 1e-10);
    }
}
