//! Rewrites of a graph, one a file. Each keeps the values of what is wanted (within rounding).

mod dead;
mod dedupe;
mod fission;
mod fold;
mod gathers;
mod remake;
mod scans;
mod split;

use crate::{Graph, Node, Value};

/// Runs every pass; `wanted` is updated to the new graph's values.
pub fn optimize(graph: &Graph, wanted: &mut [Value]) -> Graph {
    let mut graph = dead::dead(graph, wanted);
    if graph.nodes.iter().any(|node| matches!(node.op, crate::Op::Scan(_))) {
        graph = scans::records(&graph, wanted);
        graph = scans::bodies(&graph, wanted);
        graph = fission::fission(&graph, wanted);
        graph = dead::dead(&graph, wanted);
        graph = scans::bodies(&graph, wanted);
    }
    // Folding makes copies that dedupe finds; both make dead nodes.
    graph = fold::fold(&graph, wanted);
    if graph.nodes.iter().any(|node| matches!(node.op, crate::Op::Gather(_))) {
        graph = gathers::gathers(&graph, wanted);
        graph = fold::fold(&graph, wanted);
    }
    graph = split::split(&graph, wanted);
    graph = dedupe::dedupe(&graph, wanted);
    graph = remake::remake(&graph, wanted);
    dead::dead(&graph, wanted)
}

/// Copies a graph node by node. `step` gets the new graph and the node with its inputs already
/// mapped, and returns the value that stands for it.
fn rewrite(
    graph: &Graph,
    wanted: &mut [Value],
    mut step: impl FnMut(&mut Graph, Value, Node) -> Value,
) -> Graph {
    let mut new = Graph::default();
    let mut map: Vec<Value> = Vec::with_capacity(graph.nodes.len());
    for value in graph.values() {
        let mut node = graph.node(value).clone();
        for input in &mut node.inputs {
            *input = map[input.index()];
        }
        map.push(step(&mut new, value, node));
    }
    for value in wanted {
        *value = map[value.index()];
    }
    new
}

/// Adds a node as it is.
fn push(graph: &mut Graph, node: Node) -> Value {
    graph.push(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a pass on a graph text whose last line is wanted.
    pub(crate) fn check(pass: impl Fn(&Graph, &mut [Value]) -> Graph, before: &str, after: &str) {
        let lines = |text: &str| {
            text.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
        };
        let graph = crate::parse(before).expect("the test's text is right");
        let mut wanted = [graph.values().next_back().expect("the test has a node")];
        let found = dead::dead(&pass(&graph, &mut wanted), &mut wanted);
        assert_eq!(lines(&found.to_string()), lines(after));
    }
}
