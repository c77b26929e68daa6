//! Settings, and what was decided without being asked.

use serde::{Deserialize, Serialize};

use super::page::{Column, Page};

/// A decision and its reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// What was done, as "Inputs are standardized."
    pub what: String,
    /// Why, as "Their spreads differ by a factor of 300."
    pub why: String,
}

/// A resolved setting.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Setting {
    /// Its name, as in the experiment file.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it came from, as "default", "file", "flag" or "automatic".
    pub origin: String,
}

pub(super) fn write_notes(page: &mut Page, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    page.section("decisions", "What was done, and why", |page| {
        for note in notes {
            page.block("note", |page| {
                page.paragraph(&note.what);
                if !note.why.is_empty() {
                    page.element("p", "soft", &note.why);
                }
            });
        }
    });
}

pub(super) fn write_settings(page: &mut Page, settings: &[Setting]) {
    if settings.is_empty() {
        return;
    }
    page.section("settings", "Settings", |page| table(page, settings));
}

pub(super) fn table(page: &mut Page, settings: &[Setting]) {
    let row = |s: &Setting| vec![s.name.clone(), s.value.clone(), s.origin.clone()];
    let rows: Vec<Vec<String>> = settings.iter().map(row).collect();
    let origins = settings.iter().any(|setting| !setting.origin.is_empty());
    let columns = [Column::Text("setting"), Column::Text("value"), Column::Text("from")];
    page.table(&columns[..if origins { 3 } else { 2 }], &rows);
}
