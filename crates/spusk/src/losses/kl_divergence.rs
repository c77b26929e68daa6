use spusk_graph::Var;

use crate::losses::{Loss, Prediction, Rows, Task, class_shapes};

options! {
    /// Kullback–Leibler divergence of the network's probabilities from given ones.
    ///
    /// Σ_c p_c(ln p_c − ln q_c), with p the targets `[B, K]` and q the softmax of the logits; 0 where
    /// they agree. As PyTorch's `KLDivLoss` with `batchmean` after a log-softmax. Its gradient is
    /// that of cross-entropy: the two differ by the entropy of p. Targets may be class indices too.
    ///
    /// Kullback & Leibler 1951, "On information and sufficiency".
    "kl_divergence", aliases ["kl", "kullback_leibler"], example "kl_divergence";
    pub struct KlDivergence;
}

impl Loss for KlDivergence {
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let Some((batch, classes)) = class_shapes(outputs, targets) else {
            return Rows { loss: outputs, weight: None };
        };
        let indices = targets.shape()[..] != [batch, classes];
        let p = if indices { targets.one_hot(classes) } else { targets };
        // p ln p is 0 at p = 0; the bound keeps the logarithm finite there.
        let terms = p * (p.max(1e-30).log() - outputs.log_softmax());
        Rows { loss: terms.sum_keeping(&[1]).reshape(&[batch]), weight: None }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::tests::{LOGITS, PROBABILITIES, check, value};

    #[test]
    fn values_are_those_of_pytorch() {
        check(KlDivergence, LOGITS, PROBABILITIES, 1.500_765_244_927_870_8);
    }

    #[test]
    fn equal_probabilities_diverge_by_nothing() {
        let logits: Vec<f64> = [0.2f64, 0.3, 0.5].iter().map(|p| p.ln() + 7.0).collect();
        let same = (&[1, 3][..], &[0.2, 0.3, 0.5][..]);
        assert!(value(&KlDivergence.into(), (&[1, 3], &logits), same, None).abs() < 1e-14);
    }
}
