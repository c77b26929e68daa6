//! Finding out how a table is written: delimiter, header, decimal sign, kinds of columns.

mod header;
mod kinds;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use super::cell;
use super::date::DateOrder;
use super::records::{Delimiter, LONGEST_RECORD, Records, Returns, has_lone_returns};
use super::spelling::Spelling;
use crate::data::error::{DataError, quoted};
use crate::data::input::Origin;
use crate::data::options::DataOptions;
use crate::messages::{self as say, Said};

use header::find_header;
pub(crate) use header::numbered;
pub(crate) use kinds::decide;
use kinds::guess;

/// The bytes looked at, more where lines are very long.
const SAMPLE: usize = 1 << 18;

/// The lines that a sample should have.
const LINES: usize = 8;

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guess {
    Number,
    /// Numbers in everyday spelling.
    Spelled(Spelling),
    Date {
        order: DateOrder,
        sure: bool,
    },
    Category,
    /// Sentences, which are read word by word.
    Text,
}

/// How a table is written.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) delimiter: Delimiter,
    /// Numbers are written 1,5.
    pub(crate) comma: bool,
    /// Lines end with a lone return.
    pub(crate) returns: bool,
    /// Quotes are letters, and not the bounds of cells.
    pub(crate) plain: bool,
    /// Lines are JSON objects with these keys.
    pub(crate) keys: Option<Arc<[String]>>,
    /// Bytes of a byte order mark to pass over.
    pub(crate) mark: usize,
    /// Lines of comments in front of the table.
    pub(crate) comments: u64,
    /// The first record is not an example.
    pub(crate) skip_first: bool,
    /// The names stand in the file.
    pub(crate) named: bool,
    pub(crate) names: Vec<String>,
    pub(crate) guesses: Vec<Guess>,
    pub(crate) declared: Option<Declared>,
    pub(crate) notes: Vec<Said>,
}

/// A first line of counts and class names, such as `150,4,setosa,versicolor,virginica`.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) rows: u64,
    pub(crate) classes: Vec<String>,
}

impl Layout {
    /// Opens the table at its first record.
    pub(crate) fn open(&self, origin: &Origin) -> Result<Records, DataError> {
        let mut input = origin.open()?;
        let mut mark = [0; 3];
        input
            .read_exact(&mut mark[..self.mark])
            .map_err(|error| DataError::io(origin.name(), &error))?;
        let input = if self.returns { Box::new(Returns(input)) } else { input };
        let records = Records::new(origin.name(), input, self.delimiter);
        let mut records = records.read_as(self.plain, self.keys.clone());
        records.pass_over(self.comments)?;
        if self.skip_first {
            records.advance()?;
        }
        Ok(records)
    }
}

type Rows = Vec<Vec<Vec<u8>>>;

/// Looks at the beginning of a table.
pub(crate) fn sniff(origin: &Origin, options: &DataOptions) -> Result<Layout, DataError> {
    let (sample, complete) = sample(origin)?;
    let name = origin.name();
    let mark = text_mark(&name, &sample)?;
    let returns = has_lone_returns(&sample);
    let text = usable(&sample[mark..], complete);
    if is_json(text) {
        return sniff_json(origin, (text, mark, returns), options);
    }
    let (comments, text) = comments(&name, text, returns, options);
    let delimiter = match options.delimiter {
        Some(' ') => Delimiter::Blanks,
        // `DataOptions::validate` lets only ASCII through.
        Some(sign) => Delimiter::Byte(sign as u8),
        None => find_delimiter(&name, text, returns),
    };
    let plain = match options.quotes {
        Some(quotes) => !quotes,
        None => quotes_are_letters(origin, delimiter, returns, (mark, comments))?,
    };
    let rows = sample_rows(&name, text, returns, |records| records(delimiter).read_as(plain, None));
    if rows.is_empty() && complete {
        // A broken first record is told as such.
        let records = Records::new(&name, Box::new(Cursor::new(text.to_vec())), delimiter);
        records.read_as(plain, None).advance()?;
        return Err(DataError::new(name, say::error_empty_file).expected(say::error_want_rows));
    }
    let width = usual_width(&rows);
    let comma = options.decimal_comma.unwrap_or_else(|| uses_comma(&rows, delimiter));
    let mut layout = Layout {
        delimiter,
        comma,
        returns,
        plain,
        keys: None,
        mark,
        comments,
        skip_first: false,
        named: false,
        names: Vec::new(),
        guesses: Vec::new(),
        declared: None,
        notes: Vec::new(),
    };
    find_header(&name, &rows, width, options, &mut layout)?;
    let data = &rows[usize::from(layout.skip_first).min(rows.len())..];
    let missing = &options.missing;
    layout.guesses =
        (0..layout.names.len()).map(|index| guess(data, index, comma, missing)).collect();
    if comments > 0 {
        layout.notes.push(Said::new(|l| say::data_comments(l, &name, l.counted(comments, "line"))));
    }
    if plain && options.quotes.is_none() {
        layout.notes.push(Said::new(|l| say::data_quote_is_letter(l, &name)));
    }
    if comma && options.decimal_comma.is_none() {
        layout.notes.push(Said::new(|l| say::data_decimal_comma(l, &name)));
    }
    Ok(layout)
}

