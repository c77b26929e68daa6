//! What is kept on the disk, so that a long experiment goes on after it was ended in the middle.
//!
//! `settings.json` says which experiment it is. `runs.jsonl` grows by a line a run and is read line by line; a line that was
//! cut off by a loss of power is left out and trained again. `state-…` are jobs in the middle.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::RunFound;
use crate::fs::{Append, Disk, Fs, write_atomic};
use crate::messages::{self as say, Said};
use crate::run::RunError;
use crate::session::SessionError;

/// The longest files that are read whole.
const MOST_BYTES: u64 = 1 << 30;
/// The longest line of a run; one has a few hundred bytes.
const LONGEST_LINE: u64 = 1 << 16;

/// The runs so far, in memory and, with a folder, on the disk.
pub struct Folder {
    path: Option<PathBuf>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    found: Runs,
    file: Option<Box<dyn Append>>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    variant: usize,
    run: usize,
    #[serde(flatten)]
    found: RunFound,
}

impl Folder {
    /// Nothing is kept.
    #[must_use]
    pub fn none() -> Folder {
        Folder { path: None, inner: Mutex::default() }
    }

    /// Opens a folder, or makes it; `settings` are everything that the results depend on.
    ///
    /// # Errors
    /// If it cannot be read or written, or holds another experiment.
    pub fn open(path: &Path, settings: &serde_json::Value) -> Result<Folder, SessionError> {
        std::fs::create_dir_all(path).map_err(refused(path))?;
        let settings_file = path.join("settings.json");
        let text = format!("{settings:#}\n");
        match Disk.read(&settings_file, MOST_BYTES) {
            Ok(kept) if kept == text.as_bytes() => {}
            Ok(kept) => return Err(another(path, &kept, settings)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                write_atomic(&Disk, &settings_file, &mut |to| to.write_all(text.as_bytes()))
                    .map_err(refused(&settings_file))?;
            }
            Err(error) => return Err(refused(&settings_file)(error)),
        }
        let file = path.join("runs.jsonl");
        let (found, whole) = kept_runs(&file).map_err(refused(&file))?;
        let (append, _) = Disk.append(&file, whole).map_err(refused(&file))?;
        let inner = Inner { found, file: Some(append) };
        Ok(Folder { path: Some(path.to_path_buf()), inner: Mutex::new(inner) })
    }

