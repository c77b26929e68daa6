//! The learning-rate range test.

use serde::{Deserialize, Serialize};

use super::curves::scale_label;
use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Key, Sheet, WIDTH, missing_note};
use super::draw::svg::{Anchor, Svg, line, tag};
use super::draw::text::{fit, width};
use super::{Best, Plot, Series};
use crate::messages::{self as say, Language, Said};
use crate::metrics::json_number;

/// The loss while the learning rate grows from tiny to too large (Smith 2017), one line a seed.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{Plot, RangeTest, Series};
///
/// let seed = Series::new("seed 1", [(1e-4, 2.3), (1e-2, 0.9), (1.0, 80.0)]);
/// let picture = RangeTest { seeds: vec![seed], chosen: Some(3e-3), ..RangeTest::default() };
/// assert!(picture.draw(Language::English).description().contains("0.003 was chosen"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RangeTest {
    /// Heading.
    pub title: Said,
    /// What y is, with its unit and whether it is smoothed.
    pub y_label: Said,
    /// x is the learning rate, y the loss at it.
    pub seeds: Vec<Series>,
    /// The rate that was chosen.
    #[serde(with = "json_number")]
    pub chosen: Option<f64>,
    /// Other rates worth a mark, as the steepest descent.
    pub marks: Vec<Best>,
}

impl Default for RangeTest {
    fn default() -> Self {
        RangeTest {
            title: Said::new(say::picture_range_test),
            y_label: Said::new(say::picture_smoothed_loss),
            seeds: Vec::new(),
            chosen: None,
            marks: Vec::new(),
        }
    }
}

impl Plot for RangeTest {
    const NAME: &'static str = "range_test";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        if self.seeds.len() > 1 {
            let entries = self.seeds.iter().enumerate();
            sheet.legend(entries.map(|(i, seed)| (seed.name.in_language(l), i, Key::Line)));
        }
        let area = sheet.strip(290.0);
        let (range, cut) = self.range();
        let xs = self.seeds.iter().flat_map(|seed| seed.x.iter().copied()).chain(self.chosen);
        let label = scale_label(&say::learning_rate(l), Scale::Log, l);
        let x = Axis::new(&label, Range::of(Scale::Log, xs));
        let y = Axis::new(self.y_label.in_language(l), range).nice();
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        for (i, seed) in self.seeds.iter().enumerate() {
            let tip = |x: f64, y: f64| say::picture_at(l, l.significant(x, 3), l.significant(y, 4));
            seed.draw(&mut sheet.svg, &panel, i, tip);
        }
        self.draw_marks(&mut sheet.svg, &panel);
        if cut {
            sheet.note(&say::picture_explodes(l));
        }
        let missing = self.seeds.iter().map(|seed| seed.missing(Scale::Log, Scale::Linear)).sum();
        if let Some(note) = missing_note(missing, false, l) {
            sheet.note(&note);
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, RangeTest)> {
        tests::samples()
    }
}

impl RangeTest {
    /// From the least loss to a little above the first one: what lies beyond has exploded. And
    /// whether something does.
    fn range(&self) -> (Range, bool) {
        let finite =
            || self.seeds.iter().flat_map(|s| s.y.iter().copied().filter(|y| y.is_finite()));
        let first = self.seeds.iter().filter_map(|s| s.y.iter().copied().find(|y| y.is_finite()));
        let first = first.fold(f64::NEG_INFINITY, f64::max);
        let least = finite().fold(f64::INFINITY, f64::min);
        let top = first + 0.5 * (first - least).abs();
        let range = Range::of(Scale::Linear, finite().filter(|&y| y <= top));
        (range, finite().any(|y| y > range.hi))
    }

    fn draw_marks(&self, svg: &mut Svg, panel: &Panel) {
        let l = svg.language;
        let Area { x: left, y: top, width: wide, height } = panel.area;
        let chosen = self.chosen.map(|x| Best { x, label: Said::new(say::picture_chosen) });
        let mut marks: Vec<(&Best, bool)> = self.marks.iter().map(|mark| (mark, false)).collect();
        marks.extend(chosen.as_ref().map(|mark| (mark, true)));
        marks.sort_by(|a, b| a.0.x.total_cmp(&b.0.x));
        let (mut lines, mut labels) = (Vec::new(), Vec::new());
        for (row, (mark, is_chosen)) in marks.into_iter().take(8).enumerate() {
            let x = panel.x(mark.x);
            if !(left - 1.0..=left + wide + 1.0).contains(&x) {
                continue;
            }
            let class = if is_chosen { "line inkline" } else { "mark" };
            lines.push(line(x, top, x, top + height).class(class));
            // Each label on a line of its own, so that close marks can be told apart.
            let y = top + 12.0 + 15.0 * row as f64;
            let label = format!("{}: {}", mark.label.in_language(l), l.significant(mark.x, 3));
            let label = fit(&label, 11.0, wide / 2.0);
            let beyond = x + 6.0 + width(&label, 11.0) > left + wide;
            let (anchor, at) =
                if beyond { (Anchor::End, x - 6.0) } else { (Anchor::Start, x + 6.0) };
            let class = if is_chosen { "strong" } else { "soft" };
            labels.push(tag(at, y, anchor, &label, class));
        }
        // No line may cross a label.
        lines.into_iter().chain(labels).for_each(|element| svg.add(element));
    }

    fn describe(&self, l: Language) -> String {
        let chosen = match self.chosen {
            Some(rate) => say::picture_rate_chosen(l, l.significant(rate, 3)),
            None => say::picture_no_rate_chosen(l),
        };
        let loss = self.y_label.in_language(l);
        format!("{} {chosen}", say::picture_range_test_about(l, loss, self.seeds.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(name: &str, shift: f64, n: u32) -> Series {
        let value = |i: u32| {
            let log = -7.0 + 8.0 * f64::from(i) / f64::from(n.max(2) - 1);
            let drop = 1.7 / (1.0 + (-(log + 3.0 + shift) * 3.0).exp());
            (10_f64.powf(log), 2.3 - drop + ((log - 0.2 + shift) * 4.0).exp())
        };
        Series::new(name, (0..n).map(value))
    }

    pub(super) fn samples() -> Vec<(&'static str, RangeTest)> {
        let mark = |x: f64, label: &str| Best { x, label: label.into() };
        let typical = RangeTest {
            seeds: vec![
                seed("seed 1", 0.0, 100),
                seed("seed 2", 0.2, 100),
                seed("seed 3", -0.1, 100),
            ],
            chosen: Some(0.0021),
            marks: vec![
                mark(0.001, "steepest"),
                mark(0.08, "least loss ÷ 10"),
                mark(0.4, "diverges ÷ 4"),
            ],
            ..RangeTest::default()
        };
        let odd = Series::new("odd", [(0.0, 1.0), (-1.0, 2.0), (0.1, f64::NAN), (0.2, 1e99)]);
        vec![
            ("three-seeds", typical.clone()),
            ("at-the-end", RangeTest { chosen: Some(10.0), marks: vec![], ..typical.clone() }),
            ("one-point", RangeTest { seeds: vec![seed("s", 0.0, 1)], ..typical.clone() }),
            ("odd", RangeTest { seeds: vec![odd], chosen: Some(f64::NAN), ..typical }),
        ]
    }
}
