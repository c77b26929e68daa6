//! The course of the learning rate.

use serde::{Deserialize, Serialize};

use super::curves::scale_label;
use super::draw::panel::{Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Sheet, WIDTH, missing_note};
use super::draw::svg::{Svg, path};
use super::{Plot, Series};
use crate::messages::{self as say, Language, Said};

/// The learning rate by step: what the schedule did.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{LearningRateCourse, Plot, Series};
///
/// let rates = Series::new("", [(0.0, 0.1), (100.0, 0.01)]);
/// let picture = LearningRateCourse { rates, ..LearningRateCourse::default() };
/// assert!(picture.draw(Language::English).description().ends_with("is at most 0.1 and ends at 0.01."));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LearningRateCourse {
    /// Heading.
    pub title: Said,
    /// What x counts; whole numbers.
    pub x_label: Said,
    /// The rates. The name is not shown.
    pub rates: Series,
    /// Linear or log.
    pub scale: Scale,
}

impl Default for LearningRateCourse {
    fn default() -> Self {
        LearningRateCourse {
            title: Said::new(say::picture_learning_rate),
            x_label: Said::new(say::step_word),
            rates: Series::default(),
            scale: Scale::Linear,
        }
    }
}

impl Plot for LearningRateCourse {
    const NAME: &'static str = "learning_rate_course";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let area = sheet.strip(220.0);
        let x = Range::of(Scale::Linear, self.rates.x.iter().copied());
        // A rate of 0 (the end of a cosine) belongs on a linear axis.
        let zero = (self.scale == Scale::Linear && !self.rates.y.is_empty()).then_some(0.0);
        let y = Range::of(self.scale, self.rates.y.iter().copied().chain(zero));
        let label = scale_label(&say::learning_rate(l), self.scale, l);
        let x = Axis::new(self.x_label.in_language(l), x).integer();
        let panel = Panel::new(&mut sheet.svg, area, &x, &Axis::new(&label, y).nice());
        sheet.svg.add(path(&panel.line(self.stairs())).class("line s0"));
        let missing = self.rates.missing(Scale::Linear, self.scale);
        if let Some(note) = missing_note(missing, self.scale == Scale::Log, l) {
            sheet.note(&note);
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, LearningRateCourse)> {
        let with = |rates: Series| LearningRateCourse { rates, ..LearningRateCourse::default() };
        let cosine = (0..2000).map(|i| {
            let warm = (f64::from(i) / 200.0).min(1.0);
            let wave = (f64::from(i) / 2000.0 * std::f64::consts::PI).cos();
            (f64::from(i), 0.0031 * warm * (0.5 + 0.5 * wave))
        });
        let steps: Vec<(f64, f64)> =
            (0..30).map(|i| (f64::from(i), 0.1 * 0.1_f64.powi(i / 10))).collect();
        vec![
            ("cosine", with(Series::new("", cosine))),
            ("steps", LearningRateCourse { scale: Scale::Log, ..with(Series::new("", steps)) }),
            ("constant", with(Series::new("", (0..50).map(|i| (f64::from(i), 1e-3))))),
            ("one", with(Series::new("", [(1.0, 5e-324)]))),
            ("odd", with(Series::new("", [(1.0, f64::NAN), (2.0, -1.0), (3.0, 1e6)]))),
        ]
    }
}

impl LearningRateCourse {
    /// A rate holds until the next step begins.
    fn stairs(&self) -> Vec<(f64, f64)> {
        let points: Vec<(f64, f64)> = self.rates.points().collect();
        let mut stairs = Vec::with_capacity(2 * points.len());
        for (i, &(x, y)) in points.iter().enumerate() {
            stairs.push((x, y));
            if let Some(next) = points.get(i + 1) {
                stairs.push((next.0, y));
            }
        }
        stairs
    }

    fn describe(&self, l: Language) -> String {
        let finite = || self.rates.y.iter().copied().filter(|rate| rate.is_finite());
        match (finite().next(), finite().next_back()) {
            (Some(first), Some(last)) => say::picture_learning_rate_about(
                l,
                l.significant(first, 3),
                l.significant(finite().fold(first, f64::max), 3),
                l.significant(last, 3),
            ),
            _ => say::picture_no_learning_rate(l),
        }
    }
}
