//! The convolution and its gradient by the input: every element gathers what it is made of.

use std::ops::Range;

use super::axis::{Phase, hull, phases};
use super::window::Window;
use super::{BAND, CHUNKS, step_cost};
use crate::gemm::cut::Cut;
use crate::gemm::pack::Pack;
use crate::gemm::set::Set;
use crate::gemm::tile::{Finish, Start, Tile};
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{Conv, ConvDirection, Element, LANES, Level, Place};

struct Gather<T: 'static> {
    spec: Conv,
    set: &'static Set<T>,
    /// What is read.
    from: Place,
    /// What is computed.
    to: Place,
    /// Height, width and channels of what is computed.
    size: [usize; 3],
    /// Channels of a group of what is read, and of what is computed (of all pixels of a run).
    channels: [usize; 2],
    /// Neighboring pixels that are computed as the channels of one: see [`together`].
    pixels: usize,
    /// Vectors of channels of a group, cut into panels side by side.
    cut: Cut,
    window: Window,
    /// Elements that see the same taps.
    parts: Vec<Part>,
    /// The rows of what is computed, cut into pieces of work.
    bands: Vec<Band>,
    /// Scratch elements for the weights, and behind them for the start values of all pixels of a run.
    packed: usize,
    starts: usize,
}

/// Pixels that see the same taps.
struct Part {
    rows: Phase,
    columns: Phase,
    /// The columns, cut into tiles beside each other.
    tiles: Cut,
    /// The taps' numbers in the kernel, in the order of the sums.
    taps: Vec<usize>,
    /// Where the segments of the sums begin, behind the first tap's pixel.
    segments: Vec<usize>,
    /// Taps of a segment.
    taps_each: usize,
    /// Where its weights begin in the packed ones.
    packed: usize,
}

/// Some rows of what is computed, and the rows that they read.
struct Band {
    rows: Range<usize>,
    reads: Range<isize>,
}

pub(super) fn prepare<T: Element>(spec: &Conv, level: Level) -> Box<dyn Kernel<T>> {
    Box::new(Gather::<T>::new(spec, level))
}

impl<T: Element> Gather<T> {
    fn new(spec: &Conv, level: Level) -> Self {
        let set = Set::<T>::of(level);
        let (from, to, read, size) = match spec.direction {
            ConvDirection::Input => (spec.y, spec.x, spec.output, spec.input),
            _ => (spec.x, spec.y, spec.input, spec.output),
        };
        let mut channels = [read[2], size[2]].map(|channels| channels / spec.groups);
        let (vertical, mut horizontal) = (phases(spec, 0), phases(spec, 1));
        let pixels = together(spec, &horizontal, set);
        if pixels > 1 {
            channels[1] *= pixels;
            horizontal.iter_mut().for_each(|columns| columns.join(pixels));
        }
        let cut = Cut::new(channels[1].div_ceil(set.n), set.max_vectors());
        let all = |phases: &[Phase]| hull(phases.iter().filter_map(|p| p.reads(&(0..p.count))));
        let window = Window::new(read, &all(&vertical), all(&horizontal));
        let mut parts = Vec::new();
        let mut packed = 0;
        for rows in &vertical {
            for columns in &horizontal {
                let tiles = Cut::new(columns.count, set.max_rows(false, cut.max()));
                let (rows, columns) = (rows.clone(), columns.clone());
                let part = Part::new(spec, &window, rows, columns, tiles, packed);
                packed += part.taps.len() * channels[0] * cut.count() * set.n * spec.groups;
                parts.push(part);
            }
        }
        let sums = |part: &Part| part.rows.count * part.columns.count * part.taps.len();
        let sums: usize = parts.iter().map(sums).sum();
        let image = step_cost(level) * (sums * channels[0] * cut.count() * spec.groups) as f64;
        let pieces = CHUNKS.div_ceil(spec.batch).min((image / PIECE) as usize).max(1);
        let bands = bands(pieces, size[0], &vertical, &window);
        let starts = match (pixels, spec.bias) {
            (2.., Some(_)) => channels[1].next_multiple_of(LANES),
            _ => 0,
        };
        let packed = packed.next_multiple_of(LANES);
        let spec = spec.clone();
        Gather {
            spec,
            set,
            from,
            to,
            size,
            channels,
            pixels,
            cut,
            window,
            parts,
            bands,
            packed,
            starts,
        }
    }

