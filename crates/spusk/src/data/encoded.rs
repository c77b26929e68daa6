//! Encoded rows, ready for the network, in memory or in a temporary file.

mod spooled;

use std::ops::Range;
use std::sync::Arc;

use super::error::DataError;
use super::order::{Epoch, RowOrder};
use super::patches::Patches;
use super::preprocessing::PixelScale;
use super::series::Windows;
use super::store::Store;
pub(crate) use spooled::Spooled;

/// One part of the data (training, validation or test), encoded.
///
/// Feature rows are `f32` of [`Encoded::width`] numbers; target rows are `f32` of
/// [`Encoded::targets`] numbers: the index of the class, or the standardized values.
pub struct Encoded {
    shape: Vec<usize>,
    /// Numbers stored as a row's target.
    targets: usize,
    /// The features are the targets; what is stored is the class, or −1.
    autoencodes: bool,
    rows: usize,
    body: Body,
    origin: RowOrigin,
}

enum Body {
    /// Features and targets of rows in memory, each one behind the other: a network reads neighboring
    /// rows where they stand.
    Rows { features: Vec<f32>, targets: Vec<f32> },
    /// features[width] ++ targets[targets] of each row, in a file.
    Floats(Spooled<f32>),
    /// Bytes that become floats when they are taken: a quarter of the memory.
    Bytes { pixels: Arc<Spooled<u8>>, map: Option<Vec<u32>>, scale: PixelScale, targets: Vec<f32> },
    /// Windows that are read from a series when they are taken.
    Windows(Windows),
    /// Patches of pictures that are drawn when they are taken.
    Patches(Patches),
}

/// How a row is found again in its source.
pub(crate) enum RowOrigin {
    /// The lines on which the rows begin.
    Lines(Store<u64>),
    /// The numbers of the rows in the source, from 0.
    Numbers(Vec<u32>),
    /// The files of the rows, and the numbers of the rows in that list.
    Files(Arc<Vec<String>>, Vec<u32>),
    /// The times in a series at which forecasts begin.
    Times,
    /// Places that are drawn at random.
    Drawn,
}

impl Encoded {
    /// Rows of floats, features and targets side by side.
    pub(crate) fn floats(
        shape: Vec<usize>,
        targets: usize,
        records: Store<f32>,
        window_bytes: u64,
        origin: RowOrigin,
    ) -> Encoded {
        let width: usize = shape.iter().product();
        let (rows, body) = match records.into_memory() {
            Ok(records) => {
                let rows = records.len() / (width + targets).max(1);
                let (features, targets) = apart(records, width, targets);
                (rows, Body::Rows { features, targets })
            }
            Err(records) => {
                let records = Spooled::new(records, width + targets, window_bytes);
                (records.rows, Body::Floats(records))
            }
        };
        Encoded { targets, autoencodes: false, rows, body, shape, origin }
    }

    /// Rows of floats in memory, features and targets side by side; `numbers` are those of the rows in
    /// their source.
    pub(crate) fn of_values(
        shape: Vec<usize>,
        targets: usize,
        values: Vec<f32>,
        numbers: Vec<usize>,
    ) -> Encoded {
        let numbers = numbers.into_iter().map(|row| u32::try_from(row).unwrap_or(u32::MAX));
        let origin = RowOrigin::Numbers(numbers.collect());
        Encoded::floats(shape, targets, Store::memory(values), 0, origin)
    }

    /// Rows of bytes; `map` chooses rows from `pixels`, which then must be in memory. The targets are
    /// their number in a row, and all of them.
    pub(crate) fn bytes(
        scale: &PixelScale,
        pixels: Arc<Spooled<u8>>,
        map: Option<Vec<u32>>,
        targets: (usize, Vec<f32>),
        origin: RowOrigin,
    ) -> Encoded {
        let (count, targets) = targets;
        let rows = map.as_ref().map_or(pixels.rows, Vec::len);
        Encoded {
            shape: scale.shape.clone(),
            targets: count,
            autoencodes: false,
            rows,
            body: Body::Bytes { pixels, map, scale: scale.clone(), targets },
            origin,
        }
    }

