//! The product as a kernel: which tiles in which order.

use std::ops::Range;

use super::check::check;
use super::pack::Pack;
use super::set::Set;
use super::tile::Tile;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{Element, Gemm, Level, Place};

/// The longest block of k: a panel of the right operand then fits the first-level cache, or nearly.
const MAX_BLOCK: usize = 512;
/// Bytes of the right operand that are packed at a time: well inside the second-level cache.
const GROUP_BYTES: usize = 384 * 1024;

struct GemmKernel<T: 'static> {
    spec: Gemm,
    set: &'static Set<T>,
    /// Tiles above each other; their heights differ by 1 at most.
    tiles: usize,
    /// Panels side by side.
    panels: usize,
    /// Whether a thread takes some columns of the result, or some rows.
    by_columns: bool,
    /// Length of the blocks of k.
    block: usize,
    /// Panels packed at a time.
    group: usize,
}

pub(crate) fn prepare<T: Element>(spec: &Gemm, level: Level) -> Result<Box<dyn Kernel<T>>, String> {
    check(spec)?;
    let set = Set::<T>::of(level);
    let width = 2 * set.n;
    let (tiles, panels) = (spec.m.div_ceil(set.max_rows()), spec.n.div_ceil(width));
    let blocks = spec.k.div_ceil(MAX_BLOCK).max(1);
    let block = spec.k.div_ceil(blocks);
    let group = (GROUP_BYTES / (block.max(1) * width * size_of::<T>())).clamp(1, panels.max(1));
    Ok(Box::new(GemmKernel {
        spec: spec.clone(),
        set,
        tiles,
        panels,
        by_columns: spec.n >= spec.m,
        block,
        group,
    }))
}

impl<T: Element> Kernel<T> for GemmKernel<T> {
    fn reads(&self) -> Vec<Place> {
        let mut reads = vec![self.spec.a.place, self.spec.b.place];
        reads.extend(self.spec.bias);
        reads
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.spec.c]
    }

    fn chunks(&self) -> usize {
        (self.spec.batch * self.tiles * self.panels).max(1)
    }

    fn cost(&self) -> f64 {
        10.0 + 0.02 * (self.spec.c.len * self.spec.k) as f64
    }

    fn scratch(&self) -> usize {
        self.group * self.block * 2 * self.set.n
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, scratch: *mut T, _: Level) {
        if self.spec.c.len == 0 {
            return;
        }
        let (outer, inner) = match self.by_columns {
            true => (self.panels, self.tiles),
            false => (self.tiles, self.panels),
        };
        let mut next = chunks.start;
        while next < chunks.end {
            let batch = next / (outer * inner);
            let (row, column) = (next / inner % outer, next % inner);
            let left = chunks.end - next;
            // As many whole rows of the grid as possible, or a part of one.
            let (rows, columns) = if column == 0 && left >= inner {
                (row..outer.min(row + left / inner), 0..inner)
            } else {
                (row..row + 1, column..inner.min(column + left))
            };
            next += rows.len() * columns.len();
            let (tiles, panels) = if self.by_columns { (columns, rows) } else { (rows, columns) };
            // SAFETY: passed on; the grid covers each element of c once.
            unsafe { self.rectangle(memory, batch, tiles, panels, scratch) };
        }
    }
}

