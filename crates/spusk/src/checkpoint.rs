//! Checkpoints: the whole state of a training, saved so that it is never lost.
//!
//! A checkpoint is a directory:
//!
//! ```text
//! checkpoints/000007-step-1200/
//!     state.safetensors    weights, optimizer slots, buffers, averages
//!     state.json           step, position in the data, schedule, metrics so far …
//!     MANIFEST.json        length and BLAKE3 hash of the other two, written last
//! ```
//!
//! It is written under a temporary name, every file is brought to the disk, then the directory gets
//! its name in one step, and only after that older ones are deleted. So after a crash or power loss
//! the newest complete checkpoint is there. Reading trusts nothing: checkpoints are tried from the
//! newest on, one whose hashes disagree is passed over, and the caller is told.
//!
//! The number in front counts saves. It orders checkpoints even where a run went back to an earlier
//! step because a later checkpoint was damaged.

mod directory;
pub mod exact;
mod manifest;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fs::{Fs, parent};
use crate::messages::{self as say, Language};
use crate::safetensors::Tensor;

use directory::Name;
use manifest::Unreadable;

/// The version of the format that is written. A higher one is an error: going back to an older
/// checkpoint would lose the work of the newer version.
pub const FORMAT: u64 = 1;

/// How many of the newest checkpoints are kept, besides the best one.
const KEPT: usize = 2;

/// Everything that a resumed training needs to go on to the same bits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckpointState {
    /// Weights, optimizer slots, buffers, averages, the best weights so far.
    pub tensors: Vec<Tensor>,
    /// Everything that is not an array.
    pub progress: Progress,
}

/// Where a training is.
///
/// The `Value` fields belong to the parts of the trainer that fill them. JSON has no infinity and
/// no NaN: floats that can be either are written through [`exact`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Parameter updates so far.
    pub step: u64,
    /// Passes over the data that are finished.
    pub epoch: u64,
    /// Examples of the current pass that are used up.
    pub position: u64,
    /// The seed of the run. Random numbers are counted from it, so it and `step` are their state.
    pub seed: u64,
    /// A hash of the data. Another one means that the run cannot go on as if nothing had happened.
    pub data_fingerprint: String,
    /// The length of the metrics file; what is after it belongs to steps that will be done again.
    pub metrics_bytes: u64,
    /// Time spent training, over all starts of the run.
    #[serde(with = "exact")]
    pub elapsed_seconds: f64,
    /// The best state so far.
    pub best: Option<Best>,
    /// The state of the learning-rate schedule.
    pub schedule: serde_json::Value,
    /// The state of early stopping.
    pub early_stopping: serde_json::Value,
    /// Sums of the metrics of the current epoch, and those of the epochs before.
    pub metrics: serde_json::Value,
}

/// The best state so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// When it was reached. A checkpoint of this step is kept.
    pub step: u64,
    /// The epoch in which it was reached.
    pub epoch: u64,
    /// What it is the best of, such as `validation_loss`.
    pub metric: String,
    /// The value reached.
    #[serde(with = "exact")]
    pub value: f64,
}

/// The checkpoints of one run. There must be one owner at a time; see [`crate::run`].
pub struct Checkpoints {
    fs: Arc<dyn Fs>,
    root: PathBuf,
    /// The newest checkpoint that is known to be good: read or written by this owner.
    newest_good: Option<Name>,
    next_sequence: u64,
}

/// A checkpoint that was read back.
#[derive(Debug)]
pub struct Restored {
    /// What it holds.
    pub state: CheckpointState,
    /// Its directory.
    pub path: PathBuf,
    /// Newer checkpoints that could not be used. The user should hear of them.
    pub damaged: Vec<Damaged>,
}

/// A checkpoint that cannot be used.
#[derive(Debug)]
pub struct Damaged {
    /// Its directory.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "checkpoint {} is damaged: {}", self.path.display(), self.reason)
    }
}

/// A checkpoint that was written.
#[derive(Debug)]
pub struct Saved {
    /// Its directory.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Older checkpoints that should be gone and could not be deleted. No harm to the run.
    pub not_deleted: Vec<(PathBuf, io::Error)>,
}

/// Why there is no checkpoint. It is told in every language; `Display` is English.
#[derive(Debug)]
pub enum CheckpointError {
    /// A directory could not be read or prepared.
    Unusable {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A checkpoint could not be written. Those before it are as they were.
    NotSaved {
        /// Its directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The newest checkpoint was written by a newer version.
    Newer {
        /// Its directory.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
    /// There are checkpoints, and none of them can be used.
    AllDamaged(Vec<Damaged>),
}

impl CheckpointError {
    /// What is wrong, in a language; why a file is damaged is told in English.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        match self {
            CheckpointError::Unusable { path, source } => {
                say::checkpoints_unusable(l, path.display(), say::io_problem(l, source))
            }
            CheckpointError::NotSaved { path, source } => {
                let cure = crate::run::cure_write(source, l);
                let why = say::io_problem(l, source);
                say::checkpoint_not_saved(l, path.display(), why, cure)
            }
            CheckpointError::Newer { path, format } => {
                say::checkpoint_newer(l, path.display(), format, FORMAT)
            }
            CheckpointError::AllDamaged(damaged) => {
                // What is left is to train anew, by the settings beside them.
                let run = damaged.first().and_then(|first| first.path.ancestors().nth(2));
                let file = run.unwrap_or(Path::new("RUN")).join("experiment.toml");
                say::checkpoints_damaged(l, list(damaged), file.display())
            }
        }
    }
}

impl std::fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl std::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CheckpointError::Unusable { source, .. } | CheckpointError::NotSaved { source, .. } => {
                Some(source)
            }
            CheckpointError::Newer { .. } | CheckpointError::AllDamaged(_) => None,
        }
    }
}

