//! How elements look, by the style sheet of all pictures: a reader of just what [`theme`] writes.
//!
//! [`theme`]: crate::plot::draw::theme

use super::super::draw::color::Rgb;

/// The rules of the light form, the weaker before the stronger.
pub(super) struct Sheet<'a> {
    rules: Vec<Rule<'a>>,
}

/// What elements of a kind or class look like.
struct Rule<'a> {
    tag: &'a str,
    class: &'a str,
    properties: &'a str,
}

/// How an element looks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Style {
    pub(super) fill: Option<Rgb>,
    pub(super) fill_opacity: f32,
    pub(super) stroke: Option<Rgb>,
    pub(super) stroke_opacity: f32,
    pub(super) stroke_width: f32,
    pub(super) dashes: Vec<f32>,
    pub(super) round: bool,
    pub(super) font_size: f32,
    pub(super) bold: bool,
}

impl Default for Style {
    /// What SVG says of elements without a style.
    fn default() -> Self {
        Style {
            fill: Some(Rgb(0, 0, 0)),
            fill_opacity: 1.0,
            stroke: None,
            stroke_opacity: 1.0,
            stroke_width: 1.0,
            dashes: Vec::new(),
            round: false,
            font_size: 12.0,
            bold: false,
        }
    }
}

impl<'a> Sheet<'a> {
    /// Reads the light form, which stands before the dark one.
    pub(super) fn read(css: &'a str) -> Sheet<'a> {
        let light = css.split("@media").next().unwrap_or_default();
        let mut rules = Vec::new();
        for (selectors, properties) in light.split('}').filter_map(|rule| rule.split_once('{')) {
            for selector in selectors.split(',') {
                let last = selector.trim().rsplit(' ').next().unwrap_or_default();
                let (tag, class) = last.split_once('.').unwrap_or((last, ""));
                rules.push(Rule { tag, class, properties });
            }
        }
        // A class is stronger than a kind of element, both together are stronger still; of equals the
        // later one wins, so the order among them is kept.
        rules.sort_by_key(|rule| (!rule.class.is_empty(), !rule.tag.is_empty()));
        Sheet { rules }
    }

    pub(super) fn style(&self, node: roxmltree::Node) -> Style {
        let mut style = Style::default();
        for attribute in node.attributes() {
            style.set(attribute.name(), attribute.value());
        }
        let tag = node.tag_name().name();
        let classes: Vec<&str> =
            node.attribute("class").unwrap_or_default().split_ascii_whitespace().collect();
        let fits = |rule: &&Rule| {
            (rule.tag.is_empty() || rule.tag == tag)
                && (rule.class.is_empty() || classes.contains(&rule.class))
        };
        self.rules.iter().filter(fits).for_each(|rule| style.set_all(rule.properties));
        style.set_all(node.attribute("style").unwrap_or_default());
        style
    }
}

impl Style {
    fn set_all(&mut self, properties: &str) {
        let pairs = properties.split(';').filter_map(|property| property.split_once(':'));
        pairs.for_each(|(name, value)| self.set(name.trim(), value.trim()));
    }

    fn set(&mut self, name: &str, value: &str) {
        let number = || value.trim_end_matches("px").parse::<f32>().ok();
        match name {
            "fill" => self.fill = color(value),
            "stroke" => self.stroke = color(value),
            "fill-opacity" => self.fill_opacity = number().unwrap_or(1.0),
            "stroke-opacity" => self.stroke_opacity = number().unwrap_or(1.0),
            "stroke-width" => self.stroke_width = number().unwrap_or(1.0),
            "stroke-dasharray" => {
                self.dashes =
                    value.split([' ', ',']).filter_map(|length| length.parse().ok()).collect();
            }
            "stroke-linecap" => self.round = value == "round",
            "font-size" => self.font_size = number().unwrap_or(self.font_size),
            "font-weight" => self.bold = number().is_some_and(|weight| weight >= 600.0),
            _ => {}
        }
    }
}

/// `#rrggbb`; `None` for `none`.
fn color(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |i: usize| u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok();
    Some(Rgb(part(0)?, part(1)?, part(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::Svg;

    fn style(element: &str) -> Style {
        let css = Svg::style();
        let document = roxmltree::Document::parse(element).expect("an element");
        Sheet::read(&css).style(document.root_element())
    }

    #[test]
    fn the_sheet_is_read_as_browsers_read_it() {
        let line = style("<path class=\"line s1 d1\"/>");
        assert_eq!((line.fill, line.stroke), (None, Some(Rgb(213, 94, 0))));
        assert_eq!((line.stroke_width, &line.dashes[..], line.round), (1.8, &[7.0, 4.0][..], true));
        let soft = style("<text class=\"soft small\"/>");
        assert_eq!((soft.fill, soft.font_size), (Some(Rgb(92, 102, 112)), 11.0));
        assert!(style("<text class=\"title\"/>").bold);
        let cell = style("<rect class=\"h20 grid\"/>");
        assert_eq!(
            cell.fill,
            Some(Rgb(0, 72, 124)),
            "a later rule wins over `fill:none` of the grid"
        );
        assert_eq!(style("<rect class=\"paper veil\"/>").fill_opacity, 0.85);
        assert_eq!(style("<path class=\"line\" style=\"stroke-width:3\"/>").stroke_width, 3.0);
        assert_eq!(style("<circle/>"), Style::default());
    }
}
