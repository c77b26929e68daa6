//! A flag for every setting of an experiment, made from the list of settings, and `--set`.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use spusk::experiment::{Override, SettingHelp, settings_help};

/// The settings that stand on the command line, in their order there.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingFlags {
    /// What was given: the key of the setting, and what it becomes.
    pub(crate) given: Vec<(String, Override)>,
}

const SET: &str = "set";

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        let set = Arg::new(SET)
            .long(SET)
            .value_name("key=value")
            .action(ArgAction::Append)
            .allow_hyphen_values(true)
            .help_heading("Settings")
            .help("Any setting by its name in the file, also inside an item: optimizer.beta1=0.95");
        settings_help().iter().map(flag).fold(command, Command::arg).arg(set)
    }

    fn augment_args_for_update(command: Command) -> Command {
        SettingFlags::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Vec::new();
        for help in settings_help() {
            let (id, key) = (help.key(), help.key());
            let Some(mut values) = matches.get_many::<String>(&id) else { continue };
            let at = matches.index_of(&id).unwrap_or(0);
            let value = match is_list(&help) {
                true => list(values),
                false => values.next_back().cloned().unwrap_or_default(),
            };
            given.push((at, (key.clone(), Override::flag(&flag_name(&help), &key, &value))));
        }
        let assignments = matches.get_many::<String>(SET).into_iter().flatten();
        for (at, text) in matches.indices_of(SET).into_iter().flatten().zip(assignments) {
            let key = text.split('=').next().unwrap_or("").trim().to_string();
            given.push((at, (key, Override::set(text))));
        }
        // The later word wins.
        given.sort_by_key(|(at, _)| *at);
        Ok(SettingFlags { given: given.into_iter().map(|(_, given)| given).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = SettingFlags::from_arg_matches(matches)?;
        Ok(())
    }
}

impl SettingFlags {
    /// What they change.
    pub(crate) fn overrides(&self) -> Vec<Override> {
        self.given.iter().map(|(_, given)| given.clone()).collect()
    }
}

/// `--learning-rate`.
fn flag_name(help: &SettingHelp) -> String {
    let name = match (help.section, help.name) {
        ("data", "source") => "data",
        ("model", "layers") => "model",
        (_, name) => name,
    };
    format!("--{}", name.replace('_', "-"))
}

fn flag(help: &SettingHelp) -> Arg {
    let heading = match help.section {
        "data" => "Data",
        "model" => "Model",
        "training" => "Training",
        _ => "Run",
    };
    let several = if is_list(help) { ArgAction::Append } else { ArgAction::Set };
    Arg::new(help.key())
        .long(flag_name(help).trim_start_matches('-').to_string())
        .value_name(value_name(help))
        .action(several)
        .allow_negative_numbers(true)
        .value_parser(ValueParser::string())
        .help_heading(heading)
        .help(help.doc.trim_end_matches('.').to_string())
}

fn is_list(help: &SettingHelp) -> bool {
    help.example.starts_with('[')
}

/// Names with commas between, as TOML.
fn list<'a>(values: impl Iterator<Item = &'a String>) -> String {
    let names = values.flat_map(|value| value.split(',')).map(str::trim);
    let quoted = names.filter(|name| !name.is_empty()).map(|name| format!("{name:?}"));
    format!("[{}]", quoted.collect::<Vec<_>>().join(", "))
}

