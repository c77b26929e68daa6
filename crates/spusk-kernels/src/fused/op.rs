//! One operation of a compiled tile program.

use crate::Level;

/// Runs one operation over the `n` that `op.count` chose.
///
/// # Safety
/// `table` has an address for every slot that the operation names, each good for the elements that
/// the operation reads or writes there; the processor has the instruction set of the function.
pub(super) type TileFn<T> = unsafe fn(op: &Op<T>, table: *const *mut T, n: usize);

/// How far an operation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// The elements of the tile.
    Elements,
    /// The rows of the tile, rounded up to whole vectors where what stands behind is padding.
    PaddedRows,
    /// The rows of the tile.
    Rows,
    /// One group of [`crate::LANES`].
    Lanes,
    /// The columns, padding included.
    Columns,
    /// The rows of a full tile.
    TileRows,
}

/// The number of [`Count`]s.
pub(super) const COUNTS: usize = 6;

/// The most slots that an operation has.
pub(super) const SLOTS: usize = 16;

/// One operation, its operands named by their slots in the table of addresses.
pub(super) struct Op<T> {
    /// Its loop for every level.
    pub(super) function: [TileFn<T>; Level::COUNT],
    /// Slots of the results (one, where nothing else is said), then of the arguments; unused ones
    /// name slot 0.
    pub(super) slots: [u16; SLOTS],
    /// Bit k is set if argument k is walked along (or unused); if not, its first element holds for
    /// all.
    pub(super) walked: u8,
    /// If an element-wise operation goes row by row: elements from row to row, by argument. The
    /// result's rows are those of a tile.
    pub(super) row_steps: Option<[usize; 3]>,
    /// What `n` is.
    pub(super) count: Count,
    /// Columns of the iteration, for operations that look at rows.
    pub(super) columns: usize,
}
