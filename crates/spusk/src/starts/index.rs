//! The index of the Hessian at a trained network: which share of its eigenvalues is negative.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use spusk_graph::GraphError;

use crate::data::Encoded;
use crate::eigen::lanczos::Symmetric;
use crate::eigen::{Tridiagonal, tridiagonalized};
use crate::landscape::{Derivative, RowsRequest, Subject, spectral_density};
use crate::metrics::json_number;
use crate::session::SessionError;

/// Eigenvalues nearer to 0 count as 0, as in the experiment of 2015.
pub const ZERO: f64 = 1e-3;

/// How the index is taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexRequest {
    /// Networks of each kind, the first ones.
    pub networks: usize,
    /// Training rows that the loss is taken over.
    pub rows: usize,
    /// Up to so many parameters the whole matrix is computed and counted; beyond, the share is estimated.
    pub dense: usize,
    /// Random vectors of an estimate.
    pub probes: usize,
    /// Steps of Lanczos' method with each.
    pub steps: usize,
}

/// What was found of a Hessian.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// The share of eigenvalues below −0.001.
    #[serde(with = "json_number")]
    pub negative: f64,
    /// The standard error of that over the random vectors; 0 if it was counted.
    #[serde(with = "json_number")]
    pub error: f64,
    /// The share of eigenvalues within ±0.001.
    #[serde(with = "json_number")]
    pub zero: f64,
    /// The smallest eigenvalue; of an estimate an upper bound of it.
    #[serde(with = "json_number")]
    pub smallest: f64,
    /// The largest one; of an estimate a lower bound of it.
    #[serde(with = "json_number")]
    pub largest: f64,
    /// Whether all eigenvalues were counted.
    pub counted: bool,
}

/// The Hessian as a matrix that multiplies, in double precision.
struct Hessian<'s>(Derivative<'s, f64>, usize);

impl Symmetric for Hessian<'_> {
    fn size(&self) -> usize {
        self.1
    }

    fn apply(&mut self, v: &[f64], result: &mut [f64]) -> Result<(), GraphError> {
        self.0.apply(v, result)
    }
}

/// The index at the weights of a subject, the loss taken over rows of a part.
///
/// With few parameters the matrix is made column by column and brought to tridiagonal form, whose
/// eigenvalues are counted by Sturm's theorem. With many, stochastic Lanczos quadrature estimates the share
/// (Ubaru, Chen & Saad 2017); the error is that of the random vectors.
///
/// # Errors
/// If the rows cannot be read.
pub fn index(
    subject: Subject,
    part: &Encoded,
    request: &IndexRequest,
    seed: u64,
) -> Result<Index, SessionError> {
    let subject = subject.with_rows(part, RowsRequest { rows: request.rows, seed })?;
    let size = subject.weights().len();
    let mut hessian = Hessian(Derivative::hessian(&subject, 1)?, size);
    Ok(match size <= request.dense {
        true => counted(&dense(&mut hessian)?, size),
        false => estimated(&mut hessian, request, seed)?,
    })
}

/// Seconds that [`index()`] will take on this thread: one product with the Hessian is timed, and for a whole
/// matrix the reduction of a small one, whose cost grows with the cube of its side.
///
/// # Errors
/// If the rows cannot be read.
pub(super) fn pace(
    subject: Subject,
    part: &Encoded,
    request: &IndexRequest,
    seed: u64,
) -> Result<f64, SessionError> {
    let subject = subject.with_rows(part, RowsRequest { rows: request.rows, seed })?;
    let size = subject.weights().len();
    let mut hessian = Hessian(Derivative::hessian(&subject, 1)?, size);
    let (unit, mut product) = (vec![1.0; size], vec![0.0; size]);
    // The first one touches memory for the first time.
    hessian.apply(&unit, &mut product)?;
    let started = Instant::now();
    hessian.apply(&unit, &mut product)?;
    let of_product = started.elapsed().as_secs_f64();
    if size > request.dense {
        return Ok(of_product * (request.probes.max(2) * request.steps) as f64);
    }
    let side = size.min(SMALL);
    let sample = (0..side * side).map(|k| 1.0 / (1 + k / side + k % side) as f64).collect();
    let started = Instant::now();
    let _ = tridiagonalized(sample, side);
    let times = (size as f64 / side.max(1) as f64).powi(3);
    Ok(of_product * size as f64 + started.elapsed().as_secs_f64() * times)
}

