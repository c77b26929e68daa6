//! Critical points that are not isolated: whole lines and surfaces of them.

use super::super::linear::{distance, norm};
use super::CriticalPoint;
use super::search::Search;

/// How many points of a line or surface another one is tied to, at most.
const MOST_TIES: usize = 8;
/// Most steps of a walk along a line or surface.
const MOST_STEPS: usize = 60;

/// A line or surface of critical points, by some of its points.
struct Component {
    shown: CriticalPoint,
    members: Vec<Vec<f64>>,
}

impl Search<'_> {
    /// Says which points are not isolated, and keeps one of each line or surface: the one nearest to the
    /// middle of the region.
    pub(super) fn by_component(&self, points: Vec<CriticalPoint>) -> Vec<CriticalPoint> {
        let mut alone = Vec::new();
        let mut components: Vec<Component> = Vec::new();
        for mut point in points {
            point.dimensions = self.dimensions(&point);
            if point.dimensions == 0 {
                alone.push(point);
                continue;
            }
            let tied = |c: &Component| c.members.iter().any(|at| self.joined(at, &point.at));
            let (of_it, others): (Vec<_>, Vec<_>) =
                std::mem::take(&mut components).into_iter().partition(tied);
            components = others;
            components.push(self.merged(point, of_it));
        }
        alone.extend(components.into_iter().map(|c| c.shown));
        alone
    }

    fn merged(&self, point: CriticalPoint, of_it: Vec<Component>) -> Component {
        let middle = self.region.at(|_| 0.5);
        let mut whole = Component { members: vec![point.at.clone()], shown: point };
        for other in of_it {
            whole.members.extend(other.members);
            let nearer = distance(&other.shown.at, &middle) <= distance(&whole.shown.at, &middle);
            // Where lines cross, the crossing has more free directions than the lines.
            let dimensions = whole.shown.dimensions.min(other.shown.dimensions);
            if nearer {
                whole.shown = other.shown;
            }
            whole.shown.dimensions = dimensions;
        }
        whole.members.truncate(MOST_TIES);
        whole
    }

    /// In how many directions the gradient stays 0 around a critical point.
    fn dimensions(&self, point: &CriticalPoint) -> usize {
        let free = self.free(&point.at);
        let reach = 0.01 * self.region.width();
        let stays = |direction: &[f64]| {
            [reach, -reach, 0.1 * reach, -0.1 * reach].iter().all(|&far| {
                let aim = moved(&point.at, direction, far);
                self.on(&aim).is_some_and(|at| distance(&at, &aim) < 0.3 * far.abs())
            })
        };
        let kept: Vec<&Vec<f64>> = free.iter().filter(|v| stays(v)).collect();
        if kept.len() < 2 {
            return kept.len();
        }
        let diagonal: Vec<f64> = (0..point.at.len())
            .map(|i| kept.iter().map(|v| v[i]).sum::<f64>() / (kept.len() as f64).sqrt())
            .collect();
        if stays(&diagonal) { kept.len() } else { 1 }
    }

    /// Directions without curvature, of length 1.
    fn free(&self, at: &[f64]) -> Vec<Vec<f64>> {
        let (values, vectors) = self.curvature_directions(at);
        let largest = values.iter().map(|x| x.abs()).fold(0.0, f64::max);
        let nothing = self.no_curvature(largest);
        let all = values.into_iter().zip(vectors);
        all.filter(|(value, _)| value.abs() <= nothing).map(|(_, vector)| vector).collect()
    }

    /// The critical point next to a place, if Newton's method finds one.
    fn on(&self, aim: &[f64]) -> Option<Vec<f64>> {
        self.newton_anywhere(aim)
    }

    /// Whether one critical point is reached from the other along critical points.
    fn joined(&self, from: &[f64], to: &[f64]) -> bool {
        let width = self.region.width();
        let mut at = from.to_vec();
        for _ in 0..MOST_STEPS {
            let left = distance(&at, to);
            if left <= 2e-3 * width {
                return true;
            }
            let way: Vec<f64> = at.iter().zip(to).map(|(a, b)| b - a).collect();
            let mut along = vec![0.0; at.len()];
            for v in self.free(&at) {
                let share: f64 = v.iter().zip(&way).map(|(a, b)| a * b).sum();
                along.iter_mut().zip(&v).for_each(|(x, v)| *x += share * v);
            }
            let size = norm(&along);
            if size < 0.02 * left {
                return false;
            }
            let far = size.min(0.05 * width);
            let Some(next) = self.on(&moved(&at, &along, far / size)) else { return false };
            if distance(&next, to) > left - 0.01 * far {
                return false;
            }
            at = next;
        }
        false
    }
}

fn moved(at: &[f64], direction: &[f64], far: f64) -> Vec<f64> {
    at.iter().zip(direction).map(|(x, d)| x + far * d).collect()
}
