//! `spusk bench`: times the workloads.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use serde_json::{Value, json};
use spusk::bench::kernels::KernelTime;
use spusk::bench::scaling::{self, Scaled};
use spusk::bench::sequences::{Sequences, sequences};
use spusk::bench::{Effort, Measured, Workload, mnist, peak, peak_memory_bytes, workloads};
use spusk::messages::{self as say, Language};

use super::{Format, Outcome, default_threads};
use crate::terminal::{Failure, flop, language, line, table};

/// Time the benchmark workloads on this computer.
///
/// W1 to W5 and W7 are training steps of six networks, W6, W6b and W8 are those of an LSTM, a GRU and a
/// small transformer over sequences, W9 and W9-lenet are one example forward through W2's and W4's
/// network. They learn random data that are in memory before the clock starts.
///
/// W10 is a whole process: it reads the MNIST files of --data, trains 784-256-128-10 and tells the
/// time to the first step, of an epoch and to 97.5 % of the test examples named rightly. Times count
/// from the launch; where the environment variable BENCH_T0 holds a Unix time, from then.
///
/// The floor of a step is its floating-point operations at the rate of a large matrix product, measured
/// before: no memory, exponentials or waiting in it.
///
/// `scaling` doubles width, depth, batch and rows in turn and compares times with operations.
#[derive(Args)]
#[command(
    after_help = "Memory is the peak of the whole process: measure one workload at a time to \
                        compare it."
)]
pub(crate) struct Bench {
    /// Which: W1 to W5, W6, W6b, W7, W8, W9, W9-lenet, W10, scaling; all but the last two if none are named.
    #[arg(value_name = "WORKLOAD")]
    workloads: Vec<String>,
    /// Threads to compute with.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Seconds of measuring for each workload.
    #[arg(long, value_name = "X", default_value_t = 3.0)]
    seconds: f64,
    /// Instead of steps, time every kernel of a step by itself on one thread, the dearest first.
    #[arg(long)]
    kernels: bool,
    /// For W10: the directory of the MNIST files.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// For W10: the seed of the weights and of the order.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How results are printed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// What can be timed.
enum Task {
    Training(Box<Workload>),
    Forward(Box<Workload>),
    Sequences(Box<Sequences>),
    WholeProcess,
    Scaling,
}

/// What is timed if nothing is named.
const USUAL: [&str; 11] = ["W1", "W2", "W3", "W4", "W5", "W6", "W6b", "W7", "W8", "W9", "W9-lenet"];

impl Bench {
    pub(crate) fn run(self, started: Instant) -> Outcome {
        let threads = self.threads.unwrap_or_else(default_threads).max(1);
        let names = match self.workloads.is_empty() {
            true => USUAL.map(String::from).to_vec(),
            false => self.workloads.clone(),
        };
        let tasks = names.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?;
        let mut peak = None;
        for task in tasks {
            match task {
                Task::Training(workload) if self.kernels => {
                    show_kernels(workload.kernels(KERNEL_STEPS).map_err(Failure::failed)?)?;
                }
                Task::Forward(workload) if self.kernels => {
                    show_kernels(workload.kernels_forward(KERNEL_STEPS).map_err(Failure::failed)?)?;
                }
                Task::Sequences(workload) if self.kernels => {
                    show_kernels(workload.kernels(KERNEL_STEPS).map_err(Failure::failed)?)?;
                }
                _ if self.kernels => {
                    return Err(Failure::wrong(say::bench_only_plans));
                }
                Task::Training(workload) => {
                    let measured = workload.measure(threads, self.effort()?);
                    self.show(workload.name, workload.summary, threads, measured, &mut peak)?;
                }
                Task::Forward(workload) => {
                    let measured = workload.measure_forward(threads, self.effort()?);
                    let name = if workload.name == "W4" { "W9-lenet" } else { "W9-mlp" };
                    self.show(name, workload.summary, threads, measured, &mut peak)?;
                }
                Task::Sequences(workload) => {
                    let measured = workload.measure(threads, self.effort()?);
                    self.show(workload.name, workload.summary, threads, measured, &mut peak)?;
                }
                Task::WholeProcess => self.whole_process(threads, started)?,
                Task::Scaling => self.scaling(threads)?,
            }
        }
        Ok(0)
    }

    fn effort(&self) -> Result<Effort, Failure> {
        let run = Duration::try_from_secs_f64(self.seconds)
            .map_err(|_| Failure::wrong(|l| say::bench_bad_seconds(l, self.seconds)))?;
        let usual = Effort::default();
        Ok(Effort { run, warm_up: run.min(usual.warm_up), block: usual.block.min(run / 15) })
    }

