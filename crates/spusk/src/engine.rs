//! A model compiled for training: one state, a plan for every size of batch that occurs.

mod extra;
mod first_bad;
mod pace;

use std::ops::Range;

use spusk_graph::{
    Cost, Entry, GraphError, Plan, PlanSpec, Shape, Space, State, StateLayout, Team, Value,
    Workspace,
};

use crate::memory;
use crate::messages::{self as say, Said};
use crate::model::{Batch, EvalStep, Model, OptimizerInitial, StepOptions, TrainStep};
use crate::net::Parameter;

pub(crate) use extra::Extra;
pub use first_bad::FirstBad;
use pace::Pace;

/// Numbers of a batch from which on threads share the work of writing it: less is written while they wake.
const SHARED_FROM: usize = 16 * 1024;

/// A model with its optimizer, ready to take steps and to be evaluated.
///
/// Everything that training changes is in [`Engine::state`]; plans for other batch sizes are
/// compiled when they first occur and share it.
pub struct Engine {
    model: Model,
    options: StepOptions,
    features: Shape,
    target: Shape,
    parameters: Vec<Parameter>,
    initial: Vec<(String, Initial)>,
    layout: StateLayout,
    state: State<f32>,
    team: Team,
    train: Vec<Compiled>,
    eval: Vec<Compiled>,
    gradient: Option<Compiled>,
}

/// The value of a state before the first step.
enum Initial {
    Number(f64),
    CopyOf(String),
}

/// A plan for one size of batch.
struct Compiled {
    rows: usize,
    plan: Plan<f32>,
    work: Workspace<f32>,
    features: Entry,
    /// Absent where nothing depends on the targets.
    targets: Option<Entry>,
    pace: Pace,
}

/// What an evaluation of some rows found.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LossSum {
    /// Σ of the rows' losses.
    pub sum: f64,
    /// Σ of the rows' weights.
    pub weight: f64,
}

impl LossSum {
    /// The mean loss; NaN over no rows.
    pub fn mean(&self) -> f64 {
        self.sum / self.weight
    }
}

impl Engine {
    /// Compiles the step for at most `threads` threads (fewer where that is quicker) and batches of `batch_size` examples with features of shape `features` and
    /// targets of shape `target` (`[]` for one number or a class index), and draws the initial
    /// state.
    ///
    /// # Errors
    /// If the layers do not fit together, or the loss does not fit the outputs.
    pub fn new(
        model: &Model,
        options: &StepOptions,
        features: &[usize],
        target: &[usize],
        batch_size: usize,
        threads: usize,
        seed: u64,
    ) -> Result<Engine, GraphError> {
        let batch = Batch { size: batch_size, features: features.into(), target: target.into() };
        let step = model.train_graph(&batch, options)?;
        let mut states: Vec<(String, Shape)> = Vec::new();
        states.extend(step.parameters.iter().map(|p| (p.name.clone(), p.shape.clone())));
        states.extend(step.buffers.iter().map(|b| (b.name.clone(), b.shape.clone())));
        states.extend(step.optimizer.iter().map(|s| (s.name.clone(), s.shape.clone())));
        check_state(&states)?;
        let layout = StateLayout::new(states.iter().map(|(name, shape)| (&**name, &shape[..])));
        let mut initial: Vec<(String, Initial)> = Vec::new();
        initial.extend(step.buffers.iter().map(|b| (b.name.clone(), Initial::Number(b.initial))));
        initial.extend(step.optimizer.iter().map(|s| {
            let value = match &s.initial {
                OptimizerInitial::Number(number) => Initial::Number(*number),
                OptimizerInitial::Parameter(name) => Initial::CopyOf(name.clone()),
            };
            (s.name.clone(), value)
        }));
        let mut engine = Engine {
            model: model.clone(),
            options: options.clone(),
            features: batch.features.clone(),
            target: batch.target.clone(),
            parameters: step.parameters.clone(),
            initial,
            state: State::new(&layout),
            team: Team::new(threads),
            train: Vec::new(),
            eval: Vec::new(),
            gradient: None,
            layout,
        };
        engine.train.push(engine.compile_train(step, batch_size)?);
        engine.reset(seed);
        Ok(engine)
    }

