use std::f64::consts::PI;

use crate::schedules::{Plateau, Schedule, progress};
use crate::spec::{Kind, Range};

options! {
    /// From 1 down along half a cosine wave, again and again if asked for.
    ///
    /// end + (1 − end)·½(1 + cos πu), with u the part of the cycle that is over; cycles are equally
    /// long. Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts",
    /// equation 5. As PyTorch's `CosineAnnealingLR`.
    "cosine", aliases ["cosine_annealing"], example "cosine warmup_steps=100";
    pub struct Cosine options {
        /// The factor at the end of each cycle.
        end: f64 = 0.0 where Kind::Number(Range::UNIT);
        /// How many cycles the run has.
        cycles: usize = 1 where Kind::Integer(1);
        /// Steps at the beginning over which the factor grows from 0 to 1.
        warmup_steps: usize = 0 where Kind::Integer(0);
    }
}

impl Schedule for Cosine {
    fn after_warmup(&self, step: u64, total: u64) -> f64 {
        let over = progress(step, total) * self.cycles.max(1) as f64;
        let over = if step >= total { 1.0 } else { over.fract() };
        self.end + (1.0 - self.end) * 0.5 * (1.0 + (PI * over).cos())
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
    fn factors_are_those_of_pytorch() {
        check(
            Cosine { end: 0.1, ..Cosine::default() },
            &[
                1.0,
                0.9779754323328191,
                0.9140576474687263,
                0.8145033635316129,
                0.6890576474687263,
                0.55,
                0.41094235253127376,
                0.2854966364683872,
                0.18594235253127372,
                0.12202456766718092,
            ],
        );
        let half =
            [1.0, 0.9045084971874737, 0.6545084971874737, 0.34549150281252633, 0.09549150281252633];
        check(Cosine { cycles: 2, ..Cosine::default() }, &[half, half].concat());
    }
}
