use std::collections::HashMap;
use std::sync::Arc;

use crate::ops::{Input, Lowering, Reshape, Rules, Scan, Transpose};
use crate::passes::push;
use crate::passes::scans::scan_of_pick;
use crate::{Graph, Node, Op, Shape, Value, fuse};

/// Moves work out of loops. In front of them: what is the same in every turn, and products that depend
/// on no carry, as one product over all turns. Behind them: products, reductions and rearrangements that
/// no later turn needs, so that Σ_t aₜᵀ · gₜ becomes one product over stacked values.
pub(super) fn fission(graph: &Graph, wanted: &mut [Value]) -> Graph {
    let mut made: HashMap<Value, Split> = HashMap::new();
    super::rewrite(graph, wanted, |new, value, node| {
        if let Op::Scan(scan) = &node.op {
            let split = Split::new(new, scan, &node);
            let record = split.record;
            made.insert(value, split);
            return record;
        }
        if let Some((scan, inside)) = summed_over_turns(graph, value) {
            let split = made.get_mut(&scan).expect("a scan stands before its picks");
            if let Some(sum) = split.conv_weight(new, inside, &node) {
                return sum;
            }
        }
        match scan_of_pick(graph, value) {
            Some((scan, _, Some(inside))) => {
                let split = made.get_mut(&scan).expect("a scan stands before its picks");
                let (found, _) = split.behind(new, inside);
                let op = Reshape { shape: node.shape.clone() }.into();
                push(new, Node { op, inputs: vec![found], ..node })
            }
            _ => push(new, node),
        }
    })
}

/// The scan and the value of its body of which a node is the sum over all turns.
fn summed_over_turns(graph: &Graph, value: Value) -> Option<(Value, Value)> {
    let node = graph.node(value);
    let Op::Sum(sum) = &node.op else { return None };
    let stacked = node.inputs[0];
    let picked = fuse::root(graph, stacked);
    let (scan, op, inside) = scan_of_pick(graph, picked)?;
    let by_turns = |value: Value| graph.shape(value).first() == Some(&op.turns);
    (sum.axes == [0] && by_turns(stacked) && by_turns(picked)).then_some((scan, inside?))
}

/// A value of the surrounding graph, and whether it has an axis of turns in front.
type Outer = (Value, bool);

/// A scan with less in its body.
struct Split {
    /// As it was.
    old: Scan,
    inputs: Vec<Value>,
    /// As it is.
    scan: Scan,
    record: Value,
    /// What old values of the body are in the new one.
    map: HashMap<Value, Value>,
    /// What is computed outside.
    outside: HashMap<Value, Outer>,
    /// Whether a later turn needs a value.
    needed: Vec<bool>,
    node: Node,
}

impl Split {
    fn new(graph: &mut Graph, scan: &Scan, node: &Node) -> Split {
        let body = scan.body.clone();
        let mut needed = vec![false; body.nodes.len()];
        scan.carries.iter().for_each(|next| needed[next.index()] = true);
        for i in (0..needed.len()).rev() {
            if needed[i] {
                body.nodes[i].inputs.iter().for_each(|input| needed[input.index()] = true);
            }
        }
        let mut split = Split {
            old: scan.clone(),
            inputs: node.inputs.clone(),
            scan: scan.clone(),
            record: Value(0),
            map: HashMap::new(),
            outside: HashMap::new(),
            needed,
            node: node.clone(),
        };
        let hoisted = split.hoist(graph);
        split.rebuild(graph, &hoisted);
        split
    }

    /// Computes in front of the loop what pays there; returns these values.
    fn hoist(&mut self, graph: &mut Graph) -> Vec<Value> {
        let body = self.old.body.clone();
        let moves = self.moves();
        let mut hoisted = Vec::new();
        for value in body.values().skip(self.inputs.len()) {
            let lowering = body.node(value).op.lower();
            // Views and broadcasts are ways of reading: as good inside.
            if matches!(lowering, Lowering::Leaf | Lowering::View | Lowering::Broadcast) {
                continue;
            }
            let product = matches!(lowering, Lowering::MatMul);
            if let Some(moves) = moves[value.index()]
                && (product || !moves)
                && self.in_front(graph, value).is_some()
            {
                hoisted.push(value);
            }
        }
        hoisted
    }

