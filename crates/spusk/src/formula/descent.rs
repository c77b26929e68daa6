//! Gradient descent on a formula, exactly as it is taught, and an honest word about where it ended.

use serde::Serialize;

use super::linear::{distance, eigenvalues, norm, solve};
use super::{Formula, Region};
use crate::data::random::key;

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
    /// Level, but a way down exists.
    Saddle,
    /// Steps ran out on the way down.
    OnTheWay,
    /// Level within rounding, and second derivatives do not say what it is.
    Level,
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
        return audit;
    }
    audit.minimum = minimum_near(f, end);
    audit.distance = audit.minimum.as_ref().map(|(at, _)| distance(at, end));
    let largest = audit.curvatures.iter().map(|c| c.abs()).fold(0.0, f64::max);
    let least = audit.curvatures.first().copied().unwrap_or(0.0);
    // Steps along a way down would still be shorter than the threshold.
    let level = slope * options.learning_rate < 2.0 * options.threshold;
    audit.verdict = match audit.distance {
        Some(far) if far <= 10.0 * options.threshold => Verdict::AtMinimum,
        _ if level && least < -1e-6 * largest => Verdict::Saddle,
        Some(_) if descent.stopped == Stopped::Threshold => Verdict::ShortSteps,
        None if slope <= 1e-12 * (1.0 + largest) => Verdict::Level,
        None if descent.stopped == Stopped::Threshold => Verdict::ShortSteps,
        _ => Verdict::OnTheWay,
    };
    audit
}

/// Newton's method from a place, made to go down: curvatures are taken by their absolute size through
/// damping until f falls. Ends in a minimum or not at all.
pub(crate) fn minimum_near(f: &Formula, from: &[f64]) -> Option<(Vec<f64>, f64)> {
    let n = from.len();
    let mut at = from.to_vec();
    let mut value = f.value_at(&at);
    let mut damping = 0.0;
    for _ in 0..500 {
        let gradient = f.gradient_at(&at);
        let hessian = f.hessian_at(&at);
        let curvatures = eigenvalues(&hessian, n);
        let (least, most) = (*curvatures.first()?, *curvatures.last()?);
        let size = most.abs().max(least.abs()).max(1e-300);
        let lift = damping * size + if least <= 1e-12 * size { 1e-3 * size - least } else { 0.0 };
        let mut lifted = hessian;
        (0..n).for_each(|i| lifted[i * n + i] += lift);
        let step = solve(lifted, gradient.iter().map(|g| -g).collect())?;
        let next: Vec<f64> = at.iter().zip(&step).map(|(x, d)| x + d).collect();
        let there = f.value_at(&next);
        let short = norm(&step) <= 1e-12 * (1e-3 + norm(&at));
        if short && damping < 1.0 {
            let settled = least > 1e-9 * size && norm(&gradient) <= 1e-6 * size * (1.0 + norm(&at));
            return settled.then_some((at, value));
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
