//! Nodes and values: the graph as plain data.

use std::fmt;
use std::sync::Arc;

use crate::{Op, Shape};

/// The result of a node: its index in [`Graph::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value(pub(crate) u32);

impl Value {
    /// Index into [`Graph::nodes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

/// One use of an op.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it computes.
    pub op: Op,
    /// From which values.
    pub inputs: Vec<Value>,
    /// The result's sizes.
    pub shape: Shape,
    /// Which layer, loss or optimizer asked for it (`layers.2 dense`); shown in errors and plans.
    pub scope: Arc<str>,
}

/// A list of nodes in which inputs stand before their use.
///
/// A graph says nothing about precision: that is chosen when it is compiled.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(crate) nodes: Vec<Node>,
}

impl Graph {
    /// All nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node that makes a value.
    pub fn node(&self, value: Value) -> &Node {
        &self.nodes[value.index()]
    }

    /// The sizes of a value.
    pub fn shape(&self, value: Value) -> &Shape {
        &self.node(value).shape
    }

    /// All values in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = Value> + ExactSizeIterator + use<> {
        (0..self.nodes.len() as u32).map(Value)
    }

    /// Adds a node; its shape is inferred.
    pub fn apply(
        &mut self,
        op: impl Into<Op>,
        inputs: &[Value],
        scope: &Arc<str>,
    ) -> Result<Value, GraphError> {
        let op = op.into();
        let shapes: Vec<&Shape> = inputs.iter().map(|&input| self.shape(input)).collect();
        let shape = op
            .infer(&shapes)
            .map_err(|what| GraphError::new(scope.to_string(), format!("{}: {what}", op.name())))?;
        let value = Value(u32::try_from(self.nodes.len()).map_err(|_| {
            GraphError::new(scope.to_string(), "the graph has more than 2³² nodes")
        })?);
        self.nodes.push(Node { op, inputs: inputs.to_vec(), shape, scope: scope.clone() });
        Ok(value)
    }
}

impl Graph {
    /// Adds a node as it is.
    pub(crate) fn push(&mut self, node: Node) -> Value {
        let value = Value(self.nodes.len() as u32);
        self.nodes.push(node);
        value
    }
}

/// What is wrong with a graph, a plan or the use of one, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphError {
    /// The layer, loss or optimizer; empty outside of any.
    pub scope: String,
    /// Got, expected, cure.
    pub what: String,
    /// The same in other languages, where whoever said it knows them.
    pub translations: Translations,
}

/// What is said, by the codes of the languages. Nothing here picks one.
pub type Translations = Vec<(&'static str, String)>;

/// What is wrong, as whoever finds it says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// In English.
    pub english: String,
    /// In other languages.
    pub translations: Translations,
}

impl From<String> for Sentence {
    fn from(english: String) -> Sentence {
        Sentence { english, translations: Vec::new() }
    }
}

impl From<&str> for Sentence {
    fn from(english: &str) -> Sentence {
        english.to_string().into()
    }
}

impl GraphError {
    /// An error of `scope` (the layer, loss or optimizer; empty outside of any).
    pub fn new(scope: impl Into<String>, what: impl Into<Sentence>) -> GraphError {
        let Sentence { english, translations } = what.into();
        GraphError { scope: scope.into(), what: english, translations }
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scope.is_empty() {
            write!(f, "{}", self.what)
        } else {
            write!(f, "{}: {}", self.scope, self.what)
        }
    }
}

impl std::error::Error for GraphError {}
