//! Directories of images: a folder for each class.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::{DynamicImage, imageops::FilterType};

use super::{Request, Source, has_end};
use crate::data::error::DataError;
use crate::data::options::{BadRows, Color, DataOptions};
use crate::data::raw::{Content, Labels, Opened, OwnTest, Pixels, RawPixels, Skipped, skip};
use crate::data::store::{Room, Writer};
use crate::messages::{self as say, Said};
use crate::picture::{self, header};

pub(super) const SOURCE: Source = Source {
    name: "images",
    about: "a directory with a folder of images for each class (PNG, JPEG, BMP, GIF), perhaps below \
            train and test",
    example: "photos/",
    claims,
    open,
};

const ENDS: &[&str] = &[".png", ".jpg", ".jpeg", ".bmp", ".gif"];

/// The longest side of images where none is asked for: every pixel is an input. A size that somebody gave to most of
/// them bears twice as much.
const LONGEST: usize = 64;

/// Images decoded side by side before they are stored in order.
const AT_ONCE: usize = 64;

fn claims(path: &Path) -> bool {
    path.is_dir() || is_picture(path)
}

/// Whether the name of a file is that of a picture.
pub(in crate::data) fn is_picture(path: &Path) -> bool {
    has_end(path, ENDS)
}

/// The images of a source: their files, their class numbers, and how many of the last are for the
/// test.
struct Found {
    files: Vec<PathBuf>,
    labels: Option<Vec<usize>>,
    classes: Vec<String>,
    test: usize,
    /// Files that are no images.
    others: usize,
}

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let root = Path::new(request.rest);
    let found = find(root)?;
    let name = root.display().to_string();
    if found.files.is_empty() {
        return Err(DataError::new(name, say::error_no_images)
            .expected(say::error_want_images)
            .cure(match found.others {
                0 => say::cure_images,
                _ => say::cure_images_or_tables,
            }));
    }
    let mut notes = Vec::new();
    if found.others > 0 {
        notes.push(Said::new(|l| {
            say::data_passed_over(l, &name, l.counted(found.others as u64, "file"))
        }));
    }
    let mut skipped = Skipped::new();
    let form = form(&found, request.options, &mut notes)?;
    let (pixels, kept) = read(&found, &form, request.options, &mut skipped)?;
    let rows = kept.len();
    let test = kept.iter().filter(|&&index| index >= found.files.len() - found.test).count();
    let labels = found.labels.map(|labels| Labels {
        name: "class".to_owned(),
        outputs: 1,
        values: kept.iter().map(|&index| labels[index] as f64).collect(),
        classes: Some(found.classes),
        whole: true,
    });
    let files = kept
        .iter()
        .map(|&index| {
            let path = &found.files[index];
            let below = path.strip_prefix(root).unwrap_or(path);
            // A single picture is its own root.
            if below.as_os_str().is_empty() { path } else { below }.display().to_string()
        })
        .collect();
    let shape = form.shape();
    let kind = Said::new(|l| say::data_images(l, l.count(rows as u64), shape[0], shape[1]));
    let raw = RawPixels { shape, rows, pixels: Pixels::Bytes(pixels), labels, files: Some(files) };
    Ok(Opened {
        name: request.rest.to_owned(),
        kind,
        content: Content::Pixels(raw),
        own_test: if test > 0 { OwnTest::Last(test) } else { OwnTest::None },
        skipped,
        notes,
    })
}

/// Folders and files in a directory, sorted by name; hidden ones are left out.
pub(in crate::data) fn list(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), DataError> {
    let name = folder.display().to_string();
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(|error| DataError::io(&name, &error))? {
        let path = entry.map_err(|error| DataError::io(&name, &error))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() { folders.push(path) } else { files.push(path) }
    }
    folders.sort();
    files.sort();
    Ok((folders, files))
}

