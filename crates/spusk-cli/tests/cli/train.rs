//! `spusk train`.

use super::{Place, events, tensor};

#[test]
fn json_has_an_object_a_line() {
    let place = Place::new();
    let words = ["train", "--data", "iris", "--epochs", "3", "--out", "run", "--format", "json"];
    let objects = place.good(&words).objects();
    let epochs = events(&objects, "epoch");
    assert_eq!(epochs.len(), 3);
    for (index, epoch) in epochs.iter().enumerate() {
        assert_eq!(epoch["epoch"], index + 1);
        for key in ["train_loss", "validation_loss", "validation_accuracy", "seconds"] {
            assert!(epoch[key].is_number(), "{key} in {epoch}");
        }
    }
    let done = objects.last().expect("there are objects");
    assert_eq!((&done["event"], &done["run"]), (&"done".into(), &"run".into()));
    for key in ["test_loss", "test_accuracy", "seconds"] {
        assert!(done[key].is_number(), "{key} in {done}");
    }
    let data = events(&objects, "data");
    assert_eq!((&data[0]["rows"], &data[0]["task"]), (&150.into(), &"classify".into()));
    assert!(events(&objects, "model")[0]["parameters"].is_number());
    for file in [
        "experiment.toml",
        "model.safetensors",
        "preprocessing.json",
        "metrics.jsonl",
        "report.html",
        "report.json",
        "pictures/curves.svg",
        "checkpoints",
    ] {
        assert!(place.path(&format!("run/{file}")).exists(), "{file}");
    }
    let quiet =
        place.good(&["train", "--data", "iris", "--epochs", "1", "--format", "json", "--quiet"]);
    assert_eq!(quiet.objects().len(), 1);
}

#[test]
fn no_argument_trains_on_digits() {
    let place = Place::new();
    let ran = place.good(&["train", "--epochs", "2", "--threads", "1"]);
    for words in ["digits", "1797 rows", "classify", "dense", "accuracy", "runs/", "report.html"] {
        assert!(ran.stdout.contains(words), "{words} in {}", ran.stdout);
    }
}

#[test]
fn flags_win_over_the_file() {
    let place = Place::new();
    place.write(
        "small.toml",
        "[data]\nsource = \"iris\"\n[model]\nlayers = \"dense 7, tanh\"\n[training]\nepochs = 9\nseed = 3\n",
    );
    let words = ["train", "small.toml", "--epochs", "2", "--out", "run", "--format", "json"];
    let objects = place.good(&words).objects();
    assert_eq!(events(&objects, "epoch").len(), 2);
    assert_eq!(events(&objects, "model")[0]["layers"][0], "dense 7");
    let saved = String::from_utf8(place.bytes("run/experiment.toml")).expect("TOML is UTF-8");
    for line in ["epochs = 2", "seed = 3", "source = \"iris\"", "optimizer = \"adam"] {
        assert!(saved.contains(line), "{line} in {saved}");
    }
    // What is saved is a whole experiment.
    let again = ["train", "run/experiment.toml", "--out", "again", "--quiet"];
    place.good(&again);
    assert_eq!(place.bytes("run/model.safetensors"), place.bytes("again/model.safetensors"));
}

#[test]
fn a_regression_has_its_scores() {
    let place = Place::new();
    place.houses();
    let words = ["train", "--data", "houses.csv", "--target", "price", "--epochs", "60"];
    let done = place.good(&[&words[..], &["--format", "json"]].concat()).last();
    for key in ["test_loss", "test_rmse", "test_mae", "test_r2"] {
        assert!(done[key].is_number(), "{key} in {done}");
    }
    assert!(done["test_r2"].as_f64() > Some(0.9), "{done}");
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let place = Place::new();
    for threads in ["1", "2", "3"] {
        // 205 steps, with dropout and an uneven last batch.
        place.good(&[
            "train",
            "--epochs",
            "5",
            "--batch-size",
            "32",
            "--model",
            "dense 64, relu, dropout 0.2",
            "--threads",
            threads,
            "--out",
            threads,
            "--quiet",
        ]);
    }
    let one = place.bytes("1/model.safetensors");
    assert_eq!(one, place.bytes("2/model.safetensors"));
    assert_eq!(one, place.bytes("3/model.safetensors"));
}

