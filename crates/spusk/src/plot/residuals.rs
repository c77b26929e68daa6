//! Predicted against true values, and how the differences are spread.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale, has_place};
use super::draw::sheet::{Sheet, WIDTH, missing_note};
use super::draw::svg::{Svg, circle, line, path, rect};
use super::draw::text::width;
use crate::messages::{self as say, Language, Said};
use crate::metrics::Pair;

/// Left, each example as a point: true value across, predicted value up, the diagonal where both
/// agree. Right, a histogram of the residuals (true − predicted).
///
/// ```
/// use spusk::messages::Language;
/// use spusk::metrics::Pair;
/// use spusk::plot::{Plot, Residuals};
///
/// let pairs = vec![Pair { row: 0, target: 3.0, predicted: 2.5 }];
/// let picture = Residuals { target: "price, €".into(), pairs, ..Residuals::default() };
/// assert!(picture.draw(Language::English).description().contains("1 are predicted too low"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Residuals {
    /// Heading.
    pub title: Said,
    /// Name of the target, with its unit.
    pub target: String,
    /// The examples shown.
    pub pairs: Vec<Pair>,
    /// How many examples there are in all, if the pairs are a sample of them.
    pub examples: u64,
}

impl Default for Residuals {
    fn default() -> Self {
        Residuals {
            title: Said::new(say::picture_residuals),
            target: String::new(),
            pairs: Vec::new(),
            examples: 0,
        }
    }
}

impl Plot for Residuals {
    const NAME: &'static str = "residuals";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let area = sheet.strip(360.0);
        let half = (area.width - 28.0) / 2.0;
        self.draw_points(&mut sheet.svg, Area { width: half, ..area });
        self.draw_histogram(&mut sheet.svg, Area { x: area.x + half + 28.0, width: half, ..area });
        let target = self.target(l);
        if width(&say::picture_predicted(l, &target), 12.0) >= half - 30.0 {
            sheet.note(&say::picture_the_target(l, target));
        }
        let shown = self.pairs.len() as u64;
        if shown == 0 {
            sheet.note(&say::picture_no_pairs(l));
        }
        if shown < self.examples {
            let (shown, all) = (l.count(shown), l.count(self.examples));
            sheet.note(&say::picture_sample(l, shown, all));
        }
        let missing = self.pairs.len() - self.placed().count();
        if let Some(note) = missing_note(missing, false, l) {
            sheet.note(&note);
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Residuals)> {
        tests::samples()
    }
}

impl Residuals {
    fn placed(&self) -> impl Iterator<Item = &Pair> {
        let placed = |value| has_place(Scale::Linear, value);
        self.pairs.iter().filter(move |pair| placed(pair.target) && placed(pair.predicted))
    }

    fn describe(&self, l: Language) -> String {
        let n = self.placed().count();
        if n == 0 {
            return say::picture_no_pairs(l);
        }
        let mean = self.placed().map(Pair::residual).sum::<f64>() / n as f64;
        let low = self.placed().filter(|pair| pair.residual() > 0.0).count();
        say::picture_residuals_about(
            l,
            l.count(n as u64),
            self.target(l),
            l.count(low as u64),
            l.significant(mean, 3),
        )
    }

    fn target(&self, l: Language) -> String {
        if self.target.is_empty() { say::target_word(l) } else { self.target.clone() }
    }

    /// "true price, €", or only "true" where the name has no room.
    fn fitting(label: String, short: fn(Language) -> String, area: Area, l: Language) -> String {
        let fits = width(&label, 12.0) < area.width - 30.0;
        if fits { label } else { short(l) }
    }

    fn draw_points(&self, svg: &mut Svg, area: Area) {
        let l = svg.language;
        let values = self.placed().flat_map(|pair| [pair.target, pair.predicted]);
        let range = Range::of(Scale::Linear, values).padded(0.03);
        let target = self.target(l);
        let x = Self::fitting(say::picture_true(l, &target), say::true_word, area, l);
        let y = Self::fitting(say::picture_predicted(l, target), say::predicted_word, area, l);
        let (x, y) = (Axis::new(&x, range), Axis::new(&y, range));
        let panel = Panel::new(svg, area, &x, &y);
        let diagonal = panel.line([(range.lo, range.lo), (range.hi, range.hi)]);
        svg.add(path(&diagonal).class("mark"));
        let (radius, class) =
            if self.pairs.len() > 400 { (2.0, "cloud f0") } else { (3.2, "cloud f0") };
        for pair in self.placed() {
            let dot = circle(panel.x(pair.target), panel.y(pair.predicted), radius);
            let (target, predicted) =
                (l.significant(pair.target, 5), l.significant(pair.predicted, 5));
            let row = l.count(pair.row);
            let tip = say::picture_residual(l, row, target, predicted);
            svg.add(dot.class(class).tip(&tip));
        }
    }

