use spusk_graph::{Array, Var};

use crate::losses::{Loss, Prediction, Rows, Task, class_shapes, mean_of_row};
use crate::messages::{self as say, Said};
use crate::spec::{Kind, Range};

options! {
    /// Cross-entropy of the classes: −ln of the probability given to the right one.
    ///
    /// From logits z: ln Σⱼ e^(zⱼ) − z_t, without overflow. With label smoothing ε over K classes the
    /// target is q = (1 − ε)·onehot + ε/K, and with class weights w each term is weighted:
    /// loss = Σ_c w_c·q_c·(ln Σⱼ e^(zⱼ) − z_c), and the mean divides by Σ of the rows' w_t. All as
    /// PyTorch's `CrossEntropyLoss`. Targets are class indices `[B]`, or probabilities `[B, K]`; with
    /// outputs `[B, T, K]` class indices `[B, T]`, and the mean is over all places.
    ///
    /// Label smoothing: Szegedy et al. 2016, "Rethinking the Inception architecture", section 7.
    "cross_entropy", aliases ["ce", "softmax", "nll", "log_loss"], example "cross_entropy";
    pub struct CrossEntropy options {
        /// Share of the target that is spread over all classes.
        label_smoothing: f64 = 0.0 where Kind::Number(Range::FRACTION);
        /// What each class counts for, one number a class; none means 1 for all.
        class_weights: Vec<f64> = [] where Kind::Numbers(Range::NON_NEGATIVE);
    }
}

impl Loss for CrossEntropy {
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let (scores, labels) = (outputs.shape(), targets.shape());
        match scores.split_last() {
            // A class for every place of a sequence: an example's loss is the mean over its places.
            Some((&classes, places)) if places.len() > 1 && labels[..] == *places => {
                let rows = labels.size();
                let all = self.of_rows(outputs.reshape(&[rows, classes]), targets.reshape(&[rows]));
                let mean = |x: Var<'t>| mean_of_row(x.reshape(&labels));
                Rows { loss: mean(all.loss), weight: all.weight.map(mean) }
            }
            _ => self.of_rows(outputs, targets),
        }
    }

    fn prediction(&self) -> Prediction {
        Prediction::Softmax
    }

    fn outputs(&self, task: &Task) -> usize {
        task.targets()
    }

    fn fits(&self, task: &Task) -> bool {
        task.classifies()
    }
}

impl CrossEntropy {
    /// The loss of `outputs[B, K]`.
    fn of_rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let Some((batch, classes)) = class_shapes(outputs, targets) else {
            return Rows { loss: outputs, weight: None };
        };
        let indices = targets.shape()[..] != [batch, classes];
        let exact = if indices { targets.one_hot(classes) } else { targets };
        let wanted = self.smoothed(exact, classes);
        // Whatever is subtracted from all logits cancels, so the maximum needs no gradient.
        let logits = outputs - outputs.max_keeping(&[1]).stop_gradient();
        let normalizer = logits.exp().sum_keeping(&[1]).log();
        if self.class_weights.is_empty() {
            // Σ_c q_c = 1, so the normalizer stands outside of the sum.
            let loss = normalizer - (wanted * logits).sum_keeping(&[1]);
            return Rows { loss: loss.reshape(&[batch]), weight: None };
        }
        let Some(weights) = self.weights(outputs, classes) else {
            return Rows { loss: outputs, weight: None };
        };
        let wanted = wanted * weights;
        let loss = normalizer * wanted.sum_keeping(&[1]) - (wanted * logits).sum_keeping(&[1]);
        let weight = (exact * weights).sum_keeping(&[1]).reshape(&[batch]);
        Rows { loss: loss.reshape(&[batch]), weight: indices.then_some(weight) }
    }

    fn smoothed<'t>(&self, exact: Var<'t>, classes: usize) -> Var<'t> {
        match self.label_smoothing {
            0.0 => exact,
            smoothing => exact * (1.0 - smoothing) + smoothing / classes as f64,
        }
    }

    /// `[1, K]`.
    fn weights<'t>(&self, outputs: Var<'t>, classes: usize) -> Option<Var<'t>> {
        let count = self.class_weights.len();
        if count != classes {
            outputs.trace().fail(Said::new(|l| say::loss_class_weights(l, count, classes)));
            return None;
        }
        Some(outputs.trace().literal(Array::new([1, classes], self.class_weights.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::tests::{LABELS, LOGITS, PROBABILITIES, check, value};

    #[test]
    fn values_are_those_of_pytorch() {
        let plain = CrossEntropy::default;
        let smooth = || CrossEntropy { label_smoothing: 0.1, ..plain() };
        let weights = || vec![0.5, 2.0, 1.5];
        let weighted = |loss| CrossEntropy { class_weights: weights(), ..loss };
        check(plain(), LOGITS, LABELS, 1.540_633_238_655_881_9);
        check(smooth(), LOGITS, LABELS, 1.582_299_905_322_548_6);
        check(weighted(plain()), LOGITS, LABELS, 1.726_250_658_941_414);
        check(weighted(smooth()), LOGITS, LABELS, 1.732_911_935_040_101_7);
        check(plain(), LOGITS, PROBABILITIES, 2.178_133_238_655_882);
        check(weighted(smooth()), LOGITS, PROBABILITIES, 3.891_392_390_580_663);
    }

    #[test]
    fn sequences_count_every_place() {
        // The same rows as one batch of two and as one sequence of two places.
        for class_weights in [vec![], vec![0.5, 2.0, 1.5]] {
            let loss = CrossEntropy { class_weights, ..CrossEntropy::default() };
            let rows = value(&loss.clone().into(), LOGITS, LABELS, None);
            check(loss, (&[1, 2, 3], LOGITS.1), (&[1, 2], LABELS.1), rows);
        }
    }

    #[test]
    fn far_logits_do_not_overflow() {
        let loss = CrossEntropy::default().into();
        let far = value(&loss, (&[1, 2], &[1000.0, -1000.0]), (&[1], &[1.0]), None);
        assert_eq!(far, 2000.0);
    }
}
