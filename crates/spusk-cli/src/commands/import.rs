//! `spusk import`: weights that another program trained, as a run.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use spusk::experiment::Experiment;
use spusk::messages as say;
use spusk::session::{ImportOptions, SessionEvent, import, vocabulary};

use super::train::{add_scores, score_lines};
use super::{Format, Outcome};
use crate::flags::SettingFlags;
use crate::terminal::{language, line, note, table};

/// Take weights that another program trained into a network, and save it as a run.
///
/// The weights are a safetensors file, as PyTorch's `save_file(model.state_dict(), …)` writes it. The experiment
/// says which network it is and which data it reads; it must name the layers. Tensors are matched by their
/// names and shapes; what cannot be told, or stands in another order, is said in a map:
///
///   their.name = our.name             a tensor, or a part of the network with all its tensors
///   {n}their.name = our.name transpose   a matrix [in, out], which is needed as [out, in]
///   {n}their.name = our.name gates=iofg  gates of a recurrent layer in this order
///   {n}their.name = -                    left out
///
/// The network gets the data as this experiment encodes them: with `--standardize off`, numbers as they are.
#[derive(Args)]
#[command(after_help = "\
Examples:
  spusk import lenet.safetensors --into lenet.toml --out runs/lenet
  spusk import lstm.safetensors --into sms.toml --map names.txt")]
pub(crate) struct Import {
    /// The safetensors file.
    weights: PathBuf,
    /// The experiment whose network the weights are for; flags win over it.
    #[arg(long, value_name = "EXPERIMENT.toml")]
    into: PathBuf,
    /// Which tensor is which; what it does not say is guessed.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingFlags,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "human", help_heading = "Run")]
    format: Format,
}

impl Import {
    pub(crate) fn run(self) -> Outcome {
        let experiment = Experiment::load(&self.into, &self.settings.overrides(), vocabulary());
        let experiment = experiment?;
        let options = ImportOptions {
            weights: &self.weights,
            map: self.map.as_deref(),
            runs: Path::new("runs"),
        };
        let l = language();
        let imported = import(&experiment, &options, &mut |event| {
            if let SessionEvent::Note(text) = event {
                note(text);
            }
        })?;
        imported.notes.iter().for_each(note);
        if self.format == Format::Json {
            let tensors = imported.tensors.iter().map(
                |(ours, theirs, shape)| json!({ "name": ours, "from": theirs, "shape": shape }),
            );
            let mut object = json!({
                "event": "done",
                "run": imported.run.display().to_string(),
                "tensors": tensors.collect::<Vec<_>>(),
            });
            add_scores(&mut object, imported.test.as_ref());
            line(object)?;
            return Ok(0);
        }
        let mut rows = vec![vec![say::column_tensor(l), say::column_from(l), say::column_shape(l)]];
        rows.extend(
            imported.tensors.iter().map(|(ours, theirs, shape)| {
                vec![ours.clone(), theirs.clone(), format!("{shape:?}")]
            }),
        );
        table(&rows, &[]).iter().try_for_each(line)?;
        if let Some(scores) = &imported.test {
            score_lines(scores, l).iter().try_for_each(line)?;
        }
        line(say::saved_as(l, imported.run.display()))?;
        Ok(0)
    }
}
