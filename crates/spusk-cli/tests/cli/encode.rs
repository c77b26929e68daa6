//! `--task autoencode`, `spusk encode`.

use super::Place;

fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

#[test]
fn rows_are_encoded_mapped_and_scored() {
    let place = Place::new();
    let train = "train --data digits --task autoencode --model autoencoder:6 --epochs 12 \
                 --learning-rate 0.002 --out run --format json";
    let done = place.good(&words(train)).last();
    let figure = |key: &str| done[key].as_f64().unwrap_or_else(|| panic!("no {key}: {done}"));
    assert_eq!(done["code"], 6);
    // One is summed in batches by the engine, the other row by row.
    let (loss, error) = (figure("test_loss"), figure("test_reconstruction_error"));
    assert!((loss - error).abs() < 1e-6 * loss, "{loss} and {error}");
    let below = 1.0 - figure("test_reconstruction_error") / figure("test_pca_error");
    assert!((figure("test_below_pca") - below).abs() < 1e-12);
    assert!(figure("test_variance_given_back") > 0.5, "{done}");
    let again = place.good(&words("evaluate run --format json")).last();
    let (got, want) = (again["test_loss"].as_f64(), figure("test_loss"));
    assert!((got.expect("a loss") - want).abs() < 1e-6 * want);

    let encode = "encode run --data digits --out codes.csv --map map.svg --pictures images.svg";
    place.good(&words(encode));
    let codes = String::from_utf8(place.bytes("codes.csv")).expect("UTF-8");
    let lines: Vec<&str> = codes.lines().collect();
    assert_eq!(
        lines[0],
        "row,class,reconstruction_error,code_1,code_2,code_3,code_4,code_5,code_6"
    );
    assert_eq!(lines.len(), 1 + 1797);
    // The same as pixels.
    place.good(&["encode", "run", "--data", "digits", "--out", "again.csv", "--map", "map.png"]);
    assert!(place.bytes("map.png").starts_with(b"\x89PNG"));
    let map = String::from_utf8(place.bytes("map.svg")).expect("UTF-8");
    assert!(map.contains("main direction of the codes"), "{}", &map[..300]);
    let images = String::from_utf8(place.bytes("images.svg")).expect("UTF-8");
    assert_eq!(images.matches("data:image/png;base64,").count(), 80);
    let report = String::from_utf8(place.bytes("run/report.html")).expect("UTF-8");
    assert!(report.contains("principal component analysis with 6 numbers"));

    let predicted = place.good(&words("predict run --data digits")).stdout;
    assert!(predicted.starts_with("row,reconstruction_error,x1,x2,"), "{}", &predicted[..80]);
}

#[test]
fn what_has_no_code_is_refused() {
    let place = Place::new();
    place.good(&words(
        "train --data iris --epochs 2 --model mlp:4 --learning-rate 0.01 --out run --quiet",
    ));
    let error = place.bad(1, &words("encode run --data iris"));
    assert!(error.contains("train one with --task autoencode"), "{error}");
}

#[test]
fn parts_are_trained_apart_and_compared_with_in_turn() {
    let place = Place::new();
    for how in ["rows", "columns"] {
        let model = format!("modular 4 vote train={how}(dense 16, relu)");
        let more = ["--model", &model, "--out", how, "--format", "json"];
        let train = words("train --data digits --epochs 6 --learning-rate 0.01 --threads 2");
        let ran = place.good(&[&train[..], &more].concat());
        let told = ran.objects();
        let speed = told.iter().any(|object| {
            object["text"].as_str().is_some_and(|text| text.contains("4 parts on 2 threads"))
        });
        assert!(speed, "{}", ran.stdout);
        let accuracy = ran.last()["test_accuracy"].as_f64().expect("a score");
        assert!(accuracy > 0.8, "{how}: {accuracy}");
        // A saved run has the parts' weights, whatever trained them; and they have the same bits again.
        let again = place.good(&["evaluate", how, "--format", "json"]).last();
        assert_eq!(again["test_accuracy"].as_f64(), Some(accuracy));
        let single = format!("{how}-1");
        let more = ["--model", &model, "--out", &single, "--quiet", "--threads", "1"];
        place.good(&[&train[..train.len() - 2], &more].concat());
        assert!(
            place.bytes(&format!("{how}/model.safetensors"))
                == place.bytes(&format!("{single}/model.safetensors"))
        );
    }
    let mixed = ["--model", "dense 8, modular 2 train=rows(dense 4)", "--epochs", "1"];
    let error = place.bad(1, &[&["train", "--data", "iris"][..], &mixed].concat());
    assert!(error.contains("must be the only layer"), "{error}");
}

#[test]
fn images_are_augmented_by_name() {
    let place = Place::new();
    let train =
        "train --data digits --model mlp:16 --epochs 2 --learning-rate 0.01 --augment shift,rotate";
    let loss = |more: &[&str]| {
        let ran = place.good(&[&words(train)[..], more, &["--format", "json"]].concat());
        ran.last()["test_loss"].as_f64().expect("a loss")
    };
    let one = loss(&["--out", "a", "--threads", "1"]);
    assert_eq!(one, loss(&["--out", "b", "--threads", "2"]));
    assert_ne!(one, loss(&["--out", "c", "--set", "augment=[]"]));
    let error = place.bad(1, &words("train --data iris --epochs 1 --augment flip"));
    assert!(error.contains("only images can be augmented"), "{error}");
    let error = place.bad(1, &words("train --data digits --epochs 1 --augment flop"));
    assert!(error.contains("did you mean `flip`?"), "{error}");
}
