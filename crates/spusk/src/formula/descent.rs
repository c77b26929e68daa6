//! Gradient descent on a formula, exactly as it is taught, and an honest word about where it ended.

use serde::Serialize;

use super::linear::{distance, eigenvalues, norm, solve};
use super::{Formula, Kind, Region};
use crate::data::random::{key, normal};

/// A coordinate beyond this is taken as on its way to infinity.
const TOO_FAR: f64 = 1e12;

/// How a descent goes.
#[derive(Debug, Clone, PartialEq)]
pub struct DescentOptions {
    /// The step η.
    pub learning_rate: f64,
    /// It stops when |new − old| is below this.
    pub threshold: f64,
    /// It stops after so many steps.
    pub max_steps: usize,
}

/// Why a descent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// |new − old| fell below the threshold.
    Threshold,
    /// All steps were taken.
    MaxSteps,
    /// It ran off to infinity, or to where f is not defined.
    Diverged,
}

/// A descent with all its points.
#[derive(Debug, Clone)]
pub struct Descent {
    /// Every point, the start first.
    pub path: Vec<Vec<f64>>,
    /// f at every point.
    pub values: Vec<f64>,
    /// Why it ended.
    pub stopped: Stopped,
}

impl Descent {
    pub(crate) fn from(f: &Formula, start: &[f64]) -> Descent {
        let values = vec![f.value_at(start)];
        Descent { path: vec![start.to_vec()], values, stopped: Stopped::MaxSteps }
    }

    /// Adds a point; whether the descent is over with it.
    pub(crate) fn step(&mut self, f: &Formula, next: Vec<f64>, threshold: f64) -> bool {
        let moved = distance(&next, self.end());
        let value = f.value_at(&next);
        let lost = !value.is_finite() || next.iter().any(|x| x.is_nan() || x.abs() > TOO_FAR);
        self.path.push(next);
        self.values.push(value);
        if lost {
            self.stopped = Stopped::Diverged;
        } else if moved < threshold {
            self.stopped = Stopped::Threshold;
        }
        lost || moved < threshold
    }

    /// The last point.
    #[must_use]
    pub fn end(&self) -> &[f64] {
        self.path.last().expect("a descent has its start")
    }

    /// f at the last point.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.values.last().copied().unwrap_or(f64::NAN)
    }

    /// Steps taken.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.path.len() - 1
    }
}

/// new = old − η·∇f(old), until |new − old| < threshold. Cauchy 1847.
#[must_use]
pub fn descend(f: &Formula, start: &[f64], options: &DescentOptions) -> Descent {
    let mut descent = Descent::from(f, start);
    if !descent.values[0].is_finite() {
        descent.stopped = Stopped::Diverged;
        return descent;
    }
    for _ in 0..options.max_steps {
        let old = descent.end();
        let gradient = f.gradient_at(old);
        let next = old.iter().zip(&gradient).map(|(x, g)| x - options.learning_rate * g).collect();
        if descent.step(f, next, options.threshold) {
            break;
        }
    }
    descent
}

/// A rate that suits a formula, and the curvature that it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateChoice {
    /// 1/λ.
    pub learning_rate: f64,
    /// λ, the largest curvature that was met; `None` if there was none above 0, where the rate is 0.1.
    pub curvature: Option<f64>,
}

/// 1/λ, where λ is the largest curvature at the start and at 64 random points of the region: no step
/// of a descent that stays among such curvatures goes up.
#[must_use]
pub fn choose_rate(f: &Formula, region: &Region, start: &[f64], seed: u64) -> RateChoice {
    let key = key(seed, "curvature");
    let mut largest: f64 = 0.0;
    for at in std::iter::once(start.to_vec()).chain((0..64).map(|i| region.random(key, i))) {
        for value in eigenvalues(&f.hessian_at(&at), at.len()) {
            largest = largest.max(value.abs());
        }
    }
    match largest {
        l if l > 1e-9 && l.is_finite() => RateChoice { learning_rate: 1.0 / l, curvature: Some(l) },
        _ => RateChoice { learning_rate: 0.1, curvature: None },
    }
}

/// What is true of the place where a descent ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// ‖∇f‖ there.
    pub slope: f64,
    /// Eigenvalues of the Hessian there, rising.
    pub curvatures: Vec<f64>,
    /// The minimum that Newton's method finds from there, with f in it.
    pub minimum: Option<(Vec<f64>, f64)>,
    /// How far away that is.
    pub distance: Option<f64>,
    /// What to make of it.
    pub verdict: Verdict,
}