/// Whether a file begins as a table does: with JSON objects, or with lines that tabs, commas, semicolons or
/// bars cut into the same number of cells.
pub(crate) fn is_table(origin: &Origin) -> bool {
    let Ok((sample, complete)) = sample(origin) else { return false };
    let (name, returns) = (origin.name(), has_lone_returns(&sample));
    let Ok(mark) = text_mark(&name, &sample) else { return false };
    let text = usable(&sample[mark..], complete);
    is_json(text)
        || [b'\t', b',', b';', b'|'].into_iter().map(Delimiter::Byte).any(|delimiter| {
            let rows = sample_rows(&name, text, returns, |records| {
                records(delimiter).read_as(delimiter == Delimiter::Byte(b'\t'), None)
            });
            let width = usual_width(&rows);
            width > 1 && rows.iter().all(|row| row.len() == width)
        })
}

/// The beginning of a text, and whether it is all of it.
fn sample(origin: &Origin) -> Result<(Vec<u8>, bool), DataError> {
    let mut size = SAMPLE;
    loop {
        let sample = origin.head(size)?;
        let complete = sample.len() < size;
        let lines = memchr::memchr2_iter(b'\n', b'\r', &sample).take(LINES).count();
        if complete || lines == LINES || size > LONGEST_RECORD {
            return Ok((sample, complete));
        }
        size *= 8;
    }
}

/// The length of a byte order mark; an error for what is not a text in UTF-8.
fn text_mark(name: &str, sample: &[u8]) -> Result<usize, DataError> {
    if sample.starts_with(b"\xff\xfe") || sample.starts_with(b"\xfe\xff") {
        return Err(DataError::new(name, say::error_utf16)
            .expected("UTF-8")
            .cure(say::cure_utf8_sheet));
    }
    if let Some(offset) = memchr::memchr(0, sample) {
        return Err(DataError::new(name, say::error_zero_byte)
            .offset(offset as u64)
            .expected(say::error_want_table_text)
            .cure(say::cure_export_csv));
    }
    Ok(if sample.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 })
}

/// The sample without the record that its end cuts.
fn usable(text: &[u8], complete: bool) -> &[u8] {
    if complete {
        return text;
    }
    match memchr::memrchr2(b'\n', b'\r', text) {
        Some(end) => &text[..=end],
        None => text,
    }
}

/// The lines at the beginning that are comments, and the text behind them: those with `#` in front, blank ones
/// among them, that do not have as many cells as the table below, which has several.
fn comments<'a>(
    name: &str,
    text: &'a [u8],
    returns: bool,
    options: &DataOptions,
) -> (u64, &'a [u8]) {
    let none = (0, text);
    let end = if returns { b'\r' } else { b'\n' };
    let line = |text: &'a [u8]| match memchr::memchr(end, text) {
        Some(end) => text.split_at(end + 1),
        None => (text, &[][..]),
    };
    let is_comment = |line: &[u8]| line.trim_ascii_start().starts_with(b"#");
    let mut below = text;
    while !below.is_empty() && (is_comment(below) || line(below).0.trim_ascii().is_empty()) {
        below = line(below).1;
    }
    if below.is_empty() || !is_comment(text) {
        return none;
    }
    let delimiter = match options.delimiter {
        Some(' ') => Delimiter::Blanks,
        Some(sign) => Delimiter::Byte(sign as u8),
        None => find_delimiter(name, below, returns),
    };
    let width =
        |text: &[u8]| usual_width(&sample_rows(name, text, returns, |records| records(delimiter)));
    let wanted = width(below);
    let (mut count, mut rest) = (0, text);
    while wanted > 1 && rest.len() > below.len() {
        let (first, behind) = line(rest);
        // The last of them may hold the names.
        if width(first) == wanted {
            break;
        }
        (count, rest) = (count + 1, behind);
    }
    (count, rest)
}

