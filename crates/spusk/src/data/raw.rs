//! What a source gives before anything is fitted: rows of numbers, not yet standardized.

use std::collections::BTreeMap;

use super::store::Store;
use super::table::date::DateOrder;
use super::table::files::TableFiles;
use super::table::spelling::Written;
use super::texts::Texts;
use crate::messages::Said;

/// The code of a category that did not fit into a column's list.
pub(crate) const OVERFLOW: f64 = u32::MAX as f64;

/// An opened source.
pub(crate) struct Opened {
    /// What the source is called in messages and reports.
    pub(crate) name: String,
    /// The kind of the source, in words.
    pub(crate) kind: Said,
    pub(crate) content: Content,
    pub(crate) own_test: OwnTest,
    /// Rows that were left out, by reason.
    pub(crate) skipped: Skipped,
    /// What the user should know.
    pub(crate) notes: Vec<Said>,
}

/// The rows of a source.
pub(crate) enum Content {
    /// Tables that are not read yet.
    Text(TableFiles),
    Table(RawTable),
    Pixels(RawPixels),
}

/// Rows that were left out: reason, count, first line.
pub(crate) type Skipped = BTreeMap<String, SkippedRows>;

/// How many rows were left out for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkippedRows {
    /// The number of rows.
    pub count: u64,
    /// The line (or the number) of the first of them.
    pub first: u64,
}

/// Counts a row that is left out.
pub(crate) fn skip(skipped: &mut Skipped, reason: &str, line: u64) {
    match skipped.get_mut(reason) {
        Some(rows) => rows.count += 1,
        None => {
            skipped.insert(reason.to_owned(), SkippedRows { count: 1, first: line });
        }
    }
}

/// The test part that a source brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnTest {
    /// There is none; it is split off with the seed.
    None,
    /// The last so many rows.
    Last(usize),
    /// A split that does not depend on the user's seed.
    Fixed,
}

/// Columns of numbers, words and dates.
pub(crate) struct RawTable {
    pub(crate) columns: Vec<RawColumn>,
    pub(crate) rows: usize,
    /// Row by row, one number for every column: a value, seconds, or the code of a word; NaN where
    /// it is missing.
    pub(crate) cells: Store<f64>,
    /// The line on which each row begins, where rows come from lines.
    pub(crate) lines: Option<Store<u64>>,
    /// The names stand in the file, so that columns are found by name and not by place.
    pub(crate) named: bool,
    /// The class names of the last column's 0, 1, 2, …, where the file tells them.
    pub(crate) classes: Option<Vec<String>>,
    /// The columns that hold the target, where the source knows them.
    pub(crate) targets: Option<Vec<usize>>,
    /// The task, where the source knows it.
    pub(crate) task: Option<super::options::Task>,
    /// The source keeps the target as whole numbers, so they are classes rather than measures.
    pub(crate) whole_targets: bool,
}

/// A column of a table.
pub(crate) struct RawColumn {
    pub(crate) name: String,
    pub(crate) kind: RawKind,
    /// How its numbers are written, where that is not plainly.
    pub(crate) written: Option<Written>,
}

/// What the numbers of a column mean.
pub(crate) enum RawKind {
    Number,
    Date {
        order: DateOrder,
    },
    /// Codes into `values`; words behind the list's bound have the code [`OVERFLOW`].
    Category {
        values: Vec<String>,
        overflow: u64,
    },
    /// Codes into `values`, of which one means no and the other yes.
    Boolean {
        values: [String; 2],
        yes: usize,
    },
    /// Numbers of texts.
    Text(Texts),
}

/// Images, or other rows of which all numbers have one scale.
pub(crate) struct RawPixels {
    /// The shape of a row: [H, W, C] for images, [N] for rows of numbers.
    pub(crate) shape: Vec<usize>,
    pub(crate) rows: usize,
    pub(crate) pixels: Pixels,
    pub(crate) labels: Option<Labels>,
    /// The file of each row, where each has one.
    pub(crate) files: Option<Vec<String>>,
}

/// The numbers of images, row by row.
pub(crate) enum Pixels {
    Bytes(Store<u8>),
    Floats(Store<f32>),
}

/// The targets of images.
pub(crate) struct Labels {
    pub(crate) name: String,
    /// Numbers of a row.
    pub(crate) outputs: usize,
    /// Row by row.
    pub(crate) values: Vec<f64>,
    /// The names of the classes 0, 1, 2, …, where the source tells them.
    pub(crate) classes: Option<Vec<String>>,
    /// The file keeps whole numbers, so they are classes rather than measures.
    pub(crate) whole: bool,
}
