use spusk_graph::Var;

use crate::optimizers::{Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay};
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

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::NONE
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::tests::{WAVES, check_steps};

    #[test]
    fn ten_steps_are_those_of_the_formula_and_of_pytorch() {
        let formula = |momentum: f64, nesterov: bool| {
            let mut b = [0.0; 5];
            let sgd = Sgd { momentum, nesterov };
            check_steps(sgd, 0.1, WAVES, move |_, i, value, g, _| {
                b[i] = momentum * b[i] + g[i];
                value[i] - 0.1 * if nesterov { g[i] + momentum * b[i] } else { b[i] }
            })
        };
        formula(0.0, false).is([
            0.5118677644104125,
            -0.9367561919975994,
            1.9060812428287914,
            0.09230363755242643,
            -0.1514351037180402,
        ]);
        formula(0.9, false).is([
            0.4087961571815607,
            -0.6370199983059559,
            1.7795997404772714,
            -0.27566949255369133,
            0.40580119947646653,
        ]);
        formula(0.9, true).is([
            0.42978430587381705,
            -0.6100741904729597,
            1.7077210092583357,
            -0.2457989057458958,
            0.4837859758107797,
        ]);
    }
}
