//! The quality of automatic choices: trains on real data with no hyperparameter given, over many
//! seeds, and prints a table.
//!
//! ```text
//! cargo run --release -p spusk --example quality -- FOLDER [SET...] [--seeds N]
//! ```
//!
//! FOLDER holds the sets by name (`mnist/`, `wine/`, …); the digits and iris are built in. Every seed
//! splits the rows anew, a fifth for the test; MNIST has its own test part and gets three seeds.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use spusk::experiment::{Experiment, Layers, Override, print_layers};
use spusk::session::{SessionOptions, train, vocabulary};

/// A set: its name, its source, its target, the bar to reach.
const SETS: [(&str, &str, Option<&str>, f64); 6] = [
    ("digits", "digits/digits.csv.gz", Some("last"), 0.970),
    ("mnist", "mnist", None, 0.982),
    ("breast_cancer", "breast_cancer/breast_cancer.csv", Some("last"), 0.970),
    ("wine", "wine/wine_data.csv", Some("last"), 0.970),
    ("iris", "iris/iris.csv", Some("last"), 0.950),
    (
        "diabetes",
        "diabetes/diabetes_data_raw.csv.gz",
        Some("diabetes/diabetes_target.csv.gz"),
        0.42,
    ),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let seeds = match arguments.iter().position(|a| a == "--seeds") {
        Some(at) => {
            let given: u64 = arguments.get(at + 1).ok_or("--seeds needs a number")?.parse()?;
            arguments.drain(at..at + 2);
            given
        }
        None => 11,
    };
    let folder = arguments.first().ok_or("name the folder of the data sets")?.clone();
    let wanted = &arguments[1..];
    println!("| set | score | median | quartiles | bar | seconds | network (most often) |");
    println!("|---|---|---:|---:|---:|---:|---|");
    for (name, source, target, bar) in SETS {
        if !wanted.is_empty() && !wanted.iter().any(|w| w == name) {
            continue;
        }
        let path = Path::new(&folder).join(source);
        if !path.exists() {
            eprintln!("{name}: skipped, {} is not there", path.display());
            continue;
        }
        let seeds = if name == "mnist" { seeds.min(3) } else { seeds };
        let (mut scores, mut seconds, mut networks) = (Vec::new(), Vec::new(), Vec::new());
        let mut measure = "accuracy";
        for seed in 0..seeds {
            let started = Instant::now();
            let target = target.map(|t| match t.contains('/') {
                true => Path::new(&folder).join(t).display().to_string(),
                false => t.to_string(),
            });
            let (score, network) = run(&path.display().to_string(), target.as_deref(), seed)?;
            seconds.push(started.elapsed().as_secs_f64());
            eprintln!(
                "{name} seed {seed}: {score:?} in {:.2} s, {network}",
                seconds[seconds.len() - 1]
            );
            let (value, is_r2) = score;
            if is_r2 {
                measure = "R²";
            }
            scores.push(value);
            networks.push(network);
        }
        scores.sort_by(f64::total_cmp);
        seconds.sort_by(f64::total_cmp);
        let at = |values: &[f64], share: f64| {
            values[((values.len() - 1) as f64 * share).round() as usize]
        };
        let often = networks
            .iter()
            .max_by_key(|n| networks.iter().filter(|m| m == n).count())
            .cloned()
            .unwrap_or_default();
        println!(
            "| {name} | {measure} | {:.4} | {:.4}–{:.4} | {bar} | {:.2} | {often} |",
            at(&scores, 0.5),
            at(&scores, 0.25),
            at(&scores, 0.75),
            at(&seconds, 0.5),
        );
    }
    Ok(())
}

/// The test score of one run, whether it is R², and the network that was chosen.
fn run(
    source: &str,
    target: Option<&str>,
    seed: u64,
) -> Result<((f64, bool), String), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("run");
    let seed = seed.to_string();
    let out_text = out.display().to_string();
    let mut given = vec![
        Override::flag("--data", "data.source", source),
        Override::flag("--seed", "training.seed", &seed),
        Override::flag("--out", "out", &out_text),
    ];
    if let Some(target) = target {
        given.push(Override::flag("--target", "data.target", target));
    }
    let experiment = Experiment::parse("quality", "", &given, vocabulary())?;
    let options = SessionOptions { runs: folder.path(), ..SessionOptions::default() };
    let outcome = train(&experiment, &options, &AtomicBool::new(false), &mut |_| {})?;
    let test = outcome.test.ok_or("no test part")?;
    let score = match (&test.classification, &test.regression) {
        (Some(scores), _) => (scores.accuracy.ok_or("no test rows")?, false),
        (_, Some(scores)) => (scores.r2.ok_or("no test rows")?, true),
        _ => return Err("no scores".into()),
    };
    let text = std::fs::read_to_string(out.join("experiment.toml"))?;
    let saved = Experiment::parse("experiment.toml", &text, &[], vocabulary())?;
    let layers = match &saved.model.layers {
        Layers::These(layers) if layers.is_empty() => "linear".to_string(),
        Layers::These(layers) => print_layers(layers),
        Layers::Auto => "?".to_string(),
    };
    Ok((score, layers))
}
