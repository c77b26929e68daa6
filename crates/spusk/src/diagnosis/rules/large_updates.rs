//! A layer is thrown about: ‖Δw‖ / ‖w‖ of a step, above 1 a step longer than the weights themselves.

use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};
use crate::plot::number::written;

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "large_updates",
    title: say::doctor_title_large_updates,
    threshold: 1.0,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    // Weights that were thrown far away are large, so that later steps look small: the widest counts.
    let all = evidence.probes.iter().flat_map(|probe| &probe.layers);
    let known = all.filter(|layer| layer.weight > 0.0 && layer.update_ratio().is_finite());
    let worst = known.max_by(|a, b| a.update_ratio().total_cmp(&b.update_ratio()))?;
    Some(Measured { value: worst.update_ratio(), place: worst.path.clone(), ..Measured::default() })
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let (place, ratio) = (&measured.place, l.percent(measured.value, 0));
    let rate = written(narrower(evidence, measured), 2);
    [say::doctor_large_updates(l, place, ratio), say::doctor_large_updates_cure(l, rate)]
}

fn change(evidence: &Evidence, measured: &Measured) -> Option<Change> {
    Some(Change::LearningRate(narrower(evidence, measured)))
}

/// To a hundredth, the upper end of what is usual.
fn narrower(evidence: &Evidence, measured: &Measured) -> f64 {
    evidence.run.learning_rate / (measured.value / 0.01).clamp(2.0, 1e3)
}
