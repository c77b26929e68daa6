//! The sources: one file each, one list.

mod blobs;
pub(super) mod csv;
mod digits;
mod generated;
mod idx;
pub(super) mod images;
mod iris;
mod moons;
mod moving_digits;
pub(super) mod npy;
mod npz;
mod spirals;
mod text;
mod xor;

use std::path::{Path, PathBuf};

pub(crate) use idx::streams as idx_streams;

use super::error::{DataError, quoted};
use super::options::DataOptions;
use super::raw::Opened;
use crate::messages::{self as say, Said};

/// All kinds of sources, in the order in which they are asked whether a name or path is theirs.
pub const SOURCES: &[Source] = &[
    digits::SOURCE,
    iris::SOURCE,
    spirals::SOURCE,
    moons::SOURCE,
    blobs::SOURCE,
    xor::SOURCE,
    moving_digits::SOURCE,
    csv::SOURCE,
    idx::SOURCE,
    npy::SOURCE,
    npz::SOURCE,
    images::SOURCE,
    text::SOURCE,
];

/// A kind of source.
pub struct Source {
    /// The name: that of a built-in set, or a word that may stand before a path, as in `csv:file`.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// An example of how to name it.
    pub example: &'static str,
    /// Whether a path is of this kind.
    claims: fn(&Path) -> bool,
    open: fn(&Request<'_>) -> Result<Opened, DataError>,
}

impl Source {
    /// Whether the name alone names a set, and not a kind of file.
    fn is_built_in(&self) -> bool {
        self.example.starts_with(self.name)
    }
}

/// What is asked of a source.
struct Request<'a> {
    /// What stands behind the name: a path, or the sizes of a generated set.
    rest: &'a str,
    options: &'a DataOptions,
}

/// Sources with a name instead of a path claim no path.
fn never(_: &Path) -> bool {
    false
}

/// Opens a source by its name or path.
pub(crate) fn open(spec: &str, options: &DataOptions) -> Result<Opened, DataError> {
    // A file with the name of a built-in set is meant when it is written as a path: ./iris.
    let (name, rest) = spec.split_once(':').unwrap_or((spec, ""));
    // The word for a kind of file means nothing without a path, so it is one itself: a folder called csv.
    let is_path = |source: &Source| !spec.contains(':') && !source.is_built_in();
    if let Some(source) = SOURCES.iter().find(|source| source.name == name && !is_path(source)) {
        return (source.open)(&Request { rest, options });
    }
    let path = Path::new(spec);
    match SOURCES.iter().find(|source| (source.claims)(path)) {
        Some(source) => (source.open)(&Request { rest: spec, options }),
        None if csv::looks_like_table(path) => (csv::SOURCE.open)(&Request { rest: spec, options }),
        None => Err(unknown(spec, path)),
    }
}

/// The files that a source names, each of those side by side; a name of a kind may stand before them.
pub fn source_files(spec: &str) -> impl Iterator<Item = PathBuf> {
    let rest = match spec.split_once(':') {
        Some((name, rest)) if SOURCES.iter().any(|source| source.name == name) => rest,
        _ => spec,
    };
    std::iter::once(rest).chain(rest.split('+')).map(PathBuf::from)
}

/// Whether two paths lead to one file or directory.
#[must_use]
pub fn is_same_file(a: &Path, b: &Path) -> bool {
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// Whether two sources are one: the same name, or the same path.
#[must_use]
pub fn is_same_source(a: &str, b: &str) -> bool {
    let path = |spec: &str| source_files(spec).next();
    a == b || matches!((path(a), path(b)), (Some(a), Some(b)) if is_same_file(&a, &b))
}

/// As [`open`], for a table whose columns have the names `known`: the first line is a header exactly
/// when it holds one of them.
pub(crate) fn open_named(
    spec: &str,
    options: &DataOptions,
    known: &[&str],
) -> Result<Opened, DataError> {
    let opened = open(spec, options)?;
    let super::raw::Content::Text(files) = &opened.content else { return Ok(opened) };
    if options.header.is_some() {
        return Ok(opened);
    }
    let Some(header) = files.has_header(known)? else { return Ok(opened) };
    if header == files.named() {
        return Ok(opened);
    }
    open(spec, &DataOptions { header: Some(header), ..options.clone() })
}

fn unknown(spec: &str, path: &Path) -> DataError {
    let names: Vec<&str> =
        SOURCES.iter().map(|source| source.example).filter(|example| !example.is_empty()).collect();
    let names = names.join(", ");
    let expected = Said::new(|l| say::error_want_source(l, &names));
    if path.exists() {
        return DataError::new(spec, say::error_unknown_kind)
            .expected(expected)
            .cure(say::error_write_kind);
    }
    let near = SOURCES
        .iter()
        .filter(|source| source.name != spec)
        .map(|source| source.name)
        .find(|name| near(name, spec.split(':').next().unwrap_or(spec)));
    let error = DataError::new(quoted(spec.as_bytes()), say::error_no_source).expected(expected);
    match near {
        Some(name) => error.cure(|l| say::meant(l, name)),
        None => error,
    }
}

/// Whether a word is one slip of the finger away from another.
fn near(right: &str, word: &str) -> bool {
    let (right, word): (Vec<char>, Vec<char>) =
        (right.chars().collect(), word.to_lowercase().chars().collect());
    let same = right.iter().zip(&word).take_while(|(a, b)| a == b).count();
    let (right, word) = (&right[same..], &word[same..]);
    let rest = |a: &[char], skip_a: usize, b: &[char], skip_b: usize| {
        a.get(skip_a..).is_some_and(|a| b.get(skip_b..) == Some(a))
    };
    (right.is_empty() && word.is_empty())
        || rest(right, 1, word, 1)
        || rest(right, 1, word, 0)
        || rest(right, 0, word, 1)
        || (right.len() >= 2
            && word.len() >= 2
            && right[0] == word[1]
            && right[1] == word[0]
            && right[2..] == word[2..])
}

/// Whether a path is no directory and ends with one of `ends`, perhaps packed with gzip.
fn has_end(path: &Path, ends: &[&str]) -> bool {
    if path.is_dir() {
        return false;
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let name = name.unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_told() {
        for (index, source) in SOURCES.iter().enumerate() {
            assert!(SOURCES[..index].iter().all(|other| other.name != source.name));
            assert!(!source.about.is_empty() && !source.example.is_empty(), "{}", source.name);
        }
    }

    #[test]
    fn slips_are_recognized() {
        for word in ["digit", "digts", "didgits", "dgiits", "Digits", "xigits"] {
            assert!(near("digits", word), "{word}");
        }
        assert!(!near("digits", "iris"));
        let error = open("csv", &DataOptions::default()).err().expect("names no file").to_string();
        assert!(error.starts_with("`csv`: there is no such source"), "{error}");
        let error = open("digit", &DataOptions::default()).err().expect("no such source");
        assert!(error.to_string().ends_with("did you mean `digits`?"), "{error}");
    }
}
