//! Lines of equal height of a function of two numbers, with paths and points on them.

use serde::{Deserialize, Serialize};

use super::draw::color::Rgb;
use super::draw::panel::{Area, Axis, Panel};
use super::draw::png::{Pixels, data_uri};
use super::draw::scale::{Range, Tick};
use super::draw::sheet::{Key, Sheet, WIDTH, dash};
use super::draw::svg::{Anchor, Element, Path, Svg, circle, line, path, text};
use super::draw::text::{fit, width};
use super::draw::theme;
use super::{LevelPoint, MapPoint, Plot, Series};
use crate::messages::{self as say, Language};
use crate::metrics::json_number;

/// Lines drawn.
const LEVELS: usize = 14;

/// Most dots of starts.
const MOST: usize = 2000;

/// The color of the highest place, half seen through.
const DEEP: Rgb = Rgb(0, 72, 124);
const ALPHA: u8 = 130;

/// The color of the lowest place.
const PALE: Rgb = Rgb(255, 255, 255);

/// What the depth of the color says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shading {
    /// Which share of the map is lower: valleys are told apart, however high the hills. Lines enclose
    /// equal shares.
    #[default]
    Ranks,
    /// The height itself. Lines stand at equal differences, and a key says at which heights.
    Heights,
}

/// In a square of so many units there is one dot of a path.
const DOT_CELL: f64 = 8.0;

/// A map of heights: the higher, the deeper the color; lines join equal heights. Over it the paths of
/// descents, critical points, and starts in the color of what they reach.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{Contours, Plot};
///
/// let picture = Contours {
///     columns: 2,
///     rows: 2,
///     heights: vec![0.0, 1.0, 1.0, 2.0],
///     ..Contours::default()
/// };
/// assert!(picture.draw(Language::English).description().contains("from 0 to 2"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contours {
    /// Heading.
    pub title: String,
    /// The variable across.
    pub x_label: String,
    /// The variable up.
    pub y_label: String,
    /// Left and right edge.
    #[serde(with = "json_number")]
    pub x_range: [f64; 2],
    /// Lower and upper edge.
    #[serde(with = "json_number")]
    pub y_range: [f64; 2],
    /// Places across.
    pub columns: usize,
    /// Places up.
    pub rows: usize,
    /// The function there, `heights[rows, columns]`, lowest row first, edges included.
    #[serde(with = "json_number")]
    pub heights: Vec<f64>,
    /// What the depth of the color says.
    pub shading: Shading,
    /// What the heights are, for the key.
    pub height_label: String,
    /// Ways of descents.
    pub paths: Vec<Series>,
    /// Critical points.
    pub points: Vec<LevelPoint>,
    /// What the points are, for the legend; nothing stands there if it is empty.
    pub points_label: String,
    /// Names of what starts may reach.
    pub classes: Vec<String>,
    /// Starts, in the color of what they reach.
    pub starts: Vec<MapPoint>,
    /// What else should be said.
    pub note: Option<String>,
}

impl Default for Contours {
    fn default() -> Self {
        Contours {
            title: say::picture_contours(Language::English),
            x_label: "x".into(),
            y_label: "y".into(),
            x_range: [0.0, 1.0],
            y_range: [0.0, 1.0],
            columns: 0,
            rows: 0,
            heights: Vec::new(),
            shading: Shading::Ranks,
            height_label: String::new(),
            paths: Vec::new(),
            points: Vec::new(),
            points_label: String::new(),
            classes: Vec::new(),
            starts: Vec::new(),
            note: None,
        }
    }
}

