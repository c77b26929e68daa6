//! How the time of training grows when the network or the data double.

use std::time::{Duration, Instant};

use spusk_graph::GraphError;

use super::{Effort, Workload};
use crate::data::Permutation;
use crate::engine::step_key;
use crate::init::Numbers;
use crate::layers::Relu;
use crate::losses::CrossEntropy;
use crate::optimizers::Adam;

/// One size of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaled {
    /// What doubles from row to row: `width`, `depth`, `batch`, `rows`.
    pub what: &'static str,
    /// Its size.
    pub size: usize,
    /// Floating-point operations of a step; of an epoch, where rows double.
    pub flops: u64,
    /// Microseconds of the same.
    pub microseconds: f64,
}

/// Sizes of each thing.
const DOUBLINGS: usize = 5;

/// Doubles width, depth, batch and rows in turn; `tell` hears every size.
///
/// # Errors
/// None that these networks have.
pub fn measure(
    threads: usize,
    effort: Effort,
    mut tell: impl FnMut(&Scaled),
) -> Result<Vec<Scaled>, GraphError> {
    let mut all = Vec::new();
    let mut add = |scaled: Scaled| {
        tell(&scaled);
        all.push(scaled);
    };
    let sizes = |first: usize| (0..DOUBLINGS).map(move |doubling| first << doubling);
    for width in sizes(64) {
        let network = network(width, 2, 128);
        add(step("width", width, &network, threads, effort)?);
    }
    for depth in sizes(1) {
        let network = network(128, depth, 128);
        add(step("depth", depth, &network, threads, effort)?);
    }
    for batch in sizes(16) {
        let network = network(128, 2, batch);
        add(step("batch", batch, &network, threads, effort)?);
    }
    for rows in sizes(4096) {
        add(epoch(rows, threads, effort.run)?);
    }
    Ok(all)
}

/// `depth` hidden layers of `width` features, as many features in, 10 classes out.
fn network(width: usize, depth: usize, batch_size: usize) -> Workload {
    let mut sizes = vec![width; depth + 1];
    sizes.push(10);
    Workload {
        name: "scaling",
        summary: |_| String::new(),
        sizes,
        activation: Relu.into(),
        last: None,
        images: None,
        loss: CrossEntropy::default().into(),
        optimizer: Adam::default().into(),
        learning_rate: 1e-3,
        batch_size,
    }
}

fn step(
    what: &'static str,
    size: usize,
    network: &Workload,
    threads: usize,
    effort: Effort,
) -> Result<Scaled, GraphError> {
    let measured = network.measure(threads, effort)?;
    let (flops, microseconds) = (measured.cost.flops, measured.median_step_us);
    Ok(Scaled { what, size, flops, microseconds })
}

/// Whole epochs over shuffled rows in memory: the least time of several.
fn epoch(rows: usize, threads: usize, run: Duration) -> Result<Scaled, GraphError> {
    const WIDTH: usize = 128;
    let network = network(WIDTH, 2, 128);
    let mut engine = network.engine(threads)?;
    let numbers = Numbers::new(1, "scaling");
    let data: Vec<f32> = (0..rows * WIDTH).map(|i| numbers.uniform(i as u64) as f32).collect();
    let batches = rows / network.batch_size;
    let (mut least, mut epochs, mut steps) = (Duration::MAX, 0u64, 0u64);
    let start = Instant::now();
    while epochs < 3 || start.elapsed() < run {
        let order = Permutation::new(rows, epochs);
        let begin = Instant::now();
        for batch in 0..batches {
            let fill = |features: &mut [f32], targets: &mut [f32]| {
                let first = batch * network.batch_size;
                let rows = features.chunks_exact_mut(WIDTH).zip(targets).enumerate();
                for (i, (features, target)) in rows {
                    let row = order.at(first + i);
                    features.copy_from_slice(&data[row * WIDTH..][..WIDTH]);
                    *target = (row % 10) as f32;
                }
                Ok::<(), GraphError>(())
            };
            engine.step(network.batch_size, network.learning_rate, step_key(0, steps), fill)?;
            steps += 1;
        }
        least = least.min(begin.elapsed());
        epochs += 1;
    }
    Ok(Scaled {
        what: "rows",
        size: rows,
        flops: engine.cost().flops * batches as u64,
        microseconds: least.as_secs_f64() * 1e6,
    })
}
