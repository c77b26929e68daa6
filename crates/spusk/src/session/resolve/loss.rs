//! What is minimized, and whether that learns the task.

use crate::data::Prepared;
use crate::experiment::{ClassWeights, Experiment, TrainingSettings};
use crate::losses::{self, AnyLoss, BinaryCrossEntropy};
use crate::messages::{self as say, Said};
use crate::options::Options;
use crate::session::SessionError;
use crate::spec::Value;

/// The loss that is minimized: the one that is named, or the usual one for the task.
///
/// # Errors
/// If it does not fit the task, or what is said beside it.
pub(super) fn loss(
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
        let loss = training.loss.set().map_or("", |spec| &spec.name);
        Err(SessionError::told(|l| say::loss_without(l, loss, what)))
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
    let loss = AnyLoss::from_spec(&spec).map_err(SessionError::told)?;
    match loss.fits(task) && (task.classifies() || asks_fairly(&loss, data)?) {
        true => Ok(loss),
        false => Err(unfit(&loss, task)),
    }
}

/// The error that a loss does not fit the task.
fn unfit(loss: &AnyLoss, task: &losses::Task) -> SessionError {
    // Of numbers it is not known here whether they are answers of yes or no.
    let is_asked = |name: &&str| task.classifies() || *name != BinaryCrossEntropy::HELP.name;
    let fitting: Vec<&str> = losses::fitting(task).into_iter().filter(is_asked).collect();
    SessionError::Said(Said::new(|l| {
        let what = match *task {
            losses::Task::Classify { classes } => say::task_of_classes(l, classes),
            losses::Task::Regress { .. } => say::task_of_numbers(l),
        };
        say::loss_unfit(l, loss.name(), what, fitting.join(", "))
    }))
}

/// Whether all that is to be learned are answers between no (0) and yes (1), where the loss asks for them.
fn asks_fairly(loss: &AnyLoss, data: &Prepared) -> Result<bool, SessionError> {
    if !matches!(loss, AnyLoss::BinaryCrossEntropy(_)) {
        return Ok(true);
    }
    let mut features = vec![0.0; data.train.width()];
    let mut targets = vec![0.0; data.train.targets()];
    for row in 0..data.train.len() {
        data.train.row(row, &mut features, &mut targets)?;
        if !targets.iter().all(|target| (0.0..=1.0).contains(target)) {
            return Ok(false);
        }
    }
    Ok(true)
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
                let names = names.join(", ");
                return Err(SessionError::told(|l| say::class_weights_unknown(l, unknown, &names)));
            }
            Ok(names.iter().map(|name| weights.get(name).copied().unwrap_or(1.0)).collect())
        }
    }
}
