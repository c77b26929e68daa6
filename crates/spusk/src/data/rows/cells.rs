//! From the cells of a new row to the numbers that the encodings take.

use std::collections::HashMap;

use super::feature::numbered_words;
use super::{Input, NewRows};
use crate::data::error::{DataError, quoted};
use crate::data::prepare::NO_LABEL;
use crate::data::preprocessing::{Encoding, Inputs, Preprocessing, Target};
use crate::data::raw::{Pixels, RawKind, RawPixels, RawTable};
use crate::data::table::cell;
use crate::data::table::date;
use crate::data::table::sniff::cell_not_utf8;
use crate::data::table::spelling::Spelling;
use crate::messages::{self as say, Language};

impl NewRows<'_> {
    pub(super) fn take_text(&mut self, line: u64) -> Result<bool, DataError> {
        let Input::Text { rows, comma, names, sources } = &self.input else {
            unreachable!("called for text")
        };
        rows.check_width()?;
        let Inputs::Table { columns, .. } = &self.preprocessing.inputs else {
            return self.take_pixel_text();
        };
        let place_error =
            |error: DataError, place: usize| error.line(rows.line_of(place)).column(&names[place]);
        for (index, feature) in self.features.iter_mut().enumerate() {
            let place = feature.place;
            let text = rows.cell(place);
            let column = &columns[feature.column.expect("features of tables have columns")];
            let (encoding, spelling) = (&column.encoding, column.spelling);
            if let Some(own) = &mut feature.text {
                let text = std::str::from_utf8(text)
                    .map_err(|_| place_error(cell_not_utf8(&sources[place], text), place))?;
                own.take(text);
                continue;
            }
            let missing = cell::is_missing(text, &self.options.missing);
            self.cells[index] = if missing {
                feature.unknown.missing += u64::from(!encoding.knows_missing());
                f64::NAN
            } else {
                match encoding {
                    Encoding::Number { .. } => {
                        number(text, comma[place], spelling).map_err(|text| {
                            place_error(bad(&sources[place], &text, say::error_want_number), place)
                        })?
                    }
                    Encoding::Date { order, .. } => {
                        date::seconds(text, *order).ok_or_else(|| {
                            let expected = |l| say::error_want_date(l, order.example());
                            place_error(bad(&sources[place], &quoted(text), expected), place)
                        })?
                    }
                    Encoding::Category { .. } | Encoding::Boolean { .. } => {
                        if std::str::from_utf8(text).is_err() {
                            return Err(place_error(cell_not_utf8(&sources[place], text), place));
                        }
                        match feature.words.get(text) {
                            Some(&index) => index as f64,
                            None => feature.unknown.see(encoding, line, text),
                        }
                    }
                    Encoding::Text { .. } | Encoding::Dropped { .. } => 0.0,
                }
            };
        }
        self.take_text_targets()
    }

    /// A row of text whose numbers are pixels.
    fn take_pixel_text(&mut self) -> Result<bool, DataError> {
        let Input::Text { rows, comma, names, sources } = &self.input else {
            unreachable!("called for text")
        };
        let read = |place: usize| {
            number(rows.cell(place), comma[place], None).map_err(|text| {
                bad(&sources[place], &text, say::error_want_number)
                    .line(rows.line_of(place))
                    .column(&names[place])
            })
        };
        for (cell, feature) in self.cells.iter_mut().zip(&self.features) {
            *cell = read(feature.place)?;
        }
        self.take_text_targets()
    }

    /// The targets of a row of text; false where one is asked for and missing.
    fn take_text_targets(&mut self) -> Result<bool, DataError> {
        let Some(targets) = &self.targets else { return Ok(true) };
        let Input::Text { rows, comma, names, sources } = &self.input else {
            unreachable!("called for text")
        };
        for (index, &place) in targets.iter().enumerate() {
            let (text, source) = (rows.cell(place), &sources[place]);
            let missing = cell::is_missing(text, &self.options.missing);
            if missing && !self.preprocessing.is_autoencoder() {
                return Ok(false);
            }
            let spelling = self.preprocessing.target.spelling(index);
            let read = || {
                number(text, comma[place], spelling)
                    .map_err(|text| bad(source, &text, say::error_want_number))
            };
            let value = self.target(source, comma[place], || Ok(text), read);
            let value =
                value.map_err(|error| error.line(rows.line_of(place)).column(&names[place]));
            self.cells[self.features.len() + index] = value?;
        }
        Ok(true)
    }

    /// The number of a target's cell: what `read` reads, or the class of its text.
    fn target<T: AsRef<[u8]>>(
        &self,
        source: &str,
        comma: bool,
        text: impl FnOnce() -> Result<T, DataError>,
        read: impl FnOnce() -> Result<f64, DataError>,
    ) -> Result<f64, DataError> {
        let numeric = match &self.preprocessing.target {
            Target::Inputs | Target::Patches => return Ok(f64::from(NO_LABEL)),
            Target::Numbers { .. } | Target::Series { .. } => return read(),
            Target::Classes { numeric, .. } => *numeric,
        };
        let text = text()?;
        match class_of(&self.classes, text.as_ref(), numeric, comma) {
            Some(class) => Ok(class as f64),
            // An autoencoder does not need the class.
            None if self.preprocessing.is_autoencoder() => Ok(f64::from(NO_LABEL)),
            None => Err(unknown_class(source, text.as_ref(), self.preprocessing)),
        }
    }

    /// What a source that names its classes calls one; its numbers mean nothing beyond it.
    fn name_of_class(&self, value: f64) -> Option<&str> {
        let Input::Pixels { raw, .. } = &self.input else { return None };
        let names = raw.labels.as_ref()?.classes.as_ref()?;
        let classes = matches!(self.preprocessing.target, Target::Classes { .. });
        names.get(value as usize).filter(|_| classes && !value.is_nan()).map(String::as_str)
    }

    /// The number of a class that the source names.
    fn named(&self, name: &str, line: u64) -> Result<f64, DataError> {
        match self.names.get(name.as_bytes()) {
            Some(&class) => Ok(class as f64),
            None if self.preprocessing.is_autoencoder() => Ok(f64::from(NO_LABEL)),
            None => {
                let source = match self.file(line) {
                    Some(file) => format!("{}: {file}", self.source),
                    None => format!("{}: row {line}", self.source),
                };
                Err(unknown_class(&source, name.as_bytes(), self.preprocessing))
            }
        }
    }

    /// A row of a source that holds numbers.
    pub(super) fn take_numbers(&mut self, line: u64) -> Result<bool, DataError> {
        let autoencodes = self.preprocessing.is_autoencoder();
        let row = line as usize - 1;
        let all = match &self.input {
            Input::Table { table, .. } => table_row(table, row)?,
            Input::Pixels { raw, .. } => pixel_row(raw, row)?,
            Input::Text { .. } => unreachable!("called for numbers"),
        };
        let kinds = match &self.input {
            Input::Table { table, .. } => Some(&table.columns),
            _ => None,
        };
        let text = |place: usize| text_of(kinds.map(|kinds| &kinds[place].kind), all[place]);
        for (index, feature) in self.features.iter_mut().enumerate() {
            let encoding = match (&self.preprocessing.inputs, feature.column) {
                (Inputs::Table { columns, .. }, Some(column)) => Some(&columns[column].encoding),
                _ => None,
            };
            let value = all[feature.place];
            if let Some(own) = &mut feature.text {
                own.take(&text(feature.place)?);
                continue;
            }
            self.cells[index] = match encoding {
                Some(encoding @ (Encoding::Category { .. } | Encoding::Boolean { .. }))
                    if !value.is_nan() =>
                {
                    let text = text(feature.place)?;
                    match feature.words.get(text.as_bytes()) {
                        Some(&index) => index as f64,
                        None => feature.unknown.see(encoding, line, text.as_bytes()),
                    }
                }
                _ => value,
            };
        }
        let Some(targets) = &self.targets else { return Ok(true) };
        for (index, &place) in targets.iter().enumerate() {
            let value = all[place];
            if value.is_nan() && !autoencodes {
                return Ok(false);
            }
            let number = match self.name_of_class(value) {
                Some(name) => self.named(name, line),
                None => self
                    .target(&self.source, false, || text(place), || Ok(value))
                    .map_err(|error| error.line(line)),
            };
            self.cells[self.features.len() + index] = number?;
        }
        Ok(true)
    }
}

