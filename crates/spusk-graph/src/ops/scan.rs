//! Recurrence: a body graph that runs once for every turn.

mod vjp;

use std::sync::Arc;

use crate::ops::{Attributes, Call, Lowering, Pick, Rules, Sample, Vjp};
use crate::{Array, Graph, Op, Shape, Trace, Value, Var, verify};

/// `(c[t+1], values[t]) = body(c[t], x[t], w)` for t = 0, …, T - 1, or from T - 1 down to 0 if `reverse`.
///
/// The inputs are the first carries, the sequences (T slices along the leading axis, one a turn) and
/// the constants, in this order; the body's first nodes are inputs for one turn of each, in the same
/// order. The result is the *record*: a flat array with every computed value of the body and every
/// carry that comes in, each stacked over time ([T, …], index t for the turn that reads x[t]), in the
/// order of the body. [`Pick`] takes a value out of it. Only what is picked is ever written: the record
/// itself does not exist in a plan that nobody asks for it.
///
/// So the gradient needs no second result: it picks what it needs of the same record, and is a scan
/// in the other direction over what it has picked.
#[derive(Debug, Clone)]
pub struct Scan {
    /// One turn. Without states, random numbers and scans.
    pub body: Arc<Graph>,
    /// T, at least 1.
    pub turns: usize,
    /// Whether the last slice of the sequences comes first.
    pub reverse: bool,
    /// The body's values that the carries have in the next turn.
    pub carries: Vec<Value>,
    /// How many inputs are sequences.
    pub sequences: usize,
}

impl Scan {
    /// Whether the record holds a value of the body: all but constants and what comes from outside.
    pub(crate) fn is_recorded(&self, value: Value) -> bool {
        value.index() < self.carries.len()
            || !matches!(self.body.node(value).op.lower(), Lowering::Leaf)
    }

    /// The op that takes a value of the body out of the record; `None` if the record does not hold it.
    pub(crate) fn pick(&self, value: Value) -> Option<Pick> {
        if !self.is_recorded(value) {
            return None;
        }
        let before = self.body.values().take(value.index()).filter(|&v| self.is_recorded(v));
        let size = |v: Value| self.turns * self.body.shape(v).size();
        Some(Pick { start: before.map(size).sum(), shape: self.stacked(self.body.shape(value)) })
    }

    /// The value of the body that an element run of the record is.
    pub fn picked(&self, start: usize, size: usize) -> Option<Value> {
        let mut at = 0;
        for value in self.body.values().filter(|&v| self.is_recorded(v)) {
            let length = self.turns * self.body.shape(value).size();
            if (at, length) == (start, size) {
                return Some(value);
            }
            at += length;
        }
        None
    }

    /// The shape of a value over all turns.
    pub(crate) fn stacked(&self, shape: &Shape) -> Shape {
        let sizes = std::iter::once(self.turns).chain(shape.iter().copied());
        sizes.collect::<Vec<_>>().into()
    }

    fn check_body(&self, inputs: &[&Shape]) -> Result<(), String> {
        let nodes = self.body.nodes();
        if nodes.len() < inputs.len() || self.carries.len() + self.sequences > inputs.len() {
            return Err(format!(
                "{} inputs for {} carries and {} sequences of a body of {} nodes",
                inputs.len(),
                self.carries.len(),
                self.sequences,
                nodes.len()
            ));
        }
        for (i, node) in nodes.iter().enumerate() {
            match &node.op {
                Op::Input(_) if i < inputs.len() => {}
                Op::State(_) | Op::Random(_) | Op::Scan(_) | Op::Input(_) => {
                    return Err(format!("%{i} of the body is a {}; take it in", node.op.name()));
                }
                _ if i < inputs.len() => {
                    return Err(format!("%{i} of the body is a {}, no input", node.op.name()));
                }
                _ => {}
            }
        }
        verify(&self.body).map_err(|error| format!("body: {error}"))
    }

    /// The sizes that one turn sees of an input.
    fn turn_shape(&self, i: usize, input: &Shape) -> Result<Shape, String> {
        if !(self.carries.len()..self.carries.len() + self.sequences).contains(&i) {
            return Ok(input.clone());
        }
        match input.split_first() {
            Some((&turns, rest)) if turns == self.turns => Ok(rest.into()),
            _ => Err(format!("sequence {input} for {} turns; they are its first axis", self.turns)),
        }
    }
}

