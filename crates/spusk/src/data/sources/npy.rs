//! NumPy's files of one array, .npy: NEP 1, "A simple file format for NumPy arrays"; and what arrays
//! mean as data.
//!
//! Six bytes of magic, two of version, the length of a header, and the header: a Python dictionary
//! of the element type, the order and the shape. Nothing in it is executed.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Request, Source, has_end};
use crate::data::array::{ArrayStream, ElementType, Kind, checked_bytes, cut_off};
use crate::data::error::{DataError, counted, quoted};
use crate::data::input::file_size;
use crate::data::options::{DataOptions, Task};
use crate::data::raw::{
    Content, Labels, Opened, OwnTest, Pixels, RawColumn, RawKind, RawPixels, RawTable, Skipped,
};
use crate::data::store::{Room, Writer};
use crate::data::table::sniff::numbered;
use crate::messages::{self as say, Said};

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
        return Err(DataError::new(name, format!("got the bytes {:02x?}", &start[..6]))
            .offset(0)
            .expected("93 4e 55 4d 50 59, the magic of NumPy")
            .cure("this is not a NumPy array"));
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
            return Err(DataError::new(name, format!("got version {version}"))
                .offset(6)
                .expected("version 1, 2 or 3"));
        }
    };
    if length > LONGEST_HEADER {
        return Err(DataError::new(name, format!("the header is {length} bytes long"))
            .offset(8)
            .expected(format!("at most {LONGEST_HEADER}")));
    }
    let header = take(&mut input, length, before, &name)?;
    let offset = before + length as u64;
    let fail = |problem: String| {
        DataError::new(&name, problem)
            .offset(before)
            .expected("a header such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}")
    };
    let header = parse_header(&header)
        .ok_or_else(|| fail(format!("the header cannot be read: {}", quoted(&header))))?;
    let element = element_type(&header.element).ok_or_else(|| {
        let got = quoted(header.element.as_bytes());
        let error = fail(format!("got the element type {got}"));
        if header.element.contains('O') {
            error.cure("Python objects would have to be executed; save the array as numbers")
        } else {
            error.cure("save it with astype(\"float32\")")
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

struct Header {
    element: String,
    column_major: bool,
    shape: Vec<usize>,
}

/// Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }` in any order of keys.
fn parse_header(bytes: &[u8]) -> Option<Header> {
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
fn element_type(text: &str) -> Option<ElementType> {
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
        return Err(DataError::new(&first.name, "the features are words")
            .expected("numbers")
            .cure("save words as a CSV"));
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
            return Err(DataError::new(
                &features.name,
                format!("got the shape {:?}", features.shape),
            )
            .expected("rows of numbers"));
        }
        if features.shape[1..] != first.shape[1..] || features.element != first.element {
            return Err(DataError::new(
                &features.name,
                format!("got rows of shape {:?}", &features.shape[1..]),
            )
            .expected(format!(
                "{:?} of the same type, as in {}",
                &first.shape[1..],
                first.name
            )));
        }
        if let Some(targets) = &pair.targets
            && (targets.shape.is_empty() || targets.rows() != features.rows())
        {
            return Err(DataError::new(
                &targets.name,
                format!("got the shape {:?}", targets.shape),
            )
            .expected(format!(
                "{} as {} has",
                counted(features.rows() as u64, "row"),
                features.name
            )));
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
        return Err(DataError::new(&array.name, "the array is large and in Fortran order")
            .expected("C order, which can be read row by row")
            .cure("save it with numpy.ascontiguousarray, or raise data.memory_limit"));
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

/// Targets read whole.
struct Targets {
    values: Vec<f64>,
    outputs: usize,
    classes: Option<Vec<String>>,
    whole: bool,
}

impl Targets {
    fn labels(self) -> Labels {
        Labels {
            name: "y".to_owned(),
            outputs: self.outputs,
            values: self.values,
            classes: self.classes,
            whole: self.whole,
        }
    }
}

fn read_targets(arrays: Vec<ArrayStream<'_>>, options: &DataOptions) -> Result<Targets, DataError> {
    let (element, outputs) = (arrays[0].element, arrays[0].width());
    let total: u64 = arrays.iter().map(|array| (array.rows() * array.width()) as u64).sum();
    if let Some(other) =
        arrays.iter().find(|other| other.width() != outputs || other.element != element)
    {
        return Err(DataError::new(&other.name, "the targets differ in shape or type")
            .expected(format!("those of {}", arrays[0].name)));
    }
    if outputs == 0 || total * 8 > options.memory_limit {
        return Err(DataError::new(
            &arrays[0].name,
            format!("got targets of shape {:?}", arrays[0].shape),
        )
        .expected("one or a few targets a row, which fit into memory")
        .cure("raise data.memory_limit if they are meant so"));
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
            DataError::new(name, "there are several words a row").expected("one class a row")
        );
    }
    let mut words = Vec::new();
    let mut codes = std::collections::BTreeMap::new();
    for array in arrays {
        each_row(array, options, |bytes| {
            let next = codes.len();
            words.push(*codes.entry(element.word(bytes)).or_insert(next));
            if codes.len() > 10_000 {
                return Err(
                    DataError::new(&name, "more than 10000 different words").expected("classes")
                );
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
                    return Err(DataError::new(&name, "got an infinite number")
                        .line(number as u64 + 1)
                        .column(format!("c{}", place + 1))
                        .expected("finite numbers, or NaN where a value is missing"));
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
        columns: names.map(|name| RawColumn { name, kind: RawKind::Number }).collect(),
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
mod tests {
    use super::*;
    use crate::data::fixtures::{Folder, npy};
    use crate::data::{Batches, Prepared, prepare};

    fn floats(values: impl IntoIterator<Item = f32>) -> Vec<u8> {
        values.into_iter().flat_map(f32::to_le_bytes).collect()
    }

    fn header(element: &str, fortran: bool, shape: &str) -> String {
        let order = if fortran { "True" } else { "False" };
        format!("{{'descr': '{element}', 'fortran_order': {order}, 'shape': {shape}, }}")
    }

    fn whole() -> DataOptions {
        DataOptions { test: Some(0.0), validation: 0.0, ..DataOptions::default() }
    }

    fn rows(data: &Prepared) -> (Vec<f32>, Vec<f32>) {
        let count = data.train.len();
        let mut features = vec![0.0; count * data.train.width()];
        let mut targets = vec![0.0; count * data.train.targets()];
        let batches = Batches::new(&data.train, 1, false);
        batches.fill(0, 0..count, &mut features, &mut targets).expect("fills");
        (features, targets)
    }

    #[test]
    fn c_and_fortran_order_and_all_versions_hold_the_same() {
        let folder = Folder::new();
        let value = |row: usize, column: usize| (row * 7 % 13 + column * row) as f32;
        let c = floats((0..60).map(|at| value(at / 3, at % 3)));
        let fortran = floats((0..60).map(|at| value(at % 20, at / 20)));
        let read = |name: &str, bytes: &[u8]| {
            let path = folder.file(name, bytes).display().to_string();
            rows(&prepare(&path, &whole()).expect(name))
        };
        let expected = read("c.npy", &npy(1, &header("<f4", false, "(20, 3)"), &c));
        for version in 1..=3 {
            let bytes = npy(version, &header("<f4", true, "(20, 3)"), &fortran);
            assert!(expected == read("f.npy", &bytes), "{version}");
        }
        let swapped: Vec<u8> = c.chunks(4).flat_map(|four| four.iter().rev().copied()).collect();
        assert!(expected == read("b.npy", &npy(1, &header(">f4", false, "(20, 3)"), &swapped)));
    }

    #[test]
    fn channels_first_become_last() {
        let folder = Folder::new();
        // Pixel (h, w) of channel c of image n is n + 10c + w + 4h.
        let pixels: Vec<u8> =
            (0..8 * 24).map(|at| (at / 24 + at % 24 / 8 * 10 + at % 8) as u8).collect();
        let x = folder.file("x.npy", &npy(1, &header("|u1", false, "(8, 3, 2, 4)"), &pixels));
        let labels: Vec<u8> = (0..8i64).flat_map(|row| (row % 2).to_le_bytes()).collect();
        let y = folder.file("y.npy", &npy(1, &header("<i8", false, "(8,)"), &labels));
        let options = DataOptions { target: Some(y.display().to_string()), ..whole() };
        let data = prepare(&x.display().to_string(), &options).expect("opens");
        assert_eq!(data.preprocessing.shape(), [2, 4, 3]);
        let crate::data::Inputs::Pixels(scale) = &data.preprocessing.inputs else {
            unreachable!("images")
        };
        let (features, targets) = rows(&data);
        assert_eq!(targets, [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
        let first: Vec<i64> =
            features[..6].iter().map(|&input| scale.decode(input).round() as i64).collect();
        assert_eq!(first, [0, 10, 20, 1, 11, 21]);
    }

    #[test]
    fn rows_may_be_sequences_of_pictures() {
        let folder = Folder::new();
        // Of sequence n, picture t: pixel (h, w) of channel c is n + 100t + 10c + w + 4h.
        let value = |at: usize| at / 48 + at % 48 / 24 * 100 + at % 24 / 8 * 10 + at % 8;
        let pixels: Vec<u8> = (0..8 * 48).map(|at| value(at) as u8).collect();
        let labels: Vec<u8> = (0..8i64).flat_map(|row| (row % 2).to_le_bytes()).collect();
        let y = folder.file("y.npy", &npy(1, &header("<i8", false, "(8,)"), &labels));
        let options = DataOptions { target: Some(y.display().to_string()), ..whole() };
        let read = |shape: &str| {
            let x = folder.file("x.npy", &npy(1, &header("|u1", false, shape), &pixels));
            prepare(&x.display().to_string(), &options).expect("opens")
        };
        let data = read("(8, 2, 3, 2, 4)");
        assert_eq!(data.preprocessing.shape(), [2, 2, 4, 3]);
        let crate::data::Inputs::Pixels(scale) = &data.preprocessing.inputs else {
            unreachable!("pictures")
        };
        let decoded: Vec<i64> =
            rows(&data).0[..48].iter().map(|&input| scale.decode(input).round() as i64).collect();
        assert_eq!(decoded[..6], [0, 10, 20, 1, 11, 21]);
        assert_eq!(decoded[24..30], [100, 110, 120, 101, 111, 121]);
        // Channels that stand last already stay there.
        assert_eq!(read("(8, 2, 2, 4, 3)").preprocessing.shape(), [2, 2, 4, 3]);
    }

    #[test]
    fn targets_of_all_forms() {
        let folder = Folder::new();
        let x = folder.file(
            "x.npy",
            &npy(1, &header("<f4", false, "(12, 1)"), &floats((0..12).map(|v| v as f32))),
        );
        let read = |bytes: &[u8]| {
            let y = folder.file("y.npy", bytes);
            let options = DataOptions { target: Some(y.display().to_string()), ..whole() };
            prepare(&x.display().to_string(), &options).expect("opens")
        };
        let hot: Vec<u8> = (0..36).map(|at| u8::from(at % 3 == at / 3 % 3)).collect();
        let data = read(&npy(1, &header("|b1", false, "(12, 3)"), &hot));
        assert_eq!(data.preprocessing.class_names(), ["0", "1", "2"]);
        let words: Vec<u8> =
            (0..12).flat_map(|row| if row % 2 == 0 { *b"no\0" } else { *b"ja\0" }).collect();
        let data = read(&npy(1, &header("|S3", false, "(12,)"), &words));
        assert_eq!(data.preprocessing.class_names(), ["ja", "no"]);
        assert_eq!(rows(&data).1[..2], [1.0, 0.0]);
        let numbers = floats((0..24).map(|at| at as f32 * 1.5));
        let data = read(&npy(1, &header("<f4", false, "(12, 2)"), &numbers));
        assert_eq!((data.task, data.preprocessing.outputs()), (Task::Regress, 2));
        assert!((data.preprocessing.unscale(1, f64::from(rows(&data).1[3])) - 4.5).abs() < 1e-5);
    }

    #[test]
    fn headers_are_read_strictly() {
        let sound = |text: &str| parse_header(text.as_bytes()).is_some();
        assert!(sound("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   \n"));
        assert!(sound("{\"shape\": (3L,), 'descr': '<f8', 'fortran_order': True}"));
        assert!(sound("{'shape': (), 'descr': '<f8', 'fortran_order': True}"));
        for text in [
            "",
            "{",
            "{'descr': '<f8', 'fortran_order': False}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} + 1",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
            "{'descr': '<f8', 'fortran_order': exit(), 'shape': (3,)}",
        ] {
            assert!(!sound(text), "{text}");
        }
    }

    #[test]
    fn broken_arrays_are_told() {
        let check = |bytes: &[u8], message: &str| {
            let folder = Folder::new();
            let path = folder.file("x.npy", bytes).display().to_string();
            let error = prepare(&path, &DataOptions::default()).err().expect(message);
            assert_eq!(folder.short(&error), message);
        };
        check(
            b"",
            "x.npy, byte 0: the file ends here, expected the rest of the array that its header promises; the file is cut off; copy or fetch it again",
        );
        check(
            b"hello, world",
            "x.npy, byte 0: got the bytes [68, 65, 6c, 6c, 6f, 2c], expected 93 4e 55 4d 50 59, the \
             magic of NumPy; this is not a NumPy array",
        );
        check(
            &npy(1, &header("|O", false, "(3,)"), &[]),
            "x.npy, byte 10: got the element type `|O`, expected a header such as {'descr': '<f4', \
             'fortran_order': False, 'shape': (3, 4)}; Python objects would have to be executed; save \
             the array as numbers",
        );
        check(
            &npy(1, &header("<c8", false, "(3,)"), &[]),
            "x.npy, byte 10: got the element type `<c8`, expected a header such as {'descr': '<f4', \
             'fortran_order': False, 'shape': (3, 4)}; save it with astype(\"float32\")",
        );
        check(
            &npy(1, &header("<f4", false, "(1000000000000, 3)"), &[0; 24]),
            "x.npy: the header promises the shape [1000000000000, 3], 12000000000000 bytes, expected \
             at most 24 bytes, as the file is; the file is cut off or damaged; copy or fetch it again",
        );
        check(
            &npy(9, &header("<f4", false, "(1, 3)"), &[0; 12]),
            "x.npy, byte 6: got version 9, expected version 1, 2 or 3",
        );
        check(
            &npy(1, &header("<f4", false, "(2, 2)"), &floats([1.0, 2.0, f32::INFINITY, 1.0])),
            "x.npy, line 2, column `c1`: got an infinite number, expected finite numbers, or NaN \
             where a value is missing",
        );
        check(
            &npy(1, &header("<f4", false, "(0, 2)"), &[]),
            "x.npy: got the shape [0, 2], expected rows of numbers",
        );
    }
}
