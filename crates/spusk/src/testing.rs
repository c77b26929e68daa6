//! Steps and evaluations by the slow reference, for the tests.

use std::collections::BTreeMap;

use spusk_graph::{
    Array, Element, Graph, Op, Plan, PlanSpec, State, StateLayout, Team, Value, Workspace, evaluate,
};

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
        let mut engine = Engine::<f64>::new(self, step);
        engine.step();
        let mut reference = self.clone();
        for (name, want) in &reference.step(step) {
            assert_near(name, &engine.output(name), &want.data);
        }
        for entry in engine.state.layout().clone().entries() {
            let got = engine.state.get(&entry.name).expect("in the layout");
            assert_near(&entry.name, got, &reference.given[&entry.name].data);
        }
    }

    /// The losses of some steps in the real engine.
    pub(crate) fn losses<T: Element>(&self, step: &TrainStep, steps: usize) -> Vec<f64> {
        let mut engine = Engine::<T>::new(self, step);
        let loss = |engine: &mut Engine<T>| {
            engine.step();
            engine.output("loss")[0].to_f64()
        };
        (0..steps).map(|_| loss(&mut engine)).collect()
    }

    /// All states after some steps in the real engine, on so many threads.
    pub(crate) fn states<T: Element>(
        &self,
        step: &TrainStep,
        steps: usize,
        threads: usize,
    ) -> Vec<Vec<T>> {
        let mut engine = Engine::<T>::new(self, step);
        engine.team = Team::new(threads);
        (0..steps).for_each(|_| engine.step());
        let state = |name: &str| engine.state.get(name).expect("in the layout").to_vec();
        engine.state.layout().entries().iter().map(|entry| state(&entry.name)).collect()
    }

    fn run(&self, graph: &Graph, wanted: &[Value]) -> Vec<Array> {
        evaluate(graph, &self.given, wanted).expect("every input is given")
    }
}

/// The real engine with the states and inputs of a training.
struct Engine<T: Element> {
    plan: Plan<T>,
    state: State<T>,
    work: Workspace<T>,
    team: Team,
}

impl<T: Element> Engine<T> {
    fn new(training: &Training, step: &TrainStep) -> Engine<T> {
        let mut spec = PlanSpec::default();
        step.outputs.iter().for_each(|(name, value)| spec.output(name, *value));
        step.updates.iter().for_each(|&(state, new)| spec.update(state, new));
        let mut names: Vec<&String> = (step.updates.iter())
            .map(|&(state, _)| match &step.graph.node(state).op {
                Op::State(op) => &op.name,
                other => panic!("only states change, not {}", other.name()),
            })
            .collect();
        // A buffer that no step changes is a state, too.
        let kept = step.buffers.iter().map(|buffer| &buffer.name);
        let kept: Vec<&String> = kept.filter(|name| !names.contains(name)).collect();
        names.extend(kept);
        let given = |name: &str| &training.given[name];
        let layout = StateLayout::new(names.iter().map(|n| (&n[..], &given(n).shape[..])));
        let plan = Plan::<T>::compile(&step.graph, &spec, &layout).expect("a legal graph");
        let (mut state, mut work) = (State::new(&layout), plan.workspace());
        let fill = |values: &mut [T], array: &Array| {
            values.iter_mut().zip(&array.data).for_each(|(v, &x)| *v = T::from_f64(x));
        };
        for name in &names {
            fill(state.get_mut(name).expect("in the layout"), given(name));
        }
        for entry in plan.inputs() {
            let values = work.input_mut(&entry.name).expect("the plan's own input");
            fill(values, given(&entry.name));
        }
        Engine { plan, state, work, team: Team::new(1) }
    }

    fn step(&mut self) {
        self.plan.run(&mut self.team, &mut self.state, &mut self.work);
    }

    fn output(&self, name: &str) -> Vec<T> {
        let output = self.plan.output(name, &self.state, &self.work);
        output.expect("the plan's own output").to_vec()
    }
}

/// Equal but for rounding in another order.
fn assert_near(name: &str, got: &[f64], want: &[f64]) {
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let off = (got - want).abs() / want.abs().max(1.0);
        assert!(off < 1e-10, "{name}[{i}]: {got}, the reference says {want}");
    }
}
