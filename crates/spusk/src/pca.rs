//! Principal component analysis: the linear code with the least error, to compare others with.
//!
//! Hotelling 1933, "Analysis of a complex of statistical variables into principal components".

use spusk_graph::{GraphError, Plan, PlanSpec, State, StateLayout, Team, Trace};

use crate::data::random;
use crate::eigen::{dot, make_orthogonal, tridiagonal};

/// Up to so many inputs the covariance is kept; of more, so many rows are.
const WIDEST: usize = 2048;

/// Rows that are multiplied at once.
const ROWS: usize = 512;

/// A row of a data set by its number: fills a slice with its inputs.
pub type RowOf<'a, E> = dyn FnMut(usize, &mut [f32]) -> Result<(), E> + 'a;

/// The main directions of some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// The rows' mean.
    pub mean: Vec<f64>,
    /// Orthonormal directions, that of the largest variance first. Of each, the number of largest
    /// size is positive, so that two fits agree.
    pub components: Vec<Vec<f64>>,
    /// The variance along each.
    pub variances: Vec<f64>,
    /// Rows that it was fitted to.
    pub rows: usize,
}

/// A symmetric matrix, by what it makes of a vector.
trait Symmetric {
    fn apply(&self, x: &[f64], y: &mut [f64]);
}

impl Pca {
    /// The `count` main directions of `rows` rows of `width` inputs.
    ///
    /// Up to 2048 inputs all rows count, through their covariance in double precision; of wider rows
    /// an even choice of at most 2048 does, and no matrix of width × width stands in memory.
    ///
    /// # Errors
    /// If a row cannot be read.
    pub fn fit<E: From<GraphError>>(
        rows: usize,
        width: usize,
        count: usize,
        threads: usize,
        row_of: &mut RowOf<'_, E>,
    ) -> Result<Pca, E> {
        let count = count.min(width).min(rows);
        if width <= WIDEST {
            let covariance = Covariance::of(rows, width, threads, row_of)?;
            let (components, variances) = leading(&covariance, width, count);
            return Ok(Pca { mean: covariance.mean, components, variances, rows });
        }
        let chosen = Chosen::of(rows, width, row_of)?;
        let (components, variances) = leading(&chosen, width, count.min(chosen.rows));
        Ok(Pca { mean: chosen.mean, components, variances, rows: chosen.rows })
    }

    /// The row's code: its deviation from the mean along each direction.
    #[must_use]
    pub fn encode(&self, row: &[f32]) -> Vec<f64> {
        let along = |component: &Vec<f64>| {
            let terms = row.iter().zip(&self.mean).zip(component);
            terms.map(|((&x, mean), c)| (f64::from(x) - mean) * c).sum()
        };
        self.components.iter().map(along).collect()
    }

    /// The row that a code stands for.
    #[must_use]
    pub fn decode(&self, code: &[f64]) -> Vec<f64> {
        let mut row = self.mean.clone();
        for (component, along) in self.components.iter().zip(code) {
            row.iter_mut().zip(component).for_each(|(x, c)| *x += along * c);
        }
        row
    }

    /// The mean square of what the code loses of a row: |x − mean|² is the code's and the lost part's.
    #[must_use]
    pub fn row_error(&self, row: &[f32]) -> f64 {
        let away = row.iter().zip(&self.mean).map(|(&x, mean)| (f64::from(x) - mean).powi(2));
        let kept = self.encode(row).iter().map(|along| along * along).sum::<f64>();
        (away.sum::<f64>() - kept).max(0.0) / row.len().max(1) as f64
    }
}

/// The covariance of all rows.
struct Covariance {
    mean: Vec<f64>,
    values: Vec<f64>,
}

