//! Pictures cut into patches, which a network restores: from noise, or from a smaller picture.
//!
//! ```text
//! folder ──read──▶ sheets (pictures, or strips of few) ──dealt──▶ train, validation, test
//!                                                             └──drawn──▶ patches, spoiled and whole
//! ```
//!
//! A training patch — which picture, which place, how it is turned, which noise — is a pure function of
//! seed, epoch and position; a validation or test patch of seed and row. Pixels stay bytes, in memory or
//! in a temporary file, so memory does not grow with the folder.

mod album;
mod draw;
mod open;

pub(crate) use album::pictures_of;
pub(crate) use draw::Patches;
pub(super) use open::prepare;

use serde::{Deserialize, Serialize};

use super::error::short;
use super::preprocessing::{PixelScale, is_pixel_scale};

/// How a picture is spoiled for the network to restore.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Degradation {
    /// White Gaussian noise is added.
    Noise {
        /// Its standard deviation, in steps of 255.
        sigma: f64,
    },
    /// It is reduced by the bicubic kernel, without aliasing, and rounded to whole steps.
    Reduced {
        /// How many times as low and as narrow.
        factor: usize,
    },
}

impl Degradation {
    /// How many times as high and as wide the network makes a picture.
    pub fn factor(&self) -> usize {
        match *self {
            Degradation::Noise { .. } => 1,
            Degradation::Reduced { factor } => factor,
        }
    }
}

/// Patches of pictures as a network sees them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatchInputs {
    /// The shape [H, W, C] of a spoiled patch, and the scale of all pixels.
    pub scale: PixelScale,
    /// What the network undoes.
    pub degradation: Degradation,
}

/// Patches are not larger.
const LARGEST_PATCH: usize = 512;
/// The highest factor of enlarging.
const LARGEST_FACTOR: usize = 8;
/// The strongest noise.
const STRONGEST_NOISE: f64 = 255.0;

impl PatchInputs {
    /// The shape [H, W, C] of a whole patch.
    pub fn target_shape(&self) -> Vec<usize> {
        let factor = self.degradation.factor();
        match self.scale.shape[..] {
            [height, width, channels] => vec![height * factor, width * factor, channels],
            _ => Vec::new(),
        }
    }

    /// Channels of the pictures that the network sees.
    pub fn channels(&self) -> usize {
        self.scale.shape.last().copied().unwrap_or(1)
    }

    pub(super) fn describe(&self) -> Vec<String> {
        let scale = &self.scale;
        let what = match self.degradation {
            Degradation::Noise { sigma } => format!("with noise of σ = {}", short(sigma)),
            Degradation::Reduced { factor } => format!("reduced by {factor}, bicubic"),
        };
        vec![format!(
            "patches, {} {what}: (x − {}) / {}, one scale for all",
            scale.describe_shape(),
            short(scale.mean),
            short(scale.std)
        )]
    }

    /// What is wrong with a saved form.
    pub(super) fn validate(&self) -> Result<(), String> {
        let shape_is_sound = matches!(self.scale.shape[..], [height, width, 1 | 3]
            if height == width && (1..=LARGEST_PATCH).contains(&height));
        let kind_is_sound = match self.degradation {
            Degradation::Noise { sigma } => sigma > 0.0 && sigma <= STRONGEST_NOISE,
            Degradation::Reduced { factor } => (2..=LARGEST_FACTOR).contains(&factor),
        };
        match shape_is_sound && kind_is_sound && is_pixel_scale(self.scale.mean, self.scale.std) {
            true => Ok(()),
            false => Err(format!("got patches {self:?}")),
        }
    }
}

/// How pictures are spoiled and cut.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PatchOptions {
    /// The standard deviation of the noise, in steps of 255; 25 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma: Option<f64>,
    /// How many times pictures are enlarged; 2 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<usize>,
    /// The side of a whole patch; 40 when absent, and when enlarging 48 or near it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<usize>,
    /// Patches drawn in an epoch; 2048 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
}

/// Patches of an epoch where nobody says how many.
const USUAL_COUNT: usize = 2048;
