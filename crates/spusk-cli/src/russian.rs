//! The command line in Russian: help and wrong words. The English stands where the commands are written;
//! here every command and every argument of clap's tree is given its Russian text before it parses.
//!
//! Values keep their Latin names (`--data <SOURCE>`): they are what other texts call them by.

use std::ffi::OsString;

use clap::builder::{PossibleValue, StyledStr};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches};

use crate::{Arguments, terminal};

mod errors;
mod everywhere;
mod explaining;
pub(crate) mod lists;
mod restoring;
mod running;
mod settings;
mod words;

use words::Words;

/// Reads the command line. What is not to be run ends with its exit status: help is printed, wrong words are
/// complained of.
pub(crate) fn read() -> Result<Arguments, u8> {
    arguments(std::env::args_os().collect()).map_err(|error| {
        match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                // Nobody may be there to read it.
                let _ = error.print();
            }
            _ => terminal::complain(&errors::in_russian(&error)),
        }
        if error.use_stderr() { 2 } else { 0 }
    })
}

fn arguments(line: Vec<OsString>) -> Result<Arguments, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(&line)?;
    if let Some((HELP, of)) = matches.subcommand() {
        let of = of.get_many::<String>(OF).into_iter().flatten().map(OsString::from);
        let name = line.into_iter().take(1);
        let line: Vec<OsString> = name.chain(of).chain(["--help".into()]).collect();
        command.try_get_matches_from_mut(line)?;
    }
    Arguments::from_arg_matches(&matches)
}

/// The name of the flag and of the command that show help.
const HELP: &str = "help";

/// What the command is asked about.
const OF: &str = "command";

/// The whole command line, told in Russian.
fn command() -> Command {
    let english = Arguments::command();
    // Names of commands stand in their usage once the tree is built.
    let mut built = english.clone();
    built.build();
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    let help = Command::new(HELP).arg(Arg::new(OF).value_name("COMMAND").num_args(0..));
    let command = english
        .disable_version_flag(true)
        .arg(version.display_order(LAST))
        .disable_help_subcommand(true)
        .subcommand(help.override_usage("spusk help [COMMAND]…"));
    translated(command, &mut built)
}

/// Where flags stand that every command has.
const LAST: usize = 999;

fn translated(command: Command, built: &mut Command) -> Command {
    let words = words::of(command.get_name());
    let usage = usage(&built.render_usage().ansi().to_string());
    let style = command.get_styles().get_usage();
    let template = format!(
        "{{about-with-newline}}\n{style}{USAGE}{style:#} {{usage}}\n\n{{all-args}}{{after-help}}"
    );
    let long = is_long(&command);
    let mut command = described(command, words)
        .help_template(template)
        .subcommand_help_heading("Команды")
        .disable_help_flag(true)
        .arg(help_flag(long));
    if command.get_name() != HELP {
        command = command.override_usage(StyledStr::from(usage));
    }
    let mut ids: Vec<String> =
        command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    // Sections stand in the order of their first arguments: those of every command before the rest.
    ids.sort_by_key(|id| {
        let of = command.get_arguments().find(|argument| argument.get_id() == id.as_str());
        of.map_or((false, true), |a| (a.get_help_heading().is_some(), !a.is_positional()))
    });
    // Below a heading positions would stand by their names.
    let placed = |argument: Arg, place| match argument.is_positional() {
        true => argument.display_order(place),
        false => argument,
    };
    let command = ids.iter().enumerate().fold(command, |command, (place, id)| {
        command.mut_arg(id, |argument| placed(explained(argument, words), place))
    });
    command.mut_subcommands(|inner| {
        let name = inner.get_name().to_owned();
        match built.find_subcommand_mut(&name) {
            Some(built) => translated(inner, built),
            None => inner,
        }
    })
}

const USAGE: &str = "Использование:";

