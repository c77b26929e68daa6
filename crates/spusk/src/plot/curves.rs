//! Loss and metrics by epoch.

use serde::{Deserialize, Serialize};

use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Key, Sheet, WIDTH, missing_note};
use super::draw::svg::{Anchor, Svg, circle, line, tag};
use super::draw::{text as letters, theme};
use super::{Plot, Series};
use crate::messages::{self as say, Language, Said};
use crate::metrics::json_number;

/// Lines over epochs or steps, such as training and validation loss.
///
/// The vertical axis is linear unless asked otherwise, since a log axis makes any small loss look
/// like a cliff.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{Best, Curves, Plot, Scale, Series};
///
/// let picture = Curves {
///     title: "Loss".into(),
///     series: vec![
///         Series::by_epoch("training", [0.9, 0.5, 0.3]),
///         Series::by_epoch("validation", [0.8, 0.6, 0.7]),
///     ],
///     best: Some(Best { x: 2.0, label: "best epoch".into() }),
///     y_scale: Scale::Log,
///     ..Curves::default()
/// };
/// assert!(picture.draw(Language::English).standalone().contains("best epoch 2"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Curves {
    /// Heading.
    pub title: Said,
    /// What x counts; whole numbers.
    pub x_label: Said,
    /// What y is, with its unit.
    pub y_label: Said,
    /// Linear or log.
    pub y_scale: Scale,
    /// The lines.
    pub series: Vec<Series>,
    /// A place to mark.
    pub best: Option<Best>,
    /// The largest y that there can be, as 1 of a share: the axis ends there.
    pub most: Option<f64>,
}

/// A marked place on the horizontal axis.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Best {
    /// Where.
    #[serde(with = "json_number")]
    pub x: f64,
    /// What it is, as "best epoch"; the number is added.
    pub label: Said,
}

impl Default for Curves {
    fn default() -> Self {
        Curves {
            title: Said::new(say::picture_training),
            x_label: Said::new(say::epoch_word),
            y_label: Said::default(),
            y_scale: Scale::Linear,
            series: Vec::new(),
            best: None,
            most: None,
        }
    }
}

impl Plot for Curves {
    const NAME: &'static str = "curves";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let entries = self.series.iter().enumerate();
        sheet.legend(entries.map(|(i, series)| (series.name.in_language(l), i, Key::Line)));
        let area = sheet.strip(300.0);
        let panel = self.panel(&mut sheet.svg, area);
        if let Some(best) = &self.best {
            draw_best(&mut sheet.svg, &panel, best, &self.series);
        }
        for (i, series) in self.series.iter().enumerate() {
            let label = self.x_label.in_language(l);
            let tip = |x: f64, y: f64| format!("{label} {x}: {}", l.significant(y, 5));
            series.draw(&mut sheet.svg, &panel, i, tip);
        }
        let missing = self.series.iter().map(|s| s.missing(Scale::Linear, self.y_scale)).sum();
        if let Some(note) = missing_note(missing, self.y_scale == Scale::Log, l) {
            sheet.note(&note);
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Curves)> {
        tests::samples()
    }
}

impl Curves {
    fn panel(&self, svg: &mut Svg, area: Area) -> Panel {
        let l = svg.language;
        let xs = self.series.iter().flat_map(|series| series.x.iter().copied());
        let ys = self.series.iter().flat_map(|series| series.y.iter().copied());
        let x = Axis::new(self.x_label.in_language(l), Range::of(Scale::Linear, xs)).integer();
        let y = Range::of(self.y_scale, ys).with_zero_if_near();
        let label = scale_label(self.y_label.in_language(l), self.y_scale, l);
        Panel::new(svg, area, &x, &Axis::new(&label, y).nice().at_most(self.most))
    }

    fn describe(&self, l: Language) -> String {
        let mut words =
            say::picture_by(l, self.y_label.in_language(l), self.x_label.in_language(l));
        for series in self.series.iter().take(6) {
            let mut finite = series.points().filter(|point| point.1.is_finite());
            if let Some(first) = finite.next() {
                let last = finite.last().unwrap_or(first);
                let (from, to) = (l.significant(first.1, 4), l.significant(last.1, 4));
                words += " ";
                words += &say::picture_from_to(l, series.name.in_language(l), from, to);
            }
        }
        words
    }
}

