//! Rows of a table by number, and what flows back to the table.

use std::ops::Range;

use crate::elementary::Elementary;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::simd::{Work, dispatch};
use crate::{Element, Gather, GatherKind, LANES, Level};

/// Elements that one thread copies at a time, about.
const CHUNK: usize = 8 * 1024;

/// Columns of the table that one thread adds up: every thread goes through all rows in order, so the
/// sums do not depend on how many there are.
const STRIP: usize = 4 * LANES;

struct GatherKernel {
    spec: Gather,
    rows_per_chunk: usize,
}

pub(crate) fn prepare<T: Element>(spec: &Gather) -> Result<Box<dyn Kernel<T>>, String> {
    let Gather { rows, columns, ids, .. } = spec;
    // Whole numbers are exact up to here, which is what an id must be.
    if *rows as u64 > 1 << T::MANTISSA_DIGITS {
        return Err(format!("an id up to {rows} does not fit into an {}", T::NAME));
    }
    let (table, picked) = (rows.checked_mul(*columns), ids.len.checked_mul(*columns));
    let (input, output) = match spec.kind {
        GatherKind::Gather => (table, picked),
        GatherKind::ScatterAdd => (picked, table),
    };
    for (name, place, want) in [("input", spec.input, input), ("output", spec.output, output)] {
        if Some(place.len) != want {
            let want = want.map_or("fewer".into(), |want| want.to_string());
            return Err(format!("the {name} has {} elements, expected {want}", place.len));
        }
    }
    let rows_per_chunk = (CHUNK / (*columns).max(1)).max(1);
    Ok(Box::new(GatherKernel { spec: spec.clone(), rows_per_chunk }))
}

impl<T: Element> Kernel<T> for GatherKernel {
    fn reads(&self) -> Vec<crate::Place> {
        vec![self.spec.input, self.spec.ids]
    }

    fn writes(&self) -> Vec<crate::Place> {
        vec![self.spec.output]
    }

    fn chunks(&self) -> usize {
        let chunks = match self.spec.kind {
            GatherKind::Gather => self.spec.ids.len.div_ceil(self.rows_per_chunk),
            GatherKind::ScatterAdd => self.spec.columns.div_ceil(STRIP),
        };
        chunks.max(1)
    }

    fn cost(&self) -> f64 {
        let moved = (self.spec.ids.len * self.spec.columns) as f64;
        20.0 + 2.0 * self.spec.ids.len as f64 + 0.15 * moved + 0.05 * self.spec.output.len as f64
    }

    fn scratch(&self) -> usize {
        0
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, _: *mut T, level: Level) {
        let Gather { kind, rows, columns, input, ids, output } = self.spec;
        let part = match kind {
            GatherKind::Gather => self.rows_per_chunk,
            GatherKind::ScatterAdd => STRIP,
        };
        let size = if kind == GatherKind::Gather { ids.len } else { columns };
        let range = (chunks.start * part).min(size)..(chunks.end * part).min(size);
        // SAFETY: the places lie in the buffers and the processor has the level by the caller's
        // promise; `prepare` has compared their lengths; nobody writes the ids meanwhile.
        unsafe {
            let table = Table {
                rows,
                columns,
                input: memory.ptr(input),
                ids: std::slice::from_raw_parts(memory.ptr(ids), ids.len),
                output: memory.ptr(output),
                range,
            };
            match kind {
                GatherKind::Gather => table.gather(),
                GatherKind::ScatterAdd => dispatch(level, table),
            }
        }
    }
}

/// The part of one call: rows of a gathering, columns of a scattering.
struct Table<'a, T> {
    rows: usize,
    columns: usize,
    input: *const T,
    ids: &'a [T],
    output: *mut T,
    range: Range<usize>,
}

/// The row that an id means: the nearest whole number, if there is such a row.
fn row<T: Element>(id: T, rows: usize) -> Option<usize> {
    let nearest = (id.to_f64() + 0.5).floor();
    (nearest >= 0.0 && nearest < rows as f64).then_some(nearest as usize)
}

impl<T: Element> Table<'_, T> {
    /// # Safety
    /// The places have the sizes that the instruction says; the rows of the output are this call's.
    unsafe fn gather(&self) {
        for i in self.range.clone() {
            // SAFETY: row i of the output, and a row of the table.
            unsafe {
                let to = self.output.add(i * self.columns);
                match row(self.ids[i], self.rows) {
                    Some(row) => std::ptr::copy_nonoverlapping(
                        self.input.add(row * self.columns),
                        to,
                        self.columns,
                    ),
                    None => {
                        std::slice::from_raw_parts_mut(to, self.columns).fill(T::from_f64(f64::NAN))
                    }
                }
            }
        }
    }
}

