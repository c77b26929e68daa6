//! `kill -9` at random moments: whatever is left on the disk goes on to the same bits.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::Place;
use super::enhance::photos;

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

/// What all trainings here have: few steps, a checkpoint every few of them.
const OFTEN: &str = "--checkpoint-every 5 --seed 4 --learning-rate 0.01 --format json";

#[test]
fn a_killed_run_goes_on_to_the_same_bits() {
    let layers = "dense 8, batch_norm, relu, dropout 0.1";
    check(&Place::new(), "--data blobs:200,3 --batch-size 8 --epochs 8", layers, kills());
}

/// Patches are drawn and noise is added anew in every epoch.
#[test]
fn a_killed_denoiser_goes_on_to_the_same_bits() {
    let place = Place::new();
    photos(&place, 1);
    let data = "--data photos --task denoise --patches 96 --patch 16 --batch-size 8 --epochs 6";
    check(&place, data, "denoiser:3 width=8", kills() / 4);
}

/// Texts of many lengths, kept in a file beside the rows, and dropout of tokens.
#[test]
fn a_killed_reader_of_texts_goes_on_to_the_same_bits() {
    let place = Place::new();
    let words = ["red", "green", "blue", "sky", "sea", "tree", "sun", "rain", "wind"];
    let mut table = String::from("text,kind\n");
    for row in 0..160_usize {
        let text = |i: usize| words[(row * 7 + i * (row % 5 + 1)) % words.len()];
        let text: Vec<&str> = (0..5 + row % 6).map(text).collect();
        let kind = if text.contains(&"sun") { "warm" } else { "cold" };
        table += &format!("{} {row},{kind}\n", text.join(" "));
    }
    std::fs::write(place.path("texts.csv"), table).expect("writes");
    let data = "--data texts.csv --target kind --batch-size 8 --epochs 6";
    check(
        &place,
        data,
        "embedding 1 6, dropout 0.2, gru 5 bidirectional=true last=true",
        kills() / 4,
    );
}

/// Kills runs of a training at random moments and lets them go on: all end with the bits of a run that
/// nobody disturbed.
fn check(place: &Place, data: &str, model: &str, kills: usize) {
    let given = data.split(' ').chain(OFTEN.split(' '));
    let train: Vec<&str> = ["train", "--model", model].into_iter().chain(given).collect();
    let start = Instant::now();
    place.good(&[&train[..], &["--out", "whole"]].concat());
    let lasts = start.elapsed();
    let whole = place.bytes("whole/model.safetensors");
    let mut chance = Chance(1);
    let (mut killed, mut run) = (0, 0);
    while killed < kills {
        run += 1;
        let name = format!("run-{run}");
        let begun = || place.path(&format!("{name}/experiment.toml")).exists();
        let words = || match begun() {
            true => vec!["train", "--resume", &name, "--format", "json"],
            false => [&train[..], &["--out", &name]].concat(),
        };
        // Some runs are killed again when they go on.
        let mut deadly = true;
        while deadly {
            let after = lasts.mul_f64(chance.next());
            let struck = strike(place, &words(), after);
            killed += usize::from(struck);
            deadly = struck && chance.next() < 0.4;
        }
        place.good(&words());
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
