//! Maxima over windows of images, where each stands, and what flows back to it.

use std::ops::Range;

use crate::elementary::Elementary;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::simd::{Vector, Work, dispatch};
use crate::{Element, LANES, Level, Place, Pool, PoolKind};

/// Elements of the input that one thread takes at a time, about.
const CHUNK: usize = 8 * 1024;

struct PoolKernel {
    spec: Pool,
    /// Rows of an image that are made together: of the output, or with [`PoolKind::Spread`] of the
    /// input's gradient.
    block: usize,
    /// Such blocks in an image; each is a chunk.
    blocks: usize,
}

pub(crate) fn prepare<T: Element>(spec: &Pool) -> Result<Box<dyn Kernel<T>>, String> {
    for (axis, windows) in [("height", &spec.height), ("width", &spec.width)] {
        windows.check().map_err(|what| format!("along the {axis}, {what}"))?;
    }
    // Positions inside a window are counted in the number format.
    let positions = spec.height.kernel.saturating_mul(spec.width.kernel);
    if positions as u64 > 1 << T::MANTISSA_DIGITS {
        return Err(format!("windows of {positions} elements are too large for an {}", T::NAME));
    }
    let size = |height: usize, width: usize| {
        let sizes = [spec.batch, height, width, spec.channels];
        sizes.iter().try_fold(1_usize, |n, &size| n.checked_mul(size))
    };
    let image = size(spec.height.size, spec.width.size);
    let pooled = size(spec.height.count(), spec.width.count());
    let (output, other) = match spec.kind {
        PoolKind::Max => (pooled, None),
        PoolKind::Spread => (image, Some(pooled)),
        PoolKind::Pick => (pooled, Some(image)),
    };
    let all = [("input", Some(spec.input), image), ("output", Some(spec.output), output)];
    for (name, place, want) in all.into_iter().chain(other.map(|n| ("second input", spec.other, n)))
    {
        let got = place.map(|place| place.len);
        if got.is_none() || got != want {
            let want = want.map_or("fewer".into(), |want| want.to_string());
            return Err(format!("the {name} has {} elements, expected {want}", got.unwrap_or(0)));
        }
    }
    Ok(Box::new(PoolKernel::new(spec)))
}

impl PoolKernel {
    fn new(spec: &Pool) -> PoolKernel {
        let row = (spec.width.size * spec.channels).max(1);
        let (rows, block) = match spec.kind {
            PoolKind::Spread => {
                // Whole steps, so that few windows belong to two blocks.
                let block = (CHUNK / row).next_multiple_of(spec.height.stride);
                (spec.height.size, block)
            }
            PoolKind::Max | PoolKind::Pick => {
                (spec.height.count(), CHUNK / (row * spec.height.stride))
            }
        };
        let block = block.clamp(1, rows.max(1));
        PoolKernel { spec: spec.clone(), block, blocks: rows.div_ceil(block) }
    }
}

impl<T: Element> Kernel<T> for PoolKernel {
    fn reads(&self) -> Vec<Place> {
        [self.spec.input].into_iter().chain(self.spec.other).collect()
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.spec.output]
    }

    fn chunks(&self) -> usize {
        (self.spec.batch * self.blocks).max(1)
    }

    fn cost(&self) -> f64 {
        let Pool { height, width, channels, batch, .. } = &self.spec;
        let windows = (batch * height.count() * width.count()) as f64;
        // A vector with few channels is mostly empty.
        let vectors = channels.div_ceil(8) as f64;
        let rows = (batch * height.count() * height.kernel * width.size * channels) as f64;
        20.0 + match self.spec.kind {
            PoolKind::Max => 0.08 * rows + windows * vectors * (1.0 + 0.3 * width.kernel as f64),
            PoolKind::Spread | PoolKind::Pick => {
                windows * vectors * (2.0 + 1.5 * (height.kernel * width.kernel) as f64)
            }
        }
    }

    fn scratch(&self) -> usize {
        match self.spec.kind {
            PoolKind::Max => self.spec.width.size * self.spec.channels + LANES,
            PoolKind::Spread | PoolKind::Pick => 0,
        }
    }

    unsafe fn run(
        &self,
        memory: RawMemory<T>,
        chunks: Range<usize>,
        scratch: *mut T,
        level: Level,
    ) {
        if self.spec.output.is_empty() || self.blocks == 0 {
            return;
        }
        // SAFETY: the places lie in the buffers and the processor has the level by the caller's
        // promise; `prepare` has compared their lengths with the sizes.
        unsafe {
            dispatch(
                level,
                Blocks {
                    kernel: self,
                    input: memory.ptr(self.spec.input),
                    other: memory.ptr(self.spec.other.unwrap_or(self.spec.input)),
                    output: memory.ptr(self.spec.output),
                    scratch,
                    range: chunks,
                },
            );
        }
    }
}

