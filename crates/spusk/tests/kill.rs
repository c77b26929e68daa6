//! A trainer that is killed in the middle of saving, over and over: what it said was saved is there.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use spusk::checkpoint::{CheckpointState, Checkpoints, Progress};
use spusk::fs::Disk;
use spusk::safetensors::Tensor;

/// Set in the process that is killed; names the directory to save to.
const CHILD: &str = "SPUSK_TEST_KILL_CHILD";

/// Every number follows from the step, so that a mixture of two checkpoints would show.
fn state(step: u64) -> CheckpointState {
    let values: Vec<f32> = (0..20_000).map(|i| (step * 31 + i) as f32).collect();
    let progress = Progress { step, metrics_bytes: step * 7, ..Progress::default() };
    CheckpointState { tensors: vec![Tensor::f32("w", [values.len()], values)], progress }
}

/// Saves one step after the other and says each when it is safe. Does nothing unless it is asked to.
#[test]
fn child() {
    let Some(root) = std::env::var_os(CHILD) else { return };
    let open = Checkpoints::open(Arc::new(Disk), Path::new(&root));
    let (mut checkpoints, restored) = open.expect("the directory can be opened");
    let first = restored.map_or(0, |found| found.state.progress.step);
    let mut out = std::io::stdout();
    for step in first + 1.. {
        checkpoints.save(&state(step)).expect("there is room");
        writeln!(out, "saved {step}").and_then(|()| out.flush()).expect("the parent listens");
    }
}

/// Runs the child until it has said `count` steps and a little longer, kills it, and returns the
/// last step that it said.
fn kill_after(root: &Path, count: usize, microseconds: u64) -> io::Result<u64> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["child", "--exact", "--nocapture", "--test-threads", "1"])
        .env(CHILD, root)
        .stdout(Stdio::piped())
        .spawn()?;
    let out = child.stdout.take().expect("it is piped");
    let mut steps = BufReader::new(out)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.split("saved ").nth(1)?.parse().ok());
    let said = steps.nth(count - 1).expect("the child goes on until it is killed");
    std::thread::sleep(Duration::from_micros(microseconds));
    child.kill()?;
    child.wait()?;
    // What it said between the last look and its end counts too.
    Ok(steps.last().unwrap_or(said))
}

/// How often the child is killed; `SPUSK_KILLS` asks for more.
fn kills() -> usize {
    std::env::var("SPUSK_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

#[test]
fn what_was_said_to_be_saved_is_there_after_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("checkpoints");
    for round in 0..kills() {
        // Spread over the few hundred microseconds to milliseconds that a save takes.
        let said = kill_after(&root, 1 + round % 3, (round as u64 * 7919) % 5000).unwrap();
        let (_, restored) = Checkpoints::open(Arc::new(Disk), &root).unwrap();
        let restored = restored.unwrap();
        let found = restored.state.progress.step;
        assert!(restored.damaged.is_empty(), "round {round}: {:?}", restored.damaged);
        assert!(found == said || found == said + 1, "round {round}: {said} said, {found} found");
        assert_eq!(restored.state, state(found));
        let left = std::fs::read_dir(&root).unwrap().count();
        assert!(left <= 3, "round {round}: nothing piles up, {left} are there");
    }
}
