use crate::ops::{Broadcast, Constant, MatMul, Reshape, Sum, Transpose};
use crate::passes::push;
use crate::{Graph, Node, Op, Shape, Value};

/// Computes what is constant, and applies identities: x + 0, x · 1, x · 0 is kept (x may be NaN),
/// −(−x), views of views, transposes that cancel.
pub(super) fn fold(graph: &Graph, wanted: &mut [Value]) -> Graph {
    super::rewrite(graph, wanted, |new, _, node| {
        let folded = uniform(new, &node).map(|value| {
            let shape = node.shape.clone();
            push(new, Node { op: Constant { value, shape }.into(), inputs: vec![], ..node.clone() })
        });
        folded.or_else(|| identity(new, &node)).unwrap_or_else(|| push(new, node))
    })
}

/// The number of a value that is one number everywhere.
fn constant(graph: &Graph, value: Value) -> Option<f64> {
    match &graph.node(value).op {
        Op::Constant(constant) => Some(constant.value),
        _ => None,
    }
}

/// What a function of constants is everywhere.
fn uniform(graph: &Graph, node: &Node) -> Option<f64> {
    use crate::ops::Lowering::{Binary, Broadcast, Relu, Select, Unary, View};
    if node.inputs.is_empty() || node.shape.size() == 0 {
        return None;
    }
    if !matches!(node.op.lower(), Unary(_) | Relu | Binary(_) | Select | View | Broadcast) {
        return None;
    }
    let inputs: Vec<f64> =
        node.inputs.iter().map(|&v| constant(graph, v)).collect::<Option<_>>()?;
    if matches!(node.op.lower(), View | Broadcast) {
        return Some(inputs[0]);
    }
    let scalars: Vec<_> = inputs.iter().map(|&x| crate::Array::filled([], x)).collect();
    let scalars: Vec<_> = scalars.iter().collect();
    Some(node.op.reference(&scalars, &crate::Shape::default()).data[0])
}

/// An earlier value that equals the node.
fn identity(graph: &mut Graph, node: &Node) -> Option<Value> {
    let input = |i: usize| node.inputs[i];
    let is = |graph: &Graph, i: usize, number: f64| constant(graph, input(i)) == Some(number);
    let before = |graph: &Graph| graph.node(input(0)).clone();
    match &node.op {
        Op::Add(_) if is(graph, 0, 0.0) => Some(input(1)),
        Op::Add(_) | Op::Sub(_) if is(graph, 1, 0.0) => Some(input(0)),
        Op::Mul(_) if is(graph, 0, 1.0) => Some(input(1)),
        Op::Mul(_) | Op::Div(_) | Op::Pow(_) if is(graph, 1, 1.0) => Some(input(0)),
        Op::Neg(_) => match before(graph) {
            Node { op: Op::Neg(_), inputs, .. } => Some(inputs[0]),
            _ => None,
        },
        Op::Reshape(op) => match before(graph) {
            Node { shape, .. } if shape == op.shape => Some(input(0)),
            Node { op: Op::Reshape(_), inputs, .. } => {
                if *graph.shape(inputs[0]) == op.shape {
                    return Some(inputs[0]);
                }
                let op = Reshape { shape: op.shape.clone() }.into();
                Some(push(graph, Node { op, inputs, ..node.clone() }))
            }
            _ => None,
        },
        Op::Broadcast(op) => match before(graph) {
            Node { shape, .. } if shape == op.shape => Some(input(0)),
            Node { op: Op::Broadcast(_), inputs, .. } => {
                let op = Broadcast { shape: op.shape.clone() }.into();
                Some(push(graph, Node { op, inputs, ..node.clone() }))
            }
            _ => None,
        },
        Op::Transpose(op) => match before(graph) {
            Node { op: Op::Transpose(first), inputs, .. } => {
                let order: Vec<usize> = op.order.iter().map(|&axis| first.order[axis]).collect();
                if order.is_sorted() {
                    return Some(inputs[0]);
                }
                let op = Transpose { order }.into();
                Some(push(graph, Node { op, inputs, ..node.clone() }))
            }
            _ if op.order.is_sorted() => Some(input(0)),
            _ => None,
        },
        Op::Sum(op) if op.axes.iter().all(|&axis| graph.shape(input(0))[axis] == 1) => {
            Some(input(0))
        }
        Op::Sum(op) if op.axes == [0] => over_time(graph, node),
        _ => None,
    }
}

