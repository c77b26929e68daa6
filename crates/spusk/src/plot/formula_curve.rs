//! A function of one number with its horizontal tangents and the way of a descent.

use serde::{Deserialize, Serialize};

use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Key, Sheet, WIDTH, missing_note};
use super::draw::svg::{Anchor, Svg, circle, line, path, tag};
use super::draw::text::{fit, width};
use super::draw::theme;
use super::{Plot, Series};
use crate::messages::{self as say, Language};
use crate::metrics::json_number;

/// Most tangents with a label; the others have their dot and a tooltip.
const MOST_LABELS: usize = 8;

/// A curve; where it is level, its tangent; over it the points of a descent.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{FormulaCurve, LevelPoint, Plot, Series};
///
/// let curve = Series::new("x²", (-20..=20).map(|i| (f64::from(i) / 10.0, f64::from(i * i) / 100.0)));
/// let level = LevelPoint { x: 0.0, y: 0.0, label: "minimum".into() };
/// let picture = FormulaCurve { curve, level: vec![level], ..FormulaCurve::default() };
/// assert!(picture.draw(Language::English).standalone().contains("minimum"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormulaCurve {
    /// Heading.
    pub title: String,
    /// The variable.
    pub x_label: String,
    /// The function.
    pub y_label: String,
    /// The curve; NaN where it is not defined.
    pub curve: Series,
    /// Where the tangent is horizontal.
    pub level: Vec<LevelPoint>,
    /// The points of a descent, or the starts of many.
    pub path: Series,
}

/// A place with a horizontal tangent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LevelPoint {
    /// Where.
    #[serde(with = "json_number")]
    pub x: f64,
    /// The value there.
    #[serde(with = "json_number")]
    pub y: f64,
    /// What it is, as "minimum".
    pub label: String,
}

impl Default for FormulaCurve {
    fn default() -> Self {
        FormulaCurve {
            title: say::picture_curve(Language::English),
            x_label: "x".into(),
            y_label: "f".into(),
            curve: Series::default(),
            level: Vec::new(),
            path: Series::default(),
        }
    }
}

impl Plot for FormulaCurve {
    const NAME: &'static str = "formula_curve";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.describe(l), l);
        let has_path = !self.path.x.is_empty();
        let entries = [(self.curve.name.in_language(l), 0), (self.path.name.in_language(l), 1)];
        let shown = entries.into_iter().take(1 + usize::from(has_path));
        sheet.legend(shown.map(|(name, i)| (name, i, if i == 0 { Key::Line } else { Key::Dot })));
        let area = sheet.strip(360.0);
        let xs = self.curve.x.iter().copied();
        let x = Axis::new(&self.x_label, Range::of(Scale::Linear, xs));
        let y = Axis::new(&self.y_label, self.range()).nice();
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        sheet.svg.add(path(&panel.line(self.curve.points())).class("line s0"));
        self.draw_level(&mut sheet.svg, &panel);
        if has_path {
            sheet.svg.add(path(&panel.line(self.path.points())).class("thin s1"));
            let every = self.path.x.len().div_ceil(300);
            for (x, y) in self.path.points().step_by(every).filter(|p| panel.holds(p.0, p.1)) {
                let tip = l.list([l.significant(x, 5), l.significant(y, 5)]);
                let dot = circle(panel.x(x), panel.y(y), 3.0).class("dot f1");
                sheet.svg.add(dot.tip(&tip));
            }
        }
        let missing = self.path.missing(Scale::Linear, Scale::Linear);
        if let Some(note) = missing_note(missing, false, l) {
            sheet.note(&note);
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, FormulaCurve)> {
        tests::samples()
    }
}

impl FormulaCurve {
    /// A pole must not flatten the rest: the axis holds the middle nine tenths of the values with room,
    /// and all level points.
    fn range(&self) -> Range {
        let mut values: Vec<f64> =
            self.curve.y.iter().copied().filter(|y| y.abs() < 1e150).collect();
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values.get((share * values.len() as f64) as usize).copied();
        let all = Range::of(Scale::Linear, values.iter().copied());
        let level = self.level.iter().map(|p| p.y);
        let (Some(low), Some(high)) = (at(0.05), at(0.95)) else { return all };
        let room = 0.6 * (high - low);
        let inner = Range::of(Scale::Linear, [low - room, high + room].into_iter().chain(level));
        let (lo, hi) = (all.lo.max(inner.lo), all.hi.min(inner.hi));
        Range::linear(lo, hi).padded(0.06)
    }

