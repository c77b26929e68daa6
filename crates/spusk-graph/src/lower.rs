//! From clusters to units: what becomes one kernel each, what it reads and what it writes.

use spusk_kernels::{Fused, Group, Matrix, Place, Space, TileBinary};

use crate::fuse::{self, Clusters, Operand, Reading};
use crate::ops::Lowering;
use crate::strips::Strip;
use crate::{Graph, Op, Shape, Value};

/// Work that runs as one or a few instructions.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) kind: UnitKind,
    /// Values it reads from memory.
    pub(crate) inputs: Vec<Value>,
    /// Values it writes to memory.
    pub(crate) outputs: Vec<Value>,
}

#[derive(Debug, Clone)]
pub(crate) enum UnitKind {
    /// A cluster, by its number.
    Fused(usize),
    /// Matrix products, each added to those before it, perhaps on a bias; or one as the gradient of a step.
    MatMul { terms: Vec<Term>, output: Value, bias: Option<Value>, step: Option<Descent> },
    /// A convolution or one of its gradients, perhaps with the bias that its sum was given.
    Conv { product: Value, output: Value, bias: Option<Value> },
    /// A reduction, a transpose, a broadcast, or an op with a kernel of its own.
    Node(Value),
    /// A scan, of which the outputs are picks.
    Loop(Value),
    /// Units that run on one part of the batch after the other.
    Strip(Strip),
}

impl Unit {
    /// Elements that it needs while it runs, with the values that are computed from them.
    pub(crate) fn temporaries(&self, graph: &Graph) -> Vec<(Value, usize)> {
        let all = match self.kind {
            UnitKind::Fused(_) => {
                let sums = self.outputs.iter();
                sums.map(|&output| (output, summed_shards(graph, output))).collect()
            }
            UnitKind::Conv { product, output, .. } => {
                let node = graph.node(product);
                let Lowering::Conv(convolution) = node.op.lower() else { return Vec::new() };
                let [a, b] = [0, 1].map(|i| graph.shape(node.inputs[i]));
                vec![(output, convolution.temporary([a, b], &node.shape))]
            }
            _ => Vec::new(),
        };
        all.into_iter().filter(|&(_, size)| size > 0).collect()
    }
}

impl Unit {
    /// Inputs whose place an output of a fused kernel may take: as large, and read element by element only.
    pub(crate) fn inputs_in_place(
        &self,
        graph: &Graph,
        clusters: &Clusters,
        output: Value,
    ) -> Vec<Value> {
        if let Some(from) = self.steps_from() {
            return vec![from];
        }
        let UnitKind::Fused(cluster) = self.kind else { return Vec::new() };
        if fuse::column_sum(graph, output).is_some() {
            return Vec::new();
        }
        let size = graph.shape(output).size();
        let same_everywhere = |input: Value| {
            clusters.all[cluster].nodes.iter().all(|&node| {
                graph.node(node).inputs.iter().all(|&i| {
                    let operand = fuse::operand(graph, i, &clusters.materialized);
                    operand.value != input || operand.reading == Reading::Same
                })
            })
        };
        let fits = |&&input: &&Value| graph.shape(input).size() == size && same_everywhere(input);
        self.inputs.iter().filter(fits).copied().collect()
    }
}

impl Unit {
    /// The weights of which a product makes a step, where nothing else of it reads them.
    pub(crate) fn steps_from(&self) -> Option<Value> {
        let UnitKind::MatMul { terms, step: Some(Descent { from, rate }), .. } = &self.kind else {
            return None;
        };
        let read = terms.iter().flat_map(|term| [term.a.value, term.b.value]).chain([*rate]);
        read.into_iter().all(|value| value != *from).then_some(*from)
    }
}

/// Elements of a sum over rows before its shards are added up; 0 if there is only one.
fn summed_shards(graph: &Graph, value: Value) -> usize {
    let Some((rows, columns)) = fuse::column_sum(graph, value) else { return 0 };
    match Fused::shards(rows, columns) {
        1 => 0,
        shards => shards * columns,
    }
}

/// A step of gradient descent: from some weights, by a rate times the product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Descent {
    pub(crate) from: Value,
    pub(crate) rate: Value,
}

/// A matrix product of a sum.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub(crate) product: Value,
    pub(crate) a: Factor,
    pub(crate) b: Factor,
}

