//! The few file operations that run directories and checkpoints are made of.
//!
//! They go through the trait [`Fs`], so that tests can take the power away after every single one
//! of them and see what a disk would still hold.

#[cfg(test)]
pub(crate) mod simulated;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Writes the bytes of a file; called once.
pub type Content<'a> = &'a mut dyn FnMut(&mut dyn Write) -> io::Result<()>;

/// A place for files.
pub trait Fs: Send + Sync {
    /// Creates a directory in an existing one.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Creates the file, or empties it, writes it, and returns when its bytes are on the disk. Its
    /// name is there for good only after [`Fs::sync_dir`].
    fn write(&self, path: &Path, content: Content) -> io::Result<()>;

    /// Opens a file for writing at its end, after cutting it to at most `keep` bytes. Creates it
    /// if there is none. Also returns its length.
    fn append(&self, path: &Path, keep: u64) -> io::Result<(Box<dyn Append>, u64)>;

    /// Reads a regular file; one that is longer than `limit` is an error.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// The names in a directory, sorted. Those that are not Unicode are left out.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Renames in one directory, at once; a file that has the new name is replaced.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a directory and everything in it.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Returns when the names in the directory are on the disk.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
}

/// A file that grows.
pub trait Append: Write + Send {
    /// Returns when everything written is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file system of the computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Fs for Disk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir(path)
    }

    fn write(&self, path: &Path, content: Content) -> io::Result<()> {
        let mut writer = io::BufWriter::new(File::create(path)?);
        content(&mut writer)?;
        writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    fn append(&self, path: &Path, keep: u64) -> io::Result<(Box<dyn Append>, u64)> {
        let mut file = File::options().create(true).write(true).truncate(false).open(path)?;
        if file.metadata()?.len() > keep {
            file.set_len(keep)?;
        }
        let length = file.seek(SeekFrom::End(0))?;
        Ok((Box::new(file), length))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        // Asked before it is opened: opening a pipe would wait for somebody to write.
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is not a regular file"));
        }
        if metadata.len() > limit {
            return Err(too_long(limit));
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit { Err(too_long(limit)) } else { Ok(bytes) }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path)? {
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir_all(path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // Elsewhere a directory cannot be opened, and a rename is in the journal when it returns.
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }
}

impl Append for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

fn too_long(limit: u64) -> io::Error {
    let message = format!("the file is longer than the {limit} bytes it may have");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Replaces a file so that, whatever happens, its old or its new content is there whole.
pub fn write_atomic(fs: &dyn Fs, path: &Path, content: Content) -> io::Result<()> {
    let temporary = temporary_name(path);
    let result = fs.write(&temporary, content).and_then(|()| fs.rename(&temporary, path));
    if result.is_err() {
        // On a full disk the half-written file is in the way of everything else.
        let _ = fs.remove_file(&temporary);
    }
    result?;
    fs.sync_dir(parent(path))
}

/// The directory of a path; `.` for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The end of every name that is only there until something is whole.
pub(crate) const TEMPORARY: &str = ".tmp-";

/// A name beside `path` that no other process uses.
pub(crate) fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!("{TEMPORARY}{}", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::simulated::{Loss, Simulated};
    use super::*;

    fn text(content: &str) -> impl FnMut(&mut dyn Write) -> io::Result<()> {
        move |to| to.write_all(content.as_bytes())
    }

    /// The same operations give the same results on a real and on a simulated disk.
    #[test]
    fn both_disks_behave_alike() {
        let real = tempfile::tempdir().unwrap();
        let simulated = Simulated::default();
        for (fs, root) in [(&Disk as &dyn Fs, real.path()), (&simulated, Path::new("/"))] {
            let at = |name: &str| root.join(name);
            assert_eq!(fs.create_dir(&at("a")).map_err(|e| e.kind()), Ok(()));
            let kind = |result: io::Result<()>| result.unwrap_err().kind();
            assert_eq!(kind(fs.create_dir(&at("a"))), io::ErrorKind::AlreadyExists);
            assert_eq!(kind(fs.create_dir(&at("no/b"))), io::ErrorKind::NotFound);
            fs.write(&at("a/x"), &mut text("first, longer")).unwrap();
            fs.write(&at("a/x"), &mut text("second")).unwrap();
            assert_eq!(fs.read(&at("a/x"), 6).unwrap(), b"second");
            assert_eq!(kind(fs.read(&at("a/x"), 5).map(drop)), io::ErrorKind::InvalidData);
            assert_eq!(kind(fs.read(&at("a"), 5).map(drop)), io::ErrorKind::InvalidInput);
            assert_eq!(kind(fs.read(&at("none"), 5).map(drop)), io::ErrorKind::NotFound);
            fs.write(&at("a/y"), &mut text("y")).unwrap();
            fs.rename(&at("a/y"), &at("a/x")).unwrap();
            assert_eq!(fs.list(&at("a")).unwrap(), ["x"]);
            assert_eq!(fs.read(&at("a/x"), 9).unwrap(), b"y");
            let (mut file, length) = fs.append(&at("a/log"), 9).unwrap();
            assert_eq!(length, 0);
            file.write_all(b"one two").unwrap();
            file.sync().unwrap();
            let (mut file, length) = fs.append(&at("a/log"), 4).unwrap();
            assert_eq!(length, 4);
            file.write_all(b"three").unwrap();
            assert_eq!(fs.read(&at("a/log"), 99).unwrap(), b"one three");
            fs.remove_file(&at("a/log")).unwrap();
            assert_eq!(kind(fs.remove_file(&at("a/log"))), io::ErrorKind::NotFound);
            fs.sync_dir(&at("a")).unwrap();
            fs.rename(&at("a"), &at("b")).unwrap();
            assert_eq!(fs.list(&at("b")).unwrap(), ["x"]);
            fs.remove_dir_all(&at("b")).unwrap();
            assert_eq!(kind(fs.list(&at("b")).map(drop)), io::ErrorKind::NotFound);
        }
    }

    #[test]
    fn a_replaced_file_is_old_or_new_after_power_loss() {
        let path = Path::new("/file");
        let replace = |cut: Option<usize>| {
            let disk = Simulated::default();
            write_atomic(&disk, path, &mut text("old")).unwrap();
            disk.cut_power_after(cut);
            let result = write_atomic(&disk, path, &mut text("new"));
            (disk, result)
        };
        let steps = {
            let (disk, _) = replace(None);
            disk.steps()
        };
        for cut in 0..steps {
            for loss in Loss::all() {
                let (disk, result) = replace(Some(cut));
                assert!(result.is_err());
                let content = disk.after_power_loss(loss).read(path, 9).unwrap();
                assert!(content == b"old" || content == b"new", "{cut} {loss:?} {content:?}");
            }
        }
        for loss in Loss::all() {
            let (disk, result) = replace(None);
            result.unwrap();
            assert_eq!(disk.after_power_loss(loss).read(path, 9).unwrap(), b"new");
        }
    }

    /// The simulation must be able to fail: writing in place is not safe, and it shows.
    #[test]
    fn writing_in_place_loses_the_file() {
        let path = Path::new("/file");
        let mut lost = false;
        for cut in 0..10 {
            for loss in Loss::all() {
                let disk = Simulated::default();
                write_atomic(&disk, path, &mut text("old")).unwrap();
                disk.cut_power_after(Some(cut));
                let _ = disk.write(path, &mut text("new"));
                let content = disk.after_power_loss(loss).read(path, 9).unwrap();
                lost |= content != b"old" && content != b"new";
            }
        }
        assert!(lost);
    }
}
