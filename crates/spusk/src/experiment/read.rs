//! Reading an experiment: the file first, then the command line over it. Everything wrong is
//! collected, so that one run shows all of it.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::field::Context;
use super::help::Vocabulary;
use super::node::{self, Entry, Node, NodeValue};
use super::overrides::Override;
use super::problem::{ExperimentError, Fault, Problem, Source};
use super::settings::{SECTIONS, Setting, settings};
use super::suggest::nearest;
use super::{Experiment, FORMAT};
use crate::messages::{self as say, Language, Said};
use crate::text::shown;

/// The longest experiment file that is read.
const MAX_BYTES: u64 = 1 << 20;

impl Experiment {
    /// Reads an experiment file, and the command line over it.
    pub fn load(
        path: &Path,
        overrides: &[Override],
        vocabulary: Vocabulary,
    ) -> Result<Experiment, ExperimentError> {
        let name = path.display().to_string();
        let failed = |message: Said| {
            let source = Arc::new(Source { name: name.clone(), text: String::new() });
            ExperimentError { problems: vec![Fault::new(0..0, message).within(&source)] }
        };
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
            .map_err(|error| {
                failed(Said::new(|l| {
                    say::settings_unreadable(l, &name, say::io_problem(l, &error))
                }))
            })?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(failed(Said::new(|l| say::settings_long(l, &name, MAX_BYTES))));
        }
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&name, error))?;
        Experiment::parse(&name, &text, overrides, vocabulary)
    }

    /// Reads an experiment from the text of a file, and the command line over it. `name` is shown
    /// in errors. An empty text is the default experiment.
    pub fn parse(
        name: &str,
        text: &str,
        overrides: &[Override],
        vocabulary: Vocabulary,
    ) -> Result<Experiment, ExperimentError> {
        let mut reader = Reader::new(vocabulary);
        reader.file(Source { name: name.into(), text: text.into() });
        overrides.iter().for_each(|given| reader.override_with(given));
        reader.finish()
    }
}

/// Points at the first byte that is not UTF-8.
fn not_utf8(name: &str, error: std::string::FromUtf8Error) -> ExperimentError {
    let at = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let source = Arc::new(Source { name: name.into(), text });
    let fault = Fault::new(at..at + 3, say::settings_not_utf8).help(say::settings_save_utf8);
    ExperimentError { problems: vec![fault.within(&source)] }
}

