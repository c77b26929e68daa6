//! The cells of a table: when bytes are a number, a missing value or a boolean.

use std::fmt::Write as _;

/// Words that mean that a value is missing.
const MISSING: [&[u8]; 18] = [
    b"NA", b"N/A", b"n/a", b"na", b"NaN", b"nan", b"NAN", b"null", b"NULL", b"Null", b"None",
    b"none", b"?", b"-", b"--", b".", b"#N/A", b"\\N",
];

/// Whether the cell means "no value here".
pub(crate) fn is_missing(cell: &[u8], more: &[String]) -> bool {
    cell.is_empty()
        || (cell.len() <= 4 && MISSING.contains(&cell))
        || more.iter().any(|word| word.as_bytes() == cell)
}

/// The pairs of words that mean no and yes, in lower case.
const BOOLEANS: [[&str; 2]; 7] = [
    ["false", "true"],
    ["no", "yes"],
    ["f", "t"],
    ["n", "y"],
    ["off", "on"],
    ["нет", "да"],
    ["ложь", "истина"],
];

/// The no and the yes among two words, in this order, when they are a known pair.
pub(crate) fn boolean_pair<'a>(first: &'a str, second: &'a str) -> Option<[&'a str; 2]> {
    let (one, two) = (first.to_lowercase(), second.to_lowercase());
    BOOLEANS.iter().find_map(|[no, yes]| match (one.as_str(), two.as_str()) {
        (a, b) if a == *no && b == *yes => Some([first, second]),
        (a, b) if a == *yes && b == *no => Some([second, first]),
        _ => None,
    })
}

