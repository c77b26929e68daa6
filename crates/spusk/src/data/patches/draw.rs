//! Patches drawn from sheets.

use std::sync::Arc;

use super::album::{Album, Sheet};
use super::{Degradation, PatchInputs};
use crate::data::error::DataError;
use crate::data::random;

/// A part of the pictures, and the patches drawn from it.
#[derive(Clone)]
pub(crate) struct Patches {
    pub(super) whole: Arc<Album>,
    /// The reduced pictures, in the order of `sheets`.
    pub(super) small: Option<(Arc<Album>, Vec<Sheet>)>,
    pub(super) sheets: Vec<Sheet>,
    /// After each sheet, the places of patches in it and all before.
    pub(super) ends: Vec<u64>,
    pub(super) inputs: PatchInputs,
    /// Patches in an epoch.
    pub(super) count: usize,
    pub(super) key: u64,
    /// Whether every epoch draws others, turned and mirrored too.
    pub(super) fresh: bool,
}

/// A patch: which sheet, where in it (in pixels that the network sees), how it is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    sheet: usize,
    y: usize,
    x: usize,
    /// Bits: mirrored left to right, mirrored top to bottom, rows and columns exchanged.
    turn: u64,
}

/// The number of places of patches in each sheet and all before it.
pub(super) fn ends(sheets: &[Sheet], side: usize, factor: usize) -> Vec<u64> {
    let mut sum = 0;
    let places = |size: usize| (size / factor + 1).saturating_sub(side) as u64;
    let mut end = |sheet: &Sheet| {
        sum += places(sheet.height) * places(sheet.width);
        sum
    };
    sheets.iter().map(&mut end).collect()
}

impl Patches {
    /// Patches in an epoch; none without pictures.
    pub(crate) fn len(&self) -> usize {
        if self.sheets.is_empty() { 0 } else { self.count }
    }

    /// How the patches are spoiled and scaled.
    pub(crate) fn inputs(&self) -> &PatchInputs {
        &self.inputs
    }

    /// Names of the pictures, or strips of such.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.sheets.iter().map(|sheet| &*sheet.name)
    }

    /// A whole picture of this part, or strip of one.
    ///
    /// # Errors
    /// If it cannot be read from its temporary file.
    pub(crate) fn picture(&self, index: usize) -> Result<crate::picture::Picture, DataError> {
        self.whole.picture(&self.sheets[index])
    }

    /// The side of a patch as the network sees it.
    fn side(&self) -> usize {
        self.inputs.scale.shape[0]
    }

    fn place(&self, key: u64) -> Place {
        let all = self.ends.last().copied().unwrap_or(0);
        let at = (random::uniform(key, 0) * all as f64) as u64;
        let sheet = self.ends.partition_point(|&end| end <= at).min(self.sheets.len() - 1);
        let before = sheet.checked_sub(1).map_or(0, |before| self.ends[before]);
        let across =
            (self.sheets[sheet].width / self.inputs.degradation.factor() + 1 - self.side()) as u64;
        let within = at.min(all - 1) - before;
        let turn = if self.fresh { random::word(key, 1) & 7 } else { 0 };
        Place { sheet, y: (within / across) as usize, x: (within % across) as usize, turn }
    }

    /// The patch at a place of an epoch: features [side², C] and targets [(factor · side)², C].
    pub(crate) fn read(
        &self,
        epoch: u64,
        position: usize,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        let epoch = if self.fresh { epoch } else { 0 };
        let key = random::word(random::word(self.key, epoch), position as u64);
        let place = self.place(key);
        let factor = self.inputs.degradation.factor();
        let large = Place { y: place.y * factor, x: place.x * factor, ..place };
        self.cut(&self.whole, &self.sheets[place.sheet], large, self.side() * factor, targets)?;
        match (self.inputs.degradation, &self.small) {
            (Degradation::Noise { sigma }, _) => {
                let (key, share) = (random::word(key, 2), sigma / self.inputs.scale.std);
                let noise = |i: usize| (share * random::normal(key, i as u64)) as f32;
                let pairs = features.iter_mut().zip(targets.iter()).enumerate();
                pairs.for_each(|(i, (feature, &target))| *feature = target + noise(i));
                Ok(())
            }
            (_, Some((album, sheets))) => {
                self.cut(album, &sheets[place.sheet], place, self.side(), features)
            }
            (_, None) => unreachable!("`prepare` reduces the pictures that are to be enlarged"),
        }
    }

    /// A square of a sheet, turned and scaled.
    fn cut(
        &self,
        album: &Album,
        sheet: &Sheet,
        place: Place,
        side: usize,
        to: &mut [f32],
    ) -> Result<(), DataError> {
        let channels = album.channels;
        let (mut bytes, mut row) = (vec![0; side * channels], vec![0.0; side * channels]);
        for y in 0..side {
            album.row(sheet, place.y + y, place.x, &mut bytes)?;
            self.inputs.scale.encode_bytes(&bytes, &mut row);
            for (x, pixel) in row.chunks_exact(channels).enumerate() {
                let at = turned(place.turn, side, y, x) * channels;
                to[at..at + channels].copy_from_slice(pixel);
            }
        }
        Ok(())
    }

    /// Numbers that change with the pictures and with what is drawn from them.
    pub(crate) fn print(&self, mut add: impl FnMut(u64)) -> Result<(), DataError> {
        [self.key, self.count as u64].into_iter().for_each(&mut add);
        for sheet in &self.sheets {
            [sheet.height as u64, sheet.width as u64].into_iter().for_each(&mut add);
            let mut bytes = vec![0; sheet.width * self.whole.channels];
            for y in 0..sheet.height {
                self.whole.row(sheet, y, 0, &mut bytes)?;
                for chunk in bytes.chunks(8) {
                    let mut word = [0; 8];
                    word[..chunk.len()].copy_from_slice(chunk);
                    add(u64::from_le_bytes(word));
                }
            }
        }
        Ok(())
    }

    /// Whether the pixels are read from a temporary file.
    pub(crate) fn is_spooled(&self) -> bool {
        self.whole.pixels.slice().is_none()
    }
}

