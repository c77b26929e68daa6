//! The binary `spusk`: reads the command line, runs a command, shows what the library tells.

mod commands;
mod flags;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use terminal::Failure;

/// Trains neural networks by gradient descent on your own data.
#[derive(Parser)]
#[command(name = "spusk", version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    /// The language of what is said, errors too; that of the system if not given.
    #[arg(long, global = true, value_name = "en|ru", value_parser = ["en", "ru"])]
    language: Option<String>,
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let started = std::time::Instant::now();
    std::panic::set_hook(Box::new(|panic| {
        terminal::report_bug(panic);
        std::process::exit(1);
    }));
    let arguments = Arguments::parse();
    terminal::speak(arguments.language.as_deref());
    let (status, message) = match commands::run(arguments.command, started) {
        Ok(status) => (status, None),
        // Who closed the pipe has read enough.
        Err(Failure::Closed) => (0, None),
        Err(Failure::Failed(message)) => (1, Some(message)),
        Err(Failure::Usage(message)) => (2, Some(message)),
    };
    if let Some(message) = message {
        let l = terminal::language();
        terminal::complain(&spusk::messages::error_word(l, message.in_language(l)));
    }
    ExitCode::from(status)
}
