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
//! Memory: a table is read once, in pieces; its numbers stay in memory up to a quarter of
//! `memory_limit` (256 MiB unless set otherwise), its encoded rows up to a half, and beyond that both
//! lie in temporary files, of which each part holds a window of 4 MiB. Words of categories take at
//! most 32 MiB, a line at most 16 MiB, the texts of a column at most an eighth of `memory_limit` before
//! they go to a file, their vocabulary at most a million different words. Only the split grows with the
//! rows: 5 bytes for each while it is made, 25 MB for five million.
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
mod patches;
mod permutation;
mod prepare;
mod preprocessing;
pub(crate) mod random;
mod raw;
mod rows;
mod series;
mod sources;
mod split;
mod store;
mod table;
mod target;
mod texts;
mod tokens;

pub use accounting::{Accounting, ClassRows, SkippedRows};
pub use encoded::{Batches, Encoded};
pub use error::DataError;
pub(crate) use error::{counted, quoted};
pub use fit::ColumnReport;
pub(crate) use input::file_size;
pub(crate) use options::option_error;
pub use options::{
    BadRows, Color, ColumnKind, DEFAULT_TEST_SHARE, DataOptions, Fill, LARGEST_SIDE, Scale, Task,
};
pub use patches::{Degradation, PatchInputs, PatchOptions};
pub(crate) use patches::{Patches, pictures_of};
pub use permutation::Permutation;
pub use prepare::{Prepared, prepare};
pub use preprocessing::{
    Column, Encoding, Inputs, NumberTarget, PixelScale, Preprocessing, Target, TextBlock,
};
pub use rows::{EncodedSource, NewRows, encode};
pub use series::{Channel, Gaps, Repeats, SeriesInputs, SeriesOptions, SeriesTime, Step};
pub(crate) use series::{Series, Windows, open_series};
pub(crate) use sources::idx_streams;
pub use sources::{SOURCES, Source, is_same_file, is_same_source, source_files};
pub use split::{Part, Shares, UNUSED, split};
pub use table::date::DateOrder;
pub use table::spelling::Spelling;
pub(crate) use tokens::decode;
pub use tokens::{TokenKind, Tokens};
