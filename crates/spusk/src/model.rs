//! From layers to graphs: the training step, the evaluation, the table of layers.
//!
//! A training loop of one's own, on the graphs alone:
//!
//! ```
//! use spusk::layers::Tanh;
//! use spusk::losses::Mse;
//! use spusk::model::{Batch, Model, OptimizerInitial, StepOptions};
//! use spusk::optimizers::Adam;
//! use spusk_graph::{Plan, PlanSpec, State, StateLayout, Team};
//!
//! let model = Model::mlp(&[8], Tanh, 1);
//! let batch = Batch::of_rows(4, 2);
//! let step = model.train_graph(&batch, &StepOptions::new(Mse, Adam::default()))?;
//!
//! let mut spec = PlanSpec::default();
//! step.outputs.iter().for_each(|(name, value)| spec.output(name, *value));
//! step.updates.iter().for_each(|&(state, new)| spec.update(state, new));
//! let parameters = step.parameters.iter().map(|p| (&p.name[..], &p.shape[..]));
//! let states = step.optimizer.iter().map(|s| (&s.name[..], &s.shape[..]));
//! let layout = StateLayout::new(parameters.chain(states));
//! let plan = Plan::<f32>::compile(&step.graph, &spec, &layout)?;
//!
//! let (mut state, mut work, mut team) = (State::new(&layout), plan.workspace(), Team::new(1));
//! for parameter in &step.parameters {
//!     let values = state.get_mut(&parameter.name).expect("it is in the layout");
//!     parameter.fill(7, values);
//! }
//! for slot in &step.optimizer {
//!     // Adam's states start with numbers; others may start as a copy of a parameter.
//!     if let OptimizerInitial::Number(number) = slot.initial {
//!         state.get_mut(&slot.name).expect("it is in the layout").fill(number as f32);
//!     }
//! }
//! work.input_mut("features")?.copy_from_slice(&[0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
//! work.input_mut("targets")?.copy_from_slice(&[0.0, 1.0, 1.0, 0.0]);
//! work.input_mut("learning_rate")?.fill(0.05);
//! for _ in 0..300 {
//!     plan.run(&mut team, &mut state, &mut work);
//! }
//! assert!(plan.output("loss", &state, &work)?[0] < 1e-3);
//! # Ok::<(), spusk_graph::GraphError>(())
//! ```

use spusk_graph::{Graph, GraphError, Shape, Trace, Value, Var, grad};

use crate::layers::{AnyLayer, Dense, Sequential};
use crate::losses::{AnyLoss, Prediction};
use crate::net::{Buffer, Mode, Net, Parameter, Row, Substitute};
use crate::optimizers::{
    AnyOptimizer, ParameterVars, Slot, SlotInitial, Update, UpdateContext, add_l2_penalty, average,
    clip_by_norm, clip_by_value, decay_weights, global_norm,
};

/// A feed-forward network: its layers, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// From the input to the output.
    pub layers: Vec<AnyLayer>,
}

/// Sizes of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Number of examples B.
    pub size: usize,
    /// Sizes of one example's features.
    pub features: Shape,
    /// Sizes of one example's target; `[]` for one number or class index.
    pub target: Shape,
}

/// What a training step contains.
#[derive(Debug, Clone)]
pub struct StepOptions {
    /// What is minimized.
    pub loss: AnyLoss,
    /// How.
    pub optimizer: AnyOptimizer,
    /// Gradients are kept within ± this.
    pub clip_value: Option<f64>,
    /// Gradients are scaled down to this norm, taken over all of them.
    pub clip_norm: Option<f64>,
    /// λ of ½λ‖θ‖², added to the loss through its gradient.
    pub l2_penalty: f64,
    /// λ of the decay of the parameters beside the gradient; `None` for the optimizer's own.
    pub weight_decay: Option<f64>,
    /// Evaluate an exponential moving average of the parameters, of which a step keeps this share.
    pub average: Option<f64>,
    /// Whether rows are weighted by the input `weights[B]`; 0 leaves a row out.
    pub weighted: bool,
    /// Which optional outputs to compute.
    pub outputs: StepOutputs,
    /// What buffers hold at first in place of one number, by their names.
    pub initial: Vec<(String, std::sync::Arc<[f32]>)>,
}

/// Optional outputs of a training step, beside `loss`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepOutputs {
    /// `gradient_norm`: of all gradients, before clipping.
    pub gradient_norm: bool,
    /// `correct`: how many rows (of weight above 0) are classified right; targets are class indices.
    pub correct: bool,
    /// `outputs[B, …]`: of the last layer.
    pub outputs: bool,
}

impl StepOptions {
    /// A plain step.
    pub fn new(loss: impl Into<AnyLoss>, optimizer: impl Into<AnyOptimizer>) -> StepOptions {
        StepOptions {
            loss: loss.into(),
            optimizer: optimizer.into(),
            clip_value: None,
            clip_norm: None,
            l2_penalty: 0.0,
            weight_decay: None,
            average: None,
            weighted: false,
            outputs: StepOutputs::default(),
            initial: Vec::new(),
        }
    }
}

