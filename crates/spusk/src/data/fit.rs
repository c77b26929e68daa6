//! Fitting the encoding of a table's columns to the training part.

mod encoder;
mod statistics;
mod text;

use super::error::{DataError, quoted, short};
use super::options::{DataOptions, Fill, Scale};
use super::preprocessing::{Column, Encoding, signed_log};
use super::random;
use super::raw::{RawColumn, RawKind, RawTable};
use super::split::Part;
use super::table::cell::number_name;
use super::table::date;
use crate::messages::{self as say, Language, Said};
use crate::text::shown;
pub(crate) use encoder::TableEncoder;
pub(crate) use statistics::Moments;
use statistics::{Sample, Sequence};
use text::{FittedText, fit_text};

/// What was found in a column and what became of it, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnReport {
    /// The column's name.
    pub name: String,
    /// What its cells are: number, category, boolean, date.
    pub kind: &'static str,
    /// What is known of its training cells: range, mean, values.
    pub summary: Said,
    /// Missing cells in the training part.
    pub missing: u64,
    /// What it is used for, and how.
    pub use_: Said,
}

impl ColumnReport {
    /// The name on one line, cut to a bearable length.
    #[must_use]
    pub fn shown_name(&self) -> String {
        shown(&self.name)
    }
}

/// The encodings of all columns that are no targets.
pub(crate) struct Fitted {
    pub(crate) columns: Vec<Column>,
    pub(crate) reports: Vec<ColumnReport>,
    pub(crate) notes: Vec<Said>,
}

/// Fits every column of `table` but the `targets` to the rows whose part is training.
pub(crate) fn fit(
    source: &str,
    table: &RawTable,
    parts: &[Part],
    targets: &[usize],
    ignored: &[bool],
    options: &DataOptions,
) -> Result<Fitted, DataError> {
    let room = (SAMPLED / table.columns.len().max(1)).clamp(1 << 10, 1 << 16);
    let mut gathered: Vec<Gathered> = table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| Gathered::new(column, place, room, options))
        .collect();
    table.cells.each(table.columns.len(), 0..table.rows, |row, values| {
        let train = parts[row] == Part::Train;
        for (gathered, &value) in gathered.iter_mut().zip(values) {
            gathered.add(value, train);
        }
        Ok(())
    })?;
    let text = fit_text(table, parts, targets, ignored, options)?;
    let mut fitted = encodings(source, table, &gathered, (targets, ignored, &text), options, true)?;
    if fitted.width() == 0 {
        // Where nothing else is left, the number of the row is what there is to learn from.
        fitted = encodings(source, table, &gathered, (targets, ignored, &text), options, false)?;
    }
    if fitted.width() == 0 {
        let list = |l: Language| {
            let of = |column: &Column| {
                format!("{}: {}", quoted(column.name.as_bytes()), column.encoding.describe(l))
            };
            let list: Vec<String> = fitted.columns.iter().map(of).collect();
            if list.is_empty() { String::new() } else { format!(" ({})", list.join("; ")) }
        };
        return Err(DataError::new(source, |l| say::error_no_features(l, list(l)))
            .expected(say::error_want_features));
    }
    Ok(fitted)
}

impl Fitted {
    fn width(&self) -> usize {
        self.columns.iter().map(|column| column.encoding.width()).sum()
    }
}

