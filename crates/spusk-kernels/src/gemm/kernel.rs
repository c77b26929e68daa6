//! The product as a kernel: which tiles in which order.

#[cfg(test)]
mod tests;

use std::num::NonZero;
use std::ops::Range;

use super::check::check;
use super::cut::Cut;
use super::pack::Pack;
use super::row::Row;
use super::set::{Set, TileFn};
use super::tile::{Finish, Start, Tile};
use crate::ahead::Ahead;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{Element, Gemm, GradientStep, LANES, Level, Matrix, Place, Triangle};

/// The longest block of k where the left operand lies by columns: a panel of the right operand then fits the
/// first-level cache, or nearly, and so do the columns that a tile reads.
const MAX_BLOCK: usize = GradientStep::MOST_SUMMANDS;
/// The same where it lies by rows, each a run of memory: to load and store the sums less often gains more
/// than a panel that comes from the second-level cache loses.
const MAX_BLOCK_OF_ROWS: usize = 512;
/// Bytes of the right operand that are packed at a time: well inside the second-level cache.
const GROUP_BYTES: usize = 384 * 1024;
/// From so many panels on it pays to pack a left operand that lies by columns, if columns are
/// [`FAR`] bytes apart or a multiple.
const PACK_LEFT_FROM: usize = 6;
/// Cache lines this far from each other compete for the same few places in the first-level cache.
const FAR: usize = 2048;
/// From so many tiles on it pays to pack a right operand that lies by rows.
const PACK_RIGHT_FROM: usize = 60;
/// Bytes of operands and result from which on it pays to ask ahead: less is still in the cache since it was made.
const AHEAD_FROM: usize = 2 * 1024 * 1024;

pub(super) struct GemmKernel<T: 'static> {
    /// What it does: not always word for word what was asked for, see [`turned`].
    spec: Gemm,
    /// Whether the bias is one number for all columns.
    one_bias: bool,
    set: &'static Set<T>,
    /// Rows of c, cut into tiles above each other.
    tiles: Cut,
    /// Vectors of columns of c, cut into panels side by side.
    cut: Cut,
    /// What the inner loop needs to know of each panel.
    panels: Vec<Panel<T>>,
    /// The panels from here on are packed, those before it are read where they stand.
    packed_from: usize,
    /// k, cut into blocks.
    blocks: Cut,
    /// Panels worked on at a time.
    group: usize,
    /// Whether a thread takes some columns of the result, or some rows.
    by_columns: bool,
    /// How a lies in memory.
    a_by_columns: bool,
    /// Elements between the columns or rows of a.
    a_stride: usize,
    /// Whether there is one row, and b is read once, row by row.
    streams: bool,
    /// Scratch elements for a packed tile of a; 0 if a is read where it stands.
    packed_a: usize,
    /// Scratch elements for the part of a that the border of a triangle cuts.
    masked_a: usize,
    /// How b lies in memory.
    b_by_columns: bool,
    /// Whether operands come from so far away that it asks for them ahead.
    far: bool,
}

/// Some vectors of columns.
struct Panel<T> {
    /// The first column.
    column: usize,
    /// Vectors, of which the last one may have less columns.
    vectors: usize,
    /// Columns of the last vector.
    last: usize,
    /// For tiles of the smaller and of the larger height.
    functions: [TileFn<T>; 2],
}

pub(crate) fn prepare<T: Element>(spec: &Gemm, level: Level) -> Result<Box<dyn Kernel<T>>, String> {
    check(spec)?;
    Ok(Box::new(GemmKernel::<T>::new(spec, level)))
}

