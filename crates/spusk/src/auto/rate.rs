//! The learning rate: a range test, then a race.

use super::{FoundRate, Recipe, Trial, Until};
use crate::messages::{self as say, Language, Said};
use crate::plot::{Race, RangeTest, Series};
use crate::schedules::AnySchedule;
use crate::train::{Examples, TrainError};

/// What a rate is to be found for.
pub(crate) struct RateRequest<'a> {
    pub(crate) recipe: Recipe,
    pub(crate) features: &'a [usize],
    pub(crate) target: &'a [usize],
    pub(crate) train: &'a dyn Examples,
    /// Examples that decide the race; the training examples themselves where there are none.
    pub(crate) held: Option<&'a dyn Examples>,
    /// The schedule, compressed into the race.
    pub(crate) schedule: &'a AnySchedule,
    /// The rate that is usual for the optimizer.
    pub(crate) usual: f64,
    /// Steps of the whole training, of which a fifth may be spent.
    pub(crate) steps: u64,
    pub(crate) threads: usize,
}

/// Seeds of the range test.
const SEEDS: u64 = 3;
/// The share of the training's steps that may be spent, in all.
const SHARE: f64 = 0.18;
/// Below so many steps neither a sweep nor a race says anything.
const SHORTEST_SWEEP: u64 = 8;
const SHORTEST_LAP: u64 = 8;
/// From this share of the usual rate …
const LOWEST: f64 = 1e-3;
/// … to this multiple.
const HIGHEST: f64 = 1e3;
/// A loss this many times as large as the least so far ends a range test.
const DIVERGED: f64 = 3.0;
/// Candidates of the race, relative to the rate with the least loss in the range test.
const CANDIDATES: [f64; 4] = [0.03, 0.1, 0.3, 1.0];

/// A race is shorter than the training, which favors large rates (Wu, Ren, Liao and Grosse 2018,
/// "Understanding short-horizon bias in stochastic meta-optimization"): the smallest rate wins whose
/// loss is within this share of the best.
const SHORT_SIGHT: f64 = 0.1;
/// But where no candidate has taken this share off the loss of the untrained network, all stand on the same
/// plateau, and being as good there is no reason for the smallest, which would need longest to leave it: the best
/// wins.
const LEARNED: f64 = 1.0 / 3.0;

/// Finds the rate. `until` ends the search early; a sweep or a race that it cuts counts for nothing.
pub(crate) fn choose_rate(
    request: &RateRequest<'_>,
    until: &Until<'_>,
) -> Result<FoundRate, TrainError> {
    let budget = (request.steps as f64 * SHARE) as u64;
    let sweep = (budget / 3 / SEEDS).clamp(SHORTEST_SWEEP, 100);
    let lap =
        (budget.saturating_sub(sweep * SEEDS) / CANDIDATES.len() as u64).clamp(SHORTEST_LAP, 400);
    let least = SEEDS * SHORTEST_SWEEP + CANDIDATES.len() as u64 * SHORTEST_LAP;
    if request.steps < least {
        return Ok(usual(request, |l, rate| say::rate_too_short(l, rate, request.steps, least)));
    }
    let mut steps = 0;
    let mut seeds = Vec::new();
    let mut bounds = Vec::new();
    for seed in 0..SEEDS {
        let Some((series, best)) = sweep_rates(request, seed, sweep, &mut steps, until)? else {
            break;
        };
        seeds.push(series);
        bounds.push(best);
    }
    bounds.sort_by(f64::total_cmp);
    let Some(&bound) = bounds.get(bounds.len() / 2) else {
        return Ok(usual(request, say::rate_usual));
    };
    let seed_count = |l: Language| l.counted(seeds.len() as u64, "seed");
    let lowest = |l: Language| l.significant(bound, 3);

    let mut candidates = Vec::new();
    let mut results: Vec<(f64, f64)> = Vec::new();
    for share in CANDIDATES {
        let rate = rounded(bound * share);
        let Some((series, loss)) = race(request, rate, lap, &mut steps, until)? else { break };
        candidates.push(series);
        results.push((rate, loss));
    }
    if results.is_empty() {
        return Ok(usual(request, say::rate_usual));
    }
    let best = results.iter().map(|result| result.1).fold(f64::INFINITY, f64::min);
    let untrained = trial(request, &request.recipe)?.loss(held(request), |_, _, _| {})?;
    let learned = best <= (1.0 - LEARNED) * untrained || !untrained.is_finite();
    // Candidates are in rising order, so this is the smallest rate that is about as good.
    let within = if learned { SHORT_SIGHT } else { 0.0 };
    let winner = (results.iter())
        .position(|(_, loss)| loss.is_finite() && *loss <= best + within * best.abs());
    // If every candidate fails, what is usual is the best that is known.
    let rate = winner.map_or(request.usual, |winner| results[winner].0);
    let notes = vec![
        Said::new(|l| say::rate_range(l, seed_count(l), lowest(l))),
        Said::new(|l| {
            let held = request.held.is_some();
            let on = if held { say::rate_on_held(l) } else { say::rate_on_training(l) };
            let (rate, losses) = (l.digits(&rate.to_string()), losses(&results, 4, l));
            let race = match learned {
                true => say::rate_race(l, rate, l.percent(SHORT_SIGHT, 0), lap, on, losses),
                false => say::rate_unlearned(l, rate, lap, on, losses, l.fixed(untrained, 4)),
            };
            let share = l.percent(steps as f64 / request.steps.max(1) as f64, 0);
            race + &say::rate_took(l, l.counted(steps, "step"), share, l.count(request.steps))
        }),
    ];
    Ok(FoundRate {
        rate,
        notes,
        range_test: Some(RangeTest { seeds, chosen: Some(rate), ..RangeTest::default() }),
        race: Some(Race { candidates, winner, ..Race::default() }),
    })
}

