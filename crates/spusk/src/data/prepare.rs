//! From a source to encoded parts: the one function that a trainer calls.

use std::sync::Arc;

use super::accounting::{Accounting, ClassRows};
use super::encoded::{Encoded, RowOrigin, Spooled};
use super::error::{DataError, counted, quoted};
use super::fit::{ColumnReport, Moments, TableEncoder, fit};
use super::options::{DEFAULT_TEST_SHARE, DataOptions, Task};
use super::preprocessing::{Inputs, NumberTarget, PixelScale, Preprocessing, Target, VERSION};
use super::raw::{Content, Labels, OwnTest, Pixels, RawPixels, RawTable, Skipped, skip};
use super::rows::encode;
use super::sources::{csv, npy, open};
use super::split::{Part, Shares, UNUSED, parts};
use super::store::{Reader, Room, Store, Writer};
use super::table::scan::{find_column, no_column, scan};
use super::target::{Classes, Found, of_labels, of_table, saved_classes};

/// Data that are ready for training.
pub struct Prepared {
    /// What the source is called.
    pub source: String,
    /// What kind of source it is, in words.
    pub kind: String,
    /// What is learned.
    pub task: Task,
    /// Why it is this task, in words.
    pub task_reason: String,
    /// The rows that train.
    pub train: Encoded,
    /// The rows that are watched during training; there may be none.
    pub validation: Encoded,
    /// The rows for the test at the end; there may be none.
    pub test: Encoded,
    /// How raw rows are encoded; it belongs to the model.
    pub preprocessing: Preprocessing,
    /// Where every row went.
    pub accounting: Accounting,
    /// What was found in each column; empty for images.
    pub columns: Vec<ColumnReport>,
    /// What the user should know, a sentence each.
    pub notes: Vec<String>,
}

/// Opens a source, finds out its columns and the task, splits it, fits the preprocessing to the
/// training part and encodes all parts.
///
/// Memory: the encoded rows stay in memory up to half of `memory_limit`; beyond, they and the raw
/// numbers lie in temporary files, of which windows are read. Everything else is bounded, too, but
/// for 5 bytes a row while the rows are split, of which one stays until the end of this call.
///
/// # Examples
///
/// ```
/// use spusk::data::{Batches, DataOptions, prepare};
///
/// let data = prepare("iris", &DataOptions::default())?;
/// assert_eq!(data.preprocessing.class_names(), ["setosa", "versicolor", "virginica"]);
/// assert_eq!(data.accounting.rows, 150);
///
/// let (mut features, mut targets) = ([0.0; 4 * 8], [0.0; 8]);
/// Batches::new(&data.train, 7, true).fill(0, 0..8, &mut features, &mut targets)?;
/// # Ok::<(), spusk::data::DataError>(())
/// ```
pub fn prepare(spec: &str, options: &DataOptions) -> Result<Prepared, DataError> {
    options.validate()?;
    let opened = open(spec, options)?;
    let mut options = options.clone();
    if csv::target_file(&options).is_some() || npy::target_file(&options).is_some() {
        // From here on the target is the columns of that file, which the source knows.
        options.target = None;
    }
    let options = &options;
    let mut job = Job {
        source: opened.name,
        own_test: opened.own_test,
        skipped: opened.skipped,
        notes: opened.notes,
        options,
    };
    let mut prepared = match opened.content {
        Content::Text(files) => {
            let (table, skipped, notes) = scan(&files, options, &raw_room(options))?;
            job.skipped.extend(skipped);
            job.notes.extend(notes);
            job.table(table)?
        }
        Content::Table(table) => job.table(table)?,
        Content::Pixels(pixels) => job.pixels(pixels)?,
    };
    prepared.kind = opened.kind;
    if let Some(source) = &options.test_source {
        add_test_source(&mut prepared, source, options)?;
    }
    assert!(
        prepared.accounting.is_complete(),
        "every row of the source is in exactly one part: {:?}",
        prepared.accounting
    );
    Ok(prepared)
}