/// A state that training adds to the parameters and buffers.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerState {
    /// `optimizer.<slot>` or `optimizer.<slot>.<parameter>`; also the state's name.
    pub name: String,
    /// Its sizes.
    pub shape: Shape,
    /// Its value before the first step.
    pub initial: OptimizerInitial,
}

/// The value of an [`OptimizerState`] before the first step.
#[derive(Debug, Clone, PartialEq)]
pub enum OptimizerInitial {
    /// One number everywhere.
    Number(f64),
    /// A copy of the named parameter.
    Parameter(String),
}

/// One training step as a graph: forward, loss, gradients, update.
///
/// Inputs: `features[B, …]`, `targets[B, …]`, `learning_rate[]`; `weights[B]` if rows are weighted;
/// `key[4]` (integers below 65536, others at every step) if a layer draws random numbers.
#[derive(Debug, Clone)]
pub struct TrainStep {
    /// The step.
    pub graph: Graph,
    /// Named results: `loss` first, then what was asked for and what the optimizer shows.
    pub outputs: Vec<(String, Value)>,
    /// States and what they become.
    pub updates: Vec<(Value, Value)>,
    /// All parameters, in the order of the layers.
    pub parameters: Vec<Parameter>,
    /// All buffers.
    pub buffers: Vec<Buffer>,
    /// All states of the optimizer.
    pub optimizer: Vec<OptimizerState>,
}

/// An evaluation as a graph.
///
/// Inputs: `features[B, …]`; with a loss also `targets[B, …]`, and `weights[B]` if rows are
/// weighted. Outputs: `outputs[B, …]` of the last layer and `predictions[B, …]` (probabilities, where
/// the loss has them), `code[B, …]` where a layer marks it; with a loss `loss_sum[]` and `loss_weight[]`, which add up over batches: the
/// loss of a data set is the quotient of their sums.
#[derive(Debug, Clone)]
pub struct EvalStep {
    /// The evaluation.
    pub graph: Graph,
    /// Named results.
    pub outputs: Vec<(String, Value)>,
    /// All parameters, in the order of the layers.
    pub parameters: Vec<Parameter>,
    /// All buffers.
    pub buffers: Vec<Buffer>,
}

impl From<Sequential> for Model {
    fn from(sequential: Sequential) -> Model {
        Model { layers: sequential.layers }
    }
}

impl From<Vec<AnyLayer>> for Model {
    fn from(layers: Vec<AnyLayer>) -> Model {
        Model { layers }
    }
}

impl Model {
    /// Dense layers with an activation behind each but the last: `hidden` widths, then `outputs`.
    pub fn mlp(hidden: &[usize], activation: impl Into<AnyLayer>, outputs: usize) -> Model {
        let activation = activation.into();
        let mut layers: Vec<AnyLayer> = Vec::new();
        for &width in hidden {
            layers.push(Dense::new(width).into());
            layers.push(activation.clone());
        }
        layers.push(Dense::new(outputs).into());
        Model { layers }
    }

    /// The training step for batches of one size.
    pub fn train_graph(
        &self,
        batch: &Batch,
        options: &StepOptions,
    ) -> Result<TrainStep, GraphError> {
        let trace = Trace::new();
        let mut net = Net::new(&trace, Mode::Train);
        let (features, targets) = batch.inputs(&trace);
        let outputs = net.layers(&self.layers, features);
        let weights = options.weighted.then(|| trace.input("weights", &[batch.size]));
        let scope = format!("loss {}", options.loss.name());
        let loss = trace.scoped(&scope, || {
            self.refuse_double_activation(&trace, &options.loss);
            options.loss.loss(outputs, targets, weights)
        });
        let mut named = vec![("loss".to_string(), loss)];
        if options.outputs.outputs {
            named.push(("outputs".into(), outputs));
        }
        if options.outputs.correct {
            named.push((
                "correct".into(),
                correct(outputs, targets, weights, options.loss.prediction()),
            ));
        }
        let (states, updates) = descend(&net, net.minimized(loss), options, &mut named);
        let updates: Vec<_> = net.updates.iter().copied().chain(updates).collect();
        let value = |var| trace.value(var);
        Ok(TrainStep {
            outputs: resolve(named, value)?,
            updates: updates
                .into_iter()
                .map(|(state, new)| Ok((value(state)?, value(new)?)))
                .collect::<Result<_, GraphError>>()?,
            parameters: net.parameters.into_iter().map(|(parameter, _)| parameter).collect(),
            buffers: net.buffers.into_iter().map(|(buffer, _)| buffer).collect(),
            optimizer: states,
            graph: trace.graph().clone(),
        })
    }

