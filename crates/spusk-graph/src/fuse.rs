//! Which nodes run together: clusters of element-wise nodes and row reductions become one pass over
//! memory each.
//!
//! A cluster iterates over rows × columns. Its nodes are *full* (an element for every place) or *per
//! row*. Sums over the rows may end a cluster: nothing in it reads them. Broadcasts are never nodes of
//! a cluster: they are ways in which a node reads its operand ([`Reading`]). A node joins its producers' clusters where the splits into rows and columns agree
//! and no cycle arises; afterwards nodes that only a later cluster needs sink into it.

use spusk_kernels::{Fused, ReduceKind};

use crate::ops::Lowering;
use crate::{Graph, Shape, Value};

/// How a node of a cluster reads an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As many elements as the node has.
    Same,
    /// One row of so many elements, repeated.
    Row(usize),
    /// One element a row, for so many rows.
    Column(usize),
    /// One element for all.
    Scalar,
}

/// One operand of a node, looked at through views and broadcasts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operand {
    /// The value in memory or in a register.
    pub(crate) value: Value,
    /// How it is read.
    pub(crate) reading: Reading,
}

/// How a cluster iterates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    /// Over so many elements, in any rows.
    Free(usize),
    /// Over rows × columns.
    Fixed(usize, usize),
}

/// Nodes that run together.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    /// In order.
    pub(crate) nodes: Vec<Value>,
    pub(crate) split: Split,
}

/// The outcome.
pub(crate) struct Clusters {
    /// Of each node: its cluster, if it has one.
    pub(crate) of: Vec<Option<usize>>,
    /// Some are empty after merges.
    pub(crate) all: Vec<Cluster>,
    /// Broadcasts that must stand in memory.
    pub(crate) materialized: Vec<bool>,
}

/// The value whose elements a view shows.
pub(crate) fn root(graph: &Graph, mut value: Value) -> Value {
    while let Lowering::View = graph.node(value).op.lower() {
        value = graph.node(value).inputs[0];
    }
    value
}

/// What a node that may join a cluster is.
enum Part {
    Elementwise,
    /// Over trailing axes: rows and columns of the operand.
    RowReduction(usize, usize),
    /// Over leading axes: rows and columns of the operand.
    ColumnSum(usize, usize),
}

fn part(graph: &Graph, value: Value) -> Option<Part> {
    let node = graph.node(value);
    if node.shape.size() == 0 {
        return None;
    }
    match node.op.lower() {
        Lowering::Unary(_) | Lowering::Relu | Lowering::Binary(_) | Lowering::Select => {
            Some(Part::Elementwise)
        }
        Lowering::Reduce(kind, axes) => {
            let shape = graph.shape(node.inputs[0]);
            let (outer, reduced, inner) = split_reduction(shape, axes)?;
            let summed = kind == ReduceKind::Sum && outer == 1 && reduced > 1;
            if summed && (2..=Fused::MAX_SUMMED_COLUMNS).contains(&inner) {
                return Some(Part::ColumnSum(reduced, inner));
            }
            let fits = inner == 1 && reduced > 0 && reduced <= Fused::MAX_REDUCED_COLUMNS;
            fits.then_some(Part::RowReduction(outer, reduced))
        }
        _ => None,
    }
}

/// Of a sum over the rows of a cluster: rows and columns. It is made of the sums of shards of rows.
pub(crate) fn column_sum(graph: &Graph, value: Value) -> Option<(usize, usize)> {
    match part(graph, value)? {
        Part::ColumnSum(rows, columns) => Some((rows, columns)),
        _ => None,
    }
}

/// A reduction as [outer, reduced, inner]; `None` if the reduced axes are not neighbors.
pub(crate) fn split_reduction(shape: &Shape, axes: &[usize]) -> Option<(usize, usize, usize)> {
    // Axes of size 1 stand in nobody's way.
    let wide: Vec<usize> = (0..shape.rank()).filter(|&axis| shape[axis] != 1).collect();
    let is_reduced = |axis: &usize| axes.contains(axis);
    let first = wide.iter().position(is_reduced).unwrap_or(wide.len());
    let last = wide.iter().rposition(is_reduced).map_or(first, |last| last + 1);
    if !wide[first..last].iter().all(is_reduced) {
        return None;
    }
    let size = |axes: &[usize]| axes.iter().map(|&axis| shape[axis]).product();
    Some((size(&wide[..first]), size(&wide[first..last]), size(&wide[last..])))
}