    /// Draws the initial state anew.
    pub fn reset(&mut self, seed: u64) {
        self.state.as_mut_slice().fill(0.0);
        for parameter in &self.parameters {
            if let Some(values) = self.state.get_mut(&parameter.name) {
                parameter.fill(seed, values);
            }
        }
        self.reset_slots();
    }

    /// Gives buffers and optimizer slots their initial values: copies are of the parameters as they
    /// are now.
    pub fn reset_slots(&mut self) {
        for (name, initial) in &self.initial {
            let copied = match initial {
                Initial::CopyOf(parameter) => self.state.get(parameter).map(<[f32]>::to_vec),
                Initial::Number(_) => None,
            };
            let Some(values) = self.state.get_mut(name) else { continue };
            match (initial, copied) {
                (Initial::Number(number), _) => values.fill(*number as f32),
                (Initial::CopyOf(_), Some(copied)) => values.copy_from_slice(&copied),
                (Initial::CopyOf(_), None) => {}
            }
        }
        for (name, values) in &self.options.initial {
            if let Some(place) =
                self.state.get_mut(name).filter(|place| place.len() == values.len())
            {
                place.copy_from_slice(values);
            }
        }
    }

    /// One step on `rows` examples. `fill(features, targets)` writes the batch; `key` must be another
    /// at every step. Returns the loss before the step.
    ///
    /// # Errors
    /// If a new batch size cannot be compiled, or `fill` fails.
    pub fn step<E: From<GraphError>>(
        &mut self,
        rows: usize,
        learning_rate: f64,
        key: [u16; 4],
        fill: impl FnOnce(&mut [f32], &mut [f32]) -> Result<(), E>,
    ) -> Result<f64, E> {
        let at = self.train_plan(rows)?;
        self.train[at].fill(fill)?;
        Ok(self.run_step(at, learning_rate, key))
    }

    /// As [`Engine::step`], the batch written by all threads: `fill(rows, features, targets)` writes some
    /// neighboring rows of it.
    ///
    /// # Errors
    /// If a new batch size cannot be compiled, or `fill` fails.
    pub fn step_by_rows<E: From<GraphError> + Send>(
        &mut self,
        rows: usize,
        learning_rate: f64,
        key: [u16; 4],
        fill: &(impl Fn(Range<usize>, &mut [f32], &mut [f32]) -> Result<(), E> + Sync),
    ) -> Result<f64, E> {
        let at = self.train_plan(rows)?;
        self.train[at].fill_rows(&mut self.team, fill)?;
        Ok(self.run_step(at, learning_rate, key))
    }

    /// As [`Engine::step`] on examples that stand in memory one after the other as the network wants
    /// them: features[rows, …] and targets[rows, …] are read where they are, and nothing is copied.
    /// The bits are those of [`Engine::step`].
    ///
    /// ```
    /// use spusk::Model;
    /// use spusk::engine::{Engine, step_key};
    /// use spusk::layers::Identity;
    /// use spusk::losses::Mse;
    /// use spusk::model::StepOptions;
    /// use spusk::optimizers::Sgd;
    ///
    /// # fn main() -> Result<(), spusk_graph::GraphError> {
    /// // 64 points, and numbers twice as large.
    /// let x: Vec<f32> = (0..64).map(|i| i as f32 / 64.0).collect();
    /// let y: Vec<f32> = x.iter().map(|x| 2.0 * x).collect();
    /// let model = Model::mlp(&[], Identity, 1);
    /// let options = StepOptions::new(Mse, Sgd::default());
    /// let mut engine = Engine::new(&model, &options, &[1], &[1], 16, 1, 0)?;
    /// for step in 0..1000 {
    ///     let rows = step % 4 * 16..(step % 4 + 1) * 16;
    ///     engine.step_on(16, 0.2, step_key(0, step as u64), &x[rows.clone()], &y[rows])?;
    /// }
    /// assert!(engine.evaluate_on(64, &x, &y, |_, _, _| {})?.mean() < 1e-6);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a new batch size cannot be compiled, or the slices have not the length of their rows.
    pub fn step_on(
        &mut self,
        rows: usize,
        learning_rate: f64,
        key: [u16; 4],
        features: &[f32],
        targets: &[f32],
    ) -> Result<f64, GraphError> {
        let at = self.train_plan(rows)?;
        let compiled = &mut self.train[at];
        compiled.set(learning_rate, key);
        compiled.run_on(&mut self.team, &mut self.state, features, targets)?;
        Ok(f64::from(compiled.scalar("loss", &self.state)))
    }

