//! `spusk train`: an experiment from the data to a saved run.

mod human;
mod json;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};
use spusk::experiment::{Experiment, ExperimentError};
use spusk::messages as say;
use spusk::run::RunDir;
use spusk::session::{self, SessionEvent, SessionOptions, vocabulary};
use spusk::train::StopReason;

pub(super) use human::score_lines;
pub(super) use json::add_scores;

use super::{Format, Outcome};
use crate::flags::SettingFlags;
use crate::terminal::{Failure, complain, language, wrong_words};

/// Train a network: on built-in handwritten digits, or on your own data.
///
/// What is not given is chosen from the data, and said. The run is saved with its weights, its
/// settings and a report.
#[derive(Args)]
#[command(after_help = "\
Examples:
  spusk train                                        built-in handwritten digits
  spusk train --data houses.csv --target price       your own table
  spusk train --data mnist/ --model mlp:256,128 --epochs 20
  spusk train --resume runs/2026-11-23-houses        go on where a run was stopped

Sources, layers, losses, optimizers, schedules and their arguments: spusk list")]
pub(crate) struct Train {
    /// A file of settings; flags win over it.
    #[arg(value_name = "EXPERIMENT.toml")]
    experiment: Option<PathBuf>,
    /// Go on with the run in this directory, to the same bits as if it had never stopped.
    #[arg(long, value_name = "DIR", help_heading = "Run")]
    resume: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingFlags,
    /// How progress and results are printed.
    #[arg(long, value_enum, default_value = "human", help_heading = "Run")]
    format: Format,
    /// Print nothing but the result.
    #[arg(long, help_heading = "Run")]
    quiet: bool,
}

/// The exit status after Ctrl-C.
pub(super) const INTERRUPTED: u8 = 130;

/// Settings that may change when a run goes on: they do not change what its steps do. The data may be elsewhere,
/// but must be the same.
const MAY_CHANGE: [&str; 5] =
    ["epochs", "time_limit", "threads", "checkpoint_every", "data.source"];

/// Shows what a session tells.
trait Listener {
    fn hear(&mut self, event: SessionEvent<'_>);
    fn finish(&mut self, outcome: &session::Outcome);
}

impl Train {
    pub(crate) fn run(self) -> Outcome {
        let experiment = self.experiment()?;
        let language = language();
        let mut listener: Box<dyn Listener> = match self.format {
            Format::Json => Box::new(json::Json::new(self.quiet)),
            Format::Human => {
                let terminal = std::io::stderr().is_terminal() && std::io::stdout().is_terminal();
                Box::new(human::Human::new(self.quiet, terminal, language))
            }
        };
        let interrupt = Interrupt::install()?;
        let options = SessionOptions {
            resume: self.resume.as_deref(),
            language,
            ..SessionOptions::default()
        };
        let outcome = session::train(&experiment, &options, &interrupt.stop, &mut |event| {
            if let SessionEvent::Model(_) = event {
                interrupt.save_first();
            }
            listener.hear(event);
        })?;
        listener.finish(&outcome);
        Ok(if outcome.reason == StopReason::Interrupted { INTERRUPTED } else { 0 })
    }

    fn experiment(&self) -> Result<Experiment, Failure> {
        let overrides = self.settings.overrides();
        let loaded = match (&self.resume, &self.experiment) {
            (Some(_), Some(_)) => {
                return Err(Failure::wrong(say::train_resume_own));
            }
            (Some(run), None) => {
                self.refuse_changes()?;
                let run = RunDir::open(run)?;
                Experiment::load(&run.path().join("experiment.toml"), &overrides, vocabulary())
            }
            (None, Some(path)) => {
                refuse_data(path)?;
                Experiment::load(path, &overrides, vocabulary())
            }
            (None, None) => Experiment::parse("", "", &overrides, vocabulary()),
        };
        loaded.map_err(failure)
    }

    /// Refuses what would make a resumed run another one.
    fn refuse_changes(&self) -> Result<(), Failure> {
        let may = |key: &str| MAY_CHANGE.contains(&key.trim_start_matches("training."));
        match self.settings.given.iter().find(|(key, _)| !may(key)) {
            None => Ok(()),
            Some((key, _)) => {
                Err(Failure::wrong(|l| say::train_resume_keeps(l, key, MAY_CHANGE.join(", "))))
            }
        }
    }
}

/// A file of data in the place of an experiment is an easy mistake.
fn refuse_data(path: &Path) -> Result<(), Failure> {
    let name = path.display().to_string();
    if path.join("experiment.toml").is_file() {
        return Err(Failure::wrong(|l| say::train_is_a_run(l, &name)));
    }
    let is_data = [".csv", ".tsv", ".gz", ".npy", ".npz", ".txt"].iter().any(|e| name.ends_with(e));
    match is_data || path.is_dir() {
        true => Err(Failure::wrong(|l| say::train_no_experiment(l, &name))),
        false => Ok(()),
    }
}

/// What is wrong on the command line alone is wrong usage.
fn failure(error: ExperimentError) -> Failure {
    let here = error.problems.iter().all(|problem| problem.source_name() == "command line");
    if here { wrong_words(error) } else { error.into() }
}

/// Ctrl-C: while there is something to save, the first one asks to save and the second one leaves at
/// once; before, the first one leaves, and says that nothing was saved.
struct Interrupt {
    stop: Arc<AtomicBool>,
    saves: Arc<AtomicBool>,
}

/// How long somebody who asks to leave before training waits at most.
const GLANCE: Duration = Duration::from_millis(20);

impl Interrupt {
    fn install() -> Result<Interrupt, Failure> {
        let interrupt = Interrupt { stop: Arc::default(), saves: Arc::default() };
        let install = |signal| -> std::io::Result<()> {
            use signal_hook::flag;
            let stop = interrupt.stop.clone();
            // In this order: the shutdown looks at what the signal before has set.
            flag::register_conditional_shutdown(signal, INTERRUPTED.into(), stop.clone())?;
            flag::register(signal, stop)?;
            Ok(())
        };
        [SIGINT, SIGTERM]
            .into_iter()
            .try_for_each(install)
            .map_err(|error| Failure::failed(format!("Ctrl-C cannot be caught: {error}")))?;
        interrupt.watch();
        Ok(interrupt)
    }

    /// Leaves for the one who asks before there is anything to save. Reading data heeds nobody, so a thread
    /// looks; a handler of signals could not print.
    fn watch(&self) {
        let (stop, saves) = (self.stop.clone(), self.saves.clone());
        std::thread::spawn(move || {
            while !saves.load(Ordering::SeqCst) {
                if stop.load(Ordering::SeqCst) {
                    complain(&say::train_nothing_saved(language()));
                    std::process::exit(INTERRUPTED.into());
                }
                std::thread::sleep(GLANCE);
            }
        });
    }

    /// From now on there is something to save.
    fn save_first(&self) {
        self.saves.store(true, Ordering::SeqCst);
    }
}
