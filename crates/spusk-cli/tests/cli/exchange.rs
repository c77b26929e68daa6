//! `spusk export` and `spusk import`.

use super::Place;

fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

fn trained() -> Place {
    let place = Place::new();
    let mut train = words("train --data digits --epochs 1 --out run --quiet --model");
    train.push("dense 8, tanh");
    place.good(&train);
    place
}

#[test]
fn a_network_goes_out_and_comes_back() {
    let place = trained();
    let export = "export run --onnx net.onnx --examples check.safetensors --rows 5";
    let told = place.good(&words(export)).stderr;
    assert!(told.contains("check.safetensors: 5 examples"), "{told}");
    let file = place.bytes("net.onnx");
    let holds = |text: &str| file.windows(text.len()).any(|part| part == text.as_bytes());
    for text in ["spusk.preprocessing", "MatMul", "Tanh", "Softmax", "predictions", "batch"] {
        // A softmax is written in its parts.
        assert_eq!(holds(text), text != "Softmax", "{text}");
    }
    let examples = place.bytes("check.safetensors");
    assert!(String::from_utf8_lossy(&examples).contains(r#""raw""#));

    let import =
        "import run/model.safetensors --into run/experiment.toml --out again --format json";
    let done = place.good(&words(import)).last();
    assert_eq!(done["run"], "again");
    assert_eq!(done["tensors"].as_array().map(Vec::len), Some(4), "{done}");
    assert!(done["test_loss"].as_f64().is_some_and(f64::is_finite), "{done}");
    let predicted = |run: &str| place.good(&["predict", run, "--data", "digits"]).stdout;
    assert!(predicted("run") == predicted("again"), "the same weights, the same bytes");
}

#[test]
fn what_cannot_be_exchanged_is_said() {
    let place = trained();
    let check = |text: &str, want: &str| {
        let error = place.bad(1, &words(text));
        assert!(error.contains(want), "{error}");
    };
    check("export nowhere --onnx net.onnx", "nowhere");
    check("export run --onnx no/such/folder/net.onnx", "cannot write no/such/folder/net.onnx");
    std::fs::write(place.path("noise.safetensors"), "a,b,c\n1,2,3\n").expect("writes");
    check("import noise.safetensors --into run/experiment.toml --out new", "noise.safetensors");
    check("import run/model.safetensors --into nowhere.toml --out new", "nowhere.toml");
    assert!(!place.path("new").exists());
}
