//! The benchmark workloads: the same networks, shapes, losses and optimizers for every program that
//! is compared, and the same way to time a step.
//!
//! Data are random and in memory before the clock starts; every step reads its batch where it stands
//! in a pool of 32. Weights start uniform in ±1/√fan_in.

pub mod kernels;
pub mod mnist;
pub mod peak;
pub mod scaling;
pub mod sequences;

use std::time::{Duration, Instant};

use spusk_graph::{Cost, GraphError, Plan, PlanSpec, State, StateLayout, Team};

use crate::Model;
use crate::engine::{Engine, step_key};
use crate::init::{Initializer, Numbers};
use crate::layers::{AnyLayer, Dense, Relu, Sigmoid, Tanh};
use crate::losses::{AnyLoss, CrossEntropy, Mse};
use crate::messages::{self as say, Language};
use crate::model::{Batch, StepOptions};
use crate::optimizers::{Adam, AnyOptimizer, Sgd};
use crate::zoo::{Lenet, Network, Resnet};

/// A network and how it is trained.
#[derive(Debug, Clone)]
pub struct Workload {
    /// W1, W2, …
    pub name: &'static str,
    /// In a few words.
    pub summary: fn(Language) -> String,
    /// Widths, input first.
    pub sizes: Vec<usize>,
    /// Behind every hidden layer.
    pub activation: AnyLayer,
    /// Behind the last layer.
    pub last: Option<AnyLayer>,
    /// Layers in place of the dense hidden ones, for images.
    pub images: Option<Images>,
    /// What is minimized.
    pub loss: AnyLoss,
    /// How.
    pub optimizer: AnyOptimizer,
    /// η.
    pub learning_rate: f64,
    /// Examples in a step.
    pub batch_size: usize,
}

/// Images, and the layers that see them; `sizes` has then the numbers of pixels and of classes.
#[derive(Debug, Clone)]
pub struct Images {
    /// Height, width, channels.
    pub shape: [usize; 3],
    /// All but the output layer.
    pub layers: Vec<AnyLayer>,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Median over blocks of the time of a step.
    pub median_step_us: f64,
    /// Its tenth percentile.
    pub p10_us: f64,
    /// Its ninetieth percentile.
    pub p90_us: f64,
    /// Its least value.
    pub min_us: f64,
    /// Examples in a second, at the median.
    pub samples_per_s: f64,
    /// What a step costs by count.
    pub cost: Cost,
    /// The last step's loss, to see that something was learned.
    pub loss: f64,
}

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Steps that do not count.
    pub warm_up: Duration,
    /// Steps that count.
    pub run: Duration,
    /// Steps are timed in blocks of about this length.
    pub block: Duration,
}

impl Default for Effort {
    fn default() -> Self {
        Effort {
            warm_up: Duration::from_millis(1500),
            run: Duration::from_secs(3),
            block: Duration::from_millis(30),
        }
    }
}

const POOL: usize = 32;

