//! A training beside the saved one, from its start or from its checkpoint.

use spusk_graph::State;

use super::{Case, Losses};
use crate::checkpoint::Restored;
use crate::diagnosis::{Birth, Sample};
use crate::engine::{Engine, LossSum, step_key};
use crate::messages as say;
use crate::session::{SessionError, keeper};
use crate::train::{Examples, Progress, Shuffled, TrainError, batches, evaluate, positions};

/// Where a fork goes on.
pub(super) struct Origin {
    state: State<f32>,
    pub(super) progress: Progress,
}

impl Origin {
    /// A checkpoint, where it fits the data and the network.
    pub(super) fn of(restored: &Restored, case: &Case) -> Option<Origin> {
        let mut engine = case.engine().ok()?;
        let fingerprint = keeper::fingerprint(&case.data);
        let (progress, _) = keeper::restore(&restored.state, &mut engine, &fingerprint).ok()?;
        Some(Origin { state: engine.state().clone(), progress })
    }

    /// Whether there are steps to go on with: at the end of a run the schedule may have brought them to
    /// nothing.
    pub(super) fn goes_on(&self, case: &Case, steps: u64) -> bool {
        let settings = &case.resolved.settings;
        let total = settings.epochs * batches(case.data.train.len(), settings.batch_size) as u64;
        let middle = self.progress.step + steps / 2;
        middle < total && settings.schedule.factor(middle, total) > 0.1
    }
}

/// A training beside the saved one: the same steps by the same rules.
pub(super) struct Fork<'a> {
    case: &'a Case,
    pub(super) engine: Engine,
    train: &'a dyn Examples,
    epoch: u64,
    batch: usize,
    step: u64,
    /// The states before the last two steps: the update before a bad loss may be the culprit.
    before: [State<f32>; 2],
}

impl<'a> Fork<'a> {
    pub(super) fn new(
        case: &'a Case,
        mut engine: Engine,
        train: &'a dyn Examples,
        origin: Option<&Origin>,
    ) -> Result<Fork<'a>, SessionError> {
        let (mut epoch, mut batch, mut step) = (0, 0, 0);
        if let Some(origin) = origin {
            let from = origin.state.as_slice();
            if engine.state().as_slice().len() != from.len() {
                return Err(SessionError::told(say::checkpoint_of_another));
            }
            engine.state_mut().as_mut_slice().copy_from_slice(from);
            (epoch, step) = (origin.progress.epoch, origin.progress.step);
            batch = origin.progress.batch as usize;
            // Batches of another size are counted anew.
            if batch >= batches(train.len(), case.resolved.settings.batch_size) {
                (epoch, batch) = (epoch + 1, 0);
            }
        }
        let before = [engine.state().clone(), engine.state().clone()];
        Ok(Fork { case, engine, train, epoch, batch, step, before })
    }

    pub(super) fn total_steps(&self) -> u64 {
        let settings = &self.case.resolved.settings;
        settings.epochs * batches(self.train.len(), settings.batch_size) as u64
    }

    pub(super) fn steps_taken(&self) -> u64 {
        self.step
    }

    /// η of the next step.
    pub(super) fn rate(&self) -> f64 {
        let settings = &self.case.resolved.settings;
        settings.learning_rate * settings.schedule.factor(self.step, self.total_steps())
    }

    /// One step; where its loss is not finite, where that came from.
    pub(super) fn step(&mut self) -> Result<Option<Birth>, SessionError> {
        self.before.swap(0, 1);
        self.before[1].as_mut_slice().copy_from_slice(self.engine.state().as_slice());
        let (train, epoch, rate) = (self.train, self.epoch, self.rate());
        let range = self.range(self.batch);
        let key = step_key(self.case.resolved.settings.seed, self.step);
        let loss = self.engine.step(range.len(), rate, key, |features, targets| {
            train.fill(epoch, range, features, targets).map_err(TrainError::from)
        })?;
        if !loss.is_finite() {
            return self.birth(rate).map(Some);
        }
        self.step += 1;
        self.batch += 1;
        if self.batch == batches(train.len(), self.case.resolved.settings.batch_size) {
            (self.batch, self.epoch) = (0, self.epoch + 1);
        }
        Ok(None)
    }

    fn range(&self, batch: usize) -> std::ops::Range<usize> {
        positions(self.train.len(), self.case.resolved.settings.batch_size, batch)
    }

    /// Takes the last two steps again, slowly.
    fn birth(&mut self, rate: f64) -> Result<Birth, SessionError> {
        let mut birth = Birth { step: self.step + 1, learning_rate: rate, ..Birth::default() };
        let train = self.train;
        for back in [1, 0] {
            if self.batch < back || self.step < back as u64 {
                continue;
            }
            let (range, epoch) = (self.range(self.batch - back), self.epoch);
            let (start, rows) = (range.start, range.len());
            let key = step_key(self.case.resolved.settings.seed, self.step - back as u64);
            let state = self.before[1 - back].as_slice();
            self.engine.state_mut().as_mut_slice().copy_from_slice(state);
            let first = self.engine.step_observed(rows, rate, key, |features, targets| {
                train.fill(epoch, range, features, targets).map_err(TrainError::from)
            })?;
            if let Some(first) = first {
                let row = first.row.and_then(|row| train.origin(epoch, start + row));
                (birth.place, birth.origin) = (first.scope, row);
                break;
            }
        }
        Ok(birth)
    }

    /// The losses on a sample of the training examples, and on the validation part.
    pub(super) fn losses(&mut self, sample: &Sample) -> Result<Losses, SessionError> {
        let mut total = LossSum::default();
        for start in (0..sample.rows()).step_by(256) {
            let rows = 256.min(sample.rows() - start);
            let fill = |features: &mut [f32], targets: &mut [f32]| {
                sample.fill(start, features, targets);
                Ok::<_, TrainError>(())
            };
            let found = self.engine.evaluate(rows, fill, |_, _, _| {})?;
            (total.sum, total.weight) = (total.sum + found.sum, total.weight + found.weight);
        }
        let held = Shuffled::new(&self.case.data.validation, 0, false);
        let validation = match held.len() {
            0 => None,
            _ => Some(evaluate(&mut self.engine, &held, |_, _, _| {})?.mean()),
        };
        let finite = |loss: f64| Some(loss).filter(|loss| loss.is_finite());
        Ok(Losses { train: finite(total.mean()), validation: validation.and_then(finite) })
    }
}
