//! A column on its way from cells to numbers.

use std::collections::HashMap;

use super::cell;
use super::date::{self, DateOrder};
use super::sniff::{Guess, decide};
use super::spelling::{Spelling, Tally};
use crate::data::error::{DataError, quoted};
use crate::data::options::{ColumnKind, DataOptions};
use crate::data::raw::{OVERFLOW, RawColumn, RawKind};
use crate::data::store::Room;
use crate::data::texts::TextWriter;

/// A column keeps at most this many different words.
pub(super) const MOST_WORDS: usize = 50_000;

/// All columns together keep at most this many bytes of words, their bookkeeping included.
const MOST_WORD_BYTES: usize = 32 << 20;

/// About what a word costs beside its text.
const WORD_COST: usize = 128;

/// What a pass knows about a column.
pub(super) struct Builder {
    pub(super) guess: Guess,
    pub(super) comma: bool,
    /// Set by the user, so that no counts can change it.
    pub(super) fixed: bool,
    pub(super) numbers: u64,
    dates: u64,
    /// Cells that are neither missing nor of the guessed kind, and the first of them.
    pub(super) odd: u64,
    pub(super) first_odd: Option<OddCell>,
    words: HashMap<Box<[u8]>, u32>,
    /// The words in the order of their codes, and how often each comes.
    values: Vec<(String, u64)>,
    overflow: u64,
    texts: TextWriter,
    /// What cells are that are no plain numbers; of a column in everyday spelling, what all are.
    tally: Tally,
}

/// A cell that is not of its column's kind.
pub(super) struct OddCell {
    pub(super) line: u64,
    pub(super) shown: String,
    /// The cell itself, where it is a short and plain word.
    pub(super) short: Option<String>,
    /// It is a number when the decimal sign is the other one.
    pub(super) with_other_sign: bool,
}

pub(super) enum Odd {
    /// The cell is not of the column's kind.
    Cell,
    NotUtf8,
    /// The cell cannot be kept.
    Failed(DataError),
}

impl Builder {
    pub(super) fn new(guess: Guess, comma: bool, fixed: bool, room: &Room) -> Builder {
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
            tally: Tally::default(),
        }
    }

    /// The number that stands for a cell: NaN when it is missing.
    pub(super) fn read(
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
            Guess::Spelled(spelling) => {
                self.tally.add(cell, self.comma, 1);
                self.numbers += u64::from(cell::number(cell, self.comma).is_some());
                let value = spelling.read(cell).map(|spelled| spelled.value);
                value.filter(|value| value.is_finite()).ok_or(Odd::Cell)
            }
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
        // TRUE, True and true are one word.
        let other = cell::boolean_forms(text).and_then(|forms| {
            forms.iter().find_map(|form| self.words.get(form.as_bytes()).copied())
        });
        if let Some(code) = other {
            self.words.insert(cell.into(), code);
            self.values[code as usize].1 += 1;
            return Ok(f64::from(code));
        }
        let code = self.values.len() as u32;
        self.words.insert(cell.into(), code);
        self.values.push((text.to_owned(), 1));
        Ok(f64::from(code))
    }

    pub(super) fn remember(&mut self, line: u64, cell: &[u8]) {
        // After a cell that is no number in any spelling, the others do not matter.
        if matches!(self.guess, Guess::Number | Guess::Date { .. })
            && (self.odd == 0 || self.tally.candidate(self.comma).is_some())
        {
            self.tally.add(cell, self.comma, 1);
        }
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
    ///
    /// `spelled` says whether everyday spelling may be tried: it may until the whole column has shown that it is not
    /// written so.
    pub(super) fn right_guess(&self, spelled: bool) -> Guess {
        let spelled = if spelled { self.spelled().map(Guess::Spelled) } else { None };
        match self.guess {
            Guess::Text => return self.guess,
            Guess::Number | Guess::Spelled(_) if self.fixed => {
                return spelled.unwrap_or(Guess::Number);
            }
            _ if self.fixed => return self.guess,
            _ => {}
        }
        if let Some(spelled) = spelled {
            return spelled;
        }
        let words: u64 = self.values.iter().map(|(_, count)| count).sum();
        let total = match self.guess {
            Guess::Number => self.numbers + self.odd,
            Guess::Spelled(_) => self.tally.cells(),
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

    /// The everyday spelling that the cells have, as far as is known.
    fn spelled(&self) -> Option<Spelling> {
        match self.guess {
            Guess::Number if self.odd > 0 => self.tally.candidate(self.comma),
            Guess::Date { .. } if self.odd > 0 && self.dates == 0 => {
                self.tally.candidate(self.comma)
            }
            Guess::Spelled(_) => self.tally.verdict(self.comma),
            Guess::Category if self.overflow == 0 && !self.values.is_empty() => {
                let mut tally = Tally::default();
                for (word, count) in &self.values {
                    tally.add(word.as_bytes(), self.comma, *count);
                    if !tally.fits_so_far() {
                        return None;
                    }
                }
                tally.verdict(self.comma)
            }
            _ => None,
        }
    }

    fn number_words(&self) -> u64 {
        let is_number = |word: &str| cell::number(word.as_bytes(), self.comma).is_some();
        self.values.iter().filter(|(word, _)| is_number(word)).map(|(_, count)| count).sum()
    }

    pub(super) fn finish(self, name: String) -> Result<RawColumn, DataError> {
        let written = match self.guess {
            Guess::Spelled(spelling) => self.tally.into_written(spelling),
            _ => None,
        };
        let kind = match self.guess {
            Guess::Text => RawKind::Text(self.texts.finish()?),
            Guess::Number | Guess::Spelled(_) => RawKind::Number,
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
        Ok(RawColumn { name, kind, written })
    }
}
