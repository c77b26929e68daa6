//! What can go wrong with a run's directory.

use std::io;
use std::path::{Path, PathBuf};

use super::FORMAT;
use crate::checkpoint::CheckpointError;
use crate::experiment::ExperimentError;
use crate::safetensors::SafetensorsError;

/// Why a run cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // Each message explains its fields.
pub enum RunError {
    #[error("there is no directory {}", path.display())]
    NoDirectory { path: PathBuf },
    #[error(
        "{} is not a run: it has no experiment.toml; name a directory that `spusk train` made",
        path.display()
    )]
    NotARun { path: PathBuf },
    #[error("{} is missing{}", path.display(), cure_missing(path))]
    Missing { path: PathBuf },
    #[error(
        "{} has format {format}, this version of spusk reads up to {FORMAT}; update spusk",
        path.display()
    )]
    Newer { path: PathBuf, format: u64 },
    #[error("{} is damaged: {message}", path.display())]
    Invalid { path: PathBuf, message: String },
    #[error(
        "{} is not empty; go on with the run in it by --resume, or choose another directory",
        path.display()
    )]
    NotEmpty { path: PathBuf },
    #[error("{} is a file, a directory is needed for the run", path.display())]
    IsAFile { path: PathBuf },
    #[error(
        "the run {} is locked by {}; wait for it to end, or stop it",
        path.display(), holder(process)
    )]
    Locked { path: PathBuf, process: Option<u32> },
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}{}", path.display(), cure_write(source))]
    Write { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
    #[error(transparent)]
    Safetensors(#[from] SafetensorsError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl RunError {
    pub(super) fn missing(path: PathBuf) -> RunError {
        RunError::Missing { path }
    }

    /// For errors of reading this file.
    pub(super) fn reading(path: &Path) -> impl Fn(io::Error) -> RunError {
        |source| match source.kind() {
            io::ErrorKind::NotFound => RunError::missing(path.into()),
            _ => RunError::Read { path: path.into(), source },
        }
    }

    /// For errors of writing this file.
    pub(super) fn writing(path: &Path) -> impl Fn(io::Error) -> RunError {
        |source| RunError::Write { path: path.into(), source }
    }
}

fn holder(process: &Option<u32>) -> String {
    process.map_or("another process".into(), |number| format!("pid {number}"))
}

fn cure_missing(path: &Path) -> &'static str {
    match path.file_name().and_then(|name| name.to_str()) {
        Some(super::MODEL | super::PREPROCESSING) => {
            "; did the run finish? --resume takes it to its end"
        }
        _ => "",
    }
}

fn cure_write(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a directory that can be written, with --out"
        }
        _ => "",
    }
}
