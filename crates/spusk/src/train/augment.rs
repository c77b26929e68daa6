//! Images that are seen a little differently in every epoch.
//!
//! What happens to an image is a pure function of the seed, the epoch and its position in the epoch's order,
//! so a resumed run sees the same, and so does any number of threads.

use std::ops::Range;

use super::Examples;
use crate::data::{DataError, random};
use crate::experiment::nearest;
use crate::messages::{self as say, Said};
use crate::text::shown;

/// A way of changing an image that leaves its class as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Augmentation {
    /// Moved by up to an eighth of its sides.
    Shift,
    /// Mirrored left to right, every second one.
    Flip,
    /// A window of 80 to 100 % of its sides, brought back to the whole size.
    Crop,
    /// Turned by up to 15 degrees.
    Rotate,
    /// Mixed with another image of the epoch, mostly a little.
    ///
    /// Zhang, Cissé, Dauphin & Lopez-Paz 2018, "mixup: beyond empirical risk minimization" with α = 0.2:
    /// λ·x + (1 − λ)·x′ costs λ·loss(t) + (1 − λ)·loss(t′), λ from Beta(α, α). Here one of the two targets
    /// is kept, each as often as it counts there: the same in the mean over draws, for any loss.
    MixUp,
}

/// Names, and what they stand for.
const ALL: [(&str, Augmentation); 5] = [
    ("crop", Augmentation::Crop),
    ("flip", Augmentation::Flip),
    ("mix_up", Augmentation::MixUp),
    ("rotate", Augmentation::Rotate),
    ("shift", Augmentation::Shift),
];

impl Augmentation {
    /// Reads names.
    ///
    /// # Errors
    /// If there is none of a name.
    pub fn parse(names: &[String]) -> Result<Vec<Augmentation>, Said> {
        let known = ALL.map(|(name, _)| name);
        let read = |name: &String| {
            // As others write it: `mix-up`, `mixup`.
            let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
            let found = ALL.iter().find(|(known, _)| plain(known) == plain(name));
            found.map(|(_, augmentation)| *augmentation).ok_or_else(|| {
                Said::new(|l| {
                    let cure = match nearest(name, known) {
                        Some(meant) => say::meant(l, meant),
                        None => say::settings_known(l, known.join(", ")),
                    };
                    say::augment_unknown(l, shown(name), cure)
                })
            })
        };
        names.iter().map(read).collect()
    }
}

/// Examples of which `fill` changes the images; in their own order they stay as they are.
pub struct Augmented<'a> {
    inner: &'a dyn Examples,
    augmentations: Vec<Augmentation>,
    shape: [usize; 3],
    seed: u64,
    /// The targets are the features (an autoencoder), so they change with them.
    gives_back: bool,
}

impl<'a> Augmented<'a> {
    /// Images of `shape` [H, W, C]. With `gives_back` the targets are the features and stay so.
    ///
    /// # Errors
    /// If the examples are no images.
    pub fn new(
        inner: &'a dyn Examples,
        augmentations: Vec<Augmentation>,
        shape: &[usize],
        seed: u64,
        gives_back: bool,
    ) -> Result<Augmented<'a>, Said> {
        let &[height, width, channels] = shape else {
            let shape = format!("{shape:?}");
            return Err(Said::new(|l| say::augment_no_image(l, &shape)));
        };
        let shape = [height, width, channels];
        Ok(Augmented { inner, augmentations, shape, seed, gives_back })
    }
}

/// The shape of the distribution of how much of an image stays when it is mixed.
const MIX: f64 = 0.2;

impl Augmented<'_> {
    /// Mixes every image with another one of the epoch; its own target stays. `targets` is the length of
    /// all targets.
    fn mix(
        &self,
        epoch: u64,
        positions: Range<usize>,
        features: &mut [f32],
        targets: usize,
    ) -> Result<(), DataError> {
        let width: usize = self.shape.iter().product();
        let key = random::word(random::key(self.seed, "mix up"), epoch);
        let mut other = vec![0.0; width];
        let mut unused = vec![0.0; targets / positions.len().max(1)];
        for (image, position) in features.chunks_exact_mut(width.max(1)).zip(positions) {
            let key = random::word(key, position as u64);
            let second = (random::uniform(key, 0) * self.inner.len() as f64) as usize;
            self.inner.fill(epoch, second..second + 1, &mut other, &mut unused)?;
            let own = share(key) as f32;
            image.iter_mut().zip(&other).for_each(|(x, &y)| *x = y + own * (*x - y));
        }
        Ok(())
    }
}

