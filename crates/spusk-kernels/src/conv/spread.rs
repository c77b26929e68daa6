//! The gradient by the input where it has few channels: every pixel of y spreads over a row.
//!
//! Gathered, an input pixel fills a vector with its channels alone. A pixel of y instead meets kw
//! neighboring input pixels, whose channels are one run of memory: the products with whole rows of
//! taps fill the vectors. Runs of neighboring pixels overlap, so pixels some steps [`apart`] go to rows
//! of their own, which are added up in the end.

use std::ops::Range;

use super::axis::{Phase, phases};
use super::{CHUNKS, step_cost};
use crate::elementary::Elementary;
use crate::gemm::cut::Cut;
use crate::gemm::pack::Pack;
use crate::gemm::set::Set;
use crate::gemm::tile::{Finish, Start, Tile};
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::simd::{Work, dispatch};
use crate::{Conv, ConvDirection, Element, LANES, Level, Place};

struct Spread<T: 'static> {
    spec: Conv,
    set: &'static Set<T>,
    /// Vectors of a row of taps with their channels, cut into panels.
    cut: Cut,
    /// Pixels of y that go to rows of their own, cut into tiles.
    tiles: Cut,
    /// Elements of such a row.
    row: usize,
    vertical: Vec<Part>,
    /// Rows of an image, cut into pieces of work.
    bands: Cut,
    packed: usize,
}

/// Rows of the input that see the same taps.
struct Part {
    rows: Phase,
    /// Where the taps' rows of y begin, behind the first one's.
    offsets: Vec<usize>,
    /// Where its weights begin in the packed ones.
    packed: usize,
}

/// Pixels of y whose runs are added up apart: their number modulo this says to which row. `None`
/// where the channels fill vectors of [`LANES`] well enough without.
pub(super) fn apart(spec: &Conv) -> Option<usize> {
    let ([_, width, channels], [_, out_width, _]) = (spec.input, spec.output);
    let (kernel, stride) = (spec.kernel[1], spec.stride[1]);
    let plain = spec.direction == ConvDirection::Input && spec.groups == 1 && spec.bias.is_none();
    let disjoint = kernel.div_ceil(stride);
    if !plain || spec.dilation[1] != 1 || spec.padding[1] >= kernel || disjoint > 8 {
        return None;
    }
    // Vectors for each row of y and of taps.
    let gathered = width * disjoint * channels.div_ceil(LANES);
    let spread = out_width * (kernel * channels).div_ceil(LANES);
    // So many that a tile of them has enough to do.
    (3 * spread <= 2 * gathered).then(|| disjoint * 5_usize.div_ceil(disjoint))
}

pub(super) fn prepare<T: Element>(spec: &Conv, apart: usize, level: Level) -> Box<dyn Kernel<T>> {
    let set = Set::<T>::of(level);
    let ([height, width, channels], [_, out_width, out_channels]) = (spec.input, spec.output);
    let (kernel, stride) = (spec.kernel[1], spec.stride[1]);
    let cut = Cut::new((kernel * channels).div_ceil(set.n), set.max_vectors());
    let mut packed = 0;
    let part = |rows: Phase| {
        let offset = |tap: &super::axis::Tap| tap.delta * out_width * out_channels;
        let offsets: Vec<usize> = rows.taps.iter().map(offset).collect();
        let start = packed;
        packed += offsets.len() * out_channels * cut.count() * set.n;
        Part { rows, offsets, packed: start }
    };
    let vertical = phases(spec, 0).into_iter().map(part).collect();
    let columns = ((out_width - 1) * stride + kernel).max(spec.padding[1] + width);
    Box::new(Spread::<T> {
        set,
        cut,
        tiles: Cut::new(apart, set.max_rows(false, cut.max())),
        row: (columns * channels + LANES).next_multiple_of(LANES),
        vertical,
        bands: Cut::into(height, CHUNKS.div_ceil(spec.batch.max(1)).min(height)),
        packed: packed.next_multiple_of(LANES),
        spec: spec.clone(),
    })
}

impl<T: Element> Spread<T> {
    /// Rows that are added up in the end.
    fn apart(&self) -> usize {
        self.tiles.count()
    }