    /// The gradient of the loss in training, by the parameters' names, for batches of one size.
    ///
    /// Inputs as for [`Model::train_graph`], without the learning rate.
    pub fn gradient_graph(
        &self,
        batch: &Batch,
        options: &StepOptions,
    ) -> Result<EvalStep, GraphError> {
        let trace = Trace::new();
        let mut net = Net::new(&trace, Mode::Train);
        let (features, targets) = batch.inputs(&trace);
        let outputs = net.layers(&self.layers, features);
        let loss = net.minimized(options.loss.loss(outputs, targets, None));
        let trained = net.parameters.iter().filter(|(parameter, _)| parameter.trainable);
        let (names, values): (Vec<String>, Vec<Var>) =
            trained.map(|(parameter, value)| (parameter.name.clone(), *value)).unzip();
        let named = names.into_iter().zip(grad(loss, &values)).collect();
        Ok(EvalStep {
            outputs: resolve(named, |var| trace.value(var))?,
            parameters: net.parameters.into_iter().map(|(parameter, _)| parameter).collect(),
            buffers: net.buffers.into_iter().map(|(buffer, _)| buffer).collect(),
            graph: trace.graph().clone(),
        })
    }

    /// The evaluation for batches of one size.
    ///
    /// `loss` decides what the predictions are. `trained` is how the network is being trained: the
    /// states of its optimizer then decide which values the parameters have (averages, with some).
    /// `None` takes the parameters as they are: saved networks hold the values to be evaluated.
    pub fn eval_graph(
        &self,
        batch: &Batch,
        loss: Option<&AnyLoss>,
        weighted: bool,
        trained: Option<&StepOptions>,
    ) -> Result<EvalStep, GraphError> {
        let trace = Trace::new();
        let mut net = Net::new(&trace, Mode::Eval);
        if let Some(options) = trained {
            net = net.with_substitute(evaluated(&trace, options.clone()));
        }
        let features = trace.input("features", &batch.shape(&batch.features));
        let outputs = net.layers(&self.layers, features);
        let prediction = loss.map_or(Prediction::Identity, |loss| loss.prediction());
        let mut named = vec![("outputs".to_string(), outputs)];
        named.push(("predictions".into(), prediction.apply(outputs)));
        if let Some(code) = net.code {
            named.push(("code".into(), code));
        }
        if let Some(loss) = loss {
            let targets = trace.input("targets", &batch.shape(&batch.target));
            let weights = weighted.then(|| trace.input("weights", &[batch.size]));
            let total = trace.scoped(&format!("loss {}", loss.name()), || {
                self.refuse_double_activation(&trace, loss);
                loss.rows(outputs, targets).total(weights)
            });
            named.push(("loss_sum".into(), total.sum));
            named.push(("loss_weight".into(), total.weight));
        }
        Ok(EvalStep {
            outputs: resolve(named, |var| trace.value(var))?,
            parameters: net.parameters.into_iter().map(|(parameter, _)| parameter).collect(),
            buffers: net.buffers.into_iter().map(|(buffer, _)| buffer).collect(),
            graph: trace.graph().clone(),
        })
    }

    /// The values of the parameters that are evaluated and saved, by the parameters' names, from the
    /// states of a training. `None` if they are the trained ones, as with most optimizers.
    pub fn evaluated_graph(
        &self,
        batch: &Batch,
        trained: &StepOptions,
    ) -> Result<Option<EvalStep>, GraphError> {
        let parameters = self.parameters(batch)?;
        let trace = Trace::new();
        let substitute = evaluated(&trace, trained.clone());
        let mut same = true;
        let named = parameters.iter().map(|parameter| {
            let state = trace.state(&parameter.name, &parameter.shape);
            let value = substitute(parameter, state);
            same &= value.value() == state.value();
            (parameter.name.clone(), value)
        });
        let outputs = resolve(named.collect(), |var| trace.value(var))?;
        let graph = trace.graph().clone();
        Ok((!same).then_some(EvalStep { outputs, parameters, buffers: Vec::new(), graph }))
    }

    /// The parameters, for examples of these sizes.
    pub fn parameters(&self, batch: &Batch) -> Result<Vec<Parameter>, GraphError> {
        let trace = Trace::new();
        let mut net = Net::new(&trace, Mode::Eval);
        net.layers(&self.layers, trace.input("features", &batch.shape(&batch.features)));
        trace.check()?;
        Ok(net.parameters.into_iter().map(|(parameter, _)| parameter).collect())
    }

    /// One row a layer, for examples of these sizes; axis 0 of the shapes is the batch.
    pub fn describe(&self, batch: &Batch) -> Result<Vec<Row>, GraphError> {
        let trace = Trace::new();
        let mut net = Net::new(&trace, Mode::Eval);
        net.layers(&self.layers, trace.input("features", &batch.shape(&batch.features)));
        trace.check()?;
        Ok(net.rows)
    }

    /// A softmax in front of a loss that has its own would be applied twice.
    fn refuse_double_activation(&self, trace: &Trace, loss: &AnyLoss) {
        let Some(last) = self.layers.last() else { return };
        let twice = match loss.prediction() {
            Prediction::Softmax => last.name() == "softmax",
            Prediction::Sigmoid => last.name() == "sigmoid",
            Prediction::Identity | Prediction::Scores => false,
        };
        if twice {
            trace.fail(format!(
                "the network ends with `{}`, which this loss applies itself, in a more exact form; \
                 leave the last layer out",
                last.name()
            ));
        }
    }
}

