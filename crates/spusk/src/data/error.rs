//! The one error of the data side: what is wrong, where, and what to do about it.

use std::fmt;
use std::io;

use crate::messages::{self as say, Language, Said};

/// What is wrong with the data, where it stands, what was expected and what cures it.
///
/// It is told in every language; `Display` is English. The parts that are known are one sentence:
///
/// ```text
/// houses.csv, line 7, column `price`: got `abc`, expected a number; correct the cell, or …
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DataError {
    // Boxed, so that a `Result` which is nearly always `Ok` stays small.
    parts: Box<Parts>,
}

#[derive(Clone, PartialEq, Eq, Default)]
struct Parts {
    source: String,
    line: Option<u64>,
    offset: Option<u64>,
    column: Option<String>,
    problem: Said,
    expected: Option<Said>,
    cure: Option<Said>,
}

impl DataError {
    /// An error of `source` (a file, a built-in set, an option), told by `problem`.
    pub fn new(source: impl Into<String>, problem: impl Into<Said>) -> DataError {
        let parts = Parts { source: source.into(), problem: problem.into(), ..Parts::default() };
        DataError { parts: Box::new(parts) }
    }

    /// An error of the operating system while reading or writing `source`.
    pub fn io(source: impl Into<String>, error: &io::Error) -> DataError {
        let problem = match error.kind() {
            io::ErrorKind::NotFound => say::error_no_file.into(),
            io::ErrorKind::UnexpectedEof => say::error_file_ends.into(),
            _ => match error.get_ref().and_then(|inner| inner.downcast_ref::<Told>()) {
                Some(Told(said)) => said.clone(),
                None => Said::new(|l| say::io_problem(l, error)),
            },
        };
        DataError::new(source, problem)
    }

    /// Adds the line, counted from 1.
    #[must_use]
    pub fn line(mut self, line: u64) -> DataError {
        self.parts.line = Some(line);
        self
    }

    /// Adds the byte offset in the (unpacked) file.
    #[must_use]
    pub fn offset(mut self, offset: u64) -> DataError {
        self.parts.offset = Some(offset);
        self
    }

    /// Adds the name of the column.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> DataError {
        self.parts.column = Some(column.into());
        self
    }

    /// Adds what was expected instead.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<Said>) -> DataError {
        self.parts.expected = Some(expected.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn cure(mut self, cure: impl Into<Said>) -> DataError {
        self.parts.cure = Some(cure.into());
        self
    }

    /// The sentence in a language; what only English has stays English.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        let parts = &self.parts;
        let mut text = parts.source.clone();
        let place = [
            parts.line.map(|line| say::error_line(l, line)),
            parts.offset.map(|offset| say::error_byte(l, offset)),
            parts.column.as_ref().map(|name| say::error_column(l, quoted(name.as_bytes()))),
        ];
        place.into_iter().flatten().for_each(|place| text += &format!(", {place}"));
        text += &format!(": {}", parts.problem.in_language(l));
        if let Some(expected) = &parts.expected {
            text += &format!(", {}", say::error_expected(l, expected.in_language(l)));
        }
        if let Some(cure) = &parts.cure {
            text += &format!("; {}", cure.in_language(l));
        }
        text
    }

    /// The file, built-in set or option that the error is about.
    pub fn source_name(&self) -> &str {
        &self.parts.source
    }

    /// The line, counted from 1, where one is known.
    pub fn line_number(&self) -> Option<u64> {
        self.parts.line
    }

    /// The byte offset in the (unpacked) file, where one is known.
    pub fn byte_offset(&self) -> Option<u64> {
        self.parts.offset
    }
}

/// What went wrong while reading, where our own code finds it, as it passes through [`io::Error`].
#[derive(Debug)]
pub(crate) struct Told(pub(crate) Said);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.english())
    }
}

impl std::error::Error for Told {}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl fmt::Debug for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for DataError {}

/// A value from a file as it is shown in a message: in backquotes, on one line, cut to a bearable
/// length.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    const SHOWN: usize = 48;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN)]);
    let mut shown = String::from("`");
    for (index, letter) in text.chars().enumerate() {
        if index == SHOWN {
            shown.push('…');
            break;
        }
        match letter {
            '`' => shown.push('\''),
            letter if letter.is_control() => shown.extend(letter.escape_default()),
            letter => shown.push(letter),
        }
    }
    shown.push('`');
    shown
}

/// A number for people, with five significant digits at most.
pub(crate) fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    if !(1e-4..1e9).contains(&size) {
        return format!("{value:.4e}");
    }
    let digits = (4 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.digits$}");
    if digits == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `1 row`, `2 rows`, `2 classes`.
pub(crate) fn counted(count: u64, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ if one.ends_with(['s', 'x']) || one.ends_with("ch") => format!("{count} {one}es"),
        _ => format!("{count} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_sentence() {
        let error = DataError::new("houses.csv", format!("got {}", quoted(b"a\tb")))
            .line(7)
            .column("price")
            .expected("a number")
            .cure("correct the cell");
        assert_eq!(
            error.to_string(),
            "houses.csv, line 7, column `price`: got `a\\tb`, expected a number; correct the cell"
        );
    }

    #[test]
    fn numbers_are_short() {
        let check = |value: f64, text: &str| assert_eq!(short(value), text);
        check(0.0, "0");
        check(16.0, "16");
        check(-0.1, "-0.1");
        check(1.0 / 3.0, "0.33333");
        check(123_456.7, "123457");
        check(100.0, "100");
        check(1e-7, "1.0000e-7");
        check(2.5e12, "2.5000e12");
        assert_eq!(counted(2, "class"), "2 classes");
    }

    #[test]
    fn long_values_are_cut() {
        let shown = quoted("ж".repeat(1000).as_bytes());
        assert_eq!(shown.chars().count(), 51);
        assert!(shown.ends_with("…`"));
    }
}