/// The blocks of one call.
struct Blocks<'a, T> {
    kernel: &'a PoolKernel,
    input: *const T,
    other: *const T,
    output: *mut T,
    scratch: *mut T,
    range: Range<usize>,
}

impl<T: Element> Work<T> for Blocks<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Elementary<Scalar = T>>(self) {
        let PoolKernel { spec, block, blocks } = self.kernel;
        let row = spec.width.size * spec.channels;
        let image = spec.height.size * row;
        let pooled_row = spec.width.count() * spec.channels;
        let pooled = spec.height.count() * pooled_row;
        let rows =
            if spec.kind == PoolKind::Spread { spec.height.size } else { spec.height.count() };
        for chunk in self.range {
            let (b, first) = (chunk / blocks, chunk % blocks * block);
            let range = first..(first + block).min(rows);
            let part = Part { spec, row, left: (spec.batch - b) * image };
            // SAFETY: image b of every place and, of the output, the rows of this chunk alone.
            unsafe {
                let input = self.input.add(b * image);
                match spec.kind {
                    PoolKind::Max => {
                        let output = self.output.add(b * pooled + first * pooled_row);
                        part.max::<V>(input, output, range, self.scratch);
                    }
                    PoolKind::Pick => {
                        let output = self.output.add(b * pooled + first * pooled_row);
                        part.pick::<V>(input, self.other.add(b * image), output, range);
                    }
                    PoolKind::Spread => {
                        let output = self.output.add(b * image + first * row);
                        part.spread::<V>(input, self.other.add(b * pooled), output, range);
                    }
                }
            }
        }
    }
}

/// Rows of one image. Where the channels do not fill a vector, a vector takes in what stands behind
/// them, as long as it stays inside of what the block owns; the elements behind are written later.
struct Part<'a> {
    spec: &'a Pool,
    /// Elements of a row of the input.
    row: usize,
    /// Elements from the image's start to the input's end.
    left: usize,
}

