//! Inputs of very different or large magnitude: the steps that suit one do not suit the other.

use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "unscaled_inputs",
    title: say::doctor_title_unscaled_inputs,
    threshold: 30.0,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    let inputs = evidence.inputs.as_ref()?;
    Some(Measured {
        value: inputs.spread_ratio.max(inputs.largest_rms),
        place: (inputs.largest + 1).to_string(),
        detail: vec![inputs.largest_rms, inputs.spread_ratio],
    })
}

fn tell(_: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let [rms, ratio] = [0, 1].map(|i| measured.detail.get(i).copied().unwrap_or(f64::NAN));
    let (rms, ratio) = (l.significant(rms, 3), l.significant(ratio, 2));
    [
        say::doctor_unscaled_inputs(l, &measured.place, rms, ratio),
        say::doctor_unscaled_inputs_cure(l),
    ]
}

fn change(_: &Evidence, _: &Measured) -> Option<Change> {
    Some(Change::Standardize)
}
