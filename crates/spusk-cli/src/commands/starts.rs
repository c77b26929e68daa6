//! `spusk starts`: many trainings from random first weights, and how their losses are spread.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Args;
use spusk::Setting;
use spusk::data::prepare;
use spusk::experiment::{Experiment, Layers, Override};
use spusk::init::Initializer;
use spusk::layers::AnyLayer;
use spusk::messages::{self as say, Language};
use spusk::optimizers::{AnyOptimizer, Sgd};
use spusk::schedules::{AnySchedule, Exponential};
use spusk::session::{data_options, vocabulary};
use spusk::spec::Value as SpecValue;
use spusk::starts::{Folder, IndexRequest, Planned, Progress, StartsRequest, account, page, plan};

use super::{Format, Outcome, PageFiles, Telling, default_threads, print_part};
use crate::terminal::{Failure, complain, line, wrong_words};

/// Train a network many times from random first weights, and show how the results are spread.
///
/// The experiment of Choromanska and others (2015): one hidden layer of several widths, 1,000 trainings of
/// each, and the distributions of the test loss. Many networks are trained at once as one computation. With
/// --folder it goes on after it was ended in the middle.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  spusk starts --quick\n  spusk starts --quick --data mnist/ --out starts.html\n  \
                  spusk starts --data mnist/ --folder starts/ --out starts.html\n  spusk starts --data \
                  houses.csv --target price --hidden 8,64 --runs 100 --epochs 50"
)]
pub(crate) struct StartsCommand {
    /// The rows: a built-in set or a path.
    #[arg(long, value_name = "SOURCE", default_value = "digits")]
    data: String,
    /// The column to predict.
    #[arg(long, value_name = "COLUMN")]
    target: Option<String>,
    /// Another network than one hidden layer, as `spusk train` takes it.
    #[arg(long, value_name = "SPEC", default_value = "mlp")]
    model: String,
    /// Widths of the hidden layer.
    #[arg(long, value_name = "N,…", default_value = "25,50,100,250,500")]
    hidden: String,
    /// A shorter experiment of under five minutes: 100 trainings of each width, 20 epochs, 10,000 rows.
    #[arg(long)]
    quick: bool,
    /// Trainings of each width [default: 1000; with --quick 100].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    runs: Option<u64>,
    /// Passes over the training rows [default: 200; with --quick 20].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    epochs: Option<u64>,
    /// Most training rows [default: all; with --quick 10000].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rows: Option<u64>,
    /// Larger images are reduced to so many pixels a side, by means over areas; 0 leaves them.
    #[arg(long, value_name = "N", default_value_t = 10)]
    side: usize,
    /// Examples in a step.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    batch_size: u64,
    /// The learning rate at the start.
    #[arg(long, value_name = "X", default_value_t = 0.1, allow_negative_numbers = true)]
    learning_rate: f64,
    /// The course of the learning rate.
    #[arg(long, value_name = "NAME", default_value = "exponential end=0.01")]
    schedule: String,
    /// How the weights are trained.
    #[arg(long, value_name = "NAME", default_value = "sgd")]
    optimizer: String,
    /// What follows the hidden layer.
    #[arg(long, value_name = "NAME", default_value = "relu")]
    activation: String,
    /// How the first weights are drawn.
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = clap::builder::PossibleValuesParser::new(Initializer::NAMES))]
    init: String,
    /// The first seed: training r has this plus r.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Networks of each width whose Hessian is examined [default: 10; with --quick 1].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    index: Option<u64>,
    /// A folder that keeps every training; the same command goes on from there.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    files: PageFiles,
    #[command(flatten)]
    telling: Telling,
    /// Threads to compute with; they change no result.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// More threads than any machine has cores.
const MOST_THREADS: usize = 1024;
/// Most neurons of a hidden layer.
const WIDEST: usize = 100_000;

