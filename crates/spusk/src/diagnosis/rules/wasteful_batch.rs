//! The batch is large beside the noise of its gradient: a smaller one would take more steps at the same cost.
//!
//! B / B_noise of McCandlish et al. 2018, see [`NoiseScale`].

use crate::diagnosis::{Change, Evidence, NoiseScale};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "wasteful_batch",
    title: say::doctor_title_wasteful_batch,
    threshold: 10.0,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    let scale = NoiseScale::examples(&evidence.noise)?;
    let batch = evidence.run.batch_size as f64;
    // A step costs hardly less below this.
    if batch < 128.0 {
        return None;
    }
    Some(Measured { value: batch / scale.max(1.0), place: String::new(), detail: vec![scale] })
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let scale = l.significant(measured.detail.first().copied().unwrap_or(f64::NAN), 2);
    let batch = evidence.run.batch_size;
    [
        say::doctor_wasteful_batch(l, batch, scale),
        say::doctor_wasteful_batch_cure(l, smaller(evidence)),
    ]
}

fn change(evidence: &Evidence, _: &Measured) -> Option<Change> {
    Some(Change::BatchSize(smaller(evidence)))
}

fn smaller(evidence: &Evidence) -> u64 {
    (evidence.run.batch_size as u64 / 8).max(32)
}
