//! Texts: the network that reads tokens, and the columns that stand beside them.

use super::SessionError;
use super::resolve::with_output;
use crate::Model;
use crate::data::{Preprocessing, TextBlock};
use crate::layers::{AnyLayer, Beside, Concat, Dense, Embedding, Sequential};
use crate::messages::{self as say, Said};
use crate::zoo::{Network, Textcnn};

/// Numbers for each token, where no layer says how many.
const EMBEDDING: usize = 128;

/// Layers whose first one gives every token its numbers, for as many tokens as the data have.
///
/// # Errors
/// If there is such a layer and there are no tokens.
pub(super) fn with_embedding(
    mut layers: Vec<AnyLayer>,
    text: Option<&TextBlock>,
) -> Result<Vec<AnyLayer>, SessionError> {
    let first = match layers.first_mut() {
        Some(AnyLayer::Embedding(embedding)) => Some(embedding),
        _ => None,
    };
    match (text, first) {
        // With padding, it is meant for texts.
        (None, Some(Embedding { padding: true, .. })) => {
            return Err(SessionError::told(say::text_no_column));
        }
        (None, _) => {}
        (Some(text), Some(embedding)) => {
            embedding.vocab_size = embedding.vocab_size.max(text.vocab_size);
            embedding.padding = true;
        }
        (Some(text), None) => {
            let embedding = Embedding { vocab_size: text.vocab_size, ..Embedding::new(EMBEDDING) };
            layers.insert(0, embedding.into());
        }
    }
    Ok(layers)
}

/// Whether rows are texts: then a network begins with an embedding.
pub(crate) fn is_of_texts(preprocessing: &Preprocessing) -> bool {
    preprocessing.text().is_some()
}

/// Hidden layers as they read these rows: before texts an embedding, and where none are given those that
/// texts usually get, with their name.
///
/// # Errors
/// See [`with_embedding`].
pub(crate) fn hidden_for_texts(
    given: Option<(String, Vec<AnyLayer>)>,
    preprocessing: &Preprocessing,
) -> Result<Option<(String, Vec<AnyLayer>)>, SessionError> {
    let text = preprocessing.text();
    match (given, &text) {
        (Some((name, layers)), _) => Ok(Some((name, with_embedding(layers, text.as_ref())?))),
        (None, Some(text)) => Ok(Some(("textcnn".into(), usual_network(text).0))),
        (None, None) => Ok(None),
    }
}

/// The network of hidden layers of which the first reads tokens. Other columns of the table stand
/// beside what the hidden layers make of a text, in front of the output layer.
pub(super) fn network(
    mut hidden: Vec<AnyLayer>,
    text: &TextBlock,
    width: usize,
    outputs: usize,
) -> Model {
    let embedding = (!hidden.is_empty()).then(|| hidden.remove(0));
    // What an embedding gives has an axis of tokens.
    let Model { mut layers } = match hidden.iter().any(gives_rows) {
        true => Model { layers: hidden.into_iter().chain([Dense::new(outputs).into()]).collect() },
        false => with_output(hidden, 2, outputs),
    };
    layers.splice(0..0, embedding);
    if text.length < width
        && let Some(output) = layers.pop()
    {
        let beside = Beside { start: text.start, length: text.length, layers };
        layers = vec![beside.into(), output];
    }
    Model { layers }
}

/// Whether a layer leaves no axis of tokens.
fn gives_rows(layer: &AnyLayer) -> bool {
    match layer {
        AnyLayer::Flatten(_)
        | AnyLayer::GlobalAvgPool(_)
        | AnyLayer::GlobalMaxPool(_)
        | AnyLayer::Last(_)
        | AnyLayer::Summary(_) => true,
        AnyLayer::Rnn(rnn) => rnn.last,
        AnyLayer::Lstm(lstm) => lstm.last,
        AnyLayer::Gru(gru) => gru.last,
        AnyLayer::Concat(Concat { layers }) => layers.iter().all(gives_rows),
        AnyLayer::Sequential(Sequential { layers }) => layers.iter().any(gives_rows),
        _ => false,
    }
}

/// The network that texts get where none is named, and why.
pub(super) fn usual_network(text: &TextBlock) -> (Vec<AnyLayer>, Said) {
    let hidden = Textcnn::default().layers().unwrap_or_default();
    let hidden = with_embedding(hidden, Some(text)).unwrap_or_default();
    let note = Said::new(|l| say::chosen_textcnn(l, text.length, l.count(text.vocab_size as u64)));
    (hidden, note)
}

/// Sixteen to 64 texts a step.
pub(super) fn usual_batch_size(rows: usize) -> usize {
    (rows / 50).next_power_of_two().clamp(16, 64)
}

/// Eight passes, more over few texts and fewer over many.
pub(super) fn usual_steps(rows: usize, batch_size: usize) -> u64 {
    let epoch = rows.div_ceil(batch_size.max(1)) as u64;
    (8 * epoch).max(500).min(20_000.max(3 * epoch))
}

/// The learning rate, relative to the optimizer's own: rows of an embedding are seldom met.
pub(super) const RATE: f64 = 3.0;
