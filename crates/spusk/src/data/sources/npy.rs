//! NumPy's files of one array, .npy: NEP 1, "A simple file format for NumPy arrays"; and what arrays
//! mean as data.
//!
//! Six bytes of magic, two of version, the length of a header, and the header: a Python dictionary
//! of the element type, the order and the shape. Nothing in it is executed.

mod header;
mod targets;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Request, Source, has_end};
use crate::data::array::{ArrayStream, ElementType, checked_bytes, cut_off};
use crate::data::error::{DataError, quoted};
use crate::data::input::file_size;
use crate::data::options::{DataOptions, Task};
use crate::data::raw::{
    Content, Opened, OwnTest, Pixels, RawColumn, RawKind, RawPixels, RawTable, Skipped,
};
use crate::data::store::{Room, Writer};
use crate::data::table::sniff::numbered;
use crate::messages::{self as say, Language, Said};
use header::{element_type, parse_header};
use targets::{Targets, read_targets};

pub(super) const SOURCE: Source = Source {
    name: "npy",
    about: "an array of NumPy, .npy: rows of numbers, the target in the last column or a second file",
    example: "rows.npy",
    claims,
    open,
};

fn claims(path: &Path) -> bool {
    has_end(path, &[".npy"])
}

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let features = open_file(Path::new(request.rest))?;
    let kind = Said::new(|l| say::data_npy(l, format!("{:?}", features.shape)));
    let targets = match target_file(request.options) {
        Some(path) => Some(open_file(&path)?),
        None => None,
    };
    let content = content(vec![Arrays { features, targets }], request.options)?;
    Ok(opened(request.rest, kind, content, 0))
}

/// The second file that `--target` names, when it is one.
pub(in crate::data) fn target_file(options: &DataOptions) -> Option<std::path::PathBuf> {
    let path = std::path::PathBuf::from(options.target.as_ref()?);
    (claims(&path) && path.is_file()).then_some(path)
}

/// An opened source of arrays, of which the last rows may be its own test part.
pub(super) fn opened(name: &str, kind: Said, content: Content, test: usize) -> Opened {
    Opened {
        name: name.to_owned(),
        kind,
        content,
        own_test: if test > 0 { OwnTest::Last(test) } else { OwnTest::None },
        skipped: Skipped::new(),
        notes: Vec::new(),
    }
}

fn open_file(path: &Path) -> Result<ArrayStream<'static>, DataError> {
    let name = path.display().to_string();
    let size = file_size(path)?;
    let file = File::open(path).map_err(|error| DataError::io(&name, &error))?;
    parse(name, Box::new(file), size, false)
}

/// A header longer than this is not one.
const LONGEST_HEADER: usize = 1 << 16;

/// Reads the header of an array; `size` are the bytes of its file, or of its packed form.
pub(super) fn parse<'a>(
    name: String,
    mut input: Box<dyn Read + Send + 'a>,
    size: u64,
    is_packed: bool,
) -> Result<ArrayStream<'a>, DataError> {
    let start = take(&mut input, 8, 0, &name)?;
    if &start[..6] != b"\x93NUMPY" {
        return Err(DataError::new(name, |l| {
            say::error_got_bytes(l, format!("{:02x?}", &start[..6]))
        })
        .offset(0)
        .expected(say::error_want_numpy)
        .cure(say::cure_not_numpy));
    }
    let (length, before) = match start[6] {
        1 => {
            let bytes = take(&mut input, 2, 8, &name)?;
            (usize::from(bytes[0]) | usize::from(bytes[1]) << 8, 10)
        }
        2 | 3 => {
            let bytes = take(&mut input, 4, 8, &name)?;
            let length = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            (length as usize, 12)
        }
        version => {
            return Err(DataError::new(name, |l| say::error_got_version(l, version))
                .offset(6)
                .expected(say::error_want_version));
        }
    };
    if length > LONGEST_HEADER {
        return Err(DataError::new(name, |l| say::error_long_header(l, length))
            .offset(8)
            .expected(|l| say::error_at_most(l, LONGEST_HEADER)));
    }
    let header = take(&mut input, length, before, &name)?;
    let offset = before + length as u64;
    let fail = |problem: Said| {
        DataError::new(&name, problem).offset(before).expected(say::error_want_numpy_header)
    };
    let header = parse_header(&header)
        .ok_or_else(|| fail(Said::new(|l| say::error_bad_header(l, quoted(&header)))))?;
    let element = element_type(&header.element).ok_or_else(|| {
        let got = quoted(header.element.as_bytes());
        let error = fail(Said::new(|l| say::error_element_type(l, &got)));
        if header.element.contains('O') {
            error.cure(say::cure_python_objects)
        } else {
            error.cure(say::cure_float32)
        }
    })?;
    let available = if is_packed { size } else { size.saturating_sub(offset) };
    checked_bytes(&name, &header.shape, element, available, is_packed)?;
    Ok(ArrayStream {
        name,
        input,
        element,
        shape: header.shape,
        column_major: header.column_major,
        offset,
    })
}