/// How much of an image stays: λ from Beta(α, α), or, as often as the other image's target would be kept,
/// 1 − λ. Jöhnk 1964, which suits a small α.
fn share(key: u64) -> f64 {
    for draw in 0..64 {
        let part = |i: u64| random::uniform(key, 2 + 2 * draw + i).powf(1.0 / MIX);
        let (a, b) = (part(0), part(1));
        if a + b <= 1.0 && a + b > 0.0 {
            let lambda = a / (a + b);
            return if random::uniform(key, 1) < lambda { lambda } else { 1.0 - lambda };
        }
    }
    1.0
}

impl Examples for Augmented<'_> {
    fn len(&self) -> usize {
        self.inner.len()
    }

    fn fill(
        &self,
        epoch: u64,
        positions: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        self.inner.fill(epoch, positions.clone(), features, targets)?;
        let width: usize = self.shape.iter().product();
        if self.augmentations.contains(&Augmentation::MixUp) {
            self.mix(epoch, positions.clone(), features, targets.len())?;
        }
        let key = random::word(random::key(self.seed, "augment"), epoch);
        let mut original = vec![0.0; width];
        for (image, position) in features.chunks_exact_mut(width.max(1)).zip(positions) {
            original.copy_from_slice(image);
            let key = random::word(key, position as u64);
            View::drawn(&self.augmentations, self.shape, key).apply(&original, self.shape, image);
        }
        if self.gives_back {
            targets.copy_from_slice(features);
        }
        Ok(())
    }

    fn fill_in_order(
        &self,
        rows: Range<usize>,
        features: &mut [f32],
        targets: &mut [f32],
    ) -> Result<(), DataError> {
        self.inner.fill_in_order(rows, features, targets)
    }

    fn lend_in_order(&self, rows: Range<usize>) -> Option<(&[f32], &[f32])> {
        self.inner.lend_in_order(rows)
    }

    fn origin(&self, epoch: u64, position: usize) -> Option<String> {
        self.inner.origin(epoch, position)
    }
}

/// Where a pixel is taken from: source = matrix · (target − center) + center + offset, in pixels (y, x).
#[derive(Debug, Clone, Copy, PartialEq)]
struct View {
    matrix: [[f64; 2]; 2],
    offset: [f64; 2],
}

impl View {
    const SAME: View = View { matrix: [[1.0, 0.0], [0.0, 1.0]], offset: [0.0, 0.0] };

    fn drawn(augmentations: &[Augmentation], [height, width, _]: [usize; 3], key: u64) -> View {
        // In [−1, 1), another number for every use.
        let uniform = |use_: u64| 2.0 * random::uniform(key, use_) - 1.0;
        let sides = [height as f64, width as f64];
        let mut view = View::SAME;
        for &augmentation in augmentations {
            match augmentation {
                // Whole pixels, so that nothing is blurred.
                Augmentation::Shift => {
                    for (axis, side) in sides.into_iter().enumerate() {
                        view.offset[axis] += (uniform(axis as u64) * side / 8.0).round();
                    }
                }
                Augmentation::Flip if uniform(2) < 0.0 => {
                    view.matrix.iter_mut().for_each(|row| row[1] = -row[1]);
                }
                Augmentation::Flip | Augmentation::MixUp => {}
                Augmentation::Crop => {
                    let share = 0.9 + 0.1 * uniform(3);
                    view.matrix.iter_mut().flatten().for_each(|x| *x *= share);
                    for (axis, side) in sides.into_iter().enumerate() {
                        let room = (1.0 - share) * side / 2.0;
                        view.offset[axis] += room * uniform(4 + axis as u64);
                    }
                }
                Augmentation::Rotate => {
                    let (sin, cos) = (uniform(6) * std::f64::consts::PI / 12.0).sin_cos();
                    view.matrix = view.matrix.map(|[y, x]| [y * cos + x * sin, x * cos - y * sin]);
                }
            }
        }
        view
    }

