//! What cannot be trained is refused before anything is trained, with what helps.

use super::Place;

#[test]
fn losses_that_do_not_fit_the_task_are_refused_with_those_that_do() {
    let place = Place::new();
    place.houses();
    let houses = ["--data", "houses.csv", "--target", "price"];
    for loss in ["cross_entropy", "hinge", "kl_divergence", "binary_cross_entropy"] {
        let error = place.bad(1, &[&["train", "--loss", loss], &houses[..]].concat());
        let want = format!(
            "the loss `{loss}` does not fit numbers to predict; name another with --loss: "
        );
        assert!(error.contains(&want), "{error}");
        assert!(error.contains("mse") && !error.contains("hinge,"), "{error}");
    }
    for loss in ["mse", "mae", "huber", "log_cosh", "quantile [0.5]"] {
        let error = place.bad(1, &["train", "--data", "iris", "--loss", loss]);
        assert!(error.contains("does not fit 3 classes to tell apart"), "{error}");
        assert!(error.contains("cross_entropy") && !error.contains("mse,"), "{error}");
    }
    assert!(!place.path("runs").exists());
}

/// Asking of each class whether it is the one gives probabilities that need not add up to 1.
#[test]
fn a_question_for_each_class_is_scored() {
    let place = Place::new();
    let ran = place.good(&[
        "train",
        "--data",
        "iris",
        "--loss",
        "binary_cross_entropy",
        "--model",
        "mlp:8",
        "--epochs",
        "60",
        "--learning-rate",
        "0.02",
        "--format",
        "json",
    ]);
    assert!(ran.last()["test_accuracy"].as_f64().expect("it is scored") > 0.8);
}

#[test]
fn a_network_that_no_memory_holds_is_refused_with_its_size() {
    let place = Place::new();
    for model in [
        "mlp:99999999999",
        "dense 1000000, dense 1000000",
        "dense 9999999999999, dense 9999999999999",
    ] {
        for more in [&[][..], &["--epochs", "3", "--learning-rate", "0.1"]] {
            let error =
                place.bad(1, &[&["train", "--data", "iris", "--model", model], more].concat());
            assert!(
                error.contains(" need ") && error.contains(" are free; use narrower"),
                "{error}"
            );
        }
    }
    assert!(!place.path("runs").exists());
}
