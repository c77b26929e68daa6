//! Index of the largest element of each row.

use std::ops::Range;

use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{ArgMax, Element, Level, Place};

/// Elements that one thread reads at a time, about.
const CHUNK: usize = 8 * 1024;

struct ArgMaxKernel {
    spec: ArgMax,
    rows_per_chunk: usize,
}

pub(crate) fn prepare<T: Element>(spec: &ArgMax) -> Result<Box<dyn Kernel<T>>, String> {
    let ArgMax { rows, columns, input, output } = spec;
    if *columns == 0 {
        return Err("a row of 0 columns has no largest element".into());
    }
    // Whole numbers are exact up to here, which is what an index must be.
    if *columns as u64 > 1 << T::MANTISSA_DIGITS {
        return Err(format!("an index up to {columns} does not fit into an {}", T::NAME));
    }
    if rows.checked_mul(*columns) != Some(input.len) {
        return Err(format!(
            "the input has {} elements, expected rows × columns = {rows} × {columns}",
            input.len
        ));
    }
    if output.len != *rows {
        return Err(format!("the output has {} elements, expected {rows}, the rows", output.len));
    }
    let rows_per_chunk = (CHUNK / columns).max(1);
    Ok(Box::new(ArgMaxKernel { spec: spec.clone(), rows_per_chunk }))
}

impl<T: Element> Kernel<T> for ArgMaxKernel {
    fn reads(&self) -> Vec<Place> {
        vec![self.spec.input]
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.spec.output]
    }

    fn chunks(&self) -> usize {
        self.spec.rows.div_ceil(self.rows_per_chunk).max(1)
    }

    fn cost(&self) -> f64 {
        5.0 + self.spec.rows as f64 * 2.0 + self.spec.input.len as f64
    }

    fn scratch(&self) -> usize {
        0
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, _: *mut T, _: Level) {
        let ArgMax { rows, columns, input, output } = self.spec;
        let from = (chunks.start * self.rows_per_chunk).min(rows);
        let to = (chunks.end * self.rows_per_chunk).min(rows);
        // SAFETY: rows from..to of both places, of which nobody else writes to these.
        let (input, output) = unsafe {
            (
                std::slice::from_raw_parts(
                    memory.ptr(input).add(from * columns),
                    (to - from) * columns,
                ),
                std::slice::from_raw_parts_mut(memory.ptr(output).add(from), to - from),
            )
        };
        for (row, index) in input.chunks_exact(columns).zip(output) {
            *index = T::from_f64(argmax(row) as f64);
        }
    }
}

/// The definition: the first NaN, or else the first of the largest.
fn argmax<T: Element>(row: &[T]) -> usize {
    let is_nan = |x: T| x.partial_cmp(&x).is_none();
    let mut best = 0;
    for (i, &x) in row.iter().enumerate().skip(1) {
        // Nothing beats it.
        if is_nan(row[best]) {
            break;
        }
        if x > row[best] || is_nan(x) {
            best = i;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use crate::testing::{place, refusal, run};
    use crate::{ArgMax, Instruction};

    fn check(columns: usize, input: &[f64], expected: &[f64]) {
        let rows = expected.len();
        let (input_place, output) = (place(0, input.len()), place(16384, rows));
        let spec = ArgMax { rows, columns, input: input_place, output };
        let mut work = vec![0.0; 32768];
        work[..input.len()].copy_from_slice(input);
        let f64s = run::<f64>(vec![Instruction::ArgMax(spec.clone())], work.clone(), vec![]);
        assert_eq!(&f64s.work[16384..][..rows], expected);
        let f32s = run::<f32>(vec![Instruction::ArgMax(spec)], work, vec![]);
        assert_eq!(&f32s.work[16384..][..rows], expected);
    }

    #[test]
    fn finds_the_first_largest() {
        let inf = f64::INFINITY;
        check(1, &[3.0, -1.0], &[0.0, 0.0]);
        check(3, &[1.0, 2.0, 3.0, 3.0, 1.0, 3.0, -1.0, -1.0, -2.0], &[2.0, 0.0, 0.0]);
        check(2, &[-inf, -inf, -inf, inf, -0.0, 0.0], &[0.0, 1.0, 0.0]);
        check(3, &[1.0, f64::NAN, 5.0, f64::NAN, f64::NAN, inf], &[1.0, 0.0]);
        // Several chunks.
        let input: Vec<f64> = (0..10_000).map(|i| f64::from(i % 7 == 3)).collect();
        let expected: Vec<f64> = (0..2000).map(|row| ((3 + 7 - row * 5 % 7) % 7) as f64).collect();
        let expected: Vec<f64> = expected.iter().map(|&i| if i < 5.0 { i } else { 0.0 }).collect();
        check(5, &input, &expected);
    }

    #[test]
    fn refuses_wrong_sizes() {
        let check = |rows, columns, input, output, expected| {
            let (input, output) = (place(0, input), place(64, output));
            let spec = ArgMax { rows, columns, input, output };
            assert_eq!(refusal(Instruction::ArgMax(spec), 128), expected);
        };
        check(2, 0, 0, 2, "argmax: a row of 0 columns has no largest element");
        check(2, 3, 5, 2, "argmax: the input has 5 elements, expected rows × columns = 2 × 3");
        check(2, 3, 6, 3, "argmax: the output has 3 elements, expected 2, the rows");
    }
}
