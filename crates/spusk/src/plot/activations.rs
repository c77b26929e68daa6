//! Activation functions and their derivatives.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Key, Sheet, WIDTH};
use super::draw::svg::{Anchor, Svg, line, path, text};
use super::draw::text::{fit, width};
use crate::messages::{self as say, Language};
use crate::metrics::json_number;

/// Most functions drawn.
const MOST: usize = 30;

/// One small panel a function: the function as a full line, its derivative as a dashed one.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{ActivationCurve, Activations, Plot};
///
/// let x: Vec<f64> = (-40..=40).map(|i| f64::from(i) / 10.0).collect();
/// let relu = ActivationCurve {
///     name: "ReLU".into(),
///     formula: "max(0, x)".into(),
///     y: x.iter().map(|x| x.max(0.0)).collect(),
///     derivative: x.iter().map(|&x| if x > 0.0 { 1.0 } else { 0.0 }).collect(),
///     x,
/// };
/// let picture = Activations { functions: vec![relu], ..Activations::default() };
/// assert!(picture.draw(Language::English).standalone().contains("max(0, x)"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Activations {
    /// Heading.
    pub title: String,
    /// The functions.
    pub functions: Vec<ActivationCurve>,
    /// "function", for the legend.
    pub function_label: String,
    /// "derivative", for the legend.
    pub derivative_label: String,
}

/// A function of one number, sampled.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivationCurve {
    /// Its name.
    pub name: String,
    /// Its formula, as max(0, x).
    pub formula: String,
    /// Where it was sampled, rising.
    #[serde(with = "json_number")]
    pub x: Vec<f64>,
    /// Its values there.
    #[serde(with = "json_number")]
    pub y: Vec<f64>,
    /// Its derivatives there.
    #[serde(with = "json_number")]
    pub derivative: Vec<f64>,
}

impl Default for Activations {
    fn default() -> Self {
        Activations {
            title: say::activations_heading(Language::English),
            functions: Vec::new(),
            function_label: say::function_word(Language::English),
            derivative_label: say::derivative_word(Language::English),
        }
    }
}

impl Plot for Activations {
    const NAME: &'static str = "activations";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.describe(l), l);
        if self.functions.is_empty() {
            sheet.note(&say::picture_nothing(l));
            return sheet.finish();
        }
        let (function, derivative) = (&self.function_label, &self.derivative_label);
        sheet.legend([(&**function, 0, Key::Line), (&**derivative, 1, Key::Line)]);
        let columns = self.functions.len().clamp(1, 3);
        let (left, room) = sheet.inner();
        let gap = 16.0;
        let wide = (room - gap * (columns - 1) as f64) / columns as f64;
        for row in self.functions[..self.functions.len().min(MOST)].chunks(columns) {
            let strip = sheet.strip(222.0);
            for (i, function) in row.iter().enumerate() {
                let x = left + i as f64 * (wide + gap);
                let area = Area { x, y: strip.y + 4.0, width: wide, height: 210.0 };
                function.draw(&mut sheet.svg, area, derivative);
            }
        }
        if self.functions.len() > MOST {
            sheet.note(&say::picture_first_shown(l, MOST, self.functions.len()));
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Activations)> {
        tests::samples()
    }
}

impl Activations {
    fn describe(&self, l: Language) -> String {
        let shown = self.functions.iter().take(MOST);
        let names: Vec<&str> = shown.map(|f| f.name.as_str()).collect();
        say::picture_activations(l, names.len(), names.join(", "))
    }
}

impl ActivationCurve {
    fn draw(&self, svg: &mut Svg, area: Area, derivative: &str) {
        let name = fit(&self.name, 12.0, area.width);
        svg.add(text(area.x, area.y + 12.0, Anchor::Start, &name).class("strong").tip(&self.name));
        let used = width(&name, 12.5) + 10.0;
        let formula = fit(&self.formula, 11.0, area.width - used);
        if area.width - used > 30.0 {
            let at = text(area.x + used, area.y + 12.0, Anchor::Start, &formula);
            svg.add(at.class("soft small").tip(&self.formula));
        }
        let area = Area { y: area.y + 20.0, height: area.height - 20.0, ..area };
        let x = Axis::new("", Range::of(Scale::Linear, self.x.iter().copied()));
        let values = self.y.iter().chain(&self.derivative).copied();
        let range = Range::of(Scale::Linear, values.chain([0.0, 1.0]));
        let panel = Panel::new(svg, area, &x, &Axis::new("", range).nice());
        if panel.holds(0.0, 0.0) {
            let Area { x: left, y: top, width, height } = panel.area;
            svg.add(line(panel.x(0.0), top, panel.x(0.0), top + height).class("edge"));
            svg.add(line(left, panel.y(0.0), left + width, panel.y(0.0)).class("edge"));
        }
        for (values, class) in [(&self.derivative, "line s1 d1"), (&self.y, "line s0")] {
            let line = panel.line(broken_at_jumps(&self.x, values));
            let words = if class == "line s0" { &self.name } else { derivative };
            svg.add(path(&line).class(class).tip(words));
        }
    }
}

