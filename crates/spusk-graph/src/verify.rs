//! What makes a graph legal.
//!
//! 1. Inputs of a node stand before it.
//! 2. A node's shape is what its op infers from its inputs.
//! 3. Inputs and states of one name have one shape and one kind.
//! 4. Streams of random ops differ.

use std::collections::HashMap;

use crate::{Graph, GraphError, Op, Shape};

/// Checks every rule; the error names the node and shows its text.
pub fn verify(graph: &Graph) -> Result<(), GraphError> {
    let mut names: HashMap<(bool, &str), &Shape> = HashMap::new();
    let mut streams: HashMap<u64, &Shape> = HashMap::new();
    for value in graph.values() {
        let node = graph.node(value);
        let error = |what: String| {
            let text = crate::text::line(graph, value);
            Err(GraphError::new(node.scope.to_string(), format!("{text}: {what}")))
        };
        if let Some(late) = node.inputs.iter().find(|input| **input >= value) {
            return error(format!("input {late} does not stand before its use"));
        }
        let shapes: Vec<&Shape> = node.inputs.iter().map(|&input| graph.shape(input)).collect();
        match node.op.infer(&shapes) {
            Err(what) => return error(what),
            Ok(shape) if shape != node.shape => {
                return error(format!("shape {}, but the op makes {shape}", node.shape));
            }
            Ok(_) => {}
        }
        let declared = match &node.op {
            Op::Input(op) => Some((true, &*op.name, &op.shape)),
            Op::State(op) => Some((false, &*op.name, &op.shape)),
            _ => None,
        };
        if let Some((is_input, name, shape)) = declared
            && (names.contains_key(&(!is_input, name))
                || *names.entry((is_input, name)).or_insert(shape) != shape)
        {
            return error(format!("`{name}` is declared twice, differently"));
        }
        if let Op::Random(op) = &node.op
            && streams.insert(op.stream, &op.shape).is_some()
        {
            return error(format!("stream {} is used twice", op.stream));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{Trace, Value, verify};

    #[test]
    fn broken_graphs_are_refused() {
        let trace = Trace::new();
        let x = trace.input("x", &[2, 3]);
        let _ = (x + 1.0).sum();
        let good = trace.graph().clone();
        assert_eq!(verify(&good), Ok(()));

        let mut late = good.clone();
        late.nodes[2].inputs[0] = Value(3);
        assert!(verify(&late).expect_err("late").to_string().contains("%3 does not stand before"));

        let mut shape = good.clone();
        shape.nodes[0].shape = [3, 3].into();
        assert!(verify(&shape).expect_err("shape").to_string().contains("the op makes [2, 3]"));

        let twice = Trace::new();
        let (_, _) = (twice.input("x", &[2]), twice.state("x", &[2]));
        let error = verify(&twice.graph()).expect_err("two kinds").to_string();
        assert!(error.contains("`x` is declared twice"), "{error}");
    }
}
