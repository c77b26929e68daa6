//! Copies a part of an operand into panels, so that the tiles read it in one stream.

use crate::gemm::cut::Cut;
use crate::simd::Vector;
use crate::{Element, LANES};

/// What to pack: `k` rows × `columns` columns into panels of whole vectors; the last one is filled
/// up with anything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pack<T> {
    /// Element (0, 0).
    pub(crate) from: *const T,
    /// Elements between rows if they are runs of neighbors, otherwise between columns.
    pub(crate) stride: usize,
    /// Rows.
    pub(crate) k: usize,
    /// Columns, at least 1.
    pub(crate) columns: usize,
    /// How the vectors of columns are shared out to panels.
    pub(crate) panels: Cut,
    /// The panels, one behind the other, each `k` rows of some vectors.
    pub(crate) to: *mut T,
}

/// Rows that are runs of neighbors.
///
/// # Safety
/// The processor has the instruction set of `V`; the operand may be read and the panels written.
#[inline(always)]
pub(crate) unsafe fn rows<T: Element, V: Vector<Scalar = T>>(work: &Pack<T>) {
    let Pack { from, stride, k, columns, panels, to } = *work;
    let last = columns - (panels.count() - 1) * V::N;
    for p in 0..k {
        let mut vector = 0;
        for panel in 0..panels.parts() {
            let width = panels.size(panel);
            for v in 0..width {
                // SAFETY: row p < k of the operand, of which the last vector has `last` columns; and
                // of the panel.
                unsafe {
                    let from = from.add(p * stride + (vector + v) * V::N);
                    let to = to.add((vector * k + p * width + v) * V::N);
                    if vector + v + 1 < panels.count() || last == V::N {
                        V::load(from).store(to);
                    } else {
                        V::load_partial(from, last).store(to);
                    }
                }
            }
            vector += width;
        }
    }
}

/// Columns that are runs of neighbors.
///
/// # Safety
/// As for [`rows`].
#[inline(always)]
pub(crate) unsafe fn columns<T: Element, V: Vector<Scalar = T>>(work: &Pack<T>) {
    let Pack { from, stride, k, columns, panels, to } = *work;
    for panel in 0..panels.parts() {
        let (first, width) = (panels.first(panel), panels.size(panel));
        for v in 0..width {
            // Behind the last column it is taken once more.
            let rows: [*const T; LANES] = std::array::from_fn(|l| {
                let column = ((first + v) * V::N + l).min(columns - 1);
                from.wrapping_add(column * stride)
            });
            let row_stride = width * V::N;
            let whole = k - k % V::TRANSPOSED;
            // SAFETY: rows p < k of columns that exist, and of the panel.
            unsafe {
                let to = to.add((first * k + v) * V::N);
                for p in (0..whole).step_by(V::TRANSPOSED) {
                    let rows = rows.map(|row| row.wrapping_add(p));
                    V::transpose(&rows, to.add(p * row_stride), row_stride);
                }
                for p in whole..k {
                    for (l, row) in rows[..V::N].iter().enumerate() {
                        *to.add(p * row_stride + l) = *row.add(p);
                    }
                }
            }
        }
    }
}
