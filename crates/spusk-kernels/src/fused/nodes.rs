//! A checked kernel in a simpler form: special shapes taken out, unused values found, and known
//! over what every value varies.

use super::function::Apply;
use crate::{Access, Fused, FusedOp, Place, ReduceKind, TileBinary};

/// Over what a value varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Over nothing.
    Scalar,
    /// Over the columns.
    Row,
    /// Over the rows.
    Column,
    /// Over both.
    Full,
}

impl Class {
    pub(super) fn new(rows: bool, columns: bool) -> Class {
        match (rows, columns) {
            (false, false) => Class::Scalar,
            (false, true) => Class::Row,
            (true, false) => Class::Column,
            (true, true) => Class::Full,
        }
    }

    /// Whether over the rows, and whether over the columns.
    pub(super) fn varies(self) -> (bool, bool) {
        match self {
            Class::Scalar => (false, false),
            Class::Row => (false, true),
            Class::Column => (true, false),
            Class::Full => (true, true),
        }
    }

    fn join(self, other: Class) -> Class {
        let (a, b) = (self.varies(), other.varies());
        Class::new(a.0 || b.0, a.1 || b.1)
    }
}

/// A value or a store.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Input(usize),
    Constant(f64),
    Apply(Apply, Vec<usize>),
    Reduce(ReduceKind, usize),
    Store(usize, usize),
    ColumnSum(usize, usize),
}

impl Node {
    pub(super) fn arguments(&self) -> &[usize] {
        match self {
            Node::Input(_) | Node::Constant(_) => &[],
            Node::Apply(_, arguments) => arguments,
            Node::Reduce(_, x) | Node::Store(x, _) | Node::ColumnSum(x, _) => {
                std::slice::from_ref(x)
            }
        }
    }
}

/// A kernel over `rows` × `columns`, both above 0 unless there is nothing to do.
#[derive(Debug)]
pub(super) struct Nodes {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) list: Vec<Node>,
    /// The class of every node's value.
    pub(super) classes: Vec<Class>,
    /// Whether a node's value is stored, or used by one that is.
    pub(super) live: Vec<bool>,
    pub(super) inputs: Vec<(Place, Class)>,
    /// [`Class::Column`] or [`Class::Full`].
    pub(super) outputs: Vec<(Place, Class)>,
    /// What column sums are written to.
    pub(super) sums: Vec<Place>,
}

impl Nodes {
    /// Rows longer than this are cut into segments (there are no row reductions in them), and
    /// nothing is computed for a whole row at once.
    pub(super) const SEGMENT_ABOVE: usize = Fused::MAX_REDUCED_COLUMNS;

    /// From a kernel that `check` has accepted.
    pub(super) fn new(spec: &Fused) -> Nodes {
        let (rows, columns) = (spec.rows, spec.columns);
        let inputs = spec.inputs.iter().map(|&(place, a)| (place, input_class(spec, a))).collect();
        let outputs = spec.outputs.iter().map(|&(place, is_full)| {
            let full = is_full && columns > 1;
            (place, if full { Class::Full } else { Class::Column })
        });
        let outputs = outputs.collect();
        let (list, classes, live) = (simplify(spec), Vec::new(), Vec::new());
        let sums = spec.sums.clone();
        let mut nodes = Nodes { rows, columns, list, classes, live, inputs, outputs, sums };
        nodes.find_live();
        nodes.find_classes();
        nodes.as_line();
        nodes
    }

    pub(super) fn has_reductions(&self) -> bool {
        self.list.iter().any(|node| matches!(node, Node::Reduce(..)))
    }

    fn find_live(&mut self) {
        self.live = vec![false; self.list.len()];
        for (position, node) in self.list.iter().enumerate().rev() {
            if matches!(node, Node::Store(..) | Node::ColumnSum(..)) {
                self.live[position] = true;
            }
            if self.live[position] {
                for &x in node.arguments() {
                    self.live[x] = true;
                }
            }
        }
    }

