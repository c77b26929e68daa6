//! `spusk minimize` and `spusk why-not-analytic`.

use serde_json::json;

use super::Place;

#[test]
fn a_formula_is_one_object() {
    let words =
        ["minimize", "2*x*y^3 + 3*z^2", "--at", "x=1,y=2,z=3", "--format", "json", "--seed", "3"];
    let object = Place::new().good(&words).last();
    assert_eq!(object["gradient"], json!(["2*y^3", "6*x*y^2", "6*z"]));
    let hessian = json!([["0", "6*y^2", "0"], ["6*y^2", "12*x*y", "0"], ["0", "0", "6"]]);
    assert_eq!(object["hessian"], hessian);
    assert_eq!(object["at"], json!({"x": 1.0, "y": 2.0, "z": 3.0}));
    assert_eq!(object["value"], 43.0);
    assert_eq!(object["gradient_at"], json!([16.0, 24.0, 18.0]));
    let keys: Vec<&str> = ["start", "end", "value", "steps", "stopped"].to_vec();
    assert!(keys.iter().all(|key| !object["descent"][key].is_null() || *key == "value"));
    assert_eq!(Place::new().good(&words).last(), object, "the same words, the same answer");
}

#[test]
fn critical_points_and_their_kinds() {
    let place = Place::new();
    let object = place.good(&["minimize", "x^3-3*x", "--on", "-3..3", "--format", "json"]).last();
    let points = object["critical_points"].as_array().expect("a list");
    let brief: Vec<_> = points.iter().map(|p| (&p["at"]["x"], &p["value"], &p["kind"])).collect();
    assert_eq!(brief.len(), 2);
    assert_eq!(brief[0], (&json!(-1.0), &json!(2.0), &json!("maximum")));
    assert_eq!(brief[1], (&json!(1.0), &json!(-2.0), &json!("minimum")));
    assert_eq!(object["ends"][0]["value"], -18.0);
}

#[test]
fn a_folder_holds_page_pictures_and_path() {
    let place = Place::new();
    let words = ["minimize", "(x^2+y-11)^2+(x+y^2-7)^2", "--out", "seen", "--language", "ru"];
    let more = ["--optimizer", "descent,adam", "--starts", "40", "--step-sweep", "--seed", "2"];
    let ran = place.good(&[&words[..], &more].concat());
    assert!(
        ran.stdout.contains("Критические точки") && ran.stdout.contains("adam"),
        "{}",
        ran.stdout
    );
    let page = String::from_utf8(place.bytes("seen/minimize.html")).expect("text");
    assert!(page.contains("<html lang=\"ru\">") && page.contains("Много запусков"));
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing is fetched");
    for picture in ["contours", "surface", "basins", "step_sweep"] {
        assert!(place.bytes(&format!("seen/{picture}.svg")).starts_with(b"<svg"), "{picture}");
    }
    let words = ["minimize", "x^2 + y^2", "--out", "pixels", "--picture-format", "png"];
    place.good(&words);
    assert!(place.bytes("pixels/contours.png").starts_with(b"\x89PNG"));
    let path = String::from_utf8(place.bytes("seen/path.csv")).expect("text");
    assert!(path.starts_with("step,x,y,value\n0,"));
}

#[test]
fn what_is_no_minimum_is_not_called_one() {
    let place = Place::new();
    let said = |formula: &str, more: &[&str]| {
        place.good(&[&["minimize", formula, "--language", "en"], more].concat()).stdout
    };
    let json = |formula: &str, more: &[&str]| {
        place.good(&[&["minimize", formula, "--format", "json"], more].concat()).last()
    };
    let cubic = json("x^3", &["--on", "-1..1"]);
    assert_eq!(cubic["descent"]["minimum_near"], json!(null), "{cubic}");
    assert!(!said("tan(x)", &["--on", "-3..3"]).contains("stopped on a saddle"));
    let top = said("-x^2", &["--start", "x=0"]);
    assert!(top.contains("stopped on a maximum") && !top.contains("saddle"), "{top}");
    let endless = said("2*x*y^3 + 3*z^2", &["--start", "x=1,y=-2,z=1"]);
    assert!(endless.contains("without end") && endless.contains("line of critical"), "{endless}");
    assert!(!endless.contains("The least of these"), "{endless}");
    assert!(endless.contains("not the least value of f"), "{endless}");
    let root = said("sqrt(x)", &["--on", "-1..4"]);
    assert!(root.contains("The least of these values is 0, at x = 0"), "{root}");
    let pole = said("1/x", &["--on", "-1..1"]);
    assert!(pole.contains("no bound near x = 0"), "{pole}");
    let kept = json("exp(y)+z-z", &["--at", "y=0,z=1"]);
    assert_eq!(kept["gradient"], json!(["exp(y)", "0"]));
    let text = place.good(&["minimize", "-x^2-y^2", "--at", "x=0,y=0", "--format", "json"]).stdout;
    assert!(!text.contains("-0.0"), "{text}");
    assert!(said("x^2", &["--start", "x=1", "--max-steps", "1"]).contains("After 1 step:"));
}

#[test]
fn wrong_words_are_refused_with_the_place() {
    let place = Place::new();
    let error = place.bad(1, &["minimize", "2*x + *y", "--language", "en"]);
    assert!(error.contains("column 7") && error.contains("^"), "{error}");
    assert!(place.bad(1, &["minimize", "sinn(x)", "--language", "ru"]).contains("может быть, sin"));
    assert!(place.bad(2, &["minimize", "x^2", "--at", "y=1"]).contains("no variable `y`"));
    assert!(place.bad(2, &["minimize", "x^2", "--on", "3..1"]).contains("rising interval"));
    assert!(place.bad(2, &["minimize", "x^2", "--on", "-1e300..1e300"]).contains("wide"));
    assert!(place.bad(2, &["minimize", "x^2", "--optimizer", "adm"]).contains("adam"));
    assert!(place.bad(2, &["minimize", "x^2", "--learning-rate", "-1"]).contains("above 0"));
}

#[test]
fn a_network_has_too_many_equations() {
    let place = Place::new();
    place.write(
        "small.toml",
        "[data]\nsource = \"iris\"\n[model]\nlayers = [\"dense 5\", \"tanh\"]\n",
    );
    let object = place.good(&["why-not-analytic", "small.toml", "--format", "json"]).last();
    // 4·5 + 5 and 5·3 + 3 numbers in two layers.
    assert_eq!((&object["unknowns"], &object["degree"]), (&json!(43), &json!(3)));
    let said = place.good(&["why-not-analytic", "small.toml", "--language", "en"]).stdout;
    assert!(said.contains("43 unknowns"), "{said}");
}
