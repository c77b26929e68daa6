//! How near a picture is to the true one.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::json_number;
use crate::picture::Raster;

/// Likeness of two pictures.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Likeness {
    /// Peak signal-to-noise ratio in dB: 10 · log₁₀(255² / mean squared error). Infinite for equal
    /// pictures.
    #[serde(with = "json_number")]
    pub psnr: f64,
    /// Structural similarity, 1 for equal pictures; absent below 11 × 11 pixels.
    #[serde(with = "json_number")]
    pub ssim: Option<f64>,
}

impl Likeness {
    /// Of two pictures of one size; `None` if they differ in it. They are read row by row.
    ///
    /// ```
    /// use spusk::metrics::Likeness;
    /// use spusk::picture::Picture;
    ///
    /// let flat = |value| Picture {
    ///     height: 12,
    ///     width: 12,
    ///     channels: 1,
    ///     pixels: vec![value; 144],
    ///     alpha: None,
    /// };
    /// let near = Likeness::of(&flat(100), &flat(110)).expect("one size");
    /// assert!((near.psnr - 28.13).abs() < 0.01);
    /// ```
    pub fn of(picture: &dyn Raster, truth: &dyn Raster) -> Option<Likeness> {
        if picture.size() != truth.size() {
            return None;
        }
        let mse = mean_squared_error(picture, truth);
        Some(Likeness { psnr: 10.0 * (PEAK * PEAK / mse).log10(), ssim: ssim(picture, truth) })
    }
}

/// White.
const PEAK: f64 = 255.0;

fn mean_squared_error(a: &dyn Raster, b: &dyn Raster) -> f64 {
    let [height, width, channels] = a.size();
    let (mut left, mut right) = (vec![0.0; width * channels], vec![0.0; width * channels]);
    let mut sum = 0.0;
    for y in 0..height {
        a.row(y, 0, &mut left);
        b.row(y, 0, &mut right);
        sum += left.iter().zip(&right).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
    }
    sum / (height * width * channels).max(1) as f64
}

/// Side of the window, and the standard deviation of its weights.
const WINDOW: usize = 11;
const DEVIATION: f64 = 1.5;
/// (0.01 · 255)² and (0.03 · 255)²: what keeps flat places from being divided by 0.
const C1: f64 = 6.5025;
const C2: f64 = 58.5225;

/// The mean of the index over all windows that lie within the pictures, and over channels.
///
/// Wang, Bovik, Sheikh & Simoncelli 2004, "Image quality assessment: from error visibility to structural
/// similarity": weights of an 11 × 11 Gaussian window with σ = 1.5, K₁ = 0.01, K₂ = 0.03.
fn ssim(a: &dyn Raster, b: &dyn Raster) -> Option<f64> {
    let [height, width, channels] = a.size();
    if height < WINDOW || width < WINDOW || channels == 0 {
        return None;
    }
    let weights = weights();
    let (mut left, mut right) = (vec![0.0; width * channels], vec![0.0; width * channels]);
    // Of each row the weighted sums along it: means, squares and the product of both pictures.
    let mut held: VecDeque<Vec<[f64; 5]>> = VecDeque::new();
    let (mut sum, mut count) = (0.0, 0u64);
    for y in 0..height {
        a.row(y, 0, &mut left);
        b.row(y, 0, &mut right);
        let moments = |i: usize| {
            let [x, y] = [left[i], right[i]].map(f64::from);
            [x, y, x * x, y * y, x * y]
        };
        let along = |i: usize| {
            let places = weights.iter().enumerate();
            places.fold([0.0; 5], |sums, (k, w)| added(sums, *w, moments(i + k * channels)))
        };
        if held.len() == WINDOW {
            held.pop_front();
        }
        held.push_back((0..(width - WINDOW + 1) * channels).map(along).collect());
        if held.len() < WINDOW {
            continue;
        }
        for i in 0..(width - WINDOW + 1) * channels {
            let rows = weights.iter().zip(&held);
            sum += index(rows.fold([0.0; 5], |sums, (w, row)| added(sums, *w, row[i])));
            count += 1;
        }
    }
    Some(sum / count as f64)
}

fn weights() -> [f64; WINDOW] {
    let middle = (WINDOW / 2) as f64;
    let weight = |i: usize| (-(i as f64 - middle).powi(2) / (2.0 * DEVIATION * DEVIATION)).exp();
    let weights: [f64; WINDOW] = std::array::from_fn(weight);
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

fn added(sums: [f64; 5], weight: f64, of: [f64; 5]) -> [f64; 5] {
    std::array::from_fn(|i| sums[i] + weight * of[i])
}

/// From the window's means of x, y, x², y² and xy.
fn index([x, y, xx, yy, xy]: [f64; 5]) -> f64 {
    let (variances, covariance) = (xx - x * x + yy - y * y, xy - x * y);
    ((2.0 * x * y + C1) * (2.0 * covariance + C2)) / ((x * x + y * y + C1) * (variances + C2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;

    fn picture(channels: usize, value: impl Fn(usize) -> u8) -> Picture {
        let pixels = (0..15 * 13 * channels).map(value).collect();
        Picture { height: 15, width: 13, channels, pixels, alpha: None }
    }

    #[test]
    fn equal_pictures_are_alike() {
        let one = picture(3, |i| (i * i % 251) as u8);
        let found = Likeness::of(&one, &one).expect("one size");
        assert_eq!(found.psnr, f64::INFINITY);
        assert!((found.ssim.expect("large enough") - 1.0).abs() < 1e-12);
        assert_eq!(Likeness::of(&one, &picture(1, |_| 0)), None);
        let small = one.crop(0, 0, 10, 13);
        assert_eq!(Likeness::of(&small, &small).and_then(|found| found.ssim), None);
    }

    /// Of flat pictures only the means count: (2·100·150 + C1) / (100² + 150² + C1).
    #[test]
    fn flat_pictures_differ_by_their_means() {
        let found = Likeness::of(&picture(1, |_| 100), &picture(1, |_| 150)).expect("one size");
        let want = (2.0 * 100.0 * 150.0 + C1) / (100.0f64.powi(2) + 150.0f64.powi(2) + C1);
        assert!((found.ssim.expect("large enough") - want).abs() < 1e-9);
        assert!((found.psnr - 20.0 * (255.0f64 / 50.0).log10()).abs() < 1e-9);
    }

    /// The definition, window by window.
    #[test]
    fn windows_are_weighted_by_a_gaussian() {
        let (a, b) =
            (picture(1, |i| (i * 37 % 256) as u8), picture(1, |i| (i * 37 % 256 / 2 + 40) as u8));
        let mut total = 0.0;
        for top in 0..5 {
            for left in 0..3 {
                let (mut sums, mut all) = ([0.0; 5], 0.0);
                for y in 0..WINDOW {
                    for x in 0..WINDOW {
                        let away = (y as f64 - 5.0).powi(2) + (x as f64 - 5.0).powi(2);
                        let weight = (-away / 4.5).exp();
                        let place = (top + y) * 13 + left + x;
                        let [p, q] = [a.pixels[place], b.pixels[place]].map(f64::from);
                        sums = added(sums, weight, [p, q, p * p, q * q, p * q]);
                        all += weight;
                    }
                }
                total += index(sums.map(|sum| sum / all));
            }
        }
        let found = Likeness::of(&a, &b).and_then(|found| found.ssim).expect("large enough");
        assert!((found - total / 15.0).abs() < 1e-10, "{found} {}", total / 15.0);
    }
}