fn sample_rows(
    name: &str,
    text: &[u8],
    returns: bool,
    read: impl FnOnce(&dyn Fn(Delimiter) -> Records) -> Records,
) -> Rows {
    let open = |delimiter| {
        let input = Cursor::new(text.to_vec());
        let input: Box<dyn std::io::Read + Send> =
            if returns { Box::new(Returns(input)) } else { Box::new(input) };
        Records::new(name, input, delimiter)
    };
    let mut records = read(&open);
    let mut rows = Vec::new();
    // An error ends the sample only; the reading proper will tell it.
    while let Ok(true) = records.advance() {
        rows.push((0..records.len()).map(|index| records.cell(index).to_vec()).collect());
    }
    rows
}

/// The number of cells that most records have.
fn usual_width(rows: &Rows) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row.len()).or_default() += 1);
    counts.into_iter().max_by_key(|&(width, count)| (count, width)).map_or(0, |(width, _)| width)
}

fn find_delimiter(name: &str, text: &[u8], returns: bool) -> Delimiter {
    // A share of records of one width from which on a delimiter is believed.
    const CONSISTENT: f64 = 0.9;
    let look = |delimiter: Delimiter| {
        let rows = sample_rows(name, text, returns, |records| records(delimiter));
        let width = usual_width(&rows);
        let usual = rows.iter().filter(|row| row.len() == width).count();
        let share = if width > 1 { usual as f64 / rows.len() as f64 } else { 0.0 };
        (delimiter, width, share, rows)
    };
    let comma = look(Delimiter::Byte(b','));
    let others = [b'\t', b';', b'|'].map(|sign| look(Delimiter::Byte(sign)));
    if let Some(other) = others.iter().find(|other| other.2 >= CONSISTENT) {
        // Commas are the delimiter only where they cut more cells and are not decimal commas.
        let cuts_more = comma.2 >= CONSISTENT && comma.1 > other.1;
        if !cuts_more || uses_comma(&other.3, other.0) {
            return other.0;
        }
    }
    if comma.2 >= CONSISTENT {
        return comma.0;
    }
    // The table is broken, or has one column. Blanks also stand inside of cells, so they come last.
    let best = [comma].into_iter().chain(others).max_by(|a, b| a.2.total_cmp(&b.2));
    if let Some(best) = best
        && best.2 >= 0.5
    {
        return best.0;
    }
    let blanks = look(Delimiter::Blanks);
    if blanks.2 >= CONSISTENT { blanks.0 } else { Delimiter::Byte(b',') }
}

/// Whether the first line of a text looks like a JSON object.
pub(crate) fn is_json(text: &[u8]) -> bool {
    let first = text.trim_ascii_start().split(|byte| matches!(byte, b'\n' | b'\r')).next();
    first.is_some_and(|line| matches!(line.trim_ascii_end(), [b'{', .., b'}']))
}

/// The layout of JSON Lines: a column for every key of any line.
fn sniff_json(
    origin: &Origin,
    (text, mark, returns): (&[u8], usize, bool),
    options: &DataOptions,
) -> Result<Layout, DataError> {
    let name = origin.name();
    let mut layout = Layout {
        delimiter: Delimiter::Byte(b'\n'),
        comma: false,
        returns,
        plain: false,
        keys: None,
        mark,
        comments: 0,
        skip_first: false,
        named: true,
        names: Vec::new(),
        guesses: Vec::new(),
        declared: None,
        notes: Vec::new(),
    };
    layout.names = layout.open(origin)?.all_keys()?;
    let keys: Arc<[String]> = layout.names.clone().into();
    let rows = sample_rows(&name, text, returns, |records| {
        records(layout.delimiter).read_as(false, Some(keys.clone()))
    });
    layout.keys = Some(keys);
    layout.guesses =
        (0..layout.names.len()).map(|index| guess(&rows, index, false, &options.missing)).collect();
    Ok(layout)
}

