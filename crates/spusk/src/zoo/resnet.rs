use super::Network;
use crate::init::Initializer;
use crate::layers::{AnyLayer, BatchNorm, Conv2d, GlobalAvgPool, Padding, Pair, Relu, Residual};
use crate::spec::Kind;

options! {
    /// Three stages of residual blocks, each with half the pixels and twice the channels.
    ///
    /// conv width 3×3, batch norm, ReLU; depth = 6·n + 2: three stages of n blocks ReLU(x + f(x)), f =
    /// conv 3×3, batch norm, ReLU, conv 3×3, batch norm, with width, 2·width and 4·width channels; the
    /// first block of the second and third stage has stride 2 and a projection (conv 1×1, batch norm)
    /// of x; the mean over all pixels.
    ///
    /// He, Zhang, Ren & Sun 2016, "Deep residual learning for image recognition", section 4.2, with
    /// projections (their option B).
    "resnet", aliases ["resnet20"], example "resnet:20";
    pub struct Resnet options {
        /// Layers with weights: 8, 14, 20, 26, 32, 44, 56, 110, in general 6·n + 2.
        depth: usize = 20 where Kind::Integer(8), positional;
        /// Channels of the first stage.
        width: usize = 16 where Kind::Integer(1);
        /// How the initial weights are drawn; `auto` chooses by the activation that follows.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

impl Network for Resnet {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        let depth = self.depth;
        if !(depth.saturating_sub(2)).is_multiple_of(6) || depth < 8 {
            let lower = (depth.max(8) - 2) / 6 * 6 + 2;
            return Err(format!(
                "`resnet` of depth {depth}; it must be 6·n + 2, such as {lower} or {}",
                lower + 6
            ));
        }
        if depth > 1202 || self.width > 4096 {
            return Err("`resnet` takes a depth up to 1202 and a width up to 4096".into());
        }
        let conv = |channels, stride| Conv2d {
            padding: Padding::Each(Pair::both(1)),
            stride: Pair::both(stride),
            bias: false,
            init: self.init,
            ..Conv2d::new(channels, 3)
        };
        let mut layers: Vec<AnyLayer> =
            vec![conv(self.width, 1).into(), BatchNorm::default().into(), Relu.into()];
        for stage in 0..3 {
            let channels = self.width << stage;
            for block in 0..(depth - 2) / 6 {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let inside = vec![
                    conv(channels, stride).into(),
                    BatchNorm::default().into(),
                    Relu.into(),
                    conv(channels, 1).into(),
                    BatchNorm::default().into(),
                ];
                let residual = Residual { normalize: true, ..Residual::new(inside) };
                layers.push(Residual { init: self.init, ..residual }.into());
                layers.push(Relu.into());
            }
        }
        layers.push(GlobalAvgPool.into());
        Ok(layers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_depths_are_refused_with_the_nearest() {
        let error = Resnet { depth: 21, ..Resnet::default() }.layers().map(|_| ());
        let want = "`resnet` of depth 21; it must be 6·n + 2, such as 20 or 26";
        assert_eq!(error, Err(want.into()));
    }
}
