//! Convolutions whose channels do not mix: each output channel sees one input channel.

use std::ops::Range;

use super::axis::{Phase, phases};
use super::{CHUNKS, step_cost};
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::simd::{Vector, Work, dispatch};
use crate::{Conv, ConvDirection, Element, Level, Place};

struct Depthwise {
    spec: Conv,
    vertical: Vec<Phase>,
    horizontal: Vec<Phase>,
    level: Level,
}

pub(super) fn prepare<T: Element>(spec: &Conv, level: Level) -> Box<dyn Kernel<T>> {
    let (vertical, horizontal) = (phases(spec, 0), phases(spec, 1));
    Box::new(Depthwise { spec: spec.clone(), vertical, horizontal, level })
}

impl Depthwise {
    fn is_weight(&self) -> bool {
        self.spec.direction == ConvDirection::Weight
    }

    /// Height and width of what is computed and of what is read with offsets.
    fn sizes(&self) -> [[usize; 3]; 2] {
        match self.spec.direction {
            ConvDirection::Input => [self.spec.input, self.spec.output],
            _ => [self.spec.output, self.spec.input],
        }
    }

    /// Pieces of work of an image.
    fn bands(&self) -> usize {
        CHUNKS.div_ceil(self.spec.batch).min(self.sizes()[0][0])
    }
}

impl<T: Element> Kernel<T> for Depthwise {
    fn reads(&self) -> Vec<Place> {
        let Conv { x, w, y, bias, .. } = &self.spec;
        match self.spec.direction {
            ConvDirection::Output => [*x, *w].into_iter().chain(*bias).collect(),
            ConvDirection::Input => [*y, *w].into_iter().chain(*bias).collect(),
            ConvDirection::Weight => vec![*x, *y],
        }
    }

    fn writes(&self) -> Vec<Place> {
        vec![match self.spec.direction {
            ConvDirection::Output => self.spec.y,
            ConvDirection::Input => self.spec.x,
            ConvDirection::Weight => self.spec.w,
        }]
    }

    fn chunks(&self) -> usize {
        match self.is_weight() {
            true => self.spec.shards * self.spec.kernel[0],
            false => self.spec.batch * self.bands(),
        }
    }

    fn cost(&self) -> f64 {
        let [height, width, channels] = self.spec.output;
        let taps = self.spec.kernel[0] * self.spec.kernel[1];
        let products = self.spec.batch * height * width * taps * channels.div_ceil(8);
        50.0 + 3.0 * step_cost(self.level) * products as f64
    }

    fn scratch(&self) -> usize {
        0
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, _: *mut T, level: Level) {
        // SAFETY: passed on.
        unsafe { dispatch::<T, _>(level, Chunks { kernel: self, memory, chunks }) }
    }
}

struct Chunks<'a, T> {
    kernel: &'a Depthwise,
    memory: RawMemory<T>,
    chunks: Range<usize>,
}

impl<T: Element> Work<T> for Chunks<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: crate::elementary::Elementary<Scalar = T>>(self) {
        for chunk in self.chunks.clone() {
            // SAFETY: passed on; chunks write different elements.
            unsafe {
                match self.kernel.is_weight() {
                    true => self.weights::<V>(chunk),
                    false => self.pixels::<V>(chunk),
                }
            }
        }
    }
}

/// A product that an element is made of: offsets into the two operands.
type Term = (usize, usize);

