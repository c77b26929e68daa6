//! Diagnosis while a training goes on.

use spusk_graph::GraphError;

use super::{
    Evidence, Finding, Hessian, InputKinds, InputSpread, Probe, Prober, ROWS, RULES, RunFacts,
    Sample,
};
use crate::engine::Engine;
use crate::train::{EpochRecord, Examples, NotFinite, TrainError};

/// Examples trained for every one that is looked at: a look costs about 1.6 times what a step on as
/// many rows does, so that this is about 1.6 % of the time.
const PER_PROBE: u64 = 100;
/// Examples trained for every one whose curvature is measured, which takes many passes.
const PER_CURVATURE: u64 = 5_000;

/// Watches a training: looks at it now and then, and tells each rule that fires once.
///
/// How often it looks depends on the examples trained alone, so it finds the same every time.
pub struct Watch {
    evidence: Evidence,
    sample: Option<Sample>,
    prober: Option<Prober>,
    hessian: Option<Hessian>,
    told: Vec<String>,
    /// Examples trained since the last look, and since the last curvature.
    since: [u64; 2],
}

impl Watch {
    /// A watch over a training; rules that were told before the run was stopped are not told again.
    #[must_use]
    pub fn new(run: RunFacts, told: Vec<String>) -> Watch {
        Watch {
            evidence: Evidence { run, ..Evidence::default() },
            sample: None,
            prober: None,
            hessian: None,
            told,
            since: [0, 0],
        }
    }

    /// What was measured so far.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Looks at the network before its first step.
    ///
    /// # Errors
    /// If the data cannot be read.
    pub fn begin(
        &mut self,
        engine: &mut Engine,
        train: &dyn Examples,
        learning_rate: f64,
        kinds: &InputKinds,
    ) -> Result<Vec<Finding>, TrainError> {
        self.look(engine, train, 0, learning_rate)?;
        if let Some(sample) = &self.sample {
            let loss = &engine.options().loss;
            self.evidence.inputs = Some(InputSpread::measure(sample, loss, kinds));
        }
        Ok(self.findings())
    }

    /// Hears of an epoch, and looks if it is time.
    ///
    /// # Errors
    /// If the data cannot be read.
    pub fn epoch(
        &mut self,
        engine: &mut Engine,
        train: &dyn Examples,
        record: &EpochRecord,
    ) -> Result<Vec<Finding>, TrainError> {
        self.evidence.epochs.push(record.clone());
        let rows = ROWS.min(train.len()) as u64;
        self.since.iter_mut().for_each(|since| *since += train.len() as u64);
        let is_last = record.epoch == self.evidence.run.epochs && self.since[0] >= 10 * rows;
        if is_last || self.since[0] >= PER_PROBE * rows {
            self.look(engine, train, record.step, record.learning_rate)?;
            self.since[0] = 0;
        }
        if self.since[1] >= PER_CURVATURE * rows {
            self.curvature(engine, record)?;
            self.since[1] = 0;
        }
        Ok(self.findings())
    }

    /// Hears that a value was not finite.
    pub fn broken(&mut self, bad: &NotFinite) -> Vec<Finding> {
        self.evidence.not_finite = Some(bad.into());
        self.findings()
    }

    fn look(
        &mut self,
        engine: &mut Engine,
        train: &dyn Examples,
        step: u64,
        learning_rate: f64,
    ) -> Result<(), TrainError> {
        let sample = match &self.sample {
            Some(sample) => sample,
            None => self.sample.insert(Sample::take(engine, train, ROWS)?),
        };
        let prober = match &mut self.prober {
            Some(prober) => prober,
            None => self.prober.insert(Prober::new(engine, sample.rows())?),
        };
        let probe: Probe = prober.look(engine, (sample, 0), (step, learning_rate));
        self.evidence.probes.push(probe);
        Ok(())
    }

    fn curvature(&mut self, engine: &mut Engine, record: &EpochRecord) -> Result<(), GraphError> {
        let Some(sample) = &self.sample else { return Ok(()) };
        let hessian = match &mut self.hessian {
            Some(hessian) => hessian,
            None => self.hessian.insert(Hessian::new(engine, sample.rows())?),
        };
        let at = (record.step, record.learning_rate);
        self.evidence.curvatures.extend(hessian.curvature(engine, sample, at, false)?);
        Ok(())
    }

    /// What fires now and was not told before.
    fn findings(&mut self) -> Vec<Finding> {
        let told = &mut self.told;
        let new = RULES.iter().filter(|rule| told.iter().all(|name| name != rule.name));
        let found: Vec<Finding> = new.filter_map(|rule| rule.finding(&self.evidence)).collect();
        told.extend(found.iter().map(|finding| finding.rule.clone()));
        found
    }
}
