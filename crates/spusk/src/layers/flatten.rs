use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// Puts all features of an example along one axis: `[B, H, W]` becomes `[B, H·W]`.
    "flatten", aliases [], example "flatten";
    pub struct Flatten;
}

impl Layer for Flatten {
    fn build<'t>(&self, _: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let shape = x.shape();
        match shape.split_first() {
            Some((&batch, features)) => x.reshape(&[batch, features.iter().product()]),
            None => x,
        }
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Batch, Model};

    #[test]
    fn features_lie_along_one_axis() {
        let batch = Batch { size: 5, features: [2, 3, 4].into(), target: [].into() };
        let rows = Model { layers: vec![Flatten.into()] }.describe(&batch).expect("fits");
        assert_eq!(rows[0].output[..], [5, 24]);
    }
}
