//! The course of the learning rate.

use serde::{Deserialize, Serialize};

use super::draw::number::significant;
use super::draw::panel::{Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Sheet, WIDTH, missing_note};
use super::draw::svg::{Svg, path};
use super::{Plot, Series};

/// The learning rate by step: what the schedule did.
///
/// ```
/// use spusk::plot::{LearningRateCourse, Plot, Series};
///
/// let rates = Series::new("", [(0.0, 0.1), (100.0, 0.01)]);
/// let picture = LearningRateCourse { rates, ..LearningRateCourse::default() };
/// assert!(picture.draw().description().ends_with("is at most 0.1 and ends at 0.01."));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LearningRateCourse {
    /// Heading.
    pub title: String,
    /// What x counts; whole numbers.
    pub x_label: String,
    /// The rates. The name is not shown.
    pub rates: Series,
    /// Linear or log.
    pub scale: Scale,
}

impl Default for LearningRateCourse {
    fn default() -> Self {
        LearningRateCourse {
            title: "Learning rate".into(),
            x_label: "step".into(),
            rates: Series::default(),
            scale: Scale::Linear,
        }
    }
}

impl Plot for LearningRateCourse {
    const NAME: &'static str = "learning_rate_course";

    fn draw(&self) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.describe());
        let area = sheet.strip(220.0);
        let x = Range::of(Scale::Linear, self.rates.x.iter().copied());
        // A rate of 0 (the end of a cosine) belongs on a linear axis.
        let zero = (self.scale == Scale::Linear && !self.rates.y.is_empty()).then_some(0.0);
        let y = Range::of(self.scale, self.rates.y.iter().copied().chain(zero));
        let log =
            if self.scale == Scale::Log { "learning rate (log scale)" } else { "learning rate" };
        let x = Axis::new(&self.x_label, x).integer();
        let panel = Panel::new(&mut sheet.svg, area, &x, &Axis::new(log, y).nice());
        sheet.svg.add(path(&panel.line(self.stairs())).class("line s0"));
        if let Some(note) =
            missing_note(self.rates.missing(Scale::Linear, self.scale), self.scale == Scale::Log)
        {
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

    fn describe(&self) -> String {
        let finite = || self.rates.y.iter().copied().filter(|rate| rate.is_finite());
        match (finite().next(), finite().next_back()) {
            (Some(first), Some(last)) => format!(
                "The learning rate starts at {}, is at most {} and ends at {}.",
                significant(first, 3),
                significant(finite().fold(first, f64::max), 3),
                significant(last, 3)
            ),
            _ => "There is no learning rate to show.".into(),
        }
    }
}
