use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;
use crate::spec::{Kind, Range};

options! {
    /// y = x where x > 0, else slope · x; for slopes up to 1 that is max(slope · x, x).
    ///
    /// Maas, Hannun & Ng 2013, "Rectifier nonlinearities improve neural network acoustic models". The
    /// slope is 0.1 where PyTorch has 0.01; the gradient at 0 is the slope, as in PyTorch.
    "leaky_relu", aliases ["lrelu", "leaky"], example "leaky_relu 0.1";
    pub struct LeakyRelu options {
        /// The slope below 0.
        slope: f64 = 0.1 where Kind::Number(Range::ANY), positional;
    }
}

impl Layer for LeakyRelu {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        x.step().select(x, x * self.slope)
    }

    fn follower(&self) -> Follower {
        Follower::Rectifier { slope: self.slope }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::check_activation;

    #[test]
    fn values_and_slopes() {
        check_activation(
            LeakyRelu::default(),
            &[(2.0, 2.0, 1.0), (-3.0, -0.3, 0.1), (0.0, 0.0, 0.1)],
        );
        check_activation(LeakyRelu { slope: 2.0 }, &[(-3.0, -6.0, 2.0)]);
    }
}