fn list(damaged: &[Damaged]) -> String {
    damaged.iter().map(Damaged::to_string).collect::<Vec<_>>().join("; ")
}

/// Reads the newest checkpoint that is whole, without touching anything.
pub fn latest(fs: &dyn Fs, root: &Path) -> Result<Option<Restored>, CheckpointError> {
    let names = directory::list(fs, root).map_err(unusable(root))?;
    Ok(newest_whole(fs, root, &names)?.map(|(_, restored)| restored))
}

impl Checkpoints {
    /// Opens the directory, creating it if there is none, removes what a crash left half-written,
    /// and reads the newest whole checkpoint; nothing if there never was one.
    pub fn open(
        fs: Arc<dyn Fs>,
        root: &Path,
    ) -> Result<(Checkpoints, Option<Restored>), CheckpointError> {
        create(&*fs, root).map_err(unusable(root))?;
        directory::remove_leftovers(&*fs, root).map_err(unusable(root))?;
        let names = directory::list(&*fs, root).map_err(unusable(root))?;
        let next_sequence = names.last().map_or(1, |name| name.sequence.saturating_add(1));
        let (newest_good, restored) = newest_whole(&*fs, root, &names)?.unzip();
        Ok((Checkpoints { fs, root: root.into(), newest_good, next_sequence }, restored))
    }

    /// Writes a checkpoint (where there are metrics, through
    /// [`MetricsLog::save_checkpoint`](crate::run::MetricsLog::save_checkpoint)) and returns when it is safe on the disk; then deletes older ones, except
    /// the last before it and the best. If it fails, everything saved before is as it was.
    pub fn save(&mut self, state: &CheckpointState) -> Result<Saved, CheckpointError> {
        let name = Name { sequence: self.next_sequence, step: state.progress.step };
        let path = self.root.join(name.to_string());
        // Counted even if it fails: the name may be half on the disk.
        self.next_sequence += 1;
        let bytes = directory::write(&*self.fs, &path, state)
            .map_err(|source| CheckpointError::NotSaved { path: path.clone(), source })?;
        let before = self.newest_good.replace(name);
        let not_deleted = self.delete_old(&[Some(name), before], state);
        Ok(Saved { path, bytes, not_deleted })
    }

    fn delete_old(
        &self,
        kept: &[Option<Name>; KEPT],
        state: &CheckpointState,
    ) -> Vec<(PathBuf, io::Error)> {
        let names = match directory::list(&*self.fs, &self.root) {
            Ok(names) => names,
            Err(error) => return vec![(self.root.clone(), error)],
        };
        let best_step = state.progress.best.as_ref().map(|best| best.step);
        let best = names.iter().rfind(|name| Some(name.step) == best_step).copied();
        let old =
            names.into_iter().filter(|&name| !kept.contains(&Some(name)) && best != Some(name));
        let paths = old.map(|name| self.root.join(name.to_string()));
        // One that is half deleted when the power goes is never asked: it is older than a whole one.
        paths
            .filter_map(|path| {
                let error = self.fs.remove_dir_all(&path).err()?;
                Some((path, error))
            })
            .collect()
    }
}

fn unusable(path: &Path) -> impl Fn(io::Error) -> CheckpointError {
    |source| CheckpointError::Unusable { path: path.into(), source }
}

fn create(fs: &dyn Fs, root: &Path) -> io::Result<()> {
    match fs.create_dir(root) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // Also where it is there already: its name may not have reached the disk.
    fs.sync_dir(parent(root))
}

/// The newest whole checkpoint, with the damaged ones that were passed over.
fn newest_whole(
    fs: &dyn Fs,
    root: &Path,
    names: &[Name],
) -> Result<Option<(Name, Restored)>, CheckpointError> {
    let mut damaged = Vec::new();
    for &name in names.iter().rev() {
        let path = root.join(name.to_string());
        match directory::read(fs, &path, name) {
            Ok(state) => return Ok(Some((name, Restored { state, path, damaged }))),
            Err(Unreadable::Damaged(reason)) => damaged.push(Damaged { path, reason }),
            Err(Unreadable::Newer(format)) => return Err(CheckpointError::Newer { path, format }),
        }
    }
    if damaged.is_empty() { Ok(None) } else { Err(CheckpointError::AllDamaged(damaged)) }
}

#[cfg(test)]
mod tests;
