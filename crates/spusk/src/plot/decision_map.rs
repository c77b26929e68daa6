//! Which class the network names where, for data with two features.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::panel::{Axis, Panel};
use super::draw::png::{Pixels, data_uri};
use super::draw::scale::{Range, Scale, has_place};
use super::draw::sheet::{Key, Sheet, WIDTH, missing_note};
use super::draw::svg::{Element, Path, Svg, circle, path};
use super::draw::theme;
use crate::messages::{self as say, Language, Said};
use crate::metrics::json_number;

/// Most points drawn, spread evenly over all.
const MOST: usize = 1500;

/// The plane of two features, colored by the class that the network names; the surer it is, the
/// deeper the color. Lines mark where it changes its mind; dots are examples in the color of their
/// true class.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{DecisionMap, MapPoint, Plot};
///
/// let picture = DecisionMap {
///     columns: 2,
///     rows: 1,
///     classes: vec!["left".into(), "right".into()],
///     winners: vec![0, 1],
///     margins: vec![0.9, 0.8],
///     points: vec![MapPoint { x: 0.2, y: 0.5, class: 0 }],
///     ..DecisionMap::default()
/// };
/// assert!(picture.draw(Language::English).description().contains("regions of 2 classes: left, right"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DecisionMap {
    /// Heading.
    pub title: Said,
    /// The feature across, with its unit.
    pub x_label: String,
    /// The feature up, with its unit.
    pub y_label: String,
    /// Left and right edge of the map.
    #[serde(with = "json_number")]
    pub x_range: [f64; 2],
    /// Lower and upper edge of the map.
    #[serde(with = "json_number")]
    pub y_range: [f64; 2],
    /// Cells across.
    pub columns: usize,
    /// Cells up.
    pub rows: usize,
    /// Names of the classes; a missing one is named by its index.
    pub classes: Vec<String>,
    /// The class named at the middle of each cell, `winners[rows, columns]`, lowest row first.
    pub winners: Vec<usize>,
    /// By how much its probability exceeds the second, 0 to 1, `margins[rows, columns]`.
    #[serde(with = "json_number")]
    pub margins: Vec<f64>,
    /// Examples.
    pub points: Vec<MapPoint>,
    /// What else should be said, as at which values further features are held.
    pub note: Option<Said>,
}

/// An example on the map.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MapPoint {
    /// The feature across.
    #[serde(with = "json_number")]
    pub x: f64,
    /// The feature up.
    #[serde(with = "json_number")]
    pub y: f64,
    /// Its true class.
    pub class: usize,
}

impl Default for DecisionMap {
    fn default() -> Self {
        DecisionMap {
            title: Said::new(say::picture_decisions),
            x_label: "x".into(),
            y_label: "y".into(),
            x_range: [0.0, 1.0],
            y_range: [0.0, 1.0],
            columns: 0,
            rows: 0,
            classes: Vec::new(),
            winners: Vec::new(),
            margins: Vec::new(),
            points: Vec::new(),
            note: None,
        }
    }
}

impl Plot for DecisionMap {
    const NAME: &'static str = "decision_map";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let names: Vec<(String, usize)> =
            self.seen().into_iter().map(|class| (self.name(class), class)).collect();
        sheet.legend(names.iter().map(|(name, class)| (name.as_str(), *class, Key::Dot)));
        let area = sheet.strip(520.0);
        let x = Axis::new(&self.x_label, Range::linear(self.x_range[0], self.x_range[1]));
        let y = Axis::new(&self.y_label, Range::linear(self.y_range[0], self.y_range[1]));
        let panel = Panel::new(&mut sheet.svg, area, &x, &y);
        let image = self.image(&panel).filter(|_| self.has_edges());
        let has_map = image.is_some();
        if let Some(image) = image {
            sheet.svg.add(image);
            sheet.svg.add(path(&self.borders(&panel)).class("thin inkline"));
        }
        self.draw_points(&mut sheet.svg, &panel);
        if !has_map {
            sheet.note(&self.why_no_map(l));
        }
        self.notes(&mut sheet, &panel);
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, DecisionMap)> {
        tests::samples()
    }
}

impl DecisionMap {
    fn name(&self, class: usize) -> String {
        self.classes.get(class).cloned().unwrap_or_else(|| class.to_string())
    }

    fn has_edges(&self) -> bool {
        let rising = |[lo, hi]: [f64; 2]| lo.is_finite() && hi.is_finite() && lo < hi;
        rising(self.x_range) && rising(self.y_range)
    }

    fn why_no_map(&self, l: Language) -> String {
        if !self.has_edges() {
            return say::picture_bad_edges(l);
        }
        let (rows, columns, got) = (self.rows, self.columns, self.winners.len());
        say::picture_few_cells(l, got, rows, columns)
    }

