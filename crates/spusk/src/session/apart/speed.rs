//! How much faster parts are trained side by side than one after another, measured on the parts themselves.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::super::{Resolved, SessionError};
use super::{Part, side_by_side};
use crate::auto::{Recipe, Trial};
use crate::messages::{self as say, Language};
use crate::train::Examples;

/// One after another the steps take this long at least; or each part takes so many of them.
const MEASURED: Duration = Duration::from_millis(30);
const MOST_STEPS: u64 = 1 << 16;
/// The fastest of so many rounds counts: other programs only ever make a round slower.
const ROUNDS: usize = 32;

/// Seconds that the same steps of all parts take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(in crate::session) struct Speed {
    /// Parts.
    pub(in crate::session) parts: usize,
    /// Threads.
    pub(in crate::session) threads: usize,
    /// Steps of each part.
    pub(in crate::session) steps: u64,
    /// Side by side: each part on a thread of its own, as many at once as there are threads.
    pub(in crate::session) side_by_side: f64,
    /// One after another, each on one thread.
    pub(in crate::session) in_turn: f64,
    /// One after another, each on all threads.
    pub(in crate::session) in_turn_on_all: f64,
}

impl Speed {
    /// How many times as fast as the faster way of training them one after another.
    pub(in crate::session) fn factor(&self) -> f64 {
        self.in_turn.min(self.in_turn_on_all) / self.side_by_side.max(1e-9)
    }
}

impl Speed {
    pub(in crate::session) fn in_words(&self, l: Language) -> String {
        let [beside, one, all] =
            [self.side_by_side, self.in_turn, self.in_turn_on_all].map(|time| l.fixed(time, 3));
        let factor = l.fixed(self.factor(), 2);
        let &Speed { parts, threads, steps, .. } = self;
        say::apart_speed(l, parts, threads, steps, beside, one, all, factor)
    }
}

/// Measures some steps of all parts in all three ways, in rounds.
pub(super) fn measure(resolved: &Resolved, parts: &[Part<'_>]) -> Result<Speed, SessionError> {
    let own = trials(resolved, parts, 1)?;
    let on_all = trials(resolved, parts, resolved.threads)?;
    let mut steps = 8;
    while steps < MOST_STEPS && time(&own, resolved, 1, steps)? < MEASURED {
        steps *= 2;
    }
    let mut least = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        let ways = [(&own, resolved.threads), (&own, 1), (&on_all, 1)];
        for (least, (trials, at_once)) in least.iter_mut().zip(ways) {
            *least = time(trials, resolved, at_once, steps)?.min(*least);
        }
    }
    let [side_by_side, in_turn, in_turn_on_all] = least.map(|time| time.as_secs_f64());
    let (parts, threads) = (parts.len(), resolved.threads);
    Ok(Speed { parts, threads, steps, side_by_side, in_turn, in_turn_on_all })
}

type Tried<'a> = (&'a Part<'a>, Mutex<Trial>);

/// Trainings of the parts that are only tried, each on so many threads.
fn trials<'a>(
    resolved: &Resolved,
    parts: &'a [Part<'_>],
    threads: usize,
) -> Result<Vec<Tried<'a>>, SessionError> {
    let trial = |part: &'a Part<'_>| {
        let recipe = Recipe {
            model: part.model.clone(),
            step: resolved.step.clone(),
            batch_size: resolved.settings.batch_size,
            seed: part.seed,
        };
        let rows = part.examples.len();
        let trial = Trial::new(&recipe, &[part.width], &resolved.target_shape, rows, threads)?;
        Ok((part, Mutex::new(trial)))
    };
    parts.iter().map(trial).collect()
}

/// How long some steps of all parts take, so many parts at once.
fn time(
    trials: &[Tried<'_>],
    resolved: &Resolved,
    at_once: usize,
    steps: u64,
) -> Result<Duration, SessionError> {
    // Nothing is to be learned: the weights stay where steps take as long as in training.
    let rate = resolved.settings.learning_rate * 1e-3;
    let started = Instant::now();
    let results = side_by_side(trials, at_once, |(part, trial)| {
        let mut trial = trial.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (0..steps).try_for_each(|_| trial.step(&part.examples, rate).map(drop))
    });
    results.into_iter().collect::<Result<(), _>>()?;
    Ok(started.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_is_that_over_the_faster_way_in_turn() {
        let speed = Speed {
            parts: 4,
            threads: 2,
            steps: 100,
            side_by_side: 0.5,
            in_turn: 1.0,
            in_turn_on_all: 0.9,
        };
        assert!((speed.factor() - 1.8).abs() < 1e-12);
        assert_eq!(
            speed.in_words(Language::English),
            "4 parts on 2 threads: 100 steps each take 0.500 s side by side, a thread each; one after \
             another 1.000 s on one thread, 0.900 s on all threads: 1.80 times as fast as the faster of these"
        );
    }
}
