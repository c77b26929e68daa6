//! When training stops, which weights are kept, and that what is told of it is true.

use serde_json::Value;

use super::{Place, Ran, events};

/// Small enough that the validation part is a few rows, and to be learned by heart.
const OVERFITTED: &str = "train --data noise.csv --model mlp:128,128 --learning-rate 0.01 \
                          --weight-decay 0 --format json";

fn train(place: &Place, more: &str) -> Ran {
    // Classes that do not follow from the rest.
    let row = |i: u64| {
        format!(
            "{},{},{}\n",
            i * 7919 % 1009,
            i * 104_729 % 997,
            ["a", "b"][(i * i / 7 % 2) as usize]
        )
    };
    place.write("noise.csv", &("x,y,class\n".to_string() + &(0..300).map(row).collect::<String>()));
    place.good(
        &OVERFITTED
            .split(' ')
            .chain(more.split(' '))
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>(),
    )
}

/// The epoch with the least validation loss, the last epoch, and what the end says.
fn told(ran: &Ran) -> (u64, u64, Value) {
    let objects = ran.objects();
    let epochs = events(&objects, "epoch");
    let loss =
        |epoch: &Value| epoch["validation_loss"].as_f64().expect("there is a validation part");
    let best = epochs.iter().min_by(|a, b| loss(a).total_cmp(&loss(b))).expect("there are epochs");
    let number = |epoch: &Value| epoch["epoch"].as_u64().expect("a number");
    (number(best), number(epochs.last().expect("there are epochs")), ran.last())
}

#[test]
fn early_stopping_that_is_asked_for_stops_also_on_few_rows() {
    let place = Place::new();
    let asked = ["--early-stopping on --patience 3 --epochs 300", "--patience 3 --epochs 300"];
    for (i, more) in asked.into_iter().enumerate() {
        let (best, last, end) = told(&train(&place, &format!("{more} --out asked{i}")));
        assert_eq!(last, best + 3, "{more}");
        assert_eq!((&end["reason"], &end["kept_epoch"]), (&"early_stopping".into(), &best.into()));
    }
}

#[test]
fn the_best_weights_are_kept_unless_that_is_refused() {
    let place = Place::new();
    let ran = train(&place, "--epochs 40 --patience 40 --out best");
    let (best, last, end) = told(&ran);
    assert!(best < last, "it overfits");
    assert_eq!((&end["best_epoch"], &end["kept_epoch"]), (&best.into(), &best.into()));
    let ran = train(&place, "--epochs 40 --early-stopping off --out last");
    let (_, last, end) = told(&ran);
    assert_eq!(end["kept_epoch"], last);
    let report = String::from_utf8(place.bytes("last/report.html")).expect("UTF-8");
    assert!(report.contains("watched while training (validation)"));
    assert!(!report.contains("chose the best epoch"));
}

#[test]
fn where_cross_validation_chose_the_length_that_is_said() {
    let place = Place::new();
    let ran = place.good(&["train", "--data", "iris", "--model", "mlp:4", "--time-limit", "20s"]);
    assert!(ran.stdout.contains("cross-validation has chosen the length"), "{}", ran.stdout);
    assert!(ran.stdout.contains("the last weights are kept"), "{}", ran.stdout);
    // No epoch is marked as the best where that is not the one that is kept.
    assert!(!ran.stdout.lines().any(|line| line.ends_with("  best")), "{}", ran.stdout);
}

#[test]
fn descent_stops_at_its_threshold_and_says_why() {
    let place = Place::new();
    let words = [
        "train",
        "--data",
        "iris",
        "--model",
        "linear",
        "--epochs",
        "500",
        "--learning-rate",
        "0.1",
        "--early-stopping",
        "off",
        "--out",
        "run",
        "--optimizer",
        "descent threshold=0.01",
    ];
    let ran = place.good(&words);
    let sentence = "because steps became short, not because a minimum is near";
    assert!(ran.stdout.contains(sentence), "{}", ran.stdout);
    let report = String::from_utf8(place.bytes("run/report.html")).expect("UTF-8");
    assert!(report.contains(sentence));
    let json =
        place.good(&[&words[..11], &["--out", "again", "--format", "json"], &words[13..]].concat());
    assert_eq!(json.last()["reason"], "short_steps");
    assert!(json.last()["epochs"].as_u64().expect("a number") < 500);
    // The step is that of the formula: without a schedule it never shrinks by itself.
    assert_eq!(events(&json.objects(), "model")[0]["schedule"], "constant");
}
