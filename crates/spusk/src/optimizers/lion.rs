use spusk_graph::Var;

use crate::optimizers::{Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay, mix};
use crate::spec::{Kind, Range};

options! {
    /// Steps of one length in every parameter, in the direction of the momentum's sign.
    ///
    /// θ ← θ·(1 − η·λ) − η·sign(β₁m + (1−β₁)g), m ← β₂m + (1−β₂)g. The learning rate is the step's
    /// length in every parameter: take 3 to 10 times less than for Adam.
    ///
    /// Chen et al. 2023, "Symbolic discovery of optimization algorithms", Algorithm 2.
    "lion", aliases [], example "lion";
    pub struct Lion options {
        /// Share β₁ of the average gradient in the direction of a step.
        beta1: f64 = 0.9 where Kind::Number(Range::FRACTION);
        /// Share β₂ of the average gradient that a step keeps.
        beta2: f64 = 0.99 where Kind::Number(Range::FRACTION);
        /// Share λ of a parameter that is taken off each step, times the learning rate.
        weight_decay: f64 = 0.0 where Kind::Number(Range::NON_NEGATIVE);
    }
}

impl Optimizer for Lion {
    fn learning_rate(&self) -> f64 {
        1e-4
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::Before(self.weight_decay)
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("m")]
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
            let [m] = p.slots();
            let direction = mix(m, p.gradient, self.beta1).sign();
            (p.value - direction * context.learning_rate, [mix(m, p.gradient, self.beta2)])
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
    fn ten_steps_are_those_of_the_formula_and_of_a_known_program() {
        let mut m = [0.0; 5];
        let lion = Lion { weight_decay: 0.1, ..Lion::default() };
        let last = check_steps(lion, 0.01, WAVES, |_, i, value, g, _| {
            let direction = (0.9 * m[i] + 0.1 * g[i]).signum();
            m[i] = 0.99 * m[i] + 0.01 * g[i];
            value[i] * (1.0 - 0.01 * 0.1) - 0.01 * direction
        });
        // lion-pytorch, in f64.
        last.is([
            0.49503240028447465,
            -0.9701744611882297,
            1.9601396604197958,
            0.09901444820057537,
            -0.297103065041406,
        ]);
    }
}