fn value_name(help: &SettingHelp) -> &'static str {
    match help.name {
        "source" | "test" => "SOURCE",
        "target" | "time" | "text" => "COLUMN",
        "tokens" => "word|character|bpe",
        "vocabulary" | "text_length" => "N",
        "ignore" => "COLUMN,…",
        "augment" => "NAME,…",
        "layers" => "SPEC",
        "init" => "FILE",
        "out" => "DIR",
        "name" | "loss" | "optimizer" | "schedule" => "NAME",
        "task" => "classify|regress|forecast|autoencode|denoise|upscale|auto",
        "missing" => "mean|median|skip|error",
        "bad_rows" => "error|skip",
        "gaps" => "previous|interpolate|error",
        "repeats" => "last|first|mean|error",
        "split" => "A/B/C",
        "horizon" => "N",
        "window" | "season" | "factor" | "patch" | "patches" => "N|auto",
        "class_weights" => "off|balanced|{…}",
        "learning_rate" | "sigma" => "X|auto",
        "batch_size" | "epochs" | "patience" | "seed" | "threads" => "N",
        "time_limit" | "checkpoint_every" => "TIME",
        "delimiter" => "LETTER",
        "size" => "HxW",
        "columns" => "NAME=KIND,…",
        "missing_values" => "TEXT,…",
        "memory_limit" => "MIB",
        "scale" => "standard|robust|log|none",
        _ if help.expected.starts_with("true") => "on|off",
        _ => "X",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spusk::experiment::Experiment;

    fn parse(words: &[&str]) -> Result<Experiment, String> {
        let command = SettingFlags::augment_args(Command::new("train"));
        let matches = command.try_get_matches_from([&["train"], words].concat());
        let matches = matches.map_err(|error| error.to_string())?;
        let flags = SettingFlags::from_arg_matches(&matches).map_err(|error| error.to_string())?;
        let vocabulary = spusk::session::vocabulary();
        Experiment::parse("none", "", &flags.overrides(), vocabulary)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_setting_has_a_flag_of_its_own() {
        SettingFlags::augment_args(Command::new("train")).debug_assert();
        let mut names: Vec<String> = settings_help().iter().map(flag_name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn flags_and_assignments_are_taken_in_order() {
        let e = parse(&["--epochs", "3", "--set", "epochs=5", "--shuffle", "off"]).expect("valid");
        assert_eq!((e.training.epochs.set(), e.training.shuffle), (Some(&5), false));
        let e = parse(&["--set", "epochs=5", "--epochs", "3"]).expect("valid");
        assert_eq!(e.training.epochs.set(), Some(&3));
        let e = parse(&["--ignore", "id,day", "--ignore", "a\"b", "--target", "3"]).expect("valid");
        assert_eq!(e.data.ignore, ["id", "day", "a\"b"]);
        assert_eq!(e.data.target.as_deref(), Some("3"));
        let e = parse(&["--optimizer", "adamw", "--set", "optimizer.beta1=0.95"]).expect("valid");
        assert_eq!(e.training.optimizer.set().map(|spec| &*spec.name), Some("adamw"));
    }

    #[test]
    fn wrong_values_are_shown_where_they_stand() {
        let error = parse(&["--learning-rate", "-1"]).expect_err("negative");
        assert!(error.contains("--learning-rate -1"), "{error}");
        assert!(error.contains("a number above 0"), "{error}");
    }

    /// Every flag of every command.
    fn flags_of(command: &Command, flags: &mut Vec<String>) {
        flags.extend(command.get_arguments().filter_map(Arg::get_long).map(String::from));
        command.get_subcommands().for_each(|command| flags_of(command, flags));
    }

    #[test]
    fn what_messages_advise_exists() {
        let mut flags = Vec::new();
        let mut command = <crate::Arguments as clap::CommandFactory>::command();
        // `--help` is there only then.
        command.build();
        flags_of(&command, &mut flags);
        let keys: Vec<String> = settings_help().iter().map(SettingHelp::key).collect();
        let name = |text: &str, signs: &str| -> String {
            text.chars().take_while(|c| c.is_ascii_alphabetic() || signs.contains(*c)).collect()
        };
        let mut advised = 0;
        for (message, english, russian) in spusk::messages::all() {
            for text in [english, russian] {
                for (at, _) in text.match_indices("--") {
                    let flag = name(&text[at + 2..], "-");
                    let is_flag = flag.starts_with(|c: char| c.is_ascii_alphabetic());
                    assert!(!is_flag || flags.contains(&flag), "{message}: --{flag}");
                    advised += usize::from(is_flag);
                }
                for (at, _) in text.match_indices("data.") {
                    let key = name(&text[at..], "._");
                    // The end of a sentence is no key.
                    let is_key = key.len() > "data.".len();
                    assert!(!is_key || keys.contains(&key), "{message}: {key}");
                    advised += usize::from(is_key);
                }
            }
        }
        assert!(advised > 60, "{advised}");
    }
}