impl<T: Element> Chunks<'_, T> {
    /// Some rows of the result of an image.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    #[inline(always)]
    unsafe fn pixels<V: Vector<Scalar = T>>(&self, chunk: usize) {
        let Depthwise { spec, vertical, horizontal, .. } = self.kernel;
        let bands = self.kernel.bands();
        let [[height, width, channels], [from_height, from_width, _]] = self.kernel.sizes();
        let (image, band) = (chunk / bands, chunk % bands);
        let band = height * band / bands..height * (band + 1) / bands;
        let (from, to) = match spec.direction {
            ConvDirection::Input => (spec.y, spec.x),
            _ => (spec.x, spec.y),
        };
        // SAFETY: the places have been checked.
        let (from, weights, to, bias) = unsafe {
            (
                self.memory.ptr(from).add(image * from_height * from_width * channels),
                self.memory.ptr(spec.w),
                self.memory.ptr(to).add(image * height * width * channels),
                spec.bias.map(|bias| self.memory.ptr(bias).cast_const()),
            )
        };
        for rows in vertical {
            for number in rows.inside(&band) {
                let row = rows.first + number * rows.step;
                for columns in horizontal {
                    for column in 0..columns.count {
                        let y = seen(rows, number, from_height);
                        let terms = y.flat_map(|(ky, y)| {
                            seen(columns, column, from_width).map(move |(kx, x)| {
                                let tap = (ky * spec.kernel[1] + kx) * channels;
                                ((y * from_width + x) * channels, tap)
                            })
                        });
                        let at = row * width + columns.first + column * columns.step;
                        // SAFETY: pixels and weights that exist.
                        unsafe {
                            let to = to.add(at * channels);
                            sum::<V>(terms, from, weights, bias, to, channels);
                        }
                    }
                }
            }
        }
    }

    /// One row of taps of one shard.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    #[inline(always)]
    unsafe fn weights<V: Vector<Scalar = T>>(&self, chunk: usize) {
        let Depthwise { spec, vertical, horizontal, .. } = self.kernel;
        let [kernel_height, kernel_width] = spec.kernel;
        let [[out_height, out_width, channels], [height, width, _]] = self.kernel.sizes();
        let (shard, ky) = (chunk / kernel_height, chunk % kernel_height);
        let (rows, columns) = (&vertical[0], &horizontal[0]);
        let images = crate::gemm::cut::Cut::into(spec.batch, spec.shards).range(shard);
        // SAFETY: the places have been checked.
        let (x, y, to) = unsafe {
            (
                self.memory.ptr(spec.x).cast_const(),
                self.memory.ptr(spec.y).cast_const(),
                self.memory.ptr(spec.w).add(chunk * kernel_width * channels),
            )
        };
        for kx in 0..kernel_width {
            let terms = images.clone().flat_map(move |image| {
                let rows = meeting(rows, ky, height);
                rows.flat_map(move |(out_row, row)| {
                    meeting(columns, kx, width).map(move |(out_column, column)| {
                        let from = (image * height + row) * width + column;
                        let other = (image * out_height + out_row) * out_width + out_column;
                        (from * channels, other * channels)
                    })
                })
            });
            // SAFETY: pixels that exist.
            unsafe { sum::<V>(terms, x, y, None, to.add(kx * channels), channels) };
        }
    }
}

/// The taps that an element of a phase sees inside of an axis of a size: their numbers and where.
fn seen(
    phase: &Phase,
    element: usize,
    size: usize,
) -> impl Iterator<Item = (usize, usize)> + Clone {
    let at = phase.source + (element * phase.source_step) as isize;
    let taps = phase.taps.iter().map(move |tap| (tap.index, at + tap.delta as isize));
    taps.filter(move |&(_, at)| at >= 0 && at < size as isize).map(|(k, at)| (k, at as usize))
}

/// The elements for which a tap meets an axis of a size: their numbers and where.
fn meeting(phase: &Phase, tap: usize, size: usize) -> impl Iterator<Item = (usize, usize)> + Clone {
    let tap = phase.taps.iter().find(|other| other.index == tap);
    let first = tap.map(|tap| phase.source + tap.delta as isize);
    let step = phase.source_step;
    let elements = 0..if first.is_some() { phase.count } else { 0 };
    elements.filter_map(move |element| {
        let at = first? + (element * step) as isize;
        (at >= 0 && at < size as isize).then_some((element, at as usize))
    })
}

/// `to[c] = bias[c] + Σ over terms of a[c] · b[c]`, in order.
///
/// # Safety
/// The operands may be read and `to` written, `channels` elements behind each offset.
#[inline(always)]
unsafe fn sum<V: Vector>(
    terms: impl Iterator<Item = Term> + Clone,
    a: *const V::Scalar,
    b: *const V::Scalar,
    bias: Option<*const V::Scalar>,
    to: *mut V::Scalar,
    channels: usize,
) {
    let mut c = 0;
    // SAFETY: the caller's promise.
    unsafe {
        // Four vectors at once, so that additions do not wait for each other.
        while c + 4 * V::N <= channels {
            let at = |i: usize| c + i * V::N;
            let start = |i: usize| bias.map_or(V::zero(), |bias| V::load(bias.add(at(i))));
            let mut acc = [start(0), start(1), start(2), start(3)];
            for (i, j) in terms.clone() {
                for (v, acc) in acc.iter_mut().enumerate() {
                    let (a, b) = (V::load(a.add(i + at(v))), V::load(b.add(j + at(v))));
                    *acc = a.mul_add(b, *acc);
                }
            }
            for (v, acc) in acc.into_iter().enumerate() {
                acc.store(to.add(at(v)));
            }
            c += 4 * V::N;
        }
        while c < channels {
            let n = V::N.min(channels - c);
            let mut acc = bias.map_or(V::zero(), |bias| V::load_partial(bias.add(c), n));
            for (i, j) in terms.clone() {
                let (a, b) = (V::load_partial(a.add(i + c), n), V::load_partial(b.add(j + c), n));
                acc = a.mul_add(b, acc);
            }
            acc.store_partial(to.add(c), n);
            c += n;
        }
    }
}
