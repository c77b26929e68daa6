//! `spusk evaluate`, `spusk predict`, `spusk describe`.

use super::Place;

#[test]
fn a_run_is_evaluated_as_it_was_trained() {
    let place = Place::new();
    place.houses();
    let check = |data: &str, more: &[&str]| {
        let train =
            ["train", "--data", data, "--epochs", "4", "--out", data.trim_end_matches(".csv")];
        let run = train[6];
        let done = place.good(&[&train[..], more, &["--format", "json"]].concat()).last();
        let own = place.good(&["evaluate", run, "--format", "json"]).last();
        let same = place.good(&["evaluate", run, "--data", data, "--format", "json"]).last();
        for key in ["test_loss", "test_accuracy", "test_rmse", "test_mae", "test_r2", "test_rows"] {
            assert_eq!(done[key], own[key], "{data}: {key}");
            assert_eq!(done[key], same[key], "{data}: {key}");
        }
    };
    check("iris", &[]);
    check("digits", &["--model", "mlp:16"]);
    check("houses.csv", &["--target", "price"]);
}

#[test]
fn other_rows_are_evaluated_and_predicted() {
    let place = Place::new();
    place.houses();
    let train = "train --data houses.csv --target price --epochs 60 --out run --quiet";
    place.good(&train.split(' ').collect::<Vec<_>>());
    // Columns in another order, one more, and no target.
    place.write("new.csv", "city,area,rooms,floor\nOslo,100,3,1\nRome,50,2,2\nLima,150,5,3\n");
    let ran = place.good(&["predict", "run", "--data", "new.csv"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "line,price"));
    let price = |line: &str| line.split(',').nth(1).and_then(|p| p.parse::<f64>().ok());
    for (line, truth) in lines[1..].iter().zip([205.0, 110.0, 195.0]) {
        let found = price(line).expect("a number");
        assert!((found - truth).abs() < 25.0, "{line}, expected about {truth}");
    }
    assert!(ran.stderr.contains("3 rows predicted"), "{}", ran.stderr);
    place.good(&["predict", "run", "--data", "new.csv", "--out", "out.csv"]);
    assert_eq!(String::from_utf8(place.bytes("out.csv")).expect("UTF-8"), ran.stdout);

    let error = place.bad(1, &["evaluate", "run", "--data", "new.csv"]);
    assert!(error.contains("there is no target `price`") || error.contains("price"), "{error}");
    place.write("more.csv", "area,rooms,city,price\n100,3,Oslo,205\n50,2,Rome,110\n");
    let scores = place.good(&["evaluate", "run", "--data", "more.csv", "--format", "json"]).last();
    assert_eq!(scores["test_rows"], 2);
    place.write("none.csv", "area,rooms,city,price\n");
    let error = place.bad(1, &["evaluate", "run", "--data", "none.csv"]);
    assert!(error.contains("there is no row to score"), "{error}");
    place.write("short.csv", "area,rooms\n100,3\n");
    let error = place.bad(1, &["predict", "run", "--data", "short.csv"]);
    assert!(error.contains("city"), "{error}");
}

#[test]
fn classes_are_predicted_with_probabilities() {
    let place = Place::new();
    place.good(&["train", "--data", "iris", "--epochs", "30", "--out", "run", "--quiet"]);
    let ran = place.good(&["predict", "run", "--data", "iris"]);
    let mut rows = csv::Reader::from_reader(ran.stdout.as_bytes());
    let header = rows.headers().expect("a header").clone();
    assert_eq!(&header[1], "species");
    assert_eq!(
        header.iter().skip(2).collect::<Vec<_>>(),
        ["probability", "probability_setosa", "probability_versicolor", "probability_virginica",]
    );
    let mut count = 0;
    for row in rows.records() {
        let row = row.expect("a row");
        let p: Vec<f64> = (3..6).map(|i| row[i].parse().expect("a number")).collect();
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-5, "{row:?}");
        let best = p.iter().copied().fold(0.0, f64::max);
        assert_eq!(row[2].parse::<f64>().expect("a number"), best);
        let class = p.iter().position(|&p| p == best).expect("there is a best");
        assert_eq!(header[3 + class], format!("probability_{}", &row[1]));
        count += 1;
    }
    assert_eq!(count, 150);
}

