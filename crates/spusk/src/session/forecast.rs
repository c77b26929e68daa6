//! Forecasts: the network around a linear forecast, the backtest beside simpler forecasts, and the
//! future behind the last row.

mod baseline;
mod share;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::resolve::with_output;
use super::{Predicted, Scores, SessionError, Trained};
use crate::Model;
use crate::data::{
    Channel, DataOptions, Encoded, Inputs, Prepared, Preprocessing, Series, SeriesInputs,
    SeriesOptions, Target, Windows, open_series,
};
use crate::experiment::DataSettings;
pub(super) use baseline::{Baseline, tensors};
pub(super) use share::choose;

use crate::init::Initializer;
use crate::layers::{
    AnyLayer, AvgPool, Concat, Dense, Dropout, Flatten, Forecast, Last, Relu, Sequential,
    WindowScale,
};
use crate::losses::AnyLoss;
use crate::messages::{self as say, Said};
use crate::metrics::{ForecastErrors, ForecastSums, json_number};

/// Scores of a forecast on all windows of a part, one step after the other (a rolling origin).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastScores {
    /// Steps of each forecast.
    pub horizon: usize,
    /// Names of the series.
    pub series: Vec<String>,
    /// The network's errors.
    pub errors: ForecastErrors,
    /// Errors of simpler forecasts on the same windows.
    pub compared: Vec<Compared>,
    /// How often the values lie in the interval, where quantiles are forecast.
    pub coverage: Option<Coverage>,
    /// Forecasts of the first series one behind the other, for a picture.
    pub shown: Vec<Shown>,
}

/// A simpler forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// `naive`, `seasonal_naive`, `linear`.
    pub name: String,
    /// What it is, in words.
    pub what: Said,
    /// Its errors.
    pub errors: ForecastErrors,
}

/// The interval between the outer quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The share of values that should lie in it.
    pub wanted: f64,
    /// The share that does.
    pub found: f64,
}

/// A forecast value of the first series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// What it is for, for people.
    pub time: String,
    /// Steps from the first one shown.
    pub place: usize,
    /// What came.
    #[serde(with = "json_number")]
    pub value: f64,
    /// What was forecast.
    #[serde(with = "json_number")]
    pub forecast: f64,
    /// The outer quantiles, where quantiles are forecast.
    #[serde(with = "json_number")]
    pub interval: Option<[f64; 2]>,
}

/// Longer windows are seen in less detail.
const LONG: usize = 96;
/// Steps that are seen one by one, and steps of a block.
const RECENT: usize = 48;
const BLOCK: usize = 12;

/// Steps of the picture, at most.
const SHOWN: usize = 400;

/// The settings of an experiment that are about series.
pub(super) fn series_options(from: &DataSettings) -> Result<SeriesOptions, SessionError> {
    let steps =
        |steps: Option<&u64>| steps.map(|&steps| usize::try_from(steps).unwrap_or(usize::MAX));
    Ok(SeriesOptions {
        horizon: steps(from.horizon.set()),
        window: steps(from.window.set()),
        time: from.time.clone(),
        season: steps(from.season.set()),
        log: from.log.set().copied(),
        split: from.split.clone(),
        gaps: from.gaps,
        repeats: from.repeats,
    })
}

/// The network of hidden layers: they correct the linear forecast, and nothing at first.
pub(super) fn network(
    inputs: &SeriesInputs,
    preprocessing: &Preprocessing,
    hidden: Vec<AnyLayer>,
    outputs: usize,
) -> Model {
    let Model { mut layers } = with_output(hidden, preprocessing.shape().len(), outputs);
    layers.pop();
    layers.push(Dense { init: Initializer::Zeros, ..Dense::new(outputs) }.into());
    let forecast = Forecast {
        layers,
        horizon: preprocessing.outputs() / inputs.targets.len().max(1),
        series: inputs.targets.len(),
        others: inputs.others.len(),
        scale: WindowScale::Last,
    };
    Model { layers: vec![forecast.into()] }
}