    fn run_step(&mut self, at: usize, learning_rate: f64, key: [u16; 4]) -> f64 {
        let compiled = &mut self.train[at];
        compiled.set(learning_rate, key);
        compiled.run(&mut self.team, &mut self.state);
        f64::from(compiled.scalar("loss", &self.state))
    }

    /// As [`Engine::step`], slowly: looks behind every kernel for the first value that is not finite.
    pub fn step_observed<E: From<GraphError>>(
        &mut self,
        rows: usize,
        learning_rate: f64,
        key: [u16; 4],
        fill: impl FnOnce(&mut [f32], &mut [f32]) -> Result<(), E>,
    ) -> Result<Option<FirstBad>, E> {
        let at = self.train_plan(rows)?;
        let compiled = &mut self.train[at];
        compiled.fill(fill)?;
        compiled.set(learning_rate, key);
        let bad_input =
            compiled.work.at(compiled.features.place).iter().position(|x| !x.is_finite());
        if let Some(position) = bad_input {
            let width = compiled.features.place.len / rows.max(1);
            return Ok(Some(FirstBad::input(position / width.max(1))));
        }
        let mut found = None;
        let (plan, work) = (&compiled.plan, &mut compiled.work);
        plan.run_observed(&mut self.state, work, |kernel, work, state| {
            if found.is_some() {
                return;
            }
            let kernel = &plan.kernels()[kernel];
            for place in &kernel.writes {
                let values = match place.space {
                    Space::Work => work.at(*place),
                    Space::State => state.at(*place),
                    // What is lent is not written, what lasts one turn of a loop named by no kernel.
                    Space::Lent(_) | Space::Window(_) | Space::Local => continue,
                };
                if let Some(position) = values.iter().position(|x| !x.is_finite()) {
                    found = Some(FirstBad::kernel(kernel, values, position, rows));
                    return;
                }
            }
        });
        Ok(found)
    }

    /// An optional output of the last step of this batch size, such as `gradient_norm`.
    pub fn last(&self, rows: usize, name: &str) -> Option<&[f32]> {
        let compiled = self.train.iter().find(|compiled| compiled.rows == rows)?;
        compiled.plan.output(name, &self.state, &compiled.work).ok()
    }

    /// An output of the last evaluation of this batch size, such as `code`.
    pub fn last_evaluated(&self, rows: usize, name: &str) -> Option<&[f32]> {
        let compiled = self.eval.iter().find(|compiled| compiled.rows == rows)?;
        compiled.plan.output(name, &self.state, &compiled.work).ok()
    }

    /// Whether the last step of this batch size was shorter than the optimizer's threshold.
    pub fn is_step_short(&self, rows: usize) -> bool {
        let Some(threshold) = self.options.optimizer.threshold() else { return false };
        let movement = self.last(rows, "movement").and_then(|movement| movement.first());
        movement.is_some_and(|&movement| f64::from(movement) < threshold)
    }

