//! What was measured of a training.

use serde::{Deserialize, Serialize};

use super::{Curvature, InputSpread, NoiseScale, Probe};
use crate::train::{EpochRecord, NotFinite};

/// What was measured of a training, in the order of time. What is not known is empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What trains.
    pub run: RunFacts,
    /// Every epoch that is over.
    pub epochs: Vec<EpochRecord>,
    /// Looks at signals, gradients and updates.
    pub probes: Vec<Probe>,
    /// Curvatures.
    pub curvatures: Vec<Curvature>,
    /// The noise of gradients.
    pub noise: Vec<NoiseScale>,
    /// The highest loss of the first steps, on the rows of the looks, over that before the first.
    #[serde(default)]
    pub thrown: Option<f64>,
    /// How the inputs are spread.
    pub inputs: Option<InputSpread>,
    /// Where the first value that is not finite came from.
    pub not_finite: Option<Birth>,
}

/// What rules know of the settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// The name of the optimizer.
    pub optimizer: String,
    /// η before the schedule.
    pub learning_rate: f64,
    /// Examples in a step.
    pub batch_size: usize,
    /// Training examples.
    pub train_rows: usize,
    /// Epochs at the most.
    pub epochs: u64,
    /// Whether the weights of the best epoch are restored at the end.
    pub keeps_best: bool,
}

/// Where a value that is not finite came from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Birth {
    /// The step, counted from 1.
    pub step: u64,
    /// The layer, loss or optimizer that made it; empty where that is not known.
    pub place: String,
    /// The row of the source, where the value belongs to one.
    pub origin: Option<String>,
    /// η of that step.
    pub learning_rate: f64,
}

impl From<&NotFinite> for Birth {
    fn from(bad: &NotFinite) -> Birth {
        Birth {
            step: bad.step,
            place: bad.first.as_ref().map_or(String::new(), |first| first.scope.clone()),
            origin: bad.origin.clone(),
            learning_rate: bad.learning_rate,
        }
    }
}

impl Evidence {
    /// The loss of the best constant prediction; where that is not known, of putting out 0.
    pub fn constant_loss(&self) -> Option<f64> {
        let known = self.inputs.as_ref().and_then(|inputs| inputs.constant_loss);
        let zero = || self.probes.first().map(|probe| probe.zero_loss);
        known.or_else(zero).filter(|loss| loss.is_finite() && *loss > 0.0)
    }

    /// Training losses in time: of epochs, or of looks where epochs are few.
    pub fn losses(&self) -> Vec<f64> {
        let epochs: Vec<f64> = self.epochs.iter().map(|epoch| epoch.train_loss).collect();
        let probes: Vec<f64> = self.probes.iter().map(|probe| probe.loss).collect();
        if epochs.len() >= 4 || epochs.len() >= probes.len() { epochs } else { probes }
    }

    /// The median training loss of the last quarter.
    pub fn last_loss(&self) -> Option<f64> {
        let losses = self.losses();
        median(losses[losses.len() - losses.len().div_ceil(4)..].iter().copied())
    }

    /// The last loss as a share of that of a constant prediction.
    pub fn remaining(&self) -> Option<f64> {
        Some(self.last_loss()? / self.constant_loss()?)
    }

    /// The share of its size that the training loss fell by from the second to the last quarter.
    pub fn recent_gain(&self) -> Option<f64> {
        let losses = self.losses();
        let quarter = losses.len() / 4;
        if quarter == 0 {
            return None;
        }
        let before = median(losses[quarter..2 * quarter].iter().copied())?;
        Some((before - self.last_loss()?) / before.abs())
    }

    /// Looks after the first steps.
    pub fn later_probes(&self) -> impl Iterator<Item = &Probe> {
        self.probes.iter().filter(|probe| probe.step > 0)
    }

    /// The last looks, at most two, the last one last.
    pub fn last_probes(&self) -> &[Probe] {
        &self.probes[self.probes.len().saturating_sub(2)..]
    }
}

/// The middle one of some numbers; those that are none are left out.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