/// The names of the linear forecast's states.
const SHORTCUT: &str = "layers.0.shortcut";
const BIAS: &str = "layers.0.bias";

/// What the network starts from, as its states hold it.
pub(super) fn initial(data: &Prepared) -> Vec<(String, Arc<[f32]>)> {
    let start = data.series.as_ref().and_then(|series| series.start.as_ref());
    start.map_or(Vec::new(), |start| {
        vec![
            (SHORTCUT.into(), start.weights.as_slice().into()),
            (BIAS.into(), start.bias.as_slice().into()),
        ]
    })
}

/// Wider for more windows, with dropout. Of a long window the last steps are seen one by one, and all of it in
/// blocks: what is far back counts as a level, and few weights cannot learn chance by heart.
pub(super) fn usual_network(windows: usize, window: usize) -> Vec<AnyLayer> {
    let width = match windows {
        0..500 => 16,
        500..4000 => 64,
        _ => 256,
    };
    let mut layers: Vec<AnyLayer> = Vec::new();
    if window > LONG {
        let branch = |layer: AnyLayer| Sequential { layers: vec![layer, Flatten.into()] }.into();
        let blocks = AvgPool { kernel_size: BLOCK, ..AvgPool::default() };
        let branches = vec![branch(Last { steps: RECENT }.into()), branch(blocks.into())];
        layers.push(Concat { layers: branches }.into());
    }
    layers.extend([Dense::new(width).into(), Relu.into(), Dropout { dropout_rate: 0.3 }.into()]);
    layers
}

/// Steps of a training on so many windows.
pub(super) fn usual_steps(windows: usize) -> u64 {
    if windows < 500 { 300 } else { 1000 }
}

/// Gathers the errors of a network's forecasts, window by window.
pub(crate) struct Backtest {
    channels: Vec<Channel>,
    horizon: usize,
    /// The shares of the quantiles; empty for a forecast of the mean.
    quantiles: Vec<f64>,
    rows: usize,
    sums: ForecastSums,
    values: u64,
    inside: u64,
    shown: Vec<(usize, [f64; 4])>,
}

