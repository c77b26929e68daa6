//! Pictures as pixels: PNG, for programs and pages that take no SVG.
//!
//! This draws just the elements that our own pictures are made of, in the light form of their own style
//! sheet, with a font that is part of the program, so that a picture looks alike on every machine. It is
//! no reader of other SVG.

mod font;
mod style;

use tiny_skia::{
    Color, FillRule, FilterQuality, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap,
    PixmapPaint, PremultipliedColorU8, Rect, Stroke, StrokeDash, Transform,
};

use super::draw::base64;
use super::draw::png::{self, Pixels};
use super::draw::svg::Svg;
use font::Font;
use style::{Sheet, Style};

/// Pixels of a PNG for one of the picture: sharp on dense screens and on paper.
pub const SCALE: f64 = 2.0;

/// Longest side of a PNG, in pixels.
const LONGEST: f64 = 32_768.0;

/// Why there is no PNG of a picture.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PngError {
    /// It would be too large.
    #[error(
        "the picture would have {width} × {height} pixels; expected at most {LONGEST} each way"
    )]
    TooLarge {
        /// Pixels across.
        width: f64,
        /// Pixels down.
        height: f64,
    },
    /// Something in it cannot be drawn: a bug of ours.
    #[error("the picture cannot be drawn as pixels: {0}; write it as .svg")]
    Broken(String),
}

impl Svg {
    /// The picture as a PNG, in its light form, `scale` pixels for each of its own ([`SCALE`] is usual).
    ///
    /// ```
    /// use spusk::messages::Language;
    /// use spusk::plot::{Curves, PNG_SCALE, Plot, Series};
    ///
    /// let series = vec![Series::by_epoch("training", [0.8, 0.4, 0.3])];
    /// let picture = Curves { series, ..Curves::default() };
    /// let png = picture.draw(Language::English).png(PNG_SCALE)?;
    /// assert!(png.starts_with(b"\x89PNG"));
    /// # Ok::<(), spusk::plot::PngError>(())
    /// ```
    ///
    /// # Errors
    /// See [`PngError`].
    pub fn png(&self, scale: f64) -> Result<Vec<u8>, PngError> {
        let (width, height) = ((self.width * scale).ceil(), (self.height * scale).ceil());
        let sound = |side: f64| (1.0..=LONGEST).contains(&side);
        if !(sound(width) && sound(height)) {
            return Err(PngError::TooLarge { width, height });
        }
        let broken = |why: &str| PngError::Broken(why.into());
        let mut pixels =
            Pixmap::new(width as u32, height as u32).ok_or_else(|| broken("memory"))?;
        let text = self.standalone();
        let document =
            roxmltree::Document::parse(&text).map_err(|error| broken(&error.to_string()))?;
        let css = Svg::style();
        let canvas = Canvas {
            sheet: Sheet::read(&css),
            fonts: [Font::regular(), Font::bold()].map(|font| font.ok_or_else(|| broken("font"))),
        };
        pixels.fill(Color::WHITE);
        let whole = Transform::from_scale(scale as f32, scale as f32);
        canvas.children(&mut pixels, document.root_element(), whole)?;
        // The paper leaves nothing transparent.
        let rgb: Vec<u8> =
            pixels.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
        png::encode(width as usize, height as usize, Pixels::Rgb, &rgb)
            .ok_or_else(|| broken("no pixels"))
    }
}

struct Canvas<'a> {
    sheet: Sheet<'a>,
    fonts: [Result<Font, PngError>; 2],
}

type Node<'a> = roxmltree::Node<'a, 'a>;

impl Canvas<'_> {
    fn children(&self, to: &mut Pixmap, node: Node, place: Transform) -> Result<(), PngError> {
        node.children()
            .filter(Node::is_element)
            .try_for_each(|child| self.element(to, child, place))
    }

    fn element(&self, to: &mut Pixmap, node: Node, place: Transform) -> Result<(), PngError> {
        let place = place.pre_concat(turn(node.attribute("transform")));
        let style = self.sheet.style(node);
        match node.tag_name().name() {
            "g" => self.children(to, node, place)?,
            "rect" => draw(to, rectangle(node), &style, place),
            "circle" => {
                let path = PathBuilder::from_circle(at(node, "cx"), at(node, "cy"), at(node, "r"));
                draw(to, path, &style, place);
            }
            "line" => {
                let mut path = PathBuilder::new();
                path.move_to(at(node, "x1"), at(node, "y1"));
                path.line_to(at(node, "x2"), at(node, "y2"));
                draw(to, path.finish(), &style, place);
            }
            "path" => draw(to, drawn(node.attribute("d").unwrap_or_default()), &style, place),
            "text" => self.text(to, node, &style, place)?,
            "image" => image(to, node, place)
                .ok_or_else(|| PngError::Broken("an image in it is damaged".into()))?,
            // Titles, the description, the style.
            _ => {}
        }
        Ok(())
    }

    fn text(
        &self,
        to: &mut Pixmap,
        node: Node,
        style: &Style,
        place: Transform,
    ) -> Result<(), PngError> {
        let font = self.fonts[usize::from(style.bold)].as_ref().map_err(Clone::clone)?;
        let words: String =
            node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
        let wide = font.width(&words, style.font_size);
        let left = match node.attribute("text-anchor") {
            Some("middle") => at(node, "x") - wide / 2.0,
            Some("end") => at(node, "x") - wide,
            _ => at(node, "x"),
        };
        let path = font.outline(&words, style.font_size, left, at(node, "y"));
        draw(to, path, style, place);
        Ok(())
    }
}