impl Covariance {
    fn of<E: From<GraphError>>(
        rows: usize,
        width: usize,
        threads: usize,
        row_of: &mut RowOf<'_, E>,
    ) -> Result<Covariance, E> {
        let (mut sums, mut values) = (vec![0.0; width], vec![0.0; width * width]);
        let trace = Trace::new();
        // Padding rows are 0 and add nothing, so one plan serves all batches.
        let x = trace.input("x", &[ROWS, width]);
        let products = x.transpose_last().matmul(x);
        let mut spec = PlanSpec::default();
        spec.output("products", trace.value(products)?);
        let layout = StateLayout::new([]);
        let plan: Plan<f64> = Plan::compile(&trace.graph(), &spec, &layout)?;
        let (mut work, mut state) = (plan.workspace(), State::new(&layout));
        let mut team = Team::new(threads);
        let mut row = vec![0.0; width];
        // Deviations from the first row are small where all rows are far from 0.
        let mut origin: Vec<f64> = Vec::new();
        for start in (0..rows).step_by(ROWS) {
            let batch = work.input_mut("x")?;
            batch.fill(0.0);
            for (number, batch) in (start..rows.min(start + ROWS)).zip(batch.chunks_mut(width)) {
                row_of(number, &mut row)?;
                if origin.is_empty() {
                    origin = row.iter().map(|&x| f64::from(x)).collect();
                }
                for (i, to) in batch.iter_mut().enumerate() {
                    *to = f64::from(row[i]) - origin[i];
                    sums[i] += *to;
                }
            }
            plan.run(&mut team, &mut state, &mut work);
            let products = plan.output("products", &state, &work)?;
            values.iter_mut().zip(products).for_each(|(value, product)| *value += product);
        }
        let n = rows.max(1) as f64;
        sums.iter_mut().for_each(|sum| *sum /= n);
        for (i, line) in values.chunks_mut(width).enumerate() {
            for (value, mean) in line.iter_mut().zip(&sums) {
                *value = *value / n - sums[i] * mean;
            }
        }
        let mean = sums.iter().zip(&origin).map(|(away, origin)| away + origin).collect();
        Ok(Covariance { mean, values })
    }
}

impl Symmetric for Covariance {
    fn apply(&self, x: &[f64], y: &mut [f64]) {
        for (y, line) in y.iter_mut().zip(self.values.chunks(x.len())) {
            *y = dot(line, x);
        }
    }
}

/// Some rows, less their mean; their covariance is applied row by row.
struct Chosen {
    mean: Vec<f64>,
    rows: usize,
    values: Vec<f32>,
}

impl Chosen {
    fn of<E>(rows: usize, width: usize, row_of: &mut RowOf<'_, E>) -> Result<Chosen, E> {
        // 64 MiB of rows, and more rows than directions.
        let most = ((16 << 20) / width).clamp(256, WIDEST).min(rows);
        let mut values = vec![0.0; most * width];
        for (i, row) in values.chunks_mut(width).enumerate() {
            row_of(i * rows / most.max(1), row)?;
        }
        let mut mean = vec![0.0; width];
        for row in values.chunks(width) {
            mean.iter_mut().zip(row).for_each(|(mean, &x)| *mean += f64::from(x));
        }
        mean.iter_mut().for_each(|mean| *mean /= most.max(1) as f64);
        for row in values.chunks_mut(width) {
            row.iter_mut().zip(&mean).for_each(|(x, mean)| *x = (f64::from(*x) - mean) as f32);
        }
        Ok(Chosen { mean, rows: most, values })
    }
}

impl Symmetric for Chosen {
    fn apply(&self, x: &[f64], y: &mut [f64]) {
        y.fill(0.0);
        for row in self.values.chunks(x.len()) {
            let along: f64 = row.iter().zip(x).map(|(&a, b)| f64::from(a) * b).sum();
            let share = along / self.rows as f64;
            y.iter_mut().zip(row).for_each(|(y, &a)| *y += share * f64::from(a));
        }
    }
}

