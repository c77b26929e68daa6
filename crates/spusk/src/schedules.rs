//! The schedules of the learning rate: one file each, listed once, at the end of this file.
//!
//! A schedule is a function from the step to a factor of the learning rate. It keeps nothing, so a
//! run resumes anywhere; only [`ReduceOnPlateau`] watches the validation loss, by a [`Plateau`] that
//! is saved with the run.

use std::fmt::Debug;

mod constant;
mod cosine;
mod exponential;
mod linear;
mod one_cycle;
mod plateau;
mod step;

pub use constant::Constant;
pub use cosine::Cosine;
pub use exponential::Exponential;
pub use linear::Linear;
pub use one_cycle::OneCycle;
pub use plateau::{Plateau, ReduceOnPlateau};
pub use step::Step;

/// What a schedule must know.
pub trait Schedule: Debug + Send + Sync {
    /// The factor at a step, from 0, of the `total` steps that follow the warm-up.
    fn after_warmup(&self, step: u64, total: u64) -> f64;

    /// Steps at the beginning over which the factor grows from 0 to 1, in a straight line.
    fn warmup_steps(&self) -> u64;

    /// What watches the validation loss, if anything does.
    fn plateau(&self) -> Option<Plateau>;
}

impl dyn Schedule {
    /// The factor of the learning rate at a step, from 0, of a run of `total` steps.
    ///
    /// During the warm-up (step + 1) / warmup_steps; the schedule runs over the steps that remain.
    pub fn factor(&self, step: u64, total: u64) -> f64 {
        let warmup = self.warmup_steps();
        match step.checked_sub(warmup) {
            None => (step + 1) as f64 / warmup as f64,
            Some(step) => self.after_warmup(step, total.saturating_sub(warmup)),
        }
    }
}

/// How much of a run is over at a step: 0 at the first, at most 1.
fn progress(step: u64, total: u64) -> f64 {
    if step >= total { 1.0 } else { step as f64 / total as f64 }
}

list! {
    /// Every schedule there is.
    pub enum AnySchedule: Schedule, "schedule" [
        Constant,
        Cosine,
        Exponential,
        Linear,
        OneCycle,
        ReduceOnPlateau,
        Step,
    ]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::options::tests::{check_example, check_list, least};

    /// Holds all factors of a run to a table.
    pub(crate) fn check(schedule: impl Into<AnySchedule>, want: &[f64]) {
        let (schedule, total) = (schedule.into(), want.len() as u64);
        for (step, want) in want.iter().enumerate() {
            let got = schedule.factor(step as u64, total);
            assert!(
                (got - want).abs() < 1e-14,
                "{} at {step}: {got}, expected {want}",
                schedule.name()
            );
        }
    }

    #[test]
    fn the_list_is_sound() {
        check_list(AnySchedule::HELP, |spec| {
            AnySchedule::from_spec(spec).map(|item| item.to_spec())
        });
        for help in AnySchedule::HELP {
            check_example(help, "training.schedule", |e| {
                let spec = e.training.schedule.set().ok_or("not set")?;
                AnySchedule::from_spec(spec).map(|item| item.to_spec())
            });
        }
    }

    #[test]
    fn factors_stay_between_0_and_1_and_survive_any_length() {
        for help in AnySchedule::HELP {
            let schedule = AnySchedule::from_spec(&least(help)).expect("the list's test reads it");
            for total in [0, 1, 2, 3, 1000] {
                for step in (0..total + 3).chain([u64::MAX - 1, u64::MAX]) {
                    let factor = schedule.factor(step, total);
                    let name = help.name;
                    assert!((0.0..=1.0).contains(&factor), "{name} {step} of {total}: {factor}");
                }
            }
        }
    }

    #[test]
    fn a_warm_up_stands_before_any_schedule() {
        let linear = Linear { end: 0.0, warmup_steps: 4 };
        check(linear, &[0.25, 0.5, 0.75, 1.0, 1.0, 0.75, 0.5, 0.25]);
        // A warm-up longer than the run.
        check(Cosine { warmup_steps: 8, ..Cosine::default() }, &[0.125, 0.25]);
    }
}
