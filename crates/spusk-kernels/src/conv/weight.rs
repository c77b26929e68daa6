//! The gradient of a convolution by its weights: a sum over images and pixels.

use std::ops::Range;

use super::axis::{Phase, phases};
use super::window::Window;
use super::{BAND, step_cost};
use crate::gemm::cut::Cut;
use crate::gemm::set::Set;
use crate::gemm::tile::{Finish, Start, Tile};
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{Conv, Element, LANES, Level, Place};

struct Weight<T: 'static> {
    spec: Conv,
    set: &'static Set<T>,
    /// Channels of a group of the input and of the output (of all pixels that are taken as one).
    channels: [usize; 2],
    /// Neighboring pixels of y that are taken as one: see [`apart`].
    pixels: usize,
    /// Rows (kw, channel) of one kh.
    kernel_rows: usize,
    /// Vectors of output channels of a group, cut into panels side by side.
    cut: Cut,
    /// The images, cut into shards.
    shards: Cut,
    window: Window,
    vertical: Phase,
    horizontal: Phase,
    /// The rows (kw, channel) of the weights of one kh.
    blocks: Vec<Block>,
    /// The rows of output pixels, cut into pieces that are worked on at a time.
    bands: Cut,
    /// Where the rows of output pixels of a band read, behind the first one.
    offsets: Vec<usize>,
    /// The most rows of the input that a band reads.
    rows: usize,
    /// Whether reading whole vectors would run beyond the last pixel.
    runs_over: bool,
}

/// Rows of the weights that lie next to each other, both there and in an input pixel's surroundings.
struct Block {
    /// The first one.
    row: usize,
    /// Where it reads, behind the first tap.
    offset: usize,
    /// The rows, cut into tiles.
    tiles: Cut,
    /// Whether they meet the image at all.
    meets: bool,
}

/// Pixels of y, by their number in their row modulo this, whose sums are kept apart and added up in the
/// end: where a pixel has so few channels that vectors would stay empty, it is taken with its neighbors
/// as one of more channels, and tap k of pixel p is tap k + p · stride of them all.
pub(super) fn apart(spec: &Conv) -> usize {
    let columns = phases(spec, 1).pop().expect("this direction has one phase");
    super::joined_pixels(spec, &columns, LANES, 1)
}

pub(super) fn prepare<T: Element>(spec: &Conv, level: Level) -> Box<dyn Kernel<T>> {
    Box::new(Weight::<T>::new(spec, level))
}

impl<T: Element> Weight<T> {
    fn new(spec: &Conv, level: Level) -> Self {
        let set = Set::<T>::of(level);
        let pixels = apart(spec);
        let mut channels = [spec.input[2], spec.output[2]].map(|channels| channels / spec.groups);
        channels[1] *= pixels;
        let cut = Cut::new(channels[1].div_ceil(set.n), set.max_vectors());
        let one = |axis| phases(spec, axis).pop().expect("this direction has one phase");
        let (vertical, mut horizontal): (Phase, Phase) = (one(0), one(1));
        let every_tap_meets = horizontal.taps.len() == spec.kernel[1];
        if pixels > 1 {
            horizontal.join(pixels);
        }
        let taps = spec.kernel[1].max(horizontal.taps.len());
        let reads = |phase: &Phase| phase.reads(&(0..phase.count)).unwrap_or(0..0);
        let window = Window::new(spec.input, &reads(&vertical), reads(&horizontal));

        let pixel = spec.input[2];
        let tiles = |rows| Cut::new(rows, set.max_rows(true, cut.max()));
        let blocks = if spec.groups == 1 && horizontal.is_dense() && every_tap_meets {
            let tiles = tiles(taps * channels[0]);
            vec![Block { row: 0, offset: 0, tiles, meets: true }]
        } else {
            let block = |kw: usize| {
                let tap = horizontal.taps.iter().find(|tap| tap.index == kw);
                let offset = tap.map_or(0, |tap| tap.delta * pixel);
                let row = kw * channels[0];
                Block { row, offset, tiles: tiles(channels[0]), meets: tap.is_some() }
            };
            (0..spec.kernel[1]).map(block).collect()
        };

        let reads = |rows: usize| vertical.reads(&(0..rows)).map_or(0, |reads| reads.len());
        let line = spec.output[1] * spec.output[2];
        let large = |rows: usize| window.scratch(reads(rows)).max(rows * line) > BAND;
        let mut rows = spec.output[0];
        while rows > 1 && large(rows) {
            rows = rows.div_ceil(2);
        }
        let bands = Cut::new(spec.output[0], rows);
        let offset = |row| row * vertical.source_step * window.width() * pixel;
        Weight {
            set,
            channels,
            pixels,
            kernel_rows: taps * channels[0],
            cut,
            shards: Cut::into(spec.batch, spec.shards),
            offsets: (0..bands.max()).map(offset).collect(),
            rows: reads(bands.max()),
            runs_over: channels[1] % set.n != 0,
            window,
            vertical,
            horizontal,
            blocks,
            bands,
            spec: spec.clone(),
        }
    }

