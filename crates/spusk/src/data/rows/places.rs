//! Where the saved columns stand in a new source.

use std::collections::HashMap;

use crate::data::error::{DataError, quoted};
use crate::data::preprocessing::{Column, Inputs, Preprocessing};
use crate::data::raw::{RawPixels, RawTable};
use crate::data::table::sniff::numbered;
use crate::messages::{self as say, Language, Said};

pub(super) fn table_names(table: &RawTable) -> Vec<String> {
    table.columns.iter().map(|column| column.name.clone()).collect()
}

pub(super) fn pixel_names(raw: &RawPixels) -> Vec<String> {
    let width: usize = raw.shape.iter().product();
    let labels = raw.labels.as_ref().map_or(0, |labels| labels.outputs);
    numbered(width + labels)
}

/// Where the saved columns stand in a new source.
pub(super) struct Places {
    /// The places of the columns that have inputs, in the saved order.
    pub(super) features: Vec<usize>,
    pub(super) targets: Option<Vec<usize>>,
}

impl Places {
    pub(super) fn find(
        preprocessing: &Preprocessing,
        source: &str,
        names: &[String],
        has_names: bool,
        notes: &mut Vec<Said>,
    ) -> Result<Places, DataError> {
        match &preprocessing.inputs {
            Inputs::Table { named: true, columns } if has_names => {
                Places::by_name(preprocessing, columns, source, names, notes)
            }
            Inputs::Table { columns, .. } => {
                let used: Vec<usize> = columns
                    .iter()
                    .filter(|column| column.encoding.width() > 0)
                    .map(|column| column.place)
                    .collect();
                Places::by_place(preprocessing, &used, columns.len(), source, names)
            }
            Inputs::Pixels(scale) => {
                let all: Vec<usize> = (0..scale.width()).collect();
                Places::by_place(preprocessing, &all, all.len(), source, names)
            }
            Inputs::Series(_) | Inputs::Patches(_) => unreachable!("`NewRows::open` refuses them"),
        }
    }

    fn by_name(
        preprocessing: &Preprocessing,
        columns: &[Column],
        source: &str,
        names: &[String],
        notes: &mut Vec<Said>,
    ) -> Result<Places, DataError> {
        let places: HashMap<&str, usize> =
            names.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let (mut features, mut absent) = (Vec::new(), Vec::new());
        for column in columns.iter().filter(|column| column.encoding.width() > 0) {
            match places.get(column.name.as_str()) {
                Some(&place) => features.push(place),
                None => absent.push(quoted(column.name.as_bytes())),
            }
        }
        if !absent.is_empty() {
            let what = |l| match &absent[..] {
                [one] => say::error_absent_column(l, one),
                several => say::error_absent_columns(l, several.join(", ")),
            };
            return Err(DataError::new(source, what)
                .expected(say::error_want_columns)
                .cure(say::cure_absent_columns));
        }
        let wanted = preprocessing.target.names();
        let targets: Option<Vec<usize>> =
            wanted.iter().map(|name| places.get(name).copied()).collect();
        let saved: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let extra: Vec<String> = names
            .iter()
            .filter(|name| !saved.contains(&name.as_str()) && !wanted.contains(&name.as_str()))
            .map(|name| quoted(name.as_bytes()))
            .collect();
        if !extra.is_empty() {
            notes.push(Said::new(|l| say::data_unused_columns(l, source, extra.join(", "))));
        }
        Ok(Places { features, targets })
    }

    /// `used` are places in a table of `columns` features and the targets.
    fn by_place(
        preprocessing: &Preprocessing,
        used: &[usize],
        columns: usize,
        source: &str,
        names: &[String],
    ) -> Result<Places, DataError> {
        let targets = preprocessing.target.places();
        let whole = columns + targets.len();
        if names.len() == whole {
            return Ok(Places { features: used.to_vec(), targets: Some(targets) });
        }
        if names.len() == columns {
            // Without the targets' columns, the later ones move up.
            let moved = |&place: &usize| place - targets.iter().filter(|&&t| t < place).count();
            return Ok(Places { features: used.iter().map(moved).collect(), targets: None });
        }
        let got = |l: Language| say::error_columns(l, l.counted(names.len() as u64, "column"));
        Err(DataError::new(source, got).expected(|l| say::error_want_width(l, columns, whole)))
    }
}
