use spusk_graph::Var;

use crate::Net;
use crate::init::{Follower, Initializer};
use crate::layers::Layer;
use crate::spec::Kind;

options! {
    /// A fully connected layer: y = x · W + b.
    ///
    /// `y[B, out] = x[B, in] · weight[in, out] + bias[out]`; in is the size of the input's last axis,
    /// and axes between the batch and the last are kept. Files have the weight as `[out, in]`.
    "dense", aliases ["linear", "fully_connected", "fc"], example "dense 256";
    pub struct Dense {
        /// Number of outputs.
        out_features: usize where Kind::Integer(1);
    } options {
        /// Whether a bias is added.
        bias: bool = true where Kind::Switch;
        /// How the initial weights are drawn; `auto` chooses by the activation that follows.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

impl Dense {
    /// With a bias, and weights drawn to suit what follows.
    pub fn new(out_features: usize) -> Dense {
        Dense { out_features, bias: true, init: Initializer::Auto }
    }
}

impl Layer for Dense {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(in_features) = net.features(x) else { return x };
        net.dense(x, in_features, self.out_features, self.bias, self.init)
    }

    fn follower(&self) -> Follower {
        Follower::Linear
    }
}