    fn show(
        &self,
        name: &str,
        summary: fn(Language) -> String,
        threads: usize,
        measured: Result<Measured, impl std::fmt::Display>,
        peak: &mut Option<f64>,
    ) -> Result<(), Failure> {
        let measured = measured.map_err(Failure::failed)?;
        // What the product below needs does not count.
        let memory = peak_rss_mb();
        let peak = match *peak {
            Some(peak) => peak,
            None => {
                let time = self.effort()?.run / 10;
                *peak.insert(peak::peak(threads, time).map_err(Failure::failed)?)
            }
        };
        let floor_us = measured.cost.flops as f64 / peak * 1e6;
        if self.format == Format::Json {
            let mut object = object(name, threads, &measured);
            object["floor_us"] = json!(round(floor_us));
            object["peak_rss_mb"] = json!(memory);
            return line(object);
        }
        let l = language();
        let speed = measured.cost.flops as f64 / measured.median_step_us / 1e3;
        let digits = |value: f64, decimals: usize| l.digits(&format!("{value:.decimals$}"));
        line(format!("{name:6} {}", summary(l)))?;
        let step = say::bench_step(
            l,
            digits(measured.median_step_us, 2),
            digits(measured.p10_us, 2),
            digits(measured.p90_us, 2),
            l.count(measured.samples_per_s.round() as u64),
            digits(speed, 1),
            threads,
            l.count(measured.cost.kernels as u64),
        );
        let share = l.percent(floor_us / measured.median_step_us, 0);
        let floor = say::bench_floor(l, share, digits(peak / 1e9, 0), digits(floor_us, 2));
        line(format!("       {step}\n       {floor}"))
    }

    fn whole_process(&self, threads: usize, started: Instant) -> Result<(), Failure> {
        let Some(folder) = &self.data else {
            return Err(Failure::wrong(say::bench_needs_data));
        };
        let launched = launched(started);
        let found = mnist::measure(folder, self.seed, threads, launched)?;
        let round = |seconds: f64| (seconds * 1e4).round() / 1e4;
        if self.format == Format::Json {
            return line(json!({
                "peer": "spusk",
                "version": env!("CARGO_PKG_VERSION"),
                "workload": "W10",
                "threads": threads,
                "cold_start_s": round(found.cold_start),
                "epoch_s": round(found.epoch),
                "seconds_to_975": found.to_975.map(round),
                "seconds_to_98": found.to_98.map(round),
                "epochs": found.accuracies.len(),
                "accs": found.accuracies,
                "seed": self.seed,
                "peak_rss_mb": peak_rss_mb(),
            }));
        }
        let l = language();
        let reached = |time: Option<f64>| match time {
            Some(time) => l.seconds(time),
            None => say::bench_not_reached(l),
        };
        let memory = peak_rss_mb().map(|megabytes| l.digits(&megabytes.to_string()));
        line(format!("W10    {}", (mnist::workload().summary)(l)))?;
        let whole = say::bench_whole(
            l,
            l.seconds(found.cold_start),
            l.seconds(found.epoch),
            reached(found.to_975),
            reached(found.to_98),
            threads,
            memory.unwrap_or_else(|| say::bench_unknown(l)),
        );
        line(format!("       {whole}"))?;
        let accuracies = found.accuracies.iter().map(|&accuracy| l.percent(accuracy, 2));
        line(format!("       {}", say::bench_accuracies(l, l.list(accuracies))))
    }

