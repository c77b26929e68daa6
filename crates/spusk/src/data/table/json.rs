//! JSON Lines: an object on each line, read as a row of a table.

use std::ops::Range;

use serde_json::{Map, Value};

use super::records::MOST_CELLS;
use crate::data::error::{DataError, quoted};
use crate::messages::{self as say, Said};

/// The object on a line, or what is wrong with it.
fn object(name: &str, line: u64, text: &[u8]) -> Result<Map<String, Value>, DataError> {
    let broken = |problem: Said| {
        DataError::new(name, problem)
            .line(line)
            .expected(say::error_want_json)
            .cure(say::error_correct_line)
    };
    match serde_json::from_slice(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(broken(Said::new(|l| say::error_got(l, quoted(text))))),
        Err(error) => {
            // The line that the parser counts is always the first.
            let what = error.to_string();
            let what = what.split(" at line").next().unwrap_or("broken").to_owned();
            let column = error.column();
            Err(broken(Said::new(|l| say::error_no_json(l, &what, column))))
        }
    }
}

/// The cells of a line in the order of `keys`, behind each other in `texts`. An absent key and `null` are
/// empty cells.
pub(super) fn cells(
    (name, line): (&str, u64),
    text: &[u8],
    keys: &[String],
    texts: &mut Vec<u8>,
    cells: &mut Vec<Range<usize>>,
) -> Result<(), DataError> {
    let object = object(name, line, text)?;
    for key in keys {
        let start = texts.len();
        match object.get(key) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => texts.extend_from_slice(text.trim().as_bytes()),
            Some(Value::Bool(is)) => texts.extend_from_slice(is.to_string().as_bytes()),
            Some(Value::Number(number)) => texts.extend_from_slice(number.to_string().as_bytes()),
            Some(value @ (Value::Array(_) | Value::Object(_))) => {
                return Err(DataError::new(name, |l| {
                    say::error_got(l, quoted(value.to_string().as_bytes()))
                })
                .line(line)
                .column(key)
                .expected(say::error_want_plain_json)
                .cure(say::cure_nested_json));
            }
        }
        cells.push(start..texts.len());
    }
    Ok(())
}

/// Adds the keys of a line that are not known yet; what is no object adds none.
pub(super) fn add_keys(
    name: &str,
    line: u64,
    text: &[u8],
    keys: &mut Keys,
) -> Result<(), DataError> {
    let Ok(object) = object(name, line, text) else { return Ok(()) };
    for key in object.keys() {
        if keys.known.insert(key.clone()) {
            keys.names.push(key.clone());
        }
    }
    if keys.names.len() > MOST_CELLS {
        return Err(DataError::new(name, |l| say::error_many_keys(l, MOST_CELLS))
            .line(line)
            .expected(say::error_want_same_keys));
    }
    Ok(())
}

/// The keys of all lines, in the order in which they come.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) names: Vec<String>,
    known: std::collections::HashSet<String>,
}