fn find(root: &Path) -> Result<Found, DataError> {
    let mut found =
        Found { files: Vec::new(), labels: None, classes: Vec::new(), test: 0, others: 0 };
    if !root.is_dir() {
        found.files.push(root.to_owned());
        return Ok(found);
    }
    let (folders, files) = list(root)?;
    if folders.is_empty() {
        // Images without classes can be predicted.
        found.add(files);
        return Ok(found);
    }
    found.others += files.len();
    found.labels = Some(Vec::new());
    let named = |name: &str| {
        folders.iter().find(|folder| folder.file_name().is_some_and(|other| other == name))
    };
    match (named("train"), named("test")) {
        (Some(train), test) => {
            found.add_classes(&list(train)?.0)?;
            // What a set keeps for validation trains or validates here, as the split says.
            for name in ["val", "valid", "validation"] {
                if let Some(folder) = named(name) {
                    found.add_classes(&list(folder)?.0)?;
                }
            }
            if let Some(test) = test {
                let before = found.files.len();
                found.add_classes(&list(test)?.0)?;
                found.test = found.files.len() - before;
            }
        }
        (None, _) => found.add_classes(&folders)?,
    }
    Ok(found)
}

impl Found {
    /// Adds a folder of images for each class.
    fn add_classes(&mut self, folders: &[PathBuf]) -> Result<(), DataError> {
        for folder in folders {
            let class = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let label =
                self.classes.iter().position(|other| *other == class).unwrap_or_else(|| {
                    self.classes.push(class);
                    self.classes.len() - 1
                });
            let (below, files) = list(folder)?;
            self.others += below.len();
            let count = self.add(files);
            if let Some(labels) = &mut self.labels {
                labels.extend(std::iter::repeat_n(label, count));
            }
        }
        Ok(())
    }

    /// Adds those of the files that are images; how many there are.
    fn add(&mut self, files: Vec<PathBuf>) -> usize {
        let all = files.len();
        let before = self.files.len();
        self.files.extend(files.into_iter().filter(|file| is_picture(file)));
        let count = self.files.len() - before;
        self.others += all - count;
        count
    }
}

/// What all images are brought to.
struct Form {
    height: u32,
    width: u32,
    color: Color,
}

impl Form {
    fn shape(&self) -> Vec<usize> {
        vec![self.height as usize, self.width as usize, self.channels()]
    }

    fn channels(&self) -> usize {
        match self.color {
            Color::Gray => 1,
            Color::Rgb => 3,
        }
    }

    fn bytes(&self) -> usize {
        self.height as usize * self.width as usize * self.channels()
    }
}

/// The size and color of the images, from their headers and the options.
fn form(found: &Found, options: &DataOptions, notes: &mut Vec<Said>) -> Result<Form, DataError> {
    let name = || found.files[0].display().to_string();
    let mut sizes = Vec::new();
    let mut all_gray = true;
    for file in &found.files {
        if options.size.is_some() && options.color.is_some() {
            break;
        }
        match header(file) {
            Ok(form) => {
                sizes.push([form.height, form.width]);
                all_gray &= form.gray;
            }
            // The file is told, or skipped, when it is its turn.
            Err(_) if options.bad_rows == BadRows::Skip => {}
            Err(error) => return Err(error),
        }
    }
    let color = options.color.unwrap_or(if all_gray { Color::Gray } else { Color::Rgb });
    let [height, width] = match options.size {
        Some(size) => {
            if sizes.iter().any(|&other| other != size) {
                notes.push(Said::new(|l| say::data_resized(l, size[0], size[1])));
            }
            size
        }
        None => usual_size(&sizes, notes)
            .ok_or_else(|| DataError::new(name(), say::error_no_readable_image))?,
    };
    let form = Form { height: height as u32, width: width as u32, color };
    if form.bytes() > 1 << 24 {
        return Err(DataError::new(name(), |l| say::error_large_images(l, height, width))
            .expected(say::error_want_small_images)
            .cure(say::cure_size));
    }
    Ok(form)
}

/// The size of most images, else the median of their heights and of their widths, in both cases reduced in
/// its proportions until no side is longer than they bear ([`LONGEST`]); none without images.
fn usual_size(sizes: &[[usize; 2]], notes: &mut Vec<Said>) -> Option<[usize; 2]> {
    let mut counts: BTreeMap<[usize; 2], usize> = BTreeMap::new();
    sizes.iter().for_each(|&size| *counts.entry(size).or_default() += 1);
    let (&commonest, &count) = counts.iter().max_by_key(|&(_, count)| count)?;
    let is_common = 2 * count >= sizes.len();
    let size = if is_common {
        commonest
    } else {
        [0, 1].map(|side| {
            let mut sides: Vec<usize> = sizes.iter().map(|size| size[side]).collect();
            sides.sort_unstable();
            sides[sides.len() / 2]
        })
    };
    let longest = size[0].max(size[1]);
    let most = if is_common { 2 * LONGEST } else { LONGEST };
    let reduced = match longest > most {
        true => size.map(|side| ((side * most + longest / 2) / longest).max(1)),
        false => size,
    };
    let ([from_height, from_width], [height, width]) = (size, reduced);
    let different = counts.len();
    if different > 1 {
        notes.push(Said::new(|l| {
            let rule = match is_common {
                true => say::size_commonest(l, from_height, from_width),
                false => say::size_median(l, from_height, from_width),
            };
            let rule = match reduced == size {
                true => rule,
                false => say::size_bounded(l, rule, most),
            };
            say::data_sizes_differ(l, different, height, width, rule)
        }));
    } else if reduced != size {
        notes.push(Said::new(|l| {
            say::data_reduced(l, from_height, from_width, height, width, most)
        }));
    }
    Some(reduced)
}

