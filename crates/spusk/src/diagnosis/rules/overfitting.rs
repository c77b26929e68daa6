//! The validation loss has risen from its best while the training loss went on falling.

use crate::diagnosis::evidence::median;
use crate::diagnosis::{Change, Evidence};
use crate::messages::{self as say, Language};
use crate::train::EpochRecord;

use super::{Measured, Rule};

pub(super) const RULE: Rule = Rule {
    name: "overfitting",
    title: say::doctor_title_overfitting,
    threshold: 1.05,
    measure,
    tell,
    change,
};

fn measure(evidence: &Evidence) -> Option<Measured> {
    let last = evidence.epochs.last()?;
    let known = evidence.epochs.iter().filter_map(|epoch| Some((epoch, epoch.validation_loss?)));
    let (best, least) = known.min_by(|a, b| a.1.total_cmp(&b.1))?;
    let patience = (evidence.epochs.len() as u64 / 10).max(5);
    let falls = last.train_loss < best.train_loss;
    if last.epoch < best.epoch + patience || !falls || least <= 0.0 {
        return None;
    }
    // One good and one bad epoch are no trend, and a rise that is nothing beside what there was to learn
    // is noise.
    let losses = |epochs: &[EpochRecord]| median(epochs.iter().filter_map(|e| e.validation_loss));
    let at = evidence.epochs.iter().position(|epoch| epoch.epoch == best.epoch)?;
    let around = &evidence.epochs[at.saturating_sub(1)..(at + 2).min(evidence.epochs.len())];
    let latest = &evidence.epochs[evidence.epochs.len().saturating_sub(patience as usize)..];
    let (then, now) = (losses(around)?, losses(latest)?);
    if evidence.constant_loss().is_some_and(|constant| now - then < 0.05 * constant) {
        return None;
    }
    Some(Measured {
        value: now / then,
        place: String::new(),
        detail: vec![best.epoch as f64, least],
    })
}

fn tell(evidence: &Evidence, measured: &Measured, l: Language) -> [String; 2] {
    let epoch = measured.detail.first().copied().unwrap_or(f64::NAN);
    let more = l.percent(measured.value - 1.0, 0);
    let cure = match evidence.run.keeps_best {
        true => say::doctor_overfitting_kept(l, epoch),
        false => say::doctor_overfitting_cure(l, epoch),
    };
    [say::doctor_overfitting(l, epoch, more), cure]
}

fn change(_: &Evidence, measured: &Measured) -> Option<Change> {
    measured.detail.first().map(|&epoch| Change::StopAt(epoch as u64))
}
