//! A named line.

use serde::{Deserialize, Serialize};

use super::draw::panel::Panel;
use super::draw::scale::{Scale, has_place};
use super::draw::sheet::dash;
use super::draw::svg::{Svg, circle, path};
use super::draw::theme;
use crate::messages::Said;
use crate::metrics::json_number;

/// A named sequence of points. The shorter of `x` and `y` decides how many there are.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Series {
    /// As it stands in the legend.
    pub name: Said,
    /// Horizontal values, rising.
    #[serde(with = "json_number")]
    pub x: Vec<f64>,
    /// Vertical values. NaN is a gap.
    #[serde(with = "json_number")]
    pub y: Vec<f64>,
}

impl Series {
    /// A line through pairs.
    #[must_use]
    pub fn new(name: impl Into<Said>, points: impl IntoIterator<Item = (f64, f64)>) -> Series {
        let (x, y) = points.into_iter().unzip();
        Series { name: name.into(), x, y }
    }

    /// One value an epoch, from epoch 1.
    #[must_use]
    pub fn by_epoch(name: impl Into<Said>, values: impl IntoIterator<Item = f64>) -> Series {
        Series::new(name, values.into_iter().enumerate().map(|(i, y)| ((i + 1) as f64, y)))
    }

    pub(crate) fn points(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.x.iter().copied().zip(self.y.iter().copied())
    }

    /// The value at this x, if there is one.
    pub(crate) fn at(&self, x: f64) -> Option<f64> {
        self.points().find(|point| point.0 == x).map(|point| point.1)
    }

    /// How many points have no place on these scales.
    pub(crate) fn missing(&self, x: Scale, y: Scale) -> usize {
        self.points().filter(|point| !has_place(x, point.0) || !has_place(y, point.1)).count()
    }

    /// Draws the line in the style of the `index`-th series, with dots if they are few; `tip` is
    /// said of each dot.
    pub(crate) fn draw(
        &self,
        svg: &mut Svg,
        panel: &Panel,
        index: usize,
        tip: impl Fn(f64, f64) -> String,
    ) {
        let name = self.name.in_language(svg.language);
        let class = format!("line {} {}", theme::stroke(index), dash(index));
        svg.add(path(&panel.line(self.points())).class(class.trim_end()).tip(name));
        if self.x.len() > 40 {
            return;
        }
        for (x, y) in self.points().filter(|point| panel.holds(point.0, point.1)) {
            let dot = circle(panel.x(x), panel.y(y), 3.0);
            let class = format!("dot {}", theme::fill(index));
            svg.add(dot.class(&class).tip(&format!("{name}: {}", tip(x, y))));
        }
    }
}