/// Side of the matrix whose reduction is timed.
const SMALL: usize = 300;

/// All columns, made equal to their mirror images, which rounding alone tells apart.
fn dense(matrix: &mut impl Symmetric) -> Result<Tridiagonal, GraphError> {
    let size = matrix.size();
    let mut all = vec![0.0; size * size];
    let mut unit = vec![0.0; size];
    for (column, values) in all.chunks_mut(size.max(1)).enumerate() {
        unit[column] = 1.0;
        matrix.apply(&unit, values)?;
        unit[column] = 0.0;
    }
    Ok(tridiagonalized(all, size))
}

fn counted(matrix: &Tridiagonal, size: usize) -> Index {
    let share = |count: usize| count as f64 / size.max(1) as f64;
    let (below, up_to) = (matrix.count_below(-ZERO), matrix.count_below(ZERO));
    let (smallest, largest) = matrix.ends();
    Index {
        negative: share(below),
        error: 0.0,
        zero: share(up_to - below),
        smallest,
        largest,
        counted: true,
    }
}

fn estimated(
    matrix: &mut impl Symmetric,
    request: &IndexRequest,
    seed: u64,
) -> Result<Index, GraphError> {
    let probes = request.probes.max(2);
    let (mut negative, mut zero) = (Vec::new(), 0.0);
    let (mut smallest, mut largest) = (f64::INFINITY, f64::NEG_INFINITY);
    for probe in 0..probes as u64 {
        let found = spectral_density(matrix, 1, request.steps, seed.wrapping_add(probe))?;
        let share = |holds: &dyn Fn(f64) -> bool| -> f64 {
            found.nodes.iter().filter(|node| holds(node.0)).map(|node| node.1).sum()
        };
        negative.push(share(&|value| value < -ZERO));
        zero += share(&|value| value.abs() <= ZERO) / probes as f64;
        smallest = found.nodes.iter().fold(smallest, |least, node| least.min(node.0));
        largest = found.nodes.iter().fold(largest, |most, node| most.max(node.0));
    }
    let n = negative.len() as f64;
    let mean = negative.iter().sum::<f64>() / n;
    let squares: f64 = negative.iter().map(|x| (x - mean).powi(2)).sum();
    let error = (squares / (n - 1.0) / n).sqrt();
    Ok(Index { negative: mean, error, zero, smallest, largest, counted: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Model;
    use crate::data::{DataOptions, prepare};
    use crate::layers::Tanh;
    use crate::losses::{AnyLoss, CrossEntropy};

    #[test]
    fn counting_and_estimating_agree() {
        let iris = prepare("iris", &DataOptions::default()).expect("it is built in");
        let model = Model::mlp(&[8], Tanh, 3);
        let loss: AnyLoss = CrossEntropy::default().into();
        let batch = crate::model::Batch::of_rows(1, 4);
        let parameters = model.parameters(&batch).expect("they fit");
        let subject = Subject::new(&model, &loss, &[4], &[], |name| {
            let parameter = parameters.iter().find(|p| p.name == name)?;
            let mut values = vec![0.0; parameter.shape.size()];
            parameter.fill(3, &mut values);
            Some(values)
        })
        .expect("they fit");
        let request = IndexRequest { networks: 1, rows: 100, dense: 1000, probes: 40, steps: 40 };
        let exact = index(subject.clone(), &iris.train, &request, 1).expect("it is small");
        let request = IndexRequest { dense: 0, ..request };
        let near = index(subject, &iris.train, &request, 1).expect("it is small");
        assert!(exact.counted && !near.counted && exact.error == 0.0);
        // At random weights a good part of the spectrum is negative.
        assert!(exact.negative > 0.1 && exact.smallest < -ZERO, "{exact:?}");
        assert!((exact.negative - near.negative).abs() < 4.0 * near.error + 0.01, "{near:?}");
        assert!((exact.smallest - near.smallest).abs() < 1e-6 * exact.largest);
        assert!((exact.largest - near.largest).abs() < 1e-6 * exact.largest);
    }
}
