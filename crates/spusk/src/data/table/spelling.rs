//! Numbers in everyday spelling: `1,690.50`, `$42`, `76%`, `(0.62)`. A column is read so only as a whole.

use serde::{Deserialize, Serialize};

use super::cell;

/// How the numbers of a column are written that is not written plainly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spelling {
    /// The decimal sign is a comma, as in 1.690,50.
    pub comma: bool,
}

/// What stands before or behind a sum. Longer ones come first.
const MARKS: [&str; 18] = [
    "руб.", "USD", "EUR", "GBP", "CHF", "JPY", "RUB", "руб", "р.", "$", "€", "£", "¥", "₽", "₹",
    "₩", "₴", "%",
];

/// Signs between groups of three digits.
const BETWEEN: [char; 6] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];

/// A number in everyday spelling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spelled {
    pub(crate) value: f64,
    /// The currency or the percent sign.
    mark: Option<&'static str>,
    /// It stands in brackets, as a loss in accounts.
    bracketed: bool,
}

impl Spelling {
    /// The number that a cell holds: a percentage is not divided by a hundred, and one in brackets is
    /// negative.
    pub(crate) fn read(self, cell: &[u8]) -> Option<Spelled> {
        // Longer ones are no numbers, and this is slower than reading plain ones.
        if cell.len() > 48 {
            return None;
        }
        let text = std::str::from_utf8(cell).ok()?.trim();
        let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let (bracketed, mut rest) = (inside.is_some(), inside.unwrap_or(text).trim());
        let (mut mark, mut sign) = (None, None);
        // `-$5` and `$-5`, `5 %`.
        loop {
            if let (None, Some(next)) = (sign, rest.strip_prefix(['-', '+', '−'])) {
                sign = Some(!rest.starts_with('+'));
                rest = next.trim_start();
            } else if let (None, Some(found)) = (mark, marked(rest)) {
                mark = Some(found.0);
                rest = found.1;
            } else {
                break;
            }
        }
        if bracketed && sign.is_some() {
            return None;
        }
        let value = self.digits(rest)?;
        let negative = bracketed || sign == Some(true);
        Some(Spelled { value: if negative { -value } else { value }, mark, bracketed })
    }

    /// A number without a sign, whose digits may stand in groups of three.
    fn digits(self, text: &str) -> Option<f64> {
        let (point, other) = if self.comma { (',', '.') } else { ('.', ',') };
        let (whole, part) = match text.split_once(point) {
            Some((whole, part)) => (whole, Some(part)),
            None => (text, None),
        };
        if !whole.starts_with(|first: char| first.is_ascii_digit()) {
            // `.5`, as plain numbers have it.
            return cell::number(text.as_bytes(), self.comma).filter(|_| whole.is_empty());
        }
        let Some(between) = whole.chars().find(|&c| c == other || BETWEEN.contains(&c)) else {
            return cell::number(text.as_bytes(), self.comma);
        };
        let mut groups = whole.split(between);
        let first = groups.next()?;
        let is_group = |group: &str| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit());
        let first_is_sound =
            (1..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_digit());
        if !first_is_sound || !groups.all(is_group) {
            return None;
        }
        let mut plain: String = whole.chars().filter(|&c| c != between).collect();
        if let Some(part) = part {
            if !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            plain.push('.');
            plain.push_str(part);
        }
        cell::number(plain.as_bytes(), false)
    }
}

/// A mark at either end, and what is left without it.
fn marked(text: &str) -> Option<(&'static str, &str)> {
    MARKS.iter().find_map(|mark| {
        let rest = text.strip_prefix(mark).filter(|_| *mark != "%");
        let rest = rest.or_else(|| text.strip_suffix(mark))?;
        Some((*mark, rest.trim()))
    })
}

/// What the cells of a column are under either decimal sign.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    cells: u64,
    point: u64,
    comma: u64,
    /// Cells that are no plain numbers, and the first of them.
    dressed: u64,
    first: Option<String>,
    mark: Option<&'static str>,
    mixed: bool,
    /// Cells without a mark that are not zero.
    unmarked: u64,
    bracketed: u64,
    /// Cells that are other numbers with the other decimal sign.
    ambiguous: u64,
}

impl Tally {
    /// Counts a cell that is not missing, `count` times.
    pub(crate) fn add(&mut self, cell: &[u8], plain_comma: bool, count: u64) {
        self.cells += count;
        let point = Spelling { comma: false }.read(cell);
        let comma = Spelling { comma: true }.read(cell);
        self.point += if point.is_some() { count } else { 0 };
        self.comma += if comma.is_some() { count } else { 0 };
        let Some(spelled) = point.or(comma) else { return };
        if matches!((point, comma), (Some(a), Some(b)) if a.value != b.value) {
            self.ambiguous += count;
        }
        if cell::number(cell, plain_comma).is_none() {
            self.dressed += count;
            if self.first.is_none() {
                self.first = Some(String::from_utf8_lossy(cell).into_owned());
            }
        }
        self.bracketed += if spelled.bracketed { count } else { 0 };
        match (self.mark, spelled.mark) {
            (_, None) if spelled.value != 0.0 => self.unmarked += count,
            (_, None) => {}
            (None, found) => self.mark = found,
            (Some(before), Some(found)) => self.mixed |= before != found,
        }
    }

