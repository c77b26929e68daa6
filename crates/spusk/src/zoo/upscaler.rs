use super::Network;
use super::denoiser::convolutions;
use crate::init::Initializer;
use crate::layers::AnyLayer;
use crate::spec::Kind;

options! {
    /// Convolutions that tell the detail of a picture which its bicubic enlargement lacks.
    ///
    /// depth − 1 times conv width 3×3, ReLU, all in the small picture. The output layer, a conv 3×3 to
    /// factor² pixels each (pixel shuffle) that starts at 0, and the sum with the bicubic enlargement are
    /// added by the task. It sees `depth` pixels of the small picture far.
    ///
    /// Shi et al. 2016, "Real-time single image and video super-resolution using an efficient sub-pixel
    /// convolutional neural network", with the sum of Kim, Lee & Lee 2016, "Accurate image
    /// super-resolution using very deep convolutional networks".
    "upscaler", aliases ["espcn"], example "upscaler:8";
    pub struct Upscaler options {
        /// Convolutions, with the output layer.
        depth: usize = 8 where Kind::Integer(2), positional;
        /// Channels.
        width: usize = 32 where Kind::Integer(1);
        /// How the initial weights are drawn; `auto` chooses by the activation that follows.
        init: Initializer = auto where Kind::Choice(Initializer::NAMES);
    }
}

impl Network for Upscaler {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        convolutions(self.depth.saturating_sub(1), self.width, false, self.init)
    }
}
