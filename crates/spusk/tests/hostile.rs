//! Broken and hostile files: whatever is in them, reading ends in a value or in one clear error, and
//! takes no more memory than a small multiple of the file.
//!
//! The mutations are drawn from a seed, so that a failure repeats.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use peak_alloc::PeakAlloc;
use spusk::checkpoint::{self, CheckpointError, CheckpointState, Checkpoints, Progress};
use spusk::experiment::{Experiment, Vocabulary};
use spusk::fs::Disk;
use spusk::run::{NewRun, RunDir, RunWriter};
use spusk::safetensors::{self, Data, Dtype, Layout, Metadata, Tensor};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory is counted for the whole process, so one test runs at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What a reader may take beside its multiple of the file: buffers and messages.
const FIXED: usize = 64 << 10;

/// Reads, and checks the memory that it takes at its highest.
fn within<T>(budget: usize, read: impl FnOnce() -> T) -> T {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = read();
    let taken = MEMORY.peak_usage().saturating_sub(before);
    assert!(taken <= budget + FIXED, "{taken} bytes taken, {budget} + {FIXED} allowed");
    result
}

/// An error is one message that can be read: neither empty nor endless, and no control letters.
fn check_message(error: &dyn Display) {
    let message = error.to_string();
    assert!((10..5000).contains(&message.len()), "{message}");
    assert!(message.chars().all(|letter| letter == '\n' || !letter.is_control()), "{message:?}");
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Below `end`; 0 if that is 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// Numbers that break lengths, offsets and counts.
const NUMBERS: [u64; 10] = [0, 1, 7, 8, 255, 1 << 20, 1 << 31, 1 << 40, i64::MAX as u64, u64::MAX];

/// Texts that mean something to JSON or TOML.
const TEXTS: [&str; 14] = [
    "{", "}", "[", "]", "\"", ",", ":", "-", "null", "1e999", "\\u0000", "[[[[[[[[", "{\"a\":",
    "\n",
];

/// One to four changes.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        mutate_once(bytes, random);
    }
}

fn mutate_once(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    let end = (at + random.below(40)).min(bytes.len());
    match random.below(10) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 if at < bytes.len() => bytes[at] = random.pick(&[0, 0xff, b'0', b'9', b'"', 0x80]),
        2 => bytes.truncate(at),
        3 => bytes.extend((0..random.below(50)).map(|i| i as u8)),
        4 => drop(bytes.drain(at..end)),
        5 => {
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
        6 => drop(bytes.splice(at..at, random.pick(&TEXTS).bytes())),
        7 => change_number(bytes, random),
        8 => {
            let number = random.pick(&NUMBERS).to_le_bytes();
            let at = random.pick(&[0, at]);
            bytes.iter_mut().skip(at).zip(number).for_each(|(byte, new)| *byte = new);
        }
        _ => bytes[at..end].reverse(),
    }
}

/// Replaces a written number by another one: what a careful attacker does.
fn change_number(bytes: &mut Vec<u8>, random: &mut Random) {
    let digits: Vec<usize> = (0..bytes.len()).filter(|&i| bytes[i].is_ascii_digit()).collect();
    if digits.is_empty() {
        return;
    }
    let start = random.pick(&digits);
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = random.pick(&NUMBERS).to_string();
    bytes.splice(start..start + length, number.bytes());
}

fn weights() -> Vec<Tensor> {
    let other =
        Tensor { name: "flags".into(), shape: vec![2], data: Data::Other(Dtype::BOOL, vec![0, 1]) };
    vec![
        Tensor::f64("mean", [2], vec![0.5, 2.0]),
        Tensor::f32("layers.0.weight", [3, 4], (0..12).map(|i| i as f32).collect()),
        Tensor::f32("layers.0.bias", [3], vec![1.0; 3]),
        other,
    ]
}

fn safetensors_file() -> Vec<u8> {
    let metadata: Metadata = [("spusk_format".to_string(), "1".to_string())].into();
    let mut bytes = Vec::new();
    let tensors = weights();
    let layout = Layout::new(&tensors, &metadata).expect("the weights can be written");
    layout.write(&mut bytes).expect("memory takes them");
    bytes
}

#[test]
fn mutated_safetensors_files() {
    let _alone = alone();
    let base = safetensors_file();
    let (mut good, mut bad) = (0, 0);
    for seed in 0..3000 {
        let mut bytes = base.clone();
        mutate(&mut bytes, &mut Random(seed));
        match within(10 * bytes.len(), || safetensors::from_bytes(&bytes)) {
            Ok(contents) => {
                good += 1;
                // What is accepted is consistent: it can be written, and reads back to itself.
                let mut again = Vec::new();
                let layout = Layout::new(&contents.tensors, &contents.metadata);
                layout.expect("checked").write(&mut again).unwrap();
                let read = safetensors::from_bytes(&again).unwrap();
                assert_eq!(read.tensors.len(), contents.tensors.len());
            }
            Err(error) => {
                bad += 1;
                check_message(&error);
            }
        }
    }
    assert!(good > 100 && bad > 1500, "both outcomes are seen: {good} good, {bad} bad");
}

