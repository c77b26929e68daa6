//! The curvature of a surface in many dimensions, from products of its Hessian with vectors alone.

use spusk_graph::GraphError;

use crate::data::random;
use crate::eigen::{dot, make_orthogonal, tridiagonal};

/// What the vectors of a Krylov space may take, in bytes; fewer steps are made where they are long.
const MOST_BYTES: usize = 1 << 30;

/// A symmetric matrix, by what it makes of a vector.
pub(crate) trait Symmetric {
    /// Its number of rows.
    fn size(&self) -> usize;
    /// `result` = A·`v`.
    fn apply(&mut self, v: &[f64], result: &mut [f64]) -> Result<(), GraphError>;
}

/// An eigenvalue with its vector of length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigenpair {
    /// λ.
    pub value: f64,
    /// v with H·v ≈ λ·v.
    pub vector: Vec<f64>,
    /// ‖H·v − λ·v‖, computed for this v: some eigenvalue of H lies within this of λ.
    pub residual: f64,
}

/// What Lanczos' method has made of a matrix: T = VᵀHV, tridiagonal.
struct Krylov {
    basis: Vec<Vec<f64>>,
    diagonal: Vec<f64>,
    /// The last is that of the vector that would come next.
    below: Vec<f64>,
}

impl Krylov {
    /// Up to `steps` steps from a vector. Every new vector is made orthogonal to all before it, twice,
    /// so that no rounding brings an old direction back (Paige's ghosts).
    fn new(
        matrix: &mut impl Symmetric,
        start: Vec<f64>,
        steps: usize,
        mut done: impl FnMut(&Krylov) -> bool,
    ) -> Result<Krylov, GraphError> {
        let mut krylov = Krylov { basis: Vec::new(), diagonal: Vec::new(), below: Vec::new() };
        let mut product = vec![0.0; start.len()];
        let mut next = Some(start);
        while let Some(vector) = next.take() {
            matrix.apply(&vector, &mut product)?;
            krylov.diagonal.push(dot(&vector, &product));
            krylov.basis.push(vector);
            let mut rest = product.clone();
            make_orthogonal(&mut rest, &krylov.basis);
            let length = dot(&rest, &rest).sqrt();
            krylov.below.push(length);
            let scale = krylov.diagonal.iter().fold(0.0_f64, |most, &d| most.max(d.abs()));
            let is_more = length > 1e-12 * scale.max(f64::MIN_POSITIVE) && length.is_finite();
            if krylov.basis.len() < steps.min(matrix.size()) && is_more && !done(&krylov) {
                rest.iter_mut().for_each(|x| *x /= length);
                next = Some(rest);
            }
        }
        Ok(krylov)
    }

    /// Eigenvalues of T, the largest first, its eigenvectors, and the residual of each.
    fn solve(&self) -> (Vec<f64>, Vec<Vec<f64>>, Vec<f64>) {
        let (values, vectors) = tridiagonal(&self.diagonal, &self.below);
        let last = self.below.last().copied().unwrap_or(0.0);
        let residual = |v: &Vec<f64>| last * v.last().copied().unwrap_or(0.0).abs();
        let residuals = vectors.iter().map(residual).collect();
        (values, vectors, residuals)
    }

    /// The eigenvector of the matrix, with its residual as it is: that of T knows nothing of rounding.
    fn pair(
        &self,
        matrix: &mut impl Symmetric,
        value: f64,
        weights: &[f64],
    ) -> Result<Eigenpair, GraphError> {
        let mut vector = vec![0.0; matrix.size()];
        for (weight, direction) in weights.iter().zip(&self.basis) {
            vector.iter_mut().zip(direction).for_each(|(x, d)| *x += weight * d);
        }
        let mut product = vec![0.0; matrix.size()];
        matrix.apply(&vector, &mut product)?;
        let off = product.iter().zip(&vector).map(|(product, x)| (product - value * x).powi(2));
        Ok(Eigenpair { value, residual: off.sum::<f64>().sqrt(), vector })
    }
}

/// The ends of a spectrum.
#[derive(Debug, Clone, PartialEq)]
pub struct Extremes {
    /// The largest eigenvalues, the largest first.
    pub largest: Vec<Eigenpair>,
    /// The smallest one.
    pub smallest: Eigenpair,
    /// Products with the Hessian that it took.
    pub products: usize,
}