/// The encoding of every column; `drop_numbering` leaves out those that number the rows.
fn encodings(
    source: &str,
    table: &RawTable,
    gathered: &[Gathered],
    (targets, ignored, text): (&[usize], &[bool], &Option<FittedText>),
    options: &DataOptions,
    drop_numbering: bool,
) -> Result<Fitted, DataError> {
    let mut fitted = Fitted { columns: Vec::new(), reports: Vec::new(), notes: Vec::new() };
    for (place, (column, gathered)) in table.columns.iter().zip(gathered).enumerate() {
        let mut report = ColumnReport {
            name: column.name.clone(),
            kind: column.kind.name(),
            summary: Said::new(|l| gathered.summary(column, l)),
            missing: gathered.missing,
            use_: Said::new(say::use_target),
        };
        let text = text.as_ref().filter(|text| text.place == place);
        if let Some(text) = text {
            report.summary = Said::new(|l| text.summary(l));
        }
        if let Some(written) = &column.written
            && written.in_two_ways
            && drop_numbering
        {
            let name = quoted(column.name.as_bytes());
            let (cell, value) = (quoted(written.example.as_bytes()), short(written.value));
            let comma = if written.spelling.comma { "off" } else { "on" };
            fitted.notes.push(Said::new(|l| {
                say::data_two_spellings(l, &name, &cell, l.digits(&value), comma)
            }));
        }
        if !targets.contains(&place) {
            let encoding = if let Some(text) = text {
                text.encoding()
            } else if ignored[place] {
                Encoding::Dropped { why: "data.ignore names it".to_owned() }
            } else if drop_numbering && gathered.numbers_rows(column, table) {
                Encoding::Dropped { why: "it numbers the rows".to_owned() }
            } else {
                gathered.encoding(source, column, options)?
            };
            report.use_ = Said::new(|l| encoding.describe(l));
            gathered.warn(column, &encoding, options, &mut fitted.notes);
            let spelling = column.written.as_ref().map(|written| written.spelling);
            fitted.columns.push(Column { name: column.name.clone(), place, encoding, spelling });
        }
        fitted.reports.push(report);
    }
    Ok(fitted)
}

/// The numbers, over all columns, that are kept for medians.
const SAMPLED: usize = 1 << 22;

/// What the pass over the rows collects of a column.
struct Gathered {
    /// Training cells.
    present: u64,
    missing: u64,
    /// The moments of a number, or of each part of a date.
    moments: Vec<Moments>,
    /// How often each word's code comes in the training part.
    counts: Vec<u64>,
    others: u64,
    is_date: bool,
    log: bool,
    sample: Option<Sample>,
    sequence: Sequence,
    /// Cells of all parts that are not missing.
    all_present: u64,
}

impl Gathered {
    fn new(column: &RawColumn, place: usize, room: usize, options: &DataOptions) -> Gathered {
        let (moments, words) = match &column.kind {
            RawKind::Number => (1, 0),
            RawKind::Date { .. } => (date::PARTS.len(), 0),
            RawKind::Category { values, .. } => (0, values.len()),
            RawKind::Boolean { .. } => (0, 2),
            RawKind::Text(_) => (0, 0),
        };
        let needs_sample = options.scale == Scale::Robust || options.fill == Fill::Median;
        Gathered {
            present: 0,
            missing: 0,
            moments: vec![Moments::default(); moments],
            counts: vec![0; words],
            others: 0,
            is_date: moments > 1,
            log: options.scale == Scale::Log,
            sample: (needs_sample && moments == 1)
                .then(|| Sample::new(room, random::word(random::key(0, "median"), place as u64))),
            sequence: Sequence::default(),
            all_present: 0,
        }
    }

    fn add(&mut self, value: f64, train: bool) {
        if self.moments.len() == 1 {
            self.sequence.add(value);
        }
        self.all_present += u64::from(!value.is_nan());
        if !train {
            return;
        }
        if value.is_nan() {
            self.missing += 1;
            return;
        }
        self.present += 1;
        if self.is_date {
            for (moments, part) in self.moments.iter_mut().zip(date::parts(value)) {
                moments.add(part);
            }
        } else if let [moments] = self.moments.as_mut_slice() {
            let value = if self.log { signed_log(value) } else { value };
            moments.add(value);
            if let Some(sample) = &mut self.sample {
                sample.add(value);
            }
        } else {
            match self.counts.get_mut(value as usize) {
                Some(count) => *count += 1,
                None => self.others += 1,
            }
        }
    }

