//! The list of a checkpoint's files, by which it is known to be whole.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::FORMAT;
use crate::text::json_error;

/// The name of the file. A directory without it is no checkpoint.
pub(super) const MANIFEST: &str = "MANIFEST.json";

/// The longest manifest that is read.
pub(super) const MAX_BYTES: u64 = 1 << 16;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) format: u64,
    pub(super) step: u64,
    pub(super) files: Vec<FileRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRecord {
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) blake3: String,
}

/// Why a checkpoint cannot be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// It is of a format that a newer version writes.
    Newer(u64),
    /// It is damaged.
    Damaged(String),
}

impl From<String> for Unreadable {
    fn from(reason: String) -> Self {
        Unreadable::Damaged(reason)
    }
}

impl Manifest {
    /// Reads a manifest that must list exactly these files, in this order.
    pub(super) fn parse(bytes: &[u8], names: &[&str]) -> Result<Manifest, Unreadable> {
        // The version first: what else a newer manifest has is unknown.
        #[derive(Deserialize)]
        struct Version {
            format: u64,
        }
        let wrong =
            |error: serde_json::Error| format!("{MANIFEST} is not valid: {}", json_error(&error));
        let Version { format } = serde_json::from_slice(bytes).map_err(wrong)?;
        if format > FORMAT {
            return Err(Unreadable::Newer(format));
        }
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(wrong)?;
        // Only known names, so that no manifest can point out of its directory.
        let listed: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
        if listed != names {
            return Err(format!("{MANIFEST} does not list {}", names.join(" and ")).into());
        }
        Ok(manifest)
    }
}

impl FileRecord {
    /// Whether these are the bytes that were written.
    pub(super) fn check(&self, bytes: &[u8]) -> Result<(), String> {
        let FileRecord { name, length, blake3 } = self;
        if bytes.len() as u64 != *length {
            return Err(format!("{name} has {} bytes, expected {length}", bytes.len()));
        }
        if blake3::hash(bytes).to_hex().as_str() != blake3 {
            return Err(format!("{name} does not have the hash that it was written with"));
        }
        Ok(())
    }
}

/// Counts and hashes what is written through it.
pub(super) struct Recorder<'a> {
    to: &'a mut dyn Write,
    hasher: blake3::Hasher,
    length: u64,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(to: &'a mut dyn Write) -> Self {
        Recorder { to, hasher: blake3::Hasher::new(), length: 0 }
    }

    pub(super) fn record(self, name: &str) -> FileRecord {
        let blake3 = self.hasher.finalize().to_hex().to_string();
        FileRecord { name: name.into(), length: self.length, blake3 }
    }
}

impl Write for Recorder<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
