//! How far a training has come.

use serde::{Deserialize, Serialize};

use super::EpochRecord;
use crate::schedules::Plateau;

/// How far a training has come: with the state, all that is needed to go on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Epochs that are over.
    pub epoch: u64,
    /// Batches of the present epoch that are over.
    pub batch: u64,
    /// Steps taken.
    pub step: u64,
    /// Σ loss · rows over the present epoch's batches.
    pub loss_sum: f64,
    /// Rows of the present epoch's batches.
    pub loss_rows: u64,
    /// The best epoch.
    pub best: Option<Best>,
    /// What reducing on a plateau remembers.
    pub plateau: Option<Plateau>,
    /// Every epoch so far.
    pub history: Vec<EpochRecord>,
    /// Seconds of training.
    pub seconds: f64,
    /// Whether training came to its end.
    pub finished: bool,
}

/// The best epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Counted from 1.
    pub epoch: u64,
    /// Its validation loss; its training loss where there are no validation examples.
    pub loss: f64,
}
