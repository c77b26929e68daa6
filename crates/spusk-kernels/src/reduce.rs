//! Sums and maxima over one axis.

use std::ops::Range;

use crate::elementary::Elementary;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::simd::{Combine, Vector, Work, dispatch};
use crate::{Element, LANES, Level, Place, Reduce, ReduceKind};

/// A row longer than this is cut into blocks of this length; the blocks' results are then combined
/// as the elements of a row are.
pub(crate) const ROW_BLOCK: usize = crate::Fused::MAX_REDUCED_COLUMNS;

/// With `inner > 1`, this many consecutive r are added up before they join the total.
const BLOCK: usize = 16;

/// With `inner > 1`, columns that are reduced together, in groups of [`LANES`].
const STRIP_GROUPS: usize = 4;

/// Elements read by a chunk, at least, where the shape allows.
const CHUNK: usize = 4096;

/// Addition.
pub(crate) struct Sum;

impl Combine for Sum {
    const IDENTITY: f64 = 0.0;
    #[inline(always)]
    fn combine<V: Vector>(a: V, b: V) -> V {
        a.add(b)
    }
    #[inline(always)]
    fn fold<V: Vector>(v: V) -> V::Scalar {
        v.fold_add()
    }
}

/// The larger; NaN if one is NaN.
pub(crate) struct Maximum;

impl Combine for Maximum {
    const IDENTITY: f64 = f64::NEG_INFINITY;
    #[inline(always)]
    fn combine<V: Vector>(a: V, b: V) -> V {
        a.max_nan(b)
    }
    #[inline(always)]
    fn fold<V: Vector>(v: V) -> V::Scalar {
        v.fold_max()
    }
}

/// The [`LANES`] partial results of a row: `LANES / N` vectors, the rest unused.
#[derive(Clone, Copy)]
struct Lanes<V>([V; LANES]);

impl<V: Vector> Lanes<V> {
    #[inline(always)]
    fn identity<C: Combine>() -> Self {
        Lanes([V::constant(C::IDENTITY); LANES])
    }

    /// Takes in [`LANES`] elements.
    ///
    /// # Safety
    /// `from` has them.
    #[inline(always)]
    unsafe fn take<C: Combine>(&mut self, from: *const V::Scalar) {
        for j in 0..LANES / V::N {
            // SAFETY: the caller's promise.
            self.0[j] = C::combine(self.0[j], unsafe { V::load(from.add(j * V::N)) });
        }
    }

    /// Takes in `n ≤ LANES` elements.
    ///
    /// # Safety
    /// `from` has them.
    #[inline(always)]
    unsafe fn take_partial<C: Combine>(&mut self, from: *const V::Scalar, n: usize) {
        let identity = V::constant(C::IDENTITY);
        for j in 0..LANES / V::N {
            let rest = n.saturating_sub(j * V::N).min(V::N);
            // SAFETY: the caller's promise; where `rest` is 0, nothing is read.
            let v = unsafe { V::load_partial(from.wrapping_add(j * V::N), rest) };
            self.0[j] = C::combine(self.0[j], V::select(V::first(rest), v, identity));
        }
    }

    /// The first steps of the pairwise combination (i with i + 8, then + 4, + 2, + 1), as far as
    /// they go with whole vectors.
    #[inline(always)]
    fn narrow<C: Combine>(mut self) -> V {
        let mut count = LANES / V::N;
        while count > 1 {
            count /= 2;
            for j in 0..count {
                self.0[j] = C::combine(self.0[j], self.0[j + count]);
            }
        }
        self.0[0]
    }
}

/// The sum or maximum of `n ≤ ROW_BLOCK` elements, in the lane order of the numerical contract.
///
/// # Safety
/// `from` has `n` elements.
#[inline(always)]
pub(crate) unsafe fn reduce_row<V: Vector, C: Combine>(
    from: *const V::Scalar,
    n: usize,
) -> V::Scalar {
    // SAFETY: the caller's promise.
    let [row] = unsafe { narrow_rows::<V, C, 1>([from], n) };
    C::fold(row)
}

/// Rows that are reduced at once, so that additions do not wait for each other.
const ROWS: usize = 4;

