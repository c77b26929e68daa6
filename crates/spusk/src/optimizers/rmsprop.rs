use spusk_graph::Var;

use crate::optimizers::{
    NewParameter, Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay, mix,
};
use crate::spec::{Kind, Range};

options! {
    /// Steps divided by the root of each gradient's mean square.
    ///
    /// v ← β₂v + (1−β₂)g², s = g / (√v + ε), θ ← θ − η·s. Centered: a ← β₂a + (1−β₂)g and √(v − a²)
    /// in place of √v. With momentum μ: b ← μ·b + s, θ ← θ − η·b.
    ///
    /// Tieleman & Hinton 2012, lecture 6.5 of "Neural networks for machine learning"; centered: Graves
    /// 2013. As PyTorch, whose name for β₂ is alpha; v − a² is kept from going below 0 by rounding.
    "rmsprop", aliases ["rms_prop"], example "rmsprop";
    pub struct RmsProp options {
        /// Share β₂ of the average squared gradient that a step keeps.
        beta2: f64 = 0.99 where Kind::Number(Range::FRACTION);
        /// Added to the root, so that nothing is divided by 0.
        eps: f64 = 1e-8 where Kind::Number(Range::POSITIVE);
        /// Share μ of the past steps' sum that is kept.
        momentum: f64 = 0.0 where Kind::Number(Range::FRACTION);
        /// Whether the mean gradient is subtracted, so that v is a variance.
        centered: bool = false where Kind::Switch;
    }
}

impl Optimizer for RmsProp {
    fn learning_rate(&self) -> f64 {
        0.01
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::NONE
    }

    fn slots(&self) -> Vec<Slot> {
        let average = self.centered.then(|| Slot::zero("average_gradient"));
        let momentum = (self.momentum != 0.0).then(|| Slot::zero("momentum"));
        [Slot::zero("v")].into_iter().chain(average).chain(momentum).collect()
    }

    fn globals(&self) -> Vec<Slot> {
        Vec::new()
    }

    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t> {
        let new = parameters.iter().map(|p| self.step(context, p)).collect();
        Update { parameters: new, ..Update::default() }
    }

    fn evaluated<'t>(&self, value: Var<'t>, _: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
        value
    }
}

impl RmsProp {
    fn step<'t>(&self, context: &UpdateContext<'t>, p: &ParameterVars<'t>) -> NewParameter<'t> {
        let (rate, mut old) = (context.learning_rate, p.slots.iter());
        let mut next = || *old.next().expect("an optimizer gets the slots that it declares");
        let v = mix(next(), p.gradient.square(), self.beta2);
        let mut slots = vec![v];
        let mut variance = v;
        if self.centered {
            let average = mix(next(), p.gradient, self.beta2);
            variance = (v - average.square()).max(0.0);
            slots.push(average);
        }
        if self.momentum == 0.0 {
            let step = (p.gradient * rate) / (variance.sqrt() + self.eps);
            return NewParameter { value: p.value - step, slots };
        }
        let b = next() * self.momentum + p.gradient / (variance.sqrt() + self.eps);
        slots.push(b);
        NewParameter { value: p.value - b * rate, slots }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::tests::{WAVES, check_steps};

    #[test]
    fn ten_steps_are_those_of_the_formula_and_of_pytorch() {
        let (mut v, mut a, mut b) = ([0.0; 5], [0.0; 5], [0.0; 5]);
        let plain = check_steps(RmsProp::default(), 0.01, WAVES, |_, i, value, g, _| {
            v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
            value[i] - 0.01 * g[i] / (v[i].sqrt() + 1e-8)
        });
        plain.is([
            0.48385014362787826,
            -0.8886318565546796,
            2.005796101471694,
            0.06474855266049341,
            -0.16424510230543735,
        ]);
        v = [0.0; 5];
        let full = RmsProp { momentum: 0.9, centered: true, ..RmsProp::default() };
        let full = check_steps(full, 0.01, WAVES, |_, i, value, g, _| {
            v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
            a[i] = 0.99 * a[i] + 0.01 * g[i];
            b[i] = 0.9 * b[i] + g[i] / ((v[i] - a[i] * a[i]).sqrt() + 1e-8);
            value[i] - 0.01 * b[i]
        });
        full.is([
            0.23780760566096584,
            -0.2931059374309192,
            2.2269416041154533,
            -0.24890657632536178,
            0.5179581354797003,
        ]);
    }
}