    /// As [`Gather::pack`] where pixels are computed together: the row of tap k and channel c has for
    /// pixel p what tap k - p · stride has, and 0 where there is no such tap.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `to` has room for the start values too.
    unsafe fn pack_together(&self, memory: RawMemory<T>, to: *mut T) {
        let Conv { kernel, stride, input: [_, _, read], output: [_, _, written], .. } = self.spec;
        // SAFETY: the places have been checked; each part has room for whole rows, as many as it has
        // taps and channels. The bytes of 0 are 0.
        unsafe {
            let weights = memory.ptr(self.spec.w).cast_const();
            to.write_bytes(0, self.packed);
            let width = self.cut.count() * self.set.n;
            for part in &self.parts {
                let mut row = to.add(part.packed);
                for kh in part.rows.taps.iter().map(|tap| tap.index) {
                    for (k, c) in
                        (0..part.columns.taps.len()).flat_map(|k| (0..read).map(move |c| (k, c)))
                    {
                        for pixel in 0..self.pixels {
                            let tap = k.checked_sub(pixel * stride[1]).filter(|&k| k < kernel[1]);
                            let Some(kw) = tap else { continue };
                            let from = weights.add(((kh * kernel[1] + kw) * read + c) * written);
                            // Too few for a call of `memcpy`.
                            for d in 0..written {
                                *row.add(pixel * written + d) = *from.add(d);
                            }
                        }
                        row = row.add(width);
                    }
                }
            }
            if let (Some(bias), 1..) = (self.spec.bias, self.starts) {
                let bias = memory.ptr(bias).cast_const();
                for pixel in 0..self.pixels {
                    let to = to.add(self.packed + pixel * written);
                    to.copy_from_nonoverlapping(bias, written);
                }
            }
        }
    }

    /// The most rows that a band reads.
    fn rows(&self) -> usize {
        self.bands.iter().map(|band| band.reads.len()).max().unwrap_or(0)
    }

