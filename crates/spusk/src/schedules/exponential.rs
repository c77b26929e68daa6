use crate::schedules::{Plateau, Schedule, progress};
use crate::spec::{Kind, Range};

options! {
    /// From 1 down by the same share each step.
    ///
    /// endᵘ, with u the part of the run that is over.
    "exponential", aliases ["exp"], example "exponential end=0.01";
    pub struct Exponential options {
        /// The factor at the end of the run.
        end: f64 = 0.01 where Kind::Number(Range::UNIT);
        /// Steps at the beginning over which the factor grows from 0 to 1.
        warmup_steps: usize = 0 where Kind::Integer(0);
    }
}

impl Schedule for Exponential {
    fn after_warmup(&self, step: u64, total: u64) -> f64 {
        self.end.powf(progress(step, total))
    }

    fn warmup_steps(&self) -> u64 {
        self.warmup_steps as u64
    }

    fn plateau(&self) -> Option<Plateau> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedules::tests::check;

    #[test]
    fn every_step_takes_the_same_share() {
        check(Exponential { end: 0.0625, ..Exponential::default() }, &[1.0, 0.5, 0.25, 0.125]);
    }
}