    /// The network's outputs and predictions for `rows` examples, and their loss:
    /// `take(outputs, predictions, targets)` sees them.
    ///
    /// # Errors
    /// If a new batch size cannot be compiled, or `fill` fails.
    pub fn evaluate<E: From<GraphError>>(
        &mut self,
        rows: usize,
        fill: impl FnOnce(&mut [f32], &mut [f32]) -> Result<(), E>,
        take: impl FnOnce(&[f32], &[f32], &[f32]),
    ) -> Result<LossSum, E> {
        let at = self.eval_plan(rows)?;
        self.eval[at].fill(fill)?;
        Ok(self.run_evaluation(at, take)?)
    }

    /// As [`Engine::evaluate`], the examples written by all threads: `fill(rows, features, targets)` writes
    /// some neighboring ones.
    ///
    /// # Errors
    /// If a new batch size cannot be compiled, or `fill` fails.
    pub fn evaluate_by_rows<E: From<GraphError> + Send>(
        &mut self,
        rows: usize,
        fill: &(impl Fn(Range<usize>, &mut [f32], &mut [f32]) -> Result<(), E> + Sync),
        take: impl FnOnce(&[f32], &[f32], &[f32]),
    ) -> Result<LossSum, E> {
        let at = self.eval_plan(rows)?;
        self.eval[at].fill_rows(&mut self.team, fill)?;
        Ok(self.run_evaluation(at, take)?)
    }

    /// As [`Engine::evaluate`] on examples that stand in memory one after the other as the network
    /// wants them: see [`Engine::step_on`].
    ///
    /// # Errors
    /// As [`Engine::step_on`].
    pub fn evaluate_on(
        &mut self,
        rows: usize,
        features: &[f32],
        targets: &[f32],
        take: impl FnOnce(&[f32], &[f32], &[f32]),
    ) -> Result<LossSum, GraphError> {
        let at = self.eval_plan(rows)?;
        self.eval[at].run_on(&mut self.team, &mut self.state, features, targets)?;
        self.evaluated_as(at, Some(targets), take)
    }

    fn run_evaluation(
        &mut self,
        at: usize,
        take: impl FnOnce(&[f32], &[f32], &[f32]),
    ) -> Result<LossSum, GraphError> {
        self.eval[at].run(&mut self.team, &mut self.state);
        self.evaluated_as(at, None, take)
    }

    /// What the last run of an evaluation says, with the targets that were lent to it, if any.
    fn evaluated_as(
        &self,
        at: usize,
        lent: Option<&[f32]>,
        take: impl FnOnce(&[f32], &[f32], &[f32]),
    ) -> Result<LossSum, GraphError> {
        let compiled = &self.eval[at];
        let get = |name| compiled.plan.output(name, &self.state, &compiled.work);
        let own =
            || compiled.targets.as_ref().map_or(&[][..], |entry| compiled.work.at(entry.place));
        take(get("outputs")?, get("predictions")?, lent.unwrap_or_else(own));
        let scalar = |name| f64::from(compiled.scalar(name, &self.state));
        Ok(LossSum { sum: scalar("loss_sum"), weight: scalar("loss_weight") })
    }

    /// The gradient of the loss on `rows` examples, by the parameters' names; changes nothing.
    ///
    /// # Errors
    /// If a new batch size cannot be compiled, or `fill` fails.
    pub fn gradients<E: From<GraphError>>(
        &mut self,
        rows: usize,
        key: [u16; 4],
        fill: impl FnOnce(&mut [f32], &mut [f32]) -> Result<(), E>,
    ) -> Result<Vec<(String, Vec<f32>)>, E> {
        let mut compiled = match self.gradient.take().filter(|compiled| compiled.rows == rows) {
            Some(compiled) => compiled,
            None => self.compile_gradient(rows)?,
        };
        compiled.fill(fill)?;
        compiled.set(0.0, key);
        compiled.run(&mut self.team, &mut self.state);
        let names = compiled.plan.outputs().iter().map(|output| output.name.clone());
        let values = |name: String| {
            let values = compiled.plan.output(&name, &self.state, &compiled.work)?.to_vec();
            Ok::<_, GraphError>((name, values))
        };
        let gradients = names.map(values).collect::<Result<_, GraphError>>()?;
        self.gradient = Some(compiled);
        Ok(gradients)
    }

