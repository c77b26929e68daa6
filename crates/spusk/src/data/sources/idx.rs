//! IDX files, as MNIST and its kin come: LeCun, Cortes & Burges, "The MNIST database".
//!
//! A header of two zero bytes, a byte for the element type, one for the number of sizes, the sizes as
//! 32-bit numbers; then the elements. All numbers have their most significant byte first.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::{Request, Source};
use crate::data::array::{ArrayStream, ElementType, Kind, checked_bytes, cut_off};
use crate::data::error::DataError;
use crate::data::input::file_size;
use crate::data::options::DataOptions;
use crate::data::raw::{Content, Labels, Opened, OwnTest, Pixels, RawPixels, Skipped};
use crate::data::store::{Room, Store, Writer};
use crate::messages::{self as say, Language, Said};

pub(super) const SOURCE: Source = Source {
    name: "idx",
    about: "a directory of IDX files with the MNIST names, also .gz; it has its own test part",
    example: "mnist/",
    claims,
    open,
};

fn claims(path: &Path) -> bool {
    if path.is_dir() {
        return files(path).is_ok_and(|files| !files.is_empty());
    }
    file_name(path).is_some_and(|name| is_idx(&name))
}

fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().to_lowercase())
}

/// Whether a name ends as in `images-idx3-ubyte.gz` or `images.idx3-ubyte`.
fn is_idx(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let Some((start, end)) = name.rsplit_once("idx") else { return false };
    let digit = end.chars().next().is_some_and(|digit| digit.is_ascii_digit());
    digit && (start.is_empty() || start.ends_with(['-', '.', '_']))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let name = folder.display().to_string();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| DataError::io(&name, &error))? {
        let path = entry.map_err(|error| DataError::io(&name, &error))?.path();
        if path.is_file() && file_name(&path).is_some_and(|name| is_idx(&name)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The files of a set.
struct Set {
    train: Pair,
    test: Option<Pair>,
}

/// Images and their labels.
struct Pair {
    images: PathBuf,
    labels: PathBuf,
}

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let path = Path::new(request.rest);
    if !path.is_dir() {
        return open_images(path, request.options);
    }
    let set = find(path)?;
    let (raw, test) = read(&set, request.options)?;
    let [height, width, _] = raw.shape[..] else {
        return Ok(opened(request, "IDX".into(), raw, test));
    };
    let kind = Said::new(|l| say::data_idx(l, l.count(raw.rows as u64), height, width));
    Ok(opened(request, kind, raw, test))
}

/// The images and the labels of one part of a directory, to be read piece by piece.
pub(crate) fn streams(
    folder: &Path,
    test: bool,
) -> Result<(ArrayStream<'static>, ArrayStream<'static>), DataError> {
    let set = find(folder)?;
    let missing = || {
        DataError::new(folder.display().to_string(), say::error_no_test_files)
            .expected(|l| say::error_want_idx_names(l, "t10k"))
    };
    let pair = if test { set.test.ok_or_else(missing)? } else { set.train };
    Ok((open_array(&pair.images)?, open_array(&pair.labels)?))
}

fn opened(request: &Request<'_>, kind: Said, raw: RawPixels, test: usize) -> Opened {
    Opened {
        name: request.rest.to_owned(),
        kind,
        content: Content::Pixels(raw),
        own_test: if test > 0 { OwnTest::Last(test) } else { OwnTest::None },
        skipped: Skipped::new(),
        notes: Vec::new(),
    }
}

/// One file of images without labels, for predictions.
fn open_images(path: &Path, options: &DataOptions) -> Result<Opened, DataError> {
    let stream = open_array(path)?;
    let (shape, rows) = (pixel_shape(&stream)?, stream.rows());
    let pixels = read_pixels(vec![stream], options)?;
    let raw = RawPixels { shape, rows, pixels, labels: None, files: None };
    let request = Request { rest: &path.display().to_string(), options };
    Ok(opened(&request, Said::new(say::data_idx_unlabeled), raw, 0))
}

/// Which file is which, by the names.
fn find(folder: &Path) -> Result<Set, DataError> {
    let all = files(folder)?;
    let name = folder.display().to_string();
    let role = |test: bool, labels: bool| {
        let mut found: Vec<&PathBuf> = all
            .iter()
            .filter(|path| {
                let name = file_name(path).unwrap_or_default();
                let is_test = name.contains("t10k") || name.contains("test");
                is_test == test && name.contains("label") == labels
            })
            .collect();
        // A file that lies there packed and unpacked is taken unpacked.
        let plain = |path: &PathBuf| path.extension().is_none_or(|end| end != "gz");
        if found.iter().any(|path| plain(path)) {
            found.retain(|path| plain(path));
        }
        match found[..] {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            _ => {
                let list: Vec<String> = found.iter().filter_map(|path| file_name(path)).collect();
                Err(DataError::new(&name, |l| say::error_many_idx(l, list.join(", ")))
                    .expected(say::error_want_one_idx)
                    .cure(say::cure_many_idx))
            }
        }
    };
    let missing = |problem: fn(Language) -> String| {
        DataError::new(&name, problem).expected(|l| say::error_want_idx_names(l, "train"))
    };
    let train = Pair {
        images: role(false, false)?.ok_or_else(|| missing(say::error_no_training_images))?,
        labels: role(false, true)?.ok_or_else(|| missing(say::error_no_training_labels))?,
    };
    let test = match (role(true, false)?, role(true, true)?) {
        (Some(images), Some(labels)) => Some(Pair { images, labels }),
        (None, None) => None,
        (Some(_), None) => return Err(missing(say::error_no_test_labels)),
        (None, Some(_)) => return Err(missing(say::error_no_test_images)),
    };
    Ok(Set { train, test })
}

/// Reads a set; the rows of its test part come last.
fn read(set: &Set, options: &DataOptions) -> Result<(RawPixels, usize), DataError> {
    let pairs: Vec<&Pair> = [&set.train].into_iter().chain(&set.test).collect();
    let mut images = Vec::new();
    let mut labels = Vec::new();
    for pair in &pairs {
        let (image, label) = (open_array(&pair.images)?, open_array(&pair.labels)?);
        if label.shape.len() != 1 || label.rows() != image.rows() {
            return Err(DataError::new(&label.name, |l| {
                say::error_label_shape(l, format!("{:?}", label.shape))
            })
            .expected(|l| say::error_want_labels_as(l, image.rows(), &image.name)));
        }
        images.push(image);
        labels.push(label);
    }
    let shape = pixel_shape(&images[0])?;
    if let Some(other) = images.iter().find(|other| other.shape[1..] != images[0].shape[1..]) {
        return Err(DataError::new(&other.name, |l| {
            say::error_got_shape(l, format!("{:?}", &other.shape[1..]))
        })
        .expected(|l| {
            say::error_want_shape_as(l, format!("{:?}", &images[0].shape[1..]), &images[0].name)
        }));
    }
    let (rows, test) =
        (images.iter().map(ArrayStream::rows).sum(), images.get(1).map_or(0, ArrayStream::rows));
    let whole = labels[0].element.is_whole();
    // Unpacking is what takes the time, so each file has a thread of its own.
    let (pixels, values) = std::thread::scope(|scope| {
        let values = scope.spawn(move || read_labels(labels));
        let pixels = read_pixels(images, options);
        (pixels, values.join().expect("reading labels does not panic"))
    });
    let labels =
        Labels { name: "label".to_owned(), outputs: 1, values: values?, classes: None, whole };
    let raw = RawPixels { shape, rows, pixels: pixels?, labels: Some(labels), files: None };
    Ok((raw, test))
}

fn read_labels(arrays: Vec<ArrayStream<'_>>) -> Result<Vec<f64>, DataError> {
    let mut values = Vec::new();
    for array in arrays {
        let element = array.element;
        array.each_row(|bytes| {
            values.push(element.number(bytes));
            Ok(())
        })?;
    }
    Ok(values)
}

/// Reads the images of several files as one list.
fn read_pixels(arrays: Vec<ArrayStream<'_>>, options: &DataOptions) -> Result<Pixels, DataError> {
    let total: u64 = arrays.iter().map(|array| (array.rows() * array.width()) as u64).sum();
    let room = Room { bytes: options.memory_limit / 2, folder: options.spool_dir.clone() };
    if arrays.iter().any(|array| array.element != ElementType::BYTE) {
        let mut writer = Writer::with_capacity(total, room)?;
        for array in arrays {
            let (element, mut row) = (array.element, vec![0.0; array.width()]);
            array.each_row(|bytes| {
                for (value, bytes) in row.iter_mut().zip(bytes.chunks_exact(element.size)) {
                    *value = element.number(bytes) as f32;
                }
                writer.push(&row)
            })?;
        }
        return Ok(Pixels::Floats(writer.finish()?));
    }
    if total > room.bytes {
        let mut writer = Writer::with_capacity(total, room)?;
        for array in arrays {
            array.each_row(|bytes| writer.push(bytes))?;
        }
        return Ok(Pixels::Bytes(writer.finish()?));
    }
    let mut bytes = vec![0; total as usize];
    let mut rest = &mut bytes[..];
    let results: Vec<Result<(), DataError>> = std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for array in arrays {
            let (now, later) = rest.split_at_mut(array.rows() * array.width());
            rest = later;
            let (sender, pieces) = std::sync::mpsc::channel();
            scope.spawn(move || touch_ahead(now, &sender));
            threads.push(scope.spawn(move || array.read_bytes(pieces)));
        }
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.map(|result| result.expect("reading bytes does not panic")).collect()
    });
    results.into_iter().collect::<Result<(), DataError>>()?;
    Ok(Pixels::Bytes(Store::memory(bytes)))
}

