//! Cutting a text into records and cells: quotes, line ends, and the line numbers for messages.
//!
//! Own code instead of the `csv` crate, because a hostile file must not grow a record without bound,
//! a quote that is never closed must be an error with its line, and blanks may be the delimiter.

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr2};

use super::json::{self, Keys};
use crate::data::error::{DataError, quoted};
use crate::messages::{self as say, Language};

/// A record longer than this is an error: most likely a quote that is never closed.
pub(crate) const LONGEST_RECORD: usize = 16 << 20;

/// A record with more cells than this is an error.
pub(crate) const MOST_CELLS: usize = 1 << 16;

/// The bytes read at once.
const CHUNK: usize = 1 << 18;

/// The sign between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiter {
    /// One sign is one boundary.
    Byte(u8),
    /// Any run of blanks and tabs is one boundary.
    Blanks,
}

impl Delimiter {
    /// The sign in words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Delimiter::Byte(b',') => "commas",
            Delimiter::Byte(b';') => "semicolons",
            Delimiter::Byte(b'\t') => "tabs",
            Delimiter::Byte(b'|') => "bars",
            Delimiter::Byte(_) => "the set delimiter",
            Delimiter::Blanks => "blanks",
        }
    }
}

/// A text read record by record. Blank lines are passed over.
pub(crate) struct Records {
    name: String,
    delimiter: Delimiter,
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// The bytes of the buffer that are read and not yet used.
    fresh: Range<usize>,
    ended: bool,
    /// The line of the record, and of the next one.
    line: u64,
    next_line: u64,
    cells: Vec<Range<usize>>,
    /// The cells of a record with quotes, unquoted; their ranges begin behind `PLAIN`.
    unquoted: Vec<u8>,
    /// The cells of the present record stand there.
    has_quotes: bool,
    /// Quotes are letters like any other.
    plain: bool,
    /// Every line is a JSON object with some of these keys.
    keys: Option<Arc<[String]>>,
    /// Why the present record is no row.
    fault: Option<DataError>,
}

impl Records {
    /// The records of `input`; `name` is for messages.
    pub(crate) fn new(
        name: impl Into<String>,
        input: Box<dyn Read + Send>,
        delimiter: Delimiter,
    ) -> Records {
        Records {
            name: name.into(),
            delimiter,
            input,
            buffer: Vec::new(),
            fresh: 0..0,
            ended: false,
            line: 0,
            next_line: 1,
            cells: Vec::new(),
            unquoted: Vec::new(),
            has_quotes: false,
            plain: false,
            keys: None,
            fault: None,
        }
    }

    /// The same with quotes as letters, or with lines that are JSON objects with these keys.
    pub(crate) fn read_as(self, plain: bool, keys: Option<Arc<[String]>>) -> Records {
        Records { plain, keys, ..self }
    }

    /// The keys of the JSON objects on all lines, in the order in which they come.
    pub(crate) fn all_keys(mut self) -> Result<Vec<String>, DataError> {
        let mut keys = Keys::default();
        while let Some(line) = self.take_line()? {
            json::add_keys(&self.name, self.next_line, &self.buffer[line], &mut keys)?;
            self.next_line += 1;
        }
        Ok(keys.names)
    }

    /// Why the present record is no row, where that is known.
    pub(crate) fn fault(&self) -> Option<&DataError> {
        self.fault.as_ref()
    }

    /// Passes over some lines, whatever stands in them.
    pub(crate) fn pass_over(&mut self, lines: u64) -> Result<(), DataError> {
        for _ in 0..lines {
            if self.take_line()?.is_some() {
                self.next_line += 1;
            }
        }
        Ok(())
    }

    /// Moves to the next record; false at the end.
    pub(crate) fn advance(&mut self) -> Result<bool, DataError> {
        loop {
            let Some(line) = self.take_line()? else { return Ok(false) };
            self.line = self.next_line;
            self.next_line += 1;
            if self.buffer[line.clone()].iter().all(|byte| matches!(byte, b' ' | b'\t')) {
                // Tabs alone are a record of empty cells, not a blank line.
                if self.delimiter != Delimiter::Byte(b'\t') || line.is_empty() {
                    continue;
                }
            }
            if let Some(keys) = self.keys.clone() {
                self.split_json(line, &keys);
                return Ok(true);
            }
            self.has_quotes = !self.plain && memchr(b'"', &self.buffer[line.clone()]).is_some();
            if self.has_quotes {
                self.split_quoted(line)?;
            } else {
                self.split_plain(line);
            }
            if self.cells.len() > MOST_CELLS {
                return Err(self.too_many_cells());
            }
            return Ok(true);
        }
    }