impl<T: Element> GemmKernel<T> {
    pub(super) fn new(spec: &Gemm, level: Level) -> Self {
        let set = Set::<T>::of(level);
        let one_bias = spec.n == 1;
        let spec = turned(spec);
        let Matrix { row_stride, column_stride, .. } = spec.a;
        let a_by_columns = spec.m == 1 || row_stride == 1 && (column_stride != 1 || spec.k == 1);
        let b_by_columns = spec.n != 1 && spec.b.column_stride != 1;
        // One row reads the right operand as it lies in memory: pairs of vectors share it out evenly.
        let vectors = spec.n.div_ceil(set.n);
        let full = spec.triangle == Triangle::None;
        let streams = full && spec.m == 1 && !b_by_columns && vectors > set.max_vectors();
        let cut = Cut::new(vectors, if streams { 2 } else { set.max_vectors() });
        let tiles = Cut::new(spec.m, set.max_rows(a_by_columns, cut.max().max(1)));
        let longest = if a_by_columns { MAX_BLOCK } else { MAX_BLOCK_OF_ROWS };
        let blocks = Cut::into(spec.k, spec.k.div_ceil(longest).max(1));
        let mut panels: Vec<_> = (0..cut.parts())
            .map(|i| Panel::new(&spec, set, a_by_columns, &tiles, cut.range(i)))
            .collect();
        // Panels from here on are packed: none, all, or what does not fill its vectors.
        let packed_from = match panels.last_mut() {
            _ if b_by_columns || tiles.parts() >= PACK_RIGHT_FROM => 0,
            Some(last) if spec.m == 1 => {
                last.functions = [set.partial[last.vectors - 1]; 2];
                panels.len()
            }
            Some(last) if last.last < set.n => panels.len() - 1,
            _ => panels.len(),
        };
        let panel_bytes = blocks.max() * cut.max() * set.n * size_of::<T>();
        let a_stride = if a_by_columns { spec.a.column_stride } else { spec.a.row_stride };
        let packs_a = full
            && a_by_columns
            && spec.m > 1
            && panels.len() >= PACK_LEFT_FROM
            && (a_stride * size_of::<T>()).is_multiple_of(FAR);
        GemmKernel {
            one_bias,
            set,
            tiles,
            cut,
            packed_from,
            blocks,
            group: (GROUP_BYTES / panel_bytes.max(1)).clamp(1, panels.len().max(1)),
            by_columns: spec.n >= spec.m,
            streams,
            a_by_columns,
            a_stride,
            packed_a: if packs_a { blocks.max() * tiles.max().next_multiple_of(LANES) } else { 0 },
            masked_a: match spec.triangle {
                Triangle::LeftLower | Triangle::LeftUpper => {
                    (tiles.max() * tiles.max()).next_multiple_of(LANES)
                }
                Triangle::None | Triangle::Lower => 0,
            },
            b_by_columns,
            far: (spec.m * spec.k + spec.k * spec.n + spec.m * spec.n) * size_of::<T>()
                >= AHEAD_FROM,
            panels,
            spec,
        }
    }
}

impl<T: Element> Panel<T> {
    fn new(
        spec: &Gemm,
        set: &'static Set<T>,
        a_by_columns: bool,
        tiles: &Cut,
        vectors: Range<usize>,
    ) -> Self {
        let end = spec.n.min(vectors.end * set.n);
        let functions = &set.tiles[usize::from(a_by_columns)][vectors.len() - 1];
        // No tile has 0 rows; the smaller height may be 0 if there are none at all.
        let function = |rows: usize| functions[rows.max(1) - 1];
        Panel {
            column: vectors.start * set.n,
            vectors: vectors.len(),
            last: end - (vectors.end - 1) * set.n,
            functions: [function(tiles.min()), function(tiles.max())],
        }
    }
}

/// A product with a single column, as one with a single row: vectors are made of columns. Others
/// stay as they are.
fn turned(spec: &Gemm) -> Gemm {
    let turn = |matrix: &Matrix| Matrix {
        row_stride: matrix.column_stride,
        column_stride: matrix.row_stride,
        ..*matrix
    };
    if spec.n == 1 && spec.m > 1 && spec.triangle == Triangle::None {
        let (a, b) = (turn(&spec.b), turn(&spec.a));
        Gemm { m: 1, n: spec.m, a, b, ..spec.clone() }
    } else {
        spec.clone()
    }
}

