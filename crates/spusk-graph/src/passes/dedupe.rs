use std::collections::HashMap;

use crate::passes::push;
use crate::{Graph, Value};

/// Computes equal expressions once.
pub(super) fn dedupe(graph: &Graph, wanted: &mut [Value]) -> Graph {
    let mut seen: HashMap<String, Value> = HashMap::new();
    super::rewrite(graph, wanted, |new, _, node| {
        let key = format!("{:?} {:?}", node.op, node.inputs);
        *seen.entry(key).or_insert_with(|| push(new, node))
    })
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::check;

    #[test]
    fn equal_expressions_are_computed_once() {
        check(
            super::dedupe,
            r#"%0 = input {name = "x", shape = [2]} : [2]
               %1 = exp %0 : [2]
               %2 = exp %0 : [2]
               %3 = add %1 %2 : [2]"#,
            r#"%0 = input {name = "x", shape = [2]} : [2]
               %1 = exp %0 : [2]
               %2 = add %1 %1 : [2]"#,
        );
    }
}
