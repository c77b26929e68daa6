//! A whole experiment, from the data to a saved run: what `spusk train` does.
//!
//! [`train`] prepares the data, resolves what is left to be chosen ([`resolve`]), trains, tests and
//! saves. [`Trained`] is a saved run, ready to predict.

mod apart;
mod autoencoder;
mod describe;
mod doctor;
mod enhance;
mod export;
mod forecast;
mod full;
mod import;
mod keeper;
mod report;
mod resolve;
mod spread;
mod text;
mod trained;
mod trajectory;
mod watching;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use serde::{Deserialize, Serialize};
use spusk_graph::{Cost, GraphError, Level};

use crate::auto::Until;
use crate::data::{DataError, Prepared, Target, prepare};
use crate::diagnosis::Finding;
use crate::engine::Engine;
use crate::experiment::{Auto, Experiment, ExperimentError, Layers, Vocabulary};
use crate::layers::AnyLayer;
use crate::losses::AnyLoss;
use crate::messages::{self as say, Language, Said, graph_error};
use crate::metrics::{
    Classification, ClassificationScores, Outputs, Reconstruction, ReconstructionScores,
    Regression, RegressionScores,
};
use crate::model::Batch;
use crate::optimizers::AnyOptimizer;
use crate::run::{MetricsLog, NewRun, RunDir, RunError, RunWriter};
use crate::schedules::AnySchedule;
use crate::train::{
    Augmentation, Augmented, EpochRecord, Event, Examples, Progress, Settings, Shuffled,
    StopReason, TrainError, Training, evaluate,
};

pub use autoencoder::{code_map, reconstructions};
pub use describe::{Description, describe_experiment, describe_run};
pub use doctor::{Examination, ExamineOptions, Losses, Trial, account_examination, examine};
pub use enhance::{MethodScore, PictureScore, PictureScores, TILE, Tiles};
pub use forecast::{Compared, Coverage, ForecastScores, Shown};
pub use full::{FullRequest, full_report};
pub use import::{ImportOptions, Imported, Map, import};
pub use resolve::{Resolved, data_options};
pub(crate) use resolve::{losses_task, whole_network};
pub(crate) use text::{hidden_for_texts, is_of_texts};
pub use trained::{Autoencoded, Predicted, Trained};
pub use trajectory::trajectory;

/// What an experiment may name.
pub fn vocabulary() -> Vocabulary<'static> {
    Vocabulary {
        layers: AnyLayer::HELP,
        losses: AnyLoss::HELP,
        optimizers: AnyOptimizer::HELP,
        schedules: AnySchedule::HELP,
    }
}