    /// Lays the weights out as the tiles read them: for each part and group panels side by side,
    /// each with the rows (tap, channel) in the order of the sums.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    unsafe fn pack(&self, memory: RawMemory<T>, to: *mut T) {
        if self.pixels > 1 {
            // SAFETY: passed on.
            return unsafe { self.pack_together(memory, to) };
        }
        let [read, written] = self.channels;
        let (inputs, outputs) = (self.spec.input[2] / self.spec.groups, self.spec.output[2]);
        // SAFETY: the place has been checked.
        let weights = unsafe { memory.ptr(self.spec.w) }.cast_const();
        let by_rows = self.spec.direction == ConvDirection::Output;
        for part in &self.parts {
            let mut to = to.wrapping_add(part.packed);
            for group in 0..self.spec.groups {
                for panel in 0..self.cut.parts() {
                    let first = self.cut.first(panel) * self.set.n;
                    let vectors = self.cut.size(panel);
                    let columns = (written - first).min(vectors * self.set.n);
                    for tap in &part.taps {
                        let from = weights.wrapping_add(tap * inputs * outputs);
                        let from = match by_rows {
                            true => from.wrapping_add(group * written + first),
                            false => from.wrapping_add(first * outputs + group * read),
                        };
                        let panels = Cut::into(vectors, 1);
                        let work = Pack { from, stride: outputs, k: read, columns, panels, to };
                        // SAFETY: weights of this tap, and room for them.
                        unsafe {
                            match by_rows {
                                true => (self.set.pack_rows)(&work),
                                false => (self.set.pack_columns)(&work),
                            }
                        }
                        to = to.wrapping_add(read * vectors * self.set.n);
                    }
                }
            }
        }
    }

    /// Some rows of one image.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `packed` has the weights.
    unsafe fn band(
        &self,
        memory: RawMemory<T>,
        image: usize,
        band: &Band,
        packed: *const T,
        scratch: *mut T,
    ) {
        let read: usize = self.window.image.iter().product();
        let size: usize = self.size.iter().product();
        // SAFETY: images that exist; scratch memory for the rows of the largest band.
        let (from, to) = unsafe {
            let from = memory.ptr(self.from).add(image * read);
            let from = self.window.open(from.cast_const(), band.reads.clone(), scratch);
            (from, memory.ptr(self.to).add(image * size))
        };
        let starts = packed.wrapping_add(self.packed);
        for part in &self.parts {
            let mut weights = packed.wrapping_add(part.packed);
            for group in 0..self.spec.groups {
                for panel in 0..self.cut.parts() {
                    // SAFETY: passed on.
                    unsafe {
                        self.panel(memory, part, [group, panel], band, weights, starts, from, to);
                    }
                    let width = self.cut.size(panel) * self.set.n;
                    weights = weights.wrapping_add(part.taps.len() * self.channels[0] * width);
                }
            }
        }
    }

    /// Some channels of some rows of one image.
    ///
    /// # Safety
    /// As for [`Gather::band`].
    #[allow(clippy::too_many_arguments)]
    unsafe fn panel(
        &self,
        memory: RawMemory<T>,
        part: &Part,
        [group, panel]: [usize; 2],
        band: &Band,
        weights: *const T,
        starts: *const T,
        from: *const T,
        to: *mut T,
    ) {
        let Part { rows, columns, tiles, .. } = part;
        let [read, written] = self.channels;
        let [_, width, channels] = self.size;
        let n = self.set.n;
        let vectors = self.cut.size(panel);
        let first = group * written + self.cut.first(panel) * n;
        let start = match self.spec.bias {
            Some(_) if self.starts > 0 => Start::Row(starts.wrapping_add(first)),
            // SAFETY: the place has been checked.
            Some(bias) => Start::Row(unsafe { memory.ptr(bias) }.wrapping_add(first).cast_const()),
            None => Start::Zero,
        };
        let end = (group + 1) * written;
        let functions = self.set.segments[0][vectors - 1];
        let functions = [tiles.min().max(1), tiles.max()].map(|height| functions[height - 1]);
        let pixel = self.window.image[2];
        let stride = columns.source_step * pixel;
        for number in rows.inside(&band.rows) {
            let row = rows.first + number * rows.step;
            let source = rows.source + (number * rows.source_step) as isize - band.reads.start;
            let column = columns.source - self.window.first_column();
            // Taps that all read padding leave a part without segments, which reads nothing.
            let a = source * self.window.width() as isize + column;
            let a = from.wrapping_offset(a * pixel as isize).wrapping_add(group * read);
            let c = to.wrapping_add((row * width + columns.first) * channels + first);
            for tile in 0..tiles.parts() {
                let at = tiles.first(tile);
                let a = a.wrapping_add(at * stride);
                let work = Tile {
                    k: part.taps_each * read,
                    a: [0, 3, 6, 9].map(|row| a.wrapping_add(row * stride)),
                    a_stride: stride,
                    b: weights,
                    b_stride: vectors * n,
                    c: c.wrapping_add(at * columns.step * channels),
                    c_stride: columns.step * channels,
                    start,
                    last: (end - first).min(vectors * n) - (vectors - 1) * n,
                    finish: Finish::Store,
                };
                let larger = usize::from(tiles.size(tile) == tiles.max());
                // SAFETY: pixels inside the frame, whole rows of weights, pixels of the result.
                unsafe { functions[larger](&work, &part.segments) };
            }
        }
    }
}

