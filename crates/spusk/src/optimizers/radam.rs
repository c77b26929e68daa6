use spusk_graph::Var;

use crate::optimizers::{
    Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay, mix, one_minus_power,
};
use crate::spec::{Kind, Range};

options! {
    /// Adam that warms up by itself: no scaling until the squared gradients are known well enough.
    ///
    /// ρ∞ = 2/(1−β₂) − 1, ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ). While ρₜ ≤ 5: θ ← θ − η·m̂. Then
    /// θ ← θ − η·m̂·r·√(1−β₂ᵗ) / (√v + ε) with
    /// r² = (ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ); m, v and m̂ as in Adam.
    ///
    /// Liu et al. 2020, "On the variance of the adaptive learning rate and beyond", Algorithm 2. As
    /// PyTorch, with the paper's threshold 4 replaced by 5.
    "radam", aliases [], example "radam";
    pub struct RAdam options {
        /// Share β₁ of the average gradient that a step keeps.
        beta1: f64 = 0.9 where Kind::Number(Range::FRACTION);
        /// Share β₂ of the average squared gradient that a step keeps.
        beta2: f64 = 0.999 where Kind::Number(Range::FRACTION);
        /// Added to the root, so that nothing is divided by 0.
        eps: f64 = 1e-8 where Kind::Number(Range::POSITIVE);
    }
}

impl Optimizer for RAdam {
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
        let rate = context.learning_rate / one_minus_power(self.beta1, t);
        let rectified = self.rectifier(t);
        // One of the two is 0, by a scalar choice: no element has to choose.
        let plain = rectified.select(0.0, rate);
        let scaled = rate * rectified * one_minus_power(self.beta2, t).sqrt();
        Update::of_each(parameters, vec![t], |p| {
            let [m, v] = p.slots();
            let m = mix(m, p.gradient, self.beta1);
            let v = mix(v, p.gradient.square(), self.beta2);
            let step = (m * scaled) / (v.sqrt() + self.eps);
            (p.value - step - m * plain, [m, v])
        })
    }

    fn evaluated<'t>(&self, value: Var<'t>, _: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
        value
    }
}

impl RAdam {
    /// r at step t; 0 while ρₜ ≤ 5.
    fn rectifier<'t>(&self, t: Var<'t>) -> Var<'t> {
        let most = 2.0 / (1.0 - self.beta2) - 1.0;
        if most <= 5.0 {
            return t.trace().constant(0.0);
        }
        // With β₂ = e⁻ᵃ and L(x) = coth x − 1/x, ρₜ = t + L(a/2) − t·L(at/2): the same number
        // without the difference of two large ones.
        let half = -0.5 * self.beta2.ln();
        let first = half.tanh().recip() - half.recip();
        let length = t + first - t * langevin(t * half);
        let scale = most / ((most - 4.0) * (most - 2.0));
        let square = (length - 4.0) * (length - 2.0) * scale / length;
        length.greater(5.0).select(square, 0.0).sqrt()
    }
}

/// coth x − 1/x for x > 0: its series where the difference would lose digits.
fn langevin(x: Var<'_>) -> Var<'_> {
    let y = x * x;
    let series = x
        * (1.0 / 3.0
            - y * (1.0 / 45.0 - y * (2.0 / 945.0 - y * (1.0 / 4725.0 - y * (2.0 / 93_555.0)))));
    let closed = x.tanh().reciprocal() - x.reciprocal();
    x.greater(0.5).select(closed, series)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::tests::{WAVES, check_steps};

    #[test]
    fn ten_steps_are_those_of_the_formula_and_of_pytorch() {
        let (mut m, mut v) = ([0.0; 5], [0.0; 5]);
        let last = check_steps(RAdam::default(), 0.01, WAVES, |t, i, value, g, _| {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
            let m_hat = m[i] / (1.0 - 0.9f64.powi(t));
            let power = 0.999f64.powi(t);
            let most = 2.0 / (1.0 - 0.999) - 1.0;
            let rho = most - 2.0 * f64::from(t) * power / (1.0 - power);
            if rho <= 5.0 {
                return value[i] - 0.01 * m_hat;
            }
            let square = (rho - 4.0) * (rho - 2.0) * most / ((most - 4.0) * (most - 2.0) * rho);
            let r = square.sqrt() * (1.0 - power).sqrt();
            value[i] - 0.01 * m_hat * r / (v[i].sqrt() + 1e-8)
        });
        last.is([
            0.49423509402385934,
            -0.9874011603367967,
            1.997587570601462,
            0.081603121434244,
            -0.2780868198214354,
        ]);
    }

    #[test]
    fn the_rectifier_is_right_at_every_step() {
        for beta2 in [0.9, 0.99, 0.999] {
            let radam = RAdam { beta2, ..RAdam::default() };
            for t in [1, 5, 6, 7, 10, 100, 1000, 5000, 100_000] {
                let trace = spusk_graph::Trace::new();
                let r = radam.rectifier(trace.constant(f64::from(t)));
                let value = trace.value(r).expect("scalars");
                let got = spusk_graph::evaluate(&trace.graph(), &Default::default(), &[value]);
                let got = got.expect("all is given")[0].data[0];
                let (most, power) = (2.0 / (1.0 - beta2) - 1.0, beta2.powi(t));
                let rho = most - 2.0 * f64::from(t) * power / (1.0 - power);
                let square = (rho - 4.0) * (rho - 2.0) * most / ((most - 4.0) * (most - 2.0) * rho);
                let want = if rho > 5.0 { square.sqrt() } else { 0.0 };
                assert!((got - want).abs() < 1e-8, "β₂ = {beta2}, t = {t}: {got}, expected {want}");
            }
        }
    }
}
