use super::*;
use crate::data::fixtures::Folder;
use crate::data::{Batches, SOURCES};

/// All rows of a part, in its order.
fn rows(part: &Encoded) -> (Vec<f32>, Vec<f32>) {
    let mut features = vec![0.0; part.len() * part.width()];
    let mut targets = vec![0.0; part.len() * part.targets()];
    let batches = Batches::new(part, 1, false);
    batches.fill(0, 0..part.len(), &mut features, &mut targets).expect("fills");
    (features, targets)
}

/// The contract of every source that needs no file.
#[test]
fn sources_inside_the_program_are_whole_and_repeatable() {
    let mut seen = 0;
    for source in SOURCES {
        let options = DataOptions { seed: 3, ..DataOptions::default() };
        let Ok(data) = prepare(source.name, &options) else { continue };
        seen += 1;
        let again = prepare(source.name, &options).expect(source.name);
        assert_eq!(data.preprocessing, again.preprocessing);
        for (one, two) in [
            (&data.train, &again.train),
            (&data.validation, &again.validation),
            (&data.test, &again.test),
        ] {
            assert!(!one.is_empty() && rows(one) == rows(two), "{}", source.name);
            let (features, targets) = rows(one);
            assert!(features.iter().chain(&targets).all(|value| value.is_finite()));
        }
        let saved = serde_json::to_string(&data.preprocessing).expect("has a text form");
        let back: Preprocessing = serde_json::from_str(&saved).expect("reads back");
        assert_eq!(back, data.preprocessing);
        back.validate().expect("is sound");
        let text = toml::to_string(&data.preprocessing).expect("has a text form");
        assert_eq!(toml::from_str::<Preprocessing>(&text).expect("reads"), back);
    }
    assert_eq!(seen, 7);
}

/// Inputs have mean 0 and variance 1 over the training part, so nothing else was fitted to.
#[test]
fn training_inputs_are_standardized() {
    let data = prepare("iris", &DataOptions::default()).expect("is built in");
    let (features, _) = rows(&data.train);
    for column in 0..4 {
        let values = || features.iter().skip(column).step_by(4).map(|&value| f64::from(value));
        let count = data.train.len() as f64;
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|value| value * value).sum::<f64>() / count;
        assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-6, "{mean} {variance}");
    }
}

#[test]
fn own_test_parts_do_not_depend_on_the_seed() {
    let test = |seed: u64, share: Option<f64>| {
        let options = DataOptions { seed, test: share, ..DataOptions::default() };
        let data = prepare("digits", &options).expect("is built in");
        let names: Vec<String> =
            (0..data.test.len()).map(|row| data.test.origin(row).expect("has one")).collect();
        names
    };
    assert_eq!(test(1, None), test(2, None));
    assert_ne!(test(1, Some(0.2)), test(2, Some(0.2)));
    assert_eq!(test(1, Some(0.5)).len(), 899);
}

fn table(rows: usize) -> String {
    let mut text = String::from("x,word,day,y\n");
    for row in 0..rows {
        let word = ["one", "two", "", "four"][row % 4];
        let x = if row % 11 == 0 { "NA".to_owned() } else { (row * row % 101).to_string() };
        text.push_str(&format!(
            "{x},{word},2020-0{}-{:02},{}\n",
            row % 9 + 1,
            row % 28 + 1,
            row % 37
        ));
    }
    text
}

/// What fits into memory and what does not gives the same rows and the same preprocessing.
#[test]
fn spooled_data_are_the_same() {
    let folder = Folder::new();
    let path = folder.file("t.csv", table(5000).as_bytes()).display().to_string();
    let read = |memory_limit: u64| {
        let options = DataOptions {
            memory_limit,
            spool_dir: Some(folder.path().to_owned()),
            ..DataOptions::default()
        };
        prepare(&path, &options).expect("prepares")
    };
    let (small, large) = (read(10_000), read(1 << 28));
    assert!(small.train.is_spooled() && !large.train.is_spooled());
    assert_eq!(small.preprocessing, large.preprocessing);
    assert_eq!(small.accounting, large.accounting);
    for (small, large) in [
        (&small.train, &large.train),
        (&small.validation, &large.validation),
        (&small.test, &large.test),
    ] {
        assert!(rows(small) == rows(large));
        for row in [0, small.len() / 2, small.len() - 1] {
            assert_eq!(small.origin(row).expect("has one"), large.origin(row).expect("has one"));
        }
    }
}