/// The memory for raw numbers, before they are encoded.
pub(crate) fn raw_room(options: &DataOptions) -> Room {
    Room { bytes: options.memory_limit / 4, folder: options.spool_dir.clone() }
}

/// The bytes of a window of spooled rows; there are three parts and each may hold one.
pub(crate) fn window_bytes(options: &DataOptions) -> u64 {
    (options.memory_limit / 16).max(1 << 16)
}

fn add_test_source(
    prepared: &mut Prepared,
    source: &str,
    options: &DataOptions,
) -> Result<(), DataError> {
    let test = encode(&prepared.preprocessing, source, options)?;
    for (class, rows) in prepared.accounting.classes.iter_mut().zip(&test.class_rows) {
        class.test = *rows;
    }
    prepared.accounting.test_source_rows = test.rows;
    prepared.accounting.test_source_skipped = test.skipped;
    prepared.notes.extend(test.notes);
    prepared.test = test.encoded;
    Ok(())
}

/// What both kinds of content share.
struct Job<'a> {
    source: String,
    own_test: OwnTest,
    skipped: Skipped,
    notes: Vec<String>,
    options: &'a DataOptions,
}

/// The parts of the rows.
struct Dealt {
    parts: Vec<Part>,
    counts: [usize; 3],
    accounting: Accounting,
}

