//! New raw rows, encoded with a saved preprocessing: for predictions and for test sources.

use std::collections::HashMap;

use super::encoded::{Encoded, RowOrigin};
use super::error::{DataError, counted, quoted};
use super::options::{BadRows, Color, DataOptions};
use super::prepare::{NO_LABEL, raw_room, window_bytes};
use super::preprocessing::{Column, Encoding, Inputs, Preprocessing, Target, UNKNOWN};
use super::raw::{Content, Pixels, RawKind, RawPixels, RawTable, Skipped, skip};
use super::sources::{open, open_named};
use super::store::Writer;
use super::table::cell;
use super::table::date;
use super::table::scan::{TableFiles, TableRows};
use super::table::sniff::cell_not_utf8;
use super::tokens::{TextEncoder, TextFacts};
use crate::messages::{self as say, Said};

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

/// A feature of the saved preprocessing and its place in the new source.
struct Feature {
    place: usize,
    /// The index of the saved column; none for pixels.
    column: Option<usize>,
    inputs: std::ops::Range<usize>,
    words: HashMap<Vec<u8>, usize>,
    unknown: Unknown,
    text: Option<TextFeature>,
}

/// A text on its way to become inputs.
struct TextFeature {
    encoder: TextEncoder,
    /// The inputs of the present row.
    inputs: Vec<f32>,
    /// Tokens of all rows, and those that the vocabulary does not have.
    all: TextFacts,
    /// Texts that are longer than their inputs, and those without a token.
    cut: u64,
    empty: u64,
}

impl TextFeature {
    fn of(encoding: &Encoding) -> Option<TextFeature> {
        let Encoding::Text { tokens, length } = encoding else { return None };
        let encoder = TextEncoder::new(tokens);
        let all = TextFacts::default();
        Some(TextFeature { encoder, inputs: vec![0.0; *length], all, cut: 0, empty: 0 })
    }

    fn take(&mut self, text: &str) {
        let facts = self.encoder.encode(text, &mut self.inputs);
        self.all.tokens += facts.tokens;
        self.all.unknown += facts.unknown;
        self.cut += u64::from(facts.tokens > self.inputs.len());
        self.empty += u64::from(facts.tokens == 0);
    }

    /// What the user should know of the texts so far.
    fn notes(&self, name: &str) -> Vec<Said> {
        let mut notes = Vec::new();
        if self.all.unknown > 0 {
            let share = self.all.unknown as f64 / self.all.tokens as f64;
            notes.push(Said::new(|l| {
                let tokens = l.counted(self.all.tokens as u64, "token");
                say::data_unknown_tokens(l, name, self.all.unknown, tokens, l.percent(share, 1))
            }));
        }
        if self.cut > 0 {
            notes.push(Said::new(|l| {
                say::data_long_texts(l, name, l.counted(self.cut, "text"), self.inputs.len())
            }));
        }
        if self.empty > 0 {
            notes
                .push(Said::new(|l| say::data_empty_texts(l, name, l.counted(self.empty, "text"))));
        }
        notes
    }
}

