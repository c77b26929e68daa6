//! Series: nothing of a part shows in an earlier one, and no table of any kind makes a panic.
#![allow(missing_docs, clippy::expect_used)]

#[path = "../src/data/fixtures.rs"]
mod fixtures;

use std::panic::{AssertUnwindSafe, catch_unwind};

use fixtures::{Folder, mutate};
use spusk::data::{Batches, DataOptions, Encoded, Prepared, SeriesOptions, Task, prepare};

/// Two years of days with a week in them; `future` changes what comes from a step on.
fn table(steps: usize, from: usize, future: f64) -> String {
    let mut text = String::from("day,sales,visits\n");
    for i in 0..steps {
        let week = [3.0, 1.0, 0.0, 2.0, 5.0, 9.0, 8.0][i % 7];
        let noise = ((i * 7919 + 13) % 101) as f64 / 101.0;
        let late = if i >= from { future } else { 0.0 };
        let (year, day) = (2020 + i / 336, i % 336);
        text += &format!(
            "{year}-{:02}-{:02},{:.3},{:.3}\n",
            day / 28 + 1,
            day % 28 + 1,
            20.0 + week + noise + late,
            100.0 + 3.0 * week - noise - late
        );
    }
    text
}

fn options() -> DataOptions {
    DataOptions {
        task: Some(Task::Forecast),
        target: Some("sales".into()),
        series: SeriesOptions { horizon: Some(5), ..SeriesOptions::default() },
        ..DataOptions::default()
    }
}

fn rows(part: &Encoded) -> (Vec<u32>, Vec<u32>) {
    let mut features = vec![0.0; part.len() * part.width()];
    let mut targets = vec![0.0; part.len() * part.targets()];
    Batches::new(part, 0, false)
        .fill(0, 0..part.len(), &mut features, &mut targets)
        .expect("reads");
    let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect();
    (bits(features), bits(targets))
}

#[test]
fn no_part_sees_what_comes_after_it() {
    let folder = Folder::new();
    // The parts are the same in both, 0.2 of the steps are for the test.
    let read = |future: f64| -> Prepared {
        folder.file("sales.csv", table(400, 336, future).as_bytes());
        let spec = folder.path().join("sales.csv").display().to_string();
        prepare(&spec, &options()).expect("reads")
    };
    let (before, after) = (read(0.0), read(1000.0));
    let first = before.accounting.train + before.accounting.validation;
    assert!(first <= 336, "the change lies behind the validation part: {first}");
    assert!(before.preprocessing == after.preprocessing);
    assert!(rows(&before.train) == rows(&after.train));
    assert!(rows(&before.validation) == rows(&after.validation));
    assert!(rows(&before.test) != rows(&after.test), "the test part has changed");
    assert!(before.train.len() > 100 && before.test.len() > 50);
}

#[test]
fn mutated_series_never_panic() {
    let folder = Folder::new();
    let bytes = table(90, 0, 0.0).into_bytes();
    let spec = folder.path().join("sales.csv").display().to_string();
    let mut read = 0;
    for seed in 0..300 {
        folder.file("sales.csv", &mutate(&bytes, seed));
        match catch_unwind(AssertUnwindSafe(|| prepare(&spec, &options()).map(drop))) {
            Ok(Ok(())) => read += 1,
            Ok(Err(error)) => assert!(!error.to_string().is_empty()),
            Err(_) => panic!("mutation {seed} panics"),
        }
    }
    assert!((1..290).contains(&read), "{read}");
}

#[test]
fn what_makes_no_series_is_said() {
    let folder = Folder::new();
    let check = |text: &str, change: &dyn Fn(&mut DataOptions), message: &str| {
        folder.file("s.csv", text.as_bytes());
        let path = folder.path().join("s.csv").display().to_string();
        let mut options = options();
        options.target = None;
        change(&mut options);
        let error = prepare(&path, &options).map(drop).expect_err(message).to_string();
        let error = error.replace(&path, "s.csv");
        assert_eq!(error, message);
    };
    let plain = table(40, 99, 0.0);
    check(
        &plain,
        &|o| o.series.window = Some(168),
        "s.csv: the training part has 29 steps, expected at least 173 steps, a window of 168 and a \
         horizon of 5; shorten --window or --horizon, or give a longer series",
    );
    check(
        &plain,
        &|o| o.series.time = Some("sales".into()),
        "s.csv, column `sales`: the kind of the column is number, expected times such as 2026-11-23, 2026-11 \
         or 2026-11-23 09:30; name another column with --time, or leave --time out",
    );
    check(
        &plain,
        &|o| o.target = Some("day".into()),
        "s.csv, column `day`: the target is date, expected a series of numbers to forecast; choose \
         another column with --target",
    );
    check(
        &plain,
        &|o| o.series.horizon = Some(0),
        "option `data.horizon`: got 0, expected 1 to 100000 steps",
    );
    check(
        "day,y\n2020-01-01,3\n2020-01-02,3\n2020-01-03,3\n2020-01-04,3\n2020-01-05,3\n2020-01-06,3\n",
        &|o| o.series.horizon = Some(1),
        "s.csv, column `y`: all values of the training part are 3, expected a series that changes; \
         choose another column with --target",
    );
    check(
        "day,word\n2020-01-01,a\n2020-01-02,b\n",
        &|_| {},
        "s.csv: no column holds numbers, expected a series of numbers to forecast",
    );
}
