//! Many starts, and which minimum each reaches.

use super::descent::{DescentOptions, descend, minimum_near};
use super::linear::distance;
use super::{CriticalPoints, Formula, Kind, Region, Stopped};
use crate::data::random::key;

/// Many descents from random starts.
#[derive(Debug, Clone)]
pub struct Basins {
    /// The minima that were reached, the lowest first.
    pub minima: Vec<BasinMinimum>,
    /// Every start, and the index of the minimum that it reached.
    pub starts: Vec<(Vec<f64>, Option<usize>)>,
    /// How many ran off.
    pub diverged: usize,
}

/// A minimum and how many starts reached it.
#[derive(Debug, Clone)]
pub struct BasinMinimum {
    /// Where.
    pub at: Vec<f64>,
    /// f there.
    pub value: f64,
    /// Starts that reached it.
    pub count: usize,
}

/// Descends from `count` random starts in the region. Where a descent stops within reach of a minimum,
/// that is the one it has reached; where it only became slow, Newton's method says which minimum it was
/// on its way to.
#[must_use]
pub fn basins(
    f: &Formula,
    region: &Region,
    known: &CriticalPoints,
    count: usize,
    seed: u64,
    options: &DescentOptions,
) -> Basins {
    let key = key(seed, "starts");
    let near = 1e-4 * region.width();
    let minimum = |point: &&super::CriticalPoint| {
        point.kind == Kind::Minimum || point.looks_like == Some(Kind::Minimum)
    };
    let mut minima: Vec<BasinMinimum> = known
        .points
        .iter()
        .filter(minimum)
        .map(|p| BasinMinimum { at: p.at.clone(), value: p.value, count: 0 })
        .collect();
    let mut starts = Vec::with_capacity(count);
    let mut diverged = 0;
    for i in 0..count as u64 {
        let start = region.random(key, i);
        let descent = descend(f, &start, options);
        if descent.stopped == Stopped::Diverged {
            diverged += 1;
            starts.push((start, None));
            continue;
        }
        let end = descent.end();
        let there = |minima: &[BasinMinimum], at: &[f64]| {
            minima.iter().position(|m| distance(&m.at, at) < near)
        };
        let mut reached = there(&minima, end);
        if reached.is_none() {
            if let Some((at, value)) = minimum_near(f, end) {
                reached = there(&minima, &at).or_else(|| {
                    minima.push(BasinMinimum { at, value, count: 0 });
                    Some(minima.len() - 1)
                });
            }
        }
        if let Some(index) = reached {
            minima[index].count += 1;
        }
        starts.push((start, reached));
    }
    in_order(minima, starts, diverged)
}

/// The reached minima, the lowest first; starts follow.
fn in_order(
    minima: Vec<BasinMinimum>,
    mut starts: Vec<(Vec<f64>, Option<usize>)>,
    diverged: usize,
) -> Basins {
    let mut order: Vec<usize> = (0..minima.len()).filter(|&i| minima[i].count > 0).collect();
    order.sort_by(|&a, &b| minima[a].value.total_cmp(&minima[b].value));
    let mut place = vec![None; minima.len()];
    order.iter().enumerate().for_each(|(new, &old)| place[old] = Some(new));
    starts.iter_mut().for_each(|(_, index)| *index = index.and_then(|old| place[old]));
    Basins { minima: order.iter().map(|&i| minima[i].clone()).collect(), starts, diverged }
}
