//! What an ONNX file is made of, and how each part is written.
//!
//! Field numbers are those of `onnx.proto`, <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>.

use std::sync::Arc;

use spusk_graph::Array;

use super::extent::Extent;
use super::wire::Message;

/// The version of the format of files: that of ONNX 1.12, which brought opset 17.
const IR_VERSION: i64 = 8;
/// The version of the set of operators.
const OPSET: i64 = 17;
/// The name of the batch axis.
pub(super) const BATCH: &str = "batch";

/// Types of elements, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Float = 1,
    Int64 = 7,
    Bool = 9,
}

/// A use of an operator.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) op: &'static str,
    pub(super) name: String,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) attributes: Vec<(&'static str, Attribute)>,
}

/// A parameter of a node.
#[derive(Debug, Clone)]
pub(super) enum Attribute {
    Int(i64),
    Ints(Vec<i64>),
    Graph(Block),
}

/// A named value with its sizes, one of a graph's inputs or outputs.
#[derive(Debug, Clone)]
pub(super) struct Port {
    pub(super) name: String,
    pub(super) sizes: Vec<Extent>,
}

/// A list of nodes with inputs and outputs.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub(super) name: String,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
    pub(super) nodes: Vec<Node>,
}

/// Numbers that stand in the file.
#[derive(Debug, Clone)]
pub(super) enum Numbers {
    Floats(Arc<Array>),
    Ints(Vec<i64>),
}

/// A whole file.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) main: Block,
    pub(super) initializers: Vec<(String, Numbers)>,
    pub(super) metadata: Vec<(String, String)>,
    pub(super) description: String,
}

impl File {
    pub(super) fn encode(&self) -> Vec<u8> {
        let main = self.main.message().each(&self.initializers, |message, (name, numbers)| {
            message.message(5, &numbers.message(name))
        });
        let opset = Message::default().text(1, "").int(2, OPSET);
        Message::default()
            .int(1, IR_VERSION)
            .text(2, "spusk")
            .text(3, env!("CARGO_PKG_VERSION"))
            .text(6, &self.description)
            .message(7, &main)
            .message(8, &opset)
            .each(&self.metadata, |message, (key, value)| {
                message.message(14, &Message::default().text(1, key).text(2, value))
            })
            .into_bytes()
    }
}

impl Block {
    fn message(&self) -> Message {
        Message::default()
            .each(&self.nodes, |message, node| message.message(1, &node.message()))
            .text(2, &self.name)
            .each(&self.inputs, |message, port| message.message(11, &port.message()))
            .each(&self.outputs, |message, port| message.message(12, &port.message()))
    }

    /// Leaves out nodes of which nothing is used; names in `used` are.
    pub(super) fn prune(&mut self, used: &mut std::collections::BTreeSet<String>) {
        used.extend(self.outputs.iter().map(|port| port.name.clone()));
        let mut kept = Vec::new();
        for mut node in std::mem::take(&mut self.nodes).into_iter().rev() {
            if !node.outputs.iter().any(|output| used.contains(output)) {
                continue;
            }
            used.extend(node.inputs.iter().cloned());
            for (_, attribute) in &mut node.attributes {
                if let Attribute::Graph(block) = attribute {
                    block.prune(used);
                }
            }
            kept.push(node);
        }
        kept.reverse();
        self.nodes = kept;
    }
}

impl Node {
    fn message(&self) -> Message {
        Message::default()
            .each(&self.inputs, |message, input| message.text(1, input))
            .each(&self.outputs, |message, output| message.text(2, output))
            .text(3, &self.name)
            .text(4, self.op)
            .each(&self.attributes, |message, (name, attribute)| {
                message.message(5, &attribute.message(name))
            })
    }
}

impl Attribute {
    fn message(&self, name: &str) -> Message {
        let message = Message::default().text(1, name);
        match self {
            Attribute::Int(number) => message.int(3, *number).int(20, 2),
            Attribute::Ints(numbers) => {
                message.each(numbers, |message, &number| message.int(8, number)).int(20, 7)
            }
            Attribute::Graph(block) => message.message(6, &block.message()).int(20, 5),
        }
    }
}

impl Port {
    /// All ports hold 32-bit floats.
    fn message(&self) -> Message {
        let shape = Message::default().each(&self.sizes, |message, size| {
            let dimension = Message::default();
            message.message(
                1,
                &match size {
                    Extent::Fixed(size) => dimension.int(1, *size as i64),
                    Extent::Batches(1) => dimension.text(2, BATCH),
                    Extent::Batches(_) => dimension,
                },
            )
        });
        let tensor = Message::default().int(1, Element::Float as i64).message(2, &shape);
        Message::default().text(1, &self.name).message(2, &Message::default().message(1, &tensor))
    }
}

impl Numbers {
    fn message(&self, name: &str) -> Message {
        let (sizes, element, bytes): (Vec<i64>, _, Vec<u8>) = match self {
            Numbers::Floats(array) => (
                array.shape.iter().map(|&size| size as i64).collect(),
                Element::Float,
                array.data.iter().flat_map(|&x| (x as f32).to_le_bytes()).collect(),
            ),
            Numbers::Ints(numbers) => (
                vec![numbers.len() as i64],
                Element::Int64,
                numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
            ),
        };
        Message::default()
            .each(sizes, |message, size| message.int(1, size))
            .int(2, element as i64)
            .text(8, name)
            .run(9, &bytes)
    }
}
