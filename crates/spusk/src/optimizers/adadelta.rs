use spusk_graph::Var;

use crate::optimizers::{Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay, mix};
use crate::spec::{Kind, Range};

options! {
    /// Steps in the parameters' own unit: the past steps' size over the past gradients' size.
    ///
    /// v ← ρv + (1−ρ)g², d = g·√(u + ε)/√(v + ε), u ← ρu + (1−ρ)d², θ ← θ − η·d; η is 1 in the paper.
    ///
    /// Zeiler 2012, "ADADELTA: an adaptive learning rate method", Algorithm 1. As PyTorch.
    "adadelta", aliases [], example "adadelta";
    pub struct Adadelta options {
        /// Share ρ of the averages that a step keeps.
        rho: f64 = 0.9 where Kind::Number(Range::FRACTION);
        /// Added under both roots; it decides how long the first steps are.
        eps: f64 = 1e-6 where Kind::Number(Range::POSITIVE);
    }
}

impl Optimizer for Adadelta {
    fn learning_rate(&self) -> f64 {
        1.0
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::NONE
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("v"), Slot::zero("u")]
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
            let [v, u] = p.slots();
            let v = mix(v, p.gradient.square(), self.rho);
            let step = p.gradient * ((u + self.eps) / (v + self.eps)).sqrt();
            let u = mix(u, step.square(), self.rho);
            (p.value - step * context.learning_rate, [v, u])
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
        let (mut v, mut u) = ([0.0; 5], [0.0; 5]);
        let last = check_steps(Adadelta::default(), 1.0, WAVES, |_, i, value, g, _| {
            v[i] = 0.9 * v[i] + 0.1 * g[i] * g[i];
            let d = g[i] * (u[i] + 1e-6f64).sqrt() / (v[i] + 1e-6f64).sqrt();
            u[i] = 0.9 * u[i] + 0.1 * d * d;
            value[i] - d
        });
        last.is([
            0.5015039722259104,
            -0.9963489577644897,
            1.9972732335831724,
            0.10018271917163653,
            -0.2950461930030091,
        ]);
    }
}