/// An operand of a matrix product, read from where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Factor {
    /// What stands in memory.
    pub(crate) value: Value,
    /// Elements between neighbors along each axis of the operand.
    strides: Vec<usize>,
    /// The operand's sizes.
    shape: Shape,
}

impl Factor {
    /// How the product reads it; `None` if it cannot: one of the matrix's strides must be 1, and the
    /// batch may lie in two levels.
    pub(crate) fn matrix(&self, place: Place) -> Option<Matrix> {
        let (batch, inner) = self.shape.split_at(self.shape.rank().checked_sub(2)?);
        let (outer, strides) = self.strides.split_at(batch.len());
        let &[row_stride, column_stride] = strides else { return None };
        if strides.iter().zip(inner).all(|(&stride, &size)| size > 1 && stride != 1) {
            return None;
        }
        // Neighboring batch axes that lie as one.
        let mut levels: Vec<(usize, usize)> = Vec::new();
        for (&size, &stride) in batch.iter().zip(outer).filter(|&(&size, _)| size != 1) {
            match levels.last_mut() {
                Some(last) if last.1 == stride * size => *last = (last.0 * size, stride),
                _ => levels.push((size, stride)),
            }
        }
        let (batch_stride, group) = match levels[..] {
            [] => (0, None),
            [(_, stride)] => (stride, None),
            [(_, outer), (size, stride)] => (stride, Some(Group { size, stride: outer })),
            _ => return None,
        };
        Some(Matrix { place, batch_stride, group, row_stride, column_stride })
    }
}

/// The units of a graph, in an order in which they can run.
pub(crate) struct Lowered {
    pub(crate) clusters: Clusters,
    pub(crate) units: Vec<Unit>,
}

/// Lowers all that the wanted values need.
pub(crate) fn lower(graph: &Graph, wanted: &[Value], fuse: bool) -> Lowered {
    let sums = match fuse {
        true => find_sums(graph, wanted),
        false => vec![None; graph.nodes().len()],
    };
    let clusters = fuse::clusters(graph, fuse, |value| sums[value.index()].is_some());
    let mut units = Units { graph, clusters: &clusters, sums: &sums, order: Vec::new() };
    units.collect(wanted);
    let mut found = units.order;

    let mut needed = vec![false; graph.nodes().len()];
    let reads = found.iter().flat_map(|unit| unit.inputs.iter().copied());
    for value in reads.chain(wanted.iter().map(|&value| fuse::root(graph, value))) {
        needed[value.index()] = true;
    }
    for unit in &mut found {
        unit.outputs = match unit.kind {
            UnitKind::Fused(c) => {
                let nodes = clusters.all[c].nodes.iter();
                nodes.copied().filter(|node| needed[node.index()]).collect()
            }
            UnitKind::Loop(scan) => {
                let picks = graph.values().filter(|&value| picked_from(graph, value) == Some(scan));
                picks.filter(|pick| needed[pick.index()]).collect()
            }
            UnitKind::MatMul { output, .. }
            | UnitKind::Conv { output, .. }
            | UnitKind::Node(output) => vec![output],
            UnitKind::Strip(_) => unreachable!("strips are made of units later"),
        };
    }
    Lowered { clusters, units: found }
}

/// The scan of which a value is a pick.
fn picked_from(graph: &Graph, value: Value) -> Option<Value> {
    let node = graph.node(value);
    let source = *node.inputs.first()?;
    let is_pick = matches!(node.op, Op::Pick(_)) && matches!(graph.node(source).op, Op::Scan(_));
    is_pick.then_some(source)
}

/// A sum that a kernel of products makes itself.
#[derive(Clone)]
struct Accumulated {
    /// Matrix products, or one convolution, in the order in which they are added.
    products: Vec<Value>,
    /// A row that the accumulators start with.
    bias: Option<Value>,
}

/// Finds sums of matrix products (or of a convolution) and a row that nobody else reads: the row
/// becomes the start of the first product, and every further product starts with the sum so far.
fn find_sums(graph: &Graph, wanted: &[Value]) -> Vec<Option<Accumulated>> {
    let mut readers = vec![0; graph.nodes().len()];
    for node in graph.nodes().iter().filter(|node| !matches!(node.op.lower(), Lowering::View)) {
        for &input in &node.inputs {
            readers[fuse::root(graph, input).index()] += 1;
        }
    }
    for &value in wanted {
        readers[fuse::root(graph, value).index()] += 1;
    }
    let mut found: Vec<Option<Accumulated>> = Vec::with_capacity(graph.nodes().len());
    for value in graph.values() {
        let sums = Sums { graph, readers: &readers, found: &found };
        let sum = sums.biased(value).or_else(|| sums.added(value));
        found.push(sum);
    }
    found
}

