//! The rules: one file each, listed once.

mod bad_start;
mod clones;
mod dead_relu;
mod exploding_signal;
mod large_updates;
mod noisy_gradient;
mod not_finite;
mod overfitting;
mod saturation;
mod small_updates;
mod step_too_narrow;
mod step_too_wide;
mod stuck;
mod unscaled_inputs;
mod vanishing_gradient;
mod wasteful_batch;

use serde::{Deserialize, Serialize};

use super::evidence::median;
use super::{Change, Evidence, LayerProbe, Probe, SignalProbe};
use crate::messages::{Language, Said};

/// A rule: a number that is read off the evidence, and what it means when it is too large.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name: `dead_relu`.
    pub name: &'static str,
    /// What is wrong when it fires, in a few words.
    pub title: fn(Language) -> String,
    /// It fires above this.
    pub threshold: f64,
    measure: fn(&Evidence) -> Option<Measured>,
    /// What it means, and what helps.
    tell: fn(&Evidence, &Measured, Language) -> [String; 2],
    change: fn(&Evidence, &Measured) -> Option<Change>,
}

/// What a rule read off the evidence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// The number; larger is worse.
    pub value: f64,
    /// The layer or input that it belongs to; empty for the whole network.
    pub place: String,
    /// What is told with it.
    detail: Vec<f64>,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The name of the rule.
    pub rule: String,
    /// The layer or input; empty for the whole network.
    pub place: String,
    /// What was measured.
    pub value: f64,
    /// What it should not be above.
    pub threshold: f64,
    /// What is wrong, in a few words.
    pub title: Said,
    /// What it means.
    pub meaning: Said,
    /// What helps.
    pub cure: Said,
    /// The cure as a change of the experiment, where it is one.
    pub change: Option<Change>,
    /// The other cures that are named, where they are changes too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Change>,
}

impl Finding {
    /// Every cure that is named and is a change of the experiment.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.change.iter().chain(&self.others)
    }
}

/// All rules, what must be cured first in front.
pub const RULES: &[Rule] = &[
    not_finite::RULE,
    step_too_wide::RULE,
    step_too_narrow::RULE,
    small_updates::RULE,
    large_updates::RULE,
    vanishing_gradient::RULE,
    exploding_signal::RULE,
    dead_relu::RULE,
    saturation::RULE,
    clones::RULE,
    bad_start::RULE,
    unscaled_inputs::RULE,
    noisy_gradient::RULE,
    wasteful_batch::RULE,
    overfitting::RULE,
    stuck::RULE,
];

/// The rules that fire.
#[must_use]
pub fn diagnose(evidence: &Evidence) -> Vec<Finding> {
    RULES.iter().filter_map(|rule| rule.finding(evidence)).collect()
}

impl Rule {
    /// The number that it looks at, where the evidence has it.
    #[must_use]
    pub fn measure(&self, evidence: &Evidence) -> Option<Measured> {
        (self.measure)(evidence).filter(|measured| !measured.value.is_nan())
    }

    /// Whether it fires. Rules ask that of others whose fault would explain theirs, so that the cause is told
    /// and not what follows from it.
    #[must_use]
    pub fn fires(&self, evidence: &Evidence) -> bool {
        self.measure(evidence).is_some_and(|measured| measured.value > self.threshold)
    }

    /// What it finds, if it fires.
    #[must_use]
    pub fn finding(&self, evidence: &Evidence) -> Option<Finding> {
        let measured = self.measure(evidence)?;
        if measured.value <= self.threshold {
            return None;
        }
        let tell = |i: usize| Said::new(|l| (self.tell)(evidence, &measured, l)[i].clone());
        Some(Finding {
            rule: self.name.into(),
            // JSON has no infinity.
            value: measured.value.min(f64::MAX),
            threshold: self.threshold,
            title: Said::new(self.title),
            meaning: tell(0),
            cure: tell(1),
            change: (self.change)(evidence, &measured),
            others: others(self.name, evidence),
            place: measured.place,
        })
    }
}

