use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// y = ln(1 + eˣ), a smooth ReLU.
    ///
    /// Dugas, Bengio, Bélisle, Nadeau & Garcia 2001. Its slope is the sigmoid.
    "softplus", aliases [], example "softplus";
    pub struct Softplus;
}

impl Layer for Softplus {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        x.softplus()
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
        check_activation(
            Softplus,
            &[
                (0.0, std::f64::consts::LN_2, 0.5),
                (1.0, 1.313_261_687_518_222_8, 0.731_058_578_630_004_9),
                (-1000.0, 0.0, 0.0),
                (1000.0, 1000.0, 1.0),
            ],
        );
    }
}
