//! The search for critical points from many starts: Newton's method, and what lies at a place.

use super::super::Formula;
use super::super::linear::{distance, eigenvalues, eigenvectors, norm, solve};
use super::{CriticalPoint, Kind, Region};
use crate::data::random::{key, normal, uniform};

pub(super) struct Search<'a> {
    pub(super) f: &'a Formula,
    pub(super) region: &'a Region,
    pub(super) seed: u64,
    pub(super) starts: Vec<Vec<f64>>,
    /// Usual size of the gradient, and of each of its components.
    pub(super) slope: f64,
    slopes: Vec<f64>,
    /// Usual size of second derivatives, each divided by the roots of its two slopes.
    pub(super) bend: f64,
}

impl<'a> Search<'a> {
    pub(super) fn new(f: &'a Formula, region: &'a Region, seed: u64) -> Search<'a> {
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
        let gradients: Vec<Vec<f64>> = some().map(|at| f.gradient_at(at)).collect();
        let slope = usual(gradients.iter().map(|g| norm(g)).collect());
        let of = |i: usize| gradients.iter().map(|g| g[i].abs()).filter(|&x| x > 0.0).collect();
        let slopes: Vec<f64> = (0..n).map(|i| usual(of(i))).collect();
        let most = slopes.iter().copied().fold(0.0, f64::max).max(1e-290);
        let slopes = slopes.into_iter().map(|x| x.max(1e-18 * most)).collect();
        let mut search = Search { f, region, seed, starts: Vec::new(), slope, slopes, bend: 0.0 };
        search.bend = usual(some().map(|at| norm(&search.even(f.hessian_at(at)))).collect());
        search.starts = starts;
        search
    }

    /// Second derivatives as they are where every variable is measured so that its slopes are usual: their
    /// signs are the same (Sylvester 1852), but none is lost beside a much larger one.
    fn even(&self, mut hessian: Vec<f64>) -> Vec<f64> {
        let n = self.slopes.len();
        for i in 0..n {
            for j in 0..n {
                hessian[i * n + j] /= self.slopes[i].sqrt() * self.slopes[j].sqrt();
            }
        }
        hessian
    }

    /// The gradient, each component by its usual size.
    fn residual(&self, at: &[f64]) -> Vec<f64> {
        self.f.gradient_at(at).iter().zip(&self.slopes).map(|(g, usual)| g / usual).collect()
    }

    /// What counts as no curvature, of second derivatives as they are, beside the largest.
    pub(super) fn no_curvature(&self, largest: f64) -> f64 {
        (1e-7 * largest).max(1e-9 * self.bend)
    }

    /// From a start to a place of the region where the gradient is 0.
    pub(super) fn newton(&self, start: &[f64]) -> Option<Vec<f64>> {
        self.newton_anywhere(start).filter(|at| self.region.holds(at))
    }

    /// From a start to a place where the gradient is 0: Levenberg 1944 & Marquardt 1963 on half the square
    /// of the residual.
    pub(super) fn newton_anywhere(&self, start: &[f64]) -> Option<Vec<f64>> {
        let n = start.len();
        let mut at = start.to_vec();
        let mut gradient = self.residual(&at);
        let mut size = norm(&gradient);
        let mut damping = 1e-3;
        let (mut still, mut settled) = (0, false);
        for _ in 0..300 {
            if !size.is_finite() {
                return None;
            }
            if size == 0.0 || still >= 3 {
                break;
            }
            let mut hessian = self.f.hessian_at(&at);
            for (k, row) in hessian.chunks_mut(n).enumerate() {
                row.iter_mut().for_each(|x| *x /= self.slopes[k]);
            }
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
            let next_gradient = self.residual(&next);
            let next_size = norm(&next_gradient);
            let small = norm(&step) <= 1e-13 * (1e-3 * self.region.width() + norm(&at));
            still = if small { still + 1 } else { 0 };
            settled = small && damping <= 1e-3;
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
        // A component that is tiny nearly everywhere may stay above its usual size by rounding.
        let rounding = settled && norm(&self.f.gradient_at(&at)) <= 1e-8 * self.slope;
        let arrived = size <= 1e-8 || rounding;
        (arrived && self.f.value_at(&at).is_finite()).then_some(at)
    }

    pub(super) fn classify(&self, at: Vec<f64>) -> CriticalPoint {
        let n = at.len();
        let at: Vec<f64> = self.snapped(at);
        let eigenvalues = eigenvalues(&self.f.hessian_at(&at), n);
        let signs = self.curvatures(&at);
        let largest = signs.iter().map(|x| x.abs()).fold(0.0, f64::max);
        let nothing = self.no_curvature(largest);
        let up = signs.iter().filter(|&&x| x > nothing).count();
        let down = signs.iter().filter(|&&x| x < -nothing).count();
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
        CriticalPoint { eigenvalues, looks_like, ..CriticalPoint::new(at, value, kind) }
    }

    /// Eigenvalues of the evened Hessian.
    fn curvatures(&self, at: &[f64]) -> Vec<f64> {
        eigenvalues(&self.even(self.f.hessian_at(at)), at.len())
    }

    /// The same, with the direction of each, of length 1 in the variables as they are.
    pub(super) fn curvature_directions(&self, at: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let (values, mut vectors) = eigenvectors(&self.even(self.f.hessian_at(at)), at.len());
        for vector in &mut vectors {
            vector.iter_mut().zip(&self.slopes).for_each(|(x, usual)| *x /= usual.sqrt());
            let length = norm(vector).max(1e-300);
            vector.iter_mut().for_each(|x| *x /= length);
        }
        (values, vectors)
    }

    /// Coordinates that differ from a round number by rounding only are that number.
    pub(super) fn snapped(&self, at: Vec<f64>) -> Vec<f64> {
        let tidy: Vec<f64> = at.iter().map(|&x| self.snapped_to(x)).collect();
        let better = norm(&self.residual(&tidy)) <= norm(&self.residual(&at)) + 1e-9;
        if better { tidy } else { at }
    }

    /// A number, or the round one that it differs from by rounding only.
    pub(super) fn snapped_to(&self, x: f64) -> f64 {
        let unit = 1e-9 * self.region.width().max(1.0);
        let near = (x / unit).round() * unit;
        let near = format!("{near:.9}").parse().unwrap_or(near);
        // Never the negative zero.
        if (x - near).abs() < 1e-3 * unit { near + 0.0 } else { x }
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
                        .map(|j| normal(key, (k + 64 * i as u64) * n as u64 + j))
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
    pub(super) fn add(&self, points: &mut Vec<CriticalPoint>, point: CriticalPoint) {
        // Where second derivatives vanish, the place is known to fewer digits.
        let room =
            |p: &CriticalPoint| -> f64 { if p.kind == Kind::Degenerate { 1e-3 } else { 1e-6 } };
        let width = self.region.width();
        let known = points
            .iter()
            .any(|other| distance(&other.at, &point.at) < room(other).max(room(&point)) * width);
        if !known {
            points.push(point);
        }
    }
}
