//! What is predicted: finding the target column, the task and the classes.

use std::collections::HashMap;

use super::error::{DataError, quoted};
use super::options::{DataOptions, Task};
use super::preprocessing::Target;
use super::raw::{Labels, RawKind, RawTable};
use super::table::cell::number_name;
use super::table::scan::{find_column, is_flag_word, no_column};
use crate::messages::{self as say, Language, Said};

/// More classes than this are taken for a mistake.
const MOST_CLASSES: usize = 10_000;

/// A column of whole numbers is taken for classes when it has at most this many different ones …
const MOST_WHOLE_CLASSES: usize = 20;

/// … and at least this many examples of each on average.
const LEAST_EXAMPLES: u64 = 5;

/// The task, why it is this one, and how raw targets become classes.
pub(crate) struct Found {
    pub(crate) task: Task,
    pub(crate) reason: Said,
    /// The columns of the table; empty for labels.
    pub(crate) places: Vec<usize>,
    pub(crate) classes: Option<Classes>,
}

/// The classes, and how to find one from a raw number.
pub(crate) struct Classes {
    pub(crate) values: Vec<String>,
    pub(crate) names: Vec<String>,
    pub(crate) numeric: bool,
    lookup: HashMap<u64, usize>,
}

impl Classes {
    /// The class of a raw cell that is not missing.
    pub(crate) fn index(&self, raw: f64) -> Option<usize> {
        self.lookup.get(&bits(raw)).copied()
    }

    fn of_numbers(mut values: Vec<f64>, names: Option<&[String]>) -> Classes {
        values.sort_by(f64::total_cmp);
        let lookup =
            values.iter().enumerate().map(|(index, &value)| (bits(value), index)).collect();
        let named = |value: f64, names: &[String]| {
            let known = value >= 0.0 && value.fract() == 0.0;
            names.get(value as usize).filter(|_| known).cloned()
        };
        let all: Option<Vec<String>> =
            names.and_then(|names| values.iter().map(|&value| named(value, names)).collect());
        let values: Vec<String> = values.into_iter().map(number_name).collect();
        let names = all.unwrap_or_else(|| values.clone());
        Classes { values, names, numeric: true, lookup }
    }

    /// Words in alphabetical order, found by their codes.
    fn of_words(words: &[String]) -> Classes {
        let mut codes: Vec<usize> = (0..words.len()).collect();
        codes.sort_by(|&a, &b| words[a].cmp(&words[b]));
        Classes::of_codes(words, &codes)
    }

    fn of_codes(words: &[String], codes: &[usize]) -> Classes {
        let lookup =
            codes.iter().enumerate().map(|(index, &code)| (bits(code as f64), index)).collect();
        let values: Vec<String> = codes.iter().map(|&code| words[code].clone()).collect();
        Classes { names: values.clone(), values, numeric: false, lookup }
    }
}

/// Minus zero is zero.
fn bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

impl Found {
    /// An autoencoder's, with the classes that color its pictures, where there are some.
    fn autoencoder(places: Vec<usize>, classes: Option<Classes>) -> Found {
        let reason = Said::new(say::data_asked_for);
        Found { task: Task::Autoencode, reason, places, classes }
    }

    /// Target numbers stored with a row.
    pub(crate) fn stored(&self) -> usize {
        self.places.len().max(1)
    }
}

