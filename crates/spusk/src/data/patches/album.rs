//! The pictures of a folder, read once and kept as bytes.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::data::error::DataError;
use crate::data::options::{BadRows, Color, DataOptions};
use crate::data::raw::{Skipped, skip};
use crate::data::sources::images::{is_picture, list};
use crate::data::store::{Room, Store, Writer};
use crate::messages::{self as say, Said};
use crate::picture::{Form, Picture, header, read};

/// Folders inside of each other, at most; a link to a folder around it would have no end.
const DEEPEST: usize = 16;

/// A picture in an [`Album`], or a strip of one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    /// Its file, as people see it; which strip, where it is one.
    pub(crate) name: String,
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// Where its pixels begin in the store.
    pub(crate) start: u64,
}

/// Pictures of one number of channels, one behind the other.
pub(crate) struct Album {
    pub(crate) channels: usize,
    pub(crate) pixels: Store<u8>,
}

impl Album {
    /// A part of a row of a sheet.
    pub(crate) fn row(
        &self,
        sheet: &Sheet,
        y: usize,
        x: usize,
        to: &mut [u8],
    ) -> Result<(), DataError> {
        let place = (y * sheet.width + x) * self.channels;
        self.pixels.read(sheet.start + place as u64, to)
    }

    /// The whole of a sheet.
    pub(crate) fn picture(&self, sheet: &Sheet) -> Result<Picture, DataError> {
        let mut pixels = vec![0; sheet.height * sheet.width * self.channels];
        self.pixels.read(sheet.start, &mut pixels)?;
        let (height, width) = (sheet.height, sheet.width);
        Ok(Picture { height, width, channels: self.channels, pixels, alpha: None })
    }
}

/// The picture files of a folder and of those inside of it, in order of name, and how many other files
/// there are; or the one file.
pub(super) fn files(root: &Path) -> Result<(Vec<PathBuf>, usize), DataError> {
    if !root.is_dir() {
        return Ok((vec![root.to_owned()], 0));
    }
    let (mut found, mut others) = (Vec::new(), 0);
    gather(root, DEEPEST, &mut found, &mut others)?;
    if found.is_empty() {
        return Err(DataError::new(root.display().to_string(), say::error_no_images)
            .expected(say::error_want_pictures));
    }
    Ok((found, others))
}

fn gather(
    folder: &Path,
    deeper: usize,
    found: &mut Vec<PathBuf>,
    others: &mut usize,
) -> Result<(), DataError> {
    let (folders, files) = list(folder)?;
    let before = found.len() + *others;
    found.extend(files.iter().filter(|file| is_picture(file)).cloned());
    *others = before + files.len() - found.len();
    if deeper == 0 && !folders.is_empty() {
        return Err(DataError::new(folder.display().to_string(), say::patches_deep)
            .expected(|l| say::patches_want_depth(l, DEEPEST))
            .cure(say::cure_deep));
    }
    folders.iter().try_for_each(|folder| gather(folder, deeper - 1, found, others))
}

/// All pictures of a source, read one by one: each with its name, as `channels` channels.
///
/// # Errors
/// If the source holds none, or one cannot be read.
pub(crate) fn pictures_of(
    spec: &str,
    channels: usize,
    options: &DataOptions,
    mut take: impl FnMut(&str, Picture) -> Result<(), DataError>,
) -> Result<Vec<Said>, DataError> {
    let root = Path::new(path_of(spec));
    let (files, _) = files(root)?;
    let (mut notes, mut skipped) = (Vec::new(), Skipped::new());
    for (number, file) in files.iter().enumerate() {
        match read(file) {
            Ok(picture) => {
                // Transparent pixels are pictures too.
                take(
                    &shown(root, file),
                    Picture { alpha: None, ..picture.with_channels(channels) },
                )?;
            }
            Err(_) if options.bad_rows == BadRows::Skip => {
                skip(&mut skipped, UNREADABLE, number as u64 + 1);
            }
            Err(error) => return Err(error),
        }
    }
    for (reason, files) in &skipped {
        notes.push(Said::new(|l| {
            let count = l.counted(files.count, "picture");
            say::data_skipped(l, count, say::skipped(l, reason), files.first)
        }));
    }
    Ok(notes)
}