impl Job<'_> {
    fn table(mut self, table: RawTable) -> Result<Prepared, DataError> {
        let found = of_table(&self.source, &table, self.options, &mut self.notes)?;
        let ignored = self.ignored(&table, &found)?;
        let labels = self.labels_of_table(&table, &found)?;
        let lines = |row: usize| line_of(&table, row);
        let dealt = self.deal(&labels, &found, lines)?;
        drop(labels);
        let fitted = fit(&table, &dealt.parts, &found.places, &ignored, self.options)?;
        self.notes.extend(fitted.notes);
        let target = match &found.classes {
            Some(classes) => {
                let place = found.places[0];
                saved_classes(classes, &table.columns[place].name, place)
            }
            None => self.number_targets(&table, &found, &dealt.parts)?,
        };
        let encoder = TableEncoder::new(&fitted.columns, &table.columns);
        let [train, validation, test] =
            self.encode_table(&table, &found, &target, &encoder, &dealt)?;
        let inputs = Inputs::Table { named: table.named, columns: fitted.columns };
        let preprocessing = Preprocessing { version: VERSION, task: found.task, inputs, target };
        Ok(Prepared {
            source: self.source,
            kind: String::new(),
            task: found.task,
            task_reason: found.reason,
            train,
            validation,
            test,
            preprocessing,
            accounting: dealt.accounting,
            columns: fitted.reports,
            notes: self.notes,
        })
    }

    fn ignored(&self, table: &RawTable, found: &Found) -> Result<Vec<bool>, DataError> {
        let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let mut ignored = vec![false; names.len()];
        for name in &self.options.ignore {
            let place =
                find_column(&names, name).ok_or_else(|| no_column(&self.source, name, &names))?;
            if found.places.contains(&place) {
                return Err(DataError::new(&self.source, "data.ignore names the target")
                    .column(name)
                    .cure("choose another target with --target"));
            }
            ignored[place] = true;
        }
        Ok(ignored)
    }

    /// The class of each row, 0 for a regression, [`UNUSED`] where the target is missing.
    fn labels_of_table(&mut self, table: &RawTable, found: &Found) -> Result<Vec<u32>, DataError> {
        let mut labels = Vec::with_capacity(table.rows);
        table.cells.each(table.columns.len(), 0..table.rows, |_, cells| {
            let missing = found.places.iter().any(|&place| cells[place].is_nan());
            let class = match &found.classes {
                _ if missing => None,
                Some(classes) => classes.index(cells[found.places[0]]),
                None => Some(0),
            };
            labels.push(class.map_or(UNUSED, |class| class as u32));
            Ok(())
        })?;
        Ok(labels)
    }

    /// Deals the rows to the parts and counts them.
    fn deal(
        &mut self,
        labels: &[u32],
        found: &Found,
        line: impl Fn(usize) -> u64,
    ) -> Result<Dealt, DataError> {
        let options = self.options;
        // A share that the user names splits all rows anew, and a test source leaves none to split.
        let own = if options.test.is_some() { OwnTest::None } else { self.own_test };
        let share = match (&options.test_source, options.test) {
            (Some(_), _) => 0.0,
            (None, share) => share.unwrap_or(DEFAULT_TEST_SHARE),
        };
        let shares = Shares { test: share, validation: options.validation };
        let mut parts = parts(labels, own, shares, options.seed);
        let names = found.classes.as_ref().map_or(&[][..], |classes| &classes.names);
        let mut classes: Vec<ClassRows> = names
            .iter()
            .map(|name| ClassRows { name: name.clone(), train: 0, validation: 0, test: 0 })
            .collect();
        let mut counts = [0; 3];
        for (row, part) in parts.iter_mut().enumerate() {
            if *part == Part::Test && options.test_source.is_some() {
                *part = Part::Skipped;
                let reason = "the source's own test part, replaced by the test source";
                skip(&mut self.skipped, reason, line(row));
            } else if *part == Part::Skipped {
                skip(&mut self.skipped, "the target is missing", line(row));
            }
            let Some(index) = held(*part) else { continue };
            counts[index] += 1;
            if let Some(class) = classes.get_mut(labels[row] as usize) {
                *[&mut class.train, &mut class.validation, &mut class.test][index] += 1;
            }
        }
        self.check_parts(counts, &classes, found)?;
        let skipped: u64 = self.skipped.values().map(|rows| rows.count).sum();
        let [train, validation, test] = counts.map(|count| count as u64);
        let accounting = Accounting {
            rows: train + validation + test + skipped,
            train,
            validation,
            test,
            skipped: std::mem::take(&mut self.skipped),
            classes,
            ..Accounting::default()
        };
        Ok(Dealt { parts, counts, accounting })
    }

    fn check_parts(
        &mut self,
        counts: [usize; 3],
        classes: &[ClassRows],
        found: &Found,
    ) -> Result<(), DataError> {
        if counts[0] == 0 {
            let held: usize = counts.iter().sum();
            return Err(DataError::new(
                &self.source,
                format!("no row is left to train on, {held} held out"),
            )
            .expected("rows whose target is known"));
        }
        if found.task == Task::Classify && classes.len() < 2 {
            let only = classes.first().map_or("", |class| &class.name);
            return Err(DataError::new(
                &self.source,
                format!("all rows have the class {}", quoted(only.as_bytes())),
            )
            .expected("two classes or more")
            .cure("choose another column with --target"));
        }
        let single: Vec<String> = classes
            .iter()
            .filter(|class| class.train == 1 && class.validation + class.test == 0)
            .map(|class| quoted(class.name.as_bytes()))
            .collect();
        if !single.is_empty() {
            let list = single[..single.len().min(5)].join(", ");
            let more = if single.len() > 5 { ", …" } else { "" };
            self.notes.push(format!(
                "{} with one example only ({list}{more}): it trains, so nothing tests it",
                if single.len() == 1 {
                    "a class".to_owned()
                } else {
                    format!("{} classes", single.len())
                },
            ));
        }
        let absent = classes.iter().filter(|class| class.train == 0).count();
        if absent > 0 {
            self.notes.push(format!(
                "{absent} of {} classes have no training example and cannot be learned",
                classes.len()
            ));
        }
        Ok(())
    }

    /// Mean and deviation of the target columns over the training part.
    fn number_targets(
        &self,
        table: &RawTable,
        found: &Found,
        parts: &[Part],
    ) -> Result<Target, DataError> {
        let mut moments = vec![Moments::default(); found.places.len()];
        table.cells.each(table.columns.len(), 0..table.rows, |row, cells| {
            if parts[row] == Part::Train {
                for (moments, &place) in moments.iter_mut().zip(&found.places) {
                    moments.add(cells[place]);
                }
            }
            Ok(())
        })?;
        let mut columns = Vec::new();
        for (moments, &place) in moments.iter().zip(&found.places) {
            columns.push(self.number_target(&table.columns[place].name, place, moments)?);
        }
        Ok(Target::Numbers { columns })
    }

    fn number_target(
        &self,
        name: &str,
        place: usize,
        moments: &Moments,
    ) -> Result<NumberTarget, DataError> {
        if moments.is_constant() {
            return Err(DataError::new(
                &self.source,
                format!("the target is {} in all training rows", moments.least),
            )
            .column(name)
            .expected("a target that varies")
            .cure("choose another column with --target"));
        }
        if !moments.std().is_finite() {
            return Err(DataError::new(&self.source, "the targets are too large to be squared")
                .column(name)
                .expected("numbers up to about 1e150"));
        }
        Ok(NumberTarget { name: name.to_owned(), place, mean: moments.mean, std: moments.std() })
    }

    fn encode_table(
        &self,
        table: &RawTable,
        found: &Found,
        target: &Target,
        encoder: &TableEncoder,
        dealt: &Dealt,
    ) -> Result<[Encoded; 3], DataError> {
        let (width, outputs) = (encoder.width(), found.places.len());
        let mut outs = self.part_writers(width + outputs, dealt, table.lines.is_some())?;
        let mut record = vec![0.0; width + outputs];
        let mut lines = table.lines.as_ref().map(Store::reader);
        table.cells.each(table.columns.len(), 0..table.rows, |row, cells| {
            let line = lines.as_mut().map_or(Ok(0), Reader::next)?;
            let Some(part) = held(dealt.parts[row]) else { return Ok(()) };
            encoder.encode(cells, &mut record);
            encode_targets(target, found, cells, &mut record[width..]);
            let (records, origin) = &mut outs[part];
            records.push(&record)?;
            match origin {
                OriginWriter::Lines(lines) => lines.push(&[line]),
                OriginWriter::Numbers(numbers) => {
                    numbers.push(row as u32);
                    Ok(())
                }
            }
        })?;
        let mut parts = Vec::new();
        for (records, origin) in outs {
            let origin = match origin {
                OriginWriter::Lines(lines) => RowOrigin::Lines(lines.finish()?),
                OriginWriter::Numbers(numbers) => RowOrigin::Numbers(numbers),
            };
            let window = window_bytes(self.options);
            parts.push(Encoded::floats(vec![width], outputs, records.finish()?, window, origin));
        }
        Ok(three(parts))
    }

    /// A place for the rows of each part: all in memory, or all in files.
    fn part_writers(
        &self,
        record: usize,
        dealt: &Dealt,
        lines: bool,
    ) -> Result<Vec<(Writer<f32>, OriginWriter)>, DataError> {
        let rows: usize = dealt.counts.iter().sum();
        let bytes = rows as u64 * record as u64 * 4;
        let fits = bytes <= self.options.memory_limit / 2;
        let room = raw_room(self.options).of(if fits { u64::MAX } else { 0 });
        let mut writers = Vec::new();
        for count in dealt.counts {
            let origin = if lines {
                OriginWriter::Lines(Writer::with_capacity(count as u64, room.clone())?)
            } else {
                OriginWriter::Numbers(Vec::with_capacity(count))
            };
            writers.push((Writer::with_capacity((count * record) as u64, room.clone())?, origin));
        }
        Ok(writers)
    }

    fn pixels(mut self, raw: RawPixels) -> Result<Prepared, DataError> {
        let Some(labels) = &raw.labels else {
            return Err(DataError::new(&self.source, "there are no labels")
                .expected("a label for every row")
                .cure("add them beside the images; without them rows can only be predicted"));
        };
        let found = of_labels(&self.source, labels, self.options)?;
        let classes = pixel_labels(labels, &found);
        let dealt = self.deal(&classes, &found, |row| row as u64 + 1)?;
        drop(classes);
        let scale = fit_pixels(&self.source, &raw, &dealt.parts)?;
        let target = match &found.classes {
            Some(classes) => saved_classes(classes, &labels.name, raw.shape.iter().product()),
            None => self.number_labels(&raw, labels, &dealt.parts)?,
        };
        let targets = |row: usize, out: &mut Vec<f32>| {
            let values = &labels.values[row * labels.outputs..(row + 1) * labels.outputs];
            push_targets(&target, found.classes.as_ref(), values, out);
        };
        let files = raw.files.map(Arc::new);
        let [train, validation, test] = encode_pixels(
            raw.pixels,
            &scale,
            &dealt,
            targets,
            labels.outputs,
            files,
            self.options,
        )?;
        let mut accounting = dealt.accounting;
        accounting.test_source_rows = 0;
        Ok(Prepared {
            source: self.source,
            kind: String::new(),
            task: found.task,
            task_reason: found.reason,
            train,
            validation,
            test,
            preprocessing: Preprocessing {
                version: VERSION,
                task: found.task,
                inputs: Inputs::Pixels(scale),
                target,
            },
            accounting,
            columns: Vec::new(),
            notes: self.notes,
        })
    }

    fn number_labels(
        &self,
        raw: &RawPixels,
        labels: &Labels,
        parts: &[Part],
    ) -> Result<Target, DataError> {
        let width: usize = raw.shape.iter().product();
        let mut columns = Vec::new();
        for output in 0..labels.outputs {
            let mut moments = Moments::default();
            for (row, values) in labels.values.chunks_exact(labels.outputs).enumerate() {
                if parts[row] == Part::Train {
                    moments.add(values[output]);
                }
            }
            let name = match labels.outputs {
                1 => labels.name.clone(),
                _ => format!("{}{}", labels.name, output + 1),
            };
            columns.push(self.number_target(&name, width + output, &moments)?);
        }
        Ok(Target::Numbers { columns })
    }
}