impl Batch {
    /// A batch of rows of features, with one number or class index each.
    pub fn of_rows(size: usize, features: usize) -> Batch {
        Batch { size, features: [features].into(), target: Shape::default() }
    }

    /// The batch axis and an example's axes.
    fn shape(&self, example: &Shape) -> Vec<usize> {
        [&[self.size][..], &example[..]].concat()
    }

    pub(crate) fn inputs<'t>(&self, trace: &'t Trace) -> (Var<'t>, Var<'t>) {
        let features = trace.input("features", &self.shape(&self.features));
        (features, trace.input("targets", &self.shape(&self.target)))
    }
}

/// Gradients, clipping, penalties, the optimizer, the average: the states and what they become.
pub(crate) fn descend<'t>(
    net: &Net<'t>,
    loss: Var<'t>,
    options: &StepOptions,
    named: &mut Vec<(String, Var<'t>)>,
) -> (Vec<OptimizerState>, Vec<(Var<'t>, Var<'t>)>) {
    let trace = net.trace();
    let (parameters, values): (Vec<&Parameter>, Vec<Var>) =
        net.parameters.iter().filter(|(p, _)| p.trainable).map(|(p, value)| (p, *value)).unzip();
    let gradients = gradients(grad(loss, &values), options, named);
    let learning_rate = trace.input("learning_rate", &[]);
    let mut states = States::default();
    let globals = states.globals(trace, &options.optimizer.globals());
    let slots = states.slots(trace, &options.optimizer.slots(), &parameters);
    let (decay_before, weight_decay) =
        options.optimizer.weight_decay().shares(options.weight_decay);
    let mut updates = Vec::new();
    trace.scoped(&format!("optimizer {}", options.optimizer.name()), || {
        let vars: Vec<ParameterVars> = (values.iter().zip(&gradients).zip(&slots))
            .map(|((&value, &gradient), slots)| ParameterVars {
                gradient: add_l2_penalty(gradient, value, options.l2_penalty),
                value: decay_weights(value, learning_rate, decay_before),
                slots: slots.clone(),
            })
            .collect();
        let context = UpdateContext { learning_rate, weight_decay, globals: globals.clone() };
        let update = options.optimizer.update(&context, &vars);
        if let Some(keep) = options.average {
            updates.extend(averages(trace, options, keep, &update, &parameters, &mut states));
        }
        for ((&value, slots), new) in values.iter().zip(slots).zip(update.parameters) {
            updates.push((value, new.value));
            updates.extend(slots.into_iter().zip(new.slots));
        }
        updates.extend(globals.into_iter().zip(update.globals));
        named.extend(update.outputs.into_iter().map(|(name, var)| (name.to_string(), var)));
    });
    (states.declared, updates)
}

/// The averages of the parameters and what they become.
fn averages<'t>(
    trace: &'t Trace,
    options: &StepOptions,
    keep: f64,
    update: &Update<'t>,
    parameters: &[&Parameter],
    states: &mut States,
) -> Vec<(Var<'t>, Var<'t>)> {
    let counter = states.globals(trace, &[AVERAGED])[0];
    let means = states.slots(trace, &[AVERAGE], parameters);
    let mut updates = vec![(counter, counter + 1.0)];
    for (mean, new) in means.into_iter().zip(&update.parameters) {
        let now = options.optimizer.evaluated(new.value, &new.slots, &update.globals);
        updates.push((mean[0], average(mean[0], now, keep, counter)));
    }
    updates
}

/// The average of a parameter.
const AVERAGE: Slot = Slot { name: "average", initial: SlotInitial::Parameter };
/// How many steps are in the averages.
const AVERAGED: Slot = Slot { name: "averaged", initial: SlotInitial::Number(0.0) };

/// The states that a training adds to the parameters and buffers.
#[derive(Default)]
struct States {
    declared: Vec<OptimizerState>,
}

impl States {
    fn globals<'t>(&mut self, trace: &'t Trace, slots: &[Slot]) -> Vec<Var<'t>> {
        let add = |slot: &Slot| {
            let initial = match slot.initial {
                SlotInitial::Number(number) => OptimizerInitial::Number(number),
                // A scalar of the whole optimizer is no copy of a parameter.
                SlotInitial::Parameter => OptimizerInitial::Number(0.0),
            };
            let (name, shape) = (format!("optimizer.{}", slot.name), Shape::default());
            let var = trace.state(&name, &shape);
            self.declared.push(OptimizerState { name, shape, initial });
            var
        };
        slots.iter().map(add).collect()
    }

    fn slots<'t>(
        &mut self,
        trace: &'t Trace,
        slots: &[Slot],
        parameters: &[&Parameter],
    ) -> Vec<Vec<Var<'t>>> {
        let mut add = |slot: &Slot, parameter: &Parameter| {
            let initial = match slot.initial {
                SlotInitial::Number(number) => OptimizerInitial::Number(number),
                SlotInitial::Parameter => OptimizerInitial::Parameter(parameter.name.clone()),
            };
            let (name, shape) = (slot_name(slot, parameter), parameter.shape.clone());
            let var = trace.state(&name, &shape);
            self.declared.push(OptimizerState { name, shape, initial });
            var
        };
        let mut of = |parameter: &&Parameter| slots.iter().map(|s| add(s, parameter)).collect();
        parameters.iter().map(&mut of).collect()
    }
}

