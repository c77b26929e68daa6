//! The batch is small beside the noise of its gradient, and the loss does not fall.
//!
//! B_noise / B of McCandlish et al. 2018, see [`NoiseScale`].

use crate::diagnosis::{Change, Evidence, NoiseScale};
use crate::messages::{self as say, Language};

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "noisy_gradient",
    title: say::doctor_title_noisy_gradient,
    threshold: 10.0,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    let remaining = evidence.remaining()?;
    // Where nothing is learned there is no gradient but noise.
    let learns = (0.1..0.95).contains(&remaining);
    if !learns || evidence.recent_gain().is_some_and(|gain| gain > 0.05) {
        return None;
    }
    let scale = NoiseScale::examples(&evidence.noise)?;
    let batch = evidence.run.batch_size.max(1) as f64;
    Some(Measured { value: scale / batch, place: String::new(), detail: vec![scale] })
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let scale = l.significant(measured.detail.first().copied().unwrap_or(f64::NAN), 2);
    let batch = evidence.run.batch_size;
    let more = larger(evidence);
    [say::doctor_noisy_gradient(l, batch, scale), say::doctor_noisy_gradient_cure(l, more)]
}

fn change(evidence: &Evidence, _: &Measured) -> Option<Change> {
    Some(Change::BatchSize(larger(evidence)))
}

fn larger(evidence: &Evidence) -> u64 {
    let rows = evidence.run.train_rows.max(1) as u64;
    (evidence.run.batch_size as u64 * 8).clamp(1, rows)
}