/// The sums or maxima of `rows` rows of `n ≤ ROW_BLOCK` elements each, one behind the other.
///
/// # Safety
/// `from` has `rows · n` elements, `to` has `rows`.
#[inline(always)]
pub(crate) unsafe fn reduce_rows<V: Vector, C: Combine>(
    from: *const V::Scalar,
    n: usize,
    to: *mut V::Scalar,
    rows: usize,
) {
    let mut row = 0;
    // SAFETY: the caller's promise.
    unsafe {
        while rows - row >= V::N {
            let group = from.add(row * n);
            let mut vectors = [V::zero(); LANES];
            let mut r = 0;
            while r + ROWS <= V::N {
                let at = |k: usize| group.add((r + k) * n);
                let narrow = narrow_rows::<V, C, ROWS>([at(0), at(1), at(2), at(3)], n);
                vectors[r..r + ROWS].copy_from_slice(&narrow);
                r += ROWS;
            }
            while r < V::N {
                [vectors[r]] = narrow_rows::<V, C, 1>([group.add(r * n)], n);
                r += 1;
            }
            V::fold_each::<C>(vectors).store(to.add(row));
            row += V::N;
        }
        while rows - row >= ROWS {
            let at = |k: usize| from.add((row + k) * n);
            for narrow in narrow_rows::<V, C, ROWS>([at(0), at(1), at(2), at(3)], n) {
                *to.add(row) = C::fold(narrow);
                row += 1;
            }
        }
        while row < rows {
            *to.add(row) = reduce_row::<V, C>(from.add(row * n), n);
            row += 1;
        }
    }
}

/// Of each row the partial results, in as few elements as a vector has.
///
/// # Safety
/// Every row has `n` elements.
#[inline(always)]
unsafe fn narrow_rows<V: Vector, C: Combine, const R: usize>(
    rows: [*const V::Scalar; R],
    n: usize,
) -> [V; R] {
    let mut lanes = [Lanes::<V>::identity::<C>(); R];
    let mut i = 0;
    while i + LANES <= n {
        for (lanes, row) in lanes.iter_mut().zip(rows) {
            // SAFETY: the caller's promise.
            unsafe { lanes.take::<C>(row.add(i)) };
        }
        i += LANES;
    }
    if i < n {
        for (lanes, row) in lanes.iter_mut().zip(rows) {
            // SAFETY: the caller's promise.
            unsafe { lanes.take_partial::<C>(row.add(i), n - i) };
        }
    }
    let mut narrow = [V::zero(); R];
    for (narrow, lanes) in narrow.iter_mut().zip(lanes) {
        *narrow = lanes.narrow::<C>();
    }
    narrow
}

/// As [`reduce_row`] for more elements: blocks of [`ROW_BLOCK`], their results combined in lane
/// order.
///
/// # Safety
/// `from` has `n` elements.
#[inline(always)]
unsafe fn reduce_long_row<V: Vector, C: Combine>(from: *const V::Scalar, n: usize) -> V::Scalar {
    let mut totals = Lanes::<V>::identity::<C>();
    let mut results = [V::Scalar::default(); LANES];
    let mut start = 0;
    // SAFETY: blocks lie below `n`; `results` has `LANES` elements.
    unsafe {
        while start < n {
            let mut count = 0;
            while count < LANES && n - start >= ROWS * ROW_BLOCK {
                let block = |k: usize| from.add(start + k * ROW_BLOCK);
                let blocks = [block(0), block(1), block(2), block(3)];
                for narrow in narrow_rows::<V, C, ROWS>(blocks, ROW_BLOCK) {
                    results[count] = C::fold(narrow);
                    count += 1;
                }
                start += ROWS * ROW_BLOCK;
            }
            while count < LANES && start < n {
                let len = ROW_BLOCK.min(n - start);
                results[count] = reduce_row::<V, C>(from.add(start), len);
                count += 1;
                start += len;
            }
            totals.take_partial::<C>(results.as_ptr(), count);
        }
    }
    C::fold(totals.narrow::<C>())
}

