//! A rectangle with two axes.

use super::scale::{Range, Tick, minor_values};
use super::svg::{Anchor, Path, Svg, line, text};
use super::text::{fit, width};
use crate::messages::Language;

const TICK_SIZE: f64 = 11.0;

/// A place on the page, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// What an axis says.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) label: String,
    pub(crate) range: Range,
    /// Whether only whole numbers make sense (epochs, steps, counts).
    pub(crate) integer: bool,
    /// Whether the ends move outward to ticks. Of the upright axis only.
    pub(crate) nice: bool,
    /// The end that it does not move beyond, as 1 of a share. Of the upright axis only.
    pub(crate) most: Option<f64>,
    /// Whether it has neither ticks nor a grid. Of the upright axis only.
    pub(crate) silent: bool,
}

impl Axis {
    pub(crate) fn new(label: &str, range: Range) -> Axis {
        Axis {
            label: label.to_owned(),
            range,
            integer: false,
            nice: false,
            most: None,
            silent: false,
        }
    }

    pub(crate) fn integer(self) -> Axis {
        Axis { integer: true, ..self }
    }

    pub(crate) fn nice(self) -> Axis {
        Axis { nice: true, ..self }
    }

    pub(crate) fn at_most(self, most: Option<f64>) -> Axis {
        Axis { most, ..self }
    }

    pub(crate) fn silent(self) -> Axis {
        Axis { silent: true, ..self }
    }
}

/// The rectangle inside the axes, and how values lie in it.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    pub(crate) area: Area,
    x: Range,
    y: Range,
}

impl Panel {
    /// Draws grid, axes and labels within `outer` and leaves the rest to the data.
    pub(crate) fn new(svg: &mut Svg, outer: Area, x: &Axis, y: &Axis) -> Panel {
        let head = if y.label.is_empty() { 6.0 } else { 26.0 };
        let foot = if x.label.is_empty() { 20.0 } else { 36.0 };
        let height = (outer.height - head - foot).max(10.0);
        let most = (height / 40.0).floor().clamp(3.0, 7.0) as usize;
        let mut y_range = if y.nice { y.range.nice(most) } else { y.range };
        if let Some(most) = y.most.filter(|&most| y_range.lo < most) {
            y_range.hi = y_range.hi.min(most);
        }
        let l = svg.language;
        let y_ticks = if y.silent { Vec::new() } else { ticks(y_range, most, y.integer, l) };
        let margin = y_ticks.iter().map(|tick| width(&tick.label, TICK_SIZE)).fold(12.0, f64::max);
        let area = Area {
            x: outer.x + margin + 8.0,
            y: outer.y + head,
            width: (outer.width - margin - 8.0 - 10.0).max(10.0),
            height,
        };
        let panel = Panel { area, x: x.range, y: y_range };
        panel.draw_grid(svg, &y_ticks, !y.silent);
        panel.draw_x(svg, &fitting_ticks(x, area.width, l));
        panel.draw_labels(svg, outer, x, y);
        panel
    }

    /// Horizontal place of a value; NaN if it has none.
    pub(crate) fn x(&self, value: f64) -> f64 {
        self.area.x + self.x.share(value) * self.area.width
    }

    /// Vertical place of a value; NaN if it has none.
    pub(crate) fn y(&self, value: f64) -> f64 {
        self.area.y + (1.0 - self.y.share(value)) * self.area.height
    }

    /// A line through values, cut at the edges, broken where a value has no place.
    pub(crate) fn line(&self, points: impl IntoIterator<Item = (f64, f64)>) -> Path {
        let points = points.into_iter().map(|(x, y)| (self.x(x), self.y(y)));
        Path::through(self.cut(thin(points, self.area.width)))
    }

    /// The area between two lines over x: (x, upper, lower), held within the edges.
    pub(crate) fn band(&self, points: impl IntoIterator<Item = (f64, f64, f64)>) -> Path {
        let hold = |y: f64| {
            // Not f64::clamp on NaN bounds: a missing value must stay missing.
            if y.is_nan() { y } else { y.clamp(self.area.y, self.area.y + self.area.height) }
        };
        let place = |(x, upper, lower)| (self.x(x), hold(self.y(upper)), hold(self.y(lower)));
        Path::between(points.into_iter().map(place))
    }

