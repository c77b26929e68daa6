//! The compiled tiles and packers of each instruction set.

use super::pack;
use super::row::Row;
use super::tile::{Columns, Rows, Tile};
use crate::simd::Vector;
use crate::{Element, Level};

/// A compiled tile kernel.
///
/// # Safety
/// To call it is safe under the conditions of [`super::tile::tile`].
pub(crate) type TileFn<T> = unsafe fn(&Tile<T>);

/// A compiled tile kernel whose sums are made of segments.
///
/// # Safety
/// To call it is safe under the conditions of [`super::tile::segments`].
pub(crate) type SegmentsFn<T> = unsafe fn(&Tile<T>, &[usize]);

/// A compiled packer.
///
/// # Safety
/// To call it is safe under the conditions of the functions in [`pack`].
pub(crate) type PackFn<T> = unsafe fn(&pack::Pack<T>);

/// A compiled product with one row.
///
/// # Safety
/// To call it is safe under the conditions of [`super::row::row`].
pub(super) type RowFn<T> = unsafe fn(&Row<T>);

/// What the driver uses of an instruction set.
pub(crate) struct Set<T: 'static> {
    /// The instruction set.
    pub(crate) level: Level,
    /// Elements of a vector.
    pub(crate) n: usize,
    /// Tiles of 1, 2, … rows, 1, 2, … vectors wide:
    /// `[left operand by columns?][vectors - 1][rows - 1]`.
    pub(crate) tiles: [&'static [&'static [TileFn<T>]]; 2],
    /// As `tiles`, for sums made of segments.
    pub(crate) segments: [&'static [&'static [SegmentsFn<T>]]; 2],
    /// Tiles of one row (a left operand by columns), 1, 2, … vectors wide, that read the right
    /// operand no farther than its last column.
    pub(crate) partial: &'static [TileFn<T>],
    /// A product with one row on the left whose right operand's rows are runs of neighbors.
    pub(super) row: RowFn<T>,
    /// Packs a right operand whose rows are runs of neighbors.
    pub(crate) pack_rows: PackFn<T>,
    /// Packs a right operand whose columns are runs of neighbors.
    pub(crate) pack_columns: PackFn<T>,
}

impl<T> Set<T> {
    /// Vectors of the widest tile.
    pub(crate) fn max_vectors(&self) -> usize {
        self.tiles[0].len()
    }

    /// Rows of the tallest tile of this width.
    pub(crate) fn max_rows(&self, a_by_columns: bool, vectors: usize) -> usize {
        self.tiles[usize::from(a_by_columns)][vectors - 1].len()
    }
}

