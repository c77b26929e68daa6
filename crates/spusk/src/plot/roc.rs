//! ROC curves of one or more classes.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::Range;
use super::draw::sheet::{Sheet, WIDTH, dash};
use super::draw::svg::{Anchor, Svg, line, path, text};
use super::draw::text::fit;
use super::draw::theme;
use crate::messages::{self as say, Language, Said};
use crate::metrics::RocCurve;

/// Most curves with a color of their own.
const MOST: usize = 8;

/// The share of positives found against the share of false alarms, by threshold.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::metrics::RocCurve;
/// use spusk::plot::{ClassRoc, Plot, Roc};
///
/// let curve = RocCurve::new([(0.2, false), (0.7, true), (0.4, true)]).unwrap();
/// let curves = vec![ClassRoc { class: "dog".into(), curve }];
/// let picture = Roc { curves, ..Roc::default() };
/// assert_eq!(picture.draw(Language::English).description(), "Area under the ROC curve: dog 1.000.");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Roc {
    /// Heading.
    pub title: Said,
    /// One curve per class.
    pub curves: Vec<ClassRoc>,
}

/// A class and its curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassRoc {
    /// Name of the class.
    pub class: String,
    /// Its curve.
    pub curve: RocCurve,
}

impl Default for Roc {
    fn default() -> Self {
        Roc { title: Said::new(say::picture_roc), curves: Vec::new() }
    }
}

impl Plot for Roc {
    const NAME: &'static str = "roc";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let area = sheet.strip(420.0);
        let square = Area { width: 410.0, ..area };
        let share = Range::linear(0.0, 1.0);
        let x = Axis::new(&say::picture_false_alarms(l), share);
        let y = Axis::new(&say::picture_found(l), share);
        let panel = Panel::new(&mut sheet.svg, square, &x, &y);
        sheet.svg.add(path(&panel.line([(0.0, 0.0), (1.0, 1.0)])).class("mark"));
        let order = self.worst_first();
        let (colored, gray) = order.split_at(order.len().min(MOST));
        for curve in gray {
            draw_curve(&mut sheet.svg, &panel, curve, "thin axis");
        }
        for (i, curve) in colored.iter().enumerate().rev() {
            let class = format!("line {} {}", theme::stroke(i), dash(i));
            draw_curve(&mut sheet.svg, &panel, curve, class.trim_end());
        }
        draw_names(&mut sheet.svg, colored, gray, 452.0, panel.area.y);
        if self.curves.is_empty() {
            sheet.note(&say::picture_no_roc(l));
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Roc)> {
        tests::samples()
    }
}

impl Roc {
    fn worst_first(&self) -> Vec<&ClassRoc> {
        let mut order: Vec<&ClassRoc> = self.curves.iter().collect();
        if order.len() > MOST {
            order.sort_by(|a, b| a.curve.area.total_cmp(&b.curve.area));
        }
        order
    }

    fn describe(&self, l: Language) -> String {
        let area = |class: &ClassRoc| format!("{} {}", class.class, l.score(class.curve.area));
        match self.curves.len() {
            0 => say::picture_no_roc_about(l),
            1..=MOST => {
                let areas: Vec<String> = self.curves.iter().map(area).collect();
                say::picture_roc_about(l, areas.join(", "))
            }
            n => say::picture_roc_many(l, n, area(self.worst_first()[0])),
        }
    }
}

fn draw_curve(svg: &mut Svg, panel: &Panel, class: &ClassRoc, style: &str) {
    let l = svg.language;
    let curve = &class.curve;
    let points = curve.false_positive_rate.iter().zip(&curve.true_positive_rate);
    let line = path(&panel.line(points.map(|(&x, &y)| (x, y))));
    svg.add(line.class(style).tip(&say::picture_roc_area(l, &class.class, l.score(curve.area))));
}

fn draw_names(svg: &mut Svg, colored: &[&ClassRoc], gray: &[&ClassRoc], x: f64, top: f64) {
    let l = svg.language;
    let room = WIDTH - 16.0 - x;
    if !colored.is_empty() {
        svg.add(text(x, top + 8.0, Anchor::Start, &say::picture_area_under(l)).class("soft small"));
    }
    for (i, class) in colored.iter().enumerate() {
        let y = top + 30.0 + 36.0 * i as f64;
        let style = format!("line {} {}", theme::stroke(i), dash(i));
        svg.add(line(x, y - 4.0, x + 22.0, y - 4.0).class(style.trim_end()));
        let name = fit(&class.class, 12.0, room - 30.0);
        svg.add(text(x + 30.0, y, Anchor::Start, &name).tip(&class.class));
        let support = l.percent(
            class.curve.positives as f64
                / (class.curve.positives.saturating_add(class.curve.negatives)).max(1) as f64,
            1,
        );
        let words = say::picture_positive(l, l.score(class.curve.area), support);
        svg.add(text(x + 30.0, y + 15.0, Anchor::Start, &words).class("soft small"));
    }
    if !gray.is_empty() {
        let y = top + 34.0 + 36.0 * colored.len() as f64;
        let areas = gray.iter().map(|class| class.curve.area);
        let least = areas.fold(f64::INFINITY, f64::min);
        let words = say::picture_gray(l, gray.len(), l.score(least));
        svg.add(text(x, y, Anchor::Start, &fit(&words, 11.0, room)).class("soft small"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str, sharpness: u64, n: u64) -> ClassRoc {
        let pair = |i: u64| {
            let noise = (i * 7919 % 1013) as f64 / 1013.0;
            let positive = i.is_multiple_of(3);
            (noise * 2.0 + if positive { sharpness as f64 / 4.0 } else { 0.0 }, positive)
        };
        let curve = RocCurve::new((0..n).map(pair)).expect("both classes");
        ClassRoc { class: name.into(), curve: curve.thinned(200) }
    }

    pub(super) fn samples() -> Vec<(&'static str, Roc)> {
        let with = |curves: Vec<ClassRoc>| Roc { curves, ..Roc::default() };
        let long = "a class whose name is far too long for the margin of the picture";
        let many = (0..30).map(|i| class(&format!("class {i}"), i % 9, 600));
        vec![
            ("binary", with(vec![class("malignant", 4, 500)])),
            (
                "three",
                with(vec![class("setosa", 8, 300), class("versicolor", 3, 90), class(long, 1, 60)]),
            ),
            ("thirty", with(many.collect())),
            ("two-examples", with(vec![class("yes", 8, 2)])),
            ("none", with(vec![])),
        ]
    }
}
