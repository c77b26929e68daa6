//! What the cells of a column are.

use std::collections::HashSet;

use super::{Guess, cell};
use crate::data::options::ColumnKind;
use crate::data::table::date::{self, DateOrder};
use crate::data::table::spelling::Tally;

const ORDERS: [DateOrder; 3] =
    [DateOrder::YearMonthDay, DateOrder::DayMonthYear, DateOrder::MonthDayYear];

pub(super) fn any_date(cell: &[u8]) -> Option<DateOrder> {
    ORDERS.into_iter().find(|&order| date::seconds(cell, order).is_some())
}

/// The kind of most cells of a column.
pub(super) fn guess(data: &[Vec<Vec<u8>>], index: usize, comma: bool, missing: &[String]) -> Guess {
    let (mut numbers, mut dates, mut total) = (0u64, [0u64; 3], 0u64);
    let mut slashes = false;
    let mut tally = Tally::default();
    for cell in data.iter().filter_map(|row| row.get(index)) {
        let is_number = cell::number(cell, comma).is_some();
        if (is_number || !cell::is_missing(cell, missing)) && tally.fits_so_far() {
            tally.add(cell, comma, 1);
        }
        if is_number {
            numbers += 1;
        } else if cell::is_missing(cell, missing) {
            continue;
        } else {
            slashes |= cell.contains(&b'/');
            for (count, order) in dates.iter_mut().zip(ORDERS) {
                *count += u64::from(date::seconds(cell, order).is_some());
            }
        }
        total += 1;
    }
    let [iso, dmy, mdy] = dates;
    let sure = iso > 0 || dmy != mdy;
    let order = if iso >= dmy.max(mdy) {
        DateOrder::YearMonthDay
    } else if dmy > mdy || (dmy == mdy && !slashes) {
        DateOrder::DayMonthYear
    } else {
        DateOrder::MonthDayYear
    };
    if let (Some(spelling), true) = (tally.verdict(comma), tally.cells() == total) {
        return Guess::Spelled(spelling);
    }
    match decide(numbers, iso.max(dmy).max(mdy), total) {
        ColumnKind::Number => Guess::Number,
        ColumnKind::Date => Guess::Date { order, sure },
        ColumnKind::Category | ColumnKind::Boolean | ColumnKind::Text => {
            let cells = data.iter().filter_map(|row| row.get(index)).map(Vec::as_slice);
            if are_sentences(cells) { Guess::Text } else { Guess::Category }
        }
    }
}

/// Whether cells are texts rather than names of something: they have five words or more on average, and
/// most are different.
fn are_sentences<'a>(cells: impl Iterator<Item = &'a [u8]>) -> bool {
    const WORDS: usize = 5;
    let mut distinct = HashSet::new();
    let (mut count, mut words) = (0, 0);
    for cell in cells.filter(|cell| !cell.is_empty()) {
        let parts = cell.split(u8::is_ascii_whitespace).filter(|part| !part.is_empty());
        words += parts.count();
        count += 1;
        distinct.insert(cell);
    }
    count > 0 && words >= WORDS * count && 2 * distinct.len() > count
}

/// The kind of a column by what its `total` cells are: four fifths of one kind make the rest
/// errors, fewer make it a column of words.
pub(crate) fn decide(numbers: u64, dates: u64, total: u64) -> ColumnKind {
    if 5 * numbers >= 4 * total {
        ColumnKind::Number
    } else if 5 * dates >= 4 * total {
        ColumnKind::Date
    } else {
        ColumnKind::Category
    }
}
