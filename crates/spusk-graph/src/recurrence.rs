//! Writing a recurrence: one turn as a formula.

use std::sync::Arc;

use crate::ops::{Reshape, Scan};
use crate::{Trace, Value, Var};

impl Trace {
    /// Runs a body for every slice of the sequences (along their leading axis, the last slice first if
    /// `reverse`) and returns every value that it returns, stacked over time: `[T, …]`, index t for the
    /// turn that saw slice t.
    ///
    /// The body is given the carries, one slice of each sequence and the constants, and returns the
    /// carries of the next turn, in their order, and what else is wanted.
    ///
    /// ```
    /// use spusk_graph::Trace;
    ///
    /// // s[t] = s[t-1] · decay + x[t]
    /// let trace = Trace::new();
    /// let (x, decay) = (trace.input("x", &[10, 4]), trace.state("decay", &[4]));
    /// let start = trace.full(0.0, &[4]);
    /// let sums = trace.scan(false, &[start], &[x], &[decay], |s, x, decay| {
    ///     vec![s[0] * decay[0] + x[0]]
    /// });
    /// assert_eq!(sums[0].shape()[..], [10, 4]);
    /// # trace.check()?;
    /// # Ok::<(), spusk_graph::GraphError>(())
    /// ```
    pub fn scan<'t>(
        &'t self,
        reverse: bool,
        carries: &[Var<'t>],
        sequences: &[Var<'t>],
        constants: &[Var<'t>],
        body: impl for<'b> FnOnce(&[Var<'b>], &[Var<'b>], &[Var<'b>]) -> Vec<Var<'b>>,
    ) -> Vec<Var<'t>> {
        let inner = Trace::new();
        let take_in = |kind: &str, vars: &[Var<'t>], skip: usize| -> Vec<Var<'_>> {
            let input = |(i, var): (usize, &Var<'t>)| {
                let shape = var.shape();
                inner.input(&format!("{kind} {i}"), shape.get(skip..).unwrap_or_default())
            };
            vars.iter().enumerate().map(input).collect()
        };
        let (c, x) = (take_in("carry", carries, 0), take_in("sequence", sequences, 1));
        let w = take_in("constant", constants, 0);
        let scope = self.current_scope();
        let results = inner.in_scope(&scope, || {
            // The record holds computed values only, so an input that is returned becomes one.
            let named = |var: Var<'_>| Reshape { shape: var.shape() };
            let found = body(&c, &x, &w);
            found.into_iter().map(|var| inner.apply(named(var), &[var])).collect::<Vec<_>>()
        });
        let failed = |what: String| vec![self.fail(what); results.len().max(carries.len())];
        if let Err(error) = inner.check() {
            return failed(error.what);
        }
        let turns = sequences.first().and_then(|sequence| sequence.shape().first().copied());
        let Some(turns) = turns else {
            return failed("scan: needs a sequence, [time, …], to go through".into());
        };
        let values: Vec<Value> = results.iter().filter_map(|var| var.value()).collect();
        if values.len() < carries.len() {
            let (got, want) = (values.len(), carries.len());
            return failed(format!("scan: the body returns {got} values, expected {want} carries"));
        }
        let op = Scan {
            body: Arc::new(inner.graph().clone()),
            turns,
            reverse,
            carries: values[..carries.len()].to_vec(),
            sequences: sequences.len(),
        };
        let inputs: Vec<Var<'t>> =
            carries.iter().chain(sequences).chain(constants).copied().collect();
        let record = self.apply(op.clone(), &inputs);
        let pick = |&value: &Value| {
            let pick = op.pick(value).expect("a reshape is a computed value");
            self.apply(pick, &[record])
        };
        values.iter().map(pick).collect()
    }
}
