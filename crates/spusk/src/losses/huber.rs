use spusk_graph::Var;

use crate::losses::{Loss, Prediction, Rows, Task, mean_of_row, targets_like};
use crate::spec::{Kind, Range};

options! {
    /// Squared for small errors, absolute for large ones: outliers pull, but not without bound.
    ///
    /// ½e² where |e| ≤ δ, else δ(|e| − ½δ), with e = y − t; averaged over the outputs. As PyTorch's
    /// `HuberLoss`. Huber 1964, "Robust estimation of a location parameter".
    "huber", aliases ["smooth_l1"], example "huber 1";
    pub struct Huber options {
        /// The error δ where the loss turns from squared to absolute, in the targets' unit.
        delta: f64 = 1.0 where Kind::Number(Range::POSITIVE), positional;
    }
}

impl Loss for Huber {
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let error = outputs - targets_like(outputs, targets);
        // With c the error kept within ±δ both branches are c(e − ½c).
        let within = error.max(-self.delta).min(self.delta);
        Rows { loss: mean_of_row(within * (error - within * 0.5)), weight: None }
    }

    fn prediction(&self) -> Prediction {
        Prediction::Identity
    }

    fn outputs(&self, task: &Task) -> usize {
        task.targets()
    }

    fn fits(&self, task: &Task) -> bool {
        !task.classifies()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::tests::check_numbers;

    #[test]
    fn values_are_those_of_pytorch() {
        check_numbers(Huber::default(), 1.0390625);
        check_numbers(Huber { delta: 1.5 }, 1.351_562_5);
    }
}
