//! The quality of every kind of network on real data: trains each row with a few seeds, and prints a table of
//! medians beside the bars.
//!
//! ```text
//! cargo run --release -p spusk --example quality_networks -- FOLDER [ROW...] [--seeds N] [--rows FILE] [--write PAGE]
//! ```
//!
//! FOLDER holds the sets by name (`mnist/`, `etth1/`, …). What was trained is kept in FILE, a line a run
//! (`target/quality-networks.jsonl`), so a run that was broken off goes on where it was; remove the file
//! to begin anew. `--write` puts the table into a page, between two marks.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use spusk::experiment::{Experiment, Override};
use spusk::session::{Outcome, Scores, SessionOptions, train, vocabulary};

type Failure = Box<dyn std::error::Error>;
type Figures = BTreeMap<String, f64>;

/// A row: one command, what is measured, and the bar.
struct Row {
    name: &'static str,
    /// The experiment's file; empty for none.
    experiment: &'static str,
    /// Below FOLDER; empty where the experiment names it.
    source: &'static str,
    /// Flags: name, setting, value.
    flags: &'static [(&'static str, &'static str, &'static str)],
    /// A second experiment with the same flags, by what its figures are called: it shows what the first one gains.
    beside: Option<(&'static str, &'static str)>,
    measure: fn(&Outcome) -> Option<Figures>,
    /// In words, and what the medians must satisfy.
    bar: &'static str,
    holds: fn(&Figures) -> bool,
}

const OT: (&str, &str, &str) = ("--target", "data.target", "OT");
const ALL: (&str, &str, &str) = ("--target", "data.target", "all");
const DAY: (&str, &str, &str) = ("--horizon", "data.horizon", "24");
const FOUR_DAYS: (&str, &str, &str) = ("--horizon", "data.horizon", "96");
const BELOW: &str = "MSE below linear and seasonal-naive";

/// What most rows have alike.
const USUAL: Row = Row {
    name: "",
    experiment: "",
    source: "",
    flags: &[],
    beside: None,
    measure: accuracy,
    bar: "",
    holds: |_| false,
};

const fn etth1(
    name: &'static str,
    flags: &'static [(&'static str, &'static str, &'static str)],
) -> Row {
    forecast(name, "etth1.toml", "etth1/ETTh1.csv", flags)
}

const fn forecast(
    name: &'static str,
    experiment: &'static str,
    source: &'static str,
    flags: &'static [(&'static str, &'static str, &'static str)],
) -> Row {
    Row {
        name,
        experiment,
        source,
        flags,
        measure: forecasts,
        bar: BELOW,
        holds: is_below,
        ..USUAL
    }
}

