//! Where the examples came from and what became of each.

use serde::{Deserialize, Serialize};

use super::page::{Column, Page};
use crate::plot::draw::number::count;

/// The data of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DataSection {
    /// A path or the name of a built-in set.
    pub source: String,
    /// What it is, as "CSV, comma, with header".
    pub description: String,
    /// What became of every row.
    pub rows: RowAccount,
    /// How the parts were made, as "stratified by class, seed 7".
    pub split: String,
    /// The columns.
    pub columns: Vec<ColumnInfo>,
}

/// What became of every row: read = skipped + training + validation + test.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RowAccount {
    /// Rows read.
    pub read: u64,
    /// Rows left out, by reason.
    pub skipped: Vec<Skipped>,
    /// Rows trained on.
    pub training: u64,
    /// Rows that chose the best epoch.
    pub validation: u64,
    /// Rows held out for the test.
    pub test: u64,
}

/// Rows left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Skipped {
    /// Why, as "no target".
    pub reason: String,
    /// How many.
    pub rows: u64,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// What it is for, as "target", "input" or "ignored".
    pub role: String,
    /// What it holds, as "number" or "category".
    pub kind: String,
    /// Rows without a value.
    pub missing: u64,
    /// Its values in short, as "0.1 to 7.9, mean 3.76" or "setosa, versicolor, virginica".
    pub summary: String,
}

impl RowAccount {
    /// Rows that the parts and the reasons account for.
    #[must_use]
    pub fn accounted(&self) -> u64 {
        let skipped = self.skipped.iter().map(|skipped| skipped.rows);
        let parts = [self.training, self.validation, self.test];
        skipped.chain(parts).fold(0, u64::saturating_add)
    }
}

pub(super) fn write(page: &mut Page, data: Option<&DataSection>) {
    let Some(data) = data else { return };
    page.section("data", "Data", |page| {
        let texts = [data.source.as_str(), &data.description].map(str::trim);
        let known: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        if !known.is_empty() {
            page.paragraph(&format!("{}.", known.join(": ").trim_end_matches('.')));
        }
        write_account(page, &data.rows);
        if !data.split.is_empty() {
            page.element("p", "soft", &format!("Split: {}.", data.split.trim_end_matches('.')));
        }
        if !data.columns.is_empty() {
            page.heading("Columns");
            write_columns(page, &data.columns);
        }
    });
}

fn write_account(page: &mut Page, account: &RowAccount) {
    let mut rows = vec![
        vec!["trained on".into(), count(account.training)],
        vec!["chose the best epoch (validation)".into(), count(account.validation)],
        vec!["held out for the test".into(), count(account.test)],
    ];
    for skipped in &account.skipped {
        rows.push(vec![format!("left out: {}", skipped.reason), count(skipped.rows)]);
    }
    rows.push(vec!["read".into(), count(account.read)]);
    page.table(&[Column::Text("examples"), Column::Number("count")], &rows);
    let accounted = account.accounted();
    if accounted != account.read {
        page.block("warning", |page| {
            let (accounted, read) = (count(accounted), count(account.read));
            page.paragraph(&format!(
                "The account does not add up: {accounted} of {read} examples are accounted for."
            ));
        });
    }
}

fn write_columns(page: &mut Page, columns: &[ColumnInfo]) {
    let row = |column: &ColumnInfo| {
        vec![
            column.name.clone(),
            column.role.clone(),
            column.kind.clone(),
            count(column.missing),
            column.summary.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = columns.iter().map(row).collect();
    page.table(
        &[
            Column::Text("column"),
            Column::Text("role"),
            Column::Text("kind"),
            Column::Number("missing"),
            Column::Text("values"),
        ],
        &rows,
    );
}