    fn compile_gradient(&self, rows: usize) -> Result<Compiled, GraphError> {
        let step = self.model.gradient_graph(&self.batch(rows), &self.options)?;
        let plan = compile(&step.graph, &step.outputs, &[], &self.layout)?;
        Compiled::new(plan, rows, self.team.threads())
    }

    /// Everything that training changes.
    pub fn state(&self) -> &State<f32> {
        &self.state
    }

    /// Everything that training changes.
    pub fn state_mut(&mut self) -> &mut State<f32> {
        &mut self.state
    }

    /// The parameters, in the order of the layers.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The values of the parameters that are evaluated and saved (averages, with some optimizers),
    /// then the buffers: name, shape, elements as in the graph.
    ///
    /// # Errors
    /// None that a model which was compiled for training can have.
    pub fn evaluated(&mut self) -> Result<Vec<(String, Shape, Vec<f32>)>, GraphError> {
        let batch = self.batch(1);
        let step = self.model.evaluated_graph(&batch, &self.options)?;
        let compiled = match &step {
            Some(step) => {
                let plan = compile(&step.graph, &step.outputs, &[], &self.layout)?;
                let mut work = plan.workspace();
                plan.run(&mut self.team, &mut self.state, &mut work);
                Some((plan, work))
            }
            None => None,
        };
        let mut all = Vec::new();
        for parameter in &self.parameters {
            let values = match &compiled {
                Some((plan, work)) => plan.output(&parameter.name, &self.state, work)?.to_vec(),
                None => self.state.get(&parameter.name).unwrap_or(&[]).to_vec(),
            };
            all.push((parameter.name.clone(), parameter.shape.clone(), values));
        }
        let buffers = self.model.eval_graph(&batch, None, false, None)?.buffers;
        for buffer in buffers {
            if let Some(values) = self.state.get(&buffer.name) {
                all.push((buffer.name.clone(), buffer.shape.clone(), values.to_vec()));
            }
        }
        Ok(all)
    }

    /// What a step of the first batch size costs.
    pub fn cost(&self) -> Cost {
        self.train[0].plan.cost()
    }

    /// The plan of the first batch size.
    pub fn plan(&self) -> &Plan<f32> {
        &self.train[0].plan
    }

    /// Runs the plan of the first batch size once more on this thread, with the batch that was copied into
    /// it last (one of [`Engine::step_on`] is not), and calls `after(kernel)` behind each of [`Plan::kernels`]:
    /// to time them.
    pub fn observe(&mut self, mut after: impl FnMut(usize)) {
        let Compiled { plan, work, .. } = &mut self.train[0];
        plan.run_observed(&mut self.state, work, |kernel, _, _| after(kernel));
    }

    /// The team that runs the steps.
    pub fn threads(&self) -> usize {
        self.team.threads()
    }

    fn batch(&self, size: usize) -> Batch {
        Batch { size, features: self.features.clone(), target: self.target.clone() }
    }

    fn train_plan(&mut self, rows: usize) -> Result<usize, GraphError> {
        if let Some(at) = self.train.iter().position(|compiled| compiled.rows == rows) {
            return Ok(at);
        }
        let step = self.model.train_graph(&self.batch(rows), &self.options)?;
        let compiled = self.compile_train(step, rows)?;
        self.train.push(compiled);
        Ok(self.train.len() - 1)
    }

    fn compile_train(&self, step: TrainStep, rows: usize) -> Result<Compiled, GraphError> {
        let plan = compile(&step.graph, &step.outputs, &step.updates, &self.layout)?;
        Compiled::new(plan, rows, self.team.threads())
    }

