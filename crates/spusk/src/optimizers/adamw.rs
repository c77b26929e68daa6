use spusk_graph::Var;

use crate::optimizers::{Adam, Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay};
use crate::spec::{Kind, Range};

options! {
    /// Adam with weight decay beside the gradient.
    ///
    /// θ ← θ·(1 − η·λ), then a step of [`Adam`]. Loshchilov & Hutter 2019, "Decoupled weight decay
    /// regularization", Algorithm 2; the decay is times η as in PyTorch, and as there of all
    /// parameters, biases too.
    "adamw", aliases ["adam_w"], example "adamw weight_decay=0.01";
    pub struct AdamW options {
        /// Share β₁ of the average gradient that a step keeps.
        beta1: f64 = 0.9 where Kind::Number(Range::FRACTION);
        /// Share β₂ of the average squared gradient that a step keeps.
        beta2: f64 = 0.999 where Kind::Number(Range::FRACTION);
        /// Added to the root, so that nothing is divided by 0.
        eps: f64 = 1e-8 where Kind::Number(Range::POSITIVE);
        /// Share λ of a parameter that is taken off each step, times the learning rate.
        weight_decay: f64 = 0.01 where Kind::Number(Range::NON_NEGATIVE);
    }
}

impl AdamW {
    fn adam(&self) -> Adam {
        Adam { beta1: self.beta1, beta2: self.beta2, eps: self.eps }
    }
}

impl Optimizer for AdamW {
    fn learning_rate(&self) -> f64 {
        1e-3
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::Before(self.weight_decay)
    }

    fn slots(&self) -> Vec<Slot> {
        self.adam().slots()
    }

    fn globals(&self) -> Vec<Slot> {
        self.adam().globals()
    }

    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t> {
        self.adam().update(context, parameters)
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
        let (mut m, mut v) = ([0.0; 5], [0.0; 5]);
        let last = check_steps(AdamW::default(), 0.01, WAVES, |t, i, value, g, _| {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
            let (m_hat, v_hat) = (m[i] / (1.0 - 0.9f64.powi(t)), v[i] / (1.0 - 0.999f64.powi(t)));
            value[i] * (1.0 - 0.01 * 0.01) - 0.01 * m_hat / (v_hat.sqrt() + 1e-8)
        });
        last.is([
            0.48615612967741906,
            -0.9709623023523731,
            1.996170742352472,
            0.08182209037393995,
            -0.27086874377722403,
        ]);
    }
}
