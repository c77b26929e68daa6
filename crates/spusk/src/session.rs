//! A whole experiment, from the data to a saved run: what `spusk train` does.
//!
//! [`train`] prepares the data, resolves what is left to be chosen ([`resolve`]), trains, tests and
//! saves. [`Trained`] is a saved run, ready to predict.

mod apart;
mod autoencoder;
mod describe;
mod doctor;
mod enhance;
mod error;
mod export;
mod forecast;
mod full;
mod import;
mod keeper;
mod report;
mod resolve;
mod scores;
mod spread;
mod text;
mod told;
mod trained;
mod trajectory;
mod watching;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

use crate::auto::Until;
use crate::data::{Prepared, prepare};
use crate::engine::Engine;
use crate::experiment::{Auto, Experiment, Layers, Vocabulary};
use crate::layers::AnyLayer;
use crate::losses::AnyLoss;
use crate::messages::{self as say, Language, Said};
use crate::optimizers::AnyOptimizer;
use crate::run::{MetricsLog, NewRun, RunDir, RunError, RunWriter};
use crate::safetensors;
use crate::schedules::AnySchedule;
use crate::train::{
    Augmentation, Augmented, EpochRecord, Event, Examples, Settings, Shuffled, StopReason,
    TrainError, Training, evaluate,
};

pub use autoencoder::{code_map, reconstructions};
pub use describe::{Description, describe_experiment, describe_run};
pub use doctor::{Examination, ExamineOptions, Losses, Trial, account_examination, examine};
pub use enhance::{MethodScore, PictureScore, PictureScores, TILE, Tiles};
pub use error::SessionError;
pub use forecast::{Compared, Coverage, ForecastScores, Shown};
pub use full::{FullRequest, full_report};
pub use import::{ImportOptions, Imported, Map, import};
pub use resolve::{Resolved, data_options};
pub(crate) use resolve::{losses_task, whole_network};
pub use scores::Scores;
pub(crate) use scores::{ScoreGatherer, scores};
pub(crate) use text::{hidden_for_texts, is_of_texts};
use told::facts;
pub use told::{LayerFacts, ModelFacts, Outcome, SessionEvent, epoch_json, step_json};
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
    let init = options.init.or(experiment.model.init.as_deref().map(Path::new));
    let mut initial = match init.filter(|_| options.resume.is_none()) {
        Some(path) => Some(safetensors::read(path).map_err(RunError::Safetensors)?),
        None => None,
    };
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
    if options.resume.is_none() {
        start_from(init, initial.take(), &mut engine, tell)?;
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
            start_from(init, None, &mut engine, tell)?;
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
    contents: Option<safetensors::Contents>,
    engine: &mut Engine,
    tell: &mut dyn FnMut(SessionEvent<'_>),
) -> Result<(), SessionError> {
    let Some(path) = init else { return Ok(()) };
    match contents {
        Some(contents) => trained::put_weights(engine, &contents, path)?,
        None => trained::load_weights(engine, path)?,
    }
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

/// The epoch with the least validation loss.
fn best_epoch(history: &[EpochRecord]) -> Option<u64> {
    let best = history.iter().rev().find(|record| record.is_best)?;
    best.validation_loss.map(|_| best.epoch)
}
