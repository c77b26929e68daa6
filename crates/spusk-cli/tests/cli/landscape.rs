//! `spusk landscape`.

use super::Place;

const FAST: [&str; 8] =
    ["--model", "mlp:8", "--learning-rate", "0.01", "--epochs", "3", "--data", "digits"];

fn train(place: &Place, out: &str, seed: &str) {
    place.good(&[&["train", "--quiet", "--out", out, "--seed", seed], &FAST[..]].concat());
}

#[test]
fn planes_and_spectrum_are_one_object_and_a_page() {
    let place = Place::new();
    train(&place, "a", "1");
    let words = ["landscape", "a", "--plane", "all", "--points", "5", "--rows", "300"];
    let more = ["--curvature", "--probes", "2", "--eigenvalues", "3", "--format", "json"];
    let files = ["--out", "seen.html", "--pictures", "seen", "--language", "ru"];
    let object = place.good(&[&words[..], &more, &files].concat()).last();
    assert_eq!(object["rows"], 300);
    assert!(object["seconds"].as_f64().is_some_and(|s| s > 0.0));
    let planes = object["planes"].as_array().expect("a list");
    let names: Vec<_> = planes.iter().map(|plane| plane["plane"].as_str().unwrap_or("")).collect();
    assert_eq!(names, ["random", "hessian", "path"]);
    for plane in planes {
        let rows = plane["loss"].as_array().expect("rows");
        assert!(
            rows.len() == 5 && rows.iter().all(|row| row.as_array().is_some_and(|r| r.len() == 5))
        );
    }
    assert_eq!(object["grid"], planes[0]["loss"]);
    // The trained weights are in the middle of a plane around them.
    assert!(
        (planes[0]["loss"][2][2].as_f64().unwrap() - object["loss"].as_f64().unwrap()).abs() < 1e-5
    );
    let path = planes[2]["path"].as_array().expect("a list");
    assert!(path.len() > 8 && path[0]["step"] == 0, "{} moments", path.len());
    // It stands over the other planes too, at the same losses.
    let heights = |plane: &serde_json::Value| -> Vec<f64> {
        let path = plane["path"].as_array().expect("a list");
        path.iter().map(|point| point["loss"].as_f64().expect("a number")).collect()
    };
    assert!(heights(&planes[0]) == heights(&planes[2]) && heights(&planes[1]).len() == path.len());
    let shares = planes[2]["explained"].as_array().expect("two");
    assert!(shares.iter().all(|share| share.as_f64().is_some_and(|s| s > 0.0 && s <= 1.0)));
    let largest = object["spectrum"]["largest"].as_array().expect("a list");
    assert_eq!(largest.len(), 3);
    assert!(object["spectrum"]["trace"].as_f64() > largest[0]["value"].as_f64());
    let page = String::from_utf8(place.bytes("seen.html")).expect("text");
    assert!(page.contains("<html lang=\"ru\">") && page.contains("76 %") && page.contains("300"));
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing is fetched");
    for picture in ["random-map", "hessian-surface", "path-surface", "spectrum"] {
        assert!(place.bytes(&format!("seen/{picture}.svg")).starts_with(b"<svg"), "{picture}");
    }
    let again =
        place.good(&["landscape", "a", "--points", "3", "--format", "json", "--threads", "1"]);
    let more =
        place.good(&["landscape", "a", "--points", "3", "--format", "json", "--threads", "3"]);
    assert_eq!(again.last()["grid"], more.last()["grid"], "the same bits on any number of threads");
}

