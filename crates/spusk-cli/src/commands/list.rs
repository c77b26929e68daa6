//! `spusk list`: everything that can be named.

use clap::Args;
use spusk::data::SOURCES;
use spusk::experiment::{Help, settings_help};
use spusk::messages as say;
use spusk::session::vocabulary;
use spusk::zoo::AnyNetwork;

use super::Outcome;
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
        line(format!("  {}", item.summary))?;
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
                let what = format!(
                    "{}: {}",
                    argument.summary.trim_end_matches('.'),
                    argument.kind.describe()
                );
                vec![format!("    {name}"), default, what]
            })
            .collect();
        table(&rows, &[]).iter().try_for_each(line)?;
    }
    Ok(())
}

fn sources() -> Result<(), Failure> {
    let rows: Vec<Vec<String>> = SOURCES
        .iter()
        .map(|source| {
            vec![source.name.to_string(), source.about.to_string(), source.example.into()]
        })
        .collect();
    table(&rows, &[]).iter().try_for_each(line)
}

fn settings() -> Result<(), Failure> {
    for help in settings_help() {
        line(format!("{} = {}", help.key(), help.example))?;
        line(format!("  {}", help.doc))?;
    }
    Ok(())
}
