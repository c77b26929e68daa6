use spusk_graph::Var;
use spusk_graph::ops::Pooling;

use crate::Net;
use crate::init::Follower;
use crate::layers::{Layer, spatial};
use crate::spec::Kind;

options! {
    /// The largest element of each window, channel by channel.
    ///
    /// `[B, H, W, C]` becomes `[B, Ho, Wo, C]`, a sequence `[B, T, C]` becomes `[B, To, C]`, with
    /// Ho = ⌊(H + 2·padding − kernel_size) / stride⌋ + 1. As PyTorch's `MaxPool2d` and `MaxPool1d`.
    /// Sequences of pictures are taken picture by picture.
    "max_pool", aliases ["maxpool"], example "max_pool 2";
    pub struct MaxPool options {
        /// Rows and columns of a window.
        kernel_size: usize = 2 where Kind::Integer(1), positional;
        /// Rows and columns between windows; 0 means kernel_size, so that they touch.
        stride: usize = 0 where Kind::Integer(0);
        /// Rows and columns around the image, smaller than all; at most half of kernel_size.
        padding: usize = 0 where Kind::Integer(0);
    }
}

impl Layer for MaxPool {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(axes) = spatial(net, x) else { return x };
        let shape = x.shape();
        let [batch, .., channels] = shape[..] else { return x };
        let stride = if self.stride == 0 { self.kernel_size } else { self.stride };
        // A sequence is an image of height 1.
        let along = |size: usize, height: usize| {
            if axes.len() == 2 { [size, size] } else { [height, size] }
        };
        let pooling = Pooling {
            kernel: along(self.kernel_size, 1),
            stride: along(stride, 1),
            padding: along(self.padding, 0),
        };
        if axes.len() == 2 {
            return x.max_pool(pooling);
        }
        let y = x.reshape(&[batch, 1, shape[1], channels]).max_pool(pooling);
        match y.shape()[..] {
            [_, _, length, _] => y.reshape(&[batch, length, channels]),
            _ => y,
        }
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;
    use crate::model::{Batch, Model};

    #[test]
    fn windows_give_their_largest_element() {
        let image = [1.0, 2.0, 3.0, 4.0, -5.0, -6.0, -8.0, -7.0];
        assert_eq!(outputs(&[MaxPool::default().into()], &[1, 2, 4, 1], &image), [2.0, 4.0]);
        let sequence = MaxPool { kernel_size: 3, stride: 1, padding: 1 };
        assert_eq!(outputs(&[sequence.into()], &[1, 4, 1], &image[4..]), [-5.0, -5.0, -6.0, -7.0]);
    }

    #[test]
    fn errors_name_the_layer_and_the_cure() {
        let check = |layer: MaxPool, features: &[usize], want: &str| {
            let batch = Batch { size: 2, features: features.into(), target: [].into() };
            let error = Model { layers: vec![layer.into()] }.parameters(&batch);
            assert_eq!(error.expect_err("broken").to_string(), want);
        };
        check(
            MaxPool::default(),
            &[5],
            "layers.0 max_pool: the input has shape [2, 5], expected images [batch, height, width, \
             channels] or sequences [batch, time, channels]",
        );
        check(
            MaxPool { kernel_size: 7, ..MaxPool::default() },
            &[5, 9, 2],
            "layers.0 max_pool: max_pool: along the height of [2, 5, 9, 2], windows of 7 do not fit \
             into 5 elements with padding 0",
        );
    }
}
