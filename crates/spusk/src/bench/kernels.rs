//! Where the time of a step goes, kernel by kernel.

use std::time::Instant;

use spusk_graph::{GraphError, Kernel};

use super::Workload;
use super::sequences::Sequences;
use crate::engine::{Engine, step_key};

/// What one kernel of a step takes.
#[derive(Debug, Clone, PartialEq)]
pub struct KernelTime {
    /// What it does, with sizes.
    pub what: String,
    /// The layers that it belongs to.
    pub scope: String,
    /// Median microseconds, on one thread.
    pub microseconds: f64,
    /// Floating-point operations.
    pub flops: u64,
    /// Bytes that it must read and write at least.
    pub bytes: u64,
}

impl Workload {
    /// Times every kernel of the training step, in the order in which they run, on one thread.
    ///
    /// # Errors
    /// None that a workload of the list has.
    pub fn kernels(&self, steps: usize) -> Result<Vec<KernelTime>, GraphError> {
        let (x, y) = &self.pool(1)[0];
        of_engine(&mut self.engine(1)?, self.batch_size, steps, x, y)
    }

    /// As [`Workload::kernels`] for one example forward.
    ///
    /// # Errors
    /// None that a workload of the list has.
    pub fn kernels_forward(&self, steps: usize) -> Result<Vec<KernelTime>, GraphError> {
        let (plan, mut state) = self.forward()?;
        let mut work = plan.workspace();
        let features = &self.pool(1)[0].0;
        let to = work.input_mut("features")?;
        to.copy_from_slice(&features[..to.len()]);
        let times = time(plan.kernels().len(), steps, |after| {
            plan.run_observed(&mut state, &mut work, |kernel, _, _| after(kernel));
        });
        Ok(named(plan.kernels(), times))
    }
}

impl Sequences {
    /// Times every kernel of the training step, in the order in which they run, on one thread.
    ///
    /// # Errors
    /// None that a computer has memory for.
    pub fn kernels(&self, steps: usize) -> Result<Vec<KernelTime>, GraphError> {
        let (x, y) = &self.pool(1)[0];
        of_engine(&mut self.engine(1)?, self.batch_size, steps, x, y)
    }
}

/// The kernels of training steps over one batch.
fn of_engine(
    engine: &mut Engine,
    rows: usize,
    steps: usize,
    x: &[f32],
    y: &[f32],
) -> Result<Vec<KernelTime>, GraphError> {
    let fill = |features: &mut [f32], targets: &mut [f32]| {
        features.copy_from_slice(x);
        targets.copy_from_slice(y);
        Ok::<(), GraphError>(())
    };
    engine.step(rows, 1e-3, step_key(0, 0), fill)?;
    let times = time(engine.plan().kernels().len(), steps, |after| engine.observe(after));
    Ok(named(engine.plan().kernels(), times))
}

/// Median microseconds of each kernel, of so many calls of `run`, which tells when a kernel is done.
fn time(kernels: usize, steps: usize, mut run: impl FnMut(&mut dyn FnMut(usize))) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(steps); kernels];
    for _ in 0..steps {
        let mut last = Instant::now();
        run(&mut |kernel| {
            times[kernel].push(last.elapsed().as_secs_f64() * 1e6);
            last = Instant::now();
        });
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or(0.0)
    };
    times.into_iter().map(median).collect()
}

fn named(kernels: &[Kernel], times: Vec<f64>) -> Vec<KernelTime> {
    let name = |(kernel, microseconds): (&Kernel, f64)| KernelTime {
        what: kernel.what.clone(),
        scope: kernel.scope.clone(),
        microseconds,
        flops: kernel.flops,
        bytes: kernel.bytes,
    };
    kernels.iter().zip(times).map(name).collect()
}
