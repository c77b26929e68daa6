//! The examination of a saved run: its start is replayed, its end looked at, and cures are tested on
//! forks. The run itself is only read.

mod account;
mod fork;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde::{Deserialize, Serialize};

pub use self::account::account_examination;
use self::fork::{Fork, Origin};
use super::resolve::resolve;
use super::{
    Resolved, SessionError, apart, augmented, data_options, trained, vocabulary, watching,
};
use crate::auto::Until;
use crate::data::{DataOptions, Prepared, prepare};
use crate::diagnosis::{
    Change, Curvature, Evidence, Finding, Hessian, InputSpread, NoiseScale, Prober, Sample,
    diagnose,
};
use crate::engine::Engine;
use crate::experiment::Experiment;
use crate::messages::{self as say, Said};
use crate::run::RunDir;
use crate::train::{EpochRecord, Examples, Shuffled};

/// How a run is examined.
#[derive(Debug, Clone, Copy)]
pub struct ExamineOptions {
    /// Steps that are replayed, and steps of each fork.
    pub steps: u64,
    /// Whether the cures are tested.
    pub test_cures: bool,
}

impl Default for ExamineOptions {
    fn default() -> Self {
        ExamineOptions { steps: 300, test_cures: true }
    }
}

/// What an examination found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Examination {
    /// The run.
    pub run: PathBuf,
    /// Steps that were replayed.
    pub replayed: u64,
    /// Training examples that were looked at.
    pub rows: usize,
    /// Whether the end of the run was looked at, too.
    pub has_end: bool,
    /// What was measured.
    pub evidence: Evidence,
    /// The rules that fired.
    pub findings: Vec<Finding>,
    /// The cures, tested.
    pub trials: Vec<Trial>,
}

/// A cure that was tested.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Trial {
    /// The rules that proposed it.
    pub rules: Vec<String>,
    /// What was changed.
    pub change: Change,
    /// The step that both forks went on from.
    pub from: u64,
    /// Steps of each fork.
    pub steps: u64,
    /// Without the change.
    pub plain: Losses,
    /// With it.
    pub cured: Losses,
    /// The least fall of the loss that counts: a twentieth of it, and a hundredth of what a constant
    /// prediction has. What is below differs as much from seed to seed.
    #[serde(default)]
    pub least_gain: f64,
    /// Why it could not be tested.
    pub failed: Option<String>,
}

/// Losses at the end of a fork; none where it diverged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    /// On training examples.
    pub train: Option<f64>,
    /// On the validation part.
    pub validation: Option<f64>,
}

impl Trial {
    /// Whether the loss with the cure is lower by more than chance makes it: of the validation part where
    /// there is one, else of training examples.
    #[must_use]
    pub fn helps(&self) -> bool {
        let known = |losses: Losses| losses.validation.or(losses.train);
        match (known(self.plain), known(self.cured)) {
            (Some(plain), Some(cured)) => plain - cured > self.least_gain.max(0.05 * plain.abs()),
            (None, Some(_)) => true,
            _ => false,
        }
    }
}

/// Training examples that are looked at.
const ROWS: usize = 1024;
/// Looks at the replayed steps, beside the one before the first.
const LOOKS: u64 = 8;
/// Among the first so many steps, at powers of two, the loss tells whether one of them was far too wide.
const EARLY: u64 = 32;