/// How the elements of `from` lie in a broadcast to `to`; `None` if in neither simple way.
pub(crate) fn reading(from: &Shape, to: &Shape) -> Option<Reading> {
    let repeated = |axis: &usize| from[*axis] != to[*axis];
    let kept = |axis: &usize| from[*axis] != 1;
    let axes = || 0..to.rank();
    if from.size() == 1 {
        return Some(Reading::Scalar);
    }
    let (first_kept, last_kept) = (axes().find(kept)?, axes().rfind(kept)?);
    let (first_repeated, last_repeated) = (axes().find(repeated)?, axes().rfind(repeated)?);
    if last_repeated < first_kept {
        Some(Reading::Row(from.size()))
    } else if first_repeated > last_kept {
        Some(Reading::Column(from.size()))
    } else {
        None
    }
}

/// An operand of a cluster's node, seen through views and at most one broadcast.
pub(crate) fn operand(graph: &Graph, input: Value, materialized: &[bool]) -> Operand {
    let value = root(graph, input);
    let node = graph.node(value);
    if let (Lowering::Broadcast, false) = (node.op.lower(), materialized[value.index()]) {
        let from = node.inputs[0];
        if let Some(reading) = reading(graph.shape(from), &node.shape) {
            return Operand { value: root(graph, from), reading };
        }
    }
    Operand { value, reading: Reading::Same }
}

/// Groups the nodes of an optimized graph, but for those that are computed `elsewhere`.
pub(crate) fn clusters(graph: &Graph, fuse: bool, elsewhere: impl Fn(Value) -> bool) -> Clusters {
    let mut state = Fusing::new(graph, elsewhere);
    if !fuse {
        return state.clusters;
    }
    for value in graph.values() {
        if state.clusters.of[value.index()].is_some() {
            for producer in state.operands(value) {
                state.try_merge(producer, value);
            }
        }
    }
    state.sink();
    state.clusters
}

struct Fusing<'g> {
    graph: &'g Graph,
    clusters: Clusters,
    /// Nodes that read each node, through views and broadcasts too.
    consumers: Vec<Vec<Value>>,
}

/// More nodes would need more registers than the first-level cache holds.
const MAX_NODES: usize = 48;

impl<'g> Fusing<'g> {
    fn new(graph: &'g Graph, elsewhere: impl Fn(Value) -> bool) -> Self {
        let count = graph.nodes().len();
        let clusters =
            Clusters { of: vec![None; count], all: Vec::new(), materialized: vec![false; count] };
        let mut state = Fusing { graph, clusters, consumers: vec![Vec::new(); count] };
        state.materialize();
        for value in graph.values() {
            let Some(part) = part(graph, value).filter(|_| !elsewhere(value)) else { continue };
            state.clusters.of[value.index()] = Some(state.clusters.all.len());
            let split = match part {
                Part::RowReduction(rows, columns) | Part::ColumnSum(rows, columns) => {
                    Split::Fixed(rows, columns)
                }
                Part::Elementwise => state.own_split(value),
            };
            state.clusters.all.push(Cluster { nodes: vec![value], split });
        }
        for value in graph.values() {
            for operand in state.operands(value) {
                state.consumers[operand.index()].push(value);
            }
        }
        state
    }

