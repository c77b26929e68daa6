use spusk_graph::Var;

use crate::optimizers::{Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay};
use crate::spec::{Kind, Range};

options! {
    /// Steps divided by the root of all past squared gradients: rare features keep long steps.
    ///
    /// s ← s + g², θ ← θ − η·g / (√s + ε).
    ///
    /// Duchi, Hazan & Singer 2011, "Adaptive subgradient methods". ε stands outside the root, as in
    /// PyTorch; its lr_decay is left to the schedules.
    "adagrad", aliases [], example "adagrad";
    pub struct Adagrad options {
        /// The sum of squared gradients to begin with.
        initial: f64 = 0.0 where Kind::Number(Range::NON_NEGATIVE);
        /// Added to the root, so that nothing is divided by 0.
        eps: f64 = 1e-10 where Kind::Number(Range::POSITIVE);
    }
}

impl Optimizer for Adagrad {
    fn learning_rate(&self) -> f64 {
        0.01
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::NONE
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::number("sum", self.initial)]
    }

    fn globals(&self) -> Vec<Slot> {
        Vec::new()
    }

    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t> {
        Update::of_each(parameters, vec![], |p| {
            let [sum] = p.slots();
            let sum = sum + p.gradient.square();
            let step = (p.gradient * context.learning_rate) / (sum.sqrt() + self.eps);
            (p.value - step, [sum])
        })
    }

    fn evaluated<'t>(&self, value: Var<'t>, _: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::tests::{WAVES, check_steps};

    #[test]
    fn ten_steps_are_those_of_the_formula_and_of_pytorch() {
        let mut s = [0.0; 5];
        let last = check_steps(Adagrad::default(), 0.01, WAVES, |_, i, value, g, _| {
            s[i] += g[i] * g[i];
            value[i] - 0.01 * g[i] / (s[i].sqrt() + 1e-10)
        });
        last.is([
            0.4983162376268877,
            -0.9888751269246054,
            2.0006422329099776,
            0.09642507213806578,
            -0.2864457547600524,
        ]);
    }
}