/// What goes wrong in a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The experiment says something impossible.
    #[error("{0}")]
    Experiment(#[from] ExperimentError),
    /// The data cannot be used.
    #[error("{0}")]
    Data(#[from] DataError),
    /// The network cannot be built.
    #[error("{0}")]
    Graph(#[from] GraphError),
    /// Training failed.
    #[error("{0}")]
    Train(#[from] TrainError),
    /// The run directory cannot be used.
    #[error("{0}")]
    Run(#[from] RunError),
    /// Something else, said in every language.
    #[error("{}", .0.english())]
    Said(Said),
}

impl SessionError {
    /// Something else; text that belongs to no language is the same in each.
    pub fn told(what: impl Into<Said>) -> SessionError {
        SessionError::Said(what.into())
    }

    /// What is wrong, in a language; what only English has stays English.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        match self {
            SessionError::Experiment(error) => error.in_language(l),
            SessionError::Data(error) => error.in_language(l),
            SessionError::Train(error) => error.in_language(l),
            SessionError::Run(error) => error.in_language(l),
            SessionError::Said(said) => said.in_language(l).to_string(),
            SessionError::Graph(error) => graph_error(error, l),
        }
    }
}

/// What a session tells.
pub enum SessionEvent<'a> {
    /// A decision, a finding, a warning; a sentence.
    Note(&'a Said),
    /// The data are ready.
    Data(&'a Prepared),
    /// The network is ready to train.
    Model(&'a ModelFacts),
    /// Training goes on from a checkpoint.
    Resumed {
        /// Epochs that are over.
        epoch: u64,
        /// Steps taken.
        step: u64,
    },
    /// Something happened while training.
    Train(Event<'a>),
    /// Something goes wrong while training; each rule is told once.
    Finding(&'a Finding),
}

/// The network in numbers.
#[derive(Debug, Clone)]
pub struct ModelFacts {
    /// A row a layer: how it is written, the shape of its output, its parameters.
    pub layers: Vec<LayerFacts>,
    /// Trained numbers in all.
    pub parameters: usize,
    /// What a step costs.
    pub cost: Cost,
    /// Steps of the whole run, if nothing stops it before.
    pub total_steps: u64,
    /// Threads that compute.
    pub threads: usize,
    /// The instruction set.
    pub level: Level,
    /// What trains.
    pub resolved: Box<Resolved>,
}

/// A layer in numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LayerFacts {
    /// `layers.0`.
    pub path: String,
    /// `dense 128`.
    pub layer: String,
    /// Sizes of its output, axis 0 the batch.
    pub output: Vec<usize>,
    /// Its trained numbers.
    pub parameters: usize,
    /// Floating-point operations forward, for one example.
    pub flops: u64,
    /// How many layers stand around it.
    pub depth: usize,
}

/// Scores on some examples.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores {
    /// The loss, in the unit that training minimizes.
    pub loss: f64,
    /// Number of examples.
    pub examples: usize,
    /// Scores of a classifier.
    pub classification: Option<ClassificationScores>,
    /// Scores of a regression, in the targets' unit.
    pub regression: Option<RegressionScores>,
    /// Scores of a forecast, beside those of simpler ones.
    #[serde(default)]
    pub forecast: Option<ForecastScores>,
    /// Scores of an autoencoder.
    #[serde(default)]
    pub reconstruction: Option<ReconstructionScores>,
    /// Scores of a network that restores pictures.
    #[serde(default)]
    pub pictures: Option<PictureScores>,
}

/// What a session came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The run directory.
    pub run: PathBuf,
    /// Why training ended.
    pub reason: StopReason,
    /// Every epoch.
    pub history: Vec<EpochRecord>,
    /// The epoch whose weights are kept, where validation decided; else they are the last ones.
    pub kept: Option<u64>,
    /// Scores on the test part, if there is one and training came to its end.
    pub test: Option<Scores>,
    /// Seconds from reading the data to the test, over all sittings of the run.
    pub seconds: f64,
    /// Those of them that the diagnosis took.
    pub watched: f64,
}

/// How a session runs, beside the experiment.
#[derive(Debug, Clone)]
pub struct SessionOptions<'a> {
    /// The run directory to go on with.
    pub resume: Option<&'a Path>,
    /// Where runs without a directory of their own are collected.
    pub runs: &'a Path,
    /// Weights to start from.
    pub init: Option<&'a Path>,
    /// The language of the report.
    pub language: Language,
}

impl Default for SessionOptions<'_> {
    fn default() -> Self {
        let runs = Path::new("runs");
        SessionOptions { resume: None, runs, init: None, language: Language::default() }
    }
}

/// Runs an experiment. `stop` asks it to save and end; `tell` hears what happens.
///
/// # Errors
/// See [`SessionError`]; the last good checkpoint stands.
pub fn train(
    experiment: &Experiment,
    options: &SessionOptions<'_>,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(SessionEvent<'_>),
) -> Result<Outcome, SessionError> {
    let started = Instant::now();
    let wanted = matches!(experiment.model.layers, Layers::These(_))
        || experiment.training.early_stopping == Auto::Set(false);
    if options.resume.is_none() {
        RunWriter::probe(&new_run(experiment, options, "run"))?;
    }
    let located_run = options.resume.map(RunDir::open).transpose()?;
    // The names of the data are kept as they were given, wherever the run goes on.
    let (given, mut located) = (experiment, None);
    let mut names = (given.data.source.clone(), given.data.test.clone());
    if let Some(run) = located_run {
        let found = run.located(given.clone());
        refuse_lost(&run, &found.data.source)?;
        names.0 = run.kept_name(&given.data.source);
        located = Some(found);
    }
    let experiment = located.as_ref().unwrap_or(given);
    Augmentation::parse(&experiment.data.augment).map_err(SessionError::Said)?;
    let data = prepare(&experiment.data.source, &data_options(experiment)?)?;
    tell(SessionEvent::Data(&data));
    // Choices take long: what cannot be is said before.
    augmented(experiment, &data, &Shuffled::new(&data.train, experiment.training.seed, true))?;
    let limit = experiment.training.time_limit;
    let mut resolved =
        resolve::resolve(experiment, &data, &Until::new(stop, started, limit), tell)?;
    let seed = resolved.experiment.training.seed;
    let shuffle = resolved.experiment.training.shuffle;
    let plain = Shuffled::new(&data.train, seed, shuffle);
    let augmented = augmented(&resolved.experiment, &data, &plain)?;
    let train: &dyn Examples = augmented.as_ref().map_or(&plain, |augmented| augmented);
    let mut engine = resolved.engine(&data)?;
    // A file that does not fit is no reason for a directory.
    let init = options.init.or(experiment.model.init.as_deref().map(Path::new));
    if options.resume.is_none() {
        start_from(init, &mut engine, tell)?;
    }
    if options.resume.is_some() && apart::of(&resolved.model).is_some() {
        return Err(SessionError::told(say::apart_no_checkpoints));
    }
    let (writer, restored) = open_run(&resolved.experiment, options)?;
    // Also when it goes on: it may do so for more epochs, or another time.
    let mut saved = resolved.experiment.clone();
    (saved.data.source, saved.data.test) = names;
    writer.write_experiment(&saved)?;
    if restored.is_none() {
        writer.write_preprocessing(&data.preprocessing)?;
        if options.resume.is_some() {
            tell(SessionEvent::Note(&Said::new(say::resumed_from_nothing)));
            start_from(init, &mut engine, tell)?;
        }
    }
    let facts = facts(&resolved, &data, &engine)?;
    tell(SessionEvent::Model(&facts));

    let validation = Shuffled::new(&data.validation, seed, false);
    let fingerprint = keeper::fingerprint(&data);
    let (mut log_at, mut before) = (0, 0.0);
    let mut from = None;
    if let Some(restored) = restored {
        let (progress, best) = keeper::restore(&restored.state, &mut engine, &fingerprint)?;
        for damaged in &restored.damaged {
            tell(SessionEvent::Note(&Said::new(|l| {
                say::checkpoint_damaged(l, damaged.path.display(), &damaged.reason)
            })));
        }
        tell(SessionEvent::Resumed { epoch: progress.epoch, step: progress.step });
        let asked = resolved.settings.epochs;
        if progress.epoch >= asked {
            let done = progress.epoch;
            tell(SessionEvent::Note(&Said::new(|l| say::resumed_at_the_end(l, done, asked))));
        }
        log_at = restored.state.progress.metrics_bytes;
        before = report::Start::of(&writer.dir().metrics()?).seconds() + progress.seconds;
        from = Some((progress, best));
    }
    let (mut log, shortened) = writer.metrics(log_at)?;
    if let Some(shortened) = shortened {
        let lost = shortened.expected - shortened.kept;
        tell(SessionEvent::Note(&Said::new(|l| say::metrics_shortened(l, l.count(lost)))));
    }
    if log_at == 0 {
        log.append(&report::start(experiment, &resolved, started.elapsed().as_secs_f64()))?;
    }
    let (checkpoints, _) = writer.checkpoints()?;
    let log = std::cell::RefCell::new(log);
    let steps = crate::train::batches(data.train.len(), resolved.settings.batch_size) as u64;
    let at = from.as_ref().map_or(0, |(progress, _)| progress.step);
    let trajectory = trajectory::Recorder::new(&writer, engine.parameters(), steps, at);
    let mut keeper = keeper::DiskKeeper { checkpoints, log: &log, seed, fingerprint, trajectory };
    if apart::of(&resolved.model).is_some() {
        if augmented.is_some() {
            return Err(SessionError::told(say::apart_no_augment));
        }
        let outcome = train_apart(&resolved, &data, &mut engine, &writer, &log, stop, tell)?;
        let outcome = Outcome { seconds: started.elapsed().as_secs_f64(), ..outcome };
        let language = options.language;
        let told =
            Told { resolved: &resolved, data: &data, facts: &facts, language, started, before };
        return finish(outcome, &told, &mut engine, &writer);
    }
    let settings = Settings {
        time_limit: limit.map(|limit| limit.saturating_sub(started.elapsed())),
        ..resolved.settings.clone()
    };
    let told = watching::told(&writer, log_at);
    let mut watching = watching::Watching::new(&resolved, &data, train, told);
    if from.is_none() {
        watching.begin(&mut engine, &log, tell)?;
    }
    let mut training = Training::new(&mut engine, train, Some(&validation), &settings)?;
    if let Some((progress, best)) = from {
        training.resume(progress, best);
    }
    let mut failed = None;
    let score = resolved.settings.score.name();
    let with_steps = resolved.experiment.training.step_losses;
    let ended = training.run(stop, &mut keeper, &mut |mut event| {
        let mut log = log.borrow_mut();
        let mut found = Vec::new();
        let logged = match &mut event {
            Event::Epoch { record, engine } => {
                let logged = log_epoch(&mut log, record, score, engine, &plain, &facts);
                found = watching.epoch(engine, record);
                logged.and(watching::keep(&found, record.step, &mut log))
            }
            Event::Step { progress, loss, .. } if with_steps => {
                log.append(&step_json(progress, *loss)).map_err(SessionError::from)
            }
            Event::Step { .. } | Event::Checkpoint { .. } => Ok(()),
        };
        failed = failed.take().or(logged.err());
        drop(log);
        tell(SessionEvent::Train(event));
        found.iter().for_each(|finding| tell(SessionEvent::Finding(finding)));
    });
    if let Err(TrainError::NotFinite(bad)) = &ended {
        watching.broken(bad, &log, tell)?;
    }
    let reason = ended?;
    if let Some(error) = failed {
        return Err(error);
    }
    let history = training.progress().history.clone();
    if reason != StopReason::Interrupted
        && let Some(note) = forecast::choose(&mut engine, &resolved, &data, wanted)?
    {
        tell(SessionEvent::Note(&note));
        resolved.notes.push(note);
    }
    let outcome = Outcome {
        run: writer.path().to_path_buf(),
        reason,
        kept: resolved.settings.restore_best.then(|| best_epoch(&history)).flatten(),
        history,
        test: None,
        seconds: 0.0,
        watched: watching.seconds(),
    };
    let language = options.language;
    let told = Told { resolved: &resolved, data: &data, facts: &facts, language, started, before };
    finish(outcome, &told, &mut engine, &writer)
}

