use spusk_graph::Var;

use crate::optimizers::{
    NewParameter, Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay, mix,
    one_minus_power,
};
use crate::spec::{Kind, Range};

options! {
    /// AdamW whose averages take the place of a schedule: good at every step, whenever it ends.
    ///
    /// Gradients are taken at y, steps are made by z, what is evaluated is the average x; y lies
    /// between: y = (1−β₁)z + β₁x. With s = g / (√v̂ + ε) + λ·y, v as in Adam, and c the share of this
    /// step in the average, c = ηₜ² / Σ η² where ηₜ is the largest learning rate so far:
    /// y ← (1−c)y + c·z + η·(β₁(1−c) − 1)·s, z ← z − η·s, and x = y + (1 − 1/β₁)(z − y).
    /// Parameters hold y.
    ///
    /// Defazio et al. 2024, "The road less scheduled", Algorithm 1, in the form of its authors'
    /// program: v is divided by 1−β₂ᵗ where the paper scales η. Warm it up, schedule nothing else.
    "schedule_free_adamw", aliases ["schedule_free"], example "schedule_free_adamw";
    pub struct ScheduleFreeAdamW options {
        /// How near to the average x gradients are taken.
        beta1: f64 = 0.9 where Kind::Number(OPEN);
        /// Share β₂ of the average squared gradient that a step keeps.
        beta2: f64 = 0.999 where Kind::Number(Range::FRACTION);
        /// Added to the root, so that nothing is divided by 0.
        eps: f64 = 1e-8 where Kind::Number(Range::POSITIVE);
        /// How strongly parameters are drawn to 0, times the learning rate.
        weight_decay: f64 = 0.0 where Kind::Number(Range::NON_NEGATIVE);
    }
}

/// Above 0 and below 1.
const OPEN: Range =
    Range { low: std::ops::Bound::Excluded(0.0), high: std::ops::Bound::Excluded(1.0) };

impl Optimizer for ScheduleFreeAdamW {
    fn learning_rate(&self) -> f64 {
        2.5e-3
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::Own(self.weight_decay)
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("v"), Slot::parameter("z")]
    }

    fn globals(&self) -> Vec<Slot> {
        vec![Slot::zero("step"), Slot::zero("largest_rate"), Slot::zero("weight_sum")]
    }

    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t> {
        let [t, largest, sum] = context.globals();
        let (t, rate) = (t + 1.0, context.learning_rate);
        let largest = largest.max(rate);
        let weight = largest.square();
        let sum = sum + weight;
        // While the learning rate is 0 nothing is averaged.
        let share = weight / sum.max(1e-30);
        let correction = one_minus_power(self.beta2, t).reciprocal();
        let pull = rate * ((1.0 - share) * self.beta1 - 1.0);
        let decay = context.weight_decay;
        let new = parameters.iter().map(|p| {
            let ([v, z], y) = (p.slots(), p.value);
            let v = mix(v, p.gradient.square(), self.beta2);
            let step = p.gradient / ((v * correction).sqrt() + self.eps);
            let step = if decay == 0.0 { step } else { step + y * decay };
            let value = y + (z - y) * share + step * pull;
            NewParameter { value, slots: vec![v, z - step * rate] }
        });
        Update { parameters: new.collect(), globals: vec![t, largest, sum], outputs: vec![] }
    }

    fn evaluated<'t>(&self, value: Var<'t>, slots: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
        let z = slots[1];
        value + (z - value) * (1.0 - 1.0 / self.beta1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::tests::{START, WAVES, check_steps};

    #[test]
    fn ten_steps_are_those_of_the_paper_and_of_its_authors_program() {
        // As the paper has it: x and z, and y made of them.
        let (mut v, mut x, mut z) = ([0.0; 5], START, START);
        let schedule_free = ScheduleFreeAdamW { weight_decay: 0.1, ..Default::default() };
        let last = check_steps(schedule_free, 0.01, WAVES, |t, i, _, g, evaluated| {
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
            let y = 0.1 * z[i] + 0.9 * x[i];
            let step = g[i] / ((v[i] / (1.0 - 0.999f64.powi(t))).sqrt() + 1e-8) + 0.1 * y;
            z[i] -= 0.01 * step;
            // All learning rates are equal: the mean of all z.
            let share = 1.0 / f64::from(t);
            x[i] = (1.0 - share) * x[i] + share * z[i];
            evaluated[i] = x[i];
            0.1 * z[i] + 0.9 * x[i]
        });
        last.is([
            0.49521812867605536,
            -0.9841984396397966,
            1.990791603749982,
            0.09578446967491064,
            -0.2859382395072933,
        ]);
    }
}