    /// Whether the column counts the rows, by its name and its cells.
    fn numbers_rows(&self, column: &RawColumn, table: &RawTable) -> bool {
        // In a table with a header, c1 is a first column without a name.
        let named = names_rows(&column.name) || (table.named && column.name == "c1");
        named && self.sequence.numbers_rows(table.rows)
    }

    fn encoding(
        &self,
        source: &str,
        column: &RawColumn,
        options: &DataOptions,
    ) -> Result<Encoding, DataError> {
        let dropped = |why: &str| Ok(Encoding::Dropped { why: why.to_owned() });
        if self.present == 0 {
            return dropped("all its cells are missing in the training part");
        }
        let indicator = self.missing > 0;
        match &column.kind {
            RawKind::Number => {
                let moments = &self.moments[0];
                if moments.is_constant() && !indicator {
                    let value = number_name(moments.least);
                    return dropped(&format!("it is always {value} in the training part"));
                }
                self.number(source, column, indicator, options)
            }
            RawKind::Boolean { values, yes } => {
                let ones = self.counts[*yes] as f64 / self.present as f64;
                if (ones == 0.0 || ones == 1.0) && !indicator {
                    return dropped("it is always the same in the training part");
                }
                let spread = (ones * (1.0 - ones)).sqrt();
                let plain = options.scale == Scale::None;
                Ok(Encoding::Boolean {
                    no: values[1 - yes].clone(),
                    yes: values[*yes].clone(),
                    center: if plain { 0.0 } else { ones },
                    spread: if spread > 0.0 && !plain { spread } else { 1.0 },
                    indicator,
                })
            }
            RawKind::Date { order } => {
                let parts: Vec<usize> = (0..self.moments.len())
                    .filter(|&part| !self.moments[part].is_constant())
                    .collect();
                if parts.is_empty() && !indicator {
                    return dropped("it is always the same date in the training part");
                }
                let days = &self.moments[0];
                let spread = if days.is_constant() { 1.0 } else { days.std() };
                Ok(Encoding::Date { order: *order, center: days.mean, spread, parts, indicator })
            }
            RawKind::Category { values, overflow } => {
                Ok(self.category(values, *overflow, indicator, options))
            }
            RawKind::Text(_) => dropped(
                "it holds texts, and another column has longer ones; --text chooses the one to read",
            ),
        }
    }

    fn number(
        &self,
        source: &str,
        column: &RawColumn,
        indicator: bool,
        options: &DataOptions,
    ) -> Result<Encoding, DataError> {
        let moments = &self.moments[0];
        if !moments.std().is_finite() {
            return Err(DataError::new(source, say::error_large_numbers)
                .column(&column.name)
                .expected(say::error_want_small_numbers)
                .cure(say::cure_large_numbers));
        }
        let quarters = self.sample.as_ref().map(Sample::quarters);
        let (mut center, mut spread) = (moments.mean, moments.std());
        if let (Scale::Robust, Some([low, middle, high])) = (options.scale, quarters) {
            center = middle;
            // 1.349 is the interquartile range of the normal distribution with variance 1.
            let range = (high - low) / 1.349;
            spread = if range > 0.0 { range } else { spread };
        }
        if moments.is_constant() {
            spread = 1.0;
        }
        let fill = match (options.fill, quarters) {
            (Fill::Median, Some([_, middle, _])) => middle,
            _ => moments.mean,
        };
        if options.scale == Scale::None {
            (center, spread) = (0.0, 1.0);
        }
        let log = options.scale == Scale::Log;
        Ok(Encoding::Number { log, center, spread, fill, indicator })
    }

