use spusk_graph::Var;

use crate::Net;
use crate::init::{Follower, Initializer};
use crate::layers::Layer;
use crate::layers::convolution::{Convolution, Padding, Pair};
use crate::spec::Kind;

options! {
    /// A convolution of images: every output pixel sees a window of the input.
    ///
    /// y = Σ over the window and its channels of x · weight, + bias, with `x[B, H, W, in]` and
    /// `weight[Kh, Kw, in / groups, out]`; each axis becomes ⌊(size + 2 · padding − dilation ·
    /// (kernel_size − 1) − 1) / stride⌋ + 1 long. All as PyTorch's `Conv2d`, but for channels, which
    /// stand last; files have the weight as `[out, in / groups, Kh, Kw]`. `[B, H, W]` has one channel;
    /// sequences `[B, T, H, W, in]` are taken picture by picture.
    "conv2d", aliases ["conv", "convolution"], example "conv2d 16 3 padding=1";
    pub struct Conv2d {
        /// Number of output channels.
        out_channels: usize where Kind::Integer(1);
        /// Size of the window, one number or [height, width].
        kernel_size: Pair where Kind::Sizes { least: 1, pairs: true, words: &[] };
    } options {
        /// Steps from one window to the next.
        stride: Pair = 1 where Kind::Sizes { least: 1, pairs: true, words: &[] };
        /// Zeros on each side; `same` keeps the size (with a stride, ⌈size / stride⌉).
        padding: Padding = 0 where Kind::Sizes { least: 0, pairs: true, words: &["same"] };
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

impl Conv2d {
    /// With stride 1, no padding, a bias, and weights drawn to suit what follows.
    pub fn new(out_channels: usize, kernel_size: usize) -> Conv2d {
        Conv2d {
            out_channels,
            kernel_size: Pair::both(kernel_size),
            stride: Pair::both(1),
            padding: Padding::Each(Pair::both(0)),
            dilation: Pair::both(1),
            groups: 1,
            bias: true,
            init: Initializer::Auto,
        }
    }
}

impl Layer for Conv2d {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let convolution = Convolution {
            out_channels: self.out_channels,
            kernel: self.kernel_size.0,
            stride: self.stride.0,
            padding: self.padding,
            dilation: self.dilation.0,
            groups: self.groups,
            bias: self.bias,
            init: self.init,
            axes: 2,
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
    use crate::experiment::Spec;
    use crate::layers::tests::outputs_with;
    use crate::layers::{AnyLayer, Flatten};
    use crate::model::{Batch, Model};
    use crate::options::Options;
    use crate::spec::Value;

    fn shape(layer: Conv2d, image: [usize; 3]) -> Result<Vec<usize>, String> {
        let batch = Batch { size: 2, features: image.into(), target: [].into() };
        let rows = Model { layers: vec![layer.into()] }.describe(&batch);
        rows.map(|rows| rows[0].output.to_vec()).map_err(|error| error.what)
    }

    #[test]
    fn a_window_is_weighed() {
        // A window 2 wide over one row of two channels: weights [1, 2, in, out].
        let layer = Conv2d { kernel_size: Pair([1, 2]), ..Conv2d::new(1, 1) };
        let given = [("weight", &[1.0, 10.0, 100.0, 1000.0][..]), ("bias", &[0.5])];
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(outputs_with(layer.into(), &[1, 1, 3, 2], &x, &given), [4321.5, 6543.5]);
    }

    #[test]
    fn sizes_are_those_of_pytorch() {
        let conv = |kernel| Conv2d::new(6, kernel);
        assert_eq!(shape(conv(5), [28, 28, 1]), Ok(vec![2, 24, 24, 6]));
        let padded = Conv2d { padding: Padding::Each(Pair::both(2)), ..conv(5) };
        assert_eq!(shape(padded.clone(), [28, 28, 1]), Ok(vec![2, 28, 28, 6]));
        let strided = Conv2d { stride: Pair([2, 3]), dilation: Pair([2, 1]), ..padded };
        assert_eq!(shape(strided, [28, 28, 1]), Ok(vec![2, 12, 10, 6]));
        for (kernel, stride) in [(1, 1), (2, 1), (3, 2), (4, 3), (2, 3)] {
            let stride = Pair::both(stride);
            let same = Conv2d { padding: Padding::Same, stride, ..conv(kernel) };
            let side = 11_usize.div_ceil(stride.0[0]);
            assert_eq!(shape(same, [11, 11, 3]), Ok(vec![2, side, side, 6]), "{kernel} {stride:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        assert_eq!(
            shape(Conv2d::new(6, 5), [3, 28, 1]),
            Err("conv: a kernel that is 5 high (dilation included) does not fit into an image that is \
                 3 high (padding included); take a smaller kernel, more padding, or leave a layer out \
                 that makes the image smaller"
                .into())
        );
        assert_eq!(
            shape(Conv2d { groups: 2, ..Conv2d::new(6, 3) }, [9, 9, 3]),
            Err("3 input and 6 output channels do not make 2 groups; both numbers must be multiples \
                 of it"
                .into())
        );
        let layers = vec![Flatten.into(), Conv2d::new(6, 3).into()];
        let batch = Batch { size: 2, features: [9, 9, 3].into(), target: [].into() };
        let error = Model { layers }.describe(&batch).map(|_| ()).map_err(|error| error.what);
        assert_eq!(
            error,
            Err("the input has shape [2, 243], expected images [batch, height, width, channels]; give \
                 it such data, or put it in front of the layers that flatten them"
                .into())
        );
    }

    #[test]
    fn written_forms() {
        let spec = Spec::new("conv2d")
            .with("out_channels", Value::Number(6.0))
            .with("kernel_size", Value::Numbers(vec![3.0, 5.0]))
            .with("padding", Value::Word("same".into()));
        let layer = Conv2d::from_spec(&spec).expect("it is right");
        assert_eq!((layer.kernel_size, layer.padding), (Pair([3, 5]), Padding::Same));
        assert_eq!(AnyLayer::from(layer).to_spec(), spec);
    }
}
