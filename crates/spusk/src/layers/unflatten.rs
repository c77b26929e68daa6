use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::{Layer, Pair};
use crate::messages::{self as say, Said};
use crate::spec::Kind;

options! {
    /// Makes images of rows of features: `[B, C·H·W]` becomes `[B, H, W, C]`.
    ///
    /// The inverse of `flatten`: channels come first in a row, as with PyTorch's `Unflatten`.
    "unflatten", aliases [], example "unflatten 7";
    pub struct Unflatten {
        /// H and W, one number or [height, width].
        size: Pair where Kind::Sizes { least: 1, pairs: true, words: &[] };
    } options {
    }
}

impl Layer for Unflatten {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let (shape, Pair([height, width])) = (x.shape(), self.size);
        let pixels = height.saturating_mul(width);
        match shape[..] {
            [batch, features] if features > 0 && features.is_multiple_of(pixels) => {
                let channels = features / pixels;
                x.reshape(&[batch, channels, height, width]).transpose(&[0, 2, 3, 1])
            }
            _ if x.value().is_none() => x,
            _ => net.trace().fail(Said::new(|l| {
                let wanted = say::layer_multiple(l, height, width);
                let cure = say::cure_layer_dense(l, pixels.saturating_mul(16));
                say::layer_input_cure(l, &shape, wanted, cure)
            })),
        }
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Flatten;
    use crate::layers::tests::outputs;

    #[test]
    fn it_is_the_inverse_of_flatten() {
        let unflatten = || Unflatten { size: Pair([1, 2]) }.into();
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        // Channels (1, 2), (3, 4) and (5, 6) of two pixels.
        assert_eq!(outputs(&[unflatten()], &[1, 6], &x), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        assert_eq!(outputs(&[unflatten(), Flatten.into()], &[1, 6], &x), x);
    }
}