/// Where the pixel of row y and column x comes to stand.
fn turned(turn: u64, side: usize, y: usize, x: usize) -> usize {
    let x = if turn & 1 == 0 { x } else { side - 1 - x };
    let y = if turn & 2 == 0 { y } else { side - 1 - y };
    if turn & 4 == 0 { y * side + x } else { x * side + y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::preprocessing::PixelScale;
    use crate::data::store::Store;

    /// Two pictures whose pixels all differ: 4 × 5 and 6 × 4.
    fn patches(degradation: Degradation, fresh: bool) -> Patches {
        let sheet =
            |name: &str, height, width, start| Sheet { name: name.into(), height, width, start };
        let sheets = vec![sheet("a", 4, 5, 0), sheet("b", 6, 4, 20)];
        let album =
            |len: u8| Arc::new(Album { channels: 1, pixels: Store::memory((0..len).collect()) });
        let factor = degradation.factor();
        let scale = PixelScale { shape: vec![2, 2, 1], mean: 0.0, std: 1.0 };
        let small = vec![sheet("a", 2, 2, 0), sheet("b", 3, 2, 4)];
        Patches {
            whole: album(44),
            small: (factor > 1).then(|| (album(10), small)),
            ends: ends(&sheets, 2, factor),
            sheets,
            inputs: PatchInputs { scale, degradation },
            count: 500,
            key: 9,
            fresh,
        }
    }

    fn drawn(patches: &Patches, epoch: u64, position: usize) -> (Vec<f32>, Vec<f32>) {
        let factor = patches.inputs.degradation.factor();
        let (mut features, mut targets) = (vec![0.0; 4], vec![0.0; 4 * factor * factor]);
        patches.read(epoch, position, &mut features, &mut targets).expect("reads");
        (features, targets)
    }

    #[test]
    fn every_place_and_turn_is_drawn() {
        let patches = patches(Degradation::Noise { sigma: 1e-6 }, true);
        assert_eq!(patches.ends, [12, 27]);
        let mut seen = std::collections::BTreeSet::new();
        for position in 0..6000 {
            let (_, target) = drawn(&patches, 0, position);
            let whole: Vec<u8> = target.iter().map(|&x| x as u8).collect();
            let least = *whole.iter().min().expect("four pixels");
            let width = if least < 20 { 5 } else { 4 };
            let mut sorted = whole.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [least, least + 1, least + width, least + width + 1]);
            seen.insert(whole);
        }
        // 27 places, 8 turns.
        assert_eq!(seen.len(), 27 * 8);
    }

    #[test]
    fn training_patches_change_with_the_epoch_and_others_do_not() {
        let noise = Degradation::Noise { sigma: 2.0 };
        let (fresh, fixed) = (patches(noise, true), patches(noise, false));
        assert_eq!(drawn(&fresh, 3, 7), drawn(&fresh, 3, 7));
        assert_ne!(drawn(&fresh, 3, 7), drawn(&fresh, 4, 7));
        assert_ne!(drawn(&fresh, 3, 7), drawn(&fresh, 3, 8));
        assert_eq!(drawn(&fixed, 3, 7), drawn(&fixed, 4, 7));
        let errors = (0..500).flat_map(|position| {
            let (features, targets) = drawn(&fresh, 1, position);
            features.into_iter().zip(targets).map(|(x, y)| f64::from(x - y)).collect::<Vec<f64>>()
        });
        let variance = errors.map(|error| error * error).sum::<f64>() / 2000.0;
        assert!((variance / 4.0 - 1.0).abs() < 4.0 * (2.0f64 / 2000.0).sqrt(), "{variance}");
    }

    /// The small patch shows what the large one does: both are cut at one place and turned alike.
    #[test]
    fn small_and_large_patches_belong_together() {
        let patches = patches(Degradation::Reduced { factor: 2 }, true);
        assert_eq!(patches.ends, [1, 3]);
        for position in 0..200 {
            let (small, large) = drawn(&patches, 0, position);
            let [first, second] = [large[0], large[1]].map(|x| x as usize);
            let (top_left, wide) = if large.iter().all(|&x| x < 20.0) { (0, 5) } else { (20, 4) };
            // From a corner of the large patch to that of the small one.
            let least = large.iter().fold(f32::MAX, |a, &b| a.min(b)) as usize;
            let (y, x) = ((least - top_left) / wide / 2, (least - top_left) % wide / 2);
            let start = if top_left == 0 { 0 } else { 4 };
            let corner = start + y * 2 + x;
            let mut sorted: Vec<usize> = small.iter().map(|&x| x as usize).collect();
            sorted.sort_unstable();
            assert_eq!(sorted, [corner, corner + 1, corner + 2, corner + 3]);
            // Along a row of the large patch numbers change as along one of the small patch.
            let along_rows = first.abs_diff(second) == 1;
            assert_eq!((small[0] - small[1]).abs() == 1.0, along_rows);
            assert_eq!(first < second, small[0] < small[1]);
        }
    }
}
