//! What the training examples themselves say.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Sample;
use crate::losses::AnyLoss;

/// How the inputs are spread, as the network sees them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InputSpread {
    /// The input with the largest magnitude, counted from 0.
    pub largest: usize,
    /// √ mean x² of it.
    pub largest_rms: f64,
    /// The largest standard deviation of an input over the median one; 1 for pixels, which are alike.
    pub spread_ratio: f64,
    /// The loss of the best constant prediction, where it is known.
    pub constant_loss: Option<f64>,
}

/// What the inputs are.
#[derive(Debug, Clone, Default)]
pub struct InputKinds {
    /// All have one unit, as pixels have.
    pub alike: bool,
    /// Inputs that are numbers of tokens: they name rows of a table and have no magnitude.
    pub tokens: Range<usize>,
}

impl InputSpread {
    /// Measures a sample.
    pub fn measure(sample: &Sample, loss: &AnyLoss, kinds: &InputKinds) -> InputSpread {
        let rows = sample.rows();
        let width = sample.features().len() / rows.max(1);
        let (mut sums, mut squares) = (vec![0.0; width], vec![0.0; width]);
        for row in sample.features().chunks(width.max(1)) {
            for ((sum, square), &x) in sums.iter_mut().zip(&mut squares).zip(row) {
                *sum += f64::from(x);
                *square += f64::from(x) * f64::from(x);
            }
        }
        for token in kinds.tokens.start.min(width)..kinds.tokens.end.min(width) {
            (sums[token], squares[token]) = (0.0, 0.0);
        }
        let count = rows.max(1) as f64;
        let rms: Vec<f64> = squares.iter().map(|square| (square / count).sqrt()).collect();
        let largest = (0..width).max_by(|&a, &b| rms[a].total_cmp(&rms[b])).unwrap_or(0);
        let variance = |(square, sum): (&f64, &f64)| square / count - (sum / count).powi(2);
        let mut deviations: Vec<f64> =
            squares.iter().zip(&sums).map(variance).map(|v| v.max(0.0).sqrt()).collect();
        // Constant inputs have no unit.
        deviations.retain(|&deviation| deviation > 1e-9);
        deviations.sort_by(f64::total_cmp);
        let ratio = match (deviations.last(), deviations.get(deviations.len() / 2)) {
            (Some(most), Some(median)) if !kinds.alike => most / median,
            _ => 1.0,
        };
        InputSpread {
            largest,
            largest_rms: rms.get(largest).copied().unwrap_or(0.0),
            spread_ratio: ratio,
            constant_loss: constant_loss(sample.targets(), loss),
        }
    }
}

/// The loss of the best constant: the entropy of the classes for a cross-entropy, the variance for a
/// squared error.
fn constant_loss(targets: &[f32], loss: &AnyLoss) -> Option<f64> {
    let count = targets.len().max(1) as f64;
    match loss {
        AnyLoss::CrossEntropy(loss)
            if loss.label_smoothing == 0.0 && loss.class_weights.is_empty() =>
        {
            entropy(targets)
        }
        AnyLoss::BinaryCrossEntropy(loss) if loss.pos_weight.is_empty() => {
            targets.iter().all(|&t| t <= 1.0).then(|| entropy(targets))?
        }
        AnyLoss::Mse(_) => {
            let mean = targets.iter().map(|&t| f64::from(t)).sum::<f64>() / count;
            Some(targets.iter().map(|&t| (f64::from(t) - mean).powi(2)).sum::<f64>() / count)
        }
        _ => None,
    }
}

/// Σ −p ln p of the classes; none if these are no class indices.
fn entropy(targets: &[f32]) -> Option<f64> {
    let mut counts = std::collections::BTreeMap::new();
    for &target in targets {
        if target < 0.0 || target.fract() != 0.0 {
            return None;
        }
        *counts.entry(target as u64).or_insert(0.0) += 1.0;
    }
    let total = targets.len() as f64;
    Some(counts.values().map(|n: &f64| -n / total * (n / total).ln()).sum())
}