enum OriginWriter {
    Lines(Writer<u64>),
    Numbers(Vec<u32>),
}

fn three(parts: Vec<Encoded>) -> [Encoded; 3] {
    parts.try_into().unwrap_or_else(|_| unreachable!("there are three parts"))
}

/// The index of a part that is used.
fn held(part: Part) -> Option<usize> {
    match part {
        Part::Train => Some(0),
        Part::Validation => Some(1),
        Part::Test => Some(2),
        Part::Skipped => None,
    }
}

fn line_of(table: &RawTable, row: usize) -> u64 {
    let mut line = [row as u64 + 1];
    if let Some(lines) = &table.lines {
        // A line that cannot be read back leaves the row's number, which is only a message's.
        let _ = lines.read(row as u64, &mut line);
    }
    line[0]
}

fn encode_targets(target: &Target, found: &Found, cells: &[f64], out: &mut [f32]) {
    match (target, &found.classes) {
        (Target::Numbers { columns }, _) => {
            for (out, column) in out.iter_mut().zip(columns) {
                *out = ((cells[column.place] - column.mean) / column.std) as f32;
            }
        }
        (Target::Classes { .. }, Some(classes)) => {
            let class = classes.index(cells[found.places[0]]);
            out[0] = class.expect("rows without a class are in no part") as f32;
        }
        (Target::Classes { .. }, None) => unreachable!("the target was made from the classes"),
    }
}

