//! Scores of an autoencoder, gathered batch by batch.

use serde::{Deserialize, Serialize};

use super::MetricsError;
use super::json_number;
use super::mistakes::Worst;
use super::regression::check_finite;

/// Gathers how well rows are given back.
#[derive(Debug, Clone)]
pub struct Reconstruction {
    width: usize,
    examples: u64,
    squares: f64,
    /// The mean of each input so far, and Σ (x − mean)² over all: Welford 1962.
    means: Vec<f64>,
    spread: f64,
    worst: Worst<RowError>,
}

/// How well rows are given back.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReconstructionScores {
    /// Number of examples.
    pub examples: u64,
    /// Mean over examples and inputs of (given back − input)², inputs as the network sees them.
    #[serde(with = "json_number")]
    pub mse: Option<f64>,
    /// The same of always giving back these examples' mean.
    #[serde(with = "json_number")]
    pub mean_mse: Option<f64>,
    /// The share of the variance that is given back: 1 − mse / mean_mse.
    #[serde(with = "json_number")]
    pub explained: Option<f64>,
    /// Numbers in the code.
    pub code: usize,
    /// Principal component analysis with as many numbers, fitted to the training part.
    pub pca: Option<PcaScores>,
    /// The examples that are given back worst, worst first.
    pub worst: Vec<RowError>,
}

/// What principal component analysis reaches.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PcaScores {
    /// Numbers it keeps of an example.
    pub components: usize,
    /// Training examples that it is fitted to.
    pub fitted_to: u64,
    /// As [`ReconstructionScores::mse`], on the same examples.
    #[serde(with = "json_number")]
    pub mse: Option<f64>,
}

/// The error of one example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RowError {
    /// Which example, counted from 0 over all batches.
    pub row: u64,
    /// Its mean of (given back − input)².
    #[serde(with = "json_number")]
    pub error: f64,
}

/// Examples that are kept as the worst.
const WORST: usize = 20;

impl Reconstruction {
    /// Starts gathering, for so many inputs.
    #[must_use]
    pub fn new(width: usize) -> Reconstruction {
        Reconstruction {
            width,
            examples: 0,
            squares: 0.0,
            means: vec![0.0; width],
            spread: 0.0,
            worst: Worst::new(WORST),
        }
    }

    /// Adds a batch: `given_back[B, width]` and `inputs[B, width]`.
    ///
    /// # Errors
    ///
    /// Shapes that do not agree, NaN or infinite numbers. A refused batch leaves no trace.
    pub fn push(&mut self, given_back: &[f32], inputs: &[f32]) -> Result<(), MetricsError> {
        let width = self.width.max(1);
        let examples = inputs.len() / width;
        let expected = examples * width;
        if inputs.len() != expected || given_back.len() != expected {
            let values = given_back.len();
            return Err(MetricsError::Shape { values, examples, expected, width });
        }
        check_finite("output", given_back, width)?;
        check_finite("input", inputs, width)?;
        for (back, input) in given_back.chunks(width).zip(inputs.chunks(width)) {
            let error = row_error(back, input);
            let row = self.examples;
            self.squares += error;
            self.examples += 1;
            for (mean, &x) in self.means.iter_mut().zip(input) {
                let away = f64::from(x) - *mean;
                *mean += away / self.examples as f64;
                self.spread += away * (f64::from(x) - *mean);
            }
            self.worst.push(error, row, || RowError { row, error });
        }
        Ok(())
    }

    /// The scores of all that was pushed.
    #[must_use]
    pub fn finish(self) -> ReconstructionScores {
        let some = |value: f64| (self.examples > 0).then_some(value);
        let n = self.examples as f64;
        let mse = some(self.squares / n);
        let mean_mse = some(self.spread / (n * self.width.max(1) as f64));
        let explained = mse.zip(mean_mse).filter(|(_, mean)| *mean > 0.0);
        ReconstructionScores {
            examples: self.examples,
            mse,
            mean_mse,
            explained: explained.map(|(mse, mean)| 1.0 - mse / mean),
            worst: self.worst.finish(),
            ..ReconstructionScores::default()
        }
    }
}

impl ReconstructionScores {
    /// By how much the error is below that of principal component analysis, as a share of the latter.
    #[must_use]
    pub fn below_pca(&self) -> Option<f64> {
        let pca = self.pca.as_ref()?.mse.filter(|mse| *mse > 0.0)?;
        Some(1.0 - self.mse? / pca)
    }
}

/// Mean of (given back − input)² over a row.
#[must_use]
pub fn row_error(given_back: &[f32], input: &[f32]) -> f64 {
    let square = |(a, b): (&f32, &f32)| (f64::from(*a) - f64::from(*b)).powi(2);
    given_back.iter().zip(input).map(square).sum::<f64>() / input.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_means_over_examples_and_inputs() {
        let mut gathered = Reconstruction::new(2);
        gathered.push(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 3.0, 2.0]).expect("good rows");
        gathered.push(&[0.0, 0.0], &[2.0, 1.0]).expect("good rows");
        let scores = gathered.finish();
        // Squares 0, 1; 0, 4; 4, 1.
        assert_eq!(scores.mse, Some(10.0 / 6.0));
        // The inputs' means are 2 and 2: squares 1, 1; 1, 0; 0, 1.
        let mean = scores.mean_mse.expect("there are examples");
        assert!((mean - 4.0 / 6.0).abs() < 1e-15, "{mean}");
        let explained = scores.explained.expect("the examples differ");
        assert!((explained - (1.0 - 10.0 / 4.0)).abs() < 1e-12, "{explained}");
        let worst: Vec<u64> = scores.worst.iter().map(|row| row.row).collect();
        assert_eq!(worst, [2, 1, 0]);
    }

    #[test]
    fn nothing_and_bad_batches_have_no_score() {
        let mut gathered = Reconstruction::new(2);
        assert!(gathered.push(&[1.0], &[1.0, 2.0]).is_err());
        assert!(gathered.push(&[f32::NAN, 1.0], &[1.0, 2.0]).is_err());
        let scores = gathered.finish();
        assert_eq!((scores.examples, scores.mse, scores.below_pca()), (0, None, None));
    }
}