    /// Of each value whether it changes from turn to turn; `None` if it does so by a carry.
    fn moves(&self) -> Vec<Option<bool>> {
        let carries = self.old.carries.len();
        let mut moves: Vec<Option<bool>> = Vec::with_capacity(self.needed.len());
        for (i, node) in self.old.body.nodes.iter().enumerate() {
            moves.push(match i {
                i if i < carries => None,
                i if i < self.inputs.len() => Some(i < carries + self.old.sequences),
                _ => node.inputs.iter().try_fold(false, |any, v| Some(any | moves[v.index()]?)),
            });
        }
        moves
    }

    /// A value that depends on no carry, computed in front of the loop.
    fn in_front(&mut self, graph: &mut Graph, value: Value) -> Option<Outer> {
        if let Some(found) = self.known_outside(graph, value) {
            return found;
        }
        let node = self.old.body.node(value).clone();
        let inputs: Vec<Outer> =
            node.inputs.iter().map(|&input| self.in_front(graph, input)).collect::<Option<_>>()?;
        let found = lift(graph, &node, &inputs, self.old.turns)?;
        self.outside.insert(value, found);
        Some(found)
    }

    /// What is known outside already; `Some(None)` for carries, which never are.
    fn known_outside(&mut self, graph: &mut Graph, value: Value) -> Option<Option<Outer>> {
        if let Some(&found) = self.outside.get(&value) {
            return Some(Some(found));
        }
        let carries = self.old.carries.len();
        if value.index() < carries {
            return Some(None);
        }
        if let Some(&input) = self.inputs.get(value.index()) {
            return Some(Some((input, value.index() < carries + self.old.sequences)));
        }
        let node = self.old.body.node(value);
        if matches!(node.op.lower(), Lowering::Leaf) {
            let found = (push(graph, node.clone()), false);
            self.outside.insert(value, found);
            return Some(Some(found));
        }
        None
    }

    /// Builds the loop again, with what was hoisted as sequences and constants.
    fn rebuild(&mut self, graph: &mut Graph, hoisted: &[Value]) {
        let carries = self.old.carries.len();
        let given = carries + self.old.sequences;
        let inputs: Vec<Value> = self.old.body.values().take(self.inputs.len()).collect();
        let stacked = |value: &&Value| self.outside[*value].1;
        let mut incoming: Vec<Value> = inputs[..given].to_vec();
        incoming.extend(hoisted.iter().filter(stacked));
        let sequences = incoming.len() - carries;
        incoming.extend(&inputs[given..]);
        incoming.extend(hoisted.iter().filter(|value| !stacked(value)));
        let mut body = Graph::default();
        let mut outer = Vec::with_capacity(incoming.len());
        for (i, &value) in incoming.iter().enumerate() {
            let node = self.old.body.node(value).clone();
            let op = Input { name: i.to_string(), shape: node.shape.clone() }.into();
            self.map.insert(value, push(&mut body, Node { op, inputs: vec![], ..node }));
            let input = self.inputs.get(value.index()).copied();
            outer.push(input.unwrap_or_else(|| self.outside[&value].0));
        }
        for value in self.old.body.values().skip(self.inputs.len()) {
            if !self.map.contains_key(&value) {
                let mut node = self.old.body.node(value).clone();
                node.inputs.iter_mut().for_each(|input| *input = self.map[input]);
                self.map.insert(value, push(&mut body, node));
            }
        }
        let next = self.old.carries.iter().map(|next| self.map[next]).collect();
        self.scan = Scan { body: Arc::new(body), carries: next, sequences, ..self.old.clone() };
        let shapes: Vec<&Shape> = outer.iter().map(|&input| graph.shape(input)).collect();
        let shape = self.scan.infer(&shapes).expect("moving work out of a loop keeps it right");
        let op = self.scan.clone().into();
        self.record = push(graph, Node { op, inputs: outer, shape, ..self.node.clone() });
    }

