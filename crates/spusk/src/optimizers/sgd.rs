use spusk_graph::Var;

use crate::optimizers::{Optimizer, ParameterVars, Slot, Update, UpdateContext};
use crate::spec::{Kind, Range};

options! {
    /// Stochastic gradient descent, with momentum if asked for.
    ///
    /// Without momentum θ ← θ − η·g. With momentum μ: b ← μ·b + g, θ ← θ − η·b; with Nesterov's:
    /// θ ← θ − η·(g + μ·b).
    ///
    /// Polyak 1964; Nesterov 1983 in the form of Sutskever et al. 2013, "On the importance of
    /// initialization and momentum in deep learning", with η outside of b as in PyTorch: a change of
    /// η acts at once. PyTorch's dampening is left out.
    "sgd", aliases ["momentum", "nesterov"], example "sgd momentum=0.9";
    pub struct Sgd options {
        /// Share μ of the past gradients' sum that is kept.
        momentum: f64 = 0.0 where Kind::Number(Range::FRACTION);
        /// Whether to look ahead by the momentum, as Nesterov does.
        nesterov: bool = false where Kind::Switch;
    }
}

impl Optimizer for Sgd {
    fn learning_rate(&self) -> f64 {
        0.01
    }

    fn slots(&self) -> Vec<Slot> {
        if self.momentum == 0.0 { Vec::new() } else { vec![Slot::zero("momentum")] }
    }

    fn globals(&self) -> Vec<Slot> {
        Vec::new()
    }

    fn update<'t>(
        &self,
        context: &UpdateContext<'t>,
        parameters: &[ParameterVars<'t>],
    ) -> Update<'t> {
        let rate = context.learning_rate;
        if self.momentum == 0.0 {
            return Update::of_each(parameters, vec![], |p| (p.value - p.gradient * rate, []));
        }
        Update::of_each(parameters, vec![], |p| {
            let [b] = p.slots();
            let b = b * self.momentum + p.gradient;
            let step = if self.nesterov { p.gradient + b * self.momentum } else { b };
            (p.value - step * rate, [b])
        })
    }

    fn evaluated<'t>(&self, value: Var<'t>, _: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
        value
    }
}
