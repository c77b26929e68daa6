use std::sync::Arc;

use crate::ops::{Add, Broadcast, Gather, MatMul, Reshape, ScatterAdd, Transpose};
use crate::passes::push;
use crate::{Graph, Node, Op, Shape, Value};

/// Works on a table's rows before they are taken instead of on what was taken, where a batch takes more
/// rows than the table has: letters, say, of which a text has thousands and an alphabet a hundred. With
/// `X = gather(T, ids)`
///
/// - `X · W` is `gather(T · W, ids)`, and `X + b` with one b for all rows is `gather(T + b, ids)`;
/// - `Xᵀ · G` is `Tᵀ · scatter_add(ids, G)`;
/// - `scatter_add(ids, G · W + …)` is `scatter_add(ids, G) · W + …`, since a sum of products of rows is the
///   product of their sum.
///
/// An id without a row gives NaN as before in what is taken; in the second form it is left out.
pub(super) fn gathers(graph: &Graph, wanted: &mut [Value]) -> Graph {
    super::rewrite(graph, wanted, |new, _, node| {
        let found = match &node.op {
            Op::MatMul(_) => product(new, &node),
            Op::Add(_) => sum(new, &node),
            Op::ScatterAdd(op) => {
                let [ids, g] = [node.inputs[0], node.inputs[1]];
                let mut left = MOST_TERMS;
                scattered(new, op, ids, g, &node.scope, &mut left)
            }
            _ => None,
        };
        found.unwrap_or_else(|| push(new, node))
    })
}

/// Rows `[…, D]` taken from a table `[V, D]`.
struct Rows {
    table: Value,
    /// `[…]`.
    ids: Value,
}

/// Of what rows of a table a value consists, if they are at least twice as many as the table has.
fn rows(graph: &mut Graph, value: Value) -> Option<Rows> {
    let (mut at, mut views) = (value, Vec::new());
    while let Some((view, from)) = View::of_rows(graph, at) {
        views.push(view);
        at = from;
    }
    let Node { op: Op::Gather(_), inputs, scope, .. } = graph.node(at).clone() else { return None };
    let (table, mut ids) = (inputs[0], inputs[1]);
    if !pays(graph.shape(table)[0], graph.shape(ids).size()) {
        return None;
    }
    for view in views.into_iter().rev() {
        ids = make(graph, view.op(), &[ids], &scope);
    }
    Some(Rows { table, ids })
}

/// Whether to work on the rows of a table costs less than on those taken from it, with what it costs to take
/// them from the result.
fn pays(table: usize, taken: usize) -> bool {
    2 * table <= taken
}

/// Another arrangement of rows: what becomes of the sizes in front of the last one.
enum View {
    Reshape(Shape),
    Transpose(Vec<usize>),
}

impl View {
    /// Of a value that holds the rows of another one: how, and that one.
    fn of_rows(graph: &Graph, value: Value) -> Option<(View, Value)> {
        let node = graph.node(value);
        let front = node.shape.rank().checked_sub(1)?;
        let view = match &node.op {
            Op::Reshape(op) => View::Reshape(op.shape[..front].into()),
            Op::Transpose(op) if op.order[front] == front => {
                View::Transpose(op.order[..front].to_vec())
            }
            _ => return None,
        };
        let from = node.inputs[0];
        (graph.shape(from).last() == node.shape.last()).then_some((view, from))
    }

    fn op(self) -> Op {
        match self {
            View::Reshape(shape) => Reshape { shape }.into(),
            View::Transpose(order) => Transpose { order }.into(),
        }
    }

    /// The way back to rows `[before…, D]`.
    fn back(self, before: &Shape) -> View {
        match self {
            View::Reshape(_) => View::Reshape(before[..before.rank() - 1].into()),
            View::Transpose(order) => {
                let mut back = vec![0; order.len()];
                order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
                View::Transpose(back)
            }
        }
    }
}

/// A product in which an operand is rows of a table.
fn product(graph: &mut Graph, node: &Node) -> Option<Value> {
    let &[a, b] = &node.inputs[..] else { return None };
    if node.shape.rank() != 2 {
        return None;
    }
    let scope = &node.scope;
    if let Some(Rows { table, ids }) = rows(graph, a) {
        let small = make(graph, MatMul, &[table, b], scope);
        return Some(make(graph, Gather, &[small, ids], scope));
    }
    let Node { op: Op::Transpose(_), inputs, .. } = graph.node(a) else { return None };
    let a = inputs[0];
    if let Some(Rows { table, ids }) = rows(graph, a) {
        let rows = graph.shape(table)[0];
        let summed = make(graph, ScatterAdd { rows }, &[ids, b], scope);
        let table = transpose(graph, table, scope);
        return Some(make(graph, MatMul, &[table, summed], scope));
    }
    let Rows { table, ids } = rows(graph, b)?;
    let rows = graph.shape(table)[0];
    let summed = make(graph, ScatterAdd { rows }, &[ids, a], scope);
    let summed = transpose(graph, summed, scope);
    Some(make(graph, MatMul, &[summed, table], scope))
}

