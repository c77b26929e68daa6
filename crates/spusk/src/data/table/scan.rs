//! Reading a table from its text in one pass, in bounded memory.
//!
//! The kinds of the columns are guessed from the beginning of the text and the pass goes on with
//! that guess while counting what each cell really is. When the counts of the whole text say
//! otherwise, the pass is made once more with the right kinds.

use std::collections::HashMap;

use super::cell;
use super::date::{self, DateOrder};
use super::records::{Delimiter, Records};
use super::sniff::{Guess, Layout, cell_not_utf8, decide, sniff};
use crate::data::error::{DataError, counted, quoted};
use crate::data::input::Origin;
use crate::data::options::{BadRows, ColumnKind, DataOptions, Task};
use crate::data::raw::{OVERFLOW, RawColumn, RawKind, RawTable, Skipped, skip};
use crate::data::store::{Room, Writer};
use crate::data::texts::TextWriter;
use crate::messages::{self as say, Language, Said};

/// A column keeps at most this many different words.
const MOST_WORDS: usize = 50_000;

/// All columns together keep at most this many bytes of words, their bookkeeping included.
const MOST_WORD_BYTES: usize = 32 << 20;

/// About what a word costs beside its text.
const WORD_COST: usize = 128;

/// One or more files whose rows stand side by side.
#[derive(Debug, Clone)]
pub(crate) struct TableFiles {
    files: Vec<(Origin, Layout)>,
    /// For each column: its file, and its place in it.
    places: Vec<(usize, usize)>,
    pub(crate) names: Vec<String>,
    /// The columns that hold the target, where a file was named for it.
    pub(crate) targets: Option<Vec<usize>>,
}

impl TableFiles {
    /// Looks at the files.
    pub(crate) fn open(
        origins: Vec<Origin>,
        options: &DataOptions,
    ) -> Result<TableFiles, DataError> {
        let mut files = Vec::new();
        for origin in origins {
            let layout = sniff(&origin, options)?;
            files.push((origin, layout));
        }
        let mut table = TableFiles { files, places: Vec::new(), names: Vec::new(), targets: None };
        for (file, (_, layout)) in table.files.iter().enumerate() {
            for (index, name) in layout.names.iter().enumerate() {
                table.places.push((file, index));
                table.names.push(if layout.named || table.files.len() == 1 {
                    name.clone()
                } else {
                    format!("c{}", table.names.len() + 1)
                });
            }
        }
        make_unique(&mut table.names);
        Ok(table)
    }

    /// The columns of the last file hold the target.
    pub(crate) fn target_is_last_file(&mut self) {
        let last = self.files.len() - 1;
        let columns = self.places.iter().enumerate().filter(|(_, place)| place.0 == last);
        self.targets = Some(columns.map(|(column, _)| column).collect());
    }

    /// Whether the first line holds names, which is the case when one of `known` stands there; none
    /// where the first line is neither names nor an example.
    pub(crate) fn has_header(&self, known: &[&str]) -> Result<Option<bool>, DataError> {
        for (origin, layout) in &self.files {
            if layout.declared.is_some() {
                return Ok(None);
            }
            let mut records = Layout { skip_first: false, ..layout.clone() }.open(origin)?;
            if records.advance()? {
                let mut cells = (0..records.len()).map(|index| records.cell(index));
                if cells.any(|cell| known.iter().any(|name| name.as_bytes() == cell)) {
                    return Ok(Some(true));
                }
            }
        }
        Ok(Some(false))
    }

    /// The names stand in the files.
    pub(crate) fn named(&self) -> bool {
        self.files.iter().any(|(_, layout)| layout.named)
    }

    /// What was found out and should be said.
    pub(crate) fn notes(&self) -> Vec<Said> {
        self.files.iter().flat_map(|(_, layout)| layout.notes.clone()).collect()
    }

    /// How the table is written, in words.
    pub(crate) fn describe(&self, l: Language) -> String {
        let (origin, layout) = &self.files[0];
        let mut words = match (layout.keys.is_some(), layout.named) {
            (true, _) => say::data_json_lines(l),
            (false, true) => {
                say::data_table_with_header(l, say::delimiter(l, layout.delimiter.name()))
            }
            (false, false) => say::data_table(l, say::delimiter(l, layout.delimiter.name())),
        };
        if matches!(origin, Origin::File(path) if path.extension().is_some_and(|end| end == "gz")) {
            words = say::data_packed(l, words);
        }
        if self.files.len() > 1 {
            words += &say::data_side_by_side(l, self.files.len());
        }
        words
    }