/// Refuses data of a run that are nowhere, and says what helps.
fn refuse_lost(run: &RunDir, source: &str) -> Result<(), SessionError> {
    if !run.is_lost(source) {
        return Ok(());
    }
    let folder = run.folder().map_or(String::new(), |folder| folder.display().to_string());
    let beside = run.path().display().to_string();
    Err(SessionError::Said(Said::new(|l| say::data_lost(l, source, &folder, &beside))))
}

/// What a session has told, beside its outcome.
struct Told<'a> {
    resolved: &'a Resolved,
    data: &'a Prepared,
    facts: &'a ModelFacts,
    language: Language,
    /// When this sitting began.
    started: Instant,
    /// Seconds of the sittings before.
    before: f64,
}

/// Saves, tests and reports; of a training that was interrupted, the weights so far are saved.
fn finish(
    mut outcome: Outcome,
    told: &Told<'_>,
    engine: &mut Engine,
    writer: &RunWriter,
) -> Result<Outcome, SessionError> {
    let &Told { resolved, data, facts, language, started, before } = told;
    let seconds = || before + started.elapsed().as_secs_f64();
    let is_over = outcome.reason != StopReason::Interrupted;
    let stopped = (!is_over).then_some(trained::Stopped {
        epoch: outcome.history.last().map_or(0, |record| record.epoch),
        kept: outcome.kept,
    });
    trained::save(writer, engine, resolved, forecast::tensors(data), stopped)?;
    if !is_over {
        outcome.seconds = seconds();
        return Ok(outcome);
    }
    if !data.test.is_empty() {
        let part = Shuffled::new(&data.test, 0, false);
        let mut found = scores(engine, &part, data, &resolved.loss)?;
        autoencoder::complete(&mut found, engine, data)?;
        enhance::complete(&mut found, writer.path(), data, engine.threads())?;
        outcome.test = Some(found);
    }
    outcome.seconds = seconds();
    let told = report::Told { resolved, data, facts, outcome: &outcome };
    report::write(writer, &told, engine, language)?;
    Ok(outcome)
}

