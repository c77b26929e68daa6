//! Ctrl-C saves, and a resumed run comes to the same bits.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::{Place, objects};

const LONG: [&str; 14] = [
    "train",
    "--data",
    "blobs:300,3",
    "--model",
    "dense 16, batch_norm, relu, dropout 0.1",
    "--batch-size",
    "8",
    "--early-stopping",
    "off",
    "--format",
    "json",
    "--learning-rate",
    "0.01",
    "--schedule=constant",
];

fn signal(child: &Child, signal: &str) {
    let kill = format!("kill -{signal} {}", child.id());
    let status = Command::new("sh").args(["-c", &kill]).status().expect("there is a shell");
    assert!(status.success());
}

#[test]
fn ctrl_c_saves_and_resume_goes_on_to_the_same_bits() {
    let place = Place::new();
    let words = [&LONG[..], &["--epochs", "1000000", "--out", "run"]].concat();
    let mut child = place
        .command(&words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    // It is in the middle of training when an epoch has been told.
    let told = lines.by_ref().map_while(Result::ok).filter(|line| line.contains("\"epoch\":3"));
    assert!(told.take(1).count() == 1, "three epochs are over some time");
    signal(&child, "INT");
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(130));
    let last = objects(rest.last().expect("the end is told")).remove(0);
    assert_eq!(last["event"], "interrupted");
    let epochs = last["epochs"].as_u64().expect("a number") + 2;
    assert!(!place.path("run/model.safetensors").exists(), "it is not trained yet");

    let epochs = epochs.to_string();
    let resumed =
        place.good(&["train", "--resume", "run", "--epochs", &epochs, "--format", "json"]);
    assert_eq!(resumed.last()["event"], "done");
    place.good(&[&LONG[..], &["--epochs", &epochs, "--out", "whole"]].concat());
    assert_eq!(place.bytes("run/model.safetensors"), place.bytes("whole/model.safetensors"));
    // Every epoch is told once, by the two processes together.
    let epochs_told = |run: &str| {
        let text = String::from_utf8(place.bytes(&format!("{run}/metrics.jsonl"))).expect("UTF-8");
        let of = |object: &serde_json::Value| {
            (object["epoch"].clone(), object["train_loss"].clone(), object["layers"].clone())
        };
        objects(&text).iter().filter(|object| object["epoch"].is_u64()).map(of).collect::<Vec<_>>()
    };
    assert_eq!(epochs_told("run"), epochs_told("whole"));
}

#[test]
fn before_there_is_anything_to_save_ctrl_c_leaves() {
    let place = Place::new();
    // Opening a pipe that nobody writes lasts forever.
    let made = Command::new("mkfifo").arg(place.path("pipe.csv")).status();
    assert!(made.expect("there is mkfifo").success());
    let mut child = place
        .command(&["train", "--data", "pipe.csv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    std::thread::sleep(std::time::Duration::from_millis(300));
    if child.try_wait().expect("it can be asked").is_none() {
        signal(&child, "INT");
        assert_eq!(child.wait().expect("it ends").code(), Some(130));
    }
    assert!(!place.path("runs").exists());
}

#[test]
fn a_resumed_run_stays_the_same_run() {
    let place = Place::new();
    // Nothing that depends on the number of epochs: no schedule, no automatic choice.
    let fixed = "train --data iris --model mlp:16 --learning-rate 0.01 --schedule constant --quiet";
    let train = |epochs: &str, out: &str| {
        let fixed: Vec<&str> = fixed.split(' ').collect();
        place.good(&[&fixed[..], &["--epochs", epochs, "--out", out]].concat());
    };
    train("2", "run");
    let error = place.bad(2, &["train", "--resume", "run", "--learning-rate", "0.5"]);
    assert!(error.contains("keeps its `training.learning_rate`"), "{error}");
    let error = place.bad(2, &["train", "--resume", "run", "other.toml"]);
    assert!(error.contains("--resume"), "{error}");
    // A run that is over can go on for more epochs.
    let more = place.good(&["train", "--resume", "run", "--epochs", "4", "--format", "json"]);
    assert_eq!(more.last()["epochs"], 4);
    train("4", "whole");
    assert_eq!(place.bytes("run/model.safetensors"), place.bytes("whole/model.safetensors"));
}
