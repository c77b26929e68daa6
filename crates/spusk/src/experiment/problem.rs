//! What is wrong with an experiment, and where: shown with the line it stands in.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::messages::{self as say, Language, Said};

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
    pub message: Said,
    /// A word at the place itself; may be empty.
    pub label: Said,
    /// How to put it right.
    pub help: Option<Said>,
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
    pub(crate) message: Said,
    pub(crate) label: Said,
    pub(crate) help: Option<Said>,
    pub(crate) span: Range<usize>,
}

impl Fault {
    pub(crate) fn new(span: Range<usize>, message: impl Into<Said>) -> Fault {
        Fault { message: message.into(), label: Said::default(), help: None, span }
    }

    pub(crate) fn label(mut self, label: impl Into<Said>) -> Fault {
        self.label = label.into();
        self
    }

    pub(crate) fn help(mut self, help: impl Into<Said>) -> Fault {
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

impl Problem {
    /// What is wrong, in a language, with the line it stands in; what only English has stays English.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        let message = self.message.in_language(l);
        let help = self.help.as_ref().map(|help| help.in_language(l));
        if self.source.text.is_empty() {
            return match help {
                Some(help) => format!("{message}\n  = {}: {help}", say::error_help(l)),
                None => message.into(),
            };
        }
        let mut annotation = AnnotationKind::Primary.span(self.span.clone());
        if !self.label.is_empty() {
            annotation = annotation.label(self.label.in_language(l));
        }
        let snippet =
            Snippet::source(&self.source.text).path(&self.source.name).annotation(annotation);
        // The name of the level is left out: whoever prints this knows that it is an error.
        let mut group = Level::ERROR.no_name().primary_title(message).element(snippet);
        if let Some(help) = help {
            group = group.element(Level::HELP.with_name(say::error_help(l)).message(help));
        }
        Renderer::plain().render(&[group])
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

/// The most problems that are printed; the count of the rest is said.
const SHOWN: usize = 10;

impl ExperimentError {
    /// Every problem, in a language.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        let shown = self.problems.iter().take(SHOWN).map(|problem| problem.in_language(l));
        let mut parts: Vec<String> = shown.collect();
        if self.problems.len() > SHOWN {
            parts.push(say::error_more_problems(l, self.problems.len() - SHOWN));
        }
        parts.join("\n\n")
    }
}

impl fmt::Display for ExperimentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
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