    fn category(
        &self,
        values: &[String],
        overflow: u64,
        indicator: bool,
        options: &DataOptions,
    ) -> Encoding {
        let dropped = |why: String| Encoding::Dropped { why };
        let different = values.len() as u64 + overflow;
        // A word of its own in nearly every row is a name or a text, from which nothing carries over
        // to other rows.
        if different > 20 && different * 10 > self.all_present * 9 {
            return dropped(format!(
                "it has {different} different values in {} rows, as a name or a text has",
                self.all_present
            ));
        }
        let mut order: Vec<usize> = (0..values.len())
            .filter(|&code| self.counts[code] >= options.min_category_count.max(1) as u64)
            .collect();
        order.sort_by(|&a, &b| {
            self.counts[b].cmp(&self.counts[a]).then_with(|| values[a].cmp(&values[b]))
        });
        order.truncate(options.max_categories);
        let kept: u64 = order.iter().map(|&code| self.counts[code]).sum();
        let others = kept < self.present;
        if order.len() + usize::from(others) + usize::from(indicator) < 2 {
            return dropped(match order.first() {
                Some(&code) => {
                    format!("it is always {} in the training part", quoted(values[code].as_bytes()))
                }
                None => "no value comes often enough in the training part".to_owned(),
            });
        }
        let mut kept: Vec<String> = order.into_iter().map(|code| values[code].clone()).collect();
        kept.sort();
        Encoding::Category { values: kept, others, missing: indicator }
    }

    /// Says what a user may want to change.
    fn warn(
        &self,
        column: &RawColumn,
        encoding: &Encoding,
        options: &DataOptions,
        notes: &mut Vec<Said>,
    ) {
        let name = quoted(column.name.as_bytes());
        match encoding {
            Encoding::Dropped { why } => notes.push(Said::new(|l| {
                say::data_column_left_out(l, &name, super::preprocessing::dropped(l, why))
            })),
            Encoding::Number { center, spread, .. } => {
                let moments = &self.moments[0];
                let far = ((moments.most - center) / spread).max((center - moments.least) / spread);
                if far > 30.0 && !matches!(options.scale, Scale::Log | Scale::None) {
                    notes.push(Said::new(|l| say::data_far_values(l, &name, l.fixed(far, 0))));
                }
            }
            Encoding::Category { values, others: true, .. } => {
                let different = self.counts.iter().filter(|&&count| count > 0).count();
                notes.push(Said::new(|l| say::data_rare_values(l, &name, values.len(), different)));
            }
            _ => {}
        }
    }

    fn summary(&self, column: &RawColumn, l: Language) -> String {
        match &column.kind {
            RawKind::Number if self.present > 0 => {
                let moments = &self.moments[0];
                let back = |value: f64| {
                    if self.log { value.abs().exp_m1().copysign(value) } else { value }
                };
                let [low, high] =
                    [moments.least, moments.most].map(|value| l.digits(&short(back(value))));
                let range = say::values_from_to(l, low, high);
                match &column.written {
                    None => range,
                    Some(written) => {
                        let (cell, value) = (shown(&written.example), short(written.value));
                        say::values_written(l, range, cell, l.digits(&value))
                    }
                }
            }
            RawKind::Date { .. } if self.present > 0 => {
                let days = &self.moments[0];
                say::values_from_to(l, date::day_name(days.least), date::day_name(days.most))
            }
            RawKind::Category { values, overflow } => {
                let mut list: Vec<&str> = values.iter().take(4).map(String::as_str).collect();
                if values.len() > 4 {
                    list.push("…");
                }
                let mut count = l.count(values.len() as u64);
                if *overflow > 0 {
                    count = say::data_more_than(l, count);
                }
                let list: Vec<String> = list.into_iter().map(shown).collect();
                say::values_different(l, count, list.join(", "))
            }
            RawKind::Boolean { values, .. } => {
                values.each_ref().map(|value| shown(value)).join(", ")
            }
            _ => say::values_all_missing(l),
        }
    }
}

impl RawKind {
    /// The kind in a word.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            RawKind::Number => "number",
            RawKind::Date { .. } => "date",
            RawKind::Category { .. } => "category",
            RawKind::Boolean { .. } => "boolean",
            RawKind::Text(_) => "text",
        }
    }
}