    pub(crate) fn comma(&self, column: usize) -> bool {
        self.files[self.places[column].0].1.comma
    }

    /// The name for messages about a column.
    pub(crate) fn file_name(&self, column: usize) -> String {
        self.files[self.places[column].0].0.name()
    }

    /// Opens the rows.
    pub(crate) fn rows(&self) -> Result<TableRows, DataError> {
        let mut files = Vec::new();
        for (origin, layout) in &self.files {
            let (records, width) = (layout.open(origin)?, layout.names.len());
            files.push(FileRows { records, width, named: layout.named });
        }
        Ok(TableRows { files, places: self.places.clone() })
    }
}

fn make_unique(names: &mut [String]) {
    let mut taken = std::collections::HashSet::new();
    for name in names {
        let base = name.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            *name = format!("{base}_{number}");
            number += 1;
        }
    }
}

/// The rows of [`TableFiles`], one after the other.
pub(crate) struct TableRows {
    files: Vec<FileRows>,
    places: Vec<(usize, usize)>,
}

struct FileRows {
    records: Records,
    width: usize,
    named: bool,
}

impl TableRows {
    /// Moves to the next row; false at the end, which all files must reach together.
    pub(crate) fn advance(&mut self) -> Result<bool, DataError> {
        let more = self.files[0].records.advance()?;
        let (first, others) = self.files.split_at_mut(1);
        for other in others {
            if other.records.advance()? != more {
                let (short, long) = if more { (&*other, &first[0]) } else { (&first[0], &*other) };
                return Err(DataError::new(short.records.name(), "the file has fewer rows")
                    .expected(format!("as many as {}", long.records.name()))
                    .cure("files side by side need one row each for every example"));
            }
        }
        Ok(more)
    }

    /// The line of the row in the first file.
    pub(crate) fn line(&self) -> u64 {
        self.files[0].records.line()
    }

    /// The line of the row in a column's file.
    pub(crate) fn line_of(&self, column: usize) -> u64 {
        self.files[self.places[column].0].records.line()
    }

    /// A cell of the row; [`TableRows::check_width`] comes first.
    pub(crate) fn cell(&self, column: usize) -> &[u8] {
        let (file, index) = self.places[column];
        self.files[file].records.cell(index)
    }

    /// Why a row that [`TableRows::check_width`] refuses is left out.
    pub(crate) fn wrong_row(&self) -> &'static str {
        match self.files.iter().any(|file| file.records.fault().is_some()) {
            true => "no JSON object of plain values",
            false => "wrong number of cells",
        }
    }

    /// An error when the row has too few or too many cells.
    pub(crate) fn check_width(&self) -> Result<(), DataError> {
        for file in &self.files {
            if let Some(fault) = file.records.fault() {
                return Err(fault.clone());
            }
            let got = file.records.len();
            if got != file.width {
                let model = if file.named { "the header" } else { "the first line" };
                return Err(DataError::new(
                    file.records.name(),
                    format!("the line has {}", counted(got as u64, "cell")),
                )
                .line(file.records.line())
                .expected(format!("{} as in {model}", file.width))
                .cure("correct the line, or set data.bad_rows=skip to leave such lines out"));
            }
        }
        Ok(())
    }
}

/// What a pass knows about a column.
struct Builder {
    guess: Guess,
    comma: bool,
    /// Set by the user, so that no counts can change it.
    fixed: bool,
    numbers: u64,
    dates: u64,
    /// Cells that are neither missing nor of the guessed kind, and the first of them.
    odd: u64,
    first_odd: Option<OddCell>,
    words: HashMap<Box<[u8]>, u32>,
    /// The words in the order of their codes, and how often each comes.
    values: Vec<(String, u64)>,
    overflow: u64,
    texts: TextWriter,
}

/// A cell that is not of its column's kind.
struct OddCell {
    line: u64,
    shown: String,
    /// The cell itself, where it is a short and plain word.
    short: Option<String>,
    /// It is a number when the decimal sign is the other one.
    with_other_sign: bool,
}