    fn find_classes(&mut self) {
        for node in &self.list {
            let join =
                |x: &[usize]| x.iter().fold(Class::Scalar, |class, &x| class.join(self.classes[x]));
            let class = match node {
                Node::Constant(_) => Class::Scalar,
                Node::Input(n) => self.inputs[*n].1,
                Node::Apply(_, x) if self.columns > Self::SEGMENT_ABOVE => match join(x) {
                    Class::Row => Class::Full,
                    class => class,
                },
                Node::Apply(_, x) => join(x),
                Node::Reduce(..) => Class::Column,
                Node::Store(_, n) => self.outputs[*n].1,
                Node::ColumnSum(..) => Class::Full,
            };
            self.classes.push(class);
        }
    }

    /// Where no operand tells rows from columns, the elements become rows of one column.
    fn as_line(&mut self) {
        let only = |class: Class| {
            let live = self.classes.iter().zip(&self.live);
            live.filter(|(_, live)| **live).all(|(&c, _)| c == Class::Scalar || c == class)
        };
        if self.has_reductions() || !self.sums.is_empty() {
        } else if only(Class::Full) {
            self.rows *= self.columns;
            self.columns = 1;
        } else if only(Class::Column) {
            self.columns = 1;
            let all = self.inputs.iter_mut().chain(&mut self.outputs).map(|(_, class)| class);
            for class in all.chain(&mut self.classes) {
                if *class == Class::Column {
                    *class = Class::Full;
                }
            }
        }
    }
}

/// Over what an input varies. One row of many columns counts as all rows.
fn input_class(spec: &Fused, access: Access) -> Class {
    let (rows, columns) = match access {
        Access::Full => (true, true),
        Access::Row => (false, true),
        Access::Column => (true, false),
        Access::Scalar => (false, false),
    };
    let columns = columns && spec.columns > 1;
    let rows = match spec.rows {
        1 if spec.columns <= 1 => true,
        1 => columns,
        _ => rows,
    };
    Class::new(rows, columns)
}

/// Takes rows of no or one element out of the operations.
fn simplify(spec: &Fused) -> Vec<Node> {
    let mut list = Vec::with_capacity(spec.ops.len());
    // Position in `list` by position in `spec.ops`.
    let mut at = Vec::with_capacity(spec.ops.len());
    for op in &spec.ops {
        let mut push = |node| {
            list.push(node);
            list.len() - 1
        };
        let position = match *op {
            FusedOp::Load(n) => push(Node::Input(n)),
            FusedOp::Constant(value) => push(Node::Constant(value)),
            FusedOp::Unary(f, x) => push(Node::Apply(Apply::Unary(f), vec![at[x]])),
            FusedOp::Binary(f, x, y) => push(Node::Apply(Apply::Binary(f), vec![at[x], at[y]])),
            FusedOp::MulAdd(x, y, z) => push(Node::Apply(Apply::MulAdd, vec![at[x], at[y], at[z]])),
            FusedOp::Select(x, y, z) => push(Node::Apply(Apply::Select, vec![at[x], at[y], at[z]])),
            FusedOp::DivSqrt(x, y, eps) => {
                let apply = Apply::div_sqrt(eps);
                let eps = push(Node::Constant(eps));
                push(Node::Apply(apply, vec![at[x], at[y], eps]))
            }
            // Where a value is used decides in which form it is needed.
            FusedOp::Spread(x) => at[x],
            FusedOp::RowSum(_) if spec.columns == 0 => push(Node::Constant(0.0)),
            FusedOp::RowMax(_) if spec.columns == 0 => push(Node::Constant(f64::NEG_INFINITY)),
            FusedOp::RowSum(x) if spec.columns == 1 => {
                // The sum starts with 0, which turns -0 into 0.
                let zero = push(Node::Constant(0.0));
                push(Node::Apply(Apply::Binary(TileBinary::Add), vec![at[x], zero]))
            }
            FusedOp::RowMax(x) if spec.columns == 1 => at[x],
            FusedOp::RowSum(x) => push(Node::Reduce(ReduceKind::Sum, at[x])),
            FusedOp::RowMax(x) => push(Node::Reduce(ReduceKind::Max, at[x])),
            FusedOp::ColumnSum(x, n) => push(Node::ColumnSum(at[x], n)),
            FusedOp::Store(_, n) if spec.columns == 0 && spec.outputs[n].1 => {
                push(Node::Constant(0.0))
            }
            FusedOp::Store(x, n) => push(Node::Store(at[x], n)),
        };
        at.push(position);
    }
    list
}