/// Finds the classes beside the inputs of an autoencoder; several columns or numbers that are named
/// as target are left out of its inputs, and told in `ignored`.
pub(crate) fn of_autoencoder(
    source: &str,
    table: &RawTable,
    options: &DataOptions,
    notes: &mut Vec<Said>,
    ignored: &mut [bool],
) -> Result<Found, DataError> {
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let known = options.target.is_some() || table.targets.is_some();
    if !known && customary(&names).is_none() {
        return Ok(Found::autoencoder(Vec::new(), None));
    }
    let mut told = Vec::new();
    let places = target_places(source, table, options, &mut told)?;
    // What it holds decides, not what it would be predicted as.
    let classes = DataOptions { task: None, ..options.clone() };
    let found = match places[..] {
        [place] => of_place(source, table, place, &classes).ok(),
        _ => None,
    };
    if let Some(Found { classes: Some(classes), places, .. }) = found {
        let name = quoted(names[places[0]].as_bytes());
        notes.push(Said::new(|l| say::data_colors_pictures(l, &name)));
        return Ok(Found::autoencoder(places, Some(classes)));
    }
    for place in places {
        ignored[place] = true;
        let name = quoted(names[place].as_bytes());
        notes.push(Said::new(|l| say::data_named_as_target(l, &name)));
    }
    Ok(Found::autoencoder(Vec::new(), None))
}

/// Finds the classes of images for an autoencoder.
pub(crate) fn of_autoencoder_labels(
    source: &str,
    labels: Option<&Labels>,
    options: &DataOptions,
) -> Found {
    let classes = DataOptions { task: None, ..options.clone() };
    let found = labels.and_then(|labels| of_labels(source, labels, &classes).ok());
    Found::autoencoder(Vec::new(), found.and_then(|found| found.classes))
}

/// Finds the target of a table.
pub(crate) fn of_table(
    source: &str,
    table: &RawTable,
    options: &DataOptions,
    notes: &mut Vec<Said>,
) -> Result<Found, DataError> {
    let places = target_places(source, table, options, notes)?;
    let [place] = places[..] else {
        return several(source, table, places, options);
    };
    of_place(source, table, place, options)
}

fn of_place(
    source: &str,
    table: &RawTable,
    place: usize,
    options: &DataOptions,
) -> Result<Found, DataError> {
    let places = vec![place];
    let column = &table.columns[place];
    let name = quoted(column.name.as_bytes());
    let at = |problem: Said| DataError::new(source, problem).column(&column.name);
    match &column.kind {
        RawKind::Date { .. } => Err(at(say::error_target_dates.into())
            .expected(say::error_want_target)
            .cure(|l| cure_words(l, &column.name))),
        RawKind::Text(_) => Err(at(say::error_target_texts.into())
            .expected(say::error_want_target)
            .cure(|l| cure_words(l, &column.name))),
        RawKind::Boolean { values, yes } => {
            refuse_regression(options, &at, say::column_boolean)?;
            Ok(Found {
                task: Task::Classify,
                reason: Said::new(|l| {
                    say::data_is_boolean(l, &name, &values[1 - yes], &values[*yes])
                }),
                places,
                classes: Some(Classes::of_codes(values, &[1 - yes, *yes])),
            })
        }
        RawKind::Category { values, overflow } => {
            refuse_regression(options, &at, say::kind_words)?;
            let different = values.len() + *overflow as usize;
            if different > MOST_CLASSES || (different == table.rows && table.rows > 2) {
                return Err(at(Said::new(|l| say::error_many_values(l, different, table.rows)))
                    .expected(|l| say::error_want_repeating(l, MOST_CLASSES))
                    .cure(say::cure_other_column));
            }
            Ok(Found {
                task: Task::Classify,
                reason: Said::new(|l| say::data_holds_words(l, &name, different)),
                places,
                classes: Some(Classes::of_words(values)),
            })
        }
        RawKind::Number => of_numbers(source, table, place, options),
    }
}

fn refuse_regression(
    options: &DataOptions,
    at: &impl Fn(Said) -> DataError,
    kind: fn(Language) -> String,
) -> Result<(), DataError> {
    match options.task {
        Some(Task::Regress) => Err(at(Said::new(|l| say::error_target_is(l, kind(l))))
            .expected(say::error_want_regression)
            .cure(say::cure_regression)),
        _ => Ok(()),
    }
}