/// Names of columns that number the rows: those that programs give, and whatever ends with the word "id" (`order_id`,
/// `PassengerId`, `userID`).
fn names_rows(name: &str) -> bool {
    let name = name.trim();
    let lower = name.to_lowercase().replace([' ', '-', ':', '.'], "_");
    let camel = ["Id", "ID"].iter().any(|end| {
        name.strip_suffix(end).is_some_and(|rest| rest.ends_with(|c: char| c.is_lowercase()))
    });
    let word = matches!(
        lower.as_str(),
        "id" | "index"
            | "idx"
            | "row"
            | "rowid"
            | "row_number"
            | "no"
            | "nr"
            | "number"
            | "#"
            | "№"
            | "номер"
    );
    word || camel || lower.ends_with("_id") || lower.starts_with("unnamed_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::store::Store;

    fn table(columns: Vec<RawColumn>, cells: Vec<f64>) -> RawTable {
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

    fn column(name: &str, kind: RawKind) -> RawColumn {
        RawColumn { name: name.to_owned(), kind, written: None }
    }

    fn words(values: &[&str]) -> RawKind {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        RawKind::Category { values, overflow: 0 }
    }

    fn fit_all(table: &RawTable, options: &DataOptions) -> Fitted {
        let parts = vec![Part::Train; table.rows];
        let none = vec![false; table.columns.len()];
        fit("t.csv", table, &parts, &[], &none, options).expect("fits")
    }

    #[test]
    fn numbers_are_standardized_by_the_training_part_alone() {
        let table = table(vec![column("x", RawKind::Number)], vec![1.0, 3.0, f64::NAN, 99.0]);
        let parts = [Part::Train, Part::Train, Part::Train, Part::Test];
        let fitted = fit("t.csv", &table, &parts, &[], &[false], &DataOptions::default());
        let columns = fitted.expect("fits").columns;
        let Encoding::Number { center, spread, indicator, fill, .. } = columns[0].encoding else {
            unreachable!("a number column")
        };
        assert_eq!((center, spread, fill, indicator), (2.0, 1.0, 2.0, true));
        let mut encoder = TableEncoder::new(&columns, &table.columns);
        let mut inputs = [0.0; 2];
        encoder.encode(&[f64::NAN], &mut inputs).expect("reads");
        assert_eq!(inputs, [0.0, 1.0]);
    }

    #[test]
    fn useless_columns_are_left_out_and_told() {
        let mut cells = Vec::new();
        for row in 0..30 {
            let row = f64::from(row);
            cells.extend([row, 5.0, row, f64::NAN, row % 3.0, row + 0.5]);
        }
        let names: Vec<String> = (0..30).map(|row| format!("name {row}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let table = table(
            vec![
                column("Id", RawKind::Number),
                column("same", RawKind::Number),
                column("name", words(&names)),
                column("empty", RawKind::Number),
                column("three", words(&["c", "a", "b"])),
                column("x", RawKind::Number),
            ],
            cells,
        );
        let fitted = fit_all(&table, &DataOptions::default());
        let widths: Vec<usize> =
            fitted.columns.iter().map(|column| column.encoding.width()).collect();
        assert_eq!(widths, [0, 0, 0, 0, 3, 1]);
        assert_eq!(
            fitted.notes,
            [
                "column `Id` is left out: it numbers the rows",
                "column `same` is left out: it is always 5 in the training part",
                "column `name` is left out: it has 30 different values in 30 rows, as a name or a \
                 text has",
                "column `empty` is left out: all its cells are missing in the training part",
            ]
        );
        let mut encoder = TableEncoder::new(&fitted.columns, &table.columns);
        let mut inputs = [0.0; 4];
        encoder.encode(&[0.0, 5.0, 0.0, 0.0, 0.0, 0.5], &mut inputs).expect("reads");
        assert_eq!(inputs[..3], [0.0, 0.0, 1.0]);
    }

    #[test]
    fn columns_that_number_the_rows_are_recognized() {
        let numbers = |name: &str, cell: &dyn Fn(u32) -> f64| {
            let cells = (0..40).flat_map(|row| [cell(row), f64::from(row % 7)]).collect();
            let columns = vec![column(name, RawKind::Number), column("x", RawKind::Number)];
            let fitted = fit_all(&table(columns, cells), &DataOptions::default());
            fitted.columns[0].encoding.width() == 0
        };
        let counts = |row: u32| f64::from(row + 1);
        for name in ["PassengerId", "id", "order_id", "Order ID", "userID", "No", "№", "Unnamed: 0"]
        {
            assert!(numbers(name, &counts), "{name}");
        }
        for name in ["paid", "humid", "year", "x", "kid", "IDEA"] {
            assert!(!numbers(name, &counts), "{name}");
        }
        // With gaps, and in any order.
        assert!(numbers("id", &|row| f64::from(row + row / 5)));
        assert!(numbers("id", &|row| f64::from(100 + row * 7 % 40)));
        // With a hole, with repetitions, with fractions, far apart.
        assert!(!numbers("id", &|row| if row == 3 { f64::NAN } else { counts(row) }));
        assert!(!numbers("id", &|row| f64::from(row / 2)));
        assert!(!numbers("id", &|row| f64::from(row) + 0.5));
        assert!(!numbers("id", &|row| f64::from(row * 1000)));
        assert!(!numbers("id", &|row| f64::from(row * 7 % 39)));
    }

    #[test]
    fn rare_categories_share_an_input() {
        let codes = [0, 0, 0, 1, 1, 2, 3, 4, 4, 4, 4];
        let cells = codes.iter().map(|&code| f64::from(code)).collect();
        let table = table(vec![column("w", words(&["p", "q", "r", "s", "t"]))], cells);
        let options = DataOptions { max_categories: 2, ..DataOptions::default() };
        let fitted = fit_all(&table, &options);
        let expected = Encoding::Category {
            values: vec!["p".into(), "t".into()],
            others: true,
            missing: false,
        };
        assert_eq!(fitted.columns[0].encoding, expected);
        assert_eq!(
            fitted.notes,
            ["column `w`: 2 of its 5 values have an input of their own, the rest share one"]
        );
    }

    #[test]
    fn robust_and_log_scales() {
        let cells: Vec<f64> = (0..=100).map(f64::from).chain([1e9]).collect();
        let table = table(vec![column("x", RawKind::Number)], cells);
        let check = |scale: Scale, expected: f32| {
            let options = DataOptions { scale, ..DataOptions::default() };
            let fitted = fit_all(&table, &options);
            let mut encoder = TableEncoder::new(&fitted.columns, &table.columns);
            let mut inputs = [0.0];
            encoder.encode(&[100.0], &mut inputs).expect("reads");
            assert!((inputs[0] - expected).abs() < 0.02, "{scale:?} {inputs:?}");
        };
        check(Scale::Standard, -0.1);
        check(Scale::Robust, 49.5 / (50.5 / 1.349));
        check(Scale::Log, 0.4176);
        check(Scale::None, 100.0);
    }

    #[test]
    fn samples_are_even() {
        let mut sample = Sample::new(1000, 1);
        (0..100_000).for_each(|value| sample.add(f64::from(value)));
        let [low, middle, high] = sample.quarters();
        assert!((low - 25_000.0).abs() < 5000.0, "{low}");
        assert!((middle - 50_000.0).abs() < 5000.0, "{middle}");
        assert!((high - 75_000.0).abs() < 5000.0, "{high}");
        let mut few = Sample::new(1000, 1);
        [3.0, 1.0, 2.0].into_iter().for_each(|value| few.add(value));
        assert_eq!(few.quarters(), [1.5, 2.0, 2.5]);
    }
}
