//! Parts of pictures as they were given, as they were restored, and as they truly are.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::base64;
use super::draw::sheet::{Sheet, WIDTH};
use super::draw::svg::{Anchor, Svg, group, rect, text};
use super::draw::text::fit;
use super::mistakes::tile_image;
use crate::messages::{self as say, Language, Said};
use crate::metrics::Likeness;

/// A row for each picture: what was given, what was made of it, the truth.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{ComparedImage, ComparedPicture, Comparison, Plot};
///
/// let image = |label: &str, pixels: [u8; 2]| ComparedImage {
///     label: label.into(),
///     height: 1,
///     width: 2,
///     channels: 1,
///     pixels: pixels.into(),
///     likeness: None,
/// };
/// let images = vec![image("noisy", [9, 250]), image("true", [0, 255])];
/// let picture = ComparedPicture { name: "a.png".into(), images };
/// let comparison = Comparison { pictures: vec![picture], ..Comparison::default() };
/// assert_eq!(comparison.draw(Language::English).standalone().matches("data:image/png;base64,").count(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Comparison {
    /// Heading.
    pub title: Said,
    /// The pictures.
    pub pictures: Vec<ComparedPicture>,
}

/// A part of a picture in several forms.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ComparedPicture {
    /// The file.
    pub name: String,
    /// The forms, the truth last.
    pub images: Vec<ComparedImage>,
}

/// A small image with a caption.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ComparedImage {
    /// What it is.
    pub label: Said,
    /// Pixels down.
    pub height: usize,
    /// Pixels across.
    pub width: usize,
    /// 1 for gray, 3 for red, green, blue.
    pub channels: usize,
    /// pixels[H, W, C], 0 black to 255. In JSON as base64.
    #[serde(with = "base64")]
    pub pixels: Vec<u8>,
    /// How near this part is to the truth.
    pub likeness: Option<Likeness>,
}

impl Default for Comparison {
    fn default() -> Self {
        Comparison { title: Said::new(say::picture_comparison), pictures: Vec::new() }
    }
}

/// Most pictures, and most images of each.
const MOST: usize = 8;
const MOST_IMAGES: usize = 5;
const GAP: f64 = 8.0;
/// A tile is not larger.
const LARGEST: f64 = 220.0;

impl Plot for Comparison {
    const NAME: &'static str = "comparison";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let (left, room) = sheet.inner();
        for picture in &self.pictures[..self.pictures.len().min(MOST)] {
            let images = &picture.images[..picture.images.len().min(MOST_IMAGES)];
            let columns = images.len().max(1) as f64;
            let side = ((room - (columns - 1.0) * GAP) / columns).min(LARGEST).floor();
            let strip = sheet.strip(side + 58.0);
            let (name, y) = (fit(&picture.name, 12.0, room), strip.y + 14.0);
            sheet.svg.add(text(left, y, Anchor::Start, &name).class("strong"));
            for (i, image) in images.iter().enumerate() {
                let (x, y) = (left + i as f64 * (side + GAP), strip.y + 22.0);
                let caption = image.caption(l);
                let mut tile = group().tip(&format!("{}, {caption}", picture.name));
                tile = tile.child(rect(x, y, side, side).class("block"));
                let size = [image.width, image.height, image.channels];
                if let Some(element) = tile_image(&image.pixels, size, [x, y, side]) {
                    tile = tile.child(element);
                }
                let (x, y) = (x + side / 2.0, y + side + 16.0);
                let caption = fit(&caption, 11.0, side);
                tile = tile.child(text(x, y, Anchor::Middle, &caption).class("soft small"));
                sheet.svg.add(tile);
            }
        }
        if self.pictures.is_empty() {
            sheet.note(&say::picture_nothing(l));
        }
        if self.pictures.len() > MOST {
            let all = l.count(self.pictures.len() as u64);
            sheet.note(&say::picture_first_shown(l, MOST, all));
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Comparison)> {
        tests::samples()
    }
}

impl Comparison {
    fn describe(&self, l: Language) -> String {
        let mut words = say::picture_comparison_about(l, l.count(self.pictures.len() as u64));
        for picture in self.pictures.iter().take(MOST) {
            let captions: Vec<String> =
                picture.images.iter().map(|image| image.caption(l)).collect();
            words += &format!(" {}: {}.", picture.name, captions.join("; "));
        }
        words
    }
}

impl ComparedImage {
    fn caption(&self, l: Language) -> String {
        match self.likeness {
            Some(likeness) if likeness.psnr.is_finite() => {
                say::picture_decibels(l, self.label.in_language(l), l.significant(likeness.psnr, 3))
            }
            _ => self.label.in_language(l).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(label: &str, side: usize, channels: usize, psnr: Option<f64>) -> ComparedImage {
        ComparedImage {
            label: label.into(),
            height: side,
            width: side,
            channels,
            pixels: (0..side * side * channels).map(|i| (i * 31 % 256) as u8).collect(),
            likeness: psnr.map(|psnr| Likeness { psnr, ssim: Some(0.9) }),
        }
    }

    pub(super) fn samples() -> Vec<(&'static str, Comparison)> {
        let row = |name: &str, sides: &[usize], channels| ComparedPicture {
            name: name.into(),
            images: sides
                .iter()
                .enumerate()
                .map(|(i, &side)| image("network", side, channels, Some(20.0 + i as f64)))
                .collect(),
        };
        let with =
            |pictures: Vec<ComparedPicture>| Comparison { pictures, ..Comparison::default() };
        let damaged = ComparedImage { pixels: vec![1], ..image("damaged", 9, 1, Some(f64::NAN)) };
        vec![
            (
                "denoised",
                with(vec![row("a.png", &[96, 96, 96], 3), row("b.png", &[96, 96, 96], 3)]),
            ),
            ("enlarged", with(vec![row("a.png", &[48, 96, 96, 96, 96], 1)])),
            (
                "odd",
                with(vec![
                    ComparedPicture {
                        name: "long".repeat(200),
                        images: vec![damaged, ComparedImage::default()],
                    },
                    ComparedPicture::default(),
                ]),
            ),
            ("many", with((0..20).map(|_| row("c.png", &[4, 4, 4, 4, 4, 4, 4], 1)).collect())),
            ("none", with(vec![])),
        ]
    }
}