    /// Between four pixels, in proportion to how near they are; beyond the edge its pixels go on.
    fn apply(&self, from: &[f32], [height, width, channels]: [usize; 3], to: &mut [f32]) {
        if *self == View::SAME {
            return;
        }
        let center = [(height as f64 - 1.0) / 2.0, (width as f64 - 1.0) / 2.0];
        let inside =
            |place: f64, side: usize| (place.max(0.0) as usize).min(side.saturating_sub(1));
        for (place, pixel) in to.chunks_exact_mut(channels.max(1)).enumerate() {
            let away = [(place / width) as f64 - center[0], (place % width) as f64 - center[1]];
            let source = |axis: usize| {
                let [a, b] = self.matrix[axis];
                a * away[0] + b * away[1] + center[axis] + self.offset[axis]
            };
            let (y, x) = (source(0), source(1));
            let (top, left) = (y.floor(), x.floor());
            let (down, right) = ((y - top) as f32, (x - left) as f32);
            let rows = [inside(top, height), inside(top + 1.0, height)];
            let columns = [inside(left, width), inside(left + 1.0, width)];
            for (channel, value) in pixel.iter_mut().enumerate() {
                let at = |row: usize, column: usize| {
                    from[(rows[row] * width + columns[column]) * channels + channel]
                };
                let upper = at(0, 0) + (at(0, 1) - at(0, 0)) * right;
                let lower = at(1, 0) + (at(1, 1) - at(1, 0)) * right;
                *value = upper + (lower - upper) * down;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four images of 8 × 6 pixels with two channels, each pixel a number of its own.
    struct Pictures;

    const SHAPE: [usize; 3] = [8, 6, 2];
    const WIDTH: usize = 96;

    impl Examples for Pictures {
        fn len(&self) -> usize {
            4
        }

        fn fill(
            &self,
            _: u64,
            positions: Range<usize>,
            features: &mut [f32],
            targets: &mut [f32],
        ) -> Result<(), DataError> {
            for (i, position) in positions.enumerate() {
                let image = &mut features[i * WIDTH..(i + 1) * WIDTH];
                image.iter_mut().enumerate().for_each(|(j, x)| *x = (position * WIDTH + j) as f32);
                targets[i] = position as f32;
            }
            Ok(())
        }

        fn fill_in_order(
            &self,
            rows: Range<usize>,
            features: &mut [f32],
            targets: &mut [f32],
        ) -> Result<(), DataError> {
            self.fill(0, rows, features, targets)
        }

        fn origin(&self, _: u64, _: usize) -> Option<String> {
            None
        }
    }

    #[test]
    fn names_are_read_as_others_write_them() {
        let read = |name: &str| Augmentation::parse(&[name.into()]);
        assert_eq!(read("mix-up"), Ok(vec![Augmentation::MixUp]));
        assert_eq!(read("MixUp"), Ok(vec![Augmentation::MixUp]));
        let refused = read("rotat").expect_err("no such name");
        assert!(refused.english().ends_with("did you mean `rotate`?"), "{refused:?}");
        let refused = read("blur").expect_err("no such name");
        assert!(
            refused.english().ends_with("known are crop, flip, mix_up, rotate, shift"),
            "{refused:?}"
        );
    }

    fn augmented(augmentations: &[Augmentation], epoch: u64, positions: Range<usize>) -> Vec<f32> {
        let examples = Augmented::new(&Pictures, augmentations.to_vec(), &SHAPE, 7, false);
        let examples = examples.expect("they are images");
        let mut features = vec![0.0; positions.len() * WIDTH];
        let mut targets = vec![0.0; positions.len()];
        examples.fill(epoch, positions.clone(), &mut features, &mut targets).expect("fills");
        assert!(targets.iter().zip(positions).all(|(&target, position)| target == position as f32));
        features
    }

    fn plain() -> Vec<f32> {
        augmented(&[], 0, 0..4)
    }

    #[test]
    fn images_depend_on_epoch_and_position_alone() {
        let all =
            [Augmentation::Shift, Augmentation::Flip, Augmentation::Crop, Augmentation::Rotate];
        let whole = augmented(&all, 3, 0..4);
        assert_eq!(whole[2 * WIDTH..3 * WIDTH], augmented(&all, 3, 2..3));
        assert_ne!(whole, augmented(&all, 4, 0..4));
        assert_ne!(whole, plain());
        assert!(whole.iter().all(|&x| (0.0..4.0 * WIDTH as f32).contains(&x)));
    }

    #[test]
    fn a_flip_mirrors_every_second_image() {
        let mut flipped = 0;
        for epoch in 0..50 {
            for (image, before) in augmented(&[Augmentation::Flip], epoch, 0..4)
                .chunks(WIDTH)
                .zip(plain().chunks(WIDTH))
            {
                let mirrored = |place: usize| {
                    let (row, column, channel) = (place / 12, place / 2 % 6, place % 2);
                    before[(row * 6 + 5 - column) * 2 + channel]
                };
                let is_mirrored = (0..WIDTH).all(|place| image[place] == mirrored(place));
                assert!(is_mirrored || image == before);
                flipped += usize::from(is_mirrored);
            }
        }
        // Five standard deviations of 200 throws of a coin.
        assert!(flipped.abs_diff(100) < 36, "{flipped}");
    }

    #[test]
    fn a_view_takes_pixels_from_where_it_says() {
        let before = &plain()[..WIDTH];
        let check = |view: View, want: &dyn Fn(f64, f64) -> (f64, f64)| {
            let mut image = before.to_vec();
            view.apply(before, SHAPE, &mut image);
            for row in 0..8 {
                for column in 0..6 {
                    let (y, x) = want(f64::from(row), f64::from(column));
                    let (y, x) = (y.clamp(0.0, 7.0), x.clamp(0.0, 5.0));
                    // The images are linear in row and column, so interpolation is exact.
                    let value = (y * 6.0 + x) * 2.0;
                    let got = f64::from(image[((row * 6 + column) * 2) as usize]);
                    assert!(
                        (got - value).abs() < 1e-4,
                        "({row}, {column}): {got}, expected {value}"
                    );
                }
            }
        };
        check(View { offset: [1.0, -2.0], ..View::SAME }, &|y, x| (y + 1.0, x - 2.0));
        let half = View { matrix: [[0.5, 0.0], [0.0, 0.5]], ..View::SAME };
        check(half, &|y, x| (3.5 + (y - 3.5) / 2.0, 2.5 + (x - 2.5) / 2.0));
        let quarter_turn = View { matrix: [[0.0, 1.0], [-1.0, 0.0]], offset: [0.0, 0.0] };
        check(quarter_turn, &|y, x| (3.5 + (x - 2.5), 2.5 - (y - 3.5)));
    }

    #[test]
    fn turns_keep_lengths_and_shifts_are_whole() {
        for key in 0..100 {
            let turned = View::drawn(&[Augmentation::Rotate], SHAPE, key);
            let [[a, b], [c, d]] = turned.matrix;
            assert!((a * d - b * c - 1.0).abs() < 1e-12 && (a * b + c * d).abs() < 1e-12);
            assert!(a >= (std::f64::consts::PI / 12.0).cos() - 1e-12);
            let shifted = View::drawn(&[Augmentation::Shift], SHAPE, key);
            assert!(shifted.offset.iter().all(|x| x.fract() == 0.0 && x.abs() <= 1.0));
            let cropped = View::drawn(&[Augmentation::Crop], SHAPE, key);
            let [[share, _], _] = cropped.matrix;
            // The window stays inside of the image.
            for (offset, side) in cropped.offset.iter().zip([8.0, 6.0]) {
                assert!(offset.abs() + share * side / 2.0 <= side / 2.0 + 1e-12);
            }
        }
    }

    /// λ² + (1 − λ)² in the mean over Beta(α, α): the share that stays, by the moments of Beta.
    #[test]
    fn as_much_stays_as_the_target_counts() {
        let count = 20_000;
        let shares: Vec<f64> = (0..count).map(|i| share(random::word(5, i))).collect();
        let mean = shares.iter().sum::<f64>() / count as f64;
        let want = (MIX + 1.0) / (2.0 * MIX + 1.0);
        // Its standard deviation is below 0.25.
        assert!(
            (mean - want).abs() < 5.0 * 0.25 / (count as f64).sqrt(),
            "{mean}, expected {want}"
        );
        assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
    }

    #[test]
    fn images_are_mixed_with_images_of_the_epoch() {
        let mixed = augmented(&[Augmentation::MixUp], 2, 0..4);
        assert_eq!(mixed[WIDTH..2 * WIDTH], augmented(&[Augmentation::MixUp], 2, 1..2));
        for (position, image) in mixed.chunks(WIDTH).enumerate() {
            // Images differ by a number, so a mixture does too.
            let shift = image[0];
            let same = image.iter().enumerate().all(|(j, x)| (x - j as f32 - shift).abs() < 1e-3);
            assert!(same && (0.0..=3.0 * WIDTH as f32).contains(&shift), "{position}: {shift}");
        }
        let moved = (0..40).flat_map(|epoch| augmented(&[Augmentation::MixUp], epoch, 0..4));
        let moved: Vec<f32> = moved.step_by(WIDTH).collect();
        let changed =
            moved.iter().enumerate().filter(|(i, shift)| **shift != (i % 4 * WIDTH) as f32);
        assert!(changed.count() > 40);
    }

    #[test]
    fn what_cannot_be_augmented_is_refused() {
        let error = Augmentation::parse(&["flop".to_string()]).expect_err("no such name");
        assert_eq!(error, "augment: there is no augmentation `flop`; did you mean `flip`?");
        let error = Augmented::new(&Pictures, Vec::new(), &[9], 1, false).err().expect("no images");
        assert!(
            error
                .english()
                .contains("an example has shape [9], expected [height, width, channels]")
        );
    }
}
