use spusk_graph::Var;

use crate::losses::{Loss, Prediction, Rows, Task, mean_of_row, targets_like};

options! {
    /// Mean absolute error: |y − t|, averaged over the outputs.
    ///
    /// For numbers with outliers: its minimum is the median of the targets. The slope at y = t is 0,
    /// as in PyTorch's `L1Loss`.
    "mae", aliases ["mean_absolute_error", "l1", "absolute"], example "mae";
    pub struct Mae;
}

impl Loss for Mae {
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let error = outputs - targets_like(outputs, targets);
        Rows { loss: mean_of_row(error.abs()), weight: None }
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
        check_numbers(Mae, 1.4375);
    }
}
