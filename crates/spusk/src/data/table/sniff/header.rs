//! Whether the first line holds names, and which.

use std::collections::HashSet;

use super::kinds::{any_date, guess};
use super::{Declared, Guess, Layout, Rows, cell, not_utf8};
use crate::data::error::{DataError, quoted};
use crate::data::options::DataOptions;
use crate::messages::{self as say, Language, Said};

pub(super) fn find_header(
    name: &str,
    rows: &Rows,
    width: usize,
    options: &DataOptions,
    layout: &mut Layout,
) -> Result<(), DataError> {
    let Some((first, data)) = rows.split_first() else {
        return Ok(());
    };
    if options.header.is_none()
        && let Some(declared) = declaration(first, data, layout.comma)
    {
        layout.notes.push(Said::new(|l| {
            let (rows, features) =
                (l.counted(declared.rows, "row"), l.counted(width as u64 - 1, "feature"));
            say::data_declaration(l, name, rows, features, declared.classes.join(", "), width)
        }));
        layout.skip_first = true;
        layout.declared = Some(declared);
        layout.names = numbered(width);
        return Ok(());
    }
    layout.named = match options.header {
        Some(header) => header,
        None => looks_like_header(first, data, width, layout.comma, &options.missing),
    };
    layout.skip_first = layout.named;
    if !layout.named {
        layout.names = numbered(first.len());
        return Ok(());
    }
    if !data.is_empty() && data.iter().all(|row| row.len() != first.len()) {
        let problem =
            |l: Language| say::error_header_width(l, l.counted(first.len() as u64, "cell"), width);
        return Err(DataError::new(name, problem)
            .line(1)
            .expected(say::error_want_names)
            .cure(say::cure_header_width));
    }
    layout.names = header_names(name, first, &mut layout.notes)?;
    Ok(())
}

/// c1, c2, …
pub(crate) fn numbered(width: usize) -> Vec<String> {
    (1..=width).map(|index| format!("c{index}")).collect()
}

/// Recognizes the first line `rows,features,class,class…` of some classic files.
fn declaration(first: &[Vec<u8>], data: &[Vec<Vec<u8>>], comma: bool) -> Option<Declared> {
    let [rows, features, classes @ ..] = first else { return None };
    let whole = |cell: &[u8]| std::str::from_utf8(cell).ok()?.parse::<u64>().ok();
    let (rows, features) = (whole(rows)?, whole(features)?);
    let width = data.first()?.len() as u64;
    let words = classes.iter().all(|cell| !cell.is_empty() && cell::number(cell, comma).is_none());
    if features + 1 != width || classes.len() < 2 || !words {
        return None;
    }
    let classes: Option<Vec<String>> =
        classes.iter().map(|cell| String::from_utf8(cell.clone()).ok()).collect();
    Some(Declared { rows, classes: classes? })
}

/// Whether the first record holds names: it does where columns of numbers or dates begin with a
/// word.
fn looks_like_header(
    first: &[Vec<u8>],
    data: &[Vec<Vec<u8>>],
    width: usize,
    comma: bool,
    missing: &[String],
) -> bool {
    let is_value = |cell: &[u8]| cell::number(cell, comma).is_some() || any_date(cell).is_some();
    let (mut pro, mut contra) = (0, 0);
    for (index, cell) in first.iter().enumerate() {
        let guess = guess(data, index, comma, missing);
        if let (Guess::Spelled(spelling), false) = (guess, cell::is_missing(cell, missing)) {
            if spelling.read(cell).is_some() { contra += 1 } else { pro += 1 }
        } else if is_value(cell) {
            contra += 1;
        } else if !cell::is_missing(cell, missing)
            && !matches!(guess, Guess::Category | Guess::Text)
            && data.iter().any(|row| row.get(index).is_some_and(|cell| is_value(cell)))
        {
            pro += 1;
        }
    }
    if pro > 0 || contra > 0 {
        return pro > contra;
    }
    // Words only: names do not repeat, neither in the line nor below.
    let distinct: HashSet<&[u8]> = first.iter().map(Vec::as_slice).collect();
    let repeats = |index: usize, cell: &[u8]| {
        data.iter().any(|row| row.get(index).is_some_and(|other| other == cell))
    };
    first.len() == width.max(1)
        && distinct.len() == first.len()
        && !first.iter().enumerate().any(|(index, cell)| cell.is_empty() || repeats(index, cell))
}

/// Names from the cells of a header: empty ones are numbered, repeated ones get a number behind.
fn header_names(
    name: &str,
    cells: &[Vec<u8>],
    notes: &mut Vec<Said>,
) -> Result<Vec<String>, DataError> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    let mut taken = HashSet::new();
    for (index, cell) in cells.iter().enumerate() {
        let text = std::str::from_utf8(cell)
            .map_err(|_| not_utf8(name, cell).line(1).column(format!("c{}", index + 1)))?;
        let base = if text.is_empty() { format!("c{}", index + 1) } else { text.trim().to_owned() };
        let mut unique = base.clone();
        let mut number = 2;
        while !taken.insert(unique.clone()) {
            unique = format!("{base}_{number}");
            number += 1;
        }
        if unique != base {
            let (base, unique) = (quoted(base.as_bytes()), quoted(unique.as_bytes()));
            notes.push(Said::new(|l| say::data_same_names(l, name, &base, index + 1, &unique)));
        }
        names.push(unique);
    }
    Ok(names)
}
