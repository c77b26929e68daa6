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
    let epochs = &evidence.epochs;
    let last = epochs.last()?;
    let known = epochs.iter().filter_map(|epoch| Some((epoch, epoch.validation_loss?)));
    let (best, least) = known.min_by(|a, b| a.1.total_cmp(&b.1))?;
    let patience = (epochs.len() as u64 / 10).max(5);
    if last.epoch < best.epoch + patience || least <= 0.0 {
        return None;
    }
    // One good and one bad epoch are no trend.
    let at = epochs.iter().position(|epoch| epoch.epoch == best.epoch)?;
    let around = &epochs[at.saturating_sub(1)..(at + 2).min(epochs.len())];
    let latest = &epochs[epochs.len().saturating_sub(patience as usize)..];
    let held = |epochs: &[EpochRecord]| median(epochs.iter().filter_map(|e| e.validation_loss));
    let trained = |epochs: &[EpochRecord]| median(epochs.iter().map(|e| e.train_loss));
    let (then, now) = (held(around)?, held(latest)?);
    if trained(latest)? > 0.95 * trained(around)? {
        return None;
    }
    // A rise that is little beside what differs from epoch to epoch, or beside what there was to learn, is
    // noise.
    let step =
        |pair: &[EpochRecord]| Some((pair[1].validation_loss? - pair[0].validation_loss?).abs());
    let jitter = median(epochs.windows(2).filter_map(step))?;
    let small = evidence.constant_loss().map_or(0.0, |constant| 0.05 * constant);
    if now - then < small.max(3.0 * jitter) {
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
