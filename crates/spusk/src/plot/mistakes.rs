//! The worst mistakes among images.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::base64;
use super::draw::png::{Pixels, data_uri};
use super::draw::sheet::{Sheet, WIDTH};
use super::draw::svg::{Anchor, Element, Svg, group, rect, text};
use super::draw::text::fit;
use crate::messages::{self as say, Language, Said};
use crate::metrics::json_number;

/// Most images drawn.
const MOST: usize = 60;

/// Longest side of an embedded image, in its own pixels; larger ones are shrunk.
const LONGEST: usize = 128;

/// A grid of images with what they are and what they were taken for.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{MistakeImage, Mistakes, Plot};
///
/// let image = MistakeImage {
///     width: 2,
///     height: 2,
///     channels: 1,
///     pixels: vec![0, 255, 255, 0],
///     label: "4".into(),
///     predicted: "9".into(),
///     ..MistakeImage::default()
/// };
/// let picture = Mistakes { images: vec![image], ..Mistakes::default() };
/// assert!(picture.draw(Language::English).standalone().contains("data:image/png;base64,"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mistakes {
    /// Heading.
    pub title: Said,
    /// The images, worst first.
    pub images: Vec<MistakeImage>,
}

/// An image that was named wrongly.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MistakeImage {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// 1 for gray, 3 for red, green, blue.
    pub channels: usize,
    /// pixels[H, W, C], 0 black to 255. In JSON as base64.
    #[serde(with = "base64")]
    pub pixels: Vec<u8>,
    /// Its class.
    pub label: String,
    /// What it was called.
    pub predicted: String,
    /// Probability of that wrong class.
    #[serde(with = "json_number")]
    pub confidence: Option<f64>,
    /// Which example it is.
    pub row: u64,
}

impl Default for Mistakes {
    fn default() -> Self {
        Mistakes { title: Said::new(say::picture_mistakes), images: Vec::new() }
    }
}

const TILE: f64 = 112.0;
const SIDE: f64 = 96.0;
const TALL: f64 = 173.0;

impl Plot for Mistakes {
    const NAME: &'static str = "mistakes";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let (left, room) = sheet.inner();
        let columns = ((room + TILE - SIDE) / TILE).floor().max(1.0) as usize;
        for row in self.images[..self.images.len().min(MOST)].chunks(columns) {
            let strip = sheet.strip(TALL);
            for (i, image) in row.iter().enumerate() {
                let tile = image.tile(left + i as f64 * TILE, strip.y + 4.0, l);
                sheet.svg.add(tile);
            }
        }
        if self.images.is_empty() {
            sheet.note(&say::picture_no_mistakes(l));
        }
        if self.images.len() > MOST {
            sheet.note(&say::picture_first_shown(l, MOST, self.images.len()));
        }
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Mistakes)> {
        tests::samples()
    }
}

impl Mistakes {
    fn describe(&self, l: Language) -> String {
        let mut words = say::picture_mistakes_about(l, self.images.len());
        for image in self.images.iter().take(12) {
            words += " ";
            words += &say::picture_taken_for(l, &image.label, &image.predicted);
        }
        words
    }
}

impl MistakeImage {
    fn tile(&self, x: f64, y: f64, l: Language) -> Element {
        let sure = self.confidence.filter(|share| share.is_finite());
        let sure = sure.map(|share| say::picture_sure(l, l.percent(share, 1)));
        let mut tip = say::picture_mistake(l, l.count(self.row), &self.label, &self.predicted);
        if let Some(sure) = &sure {
            tip += &format!(", {sure}");
        }
        let mut tile = group().tip(&tip).child(rect(x, y, SIDE, SIDE).class("block"));
        tile = tile.child(self.image(x, y).unwrap_or_else(|| {
            let (x, y) = (x + SIDE / 2.0, y + SIDE / 2.0 + 4.0);
            text(x, y, Anchor::Middle, &say::picture_no_image(l)).class("soft small")
        }));
        let lines = [
            (say::picture_is(l, &self.label), "strong"),
            (say::picture_is_called(l, &self.predicted), ""),
            (sure.unwrap_or_default(), "soft small"),
            (say::picture_example(l, l.count(self.row)), "soft small"),
        ];
        for (i, (words, class)) in lines.iter().enumerate() {
            let y = y + SIDE + 15.0 * (i + 1) as f64;
            let words = fit(words, 12.0, SIDE + 8.0);
            tile = tile.child(text(x, y, Anchor::Start, &words).class(class));
        }
        tile
    }

    fn image(&self, x: f64, y: f64) -> Option<Element> {
        tile_image(&self.pixels, [self.width, self.height, self.channels], [x, y, SIDE])
    }
}

