//! The network, its weight decay and the length of its training, by cross-validation.

use super::{FoundRate, Recipe, Rows, Trial, Until, folds};
use crate::Model;
use crate::layers::{AnyLayer, Dense, Relu};
use crate::messages::{self as say, Said};
use crate::model::StepOptions;
use crate::plot::{RangeTest, Series};
use crate::schedules::{AnySchedule, Cosine};
use crate::train::{Examples, TrainError};

/// What is to be chosen for.
pub(crate) struct NetworkRequest<'a> {
    /// All rows that are not test rows.
    pub(crate) rows: &'a Rows,
    /// Sizes of one row's features and target.
    pub(crate) features: &'a [usize],
    pub(crate) target: &'a [usize],
    /// Whether targets are class indices.
    pub(crate) classes: bool,
    /// From hidden layers to a network.
    pub(crate) model: &'a dyn Fn(Vec<AnyLayer>) -> Model,
    /// The step, its weight decay to be chosen.
    pub(crate) step: &'a StepOptions,
    /// Whether the weight decay is the user's.
    pub(crate) decay_is_given: bool,
    /// The hidden layers, if they are the user's.
    pub(crate) hidden: Option<Vec<AnyLayer>>,
    pub(crate) batch_size: usize,
    /// Length of the training in steps, if it is the user's.
    pub(crate) length: Option<u64>,
    /// The rate of all comparisons.
    pub(crate) rate: f64,
    /// Whether the rate is open, too.
    pub(crate) rate_is_open: bool,
    pub(crate) seed: u64,
}

/// What was chosen.
pub(crate) struct Network {
    pub(crate) hidden: Vec<AnyLayer>,
    /// In place of the optimizer's own.
    pub(crate) weight_decay: Option<f64>,
    /// Length of the training.
    pub(crate) steps: u64,
    /// How the learning rate was found, if it was open.
    pub(crate) rate: Option<FoundRate>,
    /// Steps that all comparisons took.
    pub(crate) spent: u64,
    pub(crate) notes: Vec<Said>,
}

const FOLDS: usize = 5;
/// Training lengths that are compared, in steps.
const LENGTHS: [u64; 3] = [150, 500, 1500];
/// A shorter training says nothing about which network is better, and its choices would cost a hundred times as
/// much as it does.
pub(crate) const SHORTEST: u64 = LENGTHS[0];
/// Where the comparison of networks stands.
const FIRST_LENGTH: u64 = 500;
/// Decoupled weight decays that are compared. At the rates in use, 1 pulls weights to 0 by nine
/// tenths and more over a training.
const DECAYS: [f64; 3] = [0.01, 0.3, 1.0];
/// Rates that are compared, relative to that of the other comparisons.
const RATES: [f64; 4] = [0.1, 0.3, 1.0, 3.0];
/// A simpler candidate is taken when its loss is within this share of a standard error of the best.
const TOLERANCE: f64 = 0.5;

/// A candidate's losses on the folds.
struct Scored<C> {
    candidate: C,
    mean: f64,
    error: f64,
}

/// Chooses by cross-validation. `until` ends the comparison early.
pub(crate) fn choose_network(
    request: &NetworkRequest<'_>,
    until: &Until<'_>,
) -> Result<Network, TrainError> {
    let folds = Folds::new(request);
    let mut spent = 0;
    let mut notes = Vec::new();
    let own_decay = request.step.weight_decay;
    // What trains for another time than the one that is given tells little of it.
    let lengths = match request.length {
        Some(length) => vec![length.min(LENGTHS[LENGTHS.len() - 1])],
        None => LENGTHS.to_vec(),
    };
    let first_length = request.length.map_or(FIRST_LENGTH, |length| length.min(FIRST_LENGTH));

    // First the network, from the simplest up.
    let mut ladder: Vec<Scored<Vec<usize>>> = Vec::new();
    if request.hidden.is_none() {
        for widths in widths(request.rows.len()) {
            if until.is_over() && !ladder.is_empty() {
                break;
            }
            let decay = if request.decay_is_given { own_decay } else { Some(DECAYS[0]) };
            let (mean, error) = folds.score(
                request,
                hidden(&widths),
                decay,
                first_length,
                request.rate,
                &mut spent,
            )?;
            ladder.push(Scored { candidate: widths, mean, error });
        }
    }
    let layers = match &request.hidden {
        Some(hidden) => hidden.clone(),
        None => {
            let chosen = simplest(&ladder);
            notes.push(Said::new(|l| {
                let scored = |s: &Scored<Vec<usize>>| {
                    let (mean, error) = (l.fixed(s.mean, 4), l.fixed(s.error, 4));
                    format!("{} {mean} ± {error}", name(&s.candidate))
                };
                let chosen = name(&ladder[chosen].candidate);
                let losses = l.list(ladder.iter().map(scored));
                let tolerance = l.digits(&TOLERANCE.to_string());
                say::chosen_by_folds(l, chosen, ladder.len(), FOLDS, losses, tolerance)
            }));
            hidden(&ladder[chosen].candidate)
        }
    };

    // Then how long it trains and how strongly its weights decay: shorter and stronger are simpler.
    let decays = match request.decay_is_given {
        true => vec![own_decay],
        false => DECAYS.iter().rev().copied().map(Some).collect(),
    };
    let mut grid = Vec::new();
    for &steps in &lengths {
        for &decay in &decays {
            if until.is_over() && !grid.is_empty() {
                break;
            }
            let (mean, error) =
                folds.score(request, layers.clone(), decay, steps, request.rate, &mut spent)?;
            grid.push(Scored { candidate: (steps, decay), mean, error });
        }
    }
    let best = (0..grid.len()).min_by(|&a, &b| grid[a].mean.total_cmp(&grid[b].mean)).unwrap_or(0);
    let (steps, weight_decay) = grid[best].candidate;
    notes.push(Said::new(|l| {
        let decay = match weight_decay {
            Some(decay) => l.digits(&decay.to_string()),
            None => say::chosen_own_decay(l),
        };
        let (mean, error) = (l.fixed(grid[best].mean, 4), l.fixed(grid[best].error, 4));
        let all = l.counted(grid.len() as u64, "combination");
        say::chosen_length(l, steps, decay, mean, error, all)
    }));

    let mut rate = None;
    if request.rate_is_open {
        let mut rates = vec![(request.rate, grid[best].mean)];
        for share in RATES.into_iter().filter(|&share| share != 1.0) {
            if until.is_over() {
                break;
            }
            let candidate = request.rate * share;
            let (mean, _) =
                folds.score(request, layers.clone(), weight_decay, steps, candidate, &mut spent)?;
            rates.push((candidate, mean));
        }
        rates.sort_by(|a, b| a.0.total_cmp(&b.0));
        let least = rates.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(request.rate, |r| r.0);
        let least = super::rate::rounded(least);
        let told = Said::new(|l| {
            let shown = rates.iter().map(|(r, loss)| (super::rate::rounded(*r), *loss));
            let losses = super::rate::losses(&shown.collect::<Vec<_>>(), 4, l);
            say::chosen_folds_rate(l, l.digits(&least.to_string()), losses)
        });
        notes.push(told.clone());
        rate = Some(found_rate(least, &rates, told));
    }
    Ok(Network { hidden: layers, weight_decay, steps, rate, spent, notes })
}