/// The eigenvectors of the `count` largest eigenvalues, and these.
///
/// Lanczos 1950 with every new vector made orthogonal to all before it, twice, so that no rounding
/// brings an old direction back; where the space of the start vector is used up, it goes on from a
/// new one, so that equal eigenvalues are found as often as they occur. It ends when the residuals of
/// all wanted pairs are below 10⁻⁹ of the largest eigenvalue.
fn leading(matrix: &impl Symmetric, width: usize, count: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let (mut diagonal, mut below): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut product = vec![0.0; width];
    let mut next = start_vector(width, 0, &basis);
    let mut check_at = (2 * count + 24).min(width);
    while let Some(vector) = next.take() {
        matrix.apply(&vector, &mut product);
        diagonal.push(dot(&vector, &product));
        basis.push(vector);
        let mut rest = product.clone();
        make_orthogonal(&mut rest, &basis);
        let length = dot(&rest, &rest).sqrt();
        let scale = diagonal.iter().fold(0.0_f64, |most, &d| most.max(d.abs()));
        let size = basis.len();
        if length > 1e-12 * scale {
            rest.iter_mut().for_each(|x| *x /= length);
            below.push(length);
            next = Some(rest);
        } else {
            below.push(0.0);
            next = start_vector(width, size as u64, &basis);
            // A new random vector that becomes 0 says that nothing varies in what is left.
            let is_new = size == 1 || below[size - 2] == 0.0;
            if is_new && diagonal[size - 1] <= 1e-12 * scale && size >= count {
                next = None;
            }
        }
        if size == width {
            next = None;
        }
        if size == check_at || next.is_none() {
            let (values, vectors) = tridiagonal(&diagonal, &below);
            let off = |j: usize| below[size - 1] * vectors[j][size - 1].abs();
            let largest = values.first().copied().unwrap_or(0.0).abs();
            let done =
                (0..count.min(size)).all(|j| off(j) <= 1e-9 * largest) && below[size - 1] > 0.0;
            if done || next.is_none() {
                return ritz(&basis, values, &vectors, count);
            }
            check_at = (size + size / 2 + 8).min(width);
        }
    }
    (Vec::new(), Vec::new())
}

/// Eigenvectors in the whole space from those in the basis.
fn ritz(
    basis: &[Vec<f64>],
    values: Vec<f64>,
    vectors: &[Vec<f64>],
    count: usize,
) -> (Vec<Vec<f64>>, Vec<f64>) {
    let width = basis.first().map_or(0, Vec::len);
    let whole = |weights: &Vec<f64>| {
        let mut vector = vec![0.0; width];
        for (weight, direction) in weights.iter().zip(basis) {
            vector.iter_mut().zip(direction).for_each(|(x, d)| *x += weight * d);
        }
        let largest = vector.iter().fold(0.0_f64, |a, &b| if b.abs() > a.abs() { b } else { a });
        if largest < 0.0 {
            vector.iter_mut().for_each(|x| *x = -*x);
        }
        vector
    };
    let components = vectors.iter().take(count).map(whole).collect();
    (components, values.into_iter().take(count).map(|value| value.max(0.0)).collect())
}

