//! What every kernel implements; one kernel a file.

use std::ops::Range;

use crate::memory::RawMemory;
use crate::{Level, Place};

/// A checked, ready-to-run form of one instruction.
pub(crate) trait Kernel<T>: Send + Sync {
    /// Every place it reads.
    fn reads(&self) -> Vec<Place>;

    /// Every place it writes.
    fn writes(&self) -> Vec<Place>;

    /// Units of work that may run on different threads, at least 1. From the shape alone.
    fn chunks(&self) -> usize;

    /// About how many nanoseconds one core needs for the whole. Decides where threads pay.
    fn cost(&self) -> f64;

    /// Elements of scratch memory a thread needs.
    fn scratch(&self) -> usize;

    /// Runs some of the chunks.
    ///
    /// # Safety
    /// All places lie inside the buffers of `memory`; nobody else writes what this kernel touches or
    /// reads what it writes, but for other chunks of the same kernel, which write other elements;
    /// `scratch` points to [`Kernel::scratch`] elements of this thread alone, aligned to 64 bytes;
    /// the processor has `level`.
    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, scratch: *mut T, level: Level);
}
