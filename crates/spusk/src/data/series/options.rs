//! The settings of a series.

use serde::{Deserialize, Serialize};

/// What stands in for a value that is missing between others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    /// The value before it: nothing later is looked at.
    #[default]
    Previous,
    /// The straight line between its neighbors; never across the end of a part, so that no part
    /// sees a later one.
    Interpolate,
    /// The run stops with an error that names the first one.
    Error,
}

impl Gaps {
    /// The word that settings use.
    pub fn name(self) -> &'static str {
        match self {
            Gaps::Previous => "previous",
            Gaps::Interpolate => "interpolate",
            Gaps::Error => "error",
        }
    }
}

/// What becomes of several rows with one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// The last one counts.
    #[default]
    Last,
    /// The first one counts.
    First,
    /// Their mean counts.
    Mean,
    /// The run stops with an error that names the first pair.
    Error,
}

impl Repeats {
    /// The word that settings use.
    pub fn name(self) -> &'static str {
        match self {
            Repeats::Last => "last",
            Repeats::First => "first",
            Repeats::Mean => "mean",
            Repeats::Error => "error",
        }
    }
}

/// How a table is read as series and what is forecast. What is absent is found from the data.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeriesOptions {
    /// Steps to forecast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizon: Option<usize>,
    /// Steps before them that the network sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<usize>,
    /// The column of the times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Steps after which the series repeats; 1 for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub season: Option<usize>,
    /// Whether logarithms are forecast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<bool>,
    /// Where the parts end: `8640/2880/2880`, `0.7/0.1/0.2`, `2017-06-26/2017-10-24`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// What stands in for missing values.
    pub gaps: Gaps,
    /// What becomes of repeated times.
    pub repeats: Repeats,
}
