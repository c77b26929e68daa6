//! What a session tells: events, the network in numbers, what it came to.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use spusk_graph::{Cost, GraphError, Level};

use super::{Resolved, Scores, describe};
use crate::data::Prepared;
use crate::diagnosis::Finding;
use crate::engine::Engine;
use crate::messages::Said;
use crate::model::Batch;
use crate::train::{EpochRecord, Event, Progress, StopReason};

/// What a session tells.
pub enum SessionEvent<'a> {
    /// A decision, a finding, a warning; a sentence.
    Note(&'a Said),
    /// The data are ready.
    Data(&'a Prepared),
    /// The network is ready to train.
    Model(&'a ModelFacts),
    /// Training goes on from a checkpoint.
    Resumed {
        /// Epochs that are over.
        epoch: u64,
        /// Steps taken.
        step: u64,
    },
    /// Something happened while training.
    Train(Event<'a>),
    /// Something goes wrong while training; each rule is told once.
    Finding(&'a Finding),
}

/// The network in numbers.
#[derive(Debug, Clone)]
pub struct ModelFacts {
    /// A row a layer: how it is written, the shape of its output, its parameters.
    pub layers: Vec<LayerFacts>,
    /// Trained numbers in all.
    pub parameters: usize,
    /// What a step costs.
    pub cost: Cost,
    /// Steps of the whole run, if nothing stops it before.
    pub total_steps: u64,
    /// Threads that compute.
    pub threads: usize,
    /// The instruction set.
    pub level: Level,
    /// What trains.
    pub resolved: Box<Resolved>,
}

/// A layer in numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LayerFacts {
    /// `layers.0`.
    pub path: String,
    /// `dense 128`.
    pub layer: String,
    /// Sizes of its output, axis 0 the batch.
    pub output: Vec<usize>,
    /// Its trained numbers.
    pub parameters: usize,
    /// Floating-point operations forward, for one example.
    pub flops: u64,
    /// How many layers stand around it.
    pub depth: usize,
}

/// What a session came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The run directory.
    pub run: PathBuf,
    /// Why training ended.
    pub reason: StopReason,
    /// Every epoch.
    pub history: Vec<EpochRecord>,
    /// The epoch whose weights are kept, where validation decided; else they are the last ones.
    pub kept: Option<u64>,
    /// Scores on the test part, if there is one and training came to its end.
    pub test: Option<Scores>,
    /// Seconds from reading the data to the test, over all sittings of the run.
    pub seconds: f64,
    /// Those of them that the diagnosis took.
    pub watched: f64,
}

/// An epoch as it stands in `metrics.jsonl` and on the command line.
pub fn epoch_json(record: &EpochRecord, score: Option<&str>) -> serde_json::Value {
    let mut object = serde_json::json!({
        "event": "epoch",
        "epoch": record.epoch,
        "train_loss": record.train_loss,
        "validation_loss": record.validation_loss,
    });
    if let (Some(name), Some(value)) = (score, record.validation_score) {
        object[format!("validation_{name}")] = value.into();
    }
    object["seconds"] = record.seconds.into();
    object["step"] = record.step.into();
    object["learning_rate"] = record.learning_rate.into();
    object["best"] = record.is_best.into();
    object
}

/// A step as it stands in `metrics.jsonl` and on the command line: the loss of its batch before it.
pub fn step_json(progress: &Progress, loss: f64) -> serde_json::Value {
    serde_json::json!({
        "event": "step",
        "epoch": progress.epoch + 1,
        "step": progress.step,
        "loss": loss,
    })
}

pub(super) fn facts(
    resolved: &Resolved,
    data: &Prepared,
    engine: &Engine,
) -> Result<ModelFacts, GraphError> {
    let batch = Batch {
        size: resolved.settings.batch_size,
        features: data.train.shape().into(),
        target: resolved.target_shape.as_slice().into(),
    };
    let layers = describe::layer_facts(&resolved.model, &resolved.loss, &batch)?;
    let batches = crate::train::batches(data.train.len(), resolved.settings.batch_size) as u64;
    Ok(ModelFacts {
        parameters: layers.iter().filter(|row| row.depth == 0).map(|row| row.parameters).sum(),
        layers,
        cost: engine.cost(),
        total_steps: batches * resolved.settings.epochs,
        threads: engine.threads(),
        level: Level::detect(),
        resolved: Box::new(resolved.clone()),
    })
}
