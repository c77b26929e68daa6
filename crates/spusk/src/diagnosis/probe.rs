//! One look at a training: signals, gradients and updates by layer, measured in one pass.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};
use spusk_graph::{GraphError, Trace, Var, grad};

use super::{Sample, clones};
use crate::Model;
use crate::engine::{Engine, Extra, step_key};
use crate::model::{Batch, EvalStep, StepOptions, descend, resolve};
use crate::net::{Mode, Net};

/// Training examples that a look takes: always the same ones, so that looks can be compared.
pub const ROWS: usize = 256;
/// Examples of which a neuron that fires seldom is probably met: on fewer it may look dead.
pub const ENOUGH_ROWS: usize = 200;

/// What one look found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Steps taken before it.
    pub step: u64,
    /// The learning rate η of the next step.
    pub learning_rate: f64,
    /// The loss on the rows of the look.
    pub loss: f64,
    /// Training examples that were looked at; 0 where that is not known.
    #[serde(default)]
    pub rows: usize,
    /// The loss there if the network put out 0 for all: even odds, or the mean of a standardized target.
    pub zero_loss: f64,
    /// The loss there before and after one more step that is taken from just these rows.
    pub around_step: Option<[f64; 2]>,
    /// The fall that the gradient promises for that step: −g·Δθ.
    pub promised: f64,
    /// ‖g‖ of the loss there.
    pub gradient_norm: f64,
    /// Layers with weights, from the input to the output.
    pub layers: Vec<LayerProbe>,
    /// What layers put out.
    pub signals: Vec<SignalProbe>,
}

/// The weights of one layer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LayerProbe {
    /// `layers.0`.
    pub path: String,
    /// ‖w‖.
    pub weight: f64,
    /// ‖∂loss/∂w‖.
    pub gradient: f64,
    /// ‖Δw‖ of one more step that is taken from just the rows of the look.
    pub update: f64,
    /// The share of neurons whose weights are those of another one.
    pub clones: f64,
}

/// What one layer puts out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SignalProbe {
    /// `layers.1`.
    pub path: String,
    /// Its name: `relu`.
    pub layer: String,
    /// √ mean y².
    pub rms: f64,
    /// Of rectifiers: the share of neurons that are 0 on every row.
    pub silent: Option<f64>,
    /// Of tanh and sigmoid: the share of values in the flat tails, |tanh| above 0.95, or a sigmoid
    /// outside of 0.05 to 0.95.
    pub flat: Option<f64>,
    /// Its neurons.
    pub units: usize,
}

impl LayerProbe {
    /// ‖Δw‖ / ‖w‖.
    pub fn update_ratio(&self) -> f64 {
        self.update / self.weight
    }

    /// ‖g‖ / ‖w‖.
    pub fn gradient_ratio(&self) -> f64 {
        self.gradient / self.weight
    }
}

impl Probe {
    /// By how much the step is too wide along its own direction, on its own rows: ½ΔᵀHΔ / (−g·Δ). ½ is
    /// the best step there; above 1 the step makes the loss larger.
    pub fn overshoot(&self) -> Option<f64> {
        let [before, after] = self.around_step?;
        // A fall within rounding, or a momentum that leads uphill, says nothing about the width.
        let is_told = self.promised > 1e-3 * before.abs() && self.promised.is_finite();
        is_told.then(|| (1.0 + (after - before) / self.promised).max(0.0))
    }
}

/// Looks at an engine again and again.
pub struct Prober {
    extra: Extra,
    described: Described,
}

/// Which outputs the graph of a look has.
#[derive(Debug, Clone, Default)]
struct Described {
    /// Path and name of every weight.
    weights: Vec<(String, String)>,
    /// Path, layer, neurons.
    signals: Vec<(String, &'static str, usize)>,
}

impl Prober {
    /// Compiles the look for an engine, at most `rows` examples at once.
    ///
    /// # Errors
    /// If the gradient of the network cannot be compiled.
    pub fn new(engine: &Engine, rows: usize) -> Result<Prober, GraphError> {
        let mut described = Described::default();
        let extra = engine
            .extra(rows, |model, batch, options| graph(model, batch, options, &mut described))?;
        Ok(Prober { extra, described })
    }

    /// Examples that it looks at.
    pub fn rows(&self) -> usize {
        self.extra.rows()
    }

    /// Looks at rows of a sample from `start` on, which must have as many. Changes nothing.
    pub fn look(
        &mut self,
        engine: &mut Engine,
        (sample, start): (&Sample, usize),
        (step, learning_rate): (u64, f64),
    ) -> Probe {
        // Layers that draw random numbers draw the same ones every time.
        let fill = |features: &mut [f32], targets: &mut [f32]| {
            sample.fill(start, features, targets);
            Ok::<_, Infallible>(())
        };
        let Ok(()) = engine.run_extra(&mut self.extra, learning_rate, step_key(0, 0), fill);
        self.read(engine, step, learning_rate)
    }

