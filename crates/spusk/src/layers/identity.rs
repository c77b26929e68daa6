use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// y = x.
    ///
    /// A place that does nothing: the plain line to compare activations with.
    "identity", aliases ["none"], example "identity";
    pub struct Identity;
}

impl Layer for Identity {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        x
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::check_activation;

    #[test]
    fn values_and_slopes() {
        check_activation(Identity, &[(-1.5, -1.5, 1.0)]);
    }
}
