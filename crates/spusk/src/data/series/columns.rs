//! The columns of a table that are series.

use super::SeriesInputs;
use super::grid::Grid;
use super::step::Step;
use crate::data::error::{DataError, quoted, short};
use crate::data::fit::ColumnReport;
use crate::data::options::DataOptions;
use crate::data::raw::{RawKind, RawTable};
use crate::data::table::date;
use crate::data::table::scan::{find_column, no_column};
use crate::messages::{self as say, Language, Said};

/// The columns of the table that are used.
pub(super) struct Columns {
    pub(super) time: Option<usize>,
    pub(super) targets: Vec<usize>,
    pub(super) others: Vec<usize>,
    /// Which of targets and others, one behind the other as in the grid, are inputs.
    pub(super) kept: Vec<usize>,
}

impl Columns {
    pub(super) fn find(
        source: &str,
        table: &RawTable,
        options: &DataOptions,
        notes: &mut Vec<Said>,
    ) -> Result<Columns, DataError> {
        let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let find =
            |name: &str| find_column(&names, name).ok_or_else(|| no_column(source, name, &names));
        let mut ignored = vec![false; names.len()];
        for name in &options.ignore {
            ignored[find(name)?] = true;
        }
        let is_date = |place: usize| matches!(table.columns[place].kind, RawKind::Date { .. });
        let is_number = |place: usize| matches!(table.columns[place].kind, RawKind::Number);
        let time = match &options.series.time {
            Some(name) => {
                let place = find(name)?;
                if !is_date(place) {
                    let kind = table.columns[place].kind.name();
                    return Err(DataError::new(source, |l| {
                        say::series_column_kind(l, say::column_kind_named(l, kind))
                    })
                    .column(&names[place])
                    .expected(say::series_want_dates)
                    .cure(say::cure_other_time));
                }
                Some(place)
            }
            None => (0..names.len()).find(|&place| is_date(place) && !ignored[place]),
        };
        match time {
            Some(place) => {
                let name = quoted(names[place].as_bytes());
                notes.push(Said::new(|l| say::data_times_in(l, &name)));
            }
            None => notes.push(Said::new(say::data_no_times)),
        }
        let numbers: Vec<usize> =
            (0..names.len()).filter(|&place| is_number(place) && !ignored[place]).collect();
        let targets = match options.target.as_deref() {
            None | Some("all") => numbers.clone(),
            Some(wanted) => {
                let mut targets = Vec::new();
                let one = find_column(&names, wanted).map(|place| vec![place]);
                let places = match one {
                    Some(places) => places,
                    None => {
                        wanted.split(',').map(|name| find(name.trim())).collect::<Result<_, _>>()?
                    }
                };
                for place in places {
                    if !is_number(place) {
                        let kind = table.columns[place].kind.name();
                        return Err(DataError::new(source, |l| {
                            say::error_target_is(l, say::column_kind_named(l, kind))
                        })
                        .column(&names[place])
                        .expected(say::series_want_numbers)
                        .cure(say::cure_other_column));
                    }
                    if !targets.contains(&place) {
                        targets.push(place);
                    }
                }
                targets
            }
        };
        if targets.is_empty() {
            return Err(DataError::new(source, say::series_none).expected(say::series_want_numbers));
        }
        if options.target.is_none() && targets.len() > 1 {
            notes.push(Said::new(|l| say::data_all_series(l, targets.len())));
        }
        let others: Vec<usize> =
            numbers.into_iter().filter(|place| !targets.contains(place)).collect();
        let words: Vec<String> = (0..names.len())
            .filter(|&place| !is_number(place) && Some(place) != time && !ignored[place])
            .map(|place| quoted(names[place].as_bytes()))
            .collect();
        if !words.is_empty() {
            notes.push(Said::new(|l| say::data_no_series(l, words.join(", "))));
        }
        let kept = (0..targets.len() + others.len()).collect();
        Ok(Columns { time, targets, others, kept })
    }

