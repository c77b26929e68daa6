//! Writing graphs as formulas: a trace records what is done to its variables.

use std::cell::{Ref, RefCell};
use std::fmt;
use std::sync::Arc;

use crate::ops::{Constant, Input, Literal, State};
use crate::{Array, Graph, GraphError, Op, Sentence, Shape, Value};

/// A graph being written.
///
/// The first error (shapes that do not fit) is kept, every variable made from it is a dummy, and
/// [`Trace::check`] and the compiler report it; so formulas need no `?`.
#[derive(Debug, Default)]
pub struct Trace {
    inner: RefCell<Inner>,
}

#[derive(Debug)]
struct Inner {
    graph: Graph,
    scope: Arc<str>,
    error: Option<GraphError>,
    streams: u64,
}

impl Default for Inner {
    fn default() -> Self {
        Inner { graph: Graph::default(), scope: "".into(), error: None, streams: 0 }
    }
}

/// A value of a trace, with arithmetic. Copies are the same value.
#[derive(Clone, Copy)]
pub struct Var<'t> {
    trace: &'t Trace,
    // None after an error.
    value: Option<Value>,
}

impl Trace {
    /// An empty graph.
    pub fn new() -> Trace {
        Trace::default()
    }

    /// Continues a graph, whose values become variables through [`Trace::var`].
    pub fn from_graph(graph: Graph) -> Trace {
        let trace = Trace::new();
        trace.inner.borrow_mut().graph = graph;
        trace
    }

    /// A value that every run is given: a batch of data, a learning rate.
    pub fn input(&self, name: &str, shape: &[usize]) -> Var<'_> {
        self.apply(Input { name: name.into(), shape: shape.into() }, &[])
    }

    /// A value that lives from run to run: a parameter, an optimizer slot.
    pub fn state(&self, name: &str, shape: &[usize]) -> Var<'_> {
        self.apply(State { name: name.into(), shape: shape.into() }, &[])
    }

    /// A number.
    pub fn constant(&self, value: f64) -> Var<'_> {
        self.full(value, &[])
    }

    /// A number everywhere.
    pub fn full(&self, value: f64, shape: &[usize]) -> Var<'_> {
        self.apply(Constant { value, shape: shape.into() }, &[])
    }

    /// A table of numbers.
    pub fn literal(&self, array: Array) -> Var<'_> {
        self.apply(Literal { array: array.into() }, &[])
    }

    /// 0, 1, …, size - 1.
    pub fn iota(&self, size: usize) -> Var<'_> {
        self.literal(Array::new([size], (0..size).map(|i| i as f64).collect()))
    }

    /// Uses an op.
    pub fn apply<'t>(&'t self, op: impl Into<Op>, inputs: &[Var<'t>]) -> Var<'t> {
        let mut inner = self.inner.borrow_mut();
        let inner = &mut *inner;
        let Some(values) = inputs.iter().map(|v| v.value).collect::<Option<Vec<_>>>() else {
            return Var { trace: self, value: None };
        };
        match inner.graph.apply(op, &values, &inner.scope) {
            Ok(value) => Var { trace: self, value: Some(value) },
            Err(error) => {
                inner.error.get_or_insert(error);
                Var { trace: self, value: None }
            }
        }
    }

    /// Runs `f` with every new node marked as made by `name`; scopes nest with dots.
    pub fn scoped<R>(&self, name: &str, f: impl FnOnce() -> R) -> R {
        let outer = self.inner.borrow().scope.clone();
        let scope = if outer.is_empty() { name.into() } else { format!("{outer}.{name}") };
        self.inner.borrow_mut().scope = scope.into();
        let result = f();
        self.inner.borrow_mut().scope = outer;
        result
    }

    /// Who is named as the maker of new nodes.
    pub(crate) fn current_scope(&self) -> Arc<str> {
        self.inner.borrow().scope.clone()
    }

    /// Runs `f` with every new node marked as made by `scope`, whatever the scope around.
    pub(crate) fn in_scope<R>(&self, scope: &Arc<str>, f: impl FnOnce() -> R) -> R {
        let outer = std::mem::replace(&mut self.inner.borrow_mut().scope, scope.clone());
        let result = f();
        self.inner.borrow_mut().scope = outer;
        result
    }

    /// Records an error of the caller's own (a layer that cannot be built), as a dummy value.
    pub fn fail(&self, what: impl Into<Sentence>) -> Var<'_> {
        let mut inner = self.inner.borrow_mut();
        let error = GraphError::new(inner.scope.to_string(), what);
        inner.error.get_or_insert(error);
        Var { trace: self, value: None }
    }

    /// A number for the next random op: it tells the op from the others.
    pub fn next_stream(&self) -> u64 {
        let mut inner = self.inner.borrow_mut();
        inner.streams += 1;
        inner.streams
    }

    /// The variable of a value.
    pub fn var(&self, value: Value) -> Var<'_> {
        Var { trace: self, value: Some(value) }
    }

    /// The graph so far.
    pub fn graph(&self) -> Ref<'_, Graph> {
        Ref::map(self.inner.borrow(), |inner| &inner.graph)
    }

    /// The first error, if any.
    pub fn check(&self) -> Result<(), GraphError> {
        self.inner.borrow().error.clone().map_or(Ok(()), Err)
    }

    /// The value of a variable, or the trace's error.
    pub fn value(&self, var: Var<'_>) -> Result<Value, GraphError> {
        self.check()?;
        var.value.ok_or_else(|| GraphError::new("", "a variable of another trace, one that failed"))
    }
}

impl<'t> Var<'t> {
    /// The trace it belongs to.
    pub fn trace(self) -> &'t Trace {
        self.trace
    }

    /// Its value; `None` after an error.
    pub fn value(self) -> Option<Value> {
        self.value
    }

    /// Its sizes; a scalar's after an error.
    pub fn shape(self) -> Shape {
        self.value.map_or_else(Shape::default, |v| self.trace.graph().shape(v).clone())
    }
}

impl fmt::Debug for Var<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{value}: {}", self.shape()),
            None => write!(f, "%error"),
        }
    }
}
