//! The directory of a run.
//!
//! ```text
//! runs/2026-11-23-digits/
//!     experiment.toml       the experiment as it was resolved
//!     model.safetensors     the weights, named layers.<i>.weight
//!     preprocessing.json    what turns raw data into inputs
//!     metrics.jsonl         one JSON object a line, in the order of events
//!     checkpoints/          see `checkpoint`
//!     trajectory/           the weights at some moments of the training
//!     report.html  report.json  pictures/*.svg
//!     lock                  held while a training writes here
//! ```
//!
//! [`RunWriter`] is for the training: it holds the lock and replaces every file whole.
//! [`RunDir`] is for everybody else: it only reads.

mod date;
mod error;
mod located;
mod metrics;

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::checkpoint::{self, Checkpoints, Restored};
use crate::experiment::{Experiment, Vocabulary};
use crate::fs::{Content, Disk, Fs, TEMPORARY, parent, write_atomic};
use crate::safetensors::{self, Contents, Layout, Metadata, Tensor};
use crate::text::json_error;

pub(crate) use date::date_of_day;
pub use error::RunError;
pub(crate) use error::cure_write;
pub use metrics::{MetricsLog, Shortened};

/// The version of the files of a run. A file that says a higher one is refused.
pub const FORMAT: u64 = 1;

const EXPERIMENT: &str = "experiment.toml";
const MODEL: &str = "model.safetensors";
const PREPROCESSING: &str = "preprocessing.json";
const METRICS: &str = "metrics.jsonl";
const CHECKPOINTS: &str = "checkpoints";
const REPORT: &str = "report.html";
const REPORT_DATA: &str = "report.json";
const PICTURES: &str = "pictures";
const LOCK: &str = "lock";

/// The key of the version in the metadata of the model.
const FORMAT_KEY: &str = "spusk_format";

/// The longest JSON file that is read.
const MAX_JSON: u64 = 256 << 20;

/// A run to read from.
#[derive(Clone, Debug)]
pub struct RunDir {
    path: PathBuf,
}

/// A run to write to. Nobody else can have the same one while this value lives.
pub struct RunWriter {
    dir: RunDir,
    fs: Arc<dyn Fs>,
    /// Dropping it gives the lock back; so does the end of the process, however it comes.
    _lock: File,
}

/// Where a new run goes.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// This very directory, as `--out` has it. It must be empty or not be there yet.
    pub out: Option<&'a Path>,
    /// Where runs without `out` are collected, usually `runs`.
    pub parent: &'a Path,
    /// The name of such a run, after the date.
    pub name: &'a str,
    /// The time, for the date in the name.
    pub now: SystemTime,
}

impl RunDir {
    /// Opens the directory of a run.
    pub fn open(path: &Path) -> Result<RunDir, RunError> {
        let path: PathBuf = path.into();
        if !path.is_dir() {
            return Err(RunError::NoDirectory { path });
        }
        if !path.join(EXPERIMENT).is_file() {
            return Err(RunError::NotARun { path });
        }
        Ok(RunDir { path })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The experiment that the run was made from, its data where they are now.
    pub fn experiment(&self, vocabulary: Vocabulary) -> Result<Experiment, RunError> {
        Ok(self.located(Experiment::load(&self.path.join(EXPERIMENT), &[], vocabulary)?))
    }

    /// The trained weights.
    pub fn model(&self) -> Result<Contents, RunError> {
        let path = self.path.join(MODEL);
        if !path.exists() {
            return Err(RunError::missing(path));
        }
        let contents = safetensors::read(&path)?;
        let format = contents.metadata.get(FORMAT_KEY).map_or(Ok(FORMAT), |text| text.parse());
        match format {
            Ok(format) if format <= FORMAT => Ok(contents),
            Ok(format) => Err(RunError::Newer { path, format }),
            Err(_) => {
                let message = format!("the metadata `{FORMAT_KEY}` is not a number");
                Err(RunError::Invalid { path, message })
            }
        }
    }

    /// What turns raw data into inputs.
    pub fn preprocessing<T: DeserializeOwned>(&self) -> Result<T, RunError> {
        self.read_json(PREPROCESSING)
    }

    /// The numbers of the report.
    pub fn report_data<T: DeserializeOwned>(&self) -> Result<T, RunError> {
        self.read_json(REPORT_DATA)
    }

    /// The newest whole checkpoint.
    pub fn checkpoint(&self) -> Result<Option<Restored>, RunError> {
        Ok(checkpoint::latest(&Disk, &self.path.join(CHECKPOINTS))?)
    }

    /// The file that holds the report; it may not be there yet.
    pub fn report_path(&self) -> PathBuf {
        self.path.join(REPORT)
    }

    /// The events of the run, in their order.
    pub fn metrics(&self) -> Result<Vec<serde_json::Value>, RunError> {
        let path = self.path.join(METRICS);
        let bytes = Disk.read(&path, MAX_JSON).map_err(RunError::reading(&path))?;
        metrics::parse(&bytes).map_err(|message| RunError::Invalid { path, message })
    }

    fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, RunError> {
        let path = self.path.join(name);
        let bytes = Disk.read(&path, MAX_JSON).map_err(RunError::reading(&path))?;
        from_json(&bytes, path)
    }
}

/// A JSON file of a run: its version beside its content.
#[derive(Serialize, serde::Deserialize)]
struct Envelope<T> {
    format: u64,
    content: T,
}

fn from_json<T: DeserializeOwned>(bytes: &[u8], path: PathBuf) -> Result<T, RunError> {
    // The version first: what else a newer file has is unknown.
    #[derive(serde::Deserialize)]
    struct Version {
        format: u64,
    }
    let invalid = |error: serde_json::Error| json_error(&error);
    let version = serde_json::from_slice::<Version>(bytes).map_err(invalid);
    match version {
        Ok(Version { format }) if format > FORMAT => Err(RunError::Newer { path, format }),
        Ok(_) => match serde_json::from_slice::<Envelope<T>>(bytes).map_err(invalid) {
            Ok(envelope) => Ok(envelope.content),
            Err(message) => Err(RunError::Invalid { path, message }),
        },
        Err(message) => Err(RunError::Invalid { path, message }),
    }
}

impl RunWriter {
    /// Creates the directory of a new run.
    pub fn create(new: &NewRun) -> Result<RunWriter, RunError> {
        let path = match new.out {
            Some(out) => create_exactly(out)?,
            None => create_unique(new)?,
        };
        let lock = lock(&path)?;
        Ok(RunWriter { dir: RunDir { path }, fs: Arc::new(Disk), _lock: lock })
    }