    /// Windows of a series: features `[T, C]`, targets H·S.
    pub(crate) fn windows(windows: Windows) -> Encoded {
        Encoded {
            shape: vec![windows.window, windows.frame.channels],
            targets: windows.horizon * windows.frame.targets,
            autoencodes: false,
            rows: windows.origins.len(),
            body: Body::Windows(windows),
            origin: RowOrigin::Times,
        }
    }

    /// Patches of pictures: features [side, side, C], targets the whole patch.
    pub(crate) fn patches(patches: Patches) -> Encoded {
        let inputs = patches.inputs();
        Encoded {
            shape: inputs.scale.shape.clone(),
            targets: inputs.target_shape().iter().product(),
            autoencodes: false,
            rows: patches.len(),
            body: Body::Patches(patches),
            origin: RowOrigin::Drawn,
        }
    }

    /// The windows, where the rows are such.
    pub(crate) fn as_windows(&self) -> Option<&Windows> {
        match &self.body {
            Body::Windows(windows) => Some(windows),
            Body::Rows { .. } | Body::Floats(_) | Body::Bytes { .. } | Body::Patches(_) => None,
        }
    }

    /// The patches, where the rows are such.
    pub(crate) fn as_patches(&self) -> Option<&Patches> {
        match &self.body {
            Body::Patches(patches) => Some(patches),
            Body::Rows { .. } | Body::Floats(_) | Body::Bytes { .. } | Body::Windows(_) => None,
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The shape of a row's features: [H, W, C] for images, else [N].
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The features of a row.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }

    /// The target numbers of a row.
    pub fn targets(&self) -> usize {
        if self.autoencodes { self.width() } else { self.targets }
    }

    /// Makes the features the targets, as an autoencoder wants them.
    pub(crate) fn give_back_features(&mut self) {
        self.autoencodes = true;
    }

    /// The class of a row whose target is its features; `None` where it is not known.
    ///
    /// # Errors
    /// If the row cannot be read.
    pub fn label(&self, row: usize) -> Result<Option<usize>, DataError> {
        if !self.autoencodes {
            return Ok(None);
        }
        let mut features = vec![0.0; self.width()];
        let mut stored = vec![0.0; self.targets];
        self.read_row(row, &mut features, &mut stored)?;
        Ok(stored.first().filter(|&&label| label >= 0.0).map(|&label| label as usize))
    }

    /// Whether the rows are read from a temporary file.
    pub fn is_spooled(&self) -> bool {
        match &self.body {
            Body::Floats(records) => records.store.slice().is_none(),
            Body::Rows { .. } => false,
            Body::Bytes { pixels, .. } => pixels.store.slice().is_none(),
            Body::Windows(_) => false,
            Body::Patches(patches) => patches.is_spooled(),
        }
    }

    /// Whether each row is a file of its own.
    pub(crate) fn is_of_files(&self) -> bool {
        matches!(self.origin, RowOrigin::Files(..))
    }

    /// Where a row stands in its source, for people: `line 7`, `row 7`, or the name of its file.
    pub fn origin(&self, row: usize) -> Result<String, DataError> {
        match &self.origin {
            RowOrigin::Lines(lines) => {
                let mut line = [0];
                lines.read(row as u64, &mut line)?;
                Ok(format!("line {}", line[0]))
            }
            RowOrigin::Numbers(numbers) => Ok(format!("row {}", u64::from(numbers[row]) + 1)),
            RowOrigin::Files(files, numbers) => Ok(files[numbers[row] as usize].clone()),
            RowOrigin::Times => Ok(self.as_windows().map_or(String::new(), |windows| {
                format!("the forecast from {}", windows.frame.label(windows.origins.start + row))
            })),
            RowOrigin::Drawn => Ok(format!("patch {}", row + 1)),
        }
    }

    /// One row in the order of the source: features[width] and targets[targets].
    pub fn row(
        &self,
        row: usize,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        self.check(1, features, targets);
        if self.autoencodes {
            self.read_row(row, features, &mut vec![0.0; self.targets])?;
            targets.copy_from_slice(features);
            return Ok(());
        }
        self.read_row(row, features, targets)
    }

    fn read_row(
        &self,
        row: usize,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        match &self.body {
            Body::Rows { features: all, targets: beside } => {
                features.copy_from_slice(nth(all, row, features.len()));
                targets.copy_from_slice(nth(beside, row, targets.len()));
            }
            Body::Floats(records) => {
                let mut record = vec![0.0; records.width];
                records.store.read((row * records.width) as u64, &mut record)?;
                split_record(&record, features, targets);
            }
            Body::Bytes { pixels, map, scale, targets: all } => {
                let source = map.as_ref().map_or(row, |map| map[row] as usize);
                let mut bytes = vec![0; pixels.width];
                pixels.store.read((source * pixels.width) as u64, &mut bytes)?;
                scale.encode_bytes(&bytes, features);
                let count = targets.len();
                targets.copy_from_slice(&all[row * count..(row + 1) * count]);
            }
            Body::Windows(windows) => windows.read(row, features, targets),
            Body::Patches(patches) => patches.read(0, row, features, targets)?,
        }
        Ok(())
    }

    /// A number that changes when any row does, so that a resumed run notices other data. It reads
    /// all rows.
    pub fn fingerprint(&self) -> Result<u64, DataError> {
        let sizes = [self.rows, self.width(), self.targets];
        let mut print = sizes.iter().fold(0, |print, &size| stirred(print, size as u64));
        match &self.body {
            Body::Rows { features, targets } => {
                for row in 0..self.rows {
                    let record = nth(features, row, self.width()).iter();
                    for value in record.chain(nth(targets, row, self.targets)) {
                        print = stirred(print, u64::from(value.to_bits()));
                    }
                }
            }
            Body::Floats(records) => {
                records.store.each(records.width, 0..self.rows, |_, record| {
                    for value in record {
                        print = stirred(print, u64::from(value.to_bits()));
                    }
                    Ok(())
                })?;
            }
            Body::Bytes { pixels, map, scale, targets } => {
                for number in [scale.mean, scale.std] {
                    print = stirred(print, number.to_bits());
                }
                for value in targets {
                    print = stirred(print, u64::from(value.to_bits()));
                }
                let mut row_bytes = vec![0; pixels.width];
                for row in 0..self.rows {
                    let source = map.as_ref().map_or(row, |map| map[row] as usize);
                    pixels.store.read((source * pixels.width) as u64, &mut row_bytes)?;
                    for bytes in row_bytes.chunks(8) {
                        let mut word = [0; 8];
                        word[..bytes.len()].copy_from_slice(bytes);
                        print = stirred(print, u64::from_le_bytes(word));
                    }
                }
            }
            Body::Windows(windows) => {
                print = windows.bits().fold(print, |print, bits| stirred(print, u64::from(bits)));
            }
            Body::Patches(patches) => patches.print(|word| print = stirred(print, word))?,
        }
        Ok(print)
    }

    fn check(&self, rows: usize, features: &[f32], targets: &[f32]) {
        assert_eq!(features.len(), rows * self.width(), "the features' slice has its rows' length");
        assert_eq!(targets.len(), rows * self.targets(), "the targets' slice has its rows' length");
    }
}

/// Batches of an encoded part in the order of an epoch.
///
/// The order is a pure function of the seed and the epoch, so a resumed run needs only its position.
/// It may be asked from any thread.
#[derive(Clone, Copy)]
pub struct Batches<'a> {
    data: &'a Encoded,
    seed: u64,
    shuffle: bool,
}

