//! The network as a diagram and as a table.

use serde::{Deserialize, Serialize};

use super::page::{Column, Page};
use crate::messages::{self as say, Said};
use crate::plot::{Block, NetworkDiagram, Plot, Skip};

/// The network of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelSection {
    /// From input to output; the first may be the input itself, of kind "input".
    pub layers: Vec<LayerRow>,
    /// Connections that jump over layers, as indices into `layers`.
    pub skips: Vec<Skip>,
    /// Remarks, as "residual block: its output is added to its input".
    pub notes: Vec<Said>,
    /// Memory of a training step, in bytes, as planned.
    pub arena_bytes: Option<u64>,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LayerRow {
    /// Its name in files, as "layers.2".
    pub name: String,
    /// Its kind, as "dense".
    pub kind: String,
    /// What leaves it for one example, as "128" or "28 × 28 × 1".
    pub shape: String,
    /// Number of values in that shape.
    pub features: u64,
    /// Trained numbers.
    pub parameters: u64,
    /// Floating-point operations forward, for one example.
    pub flops: u64,
}

impl ModelSection {
    /// Trained numbers of all layers.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        self.layers.iter().fold(0, |sum, layer| sum.saturating_add(layer.parameters))
    }

    /// Floating-point operations forward, for one example.
    #[must_use]
    pub fn flops(&self) -> u64 {
        self.layers.iter().fold(0, |sum, layer| sum.saturating_add(layer.flops))
    }

    /// The network as a picture.
    #[must_use]
    pub fn diagram(&self) -> NetworkDiagram {
        let block = |layer: &LayerRow| Block {
            name: layer.kind.clone(),
            shape: layer.shape.clone(),
            features: layer.features,
            parameters: layer.parameters,
        };
        NetworkDiagram {
            blocks: self.layers.iter().map(block).collect(),
            skips: self.skips.clone(),
            ..NetworkDiagram::default()
        }
    }
}

pub(super) fn write(page: &mut Page, model: Option<&ModelSection>) {
    let Some(model) = model else { return };
    let l = page.language();
    page.section("model", &say::report_model(l), |page| {
        let (parameters, flops) = (l.count(model.parameters()), l.short_count(model.flops()));
        let mut text = say::report_model_about(l, parameters, flops);
        if let Some(bytes) = model.arena_bytes {
            text += &format!(" {}", say::report_model_memory(l, l.bytes(bytes)));
        }
        page.paragraph(&text);
        model.notes.iter().for_each(|note| page.paragraph(note.in_language(l)));
        page.picture(&model.diagram().draw(l));
        let row = |layer: &LayerRow| {
            vec![
                layer.name.clone(),
                layer.kind.clone(),
                layer.shape.clone(),
                l.count(layer.parameters),
                l.count(layer.flops),
            ]
        };
        let rows: Vec<Vec<String>> = model.layers.iter().map(row).collect();
        let [name, kind, output, parameters] =
            [say::column_layer, say::column_kind, say::column_output, say::column_parameters]
                .map(|name| name(l));
        page.table(
            &[
                Column::Text(&name),
                Column::Text(&kind),
                Column::Text(&output),
                Column::Number(&parameters),
                Column::Number("FLOPs"),
            ],
            &rows,
        );
    });
}
