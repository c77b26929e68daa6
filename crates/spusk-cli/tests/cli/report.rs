//! `spusk report`.

use super::Place;

#[test]
fn everything_of_a_run_is_one_page() {
    let place = Place::new();
    let words = ["train", "--data", "iris", "--model", "mlp:8", "--epochs", "5", "--out", "run"];
    place.good(&words);
    place.good(&["report", "run", "--out", "again.html"]);
    assert_eq!(place.bytes("again.html"), place.bytes("run/report.html"));
    let words = ["report", "run", "--full", "--points", "5", "--activations", "--language", "en"];
    let said = place.good(&words).stdout;
    assert!(said.contains("full.html"), "{said}");
    let page = String::from_utf8(place.bytes("run/full.html")).expect("text");
    for wanted in ["landscape-0", "landscape-4", "examination", "analytic", "Activation functions"]
    {
        assert!(page.contains(wanted), "{wanted}");
    }
    // Nothing is fetched from elsewhere.
    assert!(!page.contains("src=\"http") && !page.contains("could not be made"));
}

#[test]
fn what_is_missing_is_named_and_the_rest_is_shown() {
    let place = Place::new();
    place.houses();
    let words = ["train", "--data", "houses.csv", "--target", "price", "--model", "mlp:4"];
    place.good(&[&words[..], &["--epochs", "2", "--out", "run"]].concat());
    std::fs::remove_file(place.path("houses.csv")).expect("it was there");
    place.good(&["report", "run", "--full", "--language", "en"]);
    let page = String::from_utf8(place.bytes("run/full.html")).expect("text");
    assert!(page.contains("The loss surface could not be made") && page.contains("analytic"));
    assert!(place.bad(1, &["report", "nowhere"]).contains("nowhere"));
    assert!(place.bad(2, &["report", "run", "--activations"]).contains("--full"));
}
