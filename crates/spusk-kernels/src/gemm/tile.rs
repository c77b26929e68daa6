//! The innermost loops: a tile of the result in registers.

use crate::Element;
use crate::ahead::prefetch;
use crate::simd::Vector;

/// One tile of the result: some rows × some vectors of columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tile<T> {
    /// Length of the sums.
    pub(crate) k: usize,
    /// Column 0 of the left operand's rows 0, 3, 6 and 9, as far as the tile has them. The compiler
    /// takes these for unrelated and keeps an address for each row; from one alone it would add up
    /// the others anew in every step.
    pub(crate) a: [*const T; 4],
    /// Elements between its rows, or between its columns, as the kernel's [`Layout`] says.
    pub(crate) a_stride: usize,
    /// Row 0 of the right operand; all its rows hold whole vectors, unless the kernel is for less.
    pub(crate) b: *const T,
    /// Elements between its rows.
    pub(crate) b_stride: usize,
    /// The result.
    pub(crate) c: *mut T,
    /// Elements between its rows.
    pub(crate) c_stride: usize,
    /// What the sums start with.
    pub(crate) start: Start<T>,
    /// Columns of the last vector that belong to the result.
    pub(crate) last: usize,
    /// What becomes of the sums.
    pub(crate) finish: Finish<T>,
}

/// What the sums start with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start<T> {
    /// 0.
    Zero,
    /// The old result.
    Old,
    /// A row for all rows.
    Row(*const T),
    /// One number for all.
    Scalar(*const T),
}

/// What becomes of the sums.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Finish<T> {
    /// The result.
    Store,
    /// Times the rate and taken from what stands here, rows as far apart as the result's. With a left
    /// operand by columns only.
    Step { from: *const T, rate: *const T },
}

/// How the left operand lies in memory.
pub(crate) trait Layout {
    /// Whether its columns are runs of neighbors; otherwise its rows are.
    const BY_COLUMNS: bool;
}

/// Rows are runs of neighbors.
pub(crate) struct Rows;

impl Layout for Rows {
    const BY_COLUMNS: bool = false;
}

/// Columns are runs of neighbors.
pub(crate) struct Columns;

impl Layout for Columns {
    const BY_COLUMNS: bool = true;
}

/// Repeats a body for the numbers below a constant, each a constant too. Left a loop, the compiler
/// may not unroll it, and then the accumulators live in memory.
macro_rules! unroll {
    ($name:ident < $count:expr => $body:block) => {
        unroll!(@ $name $count, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13);
    };
    (@ $name:ident $count:expr, $body:block, $($number:literal)*) => {
        $(
            if $number < $count {
                const $name: usize = $number;
                $body
            }
        )*
    };
}

/// Rows of the right operand, and columns of the left one, that are fetched ahead.
const AHEAD: usize = 8;

/// `c[M, W] = start[M, W] + a[M, k] · b[k, W]` for W columns in `NV` vectors, one fused multiply-add
/// for each product, k ascending. With `PARTIAL` the rows of the right operand, too, end with the
/// last column.
///
/// # Safety
/// The processor has the instruction set of `V`; the operands may be read and `c` written over the
/// named sizes.
#[inline(always)]
pub(crate) unsafe fn tile<T, V, L, const PARTIAL: bool, const M: usize, const NV: usize>(
    tile: &Tile<T>,
) where
    T: Element,
    V: Vector<Scalar = T>,
    L: Layout,
{
    // SAFETY: all addresses lie in the operands, by the caller's promise.
    unsafe {
        let mut acc = start::<T, V, M, NV>(tile);
        fetch_result::<T, V, M, NV>(tile);
        let column = if L::BY_COLUMNS { tile.a_stride } else { 1 };
        let mut a = Addresses::new(tile);
        let mut b = tile.b;
        let mut left = tile.k;
        // One vector has little to do for each address.
        let unroll = if NV == 1 { 4 } else { 1 };
        while left >= unroll {
            step::<T, V, L, PARTIAL, true, M, NV>(&mut acc, &a, b, tile);
            if unroll == 4 {
                let (a1, a2, a3) = (a.add(column), a.add(2 * column), a.add(3 * column));
                let b1 = b.add(tile.b_stride);
                step::<T, V, L, PARTIAL, true, M, NV>(&mut acc, &a1, b1, tile);
                let b2 = b1.add(tile.b_stride);
                step::<T, V, L, PARTIAL, true, M, NV>(&mut acc, &a2, b2, tile);
                let b3 = b2.add(tile.b_stride);
                step::<T, V, L, PARTIAL, true, M, NV>(&mut acc, &a3, b3, tile);
            }
            a = a.add(unroll * column);
            b = b.add(unroll * tile.b_stride);
            left -= unroll;
        }
        if unroll > 1 {
            for _ in 0..left {
                step::<T, V, L, PARTIAL, true, M, NV>(&mut acc, &a, b, tile);
                a = a.add(column);
                b = b.add(tile.b_stride);
            }
        }
        match tile.finish {
            Finish::Step { from, rate } if L::BY_COLUMNS && !PARTIAL => {
                step_from::<T, V, M, NV>(tile, from, rate, &mut acc);
            }
            _ => {}
        }
        store::<T, V, M, NV>(tile, &acc);
    }
}

