use crate::schedules::{Plateau, Schedule, progress};
use crate::spec::{Kind, Range};

options! {
    /// Down by a factor at some points of the run.
    ///
    /// gamma to the power of the number of points passed; by default a tenth at half and at three
    /// quarters of the run.
    "step", aliases ["multi_step"], example "step gamma=0.1";
    pub struct Step options {
        /// What the learning rate is multiplied by at each point.
        gamma: f64 = 0.1 where Kind::Number(Range::UNIT);
        /// The points, as parts of the run.
        at: Vec<f64> = [0.5, 0.75] where Kind::Numbers(Range::UNIT);
        /// Steps at the beginning over which the factor grows from 0 to 1.
        warmup_steps: usize = 0 where Kind::Integer(0);
    }
}

impl Schedule for Step {
    fn after_warmup(&self, step: u64, total: u64) -> f64 {
        let passed = self.at.iter().filter(|&&point| progress(step, total) >= point).count();
        self.gamma.powi(passed as i32)
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
    fn it_falls_at_the_points() {
        let step = Step { gamma: 0.5, ..Step::default() };
        check(step, &[1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25]);
    }
}
