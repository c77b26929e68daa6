//! Training: the loop over steps and epochs, early stopping, and what is told meanwhile.
//!
//! Everything that decides a step is a pure function of the settings, the seed and the number of
//! the step, so a run that is resumed from a [`Snapshot`] goes on to the same bits.

mod augment;
mod event;
mod examples;
mod progress;
mod score;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use spusk_graph::{GraphError, State};

use crate::data::DataError;
use crate::engine::{Engine, FirstBad, LossSum, step_key};
use crate::memory;
use crate::messages::{self as say, Language, Said, graph_error};
use crate::schedules::{AnySchedule, Plateau};

pub use augment::{Augmentation, Augmented};
pub use event::{EpochRecord, Event, StopReason};
pub use examples::{Examples, Shuffled};
pub use progress::{Best, Progress};
pub use score::Score;

/// Settings of the loop. The model, its loss and its optimizer are the [`Engine`]'s.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Examples in a step.
    pub batch_size: usize,
    /// Passes over the training examples, at the most.
    pub epochs: u64,
    /// η, which the schedule multiplies.
    pub learning_rate: f64,
    /// The course of the learning rate.
    pub schedule: AnySchedule,
    /// The source of everything random.
    pub seed: u64,
    /// Epochs without a better validation loss before training stops; `None` never stops early.
    pub patience: Option<u64>,
    /// Whether the weights of the epoch with the best validation loss are restored at the end.
    pub restore_best: bool,
    /// When to stop at the latest, counted from the start of the loop; what went before is taken off.
    pub time_limit: Option<Duration>,
    /// How often a snapshot is kept, besides those at the end of epochs.
    pub checkpoint_every: CheckpointEvery,
    /// The least time between two step events.
    pub step_events: Duration,
    /// What is told of the validation examples besides their loss.
    pub score: Score,
}

/// How often the state is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CheckpointEvery {
    /// After so many steps.
    Steps(u64),
    /// At the first step after so much time.
    Time(Duration),
    /// Only when training ends.
    Off,
}

/// What goes wrong while training.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The network cannot be built.
    #[error("{0}")]
    Graph(#[from] GraphError),
    /// The data cannot be read.
    #[error("{0}")]
    Data(#[from] DataError),
    /// There is nothing to learn from.
    #[error("the training part has no rows; give more data, or smaller validation and test parts")]
    NoRows,
    /// A value that is not finite.
    #[error("{0}")]
    NotFinite(Box<NotFinite>),
    /// A snapshot could not be kept.
    #[error("{}", self.in_language(Language::English))]
    Keep(Said),
    /// A snapshot is of another run.
    #[error("the checkpoint does not fit this experiment: {0}")]
    Mismatch(String),
}

/// The step at which the loss stopped being a number, and where that began.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct NotFinite {
    /// The step, counted from 1.
    pub step: u64,
    /// The epoch, counted from 1.
    pub epoch: u64,
    /// The first bad value.
    pub first: Option<FirstBad>,
    /// Where the row of that value, or the batch, stands in the source.
    pub origin: Option<String>,
    /// The learning rate of the step.
    pub learning_rate: f64,
}

impl NotFinite {
    /// What happened, in a language; where a bad value stands is told in English.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        let what = match &self.first {
            Some(first) => {
                let origin = self.origin.as_ref().map(|origin| format!(" ({origin})"));
                let (first, cure) = (first.in_language(l), first.cure(l));
                format!("{first}{}; {cure}", origin.unwrap_or_default())
            }
            None => say::train_bad_loss(l),
        };
        let rate = l.digits(&format!("{:.3e}", self.learning_rate));
        say::train_diverged(l, self.step, self.epoch, rate, what)
    }
}

impl std::fmt::Display for NotFinite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl TrainError {
    /// What is wrong, in a language; what only English has stays English.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        match self {
            TrainError::Data(error) => error.in_language(l),
            TrainError::NoRows => say::train_no_rows(l),
            TrainError::NotFinite(error) => error.in_language(l),
            TrainError::Graph(error) => graph_error(error, l),
            TrainError::Keep(why) => say::train_not_kept(l, why.in_language(l)),
            TrainError::Mismatch(why) => say::train_mismatch(l, why),
        }
    }
}

/// A moment of a training from which it can go on to the same bits.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    /// Where training stands, and what it has found.
    pub progress: &'a Progress,
    /// Parameters, buffers, optimizer slots.
    pub state: &'a State<f32>,
    /// The state at the best validation loss so far.
    pub best: Option<&'a State<f32>>,
}