/// The class of each row, 0 for a regression, [`UNUSED`] where a target is missing.
fn pixel_labels(labels: &Labels, found: &Found) -> Vec<u32> {
    labels
        .values
        .chunks_exact(labels.outputs)
        .map(|values| match &found.classes {
            _ if values.iter().any(|value| value.is_nan()) => UNUSED,
            Some(classes) => classes.index(values[0]).map_or(UNUSED, |class| class as u32),
            None => 0,
        })
        .collect()
}

fn push_targets(target: &Target, classes: Option<&Classes>, values: &[f64], out: &mut Vec<f32>) {
    match (target, classes) {
        (Target::Numbers { columns }, _) => {
            let scaled = |(value, column): (&f64, &NumberTarget)| {
                ((value - column.mean) / column.std) as f32
            };
            out.extend(values.iter().zip(columns).map(scaled));
        }
        (Target::Classes { .. }, classes) => {
            let class = classes.and_then(|classes| classes.index(values[0]));
            out.push(class.expect("rows without a class are in no part") as f32);
        }
    }
}

/// The one scale of all numbers of the training part.
fn fit_pixels(source: &str, raw: &RawPixels, parts: &[Part]) -> Result<PixelScale, DataError> {
    let width: usize = raw.shape.iter().product();
    let (mut sum, mut squares, mut rows) = (0.0, 0.0, 0u64);
    let (mean, mut std);
    match &raw.pixels {
        Pixels::Bytes(store) => {
            store.each(width, 0..raw.rows, |row, bytes| {
                if parts[row] == Part::Train {
                    let (row_sum, row_squares) = byte_sums(bytes);
                    sum += row_sum as f64;
                    squares += row_squares as f64;
                    rows += 1;
                }
                Ok(())
            })?;
            let count = (rows * width as u64) as f64;
            mean = sum / count;
            std = (squares / count - mean * mean).max(0.0).sqrt();
        }
        Pixels::Floats(store) => {
            let mut moments = Moments::default();
            store.each(width, 0..raw.rows, |row, values| {
                if parts[row] == Part::Train {
                    values.iter().for_each(|&value| moments.add(f64::from(value)));
                }
                Ok(())
            })?;
            (mean, std) = (moments.mean, moments.std());
            if moments.is_constant() {
                std = 0.0;
            }
        }
    }
    if !mean.is_finite() || !std.is_finite() {
        return Err(DataError::new(source, "the numbers of the training part are not all finite")
            .expected("finite numbers"));
    }
    if !super::preprocessing::is_pixel_scale(mean, std) {
        return Err(DataError::new(source, format!("all numbers of the training part are {mean}"))
            .expected("rows that differ"));
    }
    Ok(PixelScale { shape: raw.shape.clone(), mean, std })
}

