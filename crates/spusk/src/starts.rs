//! Many trainings of the same network from random first weights: what chance alone makes of the result.
//!
//! The experiment of Choromanska, Henaff, Mathieu, Ben Arous & LeCun 2015, "The loss surfaces of multilayer
//! networks" (arXiv 1412.0233): one hidden layer of several widths, many runs of each, and how the losses
//! that they end at are spread.

mod account;
mod alone;
mod experiment;
mod folder;
mod index;
mod plan;
mod report;
mod rows;
mod stack;
mod stats;

pub use account::{StartsPage, account, conclusions, page};
pub use experiment::{Forecast, Progress, RunFound, Starts, Variant};
pub use folder::Folder;
pub use index::{Index, IndexRequest, ZERO, index};
pub use plan::{Planned, StartsRequest, plan};
pub use report::{Change, KindFound, Ratio, StartsFound, ratio};
pub use rows::{reduced_shape, rows};
pub use stack::{Outcome, Recipe, Stack};
pub use stats::{Correlation, Distribution, correlation, published};
