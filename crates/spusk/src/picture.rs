//! Pictures of eight bits a channel: reading and writing files within limits, resizing, noise.

mod file;
mod resize;

pub(crate) use file::decode;
pub use file::{Form, LONGEST_SIDE, MOST_BYTES, header, read};
pub use resize::{Kernel, resize};

use crate::data::random;

/// A picture, gray or in color, perhaps with transparency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture {
    /// Pixels down.
    pub height: usize,
    /// Pixels across.
    pub width: usize,
    /// 1 for gray; 3 for red, green, blue.
    pub channels: usize,
    /// pixels[H, W, C], 0 to 255.
    pub pixels: Vec<u8>,
    /// alpha[H, W], 0 for transparent, where the picture has such.
    pub alpha: Option<Vec<u8>>,
}

/// Values of pixels, row by row, whatever they are stored as.
pub trait Raster {
    /// Height, width, channels.
    fn size(&self) -> [usize; 3];

    /// The values of a part of a row, row[width of the part, C], from 0 to 255 (noise may leave that).
    fn row(&self, y: usize, x: usize, to: &mut [f32]);
}

impl Raster for Picture {
    fn size(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    fn row(&self, y: usize, x: usize, to: &mut [f32]) {
        let start = (y * self.width + x) * self.channels;
        for (to, &value) in to.iter_mut().zip(&self.pixels[start..]) {
            *to = f32::from(value);
        }
    }
}

/// A picture with white Gaussian noise, which is a function of the seed and the place alone.
///
/// It is neither rounded nor kept within 0 to 255, as is usual where networks that take noise away are
/// compared (Zhang et al. 2017).
#[derive(Debug, Clone, Copy)]
pub struct Noisy<'a> {
    /// The clean picture.
    pub picture: &'a Picture,
    /// The standard deviation of the noise.
    pub sigma: f64,
    /// Another seed gives other noise.
    pub seed: u64,
}

impl Raster for Noisy<'_> {
    fn size(&self) -> [usize; 3] {
        self.picture.size()
    }

    fn row(&self, y: usize, x: usize, to: &mut [f32]) {
        self.picture.row(y, x, to);
        let key = random::key(self.seed, "noise of a picture");
        let start = (y * self.picture.width + x) * self.picture.channels;
        for (i, value) in to.iter_mut().enumerate() {
            *value += (self.sigma * random::normal(key, (start + i) as u64)) as f32;
        }
    }
}

/// The nearest of the values that a file can hold.
pub(crate) fn byte(value: f32) -> u8 {
    // A cast of NaN gives 0.
    value.round().clamp(0.0, 255.0) as u8
}

impl Picture {
    /// What a file can hold of other values: rounded and kept within 0 to 255.
    pub fn of(raster: &dyn Raster) -> Picture {
        let [height, width, channels] = raster.size();
        let mut row = vec![0.0; width * channels];
        let mut pixels = Vec::with_capacity(height * width * channels);
        for y in 0..height {
            raster.row(y, 0, &mut row);
            pixels.extend(row.iter().map(|&value| byte(value)));
        }
        Picture { height, width, channels, pixels, alpha: None }
    }

    /// A part of it; what is beyond its edges is left out.
    #[must_use]
    pub fn crop(&self, y: usize, x: usize, height: usize, width: usize) -> Picture {
        let rows = y.min(self.height)..(y + height).min(self.height);
        let (left, right) = (x.min(self.width), (x + width).min(self.width));
        let part = |pixels: &[u8], channels: usize| -> Vec<u8> {
            let row =
                |y: usize| (y * self.width + left) * channels..(y * self.width + right) * channels;
            rows.clone().flat_map(|y| pixels[row(y)].iter().copied()).collect()
        };
        Picture {
            height: rows.len(),
            width: right - left,
            channels: self.channels,
            pixels: part(&self.pixels, self.channels),
            alpha: self.alpha.as_ref().map(|alpha| part(alpha, 1)),
        }
    }

    /// The same picture with so many channels: three equal ones, or the luminance of three (ITU-R BT.601).
    #[must_use]
    pub fn with_channels(self, channels: usize) -> Picture {
        let pixels = match (self.channels, channels) {
            (1, 3) => self.pixels.iter().flat_map(|&gray| [gray; 3]).collect(),
            (3, 1) => {
                let luminance = |rgb: &[u8]| {
                    let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(u32::from);
                    ((299 * r + 587 * g + 114 * b + 500) / 1000) as u8
                };
                self.pixels.chunks_exact(3).map(luminance).collect()
            }
            _ => return self,
        };
        Picture { channels, pixels, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colors() -> Picture {
        Picture {
            height: 2,
            width: 3,
            channels: 3,
            pixels: (0..18).collect(),
            alpha: Some((0..6).collect()),
        }
    }

    #[test]
    fn parts_are_cut_out() {
        let part = colors().crop(1, 1, 9, 1);
        assert_eq!(
            (part.height, part.width, part.pixels, part.alpha),
            (1, 1, vec![12, 13, 14], Some(vec![4]))
        );
        assert!(colors().crop(5, 5, 1, 1).pixels.is_empty());
    }

    #[test]
    fn gray_is_a_color() {
        let gray =
            Picture { pixels: vec![255, 0, 0, 255, 255, 255], width: 2, height: 1, ..colors() };
        let gray = gray.with_channels(1);
        assert_eq!((gray.channels, &gray.pixels[..]), (1, &[76, 255][..]));
        assert_eq!(gray.with_channels(3).pixels, [76, 76, 76, 255, 255, 255]);
    }

    #[test]
    fn noise_depends_on_seed_and_place_alone() {
        let picture =
            Picture { height: 40, width: 50, channels: 1, pixels: vec![100; 2000], alpha: None };
        let noisy = |seed| Noisy { picture: &picture, sigma: 25.0, seed };
        let whole = |seed| {
            let mut values = vec![0.0; 2000];
            values.chunks_mut(50).enumerate().for_each(|(y, row)| noisy(seed).row(y, 0, row));
            values
        };
        let mut part = [0.0; 7];
        noisy(1).row(31, 20, &mut part);
        assert_eq!(part[..], whole(1)[31 * 50 + 20..31 * 50 + 27]);
        assert_ne!(whole(1), whole(2));
        let variance = whole(1).iter().map(|x| f64::from(x - 100.0).powi(2)).sum::<f64>() / 2000.0;
        // Four standard deviations of the variance of 2000 normal numbers.
        assert!((variance / 625.0 - 1.0).abs() < 4.0 * (2.0f64 / 2000.0).sqrt(), "{variance}");
        assert_eq!(Picture::of(&noisy(1)).pixels[0], byte(whole(1)[0]));
        assert_eq!([byte(-3.0), byte(254.5), byte(300.0), byte(f32::NAN)], [0, 255, 255, 0]);
    }
}
