//! The page of a formula: the account with its pictures, in one file that needs no other.

use super::{Exploration, Formula, Kind, account};
use crate::messages::{self as say, Language};
use crate::plot::{
    Contours, FormulaCurve, LevelPoint, MapPoint, Picture, Series, StepSweep, Surface,
};
use crate::report::page::Page;

/// Places of a curve.
const CURVE: usize = 1201;
/// Places of a map along a side.
const MAP: usize = 121;
/// Most points of a path that are drawn.
const MOST_POINTS: usize = 2000;

/// A page and its pictures.
#[derive(Debug, Clone)]
pub struct FormulaPage {
    /// The whole page.
    pub html: String,
    /// The pictures in it, with their names.
    pub pictures: Vec<(&'static str, Picture)>,
}

/// Makes the page.
#[must_use]
pub fn page(f: &Formula, found: &Exploration, language: Language) -> FormulaPage {
    let pictures = pictures(f, found, language);
    let title = f.expr().to_text(f.style(true));
    let mut page = Page::new(&title, language);
    let ids = ["p0", "p1", "p2", "p3", "p4", "p5"];
    let parts = account(f, found, language);
    for (part, id) in parts.iter().zip(ids) {
        page.section(id, &part.heading, |page| page.part(part));
        let of_part = |name: &str| match name {
            "curve" => part.heading == say::minimize_critical(language),
            "contours" | "surface" => part.heading == say::minimize_descent(language),
            "basins" => part.heading == say::minimize_basins(language),
            _ => part.heading == say::minimize_sweep(language),
        };
        for (_, picture) in pictures.iter().filter(|(name, _)| of_part(name)) {
            page.picture(&picture.draw(language));
        }
    }
    FormulaPage { html: page.finish(), pictures }
}

fn kind(kind: Kind, l: Language) -> String {
    match kind {
        Kind::Minimum => say::kind_minimum(l),
        Kind::Maximum => say::kind_maximum(l),
        Kind::Saddle => say::kind_saddle(l),
        Kind::Inflection => say::kind_inflection(l),
        Kind::Degenerate => say::kind_degenerate(l),
    }
}

fn pictures(f: &Formula, found: &Exploration, l: Language) -> Vec<(&'static str, Picture)> {
    let mut pictures: Vec<(&'static str, Picture)> = match f.variables().len() {
        1 => vec![("curve", curve(f, found, l).into())],
        2 => {
            let map = map(f, found, [stretch(found, 0), stretch(found, 1)], l);
            let surface = surface(f, found, &map, l);
            let mut all = vec![("contours", map.clone().into()), ("surface", surface.into())];
            if found.basins.is_some() {
                all.push(("basins", basins(f, found, map, l).into()));
            }
            all
        }
        _ => Vec::new(),
    };
    if let Some(sweep) = &found.sweep {
        let shown = sweep.shown.iter().map(|run| {
            let share = l.significant(run.learning_rate * sweep.curvature, 3);
            let values = run.values.iter().enumerate().map(|(i, &y)| (i as f64, y));
            Series::new(format!("{share}/λ"), values)
        });
        let picture = StepSweep {
            title: say::picture_sweep(l),
            x_label: say::learning_rate(l),
            y_label: say::column_steps(l),
            rates: sweep.runs.iter().map(|run| run.learning_rate).collect(),
            steps: sweep.runs.iter().map(|run| run.steps as f64).collect(),
            courses: sweep.runs.iter().map(|run| run.course as usize).collect(),
            names: vec![
                say::course_smooth(l),
                say::course_swinging(l),
                say::course_too_slow(l),
                say::course_hovering(l),
                say::course_diverged(l),
            ],
            value_label: function(f),
            curvature: sweep.curvature,
            shown: shown.collect(),
        };
        pictures.push(("step_sweep", picture.into()));
    }
    pictures
}

/// The stretch of a variable that shows what was found: the bounds asked for, else what holds the
/// critical points and the path, within the usual bounds.
fn stretch(found: &Exploration, axis: usize) -> [f64; 2] {
    let [low, high] = found.request.region.bounds[axis];
    if found.request.region.given {
        return [low, high];
    }
    let critical = found.critical.points.iter().map(|p| p.at[axis]);
    let path = found.descent.iter().flat_map(|(_, d, _)| d.path.iter().map(|at| at[axis]));
    let seen: Vec<f64> =
        critical.chain(path).filter(|x| (low - 50.0..=high + 50.0).contains(x)).collect();
    let (mut from, mut to) =
        seen.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
    if from > to {
        (from, to) = (low, high);
    }
    let room = (0.25 * (to - from)).max(0.5);
    [from - room, to + room]
}

/// The points of a path, evenly thinned; the last is kept.
fn thinned(path: &[Vec<f64>]) -> Vec<usize> {
    let every = path.len().div_ceil(MOST_POINTS).max(1);
    let mut kept: Vec<usize> = (0..path.len()).step_by(every).collect();
    if kept.last() != Some(&(path.len() - 1)) {
        kept.push(path.len() - 1);
    }
    kept
}

/// `f(x, y)`.
fn function(f: &Formula) -> String {
    format!("f({})", f.variables().join(", "))
}

fn curve(f: &Formula, found: &Exploration, l: Language) -> FormulaCurve {
    let [low, high] = stretch(found, 0);
    let place = |i: usize| low + (high - low) * i as f64 / (CURVE - 1) as f64;
    let name = f.expr().to_text(f.style(true));
    let points = (0..CURVE).map(|i| (place(i), f.value_at(&[place(i)])));
    let level = found.critical.points.iter().filter(|p| p.smooth).map(|p| LevelPoint {
        x: p.at[0],
        y: p.value,
        label: kind(p.kind, l),
    });
    let path = found.descent.as_ref().map_or_else(Series::default, |(_, d, _)| {
        let kept = thinned(&d.path).into_iter().map(|i| (d.path[i][0], d.values[i]));
        Series::new(say::picture_descent(l), kept)
    });
    FormulaCurve {
        title: say::picture_curve(l),
        x_label: f.variables()[0].to_string(),
        y_label: function(f),
        curve: Series::new(name.as_str(), points),
        level: level.collect(),
        path,
    }
}

fn map(f: &Formula, found: &Exploration, ranges: [[f64; 2]; 2], l: Language) -> Contours {
    let [x_range, y_range] = ranges;
    let place = |[low, high]: [f64; 2], i: usize| low + (high - low) * i as f64 / (MAP - 1) as f64;
    let heights = (0..MAP * MAP)
        .map(|i| f.value_at(&[place(x_range, i % MAP), place(y_range, i / MAP)]))
        .collect();
    let way = |name: &str, d: &super::Descent| {
        Series::new(name, thinned(&d.path).into_iter().map(|i| (d.path[i][0], d.path[i][1])))
    };
    let mut paths = Vec::new();
    let racers =
        || found.race.iter().filter_map(|r| Some((r.name.as_str(), r.descent.as_ref().ok()?)));
    // A racer that takes the steps of the descent would hide its way.
    let plain = found.descent.as_ref().filter(|(_, plain, _)| {
        let same = |racer: &super::Descent| near(&racer.path, &plain.path);
        !racers().any(|(_, racer)| same(racer))
    });
    if let Some((_, descent, _)) = plain {
        paths.push(way(&say::picture_descent(l), descent));
    }
    paths.extend(racers().map(|(name, descent)| way(name, descent)));
    let points = found.critical.points.iter().map(|p| LevelPoint {
        x: p.at[0],
        y: p.at[1],
        label: kind(p.kind, l),
    });
    Contours {
        title: say::picture_contours(l),
        x_label: f.variables()[0].to_string(),
        y_label: f.variables()[1].to_string(),
        x_range,
        y_range,
        columns: MAP,
        rows: MAP,
        heights,
        paths,
        points: points.collect(),
        points_label: say::critical_points(l),
        ..Contours::default()
    }
}

/// Whether two paths are one but for rounding.
fn near(a: &[Vec<f64>], b: &[Vec<f64>]) -> bool {
    let same = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-6 * (1.0 + a.abs());
    a.len() == b.len() && a.iter().flatten().zip(b.iter().flatten()).all(same)
}

fn surface(f: &Formula, found: &Exploration, map: &Contours, l: Language) -> Surface {
    let mut surface = Surface {
        title: say::picture_surface(l),
        x_label: map.x_label.clone(),
        y_label: map.y_label.clone(),
        z_label: "f".into(),
        x_range: map.x_range,
        y_range: map.y_range,
        columns: MAP,
        rows: MAP,
        heights: map.heights.clone(),
        note: Some(say::picture_surface_note(l)),
        ..Surface::default()
    };
    if let Some((_, descent, _)) = &found.descent {
        for i in thinned(&descent.path) {
            surface.path_x.push(descent.path[i][0]);
            surface.path_y.push(descent.path[i][1]);
            surface.path_z.push(f.value_at(&descent.path[i]));
        }
    }
    surface
}

fn basins(f: &Formula, found: &Exploration, near: Contours, l: Language) -> Contours {
    let Some(basins) = &found.basins else { return near };
    let name = |m: &super::BasinMinimum| {
        // What is left of rounding would look like a value.
        let number = |x: f64| l.significant(if x.abs() < 1e-12 { 0.0 } else { x }, 3);
        format!("f({}) = {}", l.list(m.at.iter().map(|&x| number(x))), number(m.value))
    };
    let starts = basins.starts.iter().map(|(at, reached)| MapPoint {
        x: at[0],
        y: at[1],
        class: reached.unwrap_or(usize::MAX),
    });
    // All starts are shown, also those beyond what the path needs.
    let wider = |a: [f64; 2], b: [f64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
    let [x, y] = [0, 1].map(|axis| found.request.region.bounds[axis]);
    let whole = map(f, found, [wider(near.x_range, x), wider(near.y_range, y)], l);
    Contours {
        title: say::picture_basins(l),
        paths: Vec::new(),
        classes: basins.minima.iter().map(name).collect(),
        starts: starts.collect(),
        ..whole
    }
}