/// A coordinate; 0 where there is none, as in SVG.
fn at(node: Node, key: &str) -> f32 {
    node.attribute(key).and_then(|value| value.parse().ok()).unwrap_or(0.0)
}

/// `rotate(angle x y)`, the one transformation that pictures use.
fn turn(transform: Option<&str>) -> Transform {
    let inside = transform.and_then(|text| text.strip_prefix("rotate(")?.strip_suffix(')'));
    let numbers: Vec<f32> =
        inside.unwrap_or_default().split(' ').filter_map(|number| number.parse().ok()).collect();
    match numbers[..] {
        [angle, x, y] => Transform::from_rotate_at(angle, x, y),
        _ => Transform::identity(),
    }
}

fn rectangle(node: Node) -> Option<Path> {
    let percent = |key: &str| node.attribute(key).is_some_and(|value| value.ends_with('%'));
    if percent("width") {
        // The paper under everything is there already.
        return None;
    }
    let (x, y, width, height) =
        (at(node, "x"), at(node, "y"), at(node, "width"), at(node, "height"));
    let radius = at(node, "rx").min(width / 2.0).min(height / 2.0);
    if radius <= 0.0 {
        return Rect::from_xywh(x, y, width, height).map(PathBuilder::from_rect);
    }
    let (right, below) = (x + width, y + height);
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.line_to(right - radius, y);
    path.quad_to(right, y, right, y + radius);
    path.line_to(right, below - radius);
    path.quad_to(right, below, right - radius, below);
    path.line_to(x + radius, below);
    path.quad_to(x, below, x, below - radius);
    path.line_to(x, y + radius);
    path.quad_to(x, y, x + radius, y);
    path.close();
    path.finish()
}

/// The `d` of a path: M, L, C and Z with absolute places, as [`super::draw::svg::Path`] writes it.
fn drawn(d: &str) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut rest = d;
    while let Some(command) = rest.chars().next() {
        rest = &rest[command.len_utf8()..];
        let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let numbers: Vec<f32> =
            rest[..end].split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect();
        rest = &rest[end..];
        match (command, &numbers[..]) {
            ('M', &[x, y]) => path.move_to(x, y),
            ('L', &[x, y]) => match path.last_point() {
                // A dot: strokes without a length would not be drawn.
                Some(last) if (last.x, last.y) == (x, y) => path.line_to(x + 0.01, y),
                _ => path.line_to(x, y),
            },
            ('C', &[x1, y1, x2, y2, x, y]) => path.cubic_to(x1, y1, x2, y2, x, y),
            ('Z', _) => path.close(),
            _ => return None,
        }
    }
    path.finish()
}

fn draw(to: &mut Pixmap, path: Option<Path>, style: &Style, place: Transform) {
    let Some(path) = path else { return };
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    if let Some(color) = style.fill {
        paint.set_color_rgba8(color.0, color.1, color.2, opacity(style.fill_opacity));
        to.fill_path(&path, &paint, FillRule::Winding, place, None);
    }
    if let Some(color) = style.stroke {
        paint.set_color_rgba8(color.0, color.1, color.2, opacity(style.stroke_opacity));
        let round = style.round;
        let stroke = Stroke {
            width: style.stroke_width,
            line_cap: if round { LineCap::Round } else { LineCap::Butt },
            line_join: if round { LineJoin::Round } else { LineJoin::Miter },
            dash: StrokeDash::new(style.dashes.clone(), 0.0),
            ..Stroke::default()
        };
        to.stroke_path(&path, &paint, &stroke, place, None);
    }
}