impl<T: Element> Kernel<T> for GemmKernel<T> {
    fn reads(&self) -> Vec<Place> {
        let mut reads = vec![self.spec.a.place, self.spec.b.place];
        reads.extend(self.spec.bias);
        reads.extend(self.spec.step.iter().flat_map(|step| [step.from, step.rate]));
        reads
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.spec.c]
    }

    fn chunks(&self) -> usize {
        (self.spec.batch * self.tiles.parts() * self.panels.len()).max(1)
    }

    fn chunk_at(&self, share: f64, chunks: usize) -> usize {
        // Tiles at the edges are smaller: threads share out the elements of the result, not tiles.
        let wanted = share * (self.spec.batch * self.spec.m * self.cut.count()) as f64;
        let after = first_from(chunks, |chunk| self.elements_before(chunk) as f64 >= wanted);
        let over = self.elements_before(after) as f64 - wanted;
        match after.checked_sub(1).map(|before| wanted - self.elements_before(before) as f64) {
            Some(under) if under < over => after - 1,
            _ => after,
        }
    }

    fn cost(&self) -> f64 {
        // On a processor of some 3 GHz: two fused multiply-adds of vectors in a cycle, most of the
        // time, or a call of the C library for each number.
        let step = match self.set.level {
            Level::Portable if cfg!(target_arch = "x86_64") => 10.0,
            _ => 0.19,
        };
        // To fetch a vector of the right operand takes longer than to use it once.
        let fetch = 0.6;
        let tiles = (self.spec.batch * self.tiles.parts() * self.panels.len()) as f64;
        let vectors = (self.spec.batch * self.spec.k * self.cut.count()) as f64;
        let share = if self.spec.triangle == Triangle::None { 1.0 } else { 0.6 };
        50.0 + 15.0 * tiles + share * vectors * (step * self.spec.m as f64).max(fetch)
    }

    fn scratch(&self) -> usize {
        let packed_b = self.group * self.blocks.max() * self.cut.max() * self.set.n;
        self.packed_a + self.masked_a + packed_b
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, scratch: *mut T, _: Level) {
        // SAFETY: passed on.
        unsafe { self.run_chunks(memory, chunks, scratch, None) };
    }
}

/// The first number below `end` for which `holds`, or `end`: once it holds, it holds for all larger ones.
fn first_from(end: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, end);
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(middle) { to = middle } else { from = middle + 1 }
    }
    from
}

impl<T: Element> GemmKernel<T> {
    /// Rows times vectors of columns of the result that the chunks before this one make.
    fn elements_before(&self, chunk: usize) -> usize {
        let GemmKernel { spec, tiles, cut, .. } = self;
        let (rows, panels) = (tiles.parts(), cut.parts());
        let Some(grid) = NonZero::new(rows * panels) else { return 0 };
        let (batch, chunk) = (chunk / grid, chunk % grid);
        let in_grid = if self.by_columns {
            let (panel, tile) = (chunk / rows, chunk % rows);
            cut.first(panel) * spec.m + cut.size(panel) * tiles.first(tile)
        } else {
            let (tile, panel) = (chunk / panels, chunk % panels);
            tiles.first(tile) * cut.count() + tiles.size(tile) * cut.first(panel)
        };
        batch * spec.m * cut.count() + in_grid
    }

    /// Elements of the whole right operand, packed.
    pub(super) fn all_packed(&self) -> usize {
        self.spec.k * self.cut.count() * self.set.n
    }

    /// Packs the whole right operand of a batch of one: block by block, panel by panel.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `to` has room for [`GemmKernel::all_packed`] elements.
    pub(super) unsafe fn pack_all(&self, memory: RawMemory<T>, to: *mut T) {
        if self.panels.is_empty() {
            return;
        }
        for block in 0..self.blocks.parts() {
            let k = self.blocks.range(block);
            // SAFETY: passed on; the blocks share out the room.
            unsafe {
                let to = to.add(k.start * self.cut.count() * self.set.n);
                let entry = Entry { packed_b: to, ..Entry::new(self, memory, 0, to) };
                entry.pack_b(&(0..self.panels.len()), &k);
            }
        }
    }

