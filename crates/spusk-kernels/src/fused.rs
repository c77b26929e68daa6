//! Chains of element-wise operations and row reductions, run tile by tile while a tile is in the
//! first-level cache.
//!
//! [`prepare`] checks a [`Fused`] and compiles it to a tile program: a list of operations, each a
//! loop over a tile, whose operands are positions in a table of addresses. Inputs are read where
//! they stand and outputs written where they belong; only what lies between goes through registers
//! in scratch memory.

mod adaptive;
mod check;
mod function;
mod lower;
mod nodes;
mod op;
#[cfg(test)]
mod reference;
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
const CHUNK: usize = 2048;

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
            writes: spec
                .outputs
                .iter()
                .map(|(place, _)| place)
                .chain(&spec.sums)
                .copied()
                .collect(),
            moving: program.slots.iter().filter(|slot| slot.per_row > 0).count(),
            chunk_rows: match spec.sums.is_empty() {
                true => chunk_rows(&shape),
                false => Fused::shard_rows(shape.columns),
            },
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
        bases: Bases<T>,
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
    unsafe fn locate(&self, table: *mut *mut T, bases: Bases<T>, row: usize, column: usize) {
        let shard = row / self.chunk_rows;
        for (i, slot) in self.program.slots.iter().enumerate() {
            let Slot { base, offset, per_row, per_column, per_shard } = *slot;
            let offset = offset + per_row * row + per_column * column + per_shard * shard;
            // SAFETY: the caller's promise.
            unsafe {
                let start = match base {
                    Base::Memory(space) => bases.memory.base(space),
                    Base::Scratch => bases.scratch,
                    Base::Pool => bases.pool,
                };
                table.add(i).write(start.add(offset));
            }
        }
    }
}

