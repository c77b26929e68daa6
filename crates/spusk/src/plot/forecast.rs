//! A forecast beside what came.

use serde::{Deserialize, Serialize};

use super::draw::panel::{Axis, Panel};
use super::draw::scale::{Range, Scale};
use super::draw::sheet::{Key, Sheet, WIDTH, missing_note};
use super::draw::svg::{Svg, line, path};
use super::draw::theme;
use super::{Plot, Series};
use crate::messages::{self as say, Language, Said};
use crate::metrics::json_number;

/// What came, what was forecast, and the interval in which it was to lie. Forecasts stand one behind
/// the other; a thin line marks where each begins.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{ForecastPlot, Plot};
///
/// let picture = ForecastPlot {
///     name: "sales".into(),
///     values: vec![3.0, 4.0, 5.0],
///     forecasts: vec![3.1, 4.2, 4.6],
///     low: vec![2.0, 3.0, 4.0],
///     high: vec![4.0, 5.0, 6.0],
///     horizon: 3,
///     ..ForecastPlot::default()
/// };
/// assert!(picture.draw(Language::English).description().contains("3 steps"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ForecastPlot {
    /// Heading.
    pub title: Said,
    /// The series, with its unit.
    pub name: String,
    /// What came, step by step.
    #[serde(with = "json_number")]
    pub values: Vec<f64>,
    /// What was forecast.
    #[serde(with = "json_number")]
    pub forecasts: Vec<f64>,
    /// The lower end of the interval; empty where there is none.
    #[serde(with = "json_number")]
    pub low: Vec<f64>,
    /// The upper end.
    #[serde(with = "json_number")]
    pub high: Vec<f64>,
    /// Steps of each forecast.
    pub horizon: usize,
    /// The time of the first and of the last step.
    pub times: [String; 2],
}

impl Default for ForecastPlot {
    fn default() -> Self {
        ForecastPlot {
            title: Said::new(say::picture_forecast),
            name: say::value_word(Language::English),
            values: Vec::new(),
            forecasts: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
            horizon: 1,
            times: [String::new(), String::new()],
        }
    }
}

/// Beyond so many forecasts their beginnings are not marked.
const MARKED: usize = 40;

impl ForecastPlot {
    fn describe(&self, l: Language) -> String {
        let steps = self.values.len().max(self.forecasts.len());
        if steps == 0 {
            return say::picture_no_forecast(l);
        }
        let mut words = say::picture_forecast_about(l, &self.name, steps, self.horizon);
        if let [first, last] = &self.times
            && !first.is_empty()
        {
            words += &format!(" {}.", say::picture_steps_between(l, first, last));
        }
        if !self.low.is_empty() {
            words += &format!(" {}", say::picture_forecast_interval(l));
        }
        words
    }

    fn band(&self) -> Vec<(f64, f64, f64)> {
        let ends = self.low.iter().zip(&self.high).enumerate();
        ends.map(|(i, (&low, &high))| (i as f64, low, high))
            .filter(|(_, low, high)| low.is_finite() && high.is_finite())
            .collect()
    }
}

fn points(values: &[f64]) -> impl Iterator<Item = (f64, f64)> + '_ {
    values.iter().enumerate().map(|(i, &value)| (i as f64, value))
}

impl Plot for ForecastPlot {
    const NAME: &'static str = "forecast_plot";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let names = [say::picture_came, say::forecast_word].map(|name| name(l));
        sheet.legend(names.iter().enumerate().map(|(i, name)| (&**name, i, Key::Line)));
        let area = sheet.strip(300.0);
        let [first, last] = &self.times;
        let label = match first.is_empty() {
            true => say::step_word(l),
            false => say::picture_steps_between(l, first, last),
        };
        let steps = self.values.len().max(self.forecasts.len()).max(2);
        let x = Axis::new(&label, Range::linear(0.0, (steps - 1) as f64)).integer();
        let all = [&self.values, &self.forecasts, &self.low, &self.high];
        let ys = all.into_iter().flatten().copied();
        let y = Axis::new(&self.name, Range::of(Scale::Linear, ys).padded(0.05)).nice();
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        let band = self.band();
        if !band.is_empty() {
            let class = format!("band {}", theme::fill(1));
            sheet.svg.add(path(&panel.band(band)).class(&class));
        }
        let each = self.horizon.max(1);
        if steps / each <= MARKED {
            for begin in (0..steps).step_by(each) {
                let at = panel.x(begin as f64);
                let (top, height) = (panel.area.y, panel.area.height);
                sheet.svg.add(line(at, top, at, top + height).class("grid"));
            }
        }
        let lines = [&self.values, &self.forecasts];
        for (i, (name, values)) in names.iter().zip(lines).enumerate() {
            let tip = |x: f64, y: f64| say::picture_step_value(l, x + 1.0, l.significant(y, 5));
            Series::new(&**name, points(values)).draw(&mut sheet.svg, &panel, i, tip);
        }
        let finite = |value: &&f64| !value.is_finite() || value.abs() > 1e150;
        let missing = self.values.iter().chain(&self.forecasts).filter(finite).count();
        if let Some(note) = missing_note(missing, false, l) {
            sheet.note(&note);
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        let wave = |shift: f64| (0..72).map(|i| (i as f64 / 4.0).sin() * 10.0 + shift).collect();
        vec![
            ("empty", ForecastPlot::default()),
            (
                "interval",
                ForecastPlot {
                    name: "temperature, °C".into(),
                    values: wave(20.0),
                    forecasts: wave(20.7),
                    low: wave(17.0),
                    high: wave(24.0),
                    horizon: 24,
                    times: ["2020-01-01 00:00".into(), "2020-01-03 23:00".into()],
                    ..ForecastPlot::default()
                },
            ),
            (
                "spoiled",
                ForecastPlot {
                    values: vec![f64::NAN, 1.0, 1e300],
                    forecasts: vec![f64::INFINITY],
                    low: vec![f64::NAN, 0.0],
                    high: vec![1.0],
                    horizon: 0,
                    ..ForecastPlot::default()
                },
            ),
        ]
    }
}
