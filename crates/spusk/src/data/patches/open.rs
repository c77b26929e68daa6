//! From a folder of pictures to encoded parts.

use std::sync::Arc;

use super::album::{self, Album, Sheet};
use super::draw::ends;
use super::{
    Degradation, LARGEST_FACTOR, LARGEST_PATCH, PatchInputs, Patches, STRONGEST_NOISE, USUAL_COUNT,
};
use crate::data::accounting::Accounting;
use crate::data::encoded::Encoded;
use crate::data::error::{DataError, short};
use crate::data::fit::Moments;
use crate::data::options::{DEFAULT_TEST_SHARE, DataOptions, Scale, Task, option_error};
use crate::data::prepare::Prepared;
use crate::data::preprocessing::{Inputs, PixelScale, Preprocessing, Target, VERSION};
use crate::data::random;
use crate::data::raw::Skipped;
use crate::data::store::{Room, Writer};
use crate::messages::{self as say, Language, Said};
use crate::picture::{Kernel, resize};

/// Patches that are watched, and patches of the test; whole pictures say more.
const HELD: usize = 256;

/// Opens the pictures of a source for a task that restores pictures.
pub(in crate::data) fn prepare(
    source: &str,
    task: Task,
    options: &DataOptions,
) -> Result<Prepared, DataError> {
    let degradation = degradation(task, options)?;
    let factor = degradation.factor();
    let side = side(factor, options)?;
    let (mut skipped, mut notes) = (Skipped::new(), Vec::new());
    let (album, sheets) = album::open(source, side * factor, options, &mut skipped, &mut notes)?;
    let own_test = options.test_source.is_none();
    let test = if own_test { options.test.unwrap_or(DEFAULT_TEST_SHARE) } else { 0.0 };
    let [train, validation, mut test] =
        album::deal(&sheets, [test, options.validation], (side * factor, album.channels))?;
    let accounting = Accounting {
        train: train.len() as u64,
        validation: validation.len() as u64,
        test: test.len() as u64,
        rows: (train.len() + validation.len() + test.len()) as u64
            + skipped.values().map(|files| files.count).sum::<u64>(),
        skipped,
        ..Accounting::default()
    };
    let channels = album.channels;
    let scale = scale(&album, &train, vec![side, side, channels], options)?;
    let inputs = PatchInputs { scale, degradation };
    let album = Arc::new(album);
    let part = |sheets: Vec<Sheet>, purpose: &str| {
        let fresh = purpose == "train";
        let count = if fresh { options.patches.count.unwrap_or(USUAL_COUNT) } else { HELD };
        patches(album.clone(), sheets, &inputs, count, (options, purpose))
    };
    notes.push(Said::new(|l| told(&accounting, &validation, &test, l)));
    let (train, validation) = (part(train, "train")?, part(validation, "validation")?);
    let mut accounting = accounting;
    let test = match &options.test_source {
        None => part(test, "test")?,
        Some(other) => {
            let of_color = DataOptions {
                color: Some(if channels == 1 {
                    crate::data::Color::Gray
                } else {
                    crate::data::Color::Rgb
                }),
                ..options.clone()
            };
            let skipped = &mut accounting.test_source_skipped;
            let (album, sheets) =
                album::open(other, side * factor, &of_color, skipped, &mut notes)?;
            test = sheets;
            accounting.test_source_rows =
                test.len() as u64 + skipped.values().map(|files| files.count).sum::<u64>();
            patches(Arc::new(album), test, &inputs, HELD, (options, "test"))?
        }
    };
    notes.push(Said::new(|l| {
        let (patches, side) = (l.counted(train.len() as u64, "patch"), side * factor);
        match degradation {
            Degradation::Noise { sigma } => {
                say::data_patches_noisy(l, patches, side, l.digits(&short(sigma)))
            }
            Degradation::Reduced { .. } => say::data_patches(l, patches, side),
        }
    }));
    Ok(Prepared {
        source: source.to_owned(),
        kind: Said::new(|l| {
            let pictures = l.counted(sheets.len() as u64, "picture");
            match channels {
                1 => say::data_gray_pictures(l, pictures),
                _ => say::data_color_pictures(l, pictures),
            }
        }),
        task,
        task_reason: Said::new(say::data_asked_for),
        train: Encoded::patches(train),
        validation: Encoded::patches(validation),
        test: Encoded::patches(test),
        preprocessing: Preprocessing {
            version: VERSION,
            task,
            inputs: Inputs::Patches(inputs),
            target: Target::Patches,
        },
        accounting,
        columns: Vec::new(),
        notes,
        series: None,
    })
}