    /// Whether anything is kept.
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.path.is_some()
    }

    /// The runs so far, by kind and run.
    #[must_use]
    pub fn found(&self) -> Runs {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).found.clone()
    }

    /// Puts down what runs came to, and takes the state of their job away.
    pub(super) fn put(
        &self,
        variant: usize,
        found: &[(usize, RunFound)],
    ) -> Result<(), SessionError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = Vec::new();
        for &(run, found) in found {
            inner.found.insert((variant, run), found);
            let line = Line { variant, run, found };
            serde_json::to_writer(&mut text, &line)
                .map_err(|error| SessionError::told(error.to_string()))?;
            text.push(b'\n');
        }
        let (Some(file), Some(path)) = (&mut inner.file, &self.path) else { return Ok(()) };
        file.write_all(&text).and_then(|()| file.sync()).map_err(refused(path))?;
        let runs: Vec<usize> = found.iter().map(|(run, _)| *run).collect();
        if let Some(state) = self.state_path(variant, &runs) {
            // A state that stays is read by nobody: its runs are over.
            let _ = Disk.remove_file(&state);
        }
        Ok(())
    }

    fn state_path(&self, variant: usize, runs: &[usize]) -> Option<PathBuf> {
        let (path, (first, last)) = (self.path.as_ref()?, (runs.first()?, runs.last()?));
        Some(path.join(format!("state-{variant}-{first}-{last}")))
    }

    /// Keeps a job in the middle.
    pub(super) fn keep(
        &self,
        variant: usize,
        runs: &[usize],
        epoch: u64,
        state: &[f32],
    ) -> Result<(), SessionError> {
        let Some(path) = self.state_path(variant, runs) else { return Ok(()) };
        let bytes: Vec<u8> = state.iter().flat_map(|x| x.to_le_bytes()).collect();
        let head = [epoch, runs.len() as u64, sum(&[epoch, runs.len() as u64], &bytes)];
        write_atomic(&Disk, &path, &mut |to: &mut dyn Write| {
            head.iter().try_for_each(|number| to.write_all(&number.to_le_bytes()))?;
            to.write_all(&bytes)
        })
        .map_err(refused(&path))
    }

    /// The epoch and the state of a job in the middle; `None` if there is none that is whole.
    pub(super) fn state(&self, variant: usize, runs: &[usize]) -> Option<(u64, Vec<f32>)> {
        let bytes = Disk.read(&self.state_path(variant, runs)?, MOST_BYTES).ok()?;
        let (head, body) = bytes.split_at_checked(24)?;
        let mut numbers =
            head.chunks_exact(8).map(|x| u64::from_le_bytes(x.try_into().unwrap_or([0; 8])));
        let [epoch, count, print] = [numbers.next()?, numbers.next()?, numbers.next()?];
        if count != runs.len() as u64 || print != sum(&[epoch, count], body) {
            return None;
        }
        let float = |x: &[u8]| f32::from_le_bytes(x.try_into().unwrap_or([0; 4]));
        Some((epoch, body.chunks_exact(4).map(float).collect()))
    }

    /// Writes a file into the folder, if there is one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<(), SessionError> {
        let Some(path) = self.path.as_ref().map(|path| path.join(name)) else { return Ok(()) };
        write_atomic(&Disk, &path, &mut |to| to.write_all(text.as_bytes())).map_err(refused(&path))
    }
}

/// Runs by kind and number.
type Runs = BTreeMap<(usize, usize), RunFound>;

/// The runs that a file holds, and how many of its bytes are whole lines; what stands behind a damaged line
/// is trained again. It is read line by line: it may be long, and what is damaged need not have lines.
fn kept_runs(file: &Path) -> std::io::Result<(Runs, u64)> {
    let (mut found, mut whole) = (Runs::new(), 0);
    let mut lines = match std::fs::metadata(file) {
        Ok(metadata) if metadata.is_file() => BufReader::new(File::open(file)?),
        // Opening a pipe would wait for somebody to write.
        Ok(_) => return Err(std::io::Error::other("this is not a regular file")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((found, whole)),
        Err(error) => return Err(error),
    };
    let mut line = Vec::new();
    loop {
        line.clear();
        lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        let read = line.strip_suffix(b"\n").and_then(|line| serde_json::from_slice(line).ok());
        let Some(Line { variant, run, found: result }) = read else { return Ok((found, whole)) };
        found.insert((variant, run), result);
        whole += line.len() as u64;
    }
}

/// A sum that a damaged byte changes (Fowler, Noll and Vo 1991).
fn sum(numbers: &[u64], bytes: &[u8]) -> u64 {
    let step = |sum: u64, &byte: &u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let head: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    head.iter().chain(bytes).fold(0xcbf2_9ce4_8422_2325, step)
}

fn refused(path: &Path) -> impl Fn(std::io::Error) -> SessionError + '_ {
    move |source| RunError::Write { path: path.into(), source }.into()
}

/// Which settings differ.
fn another(path: &Path, kept: &[u8], settings: &serde_json::Value) -> SessionError {
    let kept: serde_json::Value = serde_json::from_slice(kept).unwrap_or_default();
    let differs = |(key, value): (&String, &serde_json::Value)| {
        let old = kept.get(key).unwrap_or(&serde_json::Value::Null);
        (old != value).then(|| format!("{key}: {old} → {value}"))
    };
    let all: Vec<String> = settings.as_object().into_iter().flatten().filter_map(differs).collect();
    SessionError::Said(Said::new(|l| {
        let differing = match all.is_empty() {
            true => say::starts_settings_damaged(l),
            false => all.join("; "),
        };
        say::starts_other_folder(l, path.display(), differing)
    }))
}
