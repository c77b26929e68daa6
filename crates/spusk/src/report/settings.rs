//! Settings, and what was decided without being asked.

use serde::{Deserialize, Serialize};

use super::page::{Column, Page};
use crate::messages::{self as say, Said};

/// A decision and its reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// What was done, as "Inputs are standardized."
    pub what: Said,
    /// Why, as "Their spreads differ by a factor of 300."
    pub why: Said,
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
    pub origin: Said,
}

pub(super) fn write_notes(page: &mut Page, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    let l = page.language();
    page.section("decisions", &say::report_decisions(l), |page| {
        for note in notes {
            page.block("note", |page| {
                page.paragraph(note.what.in_language(l));
                if !note.why.is_empty() {
                    page.element("p", "soft", note.why.in_language(l));
                }
            });
        }
    });
}

pub(super) fn write_settings(page: &mut Page, settings: &[Setting]) {
    if settings.is_empty() {
        return;
    }
    let heading = say::report_settings(page.language());
    page.section("settings", &heading, |page| table(page, settings));
}

pub(super) fn table(page: &mut Page, settings: &[Setting]) {
    let l = page.language();
    let row = |s: &Setting| vec![s.name.clone(), s.value.clone(), s.origin.in_language(l).into()];
    let rows: Vec<Vec<String>> = settings.iter().map(row).collect();
    let origins = settings.iter().any(|setting| !setting.origin.is_empty());
    let names = [say::column_setting(l), say::column_value(l), say::column_from(l)];
    let columns = names.each_ref().map(|name| Column::Text(name));
    page.table(&columns[..if origins { 3 } else { 2 }], &rows);
}