    /// Runs some of the chunks; with the right operand as [`GemmKernel::pack_all`] has left it, if
    /// there is one.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    pub(super) unsafe fn run_chunks(
        &self,
        memory: RawMemory<T>,
        chunks: Range<usize>,
        scratch: *mut T,
        packed: Option<*mut T>,
    ) {
        if self.spec.c.len == 0 {
            return;
        }
        let (tiles, panels) = (self.tiles.parts(), self.panels.len());
        let (outer, inner) = if self.by_columns { (panels, tiles) } else { (tiles, panels) };
        let mut next = chunks.start;
        while next < chunks.end {
            let batch = next / (outer * inner);
            let first = next - batch * outer * inner;
            let left = chunks.end - next;
            // As many whole rows of the grid as possible, or a part of one.
            let (rows, columns) = if first == 0 && left >= outer * inner {
                (0..outer, 0..inner)
            } else {
                let (row, column) = (first / inner, first % inner);
                if column == 0 && left >= inner {
                    (row..outer.min(row + left / inner), 0..inner)
                } else {
                    (row..row + 1, column..inner.min(column + left))
                }
            };
            next += rows.len() * columns.len();
            let (tiles, panels) = if self.by_columns { (columns, rows) } else { (rows, columns) };
            // SAFETY: passed on; the grid covers each element of c once.
            unsafe {
                let entry =
                    Entry { all_packed: packed, ..Entry::new(self, memory, batch, scratch) };
                entry.rectangle(tiles, panels);
            }
        }
    }
}

/// One entry of the batch, by its addresses.
struct Entry<'a, T: 'static> {
    kernel: &'a GemmKernel<T>,
    a: *const T,
    b: *const T,
    c: *mut T,
    start: Start<T>,
    finish: Finish<T>,
    /// For one tile of a.
    packed_a: *mut T,
    /// For the part of a tile of a that the border of a triangle cuts.
    masked_a: *mut T,
    /// For the panels of b.
    packed_b: *mut T,
    /// All of b, packed before.
    all_packed: Option<*mut T>,
}

impl<'a, T: Element> Entry<'a, T> {
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn new(
        kernel: &'a GemmKernel<T>,
        memory: RawMemory<T>,
        batch: usize,
        scratch: *mut T,
    ) -> Self {
        let Gemm { m, n, a, b, c, bias, accumulate, step, .. } = &kernel.spec;
        // SAFETY: the entry lies inside the places, as `check` has found.
        unsafe {
            Entry {
                kernel,
                a: memory.ptr(a.place).add(a.entry(batch)),
                b: memory.ptr(b.place).add(b.entry(batch)),
                c: memory.ptr(*c).add(batch * m * n),
                start: match bias {
                    Some(bias) if kernel.one_bias => Start::Scalar(memory.ptr(*bias)),
                    Some(bias) => Start::Row(memory.ptr(*bias)),
                    None if *accumulate => Start::Old,
                    None => Start::Zero,
                },
                finish: match step {
                    Some(step) => Finish::Step {
                        from: memory.ptr(step.from).add(batch * m * n).cast_const(),
                        rate: memory.ptr(step.rate).cast_const(),
                    },
                    None => Finish::Store,
                },
                packed_a: scratch,
                masked_a: scratch.add(kernel.packed_a),
                packed_b: scratch.add(kernel.packed_a + kernel.masked_a),
                all_packed: None,
            }
        }
    }