/// Keeps snapshots.
pub trait Keeper {
    /// Keeps one; the text of an error is shown.
    fn keep(&mut self, snapshot: Snapshot<'_>) -> Result<(), Said>;

    /// Sees the state at the start and after every step.
    fn passed(&mut self, _step: u64, _state: &State<f32>) {}
}

/// Keeps nothing.
impl Keeper for () {
    fn keep(&mut self, _: Snapshot<'_>) -> Result<(), Said> {
        Ok(())
    }
}

/// A training: an engine, the examples, the settings, and how far it has come.
pub struct Training<'a> {
    engine: &'a mut Engine,
    train: &'a dyn Examples,
    validation: Option<&'a dyn Examples>,
    settings: &'a Settings,
    progress: Progress,
    best: Option<State<f32>>,
    /// The state at the start of the present epoch: from there a divergence can be replayed.
    anchor: State<f32>,
    anchor_progress: (u64, u64),
}

impl<'a> Training<'a> {
    /// A training from the engine's present state.
    ///
    /// # Errors
    /// If there are no training examples.
    pub fn new(
        engine: &'a mut Engine,
        train: &'a dyn Examples,
        validation: Option<&'a dyn Examples>,
        settings: &'a Settings,
    ) -> Result<Self, TrainError> {
        if train.is_empty() {
            return Err(TrainError::NoRows);
        }
        let copies = if settings.restore_best { 2 } else { 1 };
        let bytes = copies * size_of_val(engine.state().as_slice()) as u128;
        memory::check(bytes, say::memory_copies, say::cure_memory_narrower)?;
        let anchor = engine.state().clone();
        let validation = validation.filter(|part| !part.is_empty());
        let progress = Progress { plateau: settings.schedule.plateau(), ..Progress::default() };
        let anchor_progress = (0, 0);
        Ok(Training {
            engine,
            train,
            validation,
            settings,
            progress,
            best: None,
            anchor,
            anchor_progress,
        })
    }

    /// Goes on from a snapshot instead; the engine's state must have been restored from it.
    pub fn resume(&mut self, progress: Progress, best: Option<State<f32>>) {
        self.anchor = self.engine.state().clone();
        self.anchor_progress = (progress.batch, progress.step);
        self.progress = progress;
        self.best = best;
    }

    /// How far it has come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Steps of a whole run, if nothing stops it before.
    pub fn total_steps(&self) -> u64 {
        self.settings.epochs * self.batches()
    }