impl StartsCommand {
    pub(crate) fn run(self) -> Outcome {
        let l = self.telling.language();
        let started = Instant::now();
        let experiment = self.experiment()?;
        let request = self.request(&experiment)?;
        let data = prepare(&experiment.data.source, &data_options(&experiment)?)?;
        let planned = plan(&data, &request)?;
        let folder = match &self.folder {
            Some(path) => Folder::open(path, planned.settings())?,
            None => Folder::none(),
        };
        if let Some(name) = planned.usual_for_texts() {
            complain(&say::starts_as_texts(l, name));
        }
        if !planned.together() {
            complain(&say::starts_one_by_one(l));
        }
        forecast(&planned, &folder, &request, l)?;
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // In this order: a second one leaves at once.
            let code = super::train::INTERRUPTED.into();
            signal_hook::flag::register_conditional_shutdown(signal, code, stop.clone())?;
            signal_hook::flag::register(signal, stop.clone())?;
        }
        let teller = Teller::new(started);
        let tell = |progress| teller.tell(progress, l);
        let runs = planned.starts().run(&folder, &stop, &tell)?;
        let found = planned.found(runs, started.elapsed().as_secs_f64());
        let lost: usize = found.kinds.iter().map(|kind| kind.test().lost).sum();
        let all: usize = found.kinds.iter().map(|kind| kind.runs.len()).sum();
        folder.write("results.json", &format!("{:#}\n", found.to_json(false)))?;
        if self.files.wanted() {
            let page = page(&say::starts_heading(l), &found, l);
            self.files.write(&page.html, &page.pictures, l)?;
        }
        if lost == all {
            return Err(Failure::said(|l| say::starts_all_diverged(l, l.count(all as u64))));
        }
        match self.telling.format {
            Format::Json => line(found.to_json(true))?,
            Format::Human => {
                for (i, part) in account(&found, l).iter().enumerate() {
                    if i > 0 {
                        line("")?;
                    }
                    print_part(part)?;
                }
            }
        }
        Ok(0)
    }

    fn experiment(&self) -> Result<Experiment, Failure> {
        let mut given = vec![
            Override::flag("--data", "data.source", &self.data),
            Override::flag("--seed", "training.seed", &self.seed.to_string()),
            Override::flag("--optimizer", "training.optimizer", &self.optimizer),
            Override::flag("--schedule", "training.schedule", &self.schedule),
        ];
        given.extend(self.target.iter().map(|t| Override::flag("--target", "data.target", t)));
        if self.model != "mlp" {
            given.push(Override::flag("--model", "model.layers", &self.model));
        }
        Experiment::parse("", "", &given, vocabulary()).map_err(wrong_words)
    }

    fn request(&self, experiment: &Experiment) -> Result<StartsRequest, Failure> {
        let rate = self.learning_rate;
        if !(rate > 0.0 && rate.is_finite()) {
            return Err(Failure::wrong(|l| say::minimize_positive(l, "learning-rate", rate)));
        }
        let training = &experiment.training;
        let (optimizer, schedule) = (training.optimizer.set(), training.schedule.set());
        let optimizer = optimizer.map_or(Ok(Sgd::default().into()), AnyOptimizer::from_spec);
        let schedule = schedule.map_or(Ok(Exponential::default().into()), AnySchedule::from_spec);
        let (optimizer, schedule) =
            (optimizer.map_err(Failure::usage)?, schedule.map_err(Failure::usage)?);
        let size = |given: Option<u64>, quick: u64, whole: u64| {
            let usual = if self.quick { quick } else { whole };
            usize::try_from(given.unwrap_or(usual)).unwrap_or(usize::MAX)
        };
        Ok(StartsRequest {
            layers: self.layers(experiment)?,
            widths: self.widths()?,
            activation: activation(&self.activation)?,
            init: Initializer::read(&SpecValue::Word(self.init.clone())).unwrap_or_default(),
            optimizer,
            runs: size(self.runs, 100, 1000),
            epochs: self.epochs.unwrap_or(if self.quick { 20 } else { 200 }),
            batch_size: size(Some(self.batch_size), 0, 0),
            learning_rate: rate,
            schedule,
            rows: size(self.rows, 10_000, u64::MAX),
            side: (self.side > 0).then_some(self.side),
            seed: self.seed,
            index: IndexRequest {
                networks: size(self.index, 1, 10),
                rows: if self.quick { 1000 } else { 5000 },
                dense: if self.quick { 3000 } else { 6000 },
                probes: if self.quick { 4 } else { 10 },
                steps: 60,
            },
            threads: self.threads.unwrap_or_else(default_threads).clamp(1, MOST_THREADS),
        })
    }

    /// The layers of another network.
    fn layers(&self, experiment: &Experiment) -> Result<Option<(String, Vec<AnyLayer>)>, Failure> {
        let Layers::These(specs) = &experiment.model.layers else { return Ok(None) };
        let layers = specs.iter().map(AnyLayer::from_spec).collect::<Result<Vec<_>, _>>();
        Ok(Some((self.model.clone(), layers.map_err(Failure::usage)?)))
    }

    fn widths(&self) -> Result<Vec<usize>, Failure> {
        let width = |text: &str| match text.trim().parse() {
            Ok(width @ 1..=WIDEST) => Ok(width),
            _ => {
                Err(Failure::wrong(|l| say::wrong_widths(l, &self.hidden, l.count(WIDEST as u64))))
            }
        };
        let mut widths = self.hidden.split(',').map(width).collect::<Result<Vec<_>, _>>()?;
        widths.sort_unstable();
        widths.dedup();
        Ok(widths)
    }
}

