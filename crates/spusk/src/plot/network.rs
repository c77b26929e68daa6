//! The network as a column of blocks.

use serde::{Deserialize, Serialize};

use super::Plot;
use super::draw::sheet::{Sheet, WIDTH};
use super::draw::svg::{Anchor, Path, Svg, line, path, rect, text};
use super::draw::text::{fit, width};
use crate::messages::{self as say, Language, Said};

/// Most blocks drawn; of more, the middle is left out.
const MOST: usize = 60;

/// Layers from input to output, each with the shape that leaves it and its parameters. A block is
/// as wide as its layer has features, on a log scale.
///
/// ```
/// use spusk::messages::Language;
/// use spusk::plot::{Block, NetworkDiagram, Plot};
///
/// let dense = Block { name: "dense".into(), shape: "10".into(), features: 10, parameters: 650 };
/// let picture = NetworkDiagram { blocks: vec![dense], ..NetworkDiagram::default() };
/// assert_eq!(picture.draw(Language::English).description(), "1 layer, 650 parameters.");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkDiagram {
    /// Heading.
    pub title: Said,
    /// From input to output.
    pub blocks: Vec<Block>,
    /// Connections that jump over layers.
    pub skips: Vec<Skip>,
}

/// A layer, or the input.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Block {
    /// What it is, as "dense" or "input".
    pub name: String,
    /// What leaves it for one example, as "128" or "28 × 28 × 1".
    pub shape: String,
    /// Number of values in that shape; decides the block's width.
    pub features: u64,
    /// Trained numbers.
    pub parameters: u64,
}

/// A connection from the output of one block to the output of a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// Index of the block where it starts.
    pub from: usize,
    /// Index of the block where it is added.
    pub to: usize,
}

impl Default for NetworkDiagram {
    fn default() -> Self {
        NetworkDiagram {
            title: Said::new(say::picture_network),
            blocks: Vec::new(),
            skips: Vec::new(),
        }
    }
}

const TALL: f64 = 34.0;
const PITCH: f64 = 54.0;
const MIDDLE: f64 = 330.0;

impl Plot for NetworkDiagram {
    const NAME: &'static str = "network_diagram";

    fn draw(&self, l: Language) -> Svg {
        let mut sheet = Sheet::new(WIDTH, self.title.in_language(l), &self.describe(l), l);
        let rows = self.rows();
        let strip = sheet.strip(PITCH * rows.len() as f64);
        for (row, index) in rows.iter().enumerate() {
            let y = strip.y + 8.0 + PITCH * row as f64;
            let last = row + 1 == rows.len();
            match index {
                Some(index) => self.draw_block(&mut sheet.svg, y, &self.blocks[*index], last),
                None => {
                    let words = say::picture_more_layers(l, self.blocks.len() - rows.len() + 1);
                    let at = y + TALL / 2.0 + 4.0;
                    sheet.svg.add(text(MIDDLE, at, Anchor::Middle, &words).class("soft"));
                }
            }
        }
        self.draw_skips(&mut sheet.svg, strip.y + 8.0, &rows);
        sheet.note(&self.describe(l));
        sheet.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, NetworkDiagram)> {
        tests::samples()
    }
}

impl NetworkDiagram {
    /// Indices of the blocks drawn; `None` for those left out.
    fn rows(&self) -> Vec<Option<usize>> {
        let n = self.blocks.len();
        if n <= MOST {
            return (0..n).map(Some).collect();
        }
        let first = (0..MOST / 2).map(Some);
        first.chain([None]).chain((n - MOST / 2..n).map(Some)).collect()
    }

    fn describe(&self, l: Language) -> String {
        let total: u64 = self.blocks.iter().fold(0, |sum, b| sum.saturating_add(b.parameters));
        let layers = self.blocks.iter().filter(|block| block.name != "input").count();
        match layers {
            1 => say::picture_network_one_layer(l, l.count(total)),
            _ => say::picture_network_about(l, l.count(layers as u64), l.count(total)),
        }
    }

    /// How wide a block is drawn.
    fn wide(&self, block: &Block) -> f64 {
        let most = self.blocks.iter().map(|block| block.features).max().unwrap_or(1).max(2) as f64;
        110.0 + 190.0 * (1.0 + block.features as f64).ln() / (1.0 + most).ln()
    }

