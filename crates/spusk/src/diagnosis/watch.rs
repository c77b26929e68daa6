//! Diagnosis while a training goes on.

use spusk_graph::GraphError;

use super::{
    Evidence, Finding, Hessian, InputKinds, InputSpread, Probe, Prober, ROWS, RULES, RunFacts,
    Sample,
};
use crate::engine::Engine;
use crate::train::{EpochRecord, Examples, NotFinite, TrainError};

/// Examples trained for every one that is looked at. With the first and the last look this is 1.4 to 2.8 %
/// of the time (`examples/diagnosis_cost.rs`, trainings of more than a tenth of a second).
const PER_PROBE: u64 = 200;
/// Examples trained for every one that is looked at once more at the end: what there is to see of a short
/// run, without looks taking their share of it.
const PER_LAST_PROBE: u64 = 40;
/// Examples of a look at the least, in short trainings.
const FEWEST_ROWS: usize = 64;
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
        let rows = self.rows(train) as u64;
        self.since.iter_mut().for_each(|since| *since += train.len() as u64);
        let is_last =
            record.epoch == self.evidence.run.epochs && self.since[0] >= PER_LAST_PROBE * rows;
        let is_look = is_last || self.since[0] >= PER_PROBE * rows;
        if is_look {
            self.look(engine, train, record.step, record.learning_rate)?;
            self.since[0] = 0;
        }
        if self.since[1] >= PER_CURVATURE * rows {
            self.curvature(engine, record)?;
            self.since[1] = 0;
        }
        Ok(if is_look || self.is_judged() { self.findings() } else { Vec::new() })
    }

    /// Whether the rules are asked after this epoch. They read all epochs, so that asking them after each of
    /// many would take time with the square of their number: of many epochs it is every fiftieth part.
    fn is_judged(&self) -> bool {
        let (epochs, all) = (self.evidence.epochs.len(), self.evidence.run.epochs);
        let is_end = self.evidence.epochs.last().is_some_and(|last| last.epoch == all);
        is_end || epochs.is_multiple_of((epochs / 50).max(1))
    }

    /// Hears that a value was not finite.
    pub fn broken(&mut self, bad: &NotFinite) -> Vec<Finding> {
        self.evidence.not_finite = Some(bad.into());
        self.findings()
    }

    /// Examples of a look: [`ROWS`], or so few that a short training can afford one at the start, one in the
    /// middle and one at the end.
    fn rows(&self, train: &dyn Examples) -> usize {
        let all = self.evidence.run.epochs.saturating_mul(train.len() as u64);
        let affordable = usize::try_from(all / (2 * PER_PROBE)).unwrap_or(ROWS);
        affordable.clamp(FEWEST_ROWS, ROWS).min(train.len())
    }

    fn look(
        &mut self,
        engine: &mut Engine,
        train: &dyn Examples,
        step: u64,
        learning_rate: f64,
    ) -> Result<(), TrainError> {
        let rows = self.rows(train);
        let sample = match &self.sample {
            Some(sample) => sample,
            None => self.sample.insert(Sample::take(engine, train, rows)?),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_asked_ever_less_often() {
        let run = RunFacts { epochs: 2_000, ..RunFacts::default() };
        let mut watch = Watch::new(run, Vec::new());
        let mut asked = Vec::new();
        for epoch in 1..=2_000 {
            watch.evidence.epochs.push(EpochRecord {
                epoch,
                step: epoch,
                train_loss: 1.0,
                validation_loss: None,
                validation_score: None,
                learning_rate: 0.1,
                is_best: false,
                seconds: 0.0,
            });
            if watch.is_judged() {
                asked.push(epoch);
            }
        }
        assert!((1..100).all(|epoch| asked.contains(&epoch)));
        assert!(asked.len() < 300, "{}", asked.len());
        assert!(asked.windows(2).all(|pair| pair[1] - pair[0] <= pair[1] / 50 + 1));
        assert_eq!(asked.last(), Some(&2_000));
    }
}
