//! How many trainings an hour `spusk starts` makes, beside the ordinary trainer taking one after the other.
//!
//! ```text
//! cargo run --release -p spusk --example starts_speed -- mnist [--hidden 25,50] [--batch 32]
//! ```
#![allow(clippy::print_stdout)]

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use spusk::Model;
use spusk::data::{DataOptions, Encoded, prepare};
use spusk::engine::Engine;
use spusk::layers::Relu;
use spusk::losses::CrossEntropy;
use spusk::model::StepOptions;
use spusk::optimizers::Sgd;
use spusk::schedules::Exponential;
use spusk::starts::{Recipe, Stack, rows};
use spusk::train::{CheckpointEvery, Score, Settings, Shuffled, Training};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str, usual: &str| {
        let at = arguments.iter().position(|a| a == name);
        at.and_then(|at| arguments.get(at + 1)).cloned().unwrap_or(usual.into())
    };
    let data = prepare(arguments.first().ok_or("give a data set")?, &DataOptions::default())?;
    let train = rows(&data.train, flag("--rows", "10000").parse()?, 0, Some(10))?;
    let batch_size: usize = flag("--batch", "32").parse()?;
    let threads = std::thread::available_parallelism()?.get();
    let networks: Option<usize> = flag("--networks", "").parse().ok();
    let seconds: f64 = flag("--seconds", "3").parse()?;
    println!(
        "width  together/h  one by one/h  ratio  (epochs of {} rows, batch {batch_size})",
        train.len()
    );
    for width in flag("--hidden", "25,50,100,250,500").split(',') {
        let width: usize = width.parse()?;
        let mut layers = Model::mlp(&[width], Relu, 10).layers;
        layers.insert(0, spusk::layers::Flatten.into());
        let recipe = Recipe {
            model: Model { layers },
            options: StepOptions::new(CrossEntropy::default(), Sgd::default()),
            batch_size,
            epochs: 1_000_000,
            learning_rate: 0.1,
            schedule: Exponential::default().into(),
        };
        let networks = networks.unwrap_or_else(|| recipe.networks(&train));
        let together = together(&recipe, &train, networks, threads, seconds)?;
        let alone = alone(&recipe, &train, threads, seconds)?;
        println!(
            "{width:5} {together:11.0} {alone:13.0} {:6.2}  ({networks} in a stack)",
            together / alone
        );
    }
    Ok(())
}

/// Epochs an hour of stacks, one a thread.
fn together(
    recipe: &Recipe,
    train: &Encoded,
    networks: usize,
    threads: usize,
    seconds: f64,
) -> Result<f64, Failure> {
    let rates: Vec<Result<f64, String>> = std::thread::scope(|scope| {
        let work = |thread: usize| -> Result<f64, String> {
            let seeds: Vec<u64> = (0..networks).map(|i| (thread * networks + i) as u64).collect();
            let mut stack = Stack::new(recipe, train, &[], &seeds).map_err(|e| e.to_string())?;
            let started = Instant::now();
            while started.elapsed().as_secs_f64() < seconds {
                stack.train_epoch().map_err(|e| e.to_string())?;
            }
            Ok((stack.epoch() as usize * networks) as f64 / started.elapsed().as_secs_f64())
        };
        let all: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        all.into_iter().map(|one| one.join().unwrap_or(Err("a thread failed".into()))).collect()
    });
    Ok(rates.into_iter().sum::<Result<f64, String>>()? * 3600.0)
}

/// Epochs an hour of the ordinary trainer.
fn alone(recipe: &Recipe, train: &Encoded, threads: usize, seconds: f64) -> Result<f64, Failure> {
    let size = recipe.batch_size;
    let mut engine =
        Engine::new(&recipe.model, &recipe.options, train.shape(), &[], size, threads, 1)?;
    let settings = Settings {
        batch_size: size,
        epochs: recipe.epochs,
        learning_rate: recipe.learning_rate,
        schedule: recipe.schedule.clone(),
        seed: 1,
        patience: None,
        restore_best: false,
        time_limit: Some(Duration::from_secs_f64(seconds)),
        checkpoint_every: CheckpointEvery::Off,
        step_events: Duration::MAX,
        score: Score::None,
    };
    let shuffled = Shuffled::new(train, 1, true);
    let mut training = Training::new(&mut engine, &shuffled, None, &settings)?;
    let started = Instant::now();
    training.run(&AtomicBool::new(false), &mut (), &mut |_| {})?;
    let epochs = training.progress().step as f64 * size as f64 / train.len() as f64;
    Ok(epochs / started.elapsed().as_secs_f64() * 3600.0)
}
