//! The binary `spusk`: reads the command line, runs a command, shows what the library tells.

mod commands;

use std::process::ExitCode;

use clap::Parser;

/// Trains neural networks by gradient descent on your own data.
#[derive(Parser)]
#[command(name = "spusk", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let started = std::time::Instant::now();
    let arguments = Arguments::parse();
    match commands::run(arguments.command, started) {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(1)
        }
    }
}