/// The line of the usage without its first word.
fn usage(english: &str) -> String {
    let line = english.split_once("Usage:").map_or(english, |(_, line)| line);
    // Behind the first word its color ends.
    let line = line.trim_start_matches("\u{1b}[0m").trim_start();
    line.replace("[OPTIONS]", "[ФЛАГИ]").replace("<COMMAND>", "<КОМАНДА>")
}

/// Whether `--help` says more of a command than `-h`.
fn is_long(command: &Command) -> bool {
    let explains = |a: &Arg| values(a).iter().any(|v| v.get_help().is_some());
    command.get_long_about().is_some() || command.get_arguments().any(explains)
}

fn help_flag(long: bool) -> Arg {
    let flag = Arg::new(HELP).short('h').long(HELP).action(ArgAction::Help).display_order(LAST);
    match long {
        true => flag
            .help("Показать справку (подробнее — с флагом --help)")
            .long_help("Показать справку (короче — с флагом -h)"),
        false => flag.help("Показать справку"),
    }
}

/// What a command is for. As in English, its first paragraph is the short form.
fn described(command: Command, words: &Words) -> Command {
    let short = words.about.split("\n\n").next().unwrap_or_default().trim_end_matches('.');
    let command = match words.about.contains("\n\n") {
        true => command.about(short).long_about(words.about),
        false => command.about(short),
    };
    match words.after {
        "" => command,
        after => command.after_help(after),
    }
}

/// What an argument is for, its default and its values.
fn explained(argument: Arg, words: &Words) -> Arg {
    let id = argument.get_id().to_string();
    let heading = heading(argument.get_help_heading(), argument.is_positional());
    let argument = argument.help_heading(heading);
    let Some(text) = words.argument(&id) else { return argument };
    let values = values(&argument);
    let default = default(&argument).map(|value| format!("[если не дано: {value}]"));
    let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
    let list = (!names.is_empty()).then(|| format!("[значения: {}]", names.join(", ")));
    let short = [Some(text.to_owned()), default.clone(), list];
    let short = short.into_iter().flatten().collect::<Vec<_>>().join(" ");
    // Both stand in the text.
    let hide = argument.get_action().takes_values();
    let argument = argument.help(short).hide_default_value(hide).hide_possible_values(hide);
    if values.iter().all(|value| value.get_help().is_none()) {
        return argument;
    }
    let long = [Some(text.to_owned()), Some(explained_values(&id, &names)), default];
    argument.long_help(long.into_iter().flatten().collect::<Vec<_>>().join("\n\n"))
}

/// What an argument may be; a flag without a value has none that anybody writes.
fn values(argument: &Arg) -> Vec<PossibleValue> {
    match argument.get_action().takes_values() {
        true => argument.get_possible_values(),
        false => Vec::new(),
    }
}

fn explained_values(id: &str, names: &[&str]) -> String {
    let width = names.iter().map(|name| name.len() + 1).max().unwrap_or(0);
    let line = |name: &&str| {
        let text = words::value(id, name).unwrap_or_default();
        format!("\n- {:width$} {text}", format!("{name}:"))
    };
    format!("Значения:{}", names.iter().map(line).collect::<String>())
}

fn default(argument: &Arg) -> Option<String> {
    if !argument.get_action().takes_values() {
        return None;
    }
    let values = argument.get_default_values().iter().map(|value| {
        let value = value.to_string_lossy();
        match value.contains(char::is_whitespace) {
            true => format!("\"{value}\""),
            false => value.into_owned(),
        }
    });
    let values: Vec<String> = values.collect();
    (!values.is_empty()).then(|| values.join(" "))
}

/// The name of a section.
fn heading(english: Option<&str>, positional: bool) -> String {
    let russian = match english {
        None if positional => "Аргументы",
        None => "Флаги",
        Some("Run") => "Запуск",
        Some("Data") => "Данные",
        Some("Model") => "Сеть",
        Some("Training") => "Обучение",
        Some("Settings") => "Настройки",
        Some(other) => other,
    };
    russian.into()
}

#[cfg(test)]
mod tests;
