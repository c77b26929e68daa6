//! Printing: lines that survive a closed pipe, failures with their exit status.

use std::fmt::Display;
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::OnceLock;

use spusk::data::DataError;
use spusk::experiment::ExperimentError;
use spusk::formula::FormulaError;
use spusk::messages::{self as say, Language, Said};
use spusk::run::RunError;
use spusk::session::{LayerFacts, SessionError};

/// Why a command does not end well.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Bad input or a failed run: exit status 1.
    Failed(Said),
    /// Wrong words on the command line: exit status 2.
    Usage(Said),
    /// Nobody reads what is printed: exit status 0.
    Closed,
}

impl Failure {
    /// An error that is told in one language.
    pub(crate) fn failed(error: impl Display) -> Failure {
        Failure::Failed(error.to_string().into())
    }

    /// As a message says it.
    pub(crate) fn said(message: impl Fn(Language) -> String) -> Failure {
        Failure::Failed(Said::new(message))
    }

    /// Wrong words, told in one language.
    pub(crate) fn usage(error: impl Display) -> Failure {
        Failure::wrong(error.to_string())
    }

    /// Wrong words, as a message says it.
    pub(crate) fn wrong(message: impl Into<Said>) -> Failure {
        let message = message.into();
        Failure::Usage(Said::new(|l| {
            format!("{}\n\n{}", message.in_language(l), say::error_more_help(l))
        }))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::said(|l| {
                say::cannot_write(l, say::standard_output(l), say::io_problem(l, &error))
            }),
        }
    }
}

/// Errors of the library, which are told in every language.
macro_rules! failures {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Failure {
                Failure::said(|l| error.in_language(l))
            }
        })*
    };
}

failures![DataError, ExperimentError, FormulaError, RunError, SessionError];

/// The language of what is said, once it is known.
static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// Sets the language: that of the flag, else of the locale, else English.
pub(crate) fn speak(flag: Option<&str>) {
    let _ = LANGUAGE.set(flag.and_then(Language::of_locale).unwrap_or_else(of_system));
}

/// The language of what is said.
pub(crate) fn language() -> Language {
    *LANGUAGE.get_or_init(of_system)
}

fn of_system() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    locale.and_then(|code| Language::of_locale(&code)).unwrap_or_default()
}

/// Says what the user should know, on standard error.
pub(crate) fn note(note: &Said) {
    let l = language();
    complain(&say::note_word(l, note.in_language(l)));
}

/// Settings that the command line names wrongly.
pub(crate) fn wrong_words(error: ExperimentError) -> Failure {
    Failure::wrong(|l| error.in_language(l))
}

/// Prints a line.
pub(crate) fn line(text: impl Display) -> Result<(), Failure> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

/// Prints a line on standard error. Where nobody hears it, nothing can be done.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Says what must never happen.
pub(crate) fn report_bug(panic: &PanicHookInfo) {
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic.location().map_or(String::new(), |at| format!(" ({at})"));
    complain(&format!(
        "error: this is a bug in spusk {}: {message}{place}\n\
         Saved checkpoints are whole. Please report it with the command that you gave.",
        env!("CARGO_PKG_VERSION")
    ));
}

/// A table with two blanks between its columns; those that `right` names are set to the right.
pub(crate) fn table(rows: &[Vec<String>], right: &[usize]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let gap = " ".repeat(widths[column] - cell.chars().count());
            let behind = if column + 1 < columns { "  " } else { "" };
            match right.contains(&column) {
                true => line += &format!("{gap}{cell}{behind}"),
                false => line += &format!("{cell}{gap}{behind}"),
            }
        }
        line.truncate(line.trim_end().len());
        line
    };
    rows.iter().map(line).collect()
}

/// A number of floating-point operations: 1.44 MFLOP.
pub(crate) fn flop(operations: u64, l: Language) -> String {
    let short = l.short_count(operations);
    match short.split_once(' ') {
        // Prefixes of the unit: MFLOP. In Russian the short number has words of its own: "млн FLOP".
        Some(_) if l == Language::English => format!("{short}FLOP"),
        _ => format!("{short} FLOP"),
    }
}

/// The layers of a network as a table.
pub(crate) fn layer_table(
    layers: &[LayerFacts],
    parameters: usize,
    flops: bool,
    l: Language,
) -> Vec<String> {
    let some = |number: u64| if number == 0 { String::new() } else { l.count(number) };
    let layer = format!("  {}", say::column_layer(l));
    let (output, trained) = (say::column_output(l), say::column_parameters(l));
    let mut rows = vec![vec![layer, output, trained, "FLOPs".into()]];
    for (i, layer) in layers.iter().enumerate() {
        let sizes: Vec<String> = layer.output.iter().skip(1).map(ToString::to_string).collect();
        let indent = "  ".repeat(layer.depth + 1);
        rows.push(vec![
            format!("{indent}{}", name(layer, layers.get(i + 1))),
            sizes.join(" × "),
            some(layer.parameters as u64),
            some(layer.flops),
        ]);
    }
    let outer = layers.iter().filter(|layer| layer.depth == 0);
    let together = outer.map(|layer| layer.flops).sum();
    let name = format!("  {}", say::together_word(l));
    rows.push(vec![name, String::new(), l.count(parameters as u64), some(together)]);
    if !flops {
        rows.iter_mut().for_each(|row| row.truncate(3));
    }
    table(&rows, &[1, 2, 3])
}

/// A layer as it is written, without the layers inside where they have rows of their own.
fn name<'a>(layer: &'a LayerFacts, next: Option<&LayerFacts>) -> std::borrow::Cow<'a, str> {
    match (layer.layer.split_once('('), next) {
        (Some((own, _)), Some(next)) if next.depth > layer.depth => format!("{own}(…)").into(),
        _ => layer.layer.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_aligned() {
        let rows = [vec!["a".into(), "10".into()], vec!["µµµ".into(), "9".into()]];
        assert_eq!(table(&rows, &[1]), ["a    10", "µµµ   9"]);
        assert_eq!(table(&rows, &[0]), ["  a  10", "µµµ  9"]);
        assert!(table(&[], &[]).is_empty());
    }
}
