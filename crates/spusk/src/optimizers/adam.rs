use spusk_graph::Var;

use crate::optimizers::{
    Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay, mix, one_minus_power,
};
use crate::spec::{Kind, Range};

options! {
    /// Adam: momentum, with steps scaled by each gradient's usual size.
    ///
    /// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η·m̂ / (√v̂ + ε) with m̂ = m / (1−β₁ᵗ) and
    /// v̂ = v / (1−β₂ᵗ).
    ///
    /// Kingma & Ba 2015, "Adam: a method for stochastic optimization", Algorithm 1. ε stands outside
    /// the root, as in PyTorch.
    "adam", aliases [], example "adam beta1=0.9";
    pub struct Adam options {
        /// Share β₁ of the average gradient that a step keeps.
        beta1: f64 = 0.9 where Kind::Number(Range::FRACTION);
        /// Share β₂ of the average squared gradient that a step keeps.
        beta2: f64 = 0.999 where Kind::Number(Range::FRACTION);
        /// Added to the root, so that nothing is divided by 0.
        eps: f64 = 1e-8 where Kind::Number(Range::POSITIVE);
    }
}

impl Optimizer for Adam {
    fn learning_rate(&self) -> f64 {
        1e-3
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::NONE
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("m"), Slot::zero("v")]
    }

    fn globals(&self) -> Vec<Slot> {
        vec![Slot::zero("step")]
    }

    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t> {
        let [t] = context.globals();
        let t = t + 1.0;
        // Scalars, made once a step; what remains is one pass over each parameter.
        let rate = context.learning_rate / one_minus_power(self.beta1, t);
        let correction = one_minus_power(self.beta2, t).reciprocal();
        Update::of_each(parameters, vec![t], |p| {
            let [m, v] = p.slots();
            let m = mix(m, p.gradient, self.beta1);
            let v = mix(v, p.gradient.square(), self.beta2);
            let step = (m * rate) / ((v * correction).sqrt() + self.eps);
            (p.value - step, [m, v])
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
        let (mut m, mut v) = ([0.0; 5], [0.0; 5]);
        let last = check_steps(Adam::default(), 0.01, WAVES, |t, i, value, g, _| {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
            let (m_hat, v_hat) = (m[i] / (1.0 - 0.9f64.powi(t)), v[i] / (1.0 - 0.999f64.powi(t)));
            value[i] - 0.01 * m_hat / (v_hat.sqrt() + 1e-8)
        });
        last.is([
            0.48664516390870194,
            -0.971942141952678,
            1.9981716737653383,
            0.08190846501662742,
            -0.2711483930334155,
        ]);
    }
}