/// An image pixels[H, W, C] of `[width, height, channels]` in a square at `[x, y, side]`; `None` where the
/// pixels are no image.
pub(super) fn tile_image(
    pixels: &[u8],
    [width, height, channels]: [usize; 3],
    [x, y, side]: [f64; 3],
) -> Option<Element> {
    let kind = match channels {
        1 => Pixels::Gray,
        3 => Pixels::Rgb,
        _ => return None,
    };
    let (width, height, pixels) = shrunk(pixels, [width, height, channels])?;
    let address = data_uri(width, height, kind, &pixels)?;
    let scale = side / width.max(height) as f64;
    let (wide, tall) = (scale * width as f64, scale * height as f64);
    let image = Element::new("image")
        .at("x", x + (side - wide) / 2.0)
        .at("y", y + (side - tall) / 2.0)
        .at("width", wide)
        .at("height", tall);
    Some(image.class("pixels").with("href", &address))
}

/// The image with no side longer than [`LONGEST`], each pixel the mean of those it stands for.
/// `None` if the pixels are fewer than announced.
fn shrunk(pixels: &[u8], [width, height, channels]: [usize; 3]) -> Option<(usize, usize, Vec<u8>)> {
    let wanted = width.checked_mul(height)?.checked_mul(channels)?;
    if wanted == 0 || pixels.len() < wanted {
        return None;
    }
    let every = width.max(height).div_ceil(LONGEST);
    if every == 1 {
        return Some((width, height, pixels[..wanted].to_vec()));
    }
    let (wide, tall) = (width.div_ceil(every), height.div_ceil(every));
    let mut small = Vec::with_capacity(wide * tall * channels);
    for y in 0..tall {
        for x in 0..wide {
            for channel in 0..channels {
                let rows = y * every..((y + 1) * every).min(height);
                let columns = x * every..((x + 1) * every).min(width);
                let place = |y: usize, x: usize| (y * width + x) * channels + channel;
                let values = rows.flat_map(|y| columns.clone().map(move |x| place(y, x)));
                let (sum, n) = values.fold((0_u64, 0_u64), |(sum, n), place| {
                    (sum + u64::from(pixels[place]), n + 1)
                });
                small.push(((sum + n / 2) / n.max(1)) as u8);
            }
        }
    }
    Some((wide, tall, small))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: usize, height: usize, channels: usize, i: usize) -> MistakeImage {
        let value = |place: usize| {
            let (x, y) = (place / channels % width, place / channels / width);
            let (dx, dy) = (x as f64 / width as f64 - 0.5, y as f64 / height as f64 - 0.5);
            let ring = ((dx * dx + dy * dy).sqrt() - 0.1 - 0.03 * (i % 8) as f64).abs();
            (255.0 * (1.0 - 6.0 * ring).max(0.0)) as u8 / (1 + (place % channels) as u8)
        };
        MistakeImage {
            width,
            height,
            channels,
            pixels: (0..width * height * channels).map(value).collect(),
            label: (i % 10).to_string(),
            predicted: (i * 7 % 10).to_string(),
            confidence: Some(1.0 - i as f64 / 100.0),
            row: i as u64 * 37,
        }
    }

    pub(super) fn samples() -> Vec<(&'static str, Mistakes)> {
        let with = |images: Vec<MistakeImage>| Mistakes { images, ..Mistakes::default() };
        let long = MistakeImage {
            label: "an Alaskan tundra wolf".into(),
            predicted: "a Siberian husky of the older kind".into(),
            ..image(300, 200, 3, 3)
        };
        let damaged = MistakeImage { pixels: vec![1, 2, 3], ..image(8, 8, 1, 4) };
        let strange = MistakeImage { channels: 2, confidence: Some(f64::NAN), ..image(8, 8, 2, 4) };
        vec![
            ("digits", with((0..24).map(|i| image(8, 8, 1, i)).collect())),
            ("mnist", with((0..12).map(|i| image(28, 28, 1, i)).collect())),
            ("colors", with((0..7).map(|i| image(32, 32, 3, i)).collect())),
            (
                "odd",
                with(vec![long, damaged, strange, image(3, 40, 1, 1), MistakeImage::default()]),
            ),
            ("seventy", with((0..70).map(|i| image(4, 4, 1, i)).collect())),
            ("none", with(vec![])),
        ]
    }

    #[test]
    fn large_images_shrink_to_means() {
        let pixels: Vec<u8> = (0..256 * 2).map(|i| if i % 2 == 0 { 10 } else { 20 }).collect();
        assert_eq!(shrunk(&pixels, [256, 2, 1]), Some((128, 1, vec![15; 128])));
        assert_eq!(shrunk(&pixels, [usize::MAX, 2, 3]), None);
    }
}
