//! The curvature of a surface in many dimensions, from products of its Hessian with vectors alone.

use spusk_graph::GraphError;

use crate::data::random;
use crate::eigen::lanczos::{Krylov, MOST_BYTES, Symmetric, affordable, unit};

/// How the eigenvalues of a matrix are spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Density {
    /// Places of the spectrum, each with its share of all eigenvalues; shares add up to 1.
    pub nodes: Vec<(f64, f64)>,
    /// The sum of all eigenvalues (Hutchinson 1990), as an estimate.
    pub trace: f64,
    /// The standard error of the trace; NaN with one probe.
    pub trace_error: f64,
    /// Random vectors that were used.
    pub probes: usize,
    /// Products with the Hessian that it took.
    pub products: usize,
}

impl Density {
    /// The density at a place, every node blurred to a Gaussian of standard deviation `width`.
    #[must_use]
    pub fn at(&self, place: f64, width: f64) -> f64 {
        let bell =
            |(node, share): &(f64, f64)| share * (-((place - node) / width).powi(2) / 2.0).exp();
        self.nodes.iter().map(bell).sum::<f64>() / (width * std::f64::consts::TAU.sqrt())
    }
}

/// Spectral density by stochastic Lanczos quadrature (Golub & Welsch 1969; Ubaru, Chen & Saad 2017) and
/// the trace, from `probes` vectors of random signs with `steps` steps each.
///
/// The quadrature of a probe has the eigenvalues of T as nodes and the squares of the first elements of
/// their vectors as weights. The first step of a probe v gives vᵀHv, whose mean is the trace.
///
/// # Errors
/// If a product cannot be computed.
pub(crate) fn density(
    matrix: &mut impl Symmetric,
    probes: usize,
    steps: usize,
    seed: u64,
) -> Result<Density, GraphError> {
    let size = matrix.size();
    let steps = affordable(steps, size, MOST_BYTES);
    let key = random::key(seed, "spectrum");
    let (mut nodes, mut traces, mut products) = (Vec::new(), Vec::new(), 0);
    for probe in 0..probes.max(1) {
        let sign = |i: usize| match random::word(key, (probe * size + i) as u64) >> 63 {
            0 => 1.0,
            _ => -1.0,
        };
        let krylov = Krylov::new(matrix, unit((0..size).map(sign).collect()), steps, |_| false)?;
        products += krylov.basis.len();
        traces.push(krylov.diagonal[0] * size as f64);
        let (values, vectors, _) = krylov.solve();
        let share = |v: &Vec<f64>| v[0] * v[0] / probes.max(1) as f64;
        nodes.extend(values.into_iter().zip(vectors.iter().map(share)));
    }
    nodes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = traces.len() as f64;
    let trace = traces.iter().sum::<f64>() / n;
    let spread: f64 = traces.iter().map(|t| (t - trace).powi(2)).sum();
    let trace_error = if traces.len() > 1 { (spread / (n - 1.0) / n).sqrt() } else { f64::NAN };
    Ok(Density { nodes, trace, trace_error, probes: traces.len(), products })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eigen::lanczos::tests::Known;

    #[test]
    fn density_has_the_moments_of_the_spectrum() {
        let values: Vec<f64> = (0..500).map(|i| (f64::from(i) / 50.0).sin() + 0.5).collect();
        let mean = values.iter().sum::<f64>() / 500.0;
        let square = values.iter().map(|x| x * x).sum::<f64>() / 500.0;
        let found = density(&mut Known::new(values.clone()), 12, 30, 5).expect("it cannot fail");
        let moment =
            |power: i32| found.nodes.iter().map(|(x, share)| share * x.powi(power)).sum::<f64>();
        assert!((moment(0) - 1.0).abs() < 1e-12);
        assert!((moment(1) * 500.0 - found.trace).abs() < 1e-9, "the same first moment");
        // Four standard errors; a wrong scale or a lost probe would be far outside.
        let off = (found.trace - 500.0 * mean).abs();
        assert!(off < 4.0 * found.trace_error && found.trace_error < 30.0, "{found:?}");
        assert!((moment(2) / square - 1.0).abs() < 0.1, "{} {square}", moment(2));
        let whole: f64 =
            (0..4000).map(|i| found.at(-2.0 + f64::from(i) / 800.0, 0.05) / 800.0).sum();
        assert!((whole - 1.0).abs() < 1e-3, "{whole}");
    }
}