impl Part<'_> {
    /// Rows of maxima: first down the columns, then along the row.
    ///
    /// # Safety
    /// `input` is the image, `output` the first of the rows, `scratch` has a row and [`LANES`] more.
    #[inline(always)]
    unsafe fn max<V: Vector>(
        &self,
        input: *const V::Scalar,
        output: *mut V::Scalar,
        rows: Range<usize>,
        scratch: *mut V::Scalar,
    ) {
        let Pool { height, width, channels, .. } = self.spec;
        let columns = width.count();
        let len = rows.len() * columns * channels;
        let mut at = 0;
        for i in rows {
            let window = height.window(i);
            // SAFETY: rows of the image, channels of the row in scratch memory, which is longer by a
            // vector, and elements of the block's output.
            unsafe {
                self.column_max::<V>(input, window, scratch);
                for j in 0..columns {
                    let window = width.window(j);
                    let mut c = 0;
                    while c < *channels {
                        let mut best = V::load(scratch.add(window.start * channels + c));
                        for w in window.start + 1..window.end {
                            best = best.max_nan(V::load(scratch.add(w * channels + c)));
                        }
                        store(best, output.add(at + c), len - at - c, channels - c);
                        c += V::N;
                    }
                    at += channels;
                }
            }
        }
    }

    /// The maximum of some rows of the image, element by element.
    ///
    /// # Safety
    /// As [`Part::max`].
    #[inline(always)]
    unsafe fn column_max<V: Vector>(
        &self,
        input: *const V::Scalar,
        rows: Range<usize>,
        to: *mut V::Scalar,
    ) {
        let mut e = 0;
        while e < self.row {
            let n = V::N.min(self.row - e);
            // SAFETY: elements of the rows; `to` is longer by a vector.
            unsafe {
                let first = input.add(rows.start * self.row + e);
                if n == V::N {
                    let mut best = V::load(first);
                    for k in 1..rows.len() {
                        best = best.max_nan(V::load(first.add(k * self.row)));
                    }
                    best.store(to.add(e));
                } else {
                    let mut best = V::load_partial(first, n);
                    for k in 1..rows.len() {
                        best = best.max_nan(V::load_partial(first.add(k * self.row), n));
                    }
                    best.store(to.add(e));
                }
            }
            e += V::N;
        }
    }

    /// Rows of what stands at the maxima's positions.
    ///
    /// # Safety
    /// `input` and `other` are the images, `output` is the first of the rows.
    #[inline(always)]
    unsafe fn pick<V: Vector>(
        &self,
        input: *const V::Scalar,
        other: *const V::Scalar,
        output: *mut V::Scalar,
        rows: Range<usize>,
    ) {
        let Pool { height, width, channels, .. } = self.spec;
        let len = rows.len() * width.count() * channels;
        let mut at = 0;
        for i in rows {
            let window = height.window(i);
            for j in 0..width.count() {
                let columns = width.window(j);
                let mut c = 0;
                while c < *channels {
                    let n = V::N.min(channels - c);
                    let whole = self.reach(&window, &columns, c) + V::N <= self.left;
                    let n = if whole { V::N } else { n };
                    // SAFETY: channels of the window, or whole vectors where the input goes on.
                    unsafe {
                        let winner = self.winner::<V>(input.add(c), &window, &columns, n);
                        let mut picked = V::zero();
                        let mut position = V::zero();
                        for h in window.clone() {
                            for w in columns.clone() {
                                let v = load::<V>(other.add(h * self.row + w * channels + c), n);
                                picked = V::select(winner.equal(position), v, picked);
                                position = position.add(V::constant(1.0));
                            }
                        }
                        store(picked, output.add(at + c), len - at - c, channels - c);
                    }
                    c += V::N;
                }
                at += channels;
            }
        }
    }

    /// Rows of the input's gradient: every window adds to its winner, windows in order.
    ///
    /// # Safety
    /// `input` is the image, `other` the windows' gradients, `output` the first of the rows.
    #[inline(always)]
    unsafe fn spread<V: Vector>(
        &self,
        input: *const V::Scalar,
        other: *const V::Scalar,
        output: *mut V::Scalar,
        rows: Range<usize>,
    ) {
        let Pool { height, width, channels, .. } = self.spec;
        let len = rows.len() * self.row;
        let apart = height.stride >= height.kernel && width.stride >= width.kernel;
        // SAFETY: the rows are this block's.
        unsafe { std::slice::from_raw_parts_mut(output, len) }.fill(V::Scalar::default());
        for i in 0..height.count() {
            let window = height.window(i);
            if window.end <= rows.start || window.start >= rows.end {
                continue;
            }
            for j in 0..width.count() {
                let columns = width.window(j);
                let mut c = 0;
                while c < *channels {
                    let own = V::N.min(channels - c);
                    let whole = self.reach(&window, &columns, c) + V::N <= self.left;
                    // SAFETY: channels of the window, or whole vectors where the input goes on.
                    unsafe {
                        let n = if whole { V::N } else { own };
                        let winner = self.winner::<V>(input.add(c), &window, &columns, n);
                        let gradient = other.add((i * width.count() + j) * channels + c);
                        let gradient = load::<V>(gradient, own);
                        let at = Target { output, len, first: rows.clone(), c, apart };
                        self.to_winner(winner, gradient, &window, &columns, at);
                    }
                    c += V::N;
                }
            }
        }
    }

    /// Adds a window's gradient where its winner stands, if that is among the block's rows.
    ///
    /// Windows that share nothing ([`Target::apart`]) write it. If one vector holds all channels, a row is then
    /// written from its start to its end, so what stands behind them comes later; not so at the row's end.
    ///
    /// # Safety
    /// As [`Part::spread`]; behind the channels `gradient` is 0.
    #[inline(always)]
    unsafe fn to_winner<V: Vector>(
        &self,
        winner: V,
        gradient: V,
        rows: &Range<usize>,
        columns: &Range<usize>,
        target: Target<V::Scalar>,
    ) {
        let own = self.spec.channels - target.c;
        let mut position = V::zero();
        for h in rows.clone() {
            for w in columns.clone() {
                let part = V::select(winner.equal(position), gradient, V::zero());
                position = position.add(V::constant(1.0));
                if !target.first.contains(&h) {
                    continue;
                }
                let column = w * self.spec.channels + target.c;
                let at = (h - target.first.start) * self.row + column;
                // SAFETY: elements of the block's rows, or with `apart` of one of them.
                unsafe {
                    let to = target.output.add(at);
                    if target.apart {
                        let room = if target.c == 0 { self.row - column } else { own };
                        store(part, to, room, own);
                    } else if at + V::N <= target.len {
                        V::load(to).add(part).store(to);
                    } else {
                        let n = V::N.min(own);
                        V::load_partial(to, n).add(part).store_partial(to, n);
                    }
                }
            }
        }
    }

    /// Where the last channels of a window begin, from the image's start.
    #[inline(always)]
    fn reach(&self, rows: &Range<usize>, columns: &Range<usize>, c: usize) -> usize {
        (rows.end - 1) * self.row + (columns.end - 1) * self.spec.channels + c
    }

    /// Of each channel, which element of the window is the largest, counted row by row: the first of
    /// equals, the last NaN if there is one.
    ///
    /// # Safety
    /// `n` elements may be read at every element of the window.
    #[inline(always)]
    unsafe fn winner<V: Vector>(
        &self,
        input: *const V::Scalar,
        rows: &Range<usize>,
        columns: &Range<usize>,
        n: usize,
    ) -> V {
        let mut best = V::constant(f64::NEG_INFINITY);
        let mut winner = V::zero();
        let mut position = V::zero();
        for h in rows.clone() {
            for w in columns.clone() {
                // SAFETY: the caller's promise.
                let x = unsafe { load::<V>(input.add(h * self.row + w * self.spec.channels), n) };
                let (larger, is_nan) = (x.greater(best), x.is_nan());
                winner = V::select(larger, position, winner);
                winner = V::select(is_nan, position, winner);
                best = V::select(larger, x, best);
                best = V::select(is_nan, x, best);
                position = position.add(V::constant(1.0));
            }
        }
        winner
    }
}

