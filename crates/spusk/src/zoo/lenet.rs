use super::Network;
use crate::init::Initializer;
use crate::layers::{AnyLayer, Conv2d, Dense, Flatten, MaxPool, Padding, Pair, Relu};
use crate::spec::Kind;

options! {
    /// Two convolutions with pooling and two dense layers, for small images of one object.
    ///
    /// conv 6 5×5, ReLU, max-pool 2, conv 16 5×5, ReLU, max-pool 2, dense 120, ReLU, dense 84, ReLU.
    /// The first convolution keeps the size, so that 28 × 28 pixels end as the paper's 5 × 5.
    ///
    /// LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document recognition",
    /// with maxima and rectifiers in place of sums and tanh, as is usual today.
    "lenet", aliases ["lenet5"], example "lenet";
    pub struct Lenet options {
        /// How the initial weights are drawn; `auto` chooses by the activation that follows.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

impl Network for Lenet {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        let conv = |channels, padding| Conv2d {
            padding: Padding::Each(Pair::both(padding)),
            init: self.init,
            ..Conv2d::new(channels, 5)
        };
        let dense = |features| Dense { init: self.init, ..Dense::new(features) };
        Ok(vec![
            conv(6, 2).into(),
            Relu.into(),
            MaxPool::default().into(),
            conv(16, 0).into(),
            Relu.into(),
            MaxPool::default().into(),
            Flatten.into(),
            dense(120).into(),
            Relu.into(),
            dense(84).into(),
            Relu.into(),
        ])
    }
}
