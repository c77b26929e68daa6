//! From values of the graph to names in the file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use spusk_graph::ops::{Broadcast, Rules};
use spusk_graph::{Array, Graph, GraphError, Node as GraphNode, Shape, Value};

use super::extent::Extent;
use super::parts::{Attribute, Block, Element, Node, Numbers};
use super::{rules, scan};

/// Larger arrays are not computed when the file is written but by whoever runs it.
const MOST_FOLDED: usize = 1 << 23;

/// What is known of a value. It may be *thin*: of size 1 along axes along which the value only repeats;
/// most operators repeat by themselves.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub(super) source: Source,
    /// Its sizes for the two batches; its rank is that of the value.
    pub(super) shapes: [Shape; 2],
}

/// Where the numbers of an operand come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// They depend on weights alone; with the name that they get in the file.
    Known(Arc<Array>, String),
    /// They are the output of a node, or an input.
    Named(String),
}

/// The file while it is written.
pub(super) struct Writer<'w, 'v> {
    pub(super) values: &'w dyn Fn(&str) -> Option<&'v [f32]>,
    pub(super) batches: [usize; 2],
    pub(super) initializers: Vec<(String, Numbers)>,
    /// Nodes that every other node may use: sizes that grow with the batch.
    pub(super) prelude: Vec<Node>,
    /// An input and its batch axis.
    pub(super) batch: Option<(String, usize)>,
    /// Conditions behind their numbers 0 and 1.
    pub(super) conditions: HashMap<String, String>,
    /// Transposed values: their order of axes and what they were.
    pub(super) transposed: HashMap<String, (Vec<usize>, String)>,
    names: BTreeSet<String>,
    /// Names of known arrays, by where they lie; `initializers` keeps them alive.
    arrays: HashMap<*const Array, String>,
    ints: BTreeMap<Vec<i64>, String>,
    multiples: BTreeMap<usize, String>,
}

impl<'w, 'v> Writer<'w, 'v> {
    pub(super) fn new(
        values: &'w dyn Fn(&str) -> Option<&'v [f32]>,
        batches: [usize; 2],
    ) -> Writer<'w, 'v> {
        Writer {
            values,
            batches,
            initializers: Vec::new(),
            prelude: Vec::new(),
            batch: None,
            conditions: HashMap::new(),
            transposed: HashMap::new(),
            names: BTreeSet::new(),
            arrays: HashMap::new(),
            ints: BTreeMap::new(),
            multiples: BTreeMap::new(),
        }
    }

    /// A name that nothing else has.
    pub(super) fn fresh(&mut self, hint: &str) -> String {
        let mut name = hint.to_string();
        let mut number = 1;
        while !self.names.insert(name.clone()) {
            number += 1;
            name = format!("{hint}_{number}");
        }
        name
    }

    /// The name of an operand's numbers.
    pub(super) fn name(&mut self, operand: &Operand) -> String {
        match &operand.source {
            Source::Named(name) => name.clone(),
            Source::Known(array, hint) => {
                if let Some(name) = self.arrays.get(&Arc::as_ptr(array)) {
                    return name.clone();
                }
                let name = self.fresh(hint);
                self.arrays.insert(Arc::as_ptr(array), name.clone());
                self.initializers.push((name.clone(), Numbers::Floats(array.clone())));
                name
            }
        }
    }

    /// A number of its own.
    pub(super) fn number(&mut self, number: f64) -> String {
        let hint = format!("number {number}");
        match self.initializers.iter().find(|(name, _)| *name == hint) {
            Some((name, _)) => name.clone(),
            None => {
                let array = Arc::new(Array::filled(Shape::default(), number));
                self.names.insert(hint.clone());
                self.initializers.push((hint.clone(), Numbers::Floats(array)));
                hint
            }
        }
    }

    /// A list of whole numbers.
    pub(super) fn ints(&mut self, numbers: &[i64]) -> String {
        if let Some(name) = self.ints.get(numbers) {
            return name.clone();
        }
        let name = self.fresh("integers");
        self.ints.insert(numbers.to_vec(), name.clone());
        self.initializers.push((name.clone(), Numbers::Ints(numbers.to_vec())));
        name
    }