    /// Finds the broadcasts that somebody needs in memory.
    fn materialize(&mut self) {
        let is_broadcast =
            |value: Value| matches!(self.graph.node(value).op.lower(), Lowering::Broadcast);
        for value in self.graph.values() {
            let node = self.graph.node(value);
            let elementwise = matches!(part(self.graph, value), Some(Part::Elementwise));
            let mut split = None;
            if matches!(node.op.lower(), Lowering::View) {
                continue;
            }
            for &input in &node.inputs {
                let source = root(self.graph, input);
                if !is_broadcast(source) {
                    continue;
                }
                let size = node.shape.size();
                let from = self.graph.node(source).inputs[0];
                let seen = reading(self.graph.shape(from), self.graph.shape(source));
                // A broadcast of a broadcast reads from memory.
                let fits = elementwise
                    && match seen {
                        Some(Reading::Scalar) => true,
                        Some(Reading::Row(columns)) => {
                            *split.get_or_insert((size / columns, columns))
                                == (size / columns, columns)
                        }
                        Some(Reading::Column(rows)) => {
                            *split.get_or_insert((rows, size / rows)) == (rows, size / rows)
                        }
                        _ => false,
                    };
                if !fits {
                    self.clusters.materialized[source.index()] = true;
                }
            }
        }
    }

    /// What the broadcasts among a node's operands demand.
    fn own_split(&self, value: Value) -> Split {
        let node = self.graph.node(value);
        let size = node.shape.size();
        for &input in &node.inputs {
            match operand(self.graph, input, &self.clusters.materialized).reading {
                Reading::Row(columns) => return Split::Fixed(size / columns, columns),
                Reading::Column(rows) => return Split::Fixed(rows, size / rows),
                Reading::Same | Reading::Scalar => {}
            }
        }
        Split::Free(size)
    }

    /// The values that a node reads, through views, and through broadcasts where they are read so.
    fn operands(&self, value: Value) -> Vec<Value> {
        let node = self.graph.node(value);
        let see = |&input: &Value| match self.clusters.of[value.index()] {
            Some(_) => operand(self.graph, input, &self.clusters.materialized).value,
            None => root(self.graph, input),
        };
        node.inputs.iter().map(see).collect()
    }

    fn try_merge(&mut self, producer: Value, consumer: Value) {
        let (Some(a), Some(b)) =
            (self.clusters.of[producer.index()], self.clusters.of[consumer.index()])
        else {
            return;
        };
        if a == b || !self.can_merge(a, b) {
            return;
        }
        let Some(split) = self.common_split(a, b) else { return };
        let moved = std::mem::take(&mut self.clusters.all[b].nodes);
        for node in &moved {
            self.clusters.of[node.index()] = Some(a);
        }
        let cluster = &mut self.clusters.all[a];
        cluster.split = split;
        cluster.nodes.extend(moved);
        cluster.nodes.sort_unstable();
    }

    fn can_merge(&self, a: usize, b: usize) -> bool {
        let size = self.clusters.all[a].nodes.len() + self.clusters.all[b].nodes.len();
        size <= MAX_NODES && !self.indirect_path(a, b) && !self.indirect_path(b, a)
    }

    /// The iteration that suits both clusters and every edge between them.
    fn common_split(&self, a: usize, b: usize) -> Option<Split> {
        let split = unify(self.clusters.all[a].split, self.clusters.all[b].split)?;
        let inside = |v: Value| matches!(self.clusters.of[v.index()], Some(c) if c == a || c == b);
        let fits = [a, b]
            .into_iter()
            .flat_map(|c| &self.clusters.all[c].nodes)
            .all(|&node| self.node_fits(node, split, &inside));
        fits.then_some(split)
    }

    /// Whether a node can be computed, full or per row, in a cluster of this split.
    fn node_fits(&self, node: Value, split: Split, inside: &impl Fn(Value) -> bool) -> bool {
        let Split::Fixed(rows, columns) = split else {
            // Only element-wise nodes of one size that read scalars from outside.
            return self.graph.node(node).inputs.iter().all(|&input| {
                let operand = operand(self.graph, input, &self.clusters.materialized);
                operand.reading == Reading::Same
                    || (operand.reading == Reading::Scalar && !inside(operand.value))
            });
        };
        let size = self.graph.shape(node).size();
        // A sum over the rows is known only when the whole cluster has run.
        if self.operands(node).iter().any(|&v| inside(v) && column_sum(self.graph, v).is_some()) {
            return false;
        }
        if let Some(Part::RowReduction(r, c) | Part::ColumnSum(r, c)) = part(self.graph, node) {
            return (r, c) == (rows, columns);
        }
        let full = size == rows * columns;
        if !full && size != rows {
            return false;
        }
        self.graph.node(node).inputs.iter().all(|&input| {
            let operand = operand(self.graph, input, &self.clusters.materialized);
            match operand.reading {
                Reading::Same => true,
                // A register of one element a row is one element only if there is one row.
                Reading::Scalar => !inside(operand.value) || (full && rows == 1),
                Reading::Row(c) => full && c == columns && !inside(operand.value),
                Reading::Column(r) => full && r == rows,
            }
        })
    }

