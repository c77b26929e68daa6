//! The watch over a session's training, and what it finds in `metrics.jsonl`.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Resolved, SessionError, SessionEvent};
use crate::data::{Inputs, Prepared};
use crate::diagnosis::{Birth, Finding, InputKinds, RunFacts, Watch};
use crate::engine::Engine;
use crate::messages::{self as say, Said};
use crate::run::{MetricsLog, RunWriter};
use crate::train::{EpochRecord, Examples, NotFinite};

/// A line of `metrics.jsonl`: a rule that fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    event: String,
    step: u64,
    #[serde(flatten)]
    finding: Finding,
}

/// A line of `metrics.jsonl`: where a value that is not finite came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct BirthLine {
    event: String,
    #[serde(flatten)]
    birth: Birth,
}

const FINDING: &str = "finding";
const NOT_FINITE: &str = "not_finite";

/// The watch over a training; without one where it is switched off or cannot look.
pub(super) struct Watching<'a> {
    watch: Option<Watch>,
    train: &'a dyn Examples,
    rate: f64,
    kinds: InputKinds,
    spent: Duration,
}

impl<'a> Watching<'a> {
    pub(super) fn new(
        resolved: &Resolved,
        data: &Prepared,
        train: &'a dyn Examples,
        told: Vec<String>,
    ) -> Watching<'a> {
        let on = resolved.experiment.training.diagnosis;
        let watch = on.then(|| Watch::new(run_facts(resolved, data), told));
        let total = crate::train::batches(train.len(), resolved.settings.batch_size) as u64
            * resolved.settings.epochs;
        let factor = resolved.settings.schedule.factor(0, total);
        let rate = resolved.settings.learning_rate * factor;
        Watching { watch, train, rate, kinds: input_kinds(data), spent: Duration::ZERO }
    }

    /// Seconds that it took so far; nothing depends on them.
    pub(super) fn seconds(&self) -> f64 {
        self.spent.as_secs_f64()
    }

    /// Looks before the first step.
    pub(super) fn begin(
        &mut self,
        engine: &mut Engine,
        log: &RefCell<MetricsLog>,
        tell: &mut dyn FnMut(SessionEvent<'_>),
    ) -> Result<(), SessionError> {
        let Some(watch) = &mut self.watch else { return Ok(()) };
        let started = Instant::now();
        let begun = watch.begin(engine, self.train, self.rate, &self.kinds);
        self.spent += started.elapsed();
        match begun {
            Ok(found) => {
                keep(&found, 0, &mut log.borrow_mut())?;
                found.iter().for_each(|finding| tell(SessionEvent::Finding(finding)));
            }
            Err(error) => {
                tell(SessionEvent::Note(&Said::new(|l| say::not_watched(l, &error))));
                self.watch = None;
            }
        }
        Ok(())
    }

    /// Hears of an epoch.
    pub(super) fn epoch(&mut self, engine: &mut Engine, record: &EpochRecord) -> Vec<Finding> {
        let Some(watch) = &mut self.watch else { return Vec::new() };
        let started = Instant::now();
        let found = watch.epoch(engine, self.train, record);
        self.spent += started.elapsed();
        // A look that fails is no reason to stop a training: from now on there is none.
        found.unwrap_or_else(|_| {
            self.watch = None;
            Vec::new()
        })
    }

    /// Hears that training ended with a value that is not finite.
    pub(super) fn broken(
        &mut self,
        bad: &NotFinite,
        log: &RefCell<MetricsLog>,
        tell: &mut dyn FnMut(SessionEvent<'_>),
    ) -> Result<(), SessionError> {
        let line = BirthLine { event: NOT_FINITE.into(), birth: bad.into() };
        log.borrow_mut().append(&line)?;
        let Some(watch) = &mut self.watch else { return Ok(()) };
        let found = watch.broken(bad);
        keep(&found, bad.step, &mut log.borrow_mut())?;
        found.iter().for_each(|finding| tell(SessionEvent::Finding(finding)));
        Ok(())
    }
}

/// What rules know of the settings.
pub(super) fn run_facts(resolved: &Resolved, data: &Prepared) -> RunFacts {
    RunFacts {
        optimizer: resolved.step.optimizer.name().into(),
        learning_rate: resolved.settings.learning_rate,
        batch_size: resolved.settings.batch_size.min(data.train.len().max(1)),
        train_rows: data.train.len(),
        epochs: resolved.settings.epochs,
        keeps_best: resolved.settings.restore_best,
    }
}

/// What the rules have to know of the inputs.
pub(super) fn input_kinds(data: &Prepared) -> InputKinds {
    let tokens = data.preprocessing.text().map(|text| text.start..text.start + text.length);
    InputKinds {
        alike: !matches!(data.preprocessing.inputs, Inputs::Table { .. }),
        tokens: tokens.unwrap_or_default(),
    }
}

/// Writes what was found after a step.
pub(super) fn keep(found: &[Finding], step: u64, log: &mut MetricsLog) -> Result<(), SessionError> {
    for finding in found {
        log.append(&Line { event: FINDING.into(), step, finding: finding.clone() })?;
    }
    Ok(())
}

/// The rules that a run has told already, which goes on from `at` bytes of its metrics.
pub(super) fn told(writer: &RunWriter, at: u64) -> Vec<String> {
    let lines = if at == 0 { Vec::new() } else { writer.dir().metrics().unwrap_or_default() };
    findings(&lines).map(|finding| finding.rule).collect()
}

/// What was found, by the lines of `metrics.jsonl`.
pub(super) fn findings(lines: &[serde_json::Value]) -> impl Iterator<Item = Finding> {
    let lines = lines.iter().filter(|line| line["event"] == FINDING);
    lines.filter_map(|line| serde_json::from_value::<Line>(line.clone()).ok()).map(|l| l.finding)
}

/// Where a value that is not finite came from, by the lines of `metrics.jsonl`.
pub(super) fn birth(lines: &[serde_json::Value]) -> Option<Birth> {
    let line = lines.iter().rev().find(|line| line["event"] == NOT_FINITE)?;
    serde_json::from_value::<BirthLine>(line.clone()).ok().map(|line| line.birth)
}

/// What the report warns of.
pub(super) fn warnings(lines: &[serde_json::Value]) -> Vec<Said> {
    let told = |finding: Finding| {
        Said::new(|l| {
            let [title, meaning, cure] =
                [&finding.title, &finding.meaning, &finding.cure].map(|said| said.in_language(l));
            say::cure_word(l, format!("{}: {meaning}", capital(title)), cure)
        })
    };
    findings(lines).map(told).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + letters.as_str()
}
