//! Networks of the same layers that are trained side by side, as one computation.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use spusk_graph::{
    GraphError, Plan, PlanSpec, State, StateLayout, Team, Trace, Value, Var, Workspace,
};

use crate::data::{Batches, DataError, Encoded};
use crate::layers::AnyLayer;
use crate::losses::Prediction;
use crate::metrics::json_number;
use crate::model::{Batch, Model, OptimizerInitial, StepOptions, descend, resolve};
use crate::net::{Mode, Net, Parameter};
use crate::optimizers::AnyOptimizer;
use crate::schedules::AnySchedule;
use crate::train::{TrainError, batches, positions};

/// How every network is trained.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The layers, the loss, the optimizer.
    pub model: Model,
    /// The loss and the optimizer.
    pub options: StepOptions,
    /// Examples in a step.
    pub batch_size: usize,
    /// Passes over the training rows.
    pub epochs: u64,
    /// η, which the schedule multiplies.
    pub learning_rate: f64,
    /// The course of the learning rate.
    pub schedule: AnySchedule,
}

/// What the weights of all networks of a stack and their values may take, in bytes: about what stays in the
/// second-level cache.
const CACHED: usize = 768 << 10;

impl Recipe {
    /// How many networks are best trained side by side by one thread: as many as stay in its cache. The
    /// number changes no result.
    #[must_use]
    pub fn networks(&self, train: &Encoded) -> usize {
        let batch = Batch::of_rows(self.batch_size, train.width());
        let batch = Batch { features: train.shape().into(), ..batch };
        let parameters = self.model.parameters(&batch).unwrap_or_default();
        let weights: usize = parameters.iter().map(|parameter| parameter.shape.size()).sum();
        let rows = self.model.describe(&batch).unwrap_or_default();
        let values: usize = rows.iter().map(|row| row.output.size()).sum();
        let bytes = 4 * (2 * weights + 2 * values + self.batch_size * train.width());
        (CACHED / bytes.max(1)).clamp(2, 64)
    }
}

/// What a network came to on some rows.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// The mean loss; NaN if training diverged.
    #[serde(with = "json_number")]
    pub loss: f64,
    /// The share of rows whose class is right; it means nothing where there are no classes.
    #[serde(with = "json_number")]
    pub accuracy: f64,
}

/// Several networks with their weights, states of the optimizer and compiled steps.
///
/// Each has its own first weights and its own order of the rows; nothing of one reaches another. A network
/// becomes the same bits whatever stands beside it.
pub struct Stack<'d> {
    recipe: Recipe,
    train: &'d Encoded,
    target: Vec<usize>,
    /// Networks that were asked for.
    wanted: usize,
    /// Those and, beside a single one, its twin: the compiler leaves an axis of size 1 out, and what it then
    /// makes differs in the last bits.
    seeds: Vec<u64>,
    layout: StateLayout,
    state: State<f32>,
    team: Team,
    steps: Vec<Compiled>,
    evaluations: Vec<Compiled>,
    epoch: u64,
}

struct Compiled {
    rows: usize,
    plan: Plan<f32>,
    work: Workspace<f32>,
}

/// Rows of an evaluation.
const EVALUATED: usize = 256;