    /// Trains until the epochs are over, the validation loss no longer falls, a step is shorter than the
    /// optimizer's threshold, the time is up or `stop` is set, then restores the best state. `tell` hears what happens.
    ///
    /// # Errors
    /// If the loss is not finite, the data cannot be read, or a snapshot cannot be kept.
    pub fn run(
        &mut self,
        stop: &AtomicBool,
        keeper: &mut dyn Keeper,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<StopReason, TrainError> {
        let clock = Clock::new(self.progress.seconds);
        let mut last_kept = Instant::now();
        keeper.passed(self.progress.step, self.engine.state());
        let reason = loop {
            if self.progress.epoch >= self.settings.epochs {
                break StopReason::Epochs;
            }
            if self.is_patience_over() {
                break StopReason::EarlyStopping;
            }
            if let Some(reason) = self.epoch(stop, &clock, &mut last_kept, keeper, tell)? {
                break reason;
            }
        };
        self.progress.seconds = clock.seconds();
        self.progress.finished = reason != StopReason::Interrupted;
        // The last checkpoint holds the state from which more epochs could follow.
        self.keep(keeper, tell)?;
        if let Some(best) = &self.best {
            self.engine.state_mut().as_mut_slice().copy_from_slice(best.as_slice());
        }
        Ok(reason)
    }

    /// The rest of the present epoch; a reason if training ends inside it.
    fn epoch(
        &mut self,
        stop: &AtomicBool,
        clock: &Clock,
        last_kept: &mut Instant,
        keeper: &mut dyn Keeper,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<Option<StopReason>, TrainError> {
        let mut last_event = Instant::now();
        self.drop_anchor();
        while self.progress.batch < self.batches() {
            let rows = self.positions(self.progress.batch).len();
            let loss = self.step()?;
            keeper.passed(self.progress.step, self.engine.state());
            if last_event.elapsed() >= self.settings.step_events {
                last_event = Instant::now();
                tell(Event::Step {
                    progress: &self.progress,
                    loss,
                    total_steps: self.total_steps(),
                    seconds: clock.seconds(),
                });
            }
            if self.is_checkpoint_due(last_kept) {
                self.progress.seconds = clock.seconds();
                self.keep(keeper, tell)?;
                *last_kept = Instant::now();
            }
            if stop.load(Ordering::Relaxed) {
                return Ok(Some(StopReason::Interrupted));
            }
            if self.settings.time_limit.is_some_and(|limit| clock.run() >= limit) {
                self.end_epoch(clock, tell)?;
                return Ok(Some(StopReason::TimeLimit));
            }
            if self.engine.is_step_short(rows) {
                self.end_epoch(clock, tell)?;
                return Ok(Some(StopReason::ShortSteps));
            }
        }
        self.end_epoch(clock, tell)?;
        Ok(None)
    }

    /// One step; the loss is that of the batch before the step.
    fn step(&mut self) -> Result<f64, TrainError> {
        let (epoch, step) = (self.progress.epoch, self.progress.step);
        let rate = self.rate(step);
        let positions = self.positions(self.progress.batch);
        let rows = positions.len();
        let train = self.train;
        let key = step_key(self.settings.seed, step);
        let fill = |own: Range<usize>, features: &mut [f32], targets: &mut [f32]| {
            let own = positions.start + own.start..positions.start + own.end;
            train.fill(epoch, own, features, targets).map_err(TrainError::from)
        };
        let loss = match train.lend(epoch, positions.clone()) {
            Some((features, targets)) => self.engine.step_on(rows, rate, key, features, targets)?,
            None => self.engine.step_by_rows(rows, rate, key, &fill)?,
        };
        if !loss.is_finite() {
            return Err(self.diverged());
        }
        self.progress.loss_sum += loss * rows as f64;
        self.progress.loss_rows += rows as u64;
        self.progress.batch += 1;
        self.progress.step += 1;
        Ok(loss)
    }

    fn rate(&self, step: u64) -> f64 {
        let factor = self.settings.schedule.factor(step, self.total_steps());
        let reduced = self.progress.plateau.as_ref().map_or(1.0, Plateau::factor);
        self.settings.learning_rate * factor * reduced
    }

    /// Evaluates, remembers the best state, tells, and turns to the next epoch.
    fn end_epoch(
        &mut self,
        clock: &Clock,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), TrainError> {
        let rate = self.rate(self.progress.step.saturating_sub(1));
        let mut score = self.settings.score.start();
        let validation = match self.validation {
            Some(part) => {
                let take =
                    |outputs: &[f32], _: &[f32], targets: &[f32]| score.push(outputs, targets);
                Some(evaluate(self.engine, part, take)?.mean())
            }
            None => None,
        };
        let train_loss = self.progress.loss_sum / self.progress.loss_rows.max(1) as f64;
        let watched = validation.unwrap_or(train_loss);
        let epoch = self.progress.epoch + 1;
        if self.progress.best.is_none_or(|best| watched < best.loss) && watched.is_finite() {
            self.progress.best = Some(Best { epoch, loss: watched });
            if validation.is_some() && self.settings.restore_best {
                match &mut self.best {
                    Some(best) => {
                        best.as_mut_slice().copy_from_slice(self.engine.state().as_slice());
                    }
                    None => self.best = Some(self.engine.state().clone()),
                }
            }
        }
        if let Some(plateau) = &mut self.progress.plateau {
            plateau.observe(watched);
        }
        self.progress.epoch = epoch;
        self.progress.batch = 0;
        (self.progress.loss_sum, self.progress.loss_rows) = (0.0, 0);
        let record = EpochRecord {
            epoch,
            step: self.progress.step,
            train_loss,
            validation_loss: validation,
            validation_score: validation.and_then(|_| score.finish()),
            learning_rate: rate,
            is_best: self.progress.best.is_some_and(|best| best.epoch == epoch),
            seconds: clock.seconds(),
        };
        self.progress.history.push(record.clone());
        tell(Event::Epoch { record: &record, engine: self.engine });
        Ok(())
    }

    fn is_patience_over(&self) -> bool {
        let (Some(patience), Some(best), Some(_)) =
            (self.settings.patience, self.progress.best, self.validation)
        else {
            return false;
        };
        self.progress.epoch >= best.epoch + patience
    }

    fn is_checkpoint_due(&self, last_kept: &Instant) -> bool {
        match self.settings.checkpoint_every {
            CheckpointEvery::Steps(steps) => self.progress.step.is_multiple_of(steps.max(1)),
            CheckpointEvery::Time(time) => last_kept.elapsed() >= time,
            CheckpointEvery::Off => false,
        }
    }

    fn keep(
        &mut self,
        keeper: &mut dyn Keeper,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), TrainError> {
        let snapshot = Snapshot {
            progress: &self.progress,
            state: self.engine.state(),
            best: self.best.as_ref(),
        };
        keeper.keep(snapshot).map_err(TrainError::Keep)?;
        tell(Event::Checkpoint { step: self.progress.step });
        Ok(())
    }

    fn batches(&self) -> u64 {
        batches(self.train.len(), self.settings.batch_size) as u64
    }

    fn positions(&self, batch: u64) -> std::ops::Range<usize> {
        positions(self.train.len(), self.settings.batch_size, batch as usize)
    }

    fn drop_anchor(&mut self) {
        self.anchor.as_mut_slice().copy_from_slice(self.engine.state().as_slice());
        self.anchor_progress = (self.progress.batch, self.progress.step);
    }

    /// Runs the epoch again up to the present step, and that step slowly, to see where a value first
    /// went bad.
    fn diverged(&mut self) -> TrainError {
        let (step, epoch) = (self.progress.step, self.progress.epoch);
        let (first, origin) = self.replay().unwrap_or((None, None));
        TrainError::NotFinite(Box::new(NotFinite {
            step: step + 1,
            epoch: epoch + 1,
            first,
            origin,
            learning_rate: self.rate(step),
        }))
    }

    fn replay(&mut self) -> Result<(Option<FirstBad>, Option<String>), TrainError> {
        let (until, epoch) = (self.progress.step, self.progress.epoch);
        let (mut batch, mut step) = self.anchor_progress;
        self.engine.state_mut().as_mut_slice().copy_from_slice(self.anchor.as_slice());
        let train = self.train;
        while step <= until {
            let positions = self.positions(batch);
            let (rows, start) = (positions.len(), positions.start);
            let (rate, key) = (self.rate(step), step_key(self.settings.seed, step));
            let fill = |features: &mut [f32], targets: &mut [f32]| {
                train.fill(epoch, positions, features, targets).map_err(TrainError::from)
            };
            // The update before may have been the one that overflowed.
            if step + 2 > until {
                if let Some(first) = self.engine.step_observed(rows, rate, key, fill)? {
                    let position = start + first.row.unwrap_or(0);
                    let origin = first.row.and_then(|_| train.origin(epoch, position));
                    return Ok((Some(first), origin));
                }
            } else {
                self.engine.step(rows, rate, key, fill)?;
            }
            (batch, step) = (batch + 1, step + 1);
        }
        Ok((None, None))
    }
}

/// Time of this run, and of the runs before it.
struct Clock {
    start: Instant,
    before: f64,
}

impl Clock {
    fn new(before: f64) -> Clock {
        Clock { start: Instant::now(), before }
    }

    fn run(&self) -> Duration {
        self.start.elapsed()
    }

    fn seconds(&self) -> f64 {
        self.before + self.start.elapsed().as_secs_f64()
    }
}

/// Rows that are evaluated at once.
const EVALUATED_ROWS: usize = 512;

/// The loss over a part in its own order; `take(outputs, predictions, targets)` sees every batch.
///
/// # Errors
/// If the data cannot be read.
pub fn evaluate(
    engine: &mut Engine,
    part: &dyn Examples,
    mut take: impl FnMut(&[f32], &[f32], &[f32]),
) -> Result<LossSum, TrainError> {
    let mut total = LossSum::default();
    let mut start = 0;
    while start < part.len() {
        let end = (start + EVALUATED_ROWS).min(part.len());
        let fill = |own: Range<usize>, features: &mut [f32], targets: &mut [f32]| {
            let own = start + own.start..start + own.end;
            part.fill_in_order(own, features, targets).map_err(TrainError::from)
        };
        let found = match part.lend_in_order(start..end) {
            Some((features, targets)) => {
                engine.evaluate_on(end - start, features, targets, &mut take)?
            }
            None => engine.evaluate_by_rows(end - start, &fill, &mut take)?,
        };
        total.sum += found.sum;
        total.weight += found.weight;
        start = end;
    }
    Ok(total)
}

/// The number of steps in an epoch. A last batch of a single row would have no variance for batch
/// norm, so it joins the batch before.
pub fn batches(rows: usize, batch_size: usize) -> usize {
    let batch_size = batch_size.max(1);
    let lonely = rows > batch_size && batch_size > 1 && rows % batch_size == 1;
    rows.div_ceil(batch_size) - usize::from(lonely)
}

/// The positions of a batch in the order of the epoch.
pub fn positions(rows: usize, batch_size: usize, batch: usize) -> std::ops::Range<usize> {
    let start = batch * batch_size.max(1);
    let end = if batch + 1 == batches(rows, batch_size) { rows } else { start + batch_size };
    start..end.min(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_cover_every_row_once_and_leave_none_alone() {
        for rows in 1..70 {
            for batch_size in 1..20 {
                let mut next = 0;
                for batch in 0..batches(rows, batch_size) {
                    let range = positions(rows, batch_size, batch);
                    assert_eq!(range.start, next);
                    assert!(range.len() > 1 || rows == 1 || batch_size == 1, "{rows} {batch_size}");
                    assert!(range.len() <= batch_size + 1);
                    next = range.end;
                }
                assert_eq!(next, rows);
            }
        }
    }
}