    /// The number of cells of the record.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell of the record, without the blanks around it.
    pub(crate) fn cell(&self, index: usize) -> &[u8] {
        let range = self.cells[index].clone();
        if self.has_quotes { &self.unquoted[range] } else { &self.buffer[range] }
    }

    /// The line, counted from 1, on which the record begins.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The name for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn split_json(&mut self, line: Range<usize>, keys: &[String]) {
        self.has_quotes = true;
        self.cells.clear();
        self.unquoted.clear();
        let (place, text) = ((&*self.name, self.line), &self.buffer[line]);
        let found = json::cells(place, text, keys, &mut self.unquoted, &mut self.cells);
        self.fault = found.err();
    }

    fn split_plain(&mut self, line: Range<usize>) {
        self.cells.clear();
        let text = &self.buffer[line.clone()];
        match self.delimiter {
            Delimiter::Byte(sign) => {
                let mut start = 0;
                for end in memchr::memchr_iter(sign, text).take(MOST_CELLS + 1) {
                    self.cells.push(trimmed(text, start..end, line.start));
                    start = end + 1;
                }
                self.cells.push(trimmed(text, start..text.len(), line.start));
            }
            Delimiter::Blanks => {
                let mut at = 0;
                while at < text.len() && self.cells.len() <= MOST_CELLS {
                    let start = at + text[at..].iter().take_while(|byte| is_blank(**byte)).count();
                    let length = memchr2(b' ', b'\t', &text[start..]).unwrap_or(text.len() - start);
                    at = start + length;
                    if length > 0 {
                        self.cells.push(line.start + start..line.start + at);
                    }
                }
            }
        }
    }

    /// The slow way, for a record with quotes, which may go on over several lines.
    fn split_quoted(&mut self, line: Range<usize>) -> Result<(), DataError> {
        self.cells.clear();
        self.unquoted.clear();
        let mut line = line;
        let mut at = line.start;
        if self.delimiter == Delimiter::Blanks {
            at += self.buffer[line.clone()].iter().take_while(|byte| is_blank(**byte)).count();
        }
        loop {
            while at < line.end && is_blank(self.buffer[at]) && !self.is_sign(self.buffer[at]) {
                at += 1;
            }
            let start = self.unquoted.len();
            if at < line.end && self.buffer[at] == b'"' {
                at += 1;
                (line, at) = self.take_quoted(line, at)?;
                while at < line.end && is_blank(self.buffer[at]) && !self.is_sign(self.buffer[at]) {
                    at += 1;
                }
                if at < line.end && !self.is_sign(self.buffer[at]) {
                    let got = quoted(&self.buffer[at..line.end.min(at + 20)]);
                    return Err(DataError::new(&self.name, |l| say::error_behind_quote(l, &got))
                        .line(self.line)
                        .expected(say::error_want_cell_end)
                        .cure(say::cure_double_quote));
                }
                let cell = trimmed(&self.unquoted, start..self.unquoted.len(), 0);
                self.cells.push(cell);
            } else {
                let length = self.cell_length(at..line.end);
                let cell = trimmed(&self.buffer[at..at + length], 0..length, at);
                self.unquoted.extend_from_slice(&self.buffer[cell]);
                self.cells.push(start..self.unquoted.len());
                at += length;
            }
            if at >= line.end || self.cells.len() > MOST_CELLS {
                return Ok(());
            }
            at += 1;
            if self.delimiter == Delimiter::Blanks {
                at += self.buffer[at..line.end].iter().take_while(|byte| is_blank(**byte)).count();
                if at >= line.end {
                    return Ok(());
                }
            }
        }
    }

    /// Copies a quoted cell, whose first quote is passed, and passes its last quote.
    fn take_quoted(
        &mut self,
        mut line: Range<usize>,
        mut at: usize,
    ) -> Result<(Range<usize>, usize), DataError> {
        loop {
            match memchr(b'"', &self.buffer[at..line.end]) {
                Some(length) => {
                    self.unquoted.extend_from_slice(&self.buffer[at..at + length]);
                    at += length + 1;
                    if at < line.end && self.buffer[at] == b'"' {
                        self.unquoted.push(b'"');
                        at += 1;
                    } else {
                        return Ok((line, at));
                    }
                }
                None => {
                    self.unquoted.extend_from_slice(&self.buffer[at..line.end]);
                    self.unquoted.push(b'\n');
                    let next =
                        if self.unquoted.len() > LONGEST_RECORD { None } else { self.take_line()? };
                    let Some(next) = next else { return Err(self.open_quote()) };
                    self.next_line += 1;
                    at = next.start;
                    line = next;
                }
            }
        }
    }

    fn open_quote(&self) -> DataError {
        let lines = self.next_line - self.line;
        let problem = |l: Language| say::error_open_quote(l, l.counted(lines, "line"));
        DataError::new(&self.name, problem)
            .line(self.line)
            .expected(say::error_want_quote)
            .cure(say::cure_quote)
    }

    fn too_many_cells(&self) -> DataError {
        DataError::new(&self.name, |l| say::error_many_cells(l, MOST_CELLS))
            .line(self.line)
            .expected(say::error_want_rows_of_examples)
            .cure(say::cure_many_cells)
    }

    fn is_sign(&self, byte: u8) -> bool {
        match self.delimiter {
            Delimiter::Byte(sign) => byte == sign,
            Delimiter::Blanks => is_blank(byte),
        }
    }

    fn cell_length(&self, range: Range<usize>) -> usize {
        let text = &self.buffer[range];
        let end = match self.delimiter {
            Delimiter::Byte(sign) => memchr(sign, text),
            Delimiter::Blanks => memchr2(b' ', b'\t', text),
        };
        end.unwrap_or(text.len())
    }

    /// The range of the next line in the buffer, without its end.
    fn take_line(&mut self) -> Result<Option<Range<usize>>, DataError> {
        let mut searched = 0;
        loop {
            let fresh = &self.buffer[self.fresh.clone()];
            if let Some(length) = memchr(b'\n', &fresh[searched..]) {
                let start = self.fresh.start;
                let end = start + searched + length;
                self.fresh.start = end + 1;
                return Ok(Some(start..self.without_return(start, end)));
            }
            searched = fresh.len();
            if self.ended {
                let range = self.fresh.clone();
                self.fresh.start = self.fresh.end;
                let range = range.start..self.without_return(range.start, range.end);
                return Ok((searched > 0).then_some(range));
            }
            if searched > LONGEST_RECORD {
                return Err(DataError::new(&self.name, |l| {
                    say::error_long_line(l, LONGEST_RECORD >> 20)
                })
                .line(self.next_line)
                .expected(say::error_want_table_text)
                .cure(say::cure_long_line));
            }
            self.refill()?;
        }
    }

    fn without_return(&self, start: usize, end: usize) -> usize {
        if end > start && self.buffer[end - 1] == b'\r' { end - 1 } else { end }
    }

    /// Reads more bytes behind the fresh ones, which move to the front.
    fn refill(&mut self) -> Result<(), DataError> {
        self.buffer.copy_within(self.fresh.clone(), 0);
        self.fresh = 0..self.fresh.len();
        self.buffer.resize((self.fresh.end + CHUNK).max(self.buffer.len()), 0);
        let count = loop {
            match self.input.read(&mut self.buffer[self.fresh.end..]) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                result => {
                    break result
                        .map_err(|error| DataError::io(&self.name, &error).line(self.next_line))?;
                }
            }
        };
        self.ended = count == 0;
        self.fresh.end += count;
        Ok(())
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The part of `range` without blanks at its ends, moved by `offset`.
fn trimmed(text: &[u8], mut range: Range<usize>, offset: usize) -> Range<usize> {
    while range.start < range.end && is_blank(text[range.start]) {
        range.start += 1;
    }
    while range.start < range.end && is_blank(text[range.end - 1]) {
        range.end -= 1;
    }
    range.start + offset..range.end + offset
}

