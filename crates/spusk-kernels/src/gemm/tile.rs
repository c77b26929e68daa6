//! The innermost loops: a tile of the result in registers.

use crate::Element;
use crate::simd::Vector;

/// One tile of the result: some rows × some vectors of columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tile<T> {
    /// Length of the sums.
    pub(super) k: usize,
    /// Element (row, 0) of the left operand's first row.
    pub(super) a: *const T,
    /// Elements between its rows, or between its columns, as the kernel's [`Layout`] says.
    pub(super) a_stride: usize,
    /// Row 0 of the right operand; all its rows hold whole vectors.
    pub(super) b: *const T,
    /// Elements between its rows.
    pub(super) b_stride: usize,
    /// The result.
    pub(super) c: *mut T,
    /// Elements between its rows.
    pub(super) c_stride: usize,
    /// What the sums start with, or null for 0.
    pub(super) start: *const T,
    /// Elements between its rows.
    pub(super) start_stride: usize,
    /// Columns of the last vector that belong to the result.
    pub(super) last: usize,
}

/// How the left operand lies in memory.
pub(super) trait Layout {
    /// Elements from row to row, given the other stride.
    fn row(stride: usize) -> usize;
    /// Elements from column to column.
    fn column(stride: usize) -> usize;
}

/// Rows are runs of neighbors.
pub(super) struct Rows;

impl Layout for Rows {
    #[inline(always)]
    fn row(stride: usize) -> usize {
        stride
    }
    #[inline(always)]
    fn column(_: usize) -> usize {
        1
    }
}

/// Columns are runs of neighbors.
pub(super) struct Columns;

impl Layout for Columns {
    #[inline(always)]
    fn row(_: usize) -> usize {
        1
    }
    #[inline(always)]
    fn column(stride: usize) -> usize {
        stride
    }
}

/// `c[M, W] = start[M, W] + a[M, k] · b[k, W]` for W columns in `NV` vectors, one fused multiply-add
/// for each product, k ascending.
///
/// # Safety
/// The processor has the instruction set of `V`; the operands may be read and `c` written over the
/// named sizes.
#[inline(always)]
pub(super) unsafe fn tile<T, V, L, const M: usize, const NV: usize>(tile: &Tile<T>)
where
    T: Element,
    V: Vector<Scalar = T>,
    L: Layout,
{
    // SAFETY: all addresses lie in the operands, by the caller's promise.
    unsafe {
        let mut acc = start::<T, V, M, NV>(tile);
        let (row, column) = (L::row(tile.a_stride), L::column(tile.a_stride));
        let (mut a, mut b) = (tile.a, tile.b);
        for _ in 0..tile.k {
            let mut columns = [V::zero(); NV];
            for (v, columns) in columns.iter_mut().enumerate() {
                *columns = V::load(b.add(v * V::N));
            }
            for (r, acc) in acc.iter_mut().enumerate() {
                let x = V::splat(*a.add(r * row));
                for (acc, columns) in acc.iter_mut().zip(&columns) {
                    *acc = x.mul_add(*columns, *acc);
                }
            }
            a = a.add(column);
            b = b.add(tile.b_stride);
        }
        store::<T, V, M, NV>(tile, &acc);
    }
}

/// # Safety
/// As for [`tile`].
#[inline(always)]
unsafe fn start<T, V, const M: usize, const NV: usize>(tile: &Tile<T>) -> [[V; NV]; M]
where
    T: Element,
    V: Vector<Scalar = T>,
{
    let mut acc = [[V::zero(); NV]; M];
    if tile.start.is_null() {
        return acc;
    }
    for (r, acc) in acc.iter_mut().enumerate() {
        for (v, acc) in acc.iter_mut().enumerate() {
            // SAFETY: M rows of the start values, of which the last vector has `last` columns.
            unsafe {
                let from = tile.start.add(r * tile.start_stride + v * V::N);
                *acc = if v + 1 < NV || tile.last == V::N {
                    V::load(from)
                } else {
                    V::load_partial(from, tile.last)
                };
            }
        }
    }
    acc
}

/// # Safety
/// As for [`tile`].
#[inline(always)]
unsafe fn store<T, V, const M: usize, const NV: usize>(tile: &Tile<T>, acc: &[[V; NV]; M])
where
    T: Element,
    V: Vector<Scalar = T>,
{
    for (r, acc) in acc.iter().enumerate() {
        for (v, acc) in acc.iter().enumerate() {
            // SAFETY: M rows of the result, of which the last vector has `last` columns.
            unsafe {
                let to = tile.c.add(r * tile.c_stride + v * V::N);
                if v + 1 < NV || tile.last == V::N {
                    acc.store(to);
                } else {
                    acc.store_partial(to, tile.last);
                }
            }
        }
    }
}
