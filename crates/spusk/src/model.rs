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

mod descent;

use spusk_graph::{Graph, GraphError, Shape, Trace, Value, Var, grad};

use crate::layers::{AnyLayer, Dense, Sequential};
use crate::losses::{AnyLoss, Prediction};
use crate::messages::{self as say, Said};
use crate::net::{Buffer, Mode, Net, Parameter, Row};
use crate::optimizers::AnyOptimizer;
pub(crate) use descent::descend;
use descent::evaluated;

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
            trace.fail(Said::new(|l| say::network_twice(l, last.name())));
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
mod tests;
