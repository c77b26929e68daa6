//! The slow way to run a graph: every op by its definition, in f64.

use std::collections::BTreeMap;

use crate::ops::{Input, State};
use crate::{Array, Graph, GraphError, Op, Value};

/// The values of some nodes, from arrays for the inputs and states that they need.
pub fn evaluate(
    graph: &Graph,
    given: &BTreeMap<String, Array>,
    wanted: &[Value],
) -> Result<Vec<Array>, GraphError> {
    let mut needed = vec![false; graph.nodes().len()];
    for value in wanted {
        needed[value.index()] = true;
    }
    for value in graph.values().rev() {
        if needed[value.index()] {
            for input in &graph.node(value).inputs {
                needed[input.index()] = true;
            }
        }
    }
    let mut found: Vec<Option<Array>> = vec![None; needed.len()];
    for value in graph.values().filter(|v| needed[v.index()]) {
        found[value.index()] = Some(compute(graph, value, given, &found)?);
    }
    let take = |value: &Value| found[value.index()].clone().expect("wanted values are computed");
    Ok(wanted.iter().map(take).collect())
}

fn compute(
    graph: &Graph,
    value: Value,
    given: &BTreeMap<String, Array>,
    found: &[Option<Array>],
) -> Result<Array, GraphError> {
    let node = graph.node(value);
    if let Op::Input(Input { name, shape }) | Op::State(State { name, shape }) = &node.op {
        let error = |what| GraphError::new(node.scope.to_string(), what);
        let array = given.get(name).ok_or_else(|| error(format!("input `{name}` is not given")))?;
        if array.shape != *shape {
            let got = &array.shape;
            return Err(error(format!("input `{name}` has shape {got}, expected {shape}")));
        }
        return Ok(array.clone());
    }
    let input = |v: &Value| found[v.index()].as_ref().expect("inputs stand before their use");
    let inputs: Vec<&Array> = node.inputs.iter().map(input).collect();
    Ok(node.op.reference(&inputs, &node.shape))
}