    /// Refuses a place in which no run can be made, before anything is done for it; changes nothing there.
    ///
    /// # Errors
    /// As [`RunWriter::create`].
    pub fn probe(new: &NewRun) -> Result<(), RunError> {
        let wanted = new.out.unwrap_or(new.parent);
        // A relative path begins here.
        let mut there = wanted.ancestors().map(|path| match path.as_os_str().is_empty() {
            true => Path::new("."),
            false => path,
        });
        let Some(nearest) = there.find(|path| path.exists()) else { return Ok(()) };
        if !nearest.is_dir() {
            return Err(RunError::IsAFile { path: nearest.into() });
        }
        if new.out == Some(nearest) {
            refuse_full(nearest)?;
        }
        let name = format!("{LOCK}{TEMPORARY}{}", std::process::id());
        let file = nearest.join(name);
        File::create(&file).map_err(RunError::writing(nearest))?;
        std::fs::remove_file(&file).map_err(RunError::writing(nearest))
    }

    /// Takes up a run where it was left. Removes what a crash left half-written.
    pub fn resume(path: &Path) -> Result<RunWriter, RunError> {
        let dir = RunDir::open(path)?;
        let lock = lock(&dir.path)?;
        remove_leftovers(&dir.path)?;
        remove_leftovers(&dir.path.join(PICTURES))?;
        Ok(RunWriter { dir, fs: Arc::new(Disk), _lock: lock })
    }

    /// The same run, to read from.
    pub fn dir(&self) -> &RunDir {
        &self.dir
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.dir.path
    }

    /// Saves the experiment with every value that was chosen.
    pub fn write_experiment(&self, experiment: &Experiment) -> Result<(), RunError> {
        let text = experiment.to_toml();
        self.write(EXPERIMENT, &mut |to| to.write_all(text.as_bytes()))
    }

    /// Saves the trained weights.
    pub fn write_model(&self, tensors: &[Tensor], metadata: &Metadata) -> Result<(), RunError> {
        let mut metadata = metadata.clone();
        metadata.insert(FORMAT_KEY.into(), FORMAT.to_string());
        let layout = Layout::new(tensors, &metadata)?;
        self.write(MODEL, &mut |to| layout.write(to))
    }

    /// Saves what turns raw data into inputs.
    pub fn write_preprocessing(&self, content: &impl Serialize) -> Result<(), RunError> {
        self.write_json(PREPROCESSING, content)
    }

    /// Saves the report, one HTML file.
    pub fn write_report(&self, html: &str) -> Result<(), RunError> {
        self.write(REPORT, &mut |to| to.write_all(html.as_bytes()))
    }

    /// Saves the numbers of the report.
    pub fn write_report_data(&self, content: &impl Serialize) -> Result<(), RunError> {
        self.write_json(REPORT_DATA, content)
    }

    /// Saves a picture as `pictures/<name>.svg`. Letters that no file name should have become `-`.
    pub fn write_picture(&self, name: &str, svg: &str) -> Result<(), RunError> {
        let directory = self.path().join(PICTURES);
        match self.fs.create_dir(&directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(RunError::writing(&directory)(error));
            }
            _ => {}
        }
        let name = format!("{PICTURES}/{}.svg", file_name(name));
        self.write(&name, &mut |to| to.write_all(svg.as_bytes()))
    }