#[derive(Default)]
struct Unknown {
    count: u64,
    first: Option<(u64, String)>,
    missing: u64,
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
            return Err(DataError::new(spec, "the network forecasts series, which are read whole")
                .cure("use `Trained::predict` or `Trained::evaluate`"));
        }
        if let Inputs::Patches(_) = preprocessing.inputs {
            return Err(DataError::new(spec, "the network restores pictures, which are no rows")
                .cure("use `spusk enhance RUN PICTURE --out FILE`"));
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
            return Err(DataError::new(
                opened.name,
                format!("there is no target {}", wanted.join(", ")),
            )
            .expected("the target beside the features, to compare predictions with"));
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

    fn take_text(&mut self, line: u64) -> Result<bool, DataError> {
        let autoencodes = self.preprocessing.is_autoencoder();
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
            let encoding =
                &columns[feature.column.expect("features of tables have columns")].encoding;
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
                    Encoding::Number { .. } => number(text, comma[place]).map_err(|text| {
                        place_error(bad(&sources[place], &text, "a finite number"), place)
                    })?,
                    Encoding::Date { order, .. } => {
                        date::seconds(text, *order).ok_or_else(|| {
                            let expected = format!("a date such as {}", order.example());
                            place_error(bad(&sources[place], &quoted(text), &expected), place)
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
        let Some(targets) = &self.targets else { return Ok(true) };
        for (index, &place) in targets.iter().enumerate() {
            let text = rows.cell(place);
            if cell::is_missing(text, &self.options.missing) && !autoencodes {
                return Ok(false);
            }
            let value = match &self.preprocessing.target {
                Target::Inputs | Target::Patches => f64::from(NO_LABEL),
                Target::Classes { numeric, .. } if autoencodes => {
                    label(class_of(&self.classes, text, *numeric, comma[place]))
                }
                Target::Numbers { .. } | Target::Series { .. } => number(text, comma[place])
                    .map_err(|text| {
                        place_error(bad(&sources[place], &text, "a finite number"), place)
                    })?,
                Target::Classes { numeric, .. } => {
                    let class = class_of(&self.classes, text, *numeric, comma[place]);
                    let class = class.ok_or_else(|| {
                        let error = unknown_class(&sources[place], text, self.preprocessing);
                        place_error(error, place)
                    })?;
                    class as f64
                }
            };
            self.cells[self.features.len() + index] = value;
        }
        Ok(true)
    }

    /// A row of text whose numbers are pixels.
    fn take_pixel_text(&mut self) -> Result<bool, DataError> {
        let autoencodes = self.preprocessing.is_autoencoder();
        let Input::Text { rows, comma, names, sources } = &self.input else {
            unreachable!("called for text")
        };
        let read = |place: usize| {
            number(rows.cell(place), comma[place]).map_err(|text| {
                bad(&sources[place], &text, "a finite number")
                    .line(rows.line_of(place))
                    .column(&names[place])
            })
        };
        for (cell, feature) in self.cells.iter_mut().zip(&self.features) {
            *cell = read(feature.place)?;
        }
        let Some(targets) = &self.targets else { return Ok(true) };
        for (index, &place) in targets.iter().enumerate() {
            let value = match &self.preprocessing.target {
                Target::Inputs | Target::Patches => f64::from(NO_LABEL),
                Target::Classes { numeric, .. } if autoencodes => {
                    label(class_of(&self.classes, rows.cell(place), *numeric, comma[place]))
                }
                Target::Numbers { .. } | Target::Series { .. } => read(place)?,
                Target::Classes { numeric, .. } => {
                    class_of(&self.classes, rows.cell(place), *numeric, comma[place]).ok_or_else(
                        || {
                            unknown_class(&sources[place], rows.cell(place), self.preprocessing)
                                .line(rows.line_of(place))
                        },
                    )? as f64
                }
            };
            self.cells[self.features.len() + index] = value;
        }
        Ok(true)
    }

    /// A row of a source that holds numbers.
    fn take_numbers(&mut self, line: u64) -> Result<bool, DataError> {
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
            self.cells[self.features.len() + index] = match &self.preprocessing.target {
                Target::Inputs | Target::Patches => f64::from(NO_LABEL),
                Target::Classes { numeric, .. } if autoencodes => {
                    label(class_of(&self.classes, text(place)?.as_bytes(), *numeric, false))
                }
                Target::Numbers { .. } | Target::Series { .. } => value,
                Target::Classes { numeric, .. } => {
                    let text = text(place)?;
                    class_of(&self.classes, text.as_bytes(), *numeric, false).ok_or_else(|| {
                        unknown_class(&self.source, text.as_bytes(), self.preprocessing).line(line)
                    })? as f64
                }
            };
        }
        Ok(true)
    }
}

impl Unknown {
    /// Counts a word that is not among the encoding's.
    fn see(&mut self, encoding: &Encoding, line: u64, text: &[u8]) -> f64 {
        self.count += 1;
        self.first.get_or_insert_with(|| (line, quoted(text)));
        match encoding {
            Encoding::Boolean { .. } => f64::NAN,
            _ => UNKNOWN,
        }
    }
}

impl Encoding {
    /// Whether the training part had missing values, so that the network knows them.
    fn knows_missing(&self) -> bool {
        match self {
            Encoding::Number { indicator, .. }
            | Encoding::Boolean { indicator, .. }
            | Encoding::Date { indicator, .. } => *indicator,
            Encoding::Category { missing, .. } => *missing,
            Encoding::Text { .. } | Encoding::Dropped { .. } => true,
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

/// Images are brought to the size and color of the training images.
/// The options with what the run knows of its own data.
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

/// A class that an autoencoder does not need, as the number of a cell.
fn label(class: Option<usize>) -> f64 {
    class.map_or(f64::from(NO_LABEL), |class| class as f64)
}

fn number(text: &[u8], comma: bool) -> Result<f64, String> {
    cell::number(text, comma).filter(|value| value.is_finite()).ok_or_else(|| quoted(text))
}

fn bad(source: &str, got: &str, expected: &str) -> DataError {
    DataError::new(source, format!("got {got}"))
        .expected(format!("{expected}, as in training"))
        .cure("correct the cell, or set data.bad_rows=skip to leave such rows out")
}

fn unknown_class(source: &str, text: &[u8], preprocessing: &Preprocessing) -> DataError {
    let classes = preprocessing.target.describe();
    DataError::new(source, format!("got the class {}, which training did not have", quoted(text)))
        .expected(format!("one of the classes of {classes}"))
        .cure("remove the row, or train with data that have this class")
}

fn table_names(table: &RawTable) -> Vec<String> {
    table.columns.iter().map(|column| column.name.clone()).collect()
}

fn pixel_names(raw: &RawPixels) -> Vec<String> {
    let width: usize = raw.shape.iter().product();
    let labels = raw.labels.as_ref().map_or(0, |labels| labels.outputs);
    super::table::sniff::numbered(width + labels)
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

fn class_words(preprocessing: &Preprocessing) -> HashMap<Vec<u8>, usize> {
    match &preprocessing.target {
        Target::Classes { values, .. } => values
            .iter()
            .enumerate()
            .map(|(index, value)| (value.as_bytes().to_vec(), index))
            .collect(),
        Target::Numbers { .. } | Target::Series { .. } | Target::Inputs | Target::Patches => {
            HashMap::new()
        }
    }
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
    let value = cell::number(text, comma)?;
    classes.get(cell::number_name(value + 0.0).as_bytes()).copied()
}

fn features(preprocessing: &Preprocessing, places: &Places) -> Vec<Feature> {
    let Inputs::Table { columns, .. } = &preprocessing.inputs else {
        return places
            .features
            .iter()
            .map(|&place| Feature {
                place,
                column: None,
                inputs: 0..0,
                words: HashMap::new(),
                unknown: Unknown::default(),
                text: None,
            })
            .collect();
    };
    let mut width = 0;
    let used = columns.iter().enumerate().filter(|(_, column)| column.encoding.width() > 0);
    used.zip(&places.features)
        .map(|((index, column), &place)| {
            let start = width;
            width += column.encoding.width();
            Feature {
                place,
                column: Some(index),
                inputs: start..width,
                words: words(&column.encoding),
                unknown: Unknown::default(),
                text: TextFeature::of(&column.encoding),
            }
        })
        .collect()
}

fn words(encoding: &Encoding) -> HashMap<Vec<u8>, usize> {
    let words: Vec<&String> = match encoding {
        Encoding::Category { values, .. } => values.iter().collect(),
        Encoding::Boolean { no, yes, .. } => vec![no, yes],
        _ => Vec::new(),
    };
    words.into_iter().enumerate().map(|(index, word)| (word.as_bytes().to_vec(), index)).collect()
}

/// Where the saved columns stand in a new source.
struct Places {
    /// The places of the columns that have inputs, in the saved order.
    features: Vec<usize>,
    targets: Option<Vec<usize>>,
}

impl Places {
    fn find(
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
            let what = if absent.len() == 1 { "is no column" } else { "are no columns" };
            return Err(DataError::new(source, format!("there {what} {}", absent.join(", ")))
                .expected("all columns that the model was trained with")
                .cure("add them; cells may be empty where a value is not known"));
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
        Err(DataError::new(source, format!("there are {}", counted(names.len() as u64, "column")))
            .expected(format!("{columns}, or {whole} with the target, as in training")))
    }
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
        return Err(
            DataError::new(&rows.source, "no row can be used").expected("rows to test with")
        );
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
mod tests {
    use super::*;
    use crate::data::fixtures::Folder;
    use crate::data::prepare;

    /// Houses whose price follows from their other columns.
    fn houses(rows: usize) -> String {
        let mut text = String::from("area,kind,garden,built,price\n");
        for row in 0..rows {
            let kind = ["flat", "house", "hut"][row % 3];
            let garden = ["yes", "no"][row / 3 % 2];
            text.push_str(&format!(
                "{row}.5,{kind},{garden},2001-0{}-01,{}\n",
                row % 9 + 1,
                row * 7 % 50
            ));
        }
        text
    }

    fn trained(folder: &Folder) -> Preprocessing {
        let path = folder.file("train.csv", houses(90).as_bytes()).display().to_string();
        prepare(&path, &DataOptions::default()).expect("trains").preprocessing
    }

    /// Features of all rows, their lines, and the notes.
    type Predicted = (Vec<f32>, Vec<u64>, Vec<Said>);

    fn predict(
        preprocessing: &Preprocessing,
        spec: &str,
        options: &DataOptions,
    ) -> Result<Predicted, DataError> {
        let mut rows = NewRows::open(preprocessing, spec, options, false)?;
        let (mut features, mut targets, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        while rows.read(2, &mut features, &mut targets, &mut lines)? > 0 {}
        assert!(targets.is_empty());
        assert_eq!(features.len(), lines.len() * preprocessing.width());
        Ok((features, lines, rows.notes()))
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let folder = Folder::new();
        let preprocessing = trained(&folder);
        let names = preprocessing.input_names();
        assert_eq!(
            names,
            [
                "area",
                "kind = flat",
                "kind = house",
                "kind = hut",
                "garden",
                "built: days",
                "built: month (sin)",
                "built: month (cos)",
                "built: weekday (sin)",
                "built: weekday (cos)"
            ]
        );
        let read = |name: &str, text: &str| {
            let path = folder.file(name, text.as_bytes()).display().to_string();
            predict(&preprocessing, &path, &DataOptions::default()).expect(name)
        };
        let (expected, lines, notes) =
            read("same.csv", "area,kind,garden,built,price\n3.5,hut,no,2001-04-01,9\n");
        assert_eq!((lines, notes.len()), (vec![2], 0));
        assert_eq!(expected[1..4], [0.0, 0.0, 1.0]);
        let (features, _, notes) = read(
            "other.csv",
            "garden;color;built;kind;area\nno;red;2001-04-01;hut;3,5\nno;;2001-04-01;hut;3,5\n",
        );
        assert_eq!(features[..10], expected);
        assert_eq!(features[10..], expected);
        assert!(notes[1].english().ends_with("the model does not use `color`"), "{notes:?}");
        // Without a header, the places say which column is which.
        assert_eq!(read("bare.csv", "3.5,hut,no,2001-04-01\n").0, expected);
        assert_eq!(read("bare5.csv", "3.5,hut,no,2001-04-01,1\n").0, expected);
    }

    #[test]
    fn what_training_did_not_have_is_counted() {
        let folder = Folder::new();
        let preprocessing = trained(&folder);
        let text = "area,kind,garden,built\n,castle,perhaps,\n3.5,tent,no,2001-04-01\n";
        let path = folder.file("new.csv", text.as_bytes()).display().to_string();
        let (features, _, notes) =
            predict(&preprocessing, &path, &DataOptions::default()).expect("reads");
        assert_eq!(features[..10], [0.0; 10]);
        assert_eq!(
            notes,
            [
                "column `area`: 1 value missing, though none was in training; the usual value \
                 stands in",
                "column `kind`: 2 values not seen in training, such as `castle` in line 2",
                "column `garden`: 1 value not seen in training, such as `perhaps` in line 2",
                "column `built`: 1 value missing, though none was in training; the usual value \
                 stands in",
            ]
        );
    }

    #[test]
    fn what_cannot_be_encoded_is_told_or_skipped() {
        let folder = Folder::new();
        let preprocessing = trained(&folder);
        let check = |text: &str, message: &str| {
            let path = folder.file("new.csv", text.as_bytes()).display().to_string();
            let result = predict(&preprocessing, &path, &DataOptions::default());
            assert_eq!(folder.short(&result.expect_err(message)), message);
            let options = DataOptions { bad_rows: BadRows::Skip, ..DataOptions::default() };
            predict(&preprocessing, &path, &options).map_or(0, |(_, lines, _)| lines.len())
        };
        assert_eq!(
            check(
                "area,built\n1,2001-01-01\n",
                "new.csv: there are no columns `kind`, `garden`, expected all columns that the model \
                 was trained with; add them; cells may be empty where a value is not known",
            ),
            0
        );
        assert_eq!(
            check(
                "area,kind,garden,built\n1,hut,no,2001-01-01\nbig,hut,no,2001-01-01\n",
                "new.csv, line 3, column `area`: got `big`, expected a finite number, as in \
                 training; correct the cell, or set data.bad_rows=skip to leave such rows out",
            ),
            1
        );
        assert_eq!(
            check(
                "area,kind,garden,built\n1,hut,no,2001-01-01\n1,hut,no,soon\n",
                "new.csv, line 3, column `built`: got `soon`, expected a date such as 2026-11-23, as \
                 in training; correct the cell, or set data.bad_rows=skip to leave such rows out",
            ),
            1
        );
        assert_eq!(
            check(
                "1,2,3\n4,5,6\n",
                "new.csv: there are 3 columns, expected 4, or 5 with the target, as in training",
            ),
            0
        );
    }

    #[test]
    fn a_test_source_is_encoded_with_the_training_preprocessing() {
        let folder = Folder::new();
        let train = folder.file("train.csv", houses(90).as_bytes()).display().to_string();
        let test = "price,kind,garden,built,area\n10,hut,no,2001-01-01,1\nNA,hut,no,2001-01-01,1\n";
        let test = folder.file("test.csv", test.as_bytes()).display().to_string();
        let options = DataOptions { test_source: Some(test), ..DataOptions::default() };
        let data = prepare(&train, &options).expect("prepares");
        let accounting = &data.accounting;
        assert_eq!((accounting.rows, accounting.train, accounting.test), (90, 81, 0));
        assert_eq!((accounting.test_source_rows, data.test.len()), (2, 1));
        assert_eq!(accounting.test_source_skipped["the target is missing"].first, 3);
        let (mut features, mut target) = ([0.0; 10], [0.0]);
        data.test.row(0, &mut features, &mut target).expect("reads");
        let price = data.preprocessing.unscale(0, f64::from(target[0]));
        assert!((price - 10.0).abs() < 1e-4, "{price}");
        assert_eq!(data.test.origin(0).expect("has one"), "line 2");
    }

    #[test]
    fn unknown_classes_of_a_test_source_are_told() {
        let folder = Folder::new();
        let text: String =
            (0..30).map(|row| format!("{row}.5,{}\n", ["a", "b"][row % 2])).collect();
        let train =
            folder.file("train.csv", format!("x,y\n{text}").as_bytes()).display().to_string();
        let test = folder.file("test.csv", b"x,y\n1,a\n2,c\n").display().to_string();
        let options = DataOptions { test_source: Some(test), ..DataOptions::default() };
        let error = prepare(&train, &options).err().expect("has a new class");
        assert_eq!(
            folder.short(&error),
            "test.csv, line 3, column `y`: got the class `c`, which training did not have, expected \
             one of the classes of target `y`: 2 classes (a, b); remove the row, or train with data \
             that have this class"
        );
    }

    #[test]
    fn tables_and_pixels_meet() {
        let folder = Folder::new();
        let digits = prepare("digits", &DataOptions::default()).expect("is built in");
        let mut same = [0.0; 64];
        let Inputs::Pixels(scale) = &digits.preprocessing.inputs else { unreachable!("images") };
        let mut rows = String::new();
        digits.test.row(5, &mut same, &mut [0.0]).expect("reads");
        let cells: Vec<String> =
            same.iter().map(|&input| scale.decode(input).round().to_string()).collect();
        rows.push_str(&cells.join(","));
        rows.push('\n');
        let path = folder.file("digit.csv", rows.as_bytes()).display().to_string();
        let predicted = predict(&digits.preprocessing, &path, &DataOptions::default());
        assert!(predicted.expect("reads").0 == same);
        let again = encode(&digits.preprocessing, "digits", &DataOptions::default());
        assert_eq!(again.expect("encodes").class_rows.iter().sum::<u64>(), 1797);
    }

    #[test]
    fn new_images_are_brought_to_the_training_size() {
        use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
        let folder = Folder::new();
        let digits = prepare("digits", &DataOptions::default()).expect("is built in");
        let image = RgbImage::from_pixel(20, 30, Rgb([8, 8, 8]));
        let path = folder.path().join("photo.png");
        DynamicImage::ImageRgb8(image).save_with_format(&path, ImageFormat::Png).expect("saves");
        let path = path.display().to_string();
        let Inputs::Pixels(scale) = &digits.preprocessing.inputs else { unreachable!("images") };
        let (features, lines, _) =
            predict(&digits.preprocessing, &path, &DataOptions::default()).expect("reads");
        assert_eq!((lines, features), (vec![1], vec![scale.encode(8.0); 64]));
        let options = DataOptions { color: Some(Color::Rgb), ..DataOptions::default() };
        assert!(predict(&digits.preprocessing, &path, &options).is_err());
    }
}