/// The sum of bytes and of their squares.
fn byte_sums(bytes: &[u8]) -> (u64, u64) {
    let (mut sum, mut squares) = (0u64, 0u64);
    // Sums of 4096 squares of bytes stay below 2^32, and 32-bit sums are the fast ones.
    for piece in bytes.chunks(4096) {
        let (mut small, mut small_squares) = (0u32, 0u32);
        for &byte in piece {
            let byte = u32::from(byte);
            small += byte;
            small_squares += byte * byte;
        }
        sum += u64::from(small);
        squares += u64::from(small_squares);
    }
    (sum, squares)
}

fn encode_pixels(
    pixels: Pixels,
    scale: &PixelScale,
    dealt: &Dealt,
    targets: impl Fn(usize, &mut Vec<f32>),
    outputs: usize,
    files: Option<Arc<Vec<String>>>,
    options: &DataOptions,
) -> Result<[Encoded; 3], DataError> {
    let width = scale.width();
    let mut numbers: [Vec<u32>; 3] = dealt.counts.map(Vec::with_capacity);
    let mut all_targets: [Vec<f32>; 3] =
        dealt.counts.map(|count| Vec::with_capacity(count * outputs));
    for (row, &part) in dealt.parts.iter().enumerate() {
        if let Some(part) = held(part) {
            numbers[part].push(row as u32);
            targets(row, &mut all_targets[part]);
        }
    }
    let origin = |numbers: &Vec<u32>| match &files {
        Some(files) => RowOrigin::Files(files.clone(), numbers.clone()),
        None => RowOrigin::Numbers(numbers.clone()),
    };
    let window = window_bytes(options);
    let mut parts = Vec::new();
    match pixels {
        Pixels::Bytes(store) if store.slice().is_some() => {
            let all = Arc::new(Spooled::new(store, width, window));
            for (numbers, targets) in numbers.into_iter().zip(all_targets) {
                let origin = origin(&numbers);
                parts.push(Encoded::bytes(
                    scale,
                    all.clone(),
                    Some(numbers),
                    (outputs, targets),
                    origin,
                ));
            }
        }
        Pixels::Bytes(store) => {
            let room = raw_room(options).of(0);
            let split =
                split_rows(&store, width, dealt, room, |row, out| out.copy_from_slice(row))?;
            for ((store, numbers), targets) in split.into_iter().zip(numbers).zip(all_targets) {
                let rows = Arc::new(Spooled::new(store, width, window));
                parts.push(Encoded::bytes(scale, rows, None, (outputs, targets), origin(&numbers)));
            }
        }
        Pixels::Floats(store) => {
            let bytes = store.len() * 4;
            let fits = bytes <= options.memory_limit / 2;
            let room = raw_room(options).of(if fits { u64::MAX } else { 0 });
            let mut all_targets = all_targets.map(Vec::into_iter);
            let mut part = held_parts(dealt);
            let split =
                split_rows_into(&store, width, width + outputs, dealt, room, |row, out| {
                    scale.encode_floats(row, out);
                    let part = part.next().expect("one part a row");
                    for out in &mut out[width..] {
                        *out = all_targets[part].next().expect("targets of each row");
                    }
                })?;
            for (store, numbers) in split.into_iter().zip(numbers) {
                let shape = scale.shape.clone();
                parts.push(Encoded::floats(shape, outputs, store, window, origin(&numbers)));
            }
        }
    }
    Ok(three(parts))
}

