//! What the diagnosis costs: trains several kinds of networks with it and without it in turn, and prints
//! which share of the training the looks took.
//!
//! ```text
//! cargo run --release -p spusk --example diagnosis_cost -- [--data FOLDER] [--rounds 5] [--only NAME]
//! ```
//!
//! `--data` is the folder of the real sets (`mnist/`, `sms_spam/`; `../shared/data` if not given): what is not
//! there is skipped, and said. The share is measured inside of one process, so that it hardly depends
//! on what else the machine does; the times of whole trainings do.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use spusk::experiment::{Experiment, Override};
use spusk::session::{SessionOptions, train, vocabulary};

type Failure = Box<dyn std::error::Error>;

/// Name, data, layers, epochs.
type Case = (&'static str, &'static str, &'static str, u64);

const CASES: &[Case] = &[
    ("digits, dense", "digits", "dense 128, relu", 40),
    ("digits, dense, long", "digits", "dense 128, relu", 1000),
    ("MNIST, dense", "mnist", "dense 128, relu", 3),
    ("MNIST, dense, long", "mnist", "dense 128, relu", 30),
    ("MNIST, LeNet", "mnist", "lenet", 1),
    ("texts, LSTM", "sms_spam/SMSSpamCollection", "lstm: hidden_size=32", 4),
    (
        "texts, transformer",
        "sms_spam/SMSSpamCollection",
        "transformer: blocks=1 hidden_size=32 heads=2",
        4,
    ),
];

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|a| a == name);
        at.and_then(|at| arguments.get(at + 1)).cloned()
    };
    let folder = PathBuf::from(option("--data").unwrap_or("../shared/data".into()));
    let rounds: usize = option("--rounds").unwrap_or("5".into()).parse()?;
    let only = option("--only").unwrap_or_default();
    println!("| run | training | of it looks | share | fastest with | fastest without |");
    println!("|---|---:|---:|---:|---:|---:|");
    for case in CASES.iter().filter(|(name, ..)| name.contains(&*only)) {
        let source = if case.1 == "digits" { PathBuf::from(case.1) } else { folder.join(case.1) };
        if case.1 != "digits" && !source.exists() {
            println!("| {} | skipped: {} is not there |", case.0, source.display());
            continue;
        }
        measure(case, &source, rounds)?;
    }
    Ok(())
}

fn measure((name, _, layers, epochs): &Case, source: &Path, rounds: usize) -> Result<(), Failure> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        with.push(once(source, layers, *epochs, true)?);
        without.push(once(source, layers, *epochs, false)?.0);
    }
    let seconds = median(with.iter().map(|(seconds, _)| *seconds));
    let looks = median(with.iter().map(|(_, looks)| *looks));
    let share = median(with.iter().map(|(seconds, looks)| looks / seconds));
    let fastest = with.iter().map(|(seconds, _)| *seconds).fold(f64::INFINITY, f64::min);
    let plain = without.into_iter().fold(f64::INFINITY, f64::min);
    println!(
        "| {name}, {epochs} epochs | {seconds:.3} s | {:.1} ms | {:.1} % | {fastest:.3} s | {plain:.3} s |",
        1e3 * looks,
        100.0 * share
    );
    Ok(())
}

/// Seconds of the training's epochs, with validation, and of the looks before and in between.
fn once(source: &Path, layers: &str, epochs: u64, watched: bool) -> Result<(f64, f64), Failure> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("run").display().to_string();
    let given = [
        ("data.source", source.display().to_string()),
        ("model.layers", layers.into()),
        ("training.epochs", epochs.to_string()),
        ("training.early_stopping", "false".into()),
        ("training.diagnosis", watched.to_string()),
        ("out", out),
    ];
    let given = given.each_ref().map(|(key, value)| Override::flag(key, key, value));
    let experiment = Experiment::parse("diagnosis_cost", "", &given, vocabulary())?;
    let options = SessionOptions { runs: folder.path(), ..SessionOptions::default() };
    let outcome = train(&experiment, &options, &AtomicBool::new(false), &mut |_| {})?;
    let seconds = outcome.history.last().map_or(f64::NAN, |epoch| epoch.seconds);
    Ok((seconds, outcome.watched))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