#[test]
fn every_row_is_accounted_for() {
    let folder = Folder::new();
    let text = format!("{}1,one\n1,one,2020-01-01,\nx,one,2020-01-01,3\n", table(100));
    let path = folder.file("t.csv", text.as_bytes()).display().to_string();
    let options = DataOptions {
        bad_rows: crate::data::BadRows::Skip,
        target: Some("y".to_owned()),
        ..DataOptions::default()
    };
    let accounting = prepare(&path, &options).expect("prepares").accounting;
    assert_eq!(
        accounting.account(Language::English),
        "103 rows = 72 training + 8 validation + 20 test + 3 skipped; 1 skipped: a cell that \
         does not fit its column (first at 104); 1 skipped: the target is missing (first at \
         103); 1 skipped: wrong number of cells (first at 102)"
    );
}

#[test]
fn descriptions_tell_what_was_found() {
    let folder = Folder::new();
    let path = folder.file("t.csv", table(200).as_bytes()).display().to_string();
    let data = prepare(&path, &DataOptions::default()).expect("prepares");
    let text = data.describe().join("\n").replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!(text, @r"
    t.csv: table separated by commas, with header
    task: regress, because `y` holds 37 different whole numbers
    200 rows = 144 training + 16 validation + 40 test + 0 skipped
    number `x`: 1 to 100, 11 missing; number, (x − 48.241) / 29.291, marked if missing
    category `word`: 3 different: one, two, four, 35 missing; category of 3 values, missing as one more
    date `day`: 2020-01-01 to 2020-09-27; date as days, month (sin), month (cos), weekday (sin), weekday (cos)
    number `y`: 0 to 36; target
    11 inputs → 1 output
    note: the target is `y`, by its name; --target chooses another
    ");
}

#[test]
fn several_targets_are_a_regression() {
    let folder = Folder::new();
    let path = folder.file("t.csv", table(200).as_bytes()).display().to_string();
    let options = DataOptions { target: Some("y, x".to_owned()), ..DataOptions::default() };
    let data = prepare(&path, &options).expect("prepares");
    assert_eq!((data.task, data.preprocessing.outputs()), (Task::Regress, 2));
    assert_eq!(data.accounting.skipped["the target is missing"].count, 19);
}

#[test]
fn an_autoencoder_wants_its_inputs_back() {
    let options = DataOptions { task: Some(Task::Autoencode), ..DataOptions::default() };
    let folder = crate::data::fixtures::Folder::new();
    let mut text = String::from("a,b,c\n");
    (0..40).for_each(|i| text += &format!("{},{},{}\n", i * 7 % 40, i * i, i % 3));
    let table = folder.file("plain.csv", text.as_bytes()).display().to_string();
    let named = folder.file("named.csv", text.replace("c\n", "class\n").as_bytes());
    let named = named.display().to_string();
    for (source, width, classes) in
        [("digits", 64, 10), ("iris", 4, 3), (table.as_str(), 3, 0), (&named, 2, 3)]
    {
        let data = prepare(source, &options).expect(source);
        assert_eq!(data.preprocessing.class_names().len(), classes, "{source}");
        assert_eq!((data.train.width(), data.train.targets()), (width, width), "{source}");
        data.preprocessing.validate().expect("is sound");
        let mut features = vec![0.0; 2 * width];
        let mut targets = features.clone();
        let batches = crate::data::Batches::new(&data.train, 1, true);
        batches.fill(0, 3..5, &mut features, &mut targets).expect("fills");
        assert_eq!(features, targets);
        let (row, label) = (batches.row_at(0, 3).expect("is there"), data.train.label(0));
        data.train.row(row, &mut features[..width], &mut targets[..width]).expect("reads");
        assert_eq!(features, targets);
        assert_eq!(label.expect("reads").is_some(), classes > 0, "{source}");
    }
}

#[test]
fn an_autoencoder_takes_rows_without_a_class() {
    let options = DataOptions { task: Some(Task::Autoencode), ..DataOptions::default() };
    let trained = prepare("iris", &options).expect("opens").preprocessing;
    let folder = crate::data::fixtures::Folder::new();
    let text = "5.1,3.5,1.4,0.2,setosa\n5.1,3.5,1.4,0.2,tulip\n5.1,3.5,1.4,0.2,\n";
    let path = folder.file("new.csv", text.as_bytes()).display().to_string();
    let mut rows = crate::data::NewRows::open(&trained, &path, &options, false).expect("opens");
    let (mut features, mut targets, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    assert_eq!(rows.read(9, &mut features, &mut targets, &mut lines).expect("reads"), 3);
    assert_eq!(rows.labels(), [Some(0), None, None]);
    assert_eq!((features.len(), targets.len()), (12, 0));
}