impl<'a> Batches<'a> {
    /// Batches of `data`; without `shuffle` in the order of the source.
    pub fn new(data: &'a Encoded, seed: u64, shuffle: bool) -> Batches<'a> {
        Batches { data, seed, shuffle }
    }

    /// Copies the rows at `positions` of an epoch into features[B, width] and targets[B, targets].
    ///
    /// # Panics
    ///
    /// When a slice has not the length of its rows, or a position is not below the number of rows.
    pub fn fill(
        &self,
        epoch: u64,
        positions: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        assert!(positions.end <= self.data.rows, "positions are below the number of rows");
        self.data.check(positions.len(), features, targets);
        if self.data.autoencodes {
            let mut stored = vec![0.0; positions.len() * self.data.targets];
            self.fill_stored(epoch, positions, features, &mut stored)?;
            targets.copy_from_slice(features);
            return Ok(());
        }
        self.fill_stored(epoch, positions, features, targets)
    }

    /// The rows at `positions` where they stand in memory, features[B, width] and targets[B, targets]:
    /// what [`Batches::fill`] copies in any epoch. `None` where they are shuffled, in a file, or made
    /// when they are taken.
    ///
    /// # Panics
    ///
    /// When a position is not below the number of rows.
    pub fn lend(&self, positions: Range<usize>) -> Option<(&'a [f32], &'a [f32])> {
        let (width, count) = (self.data.width(), self.data.targets);
        let Body::Rows { features, targets } = &self.data.body else { return None };
        if self.shuffle {
            return None;
        }
        let features = &features[positions.start * width..positions.end * width];
        let targets = match self.data.autoencodes {
            true => features,
            false => &targets[positions.start * count..positions.end * count],
        };
        Some((features, targets))
    }

    fn fill_stored(
        &self,
        epoch: u64,
        positions: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        let epoch = Epoch { seed: self.seed, number: epoch, shuffle: self.shuffle };
        let (width, count) = (self.data.width(), self.data.targets);
        let mut targets = targets.chunks_exact_mut(count);
        let mut target = || targets.next().expect("`check` compared the lengths");
        match &self.data.body {
            Body::Rows { features: all, targets: beside } => {
                let order = RowOrder::new(self.data.rows, epoch);
                let features = features.chunks_exact_mut(width);
                for (position, features) in positions.zip(features) {
                    let row = order.row(position);
                    features.copy_from_slice(nth(all, row, width));
                    target().copy_from_slice(nth(beside, row, count));
                }
                Ok(())
            }
            Body::Floats(records) => {
                let mut features = features.chunks_exact_mut(width);
                records.visit(epoch, positions, |_, record| {
                    let features = features.next().expect("`check` compared the lengths");
                    split_record(record, features, target());
                })
            }
            Body::Bytes { pixels, map, scale, targets: all } => {
                let mut near = Near::new(scale, features);
                let mut take = |row: usize, bytes: &[u8]| {
                    near.push(bytes);
                    target().copy_from_slice(&all[row * count..(row + 1) * count]);
                };
                match map {
                    None => pixels.visit(epoch, positions, take)?,
                    Some(map) => {
                        let all = pixels.store.slice().expect("mapped pixels are in memory");
                        let order = RowOrder::new(map.len(), epoch);
                        for position in positions {
                            let row = order.row(position);
                            let start = map[row] as usize * width;
                            take(row, &all[start..start + width]);
                        }
                    }
                }
                near.flush();
                Ok(())
            }
            Body::Windows(windows) => {
                let order = RowOrder::new(self.data.rows, epoch);
                let features = features.chunks_exact_mut(width);
                for (position, features) in positions.zip(features) {
                    windows.read(order.row(position), features, target());
                }
                Ok(())
            }
            Body::Patches(patches) => {
                // They are drawn in random order, so there is nothing to shuffle.
                let mut features = features.chunks_exact_mut(width);
                positions.into_iter().try_for_each(|position| {
                    let features = features.next().expect("`check` compared the lengths");
                    patches.read(epoch.number, position, features, target())
                })
            }
        }
    }

    /// The row of the part that stands at a position of an epoch; it tells which rows a batch held.
    pub fn row_at(&self, epoch: u64, position: usize) -> Result<usize, DataError> {
        let epoch = Epoch { seed: self.seed, number: epoch, shuffle: self.shuffle };
        match &self.data.body {
            Body::Rows { .. } => Ok(RowOrder::new(self.data.rows, epoch).row(position)),
            Body::Floats(records) => records.row_at(epoch, position),
            Body::Bytes { pixels, map: None, .. } => pixels.row_at(epoch, position),
            Body::Bytes { map: Some(map), .. } => Ok(RowOrder::new(map.len(), epoch).row(position)),
            Body::Windows(windows) => Ok(RowOrder::new(windows.origins.len(), epoch).row(position)),
            Body::Patches(_) => Ok(position),
        }
    }
}

/// Bytes on their way to become features.
///
/// Shuffled rows are not in the cache. Plain copies wait for the lines of several rows at once,
/// conversions would wait for one line after the other; so rows are copied near first, some at a
/// time.
struct Near<'a> {
    scale: &'a PixelScale,
    bytes: [u8; 8192],
    held: usize,
    features: &'a mut [f32],
}

