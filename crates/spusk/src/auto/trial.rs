//! A training that is only tried.

use std::ops::Range;

use crate::Model;
use crate::engine::{Engine, step_key};
use crate::model::StepOptions;
use crate::train::{Examples, TrainError, batches, evaluate, positions};

/// What is tried.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    /// The network with its output layer.
    pub(crate) model: Model,
    /// The step.
    pub(crate) step: StepOptions,
    /// Examples in a step.
    pub(crate) batch_size: usize,
    /// The source of everything random.
    pub(crate) seed: u64,
}

/// A training that is only tried.
pub(crate) struct Trial {
    engine: Engine,
    batch_size: usize,
    seed: u64,
    epoch: u64,
    batch: usize,
    step: u64,
}

impl Trial {
    /// A trial from its initial weights.
    ///
    /// # Errors
    /// If the network does not fit the rows.
    pub(crate) fn new(
        recipe: &Recipe,
        features: &[usize],
        target: &[usize],
        rows: usize,
        threads: usize,
    ) -> Result<Trial, TrainError> {
        let batch_size = recipe.batch_size.min(rows.max(1));
        let engine = Engine::new(
            &recipe.model,
            &recipe.step,
            features,
            target,
            batch_size,
            threads,
            recipe.seed,
        )?;
        Ok(Trial { engine, batch_size, seed: recipe.seed, epoch: 0, batch: 0, step: 0 })
    }

    /// One step; the loss before it.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub(crate) fn step(&mut self, rows: &dyn Examples, rate: f64) -> Result<f64, TrainError> {
        let range = positions(rows.len(), self.batch_size, self.batch);
        let key = step_key(self.seed, self.step);
        let epoch = self.epoch;
        let fill = |own: Range<usize>, features: &mut [f32], targets: &mut [f32]| {
            let own = range.start + own.start..range.start + own.end;
            rows.fill(epoch, own, features, targets).map_err(TrainError::from)
        };
        let loss = self.engine.step_by_rows(range.len(), rate, key, &fill)?;
        self.step += 1;
        self.batch += 1;
        if self.batch == batches(rows.len(), self.batch_size) {
            (self.batch, self.epoch) = (0, self.epoch + 1);
        }
        Ok(loss)
    }

    /// The mean loss over other rows.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn loss(
        &mut self,
        rows: &dyn Examples,
        take: impl FnMut(&[f32], &[f32], &[f32]),
    ) -> Result<f64, TrainError> {
        Ok(evaluate(&mut self.engine, rows, take)?.mean())
    }
}
