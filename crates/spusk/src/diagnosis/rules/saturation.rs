//! A tanh or sigmoid layer is in its flat tails, where no gradient passes.

use super::lasting_signal;
use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "saturation",
    title: say::doctor_title_saturation,
    threshold: 0.5,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    // Certain answers end in the tails: that is no fault of a network that has learned.
    if evidence.remaining().is_some_and(|remaining| remaining < 0.3) {
        return None;
    }
    lasting_signal(evidence, |signal| signal.flat)
}

fn tell(_: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let share = l.percent(measured.value, 0);
    [say::doctor_saturation(l, &measured.place, share), say::doctor_saturation_cure(l)]
}

fn change(evidence: &Evidence, measured: &Measured) -> Option<Change> {
    if evidence.inputs.as_ref().is_some_and(|inputs| inputs.largest_rms > 10.0) {
        return Some(Change::Standardize);
    }
    let signals = &evidence.probes.last()?.signals;
    let signal = signals.iter().find(|signal| signal.path == measured.place)?;
    Some(match evidence.probes.first()?.signals.iter().any(|s| s.flat.is_some_and(|f| f > 0.5)) {
        true => Change::FreshWeights,
        false => Change::Replace { from: signal.layer.clone(), to: "relu".into() },
    })
}
