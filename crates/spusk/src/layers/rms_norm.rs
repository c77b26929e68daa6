use spusk_graph::Var;

use crate::Net;
use crate::init::{Draw, Follower};
use crate::layers::Layer;
use crate::net::Layout;
use crate::spec::{Kind, Range};

options! {
    /// Gives every example mean square 1 over its features, then a scale.
    ///
    /// y = weight · x / √(mean x² + ε), the mean along the last axis; as PyTorch's `RMSNorm`, whose ε
    /// is the number format's own unless given. Zhang & Sennrich 2019, "Root mean square layer
    /// normalization".
    "rms_norm", aliases ["rmsnorm"], example "rms_norm";
    pub struct RmsNorm options {
        /// ε, added to the mean square, so that nothing is divided by 0.
        eps: f64 = 1e-6 where Kind::Number(Range::POSITIVE);
    }
}

impl Layer for RmsNorm {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(features) = net.features(x) else { return x };
        let weight = net.parameter("weight", &[features], Draw::Constant(1.0), Layout::Same);
        let last = x.shape().rank() - 1;
        let square = x.square().mean_keeping(&[last]);
        x * (square + self.eps).sqrt().reciprocal() * weight
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
    fn rows_get_mean_square_1() {
        let y = outputs(&[RmsNorm::default().into()], &[2, 2], &[1.0, 7.0, 0.0, 0.0]);
        let root = (25.0f64 + 1e-6).sqrt();
        let want = [1.0 / root, 7.0 / root, 0.0, 0.0];
        assert!(y.iter().zip(want).all(|(y, want)| (y - want).abs() < 1e-15), "{y:?}");
    }
}
