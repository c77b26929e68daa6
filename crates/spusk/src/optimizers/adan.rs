use spusk_graph::Var;

use crate::optimizers::{
    Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay, mix, one_minus_power,
};
use crate::spec::{Kind, Range};

options! {
    /// Adaptive Nesterov momentum: Adam that also averages how the gradient changes.
    ///
    /// With d = g − g₋₁ (0 at the first step): m ← β₁m + (1−β₁)g, c ← β₂c + (1−β₂)d,
    /// n ← β₃n + (1−β₃)(g + β₂d)²; θ ← (θ − η·(m̂ + β₂ĉ) / (√n̂ + ε)) / (1 + η·λ), with a hat for
    /// division by 1 − βᵗ.
    ///
    /// Xie, Zhou, Li, Lin & Yan 2023, "Adan: adaptive Nesterov momentum algorithm", Algorithm 1, whose
    /// β's are 1 less these; the constants are those of its authors' program.
    "adan", aliases [], example "adan";
    pub struct Adan options {
        /// Share β₁ of the average gradient that a step keeps.
        beta1: f64 = 0.98 where Kind::Number(Range::FRACTION);
        /// Share β₂ of the average change of the gradient that a step keeps.
        beta2: f64 = 0.92 where Kind::Number(Range::FRACTION);
        /// Share β₃ of the average square that a step keeps.
        beta3: f64 = 0.99 where Kind::Number(Range::FRACTION);
        /// Added to the root, so that nothing is divided by 0.
        eps: f64 = 1e-8 where Kind::Number(Range::POSITIVE);
        /// How strongly parameters are drawn to 0, times the learning rate.
        weight_decay: f64 = 0.0 where Kind::Number(Range::NON_NEGATIVE);
    }
}

impl Optimizer for Adan {
    fn learning_rate(&self) -> f64 {
        1e-3
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::Own(self.weight_decay)
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("m"), Slot::zero("change"), Slot::zero("n"), Slot::zero("last_gradient")]
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
        // 0 at the first step, which has no gradient before it.
        let later = t.step();
        let t = t + 1.0;
        let rate = context.learning_rate / one_minus_power(self.beta1, t);
        let ahead = context.learning_rate * self.beta2 / one_minus_power(self.beta2, t);
        let correction = one_minus_power(self.beta3, t).reciprocal();
        let shrink = (context.learning_rate * context.weight_decay + 1.0).reciprocal();
        Update::of_each(parameters, vec![t], |p| {
            let [m, c, n, last] = p.slots();
            let change = (p.gradient - last) * later;
            let m = mix(m, p.gradient, self.beta1);
            let c = mix(c, change, self.beta2);
            let n = mix(n, (p.gradient + change * self.beta2).square(), self.beta3);
            let step = (m * rate + c * ahead) / ((n * correction).sqrt() + self.eps);
            ((p.value - step) * shrink, [m, c, n, p.gradient])
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
    fn ten_steps_are_those_of_the_formula_and_of_its_authors_program() {
        let (mut m, mut c, mut n, mut last) = ([0.0; 5], [0.0; 5], [0.0; 5], [None; 5]);
        let adan = Adan { weight_decay: 0.1, ..Adan::default() };
        let last = check_steps(adan, 0.01, WAVES, |t, i, value, g, _| {
            let change = last[i].map_or(0.0, |last: f64| g[i] - last);
            last[i] = Some(g[i]);
            m[i] = 0.98 * m[i] + 0.02 * g[i];
            c[i] = 0.92 * c[i] + 0.08 * change;
            n[i] = 0.99 * n[i] + 0.01 * (g[i] + 0.92 * change).powi(2);
            let hat = |x: f64, beta: f64| x / (1.0 - beta.powi(t));
            let step = hat(m[i], 0.98) + 0.92 * hat(c[i], 0.92);
            (value[i] - 0.01 * step / (hat(n[i], 0.99).sqrt() + 1e-8)) / (1.0 + 0.01 * 0.1)
        });
        last.is([
            0.495183868682619,
            -0.9734297660468126,
            1.9791342586585376,
            0.0973333478765997,
            -0.27827548832560894,
        ]);
    }
}
