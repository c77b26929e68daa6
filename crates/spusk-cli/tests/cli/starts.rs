//! `spusk starts`.

use serde_json::Value;

use super::Place;

const SMALL: &[&str] =
    &["starts", "--hidden", "3,8", "--runs", "8", "--epochs", "2", "--rows", "300", "--index", "1"];

#[test]
fn a_small_experiment_is_told_in_both_languages_and_as_an_object() {
    let place = Place::new();
    let with = |more: &[&'static str]| [SMALL, more].concat();
    let text =
        place.good(&with(&["--language", "en", "--out", "a.html", "--pictures", "p"])).stdout;
    for wanted in ["Many starts", "quartiles apart", "Index of the Hessian", "What was found"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let page = std::fs::read_to_string(place.path("a.html")).expect("it was written");
    assert!(page.contains("Correlation of training and test loss"));
    for name in ["losses", "ecdf", "train-test", "correlation"] {
        assert!(place.path(&format!("p/{name}.svg")).exists(), "{name}");
    }
    let text = place.good(&with(&["--language", "ru"])).stdout;
    assert!(text.contains("Что найдено"), "{text}");
    let text = place.good(&with(&["--format", "json", "--folder", "kept"])).stdout;
    let object: Value = serde_json::from_str(&text).expect("one object");
    let widths = object["widths"].as_array().expect("a list");
    assert_eq!(widths.len(), 2);
    let runs = widths[1]["runs"].as_array().expect("a list");
    assert_eq!((widths[1]["width"].as_u64(), runs.len()), (Some(8), 8));
    assert!(runs.iter().all(|run| run["train_loss"].is_number() && run["test_loss"].is_number()));
    assert!(widths[1]["correlation"]["value"].is_number() && object["seconds"].is_number());
    // What is kept goes on: nothing is trained again, and the result is the same.
    let kept = std::fs::read(place.path("kept/results.json")).expect("it was kept");
    let again = place.good(&with(&["--folder", "kept"])).stderr;
    assert!(again.contains("16 of 16"), "{again}");
    assert_eq!(std::fs::read(place.path("kept/results.json")).expect("it is there"), kept);
}

#[test]
fn what_cannot_be_is_refused() {
    let place = Place::new();
    assert!(place.bad(2, &["starts", "--hidden", "0"]).contains("--hidden"));
    assert!(place.bad(2, &["starts", "--learning-rate", "-1"]).contains("--learning-rate"));
    assert!(place.bad(2, &["starts", "--optimizer", "sdg"]).contains("sgd"));
    assert!(place.bad(2, &["starts", "--init", "cubes"]).contains("cube"));
    assert!(place.bad(1, &["starts", "--data", "nothing.csv"]).contains("nothing.csv"));
    for (code, words, wanted) in [
        (1, &["starts", "--data", "nothing.csv"][..], "nothing.csv"),
        (2, &["starts", "--hidden", "0"], "ожидались ширины"),
        (2, &["activations", "--race", "--only", "foo"], "ожидалось что-то из"),
    ] {
        let said = place.bad(code, &[words, &["--language", "ru"]].concat());
        let russian = said.chars().filter(|c| ('а'..='я').contains(c)).count();
        assert!(said.contains(wanted) && russian > 15, "{said}");
    }
}

#[test]
fn a_divergence_of_all_is_a_failure() {
    let place = Place::new();
    let words = ["--learning-rate", "1e39", "--schedule", "constant", "--language", "en"];
    let ran = place.run(&[SMALL, &words].concat());
    // Behind the forecast.
    assert!(ran.stderr.contains("error: all trainings diverged"), "{}", ran.stderr);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
}