    /// A list of sizes, made when the file is run if they grow with the batch.
    pub(super) fn sizes(&mut self, sizes: &[Extent]) -> String {
        if let Some(fixed) = sizes.iter().map(fixed).collect::<Option<Vec<i64>>>() {
            return self.ints(&fixed);
        }
        let parts = sizes.iter().map(|&size| match size {
            Extent::Fixed(size) => self.ints(&[size as i64]),
            Extent::Batches(times) => self.multiple(times),
        });
        let parts: Vec<String> = parts.collect();
        if let [only] = &parts[..] {
            return only.clone();
        }
        let name = self.fresh("sizes");
        let attributes = vec![("axis", Attribute::Int(0))];
        self.prelude.push(node("Concat", &name, parts, attributes));
        name
    }

    /// The batch size times a number, as a list of one.
    fn multiple(&mut self, times: usize) -> String {
        if let Some(name) = self.multiples.get(&times) {
            return name.clone();
        }
        let name = if times == 1 {
            let (input, axis) = self.batch.clone().unwrap_or_default();
            let name = self.fresh("batch size");
            let ends = vec![
                ("start", Attribute::Int(axis as i64)),
                ("end", Attribute::Int(axis as i64 + 1)),
            ];
            self.prelude.push(node("Shape", &name, vec![input], ends));
            name
        } else {
            let factors = vec![self.multiple(1), self.ints(&[times as i64])];
            let name = self.fresh(&format!("batch size times {times}"));
            self.prelude.push(node("Mul", &name, factors, Vec::new()));
            name
        };
        self.multiples.insert(times, name.clone());
        name
    }

