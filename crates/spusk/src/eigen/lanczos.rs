//! Eigenvalues of large symmetric matrices, from their products with vectors alone: Lanczos 1950.

use spusk_graph::GraphError;

use super::{dot, make_orthogonal, tridiagonal};
use crate::data::random;

/// What the vectors of a Krylov space may take, in bytes; fewer steps are made where they are long.
pub(crate) const MOST_BYTES: usize = 1 << 30;

/// Steps of which the vectors of `size` numbers fit into `bytes`, and four at least.
pub(crate) fn affordable(steps: usize, size: usize, bytes: usize) -> usize {
    steps.min(bytes / (8 * size.max(1))).max(4)
}

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
pub(crate) struct Krylov {
    pub(crate) basis: Vec<Vec<f64>>,
    pub(crate) diagonal: Vec<f64>,
    /// The last is that of the vector that would come next.
    below: Vec<f64>,
}

impl Krylov {
    /// Up to `steps` steps from a vector. Every new vector is made orthogonal to all before it, twice,
    /// so that no rounding brings an old direction back (Paige's ghosts).
    pub(crate) fn new(
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
    pub(crate) fn solve(&self) -> (Vec<f64>, Vec<Vec<f64>>, Vec<f64>) {
        let (values, vectors) = tridiagonal(&self.diagonal, &self.below);
        let last = self.below.last().copied().unwrap_or(0.0);
        let residual = |v: &Vec<f64>| last * v.last().copied().unwrap_or(0.0).abs();
        let residuals = vectors.iter().map(residual).collect();
        (values, vectors, residuals)
    }

    /// Σ of the basis, weighted: an eigenvector of T in the whole space.
    fn vector(&self, weights: &[f64]) -> Vec<f64> {
        let mut vector = vec![0.0; self.basis.first().map_or(0, Vec::len)];
        for (weight, direction) in weights.iter().zip(&self.basis) {
            vector.iter_mut().zip(direction).for_each(|(x, d)| *x += weight * d);
        }
        vector
    }

    /// The eigenvector of the matrix, with its residual as it is: that of T knows nothing of rounding.
    fn pair(
        &self,
        matrix: &mut impl Symmetric,
        value: f64,
        weights: &[f64],
    ) -> Result<Eigenpair, GraphError> {
        let vector = self.vector(weights);
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
    let steps = affordable(steps, size, MOST_BYTES);
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

/// How the ends of a spectrum are followed while the matrix changes little by little.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    /// Most products with the matrix.
    pub(crate) products: usize,
    /// What the residual of an eigenvalue may be, as a share of the largest size of one. The error of the
    /// value is about its square.
    pub(crate) residual: f64,
    /// Whether the smallest eigenvalue must be as good as the largest.
    pub(crate) both: bool,
    /// What the vectors may take; the search begins anew from the best one where they do not fit.
    pub(crate) bytes: usize,
}

/// The largest and the smallest eigenvalue that a search from a direction finds, which becomes the
/// vector of the largest one: a good start for the next search.
///
/// # Errors
/// If a product cannot be computed.
pub(crate) fn follow(
    matrix: &mut impl Symmetric,
    direction: &mut Vec<f64>,
    search: &Search,
) -> Result<(f64, f64), GraphError> {
    let size = matrix.size();
    let (mut left, mut smallest) = (search.products, f64::INFINITY);
    loop {
        let steps = affordable(left, size, search.bytes).min(left.max(1));
        let is_good = |values: &[f64], residuals: &[f64]| {
            let last = values.len() - 1;
            let most = search.residual * values[0].abs().max(values[last].abs());
            residuals[0] <= most && (!search.both || residuals[last] <= most)
        };
        let krylov = Krylov::new(matrix, unit(std::mem::take(direction)), steps, |krylov| {
            // One vector knows nothing of the other end.
            let (values, _, residuals) = krylov.solve();
            values.len() > usize::from(search.both) && is_good(&values, &residuals)
        })?;
        let (values, vectors, residuals) = krylov.solve();
        smallest = smallest.min(values[values.len() - 1]);
        *direction = krylov.vector(&vectors[0]);
        left = left.saturating_sub(krylov.basis.len());
        let is_whole = krylov.basis.len() < steps || krylov.basis.len() >= size;
        if left == 0 || is_whole || is_good(&values, &residuals) {
            return Ok((values[0], smallest));
        }
    }
}

pub(crate) fn unit(mut vector: Vec<f64>) -> Vec<f64> {
    let length = dot(&vector, &vector).sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Q·diag·Qᵀ with Q = I − 2wwᵀ, a known quadratic that is not diagonal.
    pub(crate) struct Known {
        values: Vec<f64>,
        mirror: Vec<f64>,
    }

    impl Known {
        pub(crate) fn new(values: Vec<f64>) -> Known {
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
    fn an_end_is_followed_in_few_products_and_little_memory() {
        let values =
            |top: f64| (0..300).map(move |i| if i == 7 { top } else { f64::from(i) / 100.0 - 1.0 });
        let search = Search { products: 30, residual: 0.1, both: false, bytes: 1 << 30 };
        let mut direction = unit((0..300).map(|i| if i % 3 == 0 { 1.0 } else { -1.0 }).collect());
        for search in [search, Search { bytes: 300 * 8 * 4, ..search }] {
            let mut known = Known::new(values(40.0).collect());
            let (largest, _) = follow(&mut known, &mut direction, &search).expect("it cannot fail");
            assert!((largest - 40.0).abs() < 0.01 * 40.0, "{largest}");
        }
        // The matrix has changed a little: two products are enough to see it.
        let mut known = Known::new(values(44.0).collect());
        let short = Search { products: 2, ..search };
        let (largest, _) = follow(&mut known, &mut direction, &short).expect("it cannot fail");
        assert!((largest - 44.0).abs() < 0.01 * 44.0, "{largest}");
        let both = Search { both: true, residual: 1e-5, products: 300, ..search };
        let (_, smallest) = follow(&mut known, &mut direction, &both).expect("it cannot fail");
        assert!((smallest + 1.0).abs() < 1e-3, "{smallest}");
    }
}