/// Reads a table whole.
pub(crate) fn scan(
    files: &TableFiles,
    options: &DataOptions,
    room: &Room,
) -> Result<(RawTable, Skipped, Vec<Said>), DataError> {
    let mut guesses: Vec<Guess> =
        files.files.iter().flat_map(|(_, layout)| layout.guesses.clone()).collect();
    let fixed = fixed_kinds(files, options, &mut guesses)?;
    // Every further pass has the counts of the whole text, so two changes a column settle it.
    for _ in 0..3 {
        let mut builders: Vec<Builder> = guesses
            .iter()
            .enumerate()
            .map(|(column, &guess)| Builder::new(guess, files.comma(column), fixed[column], room))
            .collect();
        let pass = pass(files, options, room, &mut builders)?;
        let right: Vec<Guess> = builders.iter().map(Builder::right_guess).collect();
        if right == guesses {
            return finish(files, options, builders, pass);
        }
        guesses = right;
    }
    unreachable_kinds(files)
}

/// Counts of the same text do not change between passes, but a file may.
fn unreachable_kinds<T>(files: &TableFiles) -> Result<T, DataError> {
    Err(DataError::new(files.file_name(0), "the file changes while it is read")
        .cure("read a copy of it"))
}

/// Puts the kinds that the user set into `guesses` and tells which they are.
fn fixed_kinds(
    files: &TableFiles,
    options: &DataOptions,
    guesses: &mut [Guess],
) -> Result<Vec<bool>, DataError> {
    let mut fixed = vec![false; guesses.len()];
    for (name, kind) in &options.columns {
        let column = find_column(&files.names, name)
            .ok_or_else(|| no_column(&files.file_name(0), name, &files.names))?;
        fixed[column] = true;
        guesses[column] = match (kind, guesses[column]) {
            (ColumnKind::Number, _) => Guess::Number,
            (ColumnKind::Category | ColumnKind::Boolean, _) => Guess::Category,
            (ColumnKind::Date, Guess::Date { order, sure }) => Guess::Date { order, sure },
            (ColumnKind::Date, _) => Guess::Date { order: DateOrder::YearMonthDay, sure: true },
            (ColumnKind::Text, _) => Guess::Text,
        };
    }
    choose_text(files, options, guesses, &mut fixed)?;
    Ok(fixed)
}

/// Leaves at most one column of texts: the one that is named, or none where texts cannot be read.
fn choose_text(
    files: &TableFiles,
    options: &DataOptions,
    guesses: &mut [Guess],
    fixed: &mut [bool],
) -> Result<(), DataError> {
    let reads_texts = !matches!(options.task, Some(Task::Forecast | Task::Autoencode))
        && options.series.horizon.is_none();
    let targets = options.target.iter().flat_map(|target| target.split(',')).map(str::trim);
    let targets: Vec<usize> = targets.filter_map(|name| find_column(&files.names, name)).collect();
    for (column, guess) in guesses.iter_mut().enumerate() {
        let is_target = targets.contains(&column) && options.text.is_none();
        if *guess == Guess::Text && !fixed[column] && (!reads_texts || is_target) {
            *guess = Guess::Category;
        }
    }
    let Some(name) = &options.text else { return Ok(()) };
    let column = find_column(&files.names, name)
        .ok_or_else(|| no_column(&files.file_name(0), name, &files.names))?;
    for (other, guess) in guesses.iter_mut().enumerate() {
        if *guess == Guess::Text && !fixed[other] {
            *guess = Guess::Category;
        }
    }
    (guesses[column], fixed[column]) = (Guess::Text, true);
    Ok(())
}

/// A column by its name, by `last`, or by its number from 1; names come first.
pub(crate) fn find_column(names: &[String], wanted: &str) -> Option<usize> {
    if let Some(index) = names.iter().position(|name| name == wanted) {
        return Some(index);
    }
    if wanted == "last" {
        return names.len().checked_sub(1);
    }
    let number: usize = wanted.parse().ok()?;
    (1..=names.len()).contains(&number).then(|| number - 1)
}

/// The error for a column that is not there.
pub(crate) fn no_column(source: &str, wanted: &str, names: &[String]) -> DataError {
    const SHOWN: usize = 12;
    let mut list: Vec<String> =
        names.iter().take(SHOWN).map(|name| quoted(name.as_bytes())).collect();
    if names.len() > SHOWN {
        list.push(format!("… ({} in all)", names.len()));
    }
    DataError::new(source, format!("there is no column {}", quoted(wanted.as_bytes())))
        .expected(format!("one of {}", list.join(", ")))
        .cure("name one of them, or give its number from 1, or `last`")
}

