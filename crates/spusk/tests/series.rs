//! Series: nothing of a part shows in an earlier one, and no table of any kind makes a panic.
#![allow(missing_docs, clippy::expect_used)]

#[path = "../src/data/fixtures.rs"]
mod fixtures;

#[path = "../src/messages/check.rs"]
mod check;

use std::panic::{AssertUnwindSafe, catch_unwind};

use check::assert_russian;
use fixtures::{Folder, mutate};
use spusk::data::{
    Batches, DataOptions, Encoded, Gaps, Prepared, Repeats, SeriesOptions, Task, prepare,
};
use spusk::messages::Language;

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

/// A gap at the end of each part is not filled by what comes behind the part, whatever the rule.
#[test]
fn no_gap_is_filled_across_the_end_of_a_part() {
    let folder = Folder::new();
    let read = |gaps: Gaps, future: f64| -> Prepared {
        // The table has 28 days a month. The 26th and 27th of August are the last steps of the training part, the
        // 14th and 15th of November those of the validation part; the change comes right behind.
        let text = table(400, 295, future);
        let missing = [222, 223, 294, 295];
        let lines = text.lines().enumerate().filter(|(line, _)| !missing.contains(line));
        let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
        folder.file("sales.csv", text.as_bytes());
        let spec = folder.path().join("sales.csv").display().to_string();
        let mut options = options();
        options.series.split = Some("240/80/80".into());
        options.series.gaps = gaps;
        prepare(&spec, &options).expect("reads")
    };
    for gaps in [Gaps::Previous, Gaps::Interpolate] {
        let (before, after) = (read(gaps, 0.0), read(gaps, 1000.0));
        assert!(before.preprocessing == after.preprocessing, "{gaps:?}");
        assert!(rows(&before.train) == rows(&after.train), "{gaps:?}");
        assert!(rows(&before.validation) == rows(&after.validation), "{gaps:?}");
        assert!(rows(&before.test) != rows(&after.test), "{gaps:?}");
    }
}

/// Every window carries the parts of the date of each of its steps, behind its series.
#[test]
fn windows_carry_the_parts_of_their_dates() {
    let folder = Folder::new();
    folder.file("sales.csv", table(400, 400, 0.0).as_bytes());
    let spec = folder.path().join("sales.csv").display().to_string();
    let mut options = options();
    (options.target, options.series.window) = (Some("all".into()), Some(14));
    let data = prepare(&spec, &options).expect("reads");
    assert_eq!(data.train.shape(), [14, 4], "two series, and sine and cosine of the weekday");
    let use_ = &data.columns[0].use_;
    assert_eq!(use_.english(), "the order, and weekday (sin), weekday (cos)");
    let (features, _) = rows(&data.train);
    let at = |step: usize, channel: usize| f32::from_bits(features[step * 4 + channel]);
    for step in 0..7 {
        let (sine, cosine) = (at(step, 2), at(step, 3));
        assert!((sine.hypot(cosine) - 1.0).abs() < 1e-6, "{sine} {cosine}");
        // The week comes round within the window, and no day is like another.
        assert!((sine - at(step + 7, 2)).abs() < 1e-6 && (cosine - at(step + 7, 3)).abs() < 1e-6);
        let apart = |other: usize| (sine - at(other, 2)).hypot(cosine - at(other, 3));
        assert!((0..step).all(|other| apart(other) > 0.5));
    }
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
        let error = prepare(&path, &options).map(drop).expect_err(message);
        assert_eq!(error.to_string().replace(&path, "s.csv"), message);
        assert_russian(message, &error.in_language(Language::Russian).replace(&path, "s.csv"));
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
        "data.horizon: got 0, expected 1 to 100000 steps",
    );
    check(
        "day,y\n2020-01-01,3\n2020-01-02,3\n2020-01-03,3\n2020-01-04,3\n2020-01-05,3\n2020-01-06,3\n",
        &|o| o.series.horizon = Some(1),
        "s.csv, column `y`: all values of the training part are 3, expected a series that changes; \
         choose another column with --target",
    );
    let repeated = "day,y\n2020-01-01,3\n2020-01-02,4\n2020-01-02,5\n2020-01-04,3\n";
    check(
        repeated,
        &|o| o.series.repeats = Repeats::Error,
        "s.csv, line 4, column `day`: the time `2020-01-02` comes again, expected one row for every time; the \
         first is line 3; remove one of them, or say which counts with data.repeats: last, first or mean",
    );
    check(
        "day,y\n2020-01-01,3\n2020-01-02,4\n2020-01-04,5\n2020-01-05,3\n",
        &|o| o.series.gaps = Gaps::Error,
        "s.csv, line 3, column `day`: there is no row for 2020-01-03, expected a value at every step \
         (daily); add it, or name a rule with data.gaps: previous or interpolate",
    );
    check(
        &plain,
        &|o| o.series.split = Some("2/3".into()),
        "data.split: got `2/3`, expected counts such as 8640/2880/2880, shares such as 0.7/0.1/0.2, or the dates \
         at which validation and test begin (and the test ends) such as 2017-06-26/2017-10-24",
    );
    check(
        "day,word\n2020-01-01,a\n2020-01-02,b\n",
        &|_| {},
        "s.csv: no column holds numbers, expected a series of numbers to forecast",
    );
}
