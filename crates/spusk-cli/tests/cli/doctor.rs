//! `spusk doctor`, and the warnings of `spusk train`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::Place;

/// A network whose neurons start alike.
const CLONES: [&str; 15] = [
    "train",
    "--data",
    "iris",
    "--model",
    "dense 16 init=zeros, tanh, dense 16 init=zeros, tanh",
    "--epochs",
    "40",
    "--early-stopping",
    "off",
    "--learning-rate",
    "0.003",
    "--out",
    "run",
    "--format",
    "json",
];

/// Every file of a run with its bytes.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => {
                let bytes = std::fs::read(&path).expect("a file");
                all.insert(path.display().to_string(), bytes);
            }
        }
    }
    all
}

#[test]
fn a_run_is_examined_its_cures_are_tested_and_it_stays_as_it_is() {
    let place = Place::new();
    let told = place.good(&CLONES).stdout;
    let warned = told.lines().filter(|line| line.contains("\"rule\":\"clones\"")).count();
    assert_eq!(warned, 1, "told once: {told}");
    let page = String::from_utf8(place.bytes("run/report.html")).expect("text");
    assert!(page.contains("Neurons are copies of each other"));

    let before = files(&place.path("run"));
    let words = ["doctor", "run", "--steps", "60", "--format", "json"];
    let object = place.good(&words).last();
    assert_eq!(files(&place.path("run")), before, "the run was changed");
    let rules: Vec<&str> = object["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|f| f["rule"].as_str())
        .collect();
    assert!(rules.contains(&"clones"), "{rules:?}");
    let trials = object["trials"].as_array().expect("a list");
    let fresh = trials.iter().find(|trial| trial["change"] == json!("fresh_weights"));
    let fresh = fresh.expect("the cure was tested");
    assert!(fresh["plain"]["train"].is_number() && fresh["cured"]["train"].is_number());

    let said = place.good(&["doctor", "run", "--steps", "20", "--language", "ru"]).stdout;
    assert!(said.contains("нейроны — копии друг друга (clones)"), "{said}");
    let said = place.good(&["doctor", "run", "--no-trials", "--language", "en"]).stdout;
    assert!(
        said.contains("begin with random weights") && !said.contains("tested on forks"),
        "{said}"
    );
}

#[test]
fn a_run_that_broke_is_examined_from_its_start() {
    let place = Place::new();
    place.houses();
    let words = ["train", "--data", "houses.csv", "--target", "price", "--model", "dense 8, relu"];
    let more = ["--optimizer", "sgd", "--learning-rate", "1e6", "--epochs", "5", "--out", "run"];
    assert_ne!(place.run(&[&words[..], &more].concat()).status, 0);
    let object = place.good(&["doctor", "run", "--steps", "40", "--format", "json"]).last();
    let first = &object["findings"][0];
    assert_eq!(first["rule"], "not_finite", "{object}");
    assert!(object["evidence"]["not_finite"]["step"].as_u64().is_some_and(|step| step > 0));
    let trial = &object["trials"][0];
    assert!(trial["plain"]["train"].is_null(), "it diverges again: {trial}");
}

#[test]
fn warnings_can_be_switched_off_and_wrong_runs_are_refused() {
    let place = Place::new();
    let told = place.good(&[&CLONES[..], &["--diagnosis", "off"]].concat()).stdout;
    assert!(!told.contains("\"finding\""), "{told}");
    assert!(place.bad(1, &["doctor", "nowhere"]).contains("nowhere"));
}
