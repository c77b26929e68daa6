//! `spusk activations`.

use super::Place;

#[test]
fn curves_and_a_page() {
    let place = Place::new();
    let object = place
        .good(&["activations", "--format", "json", "--out", "a.html", "--language", "ru"])
        .last();
    let all = object["activations"].as_array().expect("a list");
    assert_eq!(all.len(), 11);
    let relu = all.iter().find(|a| a["name"] == "relu").expect("it is there");
    assert_eq!((&relu["value"][80], &relu["derivative"][80]), (&4.0.into(), &1.0.into()));
    let page = String::from_utf8(place.bytes("a.html")).expect("text");
    assert!(page.contains("производная") && page.contains("maxout"));
}

#[test]
fn a_race_says_what_it_cannot_tell() {
    let place = Place::new();
    let words = ["activations", "--race", "--data", "iris", "--only", "relu,tanh", "--seeds", "3"];
    let more = ["--hidden", "8", "--epochs", "4", "--language", "en", "--pictures", "seen"];
    let ran = place.good(&[&words[..], &more].concat());
    assert!(ran.stdout.contains("test accuracy") && ran.stdout.contains("relu"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("wins") || ran.stdout.contains("do not tell it apart"),
        "{}",
        ran.stdout
    );
    assert!(place.bytes("seen/race.svg").starts_with(b"<svg"));
    let error = place.bad(2, &["activations", "--race", "--only", "softmax"]);
    assert!(error.contains("expected some of threshold"), "{error}");
    assert!(place.bad(2, &["activations", "--race", "--hidden", "0"]).contains("--hidden"));
}
