//! Where the gradient is 0, and what lies there.

use serde::Serialize;

use super::Formula;
use super::linear::{distance, eigenvalues, norm, solve};
use super::polynomial::{Root, coefficients, real_roots};
use crate::data::random::{key, uniform};

/// Most points that are kept.
pub const MOST_POINTS: usize = 400;

/// What a critical point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing near is lower.
    Minimum,
    /// Nothing near is higher.
    Maximum,
    /// Up in one direction, down in another.
    Saddle,
    /// Of one variable: level, but up on one side and down on the other.
    Inflection,
    /// Second derivatives do not decide.
    Degenerate,
}

/// A place where the gradient is 0, or a minimum at a kink, where there is no gradient.
#[derive(Debug, Clone)]
pub struct CriticalPoint {
    /// Where.
    pub at: Vec<f64>,
    /// f there.
    pub value: f64,
    /// What it is.
    pub kind: Kind,
    /// Eigenvalues of the Hessian there, rising.
    pub eigenvalues: Vec<f64>,
    /// False at a kink.
    pub smooth: bool,
    /// Of a degenerate point: whether f is nowhere lower (minimum) or nowhere higher (maximum) on small
    /// spheres around it, as far as samples tell; else a saddle.
    pub looks_like: Option<Kind>,
    /// The root of f′, if f is a polynomial in one variable.
    pub root: Option<Root>,
}

/// An end of an interval.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// Where.
    pub at: f64,
    /// f there.
    pub value: f64,
    /// Whether f rises or falls into the interval from there, if it does either.
    pub kind: Option<Kind>,
}

/// Everything that was found.
#[derive(Debug, Clone)]
pub struct CriticalPoints {
    /// The points: of one variable from left to right, else by rising value.
    pub points: Vec<CriticalPoint>,
    /// The ends of the interval, if one was asked for.
    pub ends: Vec<End>,
    /// Whether these are all, by exact arithmetic; else they are what a search found.
    pub exact: bool,
    /// Starts of the search.
    pub starts: usize,
    /// Whether more were found than are kept.
    pub cut: bool,
    /// Whether the gradient is 0 everywhere.
    pub constant: bool,
}

/// Where to search.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// The lowest and highest value of every variable.
    pub bounds: Vec<[f64; 2]>,
    /// Whether they were asked for: then nothing beyond counts, and ends are compared.
    pub given: bool,
}

impl Region {
    /// The same bounds for every variable, not asked for.
    #[must_use]
    pub fn around(variables: usize) -> Region {
        let reach = if variables == 1 { 10.0 } else { 5.0 };
        Region { bounds: vec![[-reach, reach]; variables], given: false }
    }

    /// A point by its shares, 0 to 1, of the bounds.
    pub(crate) fn at(&self, shares: impl Fn(usize) -> f64) -> Vec<f64> {
        let place = |(i, [low, high]): (usize, &[f64; 2])| low + shares(i) * (high - low);
        self.bounds.iter().enumerate().map(place).collect()
    }

    /// A random point.
    pub(crate) fn random(&self, key: u64, count: u64) -> Vec<f64> {
        let n = self.bounds.len() as u64;
        self.at(|i| uniform(key, count * n + i as u64))
    }

    /// The longest side.
    pub(crate) fn width(&self) -> f64 {
        self.bounds.iter().map(|[low, high]| high - low).fold(1e-300, f64::max)
    }

    /// Whether a point counts: within the bounds that were asked for, or within twice the others.
    fn holds(&self, at: &[f64]) -> bool {
        at.iter().zip(&self.bounds).all(|(&x, &[low, high])| {
            let room = if self.given { 1e-9 } else { 0.5 } * (high - low);
            x >= low - room && x <= high + room
        })
    }
}

/// Finds the critical points. Of a polynomial in one variable these are all; of another formula what a
/// search from many starts finds.
#[must_use]
pub fn critical_points(f: &Formula, region: &Region, seed: u64) -> CriticalPoints {
    let mut found = match f.variables().len() {
        0 => CriticalPoints { constant: true, exact: true, ..nothing() },
        1 => exactly(f, region).unwrap_or_else(|| Search::new(f, region, seed).on_a_line()),
        _ => Search::new(f, region, seed).in_space(),
    };
    if region.given && f.variables().len() == 1 {
        found.ends = ends(f, region.bounds[0]);
    }
    if found.points.len() > MOST_POINTS {
        found.points.truncate(MOST_POINTS);
        found.cut = true;
    }
    found
}