const ROWS: &[Row] = &[
    etth1("etth1-ot-24", &[OT, DAY]),
    etth1("etth1-ot-96", &[OT, FOUR_DAYS]),
    etth1("etth1-all-24", &[ALL, DAY]),
    etth1("etth1-all-96", &[ALL, FOUR_DAYS]),
    Row {
        measure: relative_errors,
        bar: "MAPE ≤ 7 % and below seasonal-naive",
        holds: |f| f["MAPE"] <= 0.07 && f["MAPE"] < f["seasonal-naive"],
        ..forecast("airline", "airline.toml", "airline_passengers/airline-passengers.csv", &[])
    },
    forecast("sunspots", "sunspots.toml", "sunspots/monthly-sunspots.csv", &[]),
    forecast("melbourne", "melbourne.toml", "melbourne_min_temp/daily-min-temperatures.csv", &[]),
    Row {
        name: "modular",
        experiment: "modular.toml",
        flags: &[("--threads", "training.threads", "2")],
        measure: speed,
        bar: "≥ 1.8 times as fast as in turn",
        holds: |f| f["times as fast"] >= 1.8,
        ..USUAL
    },
    Row {
        name: "autoencoder",
        experiment: "autoencoder.toml",
        source: "mnist",
        measure: below_pca,
        bar: "≥ 25 % below PCA with 32",
        holds: |f| f["below PCA"] >= 0.25,
        ..USUAL
    },
    Row {
        name: "lenet",
        source: "mnist",
        flags: &[("--model", "model.layers", "lenet"), ("--epochs", "training.epochs", "5")],
        bar: "accuracy ≥ 99.0 %",
        holds: |f| f["accuracy"] >= 0.99,
        ..USUAL
    },
    Row {
        name: "resnet-20",
        source: "mnist",
        flags: &[("--model", "model.layers", "resnet"), ("--epochs", "training.epochs", "5")],
        bar: "accuracy ≥ 99.4 %",
        holds: |f| f["accuracy"] >= 0.994,
        ..USUAL
    },
    Row {
        name: "deep",
        experiment: "deep-residual.toml",
        beside: Some(("plain", "deep-plain.toml")),
        bar: "fifty layers: accuracy ≥ 90 %, plain ones do not reach it",
        holds: |f| f["accuracy"] >= 0.9 && f["plain accuracy"] < 0.9,
        ..USUAL
    },
    Row {
        name: "textcnn",
        experiment: "sms_spam.toml",
        source: "sms_spam/SMSSpamCollection",
        measure: spam,
        bar: "accuracy ≥ 98.5 %, F1 of spam ≥ 0.94",
        holds: |f| f["accuracy"] >= 0.985 && f["F1 of spam"] >= 0.94,
        ..USUAL
    },
    Row {
        name: "denoise",
        experiment: "denoise.toml",
        source: "images",
        measure: |outcome| gain(outcome, "noisy"),
        bar: "≥ 7 dB over noisy",
        holds: |f| f["dB over noisy"] >= 7.0,
        ..USUAL
    },
    Row {
        name: "upscale",
        experiment: "upscale.toml",
        source: "images",
        measure: |outcome| gain(outcome, "bicubic"),
        bar: "≥ 0.5 dB over bicubic",
        holds: |f| f["dB over bicubic"] >= 0.5,
        ..USUAL
    },
];

fn figures<const N: usize>(named: [(&str, Option<f64>); N]) -> Option<Figures> {
    named.into_iter().map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn scores(outcome: &Outcome) -> Option<&Scores> {
    outcome.test.as_ref()
}

fn forecasts(outcome: &Outcome) -> Option<Figures> {
    let found = scores(outcome)?.forecast.as_ref()?;
    let of = |name: &str| found.compared.iter().find(|one| one.name == name)?.errors.mse;
    let mut all = figures([("MSE", found.errors.mse), ("MAE", found.errors.mae)])?;
    for (name, shown) in
        [("linear", "linear"), ("naive", "naive"), ("seasonal_naive", "seasonal-naive")]
    {
        all.extend(of(name).map(|value| (shown.to_owned(), value)));
    }
    Some(all)
}

/// A series without a season has no seasonal-naive forecast.
fn is_below(f: &Figures) -> bool {
    f["MSE"] < f["linear"] && f.get("seasonal-naive").is_none_or(|&error| f["MSE"] < error)
}

fn relative_errors(outcome: &Outcome) -> Option<Figures> {
    let found = scores(outcome)?.forecast.as_ref()?;
    let of = |name: &str| found.compared.iter().find(|one| one.name == name)?.errors.mape;
    figures([
        ("MAPE", found.errors.mape),
        ("linear", of("linear")),
        ("seasonal-naive", of("seasonal_naive")),
    ])
}

fn speed(outcome: &Outcome) -> Option<Figures> {
    let text = std::fs::read_to_string(outcome.run.join("metrics.jsonl")).ok()?;
    let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
    let found: serde_json::Value =
        lines.into_iter().find(|line: &serde_json::Value| line["event"] == "apart")?;
    figures([
        ("times as fast", found["factor"].as_f64()),
        ("s side by side", found["side_by_side"].as_f64()),
        ("s in turn", found["in_turn"].as_f64()),
        ("s in turn on 2 threads", found["in_turn_on_all"].as_f64()),
    ])
}

fn below_pca(outcome: &Outcome) -> Option<Figures> {
    let found = scores(outcome)?.reconstruction.as_ref()?;
    let (own, pca) = (found.mse?, found.pca.as_ref()?.mse?);
    figures([("below PCA", Some(1.0 - own / pca)), ("MSE", Some(own)), ("PCA", Some(pca))])
}

fn accuracy(outcome: &Outcome) -> Option<Figures> {
    figures([("accuracy", scores(outcome)?.classification.as_ref()?.accuracy)])
}

fn spam(outcome: &Outcome) -> Option<Figures> {
    let found = scores(outcome)?.classification.as_ref()?;
    // Classes stand in alphabetical order: ham, spam.
    figures([("accuracy", found.accuracy), ("F1 of spam", found.per_class.get(1)?.f1)])
}

fn gain(outcome: &Outcome, over: &str) -> Option<Figures> {
    let means = scores(outcome)?.pictures.as_ref()?.means();
    let of = |name: &str| means.iter().find(|one| one.name == name).map(|one| one.likeness.psnr);
    let (own, other) = (of("network")?, of(over)?);
    figures([(&format!("dB over {over}"), Some(own - other)), ("dB", Some(own))])
}

/// A run, as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    row: String,
    seed: u64,
    seconds: f64,
    figures: Figures,
}

