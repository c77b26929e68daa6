//! Networks as ONNX files, which other programs run: opset 17, 32-bit floats.
//!
//! A file is written from the graph of pure operations, the single truth of what a network computes; so
//! every layer is there without a rule of its own. What depends on weights alone (the gates of a
//! recurrent layer, transposed matrices) is computed here and stands in the file as numbers. The graph is
//! traced with two batch sizes: sizes that differ grow with the batch, and so the file takes batches of
//! any size. A recurrence becomes the operator `Scan`.
//!
//! Format: <https://onnx.ai/onnx/intro/concepts.html>. The few protocol buffers that it needs are written by
//! hand.
//!
//! ```
//! use spusk::onnx::{Network, Options, export};
//! use spusk_graph::Trace;
//!
//! // y[B, 2] = tanh(x[B, 3] · w)
//! let network = |batch: usize| {
//!     let trace = Trace::new();
//!     let y = trace.input("x", &[batch, 3]).matmul(trace.state("w", &[3, 2])).tanh();
//!     let outputs = vec![("y".to_string(), trace.value(y)?)];
//!     Ok(Network { graph: trace.graph().clone(), outputs })
//! };
//! let w = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
//! let file = export(&network, &|name| (name == "w").then_some(&w[..]), &Options::default())?;
//! assert!(file.len() > w.len() * 4);
//! # Ok::<(), spusk_graph::GraphError>(())
//! ```

mod extent;
mod lower;
mod parts;
mod rules;
mod scan;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeSet;

use spusk_graph::{Graph, GraphError, Value};

use lower::{Lowerer, Writer};
use parts::{Block, File, Port};

/// A network for one batch size.
#[derive(Debug, Clone)]
pub struct Network {
    /// Inputs are given when the file is run; states are weights.
    pub graph: Graph,
    /// What the file puts out, by name.
    pub outputs: Vec<(String, Value)>,
}

/// What stands in a file beside the network.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The one batch size that the file takes; of any size if `None`.
    pub batch: Option<usize>,
    /// The name of the network.
    pub name: String,
    /// Free text for people.
    pub description: String,
    /// Free text for programs, by key.
    pub metadata: Vec<(String, String)>,
}

/// The longest file: protocol buffers count their bytes in 31 bits.
const MOST_BYTES: usize = (1 << 31) - 1;

/// A network as the bytes of an ONNX file. `network` traces it for a batch size, `values` are the states by
/// name, row-major.
///
/// # Errors
/// If an operation has no counterpart in ONNX (random numbers, gradients of convolutions), a size does not
/// grow with the batch, a state has no value, or the file would be longer than 2 GB. The error names the
/// layer.
pub fn export<'v>(
    network: &dyn Fn(usize) -> Result<Network, GraphError>,
    values: &dyn Fn(&str) -> Option<&'v [f32]>,
    options: &Options,
) -> Result<Vec<u8>, GraphError> {
    // Two sizes tell what grows with the batch; both the same means one size only.
    let batches = options.batch.map_or([2, 3], |batch| [batch, batch]);
    let networks = [network(batches[0])?, network(batches[1])?];
    let [first, second] = &networks;
    let mut writer = Writer::new(values, batches);
    let mut lowerer = Lowerer::new([&first.graph, &second.graph])?;
    let used = needed(&first.graph, first.outputs.iter().map(|(_, value)| *value));
    let mut main = Block { name: options.name.clone(), ..Block::default() };
    for value in first.graph.values().filter(|value| used[value.index()]) {
        lowerer.lower(&mut writer, &mut main, value, &used)?;
    }
    for (name, value) in &first.outputs {
        let sizes = lowerer.extents(&writer, *value)?;
        lowerer.put_out(&mut writer, &mut main, *value, name)?;
        main.outputs.push(Port { name: name.clone(), sizes });
    }
    let mut nodes = std::mem::take(&mut writer.prelude);
    nodes.append(&mut main.nodes);
    main.nodes = nodes;
    let mut kept = BTreeSet::new();
    main.prune(&mut kept);
    let initializers =
        writer.initializers.into_iter().filter(|(name, _)| kept.contains(name)).collect();
    let file = File {
        main,
        initializers,
        metadata: options.metadata.clone(),
        description: options.description.clone(),
    };
    let bytes = file.encode();
    if bytes.len() > MOST_BYTES {
        return Err(GraphError::new(
            "",
            format!(
                "the file would have {} bytes, an ONNX file has at most {MOST_BYTES}; train a smaller network",
                bytes.len()
            ),
        ));
    }
    Ok(bytes)
}

/// Which nodes some values need.
fn needed(graph: &Graph, wanted: impl Iterator<Item = Value>) -> Vec<bool> {
    let mut used = vec![false; graph.nodes().len()];
    wanted.for_each(|value| used[value.index()] = true);
    for value in graph.values().rev().filter(|value| value.index() < graph.nodes().len()) {
        if used[value.index()] {
            graph.node(value).inputs.iter().for_each(|input| used[input.index()] = true);
        }
    }
    used
}
