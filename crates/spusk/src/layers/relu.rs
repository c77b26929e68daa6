use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// y = max(x, 0).
    ///
    /// Nair & Hinton 2010, "Rectified linear units improve restricted Boltzmann machines". The
    /// gradient at 0 is 0, as in PyTorch.
    "relu", aliases ["rectifier"], example "relu";
    pub struct Relu;
}

impl Layer for Relu {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        x.relu()
    }

    fn follower(&self) -> Follower {
        Follower::Rectifier { slope: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::check_activation;

    #[test]
    fn values_and_slopes() {
        check_activation(Relu, &[(-2.0, 0.0, 0.0), (0.0, 0.0, 0.0), (3.0, 3.0, 1.0)]);
    }
}
