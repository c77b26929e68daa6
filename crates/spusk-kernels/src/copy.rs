//! A strided copy.

use std::ops::Range;

use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::simd::{Vector, Work, dispatch};
use crate::{Copy, Element, LANES, Level, Place};

/// Elements that one thread copies at a time, about.
const CHUNK: usize = 8 * 1024;

/// One loop of the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Axis {
    size: usize,
    from: usize,
    to: usize,
}

/// What the innermost loops do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    /// The last axis is a run of neighbors in both.
    Run,
    /// The last axis repeats one element.
    Repeat,
    /// The last two axes are a matrix that changes from rows to columns.
    Transpose,
    /// Anything else, element by element.
    Strided,
}

struct CopyKernel {
    input: Place,
    output: Place,
    in_offset: usize,
    out_offset: usize,
    /// At least one; sizes above 1 (but for a copy of one element), outermost first.
    axes: Vec<Axis>,
    inner: Inner,
    count: usize,
    /// Indices of the first axis that make a chunk.
    block: usize,
}

pub(crate) fn prepare<T: Element>(spec: &Copy) -> Result<Box<dyn Kernel<T>>, String> {
    Ok(Box::new(CopyKernel::new(spec)?))
}

impl CopyKernel {
    fn new(spec: &Copy) -> Result<CopyKernel, String> {
        let Copy { shape, input, in_offset, in_strides, output, out_offset, out_strides } = spec;
        for (name, strides) in [("input", in_strides), ("output", out_strides)] {
            if strides.len() != shape.len() {
                return Err(format!(
                    "the {name} has {} strides for the {} axes of shape {shape:?}",
                    strides.len(),
                    shape.len()
                ));
            }
        }
        let count = shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size));
        let count = count.ok_or_else(|| format!("shape {shape:?} has too many elements"))?;
        if count > 0 {
            check_reach("input", input.len, *in_offset, shape, in_strides)?;
            check_reach("output", output.len, *out_offset, shape, out_strides)?;
        }
        let mut axes: Vec<Axis> = shape
            .iter()
            .zip(in_strides.iter().zip(out_strides))
            .map(|(&size, (&from, &to))| Axis { size, from, to })
            .filter(|axis| axis.size != 1)
            .collect();
        axes.sort_by_key(|axis| std::cmp::Reverse(axis.to));
        if count > 0 {
            check_written_once(&axes, shape, out_strides)?;
        }
        merge(&mut axes);
        let inner = arrange(&mut axes);
        let block = (CHUNK / (count / axes[0].size.max(1)).max(1)).max(1);
        // Whole vectors of a transposition.
        let block = if inner == Inner::Transpose { block.next_multiple_of(LANES) } else { block };
        Ok(CopyKernel {
            input: *input,
            output: *output,
            in_offset: *in_offset,
            out_offset: *out_offset,
            axes,
            inner,
            count,
            block,
        })
    }
}

/// Whether the last index is still inside.
fn check_reach(
    name: &str,
    len: usize,
    offset: usize,
    shape: &[usize],
    strides: &[usize],
) -> Result<(), String> {
    let last = shape.iter().zip(strides).try_fold(offset, |last, (&size, &stride)| {
        last.checked_add((size - 1).checked_mul(stride)?)
    });
    match last {
        Some(last) if last < len => Ok(()),
        _ => Err(format!(
            "offset {offset} with shape {shape:?} and strides {strides:?} reaches {}, but the {name} \
             has {len} elements",
            last.map_or("beyond all numbers".into(), |last| format!("element {last}"))
        )),
    }
}

/// Whether every axis steps over all that the axes inside it reach; `axes` go from the largest
/// output stride to the smallest.
fn check_written_once(axes: &[Axis], shape: &[usize], strides: &[usize]) -> Result<(), String> {
    let mut reach = 0;
    for axis in axes.iter().rev() {
        if axis.to <= reach {
            return Err(format!(
                "shape {shape:?} with output strides {strides:?} writes elements twice, or is not \
                 nested"
            ));
        }
        reach += (axis.size - 1) * axis.to;
    }
    Ok(())
}