/// The training images, changed anew in every epoch, where that is asked for.
fn augmented<'a>(
    experiment: &Experiment,
    data: &Prepared,
    plain: &'a Shuffled<'_>,
) -> Result<Option<Augmented<'a>>, SessionError> {
    let augmentations =
        Augmentation::parse(&experiment.data.augment).map_err(SessionError::Said)?;
    if augmentations.is_empty() {
        return Ok(None);
    }
    if data.train.as_patches().is_some() {
        return Err(SessionError::told(say::augment_no_patches));
    }
    let (shape, seed) = (data.train.shape(), experiment.training.seed);
    let gives_back = data.preprocessing.is_autoencoder();
    let augmented = Augmented::new(plain, augmentations, shape, seed, gives_back);
    Ok(Some(augmented.map_err(SessionError::Said)?))
}

/// Trains the parts of a modular network each by itself.
fn train_apart(
    resolved: &Resolved,
    data: &Prepared,
    engine: &mut Engine,
    writer: &RunWriter,
    log: &std::cell::RefCell<MetricsLog>,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(SessionEvent<'_>),
) -> Result<Outcome, SessionError> {
    let apart = apart::train(resolved, data, engine, stop)?;
    if apart.reason == StopReason::Interrupted {
        return Err(SessionError::told(say::apart_stopped));
    }
    apart.notes.iter().for_each(|note| tell(SessionEvent::Note(note)));
    let mut speed = serde_json::json!(apart.speed);
    (speed["event"], speed["factor"]) = ("apart".into(), apart.speed.factor().into());
    log.borrow_mut().append(&speed)?;
    let validation = Shuffled::new(&data.validation, 0, false);
    let validation_loss = match data.validation.is_empty() {
        true => None,
        false => Some(evaluate(engine, &validation, |_, _, _| {})?.mean()),
    };
    let record = EpochRecord {
        epoch: apart.epochs,
        step: apart.steps,
        train_loss: apart.train_loss,
        validation_loss,
        validation_score: None,
        learning_rate: resolved.settings.learning_rate,
        is_best: true,
        seconds: apart.seconds,
    };
    log.borrow_mut().append(&epoch_json(&record, None))?;
    tell(SessionEvent::Train(Event::Epoch { record: &record, engine }));
    Ok(Outcome {
        run: writer.path().to_path_buf(),
        reason: apart.reason,
        history: vec![record],
        kept: None,
        test: None,
        seconds: apart.seconds,
        watched: 0.0,
    })
}

/// Takes the first weights from a file, if there is one.
fn start_from(
    init: Option<&Path>,
    engine: &mut Engine,
    tell: &mut dyn FnMut(SessionEvent<'_>),
) -> Result<(), SessionError> {
    let Some(path) = init else { return Ok(()) };
    trained::load_weights(engine, path)?;
    tell(SessionEvent::Note(&Said::new(|l| say::weights_from(l, path.display()))));
    Ok(())
}

/// Writes the lines of an epoch.
fn log_epoch(
    log: &mut MetricsLog,
    record: &EpochRecord,
    score: Option<&str>,
    engine: &mut Engine,
    train: &Shuffled<'_>,
    facts: &ModelFacts,
) -> Result<(), SessionError> {
    log.append(&epoch_json(record, score))?;
    if spread::is_told(record.epoch) {
        log.append(&spread::spread(engine, train, &facts.layers, record.epoch)?)?;
    }
    Ok(())
}

fn open_run(
    experiment: &Experiment,
    options: &SessionOptions<'_>,
) -> Result<(RunWriter, Option<crate::checkpoint::Restored>), SessionError> {
    if let Some(path) = options.resume {
        let writer = RunWriter::resume(path)?;
        let restored = RunDir::open(path)?.checkpoint()?;
        return Ok((writer, restored));
    }
    let source = Path::new(&experiment.data.source);
    let stem = source.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = experiment.name.clone().or(stem).unwrap_or_else(|| "run".into());
    Ok((RunWriter::create(&new_run(experiment, options, &name))?, None))
}

fn new_run<'a>(
    experiment: &'a Experiment,
    options: &SessionOptions<'a>,
    name: &'a str,
) -> NewRun<'a> {
    let out = experiment.out.as_deref().map(Path::new);
    NewRun { out, parent: options.runs, name, now: SystemTime::now() }
}

