//! Asking for memory before it is needed.
//!
//! Streams that only begin, or go on in a page that is not their last one's neighbor, no processor
//! guesses: what comes from far away then takes longer than what is done with it. A compute-bound
//! kernel has time to ask for what the next one reads.

/// Bytes that come at once.
const LINE: usize = 64;

/// Rows of neighbors in memory, some elements from each other; only asked for, never read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ahead<T> {
    pub(crate) from: *const T,
    /// Elements between the rows.
    pub(crate) stride: usize,
    pub(crate) rows: usize,
    /// Elements of a row.
    pub(crate) len: usize,
}

impl<T> Ahead<T> {
    /// Asks for one of `parts` equal parts, to stand in the second-level cache.
    #[inline]
    pub(crate) fn fetch(&self, part: usize, parts: usize) {
        self.lines(part, parts, prefetch_far);
    }

    /// Gives every line of a part to `ask`.
    #[inline(always)]
    fn lines(&self, part: usize, parts: usize, mut ask: impl FnMut(*const u8)) {
        let each = (self.len * size_of::<T>()).div_ceil(LINE);
        let lines = self.rows * each;
        let (first, end) = (lines * part / parts.max(1), lines * (part + 1) / parts.max(1));
        if first == end {
            return;
        }
        let (mut row, mut line) = (first / each, first % each);
        for _ in first..end {
            let start = self.from.wrapping_add(row * self.stride).cast::<u8>();
            ask(start.wrapping_add(line * LINE));
            line += 1;
            if line == each {
                (row, line) = (row + 1, 0);
            }
        }
    }
}

/// Asks for a cache line to stand in the first-level cache; any address will do.
#[inline(always)]
pub(crate) fn prefetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 processor has the instruction, and it never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// As [`prefetch`], to stand in the second-level cache.
#[inline(always)]
fn prefetch_far<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: as for `prefetch`.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_every_line_once() {
        let data = [0_f32; 64 * 7];
        for (rows, len) in [(7, 64), (7, 20), (3, 16), (1, 1), (0, 5), (5, 0)] {
            let all = Ahead { from: data.as_ptr(), stride: 64, rows, len };
            let starts = (0..rows).map(|row| data.as_ptr().wrapping_add(64 * row).cast::<u8>());
            let want: Vec<_> = starts
                .flat_map(|row| (0..len.div_ceil(16)).map(move |line| row.wrapping_add(64 * line)))
                .collect();
            for parts in [1, 2, 5, 40] {
                let mut got = Vec::new();
                (0..parts).for_each(|part| all.lines(part, parts, |line| got.push(line)));
                assert_eq!(got, want, "{rows} rows of {len} in {parts} parts");
            }
        }
    }
}
