use super::Network;
use crate::layers::{self, AnyLayer, Dropout};
use crate::spec::{Kind, Range};

options! {
    /// Reads a sequence or a text element by element, with long short-term memory.
    ///
    /// A recurrent layer (or several), its last state, dropout. Tokens get an embedding in front.
    ///
    /// Hochreiter & Schmidhuber 1997, "Long short-term memory".
    "lstm", aliases [], example "lstm:128";
    pub struct Lstm options {
        /// Size of the state.
        hidden_size: usize = 128 where Kind::Integer(1), positional;
        /// Layers, each over the outputs of the one before.
        num_layers: usize = 1 where Kind::Integer(1);
        /// Whether a second one goes through the sequence backwards.
        bidirectional: bool = false where Kind::Switch;
        /// Share of the features that is dropped, in training.
        dropout: f64 = 0.3 where Kind::Number(Range::FRACTION);
    }
}

impl Network for Lstm {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        let recurrent = layers::Lstm {
            num_layers: self.num_layers,
            bidirectional: self.bidirectional,
            dropout: if self.num_layers > 1 { self.dropout } else { 0.0 },
            last: true,
            ..layers::Lstm::new(self.hidden_size)
        };
        Ok(vec![recurrent.into(), Dropout { dropout_rate: self.dropout }.into()])
    }
}