    fn scaling(&self, threads: usize) -> Result<(), Failure> {
        // Nineteen short measurements in place of one.
        let effort = self.effort()?;
        let effort =
            Effort { run: effort.run / 6, warm_up: effort.warm_up / 6, block: effort.block / 3 };
        let mut before: Option<Scaled> = None;
        let mut printed = Ok(());
        if self.format == Format::Human {
            line(scaled_head(language()))?;
        }
        let tell = |scaled: &Scaled| {
            let last = before.replace(scaled.clone()).filter(|last| last.what == scaled.what);
            let next = match self.format {
                Format::Json => line(scaled_object(scaled, threads)),
                Format::Human => line(scaled_line(scaled, last.as_ref(), language())),
            };
            printed = std::mem::replace(&mut printed, Ok(())).and(next);
        };
        scaling::measure(threads, effort, tell).map_err(Failure::failed)?;
        printed
    }
}

/// Steps in which kernels are timed.
const KERNEL_STEPS: usize = 40;

fn show_kernels(mut kernels: Vec<KernelTime>) -> Result<(), Failure> {
    let total: f64 = kernels.iter().map(|kernel| kernel.microseconds).sum();
    kernels.sort_by(|a, b| b.microseconds.total_cmp(&a.microseconds));
    let l = language();
    let head = [
        say::bench_microseconds(l),
        "%".into(),
        say::bench_kernel_speed(l),
        say::bench_bandwidth(l),
        say::column_kernel(l),
        format!("[{}]", say::bench_layers(l)),
    ];
    let one = |value: f64| l.digits(&format!("{value:.1}"));
    let row = |kernel: &KernelTime| {
        let KernelTime { what, scope, microseconds, .. } = kernel;
        vec![
            one(*microseconds),
            one(microseconds / total * 100.0),
            one(kernel.flops as f64 / microseconds / 1e3),
            one(kernel.bytes as f64 / microseconds / 1e3),
            what.clone(),
            format!("[{scope}]"),
        ]
    };
    let rows: Vec<Vec<String>> =
        std::iter::once(head.to_vec()).chain(kernels.iter().map(row)).collect();
    table(&rows, &[0, 1, 2, 3]).iter().try_for_each(line)?;
    line(format!("{}  {}", one(total), say::bench_kernels_together(l, kernels.len())))
}

fn find(name: &str) -> Result<Task, Failure> {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    if is("scaling") {
        return Ok(Task::Scaling);
    }
    let known_sequences = sequences();
    if let Some(workload) = known_sequences.iter().find(|workload| is(workload.name)) {
        return Ok(Task::Sequences(Box::new(workload.clone())));
    }
    if is("W10") {
        return Ok(Task::WholeProcess);
    }
    let forward = is("W9") || is("W9-mlp") || is("W9-lenet");
    let base = match forward {
        true if is("W9-lenet") => "W4",
        true => "W2",
        false => name,
    };
    let known = workloads();
    match known.iter().find(|workload| workload.name.eq_ignore_ascii_case(base)) {
        Some(workload) if forward => Ok(Task::Forward(Box::new(workload.clone()))),
        Some(workload) => Ok(Task::Training(Box::new(workload.clone()))),
        None => {
            let names = format!("{}, W10, scaling", USUAL.join(", "));
            Err(Failure::wrong(|l| say::bench_no_workload(l, name, &names)))
        }
    }
}

/// Seconds since the process was launched: since the Unix time in `BENCH_T0`, or since `main` began.
fn launched(started: Instant) -> f64 {
    let own = started.elapsed().as_secs_f64();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64());
    let told = std::env::var("BENCH_T0").ok().and_then(|text| text.parse::<f64>().ok());
    told.map(|told| now - told).filter(|since| (0.0..3600.0).contains(since)).unwrap_or(own)
}

fn object(name: &str, threads: usize, measured: &Measured) -> Value {
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
    })
}

fn round(x: f64) -> f64 {
    (x * 1000.0).round() / 1000.0
}

fn scaled_object(scaled: &Scaled, threads: usize) -> Value {
    json!({
        "peer": "spusk",
        "version": env!("CARGO_PKG_VERSION"),
        "workload": "scaling",
        "threads": threads,
        "doubles": scaled.what,
        "size": scaled.size,
        "flops": scaled.flops,
        "median_us": round(scaled.microseconds),
        "gflops": round(scaled.flops as f64 / scaled.microseconds / 1e3),
    })
}

/// The cells of a line of `scaling`, which is printed as soon as it is measured.
fn scaled_cells(cells: [&str; 7]) -> String {
    let [what, size, flops, time, flops_ratio, time_ratio, speed] = cells;
    format!(
        "{what:15} {size:>7} {flops:>14} {time:>11} {flops_ratio:>10} {time_ratio:>7} {speed:>8}"
    )
}

fn scaled_head(l: Language) -> String {
    let head = [say::scaling_doubles(l), say::scaling_size(l), say::head_time(l)];
    let [flops, times] = [say::scaling_flops(l), say::scaling_times(l)];
    let speed = say::bench_kernel_speed(l);
    scaled_cells([&head[0], &head[1], "FLOPs", &head[2], &flops, &times, &speed])
}

fn scaled_line(scaled: &Scaled, before: Option<&Scaled>, l: Language) -> String {
    let [flops, time] = match before {
        Some(before) => {
            [scaled.flops as f64 / before.flops as f64, scaled.microseconds / before.microseconds]
                .map(|ratio| l.significant(ratio, 3))
        }
        None => [const { String::new() }; 2],
    };
    let what = if before.is_none() { say::scaling(l, scaled.what) } else { String::new() };
    let per = match scaled.what {
        "rows" => say::scaling_an_epoch(l),
        _ => say::scaling_a_step(l),
    };
    let cells = scaled_cells([
        &what,
        &l.count(scaled.size as u64),
        &flop(scaled.flops, l),
        &l.seconds(scaled.microseconds / 1e6),
        &flops,
        &time,
        &l.significant(scaled.flops as f64 / scaled.microseconds / 1e3, 3),
    ]);
    format!("{cells}  {per}")
}

/// The most memory that the process has had, in megabytes of 2²⁰ bytes.
fn peak_rss_mb() -> Option<f64> {
    let bytes = peak_memory_bytes()?;
    Some((bytes as f64 / f64::from(1 << 20) * 10.0).round() / 10.0)
}