/// Joins neighboring axes that are one in both the input and the output.
fn merge(axes: &mut Vec<Axis>) {
    let mut merged: Vec<Axis> = Vec::with_capacity(axes.len());
    for axis in axes.drain(..) {
        match merged.last_mut() {
            Some(last)
                if axis.from.checked_mul(axis.size) == Some(last.from)
                    && axis.to.checked_mul(axis.size) == Some(last.to) =>
            {
                *last = Axis { size: last.size * axis.size, ..axis };
            }
            _ => merged.push(axis),
        }
    }
    if merged.is_empty() {
        merged.push(Axis { size: 1, from: 1, to: 1 });
    }
    *axes = merged;
}

/// Chooses the innermost loops and brings their axes to the end.
fn arrange(axes: &mut Vec<Axis>) -> Inner {
    let Some(&last) = axes.last() else { return Inner::Strided };
    match (last.from, last.to) {
        (1, 1) => Inner::Run,
        (0, 1) => Inner::Repeat,
        (_, 1) => {
            let Some(rows) = axes.iter().position(|axis| axis.from == 1) else {
                return Inner::Strided;
            };
            let axis = axes.remove(rows);
            axes.insert(axes.len() - 1, axis);
            Inner::Transpose
        }
        _ => Inner::Strided,
    }
}

impl<T: Element> Kernel<T> for CopyKernel {
    fn reads(&self) -> Vec<Place> {
        vec![self.input]
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.output]
    }

    fn chunks(&self) -> usize {
        self.axes[0].size.div_ceil(self.block).max(1)
    }

    fn cost(&self) -> f64 {
        let run = self.axes.last().map_or(1, |axis| axis.size) as f64;
        let element = match self.inner {
            Inner::Run | Inner::Repeat => 0.04 * size_of::<T>() as f64 + 3.0 / run,
            Inner::Transpose => 0.35,
            Inner::Strided => 1.0,
        };
        5.0 + element * self.count as f64
    }

    fn scratch(&self) -> usize {
        0
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, _: *mut T, level: Level) {
        if self.count == 0 {
            return;
        }
        let size = self.axes[0].size;
        let start = (chunks.start * self.block).min(size);
        let end = (chunks.end * self.block).min(size);
        let first = Axis { size: end - start, ..self.axes[0] };
        // SAFETY: `check_reach` has put every index inside both places; the chunks take different
        // indices of the first axis, and by `check_written_once` different indices are different
        // elements of the output; input and output do not overlap (`Program`).
        unsafe {
            let from = memory.ptr(self.input).add(self.in_offset + start * first.from);
            let to = memory.ptr(self.output).add(self.out_offset + start * first.to);
            let walk = Walk { first, inside: &self.axes[1..], inner: self.inner, from, to };
            match self.inner {
                Inner::Transpose => dispatch(level, walk),
                _ => walk.elements(),
            }
        }
    }
}

/// All indices of `first` and of the axes inside it.
///
/// All their elements behind `from` may be read, those behind `to` written, and they do not overlap:
/// that is what the methods ask for.
struct Walk<'a, T> {
    first: Axis,
    inside: &'a [Axis],
    inner: Inner,
    from: *const T,
    to: *mut T,
}

impl<T: Element> Walk<'_, T> {
    /// Index i of the first axis.
    ///
    /// # Safety
    /// There is such an index, and an axis inside.
    #[inline(always)]
    unsafe fn at(&self, i: usize) -> Self {
        Walk {
            first: self.inside[0],
            inside: &self.inside[1..],
            inner: self.inner,
            // SAFETY: elements of the index.
            from: unsafe { self.from.add(i * self.first.from) },
            // SAFETY: as above.
            to: unsafe { self.to.add(i * self.first.to) },
        }
    }

    /// Copies without transposing.
    ///
    /// # Safety
    /// See [`Walk`].
    unsafe fn elements(&self) {
        let Walk { first: axis, inner, from, to, .. } = *self;
        // SAFETY: passed on; indices of the axes.
        unsafe {
            match (self.inside, inner) {
                ([], Inner::Run) if axis.size > SHORT => {
                    std::ptr::copy_nonoverlapping(from, to, axis.size);
                }
                ([], Inner::Run) => (0..axis.size).for_each(|i| *to.add(i) = *from.add(i)),
                ([], Inner::Repeat) => {
                    std::slice::from_raw_parts_mut(to, axis.size).fill(*from);
                }
                ([], _) => {
                    (0..axis.size).for_each(|i| *to.add(i * axis.to) = *from.add(i * axis.from));
                }
                _ => (0..axis.size).for_each(|i| self.at(i).elements()),
            }
        }
    }
}

