use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// y = tanh x, between −1 and 1.
    ///
    /// LeCun, Bottou, Orr & Müller 1998, "Efficient BackProp", 4.4. Its slope is 1 − y².
    "tanh", aliases [], example "tanh";
    pub struct Tanh;
}

impl Layer for Tanh {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        x.tanh()
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
            Tanh,
            &[
                (0.0, 0.0, 1.0),
                (1.0, 0.761_594_155_955_764_9, 0.419_974_341_614_026_1),
                (-20.0, -1.0, 0.0),
            ],
        );
    }
}
