use spusk_graph::Var;

use crate::Net;
use crate::init::{Follower, Initializer};
use crate::layers::Layer;
use crate::layers::convolution::{Convolution, Padding, Pair};
use crate::spec::Kind;

options! {
    /// A transposed convolution of sequences: every input pixel is spread over its surroundings.
    ///
    /// The transpose of `conv1d` of the same kernel, stride, padding and dilation, as PyTorch's
    /// `ConvTranspose1d`: each axis becomes (size − 1) · stride − 2 · padding + dilation ·
    /// (kernel_size − 1) + output_padding + 1 long. `x[B, T, in]`; files have the weight as
    /// `[in, out / groups, K]`. `[B, T]` has one channel.
    "conv_transpose1d", aliases ["convtranspose1d", "deconv1d"], example "conv_transpose1d 16 4 stride=2 padding=1";
    pub struct ConvTranspose1d {
        /// Number of output channels.
        out_channels: usize where Kind::Integer(1);
        /// Size of the window.
        kernel_size: usize where Kind::Integer(1);
    } options {
        /// Steps from one window to the next.
        stride: usize = 1 where Kind::Integer(1);
        /// Steps that are cut off on each side.
        padding: usize = 0 where Kind::Integer(0);
        /// Steps more behind; below the stride.
        output_padding: usize = 0 where Kind::Integer(0);
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

impl ConvTranspose1d {
    /// With stride 1, no padding, a bias, and weights drawn to suit what follows.
    pub fn new(out_channels: usize, kernel_size: usize) -> ConvTranspose1d {
        ConvTranspose1d {
            out_channels,
            kernel_size,
            stride: 1,
            padding: 0,
            output_padding: 0,
            dilation: 1,
            groups: 1,
            bias: true,
            init: Initializer::Auto,
        }
    }
}

impl Layer for ConvTranspose1d {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let convolution = Convolution {
            out_channels: self.out_channels,
            kernel: [1, self.kernel_size],
            stride: [1, self.stride],
            padding: Padding::Each(Pair([0, self.padding])),
            dilation: [1, self.dilation],
            groups: self.groups,
            bias: self.bias,
            init: self.init,
            axes: 1,
        };
        convolution.build_transposed(net, x, [0, self.output_padding])
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
    fn steps_are_spread() {
        let layer = ConvTranspose1d { stride: 2, padding: 1, ..ConvTranspose1d::new(1, 3) };
        let given = [("weight", &[1.0, 10.0, 100.0][..]), ("bias", &[0.0])];
        let y = outputs_with(layer.into(), &[1, 2], &[1.0, 2.0], &given);
        assert_eq!(y, [10.0, 102.0, 20.0]);
    }
}
