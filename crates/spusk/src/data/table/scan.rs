//! Reading a table from its text in one pass, in bounded memory.
//!
//! The kinds of the columns are guessed from the beginning of the text and the pass goes on with
//! that guess while counting what each cell really is. When the counts of the whole text say
//! otherwise, the pass is made once more with the right kinds.

use super::builder::{Builder, Odd, OddCell};
use super::cell;
use super::date::DateOrder;
use super::files::TableFiles;
use super::records::Delimiter;
use super::sniff::{Guess, cell_not_utf8};
use crate::data::error::{DataError, quoted};
use crate::data::options::{BadRows, ColumnKind, DataOptions, Task};
use crate::data::raw::{RawTable, Skipped, skip};
use crate::data::store::{Room, Writer};
use crate::messages::{self as say, Language, Said};

/// Reads a table whole.
pub(crate) fn scan(
    files: &TableFiles,
    options: &DataOptions,
    room: &Room,
) -> Result<(RawTable, Skipped, Vec<Said>), DataError> {
    let mut guesses: Vec<Guess> =
        files.files.iter().flat_map(|(_, layout)| layout.guesses.clone()).collect();
    let fixed = fixed_kinds(files, options, &mut guesses)?;
    // Everyday spelling is given up for good in a column that turns out not to have it.
    let mut may_be_spelled = vec![true; guesses.len()];
    // Every further pass has the counts of the whole text, so few changes a column settle it.
    for _ in 0..6 {
        let mut builders: Vec<Builder> = guesses
            .iter()
            .enumerate()
            .map(|(column, &guess)| Builder::new(guess, files.comma(column), fixed[column], room))
            .collect();
        let pass = pass(files, options, room, &mut builders)?;
        let right: Vec<Guess> = builders
            .iter()
            .zip(&may_be_spelled)
            .map(|(builder, &spelled)| builder.right_guess(spelled))
            .collect();
        for (column, may) in may_be_spelled.iter_mut().enumerate() {
            let is_spelled = |guess: Guess| matches!(guess, Guess::Spelled(_));
            *may &= !is_spelled(guesses[column]) || is_spelled(right[column]);
        }
        if right == guesses {
            return finish(files, options, builders, pass);
        }
        guesses = right;
    }
    unreachable_kinds(files)
}

/// Counts of the same text do not change between passes, but a file may.
fn unreachable_kinds<T>(files: &TableFiles) -> Result<T, DataError> {
    Err(DataError::new(files.file_name(0), say::error_file_changes).cure(say::cure_file_changes))
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
            (ColumnKind::Number, Guess::Spelled(spelling)) => Guess::Spelled(spelling),
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
    let list: Vec<String> = names.iter().take(SHOWN).map(|name| quoted(name.as_bytes())).collect();
    let list = list.join(", ");
    let list = |l| match names.len() > SHOWN {
        true => format!("{list}, {}", say::error_all_names(l, names.len())),
        false => list.clone(),
    };
    DataError::new(source, |l| say::error_no_column(l, quoted(wanted.as_bytes())))
        .expected(|l| say::error_one_of(l, list(l)))
        .cure(say::error_name_column)
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
        let problem = match pass.skipped.is_empty() {
            true => Said::new(say::error_no_rows),
            false => Said::new(say::error_no_usable_row),
        };
        return Err(DataError::new(files.file_name(0), problem).expected(say::error_want_examples));
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
        Guess::Number | Guess::Spelled(_) => ("number", Said::new(say::error_want_number)),
        Guess::Date { order, .. } => {
            ("date", Said::new(|l| say::error_want_date(l, order.example())))
        }
        Guess::Category | Guess::Text => return Ok(()),
    };
    let got = |l| match builder.odd {
        1 => say::error_got(l, &odd.shown),
        all => say::error_got_more(l, &odd.shown, all - 1),
    };
    let expected = |l| match builder.fixed {
        true => say::error_as_set(l, expected.in_language(l), kind),
        false => say::error_as_most(l, expected.in_language(l), kind),
    };
    Err(DataError::new(files.file_name(column), got)
        .line(odd.line)
        .column(&files.names[column])
        .expected(expected)
        .cure(|l| odd_cure(files, column, builder, odd, l)))
}

/// Whether a word can be typed as an item of a flag's list, in single quotes.
pub(crate) fn is_flag_word(word: &str) -> bool {
    !word.contains([',', '\'', '"', '\\']) && !word.contains(char::is_control)
}

/// What may cure an odd cell, the likeliest first.
fn odd_cure(
    files: &TableFiles,
    column: usize,
    builder: &Builder,
    odd: &OddCell,
    l: Language,
) -> String {
    let mut cures = Vec::new();
    let layout = &files.files[files.places[column].0].1;
    if odd.line == 1 && !layout.named {
        cures.push(say::cure_header(l));
    }
    if odd.with_other_sign && layout.delimiter != Delimiter::Byte(b',') {
        cures.push(say::cure_comma(l, !builder.comma));
    }
    cures.push(say::cure_correct_cell(l));
    cures.push(say::cure_skip_rows(l));
    if let Some(word) = odd.short.as_ref().filter(|word| is_flag_word(word)) {
        cures.push(say::cure_missing(l, word));
    }
    if !builder.fixed && is_flag_word(&files.names[column]) {
        cures.push(say::cure_category(l, &files.names[column]));
    }
    cures.join(&say::cure_or(l))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::input::Origin;
    use crate::data::raw::{OVERFLOW, RawKind};
    use crate::data::table::builder::MOST_WORDS;

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
             say --bad-rows skip to leave such lines out"
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
