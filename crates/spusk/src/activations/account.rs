//! Activations in words, tables and pictures: one account for the terminal and for the page.

use super::{Activation, RaceFound, Sampled};
use crate::formula::Part;
use crate::messages::{self as say, Language};
use crate::plot::{ActivationCurve, Activations, IntervalRow, Intervals, Picture, Plot};
use crate::report::page::Page;

/// Places of the table.
const TABLE: [f64; 5] = [-2.0, -1.0, 0.0, 1.0, 2.0];

/// Places of a curve, and how far it reaches.
const CURVE: usize = 321;
const REACH: f64 = 4.0;

/// A page and its pictures.
#[derive(Debug, Clone)]
pub struct ActivationsPage {
    /// The whole page.
    pub html: String,
    /// The pictures in it, with their names.
    pub pictures: Vec<(&'static str, Picture)>,
}

/// Values and slopes at a few places, as a table.
#[must_use]
pub fn account(activations: &[Activation], l: Language) -> Part {
    let mut part = Part { heading: say::activations_heading(l), ..Part::default() };
    part.sentences.push(say::activations_about(l));
    let columns = [say::column_activation(l), say::column_formula(l)];
    let places = TABLE.iter().map(|&x| format!("f({0}), f′({0})", l.significant(x, 3)));
    let row = |activation: &Activation| {
        let cells = activation.sample(&TABLE).map_or(Vec::new(), |found| cells(&found, l));
        [activation.name, activation.formula].map(String::from).into_iter().chain(cells).collect()
    };
    let rows = activations.iter().map(row).collect();
    part.table = Some((columns.into_iter().chain(places).collect(), rows));
    part.after.push(say::activations_threshold(l));
    part.after.push(say::activations_vectors(l));
    part
}

fn cells(found: &Sampled, l: Language) -> Vec<String> {
    let number = |x: f64| l.significant(x, 3);
    found.y.iter().zip(&found.slope).map(|(&y, &s)| l.list([number(y), number(s)])).collect()
}

/// The curves.
fn curves(activations: &[Activation], l: Language) -> Activations {
    let last = (CURVE - 1) as f64;
    let places: Vec<f64> = (0..CURVE).map(|i| REACH * (2.0 * i as f64 / last - 1.0)).collect();
    let curve = |activation: &Activation| {
        let found = activation.sample(&places).ok()?;
        Some(ActivationCurve {
            name: activation.name.into(),
            formula: activation.formula.into(),
            x: found.x,
            y: found.y,
            derivative: found.slope,
        })
    };
    Activations {
        title: say::activations_heading(l),
        functions: activations.iter().filter_map(curve).collect(),
        function_label: say::function_word(l),
        derivative_label: say::derivative_word(l),
    }
}

fn score(found: &RaceFound, value: f64, l: Language) -> String {
    match found.accuracy {
        _ if !value.is_finite() => "—".into(),
        true => l.percent(value, 2),
        false => l.significant(value, 4),
    }
}

/// What a race came to.
#[must_use]
pub fn account_race(found: &RaceFound, hidden: &[usize], l: Language) -> Part {
    let mut part = Part { heading: say::race_heading(l), ..Part::default() };
    let widths: Vec<String> = hidden.iter().map(ToString::to_string).collect();
    let seeds = found.places.first().map_or(0, |place| place.values.len());
    let rows = found.rows.map(|rows| l.count(rows as u64));
    let [train, validation, test] = rows;
    part.sentences.push(say::race_about(l, widths.join(", "), seeds, found.epochs, train));
    part.sentences.push(say::race_rates(l, validation, test));
    let columns = vec![
        say::column_activation(l),
        if found.accuracy { say::column_accuracy(l) } else { say::column_test_loss(l) },
        say::column_interval(l),
        say::learning_rate(l),
    ];
    let row = |place: &super::Place| {
        let interval = format!("{} … {}", score(found, place.low, l), score(found, place.high, l));
        vec![place.name.into(), score(found, place.mean, l), interval, l.significant(place.rate, 3)]
    };
    part.table = Some((columns, found.places.iter().map(row).collect()));
    part.after.push(verdict(found, seeds, l));
    part.after.push(say::race_limits(l));
    part.after.push(say::race_maxout(l));
    part
}

fn verdict(found: &RaceFound, seeds: usize, l: Language) -> String {
    let Some(first) = found.places.first() else { return String::new() };
    let close: Vec<&str> = found.as_good().iter().map(|place| place.name).collect();
    match (seeds, close.is_empty()) {
        (0 | 1, _) => say::race_one_seed(l, first.name),
        (_, true) => say::race_winner(l, first.name),
        (_, false) => say::race_overlap(l, first.name, close.join(", ")),
    }
}

/// The page, with the race if there was one.
#[must_use]
pub fn page(
    activations: &[Activation],
    race: Option<(&RaceFound, &[usize])>,
    l: Language,
) -> ActivationsPage {
    let mut page = Page::new(&say::activations_heading(l), l);
    let pictures = sections(&mut page, activations, race, l);
    ActivationsPage { html: page.finish(), pictures }
}

/// The sections of the page; returns the pictures.
pub(crate) fn sections(
    page: &mut Page,
    activations: &[Activation],
    race: Option<(&RaceFound, &[usize])>,
    l: Language,
) -> Vec<(&'static str, Picture)> {
    let curves = curves(activations, l);
    let part = account(activations, l);
    page.section("curves", &part.heading, |page| {
        page.picture(&curves.draw(l));
        page.part(&part);
    });
    let mut pictures: Vec<(&'static str, Picture)> = vec![("activations", curves.into())];
    if let Some((found, hidden)) = race {
        let part = account_race(found, hidden, l);
        let picture = intervals(found, l);
        page.section("race", &part.heading, |page| {
            page.picture(&picture.draw(l));
            page.part(&part);
        });
        pictures.push(("race", picture.into()));
    }
    pictures
}

fn intervals(found: &RaceFound, l: Language) -> Intervals {
    // Percent read better than shares.
    let scale = if found.accuracy { 100.0 } else { 1.0 };
    let row = |place: &super::Place| IntervalRow {
        name: place.name.into(),
        values: place.values.iter().map(|value| scale * value).collect(),
        mean: scale * place.mean,
        low: scale * place.low,
        high: scale * place.high,
    };
    Intervals {
        title: say::race_heading(l),
        x_label: match found.accuracy {
            true => format!("{}, %", say::column_accuracy(l)),
            false => say::column_test_loss(l),
        },
        rows: found.places.iter().map(row).collect(),
        note: Some(say::race_note(l)),
        ..Intervals::default()
    }
}
