//! The search in two and more variables.

use super::super::linear::norm;
use super::search::Search;
use super::{CriticalPoint, CriticalPoints, Kind, nothing};
use crate::data::random::{key, normal};

impl Search<'_> {
    pub(super) fn in_space(self) -> CriticalPoints {
        let mut points: Vec<CriticalPoint> = Vec::new();
        for start in &self.starts {
            if let Some(at) = self.newton(start) {
                self.add(&mut points, self.classify(at));
            }
        }
        let mut points = self.by_component(points);
        for at in self.kinks() {
            let value = self.f.value_at(&at);
            let kink =
                CriticalPoint { smooth: false, ..CriticalPoint::new(at, value, Kind::Minimum) };
            self.add(&mut points, kink);
        }
        points.sort_by(|a, b| a.value.total_cmp(&b.value));
        CriticalPoints { points, starts: self.starts.len(), ..nothing() }
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
                    let direction: Vec<f64> =
                        (0..n as u64).map(|j| normal(key, k * n as u64 + j)).collect();
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
