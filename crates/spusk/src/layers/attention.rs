use spusk_graph::{Array, Triangle, Var};

use crate::Net;
use crate::init::{Draw, Fan, Follower, Initializer};
use crate::layers::{Dense, Layer};
use crate::messages::{self as say, Said};
use crate::net::Layout;
use crate::spec::Kind;

options! {
    /// Every element of a sequence gathers from the others what is like it: multi-head attention.
    ///
    /// `x[B, T, D]` becomes `[B, T, D]`. With q, k and v three linear maps of x, each cut into `heads`
    /// parts of d = D/heads numbers: softmax(q·kᵀ/√d)·v for every head, side by side, then a linear map.
    /// `causal` lets an element see itself and what stands before it.
    ///
    /// Parameters as PyTorch's `MultiheadAttention`: `in_proj_weight[3D, D]` (q, k, v), `in_proj_bias`,
    /// `out_proj.weight`, `out_proj.bias`. Vaswani et al. 2017, "Attention is all you need".
    "attention", aliases ["self_attention", "mha"], example "attention heads=4 causal=true";
    pub struct Attention options {
        /// Number of heads; it divides the number of features.
        heads: usize = 4 where Kind::Integer(1);
        /// Whether an element sees only itself and what stands before it.
        causal: bool = false where Kind::Switch;
        /// How the initial weights are drawn.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

/// What the scores of elements that must not be seen are set to: their share of a softmax is 0, and
/// nothing becomes infinite.
const UNSEEN: f64 = -1e30;

impl Layer for Attention {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some([batch, length, features]) = sequence(net, x) else { return x };
        let heads = self.heads;
        if heads == 0 || features % heads != 0 {
            return net.trace().fail(Said::new(|l| say::layer_heads(l, features, heads)));
        }
        let head_size = features / heads;
        let fan = Fan { inputs: features, outputs: features };
        let draw = self.init.weights(fan, Follower::Linear);
        let weight =
            net.parameter("in_proj_weight", &[features, 3 * features], draw, Layout::Transposed);
        let bias =
            net.parameter("in_proj_bias", &[3 * features], Draw::Constant(0.0), Layout::Same);
        // Three products rather than one: each result is read in place, head by head.
        let project = |part: usize| {
            let (start, end) = (part * features, (part + 1) * features);
            let weight = weight.slice(&[0, start], &[features, end]);
            let y = x.matmul(weight) + bias.slice(&[start], &[end]);
            y.reshape(&[batch, length, heads, head_size])
        };
        let q = project(0).transpose(&[0, 2, 1, 3]);
        let k = project(1).transpose(&[0, 2, 3, 1]);
        let v = project(2).transpose(&[0, 2, 1, 3]);
        let scale = 1.0 / (head_size as f64).sqrt();
        let (shown, seen) = match self.causal {
            true => (Triangle::Lower, Triangle::LeftLower),
            false => (Triangle::None, Triangle::None),
        };
        let scores = q.matmul_triangle(k, shown) * scale;
        let scores = if self.causal { masked(scores) } else { scores };
        let scores = match net.lengths(x) {
            Some(lengths) => {
                let lengths = lengths.reshape(&[batch, 1, 1, 1]);
                lengths.greater(net.trace().iota(length)).select(scores, UNSEEN)
            }
            None => scores,
        };
        let mixed = mixed(scores, v, seen).transpose(&[0, 2, 1, 3]);
        let mixed = mixed.reshape(&[batch, length, features]);
        let out = Dense { init: self.init, ..Dense::new(features) };
        net.layer("out_proj", &out.into(), Follower::Linear, mixed)
    }

    fn follower(&self) -> Follower {
        Follower::Linear
    }
}

/// `scores[B, N, T, T]` with [`UNSEEN`] where column j stands behind row i.
///
/// The comparison needs the columns' numbers and one number a row, so no mask stands in memory.
fn masked(scores: Var<'_>) -> Var<'_> {
    let shape = scores.shape();
    let &[batch, heads, rows, columns] = &shape[..] else { return scores };
    let trace = scores.trace();
    let row = trace.literal(Array::from_fn([1, 1, rows, 1], |index| index[2] as f64));
    let behind = trace.iota(columns).greater(row.broadcast(&[batch, heads, rows, 1]));
    behind.select(UNSEEN, scores)
}

/// softmax(scores)·v. The sum of a row divides the row of the result, which is shorter than that of the
/// scores, and of what is as large as these only the powers are kept for the way back.
fn mixed<'t>(scores: Var<'t>, v: Var<'t>, seen: Triangle) -> Var<'t> {
    let Some(last) = scores.shape().rank().checked_sub(1) else { return scores };
    let powers = (scores - scores.max_keeping(&[last]).stop_gradient()).exp();
    powers.matmul_triangle(v, seen) * powers.sum_keeping(&[last]).reciprocal()
}

/// Sizes of `[B, T, D]`, or the error that it is no sequence.
pub(super) fn sequence(net: &Net<'_>, x: Var<'_>) -> Option<[usize; 3]> {
    x.value()?;
    let shape = x.shape();
    let sizes = <[usize; 3]>::try_from(&shape[..]).ok();
    if sizes.is_none() {
        net.trace().fail(Said::new(|l| {
            say::layer_input_cure(l, &shape, say::layer_embedded(l), say::cure_layer_embedding(l))
        }));
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs_with;
    use crate::model::{Batch, Model};

    /// softmax(q·kᵀ/√d)·v of one sequence, by its definition; weights as PyTorch has them.
    fn reference(x: &[Vec<f64>], weight: &[Vec<f64>], heads: usize, causal: bool) -> Vec<f64> {
        let features = x[0].len();
        let size = features / heads;
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let project = |part: usize, t: usize, d: usize| dot(&x[t], &weight[part * features + d]);
        let mut y = Vec::new();
        for i in 0..x.len() {
            for d in 0..features {
                let head = d / size * size..d / size * size + size;
                let seen = if causal { i + 1 } else { x.len() };
                let score = |j: usize| {
                    let terms = head.clone().map(|e| project(0, i, e) * project(1, j, e));
                    (terms.sum::<f64>() / (size as f64).sqrt()).exp()
                };
                let total: f64 = (0..seen).map(score).sum();
                y.push((0..seen).map(|j| score(j) / total * project(2, j, d)).sum());
            }
        }
        y
    }

    #[test]
    fn heads_mix_what_they_see() {
        let (length, features) = (5, 4);
        let number = |i: usize| (i as f64 * 0.7).sin();
        let x: Vec<f64> = (0..length * features).map(number).collect();
        // The graph has the weight as [in, out].
        let weight: Vec<f64> = (0..features * 3 * features).map(|i| number(i + 100)).collect();
        let columns: Vec<Vec<f64>> = (0..3 * features)
            .map(|o| (0..features).map(|i| weight[i * 3 * features + o]).collect())
            .collect();
        let rows: Vec<Vec<f64>> = x.chunks(features).map(<[f64]>::to_vec).collect();
        let identity: Vec<f64> = (0..features * features)
            .map(|i| f64::from(u8::from(i % (features + 1) == 0)))
            .collect();
        for heads in [1, 2] {
            for causal in [false, true] {
                let layer = Attention { heads, causal, init: Initializer::Auto };
                let given = [("in_proj_weight", &weight[..]), ("out_proj.weight", &identity)];
                let y = outputs_with(layer.into(), &[1, length, features], &x, &given);
                let want = reference(&rows, &columns, heads, causal);
                for (y, want) in y.iter().zip(&want) {
                    assert!((y - want).abs() < 1e-12, "{heads} {causal}: {y} {want}");
                }
            }
        }
    }

    #[test]
    fn errors_name_the_cure() {
        let check = |heads: usize, features: &[usize], want: &str| {
            let layer = Attention { heads, ..Attention::default() };
            let batch = Batch { size: 2, features: features.into(), target: [].into() };
            let error = Model { layers: vec![layer.into()] }.parameters(&batch);
            assert_eq!(error.expect_err("broken").to_string(), want);
        };
        check(
            3,
            &[5, 8],
            "layers.0 attention: 8 features cannot be cut into 3 equal heads; choose a number that \
             divides 8",
        );
        check(
            2,
            &[8],
            "layers.0 attention: the input has shape [2, 8], expected sequences [batch, time, \
             features]; put an `embedding` in front of token numbers",
        );
    }
}
