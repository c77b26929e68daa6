//! The list of all settings. Adding one is a field in `experiment.rs` and an entry here.

mod data;
mod training;

use super::field::{Context, Field, Refusal};
use super::node::{Node, NodeValue};
use super::problem::Fault;
use super::spec::parse_number;
use super::{Experiment, FORMAT};
use crate::messages::{self as say, Language};
use data::{data, pictures, series, texts};
use training::training;

/// One setting: where it stands, what it means, how it is read and printed.
pub(super) struct Setting {
    /// The section; empty for the top of the file.
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    /// What others call it; only for "did you mean".
    pub(super) aliases: &'static [&'static str],
    /// What it means; the comment in the printed file.
    pub(super) doc: &'static str,
    /// A value as it is written in the file.
    pub(super) example: &'static str,
    access: Box<dyn Access>,
}

/// Reading and printing one field, whatever its type.
trait Access {
    fn expected(&self, l: Language) -> String;
    fn read(&self, to: &mut Experiment, node: &Node, context: Context) -> Result<(), Refusal>;
    fn print(&self, of: &mut Experiment) -> Option<String>;
    fn set_argument(
        &self,
        of: &mut Experiment,
        name: (&str, std::ops::Range<usize>),
        value: &Node,
        context: Context,
    ) -> Result<(), Fault>;
}

struct Place<T: Field> {
    limits: T::Limits,
    field: fn(&mut Experiment) -> &mut T,
}

impl<T: Field> Access for Place<T> {
    fn expected(&self, l: Language) -> String {
        T::expected(self.limits, l)
    }

    fn read(&self, to: &mut Experiment, node: &Node, context: Context) -> Result<(), Refusal> {
        *(self.field)(to) = T::read(node, self.limits, context)?;
        Ok(())
    }

    fn print(&self, of: &mut Experiment) -> Option<String> {
        (self.field)(of).print()
    }

    fn set_argument(
        &self,
        of: &mut Experiment,
        name: (&str, std::ops::Range<usize>),
        value: &Node,
        context: Context,
    ) -> Result<(), Fault> {
        (self.field)(of).set_argument(name, value, self.limits, context)
    }
}

impl Setting {
    /// `training.seed`.
    pub(super) fn path(&self) -> String {
        match self.section {
            "" => self.name.into(),
            section => format!("{section}.{}", self.name),
        }
    }

    /// Reads the value into the experiment.
    pub(super) fn read(
        &self,
        to: &mut Experiment,
        node: &Node,
        context: Context,
    ) -> Result<(), Fault> {
        self.access.read(to, node, context).map_err(|refusal| match refusal {
            Refusal::Kind if self.is_number_in_quotes(node, context) => {
                let text = node.text().unwrap_or_default();
                self.wrong_kind(node).help(|l| say::settings_unquoted(l, self.name, text))
            }
            Refusal::Kind => self
                .wrong_kind(node)
                .help(|l| say::settings_example(l, format!("{} = {}", self.name, self.example))),
            Refusal::Meant(word) => self.wrong_kind(node).label(|l| say::meant(l, word)),
            Refusal::Fault(fault) => fault,
        })
    }

    fn wrong_kind(&self, node: &Node) -> Fault {
        Fault::new(node.span.clone(), |l| {
            say::settings_must_be(l, self.name, self.access.expected(l), node.describe(l))
        })
    }

    /// Whether the value would be right if it stood without quotes.
    fn is_number_in_quotes(&self, node: &Node, context: Context) -> bool {
        let Some(number) = node.text().and_then(parse_number) else { return false };
        let bare = Node { value: NodeValue::Float(number), span: node.span.clone() };
        self.access.read(&mut Experiment::default(), &bare, context).is_ok()
    }

    /// Replaces one argument of the item that this setting names.
    pub(super) fn set_argument(
        &self,
        of: &mut Experiment,
        name: (&str, std::ops::Range<usize>),
        value: &Node,
        context: Context,
    ) -> Result<(), Fault> {
        self.access.set_argument(of, name, value, context)
    }

    fn aliases(mut self, aliases: &'static [&'static str]) -> Setting {
        self.aliases = aliases;
        self
    }
}

