//! The learning rate of a network that corrects a forecast or a picture, and starts at nothing.

use super::{Recipe, Trial, Until};
use crate::messages::{self as say, Language, Said};
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
    pub(crate) of: CorrectionOf,
}

/// What is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CorrectionOf {
    /// A linear forecast. The correction of a good one is small.
    Forecast,
    /// A picture with noise, or too small.
    Picture,
}

impl CorrectionOf {
    /// Rates that are compared, as shares of the usual one.
    fn shares(self) -> &'static [f64] {
        match self {
            CorrectionOf::Forecast => &[0.01, 0.03, 0.1, 0.3, 1.0],
            CorrectionOf::Picture => &[0.3, 1.0, 3.0],
        }
    }

    /// The share where none can be compared, and how it is told.
    fn uncompared(self) -> (f64, fn(Language) -> String) {
        match self {
            CorrectionOf::Forecast => (0.1, say::correction_tenth),
            CorrectionOf::Picture => (1.0, say::correction_usual),
        }
    }

    /// Steps of each trial, at most.
    fn lap(self, steps: u64) -> u64 {
        match self {
            CorrectionOf::Forecast => 200,
            // All trials take less than a fifth of the training.
            CorrectionOf::Picture => 200.min(steps / 20),
        }
    }
}

/// The rate whose short training does best on later examples, and a sentence about it. `until` ends the
/// search early; a training that it cuts counts for nothing.
///
/// # Errors
/// If the examples cannot be read.
pub(crate) fn choose_correction(
    request: &CorrectionRequest<'_>,
    until: &Until<'_>,
) -> Result<(f64, Said), TrainError> {
    let without_comparison = |why: fn(Language) -> String| {
        let (share, told) = request.of.uncompared();
        let rate = super::rate::rounded(request.usual * share);
        let note = Said::new(|l| {
            say::correction_uncompared(l, l.digits(&rate.to_string()), told(l), why(l))
        });
        (rate, note)
    };
    if request.held.is_empty() {
        return Ok(without_comparison(say::correction_no_part));
    }
    let trial = || {
        let rows = request.train.len();
        Trial::new(&request.recipe, request.features, request.target, rows, request.threads)
    };
    let start = trial()?.loss(request.held, |_, _, _| {})?;
    let lap = request.of.lap(request.steps).min(request.steps).max(1);
    let schedule = AnySchedule::from(Cosine::default());
    let mut results: Vec<(f64, f64)> = Vec::new();
    for &share in request.of.shares() {
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
        return Ok(without_comparison(say::correction_no_time));
    };
    let improves = loss < start;
    let rate =
        if improves { rate } else { super::rate::rounded(request.usual * request.of.shares()[0]) };
    let note = Said::new(|l| {
        let message = match request.of {
            CorrectionOf::Forecast => say::correction_forecast,
            CorrectionOf::Picture => say::correction_picture,
        };
        let losses = super::rate::losses(&results, 5, l);
        let mut note = message(l, l.digits(&rate.to_string()), lap, losses, l.fixed(start, 5));
        if !improves {
            note += &say::correction_small(l);
        }
        note
    });
    Ok((rate, note))
}
