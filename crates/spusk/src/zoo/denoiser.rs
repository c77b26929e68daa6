use super::Network;
use crate::init::Initializer;
use crate::layers::{AnyLayer, BatchNorm, Conv2d, Padding, Relu};
use crate::spec::Kind;

options! {
    /// Convolutions that tell the noise of a picture, which is then taken off.
    ///
    /// conv width 3×3, ReLU; depth − 2 times conv width 3×3, (batch norm,) ReLU. The output layer, a conv
    /// 3×3 that starts at 0, and the sum with the picture are added by the task: y = x + f(x), so f learns
    /// minus the noise. It sees `depth` pixels far.
    ///
    /// Zhang, Zuo, Chen, Meng & Zhang 2017, "Beyond a Gaussian denoiser: residual learning of deep CNN for
    /// image denoising" (DnCNN: depth 17, width 64, with batch norm).
    "denoiser", aliases ["dncnn"], example "denoiser:8";
    pub struct Denoiser options {
        /// Convolutions, with the output layer.
        depth: usize = 8 where Kind::Integer(2), positional;
        /// Channels.
        width: usize = 32 where Kind::Integer(1);
        /// Whether a batch norm stands behind every convolution but the first and the last.
        norm: bool = false where Kind::Switch;
        /// How the initial weights are drawn; `auto` chooses by the activation that follows.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

/// Convolutions 3×3 with rectifiers, `count` of them.
pub(super) fn convolutions(
    count: usize,
    width: usize,
    norm: bool,
    init: Initializer,
) -> Result<Vec<AnyLayer>, String> {
    if count > 200 || width > 4096 {
        return Err("a depth up to 201 and a width up to 4096 are possible".into());
    }
    let mut layers: Vec<AnyLayer> = Vec::new();
    for at in 0..count {
        let norm = norm && at > 0;
        let conv = Conv2d { padding: Padding::Same, bias: !norm, init, ..Conv2d::new(width, 3) };
        layers.push(conv.into());
        layers.extend(norm.then(|| BatchNorm::default().into()));
        layers.push(Relu.into());
    }
    Ok(layers)
}

impl Network for Denoiser {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        convolutions(self.depth.saturating_sub(1), self.width, self.norm, self.init)
    }
}
