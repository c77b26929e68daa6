//! How weights or gradients are spread in each layer, over time.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::curves::scale_label;
use super::draw::panel::{Area, Axis, Panel};
use super::draw::scale::{Range, Scale, has_place};
use super::draw::sheet::{Sheet, WIDTH, missing_note};
use super::draw::svg::{Anchor, Svg, circle, line, path, text};
use super::draw::text::fit;
use crate::messages::{self as say, Language, Said};
use crate::metrics::json_number;

/// The quantiles of each step: least, 5 %, quarter, median, three quarters, 95 %, greatest.
pub const QUANTILES: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];

/// Most layers drawn, spread evenly over all.
const MOST: usize = 24;

/// One small panel a layer: the median as a line, half of the values in the darkest band, 90 % in
/// middle one, all in the lightest.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{Distributions, LayerQuantiles, Plot};
///
/// let mut layer = LayerQuantiles { name: "dense".into(), ..LayerQuantiles::default() };
/// layer.push(1.0, &[-0.2, 0.0, 0.1]);
/// layer.push(2.0, &[-0.3, 0.1, 0.4]);
/// let picture = Distributions { layers: vec![layer], ..Distributions::default() };
/// assert!(picture.draw(Language::English).description().contains("dense: at the end 90% lie from −0.26 to 0.37"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Distributions {
    /// Heading.
    pub title: Said,
    /// What is spread, as "weights" or "|gradients|".
    pub what: Said,
    /// What x counts; whole numbers.
    pub x_label: Said,
    /// Linear or log.
    pub scale: Scale,
    /// Whether all layers share the vertical axis, so that they can be compared by height.
    pub shared: bool,
    /// The layers, from input to output.
    pub layers: Vec<LayerQuantiles>,
}

/// The spread of one layer's values by step.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LayerQuantiles {
    /// Name of the layer.
    pub name: String,
    /// Steps or epochs, rising.
    #[serde(with = "json_number")]
    pub steps: Vec<f64>,
    /// For each step the [`QUANTILES`].
    #[serde(with = "json_number")]
    pub quantiles: Vec<[f64; 7]>,
}

/// Most values that are sorted for one step; of more, an even selection stands for all.
const MOST_SORTED: usize = 1 << 16;

impl LayerQuantiles {
    /// Adds the spread of one step's values. Least and greatest are exact; the quantiles of more
    /// than 65,536 values are those of an even selection. If any value is NaN, so is the greatest.
    ///
    /// ```
    /// use spusk::plot::LayerQuantiles;
    /// let mut layer = LayerQuantiles { name: "dense".into(), ..LayerQuantiles::default() };
    /// layer.push(1.0, &[3.0_f32, -1.0, 0.0, 1.0, 2.0]);
    /// assert_eq!(layer.quantiles[0], [-1.0, -0.8, 0.0, 1.0, 2.0, 2.8, 3.0]);
    /// ```
    pub fn push<T: Copy + Into<f64>>(&mut self, step: f64, values: &[T]) {
        let every = values.len().div_ceil(MOST_SORTED).max(1);
        let mut sorted: Vec<f64> =
            values.iter().step_by(every).map(|&value| value.into()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let all = || values.iter().map(|&value| value.into());
        let mut quantiles = QUANTILES.map(|share| quantile(&sorted, share));
        quantiles[0] = all().reduce(f64::min).unwrap_or(f64::NAN);
        quantiles[6] = all().reduce(f64::max).unwrap_or(f64::NAN);
        if all().any(f64::is_nan) {
            quantiles[6] = f64::NAN;
        }
        self.steps.push(step);
        self.quantiles.push(quantiles);
    }
}

/// The value at a share of the way through sorted values, between two of them by proportion
/// (NumPy's linear method). NaN of no values.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    match (sorted.get(below), sorted.get(below + 1)) {
        (Some(&low), Some(&high)) if part > 0.0 => low + part * (high - low),
        (Some(&low), _) => low,
        _ => f64::NAN,
    }
}

impl Default for Distributions {
    fn default() -> Self {
        Distributions {
            title: Said::new(say::picture_weights),
            what: Said::new(say::weights_word),
            x_label: Said::new(say::epoch_word),
            scale: Scale::Linear,
            shared: true,
            layers: Vec::new(),
        }
    }
}

