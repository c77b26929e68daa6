//! The operations of a tile program that look at whole rows.

use super::op::{Op, TileFn};
use crate::ahead::prefetch;
use crate::elementary::Elementary;
use crate::reduce::{Maximum, Sum, reduce_row, reduce_rows};
use crate::simd::{Combine, HasVectors, by_level};
use crate::{Fused, LANES, Level, ReduceKind};

/// What a tile program does with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowOp {
    /// `dst[r] = Σ or max of a[r, ..]`.
    Reduce(ReduceKind),
    /// As `Reduce`, of one row, with [`LANES`] copies of the result.
    ReduceOne(ReduceKind),
    /// `dst[r, ..] = a[r]`; writes up to [`LANES`] elements behind its last row.
    Spread,
    /// `dst[r, ..] = a[..]`; writes up to [`LANES`] elements behind its last row.
    Repeat,
    /// `dst[0..LANES] = a[0]`.
    Splat,
    /// `dst[0] = a[0]`.
    First,
    /// The partial sums `dst` = 0.
    ClearSums,
    /// Adds the rows `a[r, ..]` to the partial sums `dst[r % apart, ..]`.
    ColumnSum,
    /// `dst[..] = Σ over r of the partial sums a[r, ..]`.
    FoldSums,
}

trait Rows {
    /// # Safety
    /// As [`TileFn`].
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, n: usize);
}

impl RowOp {
    /// Its loop for every level.
    pub(super) fn by_level<T: HasVectors>(self) -> [TileFn<T>; Level::COUNT] {
        match self {
            RowOp::Reduce(ReduceKind::Sum) => levels::<T, Reduce<Sum>>(),
            RowOp::Reduce(ReduceKind::Max) => levels::<T, Reduce<Maximum>>(),
            RowOp::ReduceOne(ReduceKind::Sum) => levels::<T, ReduceOne<Sum>>(),
            RowOp::ReduceOne(ReduceKind::Max) => levels::<T, ReduceOne<Maximum>>(),
            RowOp::Spread => levels::<T, Spread>(),
            RowOp::Repeat => levels::<T, Repeat>(),
            RowOp::Splat => levels::<T, Splat>(),
            RowOp::First => levels::<T, First>(),
            RowOp::ClearSums => levels::<T, ClearSums>(),
            RowOp::ColumnSum => levels::<T, ColumnSum>(),
            RowOp::FoldSums => levels::<T, FoldSums>(),
        }
    }
}

/// The loop of `R` for every level, in the order of [`Level`].
fn levels<T: HasVectors, R: Rows>() -> [TileFn<T>; Level::COUNT] {
    by_level!(portable::<T, R>, neon::<T, R>, avx2::<T, R>, avx512::<T, R>)
}

/// # Safety
/// As [`TileFn`].
unsafe fn portable<T: HasVectors, R: Rows>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { R::run::<T::Portable>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg(target_arch = "aarch64")]
unsafe fn neon<T: HasVectors, R: Rows>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { R::run::<T::Neon>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<T: HasVectors, R: Rows>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { R::run::<T::Avx2>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
unsafe fn avx512<T: HasVectors, R: Rows>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { R::run::<T::Avx512>(op, table, n) }
}

/// Where an operation reads and writes.
///
/// # Safety
/// As [`TileFn`].
#[inline(always)]
unsafe fn ends<T>(op: &Op<T>, table: *const *mut T) -> (*mut T, *const T) {
    // SAFETY: the slots are in the table by the caller's promise.
    unsafe { (*table.add(op.slots[0].into()), *table.add(op.slots[1].into())) }
}

struct Reduce<C>(C);

impl<C: Combine> Rows for Reduce<C> {
    #[inline(always)]
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, n: usize) {
        // SAFETY: `a` has `n` rows and `dst` `n` elements by the caller's promise.
        unsafe {
            let (dst, a) = ends(op, table);
            reduce_rows::<V, C>(a, op.columns, dst, n);
        }
    }
}

struct ReduceOne<C>(C);

impl<C: Combine> Rows for ReduceOne<C> {
    #[inline(always)]
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, _: usize) {
        // SAFETY: `a` has a row and `dst` `LANES` elements by the caller's promise.
        unsafe {
            let (dst, a) = ends(op, table);
            fill::<V>(dst, reduce_row::<V, C>(a, op.columns), LANES);
        }
    }
}

/// `dst[..n] = value` and up to `N - 1` elements more.
///
/// # Safety
/// `dst` has the elements.
#[inline(always)]
unsafe fn fill<V: Elementary>(dst: *mut V::Scalar, value: V::Scalar, n: usize) {
    let value = V::splat(value);
    let mut i = 0;
    while i < n {
        // SAFETY: the caller's promise.
        unsafe { value.store(dst.add(i)) };
        i += V::N;
    }
}

