use super::recurrent::recurrent;

recurrent! {
    /// Reads a sequence or a text element by element, with long short-term memory.
    ///
    /// A recurrent layer (or several), its last state, dropout. Tokens get an embedding in front.
    ///
    /// Hochreiter & Schmidhuber 1997, "Long short-term memory".
    "lstm", example "lstm:128";
    pub struct Lstm;
}
