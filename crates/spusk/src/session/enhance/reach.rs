//! How far the layers of a network see: what tiles must overlap by.

use crate::layers::{AnyLayer, Conv2d, Padding, Pair, Resize};
use crate::messages::{self as say, Said};

/// Layers that look at each pixel by itself (in evaluation).
const POINTWISE: &[&str] = &[
    "batch_norm",
    "dropout",
    "elu",
    "gelu",
    "identity",
    "leaky_relu",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
    "threshold",
];

/// Pixels of the input, to each side, that an output pixel may depend on.
///
/// # Errors
/// If a layer sees everything, or it is not known how far.
pub(super) fn reach(layers: &[AnyLayer]) -> Result<usize, Said> {
    let mut seen = Seen { pixels: 0.0, scale: 1.0 };
    seen.through(layers)?;
    Ok(seen.pixels.ceil() as usize)
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    /// In pixels of the input.
    pixels: f64,
    /// How many times as large the image is than the input.
    scale: f64,
}

impl Seen {
    fn through(&mut self, layers: &[AnyLayer]) -> Result<(), Said> {
        layers.iter().try_for_each(|layer| self.layer(layer))
    }

    fn layer(&mut self, layer: &AnyLayer) -> Result<(), Said> {
        match layer {
            AnyLayer::Conv2d(conv) => self.pixels += of_conv(conv)? / self.scale,
            AnyLayer::Sequential(inside) => self.through(&inside.layers)?,
            AnyLayer::Residual(residual) => self.through(&residual.layers)?,
            AnyLayer::PixelShuffle(shuffle) => self.scale *= shuffle.scale as f64,
            AnyLayer::Upsample(upsample) => self.enlarge(upsample.mode, upsample.scale),
            AnyLayer::Enlarge(enlarge) => {
                let mut plain = *self;
                plain.enlarge(enlarge.mode, enlarge.scale);
                self.through(&enlarge.layers)?;
                self.pixels = self.pixels.max(plain.pixels);
            }
            other if POINTWISE.contains(&other.name()) => {}
            other => {
                return Err(Said::new(|l| say::restores_unknown_layer(l, other.name())));
            }
        }
        Ok(())
    }

    fn enlarge(&mut self, mode: Resize, scale: usize) {
        let far = match mode {
            Resize::Nearest => 0.0,
            Resize::Bilinear => 1.0,
            Resize::Bicubic => 2.0,
        };
        self.pixels += far / self.scale;
        self.scale *= scale as f64;
    }
}

fn of_conv(conv: &Conv2d) -> Result<f64, Said> {
    let total = |axis: usize| (conv.kernel_size.0[axis] - 1).saturating_mul(conv.dilation.0[axis]);
    let keeps = match conv.padding {
        Padding::Same | Padding::Causal => true,
        Padding::Each(Pair(sizes)) => {
            (0..2).all(|axis| sizes[axis].saturating_mul(2) == total(axis))
        }
    };
    if !keeps || conv.stride != Pair::both(1) {
        return Err(say::restores_conv.into());
    }
    let widest = total(0).max(total(1));
    // Causal convolutions see to one side alone.
    Ok(if conv.padding == Padding::Causal { widest } else { widest.div_ceil(2) } as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Enlarge, MaxPool, PixelShuffle, Relu, Residual, Upsample};

    fn conv(kernel: usize, dilation: usize) -> AnyLayer {
        let dilation = Pair::both(dilation);
        Conv2d { padding: Padding::Same, dilation, ..Conv2d::new(4, kernel) }.into()
    }

    #[test]
    fn kernels_add_up() {
        let layers = [conv(3, 1), Relu.into(), conv(5, 2), Residual::new(vec![conv(4, 1)]).into()];
        // 1 + 4 + 2: of the four taps, two are to one side.
        assert_eq!(reach(&layers), Ok(7));
        // Behind an enlargement by 2, four pixels are two.
        let up = Upsample { scale: 2, mode: Resize::Bilinear };
        assert_eq!(reach(&[up.into(), conv(9, 1)]), Ok(3));
        let inside = vec![conv(1, 1), PixelShuffle { scale: 2 }.into()];
        let enlarge = Enlarge { layers: inside, scale: 2, mode: Resize::Bicubic };
        assert_eq!(reach(&[enlarge.into()]), Ok(2));
    }

    #[test]
    fn what_sees_an_unknown_distance_far_is_refused() {
        let error = reach(&[MaxPool::default().into()]).expect_err("refused");
        assert!(error.english().starts_with("`max_pool` cannot stand in a network"), "{error:?}");
        assert!(
            reach(&[Conv2d::new(4, 3).into()])
                .expect_err("it shrinks")
                .english()
                .contains("padding=same")
        );
    }
}
