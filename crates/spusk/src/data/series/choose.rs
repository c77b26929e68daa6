//! Logarithms or values, the window, the linear forecast: what a part of the data chooses.

use std::ops::Range;

use super::Channel;
use super::columns::Columns;
use super::combine::{Combination, combine};
use super::grid::Grid;
use super::linear::{Linear, Request, fit, origins, refit};
use super::parts::Ends;
use super::season::Season;
use crate::data::error::{DataError, short};
use crate::data::fit::Moments;
use crate::data::options::DataOptions;
use crate::data::raw::RawTable;
use crate::messages::{self as say, Language, Said};

/// A windowless window length beyond which fewer than this many windows would train.
const LEAST_WINDOWS: usize = 8;

/// Windows that are compared where the user named none, beside those made of seasons.
const WINDOWS: [usize; 8] = [6, 12, 24, 48, 96, 168, 336, 720];

/// The longest of them that is made of seasons.
pub(super) const LONGEST: usize = 720;

/// Origins at which forecasts of values and of logarithms are compared.
const COMPARED: usize = 200;

/// Fewer forecast values than this are too few to choose by; then the last third of what comes before
/// the test part chooses.
const DECISIVE: usize = 200;

pub(super) fn too_short(source: &str, train: usize, window: usize, horizon: usize) -> DataError {
    let steps = |l: Language, steps: usize| l.counted(steps as u64, "step");
    DataError::new(source, |l| say::series_train_steps(l, steps(l, train)))
        .expected(|l| say::series_want_train(l, steps(l, window + horizon), window, horizon))
        .cure(say::cure_short_series)
}

/// What was chosen for a series.
pub(super) struct Chosen {
    pub(super) combination: Combination,
    /// The kept series, those that are forecast first.
    pub(super) channels: Vec<Channel>,
}

/// Chooses logarithms or values, the window and the linear forecast.
#[expect(clippy::too_many_arguments, reason = "each is a result of a step before")]
pub(super) fn choose(
    source: &str,
    table: &RawTable,
    columns: &Columns,
    grid: &Grid,
    ends: Ends,
    horizon: usize,
    season: &Season,
    options: &DataOptions,
    notes: &mut Vec<Said>,
) -> Result<Chosen, DataError> {
    let targets = columns.targets.len();
    let windows = match options.series.window {
        Some(window) => vec![window],
        None => windows(ends.train, horizon, season.steps),
    };
    // Too few values to choose by: then the end of what lies before the test part chooses.
    let held = ends.validation - ends.train;
    let few = held * targets < DECISIVE || held < horizon;
    let judge = if few {
        ends.validation - ends.validation / 3..ends.validation
    } else {
        ends.train..ends.validation
    };
    let judge =
        if judge.start < windows[0] + horizon { ends.train..ends.validation } else { judge };
    let fitted = judge.start.min(ends.train);
    let places = columns.places();
    let attempt = |log: bool| -> Option<(Vec<Channel>, Combination, f64)> {
        let channels: Vec<Channel> = columns
            .kept
            .iter()
            .map(|&index| {
                let place = places[index];
                let name = &table.columns[place].name;
                channel(name, grid, place, index, ends.train, season.steps, log)
            })
            .collect();
        let encoded: Vec<Vec<f64>> = (0..targets)
            .map(|s| {
                let values = grid.values.iter().skip(s).step_by(grid.columns).take(ends.validation);
                values.map(|&value| f64::from(channels[s].encode(value))).collect()
            })
            .collect();
        let request = |train: usize| Request {
            series: &encoded,
            train: 0..train,
            judge: judge.clone(),
            horizon,
            season: season.steps,
        };
        let tried = windows.iter().filter_map(|&window| fit(&request(fitted), window));
        let tried: Vec<Linear> = tried.collect();
        let found = combine(&request(fitted), &tried)?;
        let score = compare(&found.start, &encoded, &channels, grid, &judge);
        let again = |one: &Linear| refit(&request(ends.train), one);
        let found = if fitted < ends.train { found.again(&tried, again)? } else { found };
        Some((channels, found, score))
    };
    let may_log = options.series.log != Some(false)
        && (0..targets).all(|s| {
            grid.values
                .iter()
                .skip(s)
                .step_by(grid.columns)
                .take(ends.train)
                .all(|&value| value > 0.0)
        });
    if options.series.log == Some(true) && !may_log {
        return Err(DataError::new(source, say::series_not_above)
            .expected(say::series_want_above)
            .cure(say::cure_log));
    }
    let plain = if options.series.log == Some(true) { None } else { attempt(false) };
    let log = if may_log { attempt(true) } else { None };
    let logs_win = match (&plain, &log) {
        // Values are the simpler choice; logarithms must be clearly better.
        (Some(plain), Some(log)) => log.2 < 0.97 * plain.2,
        (None, Some(_)) => true,
        _ => false,
    };
    if let (Some(plain), Some(log)) = (&plain, &log) {
        notes.push(Said::new(|l| {
            let [values, logs] = [plain.2, log.2].map(|error| l.digits(&short(error.sqrt())));
            match logs_win {
                true => say::data_logarithms(l, values, logs),
                false => say::data_plain_values(l, values, logs),
            }
        }));
    }
    let chosen = if logs_win { log } else { plain };
    let Some((channels, combination, _)) = chosen else {
        return Err(too_short(source, ends.train, windows[0], horizon));
    };
    if let Some(huge) = channels.iter().find(|channel| !channel.is_sound()) {
        return Err(DataError::new(source, say::series_huge)
            .column(&huge.name)
            .expected(say::series_want_smaller));
    }
    notes.push(Said::new(|l| told(&combination, &windows, l)));
    Ok(Chosen { combination, channels })
}

