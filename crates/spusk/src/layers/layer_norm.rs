use spusk_graph::Var;

use crate::Net;
use crate::init::{Draw, Follower};
use crate::layers::Layer;
use crate::net::Layout;
use crate::spec::{Kind, Range};

options! {
    /// Gives every example mean 0 and variance 1 over its features, then a scale and a shift.
    ///
    /// y = weight · (x − mean) / √(variance + ε) + bias, with mean and variance along the last
    /// axis; as PyTorch's `LayerNorm` of that axis. Ba, Kiros & Hinton 2016, "Layer normalization".
    "layer_norm", aliases ["layernorm", "ln"], example "layer_norm";
    pub struct LayerNorm options {
        /// ε, added to the variance, so that nothing is divided by 0.
        eps: f64 = 1e-5 where Kind::Number(Range::POSITIVE);
    }
}

impl Layer for LayerNorm {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(features) = net.features(x) else { return x };
        let weight = net.parameter("weight", &[features], Draw::Constant(1.0), Layout::Same);
        let bias = net.parameter("bias", &[features], Draw::Constant(0.0), Layout::Same);
        let last = x.shape().rank() - 1;
        let centered = x - x.mean_keeping(&[last]);
        let variance = centered.square().mean_keeping(&[last]);
        centered * (variance + self.eps).sqrt().reciprocal() * weight + bias
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;

    #[test]
    fn rows_get_mean_0_and_variance_1() {
        let y = outputs(&[LayerNorm::default().into()], &[2, 3], &[1.0, 3.0, 5.0, 7.0, 7.0, 7.0]);
        let z = 2.0 / (8.0f64 / 3.0 + 1e-5).sqrt();
        let want = [-z, 0.0, z, 0.0, 0.0, 0.0];
        assert!(y.iter().zip(want).all(|(y, want)| (y - want).abs() < 1e-12), "{y:?}");
    }
}
