//! What is chosen without being asked, what it costs, and what is said of it.

use super::Place;

/// What choosing for an experiment says, without training.
fn chosen(place: &Place, settings: &str) -> String {
    place.write("wanted.toml", settings);
    place.good(&["describe", "wanted.toml"]).stderr
}

/// Two spirals: for hundreds of steps no rate is better than a line between them.
#[test]
fn where_no_candidate_learns_the_smallest_rate_is_not_preferred() {
    let place = Place::new();
    let told = chosen(&place, "[data]\nsource = \"spirals:5000\"\n");
    let (_, said) = told.split_once("note: learning rate ").expect("a rate is told");
    let (rate, why) = said.split_once(':').expect("and why");
    assert!(why.contains("in which none learned much"), "{told}");
    assert!(rate.parse::<f64>().expect("a number") > 5e-4, "{told}");
    let told = chosen(&place, "[data]\nsource = \"blobs:5000\"\n");
    assert!(told.contains("the smallest within 10% of the best"), "{told}");
}

#[test]
fn choices_never_take_more_steps_than_a_short_training() {
    let place = Place::new();
    let told = chosen(
        &place,
        "[data]\nsource = \"iris\"\n[model]\nlayers = \"mlp:8\"\n[training]\nepochs = 1\n",
    );
    assert!(told.contains("the optimizer's usual one"), "{told}");
    assert!(!told.contains("race"), "{told}");
    let told = chosen(&place, "[data]\nsource = \"iris\"\n[training]\nepochs = 1\n");
    assert!(told.contains("too short to compare networks by"), "{told}");
    assert!(!told.contains("cross-validation"), "{told}");
}

#[test]
fn the_cost_of_cross_validation_is_told_beside_the_training() {
    let place = Place::new();
    let told = chosen(&place, "[data]\nsource = \"iris\"\n[training]\nepochs = 30\n[model]\n");
    let line = told.lines().find(|line| line.contains("these choices took")).expect("it is told");
    assert!(line.contains("% of the training's "), "{line}");
    // Networks are compared at the length that is asked for, not at others.
    assert!(told.contains("about 180 steps") || told.contains("about 210 steps"), "{told}");
}

#[test]
fn the_report_shows_what_cross_validation_found_of_rates() {
    let place = Place::new();
    place.good(&["train", "--data", "iris", "--epochs", "30", "--out", "run", "--quiet"]);
    let page = String::from_utf8(place.bytes("run/report.html")).expect("UTF-8");
    assert!(page.contains("Learning rates by cross-validation") && !page.contains("range test"));
}

#[test]
fn the_threshold_neuron_says_how_it_trains() {
    let place = Place::new();
    let words = ["train", "--data", "iris", "--model", "dense 8, threshold", "--epochs", "2"];
    let ran = place.good(&[&words[..], &["--out", "run"]].concat());
    assert_eq!(ran.stdout.matches("straight-through gradient").count(), 1, "{}", ran.stdout);
    let page = String::from_utf8(place.bytes("run/report.html")).expect("UTF-8");
    assert!(page.contains("straight-through gradient"));
    let listed = place.good(&["list", "layers"]).stdout;
    let (_, threshold) = listed.split_once("\nthreshold\n").expect("it is listed");
    assert!(threshold.lines().next().is_some_and(|line| line.contains("straight-through")));
    let plain = place.good(&["train", "--data", "iris", "--model", "mlp:8", "--epochs", "2"]);
    assert!(!plain.stdout.contains("straight-through"));
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_anything_is_chosen() {
    let place = Place::new();
    place.write("file", "");
    for out in ["file", "file/run", "/proc/run"] {
        let ran = place.run(&["train", "--data", "iris", "--out", out]);
        assert_eq!(ran.status, 1, "{out}: {}", ran.stderr);
        assert!(!ran.stdout.contains("cross-validation"), "{out}: {}", ran.stdout);
    }
    std::fs::create_dir(place.path("full")).expect("a folder");
    place.write("full/notes", "");
    let ran = place.run(&["train", "--data", "iris", "--out", "full"]);
    assert!(ran.status == 1 && !ran.stdout.contains("cross-validation"), "{}", ran.stdout);
}

/// What is rare is what is looked for.
#[test]
fn the_curve_of_two_classes_is_that_of_the_rarer() {
    let place = Place::new();
    let mut text = String::from("amount,hour,kind\n");
    for i in 0..300u32 {
        let kind = if i % 10 == 0 { "fraud" } else { "ok" };
        let amount = i * 37 % 100 + if i % 10 == 0 { 50 } else { 0 };
        text += &format!("{amount},{},{kind}\n", i * 7 % 24);
    }
    place.write("bank.csv", &text);
    place.good(&["train", "--data", "bank.csv", "--epochs", "3", "--out", "run", "--quiet"]);
    let picture = String::from_utf8(place.bytes("run/pictures/roc.svg")).expect("UTF-8");
    assert!(picture.contains("Area under the ROC curve: fraud"), "{picture}");
    // No share is above 1.
    let curves = String::from_utf8(place.bytes("run/pictures/curves-2.svg")).expect("UTF-8");
    assert!(!curves.contains(">1.1"), "{curves}");
}
