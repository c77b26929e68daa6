//! The worst mistakes, as images or as rows of a table.

use serde::{Deserialize, Serialize};

use super::page::{Column, Page};
use crate::messages::{self as say, Said};
use crate::metrics::json_number;
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
    pub badness: Said,
}

/// An example with what was predicted for it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MistakeRow {
    /// Which example, as a row of the file or a count from 0.
    pub row: u64,
    /// Its true class or value.
    pub label: Said,
    /// What was predicted.
    pub predicted: Said,
    /// How bad that is.
    #[serde(with = "json_number")]
    pub badness: Option<f64>,
    /// Its values, by column.
    pub values: Vec<Said>,
}

pub(super) fn write(page: &mut Page, mistakes: Option<&MistakesSection>) {
    let Some(section) = mistakes else { return };
    let l = page.language();
    page.section("mistakes", &say::report_mistakes(l), |page| {
        if section.images.is_none() && section.rows.is_empty() {
            page.paragraph(&say::report_no_mistakes(l));
        }
        section.images.iter().for_each(|images| page.picture(&images.draw(l)));
        if !section.rows.is_empty() {
            write_rows(page, section);
        }
    });
}

fn write_rows(page: &mut Page, section: &MistakesSection) {
    let shown = section.columns.len().min(MOST_COLUMNS);
    let l = page.language();
    let [example, is, predicted, badness] =
        [say::column_example, say::column_is, say::predicted_word, say::column_badness]
            .map(|name| name(l));
    let own = section.badness.in_language(l);
    let badness = if own.is_empty() { &badness } else { own };
    let mut columns = vec![
        Column::Number(&example),
        Column::Text(&is),
        Column::Text(&predicted),
        Column::Number(badness),
    ];
    columns.extend(section.columns[..shown].iter().map(|name| Column::Text(name)));
    let row = |row: &MistakeRow| {
        let badness = row.badness.map_or("–".into(), |badness| l.significant(badness, 3));
        let text = |said: &Said| said.in_language(l).to_owned();
        let mut cells = vec![l.count(row.row), text(&row.label), text(&row.predicted), badness];
        cells.extend(row.values.iter().take(shown).map(text));
        cells.resize(columns.len(), String::new());
        cells
    };
    let rows: Vec<Vec<String>> = section.rows.iter().map(row).collect();
    page.table(&columns, &rows);
    if shown < section.columns.len() {
        let text = say::report_columns_shown(l, shown, section.columns.len());
        page.element("p", "soft", &text);
    }
}