fn nothing() -> CriticalPoints {
    CriticalPoints {
        points: Vec::new(),
        ends: Vec::new(),
        exact: false,
        starts: 0,
        cut: false,
        constant: false,
    }
}

fn ends(f: &Formula, [low, high]: [f64; 2]) -> Vec<End> {
    let end = |at: f64, inward: f64| {
        let value = f.value_at(&[at]);
        let kind = match f.gradient_at(&[at])[0] * inward {
            slope if slope > 0.0 => Some(Kind::Minimum),
            slope if slope < 0.0 => Some(Kind::Maximum),
            _ => None,
        };
        End { at, value, kind }
    };
    vec![end(low, 1.0), end(high, -1.0)]
}

/// Every root of f′, if that is a polynomial.
fn exactly(f: &Formula, region: &Region) -> Option<CriticalPoints> {
    let slopes = coefficients(&f.gradient()[0])?;
    let lead = slopes.iter().rev().find(|c| !num_traits::Zero::is_zero(*c));
    let Some(lead) = lead else {
        return Some(CriticalPoints { constant: true, exact: true, ..nothing() });
    };
    let roots = real_roots(&slopes);
    // The sign of f′ right of all roots, then from right to left.
    let mut rising = num_traits::Signed::is_positive(lead);
    let mut points = Vec::new();
    for root in roots.into_iter().rev() {
        let right = rising;
        if root.multiplicity % 2 == 1 {
            rising = !rising;
        }
        let kind = match (rising, right) {
            (false, true) => Kind::Minimum,
            (true, false) => Kind::Maximum,
            _ => Kind::Inflection,
        };
        let at = vec![root.near];
        let value = f.value_at(&at);
        let eigenvalues = match root.multiplicity {
            1 => f.hessian_at(&at),
            _ => vec![0.0],
        };
        let looks_like = None;
        let smooth = true;
        points.push(CriticalPoint {
            at,
            value,
            kind,
            eigenvalues,
            smooth,
            looks_like,
            root: Some(root),
        });
    }
    points.reverse();
    points.retain(|point| !region.given || region.holds(&point.at));
    Some(CriticalPoints { points, exact: true, ..nothing() })
}

struct Search<'a> {
    f: &'a Formula,
    region: &'a Region,
    seed: u64,
    starts: Vec<Vec<f64>>,
    /// Usual sizes of gradients and second derivatives in the region.
    slope: f64,
    bend: f64,
}

