//! Sequences of pictures, from a file of NumPy to predictions.

use super::Place;

/// A NumPy array of bytes.
fn npy(shape: &str, bytes: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), bytes].concat()
}

const ROWS: usize = 120;
const TURNS: usize = 4;
const SIDE: usize = 5;

/// A point that goes to the right, or to the left, in one of three colors; channels come first.
fn points() -> (Vec<u8>, Vec<u8>) {
    let mut pictures = vec![20; ROWS * TURNS * 3 * SIDE * SIDE];
    for row in 0..ROWS {
        for turn in 0..TURNS {
            let steps = if row % 2 == 0 { turn } else { SIDE - turn };
            let (down, right) = (row / 3 % SIDE, (row / 7 + steps) % SIDE);
            let picture = (row * TURNS + turn) * 3 + row % 3;
            pictures[(picture * SIDE + down) * SIDE + right] = 250;
        }
    }
    (pictures, (0..ROWS).map(|row| (row % 2) as u8).collect())
}

#[test]
fn sequences_of_pictures_are_told_apart_by_what_moves() {
    let place = Place::new();
    let (pictures, labels) = points();
    let shape = format!("({ROWS}, {TURNS}, 3, {SIDE}, {SIDE})");
    std::fs::write(place.path("x.npy"), npy(&shape, &pictures)).expect("writes");
    std::fs::write(place.path("y.npy"), npy(&format!("({ROWS},)"), &labels)).expect("writes");
    let model = "conv_lstm 6 3 last=true, global_max_pool";
    let data = ["--data", "x.npy", "--target", "y.npy", "--model", model];
    let training = "--epochs 25 --batch-size 16 --learning-rate 0.02 --format json --out run";
    let words = [&["train"][..], &data, &training.split(' ').collect::<Vec<_>>()].concat();
    let done = place.good(&words).last();
    assert!(done["test_accuracy"].as_f64().is_some_and(|share| share >= 0.95), "{done}");
    let described = place.good(&["describe", "run"]);
    assert!(described.stdout.contains("4 × 5 × 5 × 3 per example"), "{}", described.stdout);
    assert!(described.stdout.contains("conv_lstm 6 3 last"), "{}", described.stdout);
    place.good(&["predict", "run", "--data", "x.npy", "--out", "out.csv"]);
    let rows = String::from_utf8(place.bytes("out.csv")).expect("is text");
    assert_eq!(rows.lines().count(), ROWS + 1);
    place.good(&["export", "run", "--onnx", "run.onnx"]);
    let weights = place.bytes("run/model.safetensors");
    let head = String::from_utf8_lossy(&weights[..weights.len().min(4000)]).into_owned();
    assert!(head.contains("layers.0.weight_ih_l0") && head.contains("[24,3,3,3]"), "{head}");
}

/// Layers of pictures in front are given every picture; where the pictures' own axes are gone, what is
/// left is a sequence.
#[test]
fn layers_of_pictures_stand_in_front_of_recurrent_ones() {
    let place = Place::new();
    let (pictures, labels) = points();
    let shape = format!("({ROWS}, {TURNS}, 3, {SIDE}, {SIDE})");
    std::fs::write(place.path("x.npy"), npy(&shape, &pictures)).expect("writes");
    std::fs::write(place.path("y.npy"), npy(&format!("({ROWS},)"), &labels)).expect("writes");
    let front = "conv2d 6 3 padding=same, batch_norm, relu, max_pool 2";
    for (behind, layer) in [
        ("conv_lstm 4 2 last=true, global_max_pool", "4 × 2 × 2 × 6"),
        ("global_avg_pool, lstm 5 last=true", "4 × 6 "),
        ("global_avg_pool", "4 × 6 "),
        ("avg_pool 2", "4 × 1 × 1 × 6"),
    ] {
        let model = format!("{front}, {behind}");
        let data = ["--data", "x.npy", "--target", "y.npy", "--model", &model];
        let training = "--epochs 1 --learning-rate 0.02 --format json --out run";
        let words = [&["train"][..], &data, &training.split(' ').collect::<Vec<_>>()].concat();
        let done = place.good(&words).last();
        assert!(done["test_accuracy"].is_number(), "{behind}: {done}");
        let described = place.good(&["describe", "run"]).stdout;
        assert!(described.contains(layer), "{behind}: {described}");
        place.good(&["export", "run", "--onnx", "run.onnx"]);
        std::fs::remove_dir_all(place.path("run")).expect("is there");
        std::fs::remove_file(place.path("run.onnx")).expect("is there");
    }
}

#[test]
fn single_pictures_are_refused_with_the_layer_that_takes_them() {
    let place = Place::new();
    let words =
        ["train", "--data", "digits", "--model", "conv_lstm 4 3 last=true", "--epochs", "1"];
    let error = place.bad(1, &words);
    assert!(error.contains("for single pictures use conv2d"), "{error}");
}