/// Checks a reduction and makes it ready to run.
pub(crate) fn prepare<T: Element>(spec: &Reduce) -> Result<Box<dyn Kernel<T>>, String> {
    let shape = format!("[{}, {}, {}]", spec.outer, spec.reduced, spec.inner);
    let size = |sizes: &[usize]| {
        let size = sizes.iter().try_fold(1_usize, |n, &size| n.checked_mul(size));
        size.ok_or_else(|| format!("{shape} elements are too many"))
    };
    for (what, place, want) in [
        ("input", spec.input, size(&[spec.outer, spec.reduced, spec.inner])?),
        ("output", spec.output, size(&[spec.outer, spec.inner])?),
    ] {
        if place.len != want {
            return Err(format!("{shape}: the {what} has {} elements, not {want}", place.len));
        }
    }
    if spec.output.overlaps(&spec.input) {
        return Err(format!("{shape}: the output overlaps the input"));
    }
    Ok(Box::new(ReduceKernel { spec: spec.clone(), cut: Cut::of(spec) }))
}

/// How the work is cut into units, and units into chunks.
#[derive(Debug)]
struct Cut {
    /// Columns of a unit: 1 if `inner` is 1.
    strip: usize,
    /// Strips of an outer index.
    strips: usize,
    units: usize,
    units_a_chunk: usize,
}

impl Cut {
    fn of(spec: &Reduce) -> Cut {
        let strip = if spec.inner <= 1 { 1 } else { STRIP_GROUPS * LANES };
        let strips = spec.inner.div_ceil(strip);
        let units = spec.outer * strips;
        let elements = spec.reduced.max(1).saturating_mul(strip.min(spec.inner.max(1)));
        // Whole groups of results, so that threads do not write to one cache line.
        let units_a_chunk = CHUNK.div_ceil(elements).next_multiple_of(LANES);
        let units_a_chunk = if elements >= CHUNK { 1 } else { units_a_chunk };
        Cut { strip, strips, units, units_a_chunk }
    }
}

struct ReduceKernel {
    spec: Reduce,
    cut: Cut,
}

impl<T: Element> Kernel<T> for ReduceKernel {
    fn reads(&self) -> Vec<Place> {
        vec![self.spec.input]
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.spec.output]
    }

    fn chunks(&self) -> usize {
        self.cut.units.div_ceil(self.cut.units_a_chunk).max(1)
    }

    fn cost(&self) -> f64 {
        20.0 + 0.05 * self.spec.input.len as f64 + 3.0 * self.cut.units as f64
    }

    fn scratch(&self) -> usize {
        0
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, _: *mut T, level: Level) {
        let start = chunks.start * self.cut.units_a_chunk;
        let end = (chunks.end * self.cut.units_a_chunk).min(self.cut.units);
        // SAFETY: the places lie in the buffers and the processor has the level by the caller's
        // promise; `prepare` has compared the places' lengths with the shape.
        unsafe {
            let units = Units {
                kernel: self,
                input: memory.ptr(self.spec.input),
                output: memory.ptr(self.spec.output),
                range: start..end,
            };
            dispatch(level, units);
        }
    }
}

/// The units of one call.
struct Units<'a, T> {
    kernel: &'a ReduceKernel,
    input: *const T,
    output: *mut T,
    range: Range<usize>,
}

impl<T: Element> Work<T> for Units<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Elementary<Scalar = T>>(self) {
        // SAFETY: passed on to the caller.
        unsafe {
            match self.kernel.spec.kind {
                ReduceKind::Sum => self.reduce::<V, Sum>(),
                ReduceKind::Max => self.reduce::<V, Maximum>(),
            }
        }
    }
}

impl<T: Element> Units<'_, T> {
    /// # Safety
    /// The addresses are good for the kernel's shape, the units are in range.
    #[inline(always)]
    unsafe fn reduce<V: Vector<Scalar = T>, C: Combine>(self) {
        let Reduce { reduced, inner, .. } = self.kernel.spec;
        let Cut { strip, strips, .. } = self.kernel.cut;
        if inner == 1 {
            // SAFETY: the rows lie in the input.
            unsafe {
                if reduced <= ROW_BLOCK {
                    let (from, to) = (
                        self.input.add(self.range.start * reduced),
                        self.output.add(self.range.start),
                    );
                    return reduce_rows::<V, C>(from, reduced, to, self.range.len());
                }
                for unit in self.range {
                    let row = self.input.add(unit * reduced);
                    *self.output.add(unit) = reduce_long_row::<V, C>(row, reduced);
                }
            }
            return;
        }
        for unit in self.range {
            let (outer, column) = (unit / strips, unit % strips * strip);
            // SAFETY: the strip lies in the input and in the output.
            let strip = unsafe {
                Strip {
                    input: self.input.add(outer * reduced * inner + column),
                    output: self.output.add(outer * inner + column),
                    reduced,
                    inner,
                    width: strip.min(inner - column),
                }
            };
            // SAFETY: as above; the number of groups holds the width.
            unsafe {
                match strip.width.div_ceil(LANES) {
                    1 => strip.reduce::<V, C, 1, 4>(),
                    2 => strip.reduce::<V, C, 2, 2>(),
                    _ => strip.reduce::<V, C, STRIP_GROUPS, 1>(),
                }
            }
        }
    }
}

