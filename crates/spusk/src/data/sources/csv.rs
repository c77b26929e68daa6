//! Tables as text: CSV, TSV and their kin, perhaps packed with gzip.

use crate::messages::Said;
use std::path::{Path, PathBuf};

use super::{Request, Source, has_end};
use crate::data::error::DataError;
use crate::data::input::Origin;
use crate::data::options::DataOptions;
use crate::data::raw::{Content, Opened, OwnTest, Skipped};
use crate::data::table::files::TableFiles;

pub(super) const SOURCE: Source = Source {
    name: "csv",
    about: "a table as text: .csv, .tsv, .tab, .data, .dat, .jsonl or .ndjson, also .gz; several with + side by side",
    example: "houses.csv",
    claims,
    open,
};

const ENDS: [&str; 7] = [".csv", ".tsv", ".tab", ".data", ".dat", ".jsonl", ".ndjson"];

fn claims(path: &Path) -> bool {
    has_end(path, &ENDS)
}

/// Whether a file whose name says nothing begins as a table does: with JSON objects, or with lines that
/// tabs, commas, semicolons or bars cut into the same number of cells.
pub(super) fn looks_like_table(path: &Path) -> bool {
    let names_nothing = path.extension().is_none() && path.is_file();
    names_nothing && crate::data::table::sniff::is_table(&Origin::File(path.to_owned()))
}

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let mut paths = split(request.rest);
    let target = target_file(request.options);
    paths.extend(target.clone());
    let origins = paths.into_iter().map(Origin::File).collect();
    let mut files = TableFiles::open(origins, request.options)?;
    if target.is_some() {
        files.target_is_last_file();
    }
    let name = request.rest.to_owned();
    Ok(of_files(name, files, OwnTest::None))
}

/// An opened source of text tables.
pub(super) fn of_files(name: String, files: TableFiles, own_test: OwnTest) -> Opened {
    Opened {
        name,
        kind: Said::new(|l| files.describe(l)),
        notes: files.notes(),
        content: Content::Text(files),
        own_test,
        skipped: Skipped::new(),
    }
}

/// `a.csv+b.csv` are two files, unless one has that name.
fn split(spec: &str) -> Vec<PathBuf> {
    let whole = PathBuf::from(spec);
    if whole.exists() || !spec.contains('+') {
        return vec![whole];
    }
    spec.split('+').map(PathBuf::from).collect()
}

/// The second file that `--target` names, when it is a file.
pub(in crate::data) fn target_file(options: &DataOptions) -> Option<PathBuf> {
    let path = PathBuf::from(options.target.as_ref()?);
    (claims(&path) && path.is_file()).then_some(path)
}
