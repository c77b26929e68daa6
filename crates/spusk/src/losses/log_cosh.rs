use std::f64::consts::LN_2;

use spusk_graph::Var;

use crate::losses::{Loss, Prediction, Rows, Task, mean_of_row, targets_like};

options! {
    /// ln cosh(y − t): squared for small errors, absolute for large ones, smooth throughout.
    ///
    /// |e| + ln(1 + e^(−2|e|)) − ln 2, which does not overflow; averaged over the outputs. Its slope
    /// is tanh e.
    "log_cosh", aliases ["logcosh"], example "log_cosh";
    pub struct LogCosh;
}

impl Loss for LogCosh {
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
        let error = outputs - targets_like(outputs, targets);
        // Not `abs`: its derivative at 0 would make the curvature there 0 in place of 1.
        let size = error.step().select(error, -error);
        let loss = size + (size * -2.0).exp().log1p() - LN_2;
        Rows { loss: mean_of_row(loss), weight: None }
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
    use spusk_graph::{Trace, evaluate, grad};

    use super::*;
    use crate::losses::tests::{check_numbers, value};

    #[test]
    fn values_are_those_of_the_formula() {
        // ln(cosh(e)) computed by PyTorch in f64.
        check_numbers(LogCosh, 0.946_343_890_628_522_2);
        let far = value(&LogCosh.into(), (&[1, 1], &[1000.0]), (&[1], &[0.0]), None);
        assert!((far - (1000.0 - LN_2)).abs() < 1e-9);
    }

    #[test]
    fn the_curvature_at_0_is_1() {
        let trace = Trace::new();
        let y = trace.literal(spusk_graph::Array::filled([1, 1], 0.0));
        let loss = LogCosh.rows(y, trace.full(0.0, &[1])).loss.sum();
        let slope = grad(loss, &[y])[0];
        let curvature = grad(slope.sum(), &[y])[0];
        let wanted = [slope, curvature].map(|v| trace.value(v).expect("fits"));
        let got = evaluate(&trace.graph(), &Default::default(), &wanted).expect("all is given");
        assert_eq!((got[0].data[0], got[1].data[0]), (0.0, 1.0));
    }
}