fn take(input: &mut dyn Read, count: usize, at: u64, name: &str) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let read = input.take(count as u64).read_to_end(&mut bytes);
    let end = at + bytes.len() as u64;
    read.map_err(|error| DataError::io(name, &error).offset(end))?;
    if bytes.len() < count { Err(cut_off(name, end)) } else { Ok(bytes) }
}

/// An array of features and perhaps one of targets, row by row beside it.
pub(super) struct Arrays<'a> {
    pub(super) features: ArrayStream<'a>,
    pub(super) targets: Option<ArrayStream<'a>>,
}

/// Rows from arrays, those of all pairs one after the other: images where there are bytes or more
/// than two sizes, else a table.
pub(super) fn content(pairs: Vec<Arrays<'_>>, options: &DataOptions) -> Result<Content, DataError> {
    check_pairs(&pairs)?;
    let first = &pairs[0].features;
    let (element, width, rank) = (first.element, first.width(), first.shape.len());
    let with_targets = pairs.iter().all(|pair| pair.targets.is_some());
    if element.is_text() {
        return Err(DataError::new(&first.name, say::error_word_features)
            .expected(say::error_want_numbers)
            .cure(say::cure_word_features));
    }
    let shape: Vec<usize> = first.shape[1..].to_vec();
    let rows: usize = pairs.iter().map(|pair| pair.features.rows()).sum();
    let is_pixels = rank > 2 || (element == ElementType::BYTE && with_targets && width > 1);
    let (mut features, mut targets) = (Vec::new(), Vec::new());
    for pair in pairs {
        features.push(pair.features);
        targets.extend(pair.targets);
    }
    let targets = if with_targets { Some(read_targets(targets, options)?) } else { None };
    if is_pixels {
        let (shape, channels_first) = picture_shape(shape);
        let pixels = read_pixels(features, channels_first.then_some(&shape), rows, options)?;
        let labels = targets.map(Targets::labels);
        return Ok(Content::Pixels(RawPixels { shape, rows, pixels, labels, files: None }));
    }
    table(features, targets, rows, options).map(Content::Table)
}

fn check_pairs(pairs: &[Arrays<'_>]) -> Result<(), DataError> {
    let first = &pairs[0].features;
    for pair in pairs {
        let features = &pair.features;
        if features.shape.is_empty() || features.rows() == 0 || features.width() == 0 {
            return Err(DataError::new(&features.name, |l| {
                say::error_got_shape(l, format!("{:?}", features.shape))
            })
            .expected(say::error_want_number_rows));
        }
        if features.shape[1..] != first.shape[1..] || features.element != first.element {
            return Err(DataError::new(&features.name, |l| {
                say::error_got_row_shape(l, format!("{:?}", &features.shape[1..]))
            })
            .expected(|l| {
                say::error_want_row_shape(l, format!("{:?}", &first.shape[1..]), &first.name)
            }));
        }
        if let Some(targets) = &pair.targets
            && (targets.shape.is_empty() || targets.rows() != features.rows())
        {
            return Err(DataError::new(&targets.name, |l| {
                say::error_got_shape(l, format!("{:?}", targets.shape))
            })
            .expected(|l: Language| {
                say::error_want_rows_as(l, l.counted(features.rows() as u64, "row"), &features.name)
            }));
        }
    }
    Ok(())
}

/// The shape of a row as [H, W, C], of a sequence of pictures as [T, H, W, C], and whether channels come in
/// front of the pixels in the file.
fn picture_shape(shape: Vec<usize>) -> (Vec<usize>, bool) {
    match shape[..] {
        [height, width] => (vec![height, width, 1], false),
        // Pictures have one or three channels; whichever end has them is the channels' place.
        [ref turns @ .., channels @ (1 | 3), height, width]
            if turns.len() < 2 && !matches!(width, 1 | 3) =>
        {
            ([turns, &[height, width, channels]].concat(), true)
        }
        _ => (shape, false),
    }
}

fn row_major<'a>(array: &ArrayStream<'a>, options: &DataOptions) -> Result<(), DataError> {
    let bytes = (array.rows() * array.width() * array.element.size) as u64;
    if array.column_major && bytes > options.memory_limit / 4 {
        return Err(DataError::new(&array.name, say::error_fortran_order)
            .expected(say::error_want_c_order)
            .cure(say::cure_fortran_order));
    }
    Ok(())
}

