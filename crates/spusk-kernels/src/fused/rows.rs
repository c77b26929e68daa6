//! The operations of a tile program that look at whole rows.

use super::op::{Op, TileFn};
use crate::elementary::Elementary;
use crate::reduce::{Maximum, Sum, reduce_row, reduce_rows};
use crate::simd::{Combine, HasVectors, by_level};
use crate::{LANES, Level, ReduceKind};

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