#[test]
fn networks_are_described() {
    let place = Place::new();
    let words = "train --data iris --model mlp:8 --batch-size 16 --epochs 1 --out run --quiet";
    place.good(&words.split(' ').collect::<Vec<_>>());
    place.write("net.toml", "[data]\nsource = \"iris\"\n[model]\nlayers = \"mlp:8\"\n[training]\nbatch_size = 16\nlearning_rate = 0.1\nepochs = 1\n");
    for path in ["run", "net.toml"] {
        let text = place.good(&["describe", path]).stdout;
        for words in ["dense 8", "relu", "dense 3", "67", "arena", "kernels of a training step"] {
            assert!(text.contains(words), "{words} in {text}");
        }
        let object = place.good(&["describe", path, "--format", "json"]).last();
        // 4·8 + 8 + 8·3 + 3
        assert_eq!(object["parameters"], 67);
        let kernels = object["kernels"].as_array().expect("a list");
        let flops: u64 = kernels.iter().filter_map(|kernel| kernel["flops"].as_u64()).sum();
        assert_eq!(object["flops_per_step"], flops);
        assert!(object["arena_bytes"].as_u64() > Some(0));
    }
}

#[test]
fn texts_are_learned_and_predicted() {
    let place = Place::new();
    let mut lines = String::new();
    for i in 0..240 {
        let (kind, key) = [("mail", "see you at noon"), ("offer", "win a free prize")][i % 2];
        lines += &format!("{kind}\tNumber {i} says: {key} on day {}, \"all right\n", i % 7);
    }
    place.write("notes.tsv", &lines);
    let train = "train --data notes.tsv --epochs 6 --learning-rate 0.003 --out run";
    let ran = place.good(&train.split(' ').collect::<Vec<_>>());
    for words in
        ["network: textcnn, since a column holds texts", "the last column that holds no texts"]
    {
        assert!(
            ran.stdout.contains(words) || ran.stderr.contains(words),
            "{words}: {}",
            ran.stdout
        );
    }
    // Numbers of tokens are no magnitudes, and a table of words is not a layer far from the loss.
    for alarm in ["inputs are not scaled", "the gradient vanishes", "it is stuck"] {
        assert!(!ran.stdout.contains(alarm), "{}", ran.stdout);
    }
    let described = place.good(&["describe", "run"]).stdout;
    assert!(described.contains("embedding"), "{described}");
    // Training had no line of names, so a single line of words is a row.
    place.write("line.tsv", "mail\tsee you at noon on day 3\n");
    let scored = place.good(&["evaluate", "run", "--data", "line.tsv"]).stdout;
    assert!(scored.contains("test on 1 unseen example"), "{scored}");
    place.write(
        "new.jsonl",
        "{\"c2\": \"come and win a free prize today\"}\n{\"c2\": \"see you at noon\"}\n",
    );
    let predicted = place.good(&["predict", "run", "--data", "new.jsonl"]);
    let classes: Vec<&str> =
        predicted.stdout.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(classes, ["offer", "mail"], "{}", predicted.stdout);
    let letters = "letter\tNumber 1 says: see you at noon on day 3\n".repeat(2);
    place.write("other.tsv", &letters);
    let error = place.bad(1, &["evaluate", "run", "--data", "other.tsv"]);
    assert!(error.contains("got the class `letter`, which training did not have"), "{error}");
    let error = place.bad(1, &["train", "--data", "iris", "--model", "textcnn"]);
    assert!(error.contains("the data have no column of texts"), "{error}");
}

/// What the report shows of classes, a script and a terminal get, too.
#[test]
fn evaluate_tells_of_every_class_and_of_what_is_taken_for_what() {
    let place = Place::new();
    let words = ["train", "--data", "iris", "--model", "mlp:8", "--epochs", "30", "--out", "run"];
    place.good(&[&words[..], &["--learning-rate", "0.02", "--quiet"]].concat());
    let told = place.good(&["evaluate", "run"]).stdout;
    let line = |start: &str| {
        let found = told.lines().find(|line| line.trim_start().starts_with(start));
        found.unwrap_or_else(|| panic!("{start}: {told}")).split_whitespace().count()
    };
    assert_eq!(line("class"), 5);
    assert_eq!(line("virginica"), 5);
    assert!(told.contains("a row is what examples are, a column what they are called"), "{told}");
    let object = place.good(&["evaluate", "run", "--format", "json"]).last();
    let classes = object["test_classes"].as_array().expect("a list");
    let number = |value: &serde_json::Value| value.as_u64().expect("a number");
    let rows = object["test_rows"].as_u64().expect("a number");
    assert_eq!(classes.iter().map(|class| number(&class["examples"])).sum::<u64>(), rows);
    let matrix = object["test_confusion"].as_array().expect("a list");
    let hits: u64 = (0..3).map(|class| number(&matrix[class][class])).sum();
    let accuracy = object["test_accuracy"].as_f64().expect("a number");
    assert!((hits as f64 / rows as f64 - accuracy).abs() < 1e-12);
    for (class, of) in classes.iter().enumerate() {
        let row: u64 = (0..3).map(|named| number(&matrix[class][named])).sum();
        assert_eq!(row, number(&of["examples"]));
        let recall = number(&matrix[class][class]) as f64 / row as f64;
        assert!((of["recall"].as_f64().expect("a number") - recall).abs() < 1e-12);
    }
}
