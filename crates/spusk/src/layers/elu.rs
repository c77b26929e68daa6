use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;
use crate::spec::{Kind, Range};

options! {
    /// y = x where x > 0, else α(eˣ − 1).
    ///
    /// Clevert, Unterthiner & Hochreiter 2016, "Fast and accurate deep network learning by
    /// exponential linear units".
    "elu", aliases [], example "elu 1";
    pub struct Elu options {
        /// The value −α that the output falls to.
        alpha: f64 = 1.0 where Kind::Number(Range::NON_NEGATIVE), positional;
    }
}

impl Layer for Elu {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        // Kept below 0, so that the branch not taken does not overflow into the gradient; at 0 the
        // slope is α, as in PyTorch.
        let above = x.step();
        above.select(x, above.select(0.0, x).expm1() * self.alpha)
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
            Elu::default(),
            &[
                (2.0, 2.0, 1.0),
                (0.0, 0.0, 1.0),
                (-1.0, -0.632_120_558_828_557_7, 0.367_879_441_171_442_3),
                (1000.0, 1000.0, 1.0),
                (-1000.0, -1.0, 0.0),
            ],
        );
        check_activation(
            Elu { alpha: 0.5 },
            &[(-1.0, -0.316_060_279_414_278_8, 0.183_939_720_585_721_16)],
        );
    }
}
