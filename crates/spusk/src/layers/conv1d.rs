use spusk_graph::Var;

use crate::Net;
use crate::init::{Follower, Initializer};
use crate::layers::Layer;
use crate::layers::convolution::{Convolution, Padding, Pair};
use crate::spec::Kind;

options! {
    /// A convolution of sequences: every output pixel sees a window of the input.
    ///
    /// y = Σ over the window and its channels of x · weight, + bias, with `x[B, T, in]` and
    /// `weight[K, in / groups, out]`; each axis becomes ⌊(size + 2 · padding − dilation ·
    /// (kernel_size − 1) − 1) / stride⌋ + 1 long. All as PyTorch's `Conv1d`, but for channels, which
    /// stand last; files have the weight as `[out, in / groups, K]`. `[B, T]` has one channel.
    "conv1d", aliases ["convolution1d"], example "conv1d 16 3 padding=1";
    pub struct Conv1d {
        /// Number of output channels.
        out_channels: usize where Kind::Integer(1);
        /// Size of the window.
        kernel_size: usize where Kind::Integer(1);
    } options {
        /// Steps from one window to the next.
        stride: usize = 1 where Kind::Integer(1);
        /// Zeros on each side; `same` keeps the size (with a stride, ⌈size / stride⌉), `causal` too, with all
        /// zeros in front, so that no output sees what comes later.
        padding: Padding = 0 where Kind::Sizes { least: 0, pairs: false, words: &["same", "causal"] };
        /// Steps from one pixel of the window to the next.
        dilation: usize = 1 where Kind::Integer(1);
        /// Groups of channels that see nothing of each other.
        groups: usize = 1 where Kind::Integer(1);
        /// Whether a bias is added.
        bias: bool = true where Kind::Switch;
        /// How the initial weights are drawn; `auto` chooses by the activation that follows.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

impl Conv1d {
    /// With stride 1, no padding, a bias, and weights drawn to suit what follows.
    pub fn new(out_channels: usize, kernel_size: usize) -> Conv1d {
        Conv1d {
            out_channels,
            kernel_size,
            stride: 1,
            padding: Padding::Each(Pair::both(0)),
            dilation: 1,
            groups: 1,
            bias: true,
            init: Initializer::Auto,
        }
    }
}

impl Layer for Conv1d {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let convolution = Convolution {
            out_channels: self.out_channels,
            kernel: [1, self.kernel_size],
            stride: [1, self.stride],
            padding: self.padding,
            dilation: [1, self.dilation],
            groups: self.groups,
            bias: self.bias,
            init: self.init,
            axes: 1,
        };
        convolution.build(net, x)
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
    fn a_causal_window_sees_nothing_later() {
        let layer = Conv1d { dilation: 2, padding: Padding::Causal, ..Conv1d::new(1, 2) };
        let given = [("weight", &[10.0, 1.0][..]), ("bias", &[0.0])];
        let y = outputs_with(layer.into(), &[1, 4], &[1.0, 2.0, 3.0, 4.0], &given);
        assert_eq!(y, [1.0, 2.0, 13.0, 24.0]);
    }

    #[test]
    fn a_window_moves_along_time() {
        let layer = Conv1d { stride: 2, padding: Padding::Same, ..Conv1d::new(1, 3) };
        let given = [("weight", &[1.0, 10.0, 100.0][..]), ("bias", &[0.0])];
        let y = outputs_with(layer.into(), &[1, 5], &[1.0, 2.0, 3.0, 4.0, 5.0], &given);
        assert_eq!(y, [210.0, 432.0, 54.0]);
    }
}