/// An epoch as it stands in `metrics.jsonl` and on the command line.
pub fn epoch_json(record: &EpochRecord, score: Option<&str>) -> serde_json::Value {
    let mut object = serde_json::json!({
        "event": "epoch",
        "epoch": record.epoch,
        "train_loss": record.train_loss,
        "validation_loss": record.validation_loss,
    });
    if let (Some(name), Some(value)) = (score, record.validation_score) {
        object[format!("validation_{name}")] = value.into();
    }
    object["seconds"] = record.seconds.into();
    object["step"] = record.step.into();
    object["learning_rate"] = record.learning_rate.into();
    object["best"] = record.is_best.into();
    object
}

/// A step as it stands in `metrics.jsonl` and on the command line: the loss of its batch before it.
pub fn step_json(progress: &Progress, loss: f64) -> serde_json::Value {
    serde_json::json!({
        "event": "step",
        "epoch": progress.epoch + 1,
        "step": progress.step,
        "loss": loss,
    })
}

fn facts(resolved: &Resolved, data: &Prepared, engine: &Engine) -> Result<ModelFacts, GraphError> {
    let batch = Batch {
        size: resolved.settings.batch_size,
        features: data.train.shape().into(),
        target: resolved.target_shape.as_slice().into(),
    };
    let layers = describe::layer_facts(&resolved.model, &resolved.loss, &batch)?;
    let batches = crate::train::batches(data.train.len(), resolved.settings.batch_size) as u64;
    Ok(ModelFacts {
        parameters: layers.iter().filter(|row| row.depth == 0).map(|row| row.parameters).sum(),
        layers,
        cost: engine.cost(),
        total_steps: batches * resolved.settings.epochs,
        threads: engine.threads(),
        level: Level::detect(),
        resolved: Box::new(resolved.clone()),
    })
}