struct Spread;

impl Rows for Spread {
    #[inline(always)]
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, n: usize) {
        // SAFETY: `a` has `n` elements, `dst` `n` rows and `LANES` elements behind. Rows are written
        // in order, so what goes over the end of one is overwritten by the next.
        unsafe {
            let (dst, a) = ends(op, table);
            for row in 0..n {
                fill::<V>(dst.add(row * op.columns), *a.add(row), op.columns);
            }
        }
    }
}

struct Repeat;

impl Rows for Repeat {
    #[inline(always)]
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, n: usize) {
        // SAFETY: `a` has a row and its padding, `dst` `n` rows and `LANES` elements behind. Rows
        // are written in order, so what goes over the end of one is overwritten by the next.
        unsafe {
            let (dst, a) = ends(op, table);
            for row in 0..n {
                let mut i = 0;
                while i < op.columns {
                    V::load(a.add(i)).store(dst.add(row * op.columns + i));
                    i += V::N;
                }
            }
        }
    }
}

struct Splat;

impl Rows for Splat {
    #[inline(always)]
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, _: usize) {
        // SAFETY: `a` has an element and `dst` `LANES` by the caller's promise.
        unsafe {
            let (dst, a) = ends(op, table);
            fill::<V>(dst, *a, LANES);
        }
    }
}

struct First;

impl Rows for First {
    #[inline(always)]
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, _: usize) {
        // SAFETY: both have an element by the caller's promise.
        unsafe {
            let (dst, a) = ends(op, table);
            *dst = *a;
        }
    }
}

struct ClearSums;

impl Rows for ClearSums {
    #[inline(always)]
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, _: usize) {
        // SAFETY: `dst` has the partial sums by the caller's promise: whole groups of `LANES`.
        unsafe {
            let (dst, _) = ends(op, table);
            fill::<V>(dst, V::Scalar::default(), Fused::rows_apart(op.columns) * op.columns);
        }
    }
}

struct ColumnSum;

impl Rows for ColumnSum {
    #[inline(always)]
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, n: usize) {
        let group = Fused::rows_apart(op.columns) * op.columns;
        let (whole, rest) = (n * op.columns / group, n * op.columns % group);
        // SAFETY: `a` has `n` rows, `dst` the partial sums, by the caller's promise.
        unsafe {
            let (dst, a) = ends(op, table);
            let mut e = 0;
            // Four vectors at once, so that additions do not wait for each other.
            while e + 4 * V::N <= group {
                let mut sums = [V::zero(); 4];
                for g in 0..whole {
                    for (k, sum) in sums.iter_mut().enumerate() {
                        let from = a.add(g * group + e + k * V::N);
                        // The next tile, where tiles stand in memory: this walk is none that the
                        // processor foresees.
                        prefetch(from.wrapping_add(n * op.columns));
                        *sum = sum.add(V::load(from));
                    }
                }
                for (k, sum) in sums.into_iter().enumerate() {
                    finish(sum, dst, a.add(whole * group), e + k * V::N, rest);
                }
                e += 4 * V::N;
            }
            while e < group {
                let mut sum = V::zero();
                for g in 0..whole {
                    sum = sum.add(V::load(a.add(g * group + e)));
                }
                finish(sum, dst, a.add(whole * group), e, rest);
                e += V::N;
            }
        }
    }
}

/// Adds what is left of a tile to a sum over its whole groups, and all to the shard's.
///
/// # Safety
/// `dst` has a vector at `e`, `from` has `rest` elements.
#[inline(always)]
unsafe fn finish<V: Elementary>(
    mut sum: V,
    dst: *mut V::Scalar,
    from: *const V::Scalar,
    e: usize,
    rest: usize,
) {
    // SAFETY: the caller's promise; where nothing is left, nothing is read.
    unsafe {
        if e < rest {
            sum = sum.add(V::load_partial(from.add(e), V::N.min(rest - e)));
        }
        V::load(dst.add(e)).add(sum).store(dst.add(e));
    }
}

struct FoldSums;

impl Rows for FoldSums {
    #[inline(always)]
    unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, _: usize) {
        let columns = op.columns;
        // SAFETY: `a` has the partial sums and `dst` a row by the caller's promise.
        unsafe {
            let (dst, a) = ends(op, table);
            let mut c = 0;
            while c < columns {
                let n = V::N.min(columns - c);
                let mut sum = V::zero();
                for r in 0..Fused::rows_apart(columns) {
                    sum = sum.add(V::load_partial(a.add(r * columns + c), n));
                }
                sum.store_partial(dst.add(c), n);
                c += V::N;
            }
        }
    }
}
