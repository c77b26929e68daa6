//! `kill -9` at random moments: whatever is left on the disk goes on to the same bits.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::Place;

const TRAIN: [&str; 17] = [
    "train",
    "--data",
    "blobs:200,3",
    "--model",
    "dense 8, batch_norm, relu, dropout 0.1",
    "--batch-size",
    "8",
    "--epochs",
    "8",
    "--checkpoint-every",
    "5",
    "--seed",
    "4",
    "--learning-rate",
    "0.01",
    "--format",
    "json",
];

/// How often a run is killed; `SPUSK_KILLS` asks for more.
fn kills() -> usize {
    std::env::var("SPUSK_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

/// Numbers from 0 to below 1 that look random (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[test]
fn a_killed_run_goes_on_to_the_same_bits() {
    let place = Place::new();
    let start = Instant::now();
    place.good(&[&TRAIN[..], &["--out", "whole"]].concat());
    let lasts = start.elapsed();
    let whole = place.bytes("whole/model.safetensors");
    let mut chance = Chance(1);
    let (mut killed, mut run) = (0, 0);
    while killed < kills() {
        run += 1;
        let name = format!("run-{run}");
        // Some runs are killed again when they go on.
        let mut deadly = true;
        while deadly {
            let begun = place.path(&format!("{name}/experiment.toml")).exists();
            let words = match begun {
                true => vec!["train", "--resume", &name, "--format", "json"],
                false => [&TRAIN[..], &["--out", &name]].concat(),
            };
            let after = lasts.mul_f64(chance.next());
            let struck = strike(&place, &words, after);
            killed += usize::from(struck);
            deadly = struck && chance.next() < 0.4;
        }
        if !place.path(&format!("{name}/experiment.toml")).exists() {
            place.good(&[&TRAIN[..], &["--out", &name]].concat());
        } else {
            place.good(&["train", "--resume", &name, "--format", "json"]);
        }
        let model = place.bytes(&format!("{name}/model.safetensors"));
        assert!(model == whole, "run {run} after {killed} kills has other weights");
    }
}

/// Starts a run and kills it after a time; false if it was over by then.
fn strike(place: &Place, words: &[&str], after: Duration) -> bool {
    let mut child = place
        .command(words)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    std::thread::sleep(after);
    if child.try_wait().expect("it can be asked").is_some() {
        return false;
    }
    child.kill().expect("it can be killed");
    let status = child.wait().expect("it ends");
    status.code().is_none()
}