/// The training workloads.
///
/// # Panics
/// Never: the networks of the zoo that it takes have layers.
pub fn workloads() -> Vec<Workload> {
    let adam = || AnyOptimizer::from(Adam::default());
    let sgd = || AnyOptimizer::from(Sgd::default());
    let momentum = || AnyOptimizer::from(Sgd { momentum: 0.9, ..Sgd::default() });
    vec![
        Workload {
            name: "W1",
            summary: say::workload_w1,
            sizes: vec![784, 128, 10],
            activation: Relu.into(),
            last: None,
            images: None,
            loss: CrossEntropy::default().into(),
            optimizer: sgd(),
            learning_rate: 0.1,
            batch_size: 64,
        },
        Workload {
            name: "W2",
            summary: say::workload_w2,
            sizes: vec![784, 512, 512, 10],
            activation: Relu.into(),
            last: None,
            images: None,
            loss: CrossEntropy::default().into(),
            optimizer: adam(),
            learning_rate: 1e-3,
            batch_size: 128,
        },
        Workload {
            name: "W3",
            summary: say::workload_w3,
            sizes: vec![2, 16, 16, 1],
            activation: Tanh.into(),
            last: None,
            images: None,
            loss: Mse.into(),
            optimizer: sgd(),
            learning_rate: 0.1,
            batch_size: 32,
        },
        Workload {
            name: "W4",
            summary: say::workload_w4,
            sizes: vec![784, 10],
            activation: Relu.into(),
            last: None,
            images: Some(Images {
                shape: [28, 28, 1],
                layers: Lenet { init: Initializer::FanInUniform }
                    .layers()
                    .expect("LeNet has no options that do not fit"),
            }),
            loss: CrossEntropy::default().into(),
            optimizer: momentum(),
            learning_rate: 0.01,
            batch_size: 64,
        },
        Workload {
            name: "W5",
            summary: say::workload_w5,
            sizes: vec![3072, 10],
            activation: Relu.into(),
            last: None,
            images: Some(Images {
                shape: [32, 32, 3],
                layers: Resnet { init: Initializer::FanInUniform, ..Resnet::default() }
                    .layers()
                    .expect("the usual depth fits"),
            }),
            loss: CrossEntropy::default().into(),
            optimizer: momentum(),
            learning_rate: 0.01,
            batch_size: 32,
        },
        Workload {
            name: "W7",
            summary: say::workload_w7,
            sizes: vec![784, 256, 64, 256, 784],
            activation: Relu.into(),
            last: Some(Sigmoid.into()),
            images: None,
            loss: Mse.into(),
            optimizer: adam(),
            learning_rate: 1e-3,
            batch_size: 128,
        },
    ]
}

/// The most memory that this process has had, in bytes; where the system tells (Linux).
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

impl Workload {
    /// The network.
    pub fn model(&self) -> Model {
        let mut layers: Vec<AnyLayer> = Vec::new();
        let mut sizes = &self.sizes[1..];
        if let Some(images) = &self.images {
            layers.clone_from(&images.layers);
            sizes = &sizes[sizes.len() - 1..];
        }
        for (i, &width) in sizes.iter().enumerate() {
            layers.push(Dense { init: Initializer::FanInUniform, ..Dense::new(width) }.into());
            if i + 1 < sizes.len() {
                layers.push(self.activation.clone());
            }
        }
        layers.extend(self.last.clone());
        Model { layers }
    }

    /// Sizes of an example.
    fn features(&self) -> Vec<usize> {
        self.images.as_ref().map_or(self.sizes[..1].to_vec(), |images| images.shape.to_vec())
    }

    fn is_classifier(&self) -> bool {
        matches!(self.loss, AnyLoss::CrossEntropy(_))
    }

    /// Features and targets of the pool's batches.
    fn pool(&self, seed: u64) -> Vec<(Vec<f32>, Vec<f32>)> {
        let (width, outputs) = (self.sizes[0], self.sizes[self.sizes.len() - 1]);
        let numbers = Numbers::new(seed, "bench");
        let mut index = 0;
        let mut next = || {
            index += 1;
            numbers.uniform(index)
        };
        let batch = |_| {
            let features: Vec<f32> = (0..self.batch_size * width).map(|_| next() as f32).collect();
            let targets = if self.is_classifier() {
                (0..self.batch_size).map(|_| (next() * outputs as f64).floor() as f32).collect()
            } else if width == outputs {
                features.clone()
            } else {
                let wave = |x: &[f32]| (x[0] * 2.0 + x[1]).sin();
                features.chunks(width).map(wave).collect()
            };
            (features, targets)
        };
        (0..POOL).map(batch).collect()
    }

    /// The engine, ready to take steps.
    ///
    /// # Errors
    /// None that a workload of the list has.
    pub fn engine(&self, threads: usize) -> Result<Engine, GraphError> {
        let options = StepOptions::new(self.loss.clone(), self.optimizer.clone());
        let outputs = self.sizes[self.sizes.len() - 1];
        let target: &[usize] = if self.is_classifier() { &[] } else { &[outputs] };
        let model = self.model();
        Engine::new(&model, &options, &self.features(), target, self.batch_size, threads, 0)
    }

