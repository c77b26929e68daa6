use spusk_graph::Var;

use crate::optimizers::{
    Optimizer, ParameterVars, Slot, Update, UpdateContext, mix, one_minus_power,
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
