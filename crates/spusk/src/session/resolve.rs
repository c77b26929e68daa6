//! From an experiment with open choices to one without.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use spusk_graph::GraphError;

use super::{SessionError, SessionEvent};
use crate::Model;
use crate::data::{self, DataOptions, Prepared, Target};
use crate::engine::Engine;
use crate::experiment::{
    Auto, ClassWeights, Every, Experiment, Layers, Missing, Task, TrainingSettings,
};
use crate::layers::{AnyLayer, Dense, Flatten, Relu};
use crate::losses::{self, AnyLoss};
use crate::model::StepOptions;
use crate::optimizers::{Adam, AnyOptimizer};
use crate::schedules::{AnySchedule, Constant};
use crate::spec::{Spec, Value};
use crate::train::{CheckpointEvery, Score, Settings};

/// An experiment with every choice made, and what it means.
#[derive(Clone)]
pub struct Resolved {
    /// Everything is set.
    pub experiment: Experiment,
    /// The network with its output layer.
    pub model: Model,
    /// What is minimized.
    pub loss: AnyLoss,
    /// The training step.
    pub step: StepOptions,
    /// The loop.
    pub settings: Settings,
    /// Threads to compute with.
    pub threads: usize,
    /// Sizes of one example's target.
    pub target_shape: Vec<usize>,
    /// What was chosen and why, a sentence each.
    pub notes: Vec<String>,
}

impl std::fmt::Debug for Resolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolved").field("experiment", &self.experiment).finish_non_exhaustive()
    }
}

impl Resolved {
    /// The engine for this experiment, with its initial state.
    ///
    /// # Errors
    /// If the layers do not fit the data or each other.
    pub fn engine(&self, data: &Prepared) -> Result<Engine, GraphError> {
        Engine::new(
            &self.model,
            &self.step,
            data.train.shape(),
            &self.target_shape,
            self.settings.batch_size.min(data.train.len().max(1)),
            self.threads,
            self.experiment.training.seed,
        )
    }
}

/// The data side's settings of an experiment.
///
/// # Errors
/// If a setting has no meaning for the data side.
pub fn data_options(experiment: &Experiment) -> Result<DataOptions, SessionError> {
    let from = &experiment.data;
    let delimiter = match from.delimiter.set().map(String::as_str) {
        None => None,
        Some("tab" | "\\t" | "\t") => Some('\t'),
        Some(text) => match text.chars().collect::<Vec<_>>()[..] {
            [one] => Some(one),
            _ => {
                return Err(SessionError::Other(format!(
                    "delimiter \"{text}\": expected one character, or `tab`"
                )));
            }
        },
    };
    let defaults = DataOptions::default();
    Ok(DataOptions {
        target: from.target.clone(),
        task: from.task.set().map(|task| match task {
            Task::Classify => data::Task::Classify,
            Task::Regress => data::Task::Regress,
        }),
        test_source: from.test.clone(),
        test: Some(from.test_fraction).filter(|&share| share != data::DEFAULT_TEST_SHARE),
        validation: from.validation_fraction,
        seed: experiment.training.seed,
        delimiter,
        header: from.header.set().copied(),
        ignore: from.ignore.clone(),
        bad_rows: match from.bad_rows {
            crate::experiment::BadRows::Error => data::BadRows::Error,
            crate::experiment::BadRows::Skip => data::BadRows::Skip,
        },
        fill: match from.missing.set() {
            Some(Missing::Median) => data::Fill::Median,
            _ => data::Fill::Mean,
        },
        ..defaults
    })
}