    fn eval_plan(&mut self, rows: usize) -> Result<usize, GraphError> {
        if let Some(at) = self.eval.iter().position(|compiled| compiled.rows == rows) {
            return Ok(at);
        }
        let loss = Some(&self.options.loss);
        let step: EvalStep =
            self.model.eval_graph(&self.batch(rows), loss, false, Some(&self.options))?;
        let plan = compile(&step.graph, &step.outputs, &[], &self.layout)?;
        self.eval.push(Compiled::new(plan, rows, self.team.threads())?);
        Ok(self.eval.len() - 1)
    }
}

fn compile(
    graph: &spusk_graph::Graph,
    outputs: &[(String, Value)],
    updates: &[(Value, Value)],
    layout: &StateLayout,
) -> Result<Plan<f32>, GraphError> {
    let mut spec = PlanSpec::default();
    spec.lend("features");
    spec.lend("targets");
    for (name, value) in outputs {
        spec.output(name, *value);
    }
    for (state, new) in updates {
        spec.update(*state, *new);
    }
    Plan::compile(graph, &spec, layout)
}

/// Refuses states that no memory holds, before anything counts their elements.
pub(crate) fn check_state(states: &[(String, Shape)]) -> Result<(), GraphError> {
    let bytes = |shape: &Shape| {
        let axes = shape.iter().map(|&axis| axis as u128);
        axes.fold(size_of::<f32>() as u128, u128::saturating_mul)
    };
    let all = states.iter().fold(0, |sum: u128, (_, shape)| sum.saturating_add(bytes(shape)));
    // The first of equals: a weight comes before what is kept of it.
    let largest = states.iter().rev().max_by_key(|(_, shape)| bytes(shape));
    let what = |l| match largest {
        Some((name, shape)) => say::memory_states(l, name, shape),
        None => say::memory_weights(l),
    };
    memory::check(all, what, say::cure_memory_layers)
}

impl Compiled {
    fn new(plan: Plan<f32>, rows: usize, threads: usize) -> Result<Compiled, GraphError> {
        let work = plan.cost().work_bytes as u128;
        memory::check(work, |l| say::memory_batch(l, rows), say::cure_memory_batch)?;
        let features = plan
            .input("features")
            .cloned()
            .ok_or_else(|| GraphError::new("model", Said::new(say::network_no_weights)))?;
        let targets = plan.input("targets").cloned();
        let pace = Pace::new(plan.useful_threads(threads));
        Ok(Compiled { rows, work: plan.workspace(), plan, features, targets, pace })
    }

    fn run(&mut self, team: &mut Team, state: &mut State<f32>) {
        let threads = self.pace.next();
        self.plan.run_on(threads, team, state, &mut self.work);
        self.pace.done();
    }

    /// Runs on features and targets that are read where they stand.
    fn run_on(
        &mut self,
        team: &mut Team,
        state: &mut State<f32>,
        features: &[f32],
        targets: &[f32],
    ) -> Result<(), GraphError> {
        let beside = self.targets.as_ref().map_or(self.features.place, |entry| entry.place);
        let both = [(self.features.place, features), (beside, targets)];
        // Where nothing depends on the targets, the plan does not know them.
        let given = &both[..1 + usize::from(self.targets.is_some())];
        let threads = self.pace.next();
        self.plan.run_lending(threads, team, state, &mut self.work, given)?;
        self.pace.done();
        Ok(())
    }

