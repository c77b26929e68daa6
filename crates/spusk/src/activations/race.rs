//! The same network with every activation, on the user's data, with several seeds.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use spusk_graph::GraphError;

use super::Activation;
use crate::data::{DataError, Prepared, Target};
use crate::engine::Engine;
use crate::layers::AnyLayer;
use crate::losses;
use crate::messages::{self as say, Language, Said};
use crate::metrics::{share_interval, t_interval};
use crate::model::StepOptions;
use crate::optimizers::{AdamW, AnyOptimizer};
use crate::schedules::{AnySchedule, Cosine};
use crate::session::{is_of_texts, losses_task, whole_network};
use crate::train::{
    CheckpointEvery, Score, Settings, Shuffled, TrainError, Training, batches, evaluate,
};

/// How the race is run.
#[derive(Debug, Clone, PartialEq)]
pub struct RaceRequest {
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Passes over the training rows.
    pub epochs: Option<u64>,
    /// Rows of a step.
    pub batch_size: Option<usize>,
    /// Trainings of each activation, each from other first weights and in another order of the rows.
    pub seeds: u64,
    /// The first seed.
    pub seed: u64,
    /// Trainings at once.
    pub threads: usize,
}

/// Why there is no race.
#[derive(Debug, thiserror::Error)]
pub enum RaceError {
    /// The network cannot be built.
    #[error("{0}")]
    Graph(#[from] GraphError),
    /// Training failed.
    #[error("{0}")]
    Train(#[from] TrainError),
    /// The data cannot be read.
    #[error("{0}")]
    Data(#[from] DataError),
    /// Something else, said in full.
    #[error("{}", .0.in_language(Language::English))]
    Told(Said),
}

impl RaceError {
    /// What is wrong, in a language; what only English has stays English.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        match self {
            RaceError::Graph(_) => self.to_string(),
            RaceError::Train(error) => error.in_language(l),
            RaceError::Data(error) => error.in_language(l),
            RaceError::Told(said) => said.in_language(l).into(),
        }
    }
}

/// Steps of a training if the epochs are not given.
const STEPS: u64 = 1500;

/// Rates that are tried, relative to the usual one of the optimizer.
const RATES: [f64; 4] = [1.0, 3.0, 10.0, 30.0];

/// What an activation came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its name.
    pub name: &'static str,
    /// The learning rate that was best for it on the validation rows.
    pub rate: f64,
    /// The score on the test rows with each seed.
    pub values: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// The 95 % interval of the mean, by Student's t, of shares on the logit scale; NaN with one seed.
    pub low: f64,
    /// See `low`.
    pub high: f64,
}

/// What a race came to.
#[derive(Debug, Clone, PartialEq)]
pub struct RaceFound {
    /// The best first.
    pub places: Vec<Place>,
    /// Whether the score is the accuracy; else it is the loss, which is better when lower.
    pub accuracy: bool,
    /// Rows that trained, that chose the rate, and that the score is of.
    pub rows: [usize; 3],
    /// Passes over the training rows.
    pub epochs: u64,
    /// Seconds.
    pub seconds: f64,
}

impl RaceFound {
    /// The activations whose intervals overlap the winner's: they are not told apart from it.
    #[must_use]
    pub fn as_good(&self) -> Vec<&Place> {
        let Some((first, rest)) = self.places.split_first() else { return Vec::new() };
        let known = |place: &Place| place.low.is_finite() && place.high.is_finite();
        let apart = |other: &Place| {
            known(first) && known(other) && (other.high < first.low || other.low > first.high)
        };
        rest.iter().filter(|other| !apart(other)).collect()
    }
}

/// One training.
struct Job {
    activation: usize,
    rate: f64,
    seed: u64,
    trial: bool,
}