/// What an axis shows, with a word on its scale.
pub(super) fn scale_label(label: &str, scale: Scale, l: Language) -> String {
    match scale {
        Scale::Linear => label.into(),
        Scale::Log => say::picture_log_scale(l, label),
    }
}

/// A dashed upright line with its label, and a ring on each series.
pub(crate) fn draw_best(svg: &mut Svg, panel: &Panel, best: &Best, series: &[Series]) {
    let l = svg.language;
    let x = panel.x(best.x);
    let Area { x: left, y: top, width, height } = panel.area;
    if !(left - 1.0..=left + width + 1.0).contains(&x) {
        return;
    }
    svg.add(line(x, top, x, top + height).class("mark"));
    let label = format!("{} {}", best.label.in_language(l), l.significant(best.x, 6));
    let label = letters::fit(label.trim(), 11.0, width / 2.0);
    // On the side where there is more room.
    let (anchor, at) =
        if x > left + width / 2.0 { (Anchor::End, x - 6.0) } else { (Anchor::Start, x + 6.0) };
    // At the foot of the line where the values are near its head.
    let values = series.iter().filter_map(|series| series.at(best.x));
    let crowded = values.into_iter().any(|value| panel.y(value) < top + 0.2 * height);
    let y = if crowded { top + height - 10.0 } else { top + 10.0 };
    svg.add(tag(at, y, anchor, &label, "soft"));
    for (i, series) in series.iter().enumerate() {
        let value = series.at(best.x).filter(|&value| panel.holds(best.x, value));
        if let Some(value) = value {
            let ring = circle(x, panel.y(value), 5.0).class(&format!("thin {}", theme::stroke(i)));
            svg.add(ring.tip(&format!(
                "{}: {}",
                series.name.in_language(l),
                l.significant(value, 5)
            )));
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn falling(name: &str, epochs: u32, floor: f64, rise: f64) -> Series {
        let value = |i: u32| {
            let t = f64::from(i) / 6.0;
            floor + 2.1 * (-t).exp() + rise * t * t / 100.0 + 0.01 * (f64::from(i) * 1.7).sin()
        };
        Series::by_epoch(name, (0..epochs).map(value))
    }

    pub(super) fn samples() -> Vec<(&'static str, Curves)> {
        let nan = f64::NAN;
        let loss = Curves {
            title: "Loss".into(),
            y_label: "cross-entropy, nats".into(),
            series: vec![falling("training", 38, 0.02, 0.0), falling("validation", 38, 0.09, 0.4)],
            best: Some(Best { x: 22.0, label: "best epoch".into() }),
            ..Curves::default()
        };
        let many = (0..10).map(|i| {
            falling(&format!("a rather long name of run number {i}"), 900, f64::from(i) / 9.0, 0.0)
        });
        let with = |title: &str, series: Vec<Series>| Curves {
            title: title.into(),
            y_label: "loss".into(),
            series,
            ..Curves::default()
        };
        let best = |x: f64| Some(Best { x, label: "best epoch".into() });
        vec![
            ("loss", loss.clone()),
            ("log", Curves { y_scale: Scale::Log, ..loss }),
            (
                "one-point",
                Curves {
                    best: best(1.0),
                    ..with("One epoch", vec![Series::by_epoch("training", [0.43])])
                },
            ),
            (
                "nan",
                Curves {
                    best: best(3.0),
                    ..with(
                        "Diverged",
                        vec![
                            Series::by_epoch("training", [1.0, 4.0, 90.0, nan, f64::INFINITY]),
                            Series::by_epoch("validation", [1.1, nan, 120.0, nan, nan]),
                        ],
                    )
                },
            ),
            ("all-nan", with("Nothing finite", vec![Series::by_epoch("training", [nan; 5])])),
            ("many", with("Ten long runs", many.collect())),
            (
                "huge",
                with(
                    &"A title that goes on and on ".repeat(8),
                    vec![
                        Series::by_epoch("training", [3.2e14, 1.1e13, 5e12]),
                        Series::by_epoch("validation", [f64::MAX, 2e13, -4e13]),
                    ],
                ),
            ),
            (
                "tiny-range",
                with("Flat", vec![Series::by_epoch("training", [0.500_001, 0.500_002])]),
            ),
        ]
    }
}
