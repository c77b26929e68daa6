//! NumPy's archives of several arrays, .npz: a ZIP of .npy files.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::{CompressionMethod, ZipArchive};

use super::npy::{Arrays, content, opened, parse};
use super::{Request, Source, has_end};
use crate::data::array::ArrayStream;
use crate::data::error::{DataError, quoted};
use crate::data::input::file_size;
use crate::data::raw::Opened;
use crate::messages::{self as say, Language, Said};

pub(super) const SOURCE: Source = Source {
    name: "npz",
    about: "an archive of NumPy, .npz, with arrays such as x and y, or x_train, y_train, x_test, y_test",
    example: "mnist.npz",
    claims,
    open,
};

fn claims(path: &Path) -> bool {
    has_end(path, &[".npz"])
}

/// Names of features and of targets, in the order in which they are looked for.
const FEATURES: [&str; 7] = ["x", "features", "data", "images", "image", "inputs", "arr_0"];
const TARGETS: [&str; 7] = ["y", "labels", "label", "targets", "target", "outputs", "arr_1"];

/// Parts of a set and how their names are made: x_train or train_x.
const TRAIN: [&str; 2] = ["train", "training"];
const VALIDATION: [&str; 3] = ["val", "valid", "validation"];
const TEST: [&str; 1] = ["test"];

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let path = Path::new(request.rest);
    let name = path.display().to_string();
    let names = entries(path)?;
    let chosen = choose(&name, &names)?;
    // Every array is read from an opening of its own, since two of them are read side by side.
    let open = |entry: &str| open_array(path, entry);
    let mut pairs = Vec::new();
    let mut test = 0;
    for pair in &chosen {
        let features = open(&pair.features)?;
        let targets = match &pair.targets {
            Some(targets) => Some(open(targets)?),
            None => None,
        };
        if pair.is_test {
            test = features.rows();
        }
        pairs.push(Arrays { features, targets });
    }
    let list: Vec<&str> = chosen
        .iter()
        .flat_map(|pair| [Some(pair.features.as_str()), pair.targets.as_deref()])
        .flatten()
        .collect();
    let kind = Said::new(|l| say::data_npz(l, list.join(", ")));
    let content = content(pairs, request.options)?;
    Ok(opened(request.rest, kind, content, test))
}

/// Names of the arrays that stand side by side.
#[derive(Debug, PartialEq)]
struct Chosen {
    features: String,
    targets: Option<String>,
    is_test: bool,
}

/// Finds out which arrays are features and targets, and which of them are for the test; those come
/// last.
fn choose(source: &str, names: &[String]) -> Result<Vec<Chosen>, DataError> {
    let find = |bases: &[&str], parts: &[&str]| {
        let is = |name: &String, base: &str| {
            let name = name.to_lowercase();
            parts.iter().any(|part| {
                let (before, after) = (format!("{part}_{base}"), format!("{base}_{part}"));
                name == before || name == after
            }) || (parts.is_empty() && name == base)
        };
        bases.iter().find_map(|base| names.iter().find(|name| is(name, base))).cloned()
    };
    let pair = |parts: &[&str], is_test: bool| {
        let features = find(&FEATURES, parts)?;
        Some(Chosen { features, targets: find(&TARGETS, parts), is_test })
    };
    let whole: Option<Vec<Chosen>> = match (pair(&TRAIN, false), pair(&[], false), names) {
        (Some(train), _, _) => {
            // Without a test part of its own, the validation part stays with the training rows.
            Some(
                [Some(train), pair(&VALIDATION, false), pair(&TEST, true)]
                    .into_iter()
                    .flatten()
                    .collect(),
            )
        }
        (None, Some(pair), _) => Some(vec![pair]),
        (None, None, [only]) => {
            Some(vec![Chosen { features: only.clone(), targets: None, is_test: false }])
        }
        _ => None,
    };
    let list: Vec<String> = names.iter().take(12).map(|name| quoted(name.as_bytes())).collect();
    let error = |problem: Said| {
        DataError::new(source, problem).expected(say::error_want_arrays).cure(say::cure_arrays)
    };
    let whole =
        whole.ok_or_else(|| error(Said::new(|l| say::error_got_arrays(l, list.join(", ")))))?;
    let with_targets = whole.iter().filter(|pair| pair.targets.is_some()).count();
    if with_targets != 0 && with_targets != whole.len() {
        return Err(error(Said::new(|l| say::error_arrays_no_targets(l, list.join(", ")))));
    }
    Ok(whole)
}