/// What a pass leaves beside its builders.
struct Pass {
    rows: usize,
    cells: Writer<f64>,
    lines: Writer<u64>,
    skipped: Skipped,
    width: usize,
}

fn pass(
    files: &TableFiles,
    options: &DataOptions,
    room: &Room,
    builders: &mut [Builder],
) -> Result<Pass, DataError> {
    let width = builders.len();
    let mut pass = Pass {
        rows: 0,
        cells: Writer::new(room.clone()),
        lines: Writer::new(room.of(room.bytes / 8)),
        skipped: Skipped::new(),
        width,
    };
    let mut word_bytes = 0;
    let mut row = vec![0.0; width];
    let mut rows = files.rows()?;
    let skips = options.bad_rows == BadRows::Skip;
    while rows.advance()? {
        if let Err(error) = rows.check_width() {
            if !skips {
                return Err(error);
            }
            skip(&mut pass.skipped, rows.wrong_row(), rows.line());
            continue;
        }
        let (mut odd, mut not_utf8_at) = (false, false);
        for (column, (builder, value)) in builders.iter_mut().zip(&mut row).enumerate() {
            let cell = rows.cell(column);
            // Most cells of most tables are numbers.
            if builder.guess == Guess::Number
                && let Some(number) = cell::number(cell, builder.comma)
                && number.is_finite()
            {
                builder.numbers += 1;
                *value = number;
                continue;
            }
            match builder.read(cell, options, &mut word_bytes) {
                Ok(number) => *value = number,
                Err(Odd::NotUtf8) if skips => not_utf8_at = true,
                Err(Odd::Failed(error)) => return Err(error),
                Err(Odd::Cell) => {
                    odd = true;
                    *value = f64::NAN;
                    builder.remember(rows.line_of(column), cell);
                }
                Err(Odd::NotUtf8) => {
                    return Err(cell_not_utf8(&files.file_name(column), cell)
                        .line(rows.line_of(column))
                        .column(&files.names[column]));
                }
            }
        }
        if not_utf8_at {
            skip(&mut pass.skipped, "a text that is not UTF-8", rows.line());
            continue;
        }
        if odd && skips {
            skip(&mut pass.skipped, "a cell that does not fit its column", rows.line());
            continue;
        }
        pass.rows += 1;
        pass.cells.push(&row)?;
        pass.lines.push(&[rows.line()])?;
    }
    Ok(pass)
}

enum Odd {
    /// The cell is not of the column's kind.
    Cell,
    NotUtf8,
    /// The cell cannot be kept.
    Failed(DataError),
}

impl Builder {
    fn new(guess: Guess, comma: bool, fixed: bool, room: &Room) -> Builder {
        Builder {
            guess,
            comma,
            fixed,
            numbers: 0,
            dates: 0,
            odd: 0,
            first_odd: None,
            words: HashMap::new(),
            values: Vec::new(),
            overflow: 0,
            texts: TextWriter::new(&room.of(room.bytes / 2)),
        }
    }

    /// The number that stands for a cell: NaN when it is missing.
    fn read(
        &mut self,
        cell: &[u8],
        options: &DataOptions,
        word_bytes: &mut usize,
    ) -> Result<f64, Odd> {
        if self.guess == Guess::Text {
            return self.text(cell);
        }
        if cell::is_missing(cell, &options.missing) {
            return Ok(f64::NAN);
        }
        match self.guess {
            Guess::Number => Err(Odd::Cell),
            Guess::Date { order, .. } => match date::seconds(cell, order) {
                Some(seconds) => {
                    self.dates += 1;
                    Ok(seconds)
                }
                None => {
                    self.numbers += u64::from(cell::number(cell, self.comma).is_some());
                    Err(Odd::Cell)
                }
            },
            Guess::Category | Guess::Text => self.code(cell, word_bytes),
        }
    }

    /// The number of a text. Only an empty cell is missing: "none" and "?" are words of a text.
    fn text(&mut self, cell: &[u8]) -> Result<f64, Odd> {
        if cell.is_empty() {
            return Ok(f64::NAN);
        }
        let text = std::str::from_utf8(cell).map_err(|_| Odd::NotUtf8)?;
        self.texts.push(text).map_err(Odd::Failed)
    }