/// Rows of a table, to each of which the same is added.
fn sum(graph: &mut Graph, node: &Node) -> Option<Value> {
    let same = |graph: &Graph, value: Value| {
        let Node { op: Op::Broadcast(_), inputs, .. } = graph.node(value) else { return None };
        let from = graph.shape(inputs[0]);
        (from.last() == node.shape.last() && from.last() == Some(&from.size())).then_some(inputs[0])
    };
    let &[a, b] = &node.inputs[..] else { return None };
    let (taken, row) = match (same(graph, a), same(graph, b)) {
        (None, Some(row)) => (a, row),
        (Some(row), None) => (b, row),
        _ => return None,
    };
    let Rows { table, ids } = rows(graph, taken)?;
    let (shape, scope) = (graph.shape(table).clone(), &node.scope);
    let row = make(graph, Reshape { shape: [1, shape[1]].into() }, &[row], scope);
    let repeated = make(graph, Broadcast { shape }, &[row], scope);
    let table = make(graph, Add, &[table, repeated], scope);
    Some(make(graph, Gather, &[table, ids], scope))
}

/// Sums that are looked through: one whose terms are sums of the same would be walked through over and over.
const MOST_TERMS: usize = 64;

/// The rows `g[…, D]` added up by the numbers `ids[…]`, if they are products, or sums of such, whose rows can
/// be added up before; `left` is how many sums it may still look through.
fn scattered(
    graph: &mut Graph,
    op: &ScatterAdd,
    ids: Value,
    g: Value,
    scope: &Arc<str>,
    left: &mut usize,
) -> Option<Value> {
    if let Some((view, from)) = View::of_rows(graph, g) {
        let view = view.back(graph.shape(from));
        let ids = make(graph, view.op(), &[ids], scope);
        return scattered(graph, op, ids, from, scope, left);
    }
    let node = graph.node(g);
    let (rank, rows) = (node.shape.rank(), node.shape[0]);
    match (&node.op, &node.inputs[..]) {
        (Op::Add(_), &[a, b]) => {
            *left = left.checked_sub(1)?;
            let a = scattered(graph, op, ids, a, scope, left)?;
            let b = scattered(graph, op, ids, b, scope, left)?;
            Some(make(graph, Add, &[a, b], scope))
        }
        (Op::MatMul(_), &[a, b]) if rank == 2 && pays(op.rows, rows) => {
            let summed = make(graph, *op, &[ids, a], scope);
            Some(make(graph, MatMul, &[summed, b], scope))
        }
        _ => None,
    }
}

fn transpose(graph: &mut Graph, matrix: Value, scope: &Arc<str>) -> Value {
    make(graph, Transpose { order: vec![1, 0] }, &[matrix], scope)
}

