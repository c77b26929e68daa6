//! Neurons of a rectifier that are 0 on every example of two looks.
//!
//! Stanford's course CS231n warns from 40 % on; networks that learned well had up to 43 % here, broken ones
//! 69 % and more.

use super::lasting_signal;
use crate::diagnosis::{Change, ENOUGH_ROWS, Evidence};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "dead_relu",
    title: say::doctor_title_dead_relu,
    threshold: 0.5,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    let enough = ENOUGH_ROWS.min(evidence.run.train_rows.max(1));
    if evidence.last_probes().iter().any(|probe| (1..enough).contains(&probe.rows)) {
        return None;
    }
    lasting_signal(evidence, |signal| signal.silent)
}

fn tell(_: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let units = measured.detail.first().copied().unwrap_or(0.0);
    let dead = (measured.value * units).round();
    [say::doctor_dead_relu(l, &measured.place, dead, units), say::doctor_dead_relu_cure(l)]
}

fn change(_: &Evidence, _: &Measured) -> Option<Change> {
    Some(Change::Replace { from: "relu".into(), to: "leaky_relu".into() })
}
