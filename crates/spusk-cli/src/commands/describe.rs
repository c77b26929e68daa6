//! `spusk describe`: a network in numbers.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use spusk::experiment::Experiment;
use spusk::messages::{self as say, Language};
use spusk::plot::number::{bytes, count};
use spusk::session::{Description, SessionEvent, describe_experiment, describe_run, vocabulary};

use super::{Format, Outcome};
use crate::terminal::{Failure, complain, flop, layer_table, line, table};

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
            let experiment =
                Experiment::load(&self.path, &[], vocabulary()).map_err(Failure::failed)?;
            describe_experiment(&experiment, &mut |event| {
                if let SessionEvent::Note(text) = event {
                    let l = super::language(None);
                    complain(&say::note_word(l, text.in_language(l)));
                }
            })?
        } else {
            describe_run(&self.path)?
        };
        match self.format {
            Format::Human => lines(&found).iter().try_for_each(line)?,
            Format::Json => line(object(&found))?,
        }
        Ok(0)
    }
}

fn lines(found: &Description) -> Vec<String> {
    let training = &found.experiment.training;
    let named = |spec: Option<&spusk::spec::Spec>| {
        spec.map_or_else(|| "auto".to_string(), ToString::to_string)
    };
    let mut lines =
        vec![format!("{}: {} per example", found.experiment.data.source, sizes(&found.features))];
    lines.push(String::new());
    lines.extend(layer_table(&found.layers, found.parameters, true, Language::English));
    lines.push(String::new());
    lines.push(format!(
        "loss {}, optimizer {}",
        named(training.loss.set()),
        named(training.optimizer.set()),
    ));
    lines.push(String::new());
    let (step, prediction) = (&found.step, &found.prediction);
    let row = |name: String, value: String| vec![name, value];
    let rows = [
        row(
            format!("a training step on {} examples", count(found.batch_size as u64)),
            format!("{} in {} kernels", flop(step.flops, Language::English), step.kernels),
        ),
        row(
            "  arena".into(),
            format!("{} bytes ({})", count(step.work_bytes as u64), bytes(step.work_bytes as u64)),
        ),
        row(
            "  state (parameters, optimizer)".into(),
            format!(
                "{} bytes ({})",
                count(step.state_bytes as u64),
                bytes(step.state_bytes as u64)
            ),
        ),
        row(
            "a prediction for one example".into(),
            format!(
                "{} in {} kernels",
                flop(prediction.flops, Language::English),
                prediction.kernels
            ),
        ),
        row("  arena".into(), format!("{} bytes", count(prediction.work_bytes as u64))),
    ];
    lines.extend(table(&rows, &[]));
    lines.push(String::new());
    lines.push(format!("kernels of a training step, for {}", found.level.name()));
    let mut rows = vec![["  #", "kernel", "FLOPs", "bytes", "from"].map(String::from).to_vec()];
    for (index, kernel) in found.kernels.iter().enumerate() {
        rows.push(vec![
            format!("  {}", index + 1),
            kernel.what.clone(),
            count(kernel.flops),
            count(kernel.bytes),
            kernel.scope.clone(),
        ]);
    }
    let moved = found.kernels.iter().map(|kernel| kernel.bytes).sum();
    rows.push(vec![String::new(), "together".into(), count(step.flops), count(moved)]);
    lines.extend(table(&rows, &[2, 3]));
    lines
}

fn sizes(sizes: &[usize]) -> String {
    match sizes {
        [one] => format!("{one} inputs"),
        _ => sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × "),
    }
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
