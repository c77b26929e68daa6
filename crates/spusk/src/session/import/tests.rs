//! Whole imports, into a network for the built-in digits.

use std::path::{Path, PathBuf};

use super::*;
use crate::experiment::Override;
use crate::session::{Trained, vocabulary};

/// Weights of `dense 8, tanh` and an output layer, under names of another program.
fn weights() -> Vec<Tensor> {
    let tensor = |name: &str, shape: &[usize]| {
        let size = shape.iter().product::<usize>();
        Tensor::f32(name, shape, (0..size).map(|i| (i as f32 * 0.37).sin()).collect())
    };
    vec![
        tensor("hidden.weight", &[8, 64]),
        tensor("hidden.bias", &[8]),
        tensor("out.weight", &[10, 8]),
        tensor("out.bias", &[10]),
    ]
}

fn bytes(tensors: &[Tensor]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let layout = safetensors::Layout::new(tensors, &Default::default()).expect("sound tensors");
    layout.write(&mut bytes).expect("memory takes all");
    bytes
}

/// Imports a file; where the run went is the first of the pair.
fn run(
    folder: &Path,
    file: &[u8],
    map: Option<&[u8]>,
    model: &str,
) -> (PathBuf, Result<Imported, String>) {
    let (weights, names, out) =
        (folder.join("weights.safetensors"), folder.join("names.txt"), folder.join("run"));
    std::fs::write(&weights, file).expect("writes");
    std::fs::write(&names, map.unwrap_or_default()).expect("writes");
    let out_text = out.display().to_string();
    let mut flags = vec![
        Override::flag("--data", "data.source", "digits"),
        Override::flag("--out", "out", &out_text),
    ];
    if !model.is_empty() {
        flags.push(Override::flag("--model", "model.layers", model));
    }
    let experiment = Experiment::parse("", "", &flags, vocabulary()).expect("an experiment");
    let options = ImportOptions { weights: &weights, map: map.map(|_| &*names), runs: folder };
    let imported = import(&experiment, &options, &mut |_| {});
    (out, imported.map_err(|error| error.to_string()))
}

const MODEL: &str = "dense 8, tanh";

/// What a training needs is not searched for: the notes would say so.
#[test]
fn weights_that_are_no_numbers_are_refused_before_a_run_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut given = weights();
    given[2] = Tensor::f32("out.weight", [10, 8], vec![f32::NAN; 80]);
    let (out, imported) = run(folder.path(), &bytes(&given), None, MODEL);
    let error = imported.expect_err("not a number");
    assert!(
        error.contains("the tensor `out.weight` holds NaN, expected finite numbers"),
        "{error}"
    );
    assert!(!out.exists());
}

#[test]
fn a_network_of_another_program_becomes_a_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = weights();
    let (out, imported) = run(folder.path(), &bytes(&given), None, MODEL);
    let imported = imported.expect("it fits");
    let pairs: Vec<(&str, &str)> =
        imported.tensors.iter().map(|(ours, theirs, _)| (&**ours, &**theirs)).collect();
    assert_eq!(
        pairs,
        [
            ("layers.1.weight", "hidden.weight"),
            ("layers.1.bias", "hidden.bias"),
            ("layers.3.weight", "out.weight"),
            ("layers.3.bias", "out.bias"),
        ]
    );
    assert_eq!(imported.notes, Vec::<crate::messages::Said>::new());
    assert!(imported.test.is_some());
    let trained = Trained::open(&out, 1).expect("a run");
    let weight = trained.values("layers.1.weight").expect("it has weights");
    let want = given[0].to_f32().expect("floats");
    // [in, out] here, [out, in] in the file.
    assert_eq!((weight[1], weight[8]), (want[64], want[1]));
}

#[test]
fn damaged_files_are_refused_and_leave_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = bytes(&weights());
    for length in [0, 7, 8, 9, 100, whole.len() - 1] {
        let (out, imported) = run(folder.path(), &whole[..length], None, MODEL);
        let error = imported.expect_err("a part of a file");
        assert!(error.contains("weights.safetensors"), "{error}");
        assert!(!out.exists(), "{length}");
    }
    // What looks sound but for a bit is a sound file or an error.
    for at in (0..200).step_by(7) {
        let mut file = whole.clone();
        file[at] ^= 1 << (at % 8);
        let (out, imported) = run(folder.path(), &file, None, MODEL);
        if imported.is_ok() {
            std::fs::remove_dir_all(out).expect("its run");
        }
    }
}

#[test]
fn what_does_not_fit_is_said_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = bytes(&weights());
    let check = |file: &[u8], map: Option<&[u8]>, model: &str, want: &str| {
        let (out, imported) = run(folder.path(), file, map, model);
        let error = imported.expect_err(want);
        assert!(error.contains(want), "{error}");
        assert!(!out.exists());
    };
    check(&whole, None, "", "the experiment leaves the layers open");
    check(&whole, None, "dense 9, tanh", "nothing fits `layers.1.weight` [9, 64]");
    check(&whole, Some(b"hidden"), MODEL, "names.txt: line 1: no `=`");
    check(&whole, Some(&[0xff, 0xfe]), MODEL, "names.txt: it is no text in UTF-8");
    check(&whole, Some(b"other = layers.1"), MODEL, "line 1 of the map: there is no `other`");
    let mut integers = weights();
    integers[1].data = Data::I64(vec![1; 8]);
    check(&bytes(&integers), None, MODEL, "hidden.bias");
}