    /// Whether one cluster leads to the other through a third node.
    fn indirect_path(&self, from: usize, to: usize) -> bool {
        let in_cluster = |value: Value, c: usize| self.clusters.of[value.index()] == Some(c);
        let mut seen = vec![false; self.consumers.len()];
        let mut stack: Vec<Value> = Vec::new();
        for &node in &self.clusters.all[from].nodes {
            for &next in &self.consumers[node.index()] {
                if !in_cluster(next, from) && !in_cluster(next, to) {
                    stack.push(next);
                }
            }
        }
        while let Some(value) = stack.pop() {
            if std::mem::replace(&mut seen[value.index()], true) {
                continue;
            }
            // A cluster runs as a whole: whatever any of its nodes leads to comes behind it.
            let whole = self.clusters.of[value.index()].map(|c| &self.clusters.all[c].nodes[..]);
            for &node in whole.unwrap_or(&[value]) {
                seen[node.index()] = true;
                for &next in &self.consumers[node.index()] {
                    if in_cluster(next, to) {
                        return true;
                    }
                    if !seen[next.index()] {
                        stack.push(next);
                    }
                }
            }
        }
        false
    }

    /// Moves nodes that only one later cluster needs into it, where that makes no more values that
    /// must stand in memory: `1 - y²` of a backward pass does not belong to the forward pass.
    fn sink(&mut self) {
        for value in self.graph.values().rev() {
            let Some(home) = self.clusters.of[value.index()] else { continue };
            let mut targets =
                self.consumers[value.index()].iter().map(|c| self.clusters.of[c.index()]);
            let Some(Some(target)) = targets.next() else { continue };
            if target == home || targets.any(|other| other != Some(target)) {
                continue;
            }
            let kept_alive = self.operands(value).into_iter().filter(|operand| {
                self.clusters.of[operand.index()] == Some(home)
                    && self.consumers[operand.index()].iter().all(|&reader| {
                        reader == value || self.clusters.of[reader.index()] == Some(home)
                    })
            });
            if kept_alive.count() <= 1 {
                self.try_move(value, home, target);
            }
        }
    }

    fn try_move(&mut self, value: Value, home: usize, target: usize) {
        let before = self.clusters.all[home].nodes.clone();
        self.clusters.all[home].nodes.retain(|&node| node != value);
        let alone = self.clusters.all.len();
        let split = match part(self.graph, value) {
            Some(Part::RowReduction(rows, columns) | Part::ColumnSum(rows, columns)) => {
                Split::Fixed(rows, columns)
            }
            _ => self.own_split(value),
        };
        self.clusters.all.push(Cluster { nodes: vec![value], split });
        self.clusters.of[value.index()] = Some(alone);
        if self.can_merge(target, alone)
            && let Some(split) = self.common_split(target, alone)
        {
            self.clusters.of[value.index()] = Some(target);
            self.clusters.all[target].nodes.push(value);
            self.clusters.all[target].nodes.sort_unstable();
            self.clusters.all[target].split = split;
        } else {
            self.clusters.of[value.index()] = Some(home);
            self.clusters.all[home].nodes = before;
        }
        self.clusters.all.pop();
    }
}

fn unify(a: Split, b: Split) -> Option<Split> {
    match (a, b) {
        (Split::Free(n), Split::Free(m)) => (n == m).then_some(a),
        (Split::Fixed(..), Split::Fixed(..)) => (a == b).then_some(a),
        (Split::Free(n), Split::Fixed(rows, columns))
        | (Split::Fixed(rows, columns), Split::Free(n)) => {
            (n == rows * columns || n == rows).then_some(Split::Fixed(rows, columns))
        }
    }
}