pub(super) const UNREADABLE: &str = "a picture that cannot be read";
pub(super) const TOO_SMALL: &str = "a picture smaller than a patch";

/// The path of a source, which may have the name of its kind before it.
pub(super) fn path_of(spec: &str) -> &str {
    spec.strip_prefix("images:").unwrap_or(spec)
}

fn shown(root: &Path, file: &Path) -> String {
    match file.strip_prefix(root) {
        Ok(rest) if rest.as_os_str().is_empty() => file.display().to_string(),
        Ok(rest) => rest.display().to_string(),
        Err(_) => file.display().to_string(),
    }
}

/// Reads a source: its pictures that hold a patch of `side`, as sheets. Others are errors, or skipped and
/// counted.
pub(super) fn open(
    source: &str,
    side: usize,
    options: &DataOptions,
    skipped: &mut Skipped,
    notes: &mut Vec<Said>,
) -> Result<(Album, Vec<Sheet>), DataError> {
    let root = Path::new(path_of(source));
    let (files, others) = files(root)?;
    if others > 0 {
        notes.push(Said::new(|l| {
            say::data_passed_over(l, source, l.counted(others as u64, "file"))
        }));
    }
    let forms = forms(&files, side, options, skipped)?;
    let gray = forms.iter().flatten().all(|form| form.gray);
    let color = options.color.unwrap_or(if gray { Color::Gray } else { Color::Rgb });
    let channels = match color {
        Color::Gray => 1,
        Color::Rgb => 3,
    };
    let room = Room { bytes: options.memory_limit / 2, folder: options.spool_dir.clone() };
    let bytes = |form: &Form| (form.height * form.width * channels) as u64;
    let total = forms.iter().flatten().map(bytes).fold(0, u64::saturating_add);
    let (mut writer, mut sheets) = (Writer::with_capacity(total, room)?, Vec::new());
    let kept = files.iter().zip(&forms).enumerate().filter(|(_, (_, form))| form.is_some());
    for (number, (file, _)) in kept {
        let picture = match read(file) {
            Ok(picture) => picture.with_channels(channels),
            Err(_) if options.bad_rows == BadRows::Skip => {
                skip(skipped, UNREADABLE, number as u64 + 1);
                continue;
            }
            Err(error) => return Err(error),
        };
        let (name, start) = (shown(root, file), writer.len());
        sheets.push(Sheet { name, height: picture.height, width: picture.width, start });
        writer.push(&picture.pixels)?;
    }
    if sheets.is_empty() {
        return Err(DataError::new(source, say::patches_none)
            .expected(|l| say::patches_want_pictures(l, side)));
    }
    Ok((Album { channels, pixels: writer.finish()? }, sheets))
}

