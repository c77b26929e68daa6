//! The gradient of a scan: a scan in the other direction over values that the first one has recorded.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Scan;
use crate::grad::pull_back;
use crate::ops::{Call, Input, Lowering, Reshape};
use crate::{Graph, Node, Op, Trace, Value, Var};

/// The gradients of all inputs.
///
/// With c̄ for the gradient of a carry and v̄[t] for that of a picked value, a turn computes
/// `(c̄[t], x̄[t], w̄[t]) = vjp of the body (c̄[t+1], v̄[t])`, of which c̄ is the carry; w̄ = Σ_t w̄[t]. Values
/// of the first scan that this needs are sequences, picked from its record.
pub(super) fn gradients<'t>(scan: &Scan, call: &Call<'t>) -> Vec<Option<Var<'t>>> {
    let inner = Trace::from_graph((*scan.body).clone());
    let stacked = cotangents(scan, call.cotangent);
    let shape = |value: Value| scan.body.shape(value);
    let input = |name: String, value: Value| (value, inner.input(&name, shape(value)));
    let carries: Vec<(Value, Var<'_>)> = (scan.carries.iter().enumerate())
        .map(|(i, &next)| input(format!("carry {i}"), next))
        .collect();
    let picked: Vec<(Value, Var<'_>)> =
        stacked.keys().map(|&value| input(format!("gradient of {value}"), value)).collect();
    let seeds: Vec<(Value, Var<'_>)> = carries.iter().chain(&picked).copied().collect();
    let wanted: Vec<Value> = scan.body.values().take(call.inputs.len()).collect();
    let found = pull_back(&inner, &seeds, &wanted);
    let recorded = |(&value, gradient): (&Value, Option<Var<'_>>)| -> Option<Value> {
        let gradient = match gradient {
            None if value.index() < scan.carries.len() => inner.full(0.0, shape(value)),
            found => found?,
        };
        // The record holds neither constants nor sequences, but every computed value.
        inner.apply(Reshape { shape: shape(value).clone() }, &[gradient]).value()
    };
    let results: Vec<Option<Value>> = wanted.iter().zip(found).map(recorded).collect();
    let places = |vars: &[(Value, Var<'_>)]| -> Vec<Value> {
        vars.iter().filter_map(|(_, var)| var.value()).collect()
    };
    let mut backward = Backward {
        scan,
        call,
        graph: inner.graph().clone(),
        carries: places(&carries),
        picked: places(&picked).into_iter().zip(stacked.values().copied()).collect(),
        sequences: Vec::new(),
        constants: Vec::new(),
    };
    backward.run(&results)
}

/// The gradients of the body's values, each over all turns, as far as they are not 0 for certain.
///
/// The gradient of a record is a sum of padded pieces, one for each pick; taking the pieces as they are
/// spares the zeros between them.
fn cotangents<'t>(scan: &Scan, cotangent: Var<'t>) -> BTreeMap<Value, Var<'t>> {
    let trace = cotangent.trace();
    let mut pieces: BTreeMap<Value, Var<'t>> = BTreeMap::new();
    let mut add = |value: Value, piece: Var<'t>| {
        let sum = pieces.get(&value).map_or(piece, |&earlier| earlier + piece);
        pieces.insert(value, sum);
    };
    let mut stack: Vec<Var<'t>> = vec![cotangent];
    while let Some(var) = stack.pop() {
        let Some(value) = var.value() else { continue };
        let node = trace.graph().node(value).clone();
        if let Op::Add(_) = &node.op {
            stack.extend(node.inputs.iter().map(|&input| trace.var(input)));
        } else if let Some((value, piece)) = piece(scan, trace, &node) {
            add(value, piece);
        } else {
            for value in scan.body.values() {
                if let Some(pick) = scan.pick(value) {
                    add(value, trace.apply(pick, &[var]));
                }
            }
        }
    }
    pieces
}

/// The gradient of one value over time, out of the zeros around it.
fn piece<'t>(scan: &Scan, trace: &'t Trace, node: &Node) -> Option<(Value, Var<'t>)> {
    let Op::Pad(pad) = &node.op else { return None };
    let flat = trace.var(node.inputs[0]);
    let value = scan.picked(*pad.before.first()?, flat.size())?;
    Some((value, flat.reshape(&scan.stacked(scan.body.shape(value)))))
}

