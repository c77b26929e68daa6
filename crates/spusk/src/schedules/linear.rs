use crate::schedules::{Plateau, Schedule, progress};
use crate::spec::{Kind, Range};

options! {
    /// From 1 down in a straight line.
    ///
    /// 1 + (end − 1)·u, with u the part of the run that is over.
    "linear", aliases [], example "linear";
    pub struct Linear options {
        /// The factor at the end of the run.
        end: f64 = 0.0 where Kind::Number(Range::UNIT);
        /// Steps at the beginning over which the factor grows from 0 to 1.
        warmup_steps: usize = 0 where Kind::Integer(0);
    }
}

impl Schedule for Linear {
    fn after_warmup(&self, step: u64, total: u64) -> f64 {
        1.0 + (self.end - 1.0) * progress(step, total)
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
    fn it_falls_in_a_line() {
        check(Linear { end: 0.2, ..Linear::default() }, &[1.0, 0.8, 0.6, 0.4]);
    }
}
