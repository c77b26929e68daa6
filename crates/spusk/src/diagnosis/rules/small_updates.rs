//! A layer barely moves: ‖w‖ / ‖Δw‖ at the full learning rate.

use super::worst_layer;
use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};
use crate::plot::number::written;

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "small_updates",
    title: say::doctor_title_small_updates,
    threshold: 1e5,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    if evidence.remaining()? < 0.5 {
        return None;
    }
    worst_layer(evidence, |probe, layer| {
        let full = evidence.run.learning_rate / probe.learning_rate;
        // No gradient at all is a dead neuron's or a clone's matter, no step at all the schedule's.
        if layer.gradient == 0.0 || probe.learning_rate < 0.01 * evidence.run.learning_rate {
            return f64::NAN;
        }
        1.0 / (layer.update_ratio() * full.max(1.0)).max(1e-12)
    })
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let (place, ratio) = (&measured.place, l.significant(1.0 / measured.value, 2));
    let rate = written(wider(evidence, measured), 2);
    [say::doctor_small_updates(l, place, ratio), say::doctor_small_updates_cure(l, rate)]
}

fn change(evidence: &Evidence, measured: &Measured) -> Option<Change> {
    Some(Change::LearningRate(wider(evidence, measured)))
}

/// To a ratio of a thousandth, which is usual.
fn wider(evidence: &Evidence, measured: &Measured) -> f64 {
    evidence.run.learning_rate * (measured.value / 1e3).clamp(2.0, 1e3)
}
