use std::f64::consts::PI;

use crate::schedules::{Plateau, Schedule};
use crate::spec::{Kind, Range};

options! {
    /// Up to 1 and down again, both along half a cosine wave.
    ///
    /// The learning rate given is the largest. Smith & Topin 2018, "Super-convergence". As PyTorch's
    /// `OneCycleLR`, whose div_factor is 1/start and final_div_factor start/end; momentum is left alone.
    "one_cycle", aliases ["onecycle", "super_convergence"], example "one_cycle";
    pub struct OneCycle options {
        /// The part of the run in which the learning rate grows.
        rise: f64 = 0.3 where Kind::Number(Range::UNIT);
        /// The factor at the first step.
        start: f64 = 0.04 where Kind::Number(Range::UNIT);
        /// The factor at the last step.
        end: f64 = 4e-6 where Kind::Number(Range::UNIT);
        /// Steps at the beginning over which the factor grows from 0 to 1.
        warmup_steps: usize = 0 where Kind::Integer(0);
    }
}

impl Schedule for OneCycle {
    fn after_warmup(&self, step: u64, total: u64) -> f64 {
        let (last, peak) = (total as f64 - 1.0, self.rise * total as f64 - 1.0);
        let step = (step as f64).min(last.max(0.0));
        if step < peak {
            return wave(self.start, 1.0, step / peak);
        }
        let fall = last - peak.max(0.0);
        wave(1.0, self.end, if fall > 0.0 { (step - peak.max(0.0)) / fall } else { 0.0 })
    }

    fn warmup_steps(&self) -> u64 {
        self.warmup_steps as u64
    }

    fn plateau(&self) -> Option<Plateau> {
        None
    }
}

/// From one value to another along half a cosine wave, as `over` goes from 0 to 1.
fn wave(from: f64, to: f64, over: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + (PI * over).cos())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedules::tests::check;

    #[test]
    fn factors_are_those_of_pytorch() {
        check(
            OneCycle::default(),
            &[
                0.04,
                0.52,
                1.0,
                0.9504846320134737,
                0.8117456539497631,
                0.6112620219362893,
                0.38874197806371075,
                0.18825834605023697,
                0.049519367986526286,
                4e-06,
            ],
        );
        let other = OneCycle { rise: 0.25, start: 0.1, end: 0.001, ..OneCycle::default() };
        check(
            other,
            &[
                0.1,
                0.23180194846605362,
                0.55,
                0.8681980515339464,
                1.0,
                0.9890847265665359,
                0.956815956092479,
                0.9046039886902862,
                0.8347307378762497,
                0.75025,
                0.6548539886902862,
                0.552711967402193,
                0.4482880325978072,
                0.3461460113097138,
                0.2507500000000001,
                0.16626926212375048,
                0.0963960113097138,
                0.044184043907520815,
                0.011915273433464057,
                0.001,
            ],
        );
    }
}
