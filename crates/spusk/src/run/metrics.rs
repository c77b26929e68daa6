//! The metrics file: one JSON object a line.
//!
//! The first line says the format. A checkpoint remembers how long the file was; a resumed run cuts
//! it there, so that in the end it holds what an undisturbed run would have written.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{FORMAT, RunError};
use crate::checkpoint::{CheckpointState, Checkpoints, Saved};
use crate::fs::{Append, Fs, parent};
use crate::text::json_error;

/// A metrics file that grows.
pub struct MetricsLog {
    path: PathBuf,
    file: Box<dyn Append>,
    length: u64,
}

/// A metrics file that was shorter than its checkpoint knew, or not cut between two lines there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortened {
    /// The length that the checkpoint knew.
    pub expected: u64,
    /// The length of the whole lines that are left.
    pub kept: u64,
}

impl fmt::Display for Shortened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = self.expected - self.kept;
        write!(
            f,
            "metrics.jsonl was changed from outside: {lost} bytes before the checkpoint are lost"
        )
    }
}

impl MetricsLog {
    /// Opens the file and cuts it to `at` bytes; 0 starts it anew.
    pub(super) fn open(
        fs: &dyn Fs,
        path: &Path,
        at: u64,
    ) -> Result<(MetricsLog, Option<Shortened>), RunError> {
        let failed = RunError::writing(path);
        let kept = whole_lines(fs, path, at).map_err(RunError::reading(path))?;
        let (file, length) = fs.append(path, kept).map_err(&failed)?;
        let mut log = MetricsLog { path: path.into(), file, length };
        if length == 0 {
            log.append(&serde_json::json!({ "format": FORMAT }))?;
        }
        log.file.sync().and_then(|()| fs.sync_dir(parent(path))).map_err(&failed)?;
        Ok((log, (kept < at).then_some(Shortened { expected: at, kept })))
    }

    /// Adds one line and hands it to the operating system, which keeps it when this process dies.
    pub fn append(&mut self, event: &impl Serialize) -> Result<(), RunError> {
        let written = serde_json::to_vec(event).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            self.file.write_all(&line)?;
            self.file.flush()?;
            Ok(line.len() as u64)
        });
        self.length += written.map_err(RunError::writing(&self.path))?;
        Ok(())
    }

    /// The length of the file.
    pub fn position(&self) -> u64 {
        self.length
    }

    /// Brings every line to the disk and then saves a checkpoint that counts on them: it fills in
    /// [`metrics_bytes`](crate::checkpoint::Progress::metrics_bytes).
    pub fn save_checkpoint(
        &mut self,
        checkpoints: &mut Checkpoints,
        state: &mut CheckpointState,
    ) -> Result<Saved, RunError> {
        self.file.sync().map_err(RunError::writing(&self.path))?;
        state.progress.metrics_bytes = self.length;
        Ok(checkpoints.save(state)?)
    }
}

/// The length of the whole lines within the first `at` bytes of the file.
fn whole_lines(fs: &dyn Fs, path: &Path, at: u64) -> io::Result<u64> {
    if at == 0 {
        return Ok(0);
    }
    let bytes = match fs.read(path, u64::MAX) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        bytes => bytes?,
    };
    let within = &bytes[..bytes.len().min(usize::try_from(at).unwrap_or(usize::MAX))];
    Ok(within.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last as u64 + 1))
}

/// The events of a metrics file. A last line that is cut off is left out: it is being written.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<serde_json::Value>, String> {
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').enumerate();
    let mut next = || {
        let (index, line) = lines.next().filter(|(_, line)| line.ends_with(b"\n"))?;
        let parsed = serde_json::from_slice::<serde_json::Value>(line);
        Some(parsed.map_err(|error| format!("line {}: {}", index + 1, json_error(&error))))
    };
    let Some(first) = next().transpose()? else { return Ok(Vec::new()) };
    match first["format"].as_u64() {
        Some(1..=FORMAT) => std::iter::from_fn(next).collect(),
        Some(format) => Err(format!(
            "it has format {format}, this version of spusk reads up to {FORMAT}; update spusk"
        )),
        None => Err("line 1 does not say the format".into()),
    }
}