/// Some neighboring columns: `output[j] = Σ or max over r of input[r · inner + j]`, j below `width`.
struct Strip<T> {
    input: *const T,
    output: *mut T,
    reduced: usize,
    inner: usize,
    width: usize,
}

/// `G` groups of partial results: `G · LANES / N` vectors, the rest unused.
type Groups<V> = [V; STRIP_GROUPS * LANES];

impl<T: Copy> Strip<T> {
    /// With `G` groups of columns, and `B` blocks at once so that additions do not wait for each
    /// other.
    ///
    /// # Safety
    /// The addresses are good, and `width ≤ G · LANES`.
    #[inline(always)]
    unsafe fn reduce<V: Vector<Scalar = T>, C: Combine, const G: usize, const B: usize>(&self) {
        // SAFETY: passed on to the caller.
        unsafe {
            if self.width == G * LANES {
                self.blocks::<V, C, G, B, true>();
            } else {
                self.blocks::<V, C, G, B, false>();
            }
        }
    }

    /// `FULL` if the width is `G` groups.
    ///
    /// # Safety
    /// As [`Strip::reduce`].
    #[inline(always)]
    unsafe fn blocks<
        V: Vector<Scalar = T>,
        C: Combine,
        const G: usize,
        const B: usize,
        const FULL: bool,
    >(
        &self,
    ) {
        let count = G * LANES / V::N;
        let identity: Groups<V> = [V::constant(C::IDENTITY); STRIP_GROUPS * LANES];
        let mut totals = identity;
        let mut start = 0;
        // SAFETY: rows below `reduced` lie in the input.
        unsafe {
            while start + B * BLOCK <= self.reduced {
                let mut blocks = [identity; B];
                for r in start..start + BLOCK {
                    for (b, block) in blocks.iter_mut().enumerate() {
                        self.take::<V, C, G, FULL>(block, r + b * BLOCK);
                    }
                }
                for block in &blocks {
                    for j in 0..count {
                        totals[j] = C::combine(totals[j], block[j]);
                    }
                }
                start += B * BLOCK;
            }
            while start < self.reduced {
                let mut block = identity;
                for r in start..(start + BLOCK).min(self.reduced) {
                    self.take::<V, C, G, FULL>(&mut block, r);
                }
                for j in 0..count {
                    totals[j] = C::combine(totals[j], block[j]);
                }
                start += BLOCK;
            }
            for (j, total) in totals.iter().enumerate().take(count) {
                let rest = self.width.saturating_sub(j * V::N).min(V::N);
                total.store_partial(self.output.wrapping_add(j * V::N), rest);
            }
        }
    }

