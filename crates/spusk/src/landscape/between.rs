//! The loss on the way from one trained network to another.

use std::time::Instant;

use super::Subject;
use super::compiled::{Derivative, Evaluator, Role};
use super::matching::matched;
use super::subject::block;
use crate::data::{Encoded, random};
use crate::session::SessionError;

/// How the way is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct BetweenRequest {
    /// Places on the way, both ends included.
    pub points: usize,
    /// Steps that the bend is trained for.
    pub bend_steps: usize,
    /// Rows of each step.
    pub batch_size: usize,
    /// The step of Adam at first; it falls to 0.
    pub learning_rate: f64,
    /// The source of everything random.
    pub seed: u64,
    /// Threads to compute with.
    pub threads: usize,
}

impl Default for BetweenRequest {
    fn default() -> Self {
        BetweenRequest {
            points: 41,
            bend_steps: 600,
            batch_size: 128,
            learning_rate: 5e-3,
            seed: 0,
            threads: 1,
        }
    }
}

/// The loss on ways between two networks.
#[derive(Debug, Clone, PartialEq)]
pub struct Between {
    /// Share of the way, 0 to 1.
    pub t: Vec<f64>,
    /// On the straight line.
    pub straight: Vec<f64>,
    /// On the straight line to the second network with its neurons matched; `None` where its layers are
    /// of another kind than can be matched.
    pub matched: Option<Vec<f64>>,
    /// On the trained curve with one bend, to the matched network if there is one.
    pub bend: Vec<f64>,
    /// Hidden units, and how many of them have changed their place.
    pub units: usize,
    /// See `units`.
    pub moved: usize,
    /// The standard error of the loss at the first network, by the choice of the rows.
    pub error: f64,
    /// Seconds of all of it, without reading the data.
    pub seconds: f64,
}

/// max L − ½(L(0) + L(1)): how high the way climbs over its ends.
#[must_use]
pub fn barrier(losses: &[f64]) -> f64 {
    let highest = losses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let end = |loss: Option<&f64>| loss.copied().unwrap_or(f64::NAN);
    highest - (end(losses.first()) + end(losses.last())) / 2.0
}

/// The loss between the subject and a second network of the same layers, whose weights are `second`;
/// the bend is trained on `part`.
///
/// Garipov et al. 2018, "Loss surfaces, mode connectivity, and fast ensembling of DNNs": φ(t) =
/// (1−t)²w₁ + 2t(1−t)θ + t²w₂; θ starts in the middle and follows 2t(1−t)·∇L(φ(t)) for random t, here by Adam.
///
/// # Errors
/// If the network cannot be compiled or a row not be read.
pub fn between(
    subject: &Subject,
    second: &[f64],
    part: &Encoded,
    request: &BetweenRequest,
) -> Result<Between, SessionError> {
    let started = Instant::now();
    let first = subject.weights();
    let found = matched(subject, second);
    let goal = found.as_ref().map_or(second, |found| &found.weights);
    let bend = bend(subject, goal, part, request)?;
    let last = request.points.max(2) - 1;
    let t: Vec<f64> = (0..=last).map(|i| i as f64 / last as f64).collect();
    let away = |to: &[f64]| -> Vec<f64> { to.iter().zip(first).map(|(a, b)| a - b).collect() };
    let mut evaluator = Evaluator::<f32>::new(subject, request.threads, true)?;
    let (_, error) = evaluator.loss_and_error()?;
    let straight: Vec<(f64, f64)> = t.iter().map(|&t| (0.0, t)).collect();
    // φ(t) = w₁ + 2t(1−t)·(θ − w₁) + t²·(w₂ − w₁).
    let curve: Vec<(f64, f64)> = t.iter().map(|&t| (2.0 * t * (1.0 - t), t * t)).collect();
    evaluator.set(Role::Second, &away(second));
    let plain = evaluator.losses(&straight)?;
    evaluator.set(Role::Second, &away(goal));
    let after = match &found {
        Some(_) => Some(evaluator.losses(&straight)?),
        None => None,
    };
    evaluator.set(Role::First, &away(&bend));
    let bend = evaluator.losses(&curve)?;
    Ok(Between {
        t,
        straight: plain,
        matched: after,
        bend,
        units: found.as_ref().map_or(0, |found| found.units),
        moved: found.as_ref().map_or(0, |found| found.moved),
        error,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// The trained bend θ.
fn bend(
    subject: &Subject,
    goal: &[f64],
    part: &Encoded,
    request: &BetweenRequest,
) -> Result<Vec<f64>, SessionError> {
    let first = subject.weights();
    let mut theta: Vec<f64> = first.iter().zip(goal).map(|(a, b)| (a + b) / 2.0).collect();
    let mut derivative = Derivative::<f32>::gradient(subject, request.threads)?;
    let size = theta.len();
    let (mut gradient, mut at) = (vec![0.0; size], vec![0.0; size]);
    let (mut mean, mut square) = (vec![0.0; size], vec![0.0; size]);
    let (key, rows) = (random::key(request.seed, "bend"), request.batch_size.min(part.len()));
    for step in 0..request.bend_steps {
        let counter = (step * (rows + 1)) as u64;
        let t = random::uniform(key, counter);
        let row = |i: u64| random::word(key, counter + 1 + i) as usize % part.len();
        let chosen: Vec<usize> = (0..rows as u64).map(row).collect();
        let weights = first.iter().zip(&theta).zip(goal);
        for (to, ((a, bent), b)) in at.iter_mut().zip(weights) {
            *to = (1.0 - t).powi(2) * a + 2.0 * t * (1.0 - t) * bent + t * t * b;
        }
        derivative.at(&at, &block(part, &chosen)?, &mut gradient)?;
        let share = 2.0 * t * (1.0 - t);
        let rate = request.learning_rate * (1.0 - step as f64 / request.bend_steps as f64);
        let n = step as i32 + 1;
        let (c1, c2) = (1.0 - 0.9_f64.powi(n), 1.0 - 0.999_f64.powi(n));
        for i in 0..size {
            let g = share * gradient[i];
            mean[i] = 0.9 * mean[i] + 0.1 * g;
            square[i] = 0.999 * square[i] + 0.001 * g * g;
            theta[i] -= rate * (mean[i] / c1) / ((square[i] / c2).sqrt() + 1e-8);
        }
    }
    Ok(theta)
}