/// Hands a slice on in pieces whose pages the system has already provided.
///
/// The first touch of fresh memory costs a fault a page, a fifth of the time that unpacking takes; so
/// it is done by another thread than the one that unpacks.
fn touch_ahead<'a>(bytes: &'a mut [u8], pieces: &std::sync::mpsc::Sender<&'a mut [u8]>) {
    const PIECE: usize = 1 << 20;
    const PAGE: usize = 4096;
    for piece in bytes.chunks_mut(PIECE) {
        piece.iter_mut().step_by(PAGE).for_each(|byte| *byte = std::hint::black_box(0));
        // The reader is gone when its file is damaged.
        if pieces.send(piece).is_err() {
            return;
        }
    }
}

/// [H, W] is [H, W, 1]; anything but images stays a row of numbers.
fn pixel_shape(array: &ArrayStream<'_>) -> Result<Vec<usize>, DataError> {
    if array.rows() == 0 || array.width() == 0 {
        return Err(DataError::new(&array.name, |l| {
            say::error_got_shape(l, format!("{:?}", array.shape))
        })
        .expected(say::error_want_a_row));
    }
    Ok(match array.shape[1..] {
        [height, width] => vec![height, width, 1],
        [height, width, channels] => vec![height, width, channels],
        _ => vec![array.width()],
    })
}