/// The `count` largest eigenvalues and the smallest one: Lanczos 1950 with full reorthogonalization.
///
/// It ends when all residuals are below `tolerance` times the largest size of an eigenvalue, or after
/// `steps` steps; the residuals say how far it came. Of equal eigenvalues one is found.
///
/// # Errors
/// If a product cannot be computed.
pub(crate) fn extremes(
    matrix: &mut impl Symmetric,
    count: usize,
    steps: usize,
    tolerance: f64,
    seed: u64,
) -> Result<Extremes, GraphError> {
    let size = matrix.size();
    let steps = steps.min(MOST_BYTES / (8 * size.max(1))).max(4);
    let key = random::key(seed, "eigenvalues");
    let start = unit((0..size as u64).map(|i| random::normal(key, i)).collect());
    let wanted = |n: usize| (0..count.min(n)).chain([n - 1]);
    let krylov = Krylov::new(matrix, start, steps, |krylov| {
        let n = krylov.basis.len();
        if n <= count || !n.is_multiple_of(5) {
            return false;
        }
        let (values, _, residuals) = krylov.solve();
        let scale = values[0].abs().max(values[n - 1].abs());
        wanted(n).all(|i| residuals[i] <= tolerance * scale)
    })?;
    let (values, vectors, _) = krylov.solve();
    let n = values.len();
    let mut pair = |i: usize| krylov.pair(matrix, values[i], &vectors[i]);
    let largest = (0..count.min(n)).map(&mut pair).collect::<Result<Vec<_>, _>>()?;
    let smallest = pair(n - 1)?;
    let products = n + largest.len() + 1;
    Ok(Extremes { largest, smallest, products })
}

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
    let steps = steps.min(MOST_BYTES / (8 * size.max(1))).max(4);
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

fn unit(mut vector: Vec<f64>) -> Vec<f64> {
    let length = dot(&vector, &vector).sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Q·diag·Qᵀ with Q = I − 2wwᵀ, a known quadratic that is not diagonal.
    struct Known {
        values: Vec<f64>,
        mirror: Vec<f64>,
    }

    impl Known {
        fn new(values: Vec<f64>) -> Known {
            let key = random::key(3, "mirror");
            let mirror = unit((0..values.len() as u64).map(|i| random::normal(key, i)).collect());
            Known { values, mirror }
        }

        fn reflect(&self, v: &mut [f64]) {
            let along = 2.0 * dot(v, &self.mirror);
            v.iter_mut().zip(&self.mirror).for_each(|(x, w)| *x -= along * w);
        }
    }

    impl Symmetric for Known {
        fn size(&self) -> usize {
            self.values.len()
        }

        fn apply(&mut self, v: &[f64], result: &mut [f64]) -> Result<(), GraphError> {
            result.copy_from_slice(v);
            self.reflect(result);
            result.iter_mut().zip(&self.values).for_each(|(x, value)| *x *= value);
            self.reflect(result);
            Ok(())
        }
    }

    #[test]
    fn the_ends_of_a_known_spectrum_are_found_with_their_vectors() {
        let values: Vec<f64> = (0..300)
            .map(|i| if i == 0 { 50.0 } else { 10.0 - 13.0 * f64::from(i) / 300.0 })
            .collect();
        let mut known = Known::new(values.clone());
        let found = extremes(&mut known, 3, 200, 1e-8, 1).expect("it cannot fail");
        let got: Vec<f64> = found.largest.iter().map(|pair| pair.value).collect();
        for (got, want) in got.iter().zip(&values).chain([(&found.smallest.value, &values[299])]) {
            assert!((got - want).abs() < 1e-6, "{got} {want}");
        }
        for pair in found.largest.iter().chain([&found.smallest]) {
            let mut product = vec![0.0; 300];
            known.apply(&pair.vector, &mut product).expect("it cannot fail");
            let off = product.iter().zip(&pair.vector).map(|(a, b)| (a - pair.value * b).powi(2));
            let off = off.sum::<f64>().sqrt();
            assert!((off - pair.residual).abs() < 1e-9, "{off} {}", pair.residual);
        }
    }

    #[test]
    fn few_steps_say_how_far_they_came() {
        let mut known = Known::new((0..400).map(f64::from).collect());
        let found = extremes(&mut known, 1, 12, 1e-8, 1).expect("it cannot fail");
        let first = &found.largest[0];
        assert_eq!(found.products, 12 + 2);
        assert!(first.residual > 1e-3 && (399.0 - first.value).abs() <= first.residual);
    }

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