impl Plot for Distributions {
    const NAME: &'static str = "distributions";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let shown = self.shown();
        let columns = shown.len().clamp(1, 3);
        let (left, room) = sheet.inner();
        let gap = 14.0;
        let wide = (room - gap * (columns - 1) as f64) / columns as f64;
        let common = self.range(&shown);
        for row in shown.chunks(columns) {
            let strip = sheet.strip(190.0);
            for (i, layer) in row.iter().enumerate() {
                let x = left + i as f64 * (wide + gap);
                let area = Area { x, y: strip.y, width: wide, height: 182.0 };
                let range = if self.shared { common } else { self.range(&[layer]) };
                self.draw_layer(&mut sheet.svg, area, layer, range);
            }
        }
        self.notes(&mut sheet, shown.len());
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Distributions)> {
        tests::samples()
    }
}

impl Distributions {
    fn shown(&self) -> Vec<&LayerQuantiles> {
        let n = self.layers.len();
        if n <= MOST {
            return self.layers.iter().collect();
        }
        (0..MOST).map(|i| &self.layers[i * (n - 1) / (MOST - 1)]).collect()
    }

    fn range(&self, layers: &[&LayerQuantiles]) -> Range {
        let values = layers.iter().flat_map(|layer| layer.quantiles.iter().flatten().copied());
        Range::of(self.scale, values)
    }

    fn draw_layer(&self, svg: &mut Svg, area: Area, layer: &LayerQuantiles, range: Range) {
        let l = svg.language;
        let name = fit(&layer.name, 12.0, area.width);
        svg.add(text(area.x, area.y + 14.0, Anchor::Start, &name).class("strong").tip(&layer.name));
        let area = Area { y: area.y + 20.0, height: area.height - 20.0, ..area };
        let x = Range::of(Scale::Linear, layer.steps.iter().copied());
        let x = Axis::new(self.x_label.in_language(l), x).integer();
        let panel = Panel::new(svg, area, &x, &Axis::new("", range).nice());
        if let &[step] = layer.steps.as_slice() {
            return draw_single(svg, &panel, step, layer);
        }
        let rows = || layer.steps.iter().zip(&layer.quantiles);
        for (low, high) in [(0, 6), (1, 5), (2, 4)] {
            // On a log scale a lower end of 0 lies below the picture, not nowhere.
            let floor = |value: f64| if value <= 0.0 { self.floor(value, range) } else { value };
            let band = rows().map(|(&x, q)| (x, floor(q[high]), floor(q[low])));
            let words =
                [say::picture_all_values, say::picture_most_values, say::picture_half_values][low](
                    l,
                );
            svg.add(path(&panel.band(band)).class("band f0").tip(&words));
        }
        let median = panel.line(rows().map(|(&x, q)| (x, q[3])));
        svg.add(path(&median).class("line s0").tip(&say::median_word(l)));
    }

    fn floor(&self, value: f64, range: Range) -> f64 {
        if self.scale == Scale::Log { range.lo } else { value }
    }

    fn notes(&self, sheet: &mut Sheet, shown: usize) {
        let l = sheet.svg.language;
        let shared = match (self.shared, shown) {
            (_, 0) => return sheet.note(&say::picture_no_layers(l)),
            (_, 1) => String::new(),
            (true, _) => say::picture_one_scale(l),
            (false, _) => say::picture_own_scales(l),
        };
        let what = scale_label(self.what.in_language(l), self.scale, l);
        sheet.note(&format!("{} {shared}", say::picture_bands(l, what)));
        if shown < self.layers.len() {
            sheet.note(&say::picture_layers_shown(l, shown, self.layers.len()));
        }
        let values = self.layers.iter().flat_map(|layer| layer.quantiles.iter().flatten());
        let missing = values.filter(|&&value| !has_place(self.scale, value)).count();
        if let Some(note) = missing_note(missing, self.scale == Scale::Log, l) {
            sheet.note(&note);
        }
        if missing > 0 && self.scale == Scale::Log {
            sheet.note(&say::picture_band_from_zero(l));
        }
    }

