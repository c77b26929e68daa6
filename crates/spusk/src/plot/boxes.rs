//! Distributions side by side as boxes.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Sheet, WIDTH, missing_note};
use super::draw::svg::{Anchor, Svg, circle, line, rect, text};
use super::draw::text::{fit, width};
use super::draw::theme;
use crate::messages::{self as say, Language};
use crate::metrics::json_number;
use crate::starts::Distribution;

/// Most boxes drawn.
const MOST: usize = 60;
/// Height of a row, and of the box in it.
const ROW: f64 = 38.0;
const BOX: f64 = 20.0;

/// A row a sample: a box from the first to the third quartile with a line at the median, whiskers to the
/// farthest values within 1.5 box lengths, and what lies beyond as dots (Tukey 1977).
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{BoxRow, Boxes, Plot};
///
/// let row = BoxRow { name: "25".into(), values: vec![0.1, 0.2, 0.3, 0.4, 9.0] };
/// let picture = Boxes { rows: vec![row], x_label: "loss".into(), ..Boxes::default() };
/// assert!(picture.draw(Language::English).description().contains("25: median 0.3, quartiles 0.2 and 0.4"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Boxes {
    /// Heading.
    pub title: String,
    /// What is spread, with its unit.
    pub x_label: String,
    /// What tells the rows apart.
    pub y_label: String,
    /// The samples, from above.
    pub rows: Vec<BoxRow>,
    /// What boxes and dots are.
    pub note: Option<String>,
}

/// A sample.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BoxRow {
    /// Its name.
    pub name: String,
    /// Its values.
    #[serde(with = "json_number")]
    pub values: Vec<f64>,
}

impl Default for Boxes {
    fn default() -> Self {
        Boxes {
            title: say::picture_distributions(Language::English),
            x_label: String::new(),
            y_label: String::new(),
            rows: Vec::new(),
            note: None,
        }
    }
}

impl Plot for Boxes {
    const NAME: &'static str = "boxes";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.describe(l), l);
        if self.rows.is_empty() {
            sheet.note(&say::picture_nothing(l));
            return sheet.finish();
        }
        let rows = &self.rows[..self.rows.len().min(MOST)];
        let strip = sheet.strip(ROW * rows.len() as f64 + 62.0);
        let widest = rows.iter().map(|row| width(&row.name, 12.0)).fold(40.0, f64::max);
        let names = widest.max(width(&self.y_label, 11.0)).min(180.0) + 12.0;
        let area = Area { x: strip.x + names, width: strip.width - names, ..strip };
        let values = rows.iter().flat_map(|row| row.values.iter().copied());
        let x = Axis::new(&self.x_label, Range::of(Scale::Linear, values).padded(0.03));
        let none = Axis::new(" ", Range::linear(-0.5, rows.len() as f64 - 0.5)).silent();
        let panel = Panel::new(&mut sheet.svg, area, &x, &none);
        let label = fit(&self.y_label, 11.0, names - 6.0);
        sheet.svg.add(text(strip.x, panel.area.y - 8.0, Anchor::Start, &label).class("small soft"));
        for (i, row) in rows.iter().enumerate() {
            let place = (rows.len() - 1 - i) as f64;
            let name = fit(&row.name, 12.0, names - 6.0);
            let middle = panel.y(place) + 4.0;
            sheet.svg.add(text(strip.x, middle, Anchor::Start, &name).tip(&row.name));
            row.draw(&mut sheet.svg, &panel, place, i);
        }
        let odd = |row: &BoxRow| row.values.iter().filter(|x| !x.is_finite()).count();
        if let Some(note) = missing_note(rows.iter().map(odd).sum(), false, l) {
            sheet.note(&note);
        }
        if self.rows.len() > MOST {
            sheet.note(&say::picture_first_shown(l, MOST, self.rows.len()));
        }
        self.note.iter().for_each(|note| sheet.note(note));
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Boxes)> {
        let row = |units: u32| BoxRow {
            name: units.to_string(),
            values: (0..200)
                .map(|i| {
                    let chance = (f64::from(i * units) * 1.7).sin();
                    0.2 + (2.0 + chance + chance.powi(9)) / f64::from(units)
                })
                .collect(),
        };
        let of = |rows: Vec<BoxRow>| Boxes {
            title: "Test loss by width".into(),
            x_label: "test loss, nats".into(),
            y_label: "hidden units".into(),
            rows,
            note: Some("Boxes hold the middle half; the line is the median.".into()),
        };
        let mut odd: Vec<BoxRow> = [3, 9, 20].map(row).to_vec();
        odd[0].values = vec![f64::NAN, 1.0, f64::INFINITY];
        odd[1].values = vec![];
        odd[2].values = vec![0.4; 9];
        vec![("starts", of([25, 50, 100, 250, 500].map(row).to_vec())), ("odd", of(odd))]
    }
}

impl BoxRow {
    fn draw(&self, svg: &mut Svg, panel: &Panel, place: f64, series: usize) {
        let l = svg.language;
        let found = Distribution::new(self.values.iter().copied());
        let [low, median, high] = [0.25, 0.5, 0.75].map(|share| found.quantile(share));
        if ![low, median, high].into_iter().all(|x| panel.holds(x, place)) {
            return;
        }
        let reach = 1.5 * (high - low);
        let near = |x: &&f64| (low - reach..=high + reach).contains(*x);
        let mut inside = found.sorted.iter().filter(near);
        let first = inside.clone().next().copied().unwrap_or(low);
        let last = inside.next_back().copied().unwrap_or(high);
        let (y, stroke, fill) = (panel.y(place), theme::stroke(series), theme::fill(series));
        let words =
            [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| l.significant(found.quantile(share), 4));
        let words = format!("{}: {}", self.name, words.join(" · "));
        for (from, to) in [(first, low), (high, last)] {
            svg.add(line(panel.x(from), y, panel.x(to), y).class(&format!("line {stroke}")));
        }
        for end in [first, last] {
            let x = panel.x(end);
            svg.add(line(x, y - BOX / 4.0, x, y + BOX / 4.0).class(&format!("line {stroke}")));
        }
        let (left, right) = (panel.x(low), panel.x(high));
        let body = rect(left, y - BOX / 2.0, (right - left).max(1.0), BOX);
        svg.add(body.class(&fill).with("fill-opacity", ".3").tip(&words));
        let x = panel.x(median);
        let middle = line(x, y - BOX / 2.0, x, y + BOX / 2.0).class(&format!("line {stroke}"));
        svg.add(middle.with("style", "stroke-width:3"));
        for &far in found.sorted.iter().filter(|x| !near(x) && panel.holds(**x, place)) {
            let dot = circle(panel.x(far), y, 2.2).class(&format!("dot {fill}"));
            svg.add(dot.tip(&format!("{}: {}", self.name, l.significant(far, 5))));
        }
    }
}

impl Boxes {
    fn describe(&self, l: Language) -> String {
        let mut words = say::picture_boxes(l, &self.x_label, self.rows.len());
        for row in self.rows.iter().take(12) {
            let found = Distribution::new(row.values.iter().copied());
            let [low, median, high] =
                [0.25, 0.5, 0.75].map(|share| l.significant(found.quantile(share), 4));
            words += " ";
            words += &say::picture_box(l, &row.name, median, low, high);
        }
        words
    }
}
