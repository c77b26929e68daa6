use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::{Layer, spatial};

options! {
    /// The mean of every channel: `[B, H, W, C]` or `[B, T, C]` becomes `[B, C]`.
    ///
    /// Sequences of pictures, `[B, T, H, W, C]`, become sequences `[B, T, C]`.
    /// Lin, Chen & Yan 2014, "Network in network", section 3.2.
    "global_avg_pool", aliases ["gap"], example "global_avg_pool";
    pub struct GlobalAvgPool;
}

impl Layer for GlobalAvgPool {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(axes) = spatial(net, x) else { return x };
        let shape = x.shape();
        if let Some(lengths) = net.lengths(x) {
            // An empty sequence has the mean 0.
            let sum = net.without_padding(x).sum_keeping(&[1]).reshape(&[shape[0], shape[2]]);
            return sum * lengths.max(1.0).reciprocal();
        }
        x.mean_keeping(&axes.collect::<Vec<_>>()).reshape(&[shape[0], shape[shape.rank() - 1]])
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
    fn channels_give_their_mean() {
        let x = [1.0, 10.0, 2.0, 20.0, 3.0, 30.0, 6.0, 40.0];
        assert_eq!(outputs(&[GlobalAvgPool.into()], &[1, 2, 2, 2], &x), [3.0, 25.0]);
        assert_eq!(outputs(&[GlobalAvgPool.into()], &[2, 2, 2], &x), [1.5, 15.0, 4.5, 35.0]);
    }
}
