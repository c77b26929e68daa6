//! Numbers as people write them in their language, made of the English ones in [`crate::plot::number`].
//!
//! Russian has a decimal comma, a thin no-break space between thousands and before a percent sign, and units
//! of its own. Files for programs (JSON, CSV, TOML) never hold these.

use super::Language;
use crate::data::counted;
use crate::plot::number;

/// Between groups of digits, and before a sign or unit.
const THIN: &str = "\u{202f}";

impl Language {
    /// Digits that were written in English: 1,234.5 becomes 1 234,5.
    #[must_use]
    pub fn digits(self, english: &str) -> String {
        match self {
            Language::English => english.into(),
            Language::Russian => english.replace(',', THIN).replace('.', ","),
        }
    }

    /// See [`number::fixed`].
    #[must_use]
    pub fn fixed(self, value: f64, decimals: usize) -> String {
        self.digits(&number::fixed(value, decimals))
    }

    /// See [`number::significant`].
    #[must_use]
    pub fn significant(self, value: f64, digits: usize) -> String {
        self.digits(&number::significant(value, digits))
    }

    /// See [`number::score`].
    #[must_use]
    pub fn score(self, value: f64) -> String {
        self.digits(&number::score(value))
    }

    /// See [`number::count`].
    #[must_use]
    pub fn count(self, value: u64) -> String {
        self.digits(&number::count(value))
    }

    /// A list of numbers, or of what holds numbers: commas between would look like decimal ones in Russian.
    #[must_use]
    pub fn list(self, items: impl IntoIterator<Item = String>) -> String {
        let between = match self {
            Language::English => ", ",
            Language::Russian => "; ",
        };
        items.into_iter().collect::<Vec<String>>().join(between)
    }

    /// "3 rows" in English; in Russian, where nouns stand before numbers and change with them, only "3".
    #[must_use]
    pub fn counted(self, value: u64, one: &str) -> String {
        match self {
            Language::English => counted(value, one),
            Language::Russian => self.count(value),
        }
    }

    /// See [`number::short_count`].
    #[must_use]
    pub fn short_count(self, value: u64) -> String {
        self.with_units(&number::short_count(value), &SHORT)
    }

    /// See [`number::bytes`].
    #[must_use]
    pub fn bytes(self, value: u64) -> String {
        self.with_units(&number::bytes(value), &SIZES)
    }

    /// See [`number::seconds`].
    #[must_use]
    pub fn seconds(self, value: f64) -> String {
        self.with_units(&number::seconds(value), &TIMES)
    }

    /// See [`number::percent`].
    #[must_use]
    pub fn percent(self, share: f64, decimals: usize) -> String {
        let english = number::percent(share, decimals);
        match self {
            Language::English => english,
            Language::Russian => {
                self.digits(&english).replace("almost", "почти").replace('%', &format!("{THIN}%"))
            }
        }
    }

    /// "1,234.5 MB" with the units in this language.
    fn with_units(self, english: &str, units: &[(&str, &str)]) -> String {
        if self == Language::English {
            return english.into();
        }
        let word = |word: &str| match units.iter().find(|unit| unit.0 == word) {
            Some(unit) => unit.1.into(),
            None => self.digits(word),
        };
        english.split(' ').map(word).collect::<Vec<String>>().join("\u{a0}")
    }
}

const SHORT: [(&str, &str); 5] =
    [("k", "тыс."), ("M", "млн"), ("G", "млрд"), ("T", "трлн"), ("P", "квадрлн")];
const SIZES: [(&str, &str); 6] =
    [("B", "Б"), ("kB", "КБ"), ("MB", "МБ"), ("GB", "ГБ"), ("TB", "ТБ"), ("PB", "ПБ")];
const TIMES: [(&str, &str); 4] = [("ms", "мс"), ("s", "с"), ("min", "мин"), ("h", "ч")];

#[cfg(test)]
mod tests {
    use super::Language::{English, Russian};

    #[test]
    fn numbers_are_written_as_the_language_has_it() {
        let value = -1_234_567.891;
        assert_eq!(English.fixed(value, 2), "−1,234,567.89");
        assert_eq!(Russian.fixed(value, 2), "−1\u{202f}234\u{202f}567,89");
        assert_eq!(Russian.significant(1.5e-9, 2), "1,5×10⁻⁹");
        assert_eq!(Russian.count(65_432), "65\u{202f}432");
        assert_eq!(Russian.score(0.9999), ">0,999");
        assert_eq!(Russian.percent(0.978, 1), "97,8\u{202f}%");
        assert_eq!(Russian.percent(0.999_999_9, 1), "почти 100\u{202f}%");
        assert_eq!(Russian.seconds(7630.0), "2\u{a0}ч\u{a0}07\u{a0}мин");
        assert_eq!(Russian.seconds(0.0421), "42,1\u{a0}мс");
        assert_eq!(Russian.bytes(1_234_567), "1,23\u{a0}МБ");
        assert_eq!(Russian.bytes(512), "512\u{a0}Б");
        assert_eq!(Russian.short_count(1_234_567), "1,23\u{a0}млн");
        assert_eq!(Russian.fixed(f64::NAN, 1), "NaN");
    }
}
