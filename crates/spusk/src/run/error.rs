//! What can go wrong with a run's directory.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::FORMAT;
use crate::checkpoint::CheckpointError;
use crate::experiment::ExperimentError;
use crate::messages::{self as say, Language};
use crate::safetensors::SafetensorsError;

/// Why a run cannot be read or written. It is told in every language; `Display` is English.
#[derive(Debug)]
#[allow(missing_docs)] // Each message explains its fields.
pub enum RunError {
    NoDirectory { path: PathBuf },
    NotARun { path: PathBuf },
    Missing { path: PathBuf },
    Newer { path: PathBuf, format: u64 },
    Invalid { path: PathBuf, message: String },
    NotEmpty { path: PathBuf },
    IsAFile { path: PathBuf },
    Locked { path: PathBuf, process: Option<u32> },
    Read { path: PathBuf, source: io::Error },
    Write { path: PathBuf, source: io::Error },
    Experiment(ExperimentError),
    Safetensors(SafetensorsError),
    Checkpoint(CheckpointError),
}

impl RunError {
    /// What is wrong, in a language; what only English has stays English.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        match self {
            RunError::NoDirectory { path } => say::run_no_directory(l, path.display()),
            RunError::NotARun { path } => say::run_not_a_run(l, path.display()),
            RunError::Missing { path } => match path.file_name().and_then(|name| name.to_str()) {
                Some(super::MODEL | super::PREPROCESSING) => {
                    say::run_missing_cure(l, path.display())
                }
                _ => say::run_missing(l, path.display()),
            },
            RunError::Newer { path, format } => say::run_newer(l, path.display(), format, FORMAT),
            RunError::Invalid { path, message } => say::run_damaged(l, path.display(), message),
            RunError::NotEmpty { path } => say::run_not_empty(l, path.display()),
            RunError::IsAFile { path } => say::run_a_file(l, path.display()),
            RunError::Locked { path, process } => {
                let holder = match process {
                    Some(number) => format!("pid {number}"),
                    None => say::run_other_process(l),
                };
                say::run_locked(l, path.display(), holder)
            }
            RunError::Read { path, source } => {
                say::run_cannot_read(l, path.display(), say::io_problem(l, source))
            }
            RunError::Write { path, source } => {
                let why = say::io_problem(l, source);
                say::run_cannot_write(l, path.display(), why) + &cure_write(source, l)
            }
            RunError::Experiment(error) => error.in_language(l),
            RunError::Safetensors(error) => error.in_language(l),
            RunError::Checkpoint(error) => error.in_language(l),
        }
    }

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

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RunError::Read { source, .. } | RunError::Write { source, .. } => Some(source),
            RunError::Experiment(error) => error.source(),
            RunError::Safetensors(error) => error.source(),
            RunError::Checkpoint(error) => error.source(),
            _ => None,
        }
    }
}

impl From<ExperimentError> for RunError {
    fn from(error: ExperimentError) -> RunError {
        RunError::Experiment(error)
    }
}

impl From<SafetensorsError> for RunError {
    fn from(error: SafetensorsError) -> RunError {
        RunError::Safetensors(error)
    }
}

impl From<CheckpointError> for RunError {
    fn from(error: CheckpointError) -> RunError {
        RunError::Checkpoint(error)
    }
}

/// What helps where a file could not be written, to put behind the error.
pub(crate) fn cure_write(error: &io::Error, l: Language) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => say::cure_free_space(l),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            say::cure_writable(l)
        }
        _ => String::new(),
    }
}
