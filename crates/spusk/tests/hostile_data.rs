//! Files that are damaged in all sorts of ways: each gives an error or rows, never a panic, and never
//! takes much memory.
#![allow(missing_docs, clippy::expect_used)]

#[path = "../src/data/fixtures.rs"]
mod fixtures;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fixtures::{Folder, gzip, idx, mutate, npy, tiny_mnist};
use spusk::data::{DataOptions, NewRows, Preprocessing, prepare};

/// The most memory that the process ever had, in bytes, where the system tells it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Reads `count` mutations of a file in a folder; how many of them could be read.
fn survive(folder: &Folder, file: &str, bytes: &[u8], spec: &str, count: u64) -> u64 {
    let mut read = 0;
    for seed in 0..count {
        let mutated = mutate(bytes, seed);
        folder.file(file, &mutated);
        let result =
            catch_unwind(AssertUnwindSafe(|| prepare(spec, &DataOptions::default()).map(drop)));
        match result {
            Ok(Ok(())) => read += 1,
            Ok(Err(error)) => assert!(!error.to_string().is_empty()),
            Err(_) => panic!("mutation {seed} of {file} panics: {mutated:02x?}"),
        }
    }
    if let Some(peak) = peak_memory() {
        assert!(peak < 300 << 20, "{file}: {peak} bytes");
    }
    folder.file(file, bytes);
    read
}

#[test]
fn a_thousand_mutated_idx_files() {
    for packed in [false, true] {
        let folder = Folder::new();
        tiny_mnist(&folder, packed);
        let end = if packed { ".gz" } else { "" };
        for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
            let file = format!("{name}{end}");
            let bytes = std::fs::read(folder.path().join(&file)).expect("reads");
            let read = survive(&folder, &file, &bytes, &folder.path().display().to_string(), 250);
            // Some damage only changes pixels, most does more.
            assert!((1..200).contains(&read), "{file}: {read}");
        }
    }
}

#[test]
fn a_thousand_mutated_numpy_files() {
    let folder = Folder::new();
    let floats: Vec<u8> = (0..300).flat_map(|at| (at as f32 * 0.7 % 5.0).to_le_bytes()).collect();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (100, 3), }";
    for version in [1, 2] {
        let bytes = npy(version, header, &floats);
        let spec = folder.path().join("a.npy").display().to_string();
        let read = survive(&folder, "a.npy", &bytes, &spec, 500);
        assert!((1..450).contains(&read), "{read}");
    }
}

#[test]
fn mutated_archives() {
    let folder = Folder::new();
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut archive = zip::ZipWriter::new(&mut bytes);
    let features: Vec<u8> = (0..400).map(|at| (at * 7 % 251) as u8).collect();
    let labels: Vec<u8> = (0..25).map(|row| row % 3).collect();
    for (name, array) in [
        (
            "x_train",
            npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (25, 4, 4)}", &features),
        ),
        ("y_train", npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (25,)}", &labels)),
        (
            "x_test",
            npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 4, 4)}", &features[..80]),
        ),
        ("y_test", npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (5,)}", &labels[..5])),
    ] {
        let method = if name.starts_with('x') {
            zip::CompressionMethod::Deflated
        } else {
            zip::CompressionMethod::Stored
        };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        archive.start_file(format!("{name}.npy"), options).expect("starts");
        std::io::Write::write_all(&mut archive, &array).expect("writes");
    }
    archive.finish().expect("finishes");
    let bytes = bytes.into_inner();
    let spec = folder.file("a.npz", &bytes).display().to_string();
    let data = prepare(&spec, &DataOptions::default()).expect("is whole");
    assert_eq!((data.accounting.rows, data.test.len()), (30, 5));
    assert_eq!(data.preprocessing.shape(), [4, 4, 1]);
    survive(&folder, "a.npz", &bytes, &spec, 500);
}

fn table() -> Vec<u8> {
    let mut text = String::from("day,n,\"quoted, name\",flag,price\n");
    for row in 0..40 {
        let name = ["red", "\"a \"\"b\"\"\"", "\"x,y\"", ""][row % 4];
        let flag = ["yes", "no", "NA"][row % 3];
        let _ = writeln!(text, "2026-01-{:02},{}.5,{name},{flag},{}", row % 28 + 1, row * row, row);
    }
    text.into_bytes()
}

#[test]
fn mutated_tables() {
    let folder = Folder::new();
    let spec = folder.path().join("t.csv").display().to_string();
    assert!(survive(&folder, "t.csv", &table(), &spec, 500) > 0);
    let spec = folder.path().join("t.csv.gz").display().to_string();
    survive(&folder, "t.csv.gz", &gzip(&table()), &spec, 300);
}

/// Damaged rows for a prediction, and damaged saved preprocessing.
#[test]
fn mutated_predictions() {
    let folder = Folder::new();
    let spec = folder.file("t.csv", &table()).display().to_string();
    let options = DataOptions::default();
    let preprocessing = prepare(&spec, &options).expect("is whole").preprocessing;
    let predict = |preprocessing: &Preprocessing, spec: &str| {
        let (mut features, mut targets, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        let mut rows = NewRows::open(preprocessing, spec, &options, true)?;
        while rows.read(10, &mut features, &mut targets, &mut lines)? > 0 {}
        Ok::<usize, spusk::data::DataError>(lines.len())
    };
    assert_eq!(predict(&preprocessing, &spec).expect("is whole"), 40);
    for seed in 0..300 {
        let mutated = folder.file("m.csv", &mutate(&table(), seed)).display().to_string();
        let result = catch_unwind(AssertUnwindSafe(|| predict(&preprocessing, &mutated).map(drop)));
        assert!(result.is_ok(), "mutation {seed} of the rows panics");
    }
    let bare: String =
        (0..30).map(|row| format!("{row}.5,{},{}\n", row * 3 % 7, row % 2)).collect();
    let bare = folder.file("bare.csv", bare.as_bytes()).display().to_string();
    for spec in [&spec, &bare, &"digits".to_owned()] {
        mutated_preprocessing(spec, &predict);
    }
}

fn mutated_preprocessing(
    spec: &str,
    predict: &dyn Fn(&Preprocessing, &str) -> Result<usize, spusk::data::DataError>,
) {
    let preprocessing = prepare(spec, &DataOptions::default()).expect("is whole").preprocessing;
    let saved = serde_json::to_vec(&preprocessing).expect("has a text form");
    for seed in 0..500 {
        let Ok(preprocessing) = serde_json::from_slice::<Preprocessing>(&mutate(&saved, seed))
        else {
            continue;
        };
        let result = catch_unwind(AssertUnwindSafe(|| predict(&preprocessing, spec).map(drop)));
        assert!(result.is_ok(), "mutation {seed} of the preprocessing panics");
    }
}

#[test]
fn an_idx_file_that_promises_too_much_takes_no_memory() {
    let folder = Folder::new();
    tiny_mnist(&folder, true);
    // 64 kB of packed zeros unpack to 66 MB, and the header promises 2^60 bytes.
    let huge = idx(8, &[1 << 20, 1 << 20, 1 << 20], &vec![0; 66 << 20]);
    folder.file("train-images-idx3-ubyte.gz", &gzip(&huge));
    drop(huge);
    let before = peak_memory();
    let result = prepare(&folder.path().display().to_string(), &DataOptions::default());
    assert!(result.err().expect("is refused").to_string().contains("the header promises"));
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        assert!(after - before < 16 << 20, "{before} to {after}");
    }
}