struct Sums<'a> {
    graph: &'a Graph,
    readers: &'a [usize],
    /// Of every earlier node.
    found: &'a [Option<Accumulated>],
}

impl Sums<'_> {
    fn terms(&self, value: Value) -> Option<[Value; 2]> {
        let node = self.graph.node(value);
        let add = matches!(node.op.lower(), Lowering::Binary(TileBinary::Add));
        let terms = [*node.inputs.first()?, *node.inputs.get(1)?];
        (add && node.shape.size() > 0).then_some(terms)
    }

    /// A term that only its sum reads, if it is a product or a sum of products.
    fn products(&self, term: Value) -> Option<Accumulated> {
        let root = fuse::root(self.graph, term);
        if self.readers[root.index()] != 1 {
            return None;
        }
        let alone = || Accumulated { products: vec![root], bias: None };
        match self.graph.node(root).op.lower() {
            Lowering::MatMul => Some(alone()),
            Lowering::Conv(convolution) if convolution.takes_bias() => Some(alone()),
            _ => self.found[root.index()].clone(),
        }
    }

    fn is_matmul(&self, value: Value) -> bool {
        matches!(self.graph.node(value).op.lower(), Lowering::MatMul)
    }

    /// A sum of products and a row.
    fn biased(&self, value: Value) -> Option<Accumulated> {
        let [x, y] = self.terms(value)?;
        [(x, y), (y, x)].into_iter().find_map(|(product, bias)| {
            let nothing = vec![false; self.graph.nodes().len()];
            let Operand { value: bias, reading } = fuse::operand(self.graph, bias, &nothing);
            let found = self.products(product).filter(|found| found.bias.is_none())?;
            let columns = *self.graph.shape(found.products[0]).last()?;
            let fits = match reading {
                Reading::Row(n) => n == columns,
                Reading::Scalar => columns == 1,
                _ => false,
            };
            fits.then_some(Accumulated { bias: Some(bias), ..found })
        })
    }

    /// A sum of matrix products, of which at most the first one has a bias.
    fn added(&self, value: Value) -> Option<Accumulated> {
        let [x, y] = self.terms(value)?;
        let size = self.graph.shape(value).size();
        let whole = |term: &Value| self.graph.shape(fuse::root(self.graph, *term)).size() == size;
        if ![x, y].iter().all(whole) {
            return None;
        }
        let (mut first, mut second) = (self.products(x)?, self.products(y)?);
        if second.bias.is_some() {
            std::mem::swap(&mut first, &mut second);
        }
        let matrices = first.products.iter().chain(&second.products).all(|&v| self.is_matmul(v));
        (matrices && second.bias.is_none()).then(|| {
            first.products.extend(second.products);
            first
        })
    }
}

struct Units<'g> {
    graph: &'g Graph,
    clusters: &'g Clusters,
    sums: &'g [Option<Accumulated>],
    order: Vec<Unit>,
}

#[derive(Clone, Copy)]
enum Key {
    Cluster(usize),
    Node(Value),
    Loop(Value),
}

