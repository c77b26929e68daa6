//! Images above what an autoencoder gives back of them.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::base64;
use super::draw::sheet::{Sheet, WIDTH};
use super::draw::svg::{Anchor, Svg, group, rect, text};
use super::mistakes::tile_image;
use crate::messages::{self as say, Language, Said};
use crate::metrics::json_number;

/// Most images drawn.
const MOST: usize = 40;

/// Images, and below each what is given back of it.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{Plot, Reconstructed, Reconstructions};
///
/// let image = Reconstructed {
///     width: 2,
///     height: 1,
///     channels: 1,
///     original: vec![0, 255],
///     given_back: vec![30, 200],
///     error: 0.1,
/// };
/// let picture = Reconstructions { images: vec![image], ..Reconstructions::default() };
/// assert_eq!(picture.draw(Language::English).standalone().matches("data:image/png;base64,").count(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reconstructions {
    /// Heading.
    pub title: Said,
    /// The images.
    pub images: Vec<Reconstructed>,
}

/// An image and what is given back of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reconstructed {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// 1 for gray, 3 for red, green, blue.
    pub channels: usize,
    /// original[H, W, C], 0 black to 255. In JSON as base64.
    #[serde(with = "base64")]
    pub original: Vec<u8>,
    /// given_back[H, W, C], as the original.
    #[serde(with = "base64")]
    pub given_back: Vec<u8>,
    /// The mean squared error, as the network sees the pixels.
    #[serde(with = "json_number")]
    pub error: f64,
}

impl Default for Reconstructions {
    fn default() -> Self {
        let title = Said::new(say::picture_reconstructions);
        Reconstructions { title, images: Vec::new() }
    }
}

const TILE: f64 = 76.0;
const SIDE: f64 = 68.0;
const TALL: f64 = 168.0;

impl Plot for Reconstructions {
    const NAME: &'static str = "reconstructions";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let (left, room) = sheet.inner();
        let columns = ((room + TILE - SIDE) / TILE).floor().max(1.0) as usize;
        for row in self.images[..self.images.len().min(MOST)].chunks(columns) {
            let strip = sheet.strip(TALL);
            for (i, image) in row.iter().enumerate() {
                let (x, y) = (left + i as f64 * TILE, strip.y + 4.0);
                let error = l.significant(image.error, 3);
                let mut tile = group().tip(&say::picture_error(l, &error));
                for (pixels, y) in [(&image.original, y), (&image.given_back, y + SIDE + 4.0)] {
                    tile = tile.child(rect(x, y, SIDE, SIDE).class("block"));
                    let size = [image.width, image.height, image.channels];
                    if let Some(element) = tile_image(pixels, size, [x, y, SIDE]) {
                        tile = tile.child(element);
                    }
                }
                let (x, y) = (x + SIDE / 2.0, y + 2.0 * SIDE + 19.0);
                tile = tile.child(text(x, y, Anchor::Middle, &error).class("soft small"));
                sheet.svg.add(tile);
            }
        }
        if self.images.is_empty() {
            sheet.note(&say::picture_nothing(l));
        }
        if self.images.len() > MOST {
            let all = l.count(self.images.len() as u64);
            sheet.note(&say::picture_first_shown(l, MOST, all));
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Reconstructions)> {
        tests::samples()
    }
}

impl Reconstructions {
    fn describe(&self, l: Language) -> String {
        let errors: Vec<f64> = self.images.iter().map(|image| image.error).collect();
        let mean = errors.iter().sum::<f64>() / errors.len().max(1) as f64;
        let images = l.count(self.images.len() as u64);
        say::picture_reconstructions_about(l, images, l.significant(mean, 3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(side: usize, channels: usize, i: usize) -> Reconstructed {
        let pixels = |blur: usize| {
            let value = |place: usize| ((place / channels * (i + 3) / blur) % 256) as u8;
            (0..side * side * channels).map(value).collect()
        };
        Reconstructed {
            width: side,
            height: side,
            channels,
            original: pixels(1),
            given_back: pixels(2),
            error: 0.01 * i as f64,
        }
    }

    pub(super) fn samples() -> Vec<(&'static str, Reconstructions)> {
        let with =
            |images: Vec<Reconstructed>| Reconstructions { images, ..Reconstructions::default() };
        let damaged = Reconstructed { given_back: vec![1], error: f64::NAN, ..image(8, 1, 1) };
        vec![
            ("digits", with((0..20).map(|i| image(28, 1, i)).collect())),
            ("colors", with((0..5).map(|i| image(200, 3, i)).collect())),
            ("odd", with(vec![damaged, image(4, 2, 2), Reconstructed::default()])),
            ("fifty", with((0..50).map(|i| image(4, 1, i)).collect())),
            ("none", with(vec![])),
        ]
    }
}
