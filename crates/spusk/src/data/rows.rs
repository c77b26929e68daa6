//! New raw rows, encoded with a saved preprocessing: for predictions and for test sources.

mod cells;
mod feature;
mod places;

use std::collections::HashMap;

use super::encoded::{Encoded, RowOrigin};
use super::error::{DataError, quoted};
use super::options::{BadRows, Color, DataOptions};
use super::prepare::{NO_LABEL, raw_room, window_bytes};
use super::preprocessing::{Column, Encoding, Inputs, Preprocessing, Target};
use super::raw::{Content, RawPixels, RawTable, Skipped, skip};
use super::sources::{open, open_named};
use super::store::Writer;
use super::table::files::{TableFiles, TableRows};
use crate::messages::{self as say, Said};
use cells::{class_names, class_words};
use feature::{Feature, features};
use places::{Places, pixel_names, table_names};

/// A stream of new rows, encoded as the training rows were.
///
/// Values that the training part did not have are counted in [`NewRows::notes`]; missing columns are
/// an error. The target may be there or not.
pub struct NewRows<'a> {
    preprocessing: &'a Preprocessing,
    options: &'a DataOptions,
    source: String,
    input: Input,
    /// Inputs of each column of a table, in the order of the saved columns.
    features: Vec<Feature>,
    targets: Option<Vec<usize>>,
    classes: HashMap<Vec<u8>, usize>,
    /// The classes by the names that people know them by.
    names: HashMap<Vec<u8>, usize>,
    /// Features, then targets, of the row before it is encoded.
    cells: Vec<f64>,
    /// The classes of the rows read last, for an autoencoder.
    labels: Vec<f32>,
    rows: u64,
    skipped: Skipped,
    notes: Vec<Said>,
}

/// Where rows come from.
enum Input {
    Text { rows: TableRows, comma: Vec<bool>, names: Vec<String>, sources: Vec<String> },
    Table { table: RawTable, next: usize },
    Pixels { raw: RawPixels, next: usize },
}