impl<'a> Search<'a> {
    fn new(f: &'a Formula, region: &'a Region, seed: u64) -> Search<'a> {
        let n = f.variables().len();
        let key = key(seed, "critical points");
        let starts: Vec<Vec<f64>> = match n {
            1 => (0..=2000).map(|i| region.at(|_| f64::from(i) / 2000.0)).collect(),
            // The middles of a grid, each moved by chance within its cell.
            2 => (0..31 * 31)
                .map(|i| {
                    let cell = [i % 31, i / 31];
                    region
                        .at(|axis| (cell[axis] as f64 + uniform(key, (2 * i + axis) as u64)) / 31.0)
                })
                .chain([region.at(|_| 0.5)])
                .collect(),
            _ => (0..500).map(|i| region.random(key, i)).chain([region.at(|_| 0.5)]).collect(),
        };
        let usual = |values: Vec<f64>| {
            let mut values: Vec<f64> = values.into_iter().filter(|x| x.is_finite()).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(0.0)
        };
        let some = || starts.iter().step_by(starts.len().div_ceil(200));
        let slope = usual(some().map(|at| norm(&f.gradient_at(at))).collect());
        let bend = usual(some().map(|at| norm(&f.hessian_at(at))).collect());
        Search { f, region, seed, starts, slope, bend }
    }

    /// From a start to a place where the gradient is 0: Levenberg 1944 & Marquardt 1963 on ½‖∇f‖².
    fn newton(&self, start: &[f64]) -> Option<Vec<f64>> {
        let n = start.len();
        let mut at = start.to_vec();
        let mut gradient = self.f.gradient_at(&at);
        let mut size = norm(&gradient);
        let mut damping = 1e-3;
        let mut still = 0;
        for _ in 0..300 {
            if !size.is_finite() {
                return None;
            }
            if size == 0.0 || still >= 3 {
                break;
            }
            let hessian = self.f.hessian_at(&at);
            let mut square = vec![0.0; n * n];
            let mut right = vec![0.0; n];
            for i in 0..n {
                for j in 0..n {
                    square[i * n + j] =
                        (0..n).map(|k| hessian[k * n + i] * hessian[k * n + j]).sum();
                }
                right[i] = -(0..n).map(|k| hessian[k * n + i] * gradient[k]).sum::<f64>();
            }
            let trace: f64 = (0..n).map(|i| square[i * n + i]).sum::<f64>() / n as f64;
            for i in 0..n {
                square[i * n + i] += damping * trace;
            }
            let step = solve(square, right)?;
            let next: Vec<f64> = at.iter().zip(&step).map(|(x, d)| x + d).collect();
            let next_gradient = self.f.gradient_at(&next);
            let next_size = norm(&next_gradient);
            let small = norm(&step) <= 1e-13 * (1e-3 * self.region.width() + norm(&at));
            still = if small { still + 1 } else { 0 };
            if next_size < size {
                (at, gradient, size) = (next, next_gradient, next_size);
                damping = if damping < 1e-12 { 0.0 } else { damping * 0.1 };
            } else {
                if small {
                    break;
                }
                damping = (damping * 8.0).max(1e-9);
                if damping > 1e8 {
                    break;
                }
            }
        }
        let arrived = size <= 1e-8 * self.slope.max(1e-290) || size == 0.0;
        (arrived && self.region.holds(&at) && self.f.value_at(&at).is_finite()).then_some(at)
    }

    fn classify(&self, at: Vec<f64>) -> CriticalPoint {
        let n = at.len();
        let at: Vec<f64> = self.snapped(at);
        let eigenvalues = eigenvalues(&self.f.hessian_at(&at), n);
        let largest = eigenvalues.iter().map(|x| x.abs()).fold(0.0, f64::max);
        let nothing = (1e-7 * largest).max(1e-9 * self.bend);
        let up = eigenvalues.iter().filter(|&&x| x > nothing).count();
        let down = eigenvalues.iter().filter(|&&x| x < -nothing).count();
        let kind = match (up, down) {
            _ if eigenvalues.is_empty() => Kind::Degenerate,
            (up, 0) if up == n => Kind::Minimum,
            (0, down) if down == n => Kind::Maximum,
            (up, down) if up > 0 && down > 0 => Kind::Saddle,
            _ => Kind::Degenerate,
        };
        let looks = (kind == Kind::Degenerate).then(|| self.looks(&at));
        let (kind, looks_like) = match looks {
            // On a line both sides can be looked at.
            Some(looks) if n == 1 => (looks, None),
            looks => (kind, looks),
        };
        let value = self.f.value_at(&at);
        CriticalPoint { at, value, kind, eigenvalues, smooth: true, looks_like, root: None }
    }

    /// Coordinates that differ from a round number by rounding only are that number.
    fn snapped(&self, at: Vec<f64>) -> Vec<f64> {
        let round = |x: &f64| {
            let unit = 1e-9 * self.region.width().max(1.0);
            let near = (x / unit).round() * unit;
            let near = format!("{near:.9}").parse().unwrap_or(near);
            if (x - near).abs() < 1e-3 * unit { near } else { *x }
        };
        let tidy: Vec<f64> = at.iter().map(round).collect();
        let better =
            norm(&self.f.gradient_at(&tidy)) <= norm(&self.f.gradient_at(&at)) + 1e-9 * self.slope;
        if better { tidy } else { at }
    }

    /// What f does on small spheres around a point.
    fn looks(&self, at: &[f64]) -> Kind {
        let n = at.len();
        let value = self.f.value_at(at);
        let key = key(self.seed, "spheres");
        let (mut higher, mut lower) = (false, false);
        let (mut left, mut right) = (0.0, 0.0);
        for (i, radius) in [1e-3, 1e-2].into_iter().enumerate() {
            let radius = radius * self.region.width().min(1.0);
            for k in 0..64u64 {
                let direction: Vec<f64> = match (n, k) {
                    (1, _) => vec![if k % 2 == 0 { 1.0 } else { -1.0 }],
                    _ => (0..n as u64)
                        .map(|j| {
                            crate::data::random::normal(key, (k + 64 * i as u64) * n as u64 + j)
                        })
                        .collect(),
                };
                let length = norm(&direction).max(1e-300);
                let there: Vec<f64> =
                    at.iter().zip(&direction).map(|(x, d)| x + radius * d / length).collect();
                let change = self.f.value_at(&there) - value;
                let noise = 1e-14 * (value.abs() + 1e-6 * radius * self.slope);
                higher |= change > noise;
                lower |= change < -noise;
                if n == 1 && direction[0] > 0.0 { right = change } else { left = change }
            }
        }
        match (higher, lower) {
            (true, false) => Kind::Minimum,
            (false, true) => Kind::Maximum,
            (true, true) if n == 1 && left * right < 0.0 => Kind::Inflection,
            (true, true) => Kind::Saddle,
            (false, false) => Kind::Degenerate,
        }
    }

    /// Adds a point unless it is there.
    fn add(&self, points: &mut Vec<CriticalPoint>, point: CriticalPoint) {
        // Where second derivatives vanish, the place is known to fewer digits.
        let room =
            |p: &CriticalPoint| -> f64 { if p.kind == Kind::Degenerate { 1e-3 } else { 1e-6 } };
        let width = self.region.width();
        let known = points
            .iter()
            .any(|other| distance(&other.at, &point.at) < room(other).max(room(&point)) * width);
        if !known && points.len() <= MOST_POINTS {
            points.push(point);
        }
    }

    fn on_a_line(self) -> CriticalPoints {
        let slope = |x: f64| self.f.gradient_at(&[x])[0];
        let slopes: Vec<f64> = self.starts.iter().map(|at| slope(at[0])).collect();
        let mut points = Vec::new();
        for i in 0..slopes.len() {
            if slopes[i] == 0.0 {
                self.add(&mut points, self.on_line(self.starts[i][0]));
            }
            let Some(next) = slopes.get(i + 1) else { continue };
            // An infinite slope on the grid itself: a cusp, or a pole.
            let cusp = slopes[i].is_infinite() && i > 0 && slopes[i - 1] * next < 0.0;
            if cusp && self.f.value_at(&self.starts[i]).is_finite() {
                self.add(&mut points, self.on_line(self.starts[i][0]));
            }
            if slopes[i].is_finite() && next.is_finite() && slopes[i] * next < 0.0 {
                if let Some(x) = self.between(self.starts[i][0], self.starts[i + 1][0]) {
                    self.add(&mut points, self.on_line(x));
                }
            }
            // f′ may touch 0 without changing its sign.
            let lowest =
                i > 0 && slopes[i].abs() <= slopes[i - 1].abs() && slopes[i].abs() <= next.abs();
            if lowest {
                if let Some(at) = self.newton(&self.starts[i]) {
                    self.add(&mut points, self.on_line(at[0]));
                }
            }
        }
        points.sort_by(|a, b| a.at[0].total_cmp(&b.at[0]));
        let constant = slopes.iter().all(|&x| x == 0.0);
        if constant {
            points.clear();
        }
        CriticalPoints { points, starts: self.starts.len(), constant, ..nothing() }
    }

    /// A point on the line, which may be a kink.
    fn on_line(&self, x: f64) -> CriticalPoint {
        let h = 1e-7 * (self.region.width().min(1.0) + x.abs());
        let slope = |x: f64| self.f.gradient_at(&[x])[0];
        let (left, right) = (slope(x - h), slope(x + h));
        let jump = (right - left).abs() > 1e-3 * (left.abs() + right.abs()).max(self.slope)
            && left * right < 0.0;
        let mut point = self.classify(vec![x]);
        if jump {
            point.smooth = false;
            point.kind = if left < 0.0 { Kind::Minimum } else { Kind::Maximum };
        }
        point
    }

    /// Where f′ changes its sign between two places; `None` at a pole.
    fn between(&self, mut low: f64, mut high: f64) -> Option<f64> {
        let slope = |x: f64| self.f.gradient_at(&[x])[0];
        let (first, second) = (slope(low), slope(high));
        let (largest, width) = (first.abs().max(second.abs()), high - low);
        for _ in 0..200 {
            let middle = low + 0.5 * (high - low);
            if middle <= low || middle >= high {
                break;
            }
            let value = slope(middle);
            if value == 0.0 {
                return Some(middle);
            }
            if value.is_nan() {
                return None;
            }
            if (value < 0.0) == (first < 0.0) { low = middle } else { high = middle }
        }
        let at = if slope(low).abs() < slope(high).abs() { low } else { high };
        // Rise times run: it vanishes with the interval at a root, a kink and a cusp, not at a pole.
        let sound = slope(at).abs() * (high - low) <= 1e-3 * largest * width;
        (sound && self.f.value_at(&[at]).is_finite()).then_some(at)
    }

    fn in_space(self) -> CriticalPoints {
        let mut points: Vec<CriticalPoint> = Vec::new();
        for start in &self.starts {
            if let Some(at) = self.newton(start) {
                self.add(&mut points, self.classify(at));
            }
        }
        for at in self.kinks() {
            let value = self.f.value_at(&at);
            let kink = CriticalPoint {
                at,
                value,
                kind: Kind::Minimum,
                eigenvalues: Vec::new(),
                smooth: false,
                looks_like: None,
                root: None,
            };
            self.add(&mut points, kink);
        }
        self.thin_flats(&mut points);
        points.sort_by(|a, b| a.value.total_cmp(&b.value));
        CriticalPoints { points, starts: self.starts.len(), ..nothing() }
    }

    /// Of a whole line or plane of degenerate points at one height a few are enough.
    fn thin_flats(&self, points: &mut Vec<CriticalPoint>) {
        let mut kept: Vec<f64> = Vec::new();
        points.retain(|point| {
            if point.kind != Kind::Degenerate {
                return true;
            }
            let near = |v: &&f64| (**v - point.value).abs() <= 1e-9 * (1.0 + point.value.abs());
            let count = kept.iter().filter(near).count();
            kept.push(point.value);
            count < 5
        });
    }

    /// Minima without a gradient, such as the tip of √(x² + y²): from the lowest starts, always to the
    /// lowest neighbor along the axes, with ever shorter steps.
    fn kinks(&self) -> Vec<Vec<f64>> {
        let n = self.region.bounds.len();
        let value = |at: &[f64]| {
            let value = self.f.value_at(at);
            if value.is_nan() { f64::INFINITY } else { value }
        };
        let mut order: Vec<&Vec<f64>> = self.starts.iter().collect();
        order.sort_by(|a, b| value(a).total_cmp(&value(b)));
        let mut found: Vec<Vec<f64>> = Vec::new();
        for start in order.into_iter().take(24) {
            let mut at = start.clone();
            let mut low = value(&at);
            let mut step = 0.05 * self.region.width();
            let mut budget = 4000;
            while step > 1e-13 * self.region.width() && budget > 0 {
                let mut better = false;
                for axis in 0..2 * n {
                    let mut next = at.clone();
                    next[axis / 2] += if axis % 2 == 0 { step } else { -step };
                    budget -= 1;
                    let there = value(&next);
                    if there < low && self.region.holds(&next) {
                        (at, low, better) = (next, there, true);
                    }
                }
                if !better {
                    step *= 0.5;
                }
            }
            let rounded: Vec<f64> = at.iter().map(|x| (x * 1e9).round() / 1e9).collect();
            if value(&rounded) <= low {
                at = rounded;
            }
            if self.is_kink(&at) {
                found.push(at);
            }
        }
        found
    }

    /// Whether f rises from a point in all directions, in proportion to the way: so there is no slope 0.
    fn is_kink(&self, at: &[f64]) -> bool {
        let n = at.len();
        let low = self.f.value_at(at);
        let key = key(self.seed, "kinks");
        let rise = |radius: f64| {
            (0..64u64)
                .map(|k| {
                    let direction: Vec<f64> = (0..n as u64)
                        .map(|j| crate::data::random::normal(key, k * n as u64 + j))
                        .collect();
                    let length = norm(&direction).max(1e-300);
                    let there: Vec<f64> =
                        at.iter().zip(&direction).map(|(x, d)| x + radius * d / length).collect();
                    (self.f.value_at(&there) - low) / radius
                })
                .fold(f64::INFINITY, f64::min)
        };
        let unit = self.region.width().min(1.0);
        let (near, nearer) = (rise(1e-4 * unit), rise(1e-6 * unit));
        low.is_finite() && nearer > 0.0 && nearer > 0.3 * near && nearer > 1e-4 * self.slope
    }
}