impl<'d> Stack<'d> {
    /// A network for each seed; the seed decides its first weights and its order of the rows, as it does
    /// in an ordinary training.
    ///
    /// # Errors
    /// If the layers do not fit the rows, or some cannot be computed for many networks at once
    /// ([`Stack::holds`]).
    pub fn new(
        recipe: &Recipe,
        train: &'d Encoded,
        target: &[usize],
        seeds: &[u64],
    ) -> Result<Stack<'d>, TrainError> {
        if train.is_empty() {
            return Err(TrainError::NoRows);
        }
        let rows = recipe.batch_size.min(train.len());
        let wanted = seeds.len();
        let seeds: Vec<u64> = match seeds {
            [single] => vec![*single; 2],
            several => several.to_vec(),
        };
        let networks = seeds.len();
        let traced = trace_step(recipe, train, target, networks, rows)?;
        let states = traced.parameters.iter().map(|p| (&p.name[..], &p.shape[..]));
        let slots = traced.slots.iter().map(|(name, shape, _)| (&name[..], &shape[..]));
        let layout = StateLayout::new(states.chain(slots));
        let mut state = State::new(&layout);
        for parameter in &traced.parameters {
            let own = parameter.shape.size() / networks.max(1);
            let alone = Parameter { shape: parameter.shape[1..].into(), ..parameter.clone() };
            let values = state.get_mut(&parameter.name).unwrap_or(&mut []);
            for (values, &seed) in values.chunks_mut(own.max(1)).zip(&seeds) {
                alone.fill(seed, values);
            }
        }
        for (name, _, initial) in &traced.slots {
            let copied = match initial {
                OptimizerInitial::Number(_) => None,
                OptimizerInitial::Parameter(of) => state.get(of).map(<[f32]>::to_vec),
            };
            let Some(values) = state.get_mut(name) else { continue };
            match (initial, copied) {
                (OptimizerInitial::Number(number), _) => values.fill(*number as f32),
                (_, Some(copied)) => values.copy_from_slice(&copied),
                (_, None) => {}
            }
        }
        let first = traced.compile(&layout, rows)?;
        Ok(Stack {
            recipe: recipe.clone(),
            train,
            target: target.to_vec(),
            wanted,
            seeds,
            layout,
            state,
            team: Team::new(1),
            steps: vec![first],
            evaluations: Vec::new(),
            epoch: 0,
        })
    }

    /// Whether many networks of these layers can be computed at once: dense layers and what treats
    /// every example by itself without weights and without chance.
    #[must_use]
    pub fn holds(model: &Model) -> bool {
        fn plain(layer: &AnyLayer) -> bool {
            match layer {
                AnyLayer::Residual(residual) => residual.layers.iter().all(plain),
                AnyLayer::Sequential(sequential) => sequential.layers.iter().all(plain),
                layer => PLAIN.contains(&layer.name()),
            }
        }
        model.layers.iter().all(plain)
    }

    /// Whether an optimizer treats every number by itself: one that sums over a tensor would mix the
    /// networks, and the weights of one that averages are not those that are evaluated.
    #[must_use]
    pub fn takes(optimizer: &AnyOptimizer) -> bool {
        !matches!(
            optimizer,
            AnyOptimizer::Prodigy(_) | AnyOptimizer::ScheduleFreeAdamW(_) | AnyOptimizer::Custom(_)
        )
    }

    /// Epochs that are over.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Trains all networks for an epoch.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn train_epoch(&mut self) -> Result<(), TrainError> {
        for batch in 0..batches(self.train.len(), self.recipe.batch_size) {
            self.batch(batch)?;
        }
        self.epoch += 1;
        Ok(())
    }

    /// A step of every network, on the batch of this number of its own order.
    fn batch(&mut self, batch: usize) -> Result<(), TrainError> {
        let (total, size) = (self.train.len(), self.recipe.batch_size);
        let of_epoch = batches(total, size) as u64;
        let places = positions(total, size, batch);
        let (step, all) = (self.epoch * of_epoch + batch as u64, self.recipe.epochs * of_epoch);
        let rate = self.recipe.learning_rate * self.recipe.schedule.factor(step, all);
        let at = self.step_of(places.len())?;
        let (compiled, epoch, train) = (&mut self.steps[at], self.epoch, self.train);
        compiled.fill(&self.seeds, |&seed, features, targets| {
            Batches::new(train, seed, true).fill(epoch, places.clone(), features, targets)
        })?;
        compiled.give("learning_rate", rate as f32);
        compiled.plan.run(&mut self.team, &mut self.state, &mut compiled.work);
        Ok(())
    }

    /// What every network makes of some rows.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn evaluate(&mut self, part: &Encoded) -> Result<Vec<Outcome>, TrainError> {
        let networks = self.seeds.len();
        let (mut sums, mut hits) = (vec![0.0; networks], vec![0.0; networks]);
        let mut weights = vec![0.0; networks];
        let rows = Batches::new(part, 0, false);
        for batch in 0..batches(part.len(), EVALUATED) {
            let places = positions(part.len(), EVALUATED, batch);
            let at = self.evaluation_of(places.len())?;
            let compiled = &mut self.evaluations[at];
            compiled.fill(&[()], |(), features, targets| {
                rows.fill(0, places.clone(), features, targets)
            })?;
            compiled.plan.run(&mut self.team, &mut self.state, &mut compiled.work);
            let get = |name| compiled.plan.output(name, &self.state, &compiled.work);
            for (name, to) in [("sum", &mut sums), ("weight", &mut weights), ("hits", &mut hits)] {
                let values = get(name)?;
                // Without weights of rows the weight is one number.
                let values = values.iter().cycle().take(networks);
                to.iter_mut().zip(values).for_each(|(to, &x)| *to += f64::from(x));
            }
        }
        let all = part.len().max(1) as f64;
        let outcome = |network: usize| {
            let loss = sums[network] / weights[network];
            // What a network that diverged gets right is chance.
            let accuracy = if loss.is_finite() { hits[network] / all } else { f64::NAN };
            Outcome { loss, accuracy }
        };
        Ok((0..self.wanted).map(outcome).collect())
    }

    /// The weights of one network, by the parameters' names.
    #[must_use]
    pub fn weights(&self, network: usize) -> Vec<(String, Vec<f32>)> {
        let of = |entry: &spusk_graph::Entry| {
            let own = entry.shape.size() / self.seeds.len().max(1);
            let values = self.state.get(&entry.name).unwrap_or(&[]);
            (entry.name.clone(), values[network * own..(network + 1) * own].to_vec())
        };
        let states = self.layout.entries().iter();
        states.filter(|entry| !entry.name.starts_with("optimizer.")).map(of).collect()
    }

    /// Everything that goes on: with [`Stack::restore`] it makes a stack of the same seeds the same again.
    #[must_use]
    pub fn state(&self) -> &[f32] {
        self.state.as_slice()
    }

    /// Goes on from a state behind so many epochs; false if it is of another stack.
    pub fn restore(&mut self, epoch: u64, state: &[f32]) -> bool {
        let own = self.state.as_mut_slice();
        if own.len() != state.len() || epoch > self.recipe.epochs {
            return false;
        }
        own.copy_from_slice(state);
        self.epoch = epoch;
        true
    }

    /// Seconds that an epoch of one network takes on this thread, measured on at most an epoch in about so
    /// much time. What it trained meanwhile is forgotten.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn pace(&mut self, most: Duration) -> Result<f64, TrainError> {
        let before = self.state.clone();
        let of_epoch = batches(self.train.len(), self.recipe.batch_size);
        self.batch(0)?;
        let (started, mut done) = (Instant::now(), 0);
        while done < of_epoch.max(1) && (done == 0 || started.elapsed() < most) {
            self.batch(done)?;
            done += 1;
        }
        let seconds = started.elapsed().as_secs_f64() / done as f64;
        self.state = before;
        Ok(seconds * of_epoch as f64 / self.seeds.len().max(1) as f64)
    }

    fn step_of(&mut self, rows: usize) -> Result<usize, TrainError> {
        if let Some(at) = self.steps.iter().position(|compiled| compiled.rows == rows) {
            return Ok(at);
        }
        let traced = trace_step(&self.recipe, self.train, &self.target, self.seeds.len(), rows)?;
        self.steps.push(traced.compile(&self.layout, rows)?);
        Ok(self.steps.len() - 1)
    }

    fn evaluation_of(&mut self, rows: usize) -> Result<usize, TrainError> {
        if let Some(at) = self.evaluations.iter().position(|compiled| compiled.rows == rows) {
            return Ok(at);
        }
        let traced =
            trace_evaluation(&self.recipe, self.train, &self.target, self.seeds.len(), rows)?;
        self.evaluations.push(traced.compile(&self.layout, rows)?);
        Ok(self.evaluations.len() - 1)
    }
}

