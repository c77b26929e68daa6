//! Enlarging and reducing by a kernel along rows, then along columns.

use std::collections::VecDeque;

use spusk_graph::Band;

use super::{Picture, Raster, byte};

/// How pixels are made of those near their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// 1 − |x|: a weighted mean of two.
    Bilinear,
    /// Cubic convolution with a = −1/2: four, of which the outer ones sharpen.
    ///
    /// Keys 1981, "Cubic convolution interpolation for digital image processing".
    Bicubic,
}

impl Kernel {
    /// Its name: `bilinear`, `bicubic`.
    pub fn name(self) -> &'static str {
        match self {
            Kernel::Bilinear => "bilinear",
            Kernel::Bicubic => "bicubic",
        }
    }

    /// From where on it is 0.
    fn support(self) -> f64 {
        match self {
            Kernel::Bilinear => 1.0,
            Kernel::Bicubic => 2.0,
        }
    }

    fn at(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Kernel::Bilinear => (1.0 - x).max(0.0),
            Kernel::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Kernel::Bicubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Kernel::Bicubic => 0.0,
        }
    }

    /// What element `i` of `to` is made of, when an axis of `from` elements becomes one of `to`.
    ///
    /// Elements are areas: i stands at (i + ½) · from / to − ½. Where the axis shrinks, the kernel is
    /// stretched by the same factor, so that nothing finer than the new elements is left to alias. At
    /// the ends, weights of elements that are not there go to the others.
    pub(crate) fn band(self, i: usize, from: usize, to: usize) -> Band {
        let scale = from as f64 / to.max(1) as f64;
        let stretch = scale.max(1.0);
        let (center, reach) = ((i as f64 + 0.5) * scale, self.support() * stretch);
        let start = (center - reach + 0.5).floor().max(0.0) as usize;
        let end = ((center + reach + 0.5).floor().max(0.0) as usize).min(from);
        let weights = (start..end).map(|j| self.at((j as f64 + 0.5 - center) / stretch));
        let mut weights: Vec<f64> = weights.collect();
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Band { start, weights }
    }
}

/// The picture with `height` × `width` pixels, its transparency too. Between the two passes nothing is
/// rounded; as many rows are held as the kernel is high.
///
/// With the bicubic kernel it is what Pillow's `resize` makes, but for roundings between the passes.
pub fn resize(picture: &Picture, height: usize, width: usize, kernel: Kernel) -> Picture {
    let alpha = picture.alpha.as_ref().map(|alpha| {
        let plane = Picture { channels: 1, pixels: alpha.clone(), alpha: None, ..*picture };
        resized(&plane, height, width, kernel).pixels
    });
    Picture { alpha, ..resized(picture, height, width, kernel) }
}

fn resized(from: &dyn Raster, height: usize, width: usize, kernel: Kernel) -> Picture {
    let [tall, wide, channels] = from.size();
    let across: Vec<Band> = (0..width).map(|i| kernel.band(i, wide, width)).collect();
    // The rows that are resized along their length, from number `first` on.
    let (mut held, mut first): (VecDeque<Vec<f32>>, usize) = (VecDeque::new(), 0);
    let mut row = vec![0.0; wide * channels];
    let mut pixels = Vec::with_capacity(height * width * channels);
    for y in 0..height {
        let band = kernel.band(y, tall, height);
        while first < band.start {
            held.pop_front();
            first += 1;
        }
        while first + held.len() < band.start + band.weights.len() {
            from.row(first + held.len(), 0, &mut row);
            held.push_back(resized_row(&row, &across, channels));
        }
        let mut sums = vec![0.0f64; width * channels];
        for (weight, row) in band.weights.iter().zip(&held) {
            sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum += weight * f64::from(x));
        }
        pixels.extend(sums.iter().map(|&sum| byte(sum as f32)));
    }
    Picture { height, width, channels, pixels, alpha: None }
}

fn resized_row(row: &[f32], bands: &[Band], channels: usize) -> Vec<f32> {
    let mut to = Vec::with_capacity(bands.len() * channels);
    for band in bands {
        for channel in 0..channels {
            let values = row[band.start * channels + channel..].iter().step_by(channels);
            let terms = band.weights.iter().zip(values);
            to.push(terms.map(|(weight, &x)| weight * f64::from(x)).sum::<f64>() as f32);
        }
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pixels: &[u8]) -> Picture {
        Picture {
            height: 1,
            width: pixels.len(),
            channels: 1,
            pixels: pixels.to_vec(),
            alpha: None,
        }
    }

    #[test]
    fn weights_are_those_of_keys() {
        let inside = Kernel::Bicubic.band(5, 8, 16);
        // The new element stands a quarter of an element behind an old one.
        let want = [-0.0703125, 0.8671875, 0.2265625, -0.0234375];
        assert_eq!(inside.start, 1);
        assert!(inside.weights.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12), "{inside:?}");
        for (from, to) in [(8, 16), (16, 8), (7, 3), (1, 4), (5, 5), (9, 2)] {
            for kernel in [Kernel::Bilinear, Kernel::Bicubic] {
                for i in 0..to {
                    let band = kernel.band(i, from, to);
                    assert!(band.start + band.weights.len() <= from && !band.weights.is_empty());
                    assert!((band.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                }
            }
        }
    }

    /// torch.nn.functional.interpolate(mode="bicubic", antialias=True), rounded.
    #[test]
    fn values_are_those_of_pytorch() {
        let from = line(&[10, 200, 30, 90, 250, 0, 60]);
        let to = |width| resize(&from, 1, width, Kernel::Bicubic).pixels;
        assert_eq!(to(14), [0, 50, 170, 177, 65, 26, 63, 133, 236, 209, 50, 0, 43, 65]);
        assert_eq!(to(3), [90, 122, 75]);
    }

    #[test]
    fn reducing_looks_at_all_pixels() {
        // A pattern of single pixels becomes gray, not black or white.
        let stripes: Vec<u8> = (0..32).map(|i| if i % 2 == 0 { 0 } else { 200 }).collect();
        let small = resize(&line(&stripes), 1, 8, Kernel::Bicubic);
        assert!(small.pixels[1..7].iter().all(|&x| x.abs_diff(100) <= 2), "{:?}", small.pixels);
        assert_eq!(resize(&line(&[10, 30]), 1, 4, Kernel::Bilinear).pixels, [10, 15, 25, 30]);
    }

    #[test]
    fn colors_and_transparency_are_resized_alike() {
        let gray = Picture {
            height: 6,
            width: 5,
            channels: 1,
            pixels: (0..30).map(|i| (i * i % 251) as u8).collect(),
            alpha: None,
        };
        let color = Picture { alpha: Some(gray.pixels.clone()), ..gray.clone().with_channels(3) };
        let (gray, color) =
            (resize(&gray, 13, 4, Kernel::Bicubic), resize(&color, 13, 4, Kernel::Bicubic));
        assert_eq!(color.alpha.as_ref(), Some(&gray.pixels));
        assert_eq!(color.pixels, gray.with_channels(3).pixels);
    }
}