/// What was chosen, in words.
fn told(combination: &Combination, windows: &[usize], l: Language) -> String {
    let linear = &combination.best;
    let number = |value: f64| l.digits(&short(value));
    let penalty = match linear.penalty {
        Some(penalty) => say::data_least_squares(l, l.digits(&penalty.to_string())),
        None => say::data_as_it_is(l),
    };
    let compared = match windows.len() {
        1 => String::new(),
        _ => say::data_best_window(l, format!("{windows:?}")),
    };
    let mean = match combination.windows.len() {
        1 => String::new(),
        _ => say::data_mean_of_forecasts(
            l,
            format!("{:?}", combination.windows),
            number(combination.start.judged),
            number(linear.judged),
        ),
    };
    let window = l.counted(linear.window as u64, "step");
    say::data_window(l, window, compared, linear.base.name(l), penalty, mean)
}

/// Windows to compare: some usual ones and a few seasons, as far as enough of them fit.
pub(super) fn windows(train: usize, horizon: usize, season: usize) -> Vec<usize> {
    let longest = (train / 2).min(train.saturating_sub(horizon + LEAST_WINDOWS));
    let mut windows = WINDOWS.to_vec();
    if season > 1 {
        windows.extend([season, season + 1, 2 * season, 3 * season]);
    }
    windows.retain(|&window| window <= longest && window <= LONGEST);
    windows.sort_unstable();
    windows.dedup();
    if windows.is_empty() {
        windows.push(longest.max(1));
    }
    windows
}

/// The scale of a column, by its training part.
pub(super) fn channel(
    name: &str,
    grid: &Grid,
    place: usize,
    index: usize,
    train: usize,
    season: usize,
    log: bool,
) -> Channel {
    let values = || grid.values.iter().skip(index).step_by(grid.columns).take(train).copied();
    let least = values().fold(f64::INFINITY, f64::min);
    // Beside positive targets another series may still be negative.
    let log_floor = (log && least > 0.0).then_some(least / 100.0);
    let moments = |log: bool| {
        let mut moments = Moments::default();
        values().for_each(|value| moments.add(if log { value.ln() } else { value }));
        (moments.mean, moments.std())
    };
    let (unit_mean, unit_std) = moments(false);
    let (mean, std) = if log_floor.is_some() { moments(true) } else { (unit_mean, unit_std) };
    let ahead = values().skip(season).zip(values()).map(|(later, value)| (later - value).abs());
    let (count, sum) = ahead.fold((0.0, 0.0), |(count, sum), error| (count + 1.0, sum + error));
    let naive_error = if count > 0.0 { sum / count } else { 0.0 };
    let name = name.to_owned();
    Channel { name, place, log_floor, mean, std, unit_mean, unit_std, naive_error }
}

/// The mean squared error of a linear forecast on standardized values.
fn compare(
    linear: &Linear,
    encoded: &[Vec<f64>],
    channels: &[Channel],
    grid: &Grid,
    judge: &Range<usize>,
) -> f64 {
    let origins = origins(judge, linear.window, linear.horizon);
    let stride = origins.len().div_ceil(COMPARED).max(1);
    let (mut sum, mut count) = (0.0, 0.0);
    for origin in origins.step_by(stride) {
        for (s, series) in encoded.iter().enumerate() {
            let forecast =
                linear.forecast(&series[origin - linear.window..origin], s, encoded.len());
            for (h, &number) in forecast.iter().enumerate() {
                let value = grid.values[(origin + h) * grid.columns + s];
                let channel = &channels[s];
                let error =
                    channel.standardized(channel.decode(number)) - channel.standardized(value);
                sum += error * error;
                count += 1.0;
            }
        }
    }
    if count > 0.0 { sum / count } else { f64::INFINITY }
}
