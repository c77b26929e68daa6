//! One network at a time, by the ordinary trainer, on one thread: for networks that cannot be trained side
//! by side.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Outcome, Recipe, Starts};
use crate::data::Encoded;
use crate::engine::Engine;
use crate::session::SessionError;
use crate::train::{
    CheckpointEvery, Score, Settings, Shuffled, StopReason, TrainError, Training, evaluate,
};

/// How one network is trained.
pub(super) struct Alone<'a> {
    starts: &'a Starts<'a>,
    recipe: &'a Recipe,
}

/// A network that was trained.
pub(super) struct Trained {
    /// The weights that were evaluated, by name.
    values: Vec<(String, Vec<f32>)>,
    pub(super) train: Outcome,
    pub(super) test: Outcome,
}

impl Trained {
    pub(super) fn values(&self, name: &str) -> Option<Vec<f32>> {
        let found = self.values.iter().find(|(own, _)| own == name);
        found.map(|(_, values)| values.clone())
    }
}

impl<'a> Alone<'a> {
    pub(super) fn new(starts: &'a Starts<'a>, recipe: &'a Recipe) -> Alone<'a> {
        Alone { starts, recipe }
    }

    fn settings(&self, seed: u64, time_limit: Option<Duration>) -> Settings {
        Settings {
            batch_size: self.recipe.batch_size,
            epochs: self.recipe.epochs,
            learning_rate: self.recipe.learning_rate,
            schedule: self.recipe.schedule.clone(),
            seed,
            patience: None,
            restore_best: false,
            time_limit,
            checkpoint_every: CheckpointEvery::Off,
            step_events: Duration::MAX,
            score: Score::None,
        }
    }

    fn engine(&self, seed: u64) -> Result<Engine, SessionError> {
        let (recipe, starts) = (self.recipe, self.starts);
        let shape = starts.train.shape();
        let size = recipe.batch_size.min(starts.train.len().max(1));
        let options = &recipe.options;
        Ok(Engine::new(&recipe.model, options, shape, &starts.target, size, 1, seed)?)
    }

    /// Seconds of an epoch.
    pub(super) fn pace(&self, seed: u64, most: Duration) -> Result<f64, SessionError> {
        let mut engine = self.engine(seed)?;
        let settings = self.settings(seed, Some(most));
        let rows = Shuffled::new(self.starts.train, seed, true);
        let mut training = Training::new(&mut engine, &rows, None, &settings)?;
        let started = Instant::now();
        match training.run(&AtomicBool::new(false), &mut (), &mut |_| {}) {
            Ok(_) | Err(TrainError::NotFinite(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let progress = training.progress();
        let steps = progress.step.max(1) as f64;
        let of_epoch = crate::train::batches(self.starts.train.len(), self.recipe.batch_size);
        Ok(started.elapsed().as_secs_f64() / steps * of_epoch as f64)
    }

    /// A training from the first step to the last; `None` if it was stopped. Losses are NaN if it diverged.
    pub(super) fn train(
        &self,
        seed: u64,
        stop: &AtomicBool,
    ) -> Result<Option<Trained>, SessionError> {
        let mut engine = self.engine(seed)?;
        let settings = self.settings(seed, None);
        let rows = Shuffled::new(self.starts.train, seed, true);
        let mut training = Training::new(&mut engine, &rows, None, &settings)?;
        let lost = Outcome { loss: f64::NAN, accuracy: f64::NAN };
        match training.run(stop, &mut (), &mut |_| {}) {
            Ok(StopReason::Interrupted) => return Ok(None),
            Ok(_) if stop.load(Ordering::Relaxed) => return Ok(None),
            Ok(_) => {}
            Err(TrainError::NotFinite(_)) => {
                return Ok(Some(Trained { values: Vec::new(), train: lost, test: lost }));
            }
            Err(error) => return Err(error.into()),
        }
        let train = outcome(&mut engine, self.starts.train)?;
        let test = outcome(&mut engine, self.starts.test)?;
        let evaluated = engine.evaluated()?.into_iter();
        let values = evaluated.map(|(name, _, values)| (name, values)).collect();
        Ok(Some(Trained { values, train, test }))
    }
}

fn outcome(engine: &mut Engine, part: &Encoded) -> Result<Outcome, SessionError> {
    let (mut right, mut seen) = (0_usize, 0_usize);
    let rows = Shuffled::new(part, 0, false);
    let loss = evaluate(engine, &rows, |outputs, _, targets| {
        seen += targets.len();
        let width = outputs.len() / targets.len().max(1);
        let rows = outputs.chunks(width.max(1)).zip(targets);
        right += rows.filter(|(row, label)| class(row) as f32 == **label).count();
    })?;
    Ok(Outcome { loss: loss.mean(), accuracy: right as f64 / seen.max(1) as f64 })
}

fn class(outputs: &[f32]) -> usize {
    match outputs {
        [single] => usize::from(*single > 0.0),
        _ => crate::metrics::rank::argmax(outputs),
    }
}
