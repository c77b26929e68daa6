//! The first loss is far above that of a network that puts out 0.

use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "bad_start",
    title: say::doctor_title_bad_start,
    threshold: 3.0,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    let first = evidence.probes.first().filter(|probe| probe.step == 0)?;
    let is_told = first.zero_loss > 0.0 && first.loss.is_finite();
    is_told.then(|| Measured {
        value: first.loss / first.zero_loss,
        place: String::new(),
        detail: vec![first.loss, first.zero_loss],
    })
}

fn tell(_: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let [loss, zero] = [0, 1].map(|i| measured.detail.get(i).copied().unwrap_or(f64::NAN));
    let (loss, zero) = (l.significant(loss, 3), l.significant(zero, 3));
    let times = l.significant(measured.value, 2);
    [say::doctor_bad_start(l, loss, zero, times), say::doctor_bad_start_cure(l)]
}

fn change(evidence: &Evidence, _: &Measured) -> Option<Change> {
    let inputs = evidence.inputs.as_ref();
    let is_large = inputs.is_some_and(|inputs| inputs.largest_rms > 10.0);
    Some(if is_large { Change::Standardize } else { Change::FreshWeights })
}
