//! Series: tables whose rows follow each other in time, from which windows are cut to forecast what
//! comes next.
//!
//! ```text
//! table ──time column──▶ rows ──sort, repeats──▶ grid ──parts in time order, gaps──▶ values
//!    ──season, window, linear forecast: chosen on the validation part──▶ frame ──▶ windows
//! ```
//!
//! Invariant: whatever belongs to a part depends on no value behind that part. Scales, season, window
//! and linear forecast are those of the training part, chosen by the validation part at most; gaps are
//! filled from before, or inside a part.

mod choose;
mod columns;
mod combine;
mod frame;
mod grid;
mod linear;
mod open;
mod options;
mod parts;
mod season;
mod step;

pub(crate) use frame::Windows;
pub(crate) use open::{Series, open_series, prepare};
pub use options::{Gaps, Repeats, SeriesOptions};
pub use step::Step;

use serde::{Deserialize, Serialize};

use super::error::{counted, quoted, short};
use super::preprocessing::{Target, bounded, is_scale};
use super::table::date::{self, DateOrder};

/// Longer windows and horizons are taken for a mistake.
pub(crate) const MOST_STEPS: usize = 100_000;

/// How windows of series become inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesInputs {
    /// Columns are found by their names; otherwise by their places.
    pub named: bool,
    /// The column of the times; none where rows are taken as they follow each other.
    pub time: Option<SeriesTime>,
    /// The time from one value to the next.
    pub step: Step,
    /// Steps after which the series repeat; 1 for none.
    pub season: usize,
    /// Steps that the network sees.
    pub window: usize,
    /// The series that it sees beside those that are forecast.
    pub others: Vec<Channel>,
    /// The series that are forecast.
    pub targets: Vec<Channel>,
    /// The parts of the date that it sees: month (1 sine, 2 cosine), weekday (3, 4), time of day
    /// (5, 6).
    pub date_parts: Vec<usize>,
    /// What stands in for missing values.
    pub gaps: Gaps,
    /// What becomes of repeated times.
    pub repeats: Repeats,
}

/// The column of the times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesTime {
    /// Its name.
    pub name: String,
    /// Its place in the table, from 0.
    pub place: usize,
    /// The order of year, month and day.
    pub order: DateOrder,
}

/// A series and its scale: an input is (y − mean) / std, or the same of ln y.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// The column's name.
    pub name: String,
    /// Its place in the table, from 0.
    pub place: usize,
    /// Logarithms are forecast; no value is taken as less than this.
    pub log_floor: Option<f64>,
    /// The mean of the training part (of the logarithms, where they are taken).
    pub mean: f64,
    /// Its standard deviation.
    pub std: f64,
    /// The mean of the training part in its own unit, for scores on standardized data.
    pub unit_mean: f64,
    /// Its standard deviation.
    pub unit_std: f64,
    /// The mean error there of the seasonal-naive forecast one season ahead.
    pub naive_error: f64,
}

impl Channel {
    /// The network's number for a value.
    pub(crate) fn encode(&self, value: f64) -> f32 {
        let value = match self.log_floor {
            Some(floor) => value.max(floor).ln(),
            None => value,
        };
        bounded((value - self.mean) / self.std)
    }

    /// The value for a number of the network.
    pub(crate) fn decode(&self, number: f64) -> f64 {
        let value = number * self.std + self.mean;
        if self.log_floor.is_some() { value.exp() } else { value }
    }

    /// The value in standard deviations from the mean of the training part.
    pub(crate) fn standardized(&self, value: f64) -> f64 {
        (value - self.unit_mean) / self.unit_std
    }

    pub(crate) fn is_sound(&self) -> bool {
        is_scale(self.mean, self.std)
            && is_scale(self.unit_mean, self.unit_std)
            && self.naive_error >= 0.0
            && self.log_floor.is_none_or(|floor| floor > 0.0 && floor.is_finite())
    }
}

impl SeriesInputs {
    /// Numbers of one step.
    pub(crate) fn width(&self) -> usize {
        self.targets.len() + self.others.len() + self.date_parts.len()
    }

    /// The series, those that are forecast first.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.targets.iter().chain(&self.others)
    }

    pub(crate) fn describe(&self) -> Vec<String> {
        let line = |channel: &Channel| {
            let value = if channel.log_floor.is_some() { "ln x" } else { "x" };
            format!(
                "{}: series, ({value} − {}) / {}",
                quoted(channel.name.as_bytes()),
                short(channel.mean),
                short(channel.std)
            )
        };
        let mut lines: Vec<String> = self.channels().map(line).collect();
        if !self.date_parts.is_empty() {
            let names: Vec<&str> = self.date_parts.iter().map(|&part| date::PARTS[part]).collect();
            lines.push(format!("date as {}", names.join(", ")));
        }
        lines.push(format!("window of {}", counted(self.window as u64, "step")));
        lines
    }

    pub(crate) fn validate(&self, target: &Target) -> Result<(), String> {
        let Target::Series { channels, .. } = target else {
            return Err("its target is no series".into());
        };
        let sound = *channels == self.targets
            && self.channels().all(Channel::is_sound)
            && self.date_parts.iter().all(|part| (1..date::PARTS.len()).contains(part))
            && self.step.is_sound()
            && (1..=MOST_STEPS).contains(&self.window)
            && (1..=MOST_STEPS).contains(&self.season);
        if sound { Ok(()) } else { Err("its series do not fit each other".into()) }
    }
}