    /// Sums of one kh.
    fn kernel_row(&self) -> usize {
        self.kernel_rows * self.line()
    }

    /// Sums of one row (kw, channel).
    fn line(&self) -> usize {
        self.pixels * self.spec.output[2]
    }

    /// Scratch elements for sums that are kept apart.
    fn sums(&self) -> usize {
        if self.pixels > 1 { self.spec.kernel[0] * self.kernel_row() } else { 0 }
    }

    /// Scratch elements for the last pixels.
    fn copied(&self) -> usize {
        let copy = self.bands.max() * self.spec.output[1] * self.spec.output[2] + 2 * LANES;
        if self.runs_over { copy } else { 0 }
    }

    /// Some kh of one shard.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn shard(
        &self,
        memory: RawMemory<T>,
        shard: usize,
        kernel_rows: Range<usize>,
        scratch: *mut T,
    ) {
        let [height, width, channels] = self.spec.output;
        let inputs: usize = self.spec.input.iter().product();
        // SAFETY: the places have been checked; images, rows and weights that exist.
        unsafe {
            let len: usize = self.spec.w.len / self.spec.shards;
            let result = memory.ptr(self.spec.w).add(shard * len);
            let to = match self.pixels {
                1 => result,
                _ => scratch.add(self.window.scratch(self.rows) + self.copied()),
            };
            self.clear(to, &kernel_rows);
            let taps = self.vertical.taps.iter().filter(|tap| kernel_rows.contains(&tap.index));
            let ends = taps.clone().next().zip(taps.clone().next_back());
            let Some((first, last)) = ends else {
                return self.add_up(to, result, kernel_rows);
            };
            let span = last.delta - first.delta;
            for image in self.shards.range(shard) {
                for band in 0..self.bands.parts() {
                    let rows = self.bands.range(band);
                    let y = image * height + rows.start;
                    let y = memory.ptr(self.spec.y).add(y * width * channels).cast_const();
                    let is_last = image + 1 == self.spec.batch && rows.end == height;
                    let y = match self.runs_over && is_last {
                        true => {
                            let copy = scratch.add(self.window.scratch(self.rows));
                            y.copy_to_nonoverlapping(copy, rows.len() * width * channels);
                            copy.cast_const()
                        }
                        false => y,
                    };
                    let step = self.vertical.source_step;
                    let start = self.vertical.source + (rows.start * step + first.delta) as isize;
                    let reads = start..start + ((rows.len() - 1) * step + span + 1) as isize;
                    let x = memory.ptr(self.spec.x).add(image * inputs).cast_const();
                    let x = self.window.open(x, reads, scratch);
                    let is_first = image == self.shards.first(shard) && band == 0;
                    for tap in taps.clone() {
                        let row = (tap.delta - first.delta) * self.window.width();
                        let column = self.horizontal.source - self.window.first_column();
                        let x = x.wrapping_add(row * self.spec.input[2]);
                        let x = x.wrapping_offset(column * self.spec.input[2] as isize);
                        let to = to.add(tap.index * self.kernel_row());
                        self.tiles(x, y, to, &self.offsets[..rows.len()], is_first);
                    }
                }
            }
            self.add_up(to, result, kernel_rows);
        }
    }

    /// Adds up the sums of pixels that were taken as one.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `sums` are those of the shard, `to` is its result.
    unsafe fn add_up(&self, sums: *const T, to: *mut T, kernel_rows: Range<usize>) {
        if self.pixels == 1 {
            return;
        }
        let (outputs, line) = (self.spec.output[2], self.line());
        let rows = self.spec.kernel[1] * self.channels[0];
        let step = (self.spec.stride[1] * self.channels[0]) * line + outputs;
        for (kh, row) in kernel_rows.flat_map(|kh| (0..rows).map(move |row| (kh, row))) {
            for d in 0..outputs {
                // SAFETY: rows of the sums, which are longer by a stride for each pixel; the result.
                unsafe {
                    let from = sums.add(kh * self.kernel_row() + row * line + d);
                    let mut sum = *from;
                    for pixel in 1..self.pixels {
                        sum = sum + *from.add(pixel * step);
                    }
                    *to.add((kh * rows + row) * outputs + d) = sum;
                }
            }
        }
    }

    /// Writes 0 where the weights meet no pixel.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `to` is the shard's result.
    unsafe fn clear(&self, to: *mut T, kernel_rows: &Range<usize>) {
        for kh in kernel_rows.clone() {
            let meets = self.vertical.taps.iter().any(|tap| tap.index == kh);
            for block in self.blocks.iter().filter(|block| !meets || !block.meets) {
                let channels = self.line();
                // SAFETY: rows of the result. The bytes of 0 are 0.
                unsafe {
                    let to = to.add(kh * self.kernel_row() + block.row * channels);
                    to.write_bytes(0, block.tiles.count() * channels);
                }
            }
        }
    }

    /// Adds one image, or some rows of it, to the weights of one kh.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `x` and `y` are the first pixels, `to` the result of this kh.
    unsafe fn tiles(
        &self,
        x: *const T,
        y: *const T,
        to: *mut T,
        offsets: &[usize],
        is_first: bool,
    ) {
        let [inputs, outputs] = self.channels;
        let channels = self.line();
        let n = self.set.n;
        for group in 0..self.spec.groups {
            for panel in 0..self.cut.parts() {
                let vectors = self.cut.size(panel);
                let first = self.cut.first(panel) * n;
                let functions = self.set.segments[1][vectors - 1];
                for block in self.blocks.iter().filter(|block| block.meets) {
                    let x = x.wrapping_add(block.offset + group * inputs);
                    for tile in 0..block.tiles.parts() {
                        let row = block.tiles.first(tile);
                        let c = (block.row + row) * channels + group * outputs + first;
                        let work = Tile {
                            k: self.horizontal.count,
                            a: [x.wrapping_add(row); 4],
                            a_stride: self.horizontal.source_step * self.spec.input[2],
                            b: y.wrapping_add(group * outputs + first),
                            b_stride: channels,
                            c: to.wrapping_add(c),
                            c_stride: channels,
                            start: if is_first { Start::Zero } else { Start::Old },
                            last: (outputs - first).min(vectors * n) - (vectors - 1) * n,
                            finish: Finish::Store,
                        };
                        // SAFETY: pixels of the frame, of y (and behind it, but for the last ones,
                        // which are copied), and rows of the result.
                        unsafe { functions[block.tiles.size(tile) - 1](&work, offsets) };
                    }
                }
            }
        }
    }
}