/// Where a block's gradients go.
struct Target<T> {
    output: *mut T,
    len: usize,
    first: Range<usize>,
    c: usize,
    /// The windows share nothing.
    apart: bool,
}

/// A vector of which `n ≤ N` elements may be read; the others are 0.
///
/// # Safety
/// `from` has `n` elements.
#[inline(always)]
unsafe fn load<V: Vector>(from: *const V::Scalar, n: usize) -> V {
    // SAFETY: the caller's promise.
    if n == V::N { unsafe { V::load(from) } } else { unsafe { V::load_partial(from, n) } }
}

/// Writes the first `wanted` elements, or all if there is room: what stands behind comes later.
///
/// # Safety
/// `to` has `room ≥ min(wanted, N)` elements.
#[inline(always)]
unsafe fn store<V: Vector>(v: V, to: *mut V::Scalar, room: usize, wanted: usize) {
    // SAFETY: the caller's promise.
    if room >= V::N { unsafe { v.store(to) } } else { unsafe { v.store_partial(to, wanted) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{place, refusal, run};
    use crate::{Instruction, Windows};

    const IMAGE: usize = 16 * 1024;

    fn spec(kind: PoolKind, batch: usize, channels: usize, axes: [Windows; 2]) -> Pool {
        let [height, width] = axes;
        let image = batch * height.size * width.size * channels;
        let pooled = batch * height.count() * width.count() * channels;
        let (other, output) = match kind {
            PoolKind::Max => (None, pooled),
            PoolKind::Spread => (Some(pooled), image),
            PoolKind::Pick => (Some(image), pooled),
        };
        Pool {
            kind,
            batch,
            height,
            width,
            channels,
            input: place(0, image),
            other: other.map(|len| place(IMAGE, len)),
            output: place(2 * IMAGE, output),
        }
    }

    /// Index and value of the largest element of a window: the definition.
    fn winner(spec: &Pool, x: &[f64], [b, i, j, c]: [usize; 4]) -> (usize, f64) {
        let mut best = (0, f64::NEG_INFINITY);
        let mut first = true;
        for h in spec.height.window(i) {
            for w in spec.width.window(j) {
                let at = ((b * spec.height.size + h) * spec.width.size + w) * spec.channels + c;
                if first || x[at] > best.1 || x[at].is_nan() {
                    best = (at, x[at]);
                }
                first = false;
            }
        }
        best
    }

    fn reference(spec: &Pool, x: &[f64], other: &[f64]) -> Vec<f64> {
        let mut output = vec![0.0; spec.output.len];
        let (rows, columns) = (spec.height.count(), spec.width.count());
        for at in 0..spec.batch * rows * columns * spec.channels {
            let (pixel, c) = (at / spec.channels, at % spec.channels);
            let index = [pixel / columns / rows, pixel / columns % rows, pixel % columns, c];
            let (from, value) = winner(spec, x, index);
            match spec.kind {
                PoolKind::Max => output[at] = value,
                PoolKind::Pick => output[at] = other[from],
                PoolKind::Spread => output[from] += other[at],
            }
        }
        output
    }

    fn check<T: Element>(spec: &Pool, x: impl Fn(usize) -> f64) {
        let mut work = vec![7.0; 3 * IMAGE];
        for (i, value) in work[..spec.input.len].iter_mut().enumerate() {
            *value = x(i);
        }
        // Whole numbers, so that sums are exact.
        for (i, value) in work[IMAGE..2 * IMAGE].iter_mut().enumerate() {
            *value = (i * 7 % 23) as f64 - 11.0;
        }
        let want = reference(spec, &work[..IMAGE], &work[IMAGE..2 * IMAGE]);
        let got = run::<T>(vec![Instruction::Pool(spec.clone())], work, vec![]);
        let got = &got.work[2 * IMAGE..];
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            assert!(got == want || (got.is_nan() && want.is_nan()), "{i}: {got} {want} {spec:?}");
        }
        let rest = &got[want.len()..];
        assert!(rest.iter().all(|&x| x == 7.0), "wrote behind the output: {spec:?}");
    }

    fn windows(size: usize, kernel: usize, stride: usize, padding: usize) -> Windows {
        Windows { size, kernel, stride, padding }
    }

    #[test]
    fn agrees_with_the_definition() {
        let axes = [
            [windows(4, 2, 2, 0), windows(6, 2, 2, 0)],
            [windows(5, 2, 2, 0), windows(7, 2, 2, 0)],
            [windows(7, 3, 2, 1), windows(9, 3, 2, 1)],
            [windows(6, 3, 1, 1), windows(5, 3, 1, 0)],
            [windows(5, 2, 3, 1), windows(8, 1, 2, 0)],
            [windows(1, 1, 1, 0), windows(21, 4, 4, 2)],
            [windows(40, 2, 2, 0), windows(14, 2, 2, 0)],
        ];
        // Few different values, so that there are equals.
        let x = |i: usize| (i * 37 % 101 % 13) as f64 - 6.0;
        for [height, width] in axes {
            for channels in [1, 3, 6, 8, 16, 20] {
                for batch in [1, 3] {
                    if batch * height.size * width.size * channels > IMAGE {
                        continue;
                    }
                    for kind in [PoolKind::Max, PoolKind::Spread, PoolKind::Pick] {
                        let spec = spec(kind, batch, channels, [height, width]);
                        check::<f32>(&spec, x);
                        check::<f64>(&spec, x);
                    }
                }
            }
        }
    }

    #[test]
    fn nan_and_infinities_are_not_lost() {
        let inf = f64::INFINITY;
        let x = move |i: usize| [1.0, f64::NAN, -inf, inf, -inf, 2.0][i * 5 % 11 % 6];
        for kind in [PoolKind::Max, PoolKind::Spread] {
            for channels in [1, 5, 8] {
                let axes = [windows(6, 2, 2, 0), windows(7, 3, 2, 1)];
                check::<f32>(&spec(kind, 2, channels, axes), x);
            }
        }
        // Nothing but -inf: the first element wins.
        check::<f32>(&spec(PoolKind::Spread, 1, 3, [windows(4, 2, 2, 0); 2]), |_| -inf);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let axes = [windows(4, 2, 2, 0), windows(6, 2, 2, 0)];
        let good = || spec(PoolKind::Spread, 2, 3, axes);
        let check = |change: &dyn Fn(&mut Pool), want: &str| {
            let mut spec = good();
            change(&mut spec);
            assert_eq!(refusal(Instruction::Pool(spec), 3 * IMAGE), want);
        };
        check(&|_| {}, "accepted");
        check(
            &|s| s.height.stride = 0,
            "pool: along the height, the stride is 0; it must be 1 or more",
        );
        check(
            &|s| s.width.padding = 2,
            "pool: along the width, the padding is 2, more than half of the kernel size 2",
        );
        check(
            &|s| s.width.kernel = 7,
            "pool: along the width, windows of 7 do not fit into 6 elements with padding 0",
        );
        check(&|s| s.other = None, "pool: the second input has 0 elements, expected 36");
        check(&|s| s.channels = 2, "pool: the input has 144 elements, expected 96");
        check(&|s| s.channels = usize::MAX, "pool: the input has 144 elements, expected fewer");
    }
}
