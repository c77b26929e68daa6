use spusk_graph::{Band, Var};

use crate::Net;
use crate::init::Follower;
use crate::layers::{Layer, spatial};
use crate::messages::{self as say, Said};
use crate::spec::Kind;

options! {
    /// The mean of each window, channel by channel.
    ///
    /// `[B, H, W, C]` becomes `[B, Ho, Wo, C]`, a sequence `[B, T, C]` becomes `[B, To, C]`, with
    /// Ho = ⌊(H + 2·padding − kernel_size) / stride⌋ + 1. As PyTorch's `AvgPool2d` and `AvgPool1d`.
    /// Sequences of pictures are taken picture by picture.
    "avg_pool", aliases ["avgpool", "mean_pool"], example "avg_pool 2";
    pub struct AvgPool options {
        /// Rows and columns of a window.
        kernel_size: usize = 2 where Kind::Integer(1), positional;
        /// Rows and columns between windows; 0 means kernel_size, so that they touch.
        stride: usize = 0 where Kind::Integer(0);
        /// Rows and columns of zeros around the image; at most half of kernel_size.
        padding: usize = 0 where Kind::Integer(0);
        /// Whether the zeros around the image count in the mean.
        count_padding: bool = true where Kind::Switch;
    }
}

impl Layer for AvgPool {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some(axes) = spatial(net, x) else { return x };
        let stride = if self.stride == 0 { self.kernel_size } else { self.stride };
        let mut y = x;
        for axis in axes {
            let windows = spusk_graph::Windows {
                size: x.shape()[axis],
                kernel: self.kernel_size,
                stride,
                padding: self.padding,
            };
            if let Err(what) = windows.check() {
                return net
                    .trace()
                    .fail(Said::new(|l| say::layer_window(l, axis, x.shape(), &what)));
            }
            let band = |i: usize| {
                let window = windows.window(i);
                let count = if self.count_padding { self.kernel_size } else { window.len() };
                Band { start: window.start, weights: vec![1.0 / count as f64; window.len()] }
            };
            y = y.resample(axis, (0..windows.count()).map(band).collect());
        }
        y
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;

    #[test]
    fn windows_give_their_mean() {
        let image = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 7.0];
        assert_eq!(outputs(&[AvgPool::default().into()], &[1, 2, 4, 1], &image), [3.5, 5.5]);
    }

    #[test]
    fn zeros_around_count_or_not() {
        let pool = |count_padding| AvgPool { kernel_size: 2, stride: 2, padding: 1, count_padding };
        let x = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(outputs(&[pool(true).into()], &[1, 4, 1], &x), [0.5, 2.5, 2.0]);
        assert_eq!(outputs(&[pool(false).into()], &[1, 4, 1], &x), [1.0, 2.5, 4.0]);
    }
}
