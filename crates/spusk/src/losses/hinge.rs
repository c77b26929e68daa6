use spusk_graph::Var;

use crate::losses::{Loss, Prediction, Rows, Task, class_shapes};
use crate::messages::{self as say, Said};
use crate::spec::{Kind, Range};

options! {
    /// Multi-class hinge: every wrong class should score at least a margin below the right one.
    ///
    /// (1/K) Σ over j ≠ t of max(0, margin − z_t + zⱼ), z the scores of K classes, t the class. As
    /// PyTorch's `MultiMarginLoss`. The scores are no probabilities. For two classes give the
    /// network two outputs.
    ///
    /// Crammer & Singer 2001; in this sum form Weston & Watkins 1999, "Support vector machines for
    /// multi-class pattern recognition".
    "hinge", aliases ["multi_margin", "svm"], example "hinge 1";
    pub struct Hinge options {
        /// By how much the right class should win.
        margin: f64 = 1.0 where Kind::Number(Range::POSITIVE), positional;
    }
}

impl Loss for Hinge {
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let Some((batch, classes)) = class_shapes(outputs, targets) else {
            return Rows { loss: outputs, weight: None };
        };
        if targets.size() != batch {
            let loss = outputs.trace().fail(Said::new(say::loss_hinge));
            return Rows { loss, weight: None };
        }
        let right = targets.one_hot(classes);
        let score = (right * outputs).sum_keeping(&[1]);
        let short = (outputs - score + self.margin).relu() * (1.0 - right);
        let loss = short.sum_keeping(&[1]) * (1.0 / classes as f64);
        Rows { loss: loss.reshape(&[batch]), weight: None }
    }

    fn prediction(&self) -> Prediction {
        Prediction::Scores
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
    use crate::losses::tests::{LABELS, LOGITS, check};

    #[test]
    fn values_are_those_of_pytorch() {
        check(Hinge::default(), LOGITS, LABELS, 0.666_666_666_666_666_6);
        check(Hinge { margin: 0.5 }, LOGITS, LABELS, 0.541_666_666_666_666_6);
    }
}
