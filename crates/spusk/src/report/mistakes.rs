//! The worst mistakes, as images or as rows of a table.

use serde::{Deserialize, Serialize};

use super::page::{Column, Page};
use crate::metrics::json_number;
use crate::plot::draw::number::{count, significant};
use crate::plot::{Mistakes, Plot};

/// Most columns of values shown.
const MOST_COLUMNS: usize = 6;

/// The worst mistakes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MistakesSection {
    /// As images.
    pub images: Option<Mistakes>,
    /// Names of the columns of `rows[…].values`.
    pub columns: Vec<String>,
    /// As rows, worst first.
    pub rows: Vec<MistakeRow>,
    /// What `badness` is, as "log loss" or "true − predicted".
    pub badness: String,
}

/// An example with what was predicted for it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MistakeRow {
    /// Which example, as a row of the file or a count from 0.
    pub row: u64,
    /// Its true class or value.
    pub label: String,
    /// What was predicted.
    pub predicted: String,
    /// How bad that is.
    #[serde(with = "json_number")]
    pub badness: Option<f64>,
    /// Its values, by column.
    pub values: Vec<String>,
}

pub(super) fn write(page: &mut Page, mistakes: Option<&MistakesSection>) {
    let Some(section) = mistakes else { return };
    page.section("mistakes", "The worst mistakes", |page| {
        if section.images.is_none() && section.rows.is_empty() {
            page.paragraph("There are none.");
        }
        section.images.iter().for_each(|images| page.picture(&images.draw()));
        if !section.rows.is_empty() {
            write_rows(page, section);
        }
    });
}

fn write_rows(page: &mut Page, section: &MistakesSection) {
    let shown = section.columns.len().min(MOST_COLUMNS);
    let badness = if section.badness.is_empty() { "badness" } else { &section.badness };
    let mut columns = vec![
        Column::Number("example"),
        Column::Text("is"),
        Column::Text("predicted"),
        Column::Number(badness),
    ];
    columns.extend(section.columns[..shown].iter().map(|name| Column::Text(name)));
    let row = |row: &MistakeRow| {
        let badness = row.badness.map_or("–".into(), |badness| significant(badness, 3));
        let mut cells = vec![count(row.row), row.label.clone(), row.predicted.clone(), badness];
        cells.extend(row.values.iter().take(shown).cloned());
        cells.resize(columns.len(), String::new());
        cells
    };
    let rows: Vec<Vec<String>> = section.rows.iter().map(row).collect();
    page.table(&columns, &rows);
    if shown < section.columns.len() {
        let text = format!("The first {shown} of {} columns are shown.", section.columns.len());
        page.element("p", "soft", &text);
    }
}