    /// Lays the weights out as the tiles read them: for each part panels side by side, each with the
    /// rows (kh, d) in the order of the sums.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn pack(&self, memory: RawMemory<T>, to: *mut T) {
        let ([_, _, inputs], [_, _, outputs]) = (self.spec.input, self.spec.output);
        let all = self.spec.kernel[1] * inputs;
        // SAFETY: the place has been checked.
        let weights = unsafe { memory.ptr(self.spec.w) }.cast_const();
        for part in &self.vertical {
            let mut to = to.wrapping_add(part.packed);
            for panel in 0..self.cut.parts() {
                let first = self.cut.first(panel) * self.set.n;
                let vectors = self.cut.size(panel);
                for tap in &part.rows.taps {
                    let work = Pack {
                        from: weights.wrapping_add((tap.index * all + first) * outputs),
                        stride: outputs,
                        k: outputs,
                        columns: (all - first).min(vectors * self.set.n),
                        panels: Cut::into(vectors, 1),
                        to,
                    };
                    // SAFETY: weights of this kh, and room for them.
                    unsafe { (self.set.pack_columns)(&work) };
                    to = to.wrapping_add(outputs * vectors * self.set.n);
                }
            }
        }
    }

    /// A row of an image: row `number` of a part.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `packed` has the weights, `rows` the rows of runs.
    unsafe fn row(&self, y: *const T, part: &Part, number: usize, packed: *const T, rows: *mut T) {
        let [height, width, outputs] = self.spec.output;
        let (all, n) = (self.spec.kernel[1] * self.spec.input[2], self.set.n);
        let step = self.spec.stride[1] * self.spec.input[2];
        let source = part.rows.source + (number * part.rows.source_step) as isize;
        let taps = &part.rows.taps;
        let inside = |delta: usize| (0..height as isize).contains(&(source + delta as isize));
        let first = taps.iter().position(|tap| inside(tap.delta)).unwrap_or(taps.len());
        let count = taps[first..].iter().take_while(|tap| inside(tap.delta)).count();
        let offsets = &part.offsets[first..first + count];
        let y = y.wrapping_offset(source * (width * outputs) as isize);
        let mut weights = packed.wrapping_add(part.packed);
        for panel in 0..self.cut.parts() {
            let vectors = self.cut.size(panel);
            let column = self.cut.first(panel) * n;
            let functions = self.set.segments[0][vectors - 1];
            let b = weights.wrapping_add(first * outputs * vectors * n);
            for cycle in (0..width).step_by(self.apart()) {
                for tile in 0..self.tiles.parts() {
                    let within = self.tiles.first(tile);
                    let pixel = cycle + within;
                    let height = self.tiles.size(tile).min(width.saturating_sub(pixel));
                    if height == 0 {
                        break;
                    }
                    let a = y.wrapping_add(pixel * outputs);
                    let work = Tile {
                        k: outputs,
                        a: [0, 3, 6, 9].map(|row| a.wrapping_add(row * outputs)),
                        a_stride: outputs,
                        b,
                        b_stride: vectors * n,
                        c: rows.wrapping_add(within * self.row + pixel * step + column),
                        c_stride: self.row + step,
                        start: Start::Zero,
                        last: (all - column).min(vectors * n) - (vectors - 1) * n,
                        finish: Finish::Store,
                    };
                    // SAFETY: pixels of rows of y that exist, their weights, and the runs of these
                    // pixels in the rows.
                    unsafe { functions[height - 1](&work, offsets) };
                }
            }
            weights = weights.wrapping_add(taps.len() * outputs * vectors * n);
        }
    }
}

impl<T: Element> Kernel<T> for Spread<T> {
    fn reads(&self) -> Vec<Place> {
        vec![self.spec.y, self.spec.w]
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.spec.x]
    }

    fn chunks(&self) -> usize {
        self.spec.batch * self.bands.parts()
    }

    fn cost(&self) -> f64 {
        let [height, width, outputs] = self.spec.output;
        let images = self.spec.batch as f64;
        let sums = (height * width * self.spec.kernel[0] * outputs * self.cut.count()) as f64;
        let rows = self.spec.input[0] as f64;
        let tiles = (self.tiles.parts() * self.cut.parts() * width.div_ceil(self.apart())) as f64;
        let added = (self.apart() * self.row) as f64;
        let step = step_cost(self.set.level);
        50.0 + images * (step * sums + rows * (20.0 * tiles + 0.02 * added))
    }

    fn scratch(&self) -> usize {
        self.packed + self.apart() * self.row
    }

    unsafe fn run(
        &self,
        memory: RawMemory<T>,
        chunks: Range<usize>,
        scratch: *mut T,
        level: Level,
    ) {
        let image: usize = self.spec.input.iter().product();
        let read: usize = self.spec.output.iter().product();
        let line = self.spec.input[1] * self.spec.input[2];
        // SAFETY: scratch memory has the weights, and behind them the rows of runs, of which what no
        // run covers stays 0 (the bytes of 0 are 0). Images, rows and taps that exist; each row of an
        // image is written once.
        unsafe {
            self.pack(memory, scratch);
            let rows = scratch.add(self.packed);
            rows.write_bytes(0, self.apart() * self.row);
            for chunk in chunks {
                let (b, band) = (chunk / self.bands.parts(), chunk % self.bands.parts());
                let y = memory.ptr(self.spec.y).add(b * read).cast_const();
                let x = memory.ptr(self.spec.x).add(b * image);
                for part in &self.vertical {
                    for number in part.rows.inside(&self.bands.range(band)) {
                        self.row(y, part, number, scratch.cast_const(), rows);
                        let row = part.rows.first + number * part.rows.step;
                        let sums = Sums {
                            from: rows.add(self.spec.padding[1] * self.spec.input[2]),
                            stride: self.row,
                            count: self.apart(),
                            to: x.add(row * line),
                            len: line,
                        };
                        dispatch(level, sums);
                    }
                }
            }
        }
    }
}

/// `to[i] = Σ over rows of from[row · stride + i]`, rows in order.
struct Sums<T> {
    from: *const T,
    stride: usize,
    count: usize,
    to: *mut T,
    len: usize,
}

impl<T: Element> Work<T> for Sums<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Elementary<Scalar = T>>(self) {
        let mut i = 0;
        while i < self.len {
            let n = V::N.min(self.len - i);
            // SAFETY: the rows are longer than `len` by a vector; `to` has `len` elements.
            unsafe {
                let mut sum = V::load(self.from.add(i));
                for row in 1..self.count {
                    sum = sum.add(V::load(self.from.add(row * self.stride + i)));
                }
                if n == V::N {
                    sum.store(self.to.add(i))
                } else {
                    sum.store_partial(self.to.add(i), n)
                }
            }
            i += V::N;
        }
    }
}
