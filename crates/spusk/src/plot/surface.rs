//! A function of two numbers as a surface in space.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::sheet::{Sheet, WIDTH};
use super::draw::svg::{Anchor, Path, Svg, circle, line, path, text};
use super::draw::theme;
use crate::messages::{self as say, Language};
use crate::metrics::json_number;

/// Most cells drawn along a side.
const MOST: usize = 48;

/// The surface of a function, seen from above at a slant, with a path on it. Its highest tenth is cut
/// off, or a steep rim would hide the valley, unless the whole is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Surface {
    /// Heading.
    pub title: String,
    /// The first variable.
    pub x_label: String,
    /// The second variable.
    pub y_label: String,
    /// The function.
    pub z_label: String,
    /// Ends of the first variable.
    #[serde(with = "json_number")]
    pub x_range: [f64; 2],
    /// Ends of the second variable.
    #[serde(with = "json_number")]
    pub y_range: [f64; 2],
    /// Places of the first variable.
    pub columns: usize,
    /// Places of the second variable.
    pub rows: usize,
    /// The function there, `heights[rows, columns]`.
    #[serde(with = "json_number")]
    pub heights: Vec<f64>,
    /// The first variable along the path.
    #[serde(with = "json_number")]
    pub path_x: Vec<f64>,
    /// The second variable along the path.
    #[serde(with = "json_number")]
    pub path_y: Vec<f64>,
    /// The function along the path.
    #[serde(with = "json_number")]
    pub path_z: Vec<f64>,
    /// The surface below each point of the path, where the path does not lie on it: a stalk joins them.
    #[serde(with = "json_number")]
    pub feet: Vec<f64>,
    /// Whether the highest tenth is shown too.
    pub whole: bool,
    /// What else should be said.
    pub note: Option<String>,
}

impl Default for Surface {
    fn default() -> Self {
        Surface {
            title: say::picture_surface(Language::English),
            x_label: "x".into(),
            y_label: "y".into(),
            z_label: "f".into(),
            x_range: [0.0, 1.0],
            y_range: [0.0, 1.0],
            columns: 0,
            rows: 0,
            heights: Vec::new(),
            path_x: Vec::new(),
            path_y: Vec::new(),
            path_z: Vec::new(),
            feet: Vec::new(),
            whole: false,
            note: None,
        }
    }
}

/// Where the eye is: a point of the unit cube becomes a place on the page.
struct Eye {
    left: f64,
    top: f64,
}

impl Eye {
    fn place(&self, x: f64, y: f64, z: f64) -> (f64, f64) {
        // Turned by 35° about the upright axis and tilted by 30°, without perspective.
        const TURN: f64 = 0.61;
        let (x, y) = (x - 0.5, y - 0.5);
        let across = x * TURN.cos() - y * TURN.sin();
        let deep = x * TURN.sin() + y * TURN.cos();
        (self.left + 440.0 * across, self.top - 220.0 * deep - 200.0 * (z - 0.5))
    }
}

impl Plot for Surface {
    const NAME: &'static str = "surface";

    fn draw(&self, l: Language) -> Svg {
        let range = |[lo, hi]: [f64; 2], name: &str| {
            format!("{name}: {} … {}", l.significant(lo, 4), l.significant(hi, 4))
        };
        let (x, y) = (range(self.x_range, &self.x_label), range(self.y_range, &self.y_label));
        let description = say::picture_surface_about(l, &self.z_label, &x, &y);
        let mut sheet = Sheet::new(WIDTH, &self.title, &description, l);
        let area = sheet.strip(520.0);
        let eye = Eye { left: area.x + area.width / 2.0, top: area.y + 240.0 };
        let Some((low, high)) = self.bounds() else {
            sheet.note(&say::picture_no_surface(l));
            return sheet.finish();
        };
        self.draw_cells(&mut sheet.svg, &eye, low, high);
        self.draw_path(&mut sheet.svg, &eye, low, high);
        // Each below the front edge that it runs along, with the way that it rises.
        let fitted = |words: &str| super::draw::text::fit(words, 12.0, 330.0);
        let (right, below) = (area.x + area.width, area.y + 512.0);
        let x = format!("{} ↗", fitted(&x));
        let y = format!("↖ {}", fitted(&y));
        sheet.svg.add(text(right, below, Anchor::End, &x).class("soft"));
        sheet.svg.add(text(area.x, below, Anchor::Start, &y).class("soft"));
        let height = range([low, high], &self.z_label);
        sheet.svg.add(text(area.x, area.y + 14.0, Anchor::Start, &fitted(&height)).class("soft"));
        if let Some(note) = &self.note {
            sheet.note(note);
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Surface)> {
        tests::samples()
    }
}

impl Surface {
    /// The lowest height of surface and path, and the highest or one that nine tenths lie below.
    fn bounds(&self) -> Option<(f64, f64)> {
        let cells = self.rows.checked_mul(self.columns)?;
        if self.rows < 2 || self.columns < 2 || self.heights.len() < cells {
            return None;
        }
        let shown = self.heights.iter().chain(&self.path_z).copied();
        let mut all: Vec<f64> = shown.filter(|h| h.abs() < 1e150).collect();
        all.sort_by(f64::total_cmp);
        let top = if self.whole { all.last() } else { all.get(all.len() * 9 / 10) };
        let (low, high) = (*all.first()?, *top?);
        Some((low, if high > low { high } else { low + 1.0 }))
    }