/// Whether the quotes of a table with tabs are letters: all lines have as many cells as the first when
/// they are, and some cell begins with a quote that does not end it.
///
/// Where quotes bound cells, one that holds a line end or a tab changes the number of cells, and every
/// other one ends as it begins. Tables with other signs write sentences in quotes as a rule (RFC 4180),
/// so there a lone quote is an error.
fn quotes_are_letters(
    origin: &Origin,
    delimiter: Delimiter,
    returns: bool,
    (mark, comments): (usize, u64),
) -> Result<bool, DataError> {
    if delimiter != Delimiter::Byte(b'\t') {
        return Ok(false);
    }
    let mut input = origin.open()?;
    let io = |error| DataError::io(origin.name(), &error);
    input.read_exact(&mut vec![0; mark]).map_err(io)?;
    let input: Box<dyn std::io::Read + Send> =
        if returns { Box::new(Returns(input)) } else { input };
    let mut records = Records::new(origin.name(), input, delimiter).read_as(true, None);
    records.pass_over(comments)?;
    let (mut width, mut lone) = (0, false);
    // An error is told when the table is read.
    while let Ok(true) = records.advance() {
        width = if width == 0 { records.len() } else { width };
        if records.len() != width {
            return Ok(false);
        }
        lone |= (0..width).any(|index| is_lone(records.cell(index)));
    }
    Ok(lone)
}

/// Whether a cell begins with a quote that is not closed at its end, or with another one inside.
fn is_lone(cell: &[u8]) -> bool {
    let [b'"', inside @ ..] = cell else { return false };
    let [inside @ .., b'"'] = inside else { return true };
    // Inside, quotes come in pairs.
    let mut open = false;
    for &byte in inside {
        if byte == b'"' {
            open = !open;
        } else if open {
            return true;
        }
    }
    open
}

/// Whether numbers are written 1,5: some are, and none is written 1.5.
fn uses_comma(rows: &Rows, delimiter: Delimiter) -> bool {
    if delimiter == Delimiter::Byte(b',') {
        return false;
    }
    let mut commas = 0;
    for cell in rows.iter().flatten() {
        if cell.contains(&b',') && cell::number(cell, true).is_some() {
            commas += 1;
        } else if cell.contains(&b'.') && cell::number(cell, false).is_some() {
            return false;
        }
    }
    commas > 0
}

/// The error for a cell of a row that is not UTF-8.
pub(crate) fn cell_not_utf8(name: &str, cell: &[u8]) -> DataError {
    not_utf8(name, cell).cure(say::cure_utf8_or_skip)
}

