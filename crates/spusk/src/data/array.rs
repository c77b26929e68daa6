//! Arrays of numbers in files: element types, and reading them piece by piece.

use std::io::Read;

use super::error::DataError;
use crate::messages::{self as say, Language};

/// The type of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ElementType {
    pub(crate) kind: Kind,
    /// Bytes of an element.
    pub(crate) size: usize,
    /// The most significant byte comes first.
    pub(crate) big_endian: bool,
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unsigned,
    Signed,
    Float,
    Boolean,
    /// Text of fixed length, in 32-bit characters.
    Wide,
    /// Text of fixed length, in bytes.
    Bytes,
}

impl ElementType {
    /// One unsigned byte.
    pub(crate) const BYTE: ElementType =
        ElementType { kind: Kind::Unsigned, size: 1, big_endian: false };

    /// Whether elements are whole numbers.
    pub(crate) fn is_whole(self) -> bool {
        matches!(self.kind, Kind::Unsigned | Kind::Signed | Kind::Boolean)
    }

    /// Whether elements are words.
    pub(crate) fn is_text(self) -> bool {
        matches!(self.kind, Kind::Wide | Kind::Bytes)
    }

    /// The number that `bytes` of the element's size hold; text has none.
    pub(crate) fn number(self, bytes: &[u8]) -> f64 {
        let mut word = [0; 8];
        for (index, byte) in word[..bytes.len().min(8)].iter_mut().enumerate() {
            *byte = if self.big_endian { bytes[bytes.len() - 1 - index] } else { bytes[index] };
        }
        let word = u64::from_le_bytes(word);
        match (self.kind, self.size) {
            (Kind::Unsigned, _) => word as f64,
            (Kind::Boolean, _) => f64::from(u8::from(word != 0)),
            (Kind::Signed, size) => {
                let shift = 64 - 8 * size as u32;
                ((word << shift) as i64 >> shift) as f64
            }
            (Kind::Float, 8) => f64::from_bits(word),
            (Kind::Float, 4) => f64::from(f32::from_bits(word as u32)),
            (Kind::Float, _) => half(word as u16),
            (Kind::Wide | Kind::Bytes, _) => f64::NAN,
        }
    }

    /// The word that `bytes` of the element's size hold.
    pub(crate) fn word(self, bytes: &[u8]) -> String {
        if self.kind == Kind::Bytes {
            let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
            return String::from_utf8_lossy(&bytes[..end]).into_owned();
        }
        let code = |letter: &[u8]| {
            let array = [letter[0], letter[1], letter[2], letter[3]];
            let code =
                if self.big_endian { u32::from_be_bytes(array) } else { u32::from_le_bytes(array) };
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        };
        let word: String = bytes.chunks_exact(4).map(code).collect();
        word.trim_end_matches('\0').to_owned()
    }
}

/// A number of IEEE 754 binary16: 1 sign bit, 5 of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    let value = match (bits >> 10) & 0x1f {
        0 => fraction * f64::powi(2.0, -14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + fraction) * f64::powi(2.0, i32::from(exponent) - 15),
    };
    if bits >> 15 == 1 { -value } else { value }
}

/// An array in a stream: its header is read, its elements come next.
pub(crate) struct ArrayStream<'a> {
    /// The name for messages.
    pub(crate) name: String,
    pub(crate) input: Box<dyn Read + Send + 'a>,
    pub(crate) element: ElementType,
    /// The sizes; their product does not overflow and fits the file, see [`checked_bytes`].
    pub(crate) shape: Vec<usize>,
    /// The first index runs fastest.
    pub(crate) column_major: bool,
    /// Bytes of the header.
    pub(crate) offset: u64,
}

/// The bytes of an array's elements, when a file of `packed` bytes can hold them: packed bytes grow
/// at most 1,032 times (the bound of deflate), plain ones not at all.
pub(crate) fn checked_bytes(
    name: &str,
    shape: &[usize],
    element: ElementType,
    available: u64,
    is_packed: bool,
) -> Result<u64, DataError> {
    let bytes = shape
        .iter()
        .try_fold(element.size as u64, |product, &size| product.checked_mul(size as u64))
        .filter(|&bytes| bytes <= 1 << 48);
    let most = if is_packed { available.saturating_mul(1032) } else { available };
    match bytes {
        Some(bytes) if bytes <= most => Ok(bytes),
        _ => {
            let needed = |l: Language| match bytes {
                Some(bytes) => l.counted(bytes, "byte"),
                None => say::error_too_many_bytes(l),
            };
            let shape = format!("{shape:?}");
            Err(DataError::new(name, |l| say::error_promised_shape(l, &shape, needed(l)))
                .expected(|l: Language| say::error_want_file_size(l, l.counted(most, "byte")))
                .cure(say::cure_cut_off))
        }
    }
}