/// The layers that a stack can hold, beside those that are made of such.
const PLAIN: &[&str] = &[
    "dense",
    "flatten",
    "identity",
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "sigmoid",
    "softplus",
    "softmax",
    "tanh",
    "threshold",
    "unflatten",
];

impl Compiled {
    /// Writes a batch for each.
    fn fill<S>(
        &mut self,
        each: &[S],
        fill: impl Fn(&S, &mut [f32], &mut [f32]) -> Result<(), DataError>,
    ) -> Result<(), TrainError> {
        let place = |name: &str| self.plan.input(name).map(|entry| entry.place);
        let (Some(features), Some(targets)) = (place("features"), place("targets")) else {
            return Err(TrainError::Graph(GraphError::new(
                "model",
                "the loss does not depend on the features; add a layer with weights",
            )));
        };
        let (features, targets) = self.work.two_mut(features, targets);
        let parts = each.len().max(1);
        let (width, count) = (features.len() / parts, targets.len() / parts);
        let mut places = features.chunks_mut(width.max(1)).zip(targets.chunks_mut(count.max(1)));
        let mut fill = |(one, (features, targets)): (&S, (&mut [f32], &mut [f32]))| {
            fill(one, features, targets)
        };
        each.iter().zip(places.by_ref()).try_for_each(&mut fill)?;
        Ok(())
    }

    fn give(&mut self, name: &str, value: f32) {
        if let Ok(place) = self.work.input_mut(name) {
            place.fill(value);
        }
    }
}

/// A graph with what a plan needs to know.
struct Traced {
    trace: Trace,
    outputs: Vec<(String, Value)>,
    updates: Vec<(Value, Value)>,
    parameters: Vec<Parameter>,
    slots: Vec<(String, spusk_graph::Shape, OptimizerInitial)>,
}

impl Traced {
    fn compile(&self, layout: &StateLayout, rows: usize) -> Result<Compiled, GraphError> {
        let mut spec = PlanSpec::default();
        self.outputs.iter().for_each(|(name, value)| spec.output(name, *value));
        self.updates.iter().for_each(|&(state, new)| spec.update(state, new));
        let plan = Plan::compile(&self.trace.graph(), &spec, layout)?;
        Ok(Compiled { rows, work: plan.workspace(), plan })
    }
}

