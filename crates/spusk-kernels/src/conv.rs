//! A convolution in its three directions, without an unfolded copy of the images.
//!
//! Channels lie next to each other. So for one row of taps, what an output pixel reads is a run of
//! memory, and the next output pixel reads a run a fixed distance on: the tiles of the matrix product
//! take the image as it stands. Only where taps reach over its edge, a few rows at a time are copied
//! into a frame of zeros, in memory of the thread.

mod axis;
mod check;
mod depthwise;
mod gather;
mod spread;
#[cfg(test)]
mod tests;
mod weight;
mod window;

use crate::kernel::Kernel;
use crate::{Conv, ConvDirection, Element, Level};

/// Elements of images that a thread works on at a time: well inside the second-level cache.
const BAND: usize = 24 * 1024;

/// Chunks that a convolution is cut into, at least, where the shape allows.
const CHUNKS: usize = 8;

pub(crate) fn prepare<T: Element>(spec: &Conv, level: Level) -> Result<Box<dyn Kernel<T>>, String> {
    check::check(spec)?;
    let depthwise = spec.groups == spec.input[2] && spec.groups == spec.output[2];
    Ok(match spec.direction {
        _ if depthwise && spec.groups > 1 => depthwise::prepare(spec, level),
        ConvDirection::Weight => weight::prepare(spec, level),
        ConvDirection::Output | ConvDirection::Input => match spread::apart(spec) {
            Some(apart) => spread::prepare(spec, apart, level),
            None => gather::prepare(spec, level),
        },
    })
}

/// How many neighboring output pixels to take as the channels of one, for vectors of `lanes` numbers
/// and at most so many of them: the channels of all are one run of memory, and the run of taps that
/// they see is longer by a stride for each pixel more. 1 where that does not pay.
fn joined_pixels(spec: &Conv, columns: &axis::Phase, lanes: usize, max_vectors: usize) -> usize {
    let every_tap = columns.taps.len() == spec.kernel[1];
    if spec.groups > 1 || !every_tap || !columns.is_dense() {
        return 1;
    }
    let vectors = |pixels: usize| (pixels * spec.output[2]).div_ceil(lanes);
    // Vectors and taps for each pixel.
    let cost = |pixels: usize| {
        let taps = spec.kernel[1] + (pixels - 1) * spec.stride[1];
        (vectors(pixels) * taps) as f64 / pixels as f64
    };
    let fits =
        |&pixels: &usize| columns.count.is_multiple_of(pixels) && vectors(pixels) <= max_vectors;
    let best = (2..=8).filter(fits).min_by(|&a, &b| cost(a).total_cmp(&cost(b)));
    best.filter(|&pixels| cost(pixels) < 0.85 * cost(1)).unwrap_or(1)
}

/// About how many nanoseconds a fused multiply-add of vectors takes.
fn step_cost(level: Level) -> f64 {
    match level {
        Level::Portable if cfg!(target_arch = "x86_64") => 10.0,
        _ => 0.19,
    }
}