impl<T: Element> GemmKernel<T> {
    /// The first row of a tile.
    fn row(&self, tile: usize) -> usize {
        self.spec.m * tile / self.tiles
    }

    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn rectangle(
        &self,
        memory: RawMemory<T>,
        batch: usize,
        tiles: Range<usize>,
        panels: Range<usize>,
        scratch: *mut T,
    ) {
        for start in panels.clone().step_by(self.group) {
            let panels = start..panels.end.min(start + self.group);
            let mut k = 0;
            loop {
                let length = self.block.min(self.spec.k - k);
                // SAFETY: passed on.
                unsafe {
                    self.pack(memory, batch, panels.clone(), k..k + length, scratch);
                    for tile in tiles.clone() {
                        self.row_of_tiles(
                            memory,
                            batch,
                            tile,
                            panels.clone(),
                            k..k + length,
                            scratch,
                        );
                    }
                }
                k += length;
                if k >= self.spec.k {
                    break;
                }
            }
        }
    }

    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn pack(
        &self,
        memory: RawMemory<T>,
        batch: usize,
        panels: Range<usize>,
        k: Range<usize>,
        scratch: *mut T,
    ) {
        let b = &self.spec.b;
        let width = 2 * self.set.n;
        let columns = panels.start * width..self.spec.n.min(panels.end * width);
        let by_rows = b.column_stride == 1 || self.spec.n == 1;
        // SAFETY: passed on.
        unsafe {
            let from = memory.ptr(b.place).add(
                batch * b.batch_stride + k.start * b.row_stride + columns.start * b.column_stride,
            );
            let stride = if by_rows { b.row_stride } else { b.column_stride };
            let work = Pack { from, stride, k: k.len(), columns: columns.len(), to: scratch };
            if by_rows { (self.set.pack_rows)(&work) } else { (self.set.pack_columns)(&work) }
        }
    }

    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn row_of_tiles(
        &self,
        memory: RawMemory<T>,
        batch: usize,
        tile: usize,
        panels: Range<usize>,
        k: Range<usize>,
        scratch: *mut T,
    ) {
        let Gemm { m, n, a, c, bias, accumulate, .. } = &self.spec;
        let width = 2 * self.set.n;
        let (row, height) = (self.row(tile), self.row(tile + 1) - self.row(tile));
        let by_columns = a.row_stride == 1 && a.column_stride != 1 || *m == 1;
        // SAFETY: passed on.
        unsafe {
            let c = memory.ptr(*c).add((batch * m + row) * n);
            let a_start = memory
                .ptr(a.place)
                .add(batch * a.batch_stride + row * a.row_stride + k.start * a.column_stride);
            for (i, panel) in panels.enumerate() {
                let column = panel * width;
                let columns = width.min(n - column);
                let c = c.add(column);
                let (start, start_stride): (*const T, usize) = match bias {
                    _ if k.start > 0 || *accumulate => (c, *n),
                    Some(bias) => (memory.ptr(*bias).add(column), 0),
                    None => (std::ptr::null(), 0),
                };
                let wide = columns > self.set.n;
                let tile = Tile {
                    k: k.len(),
                    a: a_start,
                    a_stride: if by_columns { a.column_stride } else { a.row_stride },
                    b: scratch.add(i * k.len() * width),
                    b_stride: width,
                    c,
                    c_stride: *n,
                    start,
                    start_stride,
                    last: if wide { columns - self.set.n } else { columns },
                };
                self.set.tiles[usize::from(by_columns)][usize::from(wide)][height - 1](&tile);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{place, refusal, run};
    use crate::{Instruction, Matrix};

    /// How an operand lies in memory.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Layout {
        Rows,
        Columns,
        /// Rows farther apart than they are long.
        WideRows,
        WideColumns,
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Start {
        Zero,
        Bias,
        Old,
    }

    #[derive(Debug, Clone, Copy)]
    struct Case {
        batch: usize,
        m: usize,
        k: usize,
        n: usize,
        a: Layout,
        b: Layout,
        start: Start,
        /// Whether all batch entries share b.
        shared_b: bool,
    }

    const PLAIN: Case = Case {
        batch: 1,
        m: 1,
        k: 1,
        n: 1,
        a: Layout::Rows,
        b: Layout::Rows,
        start: Start::Zero,
        shared_b: false,
    };

    fn matrix(layout: Layout, offset: usize, batch: usize, rows: usize, columns: usize) -> Matrix {
        let (row_stride, column_stride) = match layout {
            Layout::Rows => (columns.max(1), 1),
            Layout::Columns => (1, rows.max(1)),
            Layout::WideRows => (columns + 5, 1),
            Layout::WideColumns => (1, rows + 3),
        };
        let batch_stride = rows.max(1) * row_stride + columns.max(1) * column_stride;
        let place = place(offset, batch * batch_stride);
        Matrix { place, batch_stride, row_stride, column_stride }
    }

    impl Case {
        fn spec(&self) -> (Gemm, usize) {
            let Case { batch, m, k, n, .. } = *self;
            let a = matrix(self.a, 16, batch, m, k);
            let b_batch = if self.shared_b { 1 } else { batch };
            let mut b = matrix(self.b, a.place.padded_end(), b_batch, k, n);
            if self.shared_b {
                b.batch_stride = 0;
            }
            let bias = place(b.place.padded_end(), n);
            let c = place(bias.padded_end(), batch * m * n);
            let gemm = Gemm {
                batch,
                m,
                n,
                k,
                a,
                b,
                c,
                bias: (self.start == Start::Bias).then_some(bias),
                accumulate: self.start == Start::Old,
            };
            (gemm, c.padded_end() + 16)
        }
    }

    /// The definition, one fused multiply-add at a time.
    fn reference<T: Element>(spec: &Gemm, work: &[T]) -> Vec<T> {
        let at = |matrix: &Matrix, batch: usize, i: usize, j: usize| {
            let inner = i * matrix.row_stride + j * matrix.column_stride;
            work[matrix.place.offset + batch * matrix.batch_stride + inner]
        };
        let mut c = Vec::new();
        for index in 0..spec.c.len {
            let (batch, i, j) = (index / spec.n / spec.m, index / spec.n % spec.m, index % spec.n);
            let mut acc = match spec.bias {
                Some(bias) => work[bias.offset + j],
                None if spec.accumulate => work[spec.c.offset + index],
                None => T::ZERO,
            };
            for p in 0..spec.k {
                acc = at(&spec.a, batch, i, p).mul_add(at(&spec.b, batch, p, j), acc);
            }
            c.push(acc);
        }
        c
    }

    /// Numbers of both signs that are exact in f32.
    fn numbers(len: usize) -> Vec<f64> {
        let mut seed = 1_u32;
        let number = |_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from((seed >> 8) as i32 - (1 << 23)) / f64::from(1 << 23)
        };
        (0..len).map(number).collect()
    }

    /// Every level and number of threads gives the bits of the definition, touches nothing else,
    /// and in f32 is as near to the result in f64 as k roundings allow.
    fn check(case: Case) {
        let (spec, len) = case.spec();
        let work = numbers(len);
        let as_f32: Vec<f32> = work.iter().map(|&x| x as f32).collect();
        let (exact, expected) = (reference(&spec, &work), reference(&spec, &as_f32));
        let got = run::<f32>(vec![Instruction::Gemm(spec.clone())], work.clone(), vec![]).work;
        let c = spec.c.offset..spec.c.offset + spec.c.len;
        for (i, (&got, &want)) in got[c.clone()].iter().zip(&expected).enumerate() {
            assert_eq!(got, f64::from(want), "{case:?}: element {i}");
            let error = (got - exact[i]).abs();
            let bound = f64::from(f32::EPSILON) * (spec.k + 1) as f64 * (1.0 + spec.k as f64);
            assert!(error <= bound, "{case:?}: element {i} is {got}, exactly {}", exact[i]);
        }
        assert_eq!(got[..c.start], work[..c.start], "{case:?}");
        assert_eq!(got[spec.c.padded_end()..], work[spec.c.padded_end()..], "{case:?}");
        let got = run::<f64>(vec![Instruction::Gemm(spec)], work.clone(), vec![]).work;
        assert_eq!(got[c], exact, "{case:?} in f64");
    }

    const LAYOUTS: [Layout; 4] =
        [Layout::Rows, Layout::Columns, Layout::WideRows, Layout::WideColumns];

    #[test]
    fn sizes_from_0_to_3_vectors() {
        const SIZES: [usize; 9] = [0, 1, 2, 3, 13, 17, 31, 33, 65];
        for (i, m) in SIZES.into_iter().enumerate() {
            for (j, k) in SIZES.into_iter().enumerate() {
                for (l, n) in SIZES.into_iter().enumerate() {
                    let start = [Start::Zero, Start::Bias, Start::Old][(i + j + l) % 3];
                    let (a, b) = (LAYOUTS[(i + j + l) % 4], LAYOUTS[(i * 3 + j + l * 2) % 4]);
                    check(Case { m, k, n, a, b, start, ..PLAIN });
                }
            }
        }
    }

    #[test]
    fn layouts_and_starts() {
        for (m, k, n) in [(5, 7, 9), (40, 35, 70), (1, 50, 100), (100, 50, 1), (30, 20, 10)] {
            for a in LAYOUTS {
                for b in LAYOUTS {
                    for start in [Start::Zero, Start::Bias, Start::Old] {
                        check(Case { m, k, n, a, b, start, ..PLAIN });
                    }
                }
            }
        }
    }

    #[test]
    fn batches() {
        for (m, k, n) in [(1, 1, 1), (17, 5, 18), (33, 16, 40), (3, 0, 2)] {
            for (a, b) in [(Layout::Rows, Layout::Rows), (Layout::Columns, Layout::WideColumns)] {
                for start in [Start::Zero, Start::Bias, Start::Old] {
                    for (batch, shared_b) in [(0, false), (5, false), (3, true)] {
                        check(Case { batch, m, k, n, a, b, start, shared_b });
                    }
                }
            }
        }
    }

    #[test]
    fn long_sums_and_wide_results() {
        for (m, k, n) in [(30, 2000, 40), (15, 700, 600), (600, 70, 15), (1, 1500, 700)] {
            for (a, b) in [(Layout::Rows, Layout::Rows), (Layout::Columns, Layout::Columns)] {
                for start in [Start::Zero, Start::Bias, Start::Old] {
                    check(Case { m, k, n, a, b, start, ..PLAIN });
                }
            }
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let (good, len) = Case { m: 3, k: 4, n: 5, ..PLAIN }.spec();
        let check = |change: &dyn Fn(&mut Gemm), expected: &str| {
            let mut gemm = good.clone();
            change(&mut gemm);
            assert_eq!(refusal(Instruction::Gemm(gemm), len), expected);
        };
        check(&|_| {}, "accepted");
        // Strides of axes of size 1 do not matter.
        check(&|g| (g.m, g.c.len, g.a.row_stride) = (1, 5, usize::MAX), "accepted");
        check(
            &|g| g.a.column_stride = 2,
            "gemm: a has row stride 4 and column stride 2; one of them must be 1",
        );
        check(
            &|g| g.b.row_stride = 7,
            "gemm: b of shape [1, 4, 5] with strides [25, 7, 1] reaches element 25, but its place has \
             25 elements",
        );
        check(
            &|g| (g.m, g.a.row_stride) = (3, usize::MAX),
            "gemm: a of shape [1, 3, 4] with strides [16, 18446744073709551615, 1] reaches beyond all \
             numbers, but its place has 16 elements",
        );
        check(&|g| g.c.len = 14, "gemm: c has 14 elements, expected batch × m × n = 1 × 3 × 5");
        check(&|g| g.bias = Some(place(0, 4)), "gemm: the bias has 4 elements, expected n = 5");
        check(
            &|g| (g.bias, g.accumulate) = (Some(place(0, 5)), true),
            "gemm: starts with both a bias and the old c; use one of them",
        );
        check(&|g| g.c = g.a.place, "gemm: c has 16 elements, expected batch × m × n = 1 × 3 × 5");
        check(
            &|g| g.c.offset = 16,
            "gemm: writes work[16..31], which overlaps work[16..32], which it reads",
        );
    }
}