fn make(graph: &mut Graph, op: impl Into<Op>, inputs: &[Value], scope: &Arc<str>) -> Value {
    graph.apply(op, inputs, scope).expect("sizes fit where those of the product did")
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::check;

    const GIVEN: &str = r#"%0 = input {name = "table", shape = [3, 5]} : [3, 5]
        %1 = input {name = "ids", shape = [2, 4]} : [2, 4]"#;

    fn becomes(before: &str, after: &str) {
        check(super::gathers, &format!("{GIVEN}\n{before}"), &format!("{GIVEN}\n{after}"));
    }

    #[test]
    fn products_and_sums_with_taken_rows_are_taken_from_those_of_the_table() {
        becomes(
            r#"%2 = input {name = "w", shape = [5, 6]} : [5, 6]
            %3 = input {name = "b", shape = [1, 1, 6]} : [1, 1, 6]
            %4 = gather %0 %1 : [2, 4, 5]
            %5 = transpose {order = [1, 0, 2]} %4 : [4, 2, 5]
            %6 = reshape {shape = [8, 5]} %5 : [8, 5]
            %7 = matmul %6 %2 : [8, 6]
            %8 = reshape {shape = [4, 2, 6]} %7 : [4, 2, 6]
            %9 = broadcast {shape = [4, 2, 6]} %3 : [4, 2, 6]
            %10 = add %9 %8 : [4, 2, 6]"#,
            r#"%2 = input {name = "w", shape = [5, 6]} : [5, 6]
            %3 = input {name = "b", shape = [1, 1, 6]} : [1, 1, 6]
            %4 = transpose {order = [1, 0]} %1 : [4, 2]
            %5 = reshape {shape = [8]} %4 : [8]
            %6 = matmul %0 %2 : [3, 6]
            %7 = reshape {shape = [4, 2]} %5 : [4, 2]
            %8 = reshape {shape = [1, 6]} %3 : [1, 6]
            %9 = broadcast {shape = [3, 6]} %8 : [3, 6]
            %10 = add %6 %9 : [3, 6]
            %11 = gather %10 %7 : [4, 2, 6]"#,
        );
    }

    #[test]
    fn gradients_are_added_up_by_ids_before_they_meet_the_table() {
        becomes(
            r#"%2 = input {name = "g", shape = [8, 6]} : [8, 6]
            %3 = gather %0 %1 : [2, 4, 5]
            %4 = reshape {shape = [8, 5]} %3 : [8, 5]
            %5 = transpose {order = [1, 0]} %4 : [5, 8]
            %6 = matmul %5 %2 : [5, 6]"#,
            r#"%2 = input {name = "g", shape = [8, 6]} : [8, 6]
            %3 = reshape {shape = [8]} %1 : [8]
            %4 = scatter_add {size = [3]} %3 %2 : [3, 6]
            %5 = transpose {order = [1, 0]} %0 : [5, 3]
            %6 = matmul %5 %4 : [5, 6]"#,
        );
        becomes(
            r#"%2 = input {name = "g", shape = [8, 6]} : [8, 6]
            %3 = gather %0 %1 : [2, 4, 5]
            %4 = reshape {shape = [8, 5]} %3 : [8, 5]
            %5 = transpose {order = [1, 0]} %2 : [6, 8]
            %6 = matmul %5 %4 : [6, 5]"#,
            r#"%2 = input {name = "g", shape = [8, 6]} : [8, 6]
            %3 = reshape {shape = [8]} %1 : [8]
            %4 = scatter_add {size = [3]} %3 %2 : [3, 6]
            %5 = transpose {order = [1, 0]} %4 : [6, 3]
            %6 = matmul %5 %0 : [6, 5]"#,
        );
        check(
            super::gathers,
            r#"%0 = input {name = "ids", shape = [2, 4]} : [2, 4]
            %1 = input {name = "g", shape = [8, 6]} : [8, 6]
            %2 = input {name = "w", shape = [6, 5]} : [6, 5]
            %3 = matmul %1 %2 : [8, 5]
            %4 = reshape {shape = [4, 2, 5]} %3 : [4, 2, 5]
            %5 = add %4 %4 : [4, 2, 5]
            %6 = transpose {order = [1, 0, 2]} %5 : [2, 4, 5]
            %7 = scatter_add {size = [3]} %0 %6 : [3, 5]"#,
            r#"%0 = input {name = "ids", shape = [2, 4]} : [2, 4]
            %1 = input {name = "g", shape = [8, 6]} : [8, 6]
            %2 = input {name = "w", shape = [6, 5]} : [6, 5]
            %3 = transpose {order = [1, 0]} %0 : [4, 2]
            %4 = reshape {shape = [8]} %3 : [8]
            %5 = scatter_add {size = [3]} %4 %1 : [3, 6]
            %6 = matmul %5 %2 : [3, 5]
            %7 = reshape {shape = [8]} %3 : [8]
            %8 = scatter_add {size = [3]} %7 %1 : [3, 6]
            %9 = matmul %8 %2 : [3, 5]
            %10 = add %6 %9 : [3, 5]"#,
        );
    }

    #[test]
    fn sums_of_the_same_sums_are_not_walked_through_for_ever() {
        let mut kept = r#"%0 = input {name = "ids", shape = [8]} : [8]
            %1 = input {name = "g", shape = [8, 6]} : [8, 6]
            %2 = input {name = "w", shape = [6, 5]} : [6, 5]
            %3 = matmul %1 %2 : [8, 5]"#
            .to_string();
        for i in 4..80 {
            kept += &format!("\n%{i} = add %{0} %{0} : [8, 5]", i - 1);
        }
        kept += "\n%80 = scatter_add {size = [3]} %0 %79 : [3, 5]";
        check(super::gathers, &kept, &kept);
    }

    #[test]
    fn few_rows_of_a_large_table_stay_as_they_are() {
        let kept = r#"%0 = input {name = "table", shape = [5, 5]} : [5, 5]
            %1 = input {name = "ids", shape = [8]} : [8]
            %2 = gather %0 %1 : [8, 5]
            %3 = matmul %2 %0 : [8, 5]
            %4 = scatter_add {size = [5]} %1 %3 : [5, 5]"#;
        check(super::gathers, kept, kept);
    }
}
