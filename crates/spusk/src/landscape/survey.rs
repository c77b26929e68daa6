//! Planes through a trained network, with its curvature: what `spusk landscape` computes.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use spusk_graph::GraphError;

use super::compiled::{Derivative, Evaluator, Role};
use super::direction::{main_directions, project, random_direction};
use super::spectrum::{Density, density};
use super::{Shadow, Subject};
use crate::eigen::dot;
use crate::eigen::lanczos::{Extremes, Symmetric, extremes};

/// Which plane through the weights is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaneKind {
    /// Two random directions, filter by filter as long as the weights (Li et al. 2018).
    Random,
    /// The directions of the largest and the smallest curvature.
    Hessian,
    /// The two directions that the training moved along most.
    Path,
}

/// What is asked of a landscape.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyRequest {
    /// The planes.
    pub planes: Vec<PlaneKind>,
    /// Places along each side of a plane.
    pub points: usize,
    /// How far the planes reach, as a multiple of what is usual.
    pub extent: f64,
    /// The source of random directions and vectors.
    pub seed: u64,
    /// Whether the spectrum is asked for.
    pub curvature: bool,
    /// Largest eigenvalues that are told.
    pub eigenvalues: usize,
    /// Most steps of Lanczos' method for them.
    pub lanczos_steps: usize,
    /// Random vectors for trace and density.
    pub probes: usize,
    /// Steps with each.
    pub probe_steps: usize,
    /// Threads to compute with.
    pub threads: usize,
}

impl Default for SurveyRequest {
    fn default() -> Self {
        SurveyRequest {
            planes: vec![PlaneKind::Random],
            points: 51,
            extent: 1.0,
            seed: 0,
            curvature: false,
            eigenvalues: 5,
            lanczos_steps: 80,
            probes: 4,
            probe_steps: 40,
            threads: 1,
        }
    }
}

/// A moment of the training over a plane.
#[derive(Debug, Clone, PartialEq)]
pub struct PathPoint {
    /// Steps taken by then.
    pub step: u64,
    /// Where it lies over the plane.
    pub shadow: Shadow,
    /// The loss at the weights of that moment, not at their foot in the plane.
    pub loss: f64,
}

/// The loss over a plane through the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Which plane.
    pub kind: PlaneKind,
    /// Places along the first direction, in units of its length.
    pub x: Vec<f64>,
    /// Places along the second direction.
    pub y: Vec<f64>,
    /// The loss, `losses[y.len(), x.len()]`.
    pub losses: Vec<f64>,
    /// ‖u‖ and ‖v‖.
    pub lengths: [f64; 2],
    /// The curvature along u and v, of a plane of eigenvectors.
    pub curvatures: Option<[f64; 2]>,
    /// The shares of the path's Σ‖θ_t − θ*‖² along u and v, of the plane of the path.
    pub explained: Option<[f64; 2]>,
    /// The path over the plane.
    pub path: Vec<PathPoint>,
    /// Seconds for the losses of the plane.
    pub seconds: f64,
}

/// How the surface is bent at the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Curvature {
    /// ‖∇L‖ there; second derivatives alone decide only where it is 0.
    pub gradient_norm: f64,
    /// The ends of the spectrum.
    pub extremes: Extremes,
    /// The whole of it, where it was asked for.
    pub density: Option<Density>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// A network's landscape.
#[derive(Debug, Clone, PartialEq)]
pub struct Landscape {
    /// The loss at the weights.
    pub loss: f64,
    /// The standard error that the choice of the rows gives it.
    pub error: f64,
    /// The planes, in the order asked for.
    pub planes: Vec<Plane>,
    /// Curvature, where it was needed.
    pub curvature: Option<Curvature>,
    /// Whether a plane of the path was asked for and too little was kept of it.
    pub path_missing: bool,
    /// Seconds of all of it, without reading the data.
    pub seconds: f64,
}

/// The Hessian as a matrix that multiplies.
struct Hessian<'s>(Derivative<'s, f32>, usize);

impl Symmetric for Hessian<'_> {
    fn size(&self) -> usize {
        self.1
    }

    fn apply(&mut self, v: &[f64], result: &mut [f64]) -> Result<(), GraphError> {
        self.0.apply(v, result)
    }
}

