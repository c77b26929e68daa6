//! Rows that share one scale, such as images: the scale, their labels, their parts.

use std::sync::Arc;

use super::{Dealt, Finished, Job, Prepared, held, raw_room, stored, three, window_bytes};
use crate::data::encoded::{Encoded, RowOrigin, Spooled};
use crate::data::error::DataError;
use crate::data::fit::Moments;
use crate::data::options::{DataOptions, Scale, Task};
use crate::data::preprocessing::{Inputs, PixelScale, Target, is_pixel_scale};
use crate::data::raw::{Labels, Pixels, RawPixels};
use crate::data::split::{Part, UNUSED};
use crate::data::store::{Cell, Room, Store, Writer};
use crate::data::target::{Found, of_autoencoder_labels, of_labels, saved_classes};
use crate::messages::{self as say, Language};

impl Job<'_> {
    pub(super) fn pixels(mut self, raw: RawPixels) -> Result<Prepared, DataError> {
        let autoencodes = self.options.task == Some(Task::Autoencode);
        let found = match &raw.labels {
            labels if autoencodes => {
                of_autoencoder_labels(&self.source, labels.as_ref(), self.options)
            }
            Some(labels) => of_labels(&self.source, labels, self.options)?,
            None => {
                return Err(DataError::new(&self.source, say::error_no_labels)
                    .expected(say::error_want_labels)
                    .cure(say::cure_labels));
            }
        };
        let none = Labels {
            name: String::new(),
            outputs: 1,
            values: vec![0.0; raw.rows],
            classes: None,
            whole: true,
        };
        let labels = raw.labels.as_ref().filter(|_| found.classes.is_some() || !autoencodes);
        let labels = labels.unwrap_or(&none);
        let classes = pixel_labels(labels, &found);
        let dealt = self.deal(&classes, &found, |row| row as u64 + 1)?;
        drop(classes);
        let mut scale = fit_pixels(&self.source, &raw, &dealt.parts)?;
        if self.options.scale == Scale::None {
            (scale.mean, scale.std) = (0.0, 1.0);
        }
        let target = match &found.classes {
            Some(classes) => saved_classes(classes, &labels.name, raw.shape.iter().product()),
            None if autoencodes => Target::Inputs,
            None => self.number_labels(&raw, labels, &dealt.parts)?,
        };
        let classes = found.classes.as_ref();
        let targets = |row: usize, out: &mut Vec<f32>| {
            let values = &labels.values[row * labels.outputs..(row + 1) * labels.outputs];
            let values = values.iter().enumerate();
            out.extend(values.map(|(index, &value)| stored(&target, classes, index, value)));
        };
        let files = raw.files.map(Arc::new);
        let parts = encode_pixels(
            raw.pixels,
            &scale,
            &dealt,
            targets,
            labels.outputs,
            files,
            self.options,
        )?;
        let inputs = Inputs::Pixels(scale);
        Ok(self.finish(Finished { found, dealt, parts, inputs, target, columns: Vec::new() }))
    }

    fn number_labels(
        &self,
        raw: &RawPixels,
        labels: &Labels,
        parts: &[Part],
    ) -> Result<Target, DataError> {
        let width: usize = raw.shape.iter().product();
        let mut columns = Vec::new();
        for output in 0..labels.outputs {
            let mut moments = Moments::default();
            for (row, values) in labels.values.chunks_exact(labels.outputs).enumerate() {
                if parts[row] == Part::Train {
                    moments.add(values[output]);
                }
            }
            let name = match labels.outputs {
                1 => labels.name.clone(),
                _ => format!("{}{}", labels.name, output + 1),
            };
            columns.push(self.number_target(&name, width + output, &moments)?);
        }
        Ok(Target::Numbers { columns })
    }
}

/// The class of each row, 0 for a regression, [`UNUSED`] where a target is missing.
fn pixel_labels(labels: &Labels, found: &Found) -> Vec<u32> {
    labels
        .values
        .chunks_exact(labels.outputs)
        .map(|values| match &found.classes {
            _ if values.iter().any(|value| value.is_nan()) => UNUSED,
            Some(classes) => classes.index(values[0]).map_or(UNUSED, |class| class as u32),
            None => 0,
        })
        .collect()
}

/// The one scale of all numbers of the training part.
fn fit_pixels(source: &str, raw: &RawPixels, parts: &[Part]) -> Result<PixelScale, DataError> {
    let width: usize = raw.shape.iter().product();
    let (mean, mut std);
    match &raw.pixels {
        Pixels::Bytes(store) => {
            let sums = match store.slice() {
                Some(bytes) => Sums::side_by_side(bytes, parts, width),
                None => {
                    let mut sums = Sums::default();
                    store.each(width, 0..raw.rows, |row, bytes| {
                        sums.add(bytes, parts[row]);
                        Ok(())
                    })?;
                    sums
                }
            };
            let count = (sums.rows * width as u64) as f64;
            mean = sums.sum as f64 / count;
            std = (sums.squares as f64 / count - mean * mean).max(0.0).sqrt();
        }
        Pixels::Floats(store) => {
            let mut moments = Moments::default();
            store.each(width, 0..raw.rows, |row, values| {
                if parts[row] == Part::Train {
                    values.iter().for_each(|&value| moments.add(f64::from(value)));
                }
                Ok(())
            })?;
            (mean, std) = (moments.mean, moments.std());
            if moments.is_constant() {
                std = 0.0;
            }
        }
    }
    if !mean.is_finite() || !std.is_finite() {
        return Err(DataError::new(source, say::error_not_finite).expected(say::error_want_finite));
    }
    if !is_pixel_scale(mean, std) {
        return Err(DataError::new(source, |l: Language| {
            say::error_all_equal(l, l.digits(&mean.to_string()))
        })
        .expected(say::error_want_different_rows));
    }
    Ok(PixelScale { shape: raw.shape.clone(), mean, std })
}