    /// The code of a word, which is a new one when the word is.
    fn code(&mut self, cell: &[u8], word_bytes: &mut usize) -> Result<f64, Odd> {
        if let Some(&code) = self.words.get(cell) {
            self.values[code as usize].1 += 1;
            return Ok(f64::from(code));
        }
        let text = std::str::from_utf8(cell).map_err(|_| Odd::NotUtf8)?;
        if self.values.len() >= MOST_WORDS || *word_bytes > MOST_WORD_BYTES {
            self.overflow += 1;
            self.numbers += u64::from(cell::number(cell, self.comma).is_some());
            return Ok(OVERFLOW);
        }
        *word_bytes += 2 * cell.len() + WORD_COST;
        let code = self.values.len() as u32;
        self.words.insert(cell.into(), code);
        self.values.push((text.to_owned(), 1));
        Ok(f64::from(code))
    }

    fn remember(&mut self, line: u64, cell: &[u8]) {
        if self.first_odd.is_none() {
            let plain = cell.len() <= 20 && cell.iter().all(|byte| byte.is_ascii_graphic());
            let short = String::from_utf8(cell.to_vec()).ok().filter(|_| plain);
            self.first_odd = Some(OddCell {
                line,
                shown: quoted(cell),
                short: short.filter(|word| !word.contains(['"', '\\'])),
                with_other_sign: cell::number(cell, self.comma).is_none()
                    && cell::number(cell, !self.comma).is_some(),
            });
        }
        self.odd += 1;
    }

    /// The kind that the counts of the whole text say.
    fn right_guess(&self) -> Guess {
        if self.fixed || self.guess == Guess::Text {
            return self.guess;
        }
        let words: u64 = self.values.iter().map(|(_, count)| count).sum();
        let total = match self.guess {
            Guess::Number => self.numbers + self.odd,
            Guess::Date { .. } => self.dates + self.odd,
            Guess::Category | Guess::Text => words + self.overflow,
        };
        let numbers = match self.guess {
            Guess::Category => self.numbers + self.number_words(),
            _ => self.numbers,
        };
        match (decide(numbers, self.dates, total), self.guess) {
            (ColumnKind::Date, Guess::Date { order, sure: false }) if self.odd > 0 => {
                // So far any order would have done; now one cell says which it is not.
                let order = match order {
                    DateOrder::MonthDayYear => DateOrder::DayMonthYear,
                    _ => DateOrder::MonthDayYear,
                };
                Guess::Date { order, sure: true }
            }
            (ColumnKind::Number, _) => Guess::Number,
            (ColumnKind::Date, guess) => guess,
            // A column of dates that begins with other words stays a column of words.
            (ColumnKind::Category | ColumnKind::Boolean | ColumnKind::Text, _) => Guess::Category,
        }
    }

    fn number_words(&self) -> u64 {
        let is_number = |word: &str| cell::number(word.as_bytes(), self.comma).is_some();
        self.values.iter().filter(|(word, _)| is_number(word)).map(|(_, count)| count).sum()
    }

    fn finish(self, name: String) -> Result<RawColumn, DataError> {
        let kind = match self.guess {
            Guess::Text => RawKind::Text(self.texts.finish()?),
            Guess::Number => RawKind::Number,
            Guess::Date { order, .. } => RawKind::Date { order },
            Guess::Category => {
                let values: Vec<String> = self.values.into_iter().map(|(word, _)| word).collect();
                match values.as_slice() {
                    [first, second]
                        if self.overflow == 0
                            && let Some([_, yes]) = cell::boolean_pair(first, second) =>
                    {
                        let yes = usize::from(yes == second);
                        RawKind::Boolean { values: [first.clone(), second.clone()], yes }
                    }
                    _ => RawKind::Category { values, overflow: self.overflow },
                }
            }
        };
        Ok(RawColumn { name, kind })
    }
}