impl<'a> Near<'a> {
    fn new(scale: &'a PixelScale, features: &'a mut [f32]) -> Near<'a> {
        Near { scale, bytes: [0; 8192], held: 0, features }
    }

    fn push(&mut self, row: &[u8]) {
        for piece in row.chunks(self.bytes.len()) {
            if self.held + piece.len() > self.bytes.len() {
                self.flush();
            }
            self.bytes[self.held..self.held + piece.len()].copy_from_slice(piece);
            self.held += piece.len();
        }
    }

    fn flush(&mut self) {
        let (now, later) = std::mem::take(&mut self.features).split_at_mut(self.held);
        self.scale.encode_bytes(&self.bytes[..self.held], now);
        self.features = later;
        self.held = 0;
    }
}

/// Stirs a word into a fingerprint; for an odd factor, no two words give the same.
fn stirred(print: u64, word: u64) -> u64 {
    (print.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The numbers of a row.
fn nth(all: &[f32], row: usize, width: usize) -> &[f32] {
    &all[row * width..(row + 1) * width]
}

/// Records as the features of all and the targets of all; the features stay in the records' memory.
fn apart(mut records: Vec<f32>, width: usize, targets: usize) -> (Vec<f32>, Vec<f32>) {
    let record = width + targets;
    let rows = records.len() / record.max(1);
    let mut beside = Vec::with_capacity(rows * targets);
    for row in 0..rows {
        let start = row * record;
        beside.extend_from_slice(&records[start + width..start + record]);
        records.copy_within(start..start + width, row * width);
    }
    records.truncate(rows * width);
    records.shrink_to_fit();
    (records, beside)
}

fn split_record(record: &[f32], features: &mut [f32], targets: &mut [f32]) {
    let (left, right) = record.split_at(features.len());
    features.copy_from_slice(left);
    targets.copy_from_slice(right);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::store::{Room, Writer};

    /// Rows 0, 1, … of three features and a target that all tell the row.
    fn floats(rows: usize, spooled: bool) -> Encoded {
        let room = Room { bytes: if spooled { 0 } else { 1 << 30 }, folder: None };
        let mut records = Writer::new(room);
        for row in 0..rows {
            let row = row as f32;
            records.push(&[row, row + 0.25, row + 0.5, -row]).expect("writes");
        }
        let origin = RowOrigin::Numbers((0..rows as u32).collect());
        let records = records.finish().expect("finishes");
        Encoded::floats(vec![3], 1, records, 1 << 17, origin)
    }

    fn bytes(rows: usize, place: &str) -> Encoded {
        let room = Room { bytes: if place == "file" { 0 } else { 1 << 30 }, folder: None };
        let mut pixels = Writer::new(room);
        for row in 0..rows {
            pixels.push(&(row as u32).to_le_bytes()).expect("writes");
        }
        let store = pixels.finish().expect("finishes");
        let scale = PixelScale { shape: vec![2, 2, 1], mean: 0.0, std: 1.0 };
        let map = (place == "map").then(|| (0..rows as u32).collect());
        let targets = (0..rows).map(|row| -(row as f32)).collect();
        let origin = RowOrigin::Numbers((0..rows as u32).collect());
        let pixels = Arc::new(Spooled::new(store, 4, 1 << 17));
        Encoded::bytes(&scale, pixels, map, (1, targets), origin)
    }

    /// The rows in the order in which batches of 7 show them; each is checked whole.
    fn order(data: &Encoded, epoch: u64, shuffle: bool) -> Vec<usize> {
        let batches = Batches::new(data, 3, shuffle);
        let (mut order, width) = (Vec::new(), data.width());
        for start in (0..data.len()).step_by(7) {
            let positions = start..(start + 7).min(data.len());
            let mut features = vec![0.0; positions.len() * width];
            let mut targets = vec![0.0; positions.len()];
            batches.fill(epoch, positions.clone(), &mut features, &mut targets).expect("fills");
            if let Some(lent) = batches.lend(positions.clone()) {
                assert_eq!(lent, (&features[..], &targets[..]));
            }
            for (position, (features, target)) in
                positions.zip(features.chunks(width).zip(&targets))
            {
                let row = -target as usize;
                let (mut same, mut same_target) = (vec![0.0; width], [0.0]);
                data.row(row, &mut same, &mut same_target).expect("reads");
                assert_eq!((features, *target), (&same[..], same_target[0]));
                assert_eq!(batches.row_at(epoch, position).expect("is there"), row);
                order.push(row);
            }
        }
        order
    }

    #[test]
    fn every_row_comes_once_in_every_epoch() {
        for rows in [1, 2, 50, 9000] {
            for data in [
                floats(rows, false),
                floats(rows, true),
                bytes(rows, "memory"),
                bytes(rows, "map"),
                bytes(rows, "file"),
            ] {
                let sorted: Vec<usize> = (0..rows).collect();
                assert_eq!(order(&data, 0, false), sorted);
                let one = order(&data, 1, true);
                assert_eq!(one, order(&data, 1, true));
                assert!(rows < 10 || one != order(&data, 2, true) && one != sorted);
                let mut one = one;
                one.sort_unstable();
                assert_eq!(one, sorted);
            }
        }
    }

    #[test]
    fn fingerprints_depend_on_every_row_and_not_on_the_place() {
        let print = |data: Encoded| data.fingerprint().expect("reads");
        assert_eq!(print(floats(1000, false)), print(floats(1000, true)));
        assert_ne!(print(floats(1000, false)), print(floats(1001, false)));
        assert_eq!(print(bytes(500, "memory")), print(bytes(500, "file")));
        assert_eq!(print(bytes(500, "memory")), print(bytes(500, "map")));
        let mut changed = bytes(500, "memory");
        if let Body::Bytes { targets, .. } = &mut changed.body {
            targets[499] = 1.0;
        }
        assert_ne!(print(changed), print(bytes(500, "memory")));
    }

    #[test]
    fn rows_in_memory_are_lent_where_their_order_is_kept() {
        let (mut memory, file) = (floats(20, false), floats(20, true));
        let rows = [3.0, 3.25, 3.5, 4.0, 4.25, 4.5];
        let lent = Batches::new(&memory, 3, false).lend(3..5);
        assert_eq!(lent, Some((&rows[..], &[-3.0, -4.0][..])));
        assert_eq!(Batches::new(&memory, 3, true).lend(3..5), None);
        assert_eq!(Batches::new(&file, 3, false).lend(3..5), None);
        memory.give_back_features();
        assert_eq!(Batches::new(&memory, 3, false).lend(3..5), Some((&rows[..], &rows[..])));
    }

    /// Blocks of a file are far apart after shuffling, and rows of a window mix.
    #[test]
    fn a_file_is_well_mixed() {
        let data = floats(200_000, true);
        let order = order(&data, 1, true);
        let rows = order.len() as f64;
        let start: f64 = order[..20_000].iter().map(|&row| row as f64).sum::<f64>() / 20_000.0;
        assert!((start / rows - 0.5).abs() < 0.35, "{start}");
        let near = order.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) < 100).count();
        assert!(near < 20_000, "{near}");
    }

    #[test]
    fn batches_may_be_filled_from_threads() {
        let data = floats(9000, true);
        let batches = Batches::new(&data, 3, true);
        let fill = |from: usize| {
            let (mut features, mut targets) = ([0.0; 300], [0.0; 100]);
            batches.fill(0, from..from + 100, &mut features, &mut targets).expect("fills");
            targets
        };
        let alone: Vec<_> = (0..90).map(|index| fill(100 * index)).collect();
        std::thread::scope(|scope| {
            for part in 0..3 {
                let (fill, alone) = (&fill, &alone);
                scope.spawn(move || {
                    for index in (part..90).step_by(3) {
                        assert_eq!(fill(100 * index), alone[index]);
                    }
                });
            }
        });
    }
}