/// The ways in which a word that means yes or no is usually written, of whose letters it has at least two: `TRUE`,
/// `true`, `True`. None for other words, and for single letters, which name other things as well.
pub(crate) fn boolean_forms(word: &str) -> Option<[String; 3]> {
    let lower = word.to_lowercase();
    let known = BOOLEANS.iter().flatten().any(|known| *known == lower);
    let mut letters = lower.chars();
    let first = letters.next().filter(|_| known && lower.chars().nth(1).is_some())?;
    let title = first.to_uppercase().chain(letters).collect();
    Some([lower.to_uppercase(), title, lower])
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The number that a cell holds, if it holds one; correctly rounded, possibly infinite when it is
/// too large.
///
/// `comma` is the decimal sign 1,5 instead of 1.5.
pub(crate) fn number(cell: &[u8], comma: bool) -> Option<f64> {
    let point = if comma { b',' } else { b'.' };
    let (negative, digits) = match cell.first()? {
        b'-' => (true, &cell[1..]),
        b'+' => (false, &cell[1..]),
        _ => (false, cell),
    };
    let (mut mantissa, mut scale, mut count, mut at) = (0u64, 0i32, 0usize, 0usize);
    let mut behind_point = false;
    while at < digits.len() {
        let byte = digits[at];
        if byte.is_ascii_digit() {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
            count += 1;
            scale -= i32::from(behind_point);
        } else if byte == point && !behind_point {
            behind_point = true;
        } else {
            break;
        }
        at += 1;
    }
    if count == 0 {
        return None;
    }
    if at < digits.len() {
        scale = scale.saturating_add(exponent(&digits[at..])?);
    }
    // A mantissa below 2^53 and a power of ten up to 10^22 are exact, so one multiplication or
    // division rounds correctly: Clinger 1990, "How to read floating point numbers accurately".
    if count <= 19 && mantissa < 1 << 53 && (-22..=22).contains(&scale) {
        let power = POWERS[scale.unsigned_abs() as usize];
        let value = if scale < 0 { mantissa as f64 / power } else { mantissa as f64 * power };
        return Some(if negative { -value } else { value });
    }
    slow_number(cell, comma)
}

/// The exponent of `e-05`.
fn exponent(tail: &[u8]) -> Option<i32> {
    let [b'e' | b'E', digits @ ..] = tail else { return None };
    let (sign, digits) = match digits {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] => (1, digits),
        digits => (1, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Larger exponents are zero or infinite all the same.
    let value = digits.iter().fold(0i32, |value, digit| {
        (value.saturating_mul(10).saturating_add(i32::from(digit - b'0'))).min(100_000)
    });
    Some(sign * value)
}

fn slow_number(cell: &[u8], comma: bool) -> Option<f64> {
    let text = std::str::from_utf8(cell).ok()?;
    if comma { text.replace(',', ".").parse().ok() } else { text.parse().ok() }
}

/// A number as the name of a class: 3 for 3.0.
pub(crate) fn number_name(value: f64) -> String {
    let mut name = String::new();
    // Writing to a string does not fail.
    let _ = write!(name, "{value}");
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_all_forms() {
        let check = |text: &str, comma: bool, value: Option<f64>| {
            assert_eq!(number(text.as_bytes(), comma), value, "{text}");
        };
        check("0", false, Some(0.0));
        check("-1.5", false, Some(-1.5));
        check("+2", false, Some(2.0));
        check(".5", false, Some(0.5));
        check("5.", false, Some(5.0));
        check("1e3", false, Some(1000.0));
        check("1.510000000000000000e+02", false, Some(151.0));
        check("9007199254740993", false, Some(9_007_199_254_740_992.0));
        check("18446744073709551616", false, Some(18_446_744_073_709_551_616.0));
        check("1e400", false, Some(f64::INFINITY));
        check("1e-400", false, Some(0.0));
        check("1e999999999999", false, Some(f64::INFINITY));
        check("1,5", true, Some(1.5));
        check("-1,25e-2", true, Some(-0.0125));
        for text in ["", "-", ".", "e5", "1e", "1e+", "1.2.3", "abc", "1,5", "inf", "nan", "0x10"] {
            check(text, false, None);
        }
        check("1.5", true, None);
    }

    proptest! {
        #[test]
        fn numbers_are_rounded_as_the_standard_library_rounds(value: f64) {
            prop_assume!(value.is_finite());
            for text in [format!("{value}"), format!("{value:e}"), format!("{value:.3}")] {
                let expected: f64 = text.parse().expect("formatted by us");
                let got = number(text.as_bytes(), false).expect("is a number");
                prop_assert_eq!(got.to_bits(), expected.to_bits(), "{}", text);
                let got = number(text.replace('.', ",").as_bytes(), true).expect("is a number");
                prop_assert_eq!(got.to_bits(), expected.to_bits(), "{}", text);
            }
        }

        #[test]
        fn anything_is_a_number_exactly_when_the_standard_library_says_so(
            text in "[-+]?[0-9.eE+-]{0,12}"
        ) {
            prop_assert_eq!(number(text.as_bytes(), false), text.parse::<f64>().ok());
        }
    }

    #[test]
    fn missing_words() {
        for word in ["", "NA", "?", "null", "NaN", "-"] {
            assert!(is_missing(word.as_bytes(), &[]), "{word}");
        }
        assert!(!is_missing(b"0", &[]));
        assert!(!is_missing(b"-999", &[]));
        assert!(is_missing(b"-999", &["-999".to_owned()]));
    }

    #[test]
    fn boolean_words() {
        assert_eq!(boolean_pair("Yes", "No"), Some(["No", "Yes"]));
        assert_eq!(boolean_pair("FALSE", "TRUE"), Some(["FALSE", "TRUE"]));
        assert_eq!(boolean_pair("yes", "maybe"), None);
        assert_eq!(boolean_pair("yes", "yes"), None);
        assert_eq!(boolean_forms("TRUE"), Some(["TRUE", "True", "true"].map(String::from)));
        assert_eq!(boolean_forms("Да"), Some(["ДА", "Да", "да"].map(String::from)));
        assert_eq!((boolean_forms("T"), boolean_forms("maybe")), (None, None));
    }
}