    /// The places in the table, in the order of the grid.
    pub(super) fn places(&self) -> Vec<usize> {
        [&self.targets[..], &self.others].concat()
    }

    pub(super) fn names(&self, table: &RawTable) -> Vec<String> {
        self.places().iter().map(|&place| table.columns[place].name.clone()).collect()
    }

    /// Rows without times are a step each.
    pub(super) fn row_step(&self) -> Option<Step> {
        self.time.is_none().then_some(Step::Rows)
    }

    /// values[steps, S] of the targets in the first steps.
    pub(super) fn values(&self, grid: &Grid, steps: usize) -> Vec<f64> {
        let rows = grid.values.chunks_exact(grid.columns).take(steps);
        rows.flat_map(|row| row[..self.targets.len()].to_vec()).collect()
    }

    /// Refuses targets, and leaves out other series, that never change in the training part.
    pub(super) fn drop_constant(
        &mut self,
        source: &str,
        grid: &Grid,
        table: &RawTable,
        train: usize,
        notes: &mut Vec<Said>,
    ) -> Result<(), DataError> {
        let places = self.places();
        let mut kept = Vec::new();
        for (index, &place) in places.iter().enumerate() {
            let mut values =
                grid.values.iter().skip(index).step_by(grid.columns).take(train).copied();
            let first = values.next();
            let name = &table.columns[place].name;
            if first.is_none_or(|first| values.any(|value| value != first)) {
                kept.push(index);
            } else if index < self.targets.len() {
                let value = short(first.unwrap_or(0.0));
                return Err(DataError::new(source, |l: Language| {
                    say::series_constant(l, l.digits(&value))
                })
                .column(name)
                .expected(say::series_want_change)
                .cure(say::cure_other_column));
            } else {
                let name = quoted(name.as_bytes());
                notes.push(Said::new(|l| say::data_constant_series(l, &name)));
            }
        }
        self.kept = kept;
        Ok(())
    }

    pub(super) fn reports(
        &self,
        table: &RawTable,
        grid: &Grid,
        inputs: &SeriesInputs,
    ) -> Vec<ColumnReport> {
        let places = self.places();
        let mut reports: Vec<ColumnReport> = Vec::new();
        for (place, column) in table.columns.iter().enumerate() {
            let report = |kind: &'static str, summary: Said, use_: Said| ColumnReport {
                name: column.name.clone(),
                kind,
                missing: 0,
                summary,
                use_,
            };
            if Some(place) == self.time {
                let (first, last) = (grid.label(0), grid.label(grid.len() - 1));
                let summary = Said::new(|l| {
                    let step = grid.step.named(l);
                    format!("{}, {step}", say::values_from_to(l, &first, &last))
                });
                let names = |l: Language| {
                    let named = |&part: &usize| say::date_part(l, date::PARTS[part]);
                    inputs.date_parts.iter().map(named).collect::<Vec<String>>().join(", ")
                };
                let use_ = match inputs.date_parts.is_empty() {
                    true => Said::new(say::use_order),
                    false => Said::new(|l| say::use_order_and(l, names(l))),
                };
                reports.push(report("date", summary, use_));
            } else if let Some(index) = places.iter().position(|&other| other == place) {
                let values = || grid.values.iter().skip(index).step_by(grid.columns).copied();
                let (low, high) =
                    (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
                let use_ = if index < self.targets.len() {
                    Said::new(say::use_target)
                } else if self.kept.contains(&index) {
                    Said::new(say::use_beside)
                } else {
                    Said::new(|l| say::use_left_out_since(l, say::dropped_never_changes(l)))
                };
                let summary = Said::new(|l| {
                    say::values_from_to(l, l.digits(&short(low)), l.digits(&short(high)))
                });
                reports.push(report("number", summary, use_));
            } else {
                let use_ = Said::new(say::use_left_out);
                reports.push(report(column.kind.name(), Said::default(), use_));
            }
        }
        reports
    }
}