/// Trains the same network with each activation: first shortly with several rates, of which the one
/// with the least validation loss is taken, then with every seed; the score is that of the test rows.
///
/// # Errors
/// If the data have no test rows, or the network does not fit them.
pub fn race(
    data: &Prepared,
    activations: &[Activation],
    request: &RaceRequest,
    stop: &AtomicBool,
) -> Result<RaceFound, RaceError> {
    let started = Instant::now();
    if data.test.is_empty() || data.validation.is_empty() || data.series.is_some() {
        return Err(RaceError::Told(Said::new(say::race_needs_rows)));
    }
    if is_of_texts(&data.preprocessing) {
        return Err(RaceError::Told(Said::new(say::race_no_texts)));
    }
    let track = Track::new(data, activations, request);
    let racing: Vec<usize> =
        (0..activations.len()).filter(|&i| activations[i].hidden(1).is_some()).collect();
    let usual = AnyOptimizer::from(AdamW::default()).learning_rate();
    let job = |activation: usize, rate: f64, seed: u64, trial: bool| Job {
        activation,
        rate,
        seed,
        trial,
    };
    let trials: Vec<Job> = racing
        .iter()
        .flat_map(|&a| RATES.map(|share| job(a, share * usual, request.seed, true)))
        .collect();
    let tried = track.run_all(&trials, request.threads, stop)?;
    let best = |activation: usize| {
        let of = trials.iter().zip(&tried).filter(|(job, _)| job.activation == activation);
        let finite = of.filter(|(_, found)| found.is_finite());
        finite.min_by(|a, b| a.1.total_cmp(b.1)).map_or(usual, |(job, _)| job.rate)
    };
    let runs: Vec<Job> = racing
        .iter()
        .flat_map(|&a| (0..request.seeds.max(1)).map(move |k| (a, k)))
        .map(|(a, k)| job(a, best(a), request.seed.wrapping_add(1 + k), false))
        .collect();
    let found = track.run_all(&runs, request.threads, stop)?;
    let place = |&activation: &usize| {
        let of = runs.iter().zip(&found).filter(|(job, _)| job.activation == activation);
        let values: Vec<f64> = of.map(|(_, &value)| value).collect();
        let interval = match track.accuracy {
            true => share_interval(&values, data.test.len() as u64),
            // Losses that are equal to the last bit say nothing of how far others lie.
            false => t_interval(&values).filter(|(_, low, high)| low < high),
        };
        let (mean, low, high) = interval.unwrap_or((
            values.iter().sum::<f64>() / values.len().max(1) as f64,
            f64::NAN,
            f64::NAN,
        ));
        Place {
            name: activations[activation].name,
            rate: best(activation),
            values,
            mean,
            low,
            high,
        }
    };
    let mut places: Vec<Place> = racing.iter().map(place).collect();
    let sign = if track.accuracy { -1.0 } else { 1.0 };
    // One that diverged comes last.
    let order = |place: &Place| if place.mean.is_nan() { f64::INFINITY } else { sign * place.mean };
    places.sort_by(|a, b| order(a).total_cmp(&order(b)));
    Ok(RaceFound {
        places,
        accuracy: track.accuracy,
        rows: [data.train.len(), data.validation.len(), data.test.len()],
        epochs: track.epochs,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// What all trainings share.
struct Track<'a> {
    data: &'a Prepared,
    activations: &'a [Activation],
    hidden: &'a [usize],
    batch_size: usize,
    epochs: u64,
    accuracy: bool,
}

impl<'a> Track<'a> {
    fn new(data: &'a Prepared, activations: &'a [Activation], request: &'a RaceRequest) -> Self {
        let rows = data.train.len();
        let batch_size = request.batch_size.unwrap_or(match rows {
            0..2000 => 16,
            2000..10_000 => 32,
            _ => 128,
        });
        let of_epoch = batches(rows, batch_size).max(1) as u64;
        let accuracy = matches!(data.preprocessing.target, Target::Classes { .. })
            && !data.preprocessing.is_autoencoder();
        let epochs = request.epochs.unwrap_or(STEPS.div_ceil(of_epoch).clamp(2, 200));
        Track { data, activations, hidden: &request.hidden, batch_size, epochs, accuracy }
    }

    /// What each job came to, in their order, whatever the number of threads.
    fn run_all(
        &self,
        jobs: &[Job],
        threads: usize,
        stop: &AtomicBool,
    ) -> Result<Vec<f64>, RaceError> {
        let next = AtomicUsize::new(0);
        let found: Mutex<Vec<Option<Result<f64, RaceError>>>> =
            Mutex::new(jobs.iter().map(|_| None).collect());
        std::thread::scope(|scope| {
            for _ in 0..threads.clamp(1, jobs.len().max(1)) {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(job) = jobs.get(at).filter(|_| !stop.load(Ordering::Relaxed))
                        else {
                            break;
                        };
                        let came = self.run(job, stop);
                        if let Ok(mut found) = found.lock() {
                            found[at] = Some(came);
                        }
                    }
                });
            }
        });
        let found = found.into_inner().unwrap_or_default();
        let stopped = || Err(RaceError::Told(Said::new(say::race_stopped)));
        found.into_iter().map(|came| came.unwrap_or_else(stopped)).collect()
    }

    /// The validation loss of a trial; the score on the test rows of a whole training. NaN if it
    /// diverged.
    fn run(&self, job: &Job, stop: &AtomicBool) -> Result<f64, RaceError> {
        let activation = &self.activations[job.activation];
        let layers: Vec<AnyLayer> =
            self.hidden.iter().filter_map(|&width| activation.hidden(width)).flatten().collect();
        let task = losses_task(&self.data.preprocessing);
        let loss = losses::default_for(&task);
        let model = whole_network(layers, &self.data.preprocessing, loss.outputs(&task));
        let options = StepOptions::new(loss, AdamW::default());
        let (train, seed) = (&self.data.train, job.seed);
        let target = self.data.preprocessing.target_shape();
        let size = self.batch_size.min(train.len().max(1));
        let mut engine = Engine::new(&model, &options, train.shape(), &target, size, 1, seed)?;
        let epochs = if job.trial { self.epochs.div_ceil(3) } else { self.epochs };
        let total = epochs * batches(train.len(), size) as u64;
        let schedule: AnySchedule =
            Cosine { warmup_steps: (total / 20).min(500) as usize, ..Cosine::default() }.into();
        let settings = Settings {
            batch_size: size,
            epochs,
            learning_rate: job.rate,
            schedule,
            seed,
            patience: None,
            restore_best: true,
            time_limit: None,
            checkpoint_every: CheckpointEvery::Off,
            step_events: Duration::MAX,
            score: Score::None,
        };
        let rows = Shuffled::new(train, seed, true);
        let validation = Shuffled::new(&self.data.validation, 0, false);
        let mut training = Training::new(&mut engine, &rows, Some(&validation), &settings)?;
        match training.run(stop, &mut (), &mut |_| {}) {
            Ok(_) => {}
            Err(TrainError::NotFinite(_)) => return Ok(f64::NAN),
            Err(error) => return Err(error.into()),
        }
        if job.trial {
            return Ok(evaluate(&mut engine, &validation, |_, _, _| {})?.mean());
        }
        let (mut right, mut seen) = (0_usize, 0_usize);
        let test = Shuffled::new(&self.data.test, 0, false);
        let loss = evaluate(&mut engine, &test, |outputs, _, targets| {
            seen += targets.len();
            let width = outputs.len() / targets.len().max(1);
            let rows = outputs.chunks(width.max(1)).zip(targets);
            right += rows.filter(|(row, label)| class(row) as f32 == **label).count();
        })?;
        Ok(if self.accuracy { right as f64 / seen.max(1) as f64 } else { loss.mean() })
    }
}

