//! Where the time of a benchmark's training step goes, kernel by kernel, on one thread; then whole
//! steps on as many threads as are asked for.
//!
//! `cargo run --release -p spusk --example profile -- W8 2`; behind the list, kernels of one kind are
//! added up.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use spusk::bench::sequences::{Sequences, sequences};
use spusk::bench::{Effort, Measured, Workload, workloads};
use spusk::engine::{Engine, step_key};
use spusk_graph::GraphError;

const RUNS: u32 = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "W8".into());
    let workload = find(&name)?;
    let (mut engine, rows) = (workload.engine()?, workload.rows());
    let mut number = 0u32;
    // Small whole numbers are tokens, classes and features alike.
    let mut next = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (number >> 16) as f32 % 10.0
    };
    let fill = |features: &mut [f32], targets: &mut [f32]| {
        features.fill_with(&mut next);
        targets.fill_with(&mut next);
        Ok::<(), GraphError>(())
    };
    engine.step(rows, 1e-3, step_key(0, 0), fill)?;
    let mut spent = vec![Duration::ZERO; engine.plan().kernels().len()];
    for _ in 0..RUNS {
        let mut last = Instant::now();
        engine.observe(|kernel| {
            let now = Instant::now();
            spent[kernel] += now - last;
            last = now;
        });
    }
    let mut all = 0.0;
    let (mut lines, mut kinds) = (Vec::new(), std::collections::BTreeMap::new());
    for (kernel, spent) in engine.plan().kernels().iter().zip(&spent) {
        let us = spent.as_secs_f64() * 1e6 / f64::from(RUNS);
        all += us;
        *kinds.entry(kernel.what.clone()).or_insert(0.0) += us;
        let (gflops, gbytes) = (kernel.flops as f64 / us / 1e3, kernel.bytes as f64 / us / 1e3);
        lines.push(format!(
            "{us:9.1} µs {gflops:6.1} GFLOP/s {gbytes:6.1} GB/s  {:70} {}",
            kernel.what, kernel.scope
        ));
    }
    lines.iter().for_each(|line| println!("{line}"));
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by(|a, b| b.1.total_cmp(&a.1));
    println!();
    kinds.iter().for_each(|(what, us)| println!("{us:9.1} µs {:5.1} %  {what}", us / all * 100.0));
    println!("{all:9.1} µs on one thread");
    let threads = std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(1);
    let median = workload.measure(threads)?.median_step_us;
    println!("{median:9.1} µs a step, {threads} threads");
    Ok(())
}

/// A workload of either list.
enum Found {
    Sequences(Sequences),
    Other(Workload),
}

fn find(name: &str) -> Result<Found, String> {
    let is = |other: &str| other.eq_ignore_ascii_case(name);
    if let Some(workload) = sequences().into_iter().find(|workload| is(workload.name)) {
        return Ok(Found::Sequences(workload));
    }
    let workload = workloads().into_iter().find(|workload| is(workload.name));
    workload.map(Found::Other).ok_or_else(|| format!("no training workload is named `{name}`"))
}

impl Found {
    fn engine(&self) -> Result<Engine, GraphError> {
        match self {
            Found::Sequences(workload) => workload.engine(1),
            Found::Other(workload) => workload.engine(1),
        }
    }

    fn rows(&self) -> usize {
        match self {
            Found::Sequences(workload) => workload.batch_size,
            Found::Other(workload) => workload.batch_size,
        }
    }

    fn measure(&self, threads: usize) -> Result<Measured, GraphError> {
        match self {
            Found::Sequences(workload) => workload.measure(threads, Effort::default()),
            Found::Other(workload) => workload.measure(threads, Effort::default()),
        }
    }
}
