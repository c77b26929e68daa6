use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::layers::Layer;
use crate::messages::{self as say, Said};
use crate::spec::Kind;

options! {
    /// Enlarges images by turning channels into pixels.
    ///
    /// `[B, H, W, C·r²]` becomes `[B, r·H, r·W, C]`: channel c·r² + r·i + j of a pixel becomes channel
    /// c of row i, column j of the r × r pixels in its place. As PyTorch's `PixelShuffle`.
    ///
    /// Shi et al. 2016, "Real-time single image and video super-resolution using an efficient
    /// sub-pixel convolutional neural network".
    "pixel_shuffle", aliases [], example "pixel_shuffle 2";
    pub struct PixelShuffle options {
        /// r: how many times as high and as wide.
        scale: usize = 2 where Kind::Integer(1), positional;
    }
}

impl Layer for PixelShuffle {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let (shape, r) = (x.shape(), self.scale);
        let &[batch, height, width, channels] = &shape[..] else {
            if x.value().is_none() {
                return x;
            }
            return net
                .trace()
                .fail(Said::new(|l| say::layer_input(l, &shape, say::layer_images(l))));
        };
        if r == 0 || channels % (r * r) != 0 {
            return net.trace().fail(Said::new(|l| say::layer_shuffle(l, channels, r, r * r)));
        }
        let left = channels / (r * r);
        x.reshape(&[batch, height, width, left, r, r]).transpose(&[0, 1, 4, 2, 5, 3]).reshape(&[
            batch,
            height * r,
            width * r,
            left,
        ])
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
    fn channels_become_pixels() {
        // Two pixels of 2 · 4 channels; channels 0–3 are image 0, 4–7 image 1.
        let x: Vec<f64> = (0..16).map(f64::from).collect();
        let y = outputs(&[PixelShuffle::default().into()], &[1, 1, 2, 8], &x);
        let want = [
            0.0, 4.0, 1.0, 5.0, 8.0, 12.0, 9.0, 13.0, //
            2.0, 6.0, 3.0, 7.0, 10.0, 14.0, 11.0, 15.0,
        ];
        assert_eq!(y, want);
    }
}