/// A unit vector that is orthogonal to a basis; none if the basis fills the space.
fn start_vector(width: usize, number: u64, basis: &[Vec<f64>]) -> Option<Vec<f64>> {
    let key = random::key(number, "pca");
    let mut vector: Vec<f64> = (0..width as u64).map(|i| random::normal(key, i)).collect();
    make_orthogonal(&mut vector, basis);
    let length = dot(&vector, &vector).sqrt();
    if length < 1e-6 || basis.len() >= width {
        return None;
    }
    vector.iter_mut().for_each(|x| *x /= length);
    Some(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows with the given variances along turned axes, around a mean far from 0.
    fn rows(count: usize, deviations: &[f64]) -> Vec<Vec<f32>> {
        let width = deviations.len();
        let mut axes: Vec<Vec<f64>> = Vec::new();
        for i in 0..width {
            axes.push(start_vector(width, 100 + i as u64, &axes).expect("room is left"));
        }
        let key = random::key(5, "rows");
        let row = |n: usize| {
            let mut row = vec![10.0; width];
            for (i, (axis, deviation)) in axes.iter().zip(deviations).enumerate() {
                let along = deviation * random::normal(key, (n * width + i) as u64);
                row.iter_mut().zip(axis).for_each(|(x, a)| *x += along * a);
            }
            row.into_iter().map(|x| x as f32).collect()
        };
        (0..count).map(row).collect()
    }

    fn fit(rows: &[Vec<f32>], count: usize) -> Pca {
        let mut row_of = |i: usize, to: &mut [f32]| {
            to.copy_from_slice(&rows[i]);
            Ok::<(), GraphError>(())
        };
        Pca::fit(rows.len(), rows[0].len(), count, 1, &mut row_of).expect("rows can be read")
    }

    /// The covariance by its definition.
    fn covariance(rows: &[Vec<f32>]) -> Vec<Vec<f64>> {
        let (n, width) = (rows.len() as f64, rows[0].len());
        let mean = |i: usize| rows.iter().map(|row| f64::from(row[i])).sum::<f64>() / n;
        let means: Vec<f64> = (0..width).map(mean).collect();
        let element = |i: usize, j: usize| {
            let term =
                |row: &Vec<f32>| (f64::from(row[i]) - means[i]) * (f64::from(row[j]) - means[j]);
            rows.iter().map(term).sum::<f64>() / n
        };
        (0..width).map(|i| (0..width).map(|j| element(i, j)).collect()).collect()
    }

    #[test]
    fn directions_are_eigenvectors_of_the_covariance() {
        // Two pairs of equal deviations, and directions without any.
        for deviations in [&[5.0, 3.0, 3.0, 1.0, 0.5, 0.5, 0.1][..], &[2.0, 1.0, 0.0, 0.0, 0.0]] {
            let rows = rows(700, deviations);
            let covariance = covariance(&rows);
            for count in [1, 3, deviations.len()] {
                let pca = fit(&rows, count);
                assert_eq!(pca.components.len(), count);
                for (i, a) in pca.components.iter().enumerate() {
                    for (line, x) in covariance.iter().zip(a) {
                        let off = (dot(line, a) - pca.variances[i] * x).abs();
                        assert!(off < 1e-8 * pca.variances[0], "{off}");
                    }
                    for (j, b) in pca.components.iter().enumerate() {
                        let want = f64::from(u8::from(i == j));
                        assert!((dot(a, b) - want).abs() < 1e-10, "{i} {j}");
                    }
                    assert!(i == 0 || pca.variances[i] <= pca.variances[i - 1]);
                }
            }
        }
    }

    #[test]
    fn many_directions_are_found_by_few_steps() {
        let deviations: Vec<f64> = (0..120).map(|i| 0.93_f64.powi(i)).collect();
        let rows = rows(500, &deviations);
        let covariance = covariance(&rows);
        let pca = fit(&rows, 12);
        for (a, variance) in pca.components.iter().zip(&pca.variances) {
            let square = |(line, x): (&Vec<f64>, &f64)| (dot(line, a) - variance * x).powi(2);
            let off = covariance.iter().zip(a).map(square).sum::<f64>().sqrt();
            assert!(off < 1e-7 * pca.variances[0], "{off}");
        }
    }

    #[test]
    fn errors_are_those_of_what_is_given_back() {
        let rows = rows(300, &[3.0, 2.0, 1.0, 0.5]);
        let pca = fit(&rows, 2);
        let mut lost = 0.0;
        for row in &rows {
            let back = pca.decode(&pca.encode(row));
            let square = |(x, y): (&f32, &f64)| (f64::from(*x) - y).powi(2);
            let error = row.iter().zip(&back).map(square).sum::<f64>() / 4.0;
            assert!((error - pca.row_error(row)).abs() < 1e-9, "{error}");
            lost += error / 300.0;
        }
        // What two directions lose is the variance along the others.
        let all = fit(&rows, 4).variances;
        assert!((lost - (all[2] + all[3]) / 4.0).abs() < 1e-9, "{lost} {all:?}");
    }

    #[test]
    fn wide_rows_are_fitted_without_a_matrix() {
        let width = WIDEST + 3;
        let key = random::key(1, "wide");
        let mut row_of = |i: usize, to: &mut [f32]| {
            // One direction that varies, along the first two inputs, and a little noise.
            let along = random::normal(key, i as u64);
            to.fill(0.0);
            (to[0], to[1]) = ((3.0 * along) as f32, (4.0 * along) as f32);
            to[2] = (0.01 * random::normal(key, 1000 + i as u64)) as f32;
            Ok::<(), GraphError>(())
        };
        let pca = Pca::fit(60, width, 1, 1, &mut row_of).expect("rows can be read");
        let first = &pca.components[0];
        assert!(
            (first[0] - 0.6).abs() < 1e-4 && (first[1] - 0.8).abs() < 1e-4,
            "{:?}",
            &first[..3]
        );
    }

    #[test]
    fn no_rows_have_no_direction() {
        let mut none = |_: usize, _: &mut [f32]| Ok::<(), GraphError>(());
        let pca = Pca::fit(0, 3, 2, 1, &mut none).expect("nothing to read");
        assert!(pca.components.is_empty());
    }
}