    /// Takes row `r` in.
    ///
    /// # Safety
    /// The input has the row.
    #[inline(always)]
    unsafe fn take<V: Vector<Scalar = T>, C: Combine, const G: usize, const FULL: bool>(
        &self,
        into: &mut Groups<V>,
        r: usize,
    ) {
        for (j, into) in into.iter_mut().enumerate().take(G * LANES / V::N) {
            let from = self.input.wrapping_add(r * self.inner + j * V::N);
            let rest = self.width.saturating_sub(j * V::N).min(V::N);
            // SAFETY: the caller's promise; only elements below `width` are read.
            let v = unsafe { if FULL { V::load(from) } else { V::load_partial(from, rest) } };
            *into = C::combine(*into, v);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Instruction;
    use crate::testing::{place, refusal, run};

    /// The documented order, one element after the other.
    fn reference<T: Element>(spec: &Reduce, input: &[T]) -> Vec<T> {
        let (identity, combine): (T, fn(T, T) -> T) = match spec.kind {
            ReduceKind::Sum => (T::ZERO, |a, b| a + b),
            ReduceKind::Max => {
                (T::from_f64(f64::NEG_INFINITY), |a, b| if a != a || a > b { a } else { b })
            }
        };
        let row = |row: &[T]| {
            let mut lanes = [identity; LANES];
            for (i, &x) in row.iter().enumerate() {
                lanes[i % LANES] = combine(lanes[i % LANES], x);
            }
            for half in [8, 4, 2, 1] {
                for i in 0..half {
                    lanes[i] = combine(lanes[i], lanes[i + half]);
                }
            }
            lanes[0]
        };
        let mut results = Vec::new();
        for outer in 0..spec.outer {
            for inner in 0..spec.inner {
                let at = |r: usize| input[(outer * spec.reduced + r) * spec.inner + inner];
                let elements: Vec<T> = (0..spec.reduced).map(at).collect();
                let in_order = |total: T, block: T| combine(total, block);
                results.push(match spec.inner {
                    1 if spec.reduced <= ROW_BLOCK => row(&elements),
                    1 => row(&elements.chunks(ROW_BLOCK).map(row).collect::<Vec<T>>()),
                    _ => elements
                        .chunks(BLOCK)
                        .map(|block| block.iter().copied().fold(identity, combine))
                        .fold(identity, in_order),
                });
            }
        }
        results
    }

    fn check<T: Element>(outer: usize, reduced: usize, inner: usize) {
        let n = outer * reduced * inner;
        let start = n.next_multiple_of(LANES) + LANES;
        for (kind, nan) in
            [(ReduceKind::Sum, false), (ReduceKind::Max, false), (ReduceKind::Max, true)]
        {
            let output = place(start, outer * inner);
            let spec = Reduce { kind, outer, reduced, inner, input: place(0, n), output };
            let mut work: Vec<f64> =
                (0..n).map(|i| ((i * 7919) % 1013) as f64 / 37.0 - 14.0).collect();
            if nan && n > 0 {
                work[n / 2] = f64::NAN;
            }
            let input: Vec<T> = work.iter().map(|&x| T::from_f64(x)).collect();
            let want = reference(&spec, &input);
            // What lies around the output stays.
            work.resize(output.padded_end() + LANES, 9.0);
            let after = run::<T>(vec![Instruction::Reduce(spec)], work, vec![]).work;
            let got = &after[start..start + outer * inner];
            for (i, (got, want)) in got.iter().zip(&want).enumerate() {
                let want = want.to_f64();
                assert!(
                    got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan()),
                    "{kind:?} [{outer}, {reduced}, {inner}], element {i}: {got}, expected {want}"
                );
            }
            for i in (n..start).chain(start + outer * inner..after.len()) {
                assert_eq!(after[i], 9.0, "{kind:?} [{outer}, {reduced}, {inner}] wrote to {i}");
            }
        }
    }

    #[test]
    fn the_order_is_as_documented() {
        for reduced in [0, 1, 2, 3, 10, 15, 16, 17, 31, 33, 64, 65, 100, 1000] {
            for inner in [1, 2, 3, 10, 16, 17, 32, 33, 63, 64, 65, 130] {
                check::<f32>(1, reduced, inner);
                check::<f32>(3, reduced, inner);
            }
            check::<f64>(5, reduced, 1);
            check::<f64>(2, reduced, 100);
        }
        for long in [4095, 4096, 4097, 5000, 70_000, 200_000] {
            check::<f32>(1, long, 1);
            check::<f64>(2, long, 1);
        }
        check::<f32>(5000, 10, 1);
        check::<f32>(1, 10, 5000);
        check::<f32>(0, 3, 4);
        check::<f32>(4, 3, 0);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |input: Place, output: Place, want: &str| {
            let spec =
                Reduce { kind: ReduceKind::Sum, outer: 2, reduced: 3, inner: 4, input, output };
            assert_eq!(refusal(Instruction::Reduce(spec), 64), want);
        };
        check(place(0, 24), place(32, 8), "accepted");
        check(place(0, 23), place(32, 8), "reduce: [2, 3, 4]: the input has 23 elements, not 24");
        check(place(0, 24), place(32, 9), "reduce: [2, 3, 4]: the output has 9 elements, not 8");
        check(place(0, 24), place(16, 8), "reduce: [2, 3, 4]: the output overlaps the input");
    }
}
