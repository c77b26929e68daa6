//! Steps and evaluations by the slow reference, for the tests.

use std::collections::BTreeMap;

use spusk_graph::{Array, Graph, Op, Plan, PlanSpec, State, StateLayout, Team, Value, evaluate};

use crate::model::{EvalStep, OptimizerInitial, TrainStep};

/// The states and inputs of a training.
#[derive(Clone)]
pub(crate) struct Training {
    given: BTreeMap<String, Array>,
}

impl Training {
    /// Initial values of every state.
    pub(crate) fn new(step: &TrainStep, seed: u64) -> Training {
        let mut given = BTreeMap::new();
        for parameter in &step.parameters {
            let mut array = Array::filled(parameter.shape.clone(), f64::NAN);
            parameter.fill(seed, &mut array.data);
            given.insert(parameter.name.clone(), array);
        }
        for buffer in &step.buffers {
            given.insert(buffer.name.clone(), Array::filled(buffer.shape.clone(), buffer.initial));
        }
        for state in &step.optimizer {
            let array = match &state.initial {
                OptimizerInitial::Number(number) => Array::filled(state.shape.clone(), *number),
                OptimizerInitial::Parameter(name) => given[name].clone(),
            };
            given.insert(state.name.clone(), array);
        }
        Training { given }
    }

    /// Sets an input or a state.
    pub(crate) fn give(&mut self, name: &str, shape: &[usize], data: &[f64]) {
        self.given.insert(name.into(), Array::new(shape, data.to_vec()));
    }

    /// A state.
    pub(crate) fn state(&self, name: &str) -> &Array {
        &self.given[name]
    }

    /// Runs a step, updates the states and returns the outputs.
    pub(crate) fn step(&mut self, step: &TrainStep) -> BTreeMap<String, Array> {
        let new: Vec<Value> = step.updates.iter().map(|&(_, new)| new).collect();
        let wanted: Vec<Value> = step.outputs.iter().map(|&(_, value)| value).chain(new).collect();
        let mut results = self.run(&step.graph, &wanted);
        let updated = results.split_off(step.outputs.len());
        for (&(state, _), array) in step.updates.iter().zip(updated) {
            let Op::State(op) = &step.graph.node(state).op else { panic!("only states change") };
            assert_eq!(array.shape, op.shape, "{} keeps its shape", op.name);
            self.given.insert(op.name.clone(), array);
        }
        step.outputs.iter().map(|(name, _)| name.clone()).zip(results).collect()
    }

    /// Runs an evaluation and returns the outputs.
    pub(crate) fn evaluate(&self, eval: &EvalStep) -> BTreeMap<String, Array> {
        let wanted: Vec<Value> = eval.outputs.iter().map(|&(_, value)| value).collect();
        let results = self.run(&eval.graph, &wanted);
        eval.outputs.iter().map(|(name, _)| name.clone()).zip(results).collect()
    }

    /// Holds the real engine, in f64, to the reference: one step's outputs and new states.
    pub(crate) fn check_engine(&self, step: &TrainStep) {
        let mut spec = PlanSpec::default();
        step.outputs.iter().for_each(|(name, value)| spec.output(name, *value));
        step.updates.iter().for_each(|&(state, new)| spec.update(state, new));
        let names: Vec<String> = (step.updates.iter())
            .map(|&(state, _)| match &step.graph.node(state).op {
                Op::State(op) => op.name.clone(),
                other => panic!("only states change, not {}", other.name()),
            })
            .collect();
        let layout = StateLayout::new(names.iter().map(|n| (&n[..], &self.given[n].shape[..])));
        let plan = Plan::<f64>::compile(&step.graph, &spec, &layout).expect("a legal graph");
        let (mut state, mut work) = (State::new(&layout), plan.workspace());
        for name in &names {
            state.get_mut(name).expect("in the layout").copy_from_slice(&self.given[name].data);
        }
        for entry in plan.inputs() {
            let values = work.input_mut(&entry.name).expect("the plan's own input");
            values.copy_from_slice(&self.given[&entry.name].data);
        }
        plan.run(&mut Team::new(1), &mut state, &mut work);
        let mut reference = self.clone();
        let outputs = reference.step(step);
        for (name, want) in &outputs {
            let got = plan.output(name, &state, &work).expect("the plan's own output");
            assert_near(name, got, &want.data);
        }
        for name in &names {
            assert_near(name, state.get(name).expect("in the layout"), &reference.given[name].data);
        }
    }

    fn run(&self, graph: &Graph, wanted: &[Value]) -> Vec<Array> {
        evaluate(graph, &self.given, wanted).expect("every input is given")
    }
}

/// Equal but for rounding in another order.
fn assert_near(name: &str, got: &[f64], want: &[f64]) {
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let off = (got - want).abs() / want.abs().max(1.0);
        assert!(off < 1e-10, "{name}[{i}]: {got}, the reference says {want}");
    }
}
