//! The rows of the experiment: some of a part, images reduced by means over areas.

use crate::data::{DataError, Encoded, Permutation, random};

/// How much of each cell of `from` falls into each of `to` equal parts of an axis: the first cell, then the
/// shares, which add up to 1.
fn shares(from: usize, to: usize) -> Vec<(usize, Vec<f64>)> {
    let size = from as f64 / to as f64;
    let part = |i: usize| {
        let (start, end) = (i as f64 * size, (i + 1) as f64 * size);
        let (first, last) = (start.floor() as usize, (end.ceil() as usize).min(from));
        let share = |j: usize| ((j + 1) as f64).min(end) - (j as f64).max(start);
        (first, (first..last).map(|j| share(j).max(0.0) / size).collect())
    };
    (0..to).map(part).collect()
}

/// The sides that images of this shape are reduced to; `None` if they stay as they are.
#[must_use]
pub fn reduced_shape(shape: &[usize], side: usize) -> Option<[usize; 3]> {
    match *shape {
        [height, width, channels] if side > 0 && (height > side || width > side) => {
            Some([height.min(side), width.min(side), channels])
        }
        _ => None,
    }
}

/// `most` rows of a part, drawn without repetition (all if there are fewer), with images larger than
/// `side` reduced to it: each new pixel is the mean over its area of the old ones.
///
/// # Errors
/// If a row cannot be read.
pub fn rows(
    part: &Encoded,
    most: usize,
    seed: u64,
    side: Option<usize>,
) -> Result<Encoded, DataError> {
    let count = most.min(part.len());
    let order = Permutation::new(part.len().max(1), random::key(seed, "starts rows"));
    let mut chosen: Vec<usize> = match count < part.len() {
        true => (0..count).map(|i| order.at(i)).collect(),
        false => (0..count).collect(),
    };
    // In the order of the source, so that files are read forwards.
    chosen.sort_unstable();
    let target = side.and_then(|side| reduced_shape(part.shape(), side));
    let shape = target.map_or_else(|| part.shape().to_vec(), |shape| shape.to_vec());
    let reducer = target.map(|to| Reducer::new(part.shape(), to));
    let (mut features, mut targets) = (vec![0.0; part.width()], vec![0.0; part.targets()]);
    let mut values = Vec::with_capacity(count * (shape.iter().product::<usize>() + targets.len()));
    for &row in &chosen {
        part.row(row, &mut features, &mut targets)?;
        match &reducer {
            Some(reducer) => reducer.push(&features, &mut values),
            None => values.extend_from_slice(&features),
        }
        values.extend_from_slice(&targets);
    }
    Ok(Encoded::of_values(shape, targets.len(), values, chosen))
}

/// Means over areas of images of one shape.
struct Reducer {
    width: usize,
    channels: usize,
    down: Vec<(usize, Vec<f64>)>,
    across: Vec<(usize, Vec<f64>)>,
}

impl Reducer {
    fn new(from: &[usize], [height, width, channels]: [usize; 3]) -> Reducer {
        let (down, across) = (shares(from[0], height), shares(from[1], width));
        Reducer { width: from[1], channels, down, across }
    }

    fn push(&self, image: &[f32], to: &mut Vec<f32>) {
        for (top, rows) in &self.down {
            for (left, columns) in &self.across {
                for channel in 0..self.channels {
                    let mut sum = 0.0;
                    for (i, row) in rows.iter().enumerate() {
                        for (j, column) in columns.iter().enumerate() {
                            let pixel = (top + i) * self.width + left + j;
                            let value = image[pixel * self.channels + channel];
                            sum += row * column * f64::from(value);
                        }
                    }
                    to.push(sum as f32);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DataOptions, prepare};

    #[test]
    fn shares_cover_every_cell_once() {
        for (from, to) in [(28, 10), (8, 8), (7, 3), (5, 1), (10, 4)] {
            let mut covered = vec![0.0; from];
            for (first, shares) in shares(from, to) {
                assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                for (j, share) in shares.iter().enumerate() {
                    covered[first + j] += share * from as f64 / to as f64;
                }
            }
            assert!(covered.iter().all(|x| (x - 1.0).abs() < 1e-12), "{from} {to}: {covered:?}");
        }
    }

    #[test]
    fn a_reduced_image_keeps_its_mean() {
        let digits = prepare("digits", &DataOptions::default()).expect("they are built in");
        let small = rows(&digits.test, 20, 1, Some(3)).expect("they are in memory");
        assert_eq!((small.len(), small.shape()), (20, &[3, 3, 1][..]));
        let all = rows(&digits.test, usize::MAX, 1, Some(3)).expect("they are in memory");
        assert_eq!(all.len(), digits.test.len());
        let (mut whole, mut part, mut labels) = (vec![0.0; 64], vec![0.0; 9], [[0.0], [0.0]]);
        for row in 0..5 {
            digits.test.row(row, &mut whole, &mut labels[0]).expect("it is there");
            all.row(row, &mut part, &mut labels[1]).expect("it is there");
            assert_eq!(labels[0], labels[1]);
            let mean = |x: &[f32]| x.iter().sum::<f32>() / x.len() as f32;
            assert!((mean(&whole) - mean(&part)).abs() < 1e-5);
        }
    }

    #[test]
    fn small_images_and_tables_stay() {
        assert_eq!(reduced_shape(&[8, 8, 1], 10), None);
        assert_eq!(reduced_shape(&[28, 28, 1], 10), Some([10, 10, 1]));
        assert_eq!(reduced_shape(&[30], 10), None);
    }
}
