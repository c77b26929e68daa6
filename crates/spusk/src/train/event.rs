//! What a training tells while it goes on.

use serde::{Deserialize, Serialize};

use super::Progress;
use crate::engine::Engine;

/// Something that happened.
pub enum Event<'a> {
    /// Some steps were taken.
    Step {
        /// How far training has come.
        progress: &'a Progress,
        /// Of the last batch, before its step.
        loss: f64,
        /// Steps of the whole run, if nothing stops it before.
        total_steps: u64,
        /// Seconds of training so far.
        seconds: f64,
    },
    /// An epoch is over.
    Epoch {
        /// What it came to.
        record: &'a EpochRecord,
        /// The network as it is now, to look into.
        engine: &'a mut Engine,
    },
    /// A snapshot was kept.
    Checkpoint {
        /// Steps taken by then.
        step: u64,
    },
}

/// What an epoch came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: u64,
    /// Steps taken since the start.
    pub step: u64,
    /// Mean of the losses of the epoch's batches, each before its step.
    pub train_loss: f64,
    /// Of the network as it is at the end of the epoch.
    pub validation_loss: Option<f64>,
    /// The accuracy, or the root mean squared error in the target's unit.
    pub validation_score: Option<f64>,
    /// Of the epoch's last step.
    pub learning_rate: f64,
    /// Whether no epoch before was better.
    pub is_best: bool,
    /// Seconds of training since the start.
    pub seconds: f64,
}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// All epochs are over.
    Epochs,
    /// The validation loss no longer fell.
    EarlyStopping,
    /// A step was shorter than the optimizer's threshold; that is no sign of a minimum.
    ShortSteps,
    /// The time was up.
    TimeLimit,
    /// It was asked to stop.
    Interrupted,
}
