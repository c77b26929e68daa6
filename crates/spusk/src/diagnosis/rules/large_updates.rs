//! A layer is thrown about: ‖Δw‖ / ‖w‖ of a step.

use super::worst_layer;
use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};
use crate::plot::number::{percent, significant};

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "large_updates",
    title: say::doctor_title_large_updates,
    threshold: 0.1,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    worst_layer(evidence, |_, layer| layer.update_ratio())
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let (place, ratio) = (&measured.place, percent(measured.value, 0));
    let rate = significant(narrower(evidence, measured), 2);
    [say::doctor_large_updates(l, place, ratio), say::doctor_large_updates_cure(l, rate)]
}

fn change(evidence: &Evidence, measured: &Measured) -> Option<Change> {
    Some(Change::LearningRate(narrower(evidence, measured)))
}

/// To a hundredth, the upper end of what is usual.
fn narrower(evidence: &Evidence, measured: &Measured) -> f64 {
    evidence.run.learning_rate / (measured.value / 0.01).clamp(2.0, 1e3)
}