fn finish(
    files: &TableFiles,
    options: &DataOptions,
    builders: Vec<Builder>,
    pass: Pass,
) -> Result<(RawTable, Skipped, Vec<Said>), DataError> {
    let mut notes = Vec::new();
    if options.bad_rows == BadRows::Error {
        for (column, builder) in builders.iter().enumerate() {
            odd_cell(files, column, builder)?;
        }
    }
    if pass.rows == 0 {
        let problem = if pass.skipped.is_empty() {
            "the table has no rows".to_owned()
        } else {
            "no row could be used".to_owned()
        };
        return Err(DataError::new(files.file_name(0), problem).expected("examples to learn from"));
    }
    for (column, builder) in builders.iter().enumerate() {
        if let Guess::Date { order, sure: false } = builder.guess {
            let name = quoted(files.names[column].as_bytes());
            notes.push(Said::new(|l| say::data_two_orders(l, &name, order.name())));
        }
    }
    let declared = files.files.last().and_then(|(_, layout)| layout.declared.clone());
    if let Some(declared) = &declared
        && declared.rows != pass.rows as u64
    {
        notes.push(Said::new(|l| {
            let promised = l.counted(declared.rows, "row");
            say::data_promised(l, files.file_name(0), promised, pass.rows)
        }));
    }
    debug_assert_eq!(pass.cells.len(), (pass.rows * pass.width) as u64);
    let table = RawTable {
        columns: builders
            .into_iter()
            .zip(&files.names)
            .map(|(builder, name)| builder.finish(name.clone()))
            .collect::<Result<_, DataError>>()?,
        rows: pass.rows,
        cells: pass.cells.finish()?,
        lines: Some(pass.lines.finish()?),
        named: files.named(),
        classes: declared.map(|declared| declared.classes),
        targets: files.targets.clone(),
        task: None,
        whole_targets: false,
    };
    Ok((table, pass.skipped, notes))
}

/// The error for the first cell that is not of its column's kind.
fn odd_cell(files: &TableFiles, column: usize, builder: &Builder) -> Result<(), DataError> {
    let Some(odd) = &builder.first_odd else { return Ok(()) };
    let (kind, expected) = match builder.guess {
        Guess::Number => ("number", "a finite number".to_owned()),
        Guess::Date { order, .. } => ("date", format!("a date such as {}", order.example())),
        Guess::Category | Guess::Text => return Ok(()),
    };
    let others = match builder.odd {
        1 => String::new(),
        odd => format!(" (and {} more like it)", odd - 1),
    };
    let name = &files.names[column];
    let why = if builder.fixed {
        format!("since data.columns reads this column as {kind}")
    } else {
        format!("as in most rows of this {kind} column")
    };
    Err(DataError::new(files.file_name(column), format!("got {}{others}", odd.shown))
        .line(odd.line)
        .column(name)
        .expected(format!("{expected}, {why}"))
        .cure(odd_cure(files, column, builder, odd)))
}