    fn draw_block(&self, svg: &mut Svg, y: f64, block: &Block, last: bool) {
        let l = svg.language;
        let wide = self.wide(block);
        let class = if block.parameters > 0 { "block" } else { "block faint" };
        svg.add(rect(MIDDLE - wide / 2.0, y, wide, TALL).at("rx", 6.0).class(class));
        let name = fit(&block.name, 12.0, wide - 16.0);
        let at = y + TALL / 2.0 + 4.0;
        svg.add(text(MIDDLE, at, Anchor::Middle, &name).class("strong").tip(&block.name));
        let right = MIDDLE + 150.0 + 16.0;
        let room = WIDTH - 16.0 - right;
        let shape = fit(&block.shape, 12.0, room);
        if block.parameters == 0 {
            svg.add(text(right, at, Anchor::Start, &shape).tip(&block.shape));
        } else {
            svg.add(text(right, at - 7.0, Anchor::Start, &shape).tip(&block.shape));
            let words = fit(&say::picture_parameters(l, l.count(block.parameters)), 11.0, room);
            svg.add(text(right, at + 9.0, Anchor::Start, &words).class("soft small"));
        }
        if !last {
            draw_arrow(svg, MIDDLE, y + TALL + 2.0, y + PITCH - 2.0);
        }
    }

    /// Each connection runs down on the left, longer ones further out.
    fn draw_skips(&self, svg: &mut Svg, top: f64, rows: &[Option<usize>]) {
        let l = svg.language;
        let row_of = |index: usize| rows.iter().position(|row| *row == Some(index));
        for (i, skip) in self.skips.iter().enumerate() {
            let (Some(from), Some(to)) = (row_of(skip.from), row_of(skip.to)) else { continue };
            if from >= to {
                continue;
            }
            let y = |row: usize| top + PITCH * row as f64 + TALL / 2.0;
            let (start, end) = (y(from), y(to));
            let out = 150.0 - (18.0 * (to - from) as f64).min(120.0) - 4.0 * (i % 3) as f64;
            let edge = |index: usize| MIDDLE - self.wide(&self.blocks[index]) / 2.0 - 2.0;
            let mut way = Path::default();
            way.move_to(edge(skip.from), start);
            let edge = edge(skip.to);
            way.curve_to([out, start, out, start], out, (start + 24.0).min((start + end) / 2.0));
            way.line_to(out, (end - 24.0).max((start + end) / 2.0));
            way.curve_to([out, end, out, end], edge, end);
            svg.add(path(&way).class("line s0").tip(&say::picture_skip_tip(l)));
            let mut head = Path::default();
            head.move_to(edge - 6.0, end - 4.0);
            head.line_to(edge, end);
            head.line_to(edge - 6.0, end + 4.0);
            svg.add(path(&head).class("line s0"));
        }
        if !self.skips.is_empty() {
            let words = say::picture_skip(l);
            let x = 16.0 + width(&words, 11.0);
            svg.add(text(x, top + 12.0, Anchor::End, &words).class("soft small"));
        }
    }
}

fn draw_arrow(svg: &mut Svg, x: f64, from: f64, to: f64) {
    let mut head = Path::default();
    head.move_to(x - 4.0, to - 5.0);
    head.line_to(x, to);
    head.line_to(x + 4.0, to - 5.0);
    svg.add(line(x, from, x, to).class("line axis"));
    svg.add(path(&head).class("line axis"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(name: &str, shape: &str, features: u64, parameters: u64) -> Block {
        Block { name: name.into(), shape: shape.into(), features, parameters }
    }

    pub(super) fn samples() -> Vec<(&'static str, NetworkDiagram)> {
        let with = |blocks: Vec<Block>| NetworkDiagram { blocks, ..NetworkDiagram::default() };
        let mlp = vec![
            block("input", "8 × 8 × 1", 64, 0),
            block("flatten", "64", 64, 0),
            block("dense", "128", 128, 8_320),
            block("relu", "128", 128, 0),
            block("dense", "128", 128, 16_512),
            block("relu", "128", 128, 0),
            block("dense", "10", 10, 1_290),
        ];
        let skips = vec![Skip { from: 2, to: 5 }, Skip { from: 0, to: 6 }, Skip { from: 9, to: 3 }];
        let long = "a layer of a kind whose name nobody can read in one breath";
        let odd = vec![
            block(long, "1,024 × 1,024 × 1,024 × 1,024 × 3", u64::MAX, u64::MAX),
            block("", "", 0, u64::MAX),
        ];
        let deep = (0..200).map(|i| block("dense", "64", 64, 4160 + i));
        vec![
            ("mlp", with(mlp.clone())),
            ("skips", NetworkDiagram { skips, ..with(mlp) }),
            ("odd", with(odd)),
            ("deep", with(deep.collect())),
            ("none", with(vec![])),
        ]
    }
}