/// The columns that the options, the source or the custom name.
fn target_places(
    source: &str,
    table: &RawTable,
    options: &DataOptions,
    notes: &mut Vec<Said>,
) -> Result<Vec<usize>, DataError> {
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    if let Some(wanted) = &options.target {
        if let Some(place) = find_column(&names, wanted) {
            return Ok(vec![place]);
        }
        let mut places = Vec::new();
        for wanted in wanted.split(',').map(str::trim) {
            let place =
                find_column(&names, wanted).ok_or_else(|| no_column(source, wanted, &names))?;
            if !places.contains(&place) {
                places.push(place);
            }
        }
        return Ok(places);
    }
    if let Some(places) = &table.targets {
        return Ok(places.clone());
    }
    let custom = customary(&names);
    let last = names.len().saturating_sub(1);
    let is_text = |place: usize| matches!(table.columns[place].kind, RawKind::Text(_));
    let (place, why): (usize, fn(Language) -> String) = match custom {
        Some(place) => (place, say::data_by_name),
        None if !is_text(last) => (last, say::data_last_column),
        // Of texts nothing is predicted.
        None => match (0..last).rev().find(|&place| !is_text(place)) {
            Some(place) => (place, say::data_last_no_text),
            None => (last, say::data_last_column),
        },
    };
    let name = quoted(names[place].as_bytes());
    notes.push(Said::new(|l| say::data_target(l, &name, why(l))));
    Ok(vec![place])
}

/// The column that is called as targets are.
fn customary(names: &[String]) -> Option<usize> {
    const CUSTOMARY: [&str; 6] = ["target", "label", "labels", "class", "species", "y"];
    CUSTOMARY.iter().find_map(|custom| names.iter().position(|name| name.to_lowercase() == *custom))
}

/// Several targets are several numbers.
fn several(
    source: &str,
    table: &RawTable,
    places: Vec<usize>,
    options: &DataOptions,
) -> Result<Found, DataError> {
    for &place in &places {
        let column = &table.columns[place];
        if !matches!(column.kind, RawKind::Number) || options.task == Some(Task::Classify) {
            return Err(DataError::new(source, |l| {
                say::error_target_is(l, say::column_kind_named(l, column.kind.name()))
            })
            .column(&column.name)
            .expected(say::error_want_several)
            .cure(say::cure_several));
        }
    }
    let reason = Said::new(|l| say::data_several_targets(l, places.len()));
    Ok(Found { task: Task::Regress, reason, places, classes: None })
}

fn of_numbers(
    source: &str,
    table: &RawTable,
    place: usize,
    options: &DataOptions,
) -> Result<Found, DataError> {
    let column = &table.columns[place];
    let mut counted = Distinct::default();
    table.cells.each(table.columns.len(), 0..table.rows, |_, cells| {
        counted.add(cells[place]);
        Ok(())
    })?;
    let names = if place + 1 == table.columns.len() { table.classes.as_deref() } else { None };
    let own = table.targets.as_deref() == Some(&[place]);
    let whole = table.whole_targets && own;
    if let (None, Some(task), true) = (options.task, table.task, own) {
        let found = counted.decide(source, &column.name, Some(task), names, whole, vec![place])?;
        return Ok(Found { reason: Said::new(say::data_holds_classes), ..found });
    }
    counted.decide(source, &column.name, options.task, names, whole, vec![place])
}

/// What may help where a column is no target as it was read.
fn cure_words(l: Language, column: &str) -> String {
    match is_flag_word(column) {
        true => say::cure_target_category(l, column),
        false => say::cure_other_column(l),
    }
}

/// Names of classes that are shown as the reason of a task.
const SHOWN_CLASSES: usize = 4;