/// Reads all images; the numbers of the files that could be.
fn read(
    found: &Found,
    form: &Form,
    options: &DataOptions,
    skipped: &mut Skipped,
) -> Result<(crate::data::store::Store<u8>, Vec<usize>), DataError> {
    let room = Room { bytes: options.memory_limit / 2, folder: options.spool_dir.clone() };
    let total = found.files.len() as u64 * form.bytes() as u64;
    let mut writer = Writer::with_capacity(total, room)?;
    let mut kept = Vec::with_capacity(found.files.len());
    for (number, files) in found.files.chunks(AT_ONCE).enumerate() {
        for (index, result) in decode_all(files, form).into_iter().enumerate() {
            let index = number * AT_ONCE + index;
            match result {
                Ok(bytes) => {
                    writer.push(&bytes)?;
                    kept.push(index);
                }
                Err(_) if options.bad_rows == BadRows::Skip => {
                    skip(skipped, "an image that cannot be read", index as u64 + 1);
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok((writer.finish()?, kept))
}

/// Decodes some images on all cores, in order.
fn decode_all(files: &[PathBuf], form: &Form) -> Vec<Result<Vec<u8>, DataError>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = files.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let work: Vec<_> = files
            .chunks(share)
            .map(|files| {
                scope.spawn(move || files.iter().map(|file| decode(file, form)).collect::<Vec<_>>())
            })
            .collect();
        let joined = work.into_iter().map(|thread| thread.join());
        joined.flat_map(|result| result.expect("decoders report errors as values")).collect()
    })
}

fn decode(file: &Path, form: &Form) -> Result<Vec<u8>, DataError> {
    let (mut image, _) = picture::decode(file)?;
    let (height, width) = (form.height, form.width);
    if (image.height(), image.width()) != (height, width) {
        image = image.resize_exact(width, height, FilterType::Triangle);
    }
    Ok(bytes(image, form.color))
}

fn bytes(image: DynamicImage, color: Color) -> Vec<u8> {
    match color {
        Color::Gray => image.into_luma8().into_raw(),
        Color::Rgb => image.into_rgb8().into_raw(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::data::fixtures::Folder;
    use crate::data::{Inputs, NewRows, prepare};
    use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};

    fn gray(height: u32, width: u32, value: u8) -> Vec<u8> {
        let image =
            GrayImage::from_fn(width, height, |x, y| Luma([value.wrapping_add((x + y) as u8)]));
        encoded(&DynamicImage::ImageLuma8(image), ImageFormat::Png)
    }

    fn color(height: u32, width: u32, value: u8) -> Vec<u8> {
        let image = RgbImage::from_fn(width, height, |x, y| Rgb([value, x as u8, y as u8]));
        encoded(&DynamicImage::ImageRgb8(image), ImageFormat::Bmp)
    }

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).expect("encodes");
        bytes.into_inner()
    }

    fn photos(folder: &Folder) {
        for index in 0..10 {
            folder.file(&format!("cats/{index}.png"), &gray(4, 5, 10 + index));
            folder.file(&format!("dogs/{index}.png"), &gray(4, 5, 200 + index));
        }
    }

    #[test]
    fn folders_are_classes() {
        let folder = Folder::new();
        photos(&folder);
        folder.file("dogs/readme.md", b"about dogs");
        folder.file("dogs/.hidden.png", b"");
        let data = prepare(&folder.path().display().to_string(), &DataOptions::default());
        let data = data.expect("opens");
        assert_eq!(data.preprocessing.class_names(), ["cats", "dogs"]);
        assert_eq!(data.preprocessing.shape(), [4, 5, 1]);
        assert_eq!((data.accounting.rows, data.accounting.test), (20, 4));
        assert!(
            data.notes[0].english().ends_with("passed over: 1 file without a picture"),
            "{:?}",
            data.notes
        );
        let mut features = vec![0.0; 20];
        data.test.row(0, &mut features, &mut [0.0]).expect("reads");
        let origin = data.test.origin(0).expect("has one");
        let number: f64 =
            origin.split(['/', '.']).nth(1).and_then(|n| n.parse().ok()).expect("a number");
        let Inputs::Pixels(scale) = &data.preprocessing.inputs else { unreachable!("images") };
        let base = if origin.starts_with("cats") { 10.0 } else { 200.0 };
        assert!((scale.decode(features[0]) - base - number).abs() < 1e-3, "{origin}");
    }

    #[test]
    fn own_test_parts_and_colors() {
        let folder = Folder::new();
        for index in 0..6 {
            folder.file(&format!("train/a/{index}.bmp"), &color(3, 3, index));
            folder.file(&format!("train/b/{index}.bmp"), &color(3, 3, 100 + index));
        }
        folder.file("test/b/7.bmp", &color(3, 3, 107));
        folder.file("test/a/8.bmp", &color(3, 3, 8));
        let path = folder.path().display().to_string();
        let data = prepare(&path, &DataOptions::default()).expect("opens");
        assert_eq!(data.preprocessing.shape(), [3, 3, 3]);
        let tested: Vec<String> =
            (0..2).map(|row| data.test.origin(row).expect("has one")).collect();
        assert_eq!(tested, ["test/a/8.bmp", "test/b/7.bmp"]);
        let options = DataOptions { color: Some(Color::Gray), ..DataOptions::default() };
        assert_eq!(prepare(&path, &options).expect("opens").preprocessing.shape(), [3, 3, 1]);
    }

    fn sized(sizes: &[[u32; 2]]) -> (Vec<usize>, Vec<Said>) {
        let folder = Folder::new();
        for (index, &[height, width]) in sizes.iter().enumerate() {
            let class = ["cats", "dogs"][index % 2];
            folder.file(&format!("{class}/{index}.png"), &gray(height, width, index as u8));
        }
        let path = folder.path().display().to_string();
        let data = prepare(&path, &DataOptions::default()).expect("opens");
        (data.preprocessing.shape(), data.notes)
    }

    #[test]
    fn pictures_of_different_sizes_are_brought_to_one() {
        let mut sizes = vec![[4, 5]; 20];
        assert_eq!(sized(&sizes), (vec![4, 5, 1], vec![]));
        sizes.push([8, 8]);
        let (shape, notes) = sized(&sizes);
        assert_eq!(shape, [4, 5, 1]);
        assert_eq!(
            notes,
            [
                "the images have 2 different sizes and are resized to 4 × 5 pixels (most have 4 × 5); \
              --size chooses another"
            ]
        );
        let (shape, notes) = sized(&[[10, 40], [20, 30], [40, 20], [30, 10], [22, 21], [23, 26]]);
        assert_eq!(shape, [23, 26, 1]);
        assert!(notes[0].english().contains("(the median is 23 × 26)"), "{notes:?}");
    }

    #[test]
    fn large_pictures_are_reduced_unless_a_size_is_set() {
        let (shape, notes) = sized(&[[180, 240]; 8]);
        assert_eq!(shape, [96, 128, 1]);
        assert_eq!(
            notes,
            [
                "images of 180 × 240 pixels are reduced to 96 × 128, since every pixel is an input (no side \
              above 128); --size chooses another size"
            ]
        );
        let (shape, notes) = sized(&[[90, 120], [900, 10], [300, 300], [200, 180]]);
        assert_eq!(shape, [64, 38, 1]);
        assert!(notes[0].english().contains("no side above 64"), "{notes:?}");
        assert_eq!(sized(&[[90, 120]; 8]), (vec![90, 120, 1], vec![]));
    }

    #[test]
    fn a_size_may_be_set() {
        let folder = Folder::new();
        photos(&folder);
        folder.file("dogs/big.png", &gray(8, 8, 200));
        let path = folder.path().display().to_string();
        let options = DataOptions { size: Some([6, 6]), ..DataOptions::default() };
        let data = prepare(&path, &options).expect("resizes");
        assert_eq!(data.preprocessing.shape(), [6, 6, 1]);
        assert_eq!(data.notes, ["images are resized to 6 × 6 pixels"]);
        let (size, color) = (Some([4096, 4096]), Some(Color::Rgb));
        let options = DataOptions { size, color, ..DataOptions::default() };
        let error = prepare(&path, &options).err().expect("is too large").to_string();
        assert!(error.ends_with("choose a smaller one, such as --size 64x64"), "{error}");
    }

    #[test]
    fn new_pictures_are_brought_to_the_size_of_the_training() {
        let folder = Folder::new();
        photos(&folder);
        let path = folder.path().display().to_string();
        let options = DataOptions::default();
        let data = prepare(&path, &options).expect("opens");
        assert_eq!(data.picture_size(), Some([4, 5]));
        let file = folder.path().join("one.png");
        folder.file("one.png", &gray(30, 20, 7));
        let file = file.display().to_string();
        let mut rows = NewRows::open(&data.preprocessing, &file, &options, false).expect("opens");
        let mut features = Vec::new();
        let count = rows.read(9, &mut features, &mut Vec::new(), &mut Vec::new()).expect("reads");
        assert_eq!((count, features.len()), (1, 20));
        assert_eq!(rows.file(1), Some(&*file));
    }

    /// The classes of new pictures are those of the same names, whatever their folders' order.
    #[test]
    fn classes_of_new_pictures_are_matched_by_name() {
        let (folder, new) = (Folder::new(), Folder::new());
        for (class, value) in [("two", 20), ("zero", 90), ("один", 160)] {
            for index in 0..8 {
                folder.file(&format!("{class}/{index}.png"), &gray(4, 5, value + index));
            }
        }
        new.file("zero/a.png", &gray(4, 5, 91));
        new.file("один/b.png", &gray(4, 5, 161));
        let options = DataOptions::default();
        let path = |folder: &Folder| folder.path().display().to_string();
        let data = prepare(&path(&folder), &options).expect("opens");
        assert_eq!(data.preprocessing.class_names(), ["two", "zero", "один"]);
        let read = || {
            let new = path(&new);
            let mut rows = NewRows::open(&data.preprocessing, &new, &options, true)?;
            let mut targets = Vec::new();
            rows.read(9, &mut Vec::new(), &mut targets, &mut Vec::new())?;
            Ok::<_, DataError>(targets)
        };
        assert_eq!(read().expect("known classes"), [1.0, 2.0]);
        new.file("three/c.png", &gray(4, 5, 1));
        let error = new.short(&read().expect_err("an unknown class"));
        assert!(error.contains("three/c.png") && error.contains("`three`"), "{error}");
        assert!(error.contains("two, zero"), "{error}");
    }

    #[test]
    fn broken_images_are_told_or_skipped() {
        let folder = Folder::new();
        photos(&folder);
        let whole = gray(4, 5, 3);
        folder.file("cats/cut.png", &whole[..whole.len() - 20]);
        let path = folder.path().display().to_string();
        let error = prepare(&path, &DataOptions::default()).err().expect("is cut");
        let error = folder.short(&error);
        assert!(error.starts_with("cats/cut.png: the image cannot be read ("), "{error}");
        let options = DataOptions { bad_rows: BadRows::Skip, ..DataOptions::default() };
        let data = prepare(&path, &options).expect("skips");
        assert_eq!((data.accounting.rows, data.accounting.skipped_rows()), (21, 1));
    }

    #[test]
    fn an_image_bomb_is_refused() {
        let folder = Folder::new();
        photos(&folder);
        // A header that promises an image of 2^31 by 2^31 pixels.
        let mut bomb = gray(4, 5, 3);
        bomb[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        folder.file("cats/bomb.png", &bomb);
        let error = prepare(&folder.path().display().to_string(), &DataOptions::default());
        let error = folder.short(&error.err().expect("is a bomb"));
        assert!(error.starts_with("cats/bomb.png: the image cannot be read ("), "{error}");
    }

    #[test]
    fn empty_folders_are_told() {
        let folder = Folder::new();
        std::fs::create_dir(folder.path().join("cats")).expect("makes");
        let error = prepare(&folder.path().display().to_string(), &DataOptions::default());
        let error = error.err().expect("is empty").to_string();
        assert!(error.contains("there are no images, expected a folder of PNG"), "{error}");
    }
}
