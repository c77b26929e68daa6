//! Results of several repeats of each of some candidates, with intervals.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Sheet, WIDTH};
use super::draw::svg::{Anchor, Svg, circle, line, text};
use super::draw::text::{fit, width};
use crate::messages::{self as say, Language};
use crate::metrics::json_number;

/// Most candidates drawn.
const MOST: usize = 60;

/// A row a candidate: every repeat as a small dot, their mean as a large one, the interval of the mean as
/// a bar.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{IntervalRow, Intervals, Plot};
///
/// let row = IntervalRow { name: "relu".into(), values: vec![0.96, 0.97], mean: 0.965, low: 0.95, high: 0.98 };
/// let picture = Intervals { rows: vec![row], x_label: "accuracy".into(), ..Intervals::default() };
/// assert!(picture.draw(Language::English).description().contains("relu 0.965"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Intervals {
    /// Heading.
    pub title: String,
    /// What is compared, with its unit.
    pub x_label: String,
    /// What the names are; nothing stands there if it is empty.
    pub y_label: String,
    /// The candidates.
    pub rows: Vec<IntervalRow>,
    /// Whether the first is the best one and stands out.
    pub best_first: bool,
    /// What dots and bars are.
    pub note: Option<String>,
}

/// A candidate.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IntervalRow {
    /// Its name.
    pub name: String,
    /// What each repeat came to.
    #[serde(with = "json_number")]
    pub values: Vec<f64>,
    /// Their mean.
    #[serde(with = "json_number")]
    pub mean: f64,
    /// Lower end of the interval of the mean.
    #[serde(with = "json_number")]
    pub low: f64,
    /// Upper end.
    #[serde(with = "json_number")]
    pub high: f64,
}

impl Default for Intervals {
    fn default() -> Self {
        Intervals {
            title: say::picture_intervals(Language::English),
            x_label: String::new(),
            y_label: String::new(),
            rows: Vec::new(),
            best_first: true,
            note: None,
        }
    }
}

impl Plot for Intervals {
    const NAME: &'static str = "intervals";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.describe(l), l);
        if self.rows.is_empty() {
            sheet.note(&say::picture_nothing(l));
            return sheet.finish();
        }
        let rows = &self.rows[..self.rows.len().min(MOST)];
        if !self.y_label.is_empty() {
            sheet.note(&self.y_label);
        }
        let strip = sheet.strip(24.0 * rows.len() as f64 + 56.0);
        let names =
            rows.iter().map(|row| width(&row.name, 12.0)).fold(40.0, f64::max).min(180.0) + 12.0;
        let area = Area { x: strip.x + names, width: strip.width - names, ..strip };
        let values =
            rows.iter().flat_map(|row| row.values.iter().copied().chain([row.low, row.high]));
        let x = Axis::new(&self.x_label, Range::of(Scale::Linear, values).padded(0.04));
        let none = Axis::new("", Range::linear(-0.5, rows.len() as f64 - 0.5)).silent();
        let panel = Panel::new(&mut sheet.svg, area, &x, &none);
        for (i, row) in rows.iter().enumerate() {
            row.draw(
                &mut sheet.svg,
                &panel,
                (rows.len() - 1 - i) as f64,
                strip.x,
                names - 6.0,
                self.best_first && i == 0,
            );
        }
        if self.rows.len() > MOST {
            sheet.note(&say::picture_first_shown(l, MOST, self.rows.len()));
        }
        self.note.iter().for_each(|note| sheet.note(note));
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Intervals)> {
        let row = |i: u32| {
            let mean = 0.97 - 0.004 * f64::from(i * i);
            IntervalRow {
                name: format!("activation{i}"),
                values: (0..5).map(|k| mean + 0.003 * (f64::from(k) - 2.0)).collect(),
                mean,
                low: mean - 0.005,
                high: mean + 0.005,
            }
        };
        let mut odd: Vec<IntervalRow> = (0..3).map(row).collect();
        odd[1].mean = f64::NAN;
        odd[2].values = vec![f64::INFINITY, 0.5];
        let of = |rows: Vec<IntervalRow>| Intervals {
            x_label: "test accuracy".into(),
            rows,
            note: Some("Dots: runs. Bars: 95 % intervals of the mean.".into()),
            ..Intervals::default()
        };
        vec![("race", of((0..9).map(row).collect())), ("odd", of(odd))]
    }
}

impl IntervalRow {
    fn draw(&self, svg: &mut Svg, panel: &Panel, place: f64, left: f64, room: f64, first: bool) {
        let l = svg.language;
        let y = panel.y(place);
        let class = if first { "strong" } else { "" };
        svg.add(
            text(left, y + 4.0, Anchor::Start, &fit(&self.name, 12.0, room))
                .class(class)
                .tip(&self.name),
        );
        let inside = |x: f64| panel.holds(x, place);
        if inside(self.low) && inside(self.high) {
            let words = format!("{} … {}", l.significant(self.low, 4), l.significant(self.high, 4));
            let bar = line(panel.x(self.low), y, panel.x(self.high), y);
            svg.add(
                bar.class("line s0").with("style", "stroke-width:5;stroke-opacity:.35").tip(&words),
            );
        }
        for &value in self.values.iter().filter(|&&value| inside(value)) {
            svg.add(circle(panel.x(value), y, 3.0).class("dot f1").tip(&l.significant(value, 5)));
        }
        if inside(self.mean) {
            svg.add(
                circle(panel.x(self.mean), y, 4.5)
                    .class("dot f0")
                    .tip(&l.significant(self.mean, 5)),
            );
        }
    }
}

impl Intervals {
    fn describe(&self, l: Language) -> String {
        let named = self.rows.iter().take(12).map(|row| {
            let [mean, low, high] = [row.mean, row.low, row.high].map(|x| l.significant(x, 4));
            format!("{} {mean} ({low} to {high})", row.name)
        });
        format!("{}: {}.", self.x_label, named.collect::<Vec<_>>().join(", "))
    }
}
