use std::collections::HashMap;
use std::sync::Arc;

use crate::ops::{Broadcast, Concat, Input, Pick, Reshape, Scan};
use crate::passes::push;
use crate::{Graph, Node, Op, Shape, Value, fuse};

/// Where a record itself is needed, makes it of its pieces; so behind this pass only picks of whole
/// values of a body read a scan.
pub(super) fn records(graph: &Graph, wanted: &mut [Value]) -> Graph {
    let whole = |value: Value| matches!(scan_of_pick(graph, value), Some((_, _, Some(_))));
    let mut read = vec![false; graph.nodes.len()];
    for value in graph.values().filter(|&value| !whole(value)) {
        graph.node(value).inputs.iter().for_each(|input| read[input.index()] = true);
    }
    wanted.iter().for_each(|value| read[value.index()] = true);
    let mut scans: HashMap<Value, Value> = HashMap::new();
    super::rewrite(graph, wanted, |new, value, mut node| {
        if let Some((scan, _, Some(_))) = scan_of_pick(graph, value) {
            node.inputs = vec![scans[&scan]];
        }
        let Op::Scan(scan) = node.op.clone() else { return push(new, node) };
        let (shape, scope) = (node.shape.clone(), node.scope.clone());
        let made = push(new, node);
        scans.insert(value, made);
        if !read[value.index()] {
            return made;
        }
        let pieces = scan.body.values().filter_map(|value| scan.pick(value));
        let inputs = pieces
            .map(|pick| {
                let shape = Shape::from([pick.shape.size()]);
                let op = Pick { shape: shape.clone(), ..pick }.into();
                push(new, Node { op, inputs: vec![made], shape, scope: scope.clone() })
            })
            .collect();
        push(new, Node { op: Concat { axis: 0 }.into(), inputs, shape, scope })
    })
}

/// Simplifies the bodies of scans, leaves out of them what nobody picks and no turn needs, and takes
/// tables of numbers in from outside.
pub(super) fn bodies(graph: &Graph, wanted: &mut [Value]) -> Graph {
    let mut picked: HashMap<Value, Vec<Value>> = HashMap::new();
    for value in graph.values() {
        if let Some((scan, _, Some(inside))) = scan_of_pick(graph, value) {
            picked.entry(scan).or_default().push(inside);
        }
    }
    let mut made: HashMap<Value, Simplified> = HashMap::new();
    super::rewrite(graph, wanted, |new, value, node| {
        if let Op::Scan(scan) = &node.op {
            let inside = picked.get(&value).map_or(&[][..], |inside| inside);
            let simplified = Simplified::new(new, scan, &node, inside);
            let record = simplified.record;
            made.insert(value, simplified);
            return record;
        }
        match scan_of_pick(graph, value) {
            Some((scan, _, Some(inside))) => made[&scan].pick(new, inside, &node),
            _ => push(new, node),
        }
    })
}

/// The scan that a pick reads, its op, and the value of its body if the pick is just that.
pub(super) fn scan_of_pick(graph: &Graph, value: Value) -> Option<(Value, &Scan, Option<Value>)> {
    let node = graph.node(value);
    let Op::Pick(pick) = &node.op else { return None };
    match &graph.node(node.inputs[0]).op {
        Op::Scan(scan) => Some((node.inputs[0], scan, scan.picked(pick.start, pick.shape.size()))),
        _ => None,
    }
}

/// A scan with a simpler body.
struct Simplified {
    scan: Scan,
    record: Value,
    inputs: Vec<Value>,
    /// What values of the old body are in the new one.
    map: HashMap<Value, Value>,
}

impl Simplified {
    fn new(graph: &mut Graph, scan: &Scan, node: &Node, picked: &[Value]) -> Simplified {
        let mut old = (*scan.body).clone();
        // Names that nobody else has, so that no two inputs are taken for one.
        for (i, inner) in old.nodes.iter_mut().enumerate().take(node.inputs.len()) {
            inner.op = Input { name: i.to_string(), shape: inner.shape.clone() }.into();
        }
        let mut values = scan.carries.clone();
        values.extend(picked);
        let body = crate::optimize(&old, &mut values);
        let mut builder = Builder { graph, body: &body, node, inputs: Vec::new() };
        let (body, map) = builder.run(scan);
        let inputs = builder.inputs;
        let new = |value: &Value| map[value];
        let carries: Vec<Value> = values[..scan.carries.len()].iter().map(new).collect();
        let sequences = body.1;
        let scan = Scan { body: Arc::new(body.0), carries, sequences, ..scan.clone() };
        let shapes: Vec<&Shape> = inputs.iter().map(|&input| graph.shape(input)).collect();
        let shape = crate::ops::Rules::infer(&scan, &shapes)
            .expect("a scan stays right when its body is simplified");
        let op = scan.clone().into();
        let record = push(graph, Node { op, inputs: inputs.clone(), shape, ..node.clone() });
        let olds = picked.iter().copied();
        let map = olds.zip(values[scan.carries.len()..].iter().map(new)).collect();
        Simplified { scan, record, inputs, map }
    }