    fn draw_histogram(&self, svg: &mut Svg, area: Area) {
        let l = svg.language;
        let residuals: Vec<f64> = self.placed().map(Pair::residual).collect();
        let bins = Bins::of(&residuals);
        let range = Range::linear(bins.start, bins.start + bins.width * bins.counts.len() as f64);
        let most = bins.counts.iter().copied().max().unwrap_or(0).max(1);
        let x = Axis::new(&say::true_minus_predicted(l), range);
        let y = Axis::new(&say::examples_word(l), Range::linear(0.0, most as f64)).integer().nice();
        let panel = Panel::new(svg, area, &x, &y);
        let floor = panel.y(0.0);
        for (i, &times) in bins.counts.iter().enumerate().filter(|bin| *bin.1 > 0) {
            let (from, to) = (bins.edge(i), bins.edge(i + 1));
            let (left, top) = (panel.x(from), panel.y(times as f64));
            let wide = (panel.x(to) - left - 1.0).max(0.8);
            let bar = rect(left + 0.5, top, wide, floor - top).class("f0");
            let (from, to) = (l.significant(from, 4), l.significant(to, 4));
            svg.add(bar.tip(&say::picture_bin(l, from, to, l.count(times))));
        }
        if panel.holds(0.0, 0.0) {
            let x = panel.x(0.0);
            svg.add(line(x, panel.area.y, x, floor).class("mark"));
        }
    }
}

/// Equal bins over all values.
struct Bins {
    start: f64,
    width: f64,
    counts: Vec<u64>,
}

impl Bins {
    /// Width 2·(interquartile range)/∛n, Freedman & Diaconis 1981, rounded to 1, 2 or 5 times a
    /// power of ten; between 5 and 60 bins.
    fn of(values: &[f64]) -> Bins {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let range = Range::of(Scale::Linear, values.iter().copied());
        let quartile = |share: f64| {
            let place = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
            sorted.get(place).copied().unwrap_or(0.0)
        };
        let span = range.hi - range.lo;
        let wanted = 2.0 * (quartile(0.75) - quartile(0.25)) / (sorted.len() as f64).cbrt();
        let wanted = if wanted.is_finite() { wanted } else { 0.0 };
        let ticks =
            range.ticks((span / wanted.clamp(span / 60.0, span / 5.0)).round() as usize, false);
        let width = match ticks.as_slice() {
            [a, b, ..] => b.value - a.value,
            _ => span,
        };
        let start = (range.lo / width).floor() * width;
        let count = (((range.hi - start) / width).floor() + 1.0).clamp(1.0, 200.0) as usize;
        let mut counts = vec![0; count];
        for value in values {
            // A value on an edge belongs to the bin above it, whatever the rounding.
            let bin = ((value - start) / width + 1e-9).floor().clamp(0.0, (count - 1) as f64);
            counts[bin as usize] += 1;
        }
        Bins { start, width, counts }
    }

    fn edge(&self, bin: usize) -> f64 {
        self.start + bin as f64 * self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(n: u64, scale: f64) -> Vec<Pair> {
        let pair = |row: u64| {
            let t = (row * 7919 % 1009) as f64 / 1009.0;
            let noise = ((row * 104_729 % 997) as f64 / 997.0 - 0.5).powi(3) * 2.0;
            Pair { row, target: scale * t, predicted: scale * (0.05 + 0.9 * t + noise * t) }
        };
        (0..n).map(pair).collect()
    }

    pub(super) fn samples() -> Vec<(&'static str, Residuals)> {
        let with = |target: &str, pairs: Vec<Pair>| Residuals {
            target: target.into(),
            pairs,
            ..Residuals::default()
        };
        let pair = |target: f64, predicted: f64| Pair { row: 1, target, predicted };
        let long = "median house value in the district, in hundreds of thousands of dollars";
        vec![
            ("houses", with("price, €", pairs(300, 480_000.0))),
            ("sample", Residuals { examples: 1_250_000, ..with(long, pairs(2000, 5.0)) }),
            ("one", with("y", vec![pair(1.0, 1.5)])),
            ("exact", with("y", vec![pair(2.0, 2.0); 30])),
            ("none", with("y", vec![])),
            ("nan", with("y", vec![pair(f64::NAN, 1.0), pair(1.0, f64::INFINITY), pair(1.0, 2.0)])),
            (
                "huge",
                with("y", [pairs(50, 3e12), vec![pair(1.0, -8e13), pair(0.0, 1e200)]].concat()),
            ),
        ]
    }

    #[test]
    fn every_value_falls_in_one_bin() {
        for values in [
            vec![],
            vec![0.0],
            vec![-3.0, 3.0],
            vec![1e-9, 2e-9, 5e-9],
            (0..1000).map(|i| f64::from(i * i)).collect(),
            vec![0.0; 50],
            vec![-1e100, 1.0, 1e100],
        ] {
            let bins = Bins::of(&values);
            assert_eq!(bins.counts.iter().sum::<u64>(), values.len() as u64);
            assert!(bins.width > 0.0 && bins.counts.len() <= 200);
            for value in values {
                let end = bins.edge(bins.counts.len());
                assert!(
                    bins.start <= value + bins.width * 1e-9 && value <= end + bins.width * 1e-9,
                    "{value}"
                );
            }
        }
    }
}
