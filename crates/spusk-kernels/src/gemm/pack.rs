//! Copies a part of the right operand into panels, so that the tiles read it in one stream.

use crate::Element;
use crate::simd::Vector;

/// What to pack: `k` rows × `columns` columns into panels of two vectors of columns; the last panel
/// is filled up with zeros.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pack<T> {
    /// Element (0, 0).
    pub(super) from: *const T,
    /// Elements between rows if they are runs of neighbors, otherwise between columns.
    pub(super) stride: usize,
    /// Rows.
    pub(super) k: usize,
    /// Columns.
    pub(super) columns: usize,
    /// The panels, each `k` rows of two vectors.
    pub(super) to: *mut T,
}

/// Rows that are runs of neighbors.
///
/// # Safety
/// The processor has the instruction set of `V`; the operand may be read and the panels written.
#[inline(always)]
pub(super) unsafe fn rows<T: Element, V: Vector<Scalar = T>>(work: &Pack<T>) {
    let Pack { from, stride, k, columns, to } = *work;
    let whole = columns / (2 * V::N);
    let rest = columns % (2 * V::N);
    // SAFETY: row p < k, column j < columns, and the panel's vectors of that row.
    unsafe {
        for p in 0..k {
            let (row, to) = (from.add(p * stride), to.add(p * 2 * V::N));
            for panel in 0..whole {
                let (from, to) = (row.add(panel * 2 * V::N), to.add(panel * k * 2 * V::N));
                V::load(from).store(to);
                V::load(from.add(V::N)).store(to.add(V::N));
            }
            if rest > 0 {
                let (from, to) = (row.add(whole * 2 * V::N), to.add(whole * k * 2 * V::N));
                V::load_partial(from, rest.min(V::N)).store(to);
                V::load_partial(from.add(rest.min(V::N)), rest.saturating_sub(V::N))
                    .store(to.add(V::N));
            }
        }
    }
}

/// Columns that are runs of neighbors.
///
/// # Safety
/// As for [`rows`].
#[inline(always)]
pub(super) unsafe fn columns<T: Element, V: Vector<Scalar = T>>(work: &Pack<T>) {
    let Pack { from, stride, k, columns, to } = *work;
    let width = 2 * V::N;
    for j in 0..columns.next_multiple_of(width) {
        for p in 0..k {
            // SAFETY: as in `rows`.
            unsafe {
                let x = if j < columns { *from.add(j * stride + p) } else { T::ZERO };
                *to.add(j / width * k * width + p * width + j % width) = x;
            }
        }
    }
}
