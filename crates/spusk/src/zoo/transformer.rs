use super::Network;
use crate::layers::{
    self, AnyLayer, Dense, Dropout, Encoding, GlobalAvgPool, LayerNorm, Positions,
};
use crate::spec::{Kind, Range};

options! {
    /// Blocks of attention over a sequence or a text, and the mean of what they make.
    ///
    /// dense `hidden_size`, sines and cosines of the places, dropout, `blocks` transformer blocks, layer norm,
    /// the mean over all elements, dropout. Tokens get an embedding in front.
    ///
    /// Vaswani et al. 2017, "Attention is all you need", the encoder.
    "transformer", aliases [], example "transformer:2";
    pub struct Transformer options {
        /// Transformer blocks, at most 100.
        blocks: usize = 2 where Kind::Integer(1), positional;
        /// Numbers of an element.
        hidden_size: usize = 64 where Kind::Integer(1);
        /// Heads of the attention; they divide `hidden_size`.
        heads: usize = 4 where Kind::Integer(1);
        /// Share of the features that is dropped, in training.
        dropout: f64 = 0.1 where Kind::Number(Range::FRACTION);
    }
}

impl Network for Transformer {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        if self.blocks > 100 {
            return Err(format!("`transformer` with {} blocks; it takes up to 100", self.blocks));
        }
        let block = layers::Transformer { heads: self.heads, ..layers::Transformer::default() };
        let dropout = || AnyLayer::from(Dropout { dropout_rate: self.dropout });
        let mut layers = vec![
            Dense::new(self.hidden_size).into(),
            Positions { encoding: Encoding::Sinusoidal }.into(),
            dropout(),
        ];
        layers.extend(std::iter::repeat_n(AnyLayer::from(block), self.blocks));
        layers.extend([LayerNorm::default().into(), GlobalAvgPool.into(), dropout()]);
        Ok(layers)
    }
}