fn opacity(share: f32) -> u8 {
    (255.0 * share.clamp(0.0, 1.0)).round() as u8
}

/// An image that stands in the picture as PNG. `None` if it is damaged.
fn image(to: &mut Pixmap, node: Node, place: Transform) -> Option<()> {
    let data = node.attribute("href")?.strip_prefix("data:image/png;base64,")?;
    let file = base64::decode(data)?;
    let read = image::load_from_memory_with_format(&file, image::ImageFormat::Png).ok()?.to_rgba8();
    let mut pixels = Pixmap::new(read.width(), read.height())?;
    for (pixel, from) in pixels.pixels_mut().iter_mut().zip(read.pixels()) {
        let [red, green, blue, alpha] = from.0;
        let times = |part: u8| ((u16::from(part) * u16::from(alpha) + 127) / 255) as u8;
        *pixel = PremultipliedColorU8::from_rgba(times(red), times(green), times(blue), alpha)?;
    }
    let (wide, tall) = (at(node, "width"), at(node, "height"));
    let sharp = node.attribute("class").is_some_and(|class| class.contains("pixels"));
    let paint = PixmapPaint {
        quality: if sharp { FilterQuality::Nearest } else { FilterQuality::Bilinear },
        ..PixmapPaint::default()
    };
    let place = place.pre_translate(at(node, "x"), at(node, "y"));
    let place = place.pre_scale(wide / read.width() as f32, tall / read.height() as f32);
    to.draw_pixmap(0, 0, pixels.as_ref(), &paint, place, None);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Language;
    use crate::plot::Picture;

    fn pixels(svg: &Svg) -> image::RgbImage {
        let png = svg.png(1.0).expect("it can be drawn");
        image::load_from_memory(&png).expect("a sound PNG").to_rgb8()
    }

    #[test]
    fn every_sample_can_be_drawn_as_pixels() {
        let into = std::env::var_os("SPUSK_PICTURES");
        // Small, where nobody looks: most of the time goes into pixels.
        let scale = if into.is_some() { SCALE } else { 0.25 };
        for (name, picture) in Picture::samples() {
            for l in [Language::English, Language::Russian] {
                let svg = picture.draw(l);
                let png = svg.png(scale).unwrap_or_else(|error| panic!("{name}: {error}"));
                // With SPUSK_PICTURES=folder all are written there, to be looked at.
                if let Some(into) = &into {
                    let file = format!("{name}-{}.png", l.code());
                    let path = std::path::Path::new(into).join(file);
                    std::fs::write(path, &png).expect("the folder exists");
                }
            }
        }
    }

    #[test]
    fn elements_stand_where_they_should_in_their_colors() {
        use crate::plot::draw::svg::{circle, line, rect};
        let mut svg = Svg::new(40.0, 20.0, "t", "d", Language::English);
        svg.add(rect(2.0, 2.0, 10.0, 10.0).class("f0"));
        svg.add(circle(25.0, 10.0, 5.0).class("f1"));
        svg.add(line(0.0, 18.0, 40.0, 18.0).class("line inkline"));
        let seen = pixels(&svg);
        assert_eq!(seen.dimensions(), (40, 20));
        assert_eq!(seen.get_pixel(5, 5).0, [0, 114, 178], "the first series' blue");
        assert_eq!(seen.get_pixel(25, 10).0, [213, 94, 0], "the second one's orange");
        assert_eq!(seen.get_pixel(20, 17).0.map(|part| part < 80), [true; 3], "ink");
        assert_eq!(seen.get_pixel(38, 2).0, [255; 3], "paper");
    }

    #[test]
    fn text_stands_at_its_anchor() {
        use crate::plot::draw::svg::{Anchor, text};
        for (anchor, left, right) in
            [(Anchor::Start, 50, 95), (Anchor::Middle, 27, 73), (Anchor::End, 5, 50)]
        {
            let mut svg = Svg::new(100.0, 20.0, "t", "d", Language::English);
            svg.add(text(50.0, 15.0, anchor, "Эпоха⁻²"));
            let seen = pixels(&svg);
            let dark = |x: u32| (0..20).any(|y| seen.get_pixel(x, y).0[1] < 150);
            let columns: Vec<u32> = (0..100).filter(|&x| dark(x)).collect();
            let (first, last) = (columns[0], columns[columns.len() - 1]);
            assert!(first >= left && last <= right && last - first > 30, "{first} {last}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let svg = Svg::new(100.0, 1e6, "t", "d", Language::English);
        let error = svg.png(2.0).expect_err("two million rows");
        assert!(error.to_string().contains("32768"), "{error}");
    }
}