impl Backtest {
    pub(crate) fn new(channels: &[Channel], horizon: usize, loss: &AnyLoss) -> Backtest {
        Backtest {
            channels: channels.to_vec(),
            horizon,
            quantiles: quantiles(loss),
            rows: 0,
            sums: ForecastSums::default(),
            values: 0,
            inside: 0,
            shown: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, predictions: &[f32], targets: &[f32]) {
        let each = self.horizon * self.channels.len();
        let count = self.quantiles.len().max(1);
        let rows = predictions.chunks_exact(each * count).zip(targets.chunks_exact(each));
        for (predictions, targets) in rows {
            for (i, (outputs, &target)) in predictions.chunks_exact(count).zip(targets).enumerate()
            {
                let sorted = sorted(outputs);
                let middle = sorted[middle(&self.quantiles)];
                let (low, high) = (sorted[0], sorted[count - 1]);
                self.inside += u64::from(low <= target && target <= high);
                self.values += 1;
                let (h, s) = (i / self.channels.len(), i % self.channels.len());
                let channel = &self.channels[s];
                let [forecast, value] = [middle, target].map(|x| channel.decode(f64::from(x)));
                self.sums.push(forecast, value, channel.unit_std, channel.naive_error);
                if s == 0 && self.rows.is_multiple_of(self.horizon) {
                    let decode = |x: f32| self.channels[0].decode(f64::from(x));
                    self.shown.push((self.rows + h, [target, middle, low, high].map(decode)));
                }
            }
            self.rows += 1;
        }
    }

    pub(crate) fn finish(self) -> ForecastScores {
        let coverage = (self.quantiles.len() > 1).then(|| {
            let least = self.quantiles.iter().copied().fold(1.0, f64::min);
            let most = self.quantiles.iter().copied().fold(0.0, f64::max);
            Coverage { wanted: most - least, found: self.inside as f64 / self.values.max(1) as f64 }
        });
        let has_interval = coverage.is_some();
        let skip = self.shown.len().saturating_sub(SHOWN.max(self.horizon));
        let shown = self.shown[skip..].iter().map(|&(place, [value, forecast, low, high])| Shown {
            time: String::new(),
            place,
            value,
            forecast,
            interval: has_interval.then_some([low, high]),
        });
        ForecastScores {
            horizon: self.horizon,
            series: self.channels.iter().map(|channel| channel.name.clone()).collect(),
            errors: self.sums.finish(),
            compared: Vec::new(),
            coverage,
            shown: shown.collect(),
        }
    }
}

/// The shares of a quantile loss.
fn quantiles(loss: &AnyLoss) -> Vec<f64> {
    match loss {
        AnyLoss::Quantile(quantile) => quantile.quantiles.clone(),
        _ => Vec::new(),
    }
}

/// Quantiles in order: nothing else keeps one from crossing another.
fn sorted(outputs: &[f32]) -> Vec<f32> {
    let mut sorted = outputs.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted
}

/// The place of the quantile nearest to the median, in order of size.
fn middle(quantiles: &[f64]) -> usize {
    let mut sorted = quantiles.to_vec();
    sorted.sort_by(f64::total_cmp);
    let distance = |i: &usize| (sorted[*i] - 0.5).abs();
    (0..sorted.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
}

/// Adds what simpler forecasts come to on the same windows, and the times of what is shown.
pub(super) fn compare(
    scores: &mut Scores,
    preprocessing: &Preprocessing,
    series: &Series,
    windows: &Windows,
) {
    let (Some(found), Inputs::Series(inputs)) = (&mut scores.forecast, &preprocessing.inputs)
    else {
        return;
    };
    for shown in &mut found.shown {
        shown.time = windows.frame.label(windows.origins.start + shown.place);
    }
    let backtest = Simple { inputs, series, windows };
    found.compared = backtest.all();
}

/// The backtest of simple forecasts.
struct Simple<'a> {
    inputs: &'a SeriesInputs,
    series: &'a Series,
    windows: &'a Windows,
}

impl Simple<'_> {
    fn all(&self) -> Vec<Compared> {
        let count = self.inputs.targets.len();
        let value = |step: usize, s: usize| self.series.values[step * count + s];
        let season = self.inputs.season;
        let mut all = vec![Compared {
            name: "naive".into(),
            what: Said::new(say::forecast_last_value),
            errors: self.errors(|origin, s| vec![value(origin - 1, s); self.windows.horizon]),
        }];
        // The season may be longer than the window: then it looks back further than the network does.
        if season > 1 && season <= self.windows.origins.start {
            all.push(Compared {
                name: "seasonal_naive".into(),
                what: Said::new(|l| say::forecast_season_before(l, season)),
                errors: self.errors(|origin, s| {
                    let back = |h: usize| value(origin + h % season - season, s);
                    (0..self.windows.horizon).map(back).collect()
                }),
            });
        }
        if let Some(linear) = &self.series.linear {
            let channels = self.series.frame.channels;
            all.push(Compared {
                name: "linear".into(),
                what: Said::new(say::forecast_least_squares),
                errors: self.errors(|origin, s| {
                    let window = origin - linear.window..origin;
                    let x: Vec<f64> = window
                        .map(|step| f64::from(self.series.frame.values[step * channels + s]))
                        .collect();
                    let forecast = linear.forecast(&x, s, count);
                    forecast.iter().map(|&y| self.inputs.targets[s].decode(y)).collect()
                }),
            });
        }
        all
    }