impl<T: Element> Work<T> for Walk<'_, T> {
    type Output = ();

    /// Copies matrices from rows to columns.
    ///
    /// # Safety
    /// See [`Walk`]; there are at least two axes, and the last two are as for [`transpose`].
    #[inline(always)]
    unsafe fn run<V: Vector<Scalar = T>>(self) {
        let Walk { first, inside, from, to, .. } = self;
        let [outer @ .., rows, columns] = inside else {
            // SAFETY: passed on.
            return unsafe { transpose::<T, V>(first, inside[0], from, to) };
        };
        // No recursion: vectors are to stay in this function.
        let matrices = outer.iter().fold(first.size, |count, axis| count * axis.size);
        for matrix in 0..matrices {
            let (mut rest, mut from, mut to) = (matrix, from, to);
            for axis in outer.iter().rev().chain([&first]) {
                // SAFETY: an index of the axis.
                unsafe {
                    from = from.add(rest % axis.size * axis.from);
                    to = to.add(rest % axis.size * axis.to);
                }
                rest /= axis.size;
            }
            // SAFETY: passed on.
            unsafe { transpose::<T, V>(*rows, *columns, from, to) };
        }
    }
}

/// Runs up to here are copied without a call.
const SHORT: usize = 16;

/// Rows of the result that are written between two visits of one row: as many pages as the
/// processor remembers with ease.
const BAND: usize = 64;

