//! Scores of a network on encoded examples, gathered batch by batch.

use serde::{Deserialize, Serialize};

use super::{ForecastScores, PictureScores, SessionError, forecast};
use crate::data::{Prepared, Target};
use crate::engine::Engine;
use crate::losses::AnyLoss;
use crate::messages as say;
use crate::metrics::{
    Classification, ClassificationScores, Outputs, Reconstruction, ReconstructionScores,
    Regression, RegressionScores,
};
use crate::train::{Examples, Shuffled, evaluate};

/// Scores on some examples.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores {
    /// The loss, in the unit that training minimizes.
    pub loss: f64,
    /// Number of examples.
    pub examples: usize,
    /// Scores of a classifier.
    pub classification: Option<ClassificationScores>,
    /// Scores of a regression, in the targets' unit.
    pub regression: Option<RegressionScores>,
    /// Scores of a forecast, beside those of simpler ones.
    #[serde(default)]
    pub forecast: Option<ForecastScores>,
    /// Scores of an autoencoder.
    #[serde(default)]
    pub reconstruction: Option<ReconstructionScores>,
    /// Scores of a network that restores pictures.
    #[serde(default)]
    pub pictures: Option<PictureScores>,
}

/// The scores of a network on encoded examples.
///
/// # Errors
/// If the data cannot be read.
pub(crate) fn scores(
    engine: &mut Engine,
    part: &Shuffled<'_>,
    data: &Prepared,
    loss: &AnyLoss,
) -> Result<Scores, SessionError> {
    let mut gather = ScoreGatherer::new(&data.preprocessing, loss);
    let sum = evaluate(engine, part, |outputs, predictions, targets| {
        gather.push(outputs, predictions, targets);
    })?;
    let mut scores = gather.finish(sum.mean(), part.len())?;
    if let (Some(series), Some(windows)) = (&data.series, data.test.as_windows()) {
        forecast::compare(&mut scores, &data.preprocessing, series, windows);
    }
    Ok(scores)
}

/// Gathers scores batch by batch.
pub(crate) struct ScoreGatherer<'a> {
    target: &'a Target,
    kind: Kind,
    error: Option<String>,
}

enum Kind {
    Classes(Box<Classification>, bool),
    Numbers(Box<Regression>, usize),
    Forecast(Box<forecast::Backtest>),
    Inputs(Box<Reconstruction>),
    /// Whole pictures say more than patches; see [`enhance`].
    Patches,
}

impl<'a> ScoreGatherer<'a> {
    pub(crate) fn new(preprocessing: &'a crate::data::Preprocessing, loss: &AnyLoss) -> Self {
        use crate::losses::Prediction;
        let kind = match &preprocessing.target {
            _ if preprocessing.is_autoencoder() => {
                Kind::Inputs(Box::new(Reconstruction::new(preprocessing.width())))
            }
            Target::Inputs => Kind::Inputs(Box::new(Reconstruction::new(preprocessing.width()))),
            Target::Classes { values, .. } => {
                // A question for each class gives probabilities that need not add up to 1.
                let scores_only = match loss.prediction() {
                    Prediction::Scores => true,
                    Prediction::Sigmoid => values.len() > 2,
                    Prediction::Identity | Prediction::Softmax => false,
                };
                let outputs = if scores_only { Outputs::Scores } else { Outputs::Probabilities };
                Kind::Classes(Box::new(Classification::new(values.len(), outputs)), scores_only)
            }
            Target::Numbers { columns } => {
                Kind::Numbers(Box::new(Regression::new(columns.len())), columns.len())
            }
            Target::Patches => Kind::Patches,
            Target::Series { channels, horizon } => {
                Kind::Forecast(Box::new(forecast::Backtest::new(channels, *horizon, loss)))
            }
        };
        ScoreGatherer { target: &preprocessing.target, kind, error: None }
    }

    pub(crate) fn push(&mut self, outputs: &[f32], predictions: &[f32], targets: &[f32]) {
        let result = match &mut self.kind {
            Kind::Inputs(scores) => scores.push(predictions, targets),
            Kind::Classes(scores, scores_only) => {
                let rows = if *scores_only { outputs } else { predictions };
                let labels: Vec<u32> = targets.iter().map(|&label| label as u32).collect();
                scores.push(rows, &labels)
            }
            Kind::Numbers(scores, width) => {
                let unscale = |values: &[f32]| -> Vec<f64> {
                    let value =
                        |(i, &x): (usize, &f32)| self.target.unscale(i % *width, f64::from(x));
                    values.iter().enumerate().map(value).collect()
                };
                let examples = targets.len() / *width;
                let per_row = predictions.len() / examples.max(1);
                // Of several outputs a target (quantiles), the middle one is the prediction.
                let middle: Vec<f32> = match per_row == *width {
                    true => predictions.to_vec(),
                    false => {
                        predictions.chunks(per_row.max(1)).map(|row| row[row.len() / 2]).collect()
                    }
                };
                scores.push(&unscale(&middle), &unscale(targets))
            }
            Kind::Forecast(backtest) => {
                backtest.push(predictions, targets);
                Ok(())
            }
            Kind::Patches => Ok(()),
        };
        if let Err(error) = result {
            self.error.get_or_insert(error.to_string());
        }
    }

    pub(crate) fn finish(self, loss: f64, examples: usize) -> Result<Scores, SessionError> {
        if let Some(error) = self.error {
            return Err(SessionError::told(|l| say::scores_impossible(l, &error)));
        }
        let mut scores = Scores { loss, examples, ..Scores::default() };
        match self.kind {
            Kind::Classes(found, _) => scores.classification = Some(found.finish()),
            Kind::Numbers(found, _) => scores.regression = Some(found.finish()),
            Kind::Forecast(found) => scores.forecast = Some(found.finish()),
            Kind::Inputs(found) => scores.reconstruction = Some(found.finish()),
            Kind::Patches => {}
        }
        Ok(scores)
    }
}
