use spusk_graph::Var;

use crate::Net;
use crate::init::{Follower, Initializer};
use crate::layers::Layer;
use crate::spec::Kind;

options! {
    /// The largest of several dense layers: y = max over k of (x · Wₖ + bₖ).
    ///
    /// `weight[in, pieces · out]`, piece by piece; files have it as `[pieces · out, in]`.
    ///
    /// Goodfellow, Warde-Farley, Mirza, Courville & Bengio 2013, "Maxout networks".
    "maxout", aliases [], example "maxout 64 2";
    pub struct Maxout {
        /// Number of outputs.
        out_features: usize where Kind::Integer(1);
    } options {
        /// Number of dense layers to choose from.
        pieces: usize = 2 where Kind::Integer(1), positional;
        /// How the initial weights are drawn; `auto` keeps the variance for two pieces.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

impl Layer for Maxout {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(in_features) = net.features(x) else { return x };
        // The larger of two independent normal values has the variance of each about 0, as a
        // rectifier of slope 1 would keep it.
        net.set_follower(Follower::Rectifier { slope: 1.0 });
        let all = net.dense(x, in_features, self.pieces * self.out_features, true, self.init);
        let shape = x.shape();
        let (lead, piece) = (&shape[..shape.rank() - 1], [self.pieces, self.out_features]);
        let pieces = all.reshape(&[lead, &piece].concat());
        pieces.max_keeping(&[lead.len()]).reshape(&[lead, &[self.out_features]].concat())
    }

    fn follower(&self) -> Follower {
        Follower::Linear
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs_with;

    #[test]
    fn the_largest_piece_wins() {
        let maxout = Maxout { out_features: 2, pieces: 2, init: Initializer::Auto };
        // Pieces x and −x, biases 0: |x|. The second output has biases 1 and 0.
        let given = [("weight", &[1.0, 1.0, -1.0, -1.0][..]), ("bias", &[0.0, 1.0, 0.0, 0.0])];
        let y = outputs_with(maxout.into(), &[2, 1], &[-3.0, 2.0], &given);
        assert_eq!(y, [3.0, 3.0, 2.0, 3.0]);
    }
}