/// Sums over the bytes of training rows. They are whole numbers, so any order gives the same.
#[derive(Default)]
struct Sums {
    sum: u64,
    squares: u64,
    rows: u64,
}

impl Sums {
    /// The sums of all rows, by all cores.
    fn side_by_side(bytes: &[u8], parts: &[Part], width: usize) -> Sums {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = parts.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            let work: Vec<_> = bytes
                .chunks(share * width)
                .zip(parts.chunks(share))
                .map(|(bytes, parts)| {
                    scope.spawn(move || {
                        let mut sums = Sums::default();
                        let rows = bytes.chunks_exact(width).zip(parts);
                        rows.for_each(|(row, &part)| sums.add(row, part));
                        sums
                    })
                })
                .collect();
            work.into_iter().fold(Sums::default(), |all, thread| {
                let some = thread.join().expect("sums do not panic");
                Sums {
                    sum: all.sum + some.sum,
                    squares: all.squares + some.squares,
                    rows: all.rows + some.rows,
                }
            })
        })
    }

    fn add(&mut self, bytes: &[u8], part: Part) {
        if part != Part::Train {
            return;
        }
        self.rows += 1;
        // Sums of 4096 squares of bytes stay below 2^31, and 32-bit sums are the fast ones.
        for piece in bytes.chunks(4096) {
            let (mut sum, mut squares) = (0i32, 0i32);
            for &byte in piece {
                let byte = i32::from(byte);
                sum += byte;
                squares += byte * byte;
            }
            self.sum += sum as u64;
            self.squares += squares as u64;
        }
    }
}

fn encode_pixels(
    pixels: Pixels,
    scale: &PixelScale,
    dealt: &Dealt,
    targets: impl Fn(usize, &mut Vec<f32>),
    outputs: usize,
    files: Option<Arc<Vec<String>>>,
    options: &DataOptions,
) -> Result<[Encoded; 3], DataError> {
    let width = scale.width();
    let mut numbers: [Vec<u32>; 3] = dealt.counts.map(Vec::with_capacity);
    let mut all_targets: [Vec<f32>; 3] =
        dealt.counts.map(|count| Vec::with_capacity(count * outputs));
    for (row, &part) in dealt.parts.iter().enumerate() {
        if let Some(part) = held(part) {
            numbers[part].push(row as u32);
            targets(row, &mut all_targets[part]);
        }
    }
    let origin = |numbers: &Vec<u32>| match &files {
        Some(files) => RowOrigin::Files(files.clone(), numbers.clone()),
        None => RowOrigin::Numbers(numbers.clone()),
    };
    let window = window_bytes(options);
    let mut parts = Vec::new();
    match pixels {
        Pixels::Bytes(store) if store.slice().is_some() => {
            let all = Arc::new(Spooled::new(store, width, window));
            for (numbers, targets) in numbers.into_iter().zip(all_targets) {
                let origin = origin(&numbers);
                parts.push(Encoded::bytes(
                    scale,
                    all.clone(),
                    Some(numbers),
                    (outputs, targets),
                    origin,
                ));
            }
        }
        Pixels::Bytes(store) => {
            let room = raw_room(options).of(0);
            let split =
                split_rows(&store, width, dealt, room, |row, out| out.copy_from_slice(row))?;
            for ((store, numbers), targets) in split.into_iter().zip(numbers).zip(all_targets) {
                let rows = Arc::new(Spooled::new(store, width, window));
                parts.push(Encoded::bytes(scale, rows, None, (outputs, targets), origin(&numbers)));
            }
        }
        Pixels::Floats(store) => {
            let bytes = store.len() * 4;
            let fits = bytes <= options.memory_limit / 2;
            let room = raw_room(options).of(if fits { u64::MAX } else { 0 });
            let mut all_targets = all_targets.map(Vec::into_iter);
            let mut part = held_parts(dealt);
            let split =
                split_rows_into(&store, width, width + outputs, dealt, room, |row, out| {
                    scale.encode_floats(row, out);
                    let part = part.next().expect("one part a row");
                    for out in &mut out[width..] {
                        *out = all_targets[part].next().expect("targets of each row");
                    }
                })?;
            for (store, numbers) in split.into_iter().zip(numbers) {
                let shape = scale.shape.clone();
                parts.push(Encoded::floats(shape, outputs, store, window, origin(&numbers)));
            }
        }
    }
    Ok(three(parts))
}

fn held_parts(dealt: &Dealt) -> impl Iterator<Item = usize> + '_ {
    dealt.parts.iter().filter_map(|&part| held(part))
}

fn split_rows<T: Cell>(
    store: &Store<T>,
    width: usize,
    dealt: &Dealt,
    room: Room,
    change: impl FnMut(&[T], &mut [T]),
) -> Result<Vec<Store<T>>, DataError> {
    split_rows_into(store, width, width, dealt, room, change)
}

/// Copies the rows of each part to a list of its own.
fn split_rows_into<T: Cell>(
    store: &Store<T>,
    width: usize,
    record: usize,
    dealt: &Dealt,
    room: Room,
    mut change: impl FnMut(&[T], &mut [T]),
) -> Result<Vec<Store<T>>, DataError> {
    let mut writers = Vec::new();
    for count in dealt.counts {
        writers.push(Writer::with_capacity((count * record) as u64, room.clone())?);
    }
    let mut out = vec![T::default(); record];
    store.each(width, 0..dealt.parts.len(), |row, values| {
        let Some(part) = held(dealt.parts[row]) else { return Ok(()) };
        change(values, &mut out);
        writers[part].push(&out)
    })?;
    writers.into_iter().map(Writer::finish).collect()
}