/// Clipped gradients; their norm before that becomes an output if it is wanted.
fn gradients<'t>(
    gradients: Vec<Var<'t>>,
    options: &StepOptions,
    named: &mut Vec<(String, Var<'t>)>,
) -> Vec<Var<'t>> {
    let mut gradients = gradients;
    let wanted = options.outputs.gradient_norm;
    let norm = if wanted { global_norm(&gradients) } else { None };
    named.extend(norm.map(|norm| ("gradient_norm".to_string(), norm)));
    if let Some(most) = options.clip_value {
        gradients = clip_by_value(&gradients, most);
    }
    if let Some(most) = options.clip_norm
        && let Some(norm) = global_norm(&gradients)
    {
        gradients = clip_by_norm(&gradients, norm, most);
    }
    gradients
}

fn slot_name(slot: &Slot, parameter: &Parameter) -> String {
    format!("optimizer.{}.{}", slot.name, parameter.name)
}

/// The values to evaluate, from the states of a training.
fn evaluated<'t>(trace: &'t Trace, options: StepOptions) -> Substitute<'t> {
    let state = |name: &str, shape: &[usize]| trace.state(name, shape);
    Box::new(move |parameter, value| {
        if !parameter.trainable {
            return value;
        }
        let slot = |slot: &Slot| state(&slot_name(slot, parameter), &parameter.shape);
        if options.average.is_some() {
            return slot(&AVERAGE);
        }
        // A state that no formula uses leaves no trace in the plan.
        let slots: Vec<Var> = options.optimizer.slots().iter().map(slot).collect();
        let global = |slot: &Slot| state(&format!("optimizer.{}", slot.name), &[]);
        let globals: Vec<Var> = options.optimizer.globals().iter().map(global).collect();
        options.optimizer.evaluated(value, &slots, &globals)
    })
}

/// How many rows are classified right: the largest output stands at their class, or, with one
/// output, its sign says yes (logits) or it is nearer to the class index. Rows of weight 0 are left
/// out.
fn correct<'t>(
    outputs: Var<'t>,
    targets: Var<'t>,
    weights: Option<Var<'t>>,
    prediction: Prediction,
) -> Var<'t> {
    let rows = targets.size();
    let threshold = if prediction == Prediction::Identity { 0.5 } else { 0.0 };
    let guess = match outputs.shape()[..] {
        [_, 1] => outputs.greater(threshold),
        _ => outputs.argmax(),
    };
    let hits = guess.reshape(&[rows]).equal(targets.reshape(&[rows])).reshape(&targets.shape());
    // Of a sequence the share of its places.
    let hits = crate::losses::mean_of_row(hits);
    weights.map_or(hits, |weights| hits * weights.step()).sum()
}