/// Residuals of eigenvalues below this share of the largest count as found.
const TOLERANCE: f64 = 1e-3;

/// Computes a landscape; `way` are the weights at moments of the training.
///
/// # Errors
/// If the network cannot be compiled.
pub fn survey(
    subject: &Subject,
    way: &[(u64, Vec<f64>)],
    request: &SurveyRequest,
) -> Result<Landscape, GraphError> {
    let started = Instant::now();
    let mut evaluator = Evaluator::<f32>::new(subject, request.threads, true)?;
    let (loss, error) = evaluator.loss_and_error()?;
    let mut found = Landscape {
        loss,
        error,
        planes: Vec::new(),
        curvature: None,
        path_missing: false,
        seconds: 0.0,
    };
    if request.curvature || request.planes.contains(&PlaneKind::Hessian) {
        found.curvature = Some(curvature(subject, request)?);
    }
    let way = Way::new(way, subject, &mut evaluator)?;
    for &kind in &request.planes {
        match plan(kind, subject, &way, &found, request) {
            Some(sight) => {
                found.planes.push(plane(kind, &sight, &way, &mut evaluator, request)?);
            }
            None => found.path_missing |= kind == PlaneKind::Path,
        }
    }
    found.seconds = started.elapsed().as_secs_f64();
    Ok(found)
}