/// The error for bytes that are not UTF-8.
fn not_utf8(name: &str, cell: &[u8]) -> DataError {
    DataError::new(name, |l| say::error_not_utf8(l, quoted(cell)))
        .expected(say::error_want_utf8)
        .cure(say::cure_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(text: &str) -> Layout {
        let bytes: &'static [u8] = Box::leak(text.as_bytes().to_vec().into_boxed_slice());
        sniff(&Origin::Inside("t.csv", bytes), &DataOptions::default()).expect(text)
    }

    #[test]
    fn delimiters() {
        let check = |text: &str, delimiter: Delimiter, comma: bool| {
            let layout = layout(text);
            assert_eq!((layout.delimiter, layout.comma), (delimiter, comma), "{text:?}");
        };
        let byte = Delimiter::Byte;
        check("a,b\n1,2\n3,4\n", byte(b','), false);
        check("a;b\n1,5;2\n3,25;4\n", byte(b';'), true);
        check("1,5;2,5\n3,2;4,5\n", byte(b';'), true);
        check("a\tb\n1,5\t2\n", byte(b'\t'), true);
        check("a\tb\n1.5\t2\n", byte(b'\t'), false);
        check("a|b|c\n1|2|3\n", byte(b'|'), false);
        check("1 2 3\n4  5 6\n", Delimiter::Blanks, false);
        check("date,x\n2016-07-01 00:00:00,5\n2016-07-01 01:00:00,6\n", byte(b','), false);
        check("x\n1\n2\n", byte(b','), false);
        check("note,x,y\na; b,1,2\nc; d,3,4\n", byte(b','), false);
        check("\"a;b\",\"c\"\n\"1;2\",3\n", byte(b','), false);
    }

    #[test]
    fn headers() {
        let check = |text: &str, named: bool, names: &[&str]| {
            let layout = layout(text);
            assert_eq!(layout.named, named, "{text:?}");
            assert_eq!(layout.names, names, "{text:?}");
        };
        check("a,b\n1,2\n", true, &["a", "b"]);
        check("1,2\n3,4\n", false, &["c1", "c2"]);
        check("x,y\nred,1\n", true, &["x", "y"]);
        check("red,1\nblue,2\n", false, &["c1", "c2"]);
        check("color,size\nred,big\nred,small\n", true, &["color", "size"]);
        check("red,big\nred,small\nblue,big\n", false, &["c1", "c2"]);
        check(",a,a,\n0,1,2,3\n", true, &["c1", "a", "a_2", "c4"]);
        check("date,v\n2001-01-01,x\n", true, &["date", "v"]);
        check("\u{feff}a,b\n1,2\n", true, &["a", "b"]);
        check("city,2001,note\nRome,3,x\n", false, &["c1", "c2", "c3"]);
        check("a\rb\r", true, &["a"]);
    }

    #[test]
    fn comments_above_a_table_are_passed_over() {
        let check = |text: &str, comments: u64, names: &[&str]| {
            let layout = layout(text);
            assert_eq!(layout.comments, comments, "{text:?}");
            assert_eq!(layout.names, names, "{text:?}");
        };
        check("# made, by hand, twice\n#\n\na,b\n1,2\n3,4\n", 3, &["a", "b"]);
        check("# unit: m\r\na;b\r\n1,5;2\r\n3;4\r\n", 1, &["a", "b"]);
        check("# from 2001\n#a,b\n1,2\n3,4\n", 1, &["#a", "b"]);
        check("#a,b\n1,2\n3,4\n", 0, &["#a", "b"]);
        check("#x\n1\n2\n", 0, &["#x"]);
        check("\u{feff}# first\na\tb\n1\t2\n", 1, &["a", "b"]);
        let layout = layout("# one\n# two\na,b\n1,2\n");
        let mut records =
            layout.open(&Origin::Inside("t.csv", b"# one\n# two\na,b\n1,2\n")).expect("opens");
        assert!(records.advance().expect("reads"));
        assert_eq!((records.line(), records.cell(0)), (4, &b"1"[..]));
    }

    #[test]
    fn a_line_of_counts_and_classes_is_not_a_header() {
        let layout = layout("3,2,red,blue\n0.5,1,0\n1,2,1\n2,3,1\n");
        assert!(!layout.named && layout.skip_first);
        assert_eq!(layout.names, ["c1", "c2", "c3"]);
        let declared = layout.declared.expect("is declared");
        assert_eq!((declared.rows, declared.classes), (3, vec!["red".into(), "blue".into()]));
        assert_eq!(layout.notes.len(), 1);
    }

    #[test]
    fn lines_may_be_longer_than_the_sample() {
        let names: Vec<String> = (0..40_000).map(|index| format!("gene number {index}")).collect();
        let row = vec!["1.5"; 40_000].join(",");
        let layout = layout(&format!("{}\n{row}\n{row}\n", names.join(",")));
        assert!(layout.named && layout.names.len() == 40_000);
    }

    #[test]
    fn kinds() {
        let check = |cells: &str, expected: Guess| {
            let text = format!("name,other\n{}\n", cells.replace(' ', ",x\n") + ",x");
            assert_eq!(layout(&text).guesses[0], expected, "{cells}");
        };
        let date = |order, sure| Guess::Date { order, sure };
        check("1 2.5 -3e4", Guess::Number);
        check("1 NA 3", Guess::Number);
        check("NA NA", Guess::Number);
        check("1 2 3 4 x", Guess::Number);
        check("1 2 3 x y", Guess::Category);
        check("2001-01-02 2001-01", date(DateOrder::YearMonthDay, true));
        check("13.01.2001 01.02.2001", date(DateOrder::DayMonthYear, true));
        check("1/13/2001 1/2/2001", date(DateOrder::MonthDayYear, true));
        check("1/2/2001 3/4/2001", date(DateOrder::MonthDayYear, false));
        check("1.2.2001 3.4.2001", date(DateOrder::DayMonthYear, false));
        check("yes no", Guess::Category);
        check("$4.50 $3 $0.99", Guess::Spelled(Spelling { comma: false }));
        check("76% 4% NA", Guess::Spelled(Spelling { comma: false }));
        check("(0.62) 1.5 - 2", Guess::Spelled(Spelling { comma: false }));
    }
}
