//! Chains of element-wise operations and row reductions, run tile by tile while a tile is in the
//! first-level cache.
//!
//! [`prepare`] checks a [`Fused`] and compiles it to a tile program: a list of operations, each a
//! loop over a tile, whose operands are positions in a table of addresses. Inputs are read where
//! they stand and outputs written where they belong; only what lies between goes through registers
//! in scratch memory.

mod check;
mod function;
mod lower;
mod nodes;
mod op;
mod registers;
mod rows;

use std::ops::Range;

use self::lower::{Base, Lowered, Slot};
use self::nodes::Nodes;
use self::op::{COUNTS, Count, Op};
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{Buffer, Element, Fused, LANES, Level, Place};

/// Elements of a chunk, about.
const CHUNK: usize = 16_384;

/// Checks a fused kernel and makes it ready to run.
pub(crate) fn prepare<T: Element>(spec: &Fused) -> Result<Box<dyn Kernel<T>>, String> {
    check::check(spec)?;
    let lowered = lower::lower::<T>(&Nodes::new(spec));
    Ok(Box::new(FusedKernel::new(spec, lowered)))
}

struct FusedKernel<T> {
    reads: Vec<Place>,
    writes: Vec<Place>,
    program: Lowered<T>,
    /// The constants, [`LANES`] times each.
    pool: Buffer<T>,
    /// Slots that move from tile to tile: the first so many.
    moving: usize,
    chunk_rows: usize,
    /// Whether tiles end at multiples of [`LANES`] or at the end of all, and the same for their
    /// rows: then operations may go on to the next multiple.
    padded: bool,
    padded_rows: bool,
    /// What each [`Count`] is for a full tile.
    counts: [usize; COUNTS],
}

impl<T: Element> FusedKernel<T> {
    fn new(spec: &Fused, program: Lowered<T>) -> Self {
        let shape = program.shape;
        let mut pool = Buffer::zeroed(program.pool.len() * LANES);
        for (lanes, &value) in pool.as_mut_slice().chunks_exact_mut(LANES).zip(&program.pool) {
            lanes.fill(T::from_f64(value));
        }
        let one_tile = shape.tile_rows >= shape.rows;
        let mut kernel = FusedKernel {
            reads: spec.inputs.iter().map(|&(place, _)| place).collect(),
            writes: spec.outputs.iter().map(|&(place, _)| place).collect(),
            moving: program.slots.iter().filter(|slot| slot.per_row > 0).count(),
            chunk_rows: chunk_rows(&shape),
            padded: one_tile || (shape.tile_rows * shape.columns).is_multiple_of(LANES),
            padded_rows: one_tile || shape.tile_rows.is_multiple_of(LANES),
            program,
            pool,
            counts: [0; COUNTS],
        };
        kernel.counts = kernel.counts(shape.tile_rows);
        kernel
    }

    /// What each [`Count`] is for a tile of some rows.
    fn counts(&self, rows: usize) -> [usize; COUNTS] {
        let shape = &self.program.shape;
        let pad = |n: usize, padded| if padded { n.next_multiple_of(LANES) } else { n };
        let mut counts = [0; COUNTS];
        counts[Count::Elements as usize] = pad(rows * shape.columns, self.padded);
        counts[Count::PaddedRows as usize] = pad(rows, self.padded_rows);
        counts[Count::Rows as usize] = rows;
        counts[Count::Lanes as usize] = LANES;
        counts[Count::Columns as usize] = shape.columns.next_multiple_of(LANES);
        counts[Count::TileRows as usize] = shape.tile_rows;
        counts
    }

    /// Tiles of whole rows.
    ///
    /// # Safety
    /// The table has the slots' addresses for the first row, good for `rows` rows.
    unsafe fn run_tiles(&self, table: *mut *mut T, rows: usize, level: Level) {
        let tile_rows = self.program.shape.tile_rows;
        let mut left = rows;
        // SAFETY: the addresses are good for the rows that are left, by the caller's promise.
        unsafe {
            while left > tile_rows {
                run_ops(&self.program.each_tile, table, &self.counts, level);
                left -= tile_rows;
                for (i, slot) in self.program.slots[..self.moving].iter().enumerate() {
                    *table.add(i) = (*table.add(i)).add(slot.per_row * tile_rows);
                }
            }
            if left == tile_rows {
                run_ops(&self.program.each_tile, table, &self.counts, level);
            } else {
                run_ops(&self.program.each_tile, table, &self.counts(left), level);
            }
        }
    }

