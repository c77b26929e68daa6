//! The race between candidates for a choice, such as the learning rate.

use serde::{Deserialize, Serialize};

use super::curves::scale_label;
use super::draw::panel::{Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Key, Sheet, WIDTH, missing_note};
use super::draw::svg::{Anchor, Svg, line, tag};
use super::draw::theme;
use super::{Plot, Series};
use crate::messages::{self as say, Language, Said};

/// Candidates trained side by side for a short time; the best on unseen data wins. A line that ends
/// early was given up there.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{Plot, Race, Series};
///
/// let slow = Series::new("0.001", [(0.0, 2.3), (50.0, 1.9)]);
/// let fast = Series::new("0.01", [(0.0, 2.3), (50.0, 0.4), (100.0, 0.2)]);
/// let picture = Race { candidates: vec![slow, fast], winner: Some(1), ..Race::default() };
/// assert!(picture.draw(Language::English).description().ends_with("The winner: 0.01."));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Race {
    /// Heading.
    pub title: Said,
    /// What x counts; whole numbers.
    pub x_label: Said,
    /// What decides, with its unit.
    pub y_label: Said,
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
            title: Said::new(say::picture_race),
            x_label: Said::new(say::step_word),
            y_label: Said::new(say::picture_validation_loss),
            y_scale: Scale::Linear,
            candidates: Vec::new(),
            winner: None,
        }
    }
}

impl Plot for Race {
    const NAME: &'static str = "race";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let order = self.winner_first();
        let named = |&(style, i): &(usize, usize)| {
            let name = self.candidates[i].name.in_language(l);
            let won = self.winner == Some(i);
            (if won { say::picture_won(l, name) } else { name.into() }, style)
        };
        let names: Vec<(String, usize)> = order.iter().map(named).collect();
        sheet.legend(names.iter().map(|(name, style)| (name.as_str(), *style, Key::Line)));
        let area = sheet.strip(270.0);
        let xs = self.candidates.iter().flat_map(|series| series.x.iter().copied());
        let x = Axis::new(self.x_label.in_language(l), Range::of(Scale::Linear, xs)).integer();
        let label = scale_label(self.y_label.in_language(l), self.y_scale, l);
        let y = Axis::new(&label, self.range()).nice();
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        let ends = self.candidates.iter().flat_map(|series| series.x.last().copied());
        let end = ends.filter(|x| x.is_finite()).fold(f64::NEG_INFINITY, f64::max);
        // The winner is drawn last, on top.
        for &(style, i) in order.iter().rev() {
            let label = self.x_label.in_language(l);
            let tip = |x: f64, y: f64| format!("{label} {x}: {}", l.significant(y, 5));
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
        let l = sheet.svg.language;
        let leaves =
            |series: &&Series| series.points().any(|(x, y)| y.is_finite() && !panel.holds(x, y));
        let gone = self.candidates.iter().filter(leaves);
        let gone: Vec<&str> = gone.map(|series| series.name.in_language(l)).collect();
        if !gone.is_empty() {
            sheet.note(&say::picture_leaves(l, gone.join(", ")));
        }
        let missing = self.candidates.iter().map(|s| s.missing(Scale::Linear, self.y_scale)).sum();
        if let Some(note) = missing_note(missing, self.y_scale == Scale::Log, l) {
            sheet.note(&note);
        }
    }

    fn describe(&self, l: Language) -> String {
        let won = self.winner.and_then(|i| self.candidates.get(i));
        let won = match won {
            Some(series) => say::picture_winner(l, series.name.in_language(l)),
            None => say::picture_no_winner(l),
        };
        let by = self.y_label.in_language(l);
        format!("{} {won}", say::picture_race_about(l, self.candidates.len(), by))
    }
}

/// A cross where a candidate was given up.
fn draw_end(svg: &mut Svg, panel: &Panel, series: &Series, style: usize, end: f64) {
    let l = svg.language;
    let last = series.points().filter(|(x, y)| panel.holds(*x, *y)).last();
    let Some((x, y)) = last.filter(|(x, _)| *x < end) else { return };
    let (x, y) = (panel.x(x), panel.y(y));
    let class = format!("line {}", theme::stroke(style));
    svg.add(line(x - 4.0, y - 4.0, x + 4.0, y + 4.0).class(&class));
    svg.add(line(x - 4.0, y + 4.0, x + 4.0, y - 4.0).class(&class));
    if style == 1 {
        svg.add(tag(x + 8.0, y - 6.0, Anchor::Start, &say::picture_given_up(l), "soft"));
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