#[test]
fn weights_can_come_from_a_file() {
    let place = Place::new();
    let train = ["train", "--data", "iris", "--model", "dense 5, relu", "--epochs", "2", "--quiet"];
    place.good(&[&train[..], &["--out", "first"]].concat());
    // A step too small to move anything.
    let still = ["--optimizer", "sgd", "--learning-rate", "1e-30", "--seed", "9"];
    let init = ["--init", "first/model.safetensors", "--out", "second"];
    place.good(&[&train[..], &still[..], &init[..]].concat());
    for name in ["layers.0.weight", "layers.0.bias", "layers.2.weight"] {
        let [first, second] = ["first", "second"]
            .map(|run| tensor(&place.path(&format!("{run}/model.safetensors")), name));
        assert_eq!(first, second, "{name}");
    }
    let other = ["train", "--data", "iris", "--model", "dense 6, relu", "--epochs", "1", "--quiet"];
    let error = place.bad(1, &[&other[..], &["--init", "first/model.safetensors"]].concat());
    assert!(error.contains("`layers.0.weight` has shape [5, 4]"), "{error}");
}

/// The search for layers and a learning rate takes long.
#[test]
fn a_broken_file_of_weights_is_told_before_anything_is_searched() {
    let place = Place::new();
    place.write("broken.safetensors", "no weights");
    let ran = place.run(&["train", "--data", "iris", "--init", "broken.safetensors"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.starts_with("error: broken.safetensors"), "{}", ran.stderr);
    assert!(ran.stdout.contains("species"), "the data are told: {}", ran.stdout);
    assert!(!ran.stdout.contains("learning rate"), "{}", ran.stdout);
}

#[test]
fn a_time_limit_holds() {
    let place = Place::new();
    let words = "train --data iris --epochs 100000000 --early-stopping off --time-limit 1s \
                 --schedule constant --learning-rate 0.001 --batch-size 16 --model dense:4,relu";
    let words = words.replace("dense:4,relu", "mlp:4");
    let words: Vec<&str> = words.split_whitespace().collect();
    let start = std::time::Instant::now();
    let done = place.good(&[&words[..], &["--format", "json"]].concat()).last();
    assert_eq!((&done["event"], &done["reason"]), (&"done".into(), &"time_limit".into()));
    assert!(start.elapsed() >= std::time::Duration::from_secs(1));
}

#[test]
fn a_time_limit_counts_the_automatic_choices() {
    let place = Place::new();
    // Choosing network, length and learning rate alone takes far longer than this.
    let words = "train --data digits --epochs 100000000 --early-stopping off --time-limit 300ms \
                 --threads 1 --format json";
    let ran = place.good(&words.split_whitespace().collect::<Vec<_>>());
    let objects = ran.objects();
    let late = |note: &&serde_json::Value| {
        note["text"].as_str().is_some_and(|text| text.contains("half of the time limit was over"))
    };
    assert!(events(&objects, "note").iter().any(late), "{}", ran.stdout);
    let done = ran.last();
    assert_eq!((&done["event"], &done["reason"]), (&"done".into(), &"time_limit".into()));
}

#[test]
fn a_test_fraction_that_is_given_is_told_from_the_usual_one() {
    let place = Place::new();
    let classes = |more: &[&str]| {
        let words = ["train", "--data", "digits", "--model", "mlp:4", "--epochs", "1"];
        let rest = ["--learning-rate", "0.01", "--format", "json"];
        let objects = place.good(&[&words[..], &rest, more].concat()).objects();
        let data = events(&objects, "data")[0].clone();
        let done = objects.last().expect("there are objects")["test_loss"].clone();
        (data["test"].as_u64().expect("a number"), done)
    };
    let (own, own_loss) = classes(&[]);
    let (given, given_loss) = classes(&["--test-fraction", "0.2"]);
    let (auto, auto_loss) = classes(&["--test-fraction", "auto"]);
    assert_eq!((auto, &auto_loss), (own, &own_loss));
    // As many rows, but dealt by the seed, no longer those that the set always holds out.
    assert_eq!(given, 359);
    assert_ne!(given_loss, own_loss);
    assert_ne!(classes(&["--test-fraction", "0.2", "--seed", "5"]).1, given_loss);
}

#[test]
fn the_loss_of_every_step_is_told_on_demand() {
    let place = Place::new();
    let words = "train --data iris --model mlp:4 --epochs 3 --batch-size 50 --learning-rate 0.01 \
                 --shuffle off --format json --out run --step-losses";
    let words = |switch| words.split_whitespace().chain([switch]).collect::<Vec<&str>>();
    let objects = place.good(&words("on")).objects();
    let steps = events(&objects, "step");
    let epochs = events(&objects, "epoch");
    // 108 rows train: two steps of 50 and one of 8, three times.
    let numbers: Vec<_> =
        steps.iter().map(|step| step["step"].as_u64().expect("a number")).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    for (epoch, steps) in epochs.iter().zip(steps.chunks(3)) {
        assert!(steps.iter().all(|step| step["epoch"] == epoch["epoch"]));
        let rows = [50.0, 50.0, 8.0];
        let loss = |step: &&serde_json::Value| step["loss"].as_f64().expect("a number");
        let mean =
            steps.iter().zip(rows).map(|(step, rows)| rows * loss(step)).sum::<f64>() / 108.0;
        let told = epoch["train_loss"].as_f64().expect("a number");
        assert!((mean - told).abs() < 1e-12 * told, "{mean}, {told}");
    }
    let log = String::from_utf8(place.bytes("run/metrics.jsonl")).expect("UTF-8");
    assert_eq!(log.matches("\"event\":\"step\"").count(), 9);
    std::fs::remove_dir_all(place.path("run")).expect("it is there");
    assert!(events(&place.good(&words("off")).objects(), "step").is_empty());
}

#[test]
fn what_becomes_of_missing_cells_is_a_choice() {
    let place = Place::new();
    place.houses();
    let text = String::from_utf8(place.bytes("houses.csv")).expect("UTF-8");
    // Without the area in lines 5 and 9.
    let without = |(at, line): (usize, &str)| match at {
        4 | 8 => format!("{}\n", &line[line.find(',').expect("cells")..]),
        _ => format!("{line}\n"),
    };
    place.write("houses.csv", &text.lines().enumerate().map(without).collect::<String>());
    let words = "train --data houses.csv --target price --model mlp:4 --epochs 1 \
                 --learning-rate 0.01 --format json --missing";
    let words = |choice| words.split_whitespace().chain([choice]).collect::<Vec<&str>>();
    for (choice, inputs, skipped) in [("mean", 6, 0), ("median", 6, 0), ("skip", 5, 2)] {
        let objects = place.good(&words(choice)).objects();
        let data = events(&objects, "data")[0];
        assert_eq!(
            (&data["inputs"], &data["skipped"]),
            (&inputs.into(), &skipped.into()),
            "{data}"
        );
    }
    let error = place.bad(1, &words("error"));
    for said in ["line 5", "area", "a cell is missing", "skip"] {
        assert!(error.contains(said), "{said} in {error}");
    }
}

#[test]
fn inputs_stay_as_they_are_on_demand() {
    let place = Place::new();
    let words =
        "train --data iris --model mlp:4 --epochs 1 --learning-rate 0.01 --quiet --standardize";
    for (switch, center) in [("on", false), ("off", true)] {
        let words: Vec<&str> = words.split_whitespace().chain([switch, "--out", switch]).collect();
        place.good(&words);
        let saved = String::from_utf8(place.bytes(&format!("{switch}/preprocessing.json")));
        let saved = saved.expect("UTF-8");
        assert_eq!(saved.matches("\"center\": 0.0").count() == 4, center, "{saved}");
        assert_eq!(saved.matches("\"spread\": 1.0").count() == 4, center, "{saved}");
    }
}

#[test]
fn divergence_stops_the_run_and_says_where() {
    let place = Place::new();
    let words = "train --data iris --optimizer sgd --learning-rate 1e30 --model mlp:8 --epochs 5";
    let error = place.bad(1, &words.split(' ').collect::<Vec<_>>());
    for said in ["training diverged at step", "learning rate", "lower"] {
        assert!(error.contains(said), "{said} in {error}");
    }
}
