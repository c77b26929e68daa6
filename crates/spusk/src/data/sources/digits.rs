//! Handwritten digits of 8 × 8 pixels, inside the program.
//!
//! E. Alpaydin & C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
//! Repository, 1998, <https://doi.org/10.24432/C50P49>, licence CC BY 4.0. These are the 1,797
//! digits of its test part.

use std::io::Read;

use flate2::read::GzDecoder;

use super::{Request, Source, never};
use crate::data::error::DataError;
use crate::data::raw::{Content, Labels, Opened, OwnTest, Pixels, RawPixels, Skipped};
use crate::data::store::Store;
use crate::messages::{self as say, Said};

pub(super) const SOURCE: Source = Source {
    name: "digits",
    about: "1,797 handwritten digits of 8 × 8 pixels, 10 classes (UCI, CC BY 4.0)",
    example: "digits",
    claims: never,
    open,
};

const ROWS: usize = 1797;
const PIXELS: usize = 64;

/// The pixels of all digits, 0 to 16, row by row, and their labels.
pub(super) fn pixels_and_labels() -> Result<(Vec<u8>, Vec<u8>), DataError> {
    // All pixels, row by row, then all labels: bytes of one kind side by side pack better.
    let packed: &[u8] = include_bytes!("../../../assets/digits.bin.gz");
    let mut bytes = Vec::with_capacity(ROWS * (PIXELS + 1));
    GzDecoder::new(packed)
        .read_to_end(&mut bytes)
        .map_err(|error| DataError::io("digits", &error))?;
    let labels = bytes.split_off(ROWS * PIXELS);
    Ok((bytes, labels))
}

fn open(_: &Request<'_>) -> Result<Opened, DataError> {
    let (bytes, labels) = pixels_and_labels()?;
    Ok(Opened {
        name: "digits".to_owned(),
        kind: Said::new(say::data_digits),
        content: Content::Pixels(RawPixels {
            shape: vec![8, 8, 1],
            rows: ROWS,
            pixels: Pixels::Bytes(Store::memory(bytes)),
            labels: Some(Labels {
                name: "digit".to_owned(),
                outputs: 1,
                values: labels.into_iter().map(f64::from).collect(),
                classes: None,
                whole: true,
            }),
            files: None,
        }),
        own_test: OwnTest::Fixed,
        skipped: Skipped::new(),
        notes: Vec::new(),
    })
}
