//! The files that people have, with their odd headers. Each test is skipped, and says so, where the
//! file is not beside the workspace.
#![allow(missing_docs, clippy::print_stderr, clippy::expect_used)]

use std::path::{Path, PathBuf};

use spusk::data::{Batches, DataOptions, NewRows, Prepared, Task, prepare};

/// The path of a shared data file, if it is there.
fn shared(file: &str) -> Option<String> {
    let path: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(file);
    if !path.exists() {
        eprintln!("skipped: {file} is not there");
        return None;
    }
    Some(path.to_string_lossy().into_owned())
}

fn open(file: &str, options: &DataOptions) -> Option<Prepared> {
    shared(file).map(|path| prepare(&path, options).expect(file))
}

/// Rows in each part, inputs and outputs.
fn sizes(data: &Prepared) -> ([usize; 3], usize, usize) {
    let preprocessing = &data.preprocessing;
    let rows = [data.train.len(), data.validation.len(), data.test.len()];
    (rows, preprocessing.width(), preprocessing.outputs())
}

#[test]
fn files_whose_first_line_holds_counts_and_classes() {
    let options = DataOptions::default();
    for (file, expected, classes) in [
        ("iris/iris.csv", ([108, 12, 30], 4, 3), &["setosa", "versicolor", "virginica"][..]),
        ("wine/wine_data.csv", ([128, 14, 36], 13, 3), &["class_0", "class_1", "class_2"]),
        ("breast_cancer/breast_cancer.csv", ([409, 46, 114], 30, 2), &["malignant", "benign"]),
    ] {
        let Some(data) = open(file, &options) else { continue };
        assert_eq!(sizes(&data), expected, "{file}");
        assert_eq!(data.preprocessing.class_names(), classes, "{file}");
        assert!(
            data.notes.iter().any(|note| note.english().contains("not a header")),
            "{:?}",
            data.notes
        );
        assert_eq!(data.task, Task::Classify);
    }
}

#[test]
fn digits_have_no_header() {
    let Some(data) = open("digits/digits.csv.gz", &DataOptions::default()) else { return };
    // Three pixels are 0 in all images, one more perhaps in all training images.
    let (rows, width, outputs) = sizes(&data);
    assert_eq!((rows.iter().sum::<usize>(), outputs), (1797, 10));
    assert!((58..=61).contains(&width), "{width}");
    let built_in = prepare("digits", &DataOptions::default()).expect("is built in");
    assert_eq!(sizes(&built_in), ([1294, 144, 359], 64, 10));
}

#[test]
fn features_and_target_in_two_files() {
    let (Some(features), Some(target)) =
        (shared("diabetes/diabetes_data_raw.csv.gz"), shared("diabetes/diabetes_target.csv.gz"))
    else {
        return;
    };
    let options = DataOptions { target: Some(target.clone()), ..DataOptions::default() };
    let named = prepare(&features, &options).expect("two files");
    let joined = prepare(&format!("{features}+{target}"), &DataOptions::default()).expect("joined");
    for data in [&named, &joined] {
        assert_eq!(data.task, Task::Regress);
        assert_eq!(sizes(data), ([319, 35, 88], 10, 1));
    }
    assert_eq!(named.preprocessing, joined.preprocessing);
}

#[test]
fn series_have_dates() {
    for (file, rows) in [
        ("airline_passengers/airline-passengers.csv", 144),
        ("sunspots/monthly-sunspots.csv", 2820),
        ("melbourne_min_temp/daily-min-temperatures.csv", 3650),
        ("etth1/ETTh1.csv", 17420),
    ] {
        let Some(data) = open(file, &DataOptions::default()) else { continue };
        assert_eq!(data.accounting.rows, rows, "{file}");
        assert_eq!(data.columns[0].kind, "date", "{file}");
        assert_eq!(data.task, Task::Regress, "{file}");
    }
}

#[test]
fn two_reads_are_equal_and_predictions_see_what_training_saw() {
    let Some(path) = shared("wine/wine_data.csv") else { return };
    let options = DataOptions { validation: 0.0, test: Some(0.0), ..DataOptions::default() };
    let read = || {
        let data = prepare(&path, &options).expect("opens");
        let (rows, width) = (data.train.len(), data.train.width());
        let (mut features, mut targets) = (vec![0.0; rows * width], vec![0.0; rows]);
        let batches = Batches::new(&data.train, 1, false);
        batches.fill(0, 0..rows, &mut features, &mut targets).expect("fills");
        (data.preprocessing, features, targets)
    };
    let (preprocessing, features, targets) = read();
    assert!((&preprocessing, &features, &targets) == (&read().0, &read().1, &read().2));
    let (mut again, mut again_targets, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = NewRows::open(&preprocessing, &path, &options, true).expect("opens");
    while rows.read(50, &mut again, &mut again_targets, &mut lines).expect("reads") > 0 {}
    assert!((features, targets) == (again, again_targets));
    assert_eq!((lines.first(), lines.last()), (Some(&2), Some(&179)));
}

#[test]
fn mnist_keeps_its_test_part() {
    let Some(data) = open("mnist", &DataOptions::default()) else { return };
    assert_eq!(sizes(&data), ([54_000, 6_000, 10_000], 784, 10));
    assert_eq!(data.test.origin(0).expect("has one"), "row 60001");
    let (mut features, mut label) = ([0.0; 784], [0.0]);
    data.test.row(0, &mut features, &mut label).expect("reads");
    assert_eq!(label, [7.0]);
}