    /// Tiles × panels of the result.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn rectangle(&self, tiles: Range<usize>, panels: Range<usize>) {
        if self.kernel.streams {
            // SAFETY: passed on.
            return unsafe { self.stream(&panels) };
        }
        let GemmKernel { blocks, group, packed_from, far, .. } = self.kernel;
        let mut first = panels.start;
        while first < panels.end {
            let panels = first..panels.end.min(first + group);
            let packed_from = if self.all_packed.is_some() { 0 } else { *packed_from };
            let packed = panels.end.min(panels.start.max(packed_from))..panels.end;
            for block in 0..blocks.parts() {
                let k = blocks.range(block);
                // SAFETY: passed on.
                unsafe {
                    let mut packed_b = self.packed_b;
                    if let Some(all) = self.all_packed {
                        let GemmKernel { cut, set, .. } = self.kernel;
                        let vectors = k.start * cut.count() + k.len() * cut.first(panels.start);
                        packed_b = all.add(vectors * set.n);
                    } else if !packed.is_empty() {
                        self.pack_b(&packed, &k);
                    }
                    let all =
                        self.kernel.tiles.first(tiles.start)..self.kernel.tiles.first(tiles.end);
                    let next =
                        (*far && block + 1 < blocks.parts()).then(|| blocks.range(block + 1));
                    let next =
                        next.map(|k| (self.left_ahead(&all, &k), self.right_ahead(&panels, &k)));
                    let here =
                        Block { panels: &panels, k: &k, packed_from: packed.start, packed_b };
                    for (i, tile) in tiles.clone().enumerate() {
                        if let Some((left, right)) = &next {
                            left.fetch(i, tiles.len());
                            right.iter().for_each(|right| right.fetch(i, tiles.len()));
                        }
                        // What a later block reads has been asked for by the one before.
                        let follows = *far && block == 0 && tile + 1 < tiles.end;
                        let rows = self.kernel.tiles.range(tile + 1);
                        self.row_of_tiles(tile, &here, follows.then(|| self.left_ahead(&rows, &k)));
                    }
                }
            }
            first = panels.end;
        }
    }

    /// The columns of some panels, at least one, of a result with one row.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn stream(&self, panels: &Range<usize>) {
        let GemmKernel { spec, set, cut, a_stride, .. } = self.kernel;
        let first = cut.first(panels.start) * set.n;
        // SAFETY: columns inside the operands; passed on.
        unsafe {
            (set.row)(&Row {
                k: spec.k,
                n: spec.n.min(cut.first(panels.end) * set.n) - first,
                a: self.a,
                a_stride: *a_stride,
                b: self.b.add(first),
                b_stride: spec.b.row_stride,
                c: self.c.add(first),
                start: match self.start {
                    Start::Row(bias) => Start::Row(bias.add(first)),
                    other => other,
                },
            });
        }
    }

    /// Packs some panels, at least one, of a block.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn pack_b(&self, panels: &Range<usize>, k: &Range<usize>) {
        let GemmKernel { spec: Gemm { b, n, .. }, set, cut, .. } = self.kernel;
        let by_columns = self.kernel.b_by_columns;
        let first = cut.first(panels.start) * set.n;
        let work = Pack {
            // SAFETY: an element of b.
            from: unsafe { self.b.add(k.start * b.row_stride + first * b.column_stride) },
            stride: if by_columns { b.column_stride } else { b.row_stride },
            k: k.len(),
            columns: n.min(&(cut.first(panels.end) * set.n)) - first,
            panels: cut.slice(panels.clone()),
            to: self.packed_b,
        };
        // SAFETY: passed on.
        unsafe { if by_columns { (set.pack_columns)(&work) } else { (set.pack_rows)(&work) } }
    }

    /// The left operand of a tile: its address and stride.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn left(&self, tile: usize, part: &Part) -> (*const T, usize) {
        let GemmKernel { spec: Gemm { a, .. }, set, tiles, a_stride: stride, .. } = self.kernel;
        let (row, k) = (tiles.first(tile), &part.k);
        // SAFETY: row and column inside a.
        let from = unsafe { self.a.add(row * a.row_stride + k.start * a.column_stride) };
        if part.is_cut {
            // SAFETY: passed on.
            return unsafe { self.masked(from, tile, k) };
        }
        if self.kernel.packed_a == 0 {
            return (from, *stride);
        }
        let columns = tiles.size(tile);
        let panels = Cut::into(columns.div_ceil(set.n), 1);
        let work = Pack { from, stride: *stride, k: k.len(), columns, panels, to: self.packed_a };
        // SAFETY: passed on.
        unsafe { (set.pack_rows)(&work) };
        (self.packed_a, panels.count() * set.n)
    }

    /// A copy of less columns of a tile of a than it has rows, with 0 outside of the triangle, in the
    /// order in which a lies.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `from` is the address of the first element.
    unsafe fn masked(&self, from: *const T, tile: usize, k: &Range<usize>) -> (*const T, usize) {
        let GemmKernel { spec: Gemm { a, triangle, k: depth, .. }, tiles, .. } = self.kernel;
        let stride = tiles.max();
        for row in 0..tiles.size(tile) {
            let counts = triangle.range(tiles.first(tile) + row, 0, *depth);
            for (column, k) in k.clone().enumerate() {
                let to = match self.kernel.a_by_columns {
                    true => column * stride + row,
                    false => row * stride + column,
                };
                // SAFETY: inside a; the room has as many rows and columns as the largest tile has rows.
                unsafe {
                    let from = from.add(row * a.row_stride + column * a.column_stride);
                    self.masked_a.add(to).write(if counts.contains(&k) { *from } else { T::ZERO });
                }
            }
        }
        (self.masked_a, stride)
    }

    /// What a tile adds up of a block, in order: all of it, or the two parts of a triangle, of which its
    /// border cuts one. Where nothing counts at all, the first block makes the start values the result.
    fn parts(&self, tile: usize, block: &Range<usize>) -> [Option<Part>; 2] {
        let GemmKernel { spec: Gemm { k: depth, triangle, .. }, tiles, .. } = self.kernel;
        let rows = tiles.range(tile);
        let bounds = match triangle {
            Triangle::None | Triangle::Lower => [0, *depth, *depth],
            Triangle::LeftLower => [0, rows.start + 1, rows.end],
            Triangle::LeftUpper => [rows.start, rows.end.saturating_sub(1), *depth],
        };
        let [start, middle, end] = bounds.map(|bound| bound.min(*depth));
        if start == *depth {
            let nothing = Part { k: 0..0, is_first: true, is_cut: false };
            return [(block.start == 0).then_some(nothing), None];
        }
        let part = |k: Range<usize>, is_cut: bool| {
            let k = k.start.max(block.start)..k.end.min(block.end);
            let is_first = k.start == start;
            (!k.is_empty()).then_some(Part { k, is_first, is_cut })
        };
        let upper = *triangle == Triangle::LeftUpper;
        [part(start..middle, upper), part(middle..end, !upper)]
    }

    /// The left operand of some rows and a block, to be asked for.
    fn left_ahead(&self, rows: &Range<usize>, k: &Range<usize>) -> Ahead<T> {
        let Gemm { a, .. } = &self.kernel.spec;
        let from = self.a.wrapping_add(rows.start * a.row_stride + k.start * a.column_stride);
        let stride = self.kernel.a_stride;
        match self.kernel.a_by_columns {
            true => Ahead { from, stride, rows: k.len(), len: rows.len() },
            false => Ahead { from, stride, rows: rows.len(), len: k.len() },
        }
    }

    /// The columns of some panels of the right operand and a block, to be asked for; nothing if all is
    /// packed.
    fn right_ahead(&self, panels: &Range<usize>, k: &Range<usize>) -> Option<Ahead<T>> {
        let GemmKernel { spec: Gemm { b, n, .. }, set, cut, b_by_columns, .. } = self.kernel;
        let first = cut.first(panels.start) * set.n;
        let columns = (*n).min(cut.first(panels.end) * set.n) - first;
        let from = self.b.wrapping_add(k.start * b.row_stride + first * b.column_stride);
        self.all_packed.is_none().then(|| match b_by_columns {
            true => Ahead { from, stride: b.column_stride, rows: columns, len: k.len() },
            false => Ahead { from, stride: b.row_stride, rows: k.len(), len: columns },
        })
    }

    /// One tile of each panel; meanwhile it asks for what comes after.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn row_of_tiles(&self, tile: usize, block: &Block<'_, T>, after: Option<Ahead<T>>) {
        for part in self.parts(tile, block.k).iter().flatten() {
            // SAFETY: passed on.
            unsafe { self.part_of_tiles(tile, block, part, after) };
        }
    }

    /// # Safety
    /// As for [`Entry::row_of_tiles`], of which this is a part.
    unsafe fn part_of_tiles(
        &self,
        tile: usize,
        &Block { panels, k, packed_from, packed_b }: &Block<'_, T>,
        part: &Part,
        after: Option<Ahead<T>>,
    ) {
        let GemmKernel { spec, set, tiles, a_by_columns, .. } = self.kernel;
        let rows = tiles.range(tile);
        let larger = usize::from(rows.len() == tiles.max());
        // SAFETY: passed on; addresses of rows and columns inside the operands.
        unsafe {
            let (a, a_stride) = self.left(tile, part);
            let row_stride = if *a_by_columns { 1 } else { a_stride };
            let a = [0, 3, 6, 9].map(|row| a.wrapping_add(row * row_stride));
            let c = self.c.add(rows.start * spec.n);
            let b = self.b.add(part.k.start * spec.b.row_stride);
            let mut packed_b = packed_b.cast_const();
            for (i, panel) in self.kernel.panels[panels.clone()].iter().enumerate() {
                let width = panel.vectors * set.n;
                let (b, b_stride) = if panels.start + i < packed_from {
                    (b.add(panel.column), spec.b.row_stride)
                } else {
                    let start = packed_b.add((part.k.start - k.start) * width);
                    packed_b = packed_b.add(k.len() * width);
                    (start, width)
                };
                let lower = spec.triangle == Triangle::Lower;
                let above = lower && panel.column >= rows.end;
                if above && !part.is_first {
                    continue;
                }
                if let Some(after) = after {
                    after.fetch(i, panels.len());
                }
                panel.functions[larger](&Tile {
                    k: if above { 0 } else { part.k.len() },
                    a,
                    a_stride,
                    b,
                    b_stride,
                    c: c.add(panel.column),
                    c_stride: spec.n,
                    start: match self.start {
                        _ if !part.is_first => Start::Old,
                        Start::Row(bias) => Start::Row(bias.add(panel.column)),
                        other => other,
                    },
                    last: panel.last,
                    finish: match self.finish {
                        Finish::Step { from, rate } => Finish::Step {
                            from: from.add(rows.start * spec.n + panel.column),
                            rate,
                        },
                        Finish::Store => Finish::Store,
                    },
                });
                if lower && !above && part.k.end == spec.k {
                    self.clear_above(&rows, panel);
                }
            }
        }
    }

    /// Makes 0 of what stands above the diagonal in a tile.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn clear_above(&self, rows: &Range<usize>, panel: &Panel<T>) {
        let GemmKernel { spec: Gemm { n, .. }, set, .. } = self.kernel;
        let end = (panel.column + panel.vectors * set.n).min(*n);
        for row in rows.clone() {
            for column in panel.column.max(row + 1)..end {
                // SAFETY: an element of the result.
                unsafe { self.c.add(row * n + column).write(T::ZERO) };
            }
        }
    }
}

/// Some panels and some k.
struct Block<'a, T> {
    panels: &'a Range<usize>,
    k: &'a Range<usize>,
    /// The panels from here on stand packed at `packed_b`.
    packed_from: usize,
    packed_b: *mut T,
}

/// Some k of a block.
#[derive(Debug, Clone)]
struct Part {
    k: Range<usize>,
    /// Whether the sums begin here.
    is_first: bool,
    /// Whether some of the left operand's elements do not count.
    is_cut: bool,
}
