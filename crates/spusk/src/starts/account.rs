//! The experiment in words, tables and pictures: one account for the terminal and for the page.

use super::report::{Change, KindFound, StartsFound, ratio};
use super::{Distribution, Index};
use crate::formula::Part;
use crate::messages::{self as say, Language};
use crate::plot::{
    BoxRow, Boxes, CodeMap, CodePoint, IntervalRow, Intervals, Picture, Profile, Series,
};
use crate::report::page::Page;

/// A page and its pictures.
#[derive(Debug, Clone)]
pub struct StartsPage {
    /// The whole page.
    pub html: String,
    /// The pictures in it, with their names.
    pub pictures: Vec<(&'static str, Picture)>,
}

fn number(value: f64, l: Language) -> String {
    if value.is_finite() { l.significant(value, 3) } else { "—".into() }
}

/// What was done, what was found, what it says.
#[must_use]
pub fn account(found: &StartsFound, l: Language) -> Vec<Part> {
    let mut parts = vec![setup(found, l), losses(found, l), correlations(found, l)];
    parts.extend(indices(found, l));
    parts.push(Part {
        heading: say::starts_conclusion(l),
        sentences: conclusions(found, l),
        ..Part::default()
    });
    parts
}

fn setup(found: &StartsFound, l: Language) -> Part {
    let mut part = Part { heading: say::starts_heading(l), ..Part::default() };
    let kinds: Vec<&str> = found.kinds.iter().map(|kind| &*kind.name).collect();
    let runs = found.kinds.first().map_or(0, |kind| kind.runs.len());
    let shape: Vec<String> = found.shape.iter().map(ToString::to_string).collect();
    let [train, test] = found.rows.map(|rows| l.count(rows as u64));
    part.sentences.push(say::starts_about(l, kinds.join(", "), l.count(runs as u64)));
    part.sentences.push(say::starts_data(l, train, test, shape.join(" × ")));
    part.sentences.push(say::starts_ours(l, ours(found)));
    part
}

/// The settings that the paper leaves open, as they were set.
fn ours(found: &StartsFound) -> String {
    let names = [
        "activation",
        "init",
        "loss",
        "optimizer",
        "batch_size",
        "learning_rate",
        "schedule",
        "epochs",
    ];
    let one = |name: &str| {
        let value = found.settings.get(name)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
        Some(format!("{} {text}", name.replace('_', " ")))
    };
    names.into_iter().filter_map(one).collect::<Vec<_>>().join(", ")
}

fn losses(found: &StartsFound, l: Language) -> Part {
    let mut part = Part { heading: say::starts_losses(l), ..Part::default() };
    let mut columns = vec![
        say::starts_kind(l),
        say::column_parameters(l),
        say::starts_least(l),
        say::starts_median(l),
        say::starts_largest(l),
        say::starts_spread(l),
        say::starts_relative(l),
    ];
    if found.classes {
        columns.push(say::starts_accuracy(l));
    }
    let row = |kind: &KindFound| {
        let test = kind.test();
        let mut row = vec![kind.name.clone(), l.count(kind.parameters as u64)];
        row.extend([0.0, 0.5, 1.0].map(|share| number(test.quantile(share), l)));
        row.push(number(test.spread(), l));
        row.push(l.percent(test.spread() / test.quantile(0.5), 1));
        if found.classes {
            row.push(l.percent(kind.accuracy(), 2));
        }
        row
    };
    part.table = Some((columns, found.kinds.iter().map(row).collect()));
    let lost: usize = found.kinds.iter().map(|kind| kind.test().lost).sum();
    if lost > 0 {
        let named = found.kinds.iter().map(|kind| (kind.name.as_str(), kind.test().lost));
        let named = named.filter(|kind| kind.1 > 0).map(|(name, lost)| format!("{name}: {lost}"));
        part.after.push(say::starts_diverged(l, named.collect::<Vec<_>>().join(", ")));
    }
    part
}

fn correlations(found: &StartsFound, l: Language) -> Part {
    let mut part = Part { heading: say::starts_correlation(l), ..Part::default() };
    part.sentences.push(say::starts_correlation_about(l));
    let mut columns =
        vec![say::starts_kind(l), say::starts_correlation_column(l), say::starts_interval(l)];
    if found.as_published {
        columns.push(say::starts_published(l));
    }
    let row = |kind: &KindFound| {
        let r = kind.correlation();
        let mut row = vec![kind.name.clone(), number(r.value, l)];
        row.push(format!("{} … {}", number(r.low, l), number(r.high, l)));
        if found.as_published {
            row.push(found.published(kind).map_or("—".into(), |value| l.significant(value, 4)));
        }
        row
    };
    part.table = Some((columns, found.kinds.iter().map(row).collect()));
    part
}

/// The indices of a kind.
fn of_kind(kind: &KindFound) -> Vec<Index> {
    kind.runs.iter().filter_map(|run| run.index).collect()
}

fn indices(found: &StartsFound, l: Language) -> Option<Part> {
    let asked: Vec<(&KindFound, Vec<Index>)> =
        found.kinds.iter().map(|kind| (kind, of_kind(kind))).collect();
    if asked.iter().all(|(_, all)| all.is_empty()) {
        return None;
    }
    let mut part = Part { heading: say::starts_index(l), ..Part::default() };
    part.sentences.push(say::starts_index_about(l));
    let columns = vec![
        say::starts_kind(l),
        say::starts_index_negative(l),
        say::starts_index_zero(l),
        say::starts_index_smallest(l),
        say::starts_index_largest(l),
        say::starts_index_how(l),
    ];
    let row = |(kind, all): &(&KindFound, Vec<Index>)| {
        let n = all.len();
        let mean = |of: fn(&Index) -> f64| all.iter().map(of).sum::<f64>() / n as f64;
        let least = all.iter().map(|index| index.smallest).fold(f64::INFINITY, f64::min);
        let most = all.iter().map(|index| index.largest).fold(f64::NEG_INFINITY, f64::max);
        let counted = all.iter().all(|index| index.counted);
        let share = |value: f64| l.percent(value, 2);
        let error = all.iter().map(|i| i.error * i.error).sum::<f64>().sqrt() / n as f64;
        let negative = share(mean(|i| i.negative));
        let negative = if counted { negative } else { format!("{negative} ± {}", share(error)) };
        let how = match counted {
            true => say::starts_index_counted(l, n),
            false => say::starts_index_estimated(l, n),
        };
        vec![
            kind.name.clone(),
            negative,
            share(mean(|i| i.zero)),
            number(least, l),
            number(most, l),
            how,
        ]
    };
    let rows = asked.iter().filter(|(_, all)| !all.is_empty()).map(row).collect();
    part.table = Some((columns, rows));
    let asked = found.settings["index"]["rows"].as_u64().unwrap_or(0);
    part.after.push(say::starts_index_honest(l, l.count(asked.min(found.rows[0] as u64))));
    Some(part)
}

/// What can be said, in plain sentences; also where it contradicts the lecture.
#[must_use]
pub fn conclusions(found: &StartsFound, l: Language) -> Vec<String> {
    let Some((narrow, wide)) = found.ends() else {
        return found.kinds.iter().map(|kind| alone(kind, l)).collect();
    };
    let (a, b) = (narrow.test(), wide.test());
    if a.sorted.len() < 4 || b.sorted.len() < 4 {
        return vec![say::starts_too_few(l)];
    }
    let names = [&narrow.name, &wide.name];
    let mut all = Vec::new();
    let spread = ratio(&a, &b, Distribution::spread);
    let (from, to) = (number(a.spread(), l), number(b.spread(), l));
    let interval = format!("{} … {}", number(spread.low, l), number(spread.high, l));
    let (factor, [small, large]) = (number(spread.value, l), names);
    all.push(match spread.change() {
        Change::Falls => say::starts_spread_falls(l, small, large, from, to, factor, interval),
        Change::Rises => say::starts_spread_rises(l, small, large, from, to, factor, interval),
        Change::Unclear => say::starts_spread_unclear(l, small, large, from, to, factor, interval),
    });
    let relative = ratio(&a, &b, |d| d.spread() / d.quantile(0.5));
    let (from, to) = (a.spread() / a.quantile(0.5), b.spread() / b.quantile(0.5));
    let [from, to] = [from, to].map(|share| l.percent(share, 1));
    all.push(match relative.change() {
        Change::Falls => say::starts_relative_falls(l, from, to),
        Change::Rises => say::starts_relative_rises(l, from, to),
        Change::Unclear => say::starts_relative_unclear(l, from, to),
    });
    let best = a.quantile(0.0);
    let worse = b.sorted.iter().filter(|loss| **loss > best).count();
    let (best, share) = (number(best, l), l.percent(1.0 - worse as f64 / b.sorted.len() as f64, 0));
    all.push(say::starts_best_of_narrow(l, large, share, small, best));
    let (r, s) = (narrow.correlation(), wide.correlation());
    let [from, to] = [r, s].map(|r| number(r.value, l));
    all.push(match () {
        () if s.high < r.low => say::starts_correlation_falls(l, from, to),
        () if s.low > r.high => say::starts_correlation_rises(l, from, to),
        () => say::starts_correlation_unclear(l, from, to),
    });
    all.push(say::starts_close(l));
    all
}

/// What is said of one kind by itself.
fn alone(kind: &KindFound, l: Language) -> String {
    let test = kind.test();
    let worst = l.percent(test.quantile(1.0) / test.quantile(0.0) - 1.0, 0);
    let spread = l.percent(test.spread() / test.quantile(0.5), 1);
    say::starts_alone(
        l,
        &kind.name,
        test.sorted.len(),
        number(test.quantile(0.5), l),
        spread,
        worst,
    )
}

/// The page with its pictures.
#[must_use]
pub fn page(title: &str, found: &StartsFound, l: Language) -> StartsPage {
    let mut page = Page::new(title, l);
    let pictures = pictures(found, l);
    let parts = account(found, l);
    let ids = ["p0", "p1", "p2", "p3", "p4", "p5"];
    for (i, (part, id)) in parts.iter().zip(ids).enumerate() {
        let own: &[&str] = match i {
            1 => &["losses", "ecdf"],
            2 => &["train-test", "correlation"],
            _ => &[],
        };
        page.section(id, &part.heading, |page| {
            let wanted = pictures.iter().filter(|(name, _)| own.contains(name));
            wanted.for_each(|(_, picture)| page.picture(&picture.draw(l)));
            page.part(part);
        });
    }
    StartsPage { html: page.finish(), pictures }
}

/// Steps of the share of runs that ended below a loss.
fn steps(kind: &KindFound) -> Series {
    let found = kind.test();
    let n = found.sorted.len() as f64;
    let both = |(i, &loss): (usize, &f64)| [(loss, i as f64 / n), (loss, (i + 1) as f64 / n)];
    Series::new(kind.name.as_str(), found.sorted.iter().enumerate().flat_map(both))
}

fn pictures(found: &StartsFound, l: Language) -> Vec<(&'static str, Picture)> {
    let rows = found.kinds.iter().map(|kind| BoxRow {
        name: kind.name.clone(),
        values: kind.runs.iter().map(|run| run.test.loss).collect(),
    });
    let boxes = Boxes {
        title: say::starts_losses(l),
        x_label: say::column_test_loss(l),
        y_label: say::starts_kind(l),
        rows: rows.collect(),
        note: Some(say::starts_box_note(l)),
    };
    let shares = Profile {
        title: say::starts_ecdf(l),
        x_label: say::column_test_loss(l),
        y_label: say::starts_share(l),
        series: found.kinds.iter().map(steps).collect(),
        note: Some(say::starts_ecdf_note(l)),
        ..Profile::default()
    };
    let points = found.kinds.iter().enumerate().flat_map(|(class, kind)| {
        let point = move |run: &super::RunFound| CodePoint {
            x: run.train.loss,
            y: run.test.loss,
            class: Some(class),
        };
        kind.runs.iter().map(point)
    });
    let both = CodeMap {
        title: say::starts_scatter(l).into(),
        x_label: say::starts_train_loss(l).into(),
        y_label: say::column_test_loss(l).into(),
        classes: found.kinds.iter().map(|kind| kind.name.clone()).collect(),
        points: points.collect(),
        note: Some(say::starts_legend(l).into()),
    };
    let row = |kind: &KindFound| {
        let r = kind.correlation();
        let values = found.published(kind).into_iter().collect();
        IntervalRow { name: kind.name.clone(), values, mean: r.value, low: r.low, high: r.high }
    };
    let correlations = Intervals {
        title: say::starts_correlation(l),
        x_label: say::starts_correlation_column(l),
        y_label: say::starts_kind(l),
        rows: found.kinds.iter().map(row).collect(),
        best_first: false,
        note: Some(match found.as_published {
            true => say::starts_correlation_note_published(l),
            false => say::starts_correlation_note(l),
        }),
    };
    vec![
        ("losses", boxes.into()),
        ("ecdf", shares.into()),
        ("train-test", both.into()),
        ("correlation", correlations.into()),
    ]
}
