//! The first layer hears little of the loss: ‖g‖/‖w‖ of the last layer over that of the first.
//!
//! A gradient by weights is what comes from the loss times what comes in: where large signals reach the last layer its
//! gradient is large for that reason, and is divided by them.

use super::{first_to_last, large_updates, multiplying};
use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "vanishing_gradient",
    title: say::doctor_title_vanishing_gradient,
    threshold: 300.0,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    // Weights that were thrown far pass what they pass.
    if large_updates::RULE.fires(evidence) {
        return None;
    }
    // Behind a last layer that starts at zeros by design no gradient arrives until it has grown, and its own
    // gradient is large beside its weights: that says nothing of the layers between.
    let start = evidence.probes.first().and_then(|probe| multiplying(probe).next_back());
    if start.is_some_and(|last| last.weight == 0.0) {
        return None;
    }
    // A network that has learned to pass a signal hides that it hardly did: the start counts.
    let first = &evidence.probes[..evidence.probes.len().min(3)];
    first_to_last(first, |first, last, signal| last / (first * signal.max(1.0)))
}

fn tell(_: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let (place, times) = (&measured.place, l.significant(measured.value, 2));
    [say::doctor_vanishing_gradient(l, place, times), say::doctor_vanishing_gradient_cure(l)]
}

fn change(evidence: &Evidence, _: &Measured) -> Option<Change> {
    let signals = evidence.probes.last()?.signals.iter();
    let saturating = signals.map(|signal| &*signal.layer).find(|l| ["sigmoid", "tanh"].contains(l));
    Some(match saturating {
        Some(from) => Change::Replace { from: from.into(), to: "relu".into() },
        None => Change::Normalize,
    })
}
