//! The header of an array of NumPy: a Python dictionary, of which nothing is executed.

use crate::data::array::{ElementType, Kind};

pub(super) struct Header {
    pub(super) element: String,
    pub(super) column_major: bool,
    pub(super) shape: Vec<usize>,
}

/// Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }` in any order of keys.
pub(super) fn parse_header(bytes: &[u8]) -> Option<Header> {
    let mut text = Cursor { rest: std::str::from_utf8(bytes).ok()? };
    let (mut element, mut column_major, mut shape) = (None, None, None);
    text.sign('{')?;
    while text.sign('}').is_none() {
        let key = text.string()?;
        text.sign(':')?;
        match key {
            "descr" => element = Some(text.string()?.to_owned()),
            "fortran_order" => column_major = Some(text.boolean()?),
            "shape" => shape = Some(text.tuple()?),
            _ => return None,
        }
        if text.sign(',').is_none() && !text.rest.trim_start().starts_with('}') {
            return None;
        }
    }
    if !text.rest.trim().is_empty() {
        return None;
    }
    Some(Header { element: element?, column_major: column_major?, shape: shape? })
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn sign(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(sign)?;
        Some(())
    }

    fn string(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let (string, rest) = rest[1..].split_once(quote)?;
        self.rest = rest;
        Some(string)
    }

    fn boolean(&mut self) -> Option<bool> {
        let rest = self.rest.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = rest.strip_prefix(word) {
                self.rest = rest;
                return Some(value);
            }
        }
        None
    }

    fn tuple(&mut self) -> Option<Vec<usize>> {
        let mut numbers = Vec::new();
        self.sign('(')?;
        while self.sign(')').is_none() {
            let rest = self.rest.trim_start();
            let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
            numbers.push(rest[..end].parse().ok()?);
            // Python 2 wrote long numbers as 3L.
            self.rest = rest[end..].strip_prefix('L').unwrap_or(&rest[end..]);
            if self.sign(',').is_none() && !self.rest.trim_start().starts_with(')') {
                return None;
            }
            if numbers.len() > 32 {
                return None;
            }
        }
        Some(numbers)
    }
}

/// `<f4`, `|u1`, `>i8`, `<U10`, …
pub(super) fn element_type(text: &str) -> Option<ElementType> {
    let mut letters = text.chars();
    let (order, kind) = (letters.next()?, letters.next()?);
    let size: usize = letters.as_str().parse().ok()?;
    let (kind, size) = match (kind, size) {
        ('f', 2 | 4 | 8) => (Kind::Float, size),
        ('i', 1 | 2 | 4 | 8) => (Kind::Signed, size),
        ('u', 1 | 2 | 4 | 8) => (Kind::Unsigned, size),
        ('b', 1) => (Kind::Boolean, 1),
        ('U', 1..=1000) => (Kind::Wide, 4 * size),
        ('S' | 'a', 1..=4000) => (Kind::Bytes, size),
        _ => return None,
    };
    // Where bytes have no order, its sign means nothing.
    let big_endian = match order {
        _ if size == 1 || kind == Kind::Bytes => false,
        '<' => false,
        '>' => true,
        '=' | '|' => cfg!(target_endian = "big"),
        _ => return None,
    };
    Some(ElementType { kind, size, big_endian })
}
