//! Pictures: plain numbers in, SVG out.
//!
//! Each picture is a plain struct that can be saved as JSON and drawn again. What it draws follows
//! the reader's light or dark mode, uses colors that all kinds of color vision tell apart, says in
//! words what it shows, and never hides a value without a word: values that have no place (NaN, or 0
//! on a log scale) are counted below the picture, and series too many to draw are named.
//!
//! ```
//! use spusk::messages::Language;
//! use spusk::plot::{Curves, Plot, Series};
//!
//! let losses = Series::by_epoch("training", [0.9, 0.4, 0.2]);
//! let picture = Curves { title: "Loss".into(), series: vec![losses], ..Curves::default() };
//! assert!(picture.draw(Language::English).standalone().starts_with("<svg"));
//! ```

mod activations;
mod boxes;
mod code_map;
mod comparison;
mod confusion;
mod contours;
mod curves;
mod decision_map;
mod distributions;
pub(crate) mod draw;
mod forecast;
mod formula_curve;
mod intervals;
mod learning_rate;
mod mistakes;
mod network;
mod neuron;
mod profile;
mod race;
mod range_test;
mod raster;
mod reconstructions;
mod residuals;
mod roc;
mod series;
mod step_sweep;
mod surface;

pub use activations::{ActivationCurve, Activations};
pub use boxes::{BoxRow, Boxes};
pub use code_map::{CodeMap, CodePoint};
pub use comparison::{ComparedImage, ComparedPicture, Comparison};
pub use confusion::ConfusionMatrix;
pub use contours::{Contours, Shading};
pub use curves::{Best, Curves};
pub use decision_map::{DecisionMap, MapPoint};
pub use distributions::{Distributions, LayerQuantiles, QUANTILES};
pub use draw::number;
pub use draw::scale::Scale;
pub use draw::svg::Svg;
pub use forecast::ForecastPlot;
pub use formula_curve::{FormulaCurve, LevelPoint};
pub use intervals::{IntervalRow, Intervals};
pub use learning_rate::LearningRateCourse;
pub use mistakes::{MistakeImage, Mistakes};
pub use network::{Block, NetworkDiagram, Skip};
pub use neuron::{NeuronDiagram, NeuronInput};
pub use profile::Profile;
pub use race::Race;
pub use range_test::RangeTest;
pub use raster::{PngError, SCALE as PNG_SCALE};
pub use reconstructions::{Reconstructed, Reconstructions};
pub use residuals::Residuals;
pub use roc::{ClassRoc, Roc};
pub use series::Series;
pub use step_sweep::StepSweep;
pub use surface::Surface;

use serde::{Deserialize, Serialize};

use crate::messages::Language;

/// A kind of picture.
pub trait Plot {
    /// Its name in files, as in `pictures/<name>.svg`.
    const NAME: &'static str;

    /// Draws it with its words in a language. Any numbers will do: a picture of nothing says so.
    fn draw(&self, l: Language) -> Svg;

    /// Realistic and extreme cases, by name, for the tests of all pictures.
    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)>
    where
        Self: Sized;
}

/// Makes the list of all pictures: one line a picture.
macro_rules! plots {
    ($($kind:ident),* $(,)?) => {
        /// Any picture.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "picture", rename_all = "snake_case")]
        pub enum Picture {
            $(
                #[doc = concat!("See [`", stringify!($kind), "`].")]
                $kind($kind),
            )*
        }

        impl Picture {
            /// The names of all kinds.
            pub const NAMES: &[&str] = &[$($kind::NAME),*];

            /// The name of its kind.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Picture::$kind(_) => $kind::NAME,)*
                }
            }

            /// Draws it with its words in a language.
            #[must_use]
            pub fn draw(&self, l: Language) -> Svg {
                match self {
                    $(Picture::$kind(picture) => picture.draw(l),)*
                }
            }

            #[cfg(test)]
            pub(crate) fn samples() -> Vec<(String, Picture)> {
                let mut all = Vec::new();
                $(
                    for (case, picture) in $kind::samples() {
                        let name = format!("{}-{case}", $kind::NAME);
                        all.push((name, Picture::$kind(picture)));
                    }
                )*
                all
            }
        }

        $(
            impl From<$kind> for Picture {
                fn from(picture: $kind) -> Picture {
                    Picture::$kind(picture)
                }
            }
        )*
    };
}