pub(crate) fn resolve<'t>(
    named: Vec<(String, Var<'t>)>,
    value: impl Fn(Var<'t>) -> Result<Value, GraphError>,
) -> Result<Vec<(String, Value)>, GraphError> {
    named.into_iter().map(|(name, var)| Ok((name, value(var)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{BatchNorm, Flatten, Gelu, LayerNorm, LeakyRelu, Relu, Softmax};
    use crate::losses::{CrossEntropy, Mse, Task};
    use crate::optimizers::{Adam, AdamW, Adan, Sgd};
    use crate::options::tests::least;
    use crate::testing::Training;

    fn names<T>(all: &[(String, T)]) -> Vec<&str> {
        all.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn states_have_the_names_that_files_use() {
        let model = Model::mlp(&[3], Relu, 2);
        let options = StepOptions { average: Some(0.9), ..StepOptions::new(Mse, Adam::default()) };
        let batch = Batch { size: 4, features: [5].into(), target: [2].into() };
        let step = model.train_graph(&batch, &options).expect("the sizes fit");
        let parameters: Vec<_> = step.parameters.iter().map(|p| (&p.name[..], &p.shape)).collect();
        let want = [
            ("layers.0.weight", &Shape::from([5, 3])),
            ("layers.0.bias", &Shape::from([3])),
            ("layers.2.weight", &Shape::from([3, 2])),
            ("layers.2.bias", &Shape::from([2])),
        ];
        assert_eq!(parameters, want);
        assert_eq!(
            step.parameters[0].layout.stored_shape(&step.parameters[0].shape),
            [3, 5].into()
        );
        let states: Vec<&str> =
            step.optimizer.iter().map(|state| &state.name[..]).take(4).collect();
        let want = [
            "optimizer.step",
            "optimizer.m.layers.0.weight",
            "optimizer.v.layers.0.weight",
            "optimizer.m.layers.0.bias",
        ];
        assert_eq!(states, want);
        let last = step.optimizer.last().expect("there are some");
        assert_eq!(last.name, "optimizer.average.layers.2.bias");
        assert_eq!(last.initial, OptimizerInitial::Parameter("layers.2.bias".into()));
        // Every state is updated, once: 4 parameters, m, v and mean of each, two counters.
        assert_eq!(step.updates.len(), 4 * 4 + 2);
        spusk_graph::verify(&step.graph).expect("the graph is legal");
    }

    #[test]
    fn a_network_learns_exclusive_or() {
        let model = Model::mlp(&[8], Relu, 2);
        let mut options = StepOptions::new(CrossEntropy::default(), Adam::default());
        options.outputs = StepOutputs { gradient_norm: true, correct: true, outputs: true };
        let batch = Batch::of_rows(4, 2);
        let step = model.train_graph(&batch, &options).expect("the sizes fit");
        assert_eq!(names(&step.outputs), ["loss", "outputs", "correct", "gradient_norm"]);
        let mut training = Training::new(&step, 3);
        training.give("features", &[4, 2], &[0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
        training.give("targets", &[4], &[0.0, 1.0, 1.0, 0.0]);
        training.give("learning_rate", &[], &[0.05]);
        let first = training.step(&step)["loss"].data[0];
        (0..200).for_each(|_| drop(training.step(&step)));
        let last = training.step(&step);
        assert!(first > 0.5 && last["loss"].data[0] < 0.01, "{first} {}", last["loss"].data[0]);
        assert_eq!(last["correct"].data, [4.0]);

        let loss = CrossEntropy::default().into();
        let eval = model.eval_graph(&batch, Some(&loss), false, None).expect("the sizes fit");
        let results = training.evaluate(&eval);
        assert!(results["predictions"].data.chunks(2).all(|p| (p[0] + p[1] - 1.0).abs() < 1e-12));
        assert_eq!(results["loss_weight"].data, [4.0]);
        let mean = results["loss_sum"].data[0] / 4.0;
        assert!(mean < last["loss"].data[0], "evaluated one step later");
    }

    #[test]
    fn rows_of_weight_0_do_not_count() {
        let model = Model::mlp(&[4], Relu, 1);
        let train = |rows: usize, weights: &[f64]| {
            let mut options = StepOptions::new(Mse, Sgd { momentum: 0.9, nesterov: true });
            (options.weighted, options.clip_norm) = (true, Some(0.1));
            let batch = Batch::of_rows(rows, 2);
            let step = model.train_graph(&batch, &options).expect("the sizes fit");
            let mut training = Training::new(&step, 5);
            let features: Vec<f64> = (0..rows * 2).map(|i| (i as f64).sin()).collect();
            training.give("features", &[rows, 2], &features);
            training.give("targets", &[rows], &[1.0, -1.0, 2.0, 50.0][..rows]);
            training.give("weights", &[rows], weights);
            training.give("learning_rate", &[], &[0.1]);
            (0..5).for_each(|_| drop(training.step(&step)));
            training.state("layers.0.weight").clone()
        };
        let (whole, padded) = (train(3, &[1.0; 3]), train(4, &[1.0, 1.0, 1.0, 0.0]));
        let off = whole.zip(&padded, |a, b| (a - b).abs());
        assert!(off.data.iter().all(|&x| x < 1e-14), "{whole:?} {padded:?}");
    }

    #[test]
    fn averages_are_what_is_evaluated() {
        let model = Model::mlp(&[], Relu, 1);
        let options = StepOptions { average: Some(0.5), ..StepOptions::new(Mse, Sgd::default()) };
        let batch = Batch::of_rows(1, 1);
        let step = model.train_graph(&batch, &options).expect("the sizes fit");
        let mut training = Training::new(&step, 1);
        training.give("features", &[1, 1], &[1.0]);
        training.give("targets", &[1], &[1.0]);
        training.give("learning_rate", &[], &[0.1]);
        let mut mean = 0.0;
        for t in 0..5 {
            training.step(&step);
            let keep = (f64::from(t) / f64::from(t + 1)).min(0.5);
            mean = keep * mean + (1.0 - keep) * training.state("layers.0.weight").data[0];
        }
        let graph = model.evaluated_graph(&batch, &options).expect("the sizes fit");
        let graph = graph.expect("averages are other values");
        let plain = StepOptions::new(Mse, Adam::default());
        assert!(model.evaluated_graph(&batch, &plain).expect("the sizes fit").is_none());
        let weight = training.evaluate(&graph)["layers.0.weight"].data[0];
        assert!((weight - mean).abs() < 1e-15, "{weight}, expected {mean}");
        let eval = model.eval_graph(&batch, None, false, Some(&options)).expect("the sizes fit");
        let bias = training.evaluate(&graph)["layers.0.bias"].data[0];
        let output = training.evaluate(&eval)["outputs"].data[0];
        assert!((output - (weight + bias)).abs() < 1e-15);
    }

    /// sin(a + 0.7·i)/2 for element i in PyTorch's order.
    fn waves(training: &mut Training, parameter: &Parameter, a: f64) {
        let file: Vec<f64> =
            (0..parameter.shape.size()).map(|i| (a + 0.7 * i as f64).sin() * 0.5).collect();
        let graph = parameter.layout.load(&file, &parameter.shape);
        training.give(&parameter.name, &parameter.shape, &graph);
    }

    #[test]
    fn fifty_steps_are_those_of_pytorch() {
        // The figures are PyTorch 2.15's, of the same network from the same numbers, in f64: Linear(4,
        // 6), BatchNorm1d, GELU, Linear(6, 5), LayerNorm, LeakyReLU(0.1), Linear(5, 3); cross-entropy
        // with label smoothing 0.1, clip_grad_norm_ to 0.5, Adam with weight_decay (an L2 penalty).
        let dense = |out: usize| AnyLayer::from(Dense::new(out));
        let model = Model::from(vec![
            dense(6),
            BatchNorm::default().into(),
            Gelu::default().into(),
            dense(5),
            LayerNorm::default().into(),
            LeakyRelu::default().into(),
            dense(3),
        ]);
        let loss = CrossEntropy { label_smoothing: 0.1, ..CrossEntropy::default() };
        let mut options = StepOptions::new(loss.clone(), Adam::default());
        (options.clip_norm, options.l2_penalty) = (Some(0.5), 0.02);
        options.outputs.gradient_norm = true;
        let batch = Batch::of_rows(8, 4);
        let step = model.train_graph(&batch, &options).expect("the sizes fit");
        let mut training = Training::new(&step, 0);
        let drawn = step.parameters.iter().filter(|p| {
            let layer = &p.name["layers.".len()..][..1];
            ["0", "3", "6"].contains(&layer)
        });
        for (parameter, a) in drawn.zip([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) {
            waves(&mut training, parameter, a);
        }
        let features: Vec<f64> = (0..32)
            .map(|n| (1.3 * f64::from(n / 4) + 0.5 * f64::from((n % 4) * (n % 4))).sin())
            .collect();
        training.give("features", &[8, 4], &features);
        training.give("targets", &[8], &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0]);
        training.give("learning_rate", &[], &[0.01]);
        let results: Vec<_> = (0..50).map(|_| training.step(&step)).collect();
        let near = |got: f64, want: f64| {
            assert!((got - want).abs() < 1e-11, "{got}, expected {want}");
        };
        near(results[0]["loss"].data[0], 1.4528010631631312);
        near(results[1]["loss"].data[0], 1.395271693625487);
        near(results[9]["loss"].data[0], 1.108357914769467);
        near(results[49]["loss"].data[0], 0.8398045172571099);
        near(results[49]["gradient_norm"].data[0], 0.5126737855322547);
        near(training.state("layers.1.running_mean").data[0], 0.1715546640848967);
        near(training.state("layers.1.running_var").data[5], 0.07525116033515983);
        let eval = model.eval_graph(&batch, Some(&loss.into()), false, None).expect("fits");
        near(training.evaluate(&eval)["loss_sum"].data[0] / 8.0, 1.0814452169492021);
    }

    /// One step of a small network, in the engine and by the reference.
    fn check_engine(layer: AnyLayer, loss: AnyLoss, optimizer: AnyOptimizer) {
        let outputs = loss.outputs(&Task::Classify { classes: 3 });
        let features = [crate::layers::tests::places(&layer), &[4]].concat();
        let last = Dense::new(outputs).into();
        let first = crate::layers::tests::in_front(&layer).into_iter();
        let layers = first.chain([layer.clone(), Flatten.into(), last]).collect();
        let model = Model { layers };
        let numbers = loss.prediction() == Prediction::Identity;
        let target = if numbers { Shape::from([3]) } else { Shape::default() };
        let mut options = StepOptions::new(loss, optimizer);
        (options.clip_norm, options.clip_value) = (Some(0.5), Some(0.4));
        (options.average, options.weighted, options.l2_penalty) = (Some(0.9), true, 0.01);
        options.outputs.gradient_norm = true;
        let batch = Batch { size: 5, features: features[..].into(), target: target.clone() };
        let step = model.train_graph(&batch, &options).expect("the sizes fit");
        let mut training = Training::new(&step, 2);
        let wave = |n: usize| (0..n).map(|i| (1.7 * i as f64).sin()).collect::<Vec<f64>>();
        let shape = batch.shape(&batch.features);
        let features = crate::layers::tests::features(&layer, wave(shape.iter().product()));
        training.give("features", &shape, &features);
        let targets = if numbers { wave(15) } else { vec![0.0, 1.0, 2.0, 0.0, 1.0] };
        training.give("targets", &batch.shape(&target), &targets);
        training.give("weights", &[5], &[1.0, 1.0, 0.5, 1.0, 0.0]);
        training.give("learning_rate", &[], &[0.01]);
        training.give("key", &[4], &[1.0, 2.0, 3.0, 4.0]);
        // A second step starts from slots that are not 0.
        training.step(&step);
        training.check_engine(&step);
    }

    #[test]
    fn the_engine_does_what_the_reference_says() {
        let relu = || AnyLayer::from(Relu);
        for layer in crate::layers::tests::one_of_each() {
            check_engine(layer, CrossEntropy::default().into(), Sgd::default().into());
        }
        for help in AnyLoss::HELP {
            let loss = AnyLoss::from_spec(&least(help)).expect("the list's test reads it");
            check_engine(relu(), loss, Sgd::default().into());
        }
        for help in AnyOptimizer::HELP {
            let optimizer =
                AnyOptimizer::from_spec(&least(help)).expect("the list's test reads it");
            check_engine(relu(), CrossEntropy::default().into(), optimizer);
        }
    }

    #[test]
    fn single_precision_stays_near_for_fifty_steps() {
        for help in AnyOptimizer::HELP {
            let optimizer =
                AnyOptimizer::from_spec(&least(help)).expect("the list's test reads it");
            // Gentle steps: wide ones magnify any rounding, here and in every other program.
            let rate = 0.1 * optimizer.learning_rate();
            let model = Model::mlp(&[16, 16], crate::layers::Tanh, 3);
            let options = StepOptions::new(CrossEntropy::default(), optimizer);
            let step = model.train_graph(&Batch::of_rows(12, 4), &options).expect("the sizes fit");
            let mut training = Training::new(&step, 2);
            // What is rounded on the way in is not the engine's rounding.
            let wave = |i: usize| f64::from((1.7 * i as f64).sin() as f32);
            training.give("features", &[12, 4], &(0..48).map(wave).collect::<Vec<f64>>());
            training.give("targets", &[12], &[0.0, 1.0, 2.0].repeat(4));
            training.give("learning_rate", &[], &[rate]);
            let single = training.losses::<f32>(&step, 50);
            let double = training.losses::<f64>(&step, 50);
            assert!(double[49] < double[0], "{} descends", help.name);
            for (t, (single, double)) in single.iter().zip(&double).enumerate() {
                let off = (single / double - 1.0).abs();
                assert!(off < 1e-4, "{} step {t}: {single}, in f64 {double}", help.name);
            }
        }
    }

    #[test]
    fn the_decay_asked_for_replaces_the_optimizers_own() {
        let weight = |optimizer: AnyOptimizer, weight_decay: Option<f64>| {
            let model = Model::mlp(&[], Relu, 1);
            let options = StepOptions { weight_decay, ..StepOptions::new(Mse, optimizer) };
            let step = model.train_graph(&Batch::of_rows(1, 1), &options).expect("the sizes fit");
            let mut training = Training::new(&step, 1);
            training.give("features", &[1, 1], &[0.0]);
            training.give("targets", &[1], &[0.0]);
            training.give("layers.0.weight", &[1, 1], &[1.0]);
            training.give("learning_rate", &[], &[0.1]);
            training.step(&step);
            training.state("layers.0.weight").data[0]
        };
        // The gradient is 0: the decay acts alone.
        assert_eq!(weight(AdamW::default().into(), None), 1.0 - 0.1 * 0.01);
        assert_eq!(weight(AdamW::default().into(), Some(0.5)), 1.0 - 0.1 * 0.5);
        assert_eq!(weight(Sgd::default().into(), Some(0.5)), 1.0 - 0.1 * 0.5);
        assert_eq!(weight(Adan::default().into(), Some(0.5)), 1.0 / (1.0 + 0.1 * 0.5));
    }

    #[test]
    fn errors_name_the_layer_and_the_cure() {
        let check = |model: &Model, batch: Batch, loss: AnyLoss, want: &str| {
            let options = StepOptions::new(loss, Sgd::default());
            let error = model.train_graph(&batch, &options).expect_err("broken").to_string();
            assert_eq!(error, want);
        };
        check(
            &Model::mlp(&[], Relu, 3),
            Batch { size: 4, features: [].into(), target: [].into() },
            Mse.into(),
            "layers.0 dense: the input has shape [4], expected [batch, features]; give each row a \
             list of features",
        );
        check(
            &Model::mlp(&[], Relu, 3),
            Batch::of_rows(4, 2),
            Mse.into(),
            "loss mse: the last layer's output has shape [4, 3], the targets [4]; end the network \
             with `dense 1`",
        );
        check(
            &Model::from(vec![Dense::new(3).into(), Softmax.into()]),
            Batch::of_rows(4, 2),
            CrossEntropy::default().into(),
            "loss cross_entropy: the network ends with `softmax`, which this loss applies itself, in \
             a more exact form; leave the last layer out",
        );
        check(
            &Model::mlp(&[], Relu, 3),
            Batch { size: 4, features: [2, 2].into(), target: [].into() },
            CrossEntropy::default().into(),
            "loss cross_entropy: the last layer's output has shape [4, 2, 3], expected [batch, \
             classes]; put `flatten` before the last `dense`",
        );
    }

    #[test]
    fn the_table_of_layers_counts_parameters() {
        let rows = Model::mlp(&[128], Relu, 10).describe(&Batch::of_rows(64, 784)).expect("fits");
        let got: Vec<_> = (rows.iter())
            .map(|row| (&row.path[..], &row.layer[..], row.output.to_string(), row.parameters))
            .collect();
        let want = [
            ("layers.0", "dense 128", "[64, 128]".to_string(), 100_480),
            ("layers.1", "relu", "[64, 128]".to_string(), 0),
            ("layers.2", "dense 10", "[64, 10]".to_string(), 1290),
        ];
        assert_eq!(got, want);
    }
}
