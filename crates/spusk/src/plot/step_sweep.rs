//! What different steps of a descent come to.

use serde::{Deserialize, Serialize};

use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Key, Sheet, WIDTH};
use super::draw::svg::{Anchor, Svg, circle, line, path, tag};
use super::draw::theme;
use super::{Plot, Series};
use crate::messages::{self as say, Language};
use crate::metrics::json_number;

/// Steps needed by step size, with the limits of theory; below, the first steps of some of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepSweep {
    /// Heading.
    pub title: String,
    /// The step size.
    pub x_label: String,
    /// Steps taken.
    pub y_label: String,
    /// Step sizes.
    #[serde(with = "json_number")]
    pub rates: Vec<f64>,
    /// Steps taken at each.
    #[serde(with = "json_number")]
    pub steps: Vec<f64>,
    /// What became of each, an index into the names.
    pub courses: Vec<usize>,
    /// Names of what can become of one.
    pub names: Vec<String>,
    /// What the small panels show step by step.
    pub value_label: String,
    /// λ, the largest curvature at the minimum.
    #[serde(with = "json_number")]
    pub curvature: f64,
    /// The function step by step, for some step sizes.
    pub shown: Vec<Series>,
}

impl Default for StepSweep {
    fn default() -> Self {
        StepSweep {
            title: say::picture_sweep(Language::English),
            x_label: say::learning_rate(Language::English),
            y_label: say::column_steps(Language::English),
            rates: Vec::new(),
            steps: Vec::new(),
            courses: Vec::new(),
            names: Vec::new(),
            value_label: "f".into(),
            curvature: f64::NAN,
            shown: Vec::new(),
        }
    }
}

impl Plot for StepSweep {
    const NAME: &'static str = "step_sweep";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.describe(l), l);
        let names = self.names.iter().take(theme::SERIES).enumerate();
        sheet.legend(names.map(|(i, name)| (name.as_str(), i, Key::Dot)));
        let area = sheet.strip(270.0);
        let limits = [1.0 / self.curvature, 2.0 / self.curvature];
        let xs = self.rates.iter().copied().chain(limits);
        let x = Axis::new(&self.x_label, Range::of(Scale::Log, xs).padded(0.02));
        let steps = self.steps.iter().copied();
        let y = Axis::new(&self.y_label, Range::of(Scale::Log, steps).padded(0.05));
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        self.draw_limits(&mut sheet.svg, &panel, limits);
        for (i, (&rate, &steps)) in self.rates.iter().zip(&self.steps).enumerate() {
            if panel.holds(rate, steps) {
                let course = self.courses.get(i).copied().unwrap_or(0);
                let name = self.names.get(course).map_or("", String::as_str);
                let dot = circle(panel.x(rate), panel.y(steps), 4.0);
                let tip =
                    format!("{}: {}, {name}", l.significant(rate, 4), l.significant(steps, 6));
                sheet.svg.add(dot.class(&format!("dot {}", theme::fill(course))).tip(&tip));
            }
        }
        self.draw_shown(&mut sheet);
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, StepSweep)> {
        tests::samples()
    }
}

impl StepSweep {
    fn draw_limits(&self, svg: &mut Svg, panel: &Panel, limits: [f64; 2]) {
        let Area { x: left, y, width, height } = panel.area;
        for (limit, words) in limits.into_iter().zip(["1/λ", "2/λ"]) {
            let x = panel.x(limit);
            // Also false of NaN.
            if !(left..=left + width).contains(&x) {
                continue;
            }
            svg.add(line(x, y, x, y + height).class("mark"));
            let label = format!("{words} = {}", svg.language.significant(limit, 4));
            // The first on the left of its line, the second on the right, as far as there is room.
            let near_left = x < left + 120.0;
            let near_right = x > left + width - 120.0;
            let to_left = (words == "1/λ" && !near_left) || near_right;
            let (anchor, at) =
                if to_left { (Anchor::End, x - 5.0) } else { (Anchor::Start, x + 5.0) };
            // In rows of their own, since both may stand on the same side.
            let row = if words == "1/λ" { 12.0 } else { 28.0 };
            svg.add(tag(at, y + row, anchor, &label, "soft"));
        }
    }

    /// Up to four small panels side by side.
    fn draw_shown(&self, sheet: &mut Sheet) {
        let l = sheet.svg.language;
        let shown = &self.shown[..self.shown.len().min(4)];
        if shown.is_empty() {
            return;
        }
        let (left, room) = sheet.inner();
        let wide = room / shown.len() as f64;
        let strip = sheet.strip(206.0);
        for (i, series) in shown.iter().enumerate() {
            let area =
                Area { x: left + i as f64 * wide, y: strip.y + 10.0, width: wide, height: 188.0 };
            let x = Range::of(Scale::Linear, series.x.iter().copied());
            let x = Axis::new(&self.y_label, x).integer();
            let name = say::picture_sweep_panel(l, &self.value_label, series.name.in_language(l));
            let y = Axis::new(&name, Range::of(Scale::Linear, series.y.iter().copied()));
            let panel = Panel::new(&mut sheet.svg, area, &x, &y.nice());
            sheet.svg.add(path(&panel.line(series.points())).class("line s0").tip(&name));
        }
    }

    fn describe(&self, l: Language) -> String {
        let (best, most) = (1.0 / self.curvature, 2.0 / self.curvature);
        say::picture_sweep_about(
            l,
            &self.y_label,
            &self.x_label,
            self.rates.len(),
            l.significant(best, 4),
            l.significant(most, 4),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn samples() -> Vec<(&'static str, StepSweep)> {
        let rates: Vec<f64> = (0..=40).map(|i| 0.01 * 400_f64.powf(f64::from(i) / 40.0)).collect();
        let steps = rates.iter().map(|r| (9.0 / (1.0 - (1.0 - r).abs()).abs().max(1e-3)).ceil());
        let courses = rates.iter().map(|&r| usize::from(r > 1.0) + usize::from(r > 2.0)).collect();
        let wave =
            |name: &str, q: f64| Series::new(name, (0..20).map(|i| (f64::from(i), q.powi(2 * i))));
        let whole = StepSweep {
            steps: steps.collect(),
            rates,
            courses,
            names: ["smooth", "swinging", "diverged"].map(String::from).to_vec(),
            curvature: 1.0,
            shown: vec![
                wave("0.05/λ", 0.95),
                wave("1/λ", 0.0),
                wave("1.9/λ", -0.9),
                wave("2.1/λ", -1.1),
            ],
            ..StepSweep::default()
        };
        vec![("quadratic", whole.clone()), ("none", StepSweep { rates: vec![], ..whole })]
    }
}