/// A number as the file writes plain ones, or as the column of the training did.
fn number(text: &[u8], comma: bool, spelling: Option<Spelling>) -> Result<f64, String> {
    let number = match spelling {
        None => cell::number(text, comma),
        Some(spelling) => spelling.read(text).map(|spelled| spelled.value),
    };
    number.filter(|value| value.is_finite()).ok_or_else(|| quoted(text))
}

fn bad(source: &str, got: &str, expected: impl Fn(Language) -> String) -> DataError {
    DataError::new(source, |l| say::error_got(l, got))
        .expected(|l| say::error_as_in_training(l, expected(l)))
        .cure(say::error_correct_cell)
}

fn unknown_class(source: &str, text: &[u8], preprocessing: &Preprocessing) -> DataError {
    let classes = preprocessing.target.describe();
    DataError::new(source, |l| say::error_unknown_class(l, quoted(text)))
        .expected(|l| match l {
            Language::English => say::error_want_class(l, &classes),
            Language::Russian => say::error_want_class(l, preprocessing.class_names().join(", ")),
        })
        .cure(say::cure_unknown_class)
}

fn table_row(table: &RawTable, row: usize) -> Result<Vec<f64>, DataError> {
    let mut cells = vec![0.0; table.columns.len()];
    table.cells.read((row * cells.len()) as u64, &mut cells)?;
    Ok(cells)
}

