use spusk_graph::Var;

use crate::losses::{Loss, Prediction, Rows, Task, mean_of_row, targets_like};

options! {
    /// Mean squared error: (y − t)², averaged over the outputs.
    ///
    /// For numbers. Its minimum is the mean of the targets; large errors count most. As PyTorch's
    /// `MSELoss`: no factor ½.
    "mse", aliases ["mean_squared_error", "l2", "squared"], example "mse";
    pub struct Mse;
}

impl Loss for Mse {
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let error = outputs - targets_like(outputs, targets);
        Rows { loss: mean_of_row(error.square()), weight: None }
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
        check_numbers(Mse, 3.328125);
    }
}
