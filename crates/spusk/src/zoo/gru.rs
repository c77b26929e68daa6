use super::recurrent::recurrent;

recurrent! {
    /// Reads a sequence or a text element by element, with gated recurrent units.
    ///
    /// A recurrent layer (or several), its last state, dropout. Tokens get an embedding in front.
    ///
    /// Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder".
    "gru", example "gru:128";
    pub struct Gru;
}
