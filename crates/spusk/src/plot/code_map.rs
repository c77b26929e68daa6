//! The codes of an autoencoder in a plane.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::panel::{Axis, Panel};
use super::draw::scale::{Range, Scale, has_place};
use super::draw::sheet::{Key, Sheet, WIDTH, missing_note};
use super::draw::svg::{Svg, circle};
use super::draw::theme;
use crate::messages::{self as say, Language, Said};
use crate::metrics::json_number;

/// Most points drawn.
const MOST: usize = 3000;

/// Most classes named in the legend.
const NAMED: usize = 20;

/// A point an example, in the color of its class.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{CodeMap, CodePoint, Plot};
///
/// let points = vec![CodePoint { x: 0.5, y: -1.0, class: Some(0) }];
/// let map = CodeMap { classes: vec!["cat".into()], points, ..CodeMap::default() };
/// assert!(map.draw(Language::English).standalone().contains("cat"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeMap {
    /// Heading.
    pub title: Said,
    /// What x is.
    pub x_label: Said,
    /// What y is.
    pub y_label: Said,
    /// Names of the classes; a missing one is named by its index.
    pub classes: Vec<String>,
    /// The examples.
    pub points: Vec<CodePoint>,
    /// What else should be said.
    pub note: Option<Said>,
}

/// An example on the map.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CodePoint {
    /// Across.
    #[serde(with = "json_number")]
    pub x: f64,
    /// Up.
    #[serde(with = "json_number")]
    pub y: f64,
    /// Its class, where it is known.
    pub class: Option<usize>,
}

impl Default for CodeMap {
    fn default() -> Self {
        CodeMap {
            title: Said::new(say::picture_codes),
            x_label: Said::default(),
            y_label: Said::default(),
            classes: Vec::new(),
            points: Vec::new(),
            note: None,
        }
    }
}

impl Plot for CodeMap {
    const NAME: &'static str = "code_map";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let seen = self.seen();
        let names: Vec<(String, usize)> =
            seen.iter().take(NAMED).map(|&class| (self.name(class), class)).collect();
        sheet.legend(names.iter().map(|(name, class)| (name.as_str(), *class, Key::Dot)));
        let area = sheet.strip(420.0);
        let every = self.points.len().div_ceil(MOST).max(1);
        let axis = |label: &Said, value: fn(&CodePoint) -> f64| {
            // With room, so that no dot lies over an axis.
            let range = Range::of(Scale::Linear, self.points.iter().map(value)).padded(0.02);
            Axis::new(label.in_language(l), range)
        };
        let (x, y) = (axis(&self.x_label, |p| p.x), axis(&self.y_label, |p| p.y));
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        let radius = if self.points.len() > 300 { 2.4 } else { 3.6 };
        let placed =
            |p: &&CodePoint| has_place(Scale::Linear, p.x) && has_place(Scale::Linear, p.y);
        for point in self.points.iter().step_by(every).filter(placed) {
            let dot = circle(panel.x(point.x), panel.y(point.y), radius);
            let (x, y) = (l.significant(point.x, 4), l.significant(point.y, 4));
            let name = point.class.map_or_else(|| say::not_known(l), |class| self.name(class));
            let class = format!("dot {}", theme::fill(point.class.unwrap_or(0)));
            sheet.svg.add(dot.class(&class).tip(&format!("{name}: {x}, {y}")));
        }
        self.note.iter().for_each(|note| sheet.note(note.in_language(l)));
        if every > 1 {
            let (shown, all) = (self.points.len().div_ceil(every), self.points.len());
            let (shown, all) = (l.count(shown as u64), l.count(all as u64));
            sheet.note(&say::picture_points_shown(l, shown, all));
        }
        if seen.len() > NAMED {
            sheet.note(&say::picture_codes_named(l, NAMED, seen.len()));
        }
        let missing = self.points.len() - self.points.iter().filter(placed).count();
        if let Some(note) = missing_note(missing, false, l) {
            sheet.note(&note);
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, CodeMap)> {
        tests::samples()
    }
}

impl CodeMap {
    fn seen(&self) -> Vec<usize> {
        let mut seen: Vec<usize> = self.points.iter().filter_map(|point| point.class).collect();
        seen.sort_unstable();
        seen.dedup();
        seen
    }

    fn name(&self, class: usize) -> String {
        self.classes.get(class).cloned().unwrap_or_else(|| class.to_string())
    }

    fn describe(&self, l: Language) -> String {
        let names: Vec<String> =
            self.seen().into_iter().take(NAMED).map(|class| self.name(class)).collect();
        let (x, y) = (self.x_label.in_language(l), self.y_label.in_language(l));
        let about = say::picture_codes_about(l, l.count(self.points.len() as u64), x, y);
        match names.is_empty() {
            true => about,
            false => format!("{about} {}", say::picture_codes_classes(l, names.join(", "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(n: usize, classes: usize) -> CodeMap {
        let point = |i: usize| {
            let turn = i as f64 * 2.399_963;
            let class = (i * 7919) % classes.max(1);
            let far = class as f64 + 0.3 * (i as f64 * 0.7).sin();
            CodePoint {
                x: far * turn.cos(),
                y: far * turn.sin(),
                class: (classes > 0).then_some(class),
            }
        };
        CodeMap {
            x_label: "first main direction of the codes".into(),
            y_label: "second main direction of the codes".into(),
            points: (0..n).map(point).collect(),
            ..CodeMap::default()
        }
    }

    pub(super) fn samples() -> Vec<(&'static str, CodeMap)> {
        let mut odd = map(5, 2);
        odd.points.push(CodePoint { x: f64::NAN, y: 1.0, class: Some(900) });
        odd.classes = vec!["a class with a rather long name, as folders may have".into()];
        vec![
            ("digits", map(1500, 10)),
            ("unknown", map(40, 0)),
            ("many", map(4000, 40)),
            ("one", map(1, 1)),
            ("odd", odd),
        ]
    }
}