/// Finds the target of images.
pub(crate) fn of_labels(
    source: &str,
    labels: &Labels,
    options: &DataOptions,
) -> Result<Found, DataError> {
    if labels.outputs > 1 {
        if options.task == Some(Task::Classify) {
            return Err(DataError::new(source, |l| say::error_many_targets(l, labels.outputs))
                .expected(say::error_want_one_class));
        }
        let reason = Said::new(|l| say::data_several_targets(l, labels.outputs));
        return Ok(Found { task: Task::Regress, reason, places: Vec::new(), classes: None });
    }
    let mut counted = Distinct::default();
    labels.values.iter().for_each(|&value| counted.add(value));
    let names = labels.classes.as_deref();
    let found =
        counted.decide(source, &labels.name, options.task, names, labels.whole, Vec::new())?;
    match (names, options.task, found.task) {
        // Their numbers are ours.
        (Some(names), None, Task::Classify) => {
            let list = names.iter().take(SHOWN_CLASSES).map(|name| quoted(name.as_bytes()));
            let list = list.collect::<Vec<_>>().join(", ");
            let more = if names.len() > SHOWN_CLASSES { ", …" } else { "" };
            let reason =
                Said::new(|l| say::data_has_classes(l, names.len(), format!("{list}{more}")));
            Ok(Found { reason, ..found })
        }
        _ => Ok(found),
    }
}

/// The different numbers of a target, up to a bound.
#[derive(Default)]
struct Distinct {
    counts: HashMap<u64, u64>,
    total: u64,
    too_many: bool,
    not_whole: bool,
}

impl Distinct {
    fn add(&mut self, value: f64) {
        if value.is_nan() || self.too_many {
            return;
        }
        self.total += 1;
        self.not_whole |= value.fract() != 0.0;
        if let Some(count) = self.counts.get_mut(&bits(value)) {
            *count += 1;
        } else if self.counts.len() <= MOST_CLASSES {
            self.counts.insert(bits(value), 1);
        } else {
            self.too_many = true;
        }
    }

    /// Classes or a measure? `labels` says that the source keeps classes.
    fn decide(
        self,
        source: &str,
        name: &str,
        task: Option<Task>,
        names: Option<&[String]>,
        labels: bool,
        places: Vec<usize>,
    ) -> Result<Found, DataError> {
        let (shown, different) = (quoted(name.as_bytes()), self.counts.len());
        let few =
            different <= MOST_WHOLE_CLASSES && self.total >= LEAST_EXAMPLES * different as u64;
        let classes_likely = !self.too_many && !self.not_whole && (few || labels);
        let held = |l: Language| {
            let count = l.count(different.min(MOST_CLASSES) as u64);
            let count = if self.too_many { say::data_more_than(l, count) } else { count };
            match self.not_whole {
                true => say::data_holds_numbers(l, &shown, count),
                false => say::data_holds_whole_numbers(l, &shown, count),
            }
        };
        let (task, reason) = match task {
            Some(task) => (task, Said::new(say::data_asked_for)),
            None if classes_likely => {
                let values = |l: Language| l.counted(different as u64, "different whole number");
                (Task::Classify, Said::new(|l| say::data_holds_whole(l, &shown, values(l))))
            }
            None => (Task::Regress, Said::new(held)),
        };
        if task == Task::Regress {
            return Ok(Found { task, reason, places, classes: None });
        }
        if self.too_many {
            return Err(DataError::new(source, |l| say::error_more_values(l, MOST_CLASSES))
                .column(name)
                .expected(say::error_want_few_classes)
                .cure(say::cure_more_values));
        }
        let values: Vec<f64> = self.counts.keys().map(|&bits| f64::from_bits(bits)).collect();
        Ok(Found { task, reason, places, classes: Some(Classes::of_numbers(values, names)) })
    }
}