/// What the heads of the files say; nothing of those that are skipped.
fn forms(
    files: &[PathBuf],
    side: usize,
    options: &DataOptions,
    skipped: &mut Skipped,
) -> Result<Vec<Option<Form>>, DataError> {
    let skips = options.bad_rows == BadRows::Skip;
    let mut form = |(number, file): (usize, &PathBuf)| {
        let number = number as u64 + 1;
        match header(file) {
            Ok(form) if form.height.min(form.width) >= side => Ok(Some(form)),
            Ok(_) if skips => {
                skip(skipped, TOO_SMALL, number);
                Ok(None)
            }
            Ok(form) => Err(too_small(&file.display().to_string(), form.height, form.width, side)),
            Err(_) if skips => {
                skip(skipped, UNREADABLE, number);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    };
    files.iter().enumerate().map(&mut form).collect()
}

fn too_small(name: &str, height: usize, width: usize, side: usize) -> DataError {
    DataError::new(name, |l| say::error_small_picture(l, height, width))
        .expected(|l| say::error_want_patch(l, side))
        .cure(say::cure_small_picture)
}

/// The sheets of the three parts: of three pictures or more whole ones, the last in order of name for the
/// test and those before for validation; of fewer, strips of each: its top trains, its bottom tests.
pub(super) fn deal(
    sheets: &[Sheet],
    [test, validation]: [f64; 2],
    (side, channels): (usize, usize),
) -> Result<[Vec<Sheet>; 3], DataError> {
    let counts = |all: usize| {
        let of = |all: usize, share: f64| {
            let least = usize::from(share > 0.0);
            ((all as f64 * share).round() as usize).max(least).min(all.saturating_sub(1))
        };
        let test = of(all, test);
        [all - test - of(all - test, validation), of(all - test, validation), test]
    };
    if sheets.len() >= 3 || (test == 0.0 && validation == 0.0) {
        let [train, validation, _] = counts(sheets.len());
        let (train, rest) = sheets.split_at(train);
        let (validation, test) = rest.split_at(validation);
        return Ok([train.to_vec(), validation.to_vec(), test.to_vec()]);
    }
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for sheet in sheets {
        let [train, validation, _] = counts(sheet.height);
        let ends = [0, train, train + validation, sheet.height];
        for (i, part) in parts.iter_mut().enumerate() {
            let rows = ends[i]..ends[i + 1];
            if rows.is_empty() {
                continue;
            }
            if rows.len() < side {
                return Err(too_small(&sheet.name, sheet.height, sheet.width, side)
                    .expected(|l| say::patches_want_strips(l, side))
                    .cure(say::cure_strips));
            }
            part.push(strip(sheet, rows, channels));
        }
    }
    Ok(parts)
}

fn strip(sheet: &Sheet, rows: Range<usize>, channels: usize) -> Sheet {
    Sheet {
        name: format!("{}, rows {} to {}", sheet.name, rows.start + 1, rows.end),
        height: rows.len(),
        width: sheet.width,
        start: sheet.start + (rows.start * sheet.width * channels) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(count: usize) -> Vec<Sheet> {
        let sheet = |i: usize| Sheet {
            name: format!("{i}.png"),
            height: 100,
            width: 10,
            start: i as u64 * 3000,
        };
        (0..count).map(sheet).collect()
    }

    fn names(parts: &[Vec<Sheet>; 3]) -> Vec<Vec<&str>> {
        parts.iter().map(|part| part.iter().map(|sheet| &*sheet.name).collect()).collect()
    }

    #[test]
    fn the_last_pictures_are_held_out() {
        let dealt = |count, shares| deal(&sheets(count), shares, (10, 3)).expect("large enough");
        let ten = dealt(10, [0.2, 0.1]);
        assert_eq!(ten.each_ref().map(Vec::len), [7, 1, 2]);
        assert_eq!(names(&ten)[1..], [vec!["7.png"], vec!["8.png", "9.png"]]);
        assert_eq!(dealt(3, [0.2, 0.1]).each_ref().map(Vec::len), [1, 1, 1]);
        assert_eq!(dealt(9, [0.0, 0.0]).each_ref().map(Vec::len), [9, 0, 0]);
        assert_eq!(dealt(1, [0.0, 0.0]).each_ref().map(Vec::len), [1, 0, 0]);
    }

    #[test]
    fn few_pictures_are_cut_into_strips() {
        let parts = deal(&sheets(2), [0.2, 0.25], (10, 3)).expect("large enough");
        assert_eq!(
            names(&parts),
            [
                ["0.png, rows 1 to 60", "1.png, rows 1 to 60"],
                ["0.png, rows 61 to 80", "1.png, rows 61 to 80"],
                ["0.png, rows 81 to 100", "1.png, rows 81 to 100"],
            ]
        );
        assert_eq!((parts[2][1].start, parts[2][1].height), (3000 + 80 * 30, 20));
        let error = deal(&sheets(1), [0.2, 0.1], (20, 3)).expect_err("the strips are too low");
        assert_eq!(
            error.to_string(),
            "0.png: the picture has 100 × 10 pixels, expected enough for strips of at least 20 rows for \
             training, validation and test; take three pictures or more, a smaller data.patch, or other \
             shares"
        );
    }
}
