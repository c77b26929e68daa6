//! The step could be much wider, and the loss falls slowly.
//!
//! 0.5 / ρ with ρ = λ₁ / limit: how many times wider the best step on a parabola of this curvature is.

use crate::diagnosis::{Change, Curvature, Evidence};
use crate::messages::{self as say, Language};
use crate::plot::number::written;

use super::{Measured, Rule, bad_start, vanishing_gradient};

pub(super) const RULE: Rule = Rule {
    name: "step_too_narrow",
    title: say::doctor_title_step_too_narrow,
    threshold: 100.0,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    let (first, last) = (evidence.probes.first()?, evidence.probes.last()?);
    // A flat place is another matter, and what has learned needs no wider step.
    if last.gradient_norm < 0.1 * first.gradient_norm || evidence.remaining()? < 0.5 {
        return None;
    }
    // Where weights are huge, or no gradient arrives, the surface is flat for that reason.
    if bad_start::RULE.fires(evidence) || vanishing_gradient::RULE.fires(evidence) {
        return None;
    }
    // Steps that are too narrow go down on the same rows every time; else they are no longer sure.
    let falls = evidence.probes.windows(2).filter(|pair| pair[1].loss < pair[0].loss).count();
    if falls * 10 < (evidence.probes.len() - 1) * 8 {
        return None;
    }
    let widest = evidence.curvatures.iter().filter_map(Curvature::ratio).fold(f64::NAN, f64::max);
    (widest > 0.0).then(|| Measured { value: 0.5 / widest, ..Measured::default() })
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let times = l.significant(measured.value, 2);
    let rate = written(wider(evidence, measured), 2);
    [say::doctor_step_too_narrow(l, times), say::doctor_step_too_narrow_cure(l, rate)]
}

fn change(evidence: &Evidence, measured: &Measured) -> Option<Change> {
    Some(Change::LearningRate(wider(evidence, measured)))
}

/// Half of the way, as the curvature grows on the way.
fn wider(evidence: &Evidence, measured: &Measured) -> f64 {
    evidence.run.learning_rate * (measured.value / 2.0).clamp(1.0, 1e3)
}