/// What to make of the end of a descent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A minimum is within ten thresholds.
    AtMinimum,
    /// The steps became short, but a minimum is farther than ten thresholds away.
    ShortSteps,
    /// A saddle is within ten thresholds: a way down exists.
    Saddle,
    /// A maximum is within ten thresholds.
    Maximum,
    /// Of one variable: level within ten thresholds, but lower on one side.
    Inflection,
    /// Steps ran out on the way down.
    OnTheWay,
    /// Level within rounding, and neither second derivatives nor the surroundings say what it is.
    Level,
    /// It ran off, always downward, and f falls on beyond.
    Endless,
    /// It ran off.
    Diverged,
}

/// Looks around where a descent ended: whether it stopped because a minimum is near, or only because
/// its steps became short.
#[must_use]
pub fn audit(f: &Formula, descent: &Descent, options: &DescentOptions) -> Audit {
    let end = descent.end();
    let slope = norm(&f.gradient_at(end));
    let curvatures = eigenvalues(&f.hessian_at(end), end.len());
    let mut audit =
        Audit { slope, curvatures, minimum: None, distance: None, verdict: Verdict::Diverged };
    if descent.stopped == Stopped::Diverged {
        if falls_on(f, descent) {
            audit.verdict = Verdict::Endless;
        }
        return audit;
    }
    let near = 10.0 * options.threshold;
    audit.minimum = minimum_near(f, end);
    audit.distance = audit.minimum.as_ref().map(|(at, _)| distance(at, end));
    let level = level_near(f, end, near);
    audit.verdict = match audit.distance {
        Some(far) if far <= near => Verdict::AtMinimum,
        _ if level == Some(Kind::Saddle) => Verdict::Saddle,
        _ if level == Some(Kind::Maximum) => Verdict::Maximum,
        _ if level == Some(Kind::Inflection) => Verdict::Inflection,
        _ if level.is_some() => Verdict::Level,
        _ if descent.stopped == Stopped::Threshold => Verdict::ShortSteps,
        _ => Verdict::OnTheWay,
    };
    audit
}

/// Whether a descent that ran off went down at every step, and f goes on falling in its direction, no
/// slower from each power of ten to the next.
fn falls_on(f: &Formula, descent: &Descent) -> bool {
    let defined = descent.values.iter().take_while(|x| x.is_finite()).count();
    let values = &descent.values[..defined];
    let Some(last) = defined.checked_sub(1).filter(|&last| last > 0) else { return false };
    if values.windows(2).any(|pair| pair[1] > pair[0]) {
        return false;
    }
    let (start, end) = (&descent.path[0], &descent.path[last]);
    let way = distance(start, end).max(1e-300);
    let along = |far: f64| {
        let at: Vec<f64> = start.iter().zip(end).map(|(a, b)| a + (b - a) / way * far).collect();
        f.value_at(&at)
    };
    let size = way.max(norm(start)).clamp(1.0, 1e12);
    let heights = [size, 10.0 * size, 100.0 * size, 1000.0 * size].map(along);
    let drops: Vec<f64> = heights.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let on = |pair: &[f64]| pair[1] >= pair[0] * (1.0 - 1e-6) || pair[1] == f64::INFINITY;
    drops[0] > 0.0 && drops.iter().all(|x| !x.is_nan()) && drops.windows(2).all(on)
}

/// What lies within `near` of a place, if Newton's method on the gradient finds a level place there.
fn level_near(f: &Formula, from: &[f64], near: f64) -> Option<Kind> {
    let n = from.len();
    let mut at = from.to_vec();
    for _ in 0..100 {
        let gradient = f.gradient_at(&at);
        if norm(&gradient) == 0.0 {
            break;
        }
        let step = solve(f.hessian_at(&at), gradient.iter().map(|g| -g).collect())?;
        at.iter_mut().zip(&step).for_each(|(x, d)| *x += d);
        if distance(&at, from) > near {
            return None;
        }
        if norm(&step) <= 1e-14 * (1e-3 + norm(&at)) {
            break;
        }
    }
    if distance(&at, from) > near {
        return None;
    }
    let curvatures = eigenvalues(&f.hessian_at(&at), n);
    let (least, most) = (*curvatures.first()?, *curvatures.last()?);
    // Beside the curvatures around, those of a degenerate place are 0.
    let around = eigenvalues(&f.hessian_at(from), n).iter().fold(1e-3, |a: f64, x| a.max(x.abs()));
    let nothing = 1e-6 * least.abs().max(most.abs()).max(1e-3 * around);
    Some(match (least, most) {
        (least, most) if least < -nothing && most > nothing => Kind::Saddle,
        (_, most) if most < -nothing => Kind::Maximum,
        (least, _) if least > nothing => Kind::Minimum,
        (least, _) if least < -nothing => Kind::Saddle,
        _ => surroundings(f, &at),
    })
}