    /// Times training steps.
    ///
    /// # Errors
    /// None that a workload of the list has.
    pub fn measure(&self, threads: usize, effort: Effort) -> Result<Measured, GraphError> {
        let pool = self.pool(1);
        time_steps(&mut self.engine(threads)?, self.batch_size, self.learning_rate, &pool, effort)
    }

    /// Times forward passes over single examples.
    ///
    /// # Errors
    /// None that a workload of the list has.
    pub fn measure_forward(&self, threads: usize, effort: Effort) -> Result<Measured, GraphError> {
        let (plan, mut state) = self.forward()?;
        let mut work = plan.workspace();
        let mut team = Team::new(threads);
        let pool = self.pool(1);
        let (width, place) = (self.sizes[0], plan.input_place("features")?);
        let mut call = 0;
        let mut seen = 0.0;
        let times = time_blocks(effort, || {
            let given = [(place, &pool[call % POOL].0[..width])];
            plan.run_lending(threads, &mut team, &mut state, &mut work, &given)?;
            seen = f64::from(work.output("outputs")?[0]);
            call += 1;
            Ok(())
        })?;
        Ok(Measured::new(times, 1, plan.cost(), seen))
    }

    /// The plan of one example forward, with initial weights.
    fn forward(&self) -> Result<(Plan<f32>, State<f32>), GraphError> {
        let model = self.model();
        let features = self.features().as_slice().into();
        let batch = Batch { size: 1, features, target: [].into() };
        let step = model.eval_graph(&batch, None, false, None)?;
        let parameters = step.parameters.iter();
        let layout = StateLayout::new(parameters.map(|p| (&*p.name, &p.shape[..])));
        let mut spec = PlanSpec::default();
        spec.lend("features");
        let outputs = step.outputs.iter().filter(|(name, _)| name == "outputs");
        outputs.for_each(|(name, value)| spec.output(name, *value));
        let plan = Plan::<f32>::compile(&step.graph, &spec, &layout)?;
        let mut state = State::new(&layout);
        for parameter in &step.parameters {
            if let Some(values) = state.get_mut(&parameter.name) {
                parameter.fill(0, values);
            }
        }
        Ok((plan, state))
    }
}

impl Measured {
    fn new(mut seconds: Vec<f64>, batch_size: usize, cost: Cost, loss: f64) -> Measured {
        seconds.sort_by(f64::total_cmp);
        let at = |share: f64| seconds[((seconds.len() - 1) as f64 * share).round() as usize] * 1e6;
        Measured {
            median_step_us: at(0.5),
            p10_us: at(0.1),
            p90_us: at(0.9),
            min_us: at(0.0),
            samples_per_s: batch_size as f64 / at(0.5) * 1e6,
            cost,
            loss,
        }
    }
}

/// Times training steps over batches of features and targets, one after the other.
fn time_steps(
    engine: &mut Engine,
    rows: usize,
    learning_rate: f64,
    pool: &[(Vec<f32>, Vec<f32>)],
    effort: Effort,
) -> Result<Measured, GraphError> {
    let (mut step, mut loss) = (0u64, f64::NAN);
    let mut take = |engine: &mut Engine| -> Result<(), GraphError> {
        let (x, y) = &pool[step as usize % pool.len()];
        loss = engine.step_on(rows, learning_rate, step_key(0, step), x, y)?;
        step += 1;
        Ok(())
    };
    let times = time_blocks(effort, || take(engine))?;
    Ok(Measured::new(times, rows, engine.cost(), loss))
}

/// Seconds a call in blocks of calls.
fn time_blocks<E>(effort: Effort, mut call: impl FnMut() -> Result<(), E>) -> Result<Vec<f64>, E> {
    let start = Instant::now();
    let mut calls = 0u32;
    while calls < 4 || start.elapsed() < effort.warm_up {
        call()?;
        calls += 1;
    }
    let each = start.elapsed().as_secs_f64() / f64::from(calls);
    let block = ((effort.block.as_secs_f64() / each) as usize).max(1);
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 15 || start.elapsed() < effort.run {
        let block_start = Instant::now();
        for _ in 0..block {
            call()?;
        }
        times.push(block_start.elapsed().as_secs_f64() / block as f64);
    }
    Ok(times)
}
