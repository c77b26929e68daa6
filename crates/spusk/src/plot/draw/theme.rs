//! One style sheet for all pictures, in a light and a dark form.
//!
//! Marks carry classes and no colors, so that one picture serves both forms. The sheet uses plain
//! class selectors without variables: other readers of SVG than browsers know these too, and show
//! the light form.

use std::fmt::Write;

use super::color::{Rgb, contrast};

/// Number of series colors; further series start over.
pub(crate) const SERIES: usize = 8;

/// Number of steps of the heat ramp, from nothing to all.
pub(crate) const HEAT_STEPS: usize = 21;

/// The first of Okabe & Ito's colors for all kinds of color vision (2008), made darker or lighter
/// where they would have less than 3:1 contrast with the paper: (light form, dark form).
const SERIES_COLORS: [(Rgb, Rgb); SERIES] = [
    (Rgb(0, 114, 178), Rgb(92, 172, 224)),
    (Rgb(213, 94, 0), Rgb(240, 130, 62)),
    (Rgb(0, 146, 107), Rgb(52, 190, 150)),
    (Rgb(190, 100, 150), Rgb(222, 150, 190)),
    (Rgb(184, 126, 0), Rgb(230, 159, 0)),
    (Rgb(52, 145, 200), Rgb(150, 208, 245)),
    (Rgb(140, 130, 0), Rgb(240, 228, 66)),
    (Rgb(80, 86, 92), Rgb(190, 196, 202)),
];

struct Shades {
    paper: Rgb,
    ink: Rgb,
    soft: Rgb,
    axis: Rgb,
    grid: Rgb,
    block: Rgb,
    hottest: Rgb,
}

const LIGHT: Shades = Shades {
    paper: Rgb(255, 255, 255),
    ink: Rgb(29, 35, 41),
    soft: Rgb(92, 102, 112),
    axis: Rgb(150, 160, 168),
    grid: Rgb(231, 234, 237),
    block: Rgb(243, 245, 247),
    hottest: Rgb(0, 72, 124),
};

const DARK: Shades = Shades {
    paper: Rgb(20, 23, 28),
    ink: Rgb(228, 232, 236),
    soft: Rgb(155, 166, 177),
    axis: Rgb(98, 108, 118),
    grid: Rgb(41, 46, 53),
    block: Rgb(30, 35, 41),
    hottest: Rgb(140, 205, 250),
};

/// The class of a series' stroke.
pub(crate) fn stroke(series: usize) -> String {
    format!("s{}", series % SERIES)
}

/// The class of a series' fill.
pub(crate) fn fill(series: usize) -> String {
    format!("f{}", series % SERIES)
}

/// The light form's color of a series, for images that cannot follow the form.
pub(crate) fn series_color(series: usize) -> Rgb {
    SERIES_COLORS[series % SERIES].0
}

/// The class of a cell that holds a share from 0 to 1.
pub(crate) fn heat(share: f64) -> String {
    format!("h{}", heat_step(share))
}

/// The class of text upon such a cell.
pub(crate) fn on_heat(share: f64) -> String {
    format!("t{}", heat_step(share))
}

fn heat_step(share: f64) -> usize {
    let last = (HEAT_STEPS - 1) as f64;
    // What is not nothing should not look like nothing.
    let least = if share > 0.0 { 1.0 } else { 0.0 };
    (share * last).round().clamp(least, last) as usize
}

/// The style sheet.
pub(crate) fn css() -> String {
    let mut css = String::from(SHAPES);
    css.push_str(&colors(&LIGHT, |pair| pair.0));
    let _ = write!(
        css,
        "@media screen and (prefers-color-scheme:dark){{{}}}",
        colors(&DARK, |pair| pair.1)
    );
    css
}