/// Examines a run with its data, and tests the cures.
///
/// # Errors
/// If the run or its data cannot be read.
pub fn examine(run: &Path, options: &ExamineOptions) -> Result<Examination, SessionError> {
    let dir = RunDir::open(run)?;
    let experiment = dir.experiment(vocabulary())?;
    let case = Case::open(&experiment)?;
    let lines = dir.metrics().unwrap_or_default();
    let mut evidence = Evidence {
        run: watching::run_facts(&case.resolved, &case.data),
        epochs: lines.iter().filter_map(epoch).collect(),
        not_finite: watching::birth(&lines),
        ..Evidence::default()
    };
    let (replayed, plain, rows) = replay(&case, options.steps, &mut evidence)?;
    let checkpoint = dir.checkpoint().ok().flatten();
    let end = checkpoint.as_ref().and_then(|restored| Origin::of(restored, &case));
    if let Some(end) = &end {
        look_at_end(&case, end, &mut evidence)?;
    }
    let findings = diagnose(&evidence);
    let mut examination = Examination {
        run: run.to_path_buf(),
        replayed,
        rows,
        has_end: end.is_some(),
        evidence,
        findings,
        trials: Vec::new(),
    };
    if options.test_cures {
        let end = end.filter(|end| end.goes_on(&case, options.steps));
        examination.trials = trials(&case, &examination, plain, end.as_ref(), options.steps)?;
    }
    Ok(examination)
}

/// An experiment with its data.
struct Case {
    resolved: Resolved,
    data: Prepared,
}

impl Case {
    fn open(experiment: &Experiment) -> Result<Case, SessionError> {
        Case::of_split(experiment, experiment.training.seed)
    }

    /// With the parts of the data that another seed gives.
    fn of_split(experiment: &Experiment, seed: u64) -> Result<Case, SessionError> {
        let options = DataOptions { seed, ..data_options(experiment)? };
        let data = prepare(&experiment.data.source, &options)?;
        let never = AtomicBool::new(false);
        let until = Until::new(&never, Instant::now(), None);
        let resolved = resolve(experiment, &data, &until, &mut |_| {})?;
        if apart::of(&resolved.model).is_some() {
            return Err(SessionError::Said(Said::new(say::doctor_apart)));
        }
        Ok(Case { resolved, data })
    }

    /// The engine with the weights that the run started from.
    fn engine(&self) -> Result<Engine, SessionError> {
        let mut engine = self.resolved.engine(&self.data)?;
        if let Some(init) = &self.resolved.experiment.model.init {
            trained::load_weights(&mut engine, Path::new(init))?;
        }
        Ok(engine)
    }

    fn plain(&self) -> Shuffled<'_> {
        let training = &self.resolved.experiment.training;
        Shuffled::new(&self.data.train, training.seed, training.shuffle)
    }

    /// Calls `with` with the training examples as the run sees them.
    fn with_train<R>(
        &self,
        with: impl FnOnce(&dyn Examples) -> Result<R, SessionError>,
    ) -> Result<R, SessionError> {
        let plain = self.plain();
        let augmented = augmented(&self.resolved.experiment, &self.data, &plain)?;
        with(augmented.as_ref().map_or(&plain, |augmented| augmented))
    }
}

/// The first steps, with looks. Returns how many were taken, the losses then, and the examples looked
/// at.
fn replay(
    case: &Case,
    steps: u64,
    evidence: &mut Evidence,
) -> Result<(u64, Losses, usize), SessionError> {
    case.with_train(|train| {
        let mut fork = Fork::new(case, case.engine()?, train, None)?;
        let sample = Sample::take(&fork.engine, train, ROWS)?;
        let loss = &case.resolved.loss;
        let kinds = watching::input_kinds(&case.data);
        evidence.inputs = Some(InputSpread::measure(&sample, loss, &kinds));
        let mut looks = Looks::new(&fork.engine, &sample)?;
        let steps = steps.min(fork.total_steps()).max(1);
        looks.signals(&mut fork, evidence);
        let first = evidence.probes.first().map(|probe| probe.loss);
        looks.curvature(&mut fork, evidence, false)?;
        for step in 1..=steps {
            if let Some(birth) = fork.step()? {
                evidence.not_finite.get_or_insert(birth);
                return Ok((step, Losses::default(), sample.rows()));
            }
            if step <= EARLY && step.is_power_of_two() {
                let loss = fork.losses(&sample)?.train.unwrap_or(f64::MAX);
                let times = first.filter(|first| *first > 0.0).map(|first| loss / first);
                evidence.thrown = evidence.thrown.into_iter().chain(times).reduce(f64::max);
            }
            let every = (steps / LOOKS).max(1);
            if step.is_multiple_of(every) {
                looks.signals(&mut fork, evidence);
            }
            if step.is_multiple_of(every * 2) || step == steps {
                looks.curvature(&mut fork, evidence, false)?;
                looks.noise(&mut fork, evidence)?;
            }
        }
        Ok((steps, fork.losses(&sample)?, sample.rows()))
    })
}

