use std::collections::HashSet;

use crate::ops::Lowering;
use crate::passes::push;
use crate::{Graph, Value};

/// Makes a value of two repeated ones anew for everybody who reads it, such as an attention's mask from the
/// numbers of its rows and columns: to compare two registers costs less than to read what others have found
/// out of memory, where it would stand from the way forward to the way back.
pub(super) fn remake(graph: &Graph, wanted: &mut [Value]) -> Graph {
    let mut read: HashSet<Value> = HashSet::new();
    super::rewrite(graph, wanted, |new, _, mut node| {
        for input in &mut node.inputs {
            if !read.insert(*input) && is_cheap(new, *input) {
                let again = new.node(*input).clone();
                *input = push(new, again);
            }
        }
        push(new, node)
    })
}

/// Whether a value is a simple function of two values that are smaller and only repeated.
fn is_cheap(graph: &Graph, value: Value) -> bool {
    let node = graph.node(value);
    let is_repeated = |&input: &Value| {
        let node = graph.node(input);
        let from = node.inputs.first().map(|&from| graph.shape(from).size());
        matches!(node.op.lower(), Lowering::Broadcast) && from < Some(node.shape.size())
    };
    matches!(node.op.lower(), Lowering::Binary(_)) && node.inputs.iter().all(is_repeated)
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::check;

    #[test]
    fn what_two_repeated_values_give_is_made_by_every_reader() {
        let given = r#"%0 = input {name = "x", shape = [3, 1]} : [3, 1]
            %1 = input {name = "y", shape = [1, 4]} : [1, 4]
            %2 = broadcast {shape = [3, 4]} %0 : [3, 4]
            %3 = broadcast {shape = [3, 4]} %1 : [3, 4]
            %4 = greater %2 %3 : [3, 4]"#;
        check(
            super::remake,
            &format!("{given}\n%5 = exp %4 : [3, 4]\n%6 = add %4 %5 : [3, 4]"),
            &format!(
                "{given}\n%5 = exp %4 : [3, 4]\n%6 = greater %2 %3 : [3, 4]\n%7 = add %6 %5 : [3, 4]"
            ),
        );
    }

    #[test]
    fn what_costs_as_much_to_read_is_computed_once() {
        let text = r#"%0 = input {name = "x", shape = [3, 4]} : [3, 4]
            %1 = input {name = "y", shape = [1, 4]} : [1, 4]
            %2 = broadcast {shape = [3, 4]} %1 : [3, 4]
            %3 = greater %0 %2 : [3, 4]
            %4 = exp %3 : [3, 4]
            %5 = add %3 %4 : [3, 4]"#;
        check(super::remake, text, text);
    }
}