    /// Whether a value lies within both edges.
    pub(crate) fn holds(&self, x: f64, y: f64) -> bool {
        let within = |share: f64| (-1e-9..=1.0 + 1e-9).contains(&share);
        within(self.x.share(x)) && within(self.y.share(y))
    }

    fn draw_grid(&self, svg: &mut Svg, ticks: &[Tick], minor: bool) {
        let Area { x, y, width, height } = self.area;
        for value in minor_values(&self.y).into_iter().filter(|_| minor) {
            let at = self.y(value);
            svg.add(line(x, at, x + width, at).class("grid faint"));
        }
        for tick in ticks {
            let at = self.y(tick.value);
            svg.add(line(x, at, x + width, at).class("grid"));
            svg.add(text(x - 7.0, at + 4.0, Anchor::End, &tick.label).class("soft small"));
        }
        let bottom = y + height;
        svg.add(line(x, bottom, x + width, bottom).class("axis"));
    }

    fn draw_x(&self, svg: &mut Svg, ticks: &[Tick]) {
        let bottom = self.area.y + self.area.height;
        for value in minor_values(&self.x) {
            svg.add(line(self.x(value), bottom, self.x(value), bottom + 2.5).class("axis"));
        }
        for tick in ticks {
            let at = self.x(tick.value);
            svg.add(line(at, bottom, at, bottom + 5.0).class("axis"));
            svg.add(text(at, bottom + 17.0, Anchor::Middle, &tick.label).class("soft small"));
        }
    }

    fn draw_labels(&self, svg: &mut Svg, outer: Area, x: &Axis, y: &Axis) {
        let Area { x: left, y: top, width, height } = self.area;
        if !y.label.is_empty() {
            let label = fit(&y.label, 12.0, outer.width);
            svg.add(text(outer.x, top - 13.0, Anchor::Start, &label).class("soft").tip(&y.label));
        }
        if !x.label.is_empty() {
            let at = left + width;
            let label = fit(&x.label, 12.0, at - outer.x);
            let below = top + height + 33.0;
            svg.add(text(at, below, Anchor::End, &label).class("soft").tip(&x.label));
        }
    }

    /// Cuts a line at the edges of the panel; what is outside becomes a gap.
    fn cut(&self, points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
        const GAP: (f64, f64) = (f64::NAN, f64::NAN);
        let Area { x, y, width, height } = self.area;
        // A hair more than the area, so that a line along the edge is kept.
        let (lo, hi) = ((x - 0.01, y - 0.01), (x + width + 0.01, y + height + 0.01));
        let inside = |p: &(f64, f64)| p.0 >= lo.0 && p.0 <= hi.0 && p.1 >= lo.1 && p.1 <= hi.1;
        if points.iter().all(|p| p.0.is_nan() || p.1.is_nan() || inside(p)) {
            return points;
        }
        let mut kept = Vec::with_capacity(points.len());
        for pair in points.windows(2) {
            let Some((from, to)) = cut_segment(pair[0], pair[1], lo, hi) else {
                kept.push(GAP);
                continue;
            };
            if kept.last() != Some(&from) {
                kept.extend([GAP, from]);
            }
            kept.push(to);
        }
        kept
    }
}

/// The part of a segment within a rectangle: Liang & Barsky 1984.
fn cut_segment(
    a: (f64, f64),
    b: (f64, f64),
    lo: (f64, f64),
    hi: (f64, f64),
) -> Option<((f64, f64), (f64, f64))> {
    if ![a.0, a.1, b.0, b.1].iter().all(|c| c.is_finite()) {
        return None;
    }
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    let edges = [(-dx, a.0 - lo.0), (dx, hi.0 - a.0), (-dy, a.1 - lo.1), (dy, hi.1 - a.1)];
    for (toward, room) in edges {
        if toward == 0.0 && room < 0.0 {
            return None;
        }
        if toward < 0.0 {
            start = start.max(room / toward);
        }
        if toward > 0.0 {
            end = end.min(room / toward);
        }
    }
    let at = |share: f64| match share {
        0.0 => a,
        1.0 => b,
        _ => (a.0 + share * dx, a.1 + share * dy),
    };
    (start <= end).then(|| (at(start), at(end)))
}

