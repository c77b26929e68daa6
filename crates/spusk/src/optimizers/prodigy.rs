use spusk_graph::Var;

use crate::optimizers::{
    NewParameter, Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay,
    one_minus_power,
};
use crate::spec::{Kind, Range};

options! {
    /// Adam that finds its learning rate: d grows until it is the distance to go.
    ///
    /// With θ₀ the initial parameters, β₃ = √β₂ and sums over all parameters:
    /// r ← β₃r + (d²/d₀)η·⟨g, θ₀ − θ⟩, s ← β₃s + (d²/d₀)η·g,
    /// m ← β₁m + (1−β₁)d·g, v ← β₂v + (1−β₂)d²g²; then d' = max(d, coefficient · r / ‖s‖₁) and
    /// θ ← θ·(1 − d·η·λ) − d·η·m / (√v + d'·ε). η stays 1, but for a schedule.
    ///
    /// Mishchenko & Defazio 2024, "Prodigy: an expeditiously adaptive parameter-free learner",
    /// Algorithm 4, as its authors' program has it, but that θ₀ − θ is summed up from the steps, which
    /// in single precision is much nearer than the difference. The output `d` is the d found.
    "prodigy", aliases [], example "prodigy";
    pub struct Prodigy options {
        /// Share β₁ of the average gradient that a step keeps.
        beta1: f64 = 0.9 where Kind::Number(Range::FRACTION);
        /// Share β₂ of the average squared gradient that a step keeps.
        beta2: f64 = 0.999 where Kind::Number(Range::FRACTION);
        /// Added to the root, times d, so that nothing is divided by 0.
        eps: f64 = 1e-8 where Kind::Number(Range::POSITIVE);
        /// How strongly parameters are drawn to 0, times the learning rate found.
        weight_decay: f64 = 0.0 where Kind::Number(Range::NON_NEGATIVE);
        /// The first d₀, far below any distance.
        initial_d: f64 = 1e-6 where Kind::Number(Range::POSITIVE);
        /// What d is multiplied by: 0.5 for a careful one, 2 for a bold one.
        coefficient: f64 = 1.0 where Kind::Number(Range::POSITIVE);
        /// Whether m and v are corrected for their start as in Adam.
        bias_correction: bool = false where Kind::Switch;
        /// Whether η is left out of s, so that a long warm-up does not make d too large.
        safeguard_warmup: bool = false where Kind::Switch;
    }
}

impl Optimizer for Prodigy {
    fn learning_rate(&self) -> f64 {
        1.0
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::Own(self.weight_decay)
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("m"), Slot::zero("v"), Slot::zero("s"), Slot::zero("moved")]
    }

    fn globals(&self) -> Vec<Slot> {
        vec![Slot::zero("step"), Slot::number("d", self.initial_d), Slot::zero("numerator")]
    }

    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t> {
        let [t, d, numerator] = context.globals();
        let t = t + 1.0;
        let rate = self.rate(context, d, t);
        // d/d₀ in place of d keeps the sums from becoming too small for their format.
        let relative = d * (1.0 / self.initial_d);
        let weight = relative * if self.safeguard_warmup { d } else { rate };
        let beta3 = self.beta2.sqrt();
        let (mut numerator, mut denominator) = (numerator * beta3, t.zeros_like());
        let mut moments = Vec::new();
        for p in parameters {
            let ([m, v, s, moved], g) = (p.slots(), p.gradient);
            numerator = numerator + (g * moved).sum() * (relative * rate);
            let scaled = g * d;
            let m = m * self.beta1 + scaled * (1.0 - self.beta1);
            let v = v * self.beta2 + scaled.square() * (1.0 - self.beta2);
            let s = s * beta3 + g * weight;
            denominator = denominator + s.abs().sum();
            moments.push([m, v, s, moved]);
        }
        // Before the first gradient both are 0.
        let found = numerator * self.coefficient / denominator.max(1e-38);
        let new_d = d.max(found);
        let decay = context.weight_decay;
        // m / (√v + d·ε), divided by d above and below: ε stays a constant.
        let (scale, square) = (rate / new_d, new_d.square().reciprocal());
        let new = parameters.iter().zip(moments).map(|(p, [m, v, s, moved])| {
            let step = (m * scale) / ((v * square).sqrt() + self.eps);
            let step = if decay == 0.0 { step } else { step + p.value * (rate * decay) };
            NewParameter { value: p.value - step, slots: vec![m, v, s, moved + step] }
        });
        Update {
            parameters: new.collect(),
            globals: vec![t, new_d, numerator],
            outputs: vec![("d", new_d)],
        }
    }

    fn evaluated<'t>(&self, value: Var<'t>, _: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
        value
    }
}

impl Prodigy {
    /// The step's length: d·η, corrected for the start if asked for.
    fn rate<'t>(&self, context: &UpdateContext<'t>, d: Var<'t>, t: Var<'t>) -> Var<'t> {
        let rate = d * context.learning_rate;
        if !self.bias_correction {
            return rate;
        }
        rate * one_minus_power(self.beta2, t).sqrt() / one_minus_power(self.beta1, t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::tests::{SLOPE, START, check_all_steps};

    #[test]
    fn ten_steps_are_those_of_the_formula_and_of_its_authors_program() {
        let formula = |prodigy: Prodigy| {
            let (mut m, mut v, mut s) = ([0.0; 5], [0.0; 5], [0.0; 5]);
            let d0 = prodigy.initial_d;
            let (mut d, mut largest, mut r) = (d0, d0, 0.0);
            let Prodigy { weight_decay, coefficient, .. } = prodigy;
            let (corrected, safe) = (prodigy.bias_correction, prodigy.safeguard_warmup);
            check_all_steps(prodigy, 1.0, SLOPE, move |t, value, g| {
                let root = (1.0 - 0.999f64.powi(t)).sqrt();
                let rate = d * if corrected { root / (1.0 - 0.9f64.powi(t)) } else { 1.0 };
                let inner: f64 = (0..5).map(|i| g[i] * (START[i] - value[i])).sum();
                r = 0.999f64.sqrt() * r + d / d0 * rate * inner;
                for i in 0..5 {
                    m[i] = 0.9 * m[i] + 0.1 * d * g[i];
                    v[i] = 0.999 * v[i] + 0.001 * d * d * g[i] * g[i];
                    s[i] = 0.999f64.sqrt() * s[i] + d / d0 * if safe { d } else { rate } * g[i];
                }
                let found = coefficient * r / s.iter().map(|s| s.abs()).sum::<f64>();
                if d == d0 {
                    d = f64::max(d, found);
                }
                largest = f64::max(largest, found);
                d = largest;
                for i in 0..5 {
                    value[i] -= weight_decay * rate * value[i];
                    value[i] -= rate * m[i] / (v[i].sqrt() + d * 1e-8);
                }
            })
        };
        let decayed = Prodigy { weight_decay: 0.1, initial_d: 1e-3, ..Prodigy::default() };
        formula(decayed).is([
            -10.295118792099895,
            -10.337704099341746,
            -7.887589522148544,
            -10.477505016776888,
            -9.932139761772287,
        ]);
        let bold = Prodigy {
            initial_d: 1e-3,
            coefficient: 10.0,
            bias_correction: true,
            safeguard_warmup: true,
            ..Prodigy::default()
        };
        formula(bold).is([
            0.3853838892399925,
            -1.1130312235477886,
            1.8888876058894417,
            -0.01390498649722545,
            -0.4137336293400126,
        ]);
    }
}