    fn read(&self, engine: &Engine, step: u64, learning_rate: f64) -> Probe {
        let number = |name: &str| {
            let values = engine.extra_output(&self.extra, name);
            values.and_then(|values| values.first()).map(|&value| f64::from(value))
        };
        let or_nan = |name: &str| number(name).unwrap_or(f64::NAN);
        let root = |name: String| or_nan(&name).sqrt();
        let layers = self.described.weights.iter().map(|(path, name)| LayerProbe {
            path: path.clone(),
            weight: root(format!("weight.{name}")),
            gradient: root(format!("gradient.{name}")),
            update: root(format!("update.{name}")),
            clones: clones::share(engine, name, path),
        });
        let signals = self.described.signals.iter().map(|(path, layer, units)| SignalProbe {
            path: path.clone(),
            layer: (*layer).into(),
            rms: root(format!("power.{path}")),
            silent: number(&format!("firing.{path}")).map(|firing| 1.0 - firing),
            flat: number(&format!("flat.{path}")),
            units: *units,
        });
        Probe {
            step,
            learning_rate,
            loss: or_nan("loss"),
            rows: self.rows(),
            zero_loss: or_nan("zero_loss"),
            around_step: number("before")
                .zip(number("after"))
                .map(|(before, after)| [before, after]),
            promised: or_nan("promised"),
            gradient_norm: root("gradient".into()),
            layers: layers.collect(),
            signals: signals.collect(),
        }
    }
}

/// The graph of a look: the training step, of which only sums are kept.
fn graph(
    model: &Model,
    batch: &Batch,
    options: &StepOptions,
    described: &mut Described,
) -> Result<EvalStep, GraphError> {
    let trace = Trace::new();
    let mut net = Net::new(&trace, Mode::Train).with_taps();
    let (features, targets) = batch.inputs(&trace);
    let outputs = net.layers(&model.layers, features);
    let loss = options.loss.loss(outputs, targets, None);
    let minimized = net.minimized(loss);
    let mut named = vec![("loss".to_string(), loss)];
    // Not `zeros_like` alone: a loss that looks at no target would not be a value of the step.
    let zero_loss = options.loss.loss(outputs.zeros_like(), targets, None);
    named.push(("zero_loss".into(), zero_loss));

    let trained = net.parameters.iter().filter(|(parameter, _)| parameter.trainable);
    let values: Vec<Var> = trained.clone().map(|(_, value)| *value).collect();
    let gradients = grad(minimized, &values);
    let (_, updates) = descend(&net, minimized, options, &mut Vec::new());
    let mut news = Vec::new();
    let (mut total, mut promised) = (trace.constant(0.0), trace.constant(0.0));
    for ((parameter, value), gradient) in trained.zip(gradients) {
        let new = updates.iter().find(|(state, _)| state.value() == value.value());
        let new = new.map_or(*value, |(_, new)| *new);
        news.push((parameter.name.clone(), new));
        let change = new - *value;
        let square = gradient.square().sum();
        total = total + square;
        promised = promised - (gradient * change).sum();
        let path = parameter.name.strip_suffix(".weight");
        if let Some(path) = path.filter(|_| parameter.shape.rank() >= 2) {
            named.push((format!("weight.{}", parameter.name), value.square().sum()));
            named.push((format!("gradient.{}", parameter.name), square));
            named.push((format!("update.{}", parameter.name), change.square().sum()));
            described.weights.push((path.into(), parameter.name.clone()));
        }
    }
    named.push(("gradient".into(), total));
    named.push(("promised".into(), promised));
    for (path, layer, y) in net.taps.iter().flatten() {
        named.extend(signal(path, layer, *y));
        let units = y.shape().last().copied().unwrap_or(1);
        described.signals.push((path.clone(), layer, units));
    }

    // Dropout would say more than the step: those networks are compared as they predict.
    let mode = if net.is_random() { Mode::Eval } else { Mode::Train };
    let of = |news| loss_at(model, options, (features, targets), mode, news);
    let before = if net.is_random() { of(Vec::new()) } else { loss };
    named.push(("before".into(), before));
    named.push(("after".into(), of(news)));
    Ok(EvalStep {
        outputs: resolve(named, |var| trace.value(var))?,
        parameters: net.parameters.into_iter().map(|(parameter, _)| parameter).collect(),
        buffers: net.buffers.into_iter().map(|(buffer, _)| buffer).collect(),
        graph: trace.graph().clone(),
    })
}

/// The loss with new values in the place of some parameters, by their names.
fn loss_at<'t>(
    model: &Model,
    options: &StepOptions,
    (features, targets): (Var<'t>, Var<'t>),
    mode: Mode,
    news: Vec<(String, Var<'t>)>,
) -> Var<'t> {
    let mut net =
        Net::new(features.trace(), mode).with_substitute(Box::new(move |parameter, old| {
            let new = news.iter().find(|(name, _)| *name == parameter.name);
            new.map_or(old, |(_, new)| *new)
        }));
    options.loss.loss(net.layers(&model.layers, features), targets, None)
}

/// What is measured of what a layer puts out.
fn signal<'t>(path: &str, layer: &str, y: Var<'t>) -> Vec<(String, Var<'t>)> {
    let mut named = vec![(format!("power.{path}"), y.square().mean())];
    let others: Vec<usize> = (0..y.shape().rank().saturating_sub(1)).collect();
    match layer {
        "relu" => {
            let largest = y.max_keeping(&others);
            named.push((format!("firing.{path}"), largest.greater(0.0).mean()));
        }
        "tanh" => named.push((format!("flat.{path}"), y.abs().greater(0.95).mean())),
        "sigmoid" => named.push((format!("flat.{path}"), (y - 0.5).abs().greater(0.45).mean())),
        _ => {}
    }
    named
}