impl ArrayStream<'_> {
    /// The number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// The elements of a row.
    pub(crate) fn width(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// Reads all rows in order and shows them, as bytes of their elements.
    pub(crate) fn each_row(
        mut self,
        mut visit: impl FnMut(&[u8]) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let row_bytes = self.width() * self.element.size;
        let rows = self.rows();
        if row_bytes == 0 {
            return Ok(());
        }
        let at_once = ((1 << 18) / row_bytes).max(1);
        let mut piece = Vec::new();
        let mut row = 0;
        while row < rows {
            let count = at_once.min(rows - row);
            let from = self.offset + (row * row_bytes) as u64;
            fill(&mut self.input, &mut piece, count * row_bytes, &self.name, from)?;
            piece.chunks_exact(row_bytes).try_for_each(&mut visit)?;
            row += count;
        }
        self.end(rows * row_bytes)
    }

    /// Reads the bytes of all elements into slices that together are as long as the array.
    pub(crate) fn read_bytes<'b>(
        mut self,
        slices: impl IntoIterator<Item = &'b mut [u8]>,
    ) -> Result<(), DataError> {
        let mut done = 0;
        for slice in slices {
            self.read_slice(slice, done)?;
            done += slice.len();
        }
        self.end(done)
    }

    fn read_slice(&mut self, slice: &mut [u8], before: usize) -> Result<(), DataError> {
        let mut done = 0;
        while done < slice.len() {
            let at = self.offset + (before + done) as u64;
            match self.input.read(&mut slice[done..]) {
                Ok(0) => return Err(cut_off(&self.name, at)),
                Ok(count) => done += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(DataError::io(&self.name, &error).offset(at)),
            }
        }
        Ok(())
    }

    /// Behind the elements there is nothing, or the header is wrong.
    fn end(mut self, length: usize) -> Result<(), DataError> {
        let end = self.offset + length as u64;
        match self.input.read(&mut [0; 1]) {
            Ok(0) => Ok(()),
            Ok(_) => {
                let shape = format!("{:?}", self.shape);
                Err(DataError::new(&self.name, say::array_more)
                    .offset(end)
                    .expected(|l| say::array_want_end(l, &shape))
                    .cure(say::cure_array_more))
            }
            // The check of the packed data comes with the end.
            Err(error) => Err(DataError::io(&self.name, &error).offset(end)),
        }
    }
}

/// Reads exactly `count` bytes; `from` is for the message.
fn fill(
    input: &mut dyn Read,
    piece: &mut Vec<u8>,
    count: usize,
    name: &str,
    from: u64,
) -> Result<(), DataError> {
    piece.clear();
    let read = input.take(count as u64).read_to_end(piece);
    let at = from + piece.len() as u64;
    read.map_err(|error| DataError::io(name, &error).offset(at))?;
    if piece.len() < count { Err(cut_off(name, at)) } else { Ok(()) }
}

/// The error for a file that ends before its elements do.
pub(crate) fn cut_off(name: &str, at: u64) -> DataError {
    DataError::new(name, say::array_ends)
        .offset(at)
        .expected(say::array_want_rest)
        .cure(say::cure_array_ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_all_types() {
        let check = |kind: Kind, bytes: &[u8], expected: f64| {
            let element = ElementType { kind, size: bytes.len(), big_endian: false };
            assert_eq!(element.number(bytes), expected, "{element:?} {bytes:?}");
            let swapped: Vec<u8> = bytes.iter().rev().copied().collect();
            let element = ElementType { big_endian: true, ..element };
            assert_eq!(element.number(&swapped), expected, "{element:?} {swapped:?}");
        };
        check(Kind::Unsigned, &[200], 200.0);
        check(Kind::Signed, &[200], -56.0);
        check(Kind::Signed, &(-3i16).to_le_bytes(), -3.0);
        check(Kind::Signed, &i32::MIN.to_le_bytes(), f64::from(i32::MIN));
        check(Kind::Signed, &(-5i64).to_le_bytes(), -5.0);
        check(Kind::Unsigned, &u64::MAX.to_le_bytes(), u64::MAX as f64);
        check(Kind::Float, &1.5f32.to_le_bytes(), 1.5);
        check(Kind::Float, &(-0.1f64).to_le_bytes(), -0.1);
        check(Kind::Boolean, &[1], 1.0);
        check(Kind::Float, &0x3c00u16.to_le_bytes(), 1.0);
        check(Kind::Float, &0xc100u16.to_le_bytes(), -2.5);
        check(Kind::Float, &0x0001u16.to_le_bytes(), f64::powi(2.0, -24));
        check(Kind::Float, &0x7c00u16.to_le_bytes(), f64::INFINITY);
        let wide = ElementType { kind: Kind::Wide, size: 12, big_endian: false };
        assert_eq!(wide.word(&[0x41, 0, 0, 0, 0x36, 4, 0, 0, 0, 0, 0, 0]), "Aж");
        let bytes = ElementType { kind: Kind::Bytes, size: 4, big_endian: false };
        assert_eq!(bytes.word(b"ab\0\0"), "ab");
    }

    #[test]
    fn sizes_are_checked_before_anything_is_taken() {
        let check = |shape: &[usize], available: u64, packed: bool| {
            checked_bytes("f", shape, ElementType::BYTE, available, packed).is_ok()
        };
        assert!(check(&[10, 10], 100, false));
        assert!(!check(&[10, 10], 99, false));
        assert!(check(&[10, 100], 1, true));
        assert!(!check(&[10, 1000], 1, true));
        assert!(!check(&[usize::MAX, usize::MAX], u64::MAX, true));
        assert!(!check(&[usize::MAX], u64::MAX, false));
        assert!(check(&[0, usize::MAX], 0, false));
    }
}
