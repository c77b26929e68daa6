//! Where the examples came from and what became of each.

use serde::{Deserialize, Serialize};

use super::page::{Column, Page};
use crate::messages::{self as say, Said};

/// The data of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DataSection {
    /// A path or the name of a built-in set.
    pub source: String,
    /// What it is, as "CSV, comma, with header".
    pub description: Said,
    /// What became of every row.
    pub rows: RowAccount,
    /// How the parts were made, as "stratified by class, seed 7".
    pub split: Said,
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
    /// Rows that chose the best epoch, or were only watched.
    pub validation: u64,
    /// Whether no epoch was chosen by the validation rows.
    pub only_watched: bool,
    /// Rows held out for the test.
    pub test: u64,
}

/// Rows left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Skipped {
    /// Why, as "no target".
    pub reason: Said,
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
    pub role: Said,
    /// What it holds, as "number" or "category".
    pub kind: Said,
    /// Rows without a value.
    pub missing: u64,
    /// Its values in short, as "0.1 to 7.9, mean 3.76" or "setosa, versicolor, virginica".
    pub summary: Said,
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
    let l = page.language();
    page.section("data", &say::report_data(l), |page| {
        let texts = [data.source.as_str(), data.description.in_language(l)].map(str::trim);
        let known: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        if !known.is_empty() {
            page.paragraph(&format!("{}.", known.join(": ").trim_end_matches('.')));
        }
        write_account(page, &data.rows);
        if !data.split.is_empty() {
            let split = data.split.in_language(l).trim_end_matches('.');
            page.element("p", "soft", &say::report_split(l, split));
        }
        if !data.columns.is_empty() {
            page.heading(&say::report_columns(l));
            write_columns(page, &data.columns);
        }
    });
}

fn write_account(page: &mut Page, account: &RowAccount) {
    let l = page.language();
    let validated = if account.only_watched { say::rows_watched } else { say::rows_validated };
    let mut rows = vec![
        vec![say::rows_trained(l), l.count(account.training)],
        vec![validated(l), l.count(account.validation)],
        vec![say::rows_tested(l), l.count(account.test)],
    ];
    for skipped in &account.skipped {
        let reason = say::rows_left_out(l, skipped.reason.in_language(l));
        rows.push(vec![reason, l.count(skipped.rows)]);
    }
    rows.push(vec![say::rows_read(l), l.count(account.read)]);
    let columns = [say::examples_word(l), say::column_count(l)];
    page.table(&[Column::Text(&columns[0]), Column::Number(&columns[1])], &rows);
    let accounted = account.accounted();
    if accounted != account.read {
        page.block("warning", |page| {
            let (accounted, read) = (l.count(accounted), l.count(account.read));
            page.paragraph(&say::report_bad_account(l, accounted, read));
        });
    }
}

fn write_columns(page: &mut Page, columns: &[ColumnInfo]) {
    let l = page.language();
    let row = |column: &ColumnInfo| {
        vec![
            column.name.clone(),
            column.role.in_language(l).into(),
            column.kind.in_language(l).into(),
            l.count(column.missing),
            column.summary.in_language(l).into(),
        ]
    };
    let rows: Vec<Vec<String>> = columns.iter().map(row).collect();
    let [name, role, kind, missing, values] = [
        say::column_column,
        say::column_role,
        say::column_kind,
        say::column_missing,
        say::column_values,
    ]
    .map(|name| name(l));
    page.table(
        &[
            Column::Text(&name),
            Column::Text(&role),
            Column::Text(&kind),
            Column::Number(&missing),
            Column::Text(&values),
        ],
        &rows,
    );
}
