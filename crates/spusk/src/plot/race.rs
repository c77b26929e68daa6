//! The race between candidates for a choice, such as the learning rate.

use serde::{Deserialize, Serialize};

use super::draw::number::significant;
use super::draw::panel::{Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Key, Sheet, WIDTH, missing_note};
use super::draw::svg::{Anchor, Svg, line, tag};
use super::draw::theme;
use super::{Plot, Series};

/// Candidates trained side by side for a short time; the best on unseen data wins. A line that ends
/// early was given up there.
///
/// ```
/// use spusk::plot::{Plot, Race, Series};
///
/// let slow = Series::new("0.001", [(0.0, 2.3), (50.0, 1.9)]);
/// let fast = Series::new("0.01", [(0.0, 2.3), (50.0, 0.4), (100.0, 0.2)]);
/// let picture = Race { candidates: vec![slow, fast], winner: Some(1), ..Race::default() };
/// assert!(picture.draw().description().ends_with("The winner: 0.01."));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Race {
    /// Heading.
    pub title: String,
    /// What x counts; whole numbers.
    pub x_label: String,
    /// What decides, with its unit.
    pub y_label: String,
    /// Linear or log.
    pub y_scale: Scale,
    /// One line a candidate.
    pub candidates: Vec<Series>,
    /// Index of the winner.
    pub winner: Option<usize>,
}

impl Default for Race {
    fn default() -> Self {
        Race {
            title: "The race of candidates".into(),
            x_label: "step".into(),
            y_label: "validation loss".into(),
            y_scale: Scale::Linear,
            candidates: Vec::new(),
            winner: None,
        }
    }
}

impl Plot for Race {
    const NAME: &'static str = "race";

    fn draw(&self) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.describe());
        let order = self.winner_first();
        let named = |&(style, i): &(usize, usize)| {
            let won = if self.winner == Some(i) { " (won)" } else { "" };
            (format!("{}{won}", self.candidates[i].name), style)
        };
        let names: Vec<(String, usize)> = order.iter().map(named).collect();
        sheet.legend(names.iter().map(|(name, style)| (name.as_str(), *style, Key::Line)));
        let area = sheet.strip(270.0);
        let xs = self.candidates.iter().flat_map(|series| series.x.iter().copied());
        let x = Axis::new(&self.x_label, Range::of(Scale::Linear, xs)).integer();
        let log = if self.y_scale == Scale::Log { " (log scale)" } else { "" };
        let y = Axis::new(&format!("{}{log}", self.y_label), self.range()).nice();
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        let ends = self.candidates.iter().flat_map(|series| series.x.last().copied());
        let end = ends.filter(|x| x.is_finite()).fold(f64::NEG_INFINITY, f64::max);
        // The winner is drawn last, on top.
        for &(style, i) in order.iter().rev() {
            let tip = |x: f64, y: f64| format!("{} {x}: {}", self.x_label, significant(y, 5));
            self.candidates[i].draw(&mut sheet.svg, &panel, style, tip);
            draw_end(&mut sheet.svg, &panel, &self.candidates[i], style, end);
        }
        self.notes(&mut sheet, &panel);
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Race)> {
        tests::samples()
    }
}

impl Race {
    /// (style, index) of every candidate, the winner first and so in the first color.
    fn winner_first(&self) -> Vec<(usize, usize)> {
        let mut order: Vec<usize> = (0..self.candidates.len()).collect();
        order.sort_by_key(|&i| Some(i) != self.winner);
        order.into_iter().enumerate().collect()
    }

    /// A diverged candidate must not squeeze the others: the axis ends a little above the highest
    /// first value, or at twice the spread of all lines' last values.
    fn range(&self) -> Range {
        let finite = |series: &Series| -> Vec<f64> {
            series.y.iter().copied().filter(|y| y.is_finite()).collect()
        };
        let all: Vec<Vec<f64>> = self.candidates.iter().map(finite).collect();
        let first = all.iter().filter_map(|y| y.first()).copied().fold(f64::NEG_INFINITY, f64::max);
        let all: Vec<f64> = all.concat();
        let least = all.iter().copied().fold(f64::INFINITY, f64::min);
        let top = first + 0.25 * (first - least).abs();
        let kept = all.into_iter().filter(|&y| y <= top);
        Range::of(self.y_scale, kept).with_zero_if_near()
    }

    fn notes(&self, sheet: &mut Sheet, panel: &Panel) {
        let leaves =
            |series: &&Series| series.points().any(|(x, y)| y.is_finite() && !panel.holds(x, y));
        let gone: Vec<&str> =
            self.candidates.iter().filter(leaves).map(|series| series.name.as_str()).collect();
        if !gone.is_empty() {
            sheet.note(&format!("Leaves the picture at the top: {}.", gone.join(", ")));
        }
        let missing = self.candidates.iter().map(|s| s.missing(Scale::Linear, self.y_scale)).sum();
        if let Some(note) = missing_note(missing, self.y_scale == Scale::Log) {
            sheet.note(&note);
        }
    }

    fn describe(&self) -> String {
        let won = self.winner.and_then(|i| self.candidates.get(i));
        let won = won.map_or("No winner".into(), |series| format!("The winner: {}", series.name));
        format!("{} candidates, compared by {}. {won}.", self.candidates.len(), self.y_label)
    }
}

/// A cross where a candidate was given up.
fn draw_end(svg: &mut Svg, panel: &Panel, series: &Series, style: usize, end: f64) {
    let last = series.points().filter(|(x, y)| panel.holds(*x, *y)).last();
    let Some((x, y)) = last.filter(|(x, _)| *x < end) else { return };
    let (x, y) = (panel.x(x), panel.y(y));
    let class = format!("line {}", theme::stroke(style));
    svg.add(line(x - 4.0, y - 4.0, x + 4.0, y + 4.0).class(&class));
    svg.add(line(x - 4.0, y + 4.0, x + 4.0, y - 4.0).class(&class));
    if style == 1 {
        svg.add(tag(x + 8.0, y - 6.0, Anchor::Start, "given up", "soft"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, steps: u32, speed: f64, blow: f64) -> Series {
        let value = |i: u32| {
            let t = f64::from(i) / 20.0;
            0.2 + 2.1 * (-t * speed).exp() + blow * (t * 1.5).exp()
        };
        Series::new(name, (0..steps).map(|i| (f64::from(i * 10), value(i))))
    }

    pub(super) fn samples() -> Vec<(&'static str, Race)> {
        let with = |candidates: Vec<Series>, winner| Race { candidates, winner, ..Race::default() };
        vec![
            (
                "five",
                with(
                    vec![
                        run("0.0003", 25, 0.3, 0.0),
                        run("0.001", 50, 0.9, 0.0),
                        run("0.003", 100, 2.0, 0.0),
                        run("0.01", 50, 3.0, 0.002),
                        run("0.03", 25, 1.0, 0.5),
                    ],
                    Some(2),
                ),
            ),
            ("one", with(vec![run("AdamW", 1, 1.0, 0.0)], Some(0))),
            (
                "nan",
                with(
                    vec![
                        Series::new("dead", [(0.0, f64::NAN), (10.0, f64::NAN)]),
                        Series::new("alive", [(0.0, 2.0), (10.0, f64::INFINITY), (20.0, 1.0)]),
                    ],
                    Some(9),
                ),
            ),
            ("none", with(vec![], None)),
        ]
    }
}
