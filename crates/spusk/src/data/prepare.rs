//! From a source to encoded parts: the one function that a trainer calls.

mod pixels;
mod table;

use super::accounting::{Accounting, ClassRows};
use super::encoded::Encoded;
use super::error::{DataError, counted, quoted};
use super::fit::{ColumnReport, Moments};
use super::options::{DEFAULT_TEST_SHARE, DataOptions, Task};
use super::patches;
use super::preprocessing::{Inputs, NumberTarget, Preprocessing, Target, VERSION};
use super::raw::{Content, OwnTest, RawTable, Skipped, skip};
use super::rows::encode;
use super::series::{self, Series};
use super::sources::{csv, is_same_source, npy, open};
use super::split::{INCOMPLETE, Part, Shares, parts};
use super::store::Room;
use super::table::scan::scan;
use super::target::{Classes, Found};
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
    let mut prepared = prepare_parts(spec, options)?;
    if let Some(test) = &options.test_source
        && is_same_source(spec, test)
    {
        prepared.notes.push(Said::new(|l| say::data_test_is_training(l, test)));
    }
    Ok(prepared)
}

fn prepare_parts(spec: &str, options: &DataOptions) -> Result<Prepared, DataError> {
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
        Content::Pixels(_) => {
            Err(DataError::new(source, say::error_no_series).expected(say::error_want_series))
        }
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
            return Err(DataError::new(&self.source, |l| say::error_held_out(l, held))
                .expected(say::error_want_targets));
        }
        if found.task == Task::Classify && classes.len() < 2 {
            let only = classes.first().map_or("", |class| &class.name);
            let class = |l| say::error_one_class(l, quoted(only.as_bytes()));
            return Err(DataError::new(&self.source, class)
                .expected(say::error_want_classes)
                .cure(say::cure_other_column));
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

    fn number_target(
        &self,
        name: &str,
        place: usize,
        moments: &Moments,
    ) -> Result<NumberTarget, DataError> {
        if moments.is_constant() {
            return Err(DataError::new(&self.source, |l: Language| {
                say::error_constant_target(l, l.digits(&moments.least.to_string()))
            })
            .column(name)
            .expected(say::error_want_varying)
            .cure(say::cure_other_column));
        }
        if !moments.std().is_finite() {
            return Err(DataError::new(&self.source, say::error_large_targets)
                .column(name)
                .expected(say::error_want_small_numbers));
        }
        Ok(NumberTarget {
            name: name.to_owned(),
            place,
            mean: moments.mean,
            std: moments.std(),
            spelling: None,
        })
    }

    fn finish(self, finished: Finished) -> Prepared {
        let Finished { found, dealt, parts, inputs, target, columns } = finished;
        let [train, validation, test] = parts;
        Prepared {
            source: self.source,
            kind: Said::default(),
            task: found.task,
            task_reason: found.reason,
            train,
            validation,
            test,
            preprocessing: Preprocessing { version: VERSION, task: found.task, inputs, target },
            accounting: dealt.accounting,
            columns,
            notes: self.notes,
            series: None,
        }
    }
}

/// The encoded parts, with what was decided on the way.
struct Finished {
    found: Found,
    dealt: Dealt,
    /// Training, validation, test.
    parts: [Encoded; 3],
    inputs: Inputs,
    target: Target,
    columns: Vec<ColumnReport>,
}

/// What is stored for a row whose class is not known.
pub(crate) const NO_LABEL: f32 = -1.0;

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

/// What is stored of the target number `index` of a row, whose raw number is `value`.
fn stored(target: &Target, classes: Option<&Classes>, index: usize, value: f64) -> f32 {
    match (target, classes) {
        (Target::Numbers { columns }, _) => {
            ((value - columns[index].mean) / columns[index].std) as f32
        }
        (Target::Inputs | Target::Patches, _) => NO_LABEL,
        (Target::Classes { .. }, classes) => {
            let class = classes.and_then(|classes| classes.index(value));
            class.expect("rows without a class are in no part") as f32
        }
        (Target::Series { .. }, _) => unreachable!("labels are no series"),
    }
}

impl Prepared {
    /// Height and width of the inputs, where they are pictures from files of their own.
    pub(crate) fn picture_size(&self) -> Option<[usize; 2]> {
        let Inputs::Pixels(scale) = &self.preprocessing.inputs else { return None };
        let [height, width, _] = scale.shape[..] else { return None };
        self.train.is_of_files().then_some([height, width])
    }

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
mod tests;