/// The saved form of classes.
pub(crate) fn saved_classes(classes: &Classes, column: &str, place: usize) -> Target {
    Target::Classes {
        column: column.to_owned(),
        place,
        values: classes.values.clone(),
        names: classes.names.clone(),
        numeric: classes.numeric,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::raw::RawColumn;
    use crate::data::store::Store;

    fn table(kinds: Vec<(&str, RawKind)>, cells: Vec<f64>) -> RawTable {
        let columns: Vec<RawColumn> = kinds
            .into_iter()
            .map(|(name, kind)| RawColumn { name: name.to_owned(), kind, written: None })
            .collect();
        RawTable {
            rows: cells.len() / columns.len(),
            columns,
            cells: Store::memory(cells),
            lines: None,
            named: true,
            classes: None,
            targets: None,
            task: None,
            whole_targets: false,
        }
    }

    fn found(table: &RawTable, options: &DataOptions) -> Result<Found, DataError> {
        of_table("t.csv", table, options, &mut Vec::new())
    }

    fn numbers(count: usize, different: usize, step: f64) -> RawTable {
        let cells = (0..count).map(|row| (row % different) as f64 * step).collect();
        table(vec![("v", RawKind::Number)], cells)
    }

    #[test]
    fn the_task_follows_from_the_target() {
        let check = |table: RawTable, task: Task, reason: &str| {
            let found = found(&table, &DataOptions::default()).expect(reason);
            assert_eq!((found.task, found.reason.english()), (task, reason));
        };
        check(numbers(100, 3, 1.0), Task::Classify, "`v` holds 3 different whole numbers");
        check(numbers(100, 50, 1.0), Task::Regress, "`v` holds 50 different whole numbers");
        check(numbers(10, 3, 1.0), Task::Regress, "`v` holds 3 different whole numbers");
        check(numbers(100, 3, 0.5), Task::Regress, "`v` holds 3 different numbers");
        let words = RawKind::Category { values: vec!["b".into(), "a".into()], overflow: 0 };
        check(
            table(vec![("w", words)], vec![0.0, 1.0, 0.0]),
            Task::Classify,
            "`w` holds words, 2 different",
        );
        let yes = RawKind::Boolean { values: ["yes".into(), "no".into()], yes: 0 };
        check(table(vec![("b", yes)], vec![0.0, 1.0]), Task::Classify, "`b` is boolean (no, yes)");
    }

    #[test]
    fn classes_have_a_stable_order() {
        let words = RawKind::Category { values: vec!["b".into(), "a".into()], overflow: 0 };
        let found_words =
            found(&table(vec![("w", words)], vec![0.0, 1.0, 0.0]), &DataOptions::default());
        let classes = found_words.expect("finds").classes.expect("classes");
        assert_eq!(classes.values, ["a", "b"]);
        assert_eq!(
            (classes.index(0.0), classes.index(1.0), classes.index(2.0)),
            (Some(1), Some(0), None)
        );
        let options = DataOptions { task: Some(Task::Classify), ..DataOptions::default() };
        let cells = vec![10.0, -0.0, 9.5, 0.0];
        let classes = found(&table(vec![("v", RawKind::Number)], cells), &options);
        let classes = classes.expect("finds").classes.expect("classes");
        assert_eq!(classes.values, ["0", "9.5", "10"]);
        assert_eq!(classes.index(0.0), Some(0));
    }

    #[test]
    fn the_target_is_named_or_customary_or_last() {
        let check = |names: &[&str], wanted: Option<&str>, expected: &[usize]| {
            let columns = names.iter().map(|&name| (name, RawKind::Number)).collect();
            let table = table(columns, vec![1.5; names.len()]);
            let options =
                DataOptions { target: wanted.map(str::to_owned), ..DataOptions::default() };
            assert_eq!(found(&table, &options).expect("finds").places, expected, "{names:?}");
        };
        check(&["a", "b"], None, &[1]);
        check(&["Class", "b"], None, &[0]);
        check(&["a", "b", "c"], Some("b"), &[1]);
        check(&["a", "b", "c"], Some("1"), &[0]);
        check(&["a", "2", "c"], Some("2"), &[1]);
        check(&["a", "b", "c"], Some("last"), &[2]);
        check(&["a", "b", "c"], Some("c, a"), &[2, 0]);
        let table = table(vec![("a", RawKind::Number), ("b", RawKind::Number)], vec![1.0, 2.0]);
        let options = DataOptions { target: Some("price".into()), ..DataOptions::default() };
        assert_eq!(
            found(&table, &options).err().expect("no such column").to_string(),
            "t.csv: there is no column `price`, expected one of `a`, `b`; name one of them, or \
             give its number from 1, or `last`"
        );
    }
}
