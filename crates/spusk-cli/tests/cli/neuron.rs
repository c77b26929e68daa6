//! `spusk neuron`.

use super::Place;

#[test]
fn a_neuron_decides_step_by_step() {
    let words = "neuron --inputs 1,0,1 --weights 5,2,4 --bias -3 --activation threshold";
    let ran = Place::new().good(&words.split(' ').collect::<Vec<_>>());
    assert_eq!(
        ran.stdout,
        "input 1: 1 · 5 = 5\n\
         input 2: 0 · 2 = 0\n\
         input 3: 1 · 4 = 4\n\
         sum: 5 + 0 + 4 − 3 = 6\n\
         threshold(6) = 1: go\n"
    );
    let object = Place::new()
        .good(&[&words.split(' ').collect::<Vec<_>>()[..], &["--format", "json"]].concat())
        .last();
    assert_eq!((object["sum"].as_f64(), object["decision"].as_bool()), (Some(6.0), Some(true)));
}

#[test]
fn negative_numbers_and_arguments_are_understood() {
    let ran = Place::new().good(&[
        "neuron",
        "--inputs",
        "-2",
        "--weights",
        "1.5",
        "--activation",
        "leaky_relu 0.5",
    ]);
    assert!(ran.stdout.ends_with("leaky_relu(−3) = −1.5\n"), "{}", ran.stdout);
}

#[test]
fn what_is_no_neuron_is_wrong_usage() {
    let place = Place::new();
    let check = |words: &str, said: &str| {
        let error = place.bad(2, &words.split(' ').collect::<Vec<_>>());
        assert!(error.contains(said), "{error}");
    };
    check("neuron --inputs 1,2 --weights 5", "2 inputs for 1 weights");
    check("neuron --inputs 1 --weights 5 --activation dens", "did you mean `dense`?");
    check("neuron --inputs 1 --weights 5 --activation dense", "dense");
    check("neuron --inputs nan --weights 5", "not a finite number");
    check("neuron --inputs one --weights 5", "invalid value 'one'");
    check("neuron --inputs 1", "--weights");
}

/// A sum beyond the largest number is no decision.
#[test]
fn a_sum_that_overflows_is_refused() {
    let place = Place::new();
    let words = ["neuron", "--inputs", "1e308,-1e308", "--weights", "10,10", "--format", "json"];
    let error = place.bad(2, &words);
    assert!(error.contains("take smaller inputs or weights"), "{error}");
}