impl Plot for Contours {
    const NAME: &'static str = "contours";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, &self.title, &self.describe(l), l);
        let paths =
            self.paths.iter().enumerate().map(|(i, p)| (p.name.in_language(l), i + 1, Key::Line));
        let shown = self.classes.iter().enumerate().take(theme::SERIES);
        let classes = shown.map(|(i, name)| (name.as_str(), i, Key::Dot));
        let is_named = !self.points.is_empty() && !self.points_label.is_empty();
        let points = is_named.then_some((self.points_label.as_str(), 0, Key::Ring));
        sheet.legend(paths.chain(classes).chain(points));
        let area = sheet.strip(560.0);
        let x = Axis::new(&self.x_label, Range::linear(self.x_range[0], self.x_range[1]));
        let y = Axis::new(&self.y_label, Range::linear(self.y_range[0], self.y_range[1]));
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        match self.image(&panel) {
            Some(image) => {
                sheet.svg.add(image);
                sheet.svg.add(path(&self.lines(&panel)).class("thin faint inkline"));
            }
            None => sheet.note(&say::picture_no_map(l)),
        }
        self.draw_over(&mut sheet.svg, &panel);
        if self.shading == Shading::Heights && self.is_whole() {
            self.draw_key(&mut sheet);
        }
        self.note.iter().for_each(|note| sheet.note(note));
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Contours)> {
        tests::samples()
    }
}

impl Contours {
    fn is_whole(&self) -> bool {
        let rising = |[lo, hi]: [f64; 2]| lo.is_finite() && hi.is_finite() && lo < hi;
        let cells = self.rows.checked_mul(self.columns);
        let enough = cells.is_some_and(|cells| self.heights.len() >= cells);
        rising(self.x_range) && rising(self.y_range) && self.rows > 1 && self.columns > 1 && enough
    }

    /// All finite heights, rising.
    fn sorted(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self.heights.iter().copied().filter(|h| h.abs() < 1e150).collect();
        all.sort_by(f64::total_cmp);
        all
    }

    /// The map in color.
    fn image(&self, panel: &Panel) -> Option<Element> {
        if !self.is_whole() {
            return None;
        }
        let sorted = self.sorted();
        let mut pixels = Vec::with_capacity(self.rows * self.columns * Pixels::Rgba.bytes());
        for row in (0..self.rows).rev() {
            for column in 0..self.columns {
                let height = self.heights[row * self.columns + column];
                let color = PALE.toward(DEEP, self.share(&sorted, height));
                let alpha = if height.abs() < 1e150 { ALPHA } else { 0 };
                pixels.extend([color.0, color.1, color.2, alpha]);
            }
        }
        let address = data_uri(self.columns, self.rows, Pixels::Rgba, &pixels)?;
        // A pixel stands around its place: the outer ones reach half a pixel beyond the edge.
        Some(stretched(panel.area, &address))
    }

    /// How deep the color of a height is, from 0 to 1.
    fn share(&self, sorted: &[f64], height: f64) -> f64 {
        match (self.shading, sorted.first(), sorted.last()) {
            (Shading::Heights, Some(low), Some(high)) => (height - low) / (high - low),
            _ => sorted.partition_point(|&h| h < height) as f64 / sorted.len().max(1) as f64,
        }
    }

    /// Heights that lines are drawn at.
    fn levels(&self, sorted: &[f64]) -> Vec<f64> {
        if self.shading == Shading::Heights {
            return self.ticks(sorted).into_iter().map(|tick| tick.value).collect();
        }
        let mut levels: Vec<f64> = (1..=LEVELS)
            .filter_map(|i| sorted.get(i * sorted.len() / (LEVELS + 1)).copied())
            .collect();
        levels.dedup();
        levels
    }

    fn ticks(&self, sorted: &[f64]) -> Vec<Tick> {
        match (sorted.first(), sorted.last()) {
            (Some(&low), Some(&high)) if low < high => {
                Range::linear(low, high).ticks(LEVELS, false)
            }
            _ => Vec::new(),
        }
    }

