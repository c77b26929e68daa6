//! The step is wider than the valley allows, and the loss does not fall.
//!
//! ρ = λ₁ / limit, and along the steps themselves the overshoot ½ΔᵀHΔ / (−g·Δ), which is its like. While the
//! loss falls a ρ around 1 is the edge of stability, where training usually goes: no alarm.

use crate::diagnosis::evidence::median;
use crate::diagnosis::{Change, Curvature, Evidence, Probe};
use crate::messages::{self as say, Language};
use crate::plot::number::written;

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "step_too_wide",
    title: say::doctor_title_step_too_wide,
    threshold: 1.2,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    let remaining = evidence.remaining()?;
    // What has learned, or still learns, is not thrown about.
    if remaining < 0.1 || (remaining < 0.9 && evidence.recent_gain()? > 0.05) {
        return None;
    }
    // Thrown out of its valley, a network ends where all is flat: the start tells more then.
    let start = evidence.curvatures.first().and_then(Curvature::ratio);
    let usual = median(evidence.curvatures.iter().filter_map(Curvature::ratio));
    let sharp = start.into_iter().chain(usual).fold(0.0, f64::max);
    let along: Vec<f64> = evidence.later_probes().filter_map(Probe::overshoot).collect();
    let along = median(along.iter().copied()).filter(|_| along.len() >= 3).unwrap_or(0.0);
    // Or it climbs.
    let first = evidence.probes.first()?;
    let climbed = evidence.last_loss()? / first.loss;
    let climbed = if first.step == 0 && first.loss > 0.0 { climbed } else { 0.0 };
    // Or a first step threw it to where it can only answer at random.
    let thrown = evidence.thrown.filter(|_| remaining >= 0.9).unwrap_or(0.0);
    let sharpest = evidence.curvatures.iter().filter(|curvature| curvature.limit.is_some());
    let sharpest = sharpest.max_by(|a, b| a.largest.total_cmp(&b.largest));
    let value = sharp.max(along).max(climbed).max(thrown);
    Some(Measured {
        value,
        place: String::new(),
        // Told where the curvature is what fires.
        detail: sharpest
            .filter(|_| value == sharp)
            .map_or(Vec::new(), |c| vec![c.largest, c.limit.unwrap_or(f64::NAN)]),
    })
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let ratio = l.significant(measured.value, 2);
    let rate = written(narrower(evidence, measured), 2);
    let meaning = match measured.detail[..] {
        [sharpness, limit] if sharpness.is_finite() && sharpness > limit => {
            let (sharpness, limit) = (l.significant(sharpness, 3), l.significant(limit, 3));
            say::doctor_step_too_wide_sharp(l, ratio, sharpness, limit)
        }
        _ => say::doctor_step_too_wide(l, ratio),
    };
    [meaning, say::doctor_step_too_wide_cure(l, rate)]
}

fn change(evidence: &Evidence, measured: &Measured) -> Option<Change> {
    Some(Change::LearningRate(narrower(evidence, measured)))
}

/// The best step on a parabola has ρ = ½.
fn narrower(evidence: &Evidence, measured: &Measured) -> f64 {
    evidence.run.learning_rate * 0.5 / measured.value.clamp(1.0, 1e4)
}