type Archive = ZipArchive<BufReader<File>>;

fn archive(path: &Path) -> Result<Archive, DataError> {
    let name = path.display().to_string();
    file_size(path)?;
    let file = File::open(path).map_err(|error| DataError::io(&name, &error))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| zip_error(&name, &error))
}

fn zip_error(name: &str, error: &zip::result::ZipError) -> DataError {
    DataError::new(name, |l| say::error_bad_archive(l, error))
        .expected(say::error_want_archive)
        .cure(say::cure_cut_off)
}

/// The names of the arrays, without their ending.
fn entries(path: &Path) -> Result<Vec<String>, DataError> {
    let archive = archive(path)?;
    let mut names: Vec<String> = archive
        .file_names()
        .filter_map(|name| Some(name.ok()?.strip_suffix(".npy")?.to_owned()))
        .take(1000)
        .collect();
    names.sort();
    if names.is_empty() {
        return Err(DataError::new(path.display().to_string(), say::error_no_arrays)
            .expected(say::error_want_archive));
    }
    Ok(names)
}

fn open_array(path: &Path, entry: &str) -> Result<ArrayStream<'static>, DataError> {
    let name = format!("{}, array {entry}", path.display());
    let mut archive = archive(path)?;
    let file =
        archive.by_name(&format!("{entry}.npy")).map_err(|error| zip_error(&name, &error))?;
    let (packed, method) = (file.compressed_size(), file.compression());
    let start = file.data_start();
    drop(file);
    let size = file_size(path)?;
    if packed > size {
        return Err(DataError::new(name, |l: Language| {
            say::error_promised_bytes(l, l.counted(packed, "byte"))
        })
        .expected(|l: Language| say::error_want_file_size(l, l.counted(size, "byte"))));
    }
    let Some(start) = start else {
        return Err(DataError::new(name, say::error_unreadable_archive));
    };
    let is_packed = match method {
        CompressionMethod::Stored => false,
        CompressionMethod::Deflated => true,
        other => {
            return Err(DataError::new(name, |l| say::error_packing(l, format!("{other:?}")))
                .expected(say::error_want_packing));
        }
    };
    let input = entry_bytes(path, start, packed, is_packed)
        .map_err(|error| DataError::io(&name, &error))?;
    parse(name, input, packed, is_packed)
}

/// The bytes of an entry, read by an own handle of the file.
fn entry_bytes(
    path: &Path,
    start: u64,
    packed: u64,
    is_packed: bool,
) -> std::io::Result<Box<dyn Read + Send>> {
    use std::io::{Seek, SeekFrom};
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let bytes = BufReader::new(file).take(packed);
    Ok(if is_packed {
        Box::new(flate2::bufread::DeflateDecoder::new(bytes))
    } else {
        Box::new(bytes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_chosen_by_their_names() {
        let check = |names: &[&str], expected: &[(&str, Option<&str>, bool)]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let chosen = choose("t.npz", &names).expect("chooses");
            let chosen: Vec<(&str, Option<&str>, bool)> = chosen
                .iter()
                .map(|pair| (pair.features.as_str(), pair.targets.as_deref(), pair.is_test))
                .collect();
            assert_eq!(chosen, expected);
        };
        check(&["x", "y"], &[("x", Some("y"), false)]);
        check(&["X", "other", "y"], &[("X", Some("y"), false)]);
        check(
            &["x_test", "x_train", "y_test", "y_train"],
            &[("x_train", Some("y_train"), false), ("x_test", Some("y_test"), true)],
        );
        check(
            &[
                "test_images",
                "test_labels",
                "train_images",
                "train_labels",
                "val_images",
                "val_labels",
            ],
            &[
                ("train_images", Some("train_labels"), false),
                ("val_images", Some("val_labels"), false),
                ("test_images", Some("test_labels"), true),
            ],
        );
        check(&["arr_0", "arr_1"], &[("arr_0", Some("arr_1"), false)]);
        check(&["anything"], &[("anything", None, false)]);
        let error = choose("t.npz", &["a".to_owned(), "b".to_owned()]).expect_err("cannot know");
        assert!(error.to_string().starts_with("t.npz: got the arrays `a`, `b`, expected x and y"));
        let names = ["x_train", "x_test", "y_train"].map(str::to_owned);
        assert!(choose("t.npz", &names).is_err());
    }
}
