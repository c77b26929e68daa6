//! One checkpoint's directory: its name, writing, reading, deleting.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use super::manifest::{FileRecord, MANIFEST, MAX_BYTES, Manifest, Recorder, Unreadable};
use super::{CheckpointState, FORMAT, Progress};
use crate::fs::{Content, Fs, TEMPORARY, parent, temporary_name};
use crate::safetensors::{self, Layout, Metadata};
use crate::text::json_error;

const TENSORS: &str = "state.safetensors";
const PROGRESS: &str = "state.json";

/// The longest `state.json` that is read: reading JSON takes several times its length in memory.
const MAX_PROGRESS: u64 = 64 << 20;

/// The name of a checkpoint's directory, such as `000007-step-1200`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    /// Counts saves; it comes first, so that it decides the order.
    pub(super) sequence: u64,
    pub(super) step: u64,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}-step-{}", self.sequence, self.step)
    }
}

impl Name {
    /// Reads a name; anything that would be written otherwise is none.
    fn parse(text: &str) -> Option<Name> {
        let (sequence, step) = text.split_once("-step-")?;
        let name = Name { sequence: sequence.parse().ok()?, step: step.parse().ok()? };
        (name.to_string() == text).then_some(name)
    }
}

/// All checkpoints, oldest first, whole or not. None if there is no directory.
pub(super) fn list(fs: &dyn Fs, root: &Path) -> io::Result<Vec<Name>> {
    let entries = match fs.list(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names: Vec<Name> = entries.iter().filter_map(|entry| Name::parse(entry)).collect();
    names.sort();
    Ok(names)
}

/// Removes what an interrupted save left behind.
pub(super) fn remove_leftovers(fs: &dyn Fs, root: &Path) -> io::Result<()> {
    for entry in fs.list(root)? {
        let is_leftover =
            entry.split_once(TEMPORARY).is_some_and(|(name, _)| Name::parse(name).is_some());
        if is_leftover {
            fs.remove_dir_all(&root.join(entry))?;
        }
    }
    Ok(())
}

/// Writes a checkpoint; it is on the disk when this returns. Returns its size in bytes.
pub(super) fn write(fs: &dyn Fs, path: &Path, state: &CheckpointState) -> io::Result<u64> {
    let temporary = temporary_name(path);
    let result = write_files(fs, &temporary, state).and_then(|bytes| {
        fs.rename(&temporary, path)?;
        Ok(bytes)
    });
    if result.is_err() {
        // On a full disk the half-written files are in the way of everything else.
        let _ = fs.remove_dir_all(&temporary);
    }
    let bytes = result?;
    fs.sync_dir(parent(path))?;
    Ok(bytes)
}

fn write_files(fs: &dyn Fs, directory: &Path, state: &CheckpointState) -> io::Result<u64> {
    let layout = Layout::new(&state.tensors, &Metadata::new()).map_err(io::Error::other)?;
    fs.create_dir(directory)?;
    let files = vec![
        write_recorded(fs, directory, TENSORS, &mut |to| layout.write(to))?,
        write_recorded(fs, directory, PROGRESS, &mut |to| write_json(to, &state.progress))?,
    ];
    let bytes = files.iter().map(|file| file.length).sum();
    let manifest = Manifest { format: FORMAT, step: state.progress.step, files };
    fs.write(&directory.join(MANIFEST), &mut |to| write_json(to, &manifest))?;
    fs.sync_dir(directory)?;
    Ok(bytes)
}

fn write_recorded(
    fs: &dyn Fs,
    directory: &Path,
    name: &str,
    content: Content,
) -> io::Result<FileRecord> {
    let mut record = None;
    fs.write(&directory.join(name), &mut |to| {
        let mut recorder = Recorder::new(to);
        content(&mut recorder)?;
        record = Some(recorder.record(name));
        Ok(())
    })?;
    record.ok_or_else(|| io::Error::other("nothing was written"))
}

fn write_json(to: &mut dyn Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, value)?;
    to.write_all(b"\n")
}

/// Reads a checkpoint, or says why it cannot be used.
pub(super) fn read(fs: &dyn Fs, path: &Path, name: Name) -> Result<CheckpointState, Unreadable> {
    let read = |file: &str, limit: u64| {
        fs.read(&path.join(file), limit).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("{file} is missing"),
            _ => format!("{file} cannot be read: {error}"),
        })
    };
    let manifest = Manifest::parse(&read(MANIFEST, MAX_BYTES)?, &[TENSORS, PROGRESS])?;
    let [tensors, progress] = manifest.files.as_slice() else {
        unreachable!("Manifest::parse accepts exactly the names it is given")
    };
    let bytes = read(PROGRESS, MAX_PROGRESS)?;
    progress.check(&bytes)?;
    let progress: Progress = serde_json::from_slice(&bytes)
        .map_err(|error| format!("{PROGRESS} is not valid: {}", json_error(&error)))?;
    for (place, step) in [(MANIFEST, manifest.step), (PROGRESS, progress.step)] {
        if step != name.step {
            return Err(
                format!("{place} is of step {step}, the directory of step {}", name.step).into()
            );
        }
    }
    let bytes = read(TENSORS, u64::MAX)?;
    tensors.check(&bytes)?;
    let contents =
        safetensors::from_bytes(&bytes).map_err(|error| format!("{TENSORS}: {error}"))?;
    Ok(CheckpointState { tensors: contents.tensors, progress })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_nothing_else_is_one() {
        for name in [Name { sequence: 7, step: 0 }, Name { sequence: 12_345_678, step: u64::MAX }] {
            assert_eq!(Name::parse(&name.to_string()), Some(name));
        }
        for text in ["", "7-step-0", "000007-step-01", "000007-step-", "000007-step-+1", "x"] {
            assert_eq!(Name::parse(text), None, "{text}");
        }
    }
}