impl Rules for Scan {
    const NAME: &'static str = "scan";
    fn attributes(&self) -> Attributes {
        let carries: Vec<usize> = self.carries.iter().map(|value| value.index()).collect();
        Attributes::none()
            .sizes("turns", &[self.turns])
            .sizes("reverse", &[usize::from(self.reverse)])
            .sizes("carries", &carries)
            .sizes("sequences", &[self.sequences])
            .text("body", &self.body.to_string())
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let one = |name: &str| match attributes.get_sizes(name)?[..] {
            [size] => Ok(size),
            ref other => Err(format!("attribute `{name}` is {other:?}, expected one number")),
        };
        let body = crate::parse(&attributes.get_text("body")?);
        let body = body.map_err(|error| format!("body: {error}"))?;
        let value = |&i: &usize| match body.values().nth(i) {
            Some(value) => Ok(value),
            None => Err(format!("the body has no %{i}, which is to be a carry")),
        };
        let carries =
            attributes.get_sizes("carries")?.iter().map(value).collect::<Result<_, _>>()?;
        Ok(Scan {
            turns: one("turns")?,
            reverse: one("reverse")? != 0,
            sequences: one("sequences")?,
            carries,
            body: Arc::new(body),
        })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        self.check_body(inputs)?;
        if self.turns == 0 {
            return Err("0 turns, expected at least 1".into());
        }
        for (i, input) in inputs.iter().enumerate() {
            let (turn, node) = (self.turn_shape(i, input)?, &self.body.nodes()[i]);
            if node.shape != turn {
                return Err(format!("%{i} of the body has shape {}, got {turn}", node.shape));
            }
        }
        for (i, &next) in self.carries.iter().enumerate() {
            let first = &self.body.nodes()[i].shape;
            let next = self.body.nodes().get(next.index()).map(|node| &node.shape);
            if next != Some(first) {
                return Err(format!("carry {i} of shape {first} has {next:?} in the next turn"));
            }
        }
        let sizes = self.body.values().filter(|&v| self.is_recorded(v));
        let size: usize = sizes.map(|v| self.body.shape(v).size()).sum();
        Ok([self.turns * size].into())
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let body = &*self.body;
        let mut stacks: Vec<Vec<f64>> =
            body.nodes().iter().map(|node| vec![0.0; self.turns * node.shape.size()]).collect();
        let mut carries: Vec<Array> =
            inputs[..self.carries.len()].iter().map(|&c| c.clone()).collect();
        for turn in 0..self.turns {
            let t = if self.reverse { self.turns - 1 - turn } else { turn };
            let mut found: Vec<Array> = Vec::with_capacity(body.nodes().len());
            for (i, node) in body.nodes().iter().enumerate() {
                let size = node.shape.size();
                let value = if i < carries.len() {
                    carries[i].clone()
                } else if i < carries.len() + self.sequences {
                    let slice = &inputs[i].data[t * size..(t + 1) * size];
                    Array::new(node.shape.clone(), slice.to_vec())
                } else if i < inputs.len() {
                    inputs[i].clone()
                } else {
                    let operands: Vec<&Array> =
                        node.inputs.iter().map(|input| &found[input.index()]).collect();
                    node.op.reference(&operands, &node.shape)
                };
                stacks[i][t * size..(t + 1) * size].copy_from_slice(&value.data);
                found.push(value);
            }
            carries = self.carries.iter().map(|next| found[next.index()].clone()).collect();
        }
        let recorded = body.values().filter(|&v| self.is_recorded(v));
        let data = recorded.flat_map(|v| std::mem::take(&mut stacks[v.index()])).collect();
        Array::new(shape.clone(), data)
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        Vjp::Inputs(vjp::gradients(self, call))
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Loop
    }
    fn samples() -> Vec<Sample<Self>> {
        let inputs = |given: &[(&[usize], f64, f64)]| -> Vec<(Shape, f64, f64)> {
            given.iter().map(|&(shape, lo, hi)| (shape.into(), lo, hi)).collect()
        };
        let plain = |turns: usize, reverse: bool, rows: usize, size: usize| {
            let trace = Trace::new();
            let h = trace.input("c0", &[rows, size]);
            let x = trace.input("x0", &[rows, size]);
            let (w, b) = (trace.input("w0", &[size, size]), trace.input("w1", &[1, size]));
            let next = (x + h.matmul(w) + b.broadcast(&[rows, size])).tanh();
            let op = made(&trace, turns, reverse, &[next], 1);
            let state = &[rows, size][..];
            let inputs = inputs(&[
                (state, -1.0, 1.0),
                (&[turns, rows, size], -1.0, 1.0),
                // Small enough that differences of h² tell third derivatives.
                (&[size, size], -1.0 / size as f64, 1.0 / size as f64),
                (&[1, size], -1.0, 1.0),
            ]);
            Sample { op, inputs }
        };
        // Two carries, of which one takes over the other's old value, and a value beside them.
        let pair = |turns: usize| {
            let trace = Trace::new();
            let (a, b) = (trace.input("c0", &[3]), trace.input("c1", &[3]));
            let next = (a * b + 0.5).sin();
            let _ = next * a;
            let op = made(&trace, turns, false, &[next, a], 0);
            Sample { op, inputs: inputs(&[(&[3], -1.0, 1.0), (&[3], -1.0, 1.0)]) }
        };
        vec![plain(3, false, 2, 3), plain(2, true, 1, 16), plain(1, false, 2, 2), pair(3)]
    }
}

/// A scan whose body a trace has recorded.
fn made(trace: &Trace, turns: usize, reverse: bool, next: &[Var<'_>], sequences: usize) -> Scan {
    let carries = next.iter().filter_map(|var| var.value()).collect();
    let body = Arc::new(trace.graph().clone());
    Scan { body, turns, reverse, carries, sequences }
}