impl<'a> NewRows<'a> {
    /// Opens a source for prediction; `wants_targets` asks for its targets, too.
    pub fn open(
        preprocessing: &'a Preprocessing,
        spec: &str,
        options: &'a DataOptions,
        wants_targets: bool,
    ) -> Result<NewRows<'a>, DataError> {
        preprocessing.validate()?;
        if let Inputs::Series(_) = preprocessing.inputs {
            return Err(DataError::new(spec, say::rows_are_series).cure(say::cure_rows_are_series));
        }
        if let Inputs::Patches(_) = preprocessing.inputs {
            return Err(
                DataError::new(spec, say::rows_are_pictures).cure(say::cure_rows_are_pictures)
            );
        }
        let known: Vec<&str> = match &preprocessing.inputs {
            Inputs::Table { named: true, columns } => {
                columns.iter().map(|column| column.name.as_str()).collect()
            }
            _ => Vec::new(),
        };
        let opened = if known.is_empty() {
            open(spec, &as_trained(options, &preprocessing.inputs))?
        } else {
            open_named(spec, options, &known)?
        };
        let (names, named) = match &opened.content {
            Content::Text(files) => (files.names.clone(), files.named()),
            Content::Table(table) => (table_names(table), table.named),
            Content::Pixels(raw) => (pixel_names(raw), false),
        };
        let mut notes = opened.notes;
        let places = Places::find(preprocessing, &opened.name, &names, named, &mut notes)?;
        // An autoencoder's target is its features, so classes are read where there are some.
        let autoencodes = preprocessing.is_autoencoder();
        if wants_targets && !autoencodes && places.targets.is_none() {
            let wanted: Vec<String> =
                preprocessing.target.names().iter().map(|name| quoted(name.as_bytes())).collect();
            let absent = |l| say::error_no_target(l, wanted.join(", "));
            return Err(DataError::new(opened.name, absent).expected(say::error_want_comparison));
        }
        let input = Input::new(opened.content)?;
        let features = features(preprocessing, &places);
        let targets = places.targets.filter(|_| wants_targets || autoencodes);
        Ok(NewRows {
            options,
            source: opened.name,
            cells: vec![0.0; features.len() + targets.as_ref().map_or(0, Vec::len)],
            features,
            classes: class_words(preprocessing),
            names: class_names(preprocessing),
            targets,
            preprocessing,
            input,
            labels: Vec::new(),
            rows: 0,
            skipped: opened.skipped,
            notes,
        })
    }

    /// Reads and encodes up to `most` rows: their features are appended to `features`, their targets
    /// (where they were asked for) to `targets`, their lines or numbers to `lines`. Returns how many
    /// rows there were; 0 at the end. An autoencoder's targets are its features and are not repeated.
    pub fn read(
        &mut self,
        most: usize,
        features: &mut Vec<f32>,
        targets: &mut Vec<f32>,
        lines: &mut Vec<u64>,
    ) -> Result<usize, DataError> {
        let width = self.preprocessing.width();
        let mut count = 0;
        self.labels.clear();
        while count < most {
            let Some(line) = self.next_row()? else { break };
            let start = features.len();
            features.resize(start + width, 0.0);
            self.encode(&mut features[start..]);
            let cells = &self.cells[self.features.len()..];
            match &self.preprocessing.target {
                _ if self.preprocessing.is_autoencoder() => {
                    self.labels.push(cells.first().map_or(NO_LABEL, |&label| label as f32));
                }
                Target::Inputs | Target::Patches => {}
                Target::Classes { .. } => targets.extend(cells.iter().map(|&class| class as f32)),
                Target::Numbers { columns } => {
                    let scaled = cells.iter().zip(columns);
                    targets.extend(scaled.map(|(y, to)| ((y - to.mean) / to.std) as f32));
                }
                Target::Series { .. } => unreachable!("`open` refuses series"),
            }
            lines.push(line);
            count += 1;
        }
        Ok(count)
    }

    /// The class of each row that was read last, where an autoencoder's source tells it.
    pub fn labels(&self) -> Vec<Option<usize>> {
        let class = |&label: &f32| (label >= 0.0).then_some(label as usize);
        self.labels.iter().map(class).collect()
    }

    /// Rows that were read, and those that were left out.
    pub fn accounting(&self) -> (u64, &Skipped) {
        (self.rows, &self.skipped)
    }

    /// What the numbers of the rows are: each row's `line` in a text, its `row` from 1 elsewhere.
    pub fn counted_by(&self) -> &'static str {
        match &self.input {
            Input::Text { .. } => "line",
            Input::Table { .. } | Input::Pixels { .. } => "row",
        }
    }

    /// The file that a row is from, where each row has one of its own.
    pub fn file(&self, number: u64) -> Option<&str> {
        let Input::Pixels { raw, .. } = &self.input else { return None };
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        raw.files.as_ref()?.get(index).map(String::as_str)
    }

    /// What the user should know of the rows so far.
    pub fn notes(&self) -> Vec<Said> {
        let mut notes = self.notes.clone();
        for (reason, rows) in &self.skipped {
            notes.push(Said::new(|l| {
                say::data_skipped(l, l.count(rows.count), say::skipped(l, reason), rows.first)
            }));
        }
        for feature in &self.features {
            let Some(column) = feature.column else { continue };
            let name = quoted(self.saved(column).name.as_bytes());
            notes.extend(feature.text.iter().flat_map(|text| text.notes(&name)));
            if let Some((line, value)) = &feature.unknown.first {
                notes.push(Said::new(|l| {
                    let count = l.counted(feature.unknown.count, "value");
                    say::data_unseen_values(l, &name, count, value, line)
                }));
            }
            if feature.unknown.missing > 0 {
                notes.push(Said::new(|l| {
                    let count = l.counted(feature.unknown.missing, "value");
                    say::data_missing_values(l, &name, count)
                }));
            }
        }
        notes
    }

    fn saved(&self, column: usize) -> &'a Column {
        match &self.preprocessing.inputs {
            Inputs::Table { columns, .. } => &columns[column],
            Inputs::Pixels(_) | Inputs::Series(_) | Inputs::Patches(_) => {
                unreachable!("pixels have no saved columns")
            }
        }
    }

    fn encode(&self, out: &mut [f32]) {
        match &self.preprocessing.inputs {
            Inputs::Pixels(scale) => {
                for (out, &cell) in out.iter_mut().zip(&self.cells) {
                    *out = scale.encode(cell as f32);
                }
            }
            Inputs::Table { columns, .. } => {
                for (feature, &cell) in self.features.iter().zip(&self.cells) {
                    let column = feature.column.expect("features of tables have columns");
                    let out = &mut out[feature.inputs.clone()];
                    match &feature.text {
                        Some(text) => out.copy_from_slice(&text.inputs),
                        None => columns[column].encoding.encode(cell, out),
                    }
                }
            }
            Inputs::Series(_) | Inputs::Patches(_) => unreachable!("`open` refuses them"),
        }
    }

    /// Reads the next usable row into `cells`; its line.
    fn next_row(&mut self) -> Result<Option<u64>, DataError> {
        loop {
            let line = match &mut self.input {
                Input::Text { rows, .. } => {
                    if !rows.advance()? {
                        return Ok(None);
                    }
                    rows.line()
                }
                Input::Table { table, next } => {
                    if *next == table.rows {
                        return Ok(None);
                    }
                    *next += 1;
                    *next as u64
                }
                Input::Pixels { raw, next } => {
                    if *next == raw.rows {
                        return Ok(None);
                    }
                    *next += 1;
                    *next as u64
                }
            };
            self.rows += 1;
            match self.take_row(line) {
                Ok(true) => return Ok(Some(line)),
                Ok(false) => skip(&mut self.skipped, "the target is missing", line),
                Err(error) if self.options.bad_rows == BadRows::Skip => {
                    let _ = error;
                    skip(&mut self.skipped, "a cell that does not fit its column", line);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Fills `cells`; false when a target is asked for and missing.
    fn take_row(&mut self, line: u64) -> Result<bool, DataError> {
        match &self.input {
            Input::Text { .. } => self.take_text(line),
            Input::Table { .. } | Input::Pixels { .. } => self.take_numbers(line),
        }
    }
}

impl Input {
    fn new(content: Content) -> Result<Input, DataError> {
        Ok(match content {
            Content::Text(files) => Input::of_text(&files)?,
            Content::Table(table) => Input::Table { table, next: 0 },
            Content::Pixels(raw) => Input::Pixels { raw, next: 0 },
        })
    }

    fn of_text(files: &TableFiles) -> Result<Input, DataError> {
        let width = files.names.len();
        Ok(Input::Text {
            rows: files.rows()?,
            comma: (0..width).map(|column| files.comma(column)).collect(),
            names: files.names.clone(),
            sources: (0..width).map(|column| files.file_name(column)).collect(),
        })
    }
}

/// The options with what the run knows of its own data. Images are brought to the size and color of
/// the training images.
fn as_trained(options: &DataOptions, inputs: &Inputs) -> DataOptions {
    let mut options = options.clone();
    // Among words a line of names cannot be told from a row, and the training table had no such line.
    if let Inputs::Table { named: false, columns } = inputs
        && columns
            .iter()
            .all(|c| matches!(c.encoding, Encoding::Category { .. } | Encoding::Text { .. }))
    {
        options.header = options.header.or(Some(false));
    }
    if let Inputs::Pixels(scale) = inputs
        && let [height, width, channels] = scale.shape[..]
    {
        options.size = options.size.or(Some([height, width]));
        options.color = options.color.or(match channels {
            1 => Some(Color::Gray),
            3 => Some(Color::Rgb),
            _ => None,
        });
    }
    options
}

/// A source encoded whole.
pub struct EncodedSource {
    /// The rows.
    pub encoded: Encoded,
    /// Rows read.
    pub rows: u64,
    /// Rows left out, with the reason.
    pub skipped: Skipped,
    /// The rows of each class; empty for a regression.
    pub class_rows: Vec<u64>,
    /// What the user should know.
    pub notes: Vec<Said>,
}

/// Encodes a source with its targets, for evaluation.
pub fn encode(
    preprocessing: &Preprocessing,
    spec: &str,
    options: &DataOptions,
) -> Result<EncodedSource, DataError> {
    let mut rows = NewRows::open(preprocessing, spec, options, true)?;
    let autoencodes = preprocessing.is_autoencoder();
    let width = preprocessing.width();
    // Beside an autoencoder's features, which are its targets, stands the class.
    let targets = if autoencodes { 1 } else { preprocessing.targets() };
    let mut records = Writer::new(raw_room(options));
    let mut lines = Writer::new(raw_room(options).of(options.memory_limit / 32));
    let mut class_rows = vec![0; preprocessing.class_names().len()];
    let (mut batch, mut batch_targets, mut batch_lines) = (Vec::new(), Vec::new(), Vec::new());
    let piece = (1 << 16) / (width + 1) + 1;
    loop {
        batch.clear();
        batch_targets.clear();
        batch_lines.clear();
        let count = rows.read(piece, &mut batch, &mut batch_targets, &mut batch_lines)?;
        if count == 0 {
            break;
        }
        if autoencodes {
            batch_targets.extend(&rows.labels);
        }
        for row in 0..count {
            records.push(&batch[row * width..(row + 1) * width])?;
            let targets = &batch_targets[row * targets..(row + 1) * targets];
            records.push(targets)?;
            // Without a class, −1 stands here.
            let class = if targets[0] < 0.0 { usize::MAX } else { targets[0] as usize };
            if let Some(count) = class_rows.get_mut(class) {
                *count += 1;
            }
        }
        lines.push(&batch_lines)?;
    }
    let (count, skipped) = rows.accounting();
    if records.len() == 0 {
        return Err(DataError::new(&rows.source, say::rows_none).expected(say::rows_want_test));
    }
    let (skipped, notes) = (skipped.clone(), rows.notes());
    let origin = RowOrigin::Lines(lines.finish()?);
    let window = window_bytes(options);
    let mut encoded =
        Encoded::floats(preprocessing.shape(), targets, records.finish()?, window, origin);
    if autoencodes {
        encoded.give_back_features();
    }
    Ok(EncodedSource { encoded, rows: count, skipped, class_rows, notes })
}

#[cfg(test)]
mod tests;
