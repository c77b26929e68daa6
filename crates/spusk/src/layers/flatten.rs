use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;

options! {
    /// Puts all features of an example along one axis: `[B, H, W, C]` becomes `[B, C·H·W]`.
    ///
    /// Channels come first, as PyTorch has them, so that the dense layer behind means the same there:
    /// `[B, H, W, C]` is read as `[B, C, H, W]`, a sequence `[B, T, C]` as `[B, C, T]`.
    "flatten", aliases [], example "flatten";
    pub struct Flatten;
}

impl Layer for Flatten {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let x = net.without_padding(x);
        let shape = x.shape();
        match shape.split_first() {
            Some((&batch, features)) => {
                let size = features.iter().product();
                let positions =
                    features.split_last().map_or(1, |(_, sizes)| sizes.iter().product());
                // With one channel, or one position, the order is the same.
                if positions == 1 || positions == size {
                    return x.reshape(&[batch, size]);
                }
                let rank = shape.rank();
                let order: Vec<usize> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
                x.transpose(&order).reshape(&[batch, size])
            }
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
    use crate::layers::tests::outputs;
    use crate::model::{Batch, Model};

    #[test]
    fn channels_come_first() {
        // Two positions with channels (1, 2) and (3, 4).
        let y = outputs(&[Flatten.into()], &[1, 2, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(y, [1.0, 3.0, 2.0, 4.0]);
        let y = outputs(&[Flatten.into()], &[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(y, [1.0, 3.0, 2.0, 4.0]);
    }

    #[test]
    fn features_lie_along_one_axis() {
        let batch = Batch { size: 5, features: [2, 3, 4].into(), target: [].into() };
        let rows = Model { layers: vec![Flatten.into()] }.describe(&batch).expect("fits");
        assert_eq!(rows[0].output[..], [5, 24]);
    }
}
