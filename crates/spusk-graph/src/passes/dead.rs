use crate::passes::push;
use crate::{Graph, Value};

/// Drops what no wanted value needs.
pub(super) fn dead(graph: &Graph, wanted: &mut [Value]) -> Graph {
    let mut needed = vec![false; graph.nodes.len()];
    for value in wanted.iter() {
        needed[value.index()] = true;
    }
    for (i, node) in graph.nodes.iter().enumerate().rev() {
        if needed[i] {
            for input in &node.inputs {
                needed[input.index()] = true;
            }
        }
    }
    // Dead nodes map to any value; nobody asks for it.
    super::rewrite(
        graph,
        wanted,
        |new, value, node| {
            if needed[value.index()] { push(new, node) } else { Value(0) }
        },
    )
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::check;

    #[test]
    fn unused_nodes_go() {
        check(
            super::dead,
            r#"%0 = input {name = "x", shape = [2]} : [2]
               %1 = exp %0 : [2]
               %2 = log %0 : [2]"#,
            r#"%0 = input {name = "x", shape = [2]} : [2]
               %1 = log %0 : [2]"#,
        );
    }
}