struct Arguments {
    folder: String,
    wanted: Vec<String>,
    seeds: u64,
    rows: PathBuf,
    write: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, Failure> {
    let mut given: Vec<String> = std::env::args().skip(1).collect();
    let mut take = |name: &str| -> Result<Option<String>, Failure> {
        let Some(at) = given.iter().position(|word| word == name) else { return Ok(None) };
        let value = given.get(at + 1).ok_or(format!("{name} needs a value"))?.clone();
        given.drain(at..at + 2);
        Ok(Some(value))
    };
    let seeds = take("--seeds")?.map_or(Ok(3), |seeds| seeds.parse())?;
    let rows = take("--rows")?.unwrap_or("target/quality-networks.jsonl".into()).into();
    let write = take("--write")?.map(PathBuf::from);
    let folder = given.first().ok_or("name the folder of the data sets")?.clone();
    let wanted = given[1..].to_vec();
    let known = |name: &&String| ROWS.iter().any(|row| row.name == name.as_str());
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        return Err(format!("there is no row {unknown}; there are {}", names.join(", ")).into());
    }
    Ok(Arguments { folder, wanted, seeds, rows, write })
}

fn main() -> Result<(), Failure> {
    let arguments = arguments()?;
    let mut kept: Vec<Kept> = match std::fs::read_to_string(&arguments.rows) {
        Ok(text) => text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?,
        Err(_) => Vec::new(),
    };
    let is_wanted =
        |row: &&Row| arguments.wanted.is_empty() || arguments.wanted.iter().any(|w| w == row.name);
    for row in ROWS.iter().filter(is_wanted) {
        let source = Path::new(&arguments.folder).join(row.source);
        if !source.exists() {
            eprintln!("{}: skipped, {} is not there", row.name, source.display());
            continue;
        }
        for seed in 0..arguments.seeds {
            if kept.iter().any(|run| run.row == row.name && run.seed == seed) {
                continue;
            }
            let started = Instant::now();
            let figures = run(row, &source, seed)?;
            let seconds = started.elapsed().as_secs_f64();
            eprintln!("{} seed {seed}: {figures:?} in {seconds:.1} s", row.name);
            let run = Kept { row: row.name.into(), seed, seconds, figures };
            append(&arguments.rows, &run)?;
            kept.push(run);
        }
    }
    let table = table(&kept)?;
    print!("{table}");
    match &arguments.write {
        Some(page) => put(page, &table),
        None => Ok(()),
    }
}