struct Backward<'s, 't> {
    scan: &'s Scan,
    call: &'s Call<'t>,
    /// The body with its gradients.
    graph: Graph,
    /// Where the gradients of the carries come in.
    carries: Vec<Value>,
    /// Where the gradients of picked values come in, and these over all turns.
    picked: HashMap<Value, Var<'t>>,
    /// What of the graph comes in as slices of a sequence, or stays the same in every turn.
    sequences: Vec<(Value, Var<'t>)>,
    constants: Vec<(Value, Var<'t>)>,
}

impl<'t> Backward<'_, 't> {
    fn run(&mut self, results: &[Option<Value>]) -> Vec<Option<Var<'t>>> {
        let copied = self.collect(results);
        let incoming: Vec<Value> = (self.carries.iter().copied())
            .chain(self.sequences.iter().map(|(value, _)| *value))
            .chain(self.constants.iter().map(|(value, _)| *value))
            .collect();
        let mut body = Graph::default();
        let mut map: HashMap<Value, Value> = HashMap::new();
        for (i, &value) in incoming.iter().enumerate() {
            let node = self.graph.node(value);
            let op = Input { name: i.to_string(), shape: node.shape.clone() }.into();
            map.insert(value, body.push(Node { op, inputs: vec![], ..node.clone() }));
        }
        for value in copied {
            let mut node = self.graph.node(value).clone();
            for input in &mut node.inputs {
                *input = map[input];
            }
            map.insert(value, body.push(node));
        }
        let next = results[..self.carries.len()].iter().flatten().map(|value| map[value]).collect();
        let op = Scan {
            body: Arc::new(body),
            turns: self.scan.turns,
            reverse: !self.scan.reverse,
            carries: next,
            sequences: self.sequences.len(),
        };
        let trace = self.call.output.trace();
        let zeros = self.carries.iter().map(|&value| trace.full(0.0, self.graph.shape(value)));
        let others = self.sequences.iter().chain(&self.constants).map(|(_, var)| *var);
        let inputs: Vec<Var<'t>> = zeros.chain(others).collect();
        let record = trace.apply(op.clone(), &inputs);
        let gradient = |(i, result): (usize, &Option<Value>)| {
            let stacked = trace.apply(op.pick(map[&(*result)?])?, &[record]);
            Some(self.over_turns(i, stacked))
        };
        results.iter().enumerate().map(gradient).collect()
    }

    /// The gradient of input i from the gradients that the turns have found.
    fn over_turns(&self, i: usize, stacked: Var<'t>) -> Var<'t> {
        let Scan { turns, reverse, carries, sequences, .. } = self.scan;
        let shape = self.call.inputs[i].shape();
        if i < carries.len() {
            let first = if *reverse { turns - 1 } else { 0 };
            return stacked.narrow(0, first, first + 1).reshape(&shape);
        }
        if i < carries.len() + sequences {
            stacked
        } else {
            stacked.sum_keeping(&[0]).reshape(&shape)
        }
    }

    /// Finds what the results need: the nodes that a turn computes, in order, and what comes in.
    fn collect(&mut self, results: &[Option<Value>]) -> Vec<Value> {
        let mut needed = vec![false; self.graph.nodes().len()];
        for value in results.iter().flatten() {
            needed[value.index()] = true;
        }
        let mut copied = Vec::new();
        for value in self.graph.values().rev() {
            if !needed[value.index()] || self.carries.contains(&value) || self.comes_in(value) {
                continue;
            }
            copied.push(value);
            for input in &self.graph.node(value).inputs {
                needed[input.index()] = true;
            }
        }
        copied.reverse();
        self.sequences.reverse();
        self.constants.reverse();
        copied
    }

    /// Whether a value comes from outside of the new loop, and then from where.
    fn comes_in(&mut self, value: Value) -> bool {
        let trace = self.call.output.trace();
        if let Some(&gradient) = self.picked.get(&value) {
            self.sequences.push((value, gradient));
            return true;
        }
        let first = self.scan.carries.len();
        if value.index() >= first && value.index() < self.call.inputs.len() {
            let of = if value.index() < first + self.scan.sequences {
                &mut self.sequences
            } else {
                &mut self.constants
            };
            of.push((value, self.call.inputs[value.index()]));
            return true;
        }
        if value.index() >= self.scan.body.nodes().len() || self.is_free(value) {
            return false;
        }
        let Some(pick) = self.scan.pick(value) else { return false };
        self.sequences.push((value, trace.apply(pick, &[self.call.output])));
        true
    }

    /// Whether computing a value of the first body again costs less than reading it.
    fn is_free(&self, value: Value) -> bool {
        value.index() >= self.call.inputs.len()
            && matches!(
                self.graph.node(value).op.lower(),
                Lowering::View | Lowering::Broadcast | Lowering::Transpose(_)
            )
    }
}
