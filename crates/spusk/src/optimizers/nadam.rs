use spusk_graph::Var;

use crate::optimizers::{
    Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay, mix, one_minus_power,
};
use crate::spec::{Kind, Range};

options! {
    /// Adam with Nesterov's look ahead.
    ///
    /// μₜ = β₁(1 − ½·0.96^(tψ)), Pₜ = μ₁·…·μₜ; m and v as in Adam, v̂ = v / (1−β₂ᵗ);
    /// θ ← θ − η·(g·(1−μₜ)/(1−Pₜ) + m·μₜ₊₁/(1−Pₜ₊₁)) / (√v̂ + ε).
    ///
    /// Dozat 2016, "Incorporating Nesterov momentum into Adam". As PyTorch, where ψ is
    /// momentum_decay.
    "nadam", aliases [], example "nadam";
    pub struct NAdam options {
        /// Share β₁ of the average gradient that a step keeps.
        beta1: f64 = 0.9 where Kind::Number(Range::FRACTION);
        /// Share β₂ of the average squared gradient that a step keeps.
        beta2: f64 = 0.999 where Kind::Number(Range::FRACTION);
        /// Added to the root, so that nothing is divided by 0.
        eps: f64 = 1e-8 where Kind::Number(Range::POSITIVE);
        /// How quickly the momentum μ grows from β₁/2 to β₁.
        momentum_decay: f64 = 0.004 where Kind::Number(Range::NON_NEGATIVE);
    }
}

impl Optimizer for NAdam {
    fn learning_rate(&self) -> f64 {
        2e-3
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::NONE
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("m"), Slot::zero("v")]
    }

    fn globals(&self) -> Vec<Slot> {
        vec![Slot::zero("step"), Slot::number("momentum_product", 1.0)]
    }

    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t> {
        let [t, product] = context.globals();
        let t = t + 1.0;
        let (momentum, next) = (self.momentum_at(t), self.momentum_at(t + 1.0));
        let product = product * momentum;
        let now = context.learning_rate * (1.0 - momentum) / (1.0 - product);
        let ahead = context.learning_rate * next / (1.0 - product * next);
        let correction = one_minus_power(self.beta2, t).reciprocal();
        Update::of_each(parameters, vec![t, product], |p| {
            let [m, v] = p.slots();
            let m = mix(m, p.gradient, self.beta1);
            let v = mix(v, p.gradient.square(), self.beta2);
            let step = p.gradient * now + m * ahead;
            (p.value - step / ((v * correction).sqrt() + self.eps), [m, v])
        })
    }

    fn evaluated<'t>(&self, value: Var<'t>, _: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
        value
    }
}

impl NAdam {
    /// μ at step t.
    fn momentum_at<'t>(&self, t: Var<'t>) -> Var<'t> {
        (1.0 - (t * (self.momentum_decay * 0.96f64.ln())).exp() * 0.5) * self.beta1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::tests::{WAVES, check_steps};

    #[test]
    fn ten_steps_are_those_of_the_formula_and_of_pytorch() {
        let (mut m, mut v) = ([0.0; 5], [0.0; 5]);
        let mu = |t: i32| 0.9 * (1.0 - 0.5 * 0.96f64.powf(f64::from(t) * 0.004));
        let last = check_steps(NAdam::default(), 0.01, WAVES, |t, i, value, g, _| {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
            let product: f64 = (1..=t).map(mu).product();
            let next = mu(t + 1);
            let ahead = next * m[i] / (1.0 - product * next);
            let step = (1.0 - mu(t)) * g[i] / (1.0 - product) + ahead;
            value[i] - 0.01 * step / ((v[i] / (1.0 - 0.999f64.powi(t))).sqrt() + 1e-8)
        });
        last.is([
            0.4985454452335411,
            -0.9852007599691244,
            1.9976028779436166,
            0.0955566192745752,
            -0.28219466376976376,
        ]);
    }
}
