use spusk_graph::{Array, Var};

use crate::losses::{Loss, Prediction, Rows, Task, mean_of_row, targets_like};
use crate::messages::{self as say, Said};
use crate::spec::{Kind, Range};

options! {
    /// Cross-entropy of yes-or-no questions, one for each output.
    ///
    /// −t·ln σ(z) − (1 − t)·ln(1 − σ(z)) from logits z and targets t between 0 and 1, in the form
    /// ln(1 + eᶻ) − t·z, which does not overflow; averaged over the outputs. With weights p of the
    /// yes: (1 − t)·z + (1 + (p − 1)t)·ln(1 + e⁻ᶻ). As PyTorch's `BCEWithLogitsLoss`.
    ///
    /// Class indices `[B]` before several outputs ask of each class whether it is the one.
    "binary_cross_entropy", aliases ["bce", "logistic", "bce_with_logits"],
        example "binary_cross_entropy";
    pub struct BinaryCrossEntropy options {
        /// What a yes counts for, one number for all outputs or one each; none means 1.
        pos_weight: Vec<f64> = [] where Kind::Numbers(Range::POSITIVE);
    }
}

impl Loss for BinaryCrossEntropy {
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let shape = outputs.shape();
        let indices = shape.rank() == 2 && shape[1] > 1 && targets.size() == shape[0];
        let targets = match indices {
            true => targets.one_hot(shape[1]),
            false => targets_like(outputs, targets),
        };
        let loss = match &self.pos_weight[..] {
            [] => outputs.softplus() - targets * outputs,
            weights => {
                let Some(weights) = self.weights(outputs, weights) else {
                    return Rows { loss: outputs, weight: None };
                };
                (1.0 - targets) * outputs
                    + (1.0 + (weights - 1.0) * targets) * (-outputs).softplus()
            }
        };
        Rows { loss: mean_of_row(loss), weight: None }
    }

    fn prediction(&self) -> Prediction {
        Prediction::Sigmoid
    }

    fn outputs(&self, task: &Task) -> usize {
        match *task {
            // One question decides between two classes.
            Task::Classify { classes: 0..=2 } => 1,
            _ => task.targets(),
        }
    }
}

impl BinaryCrossEntropy {
    fn weights<'t>(&self, outputs: Var<'t>, weights: &[f64]) -> Option<Var<'t>> {
        let columns = outputs.shape().last().copied().unwrap_or(1);
        if weights.len() != 1 && weights.len() != columns {
            outputs.trace().fail(Said::new(|l| say::loss_pos_weight(l, weights.len(), columns)));
            return None;
        }
        Some(outputs.trace().literal(Array::new([weights.len()], weights.to_vec())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::tests::{check, value};

    #[test]
    fn values_are_those_of_pytorch() {
        let outputs = (&[2, 2][..], &[0.5, -1.0, 2.5, 0.0][..]);
        let targets = (&[2, 2][..], &[1.0, 0.0, 0.25, 1.0][..]);
        check(BinaryCrossEntropy::default(), outputs, targets, 0.858_593_896_637_706_1);
        let weighted = BinaryCrossEntropy { pos_weight: vec![2.0, 0.5] };
        check(weighted, outputs, targets, 0.895_400_353_506_024);
    }

    #[test]
    fn far_logits_do_not_overflow() {
        let loss = BinaryCrossEntropy::default().into();
        let far = value(&loss, (&[2, 1], &[-1000.0, 1000.0]), (&[2], &[1.0, 1.0]), None);
        assert_eq!(far, 500.0);
    }

    #[test]
    fn class_indices_ask_of_each_class() {
        let loss = BinaryCrossEntropy::default().into();
        let outputs = (&[1, 3][..], &[0.5, -1.0, 2.0][..]);
        let index = value(&loss, outputs, (&[1], &[2.0]), None);
        assert_eq!(index, value(&loss, outputs, (&[1, 3], &[0.0, 0.0, 1.0]), None));
    }
}
