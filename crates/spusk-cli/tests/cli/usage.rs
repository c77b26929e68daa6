//! Wrong words, files that are not there, closed pipes.

use std::process::Stdio;

use super::Place;

#[test]
fn wrong_words_have_status_2() {
    let place = Place::new();
    let check = |words: &[&str], said: &[&str]| {
        let error = place.bad(2, words);
        said.iter().for_each(|said| assert!(error.contains(said), "{words:?}: {error}"));
    };
    check(&["train", "--epoch", "3"], &["--epochs"]);
    check(&["train", "--epochs", "some"], &["--epochs some", "a whole number of at least 1"]);
    check(&["train", "--optimizer", "adamm"], &["there is no optimizer", "did you mean `adam`?"]);
    check(&["train", "--model", "dense 12, rleu"], &["did you mean `relu`?"]);
    check(&["train", "--set", "epochz=3"], &["did you mean `epochs` in [training]?"]);
    check(&["train", "houses.csv"], &["--data houses.csv"]);
    check(&["train", "--test-fraction", "1.5"], &["from 0 to below 1"]);
    check(&["bench", "W77"], &["no workload is named `W77`"]);
    check(&["evaluate"], &["<RUN>"]);
    check(&["paint"], &["unrecognized subcommand"]);
}

#[test]
fn bad_input_has_status_1_and_says_where() {
    let place = Place::new();
    place.write("typo.toml", "[training]\nepochs = 3\nlearning_rat = 0.1\n");
    place.write("words.csv", "a,b,y\n1,2,3\n2,3,4\n3,x,5\n");
    let check = |words: &[&str], said: &[&str]| {
        let error = place.bad(1, words);
        said.iter().for_each(|said| assert!(error.contains(said), "{words:?}: {error}"));
    };
    check(&["train", "none.toml"], &["none.toml"]);
    check(&["train", "typo.toml"], &["typo.toml:3:1", "did you mean `learning_rate`?"]);
    check(&["train", "--data", "none.csv"], &["none.csv", "no such file"]);
    check(&["train", "--data", "words.csv", "--target", "z"], &["words.csv", "z"]);
    check(&["train", "--data", "iris", "--init", "none.safetensors"], &["none.safetensors"]);
    check(&["train", "--resume", "none"], &["there is no directory none"]);
    check(&["evaluate", "none"], &["there is no directory none"]);
    check(&["predict", "none", "--data", "iris"], &["there is no directory none"]);
    check(&["describe", "none"], &["there is no directory none"]);
    assert!(!place.path("runs").exists(), "what cannot begin leaves nothing");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let place = Place::new();
    let mut child = place
        .command(&["list", "settings"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_training_goes_on_when_nobody_reads() {
    let place = Place::new();
    let mut child = place
        .command(&["train", "--data", "iris", "--epochs", "2", "--out", "run", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(place.path("run/model.safetensors").exists());
}

#[test]
fn lists_and_completions_are_printed() {
    let place = Place::new();
    for (what, word) in [
        ("layers", "dense"),
        ("losses", "cross_entropy"),
        ("optimizers", "adamw"),
        ("schedules", "cosine"),
        ("sources", "digits"),
        ("settings", "training.epochs"),
    ] {
        assert!(place.good(&["list", what]).stdout.contains(word), "{what}");
    }
    assert!(place.good(&["completions", "zsh"]).stdout.contains("--learning-rate"));
}