/// Opens an IDX file behind its header.
fn open_array(path: &Path) -> Result<ArrayStream<'static>, DataError> {
    let name = path.display().to_string();
    let size = file_size(path)?;
    let mut file = File::open(path).map_err(|error| DataError::io(&name, &error))?;
    let mut magic = Vec::new();
    file.by_ref().take(2).read_to_end(&mut magic).map_err(|error| DataError::io(&name, &error))?;
    let is_packed = magic == [0x1f, 0x8b];
    let whole = std::io::Cursor::new(magic).chain(file);
    let input: Box<dyn Read + Send> = if is_packed {
        // Every refill of the input copies the window of deflate, so refills are large.
        Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 18, whole)))
    } else {
        Box::new(whole)
    };
    parse(name, input, size, is_packed)
}

fn parse(
    name: String,
    mut input: Box<dyn Read + Send>,
    size: u64,
    is_packed: bool,
) -> Result<ArrayStream<'static>, DataError> {
    let [zero, zero_too, kind, rank] = word(&mut input, &name, 0)?;
    let element = element_type(kind);
    let (Some(element), [0, 0]) = (element, [zero, zero_too]) else {
        let got = format!("{:02x?}", [zero, zero_too, kind, rank]);
        return Err(DataError::new(name, |l| say::error_got_bytes(l, &got))
            .offset(0)
            .expected(say::error_want_idx)
            .cure(say::cure_not_idx));
    };
    if !(1..=8).contains(&rank) {
        return Err(DataError::new(name, |l: Language| {
            say::error_idx_rank(l, l.counted(rank.into(), "size"))
        })
        .offset(3)
        .expected(say::error_want_idx_rank));
    }
    let mut shape = Vec::new();
    for index in 0..u64::from(rank) {
        let size = u32::from_be_bytes(word(&mut input, &name, 4 + 4 * index)?);
        shape.push(size as usize);
    }
    let offset = 4 + 4 * u64::from(rank);
    let available = if is_packed { size } else { size.saturating_sub(offset) };
    checked_bytes(&name, &shape, element, available, is_packed)?;
    Ok(ArrayStream { name, input, element, shape, column_major: false, offset })
}

