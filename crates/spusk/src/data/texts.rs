//! The texts of a column, one behind the other: in memory while they are few, else in a file.

use super::error::DataError;
use super::store::{Room, Store, Writer};

/// Bytes in front of a text that tell its length.
const HEAD: usize = 4;

/// Takes texts; each is found again by the number that [`TextWriter::push`] returns.
pub(crate) struct TextWriter {
    bytes: Writer<u8>,
}

/// The texts of a column.
pub(crate) struct Texts {
    bytes: Store<u8>,
}

impl TextWriter {
    pub(crate) fn new(room: &Room) -> TextWriter {
        TextWriter { bytes: Writer::new(room.clone()) }
    }

    /// Keeps a text; no record is longer than 16 MiB, so its length fits into the head.
    pub(crate) fn push(&mut self, text: &str) -> Result<f64, DataError> {
        let place = self.bytes.len();
        self.bytes.push(&(text.len() as u32).to_le_bytes())?;
        self.bytes.push(text.as_bytes())?;
        Ok(place as f64)
    }

    pub(crate) fn finish(self) -> Result<Texts, DataError> {
        Ok(Texts { bytes: self.bytes.finish()? })
    }
}

impl Texts {
    /// The text with this number; an empty one for a missing cell.
    pub(crate) fn read(&self, number: f64) -> Result<String, DataError> {
        if number.is_nan() {
            return Ok(String::new());
        }
        let place = number as u64;
        let mut head = [0; HEAD];
        self.bytes.read(place, &mut head)?;
        let mut text = vec![0; u32::from_le_bytes(head) as usize];
        self.bytes.read(place + HEAD as u64, &mut text)?;
        // `push` took them from a text.
        Ok(String::from_utf8(text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_again_in_memory_and_in_a_file() {
        for bytes in [0, 1 << 20] {
            let mut writer = TextWriter::new(&Room { bytes, folder: None });
            let texts = ["", "ja", "привет, мир", "\n\"quoted\"\t"];
            let numbers: Vec<f64> =
                texts.iter().map(|text| writer.push(text).expect("writes")).collect();
            let store = writer.finish().expect("finishes");
            for (number, text) in numbers.iter().zip(texts).rev() {
                assert_eq!(store.read(*number).expect("reads"), text);
            }
            assert_eq!(store.read(f64::NAN).expect("reads"), "");
        }
    }
}
