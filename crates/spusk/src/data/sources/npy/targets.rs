//! The targets of arrays.

use super::each_row;
use crate::data::array::{ArrayStream, ElementType};
use crate::data::error::DataError;
use crate::data::options::DataOptions;
use crate::data::raw::Labels;
use crate::messages as say;

/// Targets read whole.
pub(super) struct Targets {
    pub(super) values: Vec<f64>,
    pub(super) outputs: usize,
    pub(super) classes: Option<Vec<String>>,
    pub(super) whole: bool,
}

impl Targets {
    pub(super) fn labels(self) -> Labels {
        Labels {
            name: "y".to_owned(),
            outputs: self.outputs,
            values: self.values,
            classes: self.classes,
            whole: self.whole,
        }
    }
}

pub(super) fn read_targets(
    arrays: Vec<ArrayStream<'_>>,
    options: &DataOptions,
) -> Result<Targets, DataError> {
    let (element, outputs) = (arrays[0].element, arrays[0].width());
    let total: u64 = arrays.iter().map(|array| (array.rows() * array.width()) as u64).sum();
    if let Some(other) =
        arrays.iter().find(|other| other.width() != outputs || other.element != element)
    {
        return Err(DataError::new(&other.name, say::error_targets_differ)
            .expected(|l| say::error_want_those_of(l, &arrays[0].name)));
    }
    if outputs == 0 || total * 8 > options.memory_limit {
        return Err(DataError::new(&arrays[0].name, |l| {
            say::error_target_shape(l, format!("{:?}", arrays[0].shape))
        })
        .expected(say::error_want_few_targets)
        .cure(say::cure_few_targets));
    }
    if element.is_text() {
        return read_words(arrays, element, outputs, options);
    }
    let mut values = Vec::with_capacity(total as usize);
    for array in arrays {
        each_row(array, options, |bytes| {
            values.extend(bytes.chunks_exact(element.size).map(|bytes| element.number(bytes)));
            Ok(())
        })?;
    }
    let one_hot = outputs > 1
        && values.chunks_exact(outputs).all(|row| {
            row.iter().all(|&value| value == 0.0 || value == 1.0) && row.iter().sum::<f64>() == 1.0
        });
    if one_hot {
        let class = |row: &[f64]| row.iter().position(|&value| value == 1.0).unwrap_or(0) as f64;
        let values = values.chunks_exact(outputs).map(class).collect();
        return Ok(Targets { values, outputs: 1, classes: None, whole: true });
    }
    Ok(Targets { values, outputs, classes: None, whole: element.is_whole() })
}

/// Words become the numbers of their alphabetical order.
fn read_words(
    arrays: Vec<ArrayStream<'_>>,
    element: ElementType,
    outputs: usize,
    options: &DataOptions,
) -> Result<Targets, DataError> {
    let name = arrays[0].name.clone();
    if outputs > 1 {
        return Err(
            DataError::new(name, say::error_many_words).expected(say::error_want_class_a_row)
        );
    }
    let mut words = Vec::new();
    let mut codes = std::collections::BTreeMap::new();
    for array in arrays {
        each_row(array, options, |bytes| {
            let next = codes.len();
            words.push(*codes.entry(element.word(bytes)).or_insert(next));
            if codes.len() > 10_000 {
                return Err(DataError::new(&name, |l| say::error_many_classes(l, 10_000))
                    .expected(say::error_want_few_classes));
            }
            Ok(())
        })?;
    }
    let mut places = vec![0; codes.len()];
    for (place, &code) in codes.values().enumerate() {
        places[code] = place;
    }
    Ok(Targets {
        values: words.into_iter().map(|code| places[code] as f64).collect(),
        outputs: 1,
        classes: Some(codes.into_keys().collect()),
        whole: true,
    })
}