    /// A bar with all colors, and the heights of the lines on it.
    fn draw_key(&self, sheet: &mut Sheet) {
        let sorted = self.sorted();
        let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else { return };
        let strip = sheet.strip(52.0);
        let bar =
            Area { x: strip.x + 40.0, y: strip.y + 6.0, width: strip.width - 80.0, height: 12.0 };
        let colors = (0..256).map(|i| PALE.toward(DEEP, f64::from(i) / 255.0));
        let pixels: Vec<u8> = colors.flat_map(|c| [c.0, c.1, c.2, ALPHA]).collect();
        if let Some(address) = data_uri(256, 1, Pixels::Rgba, &pixels) {
            sheet.svg.add(stretched(bar, &address));
        }
        let below = bar.y + bar.height;
        let mut free = f64::NEG_INFINITY;
        for tick in self.ticks(&sorted) {
            let written = sheet.svg.language.digits(&tick.label);
            let at = bar.x + bar.width * (tick.value - low) / (high - low);
            sheet.svg.add(line(at, bar.y, at, below + 4.0).class("axis"));
            let half = width(&written, 11.0) / 2.0;
            if at - half > free {
                let label = text(at, below + 16.0, Anchor::Middle, &written);
                sheet.svg.add(label.class("soft small"));
                free = at + half + 8.0;
            }
        }
        let label = fit(&self.height_label, 12.0, bar.width);
        let at = text(bar.x + bar.width, below + 31.0, Anchor::End, &label);
        sheet.svg.add(at.class("soft").tip(&self.height_label));
    }

    /// Lines of equal height: marching squares, each square as two triangles, so that no case is
    /// ambiguous.
    fn lines(&self, panel: &Panel) -> Path {
        let levels = self.levels(&self.sorted());
        let mut lines = Path::default();
        let place = |column: usize, row: usize| {
            let area = panel.area;
            let x = column as f64 / (self.columns - 1) as f64;
            let y = row as f64 / (self.rows - 1) as f64;
            (area.x + area.width * x, area.y + area.height * (1.0 - y))
        };
        let corner = |column: usize, row: usize| {
            (place(column, row), self.heights[row * self.columns + column])
        };
        for row in 0..self.rows - 1 {
            for column in 0..self.columns - 1 {
                let (a, b) = (corner(column, row), corner(column + 1, row));
                let (c, d) = (corner(column + 1, row + 1), corner(column, row + 1));
                for level in &levels {
                    cross(&mut lines, [a, b, c], *level);
                    cross(&mut lines, [a, c, d], *level);
                }
            }
        }
        lines
    }

    fn draw_over(&self, svg: &mut Svg, panel: &Panel) {
        let l = svg.language;
        let every = self.starts.len().div_ceil(MOST).max(1);
        for start in self.starts.iter().step_by(every).filter(|s| panel.holds(s.x, s.y)) {
            let none = start.class >= self.classes.len();
            let name = self.classes.get(start.class).map_or("—", String::as_str);
            let class = if none { "paper".into() } else { theme::fill(start.class) };
            let dot = circle(panel.x(start.x), panel.y(start.y), 3.2);
            svg.add(dot.class(&format!("dot {class}")).tip(name));
        }
        for (i, way) in self.paths.iter().enumerate() {
            let class = format!("line {} {}", theme::stroke(i + 1), dash(i + 1));
            svg.add(
                path(&panel.line(way.points()))
                    .class(class.trim_end())
                    .tip(way.name.in_language(l)),
            );
            let every = way.x.len().div_ceil(200).max(1);
            // Where a path is dense, dots would hide it.
            let mut taken = std::collections::HashSet::new();
            for (x, y) in way.points().step_by(every).filter(|p| panel.holds(p.0, p.1)) {
                let cell = [panel.x(x), panel.y(y)].map(|place| (place / DOT_CELL) as i64);
                if !taken.insert(cell) {
                    continue;
                }
                let dot = circle(panel.x(x), panel.y(y), 2.6);
                let tip = l.list([l.significant(x, 5), l.significant(y, 5)]);
                svg.add(dot.class(&format!("dot {}", theme::fill(i + 1))).tip(&tip));
            }
        }
        for point in self.points.iter().filter(|p| panel.holds(p.x, p.y)) {
            let ring = circle(panel.x(point.x), panel.y(point.y), 5.0).class("thin inkline");
            let place = l.list([l.significant(point.x, 5), l.significant(point.y, 5)]);
            svg.add(ring.tip(&format!("{}: {place}", point.label)));
        }
    }

