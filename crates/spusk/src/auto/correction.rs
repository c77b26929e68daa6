//! The learning rate of a network that corrects a forecast.

use super::{Recipe, Trial, Until};
use crate::schedules::{AnySchedule, Cosine};
use crate::train::{Examples, TrainError};

/// What a rate is to be found for.
pub(crate) struct CorrectionRequest<'a> {
    pub(crate) recipe: Recipe,
    pub(crate) features: &'a [usize],
    pub(crate) target: &'a [usize],
    pub(crate) train: &'a dyn Examples,
    /// Later examples, which decide.
    pub(crate) held: &'a dyn Examples,
    /// The rate that is usual for the optimizer.
    pub(crate) usual: f64,
    /// Steps of the whole training.
    pub(crate) steps: u64,
    pub(crate) threads: usize,
}

/// Rates that are compared, as shares of the usual one. The correction of a good forecast is small.
const SHARES: [f64; 5] = [0.01, 0.03, 0.1, 0.3, 1.0];
/// The share where none can be compared.
const UNCOMPARED: f64 = 0.1;
/// Steps of each trial, at most.
const LAP: u64 = 200;

/// The rate whose short training does best on later examples, and a sentence about it. `until` ends the
/// search early; a training that it cuts counts for nothing.
///
/// # Errors
/// If the examples cannot be read.
pub(crate) fn choose_correction(
    request: &CorrectionRequest<'_>,
    until: &Until<'_>,
) -> Result<(f64, String), TrainError> {
    let without_comparison = |why: &str| {
        let rate = super::rate::rounded(request.usual * UNCOMPARED);
        (rate, format!("learning rate {rate}: a tenth of the usual one, since {why}"))
    };
    if request.held.is_empty() {
        return Ok(without_comparison("no later part is there to choose by"));
    }
    let trial = || {
        let rows = request.train.len();
        Trial::new(&request.recipe, request.features, request.target, rows, request.threads)
    };
    let start = trial()?.loss(request.held, |_, _, _| {})?;
    let lap = LAP.min(request.steps).max(1);
    let schedule = AnySchedule::from(Cosine::default());
    let mut results: Vec<(f64, f64)> = Vec::new();
    for share in SHARES {
        let rate = super::rate::rounded(request.usual * share);
        let mut trial = trial()?;
        let mut step = 0;
        while step < lap && !until.is_over() {
            trial.step(request.train, rate * schedule.factor(step, lap))?;
            step += 1;
        }
        if step < lap {
            break;
        }
        let loss = trial.loss(request.held, |_, _, _| {})?;
        results.push((rate, if loss.is_finite() { loss } else { f64::INFINITY }));
    }
    let best = results.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
    let Some((rate, loss)) = best else {
        return Ok(without_comparison("there was no time to compare more"));
    };
    let shown: Vec<String> =
        results.iter().map(|(rate, loss)| format!("{rate} → {loss:.5}")).collect();
    let verdict = if loss < start {
        String::new()
    } else {
        "; none improves on it there, so the correction stays small".into()
    };
    let rate = if loss < start { rate } else { super::rate::rounded(request.usual * SHARES[0]) };
    let note = format!(
        "learning rate {rate}: trainings of {lap} steps compared on the validation part (loss: {}), \
         where the linear forecast has {start:.5}{verdict}",
        shown.join(", "),
    );
    Ok((rate, note))
}
