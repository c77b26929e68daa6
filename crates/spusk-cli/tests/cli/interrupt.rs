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
    // What was learned so far can be used, and is told to be unfinished.
    place.write("row.csv", "0.5,0.5\n");
    let uses = [
        &["evaluate", "run"][..],
        &["describe", "run"],
        &["predict", "run", "--data", "row.csv"],
        &["export", "run", "--onnx", "run.onnx"],
    ];
    for words in uses {
        let told = place.good(words).stderr;
        assert!(told.contains("is not over; these are its weights so far"), "{words:?}: {told}");
        assert!(told.contains("spusk train --resume run"), "{words:?}: {told}");
    }

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
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(130));
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(told, "stopped before training began; nothing was saved\n");
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

/// What the first sitting found out and took is in the report of the last one.
#[test]
fn the_report_of_a_resumed_run_knows_its_beginning() {
    let place = Place::new();
    let words =
        ["train", "--data", "spirals:600", "--model", "mlp:8", "--epochs", "40", "--out", "run"];
    place.good(&words);
    let found = |name: &str| {
        let report: serde_json::Value =
            serde_json::from_slice(&place.bytes(&format!("{name}/report.json"))).expect("JSON");
        let content = &report["content"];
        (
            content["automatic"].clone(),
            content["environment"]["seconds"].as_f64().expect("a number"),
        )
    };
    let (automatic, seconds) = found("run");
    assert!(!automatic["text"].as_array().expect("a list").is_empty());
    place.good(&["train", "--resume", "run", "--epochs", "41"]);
    let (again, more) = found("run");
    assert_eq!(again, automatic);
    assert!(more > seconds * 0.5, "{more} s with the first sitting of {seconds} s");
    let page = String::from_utf8(place.bytes("run/report.html")).expect("UTF-8");
    assert!(page.contains("How the learning rate was found"));
}
