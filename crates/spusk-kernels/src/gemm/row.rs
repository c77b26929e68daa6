//! A product with one row on the left: the right operand is read once, row after row, as it lies in
//! memory.
//!
//! Such a product is limited by how fast the right operand comes. A tile as wide as the accumulators
//! in registers would fetch a narrow strip from each of its rows, one page after the other; so here the
//! result stays in the first-level cache, and some rows at a time are added to all of it.

use super::tile::Start;
use crate::Element;
use crate::ahead::prefetch;
use crate::simd::Vector;

/// `c[N] = start[N] + a[k] · b[k, N]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<T> {
    /// Length of the sums.
    pub(super) k: usize,
    /// Columns.
    pub(super) n: usize,
    /// The left operand.
    pub(super) a: *const T,
    /// Elements between its numbers.
    pub(super) a_stride: usize,
    /// The right operand; its rows are runs of neighbors.
    pub(super) b: *const T,
    /// Elements between its rows.
    pub(super) b_stride: usize,
    /// The result.
    pub(super) c: *mut T,
    /// What the sums start with.
    pub(super) start: Start<T>,
}

/// Rows that are added at a time: their numbers of the left operand stay in registers.
const ROWS: usize = 8;

/// One fused multiply-add for each product, k ascending, as [`super::tile::tile`] does.
///
/// # Safety
/// The processor has the instruction set of `V`; the operands may be read and `c` written over the
/// named sizes.
#[inline(always)]
pub(super) unsafe fn row<T: Element, V: Vector<Scalar = T>>(row: &Row<T>) {
    let mut start = row.start;
    let mut done = 0;
    // SAFETY: rows below `k`, passed on.
    unsafe {
        if row.k < ROWS {
            add::<T, V, 0>(row, 0, start);
            start = Start::Old;
        }
        while done + ROWS <= row.k {
            add::<T, V, ROWS>(row, done, start);
            start = Start::Old;
            done += ROWS;
        }
        while done < row.k {
            add::<T, V, 1>(row, done, start);
            done += 1;
        }
    }
}

/// Adds `R` rows from `first` on to the whole result.
///
/// # Safety
/// As for [`row`].
#[inline(always)]
unsafe fn add<T: Element, V: Vector<Scalar = T>, const R: usize>(
    row: &Row<T>,
    first: usize,
    start: Start<T>,
) {
    let mut x = [V::zero(); R];
    for (r, x) in x.iter_mut().enumerate() {
        // SAFETY: number `first + r < k` of the left operand.
        *x = V::splat(unsafe { *row.a.add((first + r) * row.a_stride) });
    }
    let b = row.b.wrapping_add(first * row.b_stride);
    let mut column = 0;
    // SAFETY: whole vectors of columns, then what is left of one.
    unsafe {
        // Two vectors that do not wait for each other, and with AVX2 a cache line.
        while column + 2 * V::N <= row.n {
            let at = column + V::N;
            let mut acc = [begin::<T, V>(row, start, column), begin::<T, V>(row, start, at)];
            for (r, &x) in x.iter().enumerate() {
                let b = b.add(r * row.b_stride);
                prefetch(b.wrapping_add(R * row.b_stride + column));
                acc[0] = x.mul_add(V::load(b.add(column)), acc[0]);
                acc[1] = x.mul_add(V::load(b.add(at)), acc[1]);
            }
            acc[0].store(row.c.add(column));
            acc[1].store(row.c.add(at));
            column += 2 * V::N;
        }
        while column < row.n {
            let left = V::N.min(row.n - column);
            let mut acc = begin_partial::<T, V>(row, start, column, left);
            for (r, &x) in x.iter().enumerate() {
                let b = b.add(r * row.b_stride + column);
                acc = x.mul_add(V::load_partial(b, left), acc);
            }
            acc.store_partial(row.c.add(column), left);
            column += left;
        }
    }
}

/// What a vector of the sums starts with.
///
/// # Safety
/// As for [`row`]; `N` columns follow.
#[inline(always)]
unsafe fn begin<T: Element, V: Vector<Scalar = T>>(
    row: &Row<T>,
    start: Start<T>,
    column: usize,
) -> V {
    // SAFETY: passed on.
    unsafe {
        match start {
            Start::Zero => V::zero(),
            Start::Old => V::load(row.c.add(column)),
            Start::Row(from) => V::load(from.add(column)),
            Start::Scalar(from) => V::splat(*from),
        }
    }
}

/// As [`begin`], for `left` columns.
///
/// # Safety
/// As for [`row`]; `left` columns follow.
#[inline(always)]
unsafe fn begin_partial<T: Element, V: Vector<Scalar = T>>(
    row: &Row<T>,
    start: Start<T>,
    column: usize,
    left: usize,
) -> V {
    // SAFETY: passed on.
    unsafe {
        match start {
            Start::Zero => V::zero(),
            Start::Old => V::load_partial(row.c.add(column), left),
            Start::Row(from) => V::load_partial(from.add(column), left),
            Start::Scalar(from) => V::splat(*from),
        }
    }
}
