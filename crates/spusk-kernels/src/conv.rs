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
        ConvDirection::Output | ConvDirection::Input => gather::prepare(spec, level),
    })
}

/// About how many nanoseconds a fused multiply-add of vectors takes.
fn step_cost(level: Level) -> f64 {
    match level {
        Level::Portable if cfg!(target_arch = "x86_64") => 10.0,
        _ => 0.19,
    }
}
