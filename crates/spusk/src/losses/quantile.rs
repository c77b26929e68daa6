use std::ops::Bound;

use spusk_graph::{Array, Var};

use crate::losses::{Loss, Prediction, Rows, Task, mean_of_row};
use crate::messages::{self as say, Said};
use crate::spec::{Kind, Range};

options! {
    /// Quantiles in place of the mean: max(q·e, (q − 1)·e) with e = t − y, for each quantile q.
    ///
    /// Its minimum is the value below which a share q of the targets lies. With several quantiles the
    /// network has one output for each: for T targets and Q quantiles `[B, T·Q]`, target by target.
    /// Nothing keeps quantiles in order but the data. Averaged over the outputs.
    ///
    /// Koenker & Bassett 1978, "Regression quantiles".
    "quantile", aliases ["pinball"], example "quantile [0.1, 0.5, 0.9]";
    pub struct Quantile options {
        /// Shares between 0 and 1.
        quantiles: Vec<f64> = [0.5] where Kind::Numbers(OPEN), positional;
    }
}

/// Between 0 and 1.
const OPEN: Range = Range { low: Bound::Excluded(0.0), high: Bound::Excluded(1.0) };

impl Loss for Quantile {
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let shape = outputs.shape();
        let count = self.quantiles.len();
        let (batch, columns) = match shape[..] {
            [batch, columns] if targets.size() * count == batch * columns && count > 0 => {
                (batch, columns)
            }
            _ => return Rows { loss: self.refuse(outputs, targets), weight: None },
        };
        let trace = outputs.trace();
        let quantiles = trace.literal(Array::new([1, 1, count], self.quantiles.clone()));
        let axes = [batch, columns / count, count];
        let error = targets.reshape(&[batch, columns / count, 1]) - outputs.reshape(&axes);
        let loss = error.relu() * quantiles + (-error).relu() * (1.0 - quantiles);
        Rows { loss: mean_of_row(loss), weight: None }
    }

    fn prediction(&self) -> Prediction {
        Prediction::Identity
    }

    fn outputs(&self, task: &Task) -> usize {
        task.targets() * self.quantiles.len()
    }

    fn fits(&self, task: &Task) -> bool {
        !task.classifies()
    }
}

impl Quantile {
    fn refuse<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Var<'t> {
        if outputs.value().is_none() || targets.value().is_none() {
            return outputs;
        }
        let (count, shape) = (self.quantiles.len(), targets.shape());
        let columns = shape.size() / shape.first().copied().unwrap_or(1).max(1);
        outputs.trace().fail(Said::new(|l| {
            say::loss_quantiles(l, outputs.shape(), &shape, count, columns * count)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::tests::check;

    #[test]
    fn values_are_those_of_the_formula() {
        // Both computed by PyTorch in f64 from maximum(q·e, (q − 1)·e).
        let one = Quantile { quantiles: vec![0.9] };
        check(one, (&[2, 1], &[0.5, 2.5]), (&[2], &[0.0, 0.5]), 0.125);
        let two = Quantile { quantiles: vec![0.1, 0.9] };
        check(two, (&[2, 2], &[0.5, -1.0, 2.5, 0.0]), (&[2], &[1.0, 2.0]), 1.025);
    }
}
