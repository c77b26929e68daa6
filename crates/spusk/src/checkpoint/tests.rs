//! What survives what: saves, damage, full disks, power loss.

use std::sync::Arc;

use super::*;
use crate::fs::Disk;
use crate::fs::simulated::{Loss, Simulated};

const ROOT: &str = "/checkpoints";

fn state(step: u64) -> CheckpointState {
    let values = (0..10).map(|i| (step * 10 + i) as f32).collect();
    let progress = Progress {
        step,
        epoch: step / 3,
        position: 17,
        seed: u64::MAX,
        data_fingerprint: "abc".into(),
        metrics_bytes: 100 * step,
        elapsed_seconds: 0.1 + 0.2,
        schedule: serde_json::json!({ "rate": 1e-3, "reductions": [1, 2] }),
        ..Progress::default()
    };
    let tensors = vec![
        Tensor::f32("layers.0.weight", [2, 5], values),
        Tensor::f64("average", [1], vec![step as f64 / 3.0]),
    ];
    CheckpointState { tensors: sorted(tensors), progress }
}

/// In the order in which they are read back.
fn sorted(mut tensors: Vec<Tensor>) -> Vec<Tensor> {
    tensors.sort_by_key(|tensor| std::cmp::Reverse(tensor.data.dtype().size()));
    tensors
}

fn with_best(step: u64, best: u64) -> CheckpointState {
    let mut state = state(step);
    let metric = "validation_loss".into();
    state.progress.best = Some(Best { step: best, epoch: 0, metric, value: f64::INFINITY });
    state
}

fn open(fs: &Simulated) -> (Checkpoints, Option<Restored>) {
    Checkpoints::open(Arc::new(fs.clone()), Path::new(ROOT)).unwrap()
}

fn steps(fs: &dyn Fs) -> Vec<u64> {
    directory::list(fs, Path::new(ROOT)).unwrap().iter().map(|name| name.step).collect()
}

#[test]
fn what_is_saved_is_restored_to_the_same_bits() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("checkpoints");
    let open = || Checkpoints::open(Arc::new(Disk), &root).unwrap();
    let (mut checkpoints, restored) = open();
    assert!(restored.is_none());
    let state = with_best(3, 3);
    let saved = checkpoints.save(&state).unwrap();
    assert_eq!(saved.path, root.join("000001-step-3"));
    assert!(saved.not_deleted.is_empty());
    let restored = open().1.unwrap();
    assert_eq!(restored.state, state);
    assert_eq!(restored.path, saved.path);
    assert!(restored.damaged.is_empty());
    assert_eq!(latest(&Disk, &root).unwrap().unwrap().state, state);
    assert!(latest(&Disk, &directory.path().join("none")).unwrap().is_none());
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    let files = || {
        let fs = Simulated::default();
        let path = open(&fs).0.save(&state(3)).unwrap().path;
        fs.list(&path)
            .unwrap()
            .into_iter()
            .map(move |name| fs.read(&path.join(name), 9999).unwrap())
    };
    assert!(files().eq(files()));
    assert_eq!(files().count(), 3);
}

#[test]
fn the_last_two_and_the_best_are_kept() {
    let fs = Simulated::default();
    let (mut checkpoints, _) = open(&fs);
    for (step, best, want) in [
        (1, 1, &[1][..]),
        (2, 2, &[1, 2]),
        (3, 2, &[2, 3]),
        (4, 2, &[2, 3, 4]),
        (5, 2, &[2, 4, 5]),
        (6, 6, &[5, 6]),
        (6, 6, &[6, 6]),
    ] {
        checkpoints.save(&with_best(step, best)).unwrap();
        assert_eq!(steps(&fs), want, "after step {step}");
    }
}

/// Breaks the checkpoint of the newest of the steps 1, 2 and 3 and tells what is said of it.
fn damage(break_it: impl Fn(&Simulated, &Path)) -> String {
    let fs = Simulated::default();
    let (mut checkpoints, _) = open(&fs);
    checkpoints.save(&state(1)).unwrap();
    checkpoints.save(&state(2)).unwrap();
    let path = checkpoints.save(&state(3)).unwrap().path;
    break_it(&fs, &path);
    let (mut checkpoints, restored) = open(&fs);
    let restored = restored.unwrap();
    assert_eq!(restored.state, state(2));
    let [damaged] = restored.damaged.as_slice() else { panic!("one is damaged") };
    assert_eq!(damaged.path, path);
    // Going on from step 2 leaves what is newer and whole, and removes what is damaged.
    checkpoints.save(&state(2)).unwrap();
    assert_eq!(steps(&fs), [2, 2]);
    let (_, again) = open(&fs);
    assert!(again.unwrap().damaged.is_empty());
    damaged.to_string()
}

