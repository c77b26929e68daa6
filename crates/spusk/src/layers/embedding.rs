use spusk_graph::Var;

use crate::Net;
use crate::init::{Draw, Follower};
use crate::layers::Layer;
use crate::messages::{self as say, Said};
use crate::net::Layout;
use crate::spec::Kind;

options! {
    /// A trained row of numbers for every token.
    ///
    /// `[B, T]` token numbers become `[B, T, embedding_size]`: rows of `weight[vocab_size,
    /// embedding_size]`, which start normal with variance 1. As PyTorch's `Embedding`. A number that is
    /// no token gives NaN, at which training stops; so it is never taken for another token.
    "embedding", aliases [], example "embedding 1000 64";
    pub struct Embedding {
        /// Number of tokens.
        vocab_size: usize where Kind::Integer(1);
        /// Numbers for each token.
        embedding_size: usize where Kind::Integer(1);
    } options {
        /// Whether token 0 is padding, which stands behind short sequences: its row is 0, and no layer that
        /// follows lets it change a result.
        padding: bool = false where Kind::Switch;
    }
}

impl Embedding {
    /// For texts: padding behind short ones, and as many tokens as the data have.
    pub fn new(embedding_size: usize) -> Embedding {
        Embedding { vocab_size: 1, embedding_size, padding: true }
    }
}

impl Layer for Embedding {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let shape = [self.vocab_size, self.embedding_size];
        let draw = Draw::Normal { deviation: 1.0 };
        let rows = net.parameter("weight", &shape, draw, Layout::Same).gather(x);
        if !self.padding || rows.value().is_none() {
            return rows;
        }
        let &[batch, length] = &x.shape()[..] else {
            return net
                .trace()
                .fail(Said::new(|l| say::layer_input(l, x.shape(), say::layer_tokens(l))));
        };
        let lengths = x.greater(0.0).reshape(&[batch, length]).sum_keeping(&[1]);
        net.set_lengths(Some(lengths.stop_gradient()));
        net.without_padding(rows)
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
    fn tokens_become_rows() {
        let embedding = Embedding { vocab_size: 3, embedding_size: 2, padding: false };
        let weight = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let y =
            outputs_with(embedding.into(), &[1, 4], &[2.0, 0.0, 2.0, 3.0], &[("weight", &weight)]);
        assert_eq!(y[..6], [4.0, 5.0, 0.0, 1.0, 4.0, 5.0]);
        assert!(y[6].is_nan() && y[7].is_nan());
    }
}