struct Reader<'a> {
    experiment: Experiment,
    settings: Vec<Setting>,
    vocabulary: Vocabulary<'a>,
    /// Where each setting was given last, by path.
    places: BTreeMap<String, (Arc<Source>, Range<usize>)>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn new(vocabulary: Vocabulary<'a>) -> Self {
        Reader {
            experiment: Experiment::default(),
            settings: settings(),
            vocabulary,
            places: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    fn file(&mut self, source: Source) {
        let source = Arc::new(source);
        let result = if source.text.len() as u64 > MAX_BYTES {
            Err(Fault::new(0..0, |l| say::settings_long_text(l, MAX_BYTES)))
        } else {
            node::parse(&source.text).map_err(explain_syntax(&source.text))
        };
        match result {
            Err(fault) => self.problems.push(fault.within(&source)),
            // The words of a newer file may mean something else, so nothing else is checked.
            Ok(entries) => match check_format(&entries) {
                Err(fault) => self.problems.push(fault.within(&source)),
                Ok(()) => entries.iter().for_each(|entry| self.top(entry, &source)),
            },
        }
    }

    /// An entry at the top of the file: a section, or a setting without one.
    fn top(&mut self, entry: &Entry, source: &Arc<Source>) {
        if entry.key == "format" {
            return;
        }
        let section = SECTIONS.iter().find(|(name, ..)| *name == entry.key);
        match (section, &entry.node.value) {
            (Some((section, ..)), NodeValue::Table(inner)) => {
                inner.iter().for_each(|entry| self.entry(section, entry, source));
            }
            // `model = "mlp:256"` means its main setting.
            (Some((section, _, main)), _) if !main.is_empty() => {
                self.read(section, main, &entry.node, source);
            }
            (Some((section, ..)), _) => {
                let fault = Fault::new(entry.node.span.clone(), |l| {
                    say::settings_section(l, section, entry.node.describe(l))
                })
                .help(|l| say::settings_section_form(l, section));
                self.problems.push(fault.within(source));
            }
            (None, _) => self.entry("", entry, source),
        }
    }

    fn entry(&mut self, section: &str, entry: &Entry, source: &Arc<Source>) {
        if !self.read(section, &entry.key, &entry.node, source) {
            let fault = self.unknown(section, &entry.key, entry.key_span.clone());
            self.problems.push(fault.within(source));
        }
    }

    /// Reads one setting; false if there is none of this name.
    fn read(&mut self, section: &str, name: &str, node: &Node, source: &Arc<Source>) -> bool {
        let found = |setting: &&Setting| setting.section == section && setting.name == name;
        let Some(setting) = self.settings.iter().find(found) else { return false };
        let context = Context { vocabulary: self.vocabulary, source: &source.text };
        match setting.read(&mut self.experiment, node, context) {
            Ok(()) => {
                self.places.insert(setting.path(), (source.clone(), node.span.clone()));
            }
            Err(fault) => self.problems.push(fault.within(source)),
        }
        true
    }

    fn unknown(&self, section: &str, key: &str, span: Range<usize>) -> Fault {
        let fault = Fault::new(span, |l| match section {
            "" => say::settings_unknown(l, shown(key)),
            section => say::settings_unknown_in(l, shown(key), section),
        });
        let here = || self.settings.iter().filter(|setting| setting.section == section);
        if let Some(meant) = meant(key, here()) {
            return fault.label(|l| say::meant(l, meant.name));
        }
        if let Some(other) = meant(key, self.settings.iter()) {
            let home = |l| match other.section {
                "" => say::settings_top(l),
                section => format!("[{section}]"),
            };
            return fault.label(|l| say::meant_in(l, other.name, home(l)));
        }
        let sections = SECTIONS.iter().map(|(name, ..)| *name);
        if section.is_empty()
            && let Some(meant) = nearest(key, sections)
        {
            return fault.label(|l| say::meant(l, meant));
        }
        let mut known: Vec<&str> = here().map(|setting| setting.name).collect();
        if section.is_empty() {
            known.extend(SECTIONS.iter().map(|(name, ..)| *name));
        }
        fault.help(|l| say::settings_known(l, known.join(", ")))
    }

    fn override_with(&mut self, given: &Override) {
        let name = "command line".into();
        let source = Arc::new(Source { name, text: given.shown.clone() });
        if let Err(fault) = self.apply(given, &source) {
            self.problems.push(fault.within(&source));
        }
    }

    fn apply(&mut self, given: &Override, source: &Arc<Source>) -> Result<(), Fault> {
        let key_span = given.key_start..given.value_start - 1;
        let Some(value) = &given.value else {
            let fault = Fault::new(key_span, say::settings_assignment);
            return Err(fault.help(|l| say::settings_example(l, "--set seed=7")));
        };
        let (section, name, argument) = self.resolve(&given.key, key_span.clone())?;
        let node = value_node(value, given.value_start);
        let Some(argument) = argument else {
            self.read(section, name, &node, source);
            return Ok(());
        };
        let found = |setting: &&Setting| setting.section == section && setting.name == name;
        let setting = self.settings.iter().find(found).expect("resolve returns settings only");
        let context = Context { vocabulary: self.vocabulary, source: &source.text };
        setting.set_argument(&mut self.experiment, (&argument, key_span), &node, context)
    }

    /// The section, the setting and perhaps the argument that a dotted key means.
    fn resolve(
        &self,
        key: &str,
        span: Range<usize>,
    ) -> Result<(&'static str, &'static str, Option<String>), Fault> {
        if key.is_empty() {
            return Err(Fault::new(span, say::settings_no_name)
                .help(|l| say::settings_example(l, "--set seed=7")));
        }
        let parts: Vec<&str> = key.split('.').map(str::trim).collect();
        let (section, rest) = match SECTIONS.iter().find(|(name, ..)| *name == parts[0]) {
            Some((section, _, main)) if parts.len() == 1 => {
                if main.is_empty() {
                    return Err(Fault::new(span, |l| say::settings_a_section(l, section))
                        .help(|l| say::settings_name_one(l, format!("{section}.seed"))));
                }
                return Ok((section, main, None));
            }
            Some((section, ..)) => (Some(*section), &parts[1..]),
            None => (None, &parts[..]),
        };
        let fits = |setting: &&Setting| {
            setting.name == rest[0] && section.is_none_or(|section| setting.section == section)
        };
        match self.settings.iter().find(fits) {
            Some(setting) if rest.len() <= 2 => {
                let argument = rest.get(1).map(|argument| argument.to_string());
                Ok((setting.section, setting.name, argument))
            }
            Some(setting) => Err(Fault::new(span, |l| say::settings_deep(l, setting.name))),
            None => Err(self.unknown(section.unwrap_or(""), rest[0], span)),
        }
    }

    /// Checks what concerns several settings at once.
    fn finish(mut self) -> Result<Experiment, ExperimentError> {
        let data = &self.experiment.data;
        let test = *data.test_fraction.set().unwrap_or(&crate::data::DEFAULT_TEST_SHARE);
        let held_out = data.validation_fraction + test;
        if held_out >= 1.0 && data.test.is_none() {
            let validation = data.validation_fraction;
            let message = Said::new(|l: Language| {
                let [validation, test] =
                    [validation, test].map(|share| l.digits(&share.to_string()));
                say::settings_nothing_left(l, validation, test)
            });
            self.refuse(
                &["data.test_fraction", "data.validation_fraction"],
                message,
                say::settings_lower_sum,
            );
        }
        if let super::Auto::Set(delimiter) = &self.experiment.data.delimiter
            && !(delimiter.len() == 1 && delimiter.is_ascii())
        {
            let message = Said::new(|l| say::settings_delimiter(l, shown(delimiter)));
            self.refuse(&["data.delimiter"], message, say::settings_delimiter_form);
        }
        match self.problems {
            problems if problems.is_empty() => Ok(self.experiment),
            problems => Err(ExperimentError { problems }),
        }
    }

    /// A problem at the first of these settings that was given.
    fn refuse(&mut self, paths: &[&str], message: Said, help: impl Into<Said>) {
        let place = paths.iter().find_map(|path| self.places.get(*path));
        let nowhere = || (Arc::new(Source { name: "defaults".into(), text: String::new() }), 0..0);
        let (source, span) = place.cloned().unwrap_or_else(nowhere);
        self.problems.push(Fault::new(span, message).help(help).within(&source));
    }
}

/// The setting that is meant by a name that is none.
fn meant<'s>(
    key: &str,
    settings: impl Iterator<Item = &'s Setting> + Clone,
) -> Option<&'s Setting> {
    let lower = key.to_lowercase().replace('-', "_");
    let known =
        |setting: &&Setting| setting.name == lower || setting.aliases.contains(&lower.as_str());
    let alias = settings.clone().find(known);
    alias.or_else(|| {
        let name = nearest(key, settings.clone().map(|setting| setting.name))?;
        settings.clone().find(|setting| setting.name == name)
    })
}

