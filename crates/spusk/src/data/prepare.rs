//! From a source to encoded parts: the one function that a trainer calls.

use std::sync::Arc;

use super::accounting::{Accounting, ClassRows};
use super::encoded::{Encoded, RowOrigin, Spooled};
use super::error::{DataError, counted, quoted};
use super::fit::{ColumnReport, Moments, TableEncoder, fit};
use super::options::{DEFAULT_TEST_SHARE, DataOptions, Fill, Scale, Task};
use super::patches;
use super::preprocessing::{Inputs, NumberTarget, PixelScale, Preprocessing, Target, VERSION};
use super::raw::{Content, Labels, OwnTest, Pixels, RawPixels, RawTable, Skipped, skip};
use super::rows::encode;
use super::series::{self, Series};
use super::sources::{csv, npy, open};
use super::split::{INCOMPLETE, Part, Shares, UNUSED, parts};
use super::store::{Reader, Room, Store, Writer};
use super::table::scan::{find_column, no_column, scan};
use super::target::{
    Classes, Found, of_autoencoder, of_autoencoder_labels, of_labels, of_table, saved_classes,
};
use crate::messages::{self as say, Language, Said};

/// Data that are ready for training.
pub struct Prepared {
    /// What the source is called.
    pub source: String,
    /// What kind of source it is, in words.
    pub kind: Said,
    /// What is learned.
    pub task: Task,
    /// Why it is this task, in words.
    pub task_reason: Said,
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
    pub notes: Vec<Said>,
    /// The series, where windows of such are the rows.
    pub(crate) series: Option<Series>,
}

/// Opens a source, finds out its columns and the task, splits it, fits the preprocessing to the
/// training part and encodes all parts.
///
/// Memory is bounded by `memory_limit` and 5 bytes a row; see the [module](crate::data).
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
    if let Some(task @ (Task::Denoise | Task::Upscale)) = options.task {
        let prepared = patches::prepare(spec, task, options)?;
        assert!(prepared.accounting.is_complete(), "every picture is in exactly one part");
        return Ok(prepared);
    }
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
    let forecast = options.task == Some(Task::Forecast)
        || (options.task.is_none() && options.series.horizon.is_some());
    if forecast {
        let (table, skipped, notes) = whole_table(opened.content, &job.source, options)?;
        job.skipped.extend(skipped);
        job.notes.extend(notes);
        let mut prepared = series::prepare(&job.source, &table, options, job.skipped, job.notes)?;
        prepared.kind = opened.kind;
        assert!(prepared.accounting.is_complete(), "every row is in exactly one part");
        return Ok(prepared);
    }
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
    if prepared.task == Task::Autoencode {
        prepared.train.give_back_features();
        prepared.validation.give_back_features();
        prepared.test.give_back_features();
    }
    assert!(
        prepared.accounting.is_complete(),
        "every row of the source is in exactly one part: {:?}",
        prepared.accounting
    );
    Ok(prepared)
}

/// The rows of a table, all of them; images have no times.
pub(crate) fn whole_table(
    content: Content,
    source: &str,
    options: &DataOptions,
) -> Result<(RawTable, Skipped, Vec<Said>), DataError> {
    match content {
        Content::Text(files) => scan(&files, options, &raw_room(options)),
        Content::Table(table) => Ok((table, Skipped::new(), Vec::new())),
        Content::Pixels(_) => Err(DataError::new(source, "these are images or rows of one scale")
            .expected("a table of series to forecast, such as a .csv with a column of times")),
    }
}

/// The memory for raw numbers, before they are encoded.
pub(crate) fn raw_room(options: &DataOptions) -> Room {
    Room { bytes: options.memory_limit / 4, folder: options.spool_dir.clone() }
}

