use serde::{Deserialize, Serialize};

use crate::schedules::Schedule;
use crate::spec::{Kind, Range};

options! {
    /// Down by a factor whenever the validation loss has stopped falling.
    ///
    /// After more than `patience` validations in a row that are not below (1 − threshold) of the
    /// best loss so far, the learning rate is multiplied by gamma. As PyTorch's `ReduceLROnPlateau`.
    "reduce_on_plateau", aliases ["plateau"], example "reduce_on_plateau patience=10";
    pub struct ReduceOnPlateau options {
        /// What the learning rate is multiplied by.
        gamma: f64 = 0.1 where Kind::Number(Range::UNIT);
        /// Validations without progress that are borne.
        patience: usize = 10 where Kind::Integer(0);
        /// The share of the loss that counts as progress.
        threshold: f64 = 1e-4 where Kind::Number(Range::FRACTION);
        /// The least factor.
        end: f64 = 0.0 where Kind::Number(Range::UNIT);
        /// Steps at the beginning over which the factor grows from 0 to 1.
        warmup_steps: usize = 0 where Kind::Integer(0);
    }
}

impl Schedule for ReduceOnPlateau {
    fn after_warmup(&self, _: u64, _: u64) -> f64 {
        1.0
    }

    fn warmup_steps(&self) -> u64 {
        self.warmup_steps as u64
    }

    fn plateau(&self) -> Option<Plateau> {
        Some(Plateau {
            gamma: self.gamma,
            patience: self.patience as u64,
            threshold: self.threshold,
            end: self.end,
            best: None,
            waited: 0,
            factor: 1.0,
        })
    }
}

/// Watches the validation loss. Its [`Plateau::factor`] is multiplied to the schedule's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plateau {
    gamma: f64,
    patience: u64,
    threshold: f64,
    end: f64,
    best: Option<f64>,
    waited: u64,
    factor: f64,
}

impl Plateau {
    /// The factor of the learning rate now.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// Takes the loss of a validation; whether the learning rate was reduced. NaN is no progress.
    pub fn observe(&mut self, loss: f64) -> bool {
        if self.best.is_none_or(|best| loss < best - self.threshold * best.abs()) {
            self.best = Some(loss).filter(|loss| !loss.is_nan());
            self.waited = 0;
            return false;
        }
        self.waited += 1;
        if self.waited <= self.patience {
            return false;
        }
        self.waited = 0;
        let reduced = (self.factor * self.gamma).max(self.end);
        std::mem::replace(&mut self.factor, reduced) != reduced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_those_of_pytorch() {
        let schedule = ReduceOnPlateau { gamma: 0.5, patience: 2, ..ReduceOnPlateau::default() };
        let mut plateau = schedule.plateau().expect("it watches");
        let losses = [1.0, 0.9, 0.95, 0.9, 0.89999, 0.95, 0.8, 0.9, 0.9, 0.9, 0.9];
        let want = [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25];
        for (loss, want) in losses.into_iter().zip(want) {
            let before = plateau.factor();
            let reduced = plateau.observe(loss);
            assert_eq!((plateau.factor(), reduced), (want, want < before), "at {loss}");
        }
    }

    #[test]
    fn it_resumes_from_its_text() {
        let mut plateau = ReduceOnPlateau { patience: 1, ..ReduceOnPlateau::default() }.plateau();
        let plateau = plateau.as_mut().expect("it watches");
        plateau.observe(0.1 + 0.2);
        plateau.observe(1.0);
        let text = serde_json::to_string(plateau).expect("plain data");
        let mut back: Plateau = serde_json::from_str(&text).expect("its own text");
        assert_eq!(back, *plateau);
        assert!(back.observe(1.0) && plateau.observe(1.0));
        assert_eq!(back, *plateau);
    }
}