/// The usual rate, where none was compared, and why.
fn usual(request: &RateRequest<'_>, why: impl Fn(Language, String) -> String) -> FoundRate {
    let rate = request.usual;
    let notes = vec![Said::new(|l| why(l, l.digits(&rate.to_string())))];
    FoundRate { rate, notes, range_test: None, race: None }
}

/// One sweep from far too small a rate to far too large a one: the smoothed loss at each, and the
/// rate at the least. `None` if it was cut.
fn sweep_rates(
    request: &RateRequest<'_>,
    seed: u64,
    count: u64,
    steps: &mut u64,
    until: &Until<'_>,
) -> Result<Option<(Series, f64)>, TrainError> {
    let recipe = Recipe { seed: request.recipe.seed.wrapping_add(seed), ..request.recipe.clone() };
    let mut trial = trial(request, &recipe)?;
    let (low, high) = (request.usual * LOWEST, request.usual * HIGHEST);
    let (mut average, mut weight) = (0.0, 0.0);
    let mut best = (f64::INFINITY, request.usual);
    let mut points = Vec::new();
    for step in 0..count {
        if until.is_over() {
            return Ok(None);
        }
        let rate = low * (high / low).powf(step as f64 / (count - 1).max(1) as f64);
        let loss = trial.step(request.train, rate)?;
        *steps += 1;
        // An exponential average without the bias of its start, over a tenth of the sweep or so.
        let keep = 1.0 - (10.0 / count as f64).min(0.5);
        average = keep * average + (1.0 - keep) * loss;
        weight = keep * weight + (1.0 - keep);
        let smooth = average / weight;
        if !smooth.is_finite() {
            break;
        }
        points.push((rate, smooth));
        if smooth < best.0 {
            best = (smooth, rate);
        }
        if smooth > DIVERGED * best.0 && step > count / 10 {
            break;
        }
    }
    Ok(Some((Series::new(Said::new(|l| say::seed_number(l, seed + 1)), points), best.1)))
}

/// A short training with the whole course of the schedule; the loss on held-out examples at its end.
/// `None` if it was cut.
fn race(
    request: &RateRequest<'_>,
    rate: f64,
    lap: u64,
    steps: &mut u64,
    until: &Until<'_>,
) -> Result<Option<(Series, f64)>, TrainError> {
    let mut trial = trial(request, &request.recipe)?;
    let mut points = Vec::new();
    for step in 0..lap {
        if until.is_over() {
            return Ok(None);
        }
        let loss = trial.step(request.train, rate * request.schedule.factor(step, lap))?;
        *steps += 1;
        if !loss.is_finite() {
            return Ok(Some((
                Series::new(Said::new(|l| l.digits(&rate.to_string())), points),
                f64::INFINITY,
            )));
        }
        points.push((step as f64, loss));
    }
    let loss = trial.loss(held(request), |_, _, _| {})?;
    points.push((lap as f64, loss));
    let loss = if loss.is_nan() { f64::INFINITY } else { loss };
    Ok(Some((Series::new(Said::new(|l| l.digits(&rate.to_string())), points), loss)))
}

/// The examples that decide.
fn held<'a>(request: &RateRequest<'a>) -> &'a dyn Examples {
    request.held.unwrap_or(request.train)
}

fn trial(request: &RateRequest<'_>, recipe: &Recipe) -> Result<Trial, TrainError> {
    Trial::new(recipe, request.features, request.target, request.train.len(), request.threads)
}

/// Rates with their losses, in words.
pub(crate) fn losses(results: &[(f64, f64)], digits: usize, l: Language) -> String {
    let shown = results.iter().map(|(rate, loss)| l.digits(&format!("{rate} → {loss:.digits$}")));
    l.list(shown)
}

/// Two digits: more would pretend to a precision that the search does not have.
pub(super) fn rounded(rate: f64) -> f64 {
    format!("{rate:.1e}").parse().unwrap_or(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_two_digits() {
        assert_eq!(rounded(0.012345), 0.012);
        assert_eq!(rounded(3.0), 3.0);
    }
}
