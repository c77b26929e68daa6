//! The experiment: kinds of networks, many runs of each, dealt to the threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::alone::Alone;
use super::folder::Folder;
use super::index::pace as pace_of_index;
use super::{Index, IndexRequest, Outcome, Recipe, Stack, index};
use crate::data::Encoded;
use crate::landscape::Subject;
use crate::messages::{self as say, Said};
use crate::model::Batch;
use crate::session::SessionError;

/// Networks of the same layers.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its name, as `25`.
    pub name: String,
    /// Units of the hidden layer, where there is one.
    pub units: Option<usize>,
    /// How each of them is trained.
    pub recipe: Recipe,
}

impl Variant {
    /// Whether its networks are trained side by side; others are trained one by one, each on one thread.
    #[must_use]
    pub fn together(&self) -> bool {
        Stack::holds(&self.recipe.model) && Stack::takes(&self.recipe.options.optimizer)
    }
}

/// What is trained how often on what.
pub struct Starts<'d> {
    /// The kinds of networks.
    pub variants: Vec<Variant>,
    /// Runs of each. Run r has the seed `seed` + r, in every kind.
    pub runs: usize,
    /// The first seed.
    pub seed: u64,
    /// The rows that train.
    pub train: &'d Encoded,
    /// The rows of the test.
    pub test: &'d Encoded,
    /// Sizes of an example's target.
    pub target: Vec<usize>,
    /// What is asked of the Hessian.
    pub index: IndexRequest,
    /// Threads to compute with; they change no result.
    pub threads: usize,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RunFound {
    /// On the training rows.
    pub train: Outcome,
    /// On the test rows.
    pub test: Outcome,
    /// Of the first runs.
    pub index: Option<Index>,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Runs that are over.
    pub done: usize,
    /// All of them.
    pub all: usize,
}

/// Some runs of a kind that one thread trains.
struct Job {
    variant: usize,
    runs: Vec<usize>,
}

/// How long the experiment will take, from a short measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Seconds for the runs that are still to come, without the Hessians.
    pub seconds: f64,
    /// Seconds for the Hessians that are still to come.
    pub hessians: f64,
    /// Seconds of one thread for a run of each kind.
    pub of_run: Vec<f64>,
}

/// A kind is measured about so long.
const MEASURED: Duration = Duration::from_millis(250);

/// Between two states of a job on the disk pass at least so many seconds.
const KEPT_EVERY: Duration = Duration::from_secs(30);

