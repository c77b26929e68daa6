//! The innermost loops: a tile of the result in registers.

use crate::Element;
use crate::simd::Vector;

/// One tile of the result: some rows × some vectors of columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tile<T> {
    /// Length of the sums.
    pub(super) k: usize,
    /// Column 0 of the left operand's rows 0, 3, 6, 9 and 12, as far as the tile has them. Five
    /// addresses that the compiler takes for unrelated: it would reckon out one address for each
    /// row otherwise, which costs more than what it is for.
    pub(super) a: [*const T; 5],
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
    /// Whether its columns are runs of neighbors; otherwise its rows are.
    const BY_COLUMNS: bool;
}

/// Rows are runs of neighbors.
pub(super) struct Rows;

impl Layout for Rows {
    const BY_COLUMNS: bool = false;
}

/// Columns are runs of neighbors.
pub(super) struct Columns;

impl Layout for Columns {
    const BY_COLUMNS: bool = true;
}

/// Repeats a body for the rows 0..M with the row a constant. The compiler leaves a loop over more than
/// nine rows a loop, and then the accumulators live in memory.
macro_rules! for_rows {
    ($row:ident < $count:expr => $body:block) => {
        for_rows!(@ $row $count, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13);
    };
    (@ $name:ident $count:expr, $body:block, $($row:literal)*) => {
        $(
            if $row < $count {
                const $name: usize = $row;
                $body
            }
        )*
    };
}

/// Rows of the right operand that are fetched ahead.
const AHEAD: usize = 8;

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
        let (row, column) = if L::BY_COLUMNS { (1, tile.a_stride) } else { (tile.a_stride, 1) };
        let mut a = Addresses::new(tile);
        let mut b = tile.b;
        let mut left = tile.k;
        // One vector has little to do for each address.
        let unroll = if NV == 1 { 4 } else { 1 };
        while left >= unroll {
            step::<T, V, L, M, NV>(&mut acc, &a, row, b, tile.b_stride);
            if unroll == 4 {
                let (a1, a2, a3) = (a.add(column), a.add(2 * column), a.add(3 * column));
                let b1 = b.add(tile.b_stride);
                step::<T, V, L, M, NV>(&mut acc, &a1, row, b1, tile.b_stride);
                let b2 = b1.add(tile.b_stride);
                step::<T, V, L, M, NV>(&mut acc, &a2, row, b2, tile.b_stride);
                let b3 = b2.add(tile.b_stride);
                step::<T, V, L, M, NV>(&mut acc, &a3, row, b3, tile.b_stride);
            }
            a = a.add(unroll * column);
            b = b.add(unroll * tile.b_stride);
            left -= unroll;
        }
        if unroll > 1 {
            for _ in 0..left {
                step::<T, V, L, M, NV>(&mut acc, &a, row, b, tile.b_stride);
                a = a.add(column);
                b = b.add(tile.b_stride);
            }
        }
        store::<T, V, M, NV>(tile, &acc);
    }
}

/// Where one column of the left operand's rows begins.
#[derive(Clone, Copy)]
struct Addresses<T> {
    p0: *const T,
    p3: *const T,
    p6: *const T,
    p9: *const T,
    p12: *const T,
}

impl<T: Element> Addresses<T> {
    #[inline(always)]
    fn new(tile: &Tile<T>) -> Self {
        let [p0, p3, p6, p9, p12] = tile.a;
        Addresses { p0, p3, p6, p9, p12 }
    }

    /// Some elements on.
    #[inline(always)]
    fn add(&self, n: usize) -> Self {
        Addresses {
            p0: self.p0.wrapping_add(n),
            p3: self.p3.wrapping_add(n),
            p6: self.p6.wrapping_add(n),
            p9: self.p9.wrapping_add(n),
            p12: self.p12.wrapping_add(n),
        }
    }

    /// The element in row `r`.
    #[inline(always)]
    fn at<L: Layout>(&self, r: usize, row: usize) -> *const T {
        match r / 3 {
            _ if L::BY_COLUMNS => self.p0.wrapping_add(r),
            0 => self.p0.wrapping_add(r * row),
            1 => self.p3.wrapping_add((r - 3) * row),
            2 => self.p6.wrapping_add((r - 6) * row),
            3 => self.p9.wrapping_add((r - 9) * row),
            _ => self.p12.wrapping_add((r - 12) * row),
        }
    }
}

/// Adds one column of the left operand times one row of the right one.
///
/// # Safety
/// As for [`tile`].
#[inline(always)]
unsafe fn step<T, V, L, const M: usize, const NV: usize>(
    acc: &mut [[V; NV]; M],
    a: &Addresses<T>,
    row: usize,
    b: *const T,
    b_stride: usize,
) where
    T: Element,
    V: Vector<Scalar = T>,
    L: Layout,
{
    let mut columns = [V::zero(); NV];
    for (v, columns) in columns.iter_mut().enumerate() {
        // SAFETY: whole vectors, by the promise of `tile`.
        *columns = unsafe { V::load(b.add(v * V::N)) };
        prefetch(b.wrapping_add(v * V::N + AHEAD * b_stride));
    }
    for_rows!(R < M => {
        // SAFETY: row R < M of the left operand.
        let x = V::splat(unsafe { *a.at::<L>(R, row) });
        for (acc, columns) in acc[R].iter_mut().zip(&columns) {
            *acc = x.mul_add(*columns, *acc);
        }
    });
}

/// Asks for a cache line; any address will do.
#[inline(always)]
pub(super) fn prefetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 processor has the instruction, and it never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
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
    for_rows!(R < M => {
        for (v, acc) in acc[R].iter_mut().enumerate() {
            // SAFETY: M rows of the start values, of which the last vector has `last` columns.
            unsafe {
                let from = tile.start.add(R * tile.start_stride + v * V::N);
                *acc = if v + 1 < NV || tile.last == V::N {
                    V::load(from)
                } else {
                    V::load_partial(from, tile.last)
                };
            }
        }
    });
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
    for_rows!(R < M => {
        for (v, acc) in acc[R].iter().enumerate() {
            // SAFETY: M rows of the result, of which the last vector has `last` columns.
            unsafe {
                let to = tile.c.add(R * tile.c_stride + v * V::N);
                if v + 1 < NV || tile.last == V::N {
                    acc.store(to);
                } else {
                    acc.store_partial(to, tile.last);
                }
            }
        }
    });
}