fn rewrite(fs: &Simulated, path: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs.read(path, u64::MAX).unwrap();
    change(&mut bytes);
    fs.write(path, &mut |to| to.write_all(&bytes)).unwrap();
}

fn replace(fs: &Simulated, path: &Path, from: &str, to: &str) {
    rewrite(fs, path, |bytes| {
        *bytes = String::from_utf8_lossy(bytes).replacen(from, to, 1).into_bytes();
    });
}

#[test]
fn a_damaged_checkpoint_is_passed_over_and_reported() {
    let bytes_of = |name: &'static str| {
        move |change: fn(&mut Vec<u8>)| {
            damage(move |fs, path| rewrite(fs, &path.join(name), change))
        }
    };
    let text_of = |name: &'static str| {
        move |from: &'static str, to: &'static str| {
            damage(move |fs, path| replace(fs, &path.join(name), from, to))
        }
    };
    let remove =
        |name: &'static str| damage(move |fs, path| fs.remove_file(&path.join(name)).unwrap());
    let manifest = text_of("MANIFEST.json");
    let messages = [
        remove("MANIFEST.json"),
        remove("state.json"),
        remove("state.safetensors"),
        bytes_of("state.safetensors")(|bytes| bytes[150] ^= 1),
        bytes_of("state.safetensors")(|bytes| bytes.truncate(bytes.len() - 1)),
        bytes_of("state.safetensors")(|bytes| bytes.push(0)),
        bytes_of("state.safetensors")(Vec::clear),
        bytes_of("MANIFEST.json")(Vec::clear),
        text_of("state.json")("17", "18"),
        manifest("\"format\": 1", "\"format\": \"1\""),
        manifest("\"step\": 3", "\"step\": 4"),
        manifest("\"step\"", "\"stop\""),
        manifest("state.json", "../state.json"),
        manifest("\"blake3\": \"", "\"blake3\": \"0"),
        manifest("\"length\": ", "\"length\": 1"),
        manifest("\"length\": ", "\"length\": -"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn where_all_are_damaged_it_is_an_error() {
    let fs = Simulated::default();
    let (mut checkpoints, _) = open(&fs);
    for step in [1, 2] {
        let path = checkpoints.save(&state(step)).unwrap().path;
        fs.remove_file(&path.join("MANIFEST.json")).unwrap();
    }
    let error = Checkpoints::open(Arc::new(fs), Path::new(ROOT)).err().unwrap().to_string();
    insta::assert_snapshot!(error);
}

#[test]
fn a_newer_format_is_an_error_and_nothing_is_lost() {
    let fs = Simulated::default();
    let (mut checkpoints, _) = open(&fs);
    checkpoints.save(&state(1)).unwrap();
    let path = checkpoints.save(&state(2)).unwrap().path;
    replace(&fs, &path.join("MANIFEST.json"), "\"format\": 1", "\"format\": 2, \"new\": []");
    let error = Checkpoints::open(Arc::new(fs.clone()), Path::new(ROOT)).err().unwrap();
    assert_eq!(
        error.to_string(),
        "checkpoint /checkpoints/000002-step-2 has format 2, this version of spusk reads up to 1; \
         update spusk to go on"
    );
    assert_eq!(steps(&fs), [1, 2]);
}

#[test]
fn foreign_and_half_written_directories() {
    let fs = Simulated::default();
    let (mut checkpoints, _) = open(&fs);
    checkpoints.save(&state(1)).unwrap();
    let leftovers = ["000002-step-2.tmp-77", "000001-step-0.tmp-1"];
    let foreign = ["mine", "mine.tmp-1", "2-step-2"];
    for name in leftovers.into_iter().chain(foreign) {
        fs.create_dir(&Path::new(ROOT).join(name)).unwrap();
    }
    assert_eq!(open(&fs).1.unwrap().state, state(1));
    let mut left = fs.list(Path::new(ROOT)).unwrap();
    left.retain(|name| name != "000001-step-1");
    assert_eq!(left, ["2-step-2", "mine", "mine.tmp-1"]);
}

/// Saves step 1 to `before`, then one more with the power cut after each step of it, and checks
/// what is found when the power is back.
fn power_loss(before: u64) {
    let prepare = || {
        let fs = Simulated::default();
        let (mut checkpoints, _) = open(&fs);
        for step in 1..=before {
            checkpoints.save(&with_best(step, step.min(2))).unwrap();
        }
        (fs, checkpoints)
    };
    let new = with_best(before + 1, (before + 1).min(2));
    let count = {
        let (fs, mut checkpoints) = prepare();
        fs.cut_power_after(None);
        checkpoints.save(&new).unwrap();
        fs.steps()
    };
    assert!(count > 10, "the power must be cut inside the save");
    for cut in 0..=count {
        for loss in Loss::all() {
            let (fs, mut checkpoints) = prepare();
            fs.cut_power_after(Some(cut));
            let saved = checkpoints.save(&new);
            let found = check_after_power_loss(&fs.after_power_loss(loss), before);
            let context = format!("{before} saved, power cut after {cut} of {count}, {loss:?}");
            assert!(found == before || found == before + 1, "{context}: found step {found}");
            if saved.is_ok() {
                assert_eq!(found, before + 1, "{context}: it was said to be saved");
            }
        }
    }
}

/// The step that is found, 0 for none; whole and without anything left over.
fn check_after_power_loss(fs: &Simulated, before: u64) -> u64 {
    let (mut checkpoints, restored) = open(fs);
    let restored = restored.map(|restored| {
        assert!(restored.damaged.is_empty(), "{:?}", restored.damaged);
        restored.state
    });
    let step = restored.as_ref().map_or(0, |state| state.progress.step);
    if let Some(restored) = restored {
        assert_eq!(restored, with_best(step, step.min(2)));
    }
    let names = fs.list(Path::new(ROOT)).unwrap();
    assert!(names.iter().all(|name| !name.contains(".tmp-")), "{names:?}");
    assert!(step < 2 || steps(fs).contains(&2), "the best one stays");
    // The run goes on.
    let next = with_best(before + 9, 2);
    checkpoints.save(&next).unwrap();
    assert_eq!(open(fs).1.unwrap().state, next);
    step
}

#[test]
fn power_loss_leaves_the_old_or_the_new_checkpoint() {
    for before in 0..5 {
        power_loss(before);
    }
}

#[test]
fn a_full_disk_is_an_error_and_the_old_checkpoint_stands() {
    let mut refused = 0;
    for space in (0..2000).step_by(7) {
        let fs = Simulated::default();
        let (mut checkpoints, _) = open(&fs);
        checkpoints.save(&state(1)).unwrap();
        fs.limit_space(Some(space));
        let saved = checkpoints.save(&state(2));
        assert_eq!(
            steps(&fs).len(),
            fs.list(Path::new(ROOT)).unwrap().len(),
            "nothing is left over"
        );
        let found = open(&fs).1.unwrap();
        assert!(found.damaged.is_empty());
        match saved {
            Ok(_) => assert_eq!(found.state, state(2)),
            Err(error) => {
                refused += 1;
                assert_eq!(found.state, state(1));
                assert_eq!(
                    error.to_string(),
                    "cannot save the checkpoint /checkpoints/000002-step-2: no storage space; \
                     the checkpoint before it is untouched; free some space"
                );
                // With room again the run goes on.
                fs.limit_space(None);
                checkpoints.save(&state(2)).unwrap();
                assert_eq!(open(&fs).1.unwrap().state, state(2));
            }
        }
    }
    assert!((10..280).contains(&refused), "both outcomes are seen: {refused}");
}

#[test]
fn tensors_that_cannot_be_written_are_refused_before_anything_is() {
    let fs = Simulated::default();
    let (mut checkpoints, _) = open(&fs);
    let twice = Tensor::f32("w", [1], vec![0.0]);
    let state = CheckpointState { tensors: vec![twice.clone(), twice], ..state(1) };
    let error = checkpoints.save(&state).unwrap_err().to_string();
    assert!(error.contains("tensor `w` occurs twice"), "{error}");
    assert!(open(&fs).1.is_none());
}