fn class(outputs: &[f32]) -> usize {
    match outputs {
        [single] => usize::from(*single > 0.0),
        _ => crate::metrics::rank::argmax(outputs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::all;
    use crate::data::{DataOptions, prepare};

    fn place(name: &'static str, mean: f64, reach: f64) -> Place {
        let (low, high) = (mean - reach, mean + reach);
        Place { name, rate: 0.001, values: vec![mean], mean, low, high }
    }

    #[test]
    fn only_intervals_that_are_apart_tell_apart() {
        let found = RaceFound {
            places: vec![place("a", 0.9, 0.02), place("b", 0.87, 0.02), place("c", 0.8, 0.02)],
            accuracy: true,
            rows: [1, 1, 1],
            epochs: 1,
            seconds: 0.0,
        };
        let names: Vec<&str> = found.as_good().iter().map(|place| place.name).collect();
        assert_eq!(names, ["b"]);
        // With one seed nothing is known of chance.
        let one = RaceFound {
            places: vec![place("a", 0.9, f64::NAN), place("c", 0.1, f64::NAN)],
            ..found
        };
        assert_eq!(one.as_good().len(), 1);
    }

    #[test]
    fn a_race_is_the_same_on_any_number_of_threads() {
        let data = prepare("spirals:300", &DataOptions::default()).expect("it is built in");
        let chosen: Vec<Activation> =
            all().into_iter().filter(|a| ["tanh", "maxout", "softmax"].contains(&a.name)).collect();
        let request = RaceRequest {
            hidden: vec![6],
            epochs: Some(2),
            batch_size: Some(32),
            seeds: 2,
            seed: 0,
            threads: 1,
        };
        let never = AtomicBool::new(false);
        let one = race(&data, &chosen, &request, &never).expect("it runs");
        let two =
            race(&data, &chosen, &RaceRequest { threads: 2, ..request }, &never).expect("it runs");
        assert_eq!(one.places, two.places);
        assert_eq!(one.places.len(), 2, "softmax does not race");
        assert!(one.places[0].mean >= one.places[1].mean && one.places[0].values.len() == 2);
    }
}