/// Shows every row as the bytes of its elements, whatever the order in the file.
fn each_row(
    array: ArrayStream<'_>,
    options: &DataOptions,
    mut visit: impl FnMut(&[u8]) -> Result<(), DataError>,
) -> Result<(), DataError> {
    row_major(&array, options)?;
    if !array.column_major || array.shape.len() < 2 {
        return array.each_row(visit);
    }
    let (shape, size) = (array.shape.clone(), array.element.size);
    let (rows, width) = (array.rows(), array.width());
    let mut all = vec![0; rows * width * size];
    array.read_bytes([&mut all[..]])?;
    let mut row_bytes = vec![0; width * size];
    for row in 0..rows {
        for (index, bytes) in row_bytes.chunks_exact_mut(size).enumerate() {
            let at = size * (row + rows * reversed(index, &shape[1..]));
            bytes.copy_from_slice(&all[at..at + size]);
        }
        visit(&row_bytes)?;
    }
    Ok(())
}

/// The place, when the first index runs fastest, of an element whose place is `index` when the last
/// one does.
fn reversed(mut index: usize, shape: &[usize]) -> usize {
    let mut stride: usize = shape.iter().product();
    let mut place = 0;
    for &size in shape.iter().rev() {
        stride /= size;
        place += stride * (index % size);
        index /= size;
    }
    place
}

fn room(options: &DataOptions, part: u64) -> Room {
    Room { bytes: options.memory_limit / part, folder: options.spool_dir.clone() }
}

fn read_pixels(
    arrays: Vec<ArrayStream<'_>>,
    channels_first: Option<&Vec<usize>>,
    rows: usize,
    options: &DataOptions,
) -> Result<Pixels, DataError> {
    let (element, width) = (arrays[0].element, arrays[0].width());
    let order: Vec<usize> = match channels_first {
        None => (0..width).collect(),
        Some(shape) => {
            let picture: usize = shape.iter().rev().take(3).product();
            let channels = shape.last().copied().unwrap_or(1);
            let area = picture / channels.max(1);
            let place = |index: usize| {
                let (before, index) = (index / picture * picture, index % picture);
                before + index % channels * area + index / channels
            };
            (0..width).map(place).collect()
        }
    };
    let total = (rows * width) as u64;
    if element == ElementType::BYTE {
        let mut writer = Writer::with_capacity(total, room(options, 2))?;
        let mut row = vec![0; width];
        for array in arrays {
            each_row(array, options, |bytes| {
                if channels_first.is_none() {
                    return writer.push(bytes);
                }
                row.iter_mut().zip(&order).for_each(|(value, &from)| *value = bytes[from]);
                writer.push(&row)
            })?;
        }
        return Ok(Pixels::Bytes(writer.finish()?));
    }
    let mut writer = Writer::with_capacity(total, room(options, 4))?;
    let mut row = vec![0.0; width];
    for array in arrays {
        each_row(array, options, |bytes| {
            for (value, &from) in row.iter_mut().zip(&order) {
                let at = from * element.size;
                *value = element.number(&bytes[at..at + element.size]) as f32;
            }
            writer.push(&row)
        })?;
    }
    Ok(Pixels::Floats(writer.finish()?))
}

fn table(
    arrays: Vec<ArrayStream<'_>>,
    targets: Option<Targets>,
    rows: usize,
    options: &DataOptions,
) -> Result<RawTable, DataError> {
    let (element, width) = (arrays[0].element, arrays[0].width());
    let outputs = targets.as_ref().map_or(0, |targets| targets.outputs);
    let mut cells = Writer::with_capacity((rows * (width + outputs)) as u64, room(options, 4))?;
    let mut row = vec![0.0; width];
    let mut number = 0;
    for array in arrays {
        let name = array.name.clone();
        each_row(array, options, |bytes| {
            for (place, (value, bytes)) in
                row.iter_mut().zip(bytes.chunks_exact(element.size)).enumerate()
            {
                *value = element.number(bytes);
                if value.is_infinite() {
                    return Err(DataError::new(&name, say::array_infinite)
                        .line(number as u64 + 1)
                        .column(format!("c{}", place + 1))
                        .expected(say::array_want_finite));
                }
            }
            cells.push(&row)?;
            if let Some(targets) = &targets {
                cells.push(&targets.values[number * outputs..(number + 1) * outputs])?;
            }
            number += 1;
            Ok(())
        })?;
    }
    let names = numbered(width).into_iter().chain(target_names(outputs));
    let whole = targets.as_ref().is_some_and(|targets| targets.whole && outputs == 1);
    Ok(RawTable {
        columns: names
            .map(|name| RawColumn { name, kind: RawKind::Number, written: None })
            .collect(),
        rows,
        cells: cells.finish()?,
        lines: None,
        named: false,
        task: targets.as_ref().and_then(|targets| targets.classes.as_ref().map(|_| Task::Classify)),
        classes: targets.and_then(|targets| targets.classes),
        targets: (outputs > 0).then(|| (width..width + outputs).collect()),
        whole_targets: whole,
    })
}

fn target_names(outputs: usize) -> Vec<String> {
    match outputs {
        1 => vec!["y".to_owned()],
        _ => (1..=outputs).map(|output| format!("y{output}")).collect(),
    }
}

#[cfg(test)]
mod tests;