/// The bytes of a window of spooled rows; there are three parts and each may hold one.
///
/// Rows of a window are taken in random order, so it should fit into a cache; 128 blocks from all over
/// the file mix well enough.
pub(crate) fn window_bytes(options: &DataOptions) -> u64 {
    (options.memory_limit / 64).clamp(1 << 16, 4 << 20)
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
    notes: Vec<Said>,
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
        let mut left_out = vec![false; table.columns.len()];
        let found = match self.options.task {
            Some(Task::Autoencode) => {
                of_autoencoder(&self.source, &table, self.options, &mut self.notes, &mut left_out)?
            }
            _ => of_table(&self.source, &table, self.options, &mut self.notes)?,
        };
        let mut ignored = self.ignored(&table, &found)?;
        ignored.iter_mut().zip(left_out).for_each(|(ignored, left_out)| *ignored |= left_out);
        let labels = self.labels_of_table(&table, &found, &ignored)?;
        let lines = |row: usize| line_of(&table, row);
        let dealt = self.deal(&labels, &found, lines)?;
        drop(labels);
        let fitted =
            fit(&self.source, &table, &dealt.parts, &found.places, &ignored, self.options)?;
        self.notes.extend(fitted.notes);
        let target = match &found.classes {
            Some(classes) => {
                let place = found.places[0];
                saved_classes(classes, &table.columns[place].name, place)
            }
            None if found.task == Task::Autoencode => Target::Inputs,
            None => self.number_targets(&table, &found, &dealt.parts)?,
        };
        let mut encoder = TableEncoder::new(&fitted.columns, &table.columns);
        let [train, validation, test] =
            self.encode_table(&table, &found, &target, &mut encoder, &dealt)?;
        let inputs = Inputs::Table { named: table.named, columns: fitted.columns };
        let preprocessing = Preprocessing { version: VERSION, task: found.task, inputs, target };
        Ok(Prepared {
            source: self.source,
            kind: Said::default(),
            task: found.task,
            task_reason: found.reason,
            train,
            validation,
            test,
            preprocessing,
            accounting: dealt.accounting,
            columns: fitted.reports,
            notes: self.notes,
            series: None,
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

    /// The class of each row, 0 for a regression, [`UNUSED`] where the target is missing and
    /// [`INCOMPLETE`] where another cell is, if such rows are left out.
    fn labels_of_table(
        &mut self,
        table: &RawTable,
        found: &Found,
        ignored: &[bool],
    ) -> Result<Vec<u32>, DataError> {
        let fill = self.options.fill;
        let gap = |cells: &[f64]| {
            let is_input = |place: &usize| !ignored[*place] && !found.places.contains(place);
            (0..cells.len()).filter(is_input).find(|&place| cells[place].is_nan())
        };
        let mut labels = Vec::with_capacity(table.rows);
        table.cells.each(table.columns.len(), 0..table.rows, |row, cells| {
            let missing = found.places.iter().any(|&place| cells[place].is_nan());
            let class = match &found.classes {
                _ if missing => None,
                Some(classes) => classes.index(cells[found.places[0]]),
                None => Some(0),
            };
            let label = class.map_or(UNUSED, |class| class as u32);
            let gap = if matches!(fill, Fill::Skip | Fill::Error) { gap(cells) } else { None };
            labels.push(match gap {
                Some(place) if fill == Fill::Error => {
                    return Err(DataError::new(&self.source, "a cell is missing")
                        .line(line_of(table, row))
                        .column(&table.columns[place].name)
                        .expected("no missing cells, since data.missing is \"error\"")
                        .cure("fill it in, or set data.missing to mean, median or skip"));
                }
                Some(_) if label != UNUSED => INCOMPLETE,
                _ => label,
            });
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
                let incomplete = labels[row] == INCOMPLETE;
                let reason = if incomplete { "a cell is missing" } else { "the target is missing" };
                skip(&mut self.skipped, reason, line(row));
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
            self.notes.push(Said::new(|l| {
                let classes = l.counted(single.len() as u64, "class");
                say::data_single_example(l, classes, format!("{list}{more}"))
            }));
        }
        let absent = classes.iter().filter(|class| class.train == 0).count();
        if absent > 0 {
            self.notes.push(Said::new(|l| say::data_absent_classes(l, absent, classes.len())));
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
        encoder: &mut TableEncoder<'_>,
        dealt: &Dealt,
    ) -> Result<[Encoded; 3], DataError> {
        let (width, outputs) = (encoder.width(), found.stored());
        let mut outs = self.part_writers(width + outputs, dealt, table.lines.is_some())?;
        let mut record = vec![0.0; width + outputs];
        let mut lines = table.lines.as_ref().map(Store::reader);
        table.cells.each(table.columns.len(), 0..table.rows, |row, cells| {
            let line = lines.as_mut().map_or(Ok(0), Reader::next)?;
            let Some(part) = held(dealt.parts[row]) else { return Ok(()) };
            encoder.encode(cells, &mut record)?;
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
        let autoencodes = self.options.task == Some(Task::Autoencode);
        let found = match &raw.labels {
            labels if autoencodes => {
                of_autoencoder_labels(&self.source, labels.as_ref(), self.options)
            }
            Some(labels) => of_labels(&self.source, labels, self.options)?,
            None => {
                return Err(DataError::new(&self.source, "there are no labels")
                    .expected("a label for every row")
                    .cure(
                        "add them beside the images; without them rows can only be predicted, or \
                         give back with --task autoencode",
                    ));
            }
        };
        let none = Labels {
            name: String::new(),
            outputs: 1,
            values: vec![0.0; raw.rows],
            classes: None,
            whole: true,
        };
        let labels = raw.labels.as_ref().filter(|_| found.classes.is_some() || !autoencodes);
        let labels = labels.unwrap_or(&none);
        let classes = pixel_labels(labels, &found);
        let dealt = self.deal(&classes, &found, |row| row as u64 + 1)?;
        drop(classes);
        let mut scale = fit_pixels(&self.source, &raw, &dealt.parts)?;
        if self.options.scale == Scale::None {
            (scale.mean, scale.std) = (0.0, 1.0);
        }
        let target = match &found.classes {
            Some(classes) => saved_classes(classes, &labels.name, raw.shape.iter().product()),
            None if autoencodes => Target::Inputs,
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
            kind: Said::default(),
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
            series: None,
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

/// What is stored for a row whose class is not known.
pub(crate) const NO_LABEL: f32 = -1.0;

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
        (Target::Inputs | Target::Patches, _) => out.fill(NO_LABEL),
        (Target::Classes { .. }, None) | (Target::Series { .. }, _) => {
            unreachable!("the target was made from the classes")
        }
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
        (Target::Inputs | Target::Patches, _) => out.push(NO_LABEL),
        (Target::Classes { .. }, classes) => {
            let class = classes.and_then(|classes| classes.index(values[0]));
            out.push(class.expect("rows without a class are in no part") as f32);
        }
        (Target::Series { .. }, _) => unreachable!("labels are no series"),
    }
}

/// The one scale of all numbers of the training part.
fn fit_pixels(source: &str, raw: &RawPixels, parts: &[Part]) -> Result<PixelScale, DataError> {
    let width: usize = raw.shape.iter().product();
    let (mean, mut std);
    match &raw.pixels {
        Pixels::Bytes(store) => {
            let sums = match store.slice() {
                Some(bytes) => Sums::side_by_side(bytes, parts, width),
                None => {
                    let mut sums = Sums::default();
                    store.each(width, 0..raw.rows, |row, bytes| {
                        sums.add(bytes, parts[row]);
                        Ok(())
                    })?;
                    sums
                }
            };
            let count = (sums.rows * width as u64) as f64;
            mean = sums.sum as f64 / count;
            std = (sums.squares as f64 / count - mean * mean).max(0.0).sqrt();
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

/// Sums over the bytes of training rows. They are whole numbers, so any order gives the same.
#[derive(Default)]
struct Sums {
    sum: u64,
    squares: u64,
    rows: u64,
}

impl Sums {
    /// The sums of all rows, by all cores.
    fn side_by_side(bytes: &[u8], parts: &[Part], width: usize) -> Sums {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = parts.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            let work: Vec<_> = bytes
                .chunks(share * width)
                .zip(parts.chunks(share))
                .map(|(bytes, parts)| {
                    scope.spawn(move || {
                        let mut sums = Sums::default();
                        let rows = bytes.chunks_exact(width).zip(parts);
                        rows.for_each(|(row, &part)| sums.add(row, part));
                        sums
                    })
                })
                .collect();
            work.into_iter().fold(Sums::default(), |all, thread| {
                let some = thread.join().expect("sums do not panic");
                Sums {
                    sum: all.sum + some.sum,
                    squares: all.squares + some.squares,
                    rows: all.rows + some.rows,
                }
            })
        })
    }

    fn add(&mut self, bytes: &[u8], part: Part) {
        if part != Part::Train {
            return;
        }
        self.rows += 1;
        // Sums of 4096 squares of bytes stay below 2^31, and 32-bit sums are the fast ones.
        for piece in bytes.chunks(4096) {
            let (mut sum, mut squares) = (0i32, 0i32);
            for &byte in piece {
                let byte = i32::from(byte);
                sum += byte;
                squares += byte * byte;
            }
            self.sum += sum as u64;
            self.squares += squares as u64;
        }
    }
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
    /// What was found, decided and counted, a line each, for programs: in English.
    pub fn describe(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{}: {}", self.source, self.kind.english()),
            format!("task: {}, because {}", self.task.name(), self.task_reason.english()),
            self.accounting.account(Language::English),
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
                column.summary.english(),
                column.use_.english()
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
        lines.extend(self.notes.iter().map(|note| format!("note: {}", note.english())));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixtures::Folder;
    use crate::data::{Batches, SOURCES};

    /// All rows of a part, in its order.
    fn rows(part: &Encoded) -> (Vec<f32>, Vec<f32>) {
        let mut features = vec![0.0; part.len() * part.width()];
        let mut targets = vec![0.0; part.len() * part.targets()];
        let batches = Batches::new(part, 1, false);
        batches.fill(0, 0..part.len(), &mut features, &mut targets).expect("fills");
        (features, targets)
    }

    /// The contract of every source that needs no file.
    #[test]
    fn sources_inside_the_program_are_whole_and_repeatable() {
        let mut seen = 0;
        for source in SOURCES {
            let options = DataOptions { seed: 3, ..DataOptions::default() };
            let Ok(data) = prepare(source.name, &options) else { continue };
            seen += 1;
            let again = prepare(source.name, &options).expect(source.name);
            assert_eq!(data.preprocessing, again.preprocessing);
            for (one, two) in [
                (&data.train, &again.train),
                (&data.validation, &again.validation),
                (&data.test, &again.test),
            ] {
                assert!(!one.is_empty() && rows(one) == rows(two), "{}", source.name);
                let (features, targets) = rows(one);
                assert!(features.iter().chain(&targets).all(|value| value.is_finite()));
            }
            let saved = serde_json::to_string(&data.preprocessing).expect("has a text form");
            let back: Preprocessing = serde_json::from_str(&saved).expect("reads back");
            assert_eq!(back, data.preprocessing);
            back.validate().expect("is sound");
            let text = toml::to_string(&data.preprocessing).expect("has a text form");
            assert_eq!(toml::from_str::<Preprocessing>(&text).expect("reads"), back);
        }
        assert_eq!(seen, 7);
    }

    /// Inputs have mean 0 and variance 1 over the training part, so nothing else was fitted to.
    #[test]
    fn training_inputs_are_standardized() {
        let data = prepare("iris", &DataOptions::default()).expect("is built in");
        let (features, _) = rows(&data.train);
        for column in 0..4 {
            let values = || features.iter().skip(column).step_by(4).map(|&value| f64::from(value));
            let count = data.train.len() as f64;
            let mean = values().sum::<f64>() / count;
            let variance = values().map(|value| value * value).sum::<f64>() / count;
            assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-6, "{mean} {variance}");
        }
    }

    #[test]
    fn own_test_parts_do_not_depend_on_the_seed() {
        let test = |seed: u64, share: Option<f64>| {
            let options = DataOptions { seed, test: share, ..DataOptions::default() };
            let data = prepare("digits", &options).expect("is built in");
            let names: Vec<String> =
                (0..data.test.len()).map(|row| data.test.origin(row).expect("has one")).collect();
            names
        };
        assert_eq!(test(1, None), test(2, None));
        assert_ne!(test(1, Some(0.2)), test(2, Some(0.2)));
        assert_eq!(test(1, Some(0.5)).len(), 899);
    }

    fn table(rows: usize) -> String {
        let mut text = String::from("x,word,day,y\n");
        for row in 0..rows {
            let word = ["one", "two", "", "four"][row % 4];
            let x = if row % 11 == 0 { "NA".to_owned() } else { (row * row % 101).to_string() };
            text.push_str(&format!(
                "{x},{word},2020-0{}-{:02},{}\n",
                row % 9 + 1,
                row % 28 + 1,
                row % 37
            ));
        }
        text
    }

    /// What fits into memory and what does not gives the same rows and the same preprocessing.
    #[test]
    fn spooled_data_are_the_same() {
        let folder = Folder::new();
        let path = folder.file("t.csv", table(5000).as_bytes()).display().to_string();
        let read = |memory_limit: u64| {
            let options = DataOptions {
                memory_limit,
                spool_dir: Some(folder.path().to_owned()),
                ..DataOptions::default()
            };
            prepare(&path, &options).expect("prepares")
        };
        let (small, large) = (read(10_000), read(1 << 28));
        assert!(small.train.is_spooled() && !large.train.is_spooled());
        assert_eq!(small.preprocessing, large.preprocessing);
        assert_eq!(small.accounting, large.accounting);
        for (small, large) in [
            (&small.train, &large.train),
            (&small.validation, &large.validation),
            (&small.test, &large.test),
        ] {
            assert!(rows(small) == rows(large));
            for row in [0, small.len() / 2, small.len() - 1] {
                assert_eq!(
                    small.origin(row).expect("has one"),
                    large.origin(row).expect("has one")
                );
            }
        }
    }

    #[test]
    fn every_row_is_accounted_for() {
        let folder = Folder::new();
        let text = format!("{}1,one\n1,one,2020-01-01,\nx,one,2020-01-01,3\n", table(100));
        let path = folder.file("t.csv", text.as_bytes()).display().to_string();
        let options = DataOptions {
            bad_rows: crate::data::BadRows::Skip,
            target: Some("y".to_owned()),
            ..DataOptions::default()
        };
        let accounting = prepare(&path, &options).expect("prepares").accounting;
        assert_eq!(
            accounting.account(Language::English),
            "103 rows = 72 training + 8 validation + 20 test + 3 skipped; 1 skipped: a cell that \
             does not fit its column (first at 104); 1 skipped: the target is missing (first at \
             103); 1 skipped: wrong number of cells (first at 102)"
        );
    }

    #[test]
    fn descriptions_tell_what_was_found() {
        let folder = Folder::new();
        let path = folder.file("t.csv", table(200).as_bytes()).display().to_string();
        let data = prepare(&path, &DataOptions::default()).expect("prepares");
        let text = data.describe().join("\n").replace(&format!("{}/", folder.path().display()), "");
        insta::assert_snapshot!(text, @r"
        t.csv: table separated by commas, with header
        task: regress, because `y` holds 37 different whole numbers
        200 rows = 144 training + 16 validation + 40 test + 0 skipped
        number `x`: 1 to 100, 11 missing; number, (x − 48.241) / 29.291, marked if missing
        category `word`: 3 different: one, two, four, 35 missing; category of 3 values, missing as one more
        date `day`: 2020-01-01 to 2020-09-27; date as days, month (sin), month (cos), weekday (sin), weekday (cos)
        number `y`: 0 to 36; target
        11 inputs → 1 output
        note: the target is `y`, by its name; --target chooses another
        ");
    }

    #[test]
    fn several_targets_are_a_regression() {
        let folder = Folder::new();
        let path = folder.file("t.csv", table(200).as_bytes()).display().to_string();
        let options = DataOptions { target: Some("y, x".to_owned()), ..DataOptions::default() };
        let data = prepare(&path, &options).expect("prepares");
        assert_eq!((data.task, data.preprocessing.outputs()), (Task::Regress, 2));
        assert_eq!(data.accounting.skipped["the target is missing"].count, 19);
    }

    #[test]
    fn an_autoencoder_wants_its_inputs_back() {
        let options = DataOptions { task: Some(Task::Autoencode), ..DataOptions::default() };
        let folder = crate::data::fixtures::Folder::new();
        let mut text = String::from("a,b,c\n");
        (0..40).for_each(|i| text += &format!("{},{},{}\n", i * 7 % 40, i * i, i % 3));
        let table = folder.file("plain.csv", text.as_bytes()).display().to_string();
        let named = folder.file("named.csv", text.replace("c\n", "class\n").as_bytes());
        let named = named.display().to_string();
        for (source, width, classes) in
            [("digits", 64, 10), ("iris", 4, 3), (table.as_str(), 3, 0), (&named, 2, 3)]
        {
            let data = prepare(source, &options).expect(source);
            assert_eq!(data.preprocessing.class_names().len(), classes, "{source}");
            assert_eq!((data.train.width(), data.train.targets()), (width, width), "{source}");
            data.preprocessing.validate().expect("is sound");
            let mut features = vec![0.0; 2 * width];
            let mut targets = features.clone();
            let batches = crate::data::Batches::new(&data.train, 1, true);
            batches.fill(0, 3..5, &mut features, &mut targets).expect("fills");
            assert_eq!(features, targets);
            let (row, label) = (batches.row_at(0, 3).expect("is there"), data.train.label(0));
            data.train.row(row, &mut features[..width], &mut targets[..width]).expect("reads");
            assert_eq!(features, targets);
            assert_eq!(label.expect("reads").is_some(), classes > 0, "{source}");
        }
    }

    #[test]
    fn an_autoencoder_takes_rows_without_a_class() {
        let options = DataOptions { task: Some(Task::Autoencode), ..DataOptions::default() };
        let trained = prepare("iris", &options).expect("opens").preprocessing;
        let folder = crate::data::fixtures::Folder::new();
        let text = "5.1,3.5,1.4,0.2,setosa\n5.1,3.5,1.4,0.2,tulip\n5.1,3.5,1.4,0.2,\n";
        let path = folder.file("new.csv", text.as_bytes()).display().to_string();
        let mut rows = crate::data::NewRows::open(&trained, &path, &options, false).expect("opens");
        let (mut features, mut targets, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        assert_eq!(rows.read(9, &mut features, &mut targets, &mut lines).expect("reads"), 3);
        assert_eq!(rows.labels(), [Some(0), None, None]);
        assert_eq!((features.len(), targets.len()), (12, 0));
    }
}