/// The scores of a network on encoded examples.
///
/// # Errors
/// If the data cannot be read.
pub(crate) fn scores(
    engine: &mut Engine,
    part: &Shuffled<'_>,
    data: &Prepared,
    loss: &AnyLoss,
) -> Result<Scores, SessionError> {
    let mut gather = ScoreGatherer::new(&data.preprocessing, loss);
    let sum = evaluate(engine, part, |outputs, predictions, targets| {
        gather.push(outputs, predictions, targets);
    })?;
    let mut scores = gather.finish(sum.mean(), part.len())?;
    if let (Some(series), Some(windows)) = (&data.series, data.test.as_windows()) {
        forecast::compare(&mut scores, &data.preprocessing, series, windows);
    }
    Ok(scores)
}

/// Gathers scores batch by batch.
pub(crate) struct ScoreGatherer<'a> {
    target: &'a Target,
    kind: Kind,
    error: Option<String>,
}

enum Kind {
    Classes(Box<Classification>, bool),
    Numbers(Box<Regression>, usize),
    Forecast(Box<forecast::Backtest>),
    Inputs(Box<Reconstruction>),
    /// Whole pictures say more than patches; see [`enhance`].
    Patches,
}

impl<'a> ScoreGatherer<'a> {
    pub(crate) fn new(preprocessing: &'a crate::data::Preprocessing, loss: &AnyLoss) -> Self {
        use crate::losses::Prediction;
        let kind = match &preprocessing.target {
            _ if preprocessing.is_autoencoder() => {
                Kind::Inputs(Box::new(Reconstruction::new(preprocessing.width())))
            }
            Target::Inputs => Kind::Inputs(Box::new(Reconstruction::new(preprocessing.width()))),
            Target::Classes { values, .. } => {
                // A question for each class gives probabilities that need not add up to 1.
                let scores_only = match loss.prediction() {
                    Prediction::Scores => true,
                    Prediction::Sigmoid => values.len() > 2,
                    Prediction::Identity | Prediction::Softmax => false,
                };
                let outputs = if scores_only { Outputs::Scores } else { Outputs::Probabilities };
                Kind::Classes(Box::new(Classification::new(values.len(), outputs)), scores_only)
            }
            Target::Numbers { columns } => {
                Kind::Numbers(Box::new(Regression::new(columns.len())), columns.len())
            }
            Target::Patches => Kind::Patches,
            Target::Series { channels, horizon } => {
                Kind::Forecast(Box::new(forecast::Backtest::new(channels, *horizon, loss)))
            }
        };
        ScoreGatherer { target: &preprocessing.target, kind, error: None }
    }