    /// As [`Compiled::fill`], by all threads that its runs use where there is enough to write.
    fn fill_rows<E: Send>(
        &mut self,
        team: &mut Team,
        fill: &(impl Fn(Range<usize>, &mut [f32], &mut [f32]) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        let (rows, worth) = (self.rows, self.features.place.len >= SHARED_FROM);
        let threads = if worth { self.pace.usual() } else { 1 };
        self.fill(|features, targets| team.fill_rows(threads, rows, [features, targets], fill))
    }

    fn fill<E>(
        &mut self,
        fill: impl FnOnce(&mut [f32], &mut [f32]) -> Result<(), E>,
    ) -> Result<(), E> {
        match &self.targets {
            Some(targets) => {
                let (features, targets) = self.work.two_mut(self.features.place, targets.place);
                fill(features, targets)
            }
            None => fill(self.work.at_mut(self.features.place), &mut []),
        }
    }

    fn set(&mut self, learning_rate: f64, key: [u16; 4]) {
        if let Some(entry) = self.plan.input("learning_rate") {
            self.work.at_mut(entry.place)[0] = learning_rate as f32;
        }
        if let Some(entry) = self.plan.input("key") {
            for (to, from) in self.work.at_mut(entry.place).iter_mut().zip(key) {
                *to = f32::from(from);
            }
        }
    }

    fn scalar(&self, name: &str, state: &State<f32>) -> f32 {
        let found = self.plan.output(name, state, &self.work);
        found.ok().and_then(|values| values.first().copied()).unwrap_or(f32::NAN)
    }
}

/// The key of a step's random numbers.
///
/// SplitMix64's finalizer over seed and step (Steele, Lea and Flood 2014).
pub fn step_key(seed: u64, step: u64) -> [u16; 4] {
    let mut z = seed.wrapping_add(step.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    [z as u16, (z >> 16) as u16, (z >> 32) as u16, (z >> 48) as u16]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Tanh;
    use crate::losses::CrossEntropy;
    use crate::optimizers::Adam;

    fn engine() -> Engine {
        let options = StepOptions::new(CrossEntropy::default(), Adam::default());
        let model = Model::mlp(&[24], Tanh, 3);
        Engine::new(&model, &options, &[5], &[], 32, 2, 7).expect("the layers fit")
    }

    #[test]
    fn lent_examples_give_the_same_bits_as_copies() {
        let x: Vec<f32> = (0..64 * 5).map(|i| (i as f32 * 0.37).sin()).collect();
        let y: Vec<f32> = (0..64).map(|i| (i % 3) as f32).collect();
        let (mut lent, mut copied) = (engine(), engine());
        // Batches that are whole vectors, from any row on, and others.
        for (step, rows) in [0..32, 1..33, 33..64, 3..35, 0..7].into_iter().enumerate() {
            let (features, targets) = (&x[rows.start * 5..rows.end * 5], &y[rows.clone()]);
            let fill = |to: &mut [f32], beside: &mut [f32]| {
                to.copy_from_slice(features);
                beside.copy_from_slice(targets);
                Ok::<_, GraphError>(())
            };
            let (rows, key) = (rows.len(), step_key(0, step as u64));
            let loss = lent.step_on(rows, 0.01, key, features, targets).expect("right lengths");
            let same = copied.step(rows, 0.01, key, fill).expect("fills");
            assert_eq!(loss.to_bits(), same.to_bits(), "step {step}");
            assert_eq!(lent.state().as_slice(), copied.state().as_slice(), "step {step}");
            let (mut seen, mut also) = (Vec::new(), Vec::new());
            let take = |outputs: &[f32], _: &[f32], targets: &[f32]| {
                seen = [outputs, targets].concat();
            };
            let loss = lent.evaluate_on(rows, features, targets, take).expect("right lengths");
            let take = |outputs: &[f32], _: &[f32], targets: &[f32]| {
                also = [outputs, targets].concat();
            };
            let same = copied.evaluate(rows, fill, take).expect("fills");
            assert_eq!((loss, &seen), (same, &also), "step {step}");
        }
    }

    #[test]
    fn examples_of_another_length_are_refused_before_anything_changes() {
        let mut engine = engine();
        let before = engine.state().as_slice().to_vec();
        for (features, targets, want) in [
            (159, 32, "input `features` is given 159 values, but it has 160 (shape [32, 5])"),
            (160, 33, "input `targets` is given 33 values, but it has 32 (shape [32])"),
        ] {
            let (features, targets) = (vec![0.5; features], vec![0.0; targets]);
            let error = engine.step_on(32, 0.01, [1; 4], &features, &targets);
            let error = error.expect_err("a wrong length").to_string();
            assert_eq!(error, format!("run: {want}; give as many"));
            assert_eq!(engine.state().as_slice(), before);
        }
    }
}