fn pixel_row(raw: &RawPixels, row: usize) -> Result<Vec<f64>, DataError> {
    let width: usize = raw.shape.iter().product();
    let first = (row * width) as u64;
    let mut cells: Vec<f64> = match &raw.pixels {
        Pixels::Bytes(store) => {
            let mut bytes = vec![0; width];
            store.read(first, &mut bytes)?;
            bytes.into_iter().map(f64::from).collect()
        }
        Pixels::Floats(store) => {
            let mut values = vec![0.0; width];
            store.read(first, &mut values)?;
            values.into_iter().map(f64::from).collect()
        }
    };
    if let Some(labels) = &raw.labels {
        let from = row * labels.outputs;
        cells.extend(&labels.values[from..from + labels.outputs]);
    }
    Ok(cells)
}

/// What stands in the data for the number of a cell.
fn text_of(kind: Option<&RawKind>, value: f64) -> Result<String, DataError> {
    let word = match kind {
        Some(RawKind::Text(texts)) => return texts.read(value),
        Some(RawKind::Category { values, .. }) => values.get(value as usize),
        Some(RawKind::Boolean { values, .. }) => values.get(value as usize),
        _ => None,
    };
    Ok(word.cloned().unwrap_or_else(|| cell::number_name(value + 0.0)))
}

pub(super) fn class_words(preprocessing: &Preprocessing) -> HashMap<Vec<u8>, usize> {
    match &preprocessing.target {
        Target::Classes { values, .. } => numbered_words(values.iter().map(String::as_str)),
        Target::Numbers { .. } | Target::Series { .. } | Target::Inputs | Target::Patches => {
            HashMap::new()
        }
    }
}

pub(super) fn class_names(preprocessing: &Preprocessing) -> HashMap<Vec<u8>, usize> {
    let names = preprocessing.class_names().iter().enumerate();
    names.map(|(index, name)| (name.clone().into_bytes(), index)).collect()
}

/// The class of a text; numbers are compared as numbers, so 1.0 is the class 1.
fn class_of(
    classes: &HashMap<Vec<u8>, usize>,
    text: &[u8],
    numeric: bool,
    comma: bool,
) -> Option<usize> {
    if !numeric {
        return classes.get(text).copied();
    }
    let spelled = || Spelling { comma }.read(text).map(|spelled| spelled.value);
    let value = cell::number(text, comma).or_else(spelled)?;
    classes.get(cell::number_name(value + 0.0).as_bytes()).copied()
}
