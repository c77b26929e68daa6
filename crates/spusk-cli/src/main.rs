//! The binary `spusk`: reads the command line, runs a command, shows what the library tells.

mod commands;
mod flags;
mod russian;
mod terminal;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use spusk::messages::Language;
use terminal::Failure;

/// Trains neural networks by gradient descent on your own data.
#[derive(Parser)]
#[command(name = "spusk", version, max_term_width = 100)]
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
    // What is wrong with the line, and its help, are said in its language, so that is known before it is read.
    terminal::speak(language_flag(std::env::args_os()).as_deref());
    let arguments = match terminal::language() {
        Language::English => Arguments::parse(),
        Language::Russian => match russian::read() {
            Ok(arguments) => arguments,
            Err(status) => return ExitCode::from(status),
        },
    };
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

/// What `--language` says on a command line that nobody has read yet.
fn language_flag(line: impl Iterator<Item = OsString>) -> Option<String> {
    let line = line.map(|word| word.to_string_lossy().into_owned());
    let mut line = line.take_while(|word| word != "--");
    loop {
        match line.next()?.strip_prefix("--language") {
            Some("") => return line.next(),
            Some(value) if value.starts_with('=') => return Some(value[1..].to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::language_flag;

    #[test]
    fn the_language_is_known_before_the_line_is_read() {
        let found = |line: &str| language_flag(line.split(' ').map(Into::into));
        assert_eq!(found("spusk --language ru train").as_deref(), Some("ru"));
        assert_eq!(found("spusk train --language=en --epoch").as_deref(), Some("en"));
        assert_eq!(found("spusk train --language"), None);
        assert_eq!(found("spusk train -- --language ru"), None);
        assert_eq!(found("spusk train"), None);
    }
}