/// As [`tile`], the sums made of segments: each `tile.k` long, its columns of the left operand
/// beginning the next of the `offsets` behind `tile.a`; the right operand goes on without a gap.
///
/// # Safety
/// As for [`tile`].
#[inline(always)]
pub(crate) unsafe fn segments<T, V, L, const M: usize, const NV: usize>(
    tile: &Tile<T>,
    offsets: &[usize],
) where
    T: Element,
    V: Vector<Scalar = T>,
    L: Layout,
{
    // SAFETY: all addresses lie in the operands, by the caller's promise.
    unsafe {
        let mut acc = start::<T, V, M, NV>(tile);
        let column = if L::BY_COLUMNS { tile.a_stride } else { 1 };
        let first = Addresses::new(tile);
        let mut b = tile.b;
        for &offset in offsets {
            let mut a = first.add(offset);
            let mut left = tile.k;
            // One vector has little to do for each address.
            if NV == 1 {
                while left >= 4 {
                    step::<T, V, L, false, false, M, NV>(&mut acc, &a, b, tile);
                    let (a1, a2, a3) = (a.add(column), a.add(2 * column), a.add(3 * column));
                    let b1 = b.add(tile.b_stride);
                    step::<T, V, L, false, false, M, NV>(&mut acc, &a1, b1, tile);
                    let b2 = b1.add(tile.b_stride);
                    step::<T, V, L, false, false, M, NV>(&mut acc, &a2, b2, tile);
                    let b3 = b2.add(tile.b_stride);
                    step::<T, V, L, false, false, M, NV>(&mut acc, &a3, b3, tile);
                    a = a.add(4 * column);
                    b = b3.add(tile.b_stride);
                    left -= 4;
                }
                if left >= 2 {
                    step::<T, V, L, false, false, M, NV>(&mut acc, &a, b, tile);
                    let (a1, b1) = (a.add(column), b.add(tile.b_stride));
                    step::<T, V, L, false, false, M, NV>(&mut acc, &a1, b1, tile);
                    a = a1.add(column);
                    b = b1.wrapping_add(tile.b_stride);
                    left -= 2;
                }
            }
            for _ in 0..left {
                step::<T, V, L, false, false, M, NV>(&mut acc, &a, b, tile);
                a = a.add(column);
                b = b.wrapping_add(tile.b_stride);
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
}

impl<T: Element> Addresses<T> {
    #[inline(always)]
    fn new(tile: &Tile<T>) -> Self {
        let [p0, p3, p6, p9] = tile.a;
        Addresses { p0, p3, p6, p9 }
    }

    /// Some elements on.
    #[inline(always)]
    fn add(&self, n: usize) -> Self {
        Addresses {
            p0: self.p0.wrapping_add(n),
            p3: self.p3.wrapping_add(n),
            p6: self.p6.wrapping_add(n),
            p9: self.p9.wrapping_add(n),
        }
    }

    /// The element in row `r`.
    #[inline(always)]
    fn at<L: Layout>(&self, r: usize, stride: usize) -> *const T {
        match r / 3 {
            _ if L::BY_COLUMNS => self.p0.wrapping_add(r),
            0 => self.p0.wrapping_add(r * stride),
            1 => self.p3.wrapping_add((r - 3) * stride),
            2 => self.p6.wrapping_add((r - 6) * stride),
            _ => self.p9.wrapping_add((r - 9) * stride),
        }
    }
}

/// Adds one column of the left operand times one row of the right one; with `FETCH` what comes next
/// is fetched ahead.
///
/// # Safety
/// As for [`tile`].
#[inline(always)]
unsafe fn step<T, V, L, const PARTIAL: bool, const FETCH: bool, const M: usize, const NV: usize>(
    acc: &mut [[V; NV]; M],
    a: &Addresses<T>,
    b: *const T,
    tile: &Tile<T>,
) where
    T: Element,
    V: Vector<Scalar = T>,
    L: Layout,
{
    let mut columns = [V::zero(); NV];
    unroll!(I < NV => {
        // SAFETY: a row of whole vectors, or as far as the last column, by the promise of `tile`.
        columns[I] = unsafe {
            if PARTIAL && I + 1 == NV {
                V::load_partial(b.add(I * V::N), tile.last)
            } else {
                V::load(b.add(I * V::N))
            }
        };
        if FETCH {
            prefetch(b.wrapping_add(I * V::N + AHEAD * tile.b_stride));
        }
    });
    // Columns of the left operand may be pages apart, where nobody but us knows the next one.
    if FETCH && L::BY_COLUMNS && !PARTIAL {
        prefetch(a.p0.wrapping_add(AHEAD * tile.a_stride));
    }
    unroll!(R < M => {
        // SAFETY: row R < M of the left operand.
        let x = V::splat(unsafe { *a.at::<L>(R, tile.a_stride) });
        unroll!(I < NV => {
            acc[R][I] = x.mul_add(columns[I], acc[R][I]);
        });
    });
}

/// Asks for where the result will be stored: stores wait for their cache lines one after the other.
#[inline(always)]
fn fetch_result<T, V, const M: usize, const NV: usize>(tile: &Tile<T>)
where
    T: Element,
    V: Vector<Scalar = T>,
{
    unroll!(R < M => {
        unroll!(I < NV => {
            prefetch(tile.c.wrapping_add(R * tile.c_stride + I * V::N));
        });
    });
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
    let (from, stride) = match tile.start {
        Start::Zero => return acc,
        Start::Scalar(from) => {
            // SAFETY: one number, by the promise of `tile`.
            let x = V::splat(unsafe { *from });
            return [[x; NV]; M];
        }
        Start::Old => (tile.c.cast_const(), tile.c_stride),
        Start::Row(from) => (from, 0),
    };
    unroll!(R < M => {
        unroll!(I < NV => {
            // SAFETY: M rows of the start values, of which the last vector has `last` columns.
            unsafe {
                let from = from.add(R * stride + I * V::N);
                acc[R][I] = if I + 1 < NV || tile.last == V::N {
                    V::load(from)
                } else {
                    V::load_partial(from, tile.last)
                };
            }
        });
    });
    acc
}

/// Makes steps of the sums: from the weights that stand at `from`, by the rate times them.
///
/// # Safety
/// As for [`tile`]; the weights lie as the result does.
#[inline(always)]
unsafe fn step_from<T, V, const M: usize, const NV: usize>(
    tile: &Tile<T>,
    from: *const T,
    rate: *const T,
    acc: &mut [[V; NV]; M],
) where
    T: Element,
    V: Vector<Scalar = T>,
{
    // SAFETY: one number, by the promise of `tile`.
    let rate = V::splat(unsafe { *rate });
    unroll!(R < M => {
        unroll!(I < NV => {
            // SAFETY: M rows of weights, of which the last vector has `last` columns.
            unsafe {
                let from = from.add(R * tile.c_stride + I * V::N);
                let weights = if I + 1 < NV || tile.last == V::N {
                    V::load(from)
                } else {
                    V::load_partial(from, tile.last)
                };
                acc[R][I] = weights.sub(acc[R][I].mul(rate));
            }
        });
    });
}

/// # Safety
/// As for [`tile`].
#[inline(always)]
unsafe fn store<T, V, const M: usize, const NV: usize>(tile: &Tile<T>, acc: &[[V; NV]; M])
where
    T: Element,
    V: Vector<Scalar = T>,
{
    unroll!(R < M => {
        unroll!(I < NV => {
            // SAFETY: M rows of the result, of which the last vector has `last` columns.
            unsafe {
                let to = tile.c.add(R * tile.c_stride + I * V::N);
                if I + 1 < NV || tile.last == V::N {
                    acc[R][I].store(to);
                } else {
                    acc[R][I].store_partial(to, tile.last);
                }
            }
        });
    });
}
