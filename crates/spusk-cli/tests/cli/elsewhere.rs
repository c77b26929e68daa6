//! Runs that are used from another folder, or that cannot go on.

use std::process::Command;

use super::{Place, Ran};

/// The binary in a folder of the place.
fn from(place: &Place, folder: &str, words: &[&str]) -> Ran {
    std::fs::create_dir_all(place.path(folder)).expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_spusk"));
    command.args(words).current_dir(place.path(folder)).env("LC_ALL", "C");
    Ran::of(command.output().expect("the binary starts"))
}

fn run_of_houses(place: &Place, epochs: &str) {
    place.houses();
    let words = ["train", "--data", "houses.csv", "--model", "mlp:4", "--learning-rate", "0.01"];
    place.good(&[&words[..], &["--epochs", epochs, "--out", "run", "--quiet"]].concat());
}

#[test]
fn the_data_of_a_run_are_found_from_another_folder() {
    let place = Place::new();
    run_of_houses(&place, "2");
    for words in [&["evaluate", "../run"][..], &["train", "--resume", "../run", "--epochs", "3"]] {
        let ran = from(&place, "other", words);
        assert_eq!(ran.status, 0, "{words:?}: {}", ran.stderr);
    }
    // The folder as a whole may move.
    let moved = Place::new();
    for name in ["run", "houses.csv"] {
        let [old, new] = [place.path(name), moved.path(name)];
        let copied = Command::new("cp").arg("-r").args([old, new]).status();
        assert!(copied.expect("there is cp").success());
    }
    drop(place);
    assert_eq!(from(&moved, "other", &["evaluate", "../run"]).status, 0);
    std::fs::rename(moved.path("houses.csv"), moved.path("other/flats.csv")).expect("a file");
    for words in [&["evaluate", "run"][..], &["train", "--resume", "run", "--epochs", "4"]] {
        let error = moved.bad(1, words);
        assert!(error.contains("are not there any more") && error.contains("--data"), "{error}");
    }
    let words = ["train", "--resume", "run", "--epochs", "4", "--data", "other/flats.csv"];
    moved.good(&words);
}

#[test]
fn a_run_in_the_place_of_an_experiment_is_to_be_resumed() {
    let place = Place::new();
    run_of_houses(&place, "1");
    let error = place.bad(2, &["train", "run"]);
    assert!(error.contains("--resume run") && !error.contains("--data"), "{error}");
}

#[test]
fn what_a_resumed_run_does_not_do_is_said() {
    let place = Place::new();
    run_of_houses(&place, "5");
    let told = place.good(&["train", "--resume", "run", "--epochs", "3"]).stdout;
    assert!(told.contains("has 5 epochs already and 3 are asked for"), "{told}");
    std::fs::remove_dir_all(place.path("run/checkpoints")).expect("a folder");
    let told = place.good(&["train", "--resume", "run", "--epochs", "2"]).stdout;
    assert!(told.contains("no checkpoint yet, so it starts from the beginning"), "{told}");
}

#[test]
fn where_every_checkpoint_is_damaged_the_way_on_is_said() {
    let place = Place::new();
    run_of_houses(&place, "2");
    for entry in std::fs::read_dir(place.path("run/checkpoints")).expect("a folder") {
        let file = entry.expect("an entry").path().join("state.json");
        std::fs::write(file, "{}").expect("a file");
    }
    let error = place.bad(1, &["train", "--resume", "run", "--epochs", "3"]);
    assert!(error.contains("spusk train run/experiment.toml --out ANOTHER"), "{error}");
}