const SHAPES: &str = ".plot{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',\
    'Liberation Sans',Arial,sans-serif;font-size:12px;font-variant-numeric:tabular-nums}\
    .plot .title{font-size:15px;font-weight:600}\
    .plot .strong{font-weight:600}\
    .plot .small{font-size:11px}\
    .plot .tiny{font-size:9.5px}\
    .plot .large{font-size:18px}\
    .plot .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}\
    .plot .thin{fill:none;stroke-width:1;stroke-linejoin:round;stroke-linecap:round}\
    .plot .faint{stroke-opacity:.35}\
    .plot .band{fill-opacity:.16;stroke:none}\
    .plot .cloud{fill-opacity:.45;stroke:none}\
    .plot .dot{stroke-width:1}\
    .plot .d1{stroke-dasharray:7 4}\
    .plot .d2{stroke-dasharray:2 4}\
    .plot .d3{stroke-dasharray:9 4 2 4}\
    .plot .axis,.plot .grid,.plot .edge,.plot .mark{stroke-width:1;fill:none}\
    .plot .mark{stroke-dasharray:4 3}\
    .plot .veil{fill-opacity:.85}\
    .plot .pixels{image-rendering:pixelated}";

fn colors(shades: &Shades, series: fn(&(Rgb, Rgb)) -> Rgb) -> String {
    let mut css = String::new();
    // Writing to a String cannot fail.
    let mut rule = |selector: &str, property: &str, color: Rgb| {
        let _ = write!(css, ".plot {selector}{{{property}:{}}}", color.hex());
    };
    rule(".paper", "fill", shades.paper);
    rule("text", "fill", shades.ink);
    rule("text.soft", "fill", shades.soft);
    rule(".axis", "stroke", shades.axis);
    rule(".grid", "stroke", shades.grid);
    rule(".mark", "stroke", shades.soft);
    rule(".edge", "stroke", shades.axis);
    rule(".block", "fill", shades.block);
    rule(".block", "stroke", shades.axis);
    rule(".inkline", "stroke", shades.ink);
    rule(".dot", "stroke", shades.paper);
    for (i, pair) in SERIES_COLORS.iter().enumerate() {
        rule(&format!(".s{i}"), "stroke", series(pair));
        rule(&format!(".f{i}"), "fill", series(pair));
    }
    for step in 0..HEAT_STEPS {
        let share = step as f64 / (HEAT_STEPS - 1) as f64;
        let cell = shades.paper.toward(shades.hottest, share);
        rule(&format!(".h{step}"), "fill", cell);
        rule(&format!("text.t{step}"), "fill", text_upon(cell));
    }
    css
}

/// Black or white, whichever stands out more: at least 4.58:1 on any color.
fn text_upon(cell: Rgb) -> Rgb {
    const BLACK: Rgb = Rgb(0, 0, 0);
    const WHITE: Rgb = Rgb(255, 255, 255);
    if contrast(cell, BLACK) > contrast(cell, WHITE) { BLACK } else { WHITE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_can_be_told_from_the_paper() {
        for (shades, series) in [
            (LIGHT, (|pair| pair.0) as fn(&(Rgb, Rgb)) -> Rgb),
            (DARK, (|pair| pair.1) as fn(&(Rgb, Rgb)) -> Rgb),
        ] {
            for (i, pair) in SERIES_COLORS.iter().enumerate() {
                let contrast = contrast(series(pair), shades.paper);
                assert!(contrast >= 3.0, "series {i}: {contrast}");
            }
            assert!(contrast(shades.ink, shades.paper) >= 7.0);
            assert!(contrast(shades.soft, shades.paper) >= 4.5);
            assert!(contrast(shades.soft, shades.block) >= 4.5);
        }
    }

    #[test]
    fn text_on_heat_can_be_read() {
        for shades in [LIGHT, DARK] {
            for step in 0..HEAT_STEPS {
                let share = step as f64 / (HEAT_STEPS - 1) as f64;
                let cell = shades.paper.toward(shades.hottest, share);
                let contrast = contrast(cell, text_upon(cell));
                assert!(contrast >= 4.5, "step {step}: {contrast}");
            }
        }
    }

    #[test]
    fn heat_tells_nothing_from_little() {
        assert_eq!((heat(0.0), heat(0.001), heat(1.0)), ("h0".into(), "h1".into(), "h20".into()));
        assert_eq!(
            (heat(f64::NAN), heat(-3.0), heat(7.0)),
            ("h0".into(), "h0".into(), "h20".into())
        );
    }
}
