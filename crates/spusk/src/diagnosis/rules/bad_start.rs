//! The first loss is far above that of a network that puts out 0, and the first steps do not mend it.
//!
//! Networks that begin twice or ten times too high and are below it some steps later have lost nothing.

use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};

use super::{Measured, Rule, large_updates, small_updates};

pub(super) const RULE: Rule = Rule {
    name: "bad_start",
    title: say::doctor_title_bad_start,
    threshold: 1.5,
    measure,
    tell,
    change,
};

/// Steps that a start is given.
const PATIENCE: u64 = 30;
/// How many times too high healthy networks began, at the most.
const MENDED: f64 = 11.0;

fn measure(evidence: &Evidence) -> Option<Measured> {
    let first = evidence.probes.first().filter(|probe| probe.step == 0)?;
    let after = later_loss(evidence)?;
    let value = first.loss.min(after) / first.zero_loss;
    // Steps that throw the weights about, or hardly move them, give no start a chance: then only one that
    // is beyond what usual steps mend is told.
    let is_left = small_updates::RULE.fires(evidence) && value < MENDED;
    let is_spoiled = large_updates::RULE.fires(evidence) || is_left;
    let is_told = first.zero_loss > 0.0 && first.loss.is_finite() && !is_spoiled;
    is_told.then(|| Measured {
        value,
        place: String::new(),
        detail: vec![first.loss, first.zero_loss],
    })
}

/// The loss once the start had its steps: of a look, or of an epoch that began then.
fn later_loss(evidence: &Evidence) -> Option<f64> {
    let look = evidence.probes.iter().find(|probe| probe.step >= PATIENCE);
    let look = look.map(|probe| (probe.step, probe.loss));
    let epoch = evidence.epochs.windows(2).find(|pair| pair[0].step >= PATIENCE);
    let epoch = epoch.map(|pair| (pair[1].step, pair[1].train_loss));
    look.into_iter().chain(epoch).min_by_key(|(step, _)| *step).map(|(_, loss)| loss)
}

fn tell(_: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let [loss, zero] = [0, 1].map(|i| measured.detail.get(i).copied().unwrap_or(f64::NAN));
    let times = l.significant(loss / zero, 2);
    let (loss, zero) = (l.significant(loss, 3), l.significant(zero, 3));
    [say::doctor_bad_start(l, loss, zero, times), say::doctor_bad_start_cure(l)]
}

fn change(evidence: &Evidence, _: &Measured) -> Option<Change> {
    let inputs = evidence.inputs.as_ref();
    let is_large = inputs.is_some_and(|inputs| inputs.largest_rms > 10.0);
    Some(if is_large { Change::Standardize } else { Change::FreshWeights })
}
