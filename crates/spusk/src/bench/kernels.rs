//! Where the time of a step goes, kernel by kernel.

use std::time::Instant;

use spusk_graph::{GraphError, Plan, State};

use super::Workload;

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
        let engine = self.engine(1)?;
        let plan = engine.plan();
        let mut state = State::new(plan.state_layout());
        state.as_mut_slice().copy_from_slice(engine.state().as_slice());
        self.time_kernels(plan, &mut state, steps)
    }

    /// As [`Workload::kernels`] for one example forward.
    ///
    /// # Errors
    /// None that a workload of the list has.
    pub fn kernels_forward(&self, steps: usize) -> Result<Vec<KernelTime>, GraphError> {
        let (plan, mut state) = self.forward()?;
        self.time_kernels(&plan, &mut state, steps)
    }

    fn time_kernels(
        &self,
        plan: &Plan<f32>,
        state: &mut State<f32>,
        steps: usize,
    ) -> Result<Vec<KernelTime>, GraphError> {
        let mut work = plan.workspace();
        let features = &self.pool(1)[0].0;
        let to = work.input_mut("features")?;
        to.copy_from_slice(&features[..to.len()]);
        let mut times = vec![Vec::with_capacity(steps); plan.kernels().len()];
        for _ in 0..steps {
            let mut last = Instant::now();
            plan.run_observed(state, &mut work, |kernel, _, _| {
                times[kernel].push(last.elapsed().as_secs_f64() * 1e6);
                last = Instant::now();
            });
        }
        let median = |times: &mut Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied().unwrap_or(0.0)
        };
        let all = plan.kernels().iter().zip(&mut times);
        let time = |(kernel, times): (&spusk_graph::Kernel, &mut Vec<f64>)| KernelTime {
            what: kernel.what.clone(),
            scope: kernel.scope.clone(),
            microseconds: median(times),
            flops: kernel.flops,
            bytes: kernel.bytes,
        };
        Ok(all.map(time).collect())
    }
}
