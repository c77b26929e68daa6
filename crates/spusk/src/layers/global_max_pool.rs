use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::{Layer, spatial};

options! {
    /// The largest element of every channel: `[B, H, W, C]` or `[B, T, C]` becomes `[B, C]`.
    ///
    /// Sequences of pictures, `[B, T, H, W, C]`, become sequences `[B, T, C]`.
    /// Kim 2014, "Convolutional neural networks for sentence classification": max over time.
    "global_max_pool", aliases [], example "global_max_pool";
    pub struct GlobalMaxPool;
}

/// What stands in the place of padding: it is never the largest, and not infinite.
const UNSEEN: f64 = -1e30;

impl Layer for GlobalMaxPool {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(axes) = spatial(net, x) else { return x };
        let shape = x.shape();
        if let (Some(lengths), Some(mask)) = (net.lengths(x), net.mask(x)) {
            let most = mask.select(x, UNSEEN).max_keeping(&[1]).reshape(&[shape[0], shape[2]]);
            // An empty sequence has the maximum 0.
            return lengths.greater(0.0).select(most, 0.0);
        }
        x.max_keeping(&axes.collect::<Vec<_>>()).reshape(&[shape[0], shape[shape.rank() - 1]])
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;

    #[test]
    fn channels_give_their_largest_element() {
        let x = [1.0, 10.0, 2.0, -20.0, 3.0, 30.0, 6.0, -40.0];
        assert_eq!(outputs(&[GlobalMaxPool.into()], &[1, 2, 2, 2], &x), [6.0, 30.0]);
        assert_eq!(outputs(&[GlobalMaxPool.into()], &[2, 2, 2], &x), [2.0, 10.0, 6.0, 30.0]);
    }
}