impl<T: Element> Work<T> for Table<'_, T> {
    type Output = ();

    /// Adds up the columns of the range.
    #[inline(always)]
    unsafe fn run<V: Elementary<Scalar = T>>(self) {
        let Table { rows, columns, input, ids, output, range } = self;
        // SAFETY: these columns of both places, of which nobody else writes to these.
        unsafe {
            for row in 0..rows {
                let to = output.add(row * columns + range.start);
                std::slice::from_raw_parts_mut(to, range.len()).fill(T::ZERO);
            }
            for (i, &id) in ids.iter().enumerate() {
                let Some(row) = row(id, rows) else { continue };
                let (from, to) = (input.add(i * columns), output.add(row * columns));
                let mut c = range.start;
                while c + V::N <= range.end {
                    V::load(to.add(c)).add(V::load(from.add(c))).store(to.add(c));
                    c += V::N;
                }
                while c < range.end {
                    *to.add(c) = *to.add(c) + *from.add(c);
                    c += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Instruction;
    use crate::testing::{place, refusal, run};

    const IDS: usize = 16 * 1024;
    const OUTPUT: usize = 32 * 1024;

    fn spec(kind: GatherKind, rows: usize, columns: usize, ids: usize) -> Gather {
        let (input, output) = match kind {
            GatherKind::Gather => (rows * columns, ids * columns),
            GatherKind::ScatterAdd => (ids * columns, rows * columns),
        };
        let (input, output) = (place(0, input), place(OUTPUT, output));
        Gather { kind, rows, columns, input, ids: place(IDS, ids), output }
    }

    fn check<T: Element>(kind: GatherKind, rows: usize, columns: usize, ids: &[f64]) {
        let spec = spec(kind, rows, columns, ids.len());
        let mut work = vec![7.0; 2 * OUTPUT];
        for (i, x) in work[..spec.input.len].iter_mut().enumerate() {
            *x = (i * 7 % 23) as f64 - 11.0;
        }
        work[IDS..IDS + ids.len()].copy_from_slice(ids);
        let mut want = vec![0.0; spec.output.len];
        for (i, &id) in ids.iter().enumerate() {
            let row = ((id + 0.5).floor() as i64).try_into().ok().filter(|row: &usize| *row < rows);
            let row = row.filter(|_| !id.is_nan());
            for c in 0..columns {
                match (kind, row) {
                    (GatherKind::Gather, Some(row)) => {
                        want[i * columns + c] = work[row * columns + c]
                    }
                    (GatherKind::Gather, None) => want[i * columns + c] = f64::NAN,
                    (GatherKind::ScatterAdd, Some(row)) => {
                        want[row * columns + c] += work[i * columns + c];
                    }
                    (GatherKind::ScatterAdd, None) => {}
                }
            }
        }
        let got = run::<T>(vec![Instruction::Gather(spec)], work, vec![]);
        for (got, want) in got.work[OUTPUT..].iter().zip(&want) {
            assert!(got == want || (got.is_nan() && want.is_nan()), "{got} {want}");
        }
        assert!(got.work[OUTPUT + want.len()..].iter().all(|&x| x == 7.0));
    }

    #[test]
    fn agrees_with_the_definition() {
        let many: Vec<f64> = (0..100).map(|i| (i * 37 % 11) as f64).collect();
        for kind in [GatherKind::Gather, GatherKind::ScatterAdd] {
            for columns in [1, 3, 16, 70, 130] {
                check::<f32>(kind, 11, columns, &many);
                check::<f64>(kind, 11, columns, &many);
                // What is no row is NaN, and nothing is added for it.
                check::<f32>(
                    kind,
                    3,
                    columns,
                    &[0.0, 2.0, 3.0, -1.0, f64::NAN, f64::INFINITY, 1.2],
                );
            }
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let check = |change: &dyn Fn(&mut Gather), want: &str| {
            let mut spec = spec(GatherKind::Gather, 4, 5, 3);
            change(&mut spec);
            assert_eq!(refusal(Instruction::Gather(spec), 2 * OUTPUT), want);
        };
        check(&|_| {}, "accepted");
        check(&|s| s.rows = 5, "gather: the input has 20 elements, expected 25");
        check(&|s| s.output.len = 14, "gather: the output has 14 elements, expected 15");
        check(&|s| s.rows = 1 << 30, "gather: an id up to 1073741824 does not fit into an f32");
    }
}