fn append(file: &Path, run: &Kept) -> Result<(), Failure> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
    writeln!(file, "{}", serde_json::to_string(run)?)?;
    Ok(())
}

/// The figures of a row, those of the experiment beside it under names of their own.
fn run(row: &Row, source: &Path, seed: u64) -> Result<Figures, Failure> {
    let mut figures = run_one(row, row.experiment, source, seed)?;
    if let Some((called, experiment)) = row.beside {
        let others = run_one(row, experiment, source, seed)?;
        figures.extend(others.into_iter().map(|(name, value)| (format!("{called} {name}"), value)));
    }
    Ok(figures)
}

fn run_one(row: &Row, experiment: &str, source: &Path, seed: u64) -> Result<Figures, Failure> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("run").display().to_string();
    let (seed, source) = (seed.to_string(), source.display().to_string());
    let mut given = vec![
        Override::flag("--seed", "training.seed", &seed),
        Override::flag("--out", "out", &out),
    ];
    if !row.source.is_empty() {
        given.push(Override::flag("--data", "data.source", &source));
    }
    given.extend(row.flags.iter().map(|(flag, key, value)| Override::flag(flag, key, value)));
    let text = match experiment {
        "" => String::new(),
        file => {
            let experiments = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments");
            std::fs::read_to_string(experiments.join(file))?
        }
    };
    let experiment = Experiment::parse(experiment, &text, &given, vocabulary())?;
    let options = SessionOptions { runs: folder.path(), ..SessionOptions::default() };
    let outcome = train(&experiment, &options, &AtomicBool::new(false), &mut |_| {})?;
    (row.measure)(&outcome).ok_or(format!("{}: no such score", row.name).into())
}

/// The command of a row with an experiment of it, as a user writes it.
fn command(row: &Row, experiment: &str) -> String {
    let mut text = String::from("spusk train");
    if !experiment.is_empty() {
        text += &format!(" experiments/{experiment}");
    }
    if !row.source.is_empty() {
        text += &format!(" --data {}", row.source);
    }
    for (flag, _, value) in row.flags {
        text += &format!(" {flag} {value}");
    }
    text
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The medians of all rows of which runs are kept.
fn table(kept: &[Kept]) -> Result<String, Failure> {
    let mut text = String::from("| row | command | medians | seeds | bar | holds | s a run |\n");
    text += "|---|---|---|---:|---|---|---:|\n";
    for row in ROWS {
        let runs: Vec<&Kept> = kept.iter().filter(|run| run.row == row.name).collect();
        let Some(first) = runs.first() else { continue };
        let of = |name: &str| -> Vec<f64> {
            runs.iter().filter_map(|run| run.figures.get(name).copied()).collect()
        };
        let medians: Figures =
            first.figures.keys().map(|name| (name.clone(), median(of(name)))).collect();
        let shown: Vec<String> =
            medians.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
        let experiments = [row.experiment].into_iter().chain(row.beside.map(|beside| beside.1));
        let commands: Vec<String> =
            experiments.map(|one| format!("`{}`", command(row, one))).collect();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {:.1} |",
            row.name,
            commands.join(", "),
            shown.join(", "),
            runs.len(),
            row.bar,
            if (row.holds)(&medians) { "yes" } else { "**no**" },
            median(runs.iter().map(|run| run.seconds).collect()),
        )?;
    }
    Ok(text)
}

const BEGIN: &str = "<!-- networks: written by the example quality_networks -->\n";
const END: &str = "<!-- networks: end -->\n";

/// Puts the table between its marks in a page.
fn put(page: &Path, table: &str) -> Result<(), Failure> {
    let text = std::fs::read_to_string(page)?;
    let parts =
        text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or(format!("{}: the marks are not there", page.display()))?;
    std::fs::write(page, format!("{before}{BEGIN}{table}{END}{after}"))?;
    Ok(())
}
