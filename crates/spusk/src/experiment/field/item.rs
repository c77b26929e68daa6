//! Items by name with arguments, and lists of layers.

use super::{Context, Field, Refusal};
use crate::experiment::Layers;
use crate::experiment::grammar::{find, parse_item, parse_layers, parse_listed_layers};
use crate::experiment::help::{Help, Vocabulary, a};
use crate::experiment::node::{Entry, Node, NodeValue, quote};
use crate::experiment::problem::Fault;
use crate::experiment::spec::{Raw, Spec, finish, give};
use crate::messages::{self as say, Language};

/// Which of the named things a setting names.
#[derive(Clone, Copy)]
pub(in crate::experiment) enum Noun {
    Loss,
    Optimizer,
    Schedule,
}

impl Noun {
    pub(in crate::experiment) fn name(self) -> &'static str {
        match self {
            Noun::Loss => "loss",
            Noun::Optimizer => "optimizer",
            Noun::Schedule => "schedule",
        }
    }

    fn known(self, vocabulary: Vocabulary<'_>) -> &[Help] {
        match self {
            Noun::Loss => vocabulary.losses,
            Noun::Optimizer => vocabulary.optimizers,
            Noun::Schedule => vocabulary.schedules,
        }
    }
}

impl Field for Spec {
    type Limits = Noun;

    fn expected(noun: Noun, l: Language) -> String {
        say::want_item(l, a(noun.name(), l))
    }

    fn read(node: &Node, noun: Noun, context: Context) -> Result<Self, Refusal> {
        let known = noun.known(context.vocabulary);
        match &node.value {
            NodeValue::Text(text) => {
                let item = parse_item(text, noun.name(), known);
                Ok(item.map_err(|fault| in_text(fault, node, context))?)
            }
            NodeValue::Table(entries) => {
                Ok(item_of_table(node, entries, ("name", noun.name(), known), context)?)
            }
            _ => Err(Refusal::Kind),
        }
    }

    fn print(&self) -> Option<String> {
        Some(quote(&self.to_string()))
    }

    fn set_argument(
        &mut self,
        name: (&str, std::ops::Range<usize>),
        value: &Node,
        noun: Noun,
        context: Context,
    ) -> Result<(), Fault> {
        let known = noun.known(context.vocabulary);
        let help = find(&self.name, name.1.clone(), noun.name(), known)?;
        self.arguments.retain(|argument| argument.name != name.0);
        give(self, help, name, (raw(value), value.span.clone()))?;
        finish(self, help)
    }
}

/// A fault in a short form, moved to where the short form stands.
fn in_text(fault: Fault, node: &Node, context: Context) -> Fault {
    match node.inner_start(context.source) {
        Some(start) => fault.shifted(start),
        None => Fault { span: node.span.clone(), ..fault },
    }
}

/// `{ name = "adamw", beta1 = 0.9 }`; `title` is the key of the name.
fn item_of_table(
    node: &Node,
    entries: &[Entry],
    (title, noun, known): (&str, &'static str, &[Help]),
    context: Context,
) -> Result<Spec, Fault> {
    let named = entries.iter().find(|entry| entry.key == title);
    let Some((entry, name)) = named.and_then(|entry| Some((entry, entry.node.text()?))) else {
        let example = known.first().map_or("…", |help| help.name);
        return Err(Fault::new(node.span.clone(), |l| {
            say::settings_table_needs(l, a(noun, l), title)
        })
        .help(|l| say::settings_example(l, format!("{{ {title} = \"{example}\" }}"))));
    };
    let name_span = entry.node.span.clone();
    let help = find(name, name_span.clone(), noun, known)?;
    let mut spec = Spec { span: name_span, ..Spec::new(name) };
    for entry in entries.iter().filter(|entry| entry.key != title) {
        if entry.key == "layers" && help.contains_layers {
            spec.layers = layers_of_node(&entry.node, context)?.ok_or_else(|| {
                Fault::new(entry.node.span.clone(), |l| {
                    let (want, got) = (Layers::expected((), l), entry.node.describe(l));
                    say::settings_must_be(l, "layers", want, got)
                })
            })?;
        } else {
            let value = (raw(&entry.node), entry.node.span.clone());
            give(&mut spec, help, (&entry.key, entry.key_span.clone()), value)?;
        }
    }
    finish(&mut spec, help)?;
    Ok(spec)
}

fn raw(node: &Node) -> Raw<'_> {
    match &node.value {
        NodeValue::Text(text) => Raw::Text(text),
        NodeValue::Integer(_) | NodeValue::Float(_) => match node.number() {
            Some(number) => Raw::Number(number),
            None => Raw::Other(say::got_no_number),
        },
        NodeValue::Boolean(boolean) => Raw::Switch(*boolean),
        NodeValue::List(items) => match items.iter().map(Node::number).collect() {
            Some(numbers) => Raw::Numbers(numbers),
            None => Raw::Other(say::got_more),
        },
        NodeValue::Date => Raw::Other(say::got_date),
        NodeValue::Table(_) => Raw::Other(say::got_table),
    }
}

impl Field for Layers {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_layers(l)
    }

    fn read(node: &Node, (): (), context: Context) -> Result<Self, Refusal> {
        match node.text().map(str::trim) {
            Some("auto") => Ok(Layers::Auto),
            Some("linear") => Ok(Layers::These(Vec::new())),
            Some("") => Err(Fault::new(node.span.clone(), say::settings_no_layers)
                .help(say::settings_linear)
                .into()),
            _ => match layers_of_node(node, context)? {
                Some(layers) => Ok(Layers::These(layers)),
                None => Err(Refusal::Kind),
            },
        }
    }

    fn print(&self) -> Option<String> {
        let Layers::These(layers) = self else { return Some(quote("auto")) };
        let lines: String =
            layers.iter().map(|layer| format!("  {},\n", quote(&layer.to_string()))).collect();
        Some(if lines.is_empty() { "[]".into() } else { format!("[\n{lines}]") })
    }
}

/// A short form, or a list of short forms and tables.
fn layers_of_node(node: &Node, context: Context) -> Result<Option<Vec<Spec>>, Fault> {
    let known = context.vocabulary.layers;
    match &node.value {
        NodeValue::Text(text) => {
            let layers = parse_layers(text, known);
            layers.map(Some).map_err(|fault| in_text(fault, node, context))
        }
        NodeValue::Table(entries) => {
            let layer = item_of_table(node, entries, ("layer", "layer", known), context)?;
            Ok(Some(vec![layer]))
        }
        NodeValue::List(items) => {
            let mut layers = Vec::new();
            for item in items {
                let inner = match &item.value {
                    NodeValue::List(_) => None,
                    NodeValue::Text(text) => Some(
                        parse_listed_layers(text, known)
                            .map_err(|fault| in_text(fault, item, context))?,
                    ),
                    _ => layers_of_node(item, context)?,
                };
                layers.extend(inner.ok_or_else(|| {
                    Fault::new(item.span.clone(), |l| say::settings_layer_kind(l, item.describe(l)))
                })?);
            }
            Ok(Some(layers))
        }
        _ => Ok(None),
    }
}
