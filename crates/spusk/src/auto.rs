//! What the user did not choose: the network, its regularization, the length of the training, the
//! learning rate.
//!
//! Small data ([`network`]): networks from a linear one upwards are compared by cross-validation over
//! all rows that are not test rows, and the simplest one stays whose loss is within half a standard
//! error of the best; then the weight decay, the length of training and the learning rate for it.
//! Larger data get a usual network; the validation part ends its training.
//!
//! The learning rate ([`rate`]): a range test (Smith 2017, "Cyclical learning rates for training
//! neural networks") with several seeds finds how large a rate the network bears; then, where it was
//! not cross-validated, a few rates below race on examples that they were not trained on.
//!
//! All of it is a pure function of data and seed: effort is counted in steps, never in seconds. A time
//! limit alone may cut it short ([`until`]).

mod correction;
mod network;
mod rate;
mod rows;
mod trial;
mod until;

pub(crate) use correction::{CorrectionOf, CorrectionRequest, choose_correction};
pub(crate) use network::{NetworkRequest, SHORTEST, choose_network};
pub(crate) use rate::{RateRequest, choose_rate, losses};
pub(crate) use rows::{Rows, Subset, folds};
pub(crate) use trial::{Recipe, Trial};
pub(crate) use until::Until;

use crate::messages::Said;
use crate::plot::{Race, RangeTest};

/// How the learning rate was found.
#[derive(Debug, Clone)]
pub struct FoundRate {
    /// The rate.
    pub rate: f64,
    /// What was tried, what it gave, what was chosen and why; a sentence each.
    pub notes: Vec<Said>,
    /// The range test, or what cross-validation found of each rate, as a picture.
    pub range_test: Option<RangeTest>,
    /// The race, as a picture, if there was one.
    pub race: Option<Race>,
}

/// So many rows, the test part not counted, are few enough to cross-validate on.
pub(crate) const SMALL: usize = 3000;
