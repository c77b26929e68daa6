//! `spusk bench`: times the workloads.

use std::time::Duration;

use clap::Args;
use serde_json::json;
use spusk::bench::{Effort, Measured, Workload, workloads};

use super::{Format, Outcome, default_threads};
use crate::terminal::{Failure, line};

/// Time the benchmark workloads.
#[derive(Args)]
pub(crate) struct Bench {
    /// Which: W1, W2, W3, W7 (training), W9 (one example forward); all if none are named.
    workloads: Vec<String>,
    /// Threads to compute with.
    #[arg(long)]
    threads: Option<usize>,
    /// Seconds of measuring for each workload.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// How results are printed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Bench {
    pub(crate) fn run(self) -> Outcome {
        let threads = self.threads.unwrap_or_else(default_threads).max(1);
        let run = Duration::try_from_secs_f64(self.seconds).map_err(|_| {
            Failure::usage(format!("--seconds {}: expected a time such as 3", self.seconds))
        })?;
        let effort =
            Effort { run, warm_up: run.min(Effort::default().warm_up), ..Effort::default() };
        let known = workloads();
        let names: Vec<String> = match self.workloads.is_empty() {
            true => known.iter().map(|w| w.name.to_string()).chain(["W9".into()]).collect(),
            false => self.workloads.clone(),
        };
        for name in names {
            let forward = name.eq_ignore_ascii_case("W9") || name.eq_ignore_ascii_case("W9-mlp");
            let base = if forward { "W2" } else { &name };
            let workload = known.iter().find(|w| w.name.eq_ignore_ascii_case(base));
            let workload = workload.ok_or_else(|| {
                let names: Vec<&str> = known.iter().map(|w| w.name).collect();
                let names = names.join(", ");
                Failure::usage(format!("no workload is named `{name}`; there are {names}, W9"))
            })?;
            let measured = match forward {
                true => workload.measure_forward(threads, effort),
                false => workload.measure(threads, effort),
            };
            let measured = measured.map_err(Failure::failed)?;
            let label = if forward { "W9-mlp" } else { workload.name };
            match self.format {
                Format::Json => line(object(label, threads, &measured))?,
                Format::Human => show(label, workload, threads, &measured)?,
            }
        }
        Ok(0)
    }
}

fn object(name: &str, threads: usize, measured: &Measured) -> serde_json::Value {
    json!({
        "peer": "spusk",
        "version": env!("CARGO_PKG_VERSION"),
        "workload": name,
        "threads": threads,
        "median_step_us": round(measured.median_step_us),
        "p10_us": round(measured.p10_us),
        "p90_us": round(measured.p90_us),
        "min_us": round(measured.min_us),
        "samples_per_s": measured.samples_per_s.round(),
        "gflops": round(measured.cost.flops as f64 / measured.median_step_us / 1e3),
        "peak_rss_mb": peak_rss_mb(),
    })
}

fn round(x: f64) -> f64 {
    (x * 1000.0).round() / 1000.0
}

fn show(
    name: &str,
    workload: &Workload,
    threads: usize,
    measured: &Measured,
) -> Result<(), Failure> {
    let speed = measured.cost.flops as f64 / measured.median_step_us / 1e3;
    line(format!("{name:6} {}", workload.summary))?;
    line(format!(
        "       {:.2} µs a step (10 % below {:.2}, 10 % above {:.2}), {:.0} examples/s, \
         {speed:.1} GFLOP/s, {threads} threads, {} kernels",
        measured.median_step_us,
        measured.p10_us,
        measured.p90_us,
        measured.samples_per_s,
        measured.cost.kernels,
    ))
}

/// The most memory that the process has had, where the system tells.
pub(crate) fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some((kib / 1024.0 * 10.0).round() / 10.0)
}
