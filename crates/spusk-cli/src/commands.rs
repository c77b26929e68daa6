//! The commands: one file each, listed once.

use std::time::Instant;

use clap::Subcommand;

mod bench;

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Time the benchmark workloads on this machine.
    Bench(bench::Bench),
}

/// Exit status of a command, or the message of what went wrong.
pub(crate) type Outcome = Result<u8, String>;

/// Runs a command; `started` is when the process did.
pub(crate) fn run(command: Command, started: Instant) -> Outcome {
    let _ = started;
    match command {
        Command::Bench(command) => command.run(),
    }
}

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Threads to use when none are given: as many as the processor runs at once.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