    fn describe(&self, l: Language) -> String {
        let mut words = say::picture_spread(l, self.what.in_language(l), self.layers.len());
        for layer in self.layers.iter().take(12) {
            if let Some(q) = layer.quantiles.last() {
                let (low, high) = (l.significant(q[1], 3), l.significant(q[5], 3));
                words += " ";
                words += &say::picture_spread_layer(l, &layer.name, low, high);
            }
        }
        words
    }
}

/// A single step as upright strokes instead of bands without width.
fn draw_single(svg: &mut Svg, panel: &Panel, step: f64, layer: &LayerQuantiles) {
    let Some(q) = layer.quantiles.first() else { return };
    let x = panel.x(step);
    for (low, high) in [(0, 6), (1, 5), (2, 4)] {
        let stroke = line(x, panel.y(q[low]), x, panel.y(q[high]));
        let wide = ["thin s0 faint", "thin s0", "line s0"][low];
        svg.add(stroke.class(wide));
    }
    svg.add(circle(x, panel.y(q[3]), 3.5).class("dot f0"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(name: &str, steps: u32, spread: f64) -> LayerQuantiles {
        const NORMAL: [f64; 7] = [-3.8, -1.64, -0.67, 0.0, 0.67, 1.64, 4.1];
        let row = |i: u32| {
            let grown = spread * (0.3 + f64::from(i).sqrt() / 8.0);
            NORMAL.map(|z| grown * z + 0.05 * f64::from(i) * spread / 10.0)
        };
        LayerQuantiles {
            name: name.into(),
            steps: (0..steps).map(f64::from).collect(),
            quantiles: (0..steps).map(row).collect(),
        }
    }

    #[test]
    fn quantiles_of_many_are_close_and_their_ends_exact() {
        let mut layer = LayerQuantiles::default();
        let values: Vec<f64> = (0..300_000_u64).map(|i| (i * 7919 % 300_007) as f64).collect();
        layer.push(0.0, &values);
        layer.push(1.0, &[1.0, f64::NAN]);
        layer.push::<f64>(2.0, &[]);
        let q = layer.quantiles[0];
        let max = values.iter().copied().fold(0.0, f64::max);
        assert_eq!((q[0], q[6]), (0.0, max));
        for (i, share) in QUANTILES.into_iter().enumerate() {
            // The selection has 60,000 values: a share is off by at most 5·√(¼/60,000) = 1%.
            assert!((q[i] / max - share).abs() < 0.01, "{share}: {}", q[i]);
        }
        assert!(layer.quantiles[1][0] == 1.0 && layer.quantiles[1][6].is_nan());
        assert!(layer.quantiles[2].iter().all(|q| q.is_nan()));
    }

    pub(super) fn samples() -> Vec<(&'static str, Distributions)> {
        let with =
            |layers: Vec<LayerQuantiles>| Distributions { layers, ..Distributions::default() };
        let mut gradients = layer("0 dense 64 → 128", 30, 1.0);
        for (i, q) in gradients.quantiles.iter_mut().enumerate() {
            *q = [0.0, 1e-6, 1e-4, 1e-3, 4e-3, 2e-2, 0.3].map(|v: f64| v / (1.0 + i as f64));
        }
        let mut broken = layer("broken", 8, 1.0);
        broken.quantiles[5] = [f64::NAN; 7];
        broken.quantiles[7][6] = f64::INFINITY;
        let long = "layers.17.residual.inner.dense with a name that does not end 4096 → 4096";
        let many = (0..40).map(|i| layer(&format!("layer {i}"), 10, f64::from(i + 1)));
        vec![
            (
                "three",
                with(vec![
                    layer("0 dense 64 → 128", 30, 0.1),
                    layer("2 dense 128 → 64", 30, 0.2),
                    layer("4 dense 64 → 10", 30, 0.5),
                ]),
            ),
            (
                "gradients",
                Distributions {
                    what: "|gradients|".into(),
                    scale: Scale::Log,
                    shared: false,
                    ..with(vec![gradients.clone(), gradients])
                },
            ),
            (
                "odd",
                with(vec![
                    layer("single step", 1, 1.0),
                    broken,
                    layer(long, 3, 1e9),
                    LayerQuantiles::default(),
                ]),
            ),
            ("many", with(many.collect())),
            ("none", with(vec![])),
        ]
    }
}
