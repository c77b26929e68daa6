//! The font of the pixels: DejaVu Sans Condensed, cut down to Latin, Greek, Cyrillic and the signs that pictures
//! use (see `fonts/LICENSE`). Other letters, of class names perhaps, appear as �.

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// A face of the font.
pub(super) struct Font {
    face: Face<'static>,
}

impl Font {
    /// The face of most text; `None` if the file in the program is no font.
    pub(super) fn regular() -> Option<Font> {
        Face::parse(include_bytes!("fonts/regular.ttf"), 0).ok().map(|face| Font { face })
    }

    /// The face of titles.
    pub(super) fn bold() -> Option<Font> {
        Face::parse(include_bytes!("fonts/bold.ttf"), 0).ok().map(|face| Font { face })
    }

    fn glyph(&self, letter: char) -> Option<GlyphId> {
        self.face.glyph_index(letter).or_else(|| self.face.glyph_index('\u{fffd}'))
    }

    /// Pixels from one unit of the font.
    fn unit(&self, size: f32) -> f32 {
        size / f32::from(self.face.units_per_em())
    }

    fn advance(&self, glyph: GlyphId) -> f32 {
        f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0))
    }

    /// How wide a line of text is, in pixels.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let glyphs = text.chars().filter_map(|letter| self.glyph(letter));
        glyphs.map(|glyph| self.advance(glyph)).sum::<f32>() * self.unit(size)
    }

    /// The outlines of a line of text that begins at (x, y); y is that of its base line.
    pub(super) fn outline(&self, text: &str, size: f32, x: f32, y: f32) -> Option<Path> {
        let mut pen = Pen { path: PathBuilder::new(), x, y, unit: self.unit(size) };
        for glyph in text.chars().filter_map(|letter| self.glyph(letter)) {
            self.face.outline_glyph(glyph, &mut pen);
            pen.x += self.advance(glyph) * pen.unit;
        }
        pen.path.finish()
    }
}

/// Draws glyphs: their y grows upward.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
    unit: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.unit, self.y - y * self.unit)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_letters_of_our_texts_are_there() {
        let fonts = [Font::regular(), Font::bold()].map(|font| font.expect("it is a font"));
        for (name, english, russian) in crate::messages::all() {
            for letter in english.chars().chain(russian.chars()) {
                for font in &fonts {
                    assert!(font.face.glyph_index(letter).is_some(), "{name}: {letter:?}");
                }
            }
        }
        for letter in "0123456789−×⁰¹²³⁴⁵⁶⁷⁸⁹⁻\u{202f}\u{a0}%·…–—λ∇ησ±√∞↗↖".chars()
        {
            assert!(fonts[0].face.glyph_index(letter).is_some(), "{letter:?}");
        }
        for curve in crate::activations::all() {
            for letter in curve.name.chars().chain(curve.formula.chars()) {
                assert!(fonts[0].face.glyph_index(letter).is_some(), "{}: {letter:?}", curve.name);
            }
        }
    }

    #[test]
    fn text_fits_where_its_estimate_fits() {
        let font = Font::regular().expect("it is a font");
        for text in [
            "Потеря на проверочной части",
            "learning rate (log scale)",
            "1\u{202f}234,5",
            "10⁻⁵ ms",
        ] {
            let (wide, guess) =
                (f64::from(font.width(text, 12.0)), crate::plot::draw::text::width(text, 12.0));
            assert!(wide <= guess && wide > 0.6 * guess, "{text}: {wide}, estimated {guess}");
        }
    }
}