    /// Cells that were counted.
    pub(crate) fn cells(&self) -> u64 {
        self.cells
    }

    /// Whether all cells so far are numbers under one decimal sign.
    pub(crate) fn fits_so_far(&self) -> bool {
        self.point == self.cells || self.comma == self.cells
    }

    /// The spelling of the cells, where all are numbers in one spelling and some are not plain. Where both decimal
    /// signs would do, it is that of the file.
    pub(crate) fn verdict(&self, file_comma: bool) -> Option<Spelling> {
        let one_mark = !self.mixed && (self.mark.is_none() || self.unmarked == 0);
        if !one_mark || self.bracketed == self.cells {
            return None;
        }
        self.candidate(file_comma)
    }

    /// As [`Tally::verdict`], of some of a column's cells.
    pub(crate) fn candidate(&self, file_comma: bool) -> Option<Spelling> {
        if self.dressed == 0 || self.mixed {
            return None;
        }
        let fits = |comma: bool| self.cells == if comma { self.comma } else { self.point };
        let comma = if fits(file_comma) { file_comma } else { !file_comma };
        fits(comma).then_some(Spelling { comma })
    }

    /// How the column is written, for people: the first cell that is no plain number, and whether it could be read
    /// in two ways.
    pub(crate) fn into_written(self, spelling: Spelling) -> Option<Written> {
        let example = self.first?;
        let value = spelling.read(example.as_bytes())?.value;
        let in_two_ways =
            self.point == self.cells && self.comma == self.cells && self.ambiguous > 0;
        Some(Written { spelling, example, value, in_two_ways })
    }
}

/// How the numbers of a column are written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Written {
    pub(crate) spelling: Spelling,
    /// A cell, and the number that it is read as.
    pub(crate) example: String,
    pub(crate) value: f64,
    /// With the other decimal sign all cells would be numbers as well, some of them others.
    pub(crate) in_two_ways: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_spellings_are_read() {
        let check = |text: &str, point: Option<f64>, comma: Option<f64>| {
            let read = |comma| Spelling { comma }.read(text.as_bytes()).map(|s| s.value);
            assert_eq!((read(false), read(true)), (point, comma), "{text}");
        };
        check("1,690.5", Some(1690.5), None);
        check("1.690,5", None, Some(1690.5));
        check("1,234", Some(1234.0), Some(1.234));
        check("1,234,567", Some(1_234_567.0), None);
        check("12,34", None, Some(12.34));
        check("1 690", Some(1690.0), Some(1690.0));
        check("1\u{202f}690,50 ₽", None, Some(1690.5));
        check("12'000.25", Some(12_000.25), None);
        check("$42.50", Some(42.5), None);
        check("-$42", Some(-42.0), Some(-42.0));
        check("€ -7", Some(-7.0), Some(-7.0));
        check("76%", Some(76.0), Some(76.0));
        check("7,5 %", None, Some(7.5));
        check("(0.62)", Some(-0.62), None);
        check("($1,000)", Some(-1000.0), Some(-1.0));
        check("−3", Some(-3.0), Some(-3.0));
        check("1,2345", None, Some(1.2345));
        check("2.5e3", Some(2500.0), None);
        for text in [
            "",
            "$",
            "%",
            "()",
            "(-1)",
            "1,23,456",
            "1234,567.0",
            "12 34",
            "%5",
            "$$5",
            "a1",
            "1.2.3",
            "1,000.5,5",
            "10:30",
            "2001-01-02",
            "5 apples",
            "inf",
            "1,000.1e3",
        ] {
            check(text, None, None);
        }
    }

    #[test]
    fn a_column_is_judged_as_a_whole() {
        let verdict = |cells: &[&str], file_comma: bool| {
            let mut tally = Tally::default();
            cells.iter().for_each(|cell| tally.add(cell.as_bytes(), file_comma, 1));
            tally.verdict(file_comma).map(|spelling| spelling.comma)
        };
        assert_eq!(verdict(&["1,690", "850", "12,000"], false), Some(false));
        assert_eq!(verdict(&["1,690", "850", "1,5"], false), Some(true));
        assert_eq!(verdict(&["$1,690", "$850"], true), Some(true));
        assert_eq!(verdict(&["$1,690", "$850", "0"], false), Some(false));
        assert_eq!(verdict(&["$1,690", "850"], false), None);
        assert_eq!(verdict(&["$1", "€2"], false), None);
        assert_eq!(verdict(&["1.5", "1,5"], false), None);
        assert_eq!(verdict(&["(1)", "(2)"], false), None);
        assert_eq!(verdict(&["(1)", "2"], false), Some(false));
        assert_eq!(verdict(&["1", "2"], false), None);
    }
}