/// What may cure an odd cell, the likeliest first.
fn odd_cure(files: &TableFiles, column: usize, builder: &Builder, odd: &OddCell) -> String {
    let name = &files.names[column];
    let mut cures = Vec::new();
    let layout = &files.files[files.places[column].0].1;
    if odd.line == 1 && !layout.named {
        cures.push("set data.header=true if line 1 holds the names".to_owned());
    }
    if odd.with_other_sign && layout.delimiter != Delimiter::Byte(b',') {
        cures.push(format!("set data.decimal_comma={} if numbers are written so", !builder.comma));
    }
    cures.push("correct the cell".to_owned());
    cures.push("set data.bad_rows=skip to leave such rows out".to_owned());
    if let Some(word) = &odd.short {
        cures.push(format!("data.missing=[\"{word}\"] if it means a missing value"));
    }
    if !builder.fixed {
        cures.push(format!("data.columns.{name}=category if these are words"));
    }
    cures.join(", or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(text: &str, options: &DataOptions) -> Result<(RawTable, Skipped), DataError> {
        let bytes: &'static [u8] = Box::leak(text.as_bytes().to_vec().into_boxed_slice());
        let files = TableFiles::open(vec![Origin::Inside("t.csv", bytes)], options)?;
        let room = Room { bytes: 1 << 20, folder: None };
        let (table, skipped, _) = scan(&files, options, &room)?;
        Ok((table, skipped))
    }

    fn cells(table: &RawTable) -> Vec<f64> {
        table.cells.slice().expect("small").to_vec()
    }

    #[test]
    fn cells_become_numbers() {
        let text = "n,w,b,d\n1.5,red,yes,1970-01-02\n,blue,no,1970-01-01\n3,red,,NA\n";
        let (table, _) = read_with(text, &DataOptions::default()).expect("reads");
        let expected = [1.5, 0.0, 0.0, 86400.0, f64::NAN, 1.0, 1.0, 0.0, 3.0, 0.0];
        for (index, (got, expected)) in cells(&table).iter().zip(expected).enumerate() {
            assert!(
                got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan(),
                "{index}"
            );
        }
        assert!(matches!(table.columns[0].kind, RawKind::Number));
        assert!(
            matches!(&table.columns[1].kind, RawKind::Category { values, .. } if values == &["red", "blue"])
        );
        assert!(matches!(&table.columns[2].kind, RawKind::Boolean { yes: 0, .. }));
        assert!(matches!(&table.columns[3].kind, RawKind::Date { .. }));
        let lines = table.lines.as_ref().and_then(|lines| lines.slice()).expect("has lines");
        assert_eq!(lines, [2, 3, 4]);
    }

    /// A table longer than the sample, whose column turns into words only behind it.
    #[test]
    fn kinds_are_decided_by_the_whole_text() {
        let mut text = String::from("code,v\n");
        for row in 0..60_000 {
            text.push_str(if row < 30_000 { "11111,0.5\n" } else { "A1,0.5\n" });
        }
        let (table, _) = read_with(&text, &DataOptions::default()).expect("reads");
        assert!(
            matches!(&table.columns[0].kind, RawKind::Category { values, .. } if values == &["11111", "A1"])
        );
        assert_eq!(cells(&table)[2 * 59_999], 1.0);
        // The same the other way round, for dates whose order shows late.
        let mut text = String::from("day,v\n");
        for row in 0..60_000 {
            text.push_str(if row < 59_999 { "1/2/1970,1\n" } else { "20/1/1970,1\n" });
        }
        let (table, _) = read_with(&text, &DataOptions::default()).expect("reads");
        assert!(matches!(table.columns[0].kind, RawKind::Date { order: DateOrder::DayMonthYear }));
        assert_eq!(cells(&table)[0], 31.0 * 86400.0);
    }

    #[test]
    fn bad_rows_are_told_or_skipped() {
        let text = "a,b\n1,2\n3,x\n5,6\n7\n9,10\n11,12\n";
        let mut options = DataOptions::default();
        let error = read_with(text, &options).err().expect("is bad").to_string();
        assert_eq!(
            error,
            "t.csv, line 5: the line has 1 cell, expected 2 as in the header; correct the line, or \
             set data.bad_rows=skip to leave such lines out"
        );
        options.bad_rows = BadRows::Skip;
        let (table, skipped) = read_with(text, &options).expect("skips");
        assert_eq!(cells(&table), [1.0, 2.0, 5.0, 6.0, 9.0, 10.0, 11.0, 12.0]);
        let counts: Vec<(u64, u64)> =
            skipped.values().map(|rows| (rows.count, rows.first)).collect();
        assert_eq!(counts, [(1, 3), (1, 5)]);
    }

    #[test]
    fn words_are_bounded() {
        let mut text = String::from("id,v\n");
        for row in 0..MOST_WORDS + 100 {
            text.push_str(&format!("x{row},1\n"));
        }
        let (table, _) = read_with(&text, &DataOptions::default()).expect("reads");
        let RawKind::Category { values, overflow } = &table.columns[0].kind else {
            unreachable!("words are a category")
        };
        assert_eq!((values.len(), *overflow), (MOST_WORDS, 100));
        assert_eq!(cells(&table)[2 * MOST_WORDS], OVERFLOW);
    }

    #[test]
    fn files_stand_side_by_side() {
        let files = |second: &'static str| {
            let origins = vec![
                Origin::Inside("a.csv", b"1 2\n3 4\n5 6\n"),
                Origin::Inside("b.csv", second.as_bytes()),
            ];
            let options = DataOptions::default();
            let files = TableFiles::open(origins, &options).expect("opens");
            let room = Room { bytes: 1 << 20, folder: None };
            scan(&files, &options, &room).map(|(table, ..)| table)
        };
        let table = files("7\n8\n9\n").expect("reads");
        assert_eq!(cells(&table), [1.0, 2.0, 7.0, 3.0, 4.0, 8.0, 5.0, 6.0, 9.0]);
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["c1", "c2", "c3"]);
        let error = files("7\n8\n").err().expect("too short").to_string();
        assert!(
            error.starts_with("b.csv: the file has fewer rows, expected as many as a.csv"),
            "{error}"
        );
    }
}