    /// Adds a node with one output and returns its name.
    pub(super) fn add(
        &mut self,
        block: &mut Block,
        op: &'static str,
        scope: &str,
        inputs: Vec<String>,
        attributes: Vec<(&'static str, Attribute)>,
    ) -> String {
        let scope = scope.replace(' ', ".");
        let hint = if scope.is_empty() { op.to_string() } else { format!("{scope}/{op}") };
        let name = self.fresh(&hint);
        block.nodes.push(node(op, &name, inputs, attributes));
        name
    }

    /// Numbers of another type.
    pub(super) fn cast(
        &mut self,
        block: &mut Block,
        scope: &str,
        input: String,
        to: Element,
    ) -> String {
        self.add(block, "Cast", scope, vec![input], vec![("to", Attribute::Int(to as i64))])
    }
}

fn fixed(size: &Extent) -> Option<i64> {
    match *size {
        Extent::Fixed(size) => Some(size as i64),
        Extent::Batches(_) => None,
    }
}

fn node(
    op: &'static str,
    name: &str,
    inputs: Vec<String>,
    attributes: Vec<(&'static str, Attribute)>,
) -> Node {
    Node { op, name: name.into(), inputs, outputs: vec![name.into()], attributes }
}

/// A graph, traced for two batch sizes, on its way into a block.
pub(super) struct Lowerer<'g> {
    pub(super) graphs: [&'g Graph; 2],
    /// What is known of every value.
    pub(super) found: Vec<Option<Operand>>,
}

impl<'g> Lowerer<'g> {
    /// The two graphs must be the same but for sizes.
    pub(super) fn new(graphs: [&'g Graph; 2]) -> Result<Lowerer<'g>, GraphError> {
        let [first, second] = graphs.map(Graph::nodes);
        let same = |(a, b): (&GraphNode, &GraphNode)| {
            a.op.name() == b.op.name() && a.inputs == b.inputs && a.shape.rank() == b.shape.rank()
        };
        if let Some((node, _)) = first.iter().zip(second).find(|&(a, b)| !same((a, b))) {
            return Err(changes(node, "what is computed"));
        }
        if first.len() != second.len() {
            let what = "how many operations there are depends on the batch size; export for one batch size";
            return Err(GraphError::new("", what));
        }
        Ok(Lowerer { graphs, found: vec![None; first.len()] })
    }

    /// The node that makes a value, for both batches.
    pub(super) fn nodes(&self, value: Value) -> [&'g GraphNode; 2] {
        self.graphs.map(|graph| graph.node(value))
    }

    /// Writes what makes a value; the values that it needs are there already.
    pub(super) fn lower(
        &mut self,
        writer: &mut Writer<'_, '_>,
        block: &mut Block,
        value: Value,
        used: &[bool],
    ) -> Result<(), GraphError> {
        if self.found[value.index()].is_some() {
            return Ok(());
        }
        if let [spusk_graph::Op::Scan(first), spusk_graph::Op::Scan(second)] =
            self.nodes(value).map(|node| &node.op)
        {
            return scan::lower(self, writer, block, (value, [first, second]), used);
        }
        let operand = rules::lower(self, writer, block, value)?;
        self.found[value.index()] = Some(operand);
        Ok(())
    }

    /// What is known of a value.
    pub(super) fn operand(&self, value: Value) -> Result<Operand, GraphError> {
        self.found[value.index()].clone().ok_or_else(|| unsupported(self.nodes(value)[0]))
    }

    /// Sizes of a value.
    pub(super) fn extents(
        &self,
        writer: &Writer<'_, '_>,
        value: Value,
    ) -> Result<Vec<Extent>, GraphError> {
        let [first, second] = self.nodes(value);
        extents(writer, first, [&first.shape, &second.shape])
    }

    /// The name of a whole value: what is thin is repeated.
    pub(super) fn full(
        &mut self,
        writer: &mut Writer<'_, '_>,
        block: &mut Block,
        value: Value,
    ) -> Result<String, GraphError> {
        let operand = self.operand(value)?;
        let nodes = self.nodes(value);
        let name = writer.name(&operand);
        if operand.shapes[0] == nodes[0].shape {
            return Ok(name);
        }
        let mut sizes = self.extents(writer, value)?;
        for (axis, size) in sizes.iter_mut().enumerate() {
            if operand.shapes[0][axis] == nodes[0].shape[axis] {
                // 1 leaves an axis as it is.
                *size = Extent::Fixed(1);
            }
        }
        let sizes = writer.sizes(&sizes);
        let name = writer.add(block, "Expand", &nodes[0].scope, vec![name, sizes], Vec::new());
        let shapes = nodes.map(|node| node.shape.clone());
        self.found[value.index()] = Some(Operand { source: Source::Named(name.clone()), shapes });
        Ok(name)
    }

    /// A value under a name of its own, as the outputs of a block must be.
    pub(super) fn put_out(
        &mut self,
        writer: &mut Writer<'_, '_>,
        block: &mut Block,
        value: Value,
        name: &str,
    ) -> Result<(), GraphError> {
        let inner = self.full(writer, block, value)?;
        block.nodes.push(node("Identity", name, vec![inner], Vec::new()));
        Ok(())
    }
}

/// An operand whose numbers are computed now, if all that it needs is known and no size grows.
pub(super) fn folded(
    op: &spusk_graph::Op,
    operands: &[Operand],
    shapes: &[Shape; 2],
    repeat: bool,
) -> Option<Operand> {
    let [shape, second] = shapes;
    if shape != second || shape.size() > MOST_FOLDED {
        return None;
    }
    let mut hint = None;
    let mut arrays = Vec::with_capacity(operands.len());
    for operand in operands {
        let Source::Known(array, name) = &operand.source else { return None };
        if hint.is_none_or(|(_, size)| size == 1) {
            hint = Some((name, array.shape.size()));
        }
        let whole = if repeat && array.shape != *shape {
            let broadcast = Broadcast { shape: shape.clone() };
            Arc::new(broadcast.reference(&[&**array], shape))
        } else {
            array.clone()
        };
        arrays.push(whole);
    }
    let inputs: Vec<&Array> = arrays.iter().map(|array| &**array).collect();
    let array = Arc::new(op.reference(&inputs, shape));
    // The result is called after the first weight in it.
    let hint = hint.map_or_else(|| op.name().to_string(), |(name, _)| name.clone());
    Some(Operand { source: Source::Known(array, hint), shapes: shapes.clone() })
}

/// Sizes for both batches as extents.
pub(super) fn extents(
    writer: &Writer<'_, '_>,
    node: &GraphNode,
    sizes: [&[usize]; 2],
) -> Result<Vec<Extent>, GraphError> {
    let [first, second] = sizes;
    let one = |(&a, &b): (&usize, &usize)| Extent::of([a, b], writer.batches);
    let all: Option<Vec<Extent>> = first.iter().zip(second).map(one).collect();
    all.filter(|_| first.len() == second.len()).ok_or_else(|| changes(node, "a size"))
}

/// What is computed depends on the batch in a way that no file can say.
pub(super) fn changes(node: &GraphNode, what: &str) -> GraphError {
    let what = format!(
        "{}: {what} depends on the batch size, and not in proportion to it; export for one batch size",
        node.op.name()
    );
    GraphError::new(node.scope.to_string(), what)
}

/// An op that ONNX does not have.
pub(super) fn unsupported(node: &GraphNode) -> GraphError {
    let what = format!(
        "the op `{}` has no counterpart in ONNX opset 17; use a network without it",
        node.op.name()
    );
    GraphError::new(node.scope.to_string(), what)
}