fn told(accounting: &Accounting, validation: &[Sheet], test: &[Sheet], l: Language) -> String {
    const SHOWN: usize = 4;
    let names = |sheets: &[Sheet]| {
        let mut names: Vec<&str> = sheets.iter().take(SHOWN).map(|sheet| &*sheet.name).collect();
        if sheets.len() > SHOWN {
            names.push("…");
        }
        if names.is_empty() { say::data_none(l) } else { names.join(", ") }
    };
    let pictures = l.counted(accounting.train, "picture");
    say::data_pictures_held(l, pictures, names(validation), names(test))
}

fn degradation(task: Task, options: &DataOptions) -> Result<Degradation, DataError> {
    if task == Task::Upscale {
        let factor = options.patches.factor.unwrap_or(2);
        if !(2..=LARGEST_FACTOR).contains(&factor) {
            return Err(option_error("factor", factor)
                .expected(|l| say::patches_want_factor(l, LARGEST_FACTOR)));
        }
        return Ok(Degradation::Reduced { factor });
    }
    let sigma = options.patches.sigma.unwrap_or(25.0);
    if !(sigma > 0.0 && sigma <= STRONGEST_NOISE) {
        return Err(
            option_error("sigma", sigma).expected(|l| say::patches_want_sigma(l, STRONGEST_NOISE))
        );
    }
    Ok(Degradation::Noise { sigma })
}

/// The side of a patch as the network sees it.
fn side(factor: usize, options: &DataOptions) -> Result<usize, DataError> {
    let whole = options.patches.side.unwrap_or(match factor {
        1 => 40,
        _ => 48_usize.next_multiple_of(factor),
    });
    if !whole.is_multiple_of(factor) || whole == 0 || whole / factor > LARGEST_PATCH {
        return Err(option_error("patch", whole).expected(|l| match factor {
            1 => say::patches_want_side(l, LARGEST_PATCH),
            _ => say::patches_want_multiple(l, factor, factor * LARGEST_PATCH),
        }));
    }
    Ok(whole / factor)
}

/// Mean and standard deviation of all pixels that train.
fn scale(
    album: &Album,
    sheets: &[Sheet],
    shape: Vec<usize>,
    options: &DataOptions,
) -> Result<PixelScale, DataError> {
    if options.scale == Scale::None {
        return Ok(PixelScale { shape, mean: 0.0, std: 1.0 });
    }
    let mut moments = Moments::default();
    for sheet in sheets {
        let mut row = vec![0; sheet.width * album.channels];
        for y in 0..sheet.height {
            album.row(sheet, y, 0, &mut row)?;
            row.iter().for_each(|&value| moments.add(f64::from(value)));
        }
    }
    let std = if moments.is_constant() { 1.0 } else { moments.std() };
    Ok(PixelScale { shape, mean: moments.mean, std })
}

fn patches(
    whole: Arc<Album>,
    mut sheets: Vec<Sheet>,
    inputs: &PatchInputs,
    count: usize,
    (options, purpose): (&DataOptions, &str),
) -> Result<Patches, DataError> {
    let factor = inputs.degradation.factor();
    let small = match inputs.degradation {
        Degradation::Noise { .. } => None,
        Degradation::Reduced { factor } => Some(reduced(&whole, &mut sheets, factor, options)?),
    };
    Ok(Patches {
        ends: ends(&sheets, inputs.scale.shape[0], factor),
        whole,
        small,
        sheets,
        inputs: inputs.clone(),
        count,
        key: random::key(options.seed, &format!("patches {purpose}")),
        fresh: purpose == "train",
    })
}

/// The sheets reduced, as a file would hold them. Rows and columns that no whole pixel is made of are
/// left out, of the rows also from the sheets themselves.
fn reduced(
    whole: &Album,
    sheets: &mut [Sheet],
    factor: usize,
    options: &DataOptions,
) -> Result<(Arc<Album>, Vec<Sheet>), DataError> {
    let room = Room { bytes: options.memory_limit / 8, folder: options.spool_dir.clone() };
    let (mut writer, mut small) = (Writer::new(room), Vec::new());
    for sheet in sheets.iter_mut() {
        let (height, width) = (sheet.height / factor, sheet.width / factor);
        sheet.height = height * factor;
        let picture = whole.picture(sheet)?.crop(0, 0, height * factor, width * factor);
        small.push(Sheet { height, width, start: writer.len(), name: sheet.name.clone() });
        writer.push(&resize(&picture, height, width, Kernel::Bicubic).pixels)?;
    }
    Ok((Arc::new(Album { channels: whole.channels, pixels: writer.finish()? }), small))
}