/// The value as TOML, else as a text. It stands at `start` in the words of the command line.
fn value_node(value: &str, start: usize) -> Node {
    let prefix = "v = ";
    let document = format!("{prefix}{value}");
    let parsed = node::parse(&document).ok().filter(|entries| entries.len() == 1);
    match parsed.and_then(|mut entries| entries.pop()) {
        Some(entry) => shift(entry.node, start as isize - prefix.len() as isize),
        None => Node { value: NodeValue::Text(value.into()), span: start..start + value.len() },
    }
}

/// Moves a node and everything inside it.
fn shift(node: Node, by: isize) -> Node {
    let moved = |span: Range<usize>| {
        span.start.saturating_add_signed(by)..span.end.saturating_add_signed(by)
    };
    let value = match node.value {
        NodeValue::List(items) => {
            NodeValue::List(items.into_iter().map(|item| shift(item, by)).collect())
        }
        NodeValue::Table(entries) => NodeValue::Table(
            entries
                .into_iter()
                .map(|entry| Entry {
                    key_span: moved(entry.key_span),
                    node: shift(entry.node, by),
                    ..entry
                })
                .collect(),
        ),
        plain => plain,
    };
    Node { value, span: moved(node.span) }
}

fn check_format(entries: &[Entry]) -> Result<(), Fault> {
    let Some(entry) = entries.iter().find(|entry| entry.key == "format") else { return Ok(()) };
    let span = entry.node.span.clone();
    match entry.node.integer() {
        Some(1..=FORMAT) => Ok(()),
        Some(newer) if newer > FORMAT => {
            Err(Fault::new(span, |l| say::settings_newer(l, newer, FORMAT))
                .help(say::settings_update))
        }
        _ => Err(Fault::new(span, |l| say::settings_format(l, FORMAT, entry.node.describe(l)))),
    }
}

/// Says the usual errors of the TOML grammar in the words of this file, with their cure.
fn explain_syntax(text: &str) -> impl Fn(Fault) -> Fault {
    |mut fault| {
        let has_no_value = fault.message.english().starts_with("key with no value");
        let known: Option<fn(Language) -> String> = match fault.message.english() {
            "duplicate key" => Some(say::settings_twice),
            text if text.starts_with("string values must be quoted") => {
                Some(say::settings_want_value)
            }
            _ if has_no_value => Some(say::settings_no_value),
            _ => None,
        };
        if let Some(known) = known {
            fault.message = known.into();
        }
        let line_start =
            text[..text.floor_char_boundary(fault.span.start)].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or("");
        match line.split_once('=') {
            Some((key, value)) if is_bare_word(value) => {
                let (key, value) = (shown(key.trim()), shown(value.trim()));
                fault.help(|l| say::settings_quotes(l, &key, &value))
            }
            None if has_no_value => fault.help(say::settings_form),
            _ => fault,
        }
    }
}

/// Whether a value looks like a text whose quotes were forgotten.
fn is_bare_word(value: &str) -> bool {
    let value = value.trim();
    value.starts_with(|letter: char| letter.is_alphabetic() || "./~".contains(letter))
        && !value.contains(['"', '\''])
        && !matches!(value, "true" | "false" | "inf" | "nan")
}