    /// Opens the metrics file: empty with `at` 0, else cut to the length that a checkpoint knows,
    /// so that the steps after it are not told twice.
    pub fn metrics(&self, at: u64) -> Result<(MetricsLog, Option<Shortened>), RunError> {
        MetricsLog::open(&*self.fs, &self.path().join(METRICS), at)
    }

    /// Opens the checkpoints and reads the newest whole one.
    pub fn checkpoints(&self) -> Result<(Checkpoints, Option<Restored>), RunError> {
        Ok(Checkpoints::open(self.fs.clone(), &self.path().join(CHECKPOINTS))?)
    }

    fn write_json(&self, name: &str, content: &impl Serialize) -> Result<(), RunError> {
        let envelope = Envelope { format: FORMAT, content };
        self.write(name, &mut |to| {
            serde_json::to_writer_pretty(&mut *to, &envelope)?;
            to.write_all(b"\n")
        })
    }

    fn write(&self, name: &str, content: Content) -> Result<(), RunError> {
        let path = self.path().join(name);
        write_atomic(&*self.fs, &path, content).map_err(RunError::writing(&path))
    }
}

fn create_exactly(path: &Path) -> Result<PathBuf, RunError> {
    create_all(path)?;
    refuse_full(path)?;
    sync(parent(path))?;
    Ok(path.into())
}

/// Refuses a directory that holds something.
fn refuse_full(path: &Path) -> Result<(), RunError> {
    // What a run that was killed before it began has left is no hindrance.
    let harmless = |name: &str| name == LOCK || is_leftover(name);
    for entry in std::fs::read_dir(path).map_err(RunError::reading(path))? {
        let name = entry.map_err(RunError::reading(path))?.file_name();
        if !name.to_str().is_some_and(harmless) {
            return Err(RunError::NotEmpty { path: path.into() });
        }
    }
    Ok(())
}

/// `<parent>/<date>-<name>`, with a number behind it if that is taken.
fn create_unique(new: &NewRun) -> Result<PathBuf, RunError> {
    create_all(new.parent)?;
    let stem = format!("{}-{}", date::date(new.now), file_name(new.name));
    for number in 1u64.. {
        let name = if number == 1 { stem.clone() } else { format!("{stem}-{number}") };
        let path = new.parent.join(name);
        match std::fs::create_dir(&path) {
            Ok(()) => {
                sync(new.parent)?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(RunError::writing(&path)(error)),
        }
    }
    unreachable!("no directory holds 2⁶⁴ entries")
}

fn create_all(directory: &Path) -> Result<(), RunError> {
    let result = std::fs::create_dir_all(directory);
    if directory.is_file() {
        return Err(RunError::IsAFile { path: directory.into() });
    }
    result.map_err(RunError::writing(directory))
}

fn sync(directory: &Path) -> Result<(), RunError> {
    Disk.sync_dir(directory).map_err(RunError::writing(directory))
}

/// The name with only letters, digits, `_`, `.` and `-`, not hidden, of bearable length.
fn file_name(name: &str) -> String {
    let allowed = |letter: char| letter.is_alphanumeric() || "_.-".contains(letter);
    let clean: String =
        name.chars().map(|letter| if allowed(letter) { letter } else { '-' }).take(60).collect();
    let trimmed = clean.trim_matches(['-', '.']);
    if trimmed.is_empty() { "run".into() } else { trimmed.into() }
}

/// Takes the lock of a run, and leaves the number of this process for whoever comes second.
fn lock(directory: &Path) -> Result<File, RunError> {
    let path = directory.join(LOCK);
    let mut options = File::options();
    let file = options.create(true).read(true).write(true).truncate(false).open(&path);
    let mut file = file.map_err(RunError::writing(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(RunError::Locked { path: directory.into(), process: holder(&mut file) });
        }
        // Some network file systems have no locks. A run there is as safe as its user is careful.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(RunError::writing(&path)(error)),
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(RunError::writing(&path))?;
    Ok(file)
}

/// The number of the process that holds the lock, if it can be read.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Removes temporary files; the lock says that nobody is writing them.
fn remove_leftovers(directory: &Path) -> Result<(), RunError> {
    let names = match Disk.list(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        names => names.map_err(RunError::reading(directory))?,
    };
    for name in names.iter().filter(|name| is_leftover(name)) {
        let path = directory.join(name);
        Disk.remove_file(&path).map_err(RunError::writing(&path))?;
    }
    Ok(())
}

/// Whether this is a name that `write_atomic` gives.
fn is_leftover(name: &str) -> bool {
    let Some((file, process)) = name.rsplit_once(TEMPORARY) else { return false };
    let ours = [EXPERIMENT, MODEL, PREPROCESSING, REPORT, REPORT_DATA, LOCK].contains(&file);
    (ours || file.ends_with(".svg")) && process.parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests;
