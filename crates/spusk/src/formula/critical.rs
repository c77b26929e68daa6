//! Where the gradient is 0, and what lies there.

use serde::Serialize;

mod component;
mod line;
mod search;
mod space;

use super::Formula;
use super::polynomial::{Root, coefficients, real_roots};
use crate::data::random::uniform;
use search::Search;

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
    /// In how many directions the gradient stays 0: 0 if the point is isolated, 1 if it stands for a line
    /// of critical points, 2 for a surface.
    pub dimensions: usize,
    /// Of one variable, where the gradient is 0 (in f64) along a whole stretch: from where to where.
    pub stretch: Option<[f64; 2]>,
}

impl CriticalPoint {
    fn new(at: Vec<f64>, value: f64, kind: Kind) -> CriticalPoint {
        CriticalPoint {
            at,
            value,
            kind,
            eigenvalues: Vec::new(),
            smooth: true,
            looks_like: None,
            root: None,
            dimensions: 0,
            stretch: None,
        }
    }
}

/// What ends at an [`End`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// The interval that was asked for.
    Interval,
    /// The part of the line where f is defined.
    Domain,
}

/// A place that f has no value at, and no bound around.
#[derive(Debug, Clone, PartialEq)]
pub struct Pole {
    /// Where.
    pub at: f64,
    /// f just left of it, if it is defined there.
    pub left: Option<f64>,
    /// f just right of it, if it is defined there.
    pub right: Option<f64>,
}

/// An end of an interval.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// What ends here.
    pub edge: Edge,
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
    /// The ends of the interval, if one was asked for, and those of the parts where f is defined.
    pub ends: Vec<End>,
    /// Of one variable: where f grows or falls without bound.
    pub poles: Vec<Pole>,
    /// Whether f′ changes its sign so often that the search must have missed points.
    pub crowded: bool,
    /// A place of the region where f is lower than at all points and ends.
    pub lower: Option<(Vec<f64>, f64)>,
    /// A place of the region where f is higher than at all points and ends.
    pub higher: Option<(Vec<f64>, f64)>,
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
        found.ends.extend(ends(f, region.bounds[0]));
    }
    (found.lower, found.higher) = beyond(f, region, &found);
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
        poles: Vec::new(),
        crowded: false,
        lower: None,
        higher: None,
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
        End { edge: Edge::Interval, at, value, kind }
    };
    vec![end(low, 1.0), end(high, -1.0)]
}

/// A place of the region.
type Place = Option<(Vec<f64>, f64)>;

/// Where f is lower, and where higher, than at everything that was found: of some places of the region.
fn beyond(f: &Formula, region: &Region, found: &CriticalPoints) -> (Place, Place) {
    let n = region.bounds.len();
    if n == 0 || found.constant || found.points.is_empty() && found.ends.is_empty() {
        return (None, None);
    }
    let key = crate::data::random::key(0, "values of the region");
    let corners = (0..1u64 << n.min(10)).map(|c| region.at(|i| (c >> i.min(63) & 1) as f64));
    let some: Vec<(Vec<f64>, f64)> = (corners.chain((0..500).map(|i| region.random(key, i))))
        .map(|at| (f.value_at(&at), at))
        .filter(|(value, _)| value.is_finite())
        .map(|(value, at)| (at, value))
        .collect();
    let points = found.points.iter().map(|p| p.value);
    let known = points.chain(found.ends.iter().map(|e| e.value)).filter(|x| x.is_finite());
    let (least, most) =
        known.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    let room = 1e-9 * some.iter().map(|(_, value)| value.abs()).fold(0.0, f64::max);
    let lowest = some.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let highest = some.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    (
        lowest.filter(|(_, value)| *value < least - room).cloned(),
        highest.filter(|(_, value)| *value > most + room).cloned(),
    )
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
        let point = CriticalPoint::new(at, value, kind);
        points.push(CriticalPoint { eigenvalues, root: Some(root), ..point });
    }
    points.reverse();
    points.retain(|point| !region.given || region.holds(&point.at));
    Some(CriticalPoints { points, exact: true, ..nothing() })
}