/// What a rule's cure names beside its first change.
fn others(rule: &str, evidence: &Evidence) -> Vec<Change> {
    let rate = |factor: f64| Change::LearningRate(evidence.run.learning_rate * factor);
    match rule {
        "dead_relu" => vec![rate(0.1), Change::FreshWeights],
        "stuck" => vec![Change::OtherSeed, rate(10.0), rate(0.1)],
        "vanishing_gradient" => vec![Change::Normalize],
        "exploding_signal" => vec![Change::FreshWeights],
        "saturation" | "bad_start" => vec![Change::FreshWeights, Change::Standardize],
        _ => Vec::new(),
    }
}

/// The layer whose median over the later looks is the largest.
fn worst_layer(
    evidence: &Evidence,
    value: impl Fn(&Probe, &LayerProbe) -> f64,
) -> Option<Measured> {
    let layers = &evidence.probes.last()?.layers;
    let of = |path: &str| {
        let looks = evidence.later_probes();
        let found = looks.filter_map(|probe| {
            let layer = probe.layers.iter().find(|layer| layer.path == path)?;
            (layer.weight > 0.0).then(|| value(probe, layer))
        });
        median(found)
    };
    let all = layers.iter().filter_map(|layer| Some((layer.path.clone(), of(&layer.path)?)));
    let (place, value) = all.max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(Measured { value, place, detail: Vec::new() })
}

/// Layers that multiply by their weights. Of a table (an embedding) few rows are met, and its weights are
/// as large as signals: its ratio says nothing beside theirs.
fn multiplying(probe: &Probe) -> impl DoubleEndedIterator<Item = &LayerProbe> {
    let is_table = |layer: &LayerProbe| {
        let mut signals = probe.signals.iter();
        signals.any(|s| s.path == layer.path && ["embedding", "positions"].contains(&&*s.layer))
    };
    probe.layers.iter().filter(move |layer| !is_table(layer))
}

/// The middle one over some looks of a ratio of ‖g‖/‖w‖ of the first and of the last layer, beside the root
/// mean square of what comes into the last one; of two looks the lesser.
fn first_to_last(looks: &[Probe], ratio: impl Fn(f64, f64, f64) -> f64) -> Option<Measured> {
    let values = looks.iter().filter_map(|probe| {
        let (first, last) = (multiplying(probe).next()?, multiplying(probe).next_back()?);
        let known = first.path != last.path && last.gradient > 0.0 && first.weight > 0.0;
        // Exactly 0 is a dead or a symmetric network, which other rules name.
        let flows = first.gradient > 0.0;
        let signal = incoming(probe, last);
        (known && flows).then(|| ratio(first.gradient_ratio(), last.gradient_ratio(), signal))
    });
    let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    let value = *values.get(values.len().saturating_sub(1) / 2)?;
    let place = multiplying(looks.last()?).next()?.path.clone();
    Some(Measured { value, place, detail: Vec::new() })
}

/// The root mean square of what comes into a layer, 1 where that is not known.
fn incoming(probe: &Probe, layer: &LayerProbe) -> f64 {
    let at = probe.signals.iter().position(|signal| signal.path == layer.path);
    let before = at.and_then(|at| probe.signals.get(at.checked_sub(1)?));
    before.map_or(1.0, |signal| signal.rms)
}

/// The layer with the largest share that lasts over the last looks; its neurons are told.
fn lasting_signal(
    evidence: &Evidence,
    share: impl Fn(&SignalProbe) -> Option<f64>,
) -> Option<Measured> {
    let looks = evidence.last_probes();
    let least = |path: &str| {
        let signals = looks.iter().flat_map(|probe| &probe.signals);
        signals.filter(|signal| signal.path == path).filter_map(&share).min_by(f64::total_cmp)
    };
    let all = looks.last()?.signals.iter().filter_map(|signal| {
        let value = least(&signal.path)?;
        Some(Measured { value, place: signal.path.clone(), detail: vec![signal.units as f64] })
    });
    all.max_by(|a, b| a.value.total_cmp(&b.value))
}

#[cfg(test)]
mod tests;
