//! The commands: one file each, listed once.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Subcommand;
use spusk::data::{is_same_file, source_files};
use spusk::experiment::BadRows;
use spusk::formula::Part;
use spusk::messages::{self as say, Language};
use spusk::plot::{PNG_SCALE, Picture, Svg};
use spusk::session::Trained;

use crate::terminal::{Failure, language, line, table};

mod activations;
mod bench;
mod completions;
mod describe;
mod doctor;
mod encode;
mod enhance;
mod evaluate;
mod export;
mod import;
mod landscape;
mod list;
mod minimize;
mod neuron;
mod predict;
mod report;
mod starts;
mod surface;
mod train;
mod why_not_analytic;

#[cfg(test)]
pub(crate) use list::sentences;

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    Train(train::Train),
    Evaluate(evaluate::Evaluate),
    Export(export::Export),
    Import(import::Import),
    Predict(predict::Predict),
    Encode(encode::Encode),
    Enhance(enhance::Enhance),
    Describe(describe::Describe),
    Report(report::Report),
    Landscape(landscape::Show),
    Activations(activations::Activations),
    Starts(starts::StartsCommand),
    Doctor(doctor::Doctor),
    List(list::List),
    Minimize(minimize::Minimize),
    Neuron(neuron::Neuron),
    WhyNotAnalytic(why_not_analytic::WhyNotAnalytic),
    Bench(bench::Bench),
    Completions(completions::Completions),
}

/// Exit status of a command, or why it failed.
pub(crate) type Outcome = Result<u8, Failure>;

/// Runs a command; `started` is when the process did.
pub(crate) fn run(command: Command, started: Instant) -> Outcome {
    match command {
        Command::Train(command) => command.run(),
        Command::Evaluate(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Predict(command) => command.run(),
        Command::Encode(command) => command.run(),
        Command::Enhance(command) => command.run(),
        Command::Describe(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::Landscape(command) => command.run(),
        Command::Activations(command) => command.run(),
        Command::Starts(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::List(command) => command.run(),
        Command::Minimize(command) => command.run(),
        Command::Neuron(command) => command.run(),
        Command::WhyNotAnalytic(command) => command.run(),
        Command::Bench(command) => command.run(started),
        Command::Completions(command) => command.run(),
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// How a command that explains tells its findings.
#[derive(Debug, clap::Args)]
pub(crate) struct Telling {
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

impl Telling {
    pub(crate) fn language(&self) -> Language {
        language()
    }
}

/// How new rows are read.
#[derive(Debug, clap::Args)]
pub(crate) struct Reading {
    /// What becomes of rows that cannot be read: an error, or they are left out and counted; as in training if
    /// not given.
    #[arg(long, value_enum, value_name = "error|skip")]
    bad_rows: Option<RowRule>,
}

/// What becomes of rows that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum RowRule {
    /// The first one is an error.
    Error,
    /// They are left out and counted.
    Skip,
}

impl Reading {
    /// Lets a saved network read rows so.
    pub(crate) fn set(&self, trained: &mut Trained) {
        if let Some(rule) = self.bad_rows {
            trained.experiment.data.bad_rows = match rule {
                RowRule::Error => BadRows::Error,
                RowRule::Skip => BadRows::Skip,
            };
        }
    }
}

/// Refuses to write over one of the files that are read.
pub(crate) fn refuse_overwriting(source: &str, out: Option<&Path>) -> Result<(), Failure> {
    out.map_or(Ok(()), |out| refuse_writing_over(source_files(source), out))
}

/// Refuses to write over one of these files.
pub(crate) fn refuse_writing_over<F: AsRef<Path>>(
    files: impl IntoIterator<Item = F>,
    out: &Path,
) -> Result<(), Failure> {
    // What is no file, such as a terminal, holds nothing that could be lost.
    if out.is_file() && files.into_iter().any(|file| is_same_file(file.as_ref(), out)) {
        return Err(Failure::said(|l| say::cannot_overwrite(l, out.display())));
    }
    Ok(())
}

/// Where a page and its pictures go.
#[derive(Debug, clap::Args)]
pub(crate) struct PageFiles {
    /// The page to write: one file, nothing is fetched.
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,
    /// A folder for the pictures.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// The form of the pictures.
    #[arg(long, value_enum, default_value = "svg", requires = "pictures")]
    picture_format: PictureFormat,
}

/// The form of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PictureFormat {
    /// Lines and letters, of any size.
    Svg,
    /// Pixels, for programs that take no SVG.
    Png,
}

impl PictureFormat {
    /// By the end of a file's name; SVG if it says nothing.
    pub(crate) fn of(path: &Path) -> PictureFormat {
        let png = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("png"));
        if png { PictureFormat::Png } else { PictureFormat::Svg }
    }

    /// A picture's file in a folder.
    pub(crate) fn file(self, folder: &Path, name: impl std::fmt::Display) -> PathBuf {
        match self {
            PictureFormat::Svg => folder.join(format!("{name}.svg")),
            PictureFormat::Png => folder.join(format!("{name}.png")),
        }
    }

    /// What stands in the file.
    pub(crate) fn bytes(self, picture: &Svg) -> Result<Vec<u8>, Failure> {
        match self {
            PictureFormat::Svg => Ok(picture.standalone().into_bytes()),
            PictureFormat::Png => picture.png(PNG_SCALE).map_err(Failure::failed),
        }
    }
}

impl PageFiles {
    /// Whether anything is to be written.
    pub(crate) fn wanted(&self) -> bool {
        self.out.is_some() || self.pictures.is_some()
    }

    /// Writes what was asked for.
    pub(crate) fn write<N: std::fmt::Display>(
        &self,
        html: &str,
        pictures: &[(N, Picture)],
        language: Language,
    ) -> Result<(), Failure> {
        let fail = |path: &Path| {
            let path = path.display().to_string();
            move |error: std::io::Error| Failure::failed(format!("{path}: {error}"))
        };
        if let Some(out) = &self.out {
            std::fs::write(out, html).map_err(fail(out))?;
        }
        if let Some(folder) = &self.pictures {
            std::fs::create_dir_all(folder).map_err(fail(folder))?;
            for (name, picture) in pictures {
                let file = self.picture_format.file(folder, name);
                let bytes = self.picture_format.bytes(&picture.draw(language))?;
                std::fs::write(&file, bytes).map_err(fail(&file))?;
            }
        }
        Ok(())
    }
}

/// Threads to use when none are given: as many as the processor runs at once.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Prints a part of an account.
pub(crate) fn print_part(part: &Part) -> Result<(), Failure> {
    line(&part.heading)?;
    part.sentences.iter().try_for_each(|sentence| line(format!("  {sentence}")))?;
    if let Some((columns, rows)) = &part.table {
        let all: Vec<Vec<String>> = std::iter::once(columns.clone())
            .chain(rows.iter().cloned())
            .map(|mut row| {
                row[0] = format!("  {}", row[0]);
                row
            })
            .collect();
        table(&all, &[]).iter().try_for_each(line)?;
    }
    part.after.iter().try_for_each(|sentence| line(format!("  {sentence}")))
}
