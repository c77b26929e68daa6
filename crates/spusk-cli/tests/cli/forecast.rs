//! `--task forecast`: training, the backtest, the future, and tables that are not as they should be.

use serde_json::Value;

use super::{Place, Ran, tensor};

/// A value that looks drawn at random from −0.5 to 0.5, the same for the same number.
fn noise(i: usize) -> f64 {
    // The hash of splitmix64.
    let mut z = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 - 0.5
}

/// The day `index` days behind 2020-01-01.
fn day(index: usize) -> String {
    let (mut year, mut rest) = (2020, index);
    let is_leap = |year: usize| year.is_multiple_of(4);
    while rest >= 365 + usize::from(is_leap(year)) {
        rest -= 365 + usize::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + usize::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while rest >= lengths[month] {
        rest -= lengths[month];
        month += 1;
    }
    format!("{year}-{:02}-{:02}", month + 1, rest + 1)
}

/// Sales with a week in them and noise of a width, as lines of a table without its head.
fn sales(steps: usize, width: f64) -> Vec<(String, f64)> {
    let week = [3.0, 1.0, 0.0, 2.0, 5.0, 9.0, 8.0];
    let value = |i: usize| ((20.0 + week[i % 7] + width * noise(i)) * 1e4).round() / 1e4;
    (0..steps).map(|i| (day(i), value(i))).collect()
}

fn table(rows: &[(String, f64)]) -> String {
    let lines = rows.iter().map(|(day, value)| format!("{day},{value}\n"));
    "day,sales\n".chars().chain(lines.collect::<String>().chars()).collect()
}

/// Trains on a table with few steps.
fn train(place: &Place, table: &str, out: &str, more: &[&str]) -> Ran {
    let words = ["train", "--data", table, "--task", "forecast", "--horizon", "5", "--out", out];
    let fixed = ["--window", "14", "--learning-rate", "0.001", "--format", "json"];
    place.good(&[&words[..], &fixed, more].concat())
}

fn figure(object: &Value, key: &str) -> f64 {
    object[key].as_f64().unwrap_or_else(|| panic!("no {key}: {object}"))
}

#[test]
fn every_step_of_the_test_part_is_an_origin_once() {
    let place = Place::new();
    let rows = sales(300, 2.0);
    place.write("sales.csv", &table(&rows));
    let ran = train(&place, "sales.csv", "run", &["--split", "200/40/60", "--epochs", "2"]);
    let done = ran.last();
    // The naive and the seasonal-naive forecast by hand.
    let error = |forecast: &dyn Fn(usize, usize) -> f64| {
        let squares: Vec<f64> = (240..=300 - 5)
            .flat_map(|origin| (0..5).map(move |h| (origin, h)))
            .map(|(origin, h)| (forecast(origin, h) - rows[origin + h].1).powi(2))
            .collect();
        (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
    };
    let naive = error(&|origin, _| rows[origin - 1].1);
    let seasonal = error(&|origin, h| rows[origin + h - 7].1);
    assert_eq!(done["test_rows"], 56);
    assert!((figure(&done, "test_naive_unit_rmse") - naive).abs() < 1e-6 * naive, "{done}");
    let found = figure(&done, "test_seasonal_naive_unit_rmse");
    assert!((found - seasonal).abs() < 1e-6 * seasonal, "{found} {seasonal}");
    assert!(figure(&done, "test_mse") < figure(&done, "test_naive_mse"), "{done}");

    let again = place.good(&["evaluate", "run", "--format", "json"]).last();
    for key in ["test_mse", "test_linear_mse", "test_naive_mse"] {
        let (got, want) = (figure(&again, key), figure(&done, key));
        assert!((got - want).abs() <= 1e-6 * want, "{key}: {got} {want}");
    }
    // Of another table all windows count: 100 − 14 − 5 + 1.
    place.write("other.csv", &table(&rows[200..]));
    let words = ["evaluate", "run", "--data", "other.csv", "--format", "json"];
    assert_eq!(place.good(&words).last()["test_rows"], 82);
}

#[test]
fn the_future_is_a_table_that_goes_on_where_the_data_end() {
    let place = Place::new();
    let rows = sales(300, 0.2);
    place.write("sales.csv", &table(&rows));
    train(&place, "sales.csv", "run", &[]);
    place.write("known.csv", &table(&rows[..280]));
    let words = ["predict", "run", "--data", "known.csv", "--out", "future.csv"];
    place.good(&words);
    let future = String::from_utf8(place.bytes("future.csv")).expect("UTF-8");
    let lines: Vec<&str> = future.lines().collect();
    assert_eq!((lines[0], lines.len()), ("day,sales", 6));
    for (line, (day, value)) in lines[1..].iter().zip(&rows[280..]) {
        let (time, forecast) = line.split_once(',').expect("two columns");
        assert_eq!(time, day);
        let forecast: f64 = forecast.parse().expect("a number");
        assert!((forecast - value).abs() < 0.5, "{line}: {value}");
    }
    // Only the window counts: what lies before it may be left out.
    place.write("window.csv", &table(&rows[266..280]));
    let short = place.good(&["predict", "run", "--data", "window.csv"]).stdout;
    assert_eq!(short, future);
}

#[test]
fn what_comes_later_changes_no_bit_of_the_network() {
    let place = Place::new();
    let mut rows = sales(300, 1.0);
    place.write("before.csv", &table(&rows));
    rows[240..].iter_mut().for_each(|(_, value)| *value = 3.0 * *value - 70.0);
    place.write("after.csv", &table(&rows));
    let more = ["--split", "200/40/60", "--epochs", "4"];
    let before = train(&place, "before.csv", "before", &more).last();
    let after = train(&place, "after.csv", "after", &more).last();
    assert_ne!(before["test_mse"], after["test_mse"]);
    for file in ["model.safetensors", "preprocessing.json"] {
        let [one, other] = ["before", "after"].map(|run| place.bytes(&format!("{run}/{file}")));
        assert!(one == other, "{file}");
    }
}

#[test]
fn quantiles_hold_what_they_promise_and_never_cross() {
    let place = Place::new();
    let rows = sales(3000, 4.0);
    place.write("sales.csv", &table(&rows));
    let loss = ["--loss", "quantile [0.1, 0.5, 0.9]", "--epochs", "12"];
    let done = train(&place, "sales.csv", "run", &loss).last();
    assert!((figure(&done, "test_coverage_wanted") - 0.8).abs() < 1e-9, "{done}");
    let found = figure(&done, "test_coverage");
    assert!((found - 0.8).abs() < 0.06, "{found}");
    let future = place.good(&["predict", "run", "--data", "sales.csv"]).stdout;
    let mut lines = future.lines();
    assert_eq!(lines.next(), Some("day,sales_0.1,sales_0.5,sales_0.9"));
    for line in lines {
        let values: Vec<f64> =
            line.split(',').skip(1).map(|v| v.parse().expect("a number")).collect();
        assert!(values[0] <= values[1] && values[1] <= values[2], "{line}");
        // Uniform noise of width 4: the outer quantiles are 0.8 · 4 apart.
        assert!((values[2] - values[0] - 3.2).abs() < 0.8, "{line}");
    }
}

#[test]
fn disorder_repeats_and_gaps_are_told_and_follow_their_rules() {
    let place = Place::new();
    let rows = sales(200, 1.0);
    place.write("whole.csv", &table(&rows));
    let mut lines: Vec<String> = rows.iter().map(|(day, value)| format!("{day},{value}")).collect();
    lines[150] = format!("{},", rows[150].0);
    lines.remove(120);
    lines.insert(80, format!("{},99", rows[79].0));
    lines.swap(50, 51);
    place.write("broken.csv", &format!("day,sales\n{}\n", lines.join("\n")));
    let ran = train(&place, "broken.csv", "run", &["--epochs", "1", "--repeats", "first"]);
    for told in [
        "the rows were not in the order of their times (1 row earlier than the one before, first in \
         line 53); they are sorted",
        "1 row with a time that was there before, first in line 82; rule `first` (data.repeats)",
        "2 steps without all values (1 without a row), the longest gap 1 step, first at 2020-04-30; \
         filled by rule `previous` (data.gaps)",
    ] {
        assert!(ran.stdout.contains(told), "{told}\n{}", ran.stdout);
    }
    let data = ran.objects().into_iter().find(|object| object["event"] == "data");
    let data = data.expect("the data are told");
    assert_eq!((&data["rows"], &data["skipped"]), (&200.into(), &1.into()), "{data}");
    // What the rules make of it is the whole table, but for the two values that were missing.
    let mut mended = rows.clone();
    mended[120].1 = mended[119].1;
    mended[150].1 = mended[149].1;
    place.write("mended.csv", &table(&mended));
    train(&place, "mended.csv", "mended", &["--epochs", "1"]);
    assert!(place.bytes("run/model.safetensors") == place.bytes("mended/model.safetensors"));

    let words = ["train", "--data", "broken.csv", "--task", "forecast", "--horizon", "5"];
    let error = place.bad(1, &[&words[..], &["--repeats", "error"]].concat());
    assert!(error.contains("line 82") && error.contains("day"), "{error}");
    let error = place.bad(1, &[&words[..], &["--repeats", "first", "--gaps", "error"]].concat());
    assert!(error.contains("2020-04-30"), "{error}");
}

#[test]
fn a_window_longer_than_the_series_is_refused() {
    let place = Place::new();
    place.write("sales.csv", &table(&sales(60, 1.0)));
    let words = ["train", "--data", "sales.csv", "--task", "forecast", "--horizon", "5"];
    let error = place.bad(1, &[&words[..], &["--window", "90"]].concat());
    assert!(
        error.contains("expected at least 95 steps, a window of 90 and a horizon of 5"),
        "{error}"
    );
    assert!(error.contains("shorten --window or --horizon"), "{error}");
    train(&place, "sales.csv", "run", &["--epochs", "1"]);
    place.write("few.csv", &table(&sales(10, 1.0)));
    for command in ["predict", "evaluate"] {
        let error = place.bad(1, &[command, "run", "--data", "few.csv"]);
        assert!(
            error.contains("few.csv: the series has 10 steps, expected at least 14"),
            "{error}"
        );
    }
}

#[test]
fn a_network_that_does_not_help_is_left_out() {
    let place = Place::new();
    // Nothing but noise: whatever a network learns beyond the mean is wrong.
    let rows: Vec<(String, f64)> = (0..400).map(|i| (day(i), noise(i))).collect();
    place.write("noise.csv", &table(&rows));
    let words =
        ["train", "--data", "noise.csv", "--task", "forecast", "--horizon", "5", "--out", "run"];
    let more =
        ["--split", "250/75/75", "--learning-rate", "0.03", "--epochs", "40", "--format", "json"];
    let ran = place.good(&[&words[..], &more].concat());
    let kept = ran.objects().into_iter().find_map(|object| {
        let (share, _) = object["text"].as_str()?.split_once(" of the correction is kept")?;
        share.parse::<f32>().ok()
    });
    assert!(kept.is_some_and(|kept| kept < 1.0), "{}", ran.stdout);
    // The linear forecast that the network is compared with is saved beside it.
    let file = place.path("run/model.safetensors");
    let linear = tensor(&file, "linear.weights");
    assert_eq!(linear.len() % 5, 0);
    let (done, again) = (ran.last(), place.good(&["evaluate", "run", "--format", "json"]).last());
    let (got, want) = (figure(&again, "test_linear_mse"), figure(&done, "test_linear_mse"));
    assert!((got - want).abs() <= 1e-9 * want, "{got} {want}");
}