plots![
    Activations,
    Boxes,
    CodeMap,
    Comparison,
    ConfusionMatrix,
    Contours,
    Curves,
    DecisionMap,
    Distributions,
    ForecastPlot,
    FormulaCurve,
    Intervals,
    LearningRateCourse,
    Mistakes,
    NetworkDiagram,
    NeuronDiagram,
    Profile,
    Race,
    RangeTest,
    Reconstructions,
    Residuals,
    Roc,
    StepSweep,
    Surface,
];

#[cfg(test)]
pub(crate) mod tests {
    use super::Picture;
    use crate::messages::Language;

    /// Every element of a picture with its attributes.
    fn check_well_formed(name: &str, svg: &str) {
        let document = roxmltree::Document::parse(svg).unwrap_or_else(|e| panic!("{name}: {e}"));
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "svg", "{name}");
        for node in root.descendants().filter(roxmltree::Node::is_element) {
            for attribute in node.attributes() {
                let spoiled = ["NaN", "inf"].iter().any(|bad| {
                    let plain = !matches!(attribute.name(), "aria-label" | "href");
                    plain && attribute.value().contains(bad)
                });
                assert!(!spoiled, "{name}: {attribute:?}");
            }
        }
        for wanted in ["title", "desc"] {
            let child = root
                .children()
                .find(|child| child.has_tag_name(("http://www.w3.org/2000/svg", wanted)));
            let text = child.and_then(|child| child.text()).unwrap_or_default();
            assert!(!text.trim().is_empty(), "{name}: no {wanted}");
        }
        check_inside(name, &root);
    }

    /// Nothing stands outside the picture.
    fn check_inside(name: &str, root: &roxmltree::Node) {
        let number = |node: &roxmltree::Node, key: &str| -> Option<f64> {
            node.attribute(key).and_then(|value| value.parse().ok())
        };
        let width = number(root, "width").expect("a width");
        let height = number(root, "height").expect("a height");
        assert!(width > 0.0 && height > 0.0 && height < 6000.0, "{name}: {width} {height}");
        for node in root.descendants() {
            let turned = node.ancestors().any(|node| node.has_attribute("transform"));
            for (keys, end) in [(["x", "cx", "x1", "x2"], width), (["y", "cy", "y1", "y2"], height)]
            {
                for value in keys.iter().filter_map(|key| number(&node, key)) {
                    assert!(turned || (-0.5..=end + 0.5).contains(&value), "{name}: {node:?}");
                }
            }
            check_text(name, &node, turned, width);
        }
    }

    /// Text that is not turned stays on the page, by the estimate of its width.
    fn check_text(name: &str, node: &roxmltree::Node, turned: bool, page: f64) {
        if !node.has_tag_name(("http://www.w3.org/2000/svg", "text")) || turned {
            return;
        }
        let class = node.attribute("class").unwrap_or_default();
        let size = match class {
            c if c.contains("tiny") => 9.5,
            c if c.contains("small") => 11.0,
            c if c.contains("title") => 15.0,
            c if c.contains("large") => 18.0,
            _ => 12.0,
        };
        let text: String = node.children().filter_map(|c| c.is_text().then(|| c.text())?).collect();
        let wide = super::draw::text::width(&text, size);
        let x: f64 = node.attribute("x").and_then(|x| x.parse().ok()).unwrap_or(0.0);
        let left = match node.attribute("text-anchor") {
            Some("middle") => x - wide / 2.0,
            Some("end") => x - wide,
            _ => x,
        };
        // The estimate is generous, so a few pixels beyond are no overflow.
        assert!(left > -8.0 && left + wide < page + 8.0, "{name}: \"{text}\" leaves the page");
    }

    #[test]
    fn every_sample_is_a_sound_picture() {
        let into = std::env::var_os("SPUSK_PICTURES");
        for (name, picture) in Picture::samples() {
            let svg = picture.draw(Language::English).standalone();
            // With SPUSK_PICTURES=folder all samples are written there, to be looked at.
            if let Some(into) = &into {
                let file = std::path::Path::new(into).join(format!("{name}.svg"));
                std::fs::write(file, &svg).expect("the folder exists");
            }
            check_well_formed(&name, &svg);
        }
    }

    #[test]
    fn every_sample_survives_json() {
        for (name, picture) in Picture::samples() {
            let text = serde_json::to_string(&picture).expect("plain data");
            let back: Picture =
                serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            // Not ==, since NaN differs from itself.
            assert_eq!(format!("{back:?}"), format!("{picture:?}"), "{name}");
        }
    }

    /// Puts an odd value at a place of the document chosen by `seed`; how deep depends on it too.
    pub(crate) fn spoil(value: &mut serde_json::Value, seed: u64) {
        use serde_json::{Value, json};
        let pick = |n: usize| (seed >> 7) as usize % n.max(1);
        match value {
            Value::Object(map) if !map.is_empty() => {
                let key = map.keys().nth(pick(map.len())).cloned().unwrap_or_default();
                if let Some(child) = map.get_mut(&key).filter(|_| key != "picture") {
                    spoil(child, mix(seed));
                }
            }
            Value::Array(list) if !list.is_empty() && !seed.is_multiple_of(5) => {
                let place = pick(list.len());
                spoil(&mut list[place], mix(seed));
            }
            place => {
                let odd = [
                    json!(0),
                    json!(-1),
                    json!(1e308),
                    json!(-1e-308),
                    json!(u64::MAX),
                    json!(100_000),
                    json!("NaN"),
                    json!("-inf"),
                    json!([]),
                    json!(null),
                    json!(""),
                    json!("W".repeat(500)),
                ];
                *place = odd[pick(odd.len())].clone();
            }
        }
    }

    pub(crate) fn mix(seed: u64) -> u64 {
        (seed ^ (seed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(23) + 1
    }

    #[test]
    fn spoiled_data_is_refused_or_drawn_soundly() {
        let mut drawn = 0;
        for (name, picture) in Picture::samples() {
            let text = serde_json::to_string(&picture).expect("plain data");
            let rounds = if text.len() < 20_000 { 100 } else { 6 };
            for round in 0..rounds {
                let mut value = serde_json::to_value(&picture).expect("plain data");
                for more in 0..1 + round % 3 {
                    spoil(&mut value, mix(round * 31 + more + text.len() as u64));
                }
                if let Ok(picture) = serde_json::from_value::<Picture>(value) {
                    check_well_formed(&name, &picture.draw(Language::English).standalone());
                    drawn += 1;
                }
            }
        }
        assert!(drawn > 1000, "{drawn}");
    }

    #[test]
    fn a_small_picture_is_drawn_as_before() {
        let series = vec![super::Series::by_epoch("training", [0.8, 0.4, 0.3])];
        let picture = super::Curves {
            title: "Loss".into(),
            y_label: "nats".into(),
            series,
            best: Some(super::Best { x: 3.0, label: "best epoch".into() }),
            ..super::Curves::default()
        };
        let svg = super::Plot::draw(&picture, Language::English).inline();
        insta::assert_snapshot!(svg.replace("><", ">\n<"));
    }

    #[test]
    fn an_empty_picture_of_every_kind_is_read_and_drawn() {
        for name in Picture::NAMES {
            let text = format!("{{\"picture\":\"{name}\"}}");
            let picture: Picture = serde_json::from_str(&text).expect("all fields are optional");
            assert_eq!(picture.name(), *name);
            check_well_formed(name, &picture.draw(Language::English).standalone());
        }
    }
}
