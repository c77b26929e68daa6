//! The loss stays where a constant prediction has it: a saddle, a plateau, or nothing to learn.

use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule =
    Rule { name: "stuck", title: say::doctor_title_stuck, threshold: 0.95, measure, tell, change };

/// Steps before which nothing is said.
const PATIENCE: u64 = 100;

fn measure(evidence: &Evidence) -> Option<Measured> {
    let steps = evidence.epochs.last().map(|epoch| epoch.step);
    let steps = steps.max(evidence.probes.last().map(|probe| probe.step))?;
    // Too few losses say nothing of where they go.
    if steps < PATIENCE || evidence.recent_gain()? > 0.02 {
        return None;
    }
    let curvature = evidence.curvatures.last();
    let saddle = curvature.and_then(|c| Some(c.smallest? / c.largest)).filter(|&way| way < -0.05);
    Some(Measured {
        value: evidence.remaining()?,
        place: String::new(),
        detail: saddle.into_iter().collect(),
    })
}

fn tell(_: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let share = l.percent(measured.value, 0);
    match measured.detail.first() {
        Some(way) => {
            [say::doctor_stuck_saddle(l, share, l.percent(-way, 0)), say::doctor_stuck_cure(l)]
        }
        None => [say::doctor_stuck(l, share), say::doctor_stuck_cure(l)],
    }
}

fn change(_: &Evidence, _: &Measured) -> Option<Change> {
    Some(Change::FreshWeights)
}
