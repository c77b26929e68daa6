use spusk_graph::Var;

use crate::Net;
use crate::init::{Follower, Initializer};
use crate::layers::{Attention, Dense, Gelu, Layer, LayerNorm};
use crate::messages::{self as say, Said};
use crate::spec::Kind;

options! {
    /// A block of a transformer: attention, then two dense layers, each added to what it is given.
    ///
    /// On `x[B, T, D]`: h = x + attention(norm1(x)), y = h + linear2(gelu(linear1(norm2(h)))), with
    /// `expansion`·D numbers between the two. The norms stand in front, which trains without a warm-up.
    ///
    /// Parameters as PyTorch's `TransformerEncoderLayer` with `norm_first=True`: `self_attn`, `linear1`,
    /// `linear2`, `norm1`, `norm2`. Vaswani et al. 2017, "Attention is all you need"; Xiong et al. 2020,
    /// "On layer normalization in the transformer architecture".
    "transformer", aliases ["transformer_block"], example "transformer heads=4";
    pub struct Transformer options {
        /// Number of heads; it divides the number of features.
        heads: usize = 4 where Kind::Integer(1);
        /// Whether an element sees only itself and what stands before it.
        causal: bool = false where Kind::Switch;
        /// How many times as many numbers stand between the two dense layers.
        expansion: usize = 4 where Kind::Integer(1);
        /// How the initial weights are drawn; `auto` chooses by the activation that follows.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

impl Layer for Transformer {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some([.., features]) = super::attention::sequence(net, x) else { return x };
        let Some(width) = features.checked_mul(self.expansion) else {
            return net.trace().fail(Said::new(|l| say::layer_expansion(l, self.expansion)));
        };
        let attention = Attention { heads: self.heads, causal: self.causal, init: self.init };
        let dense = |width: usize| Dense { init: self.init, ..Dense::new(width) };
        let linear = Follower::Linear;
        let normal = net.layer("norm1", &LayerNorm::default().into(), linear, x);
        let h = x + net.layer("self_attn", &attention.into(), linear, normal);
        let normal = net.layer("norm2", &LayerNorm::default().into(), linear, h);
        let gelu = Gelu::default();
        let wide = net.layer("linear1", &dense(width).into(), gelu.follower(), normal);
        let active = net.layer("gelu", &gelu.into(), linear, wide);
        h + net.layer("linear2", &dense(features).into(), linear, active)
    }

    fn follower(&self) -> Follower {
        Follower::Linear
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs_with;
    use crate::model::{Batch, Model};

    #[test]
    fn parameters_are_those_of_pytorch() {
        let model =
            Model { layers: vec![Transformer { heads: 2, ..Transformer::default() }.into()] };
        let batch = Batch { size: 3, features: [5, 4].into(), target: [].into() };
        let parameters = model.parameters(&batch).expect("the sizes fit");
        let table: Vec<_> = (parameters.iter())
            .map(|p| (&p.name["layers.0.".len()..], p.layout.stored_shape(&p.shape).to_vec()))
            .collect();
        let want = [
            ("norm1.weight", vec![4]),
            ("norm1.bias", vec![4]),
            ("self_attn.in_proj_weight", vec![12, 4]),
            ("self_attn.in_proj_bias", vec![12]),
            ("self_attn.out_proj.weight", vec![4, 4]),
            ("self_attn.out_proj.bias", vec![4]),
            ("norm2.weight", vec![4]),
            ("norm2.bias", vec![4]),
            ("linear1.weight", vec![16, 4]),
            ("linear1.bias", vec![16]),
            ("linear2.weight", vec![4, 16]),
            ("linear2.bias", vec![4]),
        ];
        assert_eq!(table, want);
    }

    #[test]
    fn what_comes_later_does_not_matter_to_a_causal_block() {
        let block = Transformer { heads: 2, causal: true, ..Transformer::default() };
        let x: Vec<f64> = (0..24).map(|i| (i as f64 * 0.9).sin()).collect();
        let mut changed = x.clone();
        changed[16..].fill(3.0);
        let run = |x: &[f64]| outputs_with(block.clone().into(), &[1, 6, 4], x, &[]);
        let (before, after) = (run(&x), run(&changed));
        assert_eq!(before[..16], after[..16]);
        assert_ne!(before[16..], after[16..]);
    }
}
