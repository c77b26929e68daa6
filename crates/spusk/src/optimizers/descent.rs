use spusk_graph::Var;

use crate::optimizers::{
    Optimizer, ParameterVars, Slot, Update, UpdateContext, WeightDecay, global_norm,
};
use crate::spec::{Kind, Range};

options! {
    /// Plain gradient descent: new = old − step · gradient.
    ///
    /// θ ← θ − η·g, with η the learning rate. The output `movement` is |new − old| = η·‖g‖ over all
    /// parameters (what weight decay takes is not counted). With a threshold, training stops at the first step
    /// that is shorter, which says that steps became short, not that a minimum is near: a small η, the last
    /// steps of a falling schedule and a plateau make them short, too. Cauchy 1847.
    "descent", aliases ["gradient_descent", "gd"], example "descent threshold=0.001";
    pub struct Descent options {
        /// The length |new − old| below which training stops; 0 for never.
        threshold: f64 = 0.0 where Kind::Number(Range::NON_NEGATIVE);
    }
}

impl Optimizer for Descent {
    fn learning_rate(&self) -> f64 {
        0.1
    }

    fn weight_decay(&self) -> WeightDecay {
        WeightDecay::NONE
    }

    fn slots(&self) -> Vec<Slot> {
        Vec::new()
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
        let gradients: Vec<Var> = parameters.iter().map(|p| p.gradient).collect();
        let movement = global_norm(&gradients).map(|norm| ("movement", norm * rate));
        let update = Update::of_each(parameters, vec![], |p| (p.value - p.gradient * rate, []));
        Update { outputs: movement.into_iter().collect(), ..update }
    }

    fn evaluated<'t>(&self, value: Var<'t>, _: &[Var<'t>], _: &[Var<'t>]) -> Var<'t> {
        value
    }

    fn threshold(&self) -> Option<f64> {
        (self.threshold > 0.0).then_some(self.threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Relu;
    use crate::losses::Mse;
    use crate::model::{Batch, Model, StepOptions};
    use crate::optimizers::tests::{WAVES, check_steps};
    use crate::testing::Training;

    #[test]
    fn ten_steps_are_those_of_the_formula_and_of_pytorch_sgd() {
        let last =
            check_steps(Descent::default(), 0.1, WAVES, |_, i, value, g, _| value[i] - 0.1 * g[i]);
        last.is([
            0.5118677644104125,
            -0.9367561919975994,
            1.9060812428287914,
            0.09230363755242643,
            -0.1514351037180402,
        ]);
    }

    #[test]
    fn movement_is_how_far_the_parameters_went() {
        let model = Model::mlp(&[], Relu, 1);
        let options = StepOptions::new(Mse, Descent::default());
        let step = model.train_graph(&Batch::of_rows(2, 2), &options).expect("the sizes fit");
        let mut training = Training::new(&step, 4);
        training.give("features", &[2, 2], &[1.0, 2.0, -1.0, 0.5]);
        training.give("targets", &[2], &[1.0, 3.0]);
        training.give("learning_rate", &[], &[0.2]);
        let before = training.clone();
        let movement = training.step(&step)["movement"].data[0];
        let squares = ["layers.0.weight", "layers.0.bias"].map(|name| {
            let moved = before.state(name).zip(training.state(name), |a, b| (a - b).powi(2));
            moved.data.iter().sum::<f64>()
        });
        let want = squares.iter().sum::<f64>().sqrt();
        assert!(want > 0.0 && (movement - want).abs() < 1e-14, "{movement}, expected {want}");
    }
}
