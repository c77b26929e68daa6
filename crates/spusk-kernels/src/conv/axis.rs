//! One axis of a convolution: which taps an element that is computed sees, and where.

use crate::{Conv, ConvDirection};

/// Elements of an axis that see the same taps: every `step`-th one from the `first` on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phase {
    /// The first element.
    pub(super) first: usize,
    /// From one element to the next.
    pub(super) step: usize,
    /// How many there are.
    pub(super) count: usize,
    /// Where the first element reads for a tap of `delta` 0.
    pub(super) source: isize,
    /// How much farther on the next element reads.
    pub(super) source_step: usize,
    /// The taps, in the order in which they read; none where all read only padding.
    pub(super) taps: Vec<Tap>,
}

/// One tap of an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tap {
    /// How far behind the first tap it reads.
    pub(super) delta: usize,
    /// Its number in the kernel.
    pub(super) index: usize,
}

/// The phases of an axis (0 vertical, 1 horizontal) of what is computed: one if it is the output,
/// one for each residue by the stride if it is the input.
pub(super) fn phases(spec: &Conv, axis: usize) -> Vec<Phase> {
    let (size, out) = (spec.input[axis], spec.output[axis]);
    let (stride, dilation) = (spec.stride[axis], spec.dilation[axis] as isize);
    let padding = spec.padding[axis] as isize;
    let taps = 0..spec.kernel[axis];
    match spec.direction {
        ConvDirection::Output | ConvDirection::Weight => {
            let taps = taps.map(|k| (k as isize * dilation - padding, k)).collect();
            vec![phase([0, 1, out], stride, taps, size)]
        }
        ConvDirection::Input => (0..stride.min(size))
            .map(|first| {
                // Input pixel i meets output pixel (i + padding - k · dilation) / stride.
                let meets = |k: usize| {
                    let at = first as isize + padding - k as isize * dilation;
                    (at.rem_euclid(stride as isize) == 0)
                        .then(|| (at.div_euclid(stride as isize), k))
                };
                let taps = taps.clone().rev().filter_map(meets).collect();
                phase([first, stride, (size - first).div_ceil(stride)], 1, taps, out)
            })
            .collect(),
    }
}

/// `taps`: where the first element reads, ascending, and the tap's number; `size`: of what is read.
fn phase(
    [first, step, count]: [usize; 3],
    source_step: usize,
    mut taps: Vec<(isize, usize)>,
    size: usize,
) -> Phase {
    let way = ((count - 1) * source_step) as isize;
    taps.retain(|&(at, _)| at < size as isize && at + way >= 0);
    let source = taps.first().map_or(0, |&(at, _)| at);
    let tap = |(at, index)| Tap { delta: (at - source) as usize, index };
    let taps = taps.into_iter().map(tap).collect();
    Phase { first, step, count, source, source_step, taps }
}

impl Phase {
    /// Makes so many neighboring elements one: it sees the taps of all. The taps must read neighbors.
    pub(super) fn join(&mut self, elements: usize) {
        let taps = self.taps.len() + (elements - 1) * self.source_step;
        self.taps = (0..taps).map(|delta| Tap { delta, index: delta }).collect();
        self.step *= elements;
        self.count /= elements;
        self.source_step *= elements;
    }

    /// The largest delta.
    pub(super) fn reach(&self) -> usize {
        self.taps.last().map_or(0, |tap| tap.delta)
    }

    /// The elements of the phase (by their number in it) inside a range of the axis.
    pub(super) fn inside(&self, range: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        let number =
            |end: usize| end.saturating_sub(self.first).div_ceil(self.step).min(self.count);
        number(range.start)..number(range.end)
    }

    /// What some elements of the phase read; `None` if nothing.
    pub(super) fn reads(
        &self,
        elements: &std::ops::Range<usize>,
    ) -> Option<std::ops::Range<isize>> {
        if elements.is_empty() || self.taps.is_empty() {
            return None;
        }
        let at = |element: usize| self.source + (element * self.source_step) as isize;
        Some(at(elements.start)..at(elements.end - 1) + self.reach() as isize + 1)
    }

    /// Whether the taps read neighbors.
    pub(super) fn is_dense(&self) -> bool {
        self.taps.iter().enumerate().all(|(i, tap)| tap.delta == i)
    }
}

/// The smallest range that contains all.
pub(super) fn hull(ranges: impl Iterator<Item = std::ops::Range<isize>>) -> std::ops::Range<isize> {
    let both = |a: std::ops::Range<isize>, b: std::ops::Range<isize>| {
        a.start.min(b.start)..a.end.max(b.end)
    };
    ranges.reduce(both).unwrap_or(0..0)
}