/// Headers made to take memory: many entries, long shapes, long texts, claims beyond the file.
#[test]
fn greedy_safetensors_headers() {
    let _alone = alone();
    let entry = |i: usize| format!(r#""{i}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#);
    let object = |fields: Vec<String>| format!("{{{}}}", fields.join(","));
    let headers = [
        object((0..50_000).map(entry).collect()),
        object(vec![format!(r#""w":{{"dtype":"F32","shape":[{}1]}}"#, "1,".repeat(500_000))]),
        object(vec![format!(r#""{}":1"#, "x".repeat(1_000_000))]),
        object(vec![format!(r#""w":{{"dtype":"{}"}}"#, "x".repeat(1_000_000))]),
        object(vec![format!(r#""w":{{"dtype":{}"#, "[".repeat(1_000_000))]),
        object(vec![format!(
            r#""__metadata__":{{{}}}"#,
            (0..50_000).map(|i| format!(r#""{i}":"""#)).collect::<Vec<_>>().join(",")
        )]),
        object(vec![r#""w":{"dtype":"F32","shape":[4611686018427387903],"data_offsets":[0,18446744073709551612]}"#.into()]),
        object(vec![r#""w":{"dtype":"U8","shape":[1000000000000],"data_offsets":[0,1000000000000]}"#.into()]),
    ];
    for header in headers {
        let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
        if let Err(error) = within(10 * bytes.len(), || safetensors::from_bytes(&bytes)) {
            check_message(&error);
        }
    }
}

fn state(step: u64) -> CheckpointState {
    let progress = Progress {
        step,
        schedule: serde_json::json!({ "rate": 0.1, "left": [1, 2, 3] }),
        data_fingerprint: "fingerprint".into(),
        ..Progress::default()
    };
    CheckpointState { tensors: weights(), progress }
}

const FILES: [&str; 3] = ["MANIFEST.json", "state.json", "state.safetensors"];

/// Two checkpoints; the newer one is mutated, every second time with hashes that agree again, as an
/// attacker would have them.
#[test]
fn mutated_checkpoints() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let (mut checkpoints, _) = Checkpoints::open(Arc::new(Disk), root).unwrap();
    checkpoints.save(&state(1)).unwrap();
    let newest = checkpoints.save(&state(2)).unwrap().path;
    let whole: Vec<Vec<u8>> =
        FILES.iter().map(|name| fs::read(newest.join(name)).unwrap()).collect();
    let (mut new, mut old, mut refused) = (0, 0, 0);
    for seed in 0..1000 {
        let mut random = Random(seed);
        let mut files = whole.clone();
        let which = random.below(3);
        mutate(&mut files[which], &mut random);
        let forged = seed % 2 == 1 && which > 0;
        if forged {
            forge(&mut files);
        }
        for (name, bytes) in FILES.iter().zip(&files) {
            fs::write(newest.join(name), bytes).unwrap();
        }
        let length: usize = files.iter().map(Vec::len).sum();
        match within(10 * length, || checkpoint::latest(&Disk, root)) {
            Ok(restored) => {
                let restored = restored.expect("the older one is whole");
                if restored.damaged.is_empty() {
                    new += 1;
                    // Only what carries the right hashes is believed.
                    assert!(forged || restored.state == state(2), "seed {seed}");
                } else {
                    old += 1;
                    assert_eq!(restored.state, state(1));
                    check_message(&restored.damaged[0]);
                }
            }
            Err(error @ CheckpointError::Newer { .. }) => {
                refused += 1;
                check_message(&error);
            }
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
    assert!(new > 5 && old > 500, "{new} new, {old} old, {refused} refused");
}

/// Writes the lengths and hashes of the files as they are now into the manifest.
fn forge(files: &mut [Vec<u8>]) {
    let record = |name: &str, bytes: &[u8]| {
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        serde_json::json!({ "name": name, "length": bytes.len(), "blake3": blake3 })
    };
    let files_records = [record(FILES[2], &files[2]), record(FILES[1], &files[1])];
    let manifest = serde_json::json!({ "format": 1, "step": 2, "files": files_records });
    files[0] = manifest.to_string().into_bytes();
}

/// Every file of a run, read through the run.
#[test]
fn mutated_runs() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("run");
    let now = std::time::SystemTime::UNIX_EPOCH;
    let run =
        RunWriter::create(&NewRun { out: Some(&out), parent: Path::new("."), name: "x", now });
    let run = run.unwrap();
    run.write_experiment(&Experiment::default()).unwrap();
    run.write_model(&weights(), &Metadata::new()).unwrap();
    run.write_preprocessing(&serde_json::json!({ "means": [0.5, 1.5], "classes": ["a"] })).unwrap();
    let (mut log, _) = run.metrics(0).unwrap();
    for epoch in 0..5 {
        log.append(&serde_json::json!({ "event": "epoch", "epoch": epoch, "loss": 0.5 })).unwrap();
    }
    let run = RunDir::open(&out).unwrap();
    type Read = fn(&RunDir) -> Result<(), spusk::run::RunError>;
    let readers: [(&str, Read); 4] = [
        ("experiment.toml", |run| run.experiment(Vocabulary::default()).map(drop)),
        ("model.safetensors", |run| run.model().map(drop)),
        ("preprocessing.json", |run| run.preprocessing::<serde_json::Value>().map(drop)),
        ("metrics.jsonl", |run| run.metrics().map(drop)),
    ];
    for (name, read) in readers {
        let path = out.join(name);
        let whole = fs::read(&path).unwrap();
        let mut bad = 0;
        for seed in 0..500 {
            let mut bytes = whole.clone();
            mutate(&mut bytes, &mut Random(seed));
            fs::write(&path, &bytes).unwrap();
            if let Err(error) = within(16 * bytes.len(), || read(&run)) {
                bad += 1;
                check_message(&error);
                assert!(error.to_string().contains(name), "the file is named: {error}");
            }
        }
        assert!(bad > 100, "{name}: {bad}");
        fs::write(&path, whole).unwrap();
    }
}

/// Random bytes, and things that are not files.
#[test]
fn what_is_no_file_at_all() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    for seed in 0..200 {
        let mut random = Random(seed);
        let bytes: Vec<u8> = (0..random.below(200)).map(|_| random.next() as u8).collect();
        check_message(&safetensors::from_bytes(&bytes).unwrap_err());
    }
    check_message(&safetensors::read(directory.path()).unwrap_err());
    check_message(&safetensors::read(Path::new("")).unwrap_err());
    check_message(&RunDir::open(Path::new("")).unwrap_err());
}
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
    if let Some(peak) = peak_memory() {
        assert!(peak < 300 << 20, "{file}: {peak} bytes");
    folder.file(file, bytes);
    read
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
fn a_thousand_mutated_numpy_files() {
    let folder = Folder::new();
    let floats: Vec<u8> = (0..300).flat_map(|at| (at as f32 * 0.7 % 5.0).to_le_bytes()).collect();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (100, 3), }";
    for version in [1, 2] {
        let bytes = npy(version, header, &floats);
        let spec = folder.path().join("a.npy").display().to_string();
        let read = survive(&folder, "a.npy", &bytes, &spec, 500);
        assert!((1..450).contains(&read), "{read}");
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
            zip::CompressionMethod::Stored
        };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        archive.start_file(format!("{name}.npy"), options).expect("starts");
        std::io::Write::write_all(&mut archive, &array).expect("writes");
    archive.finish().expect("finishes");
    let bytes = bytes.into_inner();
    let spec = folder.file("a.npz", &bytes).display().to_string();
    let data = prepare(&spec, &DataOptions::default()).expect("is whole");
    assert_eq!((data.accounting.rows, data.test.len()), (30, 5));
    assert_eq!(data.preprocessing.shape(), [4, 4, 1]);
    survive(&folder, "a.npz", &bytes, &spec, 500);
fn table() -> Vec<u8> {
    let mut text = String::from("day,n,\"quoted, name\",flag,price\n");
    for row in 0..40 {
        let name = ["red", "\"a \"\"b\"\"\"", "\"x,y\"", ""][row % 4];
        let flag = ["yes", "no", "NA"][row % 3];
        let _ = writeln!(text, "2026-01-{:02},{}.5,{name},{flag},{}", row % 28 + 1, row * row, row);
    text.into_bytes()
fn mutated_tables() {
    let folder = Folder::new();
    let spec = folder.path().join("t.csv").display().to_string();
    assert!(survive(&folder, "t.csv", &table(), &spec, 500) > 0);
    let spec = folder.path().join("t.csv.gz").display().to_string();
    survive(&folder, "t.csv.gz", &gzip(&table()), &spec, 300);
/// Damaged rows for a prediction, and damaged saved preprocessing.
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
    assert_eq!(predict(&preprocessing, &spec).expect("is whole"), 40);
    for seed in 0..300 {
        let mutated = folder.file("m.csv", &mutate(&table(), seed)).display().to_string();
        let result = catch_unwind(AssertUnwindSafe(|| predict(&preprocessing, &mutated).map(drop)));
        assert!(result.is_ok(), "mutation {seed} of the rows panics");
    let bare: String =
        (0..30).map(|row| format!("{row}.5,{},{}\n", row * 3 % 7, row % 2)).collect();
    let bare = folder.file("bare.csv", bare.as_bytes()).display().to_string();
    for spec in [&spec, &bare, &"digits".to_owned()] {
        mutated_preprocessing(spec, &predict);
fn mutated_preprocessing(
    spec: &str,
    predict: &dyn Fn(&Preprocessing, &str) -> Result<usize, spusk::data::DataError>,
    let preprocessing = prepare(spec, &DataOptions::default()).expect("is whole").preprocessing;
    let saved = serde_json::to_vec(&preprocessing).expect("has a text form");
        let Ok(preprocessing) = serde_json::from_slice::<Preprocessing>(&mutate(&saved, seed))
        else {
            continue;
        };
        let result = catch_unwind(AssertUnwindSafe(|| predict(&preprocessing, spec).map(drop)));
        assert!(result.is_ok(), "mutation {seed} of the preprocessing panics");
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