fn curvature(subject: &Subject, request: &SurveyRequest) -> Result<Curvature, GraphError> {
    let started = Instant::now();
    let mut gradient = vec![0.0; subject.weights().len()];
    Derivative::<f32>::gradient(subject, request.threads)?.apply(&[], &mut gradient)?;
    let product = Derivative::hessian(subject, request.threads)?;
    let mut hessian = Hessian(product, subject.weights().len());
    let (count, steps) = (request.eigenvalues.max(1), request.lanczos_steps);
    let extremes = extremes(&mut hessian, count, steps, TOLERANCE, request.seed)?;
    let density = match request.curvature {
        true => Some(density(&mut hessian, request.probes, request.probe_steps, request.seed)?),
        false => None,
    };
    Ok(Curvature {
        gradient_norm: dot(&gradient, &gradient).sqrt(),
        extremes,
        density,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// The training's path: moments, how far each lies from the trained weights, and its loss.
struct Way(Vec<(u64, Vec<f64>, f64)>);

impl Way {
    fn new(
        way: &[(u64, Vec<f64>)],
        subject: &Subject,
        evaluator: &mut Evaluator<'_, f32>,
    ) -> Result<Way, GraphError> {
        let mut all = Vec::with_capacity(way.len());
        for (step, weights) in way {
            all.push((*step, away(weights, subject), evaluator.loss_at(weights)?));
        }
        evaluator.set(Role::Weights, subject.weights());
        Ok(Way(all))
    }

    /// The path as it stands over a plane.
    fn over(&self, u: &[f64], v: &[f64]) -> Vec<PathPoint> {
        let point = |(step, away, loss): &(u64, Vec<f64>, f64)| PathPoint {
            step: *step,
            shadow: project(away, u, v),
            loss: *loss,
        };
        self.0.iter().map(point).collect()
    }
}

/// What is looked at: directions and stretches.
struct Sight {
    u: Vec<f64>,
    v: Vec<f64>,
    x: [f64; 2],
    y: [f64; 2],
    curvatures: Option<[f64; 2]>,
    explained: Option<[f64; 2]>,
}

/// Where a plane lies; `None` if there is no such plane.
fn plan(
    kind: PlaneKind,
    subject: &Subject,
    way: &Way,
    found: &Landscape,
    request: &SurveyRequest,
) -> Option<Sight> {
    let square = |reach: f64| [-reach * request.extent, reach * request.extent];
    let plain = |u: Vec<f64>, v: Vec<f64>, reach: f64| Sight {
        u,
        v,
        x: square(reach),
        y: square(reach),
        curvatures: None,
        explained: None,
    };
    match kind {
        PlaneKind::Random => {
            let direction = |number| random_direction(subject, request.seed, number);
            Some(plain(direction(0), direction(1), 1.0))
        }
        PlaneKind::Hessian => {
            let ends = &found.curvature.as_ref()?.extremes;
            let (first, last) = (ends.largest.first()?, &ends.smallest);
            // So far that the loss rises by 1 along the sharpest direction, if the curvature stays.
            let reach = (2.0 / first.value.abs().max(1e-6)).sqrt();
            let sight = plain(first.vector.clone(), last.vector.clone(), reach);
            Some(Sight { curvatures: Some([first.value, last.value]), ..sight })
        }
        PlaneKind::Path => path_sight(way, request.extent),
    }
}

fn path_sight(way: &Way, extent: f64) -> Option<Sight> {
    let differences: Vec<&[f64]> = way.0.iter().map(|(_, away, _)| &away[..]).collect();
    let main = main_directions(&differences)?;
    let (mut x, mut y) = ([0.0, 0.0], [0.0, 0.0]);
    for difference in &differences {
        let shadow = project(difference, &main.u, &main.v);
        for (range, value) in [(&mut x, shadow.x), (&mut y, shadow.y)] {
            *range = [f64::min(range[0], value), f64::max(range[1], value)];
        }
    }
    let widened = |[low, high]: [f64; 2]| {
        let (middle, half) = ((low + high) / 2.0, 0.65 * (high - low).max(1e-9) * extent);
        [middle - half, middle + half]
    };
    Some(Sight {
        u: main.u,
        v: main.v,
        x: widened(x),
        y: widened(y),
        curvatures: None,
        explained: Some(main.shares),
    })
}

fn away(at: &[f64], subject: &Subject) -> Vec<f64> {
    at.iter().zip(subject.weights()).map(|(a, b)| a - b).collect()
}

fn plane(
    kind: PlaneKind,
    sight: &Sight,
    way: &Way,
    evaluator: &mut Evaluator<'_, f32>,
    request: &SurveyRequest,
) -> Result<Plane, GraphError> {
    let started = Instant::now();
    let (x, y) = (places(sight.x, request.points), places(sight.y, request.points));
    evaluator.set(Role::First, &sight.u);
    evaluator.set(Role::Second, &sight.v);
    let at: Vec<(f64, f64)> =
        y.iter().flat_map(|&beta| x.iter().map(move |&alpha| (alpha, beta))).collect();
    let losses = evaluator.losses(&at)?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(Plane {
        kind,
        x,
        y,
        losses,
        lengths: [dot(&sight.u, &sight.u).sqrt(), dot(&sight.v, &sight.v).sqrt()],
        curvatures: sight.curvatures,
        explained: sight.explained,
        path: way.over(&sight.u, &sight.v),
        seconds,
    })
}

/// Evenly spaced, ends included; an odd number around 0 meets 0 exactly.
fn places([low, high]: [f64; 2], count: usize) -> Vec<f64> {
    let last = count.max(2) - 1;
    let place = |i: usize| {
        let share = i as f64 / last as f64;
        low * (1.0 - share) + high * share
    };
    (0..=last).map(place).collect()
}

impl Plane {
    /// Whether a foot lies within the stretches that were computed.
    #[must_use]
    pub fn holds(&self, shadow: &Shadow) -> bool {
        let within = |places: &[f64], at: f64| match (places.first(), places.last()) {
            (Some(&low), Some(&high)) => (low..=high).contains(&at),
            _ => false,
        };
        within(&self.x, shadow.x) && within(&self.y, shadow.y)
    }

    /// The loss in the plane at a place, between the places that were computed; `None` outside.
    #[must_use]
    pub fn loss_at(&self, x: f64, y: f64) -> Option<f64> {
        let find = |places: &[f64], value: f64| {
            let (low, high) = (*places.first()?, *places.last()?);
            let at = (value - low) / (high - low) * (places.len() - 1) as f64;
            if !(0.0..=(places.len() - 1) as f64).contains(&at) {
                return None;
            }
            let cell = (at as usize).min(places.len() - 2);
            Some((cell, at - cell as f64))
        };
        let ((column, across), (row, up)) = (find(&self.x, x)?, find(&self.y, y)?);
        let get = |r: usize, c: usize| self.losses.get(r * self.x.len() + c).copied();
        let mix = |a: f64, b: f64, share: f64| a * (1.0 - share) + b * share;
        let lower = mix(get(row, column)?, get(row, column + 1)?, across);
        let upper = mix(get(row + 1, column)?, get(row + 1, column + 1)?, across);
        Some(mix(lower, upper, up))
    }
}
