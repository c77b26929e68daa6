use crate::ops::{Lowering, ReduceMax, Sum};
use crate::passes::push;
use crate::{Graph, Node, Op, Value};

/// Cuts reductions into steps that kernels have: neighboring axes at a time, the last first; and of
/// a reduction to one element first the last axis, which joins the kernel that makes the elements.
pub(super) fn split(graph: &Graph, wanted: &mut [Value]) -> Graph {
    super::rewrite(graph, wanted, |new, _, mut node| {
        let Lowering::Reduce(_, axes) = node.op.lower() else { return push(new, node) };
        let sizes = new.shape(node.inputs[0]).clone();
        let wide: Vec<usize> = axes.iter().copied().filter(|&axis| sizes[axis] != 1).collect();
        if wide.is_empty() || node.shape.size() == 0 || sizes.size() == 0 {
            return push(new, node);
        }
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for &axis in wide.iter().rev() {
            let neighbor = groups
                .last()
                .and_then(|group| group.last())
                .is_some_and(|&next| (axis + 1..next).all(|between| sizes[between] == 1));
            let one_result = node.shape.size() == 1;
            match groups.last_mut() {
                Some(group)
                    if neighbor && !(one_result && group.len() == 1 && axes_end(&wide, group)) =>
                {
                    group.push(axis);
                }
                _ => groups.push(vec![axis]),
            }
        }
        let mut input = node.inputs[0];
        let scope = node.scope.clone();
        for mut group in groups {
            group.sort_unstable();
            let shape = new.shape(input).collapsed(&group);
            let op = match node.op {
                Op::ReduceMax(_) => Op::from(ReduceMax { axes: group }),
                _ => Op::from(Sum { axes: group }),
            };
            node = Node { op, inputs: vec![input], shape, scope: scope.clone() };
            input = push(new, node.clone());
        }
        input
    })
}

/// Whether a group of axes is the last of the reduced ones.
fn axes_end(wide: &[usize], group: &[usize]) -> bool {
    wide.last() == group.first()
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::check;

    #[test]
    fn reductions_are_cut_into_neighboring_axes() {
        let x = r#"%0 = input {name = "x", shape = [2, 3, 4, 5]} : [2, 3, 4, 5]"#;
        let splits = |before: &str, after: &str| {
            check(super::split, &format!("{x}\n{before}"), &format!("{x}\n{after}"));
        };
        splits(
            "%1 = sum {axes = [0, 2]} %0 : [1, 3, 1, 5]",
            "%1 = sum {axes = [2]} %0 : [2, 3, 1, 5]\n%2 = sum {axes = [0]} %1 : [1, 3, 1, 5]",
        );
        splits(
            "%1 = sum {axes = [1, 2]} %0 : [2, 1, 1, 5]",
            "%1 = sum {axes = [1, 2]} %0 : [2, 1, 1, 5]",
        );
        splits(
            "%1 = sum {axes = [0, 1, 2, 3]} %0 : [1, 1, 1, 1]",
            "%1 = sum {axes = [3]} %0 : [2, 3, 4, 1]\n%2 = sum {axes = [0, 1, 2]} %1 : [1, 1, 1, 1]",
        );
    }
}
