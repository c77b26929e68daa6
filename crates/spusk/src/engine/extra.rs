//! Other graphs over an engine's state: statistics, products with the Hessian.

use spusk_graph::{GraphError, Shape};

use super::{Compiled, Engine, compile};
use crate::Model;
use crate::model::{Batch, EvalStep, StepOptions};

/// A graph beside the training step, compiled for one size of batch. It reads the engine's state and
/// changes nothing.
pub(crate) struct Extra {
    compiled: Compiled,
}

impl Engine {
    /// Compiles what `build` writes for batches of `rows` examples.
    ///
    /// # Errors
    /// If it cannot be built or compiled.
    pub(crate) fn extra(
        &self,
        rows: usize,
        build: impl FnOnce(&Model, &Batch, &StepOptions) -> Result<EvalStep, GraphError>,
    ) -> Result<Extra, GraphError> {
        let step = build(&self.model, &self.batch(rows), &self.options)?;
        let plan = compile(&step.graph, &step.outputs, &[], &self.layout)?;
        Ok(Extra { compiled: Compiled::new(plan, rows, self.team.threads())? })
    }

    /// Runs it on a batch, as [`Engine::step`] runs a step.
    ///
    /// # Errors
    /// If `fill` fails.
    pub(crate) fn run_extra<E>(
        &mut self,
        extra: &mut Extra,
        learning_rate: f64,
        key: [u16; 4],
        fill: impl FnOnce(&mut [f32], &mut [f32]) -> Result<(), E>,
    ) -> Result<(), E> {
        extra.compiled.fill(fill)?;
        extra.compiled.set(learning_rate, key);
        extra.compiled.run(&mut self.team, &mut self.state);
        Ok(())
    }

    /// An output of the last run of it; none if there is no such.
    pub(crate) fn extra_output<'a>(&'a self, extra: &'a Extra, name: &str) -> Option<&'a [f32]> {
        extra.compiled.plan.output(name, &self.state, &extra.compiled.work).ok()
    }

    /// How the steps are made.
    pub(crate) fn options(&self) -> &StepOptions {
        &self.options
    }

    /// Sizes of the features and of the target of one example.
    pub(crate) fn example(&self) -> (&Shape, &Shape) {
        (&self.features, &self.target)
    }
}

impl Extra {
    /// Examples that it takes.
    pub(crate) fn rows(&self) -> usize {
        self.compiled.rows
    }

    /// A further input of it.
    pub(crate) fn input_mut(&mut self, name: &str) -> Option<&mut [f32]> {
        self.compiled.work.input_mut(name).ok()
    }
}
