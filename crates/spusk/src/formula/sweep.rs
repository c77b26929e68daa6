//! What the step does: too small, good, swinging, diverging.

use super::Formula;
use super::descent::{DescentOptions, Stopped, descend};
use super::linear::{distance, eigenvalues};

/// What became of a descent at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// It arrives, and f falls at every step.
    Smooth,
    /// It arrives, but jumps over the minimum on its way.
    Swinging,
    /// It has not arrived after all steps, and still moves down.
    TooSlow,
    /// It has not arrived after all steps and jumps to and fro.
    Hovering,
    /// It runs off to infinity, or out of where f is defined.
    Diverged,
}

/// A descent at one rate.
#[derive(Debug, Clone)]
pub struct SweepRun {
    /// η.
    pub learning_rate: f64,
    /// Steps taken.
    pub steps: usize,
    /// What became of it.
    pub course: Course,
    /// Where it ended.
    pub end: Vec<f64>,
    /// f at every one of its first points, to be drawn.
    pub values: Vec<f64>,
}

/// Descents at many rates, from one start.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The minimum at whose curvature the limits are taken.
    pub minimum: Vec<f64>,
    /// f there.
    pub value: f64,
    /// λ, the largest curvature there.
    pub curvature: f64,
    /// From the smallest rate to the largest.
    pub runs: Vec<SweepRun>,
    /// Four rates to look at: too small, good, swinging, diverging.
    pub shown: Vec<SweepRun>,
}

/// First points of a run that are kept to be drawn.
const KEPT: usize = 60;

/// Descends at rates from 0.01/λ to 4/λ, where λ is the largest curvature at the minimum `minimum`. Near
/// there a step of η multiplies the error along that direction by 1 − ηλ: 1/λ is best, at 2/λ it jumps
/// to and fro for ever, beyond that it grows. `None` where there is no curvature above 0.
#[must_use]
pub fn sweep(
    f: &Formula,
    start: &[f64],
    minimum: &[f64],
    options: &DescentOptions,
) -> Option<Sweep> {
    let curvature = eigenvalues(&f.hessian_at(minimum), minimum.len()).last().copied()?;
    if !curvature.is_finite() || curvature <= 0.0 {
        return None;
    }
    let run = |share: f64| {
        let learning_rate = share / curvature;
        let descent = descend(f, start, &DescentOptions { learning_rate, ..options.clone() });
        let rises = descent.values.windows(2).filter(|pair| pair[1] > pair[0]).count();
        let turned = turns(&descent.path);
        let course = match descent.stopped {
            Stopped::Diverged => Course::Diverged,
            Stopped::Threshold if rises == 0 && turned == 0 => Course::Smooth,
            Stopped::Threshold => Course::Swinging,
            Stopped::MaxSteps if 4 * turned > descent.steps() => Course::Hovering,
            Stopped::MaxSteps => Course::TooSlow,
        };
        let values = descent.values.iter().take(KEPT).copied().collect();
        SweepRun {
            learning_rate,
            steps: descent.steps(),
            course,
            end: descent.end().to_vec(),
            values,
        }
    };
    let shares = (0..=40).map(|i| 0.01 * 400.0_f64.powf(f64::from(i) / 40.0));
    let runs = shares.map(run).collect();
    let shown = [0.05, 1.0, 1.9, 2.1].map(run).to_vec();
    let value = f.value_at(minimum);
    Some(Sweep { minimum: minimum.to_vec(), value, curvature, runs, shown })
}

/// How often a step goes against the one before it.
fn turns(path: &[Vec<f64>]) -> usize {
    path.windows(3)
        .filter(|three| {
            let along: f64 = (0..three[0].len())
                .map(|i| (three[1][i] - three[0][i]) * (three[2][i] - three[1][i]))
                .sum();
            let far = distance(&three[0], &three[1]) > 0.0;
            far && along < 0.0
        })
        .count()
}