/// Turns line ends of a lone return, as old Macintosh programs wrote them, into line feeds.
pub(crate) struct Returns<R>(pub(crate) R);

impl<R: Read> Read for Returns<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read(buffer)?;
        buffer[..count].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        Ok(count)
    }
}

/// Whether a text uses lone returns as line ends.
pub(crate) fn has_lone_returns(text: &[u8]) -> bool {
    memchr(b'\n', text).is_none() && memchr(b'\r', text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, delimiter: Delimiter) -> Result<Vec<(u64, Vec<String>)>, DataError> {
        let input = Box::new(std::io::Cursor::new(text.as_bytes().to_vec()));
        let mut records = Records::new("t.csv", input, delimiter);
        let mut read = Vec::new();
        while records.advance()? {
            let cells = (0..records.len())
                .map(|index| String::from_utf8_lossy(records.cell(index)).into_owned());
            read.push((records.line(), cells.collect()));
        }
        Ok(read)
    }

    fn check(text: &str, delimiter: Delimiter, expected: &[(u64, &[&str])]) {
        let got = read(text, delimiter).expect(text);
        let got: Vec<(u64, Vec<&str>)> = got
            .iter()
            .map(|(line, cells)| (*line, cells.iter().map(String::as_str).collect()))
            .collect();
        let expected: Vec<(u64, Vec<&str>)> =
            expected.iter().map(|(line, cells)| (*line, cells.to_vec())).collect();
        assert_eq!(got, expected, "{text:?}");
    }

    const COMMA: Delimiter = Delimiter::Byte(b',');
    const TAB: Delimiter = Delimiter::Byte(b'\t');

    #[test]
    fn records_and_cells() {
        check("a,b\n1,2\n", COMMA, &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check("a,b\r\n1,2", COMMA, &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check("\n\n a , b \n \n1,,\n", COMMA, &[(3, &["a", "b"]), (5, &["1", "", ""])]);
        check("a\tb\n\t\n", TAB, &[(1, &["a", "b"]), (2, &["", ""])]);
        check(
            "  1  2\t3 \n4 5 6",
            Delimiter::Blanks,
            &[(1, &["1", "2", "3"]), (2, &["4", "5", "6"])],
        );
        check("", COMMA, &[]);
    }

    #[test]
    fn quotes() {
        check("\"a,b\",c\n", COMMA, &[(1, &["a,b", "c"])]);
        check("\"say \"\"hi\"\"\", x \n", COMMA, &[(1, &["say \"hi\"", "x"])]);
        check("\"two\nlines\",1\nz,2\n", COMMA, &[(1, &["two\nlines", "1"]), (3, &["z", "2"])]);
        check("\"two\r\nlines\",1\r\n", COMMA, &[(1, &["two\nlines", "1"])]);
        check("5\" pipe,1\n", COMMA, &[(1, &["5\" pipe", "1"])]);
        check("\" 5 \", \"a\" \n", COMMA, &[(1, &["5", "a"])]);
        check("\"\",\"\"\n", COMMA, &[(1, &["", ""])]);
        check("\"a\",\n", COMMA, &[(1, &["a", ""])]);
        check("\"a b\"  c \n", Delimiter::Blanks, &[(1, &["a b", "c"])]);
        check("\"a\"\t\tb\n", TAB, &[(1, &["a", "", "b"])]);
    }

    #[test]
    fn broken_quotes_are_told() {
        let error = read("a,b\n1,\"x\n2,y\n", COMMA).expect_err("never closed").to_string();
        assert_eq!(
            error,
            "t.csv, line 2: a quote is opened and not closed within 2 lines, expected a closing \
             quote; close the quote or remove it"
        );
        let error = read("\"a\"b,c\n", COMMA).expect_err("text behind").to_string();
        assert_eq!(
            error,
            "t.csv, line 1: got `b,c` behind a closing quote, expected the end of the cell; write a \
             quote inside a quoted cell twice"
        );
    }

    #[test]
    fn endless_lines_are_refused() {
        let endless = Box::new(std::io::repeat(b'x'));
        let mut records = Records::new("t.csv", endless, COMMA);
        let error = records.advance().expect_err("too long").to_string();
        assert!(error.contains("longer than 16 MiB"), "{error}");
        let endless = Box::new(std::io::Read::chain(&b"\""[..], std::io::repeat(b'\n')));
        let mut records = Records::new("t.csv", endless, COMMA);
        let error = records.advance().expect_err("too long").to_string();
        assert!(error.contains("a quote is opened"), "{error}");
    }

    #[test]
    fn lone_returns() {
        assert!(has_lone_returns(b"a,b\r1,2\r"));
        assert!(!has_lone_returns(b"a,b\r\n1,2\r\n"));
        assert!(!has_lone_returns(b"a,b"));
        let mut text = String::new();
        Returns(&b"a\rb"[..]).read_to_string(&mut text).expect("reads");
        assert_eq!(text, "a\nb");
    }
}