    /// What a pick of the old body's value is now.
    fn pick(&self, graph: &mut Graph, inside: Value, node: &Node) -> Value {
        let value = self.map[&inside];
        let source = fuse::root(&self.scan.body, value);
        let add = |graph: &mut Graph, op: Op, input: Value, shape: Shape| {
            push(graph, Node { op, inputs: vec![input], shape, scope: node.scope.clone() })
        };
        let reshape = |graph: &mut Graph, input: Value, shape: &Shape| {
            add(graph, Reshape { shape: shape.clone() }.into(), input, shape.clone())
        };
        if self.scan.is_recorded(source) {
            let pick = self.scan.pick(source).expect("it is recorded");
            let shape = pick.shape.clone();
            let picked = add(graph, pick.into(), self.record, shape);
            return reshape(graph, picked, &node.shape);
        }
        let first = self.scan.carries.len();
        let outer = match self.scan.body.node(source).op.clone() {
            Op::Input(_) => self.inputs[source.index()],
            constant => {
                let shape = self.scan.body.shape(source).clone();
                push(graph, Node { op: constant, inputs: vec![], shape, scope: node.scope.clone() })
            }
        };
        if (first..first + self.scan.sequences).contains(&source.index()) {
            return reshape(graph, outer, &node.shape);
        }
        // The same in every turn.
        let mut sizes = node.shape.to_vec();
        sizes[0] = 1;
        let one = reshape(graph, outer, &sizes.into());
        add(graph, Broadcast { shape: node.shape.clone() }.into(), one, node.shape.clone())
    }
}

/// Puts a body together again: first its inputs in order, without those that nothing reads.
struct Builder<'g> {
    graph: &'g mut Graph,
    body: &'g Graph,
    node: &'g Node,
    inputs: Vec<Value>,
}

impl Builder<'_> {
    /// The body with the number of its sequences, and what values have become.
    fn run(&mut self, scan: &Scan) -> ((Graph, usize), HashMap<Value, Value>) {
        let mut found: HashMap<usize, Value> = HashMap::new();
        let mut tables = Vec::new();
        for value in self.body.values() {
            match &self.body.node(value).op {
                Op::Input(input) => {
                    let number = input.name.parse().expect("the inputs have numbers as names");
                    found.insert(number, value);
                }
                Op::Literal(_) => tables.push(value),
                _ => {}
            }
        }
        let (mut new, mut map) = (Graph::default(), HashMap::new());
        let mut sequences = 0;
        for (i, &outer) in self.node.inputs.iter().enumerate() {
            let carried = i < scan.carries.len();
            if !carried && !found.contains_key(&i) {
                continue;
            }
            let value = self.take_in(&mut new, scan.body.nodes()[i].clone(), outer);
            map.extend(found.get(&i).map(|&old| (old, value)));
            sequences += usize::from(!carried && i < scan.carries.len() + scan.sequences);
        }
        for &table in &tables {
            let node = self.body.node(table).clone();
            let outer = push(self.graph, node.clone());
            let value = self.take_in(&mut new, node, outer);
            map.insert(table, value);
        }
        for value in self.body.values() {
            if map.contains_key(&value) {
                continue;
            }
            let mut node = self.body.node(value).clone();
            node.inputs.iter_mut().for_each(|input| *input = map[input]);
            map.insert(value, push(&mut new, node));
        }
        ((new, sequences), map)
    }

    fn take_in(&mut self, new: &mut Graph, node: Node, outer: Value) -> Value {
        let name = self.inputs.len().to_string();
        self.inputs.push(outer);
        let op = Input { name, shape: node.shape.clone() }.into();
        push(new, Node { op, inputs: vec![], ..node })
    }
}