/// Leaves out what no eye could see: of the points that fall on the same half pixel, the first, the
/// highest, the lowest and the last are kept, in their order. So peaks stay.
fn thin(points: impl Iterator<Item = (f64, f64)>, width: f64) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = points.collect();
    if points.len() as f64 <= 4.0 * width {
        return points;
    }
    let column = |p: &(f64, f64)| if p.1.is_nan() { f64::NAN } else { (2.0 * p.0).floor() };
    let mut kept = Vec::new();
    let mut start = 0;
    for group in points.chunk_by(|a, b| column(a) == column(b)) {
        let last = group.len() - 1;
        let by_height = |&i: &usize, &j: &usize| group[i].1.total_cmp(&group[j].1);
        let mut picks = vec![0, last];
        picks.extend((0..group.len()).min_by(by_height));
        picks.extend((0..group.len()).max_by(by_height));
        picks.sort_unstable();
        picks.dedup();
        kept.extend(picks.into_iter().map(|i| points[start + i]));
        start += group.len();
    }
    kept
}

/// Ticks with their labels as the language writes numbers.
pub(crate) fn ticks(range: Range, most: usize, integer: bool, l: Language) -> Vec<Tick> {
    let ticks = range.ticks(most, integer).into_iter();
    ticks.map(|tick| Tick { label: l.digits(&tick.label), ..tick }).collect()
}

/// As many ticks as have room for their labels.
fn fitting_ticks(axis: &Axis, length: f64, l: Language) -> Vec<Tick> {
    let fits = |ticks: &Vec<Tick>| {
        let place = |tick: &Tick| axis.range.share(tick.value) * length;
        ticks.windows(2).all(|pair| {
            let half = |tick: &Tick| width(&tick.label, TICK_SIZE) / 2.0;
            place(&pair[1]) - place(&pair[0]) >= half(&pair[0]) + half(&pair[1]) + 10.0
        })
    };
    let choices = (1..=10).rev().map(|most| ticks(axis.range, most, axis.integer, l));
    let mut last = Vec::new();
    for ticks in choices {
        if fits(&ticks) {
            return ticks;
        }
        last = ticks;
    }
    last.truncate(1);
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::draw::scale::Scale;

    fn panel() -> Panel {
        let area = Area { x: 0.0, y: 0.0, width: 100.0, height: 100.0 };
        Panel { area, x: Range::linear(0.0, 10.0), y: Range::linear(0.0, 10.0) }
    }

    #[test]
    fn lines_are_cut_at_the_edges() {
        let nan = f64::NAN;
        for (points, want) in [
            (vec![(0.0, 0.0), (10.0, 10.0)], "M0 100L100 0"),
            (vec![(0.0, 5.0), (5.0, 15.0), (10.0, 5.0)], "M0 50L25 0M75 0L100 50"),
            (vec![(0.0, 20.0), (10.0, 20.0)], ""),
            (vec![(0.0, -10.0), (10.0, 20.0)], "M33.33 100L66.67 0"),
            (vec![(0.0, 1.0), (5.0, nan), (10.0, 1.0)], "M0 90L0 90M100 90L100 90"),
        ] {
            let path = panel().line(points.clone());
            let got = format!("{path:?}").replace("Path(\"", "").replace("\")", "");
            assert_eq!(got.replace("-0.01", "0").replace("100.01", "100"), want, "{points:?}");
        }
    }

    #[test]
    fn many_points_keep_their_peaks() {
        let wave = (0..100_000).map(|i| (f64::from(i) / 1000.0, f64::from(i % 17)));
        let mut points: Vec<(f64, f64)> = wave.collect();
        points[54_321].1 = 99.0;
        let thinned = thin(points.into_iter(), 100.0);
        assert!(thinned.len() < 1000 && thinned.contains(&(54.321, 99.0)));
    }

    #[test]
    fn labels_have_room() {
        for range in [
            Range::linear(0.0, 1e9),
            Range::linear(1e8, 1e8 + 1.0),
            Range::of(Scale::Log, [1e-12, 1e12]),
            Range::linear(1.0, 200.0),
        ] {
            for length in [30.0, 80.0, 200.0, 640.0] {
                let ticks = fitting_ticks(&Axis::new("", range), length, Language::English);
                let total: f64 = ticks.iter().map(|tick| width(&tick.label, TICK_SIZE)).sum();
                assert!(ticks.len() == 1 || total < 1.5 * length, "{range:?} {length} {ticks:?}");
            }
        }
    }
}