    fn draw_level(&self, svg: &mut Svg, panel: &Panel) {
        let l = svg.language;
        let reach = 0.055 * panel.area.width;
        let (left, right) = (panel.area.x, panel.area.x + panel.area.width);
        let mut labels = Labels::default();
        for (i, point) in self.level.iter().enumerate() {
            if !panel.holds(point.x, point.y) {
                continue;
            }
            let (x, y) = (panel.x(point.x), panel.y(point.y));
            let (from, to) = ((x - reach).max(left), (x + reach).min(right));
            svg.add(line(from, y, to, y).class(&format!("line {}", theme::stroke(2))));
            let place = l.list([l.significant(point.x, 5), l.significant(point.y, 5)]);
            let dot = circle(x, y, 4.0).class(&format!("dot {}", theme::fill(2)));
            svg.add(dot.tip(&format!("{}: {place}", point.label)));
            if i < MOST_LABELS && self.level.len() <= 2 * MOST_LABELS {
                labels.put(svg, panel.area, (x, y), &point.label);
            }
        }
    }

    fn describe(&self, l: Language) -> String {
        let places: Vec<String> = (self.level.iter().take(8))
            .map(|p| say::picture_level_at(l, &p.label, l.significant(p.x, 4)))
            .collect();
        format!("{} {}.", say::picture_over(l, &self.y_label, &self.x_label), places.join(", "))
    }
}

/// Labels that stand already: left and right edge, and the line they stand on.
#[derive(Default)]
struct Labels {
    taken: Vec<[f64; 3]>,
}

impl Labels {
    /// Writes a label at a point: below one in the lower half, above one in the upper half; where another label
    /// stands, on the other side; where one stands there, too, not at all.
    fn put(&mut self, svg: &mut Svg, area: Area, (x, y): (f64, f64), label: &str) {
        let label = fit(label, 11.0, 150.0);
        let wide = width(&label, 12.0) + 6.0;
        let (anchor, left) = match (x - area.x) / area.width {
            share if share < 0.12 => (Anchor::Start, x),
            share if share > 0.88 => (Anchor::End, x - wide),
            _ => (Anchor::Middle, x - wide / 2.0),
        };
        let (below, above) = (y + 17.0, y - 9.0);
        let is_low = y > area.y + 0.5 * area.height;
        let sides = if is_low { [below, above] } else { [above, below] };
        let place = sides.into_iter().find_map(|y| {
            let y = y.clamp(area.y + 10.0, area.y + area.height - 3.0);
            let apart = |[from, to, line]: &[f64; 3]| {
                left + wide <= *from || *to <= left || (y - line).abs() >= 14.0
            };
            self.taken.iter().all(apart).then_some(y)
        });
        if let Some(y) = place {
            self.taken.push([left, left + wide, y]);
            svg.add(tag(x, y, anchor, &label, "soft"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn samples() -> Vec<(&'static str, FormulaCurve)> {
        let x = |i: i32| f64::from(i) / 100.0;
        let f = |x: f64| x * x * x - 3.0 * x;
        let curve = Series::new("x³ − 3x", (-250..=250).map(|i| (x(i), f(x(i)))));
        let level = |x: f64, label: &str| LevelPoint { x, y: f(x), label: label.into() };
        let cubic = FormulaCurve {
            curve,
            level: vec![level(-1.0, "maximum"), level(1.0, "minimum")],
            path: Series::new("descent", [(0.2, f(0.2)), (0.5, f(0.5)), (0.9, f(0.9))]),
            ..FormulaCurve::default()
        };
        let pole = Series::new("1/x", (-300..=300).map(|i| (x(i), 1.0 / x(i))));
        let many = (-30..30).map(|i| level(f64::from(i) / 12.0, "level")).collect();
        vec![
            ("cubic", cubic.clone()),
            ("pole", FormulaCurve { curve: pole, ..FormulaCurve::default() }),
            ("many", FormulaCurve { level: many, ..cubic }),
        ]
    }
}