/// The layer that follows the hidden one.
fn activation(words: &str) -> Result<AnyLayer, Failure> {
    let given = [Override::flag("--activation", "model.layers", words)];
    let experiment = Experiment::parse("", "", &given, vocabulary()).map_err(wrong_words)?;
    match &experiment.model.layers {
        Layers::These(layers) if layers.len() == 1 => {
            AnyLayer::from_spec(&layers[0]).map_err(Failure::usage)
        }
        _ => Err(Failure::usage(format!("--activation {words}: expected one layer, such as relu"))),
    }
}

/// Says how far the trainings are, once in a while.
struct Teller {
    started: Instant,
    last: Mutex<Instant>,
}

/// So often.
const TOLD_EVERY: Duration = Duration::from_secs(10);

impl Teller {
    fn new(started: Instant) -> Teller {
        Teller { started, last: Mutex::new(started) }
    }

    fn tell(&self, Progress { done, all }: Progress, l: Language) {
        let Ok(mut last) = self.last.lock() else { return };
        if last.elapsed() >= TOLD_EVERY {
            *last = Instant::now();
            let (done, all) = (l.count(done as u64), l.count(all as u64));
            let passed = l.seconds(self.started.elapsed().as_secs_f64());
            complain(&say::starts_progress(l, done, all, passed));
        }
    }
}

/// Says how long it will take.
fn forecast(
    planned: &Planned,
    folder: &Folder,
    request: &StartsRequest,
    l: Language,
) -> Result<(), Failure> {
    let starts = planned.starts();
    let done: usize = (0..starts.variants.len()).map(|kind| planned.done(folder, kind)).sum();
    let all = starts.variants.len() * request.runs;
    if done > 0 {
        complain(&say::starts_goes_on(l, l.count(done as u64), l.count(all as u64)));
    }
    if done < all {
        let forecast = starts.forecast(&|kind| planned.done(folder, kind))?;
        let left = l.counted((all - done) as u64, "training");
        let threads = l.counted(request.threads as u64, "thread");
        let (time, hessians) = (forecast.seconds, forecast.hessians);
        let [time, hessians, whole] = [time, hessians, time + hessians].map(|s| l.seconds(s));
        complain(&say::starts_forecast(l, left, time, hessians, whole, threads));
    }
    Ok(())
}
