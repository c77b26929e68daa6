//! Rows of data written by all threads of a team.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::Team;

impl Team {
    /// Lets threads fill two buffers that hold so many rows each: every one gets neighboring rows of both,
    /// with their numbers. Allocates nothing.
    ///
    /// # Errors
    /// That of the first rows that could not be filled; others may have been filled.
    ///
    /// # Panics
    /// If `fill` panics.
    pub fn fill_rows<T: Send, E: Send>(
        &mut self,
        threads: usize,
        rows: usize,
        buffers: [&mut [T]; 2],
        fill: &(impl Fn(Range<usize>, &mut [T], &mut [T]) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        let [first, second] = buffers;
        let even =
            rows > 0 && first.len().is_multiple_of(rows) && second.len().is_multiple_of(rows);
        if !even || threads < 2 || rows < threads {
            return fill(0..rows, first, second);
        }
        let first = Shared { start: first.as_mut_ptr(), width: first.len() / rows };
        let second = Shared { start: second.as_mut_ptr(), width: second.len() / rows };
        let failed: Mutex<Option<(usize, E)>> = Mutex::new(None);
        self.run(threads, &|member| {
            let of = |index: usize| rows * index / member.members;
            let own = of(member.index)..of(member.index + 1);
            // SAFETY: members' rows do not overlap, and the buffers are borrowed until all are done.
            let (a, b) = unsafe { (first.rows(&own), second.rows(&own)) };
            if let Err(error) = fill(own.clone(), a, b) {
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                if failed.as_ref().is_none_or(|(row, _)| own.start < *row) {
                    *failed = Some((own.start, error));
                }
            }
        });
        let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        failed.map_or(Ok(()), |(_, error)| Err(error))
    }
}

/// A buffer of rows that threads share out.
struct Shared<T> {
    start: *mut T,
    /// Elements of a row.
    width: usize,
}

// SAFETY: threads get rows of their own only, by the promise of `rows`.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// # Safety
    /// The buffer has the rows, and nobody else uses them.
    #[allow(clippy::mut_from_ref)]
    unsafe fn rows(&self, rows: &Range<usize>) -> &mut [T] {
        // SAFETY: the caller's promise.
        unsafe {
            let start = self.start.add(rows.start * self.width);
            std::slice::from_raw_parts_mut(start, rows.len() * self.width)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_filled_once_by_its_number() {
        for (threads, rows, widths) in
            [(1, 5, [3, 1]), (2, 5, [3, 1]), (3, 100, [7, 0]), (3, 2, [1, 1])]
        {
            let mut team = Team::new(threads);
            let (mut a, mut b) = (vec![0; rows * widths[0]], vec![0; rows * widths[1]]);
            let done = team.fill_rows(threads, rows, [&mut a, &mut b], &|own, a, b| {
                for (width, data) in [(widths[0], a), (widths[1], b)] {
                    assert_eq!(data.len(), own.len() * width);
                    for (i, x) in data.iter_mut().enumerate() {
                        *x += own.start * width + i + 1;
                    }
                }
                Ok::<(), ()>(())
            });
            assert_eq!(done, Ok(()));
            for data in [a, b] {
                assert!(data.iter().enumerate().all(|(i, &x)| x == i + 1), "{threads} threads");
            }
        }
    }

    #[test]
    fn the_first_error_is_told() {
        let mut team = Team::new(3);
        let mut data = [0_u8; 9];
        let got = team.fill_rows(3, 9, [&mut data, &mut []], &|own, _, _| match own.start {
            0 => Ok(()),
            start => Err(start),
        });
        assert_eq!(got, Err(3));
        let uneven = team.fill_rows(3, 4, [&mut data, &mut []], &|own, data, _| {
            Err::<(), _>((own.len(), data.len()))
        });
        assert_eq!(uneven, Err((4, 9)));
    }
}
