//! Neurons of a hidden layer that are copies of each other, and stay so.

use crate::diagnosis::{Change, Evidence, Probe};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule =
    Rule { name: "clones", title: say::doctor_title_clones, threshold: 0.5, measure, tell, change };

fn measure(evidence: &Evidence) -> Option<Measured> {
    // The last layer may start at nothing: its neurons are told apart by the targets.
    let shares = |probe: &Probe| -> Vec<f64> {
        let hidden = probe.layers.len().saturating_sub(1);
        probe.layers[..hidden].iter().map(|layer| layer.clones).collect()
    };
    // An equal start that the other layers break up at once is none.
    let last = evidence.last_probes().last().filter(|probe| probe.step > 0)?;
    let mut least = shares(last);
    for probe in evidence.last_probes() {
        least.iter_mut().zip(shares(probe)).for_each(|(least, share)| *least = least.min(share));
    }
    let (layer, value) = least.into_iter().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(Measured { value, place: last.layers[layer].path.clone(), detail: Vec::new() })
}

fn tell(_: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let share = l.percent(measured.value, 0);
    [say::doctor_clones(l, &measured.place, share), say::doctor_clones_cure(l)]
}

fn change(_: &Evidence, _: &Measured) -> Option<Change> {
    Some(Change::FreshWeights)
}