    /// Classes that appear, at most as many as the legend can hold.
    fn seen(&self) -> Vec<usize> {
        let mut seen: Vec<usize> = self.winners.clone();
        seen.extend(self.points.iter().map(|point| point.class));
        seen.sort_unstable();
        seen.dedup();
        seen.truncate(24);
        seen
    }

    /// The cell's winner and margin, by column and row from the lower left; `None` beyond the map.
    fn cell(&self, column: usize, row: usize) -> Option<(usize, f64)> {
        let place = row.checked_mul(self.columns)?.checked_add(column)?;
        let inside = column < self.columns && row < self.rows;
        let winner = *self.winners.get(place).filter(|_| inside)?;
        let margin = self.margins.get(place).copied().unwrap_or(1.0);
        Some((winner, if margin.is_finite() { margin.clamp(0.0, 1.0) } else { 0.0 }))
    }

    /// The cells as a half transparent image, so that it suits a light and a dark page.
    fn image(&self, panel: &Panel) -> Option<Element> {
        let cells = self.rows.checked_mul(self.columns)?;
        if cells == 0 || self.winners.len() < cells {
            return None;
        }
        let mut pixels = Vec::with_capacity(cells * Pixels::Rgba.bytes());
        for row in (0..self.rows).rev() {
            for column in 0..self.columns {
                let (winner, margin) = self.cell(column, row)?;
                let color = theme::series_color(winner);
                let alpha = 30.0 + 110.0 * margin;
                pixels.extend([color.0, color.1, color.2, alpha as u8]);
            }
        }
        let address = data_uri(self.columns, self.rows, Pixels::Rgba, &pixels)?;
        let area = panel.area;
        let image = Element::new("image").at("x", area.x).at("y", area.y);
        let image = image.at("width", area.width).at("height", area.height);
        Some(image.with("preserveAspectRatio", "none").with("href", &address))
    }

    /// Where the winner changes: marching squares between the middles of cells. Each class's field
    /// is its margin where it wins and minus the winner's margin elsewhere, which is exact between
    /// two classes and close where three meet.
    fn borders(&self, panel: &Panel) -> Path {
        let mut borders = Path::default();
        for row in 0..self.rows.saturating_sub(1) {
            for column in 0..self.columns.saturating_sub(1) {
                let corners = [(0, 0), (1, 0), (1, 1), (0, 1)];
                let cells = corners.map(|(dx, dy)| self.cell(column + dx, row + dy));
                let [Some(a), Some(b), Some(c), Some(d)] = cells else { continue };
                let cells = [a, b, c, d];
                let mut classes = cells.map(|cell| cell.0).to_vec();
                classes.sort_unstable();
                classes.dedup();
                // With two classes both have the same border: once is enough.
                let drawn = if classes.len() == 2 { 1 } else { classes.len() };
                for &class in classes.iter().take(drawn).filter(|_| classes.len() > 1) {
                    let field = cells.map(|(winner, margin)| {
                        let margin = margin.max(1e-6);
                        if winner == class { margin } else { -margin }
                    });
                    self.cross(panel, &mut borders, column, row, field);
                }
            }
        }
        borders
    }

    /// Adds the line where the field is zero within one square of cell middles.
    fn cross(&self, panel: &Panel, borders: &mut Path, column: usize, row: usize, field: [f64; 4]) {
        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        let place = |(dx, dy): (f64, f64)| {
            let share = |cell: usize, d: f64, all: usize| (cell as f64 + 0.5 + d) / all as f64;
            let area = panel.area;
            (
                area.x + area.width * share(column, dx, self.columns),
                area.y + area.height * (1.0 - share(row, dy, self.rows)),
            )
        };
        let mut points = Vec::new();
        for i in 0..4 {
            let (from, to) = (field[i], field[(i + 1) % 4]);
            if (from > 0.0) != (to > 0.0) {
                let share = from / (from - to);
                let ((ax, ay), (bx, by)) = (corners[i], corners[(i + 1) % 4]);
                points.push(place((ax + share * (bx - ax), ay + share * (by - ay))));
            }
        }
        for pair in points.chunks_exact(2) {
            borders.move_to(pair[0].0, pair[0].1);
            borders.line_to(pair[1].0, pair[1].1);
        }
    }

    fn draw_points(&self, svg: &mut Svg, panel: &Panel) {
        let l = svg.language;
        let every = self.points.len().div_ceil(MOST).max(1);
        let radius = if self.points.len() > 300 { 2.6 } else { 3.6 };
        for point in self.points.iter().step_by(every).filter(|p| panel.holds(p.x, p.y)) {
            let dot = circle(panel.x(point.x), panel.y(point.y), radius);
            let class = format!("dot {}", theme::fill(point.class));
            let (x, y) = (l.significant(point.x, 4), l.significant(point.y, 4));
            svg.add(dot.class(&class).tip(&format!("{}: {x}, {y}", self.name(point.class))));
        }
    }

