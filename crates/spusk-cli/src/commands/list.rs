//! `spusk list`: everything that can be named.

use clap::Args;
use spusk::data::SOURCES;
use spusk::experiment::{Help, settings_help};
use spusk::messages::{self as say, Language};
use spusk::session::vocabulary;
use spusk::zoo::AnyNetwork;

use super::Outcome;
use crate::russian::lists;
use crate::terminal::{Failure, language, line, table};

/// List the models, layers, losses, optimizers, schedules, sources or settings that can be named.
#[derive(Args)]
pub(crate) struct List {
    /// What to list; everything in short if not given.
    #[arg(value_enum)]
    what: Option<What>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// The networks of --model that have a name.
    Models,
    /// The layers of --model.
    Layers,
    /// The losses of --loss.
    Losses,
    /// The optimizers of --optimizer.
    Optimizers,
    /// The schedules of --schedule.
    Schedules,
    /// The built-in sets and kinds of files of --data.
    Sources,
    /// All settings of an experiment.
    Settings,
}

impl List {
    pub(crate) fn run(self) -> Outcome {
        let words = vocabulary();
        match self.what {
            Some(What::Models) => items(AnyNetwork::HELP)?,
            Some(What::Layers) => items(words.layers)?,
            Some(What::Losses) => items(words.losses)?,
            Some(What::Optimizers) => items(words.optimizers)?,
            Some(What::Schedules) => items(words.schedules)?,
            Some(What::Sources) => sources()?,
            Some(What::Settings) => settings()?,
            None => short()?,
        }
        Ok(0)
    }
}

/// The names of everything, a line a kind.
fn short() -> Result<(), Failure> {
    let (l, words) = (language(), vocabulary());
    let names = |items: &[Help]| items.iter().map(|item| item.name).collect::<Vec<_>>().join(", ");
    let sources: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
    let rows = [
        vec![say::list_models(l), names(AnyNetwork::HELP)],
        vec![say::list_layers(l), names(words.layers)],
        vec![say::list_losses(l), names(words.losses)],
        vec![say::list_optimizers(l), names(words.optimizers)],
        vec![say::list_schedules(l), names(words.schedules)],
        vec![say::list_sources(l), sources.join(", ")],
    ];
    table(&rows, &[]).iter().try_for_each(line)?;
    line(format!("\n{}", say::list_more(l)))
}

/// Each item with its arguments.
fn items(items: &[Help]) -> Result<(), Failure> {
    let l = language();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            line("")?;
        }
        line(item.name)?;
        line(format!("  {}", told(item.summary, l)))?;
        line(format!("  {}", say::list_example(l, item.example)))?;
        let rows: Vec<Vec<String>> = item
            .arguments
            .iter()
            .map(|argument| {
                let default = match argument.default {
                    Some(default) => say::list_default(l, default),
                    None => say::list_required(l),
                };
                let name = match argument.positional {
                    true => format!("[{}=]", argument.name),
                    false => format!("{}=", argument.name),
                };
                let about = told(argument.summary.trim_end_matches('.'), l);
                let what = format!("{about}: {}", argument.kind.in_language(l));
                vec![format!("    {name}"), default, what]
            })
            .collect();
        table(&rows, &[]).iter().try_for_each(line)?;
    }
    Ok(())
}

/// A sentence that is written in English, in the language of the reader.
fn told(english: &'static str, l: Language) -> &'static str {
    match l {
        Language::English => english,
        Language::Russian => lists::sentence(english),
    }
}

/// All such sentences.
#[cfg(test)]
pub(crate) fn sentences() -> impl Iterator<Item = &'static str> {
    let words = vocabulary();
    let items =
        [AnyNetwork::HELP, words.layers, words.losses, words.optimizers, words.schedules].concat();
    let of = |item: Help| {
        let arguments = item.arguments.iter().map(|a| a.summary.trim_end_matches('.'));
        std::iter::once(item.summary).chain(arguments)
    };
    items.into_iter().flat_map(of).chain(SOURCES.iter().map(|source| source.about))
}

fn sources() -> Result<(), Failure> {
    let l = language();
    let rows: Vec<Vec<String>> = SOURCES
        .iter()
        .map(|source| {
            vec![source.name.to_string(), told(source.about, l).into(), source.example.into()]
        })
        .collect();
    table(&rows, &[]).iter().try_for_each(line)
}

fn settings() -> Result<(), Failure> {
    for help in settings_help() {
        line(format!("{} = {}", help.key(), help.example))?;
        let russian = || lists::setting(&help.key()).map(|text| format!("{text}."));
        let doc = match language() {
            Language::English => help.doc.into(),
            Language::Russian => russian().unwrap_or_else(|| help.doc.into()),
        };
        line(format!("  {doc}"))?;
    }
    Ok(())
}
