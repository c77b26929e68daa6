//! One scale for all numbers of a row.

use super::{FARTHEST, PixelScale, is_scale};
use crate::data::error::counted;

impl PixelScale {
    /// Numbers of one row.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }

    /// The network's input for a raw number.
    pub fn encode(&self, raw: f32) -> f32 {
        self.rounded().encode(raw)
    }

    /// The network's inputs for raw bytes.
    pub(crate) fn encode_bytes(&self, raw: &[u8], inputs: &mut [f32]) {
        let scale = self.rounded();
        for (input, &raw) in inputs.iter_mut().zip(raw) {
            *input = scale.encode(f32::from(raw));
        }
    }

    /// The network's inputs for raw numbers.
    pub(crate) fn encode_floats(&self, raw: &[f32], inputs: &mut [f32]) {
        let scale = self.rounded();
        for (input, &raw) in inputs.iter_mut().zip(raw) {
            *input = scale.encode(raw);
        }
    }

    fn rounded(&self) -> RoundedScale {
        RoundedScale { mean: self.mean as f32, factor: (1.0 / self.std) as f32 }
    }

    /// The raw number of a network's input, for pictures.
    pub fn decode(&self, input: f32) -> f64 {
        f64::from(input) * self.std + self.mean
    }

    pub(crate) fn describe_shape(&self) -> String {
        match self.shape.as_slice() {
            [height, width, 1] => format!("gray images of {height} × {width} pixels"),
            [height, width, 3] => format!("color images of {height} × {width} pixels"),
            [count] => counted(*count as u64, "number"),
            shape => format!("numbers of shape {shape:?}"),
        }
    }
}

/// The scale in the numbers of the network. All pixels go this one way, so that bytes and floats of
/// the same value become the same bits.
struct RoundedScale {
    mean: f32,
    factor: f32,
}

impl RoundedScale {
    fn encode(&self, raw: f32) -> f32 {
        ((raw - self.mean) * self.factor).clamp(-FARTHEST as f32, FARTHEST as f32)
    }
}

/// As [`is_scale`], in the numbers of the network.
pub(crate) fn is_pixel_scale(mean: f64, std: f64) -> bool {
    is_scale(mean, std) && (mean as f32).is_finite() && (1.0 / std) < f64::from(f32::MAX)
}