macro_rules! set {
    (
        $name:ident, $vector:ident, $enter:ident, $features:meta,
        rows: $($vectors:literal: $($rows:literal)*;)*
        columns: $($column_vectors:literal: $($column_rows:literal)*;)*
    ) => {
        impl<T: Element> Set<T> {
            const $name: &'static Set<T> = &Set {
                level: Level::$vector,
                n: <T::$vector as Vector>::N,
                tiles: [
                    &[$(&[$($enter::tile::<T, Rows, false, $rows, $vectors>),*]),*],
                    &[$(&[$($enter::tile::<T, Columns, false, $column_rows, $column_vectors>),*]),*],
                ],
                segments: [
                    &[$(&[$($enter::segments::<T, Rows, $rows, $vectors>),*]),*],
                    &[$(&[$($enter::segments::<T, Columns, $column_rows, $column_vectors>),*]),*],
                ],
                partial: &[$($enter::tile::<T, Columns, true, 1, $vectors>),*],
                row: $enter::row::<T>,
                pack_rows: $enter::pack_rows::<T>,
                pack_columns: $enter::pack_columns::<T>,
            };
        }

        /// The bodies, compiled with the features of the instruction set.
        mod $enter {
            use super::super::tile::{self, Layout, Tile};
            use super::super::pack::{self, Pack};
            use super::super::row::{self, Row};
            use crate::Element;

            /// # Safety
            /// As for [`tile::tile`].
            #[cfg_attr(target_arch = "x86_64", $features)]
            pub(super) unsafe fn tile<
                T: Element,
                L: Layout,
                const PARTIAL: bool,
                const M: usize,
                const NV: usize,
            >(
                tile: &Tile<T>,
            ) {
                // SAFETY: passed on.
                unsafe { tile::tile::<T, T::$vector, L, PARTIAL, M, NV>(tile) }
            }

            /// # Safety
            /// As for [`tile::segments`].
            #[cfg_attr(target_arch = "x86_64", $features)]
            pub(super) unsafe fn segments<T: Element, L: Layout, const M: usize, const NV: usize>(
                tile: &Tile<T>,
                offsets: &[usize],
            ) {
                // SAFETY: passed on.
                unsafe { tile::segments::<T, T::$vector, L, M, NV>(tile, offsets) }
            }

            /// # Safety
            /// As for [`row::row`].
            #[cfg_attr(target_arch = "x86_64", $features)]
            pub(super) unsafe fn row<T: Element>(row: &Row<T>) {
                // SAFETY: passed on.
                unsafe { row::row::<T, T::$vector>(row) }
            }

            /// # Safety
            /// As for [`pack::rows`].
            #[cfg_attr(target_arch = "x86_64", $features)]
            pub(super) unsafe fn pack_rows<T: Element>(work: &Pack<T>) {
                // SAFETY: passed on.
                unsafe { pack::rows::<T, T::$vector>(work) }
            }

            /// # Safety
            /// As for [`pack::columns`].
            #[cfg_attr(target_arch = "x86_64", $features)]
            pub(super) unsafe fn pack_columns<T: Element>(work: &Pack<T>) {
                // SAFETY: passed on.
                unsafe { pack::columns::<T, T::$vector>(work) }
            }
        }
    };
}

// As many rows as leave the accumulators, one row of the right operand and one element of the left
// one in registers: 16 with AVX2, 32 with AVX-512 and on AArch64. A left operand by rows needs an
// address for each row, too, of which there is room for ten.
set! {
    PORTABLE, Portable, portable, inline,
    rows:
    1: 1 2 3 4 5 6;
    2: 1 2 3 4 5 6;
    columns:
    1: 1 2 3 4 5 6;
    2: 1 2 3 4 5 6;
}
#[cfg(target_arch = "aarch64")]
set! {
    NEON, Neon, neon, inline,
    rows:
    1: 1 2 3 4 5 6 7 8 9 10;
    2: 1 2 3 4 5 6 7 8 9 10;
    3: 1 2 3 4 5 6 7 8;
    columns:
    1: 1 2 3 4 5 6 7 8 9 10 11 12;
    2: 1 2 3 4 5 6 7 8 9 10 11 12;
    3: 1 2 3 4 5 6 7 8;
}
#[cfg(target_arch = "x86_64")]
set! {
    AVX2, Avx2, avx2, target_feature(enable = "avx2,fma"),
    rows:
    1: 1 2 3 4 5 6 7 8 9 10;
    2: 1 2 3 4 5 6;
    columns:
    1: 1 2 3 4 5 6 7 8 9 10;
    2: 1 2 3 4 5 6;
}
#[cfg(target_arch = "x86_64")]
set! {
    AVX512, Avx512, avx512, target_feature(enable = "avx512f,avx512dq,avx2,fma"),
    rows:
    1: 1 2 3 4 5 6 7 8 9 10;
    2: 1 2 3 4 5 6 7 8 9 10;
    3: 1 2 3 4 5 6 7 8 9;
    columns:
    1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
    2: 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
    3: 1 2 3 4 5 6 7 8 9;
}

impl<T: Element> Set<T> {
    /// The set of a level.
    pub(crate) fn of(level: Level) -> &'static Set<T> {
        match level {
            #[cfg(target_arch = "aarch64")]
            Level::Neon => Self::NEON,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Self::AVX2,
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Self::AVX512,
            _ => Self::PORTABLE,
        }
    }
}