/// Makes every open choice.
pub(super) fn resolve(
    experiment: &Experiment,
    data: &Prepared,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(SessionEvent<'_>),
) -> Result<Resolved, SessionError> {
    let _ = stop;
    let mut resolved = experiment.clone();
    let training = &mut resolved.training;
    let task = task(data);
    let target_shape = match &data.preprocessing.target {
        Target::Classes { .. } => vec![],
        Target::Numbers { columns } => vec![columns.len()],
    };
    let loss = loss(experiment, data, &task)?;
    training.loss = Auto::Set(loss.to_spec());
    let optimizer = match experiment.training.optimizer.set() {
        Some(spec) => AnyOptimizer::from_spec(spec).map_err(SessionError::Other)?,
        None => Adam::default().into(),
    };
    training.optimizer = Auto::Set(optimizer.to_spec());
    let batch_size = match experiment.training.batch_size.set() {
        Some(&size) => size as usize,
        None => (data.train.len() / 40).next_power_of_two().clamp(16, 128),
    };
    training.batch_size = Auto::Set(batch_size as u64);
    let hidden = match &experiment.model.layers {
        Layers::These(specs) => specs
            .iter()
            .map(AnyLayer::from_spec)
            .collect::<Result<Vec<_>, _>>()
            .map_err(SessionError::Other)?,
        Layers::Auto => vec![Dense::new(128).into(), Relu.into()],
    };
    resolved.model.layers = Layers::These(hidden.iter().map(AnyLayer::to_spec).collect());
    let model = with_output(hidden, data.train.shape().len(), loss.outputs(&task));
    let schedule = match experiment.training.schedule.set() {
        Some(spec) => AnySchedule::from_spec(spec).map_err(SessionError::Other)?,
        None => Constant::default().into(),
    };
    training.schedule = Auto::Set(schedule.to_spec());
    let epochs = *experiment.training.epochs.set().unwrap_or(&30);
    training.epochs = Auto::Set(epochs);
    let learning_rate = *experiment.training.learning_rate.set().unwrap_or(&1e-3);
    training.learning_rate = Auto::Set(learning_rate);
    let patience = *experiment.training.patience.set().unwrap_or(&10);
    training.patience = Auto::Set(patience);
    let threads = match experiment.training.threads.set() {
        Some(&threads) => threads as usize,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let score = match &data.preprocessing.target {
        Target::Classes { .. } => Score::Accuracy,
        Target::Numbers { columns } => {
            Score::Rmse { scales: columns.iter().map(|column| column.std).collect() }
        }
    };
    let settings = Settings {
        batch_size,
        epochs,
        learning_rate,
        schedule,
        seed: experiment.training.seed,
        patience: experiment.training.early_stopping.then_some(patience),
        time_limit: experiment.training.time_limit,
        checkpoint_every: match experiment.training.checkpoint_every.set() {
            Some(Every::Steps(steps)) => CheckpointEvery::Steps(*steps),
            Some(Every::Time(time)) => CheckpointEvery::Time(*time),
            Some(Every::Off) => CheckpointEvery::Off,
            None => CheckpointEvery::Time(Duration::from_secs(30)),
        },
        step_events: Duration::from_millis(100),
        score,
    };
    let step = step_options(&resolved.training, loss.clone(), optimizer);
    let notes = Vec::new();
    for note in &notes {
        let note: &String = note;
        tell(SessionEvent::Note(note));
    }
    Ok(Resolved { experiment: resolved, model, loss, step, settings, threads, target_shape, notes })
}

/// The training step of settings in which loss and optimizer are known.
pub(super) fn step_options(
    training: &TrainingSettings,
    loss: AnyLoss,
    optimizer: AnyOptimizer,
) -> StepOptions {
    StepOptions {
        clip_norm: training.clip_norm,
        clip_value: training.clip_value,
        l2_penalty: training.l2_penalty,
        weight_decay: training.weight_decay,
        average: training.average_decay,
        ..StepOptions::new(loss, optimizer)
    }
}

/// The losses' view of the task.
pub(super) fn task(data: &Prepared) -> losses::Task {
    let outputs = data.preprocessing.outputs();
    match &data.preprocessing.target {
        Target::Classes { .. } => losses::Task::Classify { classes: outputs },
        Target::Numbers { .. } => losses::Task::Regress { targets: outputs },
    }
}

fn loss(
    experiment: &Experiment,
    data: &Prepared,
    task: &losses::Task,
) -> Result<AnyLoss, SessionError> {
    let mut spec = match experiment.training.loss.set() {
        Some(spec) => spec.clone(),
        None => losses::default_for(task).to_spec(),
    };
    let knows = |name: &str| {
        let help = AnyLoss::HELP.iter().find(|help| help.name == spec.name);
        help.is_some_and(|help| help.arguments.iter().any(|argument| argument.name == name))
    };
    let training = &experiment.training;
    let refuse = |what: &str| {
        Err(SessionError::Other(format!(
            "the loss `{}` has no {what}; use cross_entropy, or leave {what} out",
            training.loss.set().map_or("", |spec| &spec.name)
        )))
    };
    let (smooths, weighs) = (knows("label_smoothing"), knows("class_weights"));
    if training.label_smoothing > 0.0 {
        if !smooths {
            return refuse("label_smoothing");
        }
        spec = spec.with("label_smoothing", Value::Number(training.label_smoothing));
    }
    if training.class_weights != ClassWeights::Off && spec.get("class_weights").is_none() {
        if !weighs {
            return refuse("class_weights");
        }
        spec = spec.with("class_weights", Value::Numbers(class_weights(training, data)?));
    }
    AnyLoss::from_spec(&spec).map_err(SessionError::Other)
}

/// The weight of every class, by class index.
fn class_weights(training: &TrainingSettings, data: &Prepared) -> Result<Vec<f64>, SessionError> {
    let names = data.preprocessing.class_names();
    match &training.class_weights {
        ClassWeights::Off => Ok(vec![1.0; names.len()]),
        ClassWeights::Balanced => {
            // n / (classes · n_c), as scikit-learn balances.
            let counts: Vec<f64> =
                data.accounting.classes.iter().map(|class| class.train as f64).collect();
            let total: f64 = counts.iter().sum();
            let weight = |count: &f64| total / (counts.len() as f64 * count.max(1.0));
            Ok(counts.iter().map(weight).collect())
        }
        ClassWeights::Of(weights) => {
            if let Some(unknown) = weights.keys().find(|name| !names.contains(name)) {
                return Err(SessionError::Other(format!(
                    "class_weights: there is no class `{unknown}`; the classes are {}",
                    names.join(", ")
                )));
            }
            Ok(names.iter().map(|name| weights.get(name).copied().unwrap_or(1.0)).collect())
        }
    }
}

/// Hidden layers, flattened input in front where it has axes, and the output layer behind.
pub(super) fn with_output(hidden: Vec<AnyLayer>, axes: usize, outputs: usize) -> Model {
    let mut layers: Vec<AnyLayer> = Vec::new();
    if axes > 1 {
        layers.push(Flatten.into());
    }
    layers.extend(hidden);
    layers.push(Dense::new(outputs).into());
    Model { layers }
}

/// The written form of layers, for files.
pub(super) fn written(layers: &[AnyLayer]) -> Vec<Spec> {
    layers.iter().map(AnyLayer::to_spec).collect()
}
