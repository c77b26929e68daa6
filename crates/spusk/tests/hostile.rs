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