impl Starts<'_> {
    /// Measures how long a run of each kind takes while all threads are busy with it.
    ///
    /// # Errors
    /// If a network does not fit the rows.
    pub fn forecast(&self, done: &dyn Fn(usize) -> usize) -> Result<Forecast, SessionError> {
        let mut of_run = Vec::new();
        for variant in &self.variants {
            let paces: Vec<Result<f64, SessionError>> = std::thread::scope(|scope| {
                let all: Vec<_> =
                    (0..self.threads.max(1)).map(|_| scope.spawn(|| self.pace(variant))).collect();
                all.into_iter()
                    .map(|one| one.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
                    .collect()
            });
            let count = paces.len() as f64;
            of_run.push(paces.into_iter().sum::<Result<f64, SessionError>>()? / count);
        }
        let left = |variant: usize| self.runs.saturating_sub(done(variant)) as f64;
        let whole: f64 = of_run.iter().enumerate().map(|(i, seconds)| seconds * left(i)).sum();
        let threads = self.threads.max(1);
        let mut hessians = 0.0;
        for (i, variant) in self.variants.iter().enumerate() {
            let asked = self.index.networks.min(self.runs).saturating_sub(done(i));
            if asked > 0 {
                // Those of a job are examined one after the other.
                let at_once = asked.min(threads) as f64;
                hessians += asked as f64 / at_once * self.pace_of_index(variant)?;
            }
        }
        Ok(Forecast { seconds: whole / threads as f64, hessians, of_run })
    }

    /// Seconds of the index of one Hessian on this thread, from its products with a vector.
    fn pace_of_index(&self, variant: &Variant) -> Result<f64, SessionError> {
        let Recipe { model, options, .. } = &variant.recipe;
        let (shape, target) = (self.train.shape(), &self.target);
        let batch = Batch { size: 1, features: shape.into(), target: [].into() };
        let parameters = model.parameters(&batch)?;
        let subject = Subject::new(model, &options.loss, shape, target, |name| {
            let parameter = parameters.iter().find(|p| p.name == name)?;
            let mut values = vec![0.0; parameter.shape.size()];
            parameter.fill(self.seed, &mut values);
            Some(values)
        })?;
        pace_of_index(subject, self.train, &self.index, self.seed)
    }

    /// Seconds of a run on this thread.
    fn pace(&self, variant: &Variant) -> Result<f64, SessionError> {
        let recipe = &variant.recipe;
        let of_epoch = match variant.together() {
            true => {
                let seeds: Vec<u64> = (0..recipe.networks(self.train) as u64).collect();
                Stack::new(recipe, self.train, &self.target, &seeds)?.pace(MEASURED)?
            }
            false => Alone::new(self, recipe).pace(self.seed, MEASURED)?,
        };
        Ok(of_epoch * recipe.epochs as f64)
    }

    /// Trains everything that the folder does not hold yet. `tell` hears after every job, from any thread.
    ///
    /// # Errors
    /// If the rows cannot be read, the folder cannot be written, or `stop` is set before the end.
    pub fn run(
        &self,
        folder: &Folder,
        stop: &AtomicBool,
        tell: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Vec<RunFound>>, SessionError> {
        let jobs = self.jobs(folder);
        let all = self.variants.len() * self.runs;
        let left: usize = jobs.iter().map(|job| job.runs.len()).sum();
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(all - left));
        let failed: Mutex<Option<SessionError>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..self.threads.clamp(1, jobs.len().max(1)) {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(job) = jobs.get(at) else { break };
                        match self.job(job, folder, stop) {
                            Ok(false) => break,
                            Ok(true) => {
                                let runs = job.runs.len();
                                let done = done.fetch_add(runs, Ordering::Relaxed) + runs;
                                tell(Progress { done, all });
                            }
                            Err(error) => {
                                next.store(jobs.len(), Ordering::Relaxed);
                                if let Ok(mut failed) = failed.lock() {
                                    failed.get_or_insert(error);
                                }
                            }
                        }
                    }
                });
            }
        });
        if let Some(error) = failed.into_inner().unwrap_or(None) {
            return Err(error);
        }
        let found = folder.found();
        let of = |variant: usize| {
            (0..self.runs)
                .map(|run| found.get(&(variant, run)).copied())
                .collect::<Option<Vec<_>>>()
        };
        let all = (0..self.variants.len()).map(of).collect::<Option<Vec<_>>>();
        all.ok_or_else(|| {
            SessionError::Said(Said::new(match folder.keeps() {
                true => say::starts_stopped_kept,
                false => say::starts_stopped,
            }))
        })
    }

    /// What is left, the most costly kinds first, so that no thread is left alone with one at the end.
    fn jobs(&self, folder: &Folder) -> Vec<Job> {
        let found = folder.found();
        let mut jobs = Vec::new();
        for (variant, kind) in self.variants.iter().enumerate().rev() {
            let size = match kind.together() {
                true => kind.recipe.networks(self.train),
                false => 1,
            };
            // Two threads share even a few runs.
            let size = size.min(self.runs.div_ceil(self.threads.max(1))).max(1);
            let left: Vec<usize> =
                (0..self.runs).filter(|&run| !found.contains_key(&(variant, run))).collect();
            jobs.extend(left.chunks(size).map(|runs| Job { variant, runs: runs.to_vec() }));
        }
        jobs
    }

    fn seed_of(&self, run: usize) -> u64 {
        self.seed.wrapping_add(run as u64)
    }

    /// Trains some runs and puts down what they came to; false if it was stopped.
    fn job(&self, job: &Job, folder: &Folder, stop: &AtomicBool) -> Result<bool, SessionError> {
        let variant = &self.variants[job.variant];
        match variant.together() {
            true => self.together(job, variant, folder, stop),
            false => self.alone(job, variant, folder, stop),
        }
    }

    fn together(
        &self,
        job: &Job,
        variant: &Variant,
        folder: &Folder,
        stop: &AtomicBool,
    ) -> Result<bool, SessionError> {
        let seeds: Vec<u64> = job.runs.iter().map(|&run| self.seed_of(run)).collect();
        let mut stack = Stack::new(&variant.recipe, self.train, &self.target, &seeds)?;
        if let Some((epoch, state)) = folder.state(job.variant, &job.runs) {
            stack.restore(epoch, &state);
        }
        let mut kept = Instant::now();
        while stack.epoch() < variant.recipe.epochs {
            let stopped = stop.load(Ordering::Relaxed);
            if stopped || kept.elapsed() >= KEPT_EVERY {
                folder.keep(job.variant, &job.runs, stack.epoch(), stack.state())?;
                kept = Instant::now();
            }
            if stopped {
                return Ok(false);
            }
            stack.train_epoch()?;
        }
        let (train, test) = (stack.evaluate(self.train)?, stack.evaluate(self.test)?);
        let mut found = Vec::new();
        for (i, &run) in job.runs.iter().enumerate() {
            let weights = |name: &str| {
                let all = stack.weights(i);
                all.into_iter().find(|(own, _)| own == name).map(|(_, values)| values)
            };
            let index = self.index(variant, run, &train[i], weights)?;
            found.push((run, RunFound { train: train[i], test: test[i], index }));
        }
        folder.put(job.variant, &found)?;
        Ok(true)
    }

    fn alone(
        &self,
        job: &Job,
        variant: &Variant,
        folder: &Folder,
        stop: &AtomicBool,
    ) -> Result<bool, SessionError> {
        let mut found = Vec::new();
        for &run in &job.runs {
            let alone = Alone::new(self, &variant.recipe);
            let Some(trained) = alone.train(self.seed_of(run), stop)? else { return Ok(false) };
            let weights = |name: &str| trained.values(name);
            let index = self.index(variant, run, &trained.train, weights)?;
            found.push((run, RunFound { train: trained.train, test: trained.test, index }));
        }
        folder.put(job.variant, &found)?;
        Ok(true)
    }

    /// The index of a run's Hessian, if it is one of those that it is asked of.
    fn index(
        &self,
        variant: &Variant,
        run: usize,
        train: &Outcome,
        weights: impl Fn(&str) -> Option<Vec<f32>>,
    ) -> Result<Option<Index>, SessionError> {
        if run >= self.index.networks || !train.loss.is_finite() {
            return Ok(None);
        }
        let Recipe { model, options, .. } = &variant.recipe;
        let (shape, target) = (self.train.shape(), &self.target);
        let subject = Subject::new(model, &options.loss, shape, target, weights)?;
        index(subject, self.train, &self.index, self.seed_of(run)).map(Some)
    }
}
