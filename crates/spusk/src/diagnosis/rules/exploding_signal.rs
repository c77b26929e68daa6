//! Signals grow from layer to layer: gradients towards the input, or activations towards the output.

use super::{first_to_last, large_updates};
use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "exploding_signal",
    title: say::doctor_title_exploding_signal,
    threshold: 1e3,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    // Weights that were thrown far are large.
    if large_updates::RULE.fires(evidence) {
        return None;
    }
    let gradients = first_to_last(evidence.last_probes(), |first, last, _| first / last);
    let growth = evidence.last_probes().iter().filter_map(|probe| {
        let first = probe.signals.iter().find(|signal| signal.rms > 0.0)?;
        let (top, most) =
            probe.signals.iter().map(|s| (s, s.rms)).max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((top.path.clone(), most / first.rms))
    });
    let growth = growth.min_by(|a, b| a.1.total_cmp(&b.1));
    let growth = growth.map(|(place, value)| Measured { value, place, detail: Vec::new() });
    gradients.into_iter().chain(growth).max_by(|a, b| a.value.total_cmp(&b.value))
}

fn tell(_: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let (place, times) = (&measured.place, l.significant(measured.value, 2));
    [say::doctor_exploding_signal(l, place, times), say::doctor_exploding_signal_cure(l)]
}

fn change(_: &Evidence, _: &Measured) -> Option<Change> {
    Some(Change::Normalize)
}