impl<T: Element> Kernel<T> for Weight<T> {
    fn reads(&self) -> Vec<Place> {
        vec![self.spec.x, self.spec.y]
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.spec.w]
    }

    fn chunks(&self) -> usize {
        self.spec.shards * self.spec.kernel[0]
    }

    fn cost(&self) -> f64 {
        let images = (self.spec.batch * self.spec.kernel[0] * self.spec.groups) as f64;
        let pixels = (self.spec.output[0] * self.horizontal.count) as f64;
        let rows = self.kernel_rows as f64;
        let tiles: usize = self.blocks.iter().map(|block| block.tiles.parts()).sum();
        let tiles = (tiles * self.cut.parts() * self.bands.parts()) as f64;
        let step = step_cost(self.set.level);
        50.0 + images * (20.0 * tiles + step * pixels * rows * self.cut.count() as f64)
    }

    fn scratch(&self) -> usize {
        self.window.scratch(self.rows) + self.copied() + self.sums()
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, scratch: *mut T, _: Level) {
        // SAFETY: scratch memory begins with the frame.
        unsafe { self.window.clear(self.rows, scratch) };
        let each = self.spec.kernel[0];
        let mut next = chunks.start;
        while next < chunks.end {
            let (shard, first) = (next / each, next % each);
            let last = each.min(first + chunks.end - next);
            // SAFETY: passed on; shards and rows of weights are written by one chunk each.
            unsafe { self.shard(memory, shard, first..last, scratch) };
            next += last - first;
        }
    }
}
