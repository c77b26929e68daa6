//! Data: sources, what is recognized in them, splits, preprocessing, batches.
//!
//! ```text
//! name or path ──open──▶ raw rows ──task, split──▶ parts ──fit (training part)──▶ preprocessing
//!                                              └──────────encode──────────▶ train, validation, test
//! ```
//!
//! [`prepare`] does all of it. [`Batches`] hands out shuffled rows; [`NewRows`] encodes new raw rows
//! with a saved [`Preprocessing`].
//!
//! Invariants: nothing here draws on a graph or a kernel; no row is lost ([`Accounting`]); no input
//! from outside can make it panic or take memory without bound; a split, a shuffle and a generated
//! set are pure functions of their seed.

mod accounting;
mod array;
mod encoded;
mod error;
mod fit;
#[cfg(test)]
mod fixtures;
mod input;
mod options;
mod order;
mod permutation;
mod prepare;
mod preprocessing;
mod random;
mod raw;
mod rows;
mod sources;
mod split;
mod store;
mod table;
mod target;

pub use accounting::{Accounting, ClassRows, SkippedRows};
pub use encoded::{Batches, Encoded};
pub use error::DataError;
pub use fit::ColumnReport;
pub use options::{BadRows, Color, ColumnKind, DEFAULT_TEST_SHARE, DataOptions, Fill, Scale, Task};
pub use permutation::Permutation;
pub use prepare::{Prepared, prepare};
pub use preprocessing::{
    Column, Encoding, Inputs, NumberTarget, PixelScale, Preprocessing, Target,
};
pub use rows::{EncodedSource, NewRows, encode};
pub use sources::{SOURCES, Source};
pub use split::{Part, Shares, UNUSED, split};
pub use table::date::DateOrder;
