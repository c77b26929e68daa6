//! Lines over a number, with marked places.

use serde::{Deserialize, Serialize};

use super::curves::scale_label;
use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Key, Sheet, WIDTH, missing_note};
use super::draw::svg::{Anchor, Svg, line, tag};
use super::{Plot, Series};
use crate::messages::{self as say, Language};
use crate::metrics::json_number;

/// Most places that are marked.
const MOST: usize = 40;

/// Lines over any number, such as the loss on the way from one network to another, or the density of a
/// spectrum; some places are marked by upright lines.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{Plot, Profile, Series};
///
/// let loss = Series::new("straight", [(0.0, 0.1), (0.5, 1.4), (1.0, 0.1)]);
/// let picture = Profile { series: vec![loss], y_label: "loss".into(), ..Profile::default() };
/// assert!(picture.draw(Language::English).description().contains("straight: from 0.1 to 1.4"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Heading.
    pub title: String,
    /// What x is, with its unit.
    pub x_label: String,
    /// What y is, with its unit.
    pub y_label: String,
    /// Linear or log.
    pub y_scale: Scale,
    /// The lines.
    pub series: Vec<Series>,
    /// Places to mark.
    #[serde(with = "json_number")]
    pub marks: Vec<f64>,
    /// What the marks are.
    pub marks_label: String,
    /// What else should be said.
    pub note: Option<String>,
}

impl Default for Profile {
    fn default() -> Self {
        Profile {
            title: say::picture_profile(Language::English),
            x_label: "x".into(),
            y_label: "y".into(),
            y_scale: Scale::Linear,
            series: Vec::new(),
            marks: Vec::new(),
            marks_label: String::new(),
            note: None,
        }
    }
}

impl Plot for Profile {
    const NAME: &'static str = "profile";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.describe(l), l);
        let entries = self.series.iter().enumerate();
        sheet.legend(entries.map(|(i, series)| (series.name.in_language(l), i, Key::Line)));
        let area = sheet.strip(320.0);
        let xs = self.series.iter().flat_map(|series| series.x.iter().copied());
        let ys = self.series.iter().flat_map(|series| series.y.iter().copied());
        let x = Axis::new(&self.x_label, Range::of(Scale::Linear, xs.chain(self.marks.clone())));
        let range = Range::of(self.y_scale, ys).with_zero_if_near();
        let y = Axis::new(&scale_label(&self.y_label, self.y_scale, l), range).nice();
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        self.draw_marks(&mut sheet.svg, &panel);
        for (i, series) in self.series.iter().enumerate() {
            let tip = |x: f64, y: f64| format!("{}: {}", l.significant(x, 4), l.significant(y, 5));
            series.draw(&mut sheet.svg, &panel, i, tip);
        }
        let missing = self.series.iter().map(|s| s.missing(Scale::Linear, self.y_scale)).sum();
        if let Some(note) = missing_note(missing, self.y_scale == Scale::Log, l) {
            sheet.note(&note);
        }
        self.note.iter().for_each(|note| sheet.note(note));
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Profile)> {
        let hill = |height: f64| {
            (0..41).map(move |i| {
                let t = f64::from(i) / 40.0;
                (t, 0.1 + height * 4.0 * t * (1.0 - t))
            })
        };
        let line = Profile {
            title: "The loss between two networks".into(),
            x_label: "share of the way".into(),
            y_label: "loss".into(),
            series: vec![
                Series::new("straight", hill(1.8)),
                Series::new("straight, neurons matched", hill(0.3)),
                Series::new("curve with one bend", hill(0.02)),
            ],
            note: Some("Both ends are trained networks.".into()),
            ..Profile::default()
        };
        let bell = (0..200).map(|i| {
            let x = f64::from(i) / 4.0 - 5.0;
            (x, (-x * x).exp() + 1e-4 * (-(x - 30.0).powi(2) / 4.0).exp() + 1e-7)
        });
        let spectrum = Profile {
            title: "Spectral density".into(),
            y_scale: Scale::Log,
            series: vec![Series::new("density", bell)],
            marks: vec![-1.0, 30.0, f64::NAN],
            marks_label: "eigenvalue".into(),
            ..Profile::default()
        };
        vec![("line", line), ("spectrum", spectrum)]
    }
}

impl Profile {
    fn draw_marks(&self, svg: &mut Svg, panel: &Panel) {
        let l = svg.language;
        let Area { x: left, y: top, width, height } = panel.area;
        let mut named = false;
        for &mark in self.marks.iter().take(MOST) {
            let x = panel.x(mark);
            if !(left - 1.0..=left + width + 1.0).contains(&x) {
                continue;
            }
            let words = format!("{} {}", self.marks_label, l.significant(mark, 5));
            svg.add(line(x, top, x, top + height).class("mark").tip(words.trim()));
            if !std::mem::replace(&mut named, true) && !self.marks_label.is_empty() {
                let right = x > left + width / 2.0;
                let (anchor, at) =
                    if right { (Anchor::End, x - 6.0) } else { (Anchor::Start, x + 6.0) };
                let words = super::draw::text::fit(words.trim(), 11.0, width / 2.0);
                svg.add(tag(at, top + 12.0, anchor, &words, "soft"));
            }
        }
    }

    fn describe(&self, l: Language) -> String {
        let mut words = say::picture_over(l, &self.y_label, &self.x_label);
        for series in self.series.iter().take(6) {
            let finite = || series.y.iter().copied().filter(|y| y.is_finite());
            let least = finite().fold(f64::INFINITY, f64::min);
            let most = finite().fold(f64::NEG_INFINITY, f64::max);
            if least <= most {
                let (least, most) = (l.significant(least, 4), l.significant(most, 4));
                words += " ";
                words += &say::picture_from_to(l, series.name.in_language(l), least, most);
            }
        }
        words
    }
}