fn held_parts(dealt: &Dealt) -> impl Iterator<Item = usize> + '_ {
    dealt.parts.iter().filter_map(|&part| held(part))
}

fn split_rows<T: super::store::Cell>(
    store: &Store<T>,
    width: usize,
    dealt: &Dealt,
    room: Room,
    change: impl FnMut(&[T], &mut [T]),
) -> Result<Vec<Store<T>>, DataError> {
    split_rows_into(store, width, width, dealt, room, change)
}

/// Copies the rows of each part to a list of its own.
fn split_rows_into<T: super::store::Cell>(
    store: &Store<T>,
    width: usize,
    record: usize,
    dealt: &Dealt,
    room: Room,
    mut change: impl FnMut(&[T], &mut [T]),
) -> Result<Vec<Store<T>>, DataError> {
    let mut writers = Vec::new();
    for count in dealt.counts {
        writers.push(Writer::with_capacity((count * record) as u64, room.clone())?);
    }
    let mut out = vec![T::default(); record];
    store.each(width, 0..dealt.parts.len(), |row, values| {
        let Some(part) = held(dealt.parts[row]) else { return Ok(()) };
        change(values, &mut out);
        writers[part].push(&out)
    })?;
    writers.into_iter().map(Writer::finish).collect()
}

impl Prepared {
    /// What was found, decided and counted, a line each.
    pub fn describe(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{}: {}", self.source, self.kind),
            format!("task: {}, because {}", self.task.name(), self.task_reason),
            self.accounting.to_string(),
        ];
        for column in &self.columns {
            let missing = match column.missing {
                0 => String::new(),
                count => format!(", {count} missing"),
            };
            lines.push(format!(
                "{} {}: {}{missing}; {}",
                column.kind,
                quoted(column.name.as_bytes()),
                column.summary,
                column.use_
            ));
        }
        if let Inputs::Pixels(_) = self.preprocessing.inputs {
            lines.extend(self.preprocessing.describe());
        }
        lines.push(format!(
            "{} → {}",
            counted(self.preprocessing.width() as u64, "input"),
            counted(self.preprocessing.outputs() as u64, "output")
        ));
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        lines
    }
}