    /// Row by row, segment by segment.
    ///
    /// # Safety
    /// `bases` and the rows are good.
    unsafe fn run_segments(
        &self,
        table: *mut *mut T,
        bases: [*mut T; 4],
        rows: Range<usize>,
        segment: usize,
        level: Level,
    ) {
        let mut counts = self.counts;
        for row in rows {
            let mut column = 0;
            while column < self.program.shape.columns {
                // SAFETY: the row and the columns lie inside all places.
                unsafe {
                    self.locate(table, bases, row, column);
                    if column == 0 {
                        run_ops(&self.program.each_row, table, &counts, level);
                    }
                    counts[Count::Elements as usize] =
                        segment.min(self.program.shape.columns - column);
                    run_ops(&self.program.each_tile, table, &counts, level);
                }
                column += segment;
            }
        }
    }

    /// Fills the table of addresses.
    ///
    /// # Safety
    /// The table has room, and the element lies inside all places.
    #[inline(always)]
    unsafe fn locate(&self, table: *mut *mut T, bases: [*mut T; 4], row: usize, column: usize) {
        for (i, slot) in self.program.slots.iter().enumerate() {
            let Slot { base, offset, per_row, per_column } = *slot;
            // SAFETY: the caller's promise.
            unsafe {
                let start = bases[base as usize];
                table.add(i).write(start.add(offset + per_row * row + per_column * column));
            }
        }
    }
}

/// Runs a list of operations in order.
///
/// # Safety
/// As [`op::TileFn`], for every operation.
#[inline(always)]
unsafe fn run_ops<T>(ops: &[Op<T>], table: *mut *mut T, counts: &[usize; COUNTS], level: Level) {
    for op in ops {
        // SAFETY: the caller's promise.
        unsafe { op.function[level as usize](op, table, counts[op.count as usize]) };
    }
}

/// Rows of a chunk: whole tiles, ending at a multiple of [`LANES`] elements.
fn chunk_rows(shape: &lower::Shape) -> usize {
    let wanted = CHUNK.div_ceil(shape.columns.max(1));
    let unit = if shape.tile_rows == 1 { LANES } else { shape.tile_rows };
    match shape.columns.is_multiple_of(LANES) && shape.tile_rows == 1 {
        true => wanted,
        false => wanted.next_multiple_of(unit),
    }
}

impl<T: Element> Kernel<T> for FusedKernel<T> {
    fn reads(&self) -> Vec<Place> {
        self.reads.clone()
    }

    fn writes(&self) -> Vec<Place> {
        self.writes.clone()
    }

    fn chunks(&self) -> usize {
        self.program.shape.rows.div_ceil(self.chunk_rows).max(1)
    }

    fn cost(&self) -> f64 {
        let elements = (self.program.shape.rows * self.program.shape.columns) as f64;
        let operands = (self.reads.len() + self.writes.len()) as f64;
        20.0 + elements * (self.program.cost + 0.03 * operands)
    }

    fn scratch(&self) -> usize {
        // The table of addresses stands behind the registers.
        let table = self.program.slots.len() * size_of::<*mut T>().div_ceil(size_of::<T>());
        self.program.scratch + table
    }

    unsafe fn run(
        &self,
        memory: RawMemory<T>,
        chunks: Range<usize>,
        scratch: *mut T,
        level: Level,
    ) {
        let shape = self.program.shape;
        let start = chunks.start * self.chunk_rows;
        let end = (chunks.end * self.chunk_rows).min(shape.rows);
        if start >= end {
            return;
        }
        let mut bases = [memory.work; 4];
        bases[Base::State as usize] = memory.state;
        bases[Base::Scratch as usize] = scratch;
        // Only read from: no operation's result is a constant.
        bases[Base::Pool as usize] = self.pool.as_slice().as_ptr().cast_mut();
        // SAFETY: scratch memory holds the registers and behind them the table (a multiple of
        // `LANES` elements in, so aligned). `check` has compared all places with the shape, and the
        // caller promises that they lie in the buffers.
        unsafe {
            let table = scratch.add(self.program.scratch).cast::<*mut T>();
            self.locate(table, bases, start, 0);
            run_ops(&self.program.prologue, table, &self.counts, level);
            match shape.segment {
                None => self.run_tiles(table, end - start, level),
                Some(segment) => self.run_segments(table, bases, start..end, segment, level),
            }
        }
    }
}