/// The step of all networks: what is minimized is the sum of their losses, so the gradient by the weights of
/// each is that of its own.
fn trace_step(
    recipe: &Recipe,
    data: &Encoded,
    target: &[usize],
    networks: usize,
    rows: usize,
) -> Result<Traced, GraphError> {
    let trace = Trace::new();
    let (parameters, slots, outputs, updates) = {
        let mut net = Net::new(&trace, Mode::Train).with_networks(networks);
        let batch =
            Batch { size: networks * rows, features: data.shape().into(), target: target.into() };
        let (features, targets) = batch.inputs(&trace);
        let outputs = net.layers(&recipe.model.layers, features);
        let loss = means(recipe, outputs, targets, networks).0;
        let mut named = Vec::new();
        let (states, updates) = descend(&net, loss.sum(), &recipe.options, &mut named);
        let updates =
            updates.into_iter().map(|(state, new)| Ok((trace.value(state)?, trace.value(new)?)));
        let slots = states.into_iter().map(|state| (state.name, state.shape, state.initial));
        let updates = updates.collect::<Result<Vec<_>, GraphError>>()?;
        let parameters: Vec<Parameter> = net.parameters.iter().map(|(p, _)| p.clone()).collect();
        (parameters, slots.collect(), Vec::new(), updates)
    };
    Ok(Traced { trace, outputs, updates, parameters, slots })
}

/// Sums of the losses and of the rows that are right, a number for each network; all see the same rows.
fn trace_evaluation(
    recipe: &Recipe,
    data: &Encoded,
    target: &[usize],
    networks: usize,
    rows: usize,
) -> Result<Traced, GraphError> {
    let trace = Trace::new();
    let (parameters, outputs) = {
        let mut net = Net::new(&trace, Mode::Eval).with_networks(networks);
        let batch = Batch { size: rows, features: data.shape().into(), target: target.into() };
        let (features, targets) = batch.inputs(&trace);
        let [features, targets] = [features, targets].map(|x| repeated(x, networks));
        let outputs = net.layers(&recipe.model.layers, features);
        let (_, sum, weight) = means(recipe, outputs, targets, networks);
        let hits = right(outputs, targets, recipe.options.loss.prediction());
        let hits = hits.reshape(&[networks, rows]).sum_keeping(&[1]);
        let named = [("sum", sum), ("weight", weight), ("hits", hits)];
        let named = named.map(|(name, var)| (name.to_string(), var)).to_vec();
        let parameters: Vec<Parameter> = net.parameters.iter().map(|(p, _)| p.clone()).collect();
        (parameters, resolve(named, |var| trace.value(var))?)
    };
    Ok(Traced { trace, outputs, updates: Vec::new(), parameters, slots: Vec::new() })
}

/// The mean loss of each network, its sum and its weight.
fn means<'t>(
    recipe: &Recipe,
    outputs: Var<'t>,
    targets: Var<'t>,
    networks: usize,
) -> (Var<'t>, Var<'t>, Var<'t>) {
    let rows = recipe.options.loss.rows(outputs, targets);
    let by_network = |x: Var<'t>| {
        let count = x.shape().size() / networks.max(1);
        x.reshape(&[networks, count]).sum_keeping(&[1])
    };
    let sum = by_network(rows.loss);
    let count = rows.loss.shape().size() / networks.max(1);
    let weight = match rows.weight {
        Some(weight) => by_network(weight),
        None => outputs.trace().constant(count as f64),
    };
    let mean = match rows.weight {
        Some(_) => sum / weight,
        None => sum * (1.0 / count as f64),
    };
    (mean, sum, weight)
}

/// `x[B, …]` of every network: `[networks · B, …]`.
fn repeated(x: Var<'_>, networks: usize) -> Var<'_> {
    let shape = x.shape();
    let one = [&[1][..], &shape[..]].concat();
    let all = [&[networks][..], &shape[..]].concat();
    let rows = shape.first().copied().unwrap_or(1);
    let end = [&[networks * rows][..], shape.get(1..).unwrap_or(&[])].concat();
    x.reshape(&one).broadcast(&all).reshape(&end)
}

/// 1 for every row whose class is right.
fn right<'t>(outputs: Var<'t>, targets: Var<'t>, prediction: Prediction) -> Var<'t> {
    let rows = outputs.shape().first().copied().unwrap_or(1);
    if targets.shape().size() != rows {
        return outputs.trace().full(0.0, &[rows]);
    }
    let threshold = if prediction == Prediction::Identity { 0.5 } else { 0.0 };
    let guess = match outputs.shape()[..] {
        [_, 1] => outputs.greater(threshold),
        _ => outputs.argmax(),
    };
    guess.reshape(&[rows]).equal(targets.reshape(&[rows]))
}

#[cfg(test)]
mod tests;