/// The sum over the first axis, which is often that of turns, of a product `a[T, B, M]ᵀ · b[T, B, N]` as
/// one product over T·B, and of a sum over the second axis as one sum over both.
fn over_time(graph: &mut Graph, node: &Node) -> Option<Value> {
    let Node { op, inputs, shape, .. } = graph.node(node.inputs[0]).clone();
    match op {
        Op::Sum(first) if first.axes == [1] && shape.rank() == 3 => {
            let op = Sum { axes: vec![0, 1] }.into();
            Some(push(graph, Node { op, inputs, ..node.clone() }))
        }
        Op::MatMul(_) if shape.rank() == 3 => {
            let Node { op, inputs: turned, shape: left, .. } = graph.node(inputs[0]).clone();
            let Op::Transpose(Transpose { order }) = op else { return None };
            if order != [0, 2, 1] {
                return None;
            }
            let (rows, m, n) = (left[0] * left[2], left[1], shape[2]);
            let mut add = |op: Op, inputs: Vec<Value>, shape: Shape| {
                push(graph, Node { op, inputs, shape, scope: node.scope.clone() })
            };
            let (a, b) = (Shape::from([rows, m]), Shape::from([rows, n]));
            let a = add(Reshape { shape: a.clone() }.into(), vec![turned[0]], a);
            let b = add(Reshape { shape: b.clone() }.into(), vec![inputs[1]], b);
            let a = add(Transpose { order: vec![1, 0] }.into(), vec![a], [m, rows].into());
            let product = add(MatMul.into(), vec![a, b], [m, n].into());
            let shape = node.shape.clone();
            Some(add(Reshape { shape: shape.clone() }.into(), vec![product], shape))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::passes::tests::check;

    const X: &str = r#"%0 = input {name = "x", shape = [2, 3]} : [2, 3]"#;

    fn folds(before: &str, after: &str) {
        check(super::fold, &format!("{X}\n{before}"), &format!("{X}\n{after}"));
    }

    #[test]
    fn identities_go() {
        folds(
            "%1 = neg %0 : [2, 3]\n%2 = neg %1 : [2, 3]\n%3 = exp %2 : [2, 3]",
            "%1 = exp %0 : [2, 3]",
        );
        folds(
            "%1 = constant {value = 0.0, shape = [2, 3]} : [2, 3]\n%2 = add %0 %1 : [2, 3]\n\
             %3 = exp %2 : [2, 3]",
            "%1 = exp %0 : [2, 3]",
        );
        folds(
            "%1 = transpose {order = [1, 0]} %0 : [3, 2]\n%2 = transpose {order = [1, 0]} %1 : [2, 3]\n\
             %3 = exp %2 : [2, 3]",
            "%1 = exp %0 : [2, 3]",
        );
        folds(
            "%1 = reshape {shape = [1, 2, 3]} %0 : [1, 2, 3]\n\
             %2 = transpose {order = [2, 0, 1]} %1 : [3, 1, 2]\n\
             %3 = transpose {order = [0, 2, 1]} %2 : [3, 2, 1]\n%4 = exp %3 : [3, 2, 1]",
            "%1 = reshape {shape = [1, 2, 3]} %0 : [1, 2, 3]\n\
             %2 = transpose {order = [2, 1, 0]} %1 : [3, 2, 1]\n%3 = exp %2 : [3, 2, 1]",
        );
        folds(
            "%1 = reshape {shape = [6]} %0 : [6]\n%2 = reshape {shape = [3, 2]} %1 : [3, 2]",
            "%1 = reshape {shape = [3, 2]} %0 : [3, 2]",
        );
    }

    #[test]
    fn constants_are_computed() {
        folds(
            "%1 = constant {value = 2.0, shape = []} : []\n%2 = exp %1 : []\n\
             %3 = reshape {shape = [1, 1]} %2 : [1, 1]\n\
             %4 = broadcast {shape = [2, 3]} %3 : [2, 3]\n%5 = mul %0 %4 : [2, 3]",
            "%1 = constant {value = 7.38905609893065, shape = [2, 3]} : [2, 3]\n%2 = mul %0 %1 : [2, 3]",
        );
    }

    #[test]
    fn zero_times_x_stays_because_x_may_be_nan() {
        let kept = "%1 = constant {value = 0.0, shape = [2, 3]} : [2, 3]\n%2 = mul %0 %1 : [2, 3]";
        folds(kept, kept);
    }
}