/// `to[i, j] = from[i, j]`, where `rows` (i) are neighbors in the input and `columns` (j) in the
/// output.
///
/// # Safety
/// All elements behind `from` may be read, those behind `to` written, and they do not overlap.
#[inline(always)]
unsafe fn transpose<T: Element, V: Vector<Scalar = T>>(
    rows: Axis,
    columns: Axis,
    from: *const T,
    to: *mut T,
) {
    let whole_columns = columns.size - columns.size % V::N;
    let whole_rows = rows.size - rows.size % V::TRANSPOSED;
    // SAFETY: indices of the two axes.
    unsafe {
        for band in (0..whole_rows).step_by(BAND) {
            for j in (0..whole_columns).step_by(V::N) {
                for i in (band..whole_rows.min(band + BAND)).step_by(V::TRANSPOSED) {
                    // Addresses behind the N-th are not used.
                    let from: [*const T; LANES] =
                        std::array::from_fn(|l| from.wrapping_add(i + (j + l) * columns.from));
                    V::transpose(&from, to.add(i * rows.to + j), rows.to);
                }
            }
        }
        for i in 0..rows.size {
            for j in if i < whole_rows { whole_columns } else { 0 }..columns.size {
                *to.add(i * rows.to + j) = *from.add(i + j * columns.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Instruction;
    use crate::testing::{place, refusal, run};

    fn spec(shape: &[usize], from: (usize, &[usize]), to: (usize, &[usize])) -> Copy {
        let reach = |offset: usize, strides: &[usize]| {
            if shape.contains(&0) {
                return 0;
            }
            let steps = shape.iter().zip(strides).map(|(&size, &stride)| (size - 1) * stride);
            offset + steps.sum::<usize>() + 1
        };
        let input = place(16, reach(from.0, from.1));
        let output = place(input.padded_end(), reach(to.0, to.1));
        Copy {
            shape: shape.to_vec(),
            input,
            in_offset: from.0,
            in_strides: from.1.to_vec(),
            output,
            out_offset: to.0,
            out_strides: to.1.to_vec(),
        }
    }

    /// Compares with the definition.
    fn check(shape: &[usize], from: (usize, &[usize]), to: (usize, &[usize]), inner: Inner) {
        let spec = spec(shape, from, to);
        assert_eq!(CopyKernel::new(&spec).unwrap().inner, inner, "{spec:?}");
        let work: Vec<f64> = (0..spec.output.padded_end() + LANES).map(|i| i as f64).collect();
        let mut expected = work.clone();
        for index in 0..shape.iter().product::<usize>() {
            let (mut rest, mut i, mut o) = (index, from.0, to.0);
            for axis in (0..shape.len()).rev() {
                i += rest % shape[axis] * from.1[axis];
                o += rest % shape[axis] * to.1[axis];
                rest /= shape[axis];
            }
            expected[spec.output.offset + o] = work[spec.input.offset + i];
        }
        let copied = run::<f32>(vec![Instruction::Copy(spec.clone())], work.clone(), vec![]);
        assert_eq!(copied.work, expected, "{spec:?}");
        let copied = run::<f64>(vec![Instruction::Copy(spec)], work, vec![]);
        assert_eq!(copied.work, expected);
    }

    #[test]
    fn copies_as_defined() {
        use Inner::*;
        check(&[], (0, &[]), (0, &[]), Run);
        check(&[1, 1], (3, &[9, 9]), (5, &[9, 9]), Run);
        check(&[0, 3], (0, &[3, 1]), (0, &[3, 1]), Run);
        check(&[20_000], (0, &[1]), (0, &[1]), Run);
        check(&[20_000], (0, &[0]), (0, &[1]), Repeat);
        check(&[20_000], (0, &[2]), (0, &[1]), Strided);
        check(&[300], (0, &[1]), (0, &[3]), Strided);
        // Rows of a slice, a concatenation, a padding.
        check(&[4, 5], (2, &[9, 1]), (1, &[7, 1]), Run);
        check(&[4, 1000, 5], (2, &[9000, 9, 1]), (1, &[7000, 7, 1]), Run);
        // A row for all, a column for all.
        check(&[70, 33], (0, &[0, 1]), (0, &[33, 1]), Run);
        check(&[70, 33], (0, &[1, 0]), (0, &[33, 1]), Repeat);
        // Transpositions.
        check(&[3, 2], (0, &[1, 3]), (0, &[2, 1]), Transpose);
        check(&[65, 33], (0, &[1, 65]), (0, &[33, 1]), Transpose);
        check(&[200, 300], (0, &[1, 200]), (0, &[300, 1]), Transpose);
        check(&[300, 200], (0, &[200, 1]), (0, &[1, 300]), Transpose);
        check(&[2, 3, 4, 5], (0, &[60, 5, 15, 1]), (0, &[60, 20, 5, 1]), Run);
        check(&[2, 3, 4, 5], (0, &[60, 1, 15, 3]), (0, &[60, 20, 5, 1]), Transpose);
        check(&[40, 3, 40], (0, &[1, 1600, 40]), (0, &[120, 40, 1]), Transpose);
    }

    #[test]
    fn neighbors_become_one_axis() {
        let kernel =
            CopyKernel::new(&spec(&[2, 3, 4], (0, &[12, 4, 1]), (0, &[12, 4, 1]))).unwrap();
        assert_eq!(kernel.axes, [Axis { size: 24, from: 1, to: 1 }]);
    }

    #[test]
    fn refuses_what_is_out_of_range_or_written_twice() {
        let good = spec(&[4, 5], (2, &[9, 1]), (1, &[7, 1]));
        let check = |copy: Copy, expected: &str| {
            assert_eq!(refusal(Instruction::Copy(copy), 128), expected);
        };
        check(good.clone(), "accepted");
        let mut bad = good.clone();
        bad.in_offset = 3;
        check(
            bad,
            "copy: offset 3 with shape [4, 5] and strides [9, 1] reaches element 34, but the input has \
             34 elements",
        );
        let mut bad = good.clone();
        bad.out_strides = vec![usize::MAX / 2, 1];
        check(
            bad,
            "copy: offset 1 with shape [4, 5] and strides [9223372036854775807, 1] reaches beyond all \
             numbers, but the output has 27 elements",
        );
        let mut bad = good.clone();
        bad.out_strides = vec![4, 1];
        check(
            bad,
            "copy: shape [4, 5] with output strides [4, 1] writes elements twice, or is not nested",
        );
        let mut bad = good.clone();
        bad.in_strides = vec![1];
        check(bad, "copy: the input has 1 strides for the 2 axes of shape [4, 5]");
        let mut bad = good.clone();
        bad.shape = vec![usize::MAX, 2];
        check(bad, "copy: shape [18446744073709551615, 2] has too many elements");
        let mut bad = good;
        bad.output = bad.input;
        check(bad, "copy: writes work[16..50], which overlaps work[16..50], which it reads");
    }
}