    fn notes(&self, sheet: &mut Sheet, panel: &Panel) {
        let l = sheet.svg.language;
        if let Some(note) = &self.note {
            sheet.note(note.in_language(l));
        }
        let every = self.points.len().div_ceil(MOST).max(1);
        if every > 1 {
            let (shown, all) = (self.points.len().div_ceil(every), self.points.len());
            let (shown, all) = (l.count(shown as u64), l.count(all as u64));
            sheet.note(&say::picture_points_shown(l, shown, all));
        }
        let placed = |p: &&MapPoint| has_place(Scale::Linear, p.x) && has_place(Scale::Linear, p.y);
        let beyond = self.points.iter().filter(placed).filter(|p| !panel.holds(p.x, p.y)).count();
        if beyond > 0 {
            sheet.note(&say::picture_beyond(l, l.count(beyond as u64)));
        }
        let missing = self.points.len() - self.points.iter().filter(placed).count();
        if let Some(note) = missing_note(missing, false, l) {
            sheet.note(&note);
        }
    }

    fn describe(&self, l: Language) -> String {
        let names: Vec<String> = self.seen().into_iter().map(|class| self.name(class)).collect();
        say::picture_decisions_about(
            l,
            &self.x_label,
            &self.y_label,
            names.len(),
            names.join(", "),
            l.count(self.points.len() as u64),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(classes: usize, cells: usize, n: usize) -> DecisionMap {
        let scores = |x: f64, y: f64| -> Vec<f64> {
            let turn = y.atan2(x) + 2.0 * (x * x + y * y).sqrt();
            let phase = |class: usize| class as f64 * std::f64::consts::TAU / classes as f64;
            (0..classes).map(|class| 2.0 * (turn - phase(class)).cos()).collect()
        };
        let place = |i: usize| -3.0 + 6.0 * (i as f64 + 0.5) / cells as f64;
        let (mut winners, mut margins) = (Vec::new(), Vec::new());
        for row in 0..cells {
            for column in 0..cells {
                let scores = scores(place(column), place(row));
                let mut order: Vec<usize> = (0..classes).collect();
                order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
                winners.push(order[0]);
                let second = order.get(1).map_or(0.0, |&second| scores[second]);
                margins.push(((scores[order[0]] - second) / 2.0).min(1.0));
            }
        }
        let point = |i: usize| {
            let (x, y) =
                ((i * 7919 % 1009) as f64 / 168.0 - 3.0, (i * 104_729 % 997) as f64 / 166.0 - 3.0);
            let scores = scores(x, y);
            let best = (0..classes).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            MapPoint { x, y, class: best.unwrap_or(0) }
        };
        DecisionMap {
            x_range: [-3.0, 3.0],
            y_range: [-3.0, 3.0],
            columns: cells,
            rows: cells,
            winners,
            margins,
            points: (0..n).map(point).collect(),
            ..DecisionMap::default()
        }
    }

    pub(super) fn samples() -> Vec<(&'static str, DecisionMap)> {
        let nan = f64::NAN;
        let mut odd = map(3, 20, 30);
        odd.margins[7] = nan;
        odd.points.push(MapPoint { x: nan, y: 0.0, class: 1 });
        odd.points.push(MapPoint { x: 90.0, y: 0.0, class: 400 });
        odd.x_range = [nan, 3.0];
        let short = DecisionMap { winners: vec![0, 1], ..map(2, 20, 3) };
        vec![
            (
                "spirals",
                DecisionMap {
                    title: "Two spirals".into(),
                    classes: vec!["inner arm".into(), "outer arm".into()],
                    ..map(2, 120, 200)
                },
            ),
            (
                "five",
                DecisionMap {
                    x_label: "alcohol, %".into(),
                    note: Some("The other 11 columns are held at their means.".into()),
                    ..map(5, 100, 4000)
                },
            ),
            ("thirty", map(30, 60, 100)),
            ("odd", odd),
            ("short", short),
            ("one-cell", map(1, 1, 1)),
        ]
    }

    #[test]
    fn the_border_of_two_halves_is_the_line_between() {
        // Left half class 0, right half class 1, equally sure: the border is at x = ½.
        let map = DecisionMap {
            columns: 2,
            rows: 2,
            winners: vec![0, 1, 0, 1],
            margins: vec![0.6; 4],
            ..DecisionMap::default()
        };
        let mut svg = Svg::new(100.0, 100.0, "", "", Language::English);
        let area = crate::plot::draw::panel::Area { x: 0.0, y: 0.0, width: 120.0, height: 120.0 };
        let axis = Axis::new("", Range::linear(0.0, 1.0));
        let panel = Panel::new(&mut svg, area, &axis, &axis);
        let middle = super::super::draw::svg::number(panel.x(0.5));
        let drawn = format!("{:?}", map.borders(&panel));
        assert!(drawn.matches(&middle).count() == 2 && drawn.matches('M').count() == 1, "{drawn}");
    }
}