fn look_at_end(case: &Case, end: &Origin, evidence: &mut Evidence) -> Result<(), SessionError> {
    case.with_train(|train| {
        let mut fork = Fork::new(case, case.engine()?, train, Some(end))?;
        let sample = Sample::take(&fork.engine, train, ROWS)?;
        let mut looks = Looks::new(&fork.engine, &sample)?;
        looks.signals(&mut fork, evidence);
        // Other rows, for what must hold on all.
        looks.start = sample.rows() - looks.prober.rows();
        looks.signals(&mut fork, evidence);
        looks.noise(&mut fork, evidence)?;
        looks.curvature(&mut fork, evidence, true)
    })
}

/// What looks at a fork.
struct Looks<'a> {
    sample: &'a Sample,
    prober: Prober,
    /// Absent where the network has no second derivative.
    hessian: Option<Hessian>,
    start: usize,
}

impl<'a> Looks<'a> {
    fn new(engine: &Engine, sample: &'a Sample) -> Result<Looks<'a>, SessionError> {
        let half = sample.rows().div_ceil(2);
        let prober = Prober::new(engine, half.max(sample.rows().min(256)))?;
        let hessian = Hessian::new(engine, sample.rows().min(256)).ok();
        Ok(Looks { sample, prober, hessian, start: 0 })
    }

    fn signals(&mut self, fork: &mut Fork<'_>, evidence: &mut Evidence) {
        let at = (fork.steps_taken(), fork.rate());
        let probe = self.prober.look(&mut fork.engine, (self.sample, self.start), at);
        evidence.probes.push(probe);
    }

    fn curvature(
        &mut self,
        fork: &mut Fork<'_>,
        evidence: &mut Evidence,
        both: bool,
    ) -> Result<(), SessionError> {
        let Some(hessian) = &mut self.hessian else { return Ok(()) };
        let at = (fork.steps_taken(), fork.rate());
        let found = hessian.curvature(&mut fork.engine, self.sample, at, both)?;
        // Where the schedule has brought the steps to nothing, their width is no question any more.
        let late = fork.rate() < 0.1 * evidence.run.learning_rate;
        evidence
            .curvatures
            .extend(found.map(|found| Curvature { limit: found.limit.filter(|_| !late), ..found }));
        Ok(())
    }

    fn noise(&mut self, fork: &mut Fork<'_>, evidence: &mut Evidence) -> Result<(), SessionError> {
        let (batch, at) = (evidence.run.batch_size, (fork.steps_taken(), fork.rate()));
        evidence.noise.extend(NoiseScale::measure(&mut fork.engine, self.sample, batch, at)?);
        Ok(())
    }
}

/// Tests every cure once, whichever rules propose it.
fn trials(
    case: &Case,
    examination: &Examination,
    plain: Losses,
    end: Option<&Origin>,
    steps: u64,
) -> Result<Vec<Trial>, SessionError> {
    let mut all: Vec<Trial> = Vec::new();
    let mut plain_from_end = None;
    let least_gain = 0.01 * examination.evidence.constant_loss().unwrap_or(0.0);
    let named = examination.findings.iter();
    for (rule, change) in named.flat_map(|f| f.changes().map(|change| (&f.rule, change))) {
        if let Some(known) = all.iter_mut().find(|trial| trial.change == *change) {
            if !known.rules.contains(rule) {
                known.rules.push(rule.clone());
            }
            continue;
        }
        // What the run has already is no cure.
        let mut changed = case.resolved.experiment.clone();
        change.apply(&mut changed);
        if changed == case.resolved.experiment {
            continue;
        }
        let origin = end.filter(|_| change.keeps_weights());
        let mut trial = Trial {
            rules: vec![rule.clone()],
            change: change.clone(),
            from: origin.map_or(0, |origin| origin.progress.step),
            steps: examination.replayed,
            plain,
            cured: Losses::default(),
            least_gain,
            failed: None,
        };
        if let Change::StopAt(epoch) = change {
            (trial.from, trial.steps) = (0, 0);
            trial.plain = recorded(&examination.evidence.epochs, None);
            trial.cured = recorded(&examination.evidence.epochs, Some(*epoch));
            all.push(trial);
            continue;
        }
        if origin.is_some() {
            let known = match plain_from_end {
                Some(losses) => losses,
                None => fork_losses(case, origin, steps)?,
            };
            plain_from_end = Some(known);
            (trial.plain, trial.steps) = (known, steps);
        }
        match cured(case, change, origin, steps) {
            Ok(losses) => trial.cured = losses,
            Err(error) => trial.failed = Some(error.to_string()),
        }
        all.push(trial);
    }
    Ok(all)
}

/// The losses with a change after as many steps.
fn cured(
    case: &Case,
    change: &Change,
    origin: Option<&Origin>,
    steps: u64,
) -> Result<Losses, SessionError> {
    let mut experiment = case.resolved.experiment.clone();
    change.apply(&mut experiment);
    // The same rows are held back, whatever the seed.
    let split = case.resolved.experiment.training.seed;
    fork_losses(&Case::of_split(&experiment, split)?, origin, steps)
}

fn fork_losses(case: &Case, origin: Option<&Origin>, steps: u64) -> Result<Losses, SessionError> {
    case.with_train(|train| {
        let mut fork = Fork::new(case, case.engine()?, train, origin)?;
        let sample = Sample::take(&fork.engine, train, ROWS)?;
        for _ in 0..steps.min(fork.total_steps()).max(1) {
            if fork.step()?.is_some() {
                return Ok(Losses::default());
            }
        }
        fork.losses(&sample)
    })
}

/// The losses of an epoch of the run, the last one if none is named.
fn recorded(epochs: &[EpochRecord], epoch: Option<u64>) -> Losses {
    let found = match epoch {
        Some(epoch) => epochs.iter().find(|record| record.epoch == epoch),
        None => epochs.last(),
    };
    found.map_or(Losses::default(), |record| Losses {
        train: Some(record.train_loss),
        validation: record.validation_loss,
    })
}

/// An epoch, from a line of `metrics.jsonl`.
fn epoch(line: &serde_json::Value) -> Option<EpochRecord> {
    if line["event"] != "epoch" {
        return None;
    }
    Some(EpochRecord {
        epoch: line["epoch"].as_u64()?,
        step: line["step"].as_u64()?,
        train_loss: line["train_loss"].as_f64()?,
        validation_loss: line["validation_loss"].as_f64(),
        validation_score: None,
        learning_rate: line["learning_rate"].as_f64().unwrap_or(f64::NAN),
        is_best: line["best"].as_bool().unwrap_or(false),
        seconds: line["seconds"].as_f64().unwrap_or(f64::NAN),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_gain_beyond_chance_helps() {
        let losses = |loss: f64| Losses { train: None, validation: Some(loss) };
        let trial = |plain: f64, cured: f64| Trial {
            rules: Vec::new(),
            change: Change::FreshWeights,
            from: 0,
            steps: 1,
            plain: losses(plain),
            cured: losses(cured),
            least_gain: 0.023,
            failed: None,
        };
        assert!(!trial(2.31, 2.30).helps());
        assert!(!trial(0.045, 0.0449).helps());
        assert!(!trial(0.5, 0.6).helps());
        assert!(trial(2.31, 0.4).helps() && trial(0.5, 0.4).helps());
        let diverged = Trial { plain: Losses::default(), ..trial(1.0, 0.5) };
        assert!(diverged.helps());
    }
}