    fn draw_cells(&self, svg: &mut Svg, eye: &Eye, low: f64, high: f64) {
        let step = (self.columns.max(self.rows) - 1).div_ceil(MOST).max(1);
        let height = |column: usize, row: usize| {
            let height = self.heights[row * self.columns + column];
            (height.abs() < 1e150).then(|| ((height - low) / (high - low)).clamp(0.0, 1.0))
        };
        // From the back to the front.
        for row in (0..self.rows - 1).step_by(step).rev() {
            for column in (0..self.columns - 1).step_by(step).rev() {
                let next_column = (column + step).min(self.columns - 1);
                let next_row = (row + step).min(self.rows - 1);
                let corners = [
                    (column, row),
                    (next_column, row),
                    (next_column, next_row),
                    (column, next_row),
                ];
                let mut cell = Path::default();
                let mut middle = 0.0;
                let mut whole = true;
                for (i, &(c, r)) in corners.iter().enumerate() {
                    let Some(z) = height(c, r) else {
                        whole = false;
                        break;
                    };
                    middle += z / 4.0;
                    let share = |n: usize, all: usize| n as f64 / (all - 1) as f64;
                    let at = eye.place(share(c, self.columns), share(r, self.rows), z);
                    if i == 0 { cell.move_to(at.0, at.1) } else { cell.line_to(at.0, at.1) }
                }
                if whole {
                    cell.close();
                    svg.add(
                        path(&cell)
                            .class(&format!("grid {}", theme::heat(middle.max(0.04))))
                            .with("style", "stroke-width:.5"),
                    );
                }
            }
        }
    }

    fn draw_path(&self, svg: &mut Svg, eye: &Eye, low: f64, high: f64) {
        let share = |value: f64, [lo, hi]: [f64; 2]| (value - lo) / (hi - lo);
        let place = |x: f64, y: f64, z: f64| {
            let (x, y) = (share(x, self.x_range), share(y, self.y_range));
            let inside = (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y) && z.is_finite();
            let z = ((z - low) / (high - low)).clamp(0.0, 1.0);
            if inside { eye.place(x, y, z) } else { (f64::NAN, f64::NAN) }
        };
        let over = || self.path_x.iter().zip(&self.path_y);
        let points = over().zip(&self.path_z).map(|((&x, &y), &z)| place(x, y, z));
        let points: Vec<(f64, f64)> = points.collect();
        for (((&x, &y), &foot), &(left, top)) in over().zip(&self.feet).zip(&points) {
            let below = place(x, y, foot);
            if left.is_finite() && below.0.is_finite() {
                svg.add(line(left, top, below.0, below.1).class("mark"));
            }
        }
        svg.add(path(&Path::through(points.iter().copied())).class("line s1"));
        let every = points.len().div_ceil(150).max(1);
        for &(x, y) in points.iter().step_by(every) {
            svg.add(circle(x, y, 2.6).class("dot f1"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn samples() -> Vec<(&'static str, Surface)> {
        let cells = 41;
        let place = |i: usize| -2.0 + 4.0 * i as f64 / (cells - 1) as f64;
        let f = |x: f64, y: f64| x * x - y * y + 0.5 * y.powi(4);
        let heights = (0..cells * cells).map(|i| f(place(i % cells), place(i / cells))).collect();
        let saddle = Surface {
            x_range: [-2.0, 2.0],
            y_range: [-2.0, 2.0],
            columns: cells,
            rows: cells,
            heights,
            path_x: vec![1.5, 0.8, 0.2, 0.0],
            path_y: vec![0.1, 0.3, 0.7, 1.0],
            path_z: vec![f(1.5, 0.1), f(0.8, 0.3), f(0.2, 0.7), f(0.0, 1.0)],
            note: Some("The path is drawn over the surface, also where it lies behind.".into()),
            ..Surface::default()
        };
        let mut odd = saddle.clone();
        odd.heights[100] = f64::NAN;
        let feet = saddle.path_z.iter().map(|z| z - 0.7).collect();
        let stalks = Surface { feet, whole: true, ..saddle.clone() };
        vec![("saddle", saddle), ("stalks", stalks), ("odd", odd)]
    }
}
