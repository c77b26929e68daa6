use spusk_graph::Var;

use crate::Net;
use crate::init::{Follower, Initializer};
use crate::layers::Layer;
use crate::layers::convolution::{Convolution, Padding, Pair};
use crate::spec::Kind;

options! {
    /// A transposed convolution of images: every input pixel is spread over its surroundings.
    ///
    /// The transpose of `conv2d` of the same kernel, stride, padding and dilation, as PyTorch's
    /// `ConvTranspose2d`: each axis becomes (size − 1) · stride − 2 · padding + dilation ·
    /// (kernel_size − 1) + output_padding + 1 long. `x[B, H, W, in]`; files have the weight as
    /// `[in, out / groups, Kh, Kw]`. `[B, H, W]` has one channel.
    "conv_transpose2d", aliases ["convtranspose2d", "conv_transpose", "deconv"], example "conv_transpose2d 16 4 stride=2 padding=1";
    pub struct ConvTranspose2d {
        /// Number of output channels.
        out_channels: usize where Kind::Integer(1);
        /// Size of the window, one number or [height, width].
        kernel_size: Pair where Kind::Sizes { least: 1, pairs: true, words: &[] };
    } options {
        /// Steps from one window to the next.
        stride: Pair = 1 where Kind::Sizes { least: 1, pairs: true, words: &[] };
        /// Rows and columns that are cut off on each side.
        padding: Pair = 0 where Kind::Sizes { least: 0, pairs: true, words: &[] };
        /// Rows and columns more behind; below the stride.
        output_padding: Pair = 0 where Kind::Sizes { least: 0, pairs: true, words: &[] };
        /// Steps from one pixel of the window to the next.
        dilation: Pair = 1 where Kind::Sizes { least: 1, pairs: true, words: &[] };
        /// Groups of channels that see nothing of each other.
        groups: usize = 1 where Kind::Integer(1);
        /// Whether a bias is added.
        bias: bool = true where Kind::Switch;
        /// How the initial weights are drawn; `auto` chooses by the activation that follows.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

impl ConvTranspose2d {
    /// With stride 1, no padding, a bias, and weights drawn to suit what follows.
    pub fn new(out_channels: usize, kernel_size: usize) -> ConvTranspose2d {
        ConvTranspose2d {
            out_channels,
            kernel_size: Pair::both(kernel_size),
            stride: Pair::both(1),
            padding: Pair::both(0),
            output_padding: Pair::both(0),
            dilation: Pair::both(1),
            groups: 1,
            bias: true,
            init: Initializer::Auto,
        }
    }
}

impl Layer for ConvTranspose2d {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let convolution = Convolution {
            out_channels: self.out_channels,
            kernel: self.kernel_size.0,
            stride: self.stride.0,
            padding: Padding::Each(self.padding),
            dilation: self.dilation.0,
            groups: self.groups,
            bias: self.bias,
            init: self.init,
            axes: 2,
        };
        convolution.build_transposed(net, x, self.output_padding.0)
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
    fn pixels_are_spread() {
        // Stride 2 and a window of 2 × 2: every pixel becomes a block of its own.
        let layer = ConvTranspose2d { stride: Pair::both(2), ..ConvTranspose2d::new(1, 2) };
        let given = [("weight", &[1.0, 2.0, 3.0, 4.0][..]), ("bias", &[0.5])];
        let y = outputs_with(layer.into(), &[1, 1, 2, 1], &[1.0, 10.0], &given);
        assert_eq!(y, [1.5, 2.5, 10.5, 20.5, 3.5, 4.5, 30.5, 40.5]);
    }

    #[test]
    fn sizes_are_those_of_pytorch() {
        let layer = ConvTranspose2d {
            stride: Pair::both(3),
            padding: Pair::both(1),
            output_padding: Pair([2, 0]),
            dilation: Pair([1, 2]),
            ..ConvTranspose2d::new(4, 3)
        };
        let batch = Batch { size: 2, features: [5, 7, 6].into(), target: [].into() };
        let rows = Model { layers: vec![layer.clone().into()] }.describe(&batch).expect("fits");
        assert_eq!(rows[0].output[..], [2, 15, 21, 4]);
        let wide = ConvTranspose2d { output_padding: Pair::both(3), ..layer };
        let error = Model { layers: vec![wide.into()] }.describe(&batch).map(|_| ());
        assert_eq!(
            error.map_err(|error| error.what),
            Err("output_padding 3 is not below the stride 3; set it to 0 to 2".into())
        );
    }
}
