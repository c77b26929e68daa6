use spusk_graph::Var;

use crate::Net;
use crate::init::{Draw, Follower};
use crate::layers::Layer;
use crate::net::Layout;
use crate::spec::{Kind, Range};

options! {
    /// Gives every feature mean 0 and variance 1 over the batch, then a scale and a shift.
    ///
    /// y = weight · (x − mean) / √(variance + ε) + bias, per feature (last axis), with mean and
    /// variance over all other axes. Running averages of both stand in for them in evaluation:
    /// running ← (1 − momentum)·running + momentum·new, where the new variance is the unbiased one
    /// (divided by n − 1). All as PyTorch's `BatchNorm1d`.
    ///
    /// A batch with one value a feature has no variance: it is normalized by the running averages
    /// and leaves them alone (PyTorch refuses it). Padding rows count like others.
    ///
    /// Ioffe & Szegedy 2015, "Batch normalization".
    "batch_norm", aliases ["batchnorm", "bn"], example "batch_norm";
    pub struct BatchNorm options {
        /// ε, added to the variance, so that nothing is divided by 0.
        eps: f64 = 1e-5 where Kind::Number(Range::POSITIVE);
        /// Share of a new mean and variance in the running ones.
        momentum: f64 = 0.1 where Kind::Number(Range::UNIT);
    }
}

impl Layer for BatchNorm {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(features) = net.features(x) else { return x };
        let weight = net.parameter("weight", &[features], Draw::Constant(1.0), Layout::Same);
        let bias = net.parameter("bias", &[features], Draw::Constant(0.0), Layout::Same);
        let running_mean = net.buffer("running_mean", &[features], 0.0);
        let running_var = net.buffer("running_var", &[features], 1.0);
        let count = x.size() / features.max(1);
        if !net.measures_batch() || count < 2 {
            let scale = weight / (running_var + self.eps).sqrt();
            return (x - running_mean) * scale + bias;
        }
        let axes: Vec<usize> = (0..x.shape().rank() - 1).collect();
        // The formulas hold for every pivot, so it may count as a constant. Then the gradient by x is
        // one pass over x behind one that takes sums: what flows through the mean is one number a
        // feature. The shift is 0, but has a gradient.
        let mean = x.mean_keeping(&axes);
        let pivot = mean.stop_gradient();
        let centered = x - pivot;
        let shift = mean - pivot;
        let variance = centered.square().mean_keeping(&axes) - shift.square();
        let unbiased = variance * (count as f64 / (count as f64 - 1.0));
        for (running, new) in [(running_mean, mean), (running_var, unbiased)] {
            let new = new.reshape(&[features]).stop_gradient();
            let next = running * (1.0 - self.momentum) + new * self.momentum;
            net.update_buffer(running, next);
        }
        let scale = weight / (variance.reshape(&[features]) + self.eps).sqrt();
        centered * scale + (bias - shift.reshape(&[features]) * scale)
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::train_outputs;
    use crate::losses::Mse;
    use crate::model::{Batch, Model, StepOptions};
    use crate::optimizers::Sgd;
    use crate::testing::Training;

    #[test]
    fn features_get_mean_0_and_variance_1() {
        // Feature 0: 1, 3, 5 (mean 3, variance 8/3); feature 1: constant.
        let x = [1.0, 7.0, 3.0, 7.0, 5.0, 7.0];
        let y = train_outputs(&[BatchNorm::default().into()], &[3, 2], &x);
        let z = 2.0 / (8.0f64 / 3.0 + 1e-5).sqrt();
        let want = [-z, 0.0, 0.0, 0.0, z, 0.0];
        assert!(y.iter().zip(want).all(|(y, want)| (y - want).abs() < 1e-12), "{y:?}");
    }

    #[test]
    fn running_averages_move_by_the_momentum_and_serve_evaluation() {
        let norm = BatchNorm { momentum: 0.25, ..BatchNorm::default() };
        let model = Model { layers: vec![norm.into()] };
        let train = |rows: usize, x: &[f64]| {
            let batch = Batch { size: rows, features: [1].into(), target: [1].into() };
            let options = StepOptions::new(Mse, Sgd::default());
            let step = model.train_graph(&batch, &options).expect("the sizes fit");
            let mut training = Training::new(&step, 0);
            training.give("features", &[rows, 1], x);
            training.give("targets", &[rows, 1], x);
            training.give("learning_rate", &[], &[0.0]);
            training.step(&step);
            let eval = model.eval_graph(&batch, None, false, None).expect("the sizes fit");
            let outputs = training.evaluate(&eval)["outputs"].data.clone();
            let state = |name: &str| training.state(name).data[0];
            (state("layers.0.running_mean"), state("layers.0.running_var"), outputs)
        };
        // Mean 3; unbiased variance of 1, 3, 5 is 4.
        let (mean, variance, outputs) = train(3, &[1.0, 3.0, 5.0]);
        assert_eq!((mean, variance), (0.75, 0.75 + 1.0));
        let want = (1.0 - 0.75) / (1.75f64 + 1e-5).sqrt();
        assert!((outputs[0] - want).abs() < 1e-15, "{outputs:?}");
        // One row leaves them alone.
        assert_eq!(train(1, &[9.0]).0, 0.0);
    }
}
