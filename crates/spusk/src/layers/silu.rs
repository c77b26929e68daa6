use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// y = x / (1 + e⁻ˣ), also called swish.
    ///
    /// Elfwing, Uchibe & Doya 2018, "Sigmoid-weighted linear units"; Ramachandran, Zoph & Le 2017.
    "silu", aliases ["swish"], example "silu";
    pub struct Silu;
}

impl Layer for Silu {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        x * x.sigmoid()
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
            Silu,
            &[
                (0.0, 0.0, 0.5),
                (1.0, 0.731_058_578_630_004_9, 0.927_670_511_871_486_7),
                (-50.0, 0.0, 0.0),
            ],
        );
    }
}
