use super::Network;
use crate::layers::{AnyLayer, Conv1d, Dropout, Padding, Relu, Residual, Summary};
use crate::spec::{Kind, Range};

options! {
    /// Residual blocks of convolutions that look back twice as far from block to block.
    ///
    /// Block i: ReLU(x + f(x)), f = causal convolution with dilation 2^i, ReLU, dropout, twice. An
    /// element sees 1 + 2·(kernel_size − 1)·(2^blocks − 1) of them. Then, of a series, the last element; of a text
    /// every channel's largest and mean element over the tokens, which get an embedding in front.
    ///
    /// Bai, Kolter & Koltun 2018, "An empirical evaluation of generic convolutional and recurrent networks
    /// for sequence modeling", without weight normalization.
    "tcn", aliases [], example "tcn:64";
    pub struct Tcn options {
        /// Channels of every convolution.
        channels: usize = 64 where Kind::Integer(1), positional;
        /// Residual blocks, at most 16.
        blocks: usize = 5 where Kind::Integer(1);
        /// Size of the windows.
        kernel_size: usize = 3 where Kind::Integer(2);
        /// Share of the features that is dropped, in training.
        dropout: f64 = 0.1 where Kind::Number(Range::FRACTION);
    }
}

impl Network for Tcn {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        if self.blocks > 16 {
            return Err(format!("`tcn` with {} blocks; it takes up to 16", self.blocks));
        }
        let mut layers = Vec::new();
        for block in 0..self.blocks {
            let conv = Conv1d {
                padding: Padding::Causal,
                dilation: 1 << block,
                ..Conv1d::new(self.channels, self.kernel_size)
            };
            let half = || -> [AnyLayer; 3] {
                [conv.clone().into(), Relu.into(), Dropout { dropout_rate: self.dropout }.into()]
            };
            layers.push(Residual::new([half(), half()].concat()).into());
            layers.push(Relu.into());
        }
        layers.push(Summary.into());
        Ok(layers)
    }
}
