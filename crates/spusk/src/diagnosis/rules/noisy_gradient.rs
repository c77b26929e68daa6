//! The noise of the batches keeps the loss up: a large part of it is what the noise adds where it hovers.
//!
//! η·tr(P⁻¹Σ) / 4B over the loss, see [`NoiseScale::excess`](crate::diagnosis::NoiseScale). The noise scale of
//! McCandlish et al. 2018 alone says nothing of that: it grows without bound wherever a training ends.

use crate::diagnosis::evidence::median;
use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};

use super::{Measured, Rule, large_updates};

pub(super) const RULE: Rule = Rule {
    name: "noisy_gradient",
    title: say::doctor_title_noisy_gradient,
    threshold: 0.3,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    // What has learned is not harmed, and above a constant prediction there is no valley to hover in.
    if !(0.1..1.0).contains(&evidence.remaining()?) {
        return None;
    }
    // While the loss falls by a third the noise does not keep it up; by less it falls and rises by chance.
    if evidence.recent_gain()? > 1.0 / 3.0 {
        return None;
    }
    // Steps that throw the weights about are too wide for any batch.
    if large_updates::RULE.fires(evidence) {
        return None;
    }
    let rate = evidence.noise.last()?.learning_rate;
    let latest = evidence.noise.iter().rev().take(3);
    let excess = latest.filter_map(|noise| Some(noise.excess? * rate / noise.learning_rate));
    Some(Measured { value: median(excess)? / evidence.last_loss()?, ..Measured::default() })
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let share = l.percent(measured.value.min(1.0), 0);
    let batch = evidence.run.batch_size;
    let more = larger(evidence);
    [say::doctor_noisy_gradient(l, batch, share), say::doctor_noisy_gradient_cure(l, more)]
}

fn change(evidence: &Evidence, _: &Measured) -> Option<Change> {
    Some(Change::BatchSize(larger(evidence)))
}

fn larger(evidence: &Evidence) -> u64 {
    let rows = evidence.run.train_rows.max(1) as u64;
    (evidence.run.batch_size as u64 * 8).clamp(1, rows)
}