    fn describe(&self, l: Language) -> String {
        let sorted = self.sorted();
        let (low, high) = (sorted.first().copied(), sorted.last().copied());
        say::picture_contours_about(
            l,
            &self.x_label,
            &self.y_label,
            low.map_or("?".into(), |h| l.significant(h, 4)),
            high.map_or("?".into(), |h| l.significant(h, 4)),
            self.paths.len(),
            self.points.len(),
            self.starts.len(),
        )
    }
}

/// An image over an area, whatever its proportions.
fn stretched(area: Area, address: &str) -> Element {
    let image = Element::new("image").at("x", area.x).at("y", area.y);
    let image = image.at("width", area.width).at("height", area.height);
    image.with("preserveAspectRatio", "none").with("href", address)
}

/// Adds the line where the height is `level` within a triangle of (place, height).
fn cross(lines: &mut Path, corners: [((f64, f64), f64); 3], level: f64) {
    if corners.iter().any(|corner| corner.1.abs() >= 1e150 || corner.1.is_nan()) {
        return;
    }
    let mut points = Vec::new();
    for i in 0..3 {
        let (((ax, ay), a), ((bx, by), b)) = (corners[i], corners[(i + 1) % 3]);
        if (a < level) != (b < level) {
            let share = (level - a) / (b - a);
            points.push((ax + share * (bx - ax), ay + share * (by - ay)));
        }
    }
    if let [from, to] = points[..] {
        lines.move_to(from.0, from.1);
        lines.line_to(to.0, to.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn himmelblau(cells: usize) -> Contours {
        let place = |i: usize| -5.0 + 10.0 * i as f64 / (cells - 1) as f64;
        let f = |x: f64, y: f64| (x * x + y - 11.0).powi(2) + (x + y * y - 7.0).powi(2);
        let heights = (0..cells * cells).map(|i| f(place(i % cells), place(i / cells))).collect();
        let way = Series::new("descent", [(0.0, 0.0), (1.5, 1.2), (2.8, 1.9), (3.0, 2.0)]);
        Contours {
            x_range: [-5.0, 5.0],
            y_range: [-5.0, 5.0],
            columns: cells,
            rows: cells,
            heights,
            paths: vec![way],
            points: vec![LevelPoint { x: 3.0, y: 2.0, label: "minimum".into() }],
            points_label: "critical points".into(),
            ..Contours::default()
        }
    }

    pub(super) fn samples() -> Vec<(&'static str, Contours)> {
        let mut odd = himmelblau(12);
        odd.heights[5] = f64::NAN;
        odd.heights[6] = f64::INFINITY;
        let start = |i: u32| MapPoint {
            x: f64::from(i % 21) / 2.1 - 4.9,
            y: f64::from(i / 21) / 2.1 - 4.9,
            class: (i % 5) as usize,
        };
        let classes = (1..5).map(|i| format!("minimum {i}")).collect();
        let basins = Contours { starts: (0..440).map(start).collect(), classes, ..himmelblau(61) };
        let linear = Contours {
            shading: Shading::Heights,
            height_label: "height".into(),
            note: Some("Lines stand at equal differences.".into()),
            ..himmelblau(51)
        };
        vec![("heights", linear), ("himmelblau", himmelblau(101)), ("basins", basins), ("odd", odd)]
    }

    #[test]
    fn a_line_of_equal_height_is_straight_on_a_plane() {
        // Heights rise by 1 across: the line at ½ stands in the middle.
        let mut lines = Path::default();
        cross(&mut lines, [((0.0, 0.0), 0.0), ((10.0, 0.0), 1.0), ((10.0, 10.0), 1.0)], 0.5);
        assert_eq!(format!("{lines:?}"), "Path(\"M5 0L5 5\")");
    }
}
