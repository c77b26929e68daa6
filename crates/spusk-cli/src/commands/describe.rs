//! `spusk describe`: a network in numbers.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use spusk::experiment::Experiment;
use spusk::messages::{self as say, Language};
use spusk::session::{Description, SessionEvent, describe_experiment, describe_run, vocabulary};

use super::{Format, Outcome};
use crate::terminal::{flop, language, layer_table, line, note, table};

/// Describe a run or an experiment: layers, shapes, parameters, costs, memory, kernels.
///
/// The numbers are those of the compiled plan; nothing is estimated.
#[derive(Args)]
pub(crate) struct Describe {
    /// The directory of a run, or a file of settings whose data can be read.
    #[arg(value_name = "RUN|EXPERIMENT.toml")]
    path: PathBuf,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Describe {
    pub(crate) fn run(self) -> Outcome {
        let found = if self.path.is_file() {
            let experiment = Experiment::load(&self.path, &[], vocabulary())?;
            describe_experiment(&experiment, &mut |event| {
                if let SessionEvent::Note(text) = event {
                    note(text);
                }
            })?
        } else {
            describe_run(&self.path)?
        };
        found.note.iter().for_each(note);
        match self.format {
            Format::Human => lines(&found, language()).iter().try_for_each(line)?,
            Format::Json => line(object(&found))?,
        }
        Ok(0)
    }
}

fn lines(found: &Description, l: Language) -> Vec<String> {
    let training = &found.experiment.training;
    let named = |spec: Option<&spusk::spec::Spec>| {
        spec.map_or_else(|| "auto".to_string(), ToString::to_string)
    };
    let mut lines = vec![features(&found.experiment.data.source, &found.features, l)];
    lines.push(String::new());
    lines.extend(layer_table(&found.layers, found.parameters, true, l));
    lines.push(String::new());
    let (loss, optimizer) = (named(training.loss.set()), named(training.optimizer.set()));
    lines.push(say::describe_method(l, loss, optimizer));
    lines.push(String::new());
    lines.extend(table(&costs(found, l), &[]));
    lines.push(String::new());
    lines.push(say::describe_kernels(l, found.level.name()));
    lines.extend(kernels(found, l));
    lines
}

/// What an example is.
fn features(source: &str, sizes: &[usize], l: Language) -> String {
    match sizes {
        [one] => say::describe_inputs(l, source, l.count(*one as u64)),
        _ => {
            let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
            say::describe_shape(l, source, sizes.join(" × "))
        }
    }
}

/// What a step and a prediction take.
fn costs(found: &Description, l: Language) -> Vec<Vec<String>> {
    let (step, prediction) = (&found.step, &found.prediction);
    let work = |flops: u64, kernels: usize| say::describe_work(l, flop(flops, l), kernels);
    let size = |bytes: usize| {
        let bytes = bytes as u64;
        say::describe_bytes_short(l, l.count(bytes), l.bytes(bytes))
    };
    let inside = |name: String| format!("  {name}");
    let row = |name: String, value: String| vec![name, value];
    vec![
        row(
            say::describe_step(l, l.count(found.batch_size as u64)),
            work(step.flops, step.kernels),
        ),
        row(inside(say::describe_arena(l)), size(step.work_bytes)),
        row(inside(say::describe_state(l)), size(step.state_bytes)),
        row(say::describe_prediction(l), work(prediction.flops, prediction.kernels)),
        row(
            inside(say::describe_arena(l)),
            say::describe_bytes(l, l.count(prediction.work_bytes as u64)),
        ),
    ]
}

/// The kernels of a step as a table.
fn kernels(found: &Description, l: Language) -> Vec<String> {
    let head = ["  #".into(), say::column_kernel(l), "FLOPs".into(), say::column_bytes(l)];
    let mut rows = vec![[&head[..], &[say::column_from(l)]].concat()];
    for (index, kernel) in found.kernels.iter().enumerate() {
        rows.push(vec![
            format!("  {}", index + 1),
            kernel.what.clone(),
            l.count(kernel.flops),
            l.count(kernel.bytes),
            kernel.scope.clone(),
        ]);
    }
    let moved = found.kernels.iter().map(|kernel| kernel.bytes).sum();
    let together = say::together_word(l);
    rows.push(vec![String::new(), together, l.count(found.step.flops), l.count(moved)]);
    table(&rows, &[2, 3])
}

fn object(found: &Description) -> Value {
    json!({
        "features": found.features,
        "layers": found.layers,
        "parameters": found.parameters,
        "batch_size": found.batch_size,
        "flops_per_step": found.step.flops,
        "arena_bytes": found.step.work_bytes,
        "state_bytes": found.step.state_bytes,
        "flops_per_prediction": found.prediction.flops,
        "prediction_arena_bytes": found.prediction.work_bytes,
        "instructions": found.level.name(),
        "kernels": found.kernels.iter().map(|kernel| json!({
            "kernel": kernel.what,
            "from": kernel.scope,
            "flops": kernel.flops,
            "bytes": kernel.bytes,
        })).collect::<Vec<_>>(),
    })
}