impl Part {
    fn new(
        spec: &Conv,
        window: &Window,
        rows: Phase,
        columns: Phase,
        tiles: Cut,
        packed: usize,
    ) -> Part {
        let pixel = window.image[2];
        let taps = rows
            .taps
            .iter()
            .flat_map(|y| columns.taps.iter().map(move |x| y.index * spec.kernel[1] + x.index));
        // Taps that are neighbors make one run of memory, if all channels are read.
        let merged = spec.groups == 1 && columns.is_dense();
        let each = if merged { 1 } else { columns.taps.len() };
        let segments = rows.taps.iter().flat_map(|y| {
            columns.taps[..each.min(columns.taps.len())]
                .iter()
                .map(move |x| (y.delta * window.width() + x.delta) * pixel)
        });
        Part {
            taps: taps.collect(),
            segments: segments.collect(),
            taps_each: if merged { columns.taps.len() } else { 1 },
            rows,
            columns,
            tiles,
            packed,
        }
    }
}

/// How many neighboring pixels are best computed together, where one has so few channels that vectors
/// stay empty: the channels of all make one run of memory, and a run of taps is longer by a stride for
/// each pixel more. It changes no result: what a pixel has no tap for, it multiplies by 0.
fn together<T>(spec: &Conv, horizontal: &[Phase], set: &Set<T>) -> usize {
    match (spec.direction, horizontal) {
        (ConvDirection::Output, [columns]) => {
            super::joined_pixels(spec, columns, set.n, set.max_vectors())
        }
        _ => 1,
    }
}

/// Nanoseconds of work that a piece of an image has at least: rows that two pieces read are framed twice.
const PIECE: f64 = 1000.0;

/// Rows cut into so many pieces, or more, so that the images' rows that a piece reads are not too many.
fn bands(parts: usize, height: usize, vertical: &[Phase], window: &Window) -> Vec<Band> {
    let pieces = |parts: usize| {
        let cut = Cut::into(height, parts);
        (0..cut.parts()).map(move |part| {
            let rows = cut.range(part);
            let reads = hull(vertical.iter().filter_map(|phase| phase.reads(&phase.inside(&rows))));
            Band { rows, reads }
        })
    };
    let mut parts = parts.min(height);
    let row = window.scratch(1);
    while parts < height && pieces(parts).any(|band| band.reads.len() * row > BAND) {
        parts = (2 * parts).min(height);
    }
    pieces(parts).collect()
}

impl<T: Element> Kernel<T> for Gather<T> {
    fn reads(&self) -> Vec<Place> {
        [self.from, self.spec.w].into_iter().chain(self.spec.bias).collect()
    }

    fn writes(&self) -> Vec<Place> {
        vec![self.to]
    }

    fn chunks(&self) -> usize {
        self.spec.batch * self.bands.len()
    }

    fn cost(&self) -> f64 {
        let mut cost = 50.0;
        for part in &self.parts {
            let pixels = (self.spec.batch * part.rows.count) as f64;
            let panels = (self.cut.parts() * self.spec.groups) as f64;
            let vectors = (self.cut.count() * self.spec.groups) as f64;
            let sum = (part.taps.len() * self.channels[0]) as f64;
            let tiles = 10.0 + 2.0 * part.segments.len() as f64;
            cost += pixels * panels * part.tiles.parts() as f64 * tiles;
            let step = step_cost(self.set.level);
            cost += pixels * part.columns.count as f64 * step * vectors * sum;
        }
        cost
    }

    fn scratch(&self) -> usize {
        self.packed + self.starts + self.window.scratch(self.rows())
    }

    unsafe fn run(&self, memory: RawMemory<T>, chunks: Range<usize>, scratch: *mut T, _: Level) {
        // SAFETY: passed on; the bands cover each row once.
        unsafe {
            self.pack(memory, scratch);
            let frame = scratch.add(self.packed + self.starts);
            self.window.clear(self.rows(), frame);
            for chunk in chunks {
                let (image, band) = (chunk / self.bands.len(), chunk % self.bands.len());
                self.band(memory, image, &self.bands[band], scratch.cast_const(), frame);
            }
        }
    }
}