    /// A picked value over all turns, computed behind the loop if it may and pays there.
    fn behind(&mut self, graph: &mut Graph, value: Value) -> Outer {
        if let Some(Some(found)) = self.known_outside(graph, value) {
            return found;
        }
        let node = self.old.body.node(value).clone();
        let suits = matches!(
            node.op.lower(),
            Lowering::MatMul | Lowering::Reduce(..) | Lowering::Transpose(_) | Lowering::View
        );
        if value.index() >= self.inputs.len() && suits && !self.needed[value.index()] {
            let inputs: Vec<Outer> =
                node.inputs.iter().map(|&input| self.behind(graph, input)).collect();
            if let Some(found) = lift(graph, &node, &inputs, self.old.turns) {
                self.outside.insert(value, found);
                return found;
            }
        }
        let pick = self.scan.pick(self.map[&value]).expect("a computed value is recorded");
        let (op, shape) = (pick.clone().into(), pick.shape);
        let inputs = vec![self.record];
        let found = (push(graph, Node { op, inputs, shape, ..node }), true);
        self.outside.insert(value, found);
        found
    }
}

impl Split {
    /// The gradient of a convolution's weights, summed over the turns: that of the images of all turns.
    fn conv_weight(&mut self, graph: &mut Graph, value: Value, sum: &Node) -> Option<Value> {
        let body = self.old.body.clone();
        let value = fuse::root(&body, value);
        let node = body.node(value);
        if !matches!(node.op, Op::ConvWeight(_)) || self.needed[value.index()] {
            return None;
        }
        let mut images = Vec::with_capacity(2);
        for &input in &node.inputs {
            let (found, stacked) = self.behind(graph, input);
            let [turns, batch, rest @ ..] = &graph.shape(found)[..] else { return None };
            if !stacked {
                return None;
            }
            let shape: Shape = [&[turns * batch], rest].concat().into();
            let op = Reshape { shape: shape.clone() }.into();
            images.push(push(graph, Node { op, inputs: vec![found], shape, ..node.clone() }));
        }
        let weights = push(graph, Node { inputs: images, ..node.clone() });
        let op = Reshape { shape: sum.shape.clone() }.into();
        Some(push(graph, Node { op, inputs: vec![weights], ..sum.clone() }))
    }
}

/// A node for all turns at once, from operands of which at least those that change have an axis of
/// turns; `None` if it has no such form.
fn lift(graph: &mut Graph, node: &Node, inputs: &[Outer], turns: usize) -> Option<Outer> {
    let values: Vec<Value> = inputs.iter().map(|&(value, _)| value).collect();
    let depth = graph.shape(values[0]).last().copied()?;
    let with = |sizes: &[usize]| -> Shape { [&[turns], sizes].concat().into() };
    let mut add = |op: Op, inputs: &[Value], shape: Shape| {
        push(graph, Node { op, inputs: inputs.to_vec(), shape, scope: node.scope.clone() })
    };
    if inputs.iter().all(|(_, stacked)| !stacked) {
        return Some((add(node.op.clone(), &values, node.shape.clone()), false));
    }
    let all = inputs.iter().all(|&(_, stacked)| stacked);
    let shape = with(&node.shape);
    let later = |axes: &[usize]| axes.iter().map(|axis| axis + 1).collect::<Vec<usize>>();
    let lifted = match (&node.op, node.op.lower()) {
        (op, Lowering::Unary(_) | Lowering::Relu | Lowering::Binary(_) | Lowering::Select)
            if all =>
        {
            add(op.clone(), &values, shape)
        }
        (op, Lowering::MatMul) if all => add(op.clone(), &values, shape),
        (op, Lowering::MatMul) if inputs[0].1 && node.shape.rank() == 2 => {
            let (rows, columns) = (turns * node.shape[0], node.shape[1]);
            let flat = Shape::from([rows, depth]);
            let a = add(Reshape { shape: flat.clone() }.into(), &values[..1], flat);
            let product = add(op.clone(), &[a, values[1]], [rows, columns].into());
            add(Reshape { shape: shape.clone() }.into(), &[product], shape)
        }
        (Op::Sum(sum), _) => add(crate::ops::Sum { axes: later(&sum.axes) }.into(), &values, shape),
        (_, Lowering::Transpose(order)) => {
            let order = [vec![0], later(order)].concat();
            add(Transpose { order }.into(), &values, shape)
        }
        (_, Lowering::View) => add(Reshape { shape: shape.clone() }.into(), &values, shape),
        _ => return None,
    };
    Some((lifted, true))
}
