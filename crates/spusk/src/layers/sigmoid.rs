use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// y = 1 / (1 + e⁻ˣ), between 0 and 1.
    ///
    /// The logistic function; Verhulst 1845, as a neuron's Rumelhart, Hinton & Williams 1986. Its
    /// slope is y·(1 − y), at most ¼.
    "sigmoid", aliases ["logistic"], example "sigmoid";
    pub struct Sigmoid;
}

impl Layer for Sigmoid {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        x.sigmoid()
    }

    fn follower(&self) -> Follower {
        Follower::Saturating
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::check_activation;

    #[test]
    fn values_and_slopes() {
        check_activation(
            Sigmoid,
            &[
                (0.0, 0.5, 0.25),
                (1.0, 0.731_058_578_630_004_9, 0.196_611_933_241_481_85),
                (-2.0, 0.119_202_922_022_117_56, 0.104_993_585_403_506_5),
            ],
        );
    }
}