impl Units<'_> {
    /// Every unit that a wanted value needs, behind the units that it needs itself: depth first,
    /// without recursion, since nets may be deep.
    fn collect(&mut self, wanted: &[Value]) {
        let mut seen_nodes = vec![false; self.graph.nodes().len()];
        let mut seen_clusters = vec![false; self.clusters.all.len()];
        let mut stack: Vec<(Value, Option<Unit>)> =
            wanted.iter().rev().map(|&value| (fuse::root(self.graph, value), None)).collect();
        while let Some((value, entered)) = stack.pop() {
            if let Some(unit) = entered {
                self.order.push(unit);
                continue;
            }
            let Some(key) = self.producer(value) else { continue };
            let seen = match key {
                Key::Cluster(c) => &mut seen_clusters[c],
                Key::Node(v) | Key::Loop(v) => &mut seen_nodes[v.index()],
            };
            if std::mem::replace(seen, true) {
                continue;
            }
            let unit = self.unit(key);
            let inputs = unit.inputs.clone();
            stack.push((value, Some(unit)));
            stack.extend(inputs.into_iter().rev().map(|input| (input, None)));
        }
    }

    /// What computes a value; nothing computes a leaf.
    fn producer(&self, value: Value) -> Option<Key> {
        if let Some(c) = self.clusters.of[value.index()] {
            return Some(Key::Cluster(c));
        }
        if let Some(scan) = picked_from(self.graph, value) {
            return Some(Key::Loop(scan));
        }
        let leaf = matches!(self.graph.node(value).op.lower(), Lowering::Leaf);
        (!leaf).then_some(Key::Node(value))
    }

    fn unit(&self, key: Key) -> Unit {
        let (kind, inputs) = match key {
            Key::Cluster(c) => (UnitKind::Fused(c), self.cluster_inputs(c)),
            Key::Node(value) => self.node(value),
            Key::Loop(scan) => (UnitKind::Loop(scan), self.loop_inputs(scan)),
        };
        Unit { kind, inputs, outputs: Vec::new() }
    }

    fn cluster_inputs(&self, c: usize) -> Vec<Value> {
        let mut inputs = Vec::new();
        for &node in &self.clusters.all[c].nodes {
            for &input in &self.graph.node(node).inputs {
                let value = fuse::operand(self.graph, input, &self.clusters.materialized).value;
                let inside = self.clusters.of[value.index()] == Some(c);
                let constant = matches!(self.graph.node(value).op, Op::Constant(_));
                if !inside && !constant && !inputs.contains(&value) {
                    inputs.push(value);
                }
            }
        }
        inputs
    }

    /// What a loop reads; constants that carries begin with are written into their first slots.
    fn loop_inputs(&self, scan: Value) -> Vec<Value> {
        let node = self.graph.node(scan);
        let carries = match &node.op {
            Op::Scan(op) => op.carries.len(),
            _ => 0,
        };
        let mut inputs = Vec::new();
        for (i, &input) in node.inputs.iter().enumerate() {
            let input = fuse::root(self.graph, input);
            let filled = i < carries && matches!(self.graph.node(input).op, Op::Constant(_));
            if !filled && !inputs.contains(&input) {
                inputs.push(input);
            }
        }
        inputs
    }

    fn node(&self, value: Value) -> (UnitKind, Vec<Value>) {
        let sum = self.sums[value.index()].as_ref();
        let products = sum.map_or(vec![value], |sum| sum.products.clone());
        let bias = sum.and_then(|sum| sum.bias);
        let node = self.graph.node(products[0]);
        if matches!(node.op.lower(), Lowering::MatMul | Lowering::Triangle(_)) {
            let term = |product: Value| {
                let inputs = &self.graph.node(product).inputs;
                Term { product, a: self.factor(inputs[0]), b: self.factor(inputs[1]) }
            };
            let terms: Vec<Term> = products.into_iter().map(term).collect();
            let mut inputs: Vec<Value> = Vec::new();
            for input in terms.iter().flat_map(|term| [term.a.value, term.b.value]).chain(bias) {
                if !inputs.contains(&input) {
                    inputs.push(input);
                }
            }
            return (UnitKind::MatMul { terms, output: value, bias, step: None }, inputs);
        }
        let inputs = node.inputs.iter().map(|&input| fuse::root(self.graph, input));
        if matches!(node.op.lower(), Lowering::Conv(_)) {
            let kind = UnitKind::Conv { product: products[0], output: value, bias };
            return (kind, inputs.chain(bias).collect());
        }
        (UnitKind::Node(value), inputs.collect())
    }

    /// An operand of a product; a transpose is left to the product where it can read so.
    fn factor(&self, input: Value) -> Factor {
        let node = self.graph.node(input);
        let shape = node.shape.clone();
        if let Lowering::Transpose(order) = node.op.lower() {
            let from = self.graph.shape(node.inputs[0]).strides();
            let strides = order.iter().map(|&axis| from[axis]).collect();
            let value = fuse::root(self.graph, node.inputs[0]);
            let factor = Factor { value, strides, shape: shape.clone() };
            let anywhere = Place { space: Space::Work, offset: 0, len: 0 };
            if factor.matrix(anywhere).is_some() {
                return factor;
            }
        }
        Factor { value: fuse::root(self.graph, input), strides: shape.strides(), shape }
    }
}
