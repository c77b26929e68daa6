//! `spusk export`: a trained network for other programs.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use spusk::fs::{Disk, write_atomic};
use spusk::messages as say;
use spusk::safetensors::Layout;
use spusk::session::Trained;

use super::{Outcome, default_threads};
use crate::terminal::{Failure, complain, language, note};

/// Write a trained network as an ONNX file, which many other programs run.
///
/// The file has operators of opset 17 and takes batches of any size. Its input is the raw numbers of the
/// data where a scale is all that stands in front of the network (images, tables of numbers), else the
/// encoded ones; its metadata say which, and hold the preprocessing. It puts out `outputs`, as the last
/// layer has them, and `predictions`: probabilities, or numbers in the unit of the data.
#[derive(Args)]
#[command(after_help = "\
Examples:
  spusk export runs/2026-11-23-houses --onnx houses.onnx
  spusk export runs/2026-11-23-houses --onnx houses.onnx --examples check.safetensors")]
pub(crate) struct Export {
    /// The directory of the run.
    run: PathBuf,
    /// The ONNX file to write.
    #[arg(long, value_name = "FILE.onnx")]
    onnx: PathBuf,
    /// The one batch size that the file takes, for programs that want sizes fixed.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    batch: Option<u32>,
    /// Also write held-out examples and what this network makes of them, to check another program by.
    #[arg(long, value_name = "FILE.safetensors")]
    examples: Option<PathBuf>,
    /// How many examples.
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u32).range(1..))]
    rows: u32,
}

impl Export {
    pub(crate) fn run(self) -> Outcome {
        let mut trained = Trained::open(&self.run, default_threads())?;
        trained.note.iter().for_each(note);
        let bytes = trained.onnx(self.batch.map(|batch| batch as usize))?;
        write(&self.onnx, &mut |to| to.write_all(&bytes))?;
        let l = language();
        complain(&say::file_bytes(l, self.onnx.display(), l.count(bytes.len() as u64)));
        if let Some(path) = &self.examples {
            let tensors = trained.onnx_examples(self.rows as usize)?;
            let layout = Layout::new(&tensors, &Default::default()).map_err(Failure::failed)?;
            write(path, &mut |to| layout.write(to))?;
            let rows = tensors.first().and_then(|tensor| tensor.shape.first()).copied();
            complain(&say::export_examples(l, path.display(), rows.unwrap_or(0)));
        }
        Ok(0)
    }
}

/// Replaces a file whole, or leaves it as it was.
pub(super) fn write(
    path: &Path,
    content: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Failure> {
    write_atomic(&Disk, path, content).map_err(|error| {
        Failure::said(|l| say::cannot_write(l, path.display(), say::io_problem(l, &error)))
    })
}