/// What f does on small spheres around a level place: along the axes and the diagonals.
fn surroundings(f: &Formula, at: &[f64]) -> Kind {
    let n = at.len();
    let value = f.value_at(at);
    let key = key(0, "surroundings");
    let (mut higher, mut lower) = (false, false);
    for k in 0..(2 * n + 64) as u64 {
        let direction: Vec<f64> = match k as usize {
            k if k < 2 * n => (0..n)
                .map(|i| f64::from(u8::from(i == k / 2)) * if k % 2 == 0 { 1.0 } else { -1.0 })
                .collect(),
            _ => (0..n as u64).map(|j| normal(key, k * n as u64 + j)).collect(),
        };
        let length = norm(&direction).max(1e-300);
        for radius in [1e-3, 1e-2] {
            let radius = radius * (1.0 + norm(at));
            let there: Vec<f64> =
                at.iter().zip(&direction).map(|(x, d)| x + radius * d / length).collect();
            let change = f.value_at(&there) - value;
            let rounding = 4.0 * f64::EPSILON * value.abs();
            higher |= change > rounding;
            lower |= change < -rounding;
        }
    }
    match (higher, lower) {
        (true, false) => Kind::Minimum,
        (false, true) => Kind::Maximum,
        (true, true) if n == 1 => Kind::Inflection,
        (true, true) => Kind::Saddle,
        (false, false) => Kind::Degenerate,
    }
}

/// Newton's method from a place, made to go down: curvatures are taken by their absolute size through
/// damping until f falls. Ends in a minimum or not at all.
pub(crate) fn minimum_near(f: &Formula, from: &[f64]) -> Option<(Vec<f64>, f64)> {
    let n = from.len();
    let mut at = from.to_vec();
    let mut value = f.value_at(&at);
    let mut damping = 0.0;
    let mut scale: f64 = 0.0;
    for _ in 0..500 {
        let gradient = f.gradient_at(&at);
        let hessian = f.hessian_at(&at);
        let curvatures = eigenvalues(&hessian, n);
        let (least, most) = (*curvatures.first()?, *curvatures.last()?);
        let size = most.abs().max(least.abs()).max(1e-300);
        scale = scale.max(size);
        let lift = damping * size + if least <= 1e-12 * size { 1e-3 * size - least } else { 0.0 };
        let mut lifted = hessian;
        (0..n).for_each(|i| lifted[i * n + i] += lift);
        let step = solve(lifted, gradient.iter().map(|g| -g).collect())?;
        let next: Vec<f64> = at.iter().zip(&step).map(|(x, d)| x + d).collect();
        let there = f.value_at(&next);
        let short = norm(&step) <= 1e-12 * (1e-3 + norm(&at));
        if short && damping < 1.0 {
            let settled = norm(&gradient) <= 1e-6 * size * (1.0 + norm(&at));
            // Where curvatures vanish beside those on the way, only the surroundings tell.
            let bends = least > 1e-9 * size && size > 1e-7 * scale;
            let flat = least >= -1e-7 * scale && surroundings(f, &at) == Kind::Minimum;
            let low = settled && (bends || flat);
            return low.then(|| rounded(f, at, value));
        }
        // Rounding in f hides what happens at the very bottom.
        if there <= value + 1e-15 * value.abs() {
            (at, value) = (next, there);
            damping *= 0.1;
        } else {
            damping = (damping * 10.0_f64).max(1e-3);
            if damping > 1e9 {
                return None;
            }
        }
    }
    None
}

/// Coordinates and a value that are 0 but for rounding are 0.
fn rounded(f: &Formula, at: Vec<f64>, value: f64) -> (Vec<f64>, f64) {
    let size = norm(&at);
    let tidy = |x: &f64| if x.abs() <= 1e-12 * size.max(1e-2) { 0.0 } else { *x };
    let near: Vec<f64> = at.iter().map(tidy).collect();
    let there = f.value_at(&near);
    if there <= value + 1e-15 * value.abs() { (near, there) } else { (at, value) }
}
