//! What is wrong with an experiment, and where: shown with the line it stands in.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// An experiment that cannot be used: everything wrong with it, in the order of the text.
#[derive(Clone, Debug)]
pub struct ExperimentError {
    /// At least one problem.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong, with its place.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong, in a sentence: what was expected and what was found.
    pub message: String,
    /// A word at the place itself; may be empty.
    pub label: String,
    /// How to put it right.
    pub help: Option<String>,
    /// The bytes of the text that are meant.
    pub span: Range<usize>,
    source: Arc<Source>,
}

/// A text that settings come from.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file's path, or `command line`.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A problem whose text is known to the caller only.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
    pub(crate) span: Range<usize>,
}

impl Fault {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Fault {
        Fault { message: message.into(), label: String::new(), help: None, span }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Fault {
        self.label = label.into();
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    /// The same fault in a text in which this one's text begins at byte `start`.
    pub(crate) fn shifted(mut self, start: usize) -> Fault {
        self.span = self.span.start + start..self.span.end + start;
        self
    }

    pub(crate) fn within(self, source: &Arc<Source>) -> Problem {
        let span = to_chars(&source.text, self.span);
        let source = source.clone();
        Problem { message: self.message, label: self.label, help: self.help, span, source }
    }
}

/// The span moved to whole characters inside the text: a renderer may rely on that.
fn to_chars(text: &str, span: Range<usize>) -> Range<usize> {
    let floor = |at: usize| text.floor_char_boundary(at);
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

impl Problem {
    /// The file's path, or `command line`.
    pub fn source_name(&self) -> &str {
        &self.source.name
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().map_or(1, |line| line.chars().count() + 1)
    }

    fn before(&self) -> &str {
        &self.source.text[..self.span.start]
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.source.text.is_empty() {
            return match &self.help {
                Some(help) => write!(f, "{}\n  = help: {help}", self.message),
                None => f.write_str(&self.message),
            };
        }
        let mut annotation = AnnotationKind::Primary.span(self.span.clone());
        if !self.label.is_empty() {
            annotation = annotation.label(&self.label);
        }
        let snippet =
            Snippet::source(&self.source.text).path(&self.source.name).annotation(annotation);
        // The name of the level is left out: whoever prints this knows that it is an error.
        let mut group = Level::ERROR.no_name().primary_title(&self.message).element(snippet);
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        f.write_str(&Renderer::plain().render(&[group]))
    }
}

/// The most problems that are printed; the count of the rest is said.
const SHOWN: usize = 10;

impl fmt::Display for ExperimentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().take(SHOWN).enumerate() {
            let gap = if index > 0 { "\n\n" } else { "" };
            write!(f, "{gap}{problem}")?;
        }
        match self.problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n\nand {more} more problems"),
        }
    }
}

impl std::error::Error for ExperimentError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_knows_its_line_and_column() {
        let source = Arc::new(Source {
            name: "a.toml".into(),
            text: "первая = 1\nвторая = x\n".into(),
        });
        let at = source.text.find('x').unwrap();
        let problem = Fault::new(at..at + 1, "not a number").within(&source);
        assert_eq!((problem.line(), problem.column()), (2, 10));
        assert_eq!(problem.source_name(), "a.toml");
    }

    #[test]
    fn spans_outside_the_text_do_no_harm() {
        let source = Arc::new(Source { name: "a.toml".into(), text: "é".into() });
        for span in [0..1, 1..2, 2..9, 7..9] {
            let problem = Fault::new(span, "message").help("help").within(&source);
            assert!(problem.to_string().starts_with("message\n"), "{problem}");
        }
    }
}