    fn errors(&self, forecast: impl Fn(usize, usize) -> Vec<f64>) -> ForecastErrors {
        let mut sums = ForecastSums::default();
        let count = self.inputs.targets.len();
        for origin in self.windows.origins.clone() {
            for (s, channel) in self.inputs.targets.iter().enumerate() {
                for (h, forecast) in forecast(origin, s).into_iter().enumerate() {
                    let value = self.series.values[(origin + h) * count + s];
                    sums.push(forecast, value, channel.unit_std, channel.naive_error);
                }
            }
        }
        sums.finish()
    }
}

impl Trained {
    /// The series of a source as this network reads them, with its own linear forecast.
    fn series(
        &self,
        source: &str,
        options: &DataOptions,
        tell: &mut dyn FnMut(&Said),
    ) -> Result<Series, SessionError> {
        let (mut series, notes) = open_series(source, &self.preprocessing, options)?;
        notes.iter().for_each(&mut *tell);
        let state = |name: &str| self.state.get(name).map(<[f32]>::to_vec).unwrap_or_default();
        if let (Inputs::Series(inputs), Target::Series { horizon, .. }) =
            (&self.preprocessing.inputs, &self.preprocessing.target)
        {
            match &self.baseline {
                Some(baseline) => baseline.give(&mut series, inputs.window, *horizon),
                None => series.set_linear(inputs.window, *horizon, state(SHORTCUT), state(BIAS)),
            }
        }
        Ok(series)
    }

    /// The steps behind the last row of a source.
    pub(super) fn forecast(
        &mut self,
        source: &str,
        options: &DataOptions,
        tell: &mut dyn FnMut(&Said),
    ) -> Result<Predicted, SessionError> {
        let series = self.series(source, options, tell)?;
        let (frame, shape) = (series.frame.clone(), self.preprocessing.shape());
        let (steps, window) = (frame.len(), shape[0]);
        let features = &frame.values[(steps - window) * frame.channels..];
        let Target::Series { channels, horizon } = self.preprocessing.target.clone() else {
            unreachable!("only networks that forecast come here")
        };
        let count = quantiles(&self.loss().clone()).len().max(1);
        let mut predicted =
            Predicted { width: channels.len() * count, counted_by: "step", ..Predicted::default() };
        self.forward(1, features, None, |_, outputs| {
            for (i, outputs) in outputs.chunks_exact(count).enumerate() {
                let channel = &channels[i % channels.len()];
                let decoded = sorted(outputs).into_iter().map(|x| channel.decode(f64::from(x)));
                predicted.values.extend(decoded);
            }
        })?;
        predicted.times = (0..horizon).map(|h| frame.label(steps + h)).collect();
        predicted.lines = (1..=horizon as u64).collect();
        Ok(predicted)
    }

    /// The quantiles that are forecast, in order; none for a forecast of the mean.
    pub fn quantiles(&self) -> Vec<f64> {
        let mut all = quantiles(self.loss());
        all.sort_by(f64::total_cmp);
        all
    }

    /// Scores on all windows of a source.
    pub(super) fn evaluate_series(
        &mut self,
        source: &str,
        options: &DataOptions,
        tell: &mut dyn FnMut(&Said),
    ) -> Result<Scores, SessionError> {
        let series = self.series(source, options, tell)?;
        let Target::Series { horizon, .. } = self.preprocessing.target else {
            unreachable!("only networks that forecast come here")
        };
        let window = self.preprocessing.shape()[0];
        let steps = series.frame.len();
        if steps < window + horizon {
            let least = window + horizon;
            return Err(SessionError::told(|l| {
                say::series_short_test(l, source, steps, least, horizon, window)
            }));
        }
        let origins = window..steps - horizon + 1;
        let windows = Windows { frame: series.frame.clone(), origins, window, horizon };
        let mut scores = self.score_part(&Encoded::windows(windows.clone()))?;
        compare(&mut scores, &self.preprocessing, &series, &windows);
        Ok(scores)
    }
}
