//! `spusk activations`: the activation functions, and a race of them on one's own data.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use serde_json::{Value, json};
use spusk::activations::{
    self, Activation, RaceFound, RaceRequest, account, account_race, all, race,
};
use spusk::data::prepare;
use spusk::experiment::{Experiment, Override};
use spusk::messages as say;
use spusk::session::{data_options, vocabulary};

use super::{Format, Outcome, PageFiles, Telling, default_threads, print_part};
use crate::terminal::{Failure, line, wrong_words};

/// Show the activation functions with their slopes, and race them on your data.
///
/// With --race the same network is trained with each of them, several times; the scores are compared with
/// intervals, and where these overlap that is said.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  spusk activations --out activations.html\n  spusk activations --race \
                        --data digits --seeds 5\n  spusk activations --race --data houses.csv --target \
                        price --hidden 64,32"
)]
pub(crate) struct Activations {
    /// Train the same network with each activation.
    #[arg(long)]
    race: bool,
    /// The rows of the race: a built-in set or a path.
    #[arg(long, value_name = "SOURCE", default_value = "digits", requires = "race")]
    data: String,
    /// The column to predict.
    #[arg(long, value_name = "COLUMN", requires = "race")]
    target: Option<String>,
    /// Activations that race, with commas between; all if not given.
    #[arg(long, value_name = "NAME,…", requires = "race")]
    only: Option<String>,
    /// Trainings of each activation.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// The first seed, and that of the split.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Widths of the hidden layers.
    #[arg(long, value_name = "N,…", default_value = "64")]
    hidden: String,
    /// Passes over the training rows; about 1,500 steps if not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    epochs: Option<u64>,
    #[command(flatten)]
    files: PageFiles,
    #[command(flatten)]
    telling: Telling,
    /// Trainings at once.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// Most neurons of a hidden layer.
const WIDEST: usize = 100_000;

impl Activations {
    pub(crate) fn run(self) -> Outcome {
        let l = self.telling.language();
        let all = all();
        let hidden = self.widths()?;
        let found = match self.race {
            true => Some(self.race(&self.racers(&all)?, &hidden)?),
            false => None,
        };
        if self.files.wanted() {
            let race = found.as_ref().map(|found| (found, &hidden[..]));
            let page = activations::page(&all, race, l);
            self.files.write(&page.html, &page.pictures, l)?;
        }
        match self.telling.format {
            Format::Json => line(object(&all, found.as_ref())?)?,
            Format::Human => {
                print_part(&account(&all, l))?;
                if let Some(found) = &found {
                    line("")?;
                    print_part(&account_race(found, &hidden, l))?;
                }
            }
        }
        Ok(0)
    }

    fn widths(&self) -> Result<Vec<usize>, Failure> {
        let width = |text: &str| match text.trim().parse() {
            Ok(width @ 1..=WIDEST) => Ok(width),
            _ => {
                Err(Failure::wrong(|l| say::wrong_widths(l, &self.hidden, l.count(WIDEST as u64))))
            }
        };
        self.hidden.split(',').map(width).collect()
    }

    fn racers(&self, all: &[Activation]) -> Result<Vec<Activation>, Failure> {
        let Some(only) = &self.only else { return Ok(all.to_vec()) };
        let one = |name: &str| {
            let found = all.iter().find(|a| a.name == name && a.hidden(1).is_some());
            found.cloned().ok_or_else(|| {
                let names = all.iter().filter(|a| a.hidden(1).is_some()).map(|a| a.name);
                let names: Vec<&str> = names.collect();
                Failure::wrong(|l| say::wrong_only(l, name, names.join(", ")))
            })
        };
        only.split(',').map(|name| one(name.trim())).collect()
    }

    fn race(&self, racers: &[Activation], hidden: &[usize]) -> Result<RaceFound, Failure> {
        let mut given = vec![
            Override::flag("--data", "data.source", &self.data),
            Override::flag("--seed", "training.seed", &self.seed.to_string()),
        ];
        given.extend(self.target.iter().map(|t| Override::flag("--target", "data.target", t)));
        let experiment = Experiment::parse("", "", &given, vocabulary()).map_err(wrong_words)?;
        let data = prepare(&experiment.data.source, &data_options(&experiment)?)?;
        let request = RaceRequest {
            hidden: hidden.to_vec(),
            epochs: self.epochs,
            batch_size: None,
            seeds: self.seeds,
            seed: self.seed,
            threads: self.threads.unwrap_or_else(default_threads).max(1),
        };
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register(signal, stop.clone())?;
        }
        race(&data, racers, &request, &stop)
            .map_err(|error| Failure::said(|l| error.in_language(l)))
    }
}

/// Places of the curves in the object.
const PLACES: i32 = 40;

fn object(all: &[Activation], found: Option<&RaceFound>) -> Result<Value, Failure> {
    let places: Vec<f64> = (-PLACES..=PLACES).map(|i| f64::from(i) / 10.0).collect();
    let curve = |activation: &Activation| {
        let found = activation.sample(&places).map_err(Failure::failed)?;
        Ok(json!({
            "name": activation.name,
            "formula": activation.formula,
            "x": found.x,
            "value": found.y,
            "derivative": found.slope,
        }))
    };
    let curves = all.iter().map(curve).collect::<Result<Vec<_>, Failure>>()?;
    let race = found.map(|found| {
        json!({
            "score": if found.accuracy { "test_accuracy" } else { "test_loss" },
            "places": found.places.iter().map(|place| json!({
                "name": place.name,
                "learning_rate": place.rate,
                "values": place.values,
                "mean": place.mean,
                "low": place.low,
                "high": place.high,
            })).collect::<Vec<_>>(),
            "as_good_as_the_first": found.as_good().iter().map(|p| p.name).collect::<Vec<_>>(),
            "rows": found.rows,
            "epochs": found.epochs,
            "seconds": found.seconds,
        })
    });
    Ok(json!({"activations": curves, "race": race}))
}