/// Where addresses start.
#[derive(Clone, Copy)]
struct Bases<T> {
    memory: RawMemory<T>,
    scratch: *mut T,
    pool: *mut T,
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
        // The pool is only read from: no operation's result is a constant.
        let pool = self.pool.as_slice().as_ptr().cast_mut();
        let bases = Bases { memory, scratch, pool };
        // SAFETY: scratch memory holds the registers and behind them the table (a multiple of
        // `LANES` elements in, so aligned). `check` has compared all places with the shape, and the
        // caller promises that they lie in the buffers.
        unsafe {
            let table = scratch.add(self.program.scratch).cast::<*mut T>();
            self.locate(table, bases, start, 0);
            run_ops(&self.program.prologue, table, &self.counts, level);
            match shape.segment {
                None if !self.program.each_shard.is_empty() => {
                    for shard in (start..end).step_by(self.chunk_rows) {
                        self.locate(table, bases, shard, 0);
                        self.run_tiles(table, self.chunk_rows.min(end - shard), level);
                        run_ops(&self.program.each_shard, table, &self.counts, level);
                    }
                }
                None => self.run_tiles(table, end - start, level),
                Some(segment) => self.run_segments(table, bases, start..end, segment, level),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reference::reference;
    use super::*;
    use crate::program::Costs;
    use crate::testing::{place, refusal};
    use crate::{Access, FusedOp, Instruction, Lengths, Program, Team, TileBinary, TileUnary};
    use FusedOp::*;

    const SIZES: [usize; 13] = [1, 2, 3, 10, 15, 16, 17, 31, 33, 100, 1000, 4096, 5000];

    /// A small generator of numbers for tests (Steele et al. 2014, SplitMix64).
    struct Rng(u64);

    impl Rng {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        }
        fn below(&mut self, n: usize) -> usize {
            (self.next() % n as u64) as usize
        }
        fn pick<T: Copy>(&mut self, from: &[T]) -> T {
            from[self.below(from.len())]
        }
        fn number(&mut self) -> f64 {
            (self.next() >> 11) as f64 / (1_u64 << 52) as f64 * 4.0 - 4.0
        }
    }

    /// Lays places out one after the other, with a group of untouched elements between them.
    #[derive(Default)]
    struct Layout(usize);

    impl Layout {
        fn place(&mut self, len: usize) -> Place {
            let place = place(self.0, len);
            self.0 += len.next_multiple_of(LANES) + LANES;
            place
        }
    }

    fn len(rows: usize, columns: usize, access: Access) -> usize {
        match access {
            Access::Full => rows * columns,
            Access::Row => columns,
            Access::Column => rows,
            Access::Scalar => 1,
        }
    }

    fn same<T: Element>(a: T, b: T) -> bool {
        let (a, b) = (a.to_f64(), b.to_f64());
        a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
    }

    /// Runs a kernel at every level, on one and more threads, and compares its outputs with the
    /// definition, bit for bit, and everything else with what was there before.
    fn check_over<T: Element>(spec: &Fused, work: &[T]) {
        let load = |place: Place| work[place.offset..place.offset + place.len].to_vec();
        let mut want = work.to_vec();
        let places = spec.outputs.iter().map(|(place, _)| place).chain(&spec.sums);
        for (values, place) in reference(spec, load).iter().zip(places) {
            want[place.offset..place.offset + place.len].copy_from_slice(values);
        }
        let padding = |i: usize| {
            let mut written = spec.outputs.iter().map(|(place, _)| place).chain(&spec.sums);
            written.any(|p| (p.offset + p.len..p.padded_end()).contains(&i))
        };
        for level in Level::available() {
            for threads in [1, 3] {
                let list = vec![Instruction::Fused(spec.clone())];
                let lengths = Lengths { work: work.len(), ..Lengths::default() };
                let program = Program::with_costs(list, lengths, level, Costs::NONE)
                    .unwrap_or_else(|error| panic!("{error}: {spec:?}"));
                let mut buffer = Buffer::zeroed(work.len());
                buffer.as_mut_slice()[..work.len()].copy_from_slice(work);
                program.run(&mut Team::new(threads), &mut buffer, &mut Buffer::zeroed(0));
                for (i, (&got, &want)) in buffer.as_slice().iter().zip(&want).enumerate() {
                    assert!(
                        same(got, want) || padding(i),
                        "{} {level:?}, {threads} threads: work[{i}] = {got}, expected {want}\n\
                         {spec:?}",
                        T::NAME,
                    );
                }
            }
        }
    }

    /// A kernel over inputs of these accesses; outputs are full (`true`) or per row, at places of
    /// their own or at an input's.
    fn kernel(
        (rows, columns): (usize, usize),
        inputs: &[Access],
        outputs: &[(bool, Option<usize>)],
        ops: &[FusedOp],
    ) -> (Fused, usize) {
        let mut layout = Layout::default();
        let shards = Fused::shards(rows, columns) * columns;
        let sums = ops.iter().filter(|op| matches!(op, ColumnSum(..)));
        let sums = sums.map(|_| layout.place(shards)).collect();
        let inputs: Vec<_> = inputs
            .iter()
            .map(|&access| (layout.place(len(rows, columns, access)), access))
            .collect();
        let outputs = outputs.iter().map(|&(full, input)| {
            let len = if full { rows * columns } else { rows };
            (input.map_or_else(|| layout.place(len), |input| inputs[input].0), full)
        });
        let outputs = outputs.collect();
        let ops = ops.to_vec();
        (Fused { rows, columns, inputs, outputs, sums, ops }, layout.0)
    }

    fn check<T: Element>(
        shape: (usize, usize),
        inputs: &[Access],
        outputs: &[(bool, Option<usize>)],
        ops: &[FusedOp],
    ) {
        let (spec, len) = kernel(shape, inputs, outputs, ops);
        let mut rng = Rng(len as u64);
        let work: Vec<T> = (0..len).map(|_| T::from_f64(rng.number())).collect();
        check_over(&spec, &work);
    }

    #[test]
    fn every_access_at_every_size() {
        let accesses = [Access::Full, Access::Row, Access::Column, Access::Scalar];
        for rows in SIZES {
            for columns in SIZES {
                if rows * columns > 70_000 {
                    continue;
                }
                // x · y + z, with one operand full.
                for other in accesses {
                    check::<f32>(
                        (rows, columns),
                        &[Access::Full, other, Access::Scalar],
                        &[(true, None)],
                        &[Load(0), Load(1), Load(2), MulAdd(0, 1, 2), Store(3, 0)],
                    );
                }
                check::<f64>(
                    (rows, columns),
                    &[Access::Row, Access::Column, Access::Full],
                    &[(true, Some(2))],
                    &[Load(0), Load(1), Load(2), MulAdd(0, 1, 2), Store(3, 0)],
                );
            }
        }
    }

    #[test]
    fn row_reductions() {
        for rows in [1, 2, 3, 15, 16, 17, 100] {
            for columns in [1, 2, 3, 10, 15, 16, 17, 31, 33, 65, 100, 256, 1000, 4096] {
                // Softmax of each row, its maximum, and its sum.
                let softmax = [
                    Load(0),
                    RowMax(0),
                    Binary(TileBinary::Sub, 0, 1),
                    Unary(TileUnary::Exp, 2),
                    RowSum(3),
                    Binary(TileBinary::Div, 3, 4),
                    Store(5, 0),
                    Store(1, 1),
                    Store(4, 2),
                ];
                let outputs = [(true, None), (false, None), (false, None)];
                check::<f32>((rows, columns), &[Access::Full], &outputs, &softmax);
                let outputs = [(true, Some(0)), (false, None), (false, None)];
                check::<f64>((rows, columns), &[Access::Full], &outputs, &softmax);
                // Of values that do not vary along the row, or not from row to row.
                check::<f32>(
                    (rows, columns),
                    &[Access::Column, Access::Row, Access::Scalar],
                    &[(false, Some(0)), (false, None), (false, None)],
                    &[
                        Load(0),
                        Spread(0),
                        RowSum(1),
                        Load(1),
                        RowMax(3),
                        Load(2),
                        Spread(5),
                        RowSum(6),
                        Store(2, 0),
                        Store(4, 1),
                        Store(7, 2),
                    ],
                );
            }
        }
    }

    #[test]
    fn column_sums() {
        for rows in [2, 3, 15, 16, 17, 100, 1000, 3001] {
            for columns in [2, 3, 6, 10, 15, 16, 17, 31, 32, 64, 100, 192, 256, 257, 1000, 1024] {
                // Of a value that is stored in place, of its square, and of what does not vary.
                let ops = [
                    Load(0),
                    Load(1),
                    Binary(TileBinary::Sub, 0, 1),
                    ColumnSum(2, 0),
                    Store(2, 0),
                    Binary(TileBinary::Mul, 2, 2),
                    ColumnSum(5, 1),
                    ColumnSum(1, 2),
                    Load(2),
                    Spread(8),
                    ColumnSum(9, 3),
                ];
                let inputs = [Access::Full, Access::Row, Access::Column];
                check::<f32>((rows, columns), &inputs, &[(true, Some(0))], &ops);
                check::<f64>((rows, columns), &inputs, &[(true, None)], &ops);
            }
        }
    }

    #[test]
    fn updates_in_place_see_old_values() {
        use Access::Full;
        for shape in [(1, 5000), (7, 300), (100, 10), (3, 1001), (40_000, 1)] {
            // Exchange.
            check::<f32>(
                shape,
                &[Full, Full],
                &[(true, Some(0)), (true, Some(1))],
                &[Load(0), Load(1), Store(1, 0), Store(0, 1)],
            );
            // Rotation of three, and a value stored twice.
            check::<f32>(
                shape,
                &[Full, Full, Full],
                &[(true, Some(1)), (true, Some(2)), (true, Some(0)), (true, None)],
                &[
                    Load(0),
                    Load(1),
                    Load(2),
                    Store(0, 0),
                    Store(1, 1),
                    Binary(TileBinary::Add, 0, 2),
                    Store(5, 2),
                    Store(5, 3),
                ],
            );
            // Overwritten by a value that comes before the last use.
            check::<f64>(
                shape,
                &[Full, Full],
                &[(true, Some(0)), (true, Some(1))],
                &[
                    Load(0),
                    Load(1),
                    Binary(TileBinary::Sub, 0, 1),
                    Store(2, 0),
                    Binary(TileBinary::Mul, 0, 2),
                    Store(4, 1),
                ],
            );
            // To itself.
            check::<f32>(shape, &[Full], &[(true, Some(0))], &[Load(0), Store(0, 0)]);
        }
    }

    /// An Adam step over θ, m, v, g and the scalars α and γ; `tail` takes the quotient, which is
    /// operation 19 (the last), from θ (operation 0).
    fn adam(tail: &[FusedOp]) -> Vec<FusedOp> {
        let mut ops = vec![
            Load(0),
            Load(1),
            Load(2),
            Load(3),
            Load(4),
            Load(5),
            Constant(0.9),
            Constant(0.1),
            Constant(0.999),
            Constant(0.001),
            Binary(TileBinary::Mul, 7, 3),
            MulAdd(6, 1, 10),
            Store(11, 1),
            Binary(TileBinary::Mul, 3, 3),
            Binary(TileBinary::Mul, 9, 13),
            MulAdd(8, 2, 14),
            Store(15, 2),
            Binary(TileBinary::Mul, 11, 4),
            Binary(TileBinary::Mul, 15, 5),
            DivSqrt(17, 18, 1e-8),
        ];
        ops.extend(tail);
        ops
    }

    #[test]
    fn adaptive_steps() {
        use Access::{Full, Scalar};
        let sub = [Binary(TileBinary::Sub, 0, 19), Store(20, 0)];
        let decayed = [
            Constant(0.99),
            Binary(TileBinary::Mul, 0, 20),
            Binary(TileBinary::Sub, 21, 19),
            Store(22, 0),
        ];
        let scaled = [Constant(-0.01), MulAdd(20, 19, 0), Store(21, 0)];
        // The quotient used twice, and θ itself subtracted from it: not one operation.
        let twice = [Binary(TileBinary::Sub, 0, 19), MulAdd(19, 6, 20), Store(21, 0)];
        let turned = [Binary(TileBinary::Sub, 19, 0), Store(20, 0)];
        // Reads the new m before the last operation.
        let between = [Binary(TileBinary::Mul, 11, 6), MulAdd(19, 6, 20), Store(21, 0)];
        let inputs = [Full, Full, Full, Full, Scalar, Scalar];
        let tails: [(&[FusedOp], bool); 6] = [
            (&sub, true),
            (&decayed, true),
            (&scaled, true),
            (&twice, false),
            (&turned, false),
            (&between, false),
        ];
        for (tail, whole) in tails {
            let ops = adam(tail);
            let outputs = [(true, Some(0)), (true, Some(1)), (true, Some(2))];
            let (spec, _) = kernel((1, 100), &inputs, &outputs, &ops);
            let lowered = lower::lower::<f32>(&Nodes::new(&spec));
            assert_eq!(lowered.each_tile.len() == 1, whole, "{tail:?}");
            for n in SIZES {
                check::<f32>((1, n), &inputs, &outputs, &ops);
                check::<f64>((n, 1), &inputs, &outputs, &ops);
                check::<f32>((1, n), &inputs, &[(true, Some(2)), (true, None), (true, None)], &ops);
            }
        }
    }

    #[test]
    fn nothing_to_do() {
        for shape in [(0, 5), (0, 0)] {
            check::<f32>(shape, &[Access::Full], &[(true, None)], &[Load(0), Store(0, 0)]);
        }
        // Rows of nothing have a sum and a maximum.
        check::<f32>(
            (20, 0),
            &[Access::Full],
            &[(false, None), (false, None), (true, None)],
            &[Load(0), RowSum(0), RowMax(0), Store(1, 0), Store(2, 1), Store(0, 2)],
        );
        check::<f32>((0, 0), &[], &[], &[]);
    }

    /// A random kernel that is right.
    fn random_kernel(rng: &mut Rng) -> (Fused, usize) {
        let rows = rng.pick(&[1, 2, 3, 10, 16, 17, 33, 100]);
        let columns = rng.pick(&[1, 2, 3, 10, 15, 16, 17, 65, 128, 192, 200, 256, 1000, 4100]);
        let accesses = [Access::Full, Access::Full, Access::Row, Access::Column, Access::Scalar];
        let inputs: Vec<Access> = (0..1 + rng.below(5)).map(|_| rng.pick(&accesses)).collect();
        let mut ops = Vec::new();
        // Of each op: whether it is full.
        let mut full = Vec::new();
        for (n, access) in inputs.iter().enumerate() {
            ops.push(Load(n));
            full.push(matches!(access, Access::Full | Access::Row));
        }
        ops.push(Constant(rng.number()));
        full.push(false);
        let mut outputs: Vec<(bool, Option<usize>)> = Vec::new();
        let mut stored = Vec::new();
        for _ in 0..4 + rng.below(16) {
            let value = |rng: &mut Rng| loop {
                let x = rng.below(ops.len());
                if !matches!(ops[x], Store(..)) {
                    return x;
                }
            };
            let (x, y, z) = (value(rng), value(rng), value(rng));
            let (op, is_full) = match rng.below(10) {
                0 => (
                    Unary(rng.pick(&[TileUnary::Neg, TileUnary::Exp, TileUnary::Step]), x),
                    full[x],
                ),
                1..=3 => {
                    use TileBinary::{Add, Greater, Max, Mul, Sub};
                    (Binary(rng.pick(&[Add, Sub, Mul, Max, Greater]), x, y), full[x] | full[y])
                }
                4 => (MulAdd(x, y, z), full[x] | full[y] | full[z]),
                5 => (Select(x, y, z), full[x] | full[y] | full[z]),
                6 if full[x] && columns <= Fused::MAX_REDUCED_COLUMNS => {
                    (if rng.below(2) == 0 { RowSum(x) } else { RowMax(x) }, false)
                }
                7 if !full[x] => (Spread(x), true),
                _ => {
                    let alike = |&n: &usize| {
                        let used = outputs.iter().any(|&(_, input)| input == Some(n));
                        let access = check::output_access(full[x]);
                        !used && inputs[n] == access
                    };
                    let input = (0..inputs.len()).filter(alike).last();
                    let input = input.filter(|_| rng.below(2) == 0);
                    outputs.push((full[x], input));
                    stored.push(x);
                    (Store(x, outputs.len() - 1), false)
                }
            };
            ops.push(op);
            full.push(is_full);
        }
        // Column sums of some values, behind all else.
        if rows > 1 && (2..=Fused::MAX_SUMMED_COLUMNS).contains(&columns) {
            let full = (0..full.len()).filter(|&x| full[x] && !matches!(ops[x], Store(..)));
            let sums: Vec<_> = full.step_by(3).enumerate().map(|(n, x)| ColumnSum(x, n)).collect();
            ops.extend(sums);
        }
        kernel((rows, columns), &inputs, &outputs, &ops)
    }

    #[test]
    fn random_kernels_follow_their_definition() {
        for seed in 0..600 {
            let mut rng = Rng(seed);
            let (spec, len) = random_kernel(&mut rng);
            let special = [0.0, -0.0, f64::INFINITY, f64::NAN, 1e30];
            let mut work: Vec<f64> = (0..len).map(|_| rng.number()).collect();
            for _ in 0..if seed % 3 == 0 { 1 + len / 50 } else { 0 } {
                let at = rng.below(len);
                work[at] = rng.pick(&special);
            }
            if seed % 8 == 0 {
                check_over::<f64>(&spec, &work);
            } else {
                let work: Vec<f32> = work.iter().map(|&x| x as f32).collect();
                check_over::<f32>(&spec, &work);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let good = || Fused {
            rows: 4,
            columns: 8,
            inputs: vec![(place(0, 32), Access::Full), (place(32, 4), Access::Column)],
            outputs: vec![(place(48, 32), true)],
            sums: Vec::new(),
            ops: vec![Load(0), Load(1), Binary(TileBinary::Add, 0, 1), Store(2, 0)],
        };
        let check = |change: &dyn Fn(&mut Fused), want: &str| {
            let mut spec = good();
            change(&mut spec);
            let what = refusal(Instruction::Fused(spec), 128);
            assert_eq!(what.trim_start_matches("fused: "), want);
        };
        check(&|_| {}, "accepted");
        check(
            &|s| s.ops[2] = Binary(TileBinary::Add, 0, 2),
            "op 2: its argument 2 does not come before it",
        );
        check(&|s| s.ops.push(Store(3, 0)), "op 4: its argument 3 is a store and has no value");
        check(&|s| s.ops.push(Store(2, 0)), "op 4: stores to output 0 a second time");
        check(&|s| s.ops.push(Store(2, 1)), "op 4: stores to output 1 of 1");
        check(&|s| s.ops[0] = Load(2), "op 0: loads input 2 of 2");
        check(&|s| s.ops[3] = Store(1, 0), "op 3: output 0 is full, but 1 is per row");
        check(&|s| s.ops[2] = RowSum(1), "op 2: reduces 1, which is per row");
        check(&|s| s.ops[2] = Spread(0), "op 2: spreads 0, which is full");
        check(
            &|s| {
                s.ops.pop();
            },
            "output 0 is never stored",
        );
        let sum = |s: &mut Fused, x: usize| {
            s.sums = vec![place(96, 8)];
            s.ops.push(ColumnSum(x, 0));
        };
        check(&|s| sum(s, 2), "accepted");
        check(&|s| sum(s, 1), "op 4: sums the columns of 1, which is per row");
        check(&|s| s.ops.push(ColumnSum(2, 0)), "op 4: writes sum 0 of 0");
        check(&|s| s.sums = vec![place(96, 8)], "sum 0 is never written");
        check(
            &|s| {
                sum(s, 2);
                s.sums[0].offset = 64;
            },
            "sum 0 overlaps another operand",
        );
        check(
            &|s| {
                sum(s, 2);
                s.sums[0].len = 9;
            },
            "4 x 8: sum 0 has 9 elements, expected 8",
        );
        check(&|s| s.inputs[1].0.len = 5, "4 x 8: input 1 has 5 elements, expected 4");
        check(&|s| s.outputs[0].0.len = 31, "4 x 8: output 0 has 31 elements, expected 32");
        check(&|s| s.rows = usize::MAX, &format!("{} x 8 elements are too many", usize::MAX));
        check(&|s| s.outputs[0].0.offset = 8, "output 0 starts at element 8, not a multiple of 16");
        check(
            &|s| s.outputs[0].0.offset = 16,
            "output 0 overlaps input 0 (Full), which is not updated in place; give the output a \
             place of its own",
        );
        check(
            &|s| {
                s.inputs[0].1 = Access::Row;
                s.inputs[0].0.len = 8;
                s.outputs[0] = (place(0, 8), true);
                s.rows = 1;
                s.inputs[1].0.len = 1;
            },
            "accepted",
        );
        check(
            &|s| {
                *s = Fused {
                    rows: 4,
                    columns: 4,
                    inputs: vec![(place(0, 4), Access::Row)],
                    outputs: vec![(place(0, 4), false)],
                    sums: Vec::new(),
                    ops: vec![Load(0), RowSum(0), Store(1, 0)],
                }
            },
            "output 0 overlaps input 0 (Row), which is not updated in place; give the output a \
             place of its own",
        );
        check(
            &|s| {
                s.columns = 5000;
                s.inputs[0].0.len = 20_000;
                s.outputs[0] = (place(20_016, 4), false);
                s.ops = vec![Load(0), RowSum(0), Store(1, 0)];
            },
            "op 1: reduces rows of 5000, more than 4096; use Reduce",
        );
    }
}