/// The rate with what it was found by, to be shown.
fn found_rate(rate: f64, rates: &[(f64, f64)], told: Said) -> FoundRate {
    let losses = Series::new(Said::new(say::picture_folds), rates.iter().copied());
    let picture = RangeTest {
        title: Said::new(say::picture_folds_rate),
        y_label: Said::new(say::picture_folds),
        seeds: vec![losses],
        chosen: Some(rate),
        ..RangeTest::default()
    };
    FoundRate { rate, notes: vec![told], range_test: Some(picture), race: None }
}

/// Widths of hidden layers to compare, the simplest first. Fewer rows bear fewer weights.
fn widths(rows: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![vec![], vec![16], vec![64]];
    if rows >= 300 {
        all.extend([vec![64, 64], vec![128]]);
    }
    if rows >= 1000 {
        all.push(vec![128, 128]);
    }
    all
}

fn name(widths: &[usize]) -> String {
    match widths {
        [] => "linear".into(),
        _ => {
            let widths: Vec<String> = widths.iter().map(usize::to_string).collect();
            format!("mlp:{}", widths.join(","))
        }
    }
}

pub(super) fn hidden(widths: &[usize]) -> Vec<AnyLayer> {
    widths.iter().flat_map(|&width| [AnyLayer::from(Dense::new(width)), Relu.into()]).collect()
}

/// The first whose mean is within the tolerance of the best.
fn simplest<C>(scored: &[Scored<C>]) -> usize {
    let best = scored.iter().min_by(|a, b| a.mean.total_cmp(&b.mean));
    let bound = best.map_or(f64::INFINITY, |best| best.mean + TOLERANCE * best.error);
    scored.iter().position(|s| s.mean <= bound).unwrap_or(0)
}

struct Folds {
    of: Vec<usize>,
    count: usize,
}

impl Folds {
    fn new(request: &NetworkRequest<'_>) -> Folds {
        let count = FOLDS.min(request.rows.len()).max(2);
        Folds { of: folds(request.rows, request.classes, count, request.seed), count }
    }

    /// Mean and standard error of the held-out losses.
    fn score(
        &self,
        request: &NetworkRequest<'_>,
        hidden: Vec<AnyLayer>,
        weight_decay: Option<f64>,
        steps: u64,
        rate: f64,
        spent: &mut u64,
    ) -> Result<(f64, f64), TrainError> {
        let mut losses = Vec::new();
        let recipe = Recipe {
            model: (request.model)(hidden),
            step: StepOptions { weight_decay, ..request.step.clone() },
            batch_size: request.batch_size,
            seed: request.seed,
        };
        for fold in 0..self.count {
            let chosen = |inside: bool| {
                let rows = (0..self.of.len()).filter(|&row| (self.of[row] == fold) != inside);
                rows.map(|row| row as u32).collect::<Vec<u32>>()
            };
            let train = request.rows.subset(chosen(true), request.seed);
            let held = request.rows.subset(chosen(false), request.seed);
            let mut trial = Trial::new(&recipe, request.features, request.target, train.len(), 1)?;
            let schedule = AnySchedule::from(Cosine::default());
            for step in 0..steps {
                let loss = trial.step(&train, rate * schedule.factor(step, steps))?;
                if !loss.is_finite() {
                    break;
                }
            }
            *spent += steps;
            let loss = trial.loss(&held, |_, _, _| {})?;
            losses.push(if loss.is_finite() { loss } else { f64::MAX.sqrt() });
        }
        let count = losses.len() as f64;
        let mean = losses.iter().sum::<f64>() / count;
        let variance = losses.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Ok((mean, (variance / count).sqrt()))
    }
}