/// A jump is not a steep slope: where neighbors differ by more than a third of the whole range, the
/// line is broken. Only in a fine sampling, where no smooth function moves so far at once.
fn broken_at_jumps(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    let finite = || y.iter().copied().filter(|y| y.is_finite());
    let span = finite().fold(f64::NEG_INFINITY, f64::max) - finite().fold(f64::INFINITY, f64::min);
    let jump = if y.len() >= 40 { span / 3.0 } else { f64::INFINITY };
    let mut points: Vec<(f64, f64)> = Vec::with_capacity(y.len() + 4);
    for (&x, &y) in x.iter().zip(y) {
        if points.last().is_some_and(|before| (y - before.1).abs() > jump) {
            points.push((f64::NAN, f64::NAN));
        }
        points.push((x, y));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(name: &str, formula: &str, f: fn(f64) -> (f64, f64)) -> ActivationCurve {
        let x: Vec<f64> = (0..=160).map(|i| f64::from(i) / 20.0 - 4.0).collect();
        let (y, derivative) = x.iter().map(|&x| f(x)).unzip();
        ActivationCurve { name: name.into(), formula: formula.into(), x, y, derivative }
    }

    pub(super) fn samples() -> Vec<(&'static str, Activations)> {
        let with =
            |functions: Vec<ActivationCurve>| Activations { functions, ..Default::default() };
        let step: fn(f64) -> (f64, f64) = |x| (f64::from(u8::from(x >= 0.0)), 0.0);
        let all = vec![
            curve("threshold", "1 if x ≥ 0, else 0", step),
            curve("sigmoid", "1 / (1 + e⁻ˣ)", |x| {
                let s = 1.0 / (1.0 + (-x).exp());
                (s, s * (1.0 - s))
            }),
            curve("tanh", "tanh x", |x| (x.tanh(), 1.0 - x.tanh().powi(2))),
            curve("ReLU", "max(0, x)", |x| (x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 })),
            curve("leaky ReLU", "max(0.1 x, x)", |x| {
                (x.max(0.1 * x), if x > 0.0 { 1.0 } else { 0.1 })
            }),
            curve("ELU", "x if x > 0, else α(eˣ − 1)", |x| {
                if x > 0.0 { (x, 1.0) } else { (x.exp() - 1.0, x.exp()) }
            }),
            curve("maxout", "max(w₁x + b₁, w₂x + b₂) with a long explanation", |x| {
                if -x > 0.5 * x - 1.0 { (-x, -1.0) } else { (0.5 * x - 1.0, 0.5) }
            }),
        ];
        let odd = curve("odd", "1/x", |x| (1.0 / x, f64::NAN));
        vec![
            ("all", with(all)),
            (
                "odd",
                with(vec![odd, ActivationCurve { name: "empty".into(), ..Default::default() }]),
            ),
            ("none", with(vec![])),
        ]
    }

    #[test]
    fn jumps_break_the_line_and_slopes_do_not() {
        let gaps = |f: fn(f64) -> (f64, f64)| {
            let curve = curve("", "", f);
            let count = |y: &[f64]| {
                broken_at_jumps(&curve.x, y).iter().filter(|point| point.0.is_nan()).count()
            };
            (count(&curve.y), count(&curve.derivative))
        };
        assert_eq!(gaps(|x| (f64::from(u8::from(x >= 0.0)), 0.0)), (1, 0));
        assert_eq!(gaps(|x| (x.max(0.0), f64::from(u8::from(x > 0.0)))), (0, 1));
        assert_eq!(gaps(|x| (x.tanh(), 1.0 - x.tanh().powi(2))), (0, 0));
    }
}