    pub(crate) fn push(&mut self, outputs: &[f32], predictions: &[f32], targets: &[f32]) {
        let result = match &mut self.kind {
            Kind::Inputs(scores) => scores.push(predictions, targets),
            Kind::Classes(scores, scores_only) => {
                let rows = if *scores_only { outputs } else { predictions };
                let labels: Vec<u32> = targets.iter().map(|&label| label as u32).collect();
                scores.push(rows, &labels)
            }
            Kind::Numbers(scores, width) => {
                let unscale = |values: &[f32]| -> Vec<f64> {
                    let value =
                        |(i, &x): (usize, &f32)| self.target.unscale(i % *width, f64::from(x));
                    values.iter().enumerate().map(value).collect()
                };
                let examples = targets.len() / *width;
                let per_row = predictions.len() / examples.max(1);
                // Of several outputs a target (quantiles), the middle one is the prediction.
                let middle: Vec<f32> = match per_row == *width {
                    true => predictions.to_vec(),
                    false => {
                        predictions.chunks(per_row.max(1)).map(|row| row[row.len() / 2]).collect()
                    }
                };
                scores.push(&unscale(&middle), &unscale(targets))
            }
            Kind::Forecast(backtest) => {
                backtest.push(predictions, targets);
                Ok(())
            }
            Kind::Patches => Ok(()),
        };
        if let Err(error) = result {
            self.error.get_or_insert(error.to_string());
        }
    }

    pub(crate) fn finish(self, loss: f64, examples: usize) -> Result<Scores, SessionError> {
        if let Some(error) = self.error {
            return Err(SessionError::told(|l| say::scores_impossible(l, &error)));
        }
        let mut scores = Scores { loss, examples, ..Scores::default() };
        match self.kind {
            Kind::Classes(found, _) => scores.classification = Some(found.finish()),
            Kind::Numbers(found, _) => scores.regression = Some(found.finish()),
            Kind::Forecast(found) => scores.forecast = Some(found.finish()),
            Kind::Inputs(found) => scores.reconstruction = Some(found.finish()),
            Kind::Patches => {}
        }
        Ok(scores)
    }
}

/// The epoch with the least validation loss.
fn best_epoch(history: &[EpochRecord]) -> Option<u64> {
    let best = history.iter().rev().find(|record| record.is_best)?;
    best.validation_loss.map(|_| best.epoch)
}