fn word(input: &mut dyn Read, name: &str, at: u64) -> Result<[u8; 4], DataError> {
    let mut word = Vec::new();
    input
        .take(4)
        .read_to_end(&mut word)
        .map_err(|error| DataError::io(name, &error).offset(at + word.len() as u64))?;
    let end = at + word.len() as u64;
    <[u8; 4]>::try_from(word).map_err(|_| cut_off(name, end))
}

fn element_type(code: u8) -> Option<ElementType> {
    let (kind, size) = match code {
        0x08 => (Kind::Unsigned, 1),
        0x09 => (Kind::Signed, 1),
        0x0b => (Kind::Signed, 2),
        0x0c => (Kind::Signed, 4),
        0x0d => (Kind::Float, 4),
        0x0e => (Kind::Float, 8),
        _ => return None,
    };
    // One byte has no order.
    Some(ElementType { kind, size, big_endian: size > 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixtures::{Folder, gzip, idx, tiny_mnist};
    use crate::data::{Batches, prepare};

    #[test]
    fn packed_and_plain_files_give_the_same_rows() {
        let read = |packed: bool, memory_limit: u64| {
            let folder = Folder::new();
            tiny_mnist(&folder, packed);
            let options = DataOptions { memory_limit, ..DataOptions::default() };
            let path = folder.path().display().to_string();
            let data = prepare(&path, &options).expect("opens");
            assert_eq!(data.train.is_spooled(), memory_limit < 1000);
            assert_eq!(data.preprocessing.shape(), [4, 3, 1]);
            assert_eq!([data.train.len(), data.validation.len(), data.test.len()], [27, 3, 9]);
            assert_eq!(data.test.origin(0).expect("has one"), "row 31");
            let (mut features, mut targets) = (vec![0.0; 27 * 12], vec![0.0; 27]);
            let batches = Batches::new(&data.train, 1, false);
            batches.fill(0, 0..27, &mut features, &mut targets).expect("fills");
            for (row, &label) in features.chunks(12).zip(&targets) {
                let Some(scale) = (match &data.preprocessing.inputs {
                    crate::data::Inputs::Pixels(scale) => Some(scale),
                    _ => None,
                }) else {
                    unreachable!("images")
                };
                assert!((scale.decode(row[0]) - f64::from(label) * 100.0).abs() < 1e-3);
            }
            (features, targets)
        };
        let plain = read(false, 1 << 28);
        assert!(plain == read(true, 1 << 28));
        assert!(plain == read(true, 500));
    }

    #[test]
    fn names_are_recognized() {
        for name in [
            "train-images-idx3-ubyte",
            "x.idx1-ubyte.gz",
            "emnist-digits-train-labels-idx1-ubyte.gz",
        ] {
            assert!(is_idx(name), "{name}");
        }
        for name in ["idx", "images", "prefixidx3", "train-images.gz"] {
            assert!(!is_idx(name), "{name}");
        }
    }

    #[test]
    fn other_element_types_are_read() {
        let folder = Folder::new();
        let floats: Vec<u8> = (0..40).flat_map(|at| (at as f32 / 4.0).to_be_bytes()).collect();
        folder.file("train-images-idx2-float", &idx(0x0d, &[20, 2], &floats));
        let labels: Vec<u8> = (0..20).flat_map(|row| (-row % 2i16).to_be_bytes()).collect();
        folder.file("train-labels-idx1-short", &idx(0x0b, &[20], &labels));
        let data = prepare(&folder.path().display().to_string(), &DataOptions::default());
        let data = data.expect("opens");
        assert_eq!(data.preprocessing.class_names(), ["-1", "0"]);
        assert_eq!((data.preprocessing.shape(), data.accounting.test), (vec![2], 4));
    }

    #[test]
    fn broken_sets_are_told() {
        let check = |change: &dyn Fn(&Folder), message: &str| {
            let folder = Folder::new();
            tiny_mnist(&folder, false);
            change(&folder);
            let result = prepare(&folder.path().display().to_string(), &DataOptions::default());
            assert_eq!(folder.short(&result.err().expect(message)), message);
        };
        let images = "train-images-idx3-ubyte";
        let labels = "train-labels-idx1-ubyte";
        check(
            &|folder| {
                folder.file(images, &idx(8, &[30, 4, 3], &[0; 359]));
            },
            "train-images-idx3-ubyte: the header promises the shape [30, 4, 3], 360 bytes, expected \
             at most 359 bytes, as the file is; the file is cut off or damaged; copy or fetch it again",
        );
        check(
            &|folder| {
                folder.file(images, &idx(8, &[30, 4, 3], &[0; 361]));
            },
            "train-images-idx3-ubyte, byte 376: there are more bytes than the header promises, \
             expected the end behind the shape [30, 4, 3]; the file is damaged or two files in one; \
             copy or fetch it again",
        );
        check(
            &|folder| {
                std::fs::remove_file(folder.path().join(images)).expect("removes");
                folder.file(&format!("{images}.gz"), &gzip(&idx(8, &[30, 4, 3], &[0; 300])));
            },
            "train-images-idx3-ubyte.gz, byte 316: the file ends here, expected the rest of the \
             array that its header promises; the file is cut off; copy or fetch it again",
        );
        check(
            &|folder| {
                folder.file(labels, &idx(8, &[29], &[0; 29]));
            },
            "train-labels-idx1-ubyte: got labels of shape [29], expected 30 as \
             train-images-idx3-ubyte has images",
        );
        check(
            &|folder| {
                folder.file(images, b"PK34 is not an IDX file");
            },
            "train-images-idx3-ubyte, byte 0: got the bytes [50, 4b, 33, 34], expected 00 00, an \
             element type from 08 to 0e, and the number of sizes; this is not an IDX file",
        );
        check(
            &|folder| {
                folder.file(images, &[0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
            },
            "train-images-idx3-ubyte, byte 12: the file ends here, expected the rest of the array \
             that its header promises; the file is cut off; copy or fetch it again",
        );
        check(
            &|folder| {
                folder.file(images, &idx(8, &[u32::MAX; 3], &[0; 9]));
            },
            "train-images-idx3-ubyte: the header promises the shape [4294967295, 4294967295, \
             4294967295], more bytes than there are, expected at most 9 bytes, as the file is; the \
             file is cut off or damaged; copy or fetch it again",
        );
        check(
            &|folder| {
                std::fs::remove_file(folder.path().join(labels)).expect("removes");
            },
            "FOLDER: there is no file of training labels, expected names such as \
             train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz",
        );
        check(
            &|folder| {
                folder.file(&format!("other-{labels}"), &idx(8, &[30], &[0; 30]));
            },
            "FOLDER: several files have one role: other-train-labels-idx1-ubyte, \
             train-labels-idx1-ubyte, expected one set of train and test images and labels; move each \
             set to a directory of its own",
        );
    }
}
