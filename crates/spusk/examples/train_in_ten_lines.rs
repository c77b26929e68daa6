//! Trains a classifier on the built-in irises with no hyperparameter given, and saves the run.
#![allow(clippy::print_stdout)]

use std::sync::atomic::AtomicBool;

use spusk::experiment::{Experiment, Override};
use spusk::session::{SessionOptions, train, vocabulary};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given = [Override::flag("--data", "data.source", "iris")];
    let experiment = Experiment::parse("example", "", &given, vocabulary())?;
    let options = SessionOptions::default();
    let outcome = train(&experiment, &options, &AtomicBool::new(false), &mut |_| {})?;
    let scores = outcome.test.and_then(|test| test.classification).ok_or("iris has a test part")?;
    println!(
        "accuracy {:.3} on {} unseen flowers",
        scores.accuracy.unwrap_or(f64::NAN),
        scores.examples
    );
    println!("the run is in {}", outcome.run.display());
    Ok(())
}