/// Trains a network and looks at all of its landscape; every number is checked to be one.
fn look(place: &Place, training: &[&str]) -> serde_json::Value {
    place.good(&[&["train", "--quiet", "--out", "run"], training].concat());
    let words = ["landscape", "run", "--plane", "all", "--points", "5", "--rows", "120"];
    let more = ["--curvature", "--probes", "1", "--eigenvalues", "2", "--format", "json"];
    let files = ["--out", "seen.html", "--pictures", "seen", "--language", "en"];
    let object = place.good(&[&words[..], &more, &files].concat()).last();
    let loss = object["loss"].as_f64().expect("a number");
    let planes = object["planes"].as_array().expect("a list");
    assert_eq!(planes.len(), 3, "{object}");
    for plane in planes {
        let rows = plane["loss"].as_array().expect("rows").iter();
        let losses = rows.flat_map(|row| row.as_array().expect("a row"));
        assert!(losses.clone().count() == 25 && losses.clone().all(serde_json::Value::is_number));
        let path = plane["path"].as_array().expect("a list");
        assert!(path.len() > 4 && path.iter().all(|point| point["loss"].is_number()), "{plane}");
    }
    for plane in &planes[..2] {
        let center = plane["loss"][2][2].as_f64().expect("a number");
        assert!((center - loss).abs() < 1e-5 * loss.abs().max(1.0), "{center} {loss}");
    }
    let spectrum = &object["spectrum"];
    let largest = spectrum["largest"][0]["value"].as_f64().expect("a number");
    assert!(largest > 0.0 && Some(largest) > spectrum["smallest"]["value"].as_f64(), "{spectrum}");
    object
}

#[test]
fn a_convolutional_network_has_a_landscape() {
    let place = Place::new();
    let layers = "conv2d 4 3, batch_norm, relu, flatten";
    let words = ["--data", "digits", "--model", layers, "--epochs", "2", "--learning-rate", "0.01"];
    let object = look(&place, &words);
    // What is done about the statistics is said, to people and to programs.
    assert_eq!(object["batch_norm"]["statistics"], "measured at every point");
    let page = String::from_utf8(place.bytes("seen.html")).expect("text");
    assert!(page.contains("Batch norm measures its statistics anew"), "{page}");
}

#[test]
fn a_recurrent_network_has_a_landscape() {
    let place = Place::new();
    let mut table = String::from("sales\n");
    (0..300).for_each(|i| table += &format!("{}\n", 20 + i % 7 + i * 7919 % 5));
    place.write("sales.csv", &table);
    let words = ["--data", "sales.csv", "--task", "forecast", "--horizon", "3", "--window", "14"];
    let more = ["--model", "gru:4", "--epochs", "4", "--learning-rate", "0.003"];
    let object = look(&place, &[&words[..], &more].concat());
    assert!(object["batch_norm"].is_null());
}

#[test]
fn between_two_networks() {
    let place = Place::new();
    train(&place, "a", "1");
    train(&place, "b", "2");
    let object =
        place.good(&["landscape", "--line", "a", "b", "--points", "9", "--format", "json"]).last();
    let barrier = |way: &str| object[way]["barrier"].as_f64().expect("a number");
    assert_eq!(object["hidden_units"], 8);
    // Matching cannot be promised to help; the trained bend starts from the matched line.
    assert!(barrier("bend") < barrier("straight"), "{object}");
    for way in ["straight", "matched", "bend"] {
        assert_eq!(object[way]["loss"].as_array().map(Vec::len), Some(9), "{way}");
    }
    let same =
        place.good(&["landscape", "--line", "a", "a", "--points", "5", "--format", "json"]).last();
    assert_eq!(same["moved_units"], 0, "a network is matched to itself as it is");
    assert!(same["straight"]["barrier"].as_f64().is_some_and(|b| b.abs() < 1e-6));
}

#[test]
fn wrong_words_are_refused() {
    let place = Place::new();
    train(&place, "a", "1");
    place.good(&[
        "train",
        "--quiet",
        "--out",
        "c",
        "--model",
        "mlp:9",
        "--epochs",
        "1",
        "--learning-rate",
        "0.01",
    ]);
    let error = place.bad(1, &["landscape", "--line", "a", "c"]);
    assert!(error.contains("different layers"), "{error}");
    assert!(place.bad(1, &["landscape", "nowhere"]).contains("nowhere"));
    assert!(place.bad(2, &["landscape", "a", "--extent", "-1"]).contains("above 0"));
    place.bad(2, &["landscape"]);
    std::fs::remove_dir_all(place.path("a/trajectory")).expect("it is there");
    let error = place.bad(1, &["landscape", "a", "--plane", "path", "--language", "en"]);
    assert!(error.contains("Train again"), "{error}");
}
