//! Where the data of a run are: from another folder, relative paths mean something else.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::{METRICS, RunDir};
use crate::data::SOURCES;
use crate::experiment::Experiment;

/// The longest first line of the metrics that is read.
const LINE: u64 = 16 << 20;

impl RunDir {
    /// The experiment with its data where they are now: from here, from the folder in which the run began, or
    /// beside the run. What is nowhere stays as it is written.
    #[must_use]
    pub fn located(&self, experiment: Experiment) -> Experiment {
        let mut located = experiment;
        let data = &mut located.data;
        // A target is the name of a column, unless it looks like a file.
        let target = data.target.as_mut().filter(|name| Path::new(name).extension().is_some());
        let named = [Some(&mut data.source), data.test.as_mut(), target];
        for text in named.into_iter().flatten() {
            if let Some(path) = self.elsewhere(text) {
                *text = path.display().to_string();
            }
        }
        located
    }

    /// Whether a name is a path that leads nowhere.
    #[must_use]
    pub fn is_lost(&self, source: &str) -> bool {
        !is_built_in(source) && !Path::new(source).exists()
    }

    /// Where a relative path that leads nowhere from here leads from the run's own places.
    fn elsewhere(&self, text: &str) -> Option<PathBuf> {
        let path = Path::new(text);
        if !self.is_lost(text) {
            return None;
        }
        let run = self.path().canonicalize().ok()?;
        let around = run.ancestors().skip(1).take(2).map(Path::to_path_buf);
        // Of a path that began at the root the name is left.
        let (named, began) = match path.is_absolute() {
            true => (Path::new(path.file_name()?), None),
            false => (path, self.folder()),
        };
        let folders = began.into_iter().chain(around);
        folders.map(|folder| folder.join(named)).find(|path| path.exists())
    }

    /// How a source is written down when the run goes on: so that it is found from the folder in which the run
    /// began.
    pub(crate) fn kept_name(&self, source: &str) -> String {
        let here = std::env::current_dir().ok();
        let path = Path::new(source);
        let is_plain = path.is_absolute() || self.is_lost(source) || is_built_in(source);
        match here.filter(|here| !is_plain && self.folder().is_some_and(|folder| folder != *here)) {
            Some(here) => here.join(path).display().to_string(),
            None => source.into(),
        }
    }

    /// The folder in which the run began, as its first line says.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        let file = std::fs::File::open(self.path().join(METRICS)).ok()?;
        let mut line = String::new();
        BufReader::new(file.take(LINE)).read_line(&mut line).ok()?;
        let start: serde_json::Value = serde_json::from_str(&line).ok()?;
        start["folder"].as_str().filter(|folder| !folder.is_empty()).map(PathBuf::from)
    }
}

/// Whether a name is that of a built-in set, as `iris` or `blobs:300,3`.
fn is_built_in(source: &str) -> bool {
    let name = source.split(':').next().unwrap_or(source);
    !source.contains(['/', '\\']) && SOURCES.iter().any(|known| known.name == name)
}
