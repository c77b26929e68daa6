//! The raw rows of a table as inputs.

use crate::data::error::DataError;
use crate::data::preprocessing::{Column, Encoding, UNKNOWN};
use crate::data::raw::{RawColumn, RawKind};
use crate::data::texts::Texts;
use crate::data::tokens::TextEncoder;

/// Turns the raw rows of one table into inputs.
pub(crate) struct TableEncoder<'a> {
    columns: Vec<Bound<'a>>,
    width: usize,
}

struct Bound<'a> {
    place: usize,
    encoding: Encoding,
    inputs: std::ops::Range<usize>,
    /// The raw cell that the encoding knows for each code of the table.
    codes: Option<Vec<f64>>,
    text: Option<(&'a Texts, TextEncoder)>,
}

impl<'a> TableEncoder<'a> {
    /// Binds `columns` to `table`, whose columns stand at their places.
    pub(crate) fn new(columns: &[Column], table: &'a [RawColumn]) -> TableEncoder<'a> {
        let mut width = 0;
        let columns = columns
            .iter()
            .filter(|column| column.encoding.width() > 0)
            .map(|column| {
                let start = width;
                width += column.encoding.width();
                Bound {
                    place: column.place,
                    encoding: column.encoding.clone(),
                    inputs: start..width,
                    codes: codes(&column.encoding, &table[column.place].kind),
                    text: match (&column.encoding, &table[column.place].kind) {
                        (Encoding::Text { tokens, .. }, RawKind::Text(texts)) => {
                            Some((texts, TextEncoder::new(tokens)))
                        }
                        _ => None,
                    },
                }
            })
            .collect();
        TableEncoder { columns, width }
    }

    /// Inputs of a row.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Writes the inputs of a raw row.
    pub(crate) fn encode(&mut self, cells: &[f64], inputs: &mut [f32]) -> Result<(), DataError> {
        for column in &mut self.columns {
            let raw = cells[column.place];
            if let Some((texts, encoder)) = &mut column.text {
                encoder.encode(&texts.read(raw)?, &mut inputs[column.inputs.clone()]);
                continue;
            }
            let raw = match &column.codes {
                Some(codes) if !raw.is_nan() => codes.get(raw as usize).copied().unwrap_or(UNKNOWN),
                _ => raw,
            };
            column.encoding.encode(raw, &mut inputs[column.inputs.clone()]);
        }
        Ok(())
    }
}

pub(super) fn codes(encoding: &Encoding, kind: &RawKind) -> Option<Vec<f64>> {
    match (encoding, kind) {
        (Encoding::Category { values, .. }, RawKind::Category { values: words, .. }) => Some(
            words
                .iter()
                .map(|word| values.binary_search(word).map_or(UNKNOWN, |index| index as f64))
                .collect(),
        ),
        (Encoding::Boolean { .. }, RawKind::Boolean { yes, .. }) => {
            Some(vec![f64::from(u8::from(*yes == 0)), f64::from(u8::from(*yes == 1))])
        }
        _ => None,
    }
}