fn setting<T: Field + 'static>(
    path: (&'static str, &'static str),
    limits: T::Limits,
    field: fn(&mut Experiment) -> &mut T,
    example: &'static str,
    doc: &'static str,
) -> Setting {
    let (section, name) = path;
    let access = Box::new(Place { limits, field });
    Setting { section, name, aliases: &[], doc, example, access }
}

/// A setting, for those who make flags or a manual of the list.
#[derive(Clone, Debug)]
pub struct SettingHelp {
    /// The section; empty for the top of the file.
    pub section: &'static str,
    /// The name in the file.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub doc: &'static str,
    /// A value as it is written in the file.
    pub example: &'static str,
    /// What it may be, such as `a number above 0`.
    pub expected: String,
}

impl SettingHelp {
    /// The whole name: `training.seed`.
    pub fn key(&self) -> String {
        match self.section {
            "" => self.name.into(),
            section => format!("{section}.{}", self.name),
        }
    }
}

/// All settings, in the order of the printed file.
pub fn settings_help() -> Vec<SettingHelp> {
    let help = |setting: Setting| SettingHelp {
        expected: setting.access.expected(Language::English),
        section: setting.section,
        name: setting.name,
        doc: setting.doc,
        example: setting.example,
    };
    settings().into_iter().map(help).collect()
}

/// The sections, what they are about, and which setting `section = value` means.
pub(super) const SECTIONS: [(&str, &str, &str); 3] = [
    ("data", "What the network learns from.", "source"),
    ("model", "The network.", "layers"),
    ("training", "How it is trained.", ""),
];

/// All settings, in the order of the printed file.
pub(super) fn settings() -> Vec<Setting> {
    let mut all = vec![
        setting(
            ("", "name"),
            (),
            |e| &mut e.name,
            "\"houses\"",
            "The name of the run; the name of the data if not set.",
        ),
        setting(
            ("", "out"),
            (),
            |e| &mut e.out,
            "\"runs/houses\"",
            "The directory of the run; runs/<date>-<name> if not set.",
        ),
    ];
    all.extend(data());
    all.extend(texts());
    all.extend(series());
    all.extend(pictures());
    all.extend(model());
    all.extend(training());
    all
}

fn model() -> Vec<Setting> {
    vec![
        setting(
            ("model", "layers"),
            (),
            |e| &mut e.model.layers,
            "\"mlp:256,128\"",
            "The layers before the output layer, which the task adds; [] for a linear model, or \"auto\".",
        )
        .aliases(&["model", "hidden", "architecture"]),
        setting(
            ("model", "init"),
            (),
            |e| &mut e.model.init,
            "\"weights.safetensors\"",
            "A file of weights to start from; random weights if not set.",
        )
        .aliases(&["initial_weights", "weights", "pretrained"]),
    ]
}

impl Experiment {
    /// Every setting by its key, as it would be written; nothing where it is not set.
    pub fn values(&self) -> Vec<(String, Option<String>)> {
        let mut experiment = self.clone();
        let mut value = |setting: &Setting| (setting.path(), setting.access.print(&mut experiment));
        settings().iter().map(&mut value).collect()
    }

    /// The whole experiment as TOML with a comment for every setting. Reads back to an equal
    /// experiment. Times are written to the millisecond.
    pub fn to_toml(&self) -> String {
        // Fields are reached through one accessor, which asks for `&mut`.
        let mut experiment = self.clone();
        let settings = settings();
        let mut text = format!(
            "# An experiment of Spusk. Settings that are commented out are not set.\nformat = {FORMAT}\n"
        );
        let mut section = "";
        for setting in &settings {
            if setting.section != section {
                section = setting.section;
                let about =
                    SECTIONS.iter().find(|known| known.0 == section).map_or("", |known| known.1);
                text.push_str(&format!("\n# {about}\n[{section}]\n"));
            } else {
                text.push('\n');
            }
            text.push_str(&format!("# {}\n", setting.doc));
            match setting.access.print(&mut experiment) {
                Some(value) => text.push_str(&format!("{} = {value}\n", setting.name)),
                None => text.push_str(&format!("# {} = {}\n", setting.name, setting.example)),
            }
        }
        text
    }
}
