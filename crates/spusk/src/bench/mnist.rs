//! W10: the whole process, from the packed MNIST files to a network that names unseen digits.
//!
//! 784-256-128-10 with ReLU, cross-entropy, Adam with η = 1e-3, batches of 128 of all 60,000 training
//! examples (what does not fill a batch is left out), inputs from 0 to 1, the accuracy on the 10,000
//! test examples after every epoch.
//!
//! The files are unpacked while training goes on: the first epoch shuffles within windows of
//! [`WINDOW`] rows as they come, the later ones shuffle all rows. So what is learned depends on the
//! seed alone, not on which thread was quicker.

use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use super::Workload;
use crate::data::{DataError, Permutation, idx_streams};
use crate::engine::{Engine, step_key};
use crate::layers::Relu;
use crate::losses::CrossEntropy;
use crate::messages as say;
use crate::optimizers::Adam;
use crate::session::SessionError;

/// What the whole process took. Times are in seconds from the launch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WholeProcess {
    /// The first step was done.
    pub cold_start: f64,
    /// An epoch, the accuracy after it included: the mean.
    pub epoch: f64,
    /// The accuracy was 97.5 % for the first time.
    pub to_975: Option<f64>,
    /// The accuracy was 98 % for the first time.
    pub to_98: Option<f64>,
    /// The accuracy on the test examples after each epoch.
    pub accuracies: Vec<f64>,
}

/// Rows that are shuffled together in the first epoch.
pub const WINDOW: usize = 2048;
/// The accuracy at which it ends.
const ENOUGH: f64 = 0.98;
/// Epochs at the most.
const EPOCHS: u64 = 40;
/// Test rows that are looked at together.
const TEST_ROWS: usize = 500;

/// The network and how it is trained.
pub fn workload() -> Workload {
    Workload {
        name: "W10",
        summary: crate::messages::workload_w10,
        sizes: vec![784, 256, 128, 10],
        activation: Relu.into(),
        last: None,
        images: None,
        loss: CrossEntropy::default().into(),
        optimizer: Adam::default().into(),
        learning_rate: 1e-3,
        batch_size: 128,
    }
}

/// Trains on the MNIST files of a directory until 98 % of the test examples are named rightly.
/// `launched` says how many seconds ago the process was.
///
/// # Errors
/// If the files cannot be read, or are not MNIST's.
pub fn measure(
    folder: &Path,
    seed: u64,
    threads: usize,
    launched: f64,
) -> Result<WholeProcess, SessionError> {
    let start = Instant::now();
    let clock = || launched + start.elapsed().as_secs_f64();
    std::thread::scope(|scope| {
        let (send, windows) = sync_channel(64);
        let loader = scope.spawn(move || load(folder, &send));
        let mut race = Race::new(seed, threads)?;
        let mut found = WholeProcess::default();
        race.first_epoch(&windows, || found.cold_start = clock())?;
        // The end of the windows may be that of a broken file.
        let test = loader.join().expect("loading does not panic")?;
        race.check()?;
        for epoch in 0..EPOCHS {
            if epoch > 0 {
                race.epoch(epoch)?;
            }
            let accuracy = race.accuracy(&test)?;
            found.accuracies.push(accuracy);
            if accuracy >= 0.975 {
                found.to_975.get_or_insert_with(clock);
            }
            if accuracy >= ENOUGH {
                found.to_98 = Some(clock());
                break;
            }
        }
        found.epoch = (clock() - found.cold_start) / found.accuracies.len() as f64;
        Ok(found)
    })
}

/// Examples as they stand in the files.
struct Rows {
    images: Vec<u8>,
    labels: Vec<u8>,
}

/// Pixels of an image.
const PIXELS: usize = 784;

/// Sends the training part window by window; returns the test part.
fn load(folder: &Path, send: &SyncSender<Rows>) -> Result<Rows, DataError> {
    let window = |images: Vec<u8>, labels: Vec<u8>| {
        // Who hears no more has met an error of its own.
        let _ = send.send(Rows { images, labels });
    };
    read(folder, false, WINDOW, window)?;
    let mut test = Rows { images: Vec::new(), labels: Vec::new() };
    read(folder, true, usize::MAX, |images, labels| test = Rows { images, labels })?;
    Ok(test)
}

/// Reads a part in pieces of at most so many rows.
fn read(
    folder: &Path,
    test: bool,
    most: usize,
    mut take: impl FnMut(Vec<u8>, Vec<u8>),
) -> Result<(), DataError> {
    let (image_stream, label_stream) = idx_streams(folder, test)?;
    let name = folder.display().to_string();
    if image_stream.width() != PIXELS || label_stream.rows() != image_stream.rows() {
        return Err(DataError::new(name, "these are not the files of MNIST")
            .expected("images of 28 × 28 pixels and as many labels"));
    }
    let mut labels = Vec::with_capacity(label_stream.rows());
    label_stream.each_row(|row| {
        labels.push(row[0]);
        Ok(())
    })?;
    if let Some(label) = labels.iter().find(|&&label| label > 9) {
        return Err(DataError::new(name, format!("got the label {label}")).expected("0 to 9"));
    }
    let rows = image_stream.rows();
    let mut given = 0;
    let mut images = Vec::with_capacity(most.min(rows) * PIXELS);
    image_stream.each_row(|row| {
        images.extend_from_slice(row);
        let count = images.len() / PIXELS;
        if count == most || given + count == rows {
            let next = Vec::with_capacity(most.min(rows) * PIXELS);
            take(std::mem::replace(&mut images, next), labels[given..given + count].to_vec());
            given += count;
        }
        Ok(())
    })
}

/// A training under the clock.
struct Race {
    engine: Engine,
    workload: Workload,
    seed: u64,
    step: u64,
    windows: Vec<Rows>,
    loss: f64,
}

impl Race {
    fn new(seed: u64, threads: usize) -> Result<Race, SessionError> {
        let workload = workload();
        let mut engine = workload.engine(threads)?;
        engine.reset(seed);
        Ok(Race { engine, workload, seed, step: 0, windows: Vec::new(), loss: 0.0 })
    }

    fn first_epoch(
        &mut self,
        windows: &Receiver<Rows>,
        mut after_first_step: impl FnMut(),
    ) -> Result<(), SessionError> {
        while let Ok(window) = windows.recv() {
            let (at, rows) = (self.windows.len(), window.labels.len());
            let order = Permutation::new(rows, self.seed.wrapping_add(at as u64) << 8);
            self.windows.push(window);
            let size = self.workload.batch_size;
            for batch in 0..rows / size {
                let place = |i: usize| (at, order.at(batch * size + i));
                self.take_step(place)?;
                if self.step == 1 {
                    after_first_step();
                }
            }
        }
        Ok(())
    }

    fn epoch(&mut self, epoch: u64) -> Result<(), SessionError> {
        let rows = self.rows();
        let order = Permutation::new(rows, self.seed << 8 | epoch);
        let size = self.workload.batch_size;
        for batch in 0..rows / size {
            let place = |i: usize| {
                let row = order.at(batch * size + i);
                (row / WINDOW, row % WINDOW)
            };
            self.take_step(place)?;
        }
        Ok(())
    }

    fn rows(&self) -> usize {
        self.windows.iter().map(|window| window.labels.len()).sum()
    }

    /// One step on the rows that `place` names: window, row.
    fn take_step(
        &mut self,
        place: impl Fn(usize) -> (usize, usize) + Sync,
    ) -> Result<(), SessionError> {
        let key = step_key(self.seed, self.step);
        let windows = &self.windows;
        let fill = |own: Range<usize>, features: &mut [f32], targets: &mut [f32]| {
            for (i, (features, target)) in own.zip(features.chunks_exact_mut(PIXELS).zip(targets)) {
                let (window, row) = place(i);
                fill_row(&windows[window], row, features, target);
            }
            Ok::<(), SessionError>(())
        };
        let (size, rate) = (self.workload.batch_size, self.workload.learning_rate);
        self.loss = self.engine.step_by_rows(size, rate, key, &fill)?;
        self.step += 1;
        Ok(())
    }

    fn check(&self) -> Result<(), SessionError> {
        match self.loss.is_finite() && self.step > 0 {
            true => Ok(()),
            false => Err(SessionError::told(|l| say::diverged_before(l, self.loss, self.step))),
        }
    }

    fn accuracy(&mut self, test: &Rows) -> Result<f64, SessionError> {
        let all = test.labels.len();
        let mut hits = 0;
        for start in (0..all).step_by(TEST_ROWS) {
            let rows = TEST_ROWS.min(all - start);
            let fill = |own: Range<usize>, features: &mut [f32], targets: &mut [f32]| {
                for (i, (features, target)) in
                    own.zip(features.chunks_exact_mut(PIXELS).zip(targets))
                {
                    fill_row(test, start + i, features, target);
                }
                Ok::<(), SessionError>(())
            };
            self.engine.evaluate_by_rows(rows, &fill, |outputs, _, _| {
                let guesses = outputs.chunks_exact(10).map(crate::metrics::rank::argmax);
                let labels = test.labels[start..].iter();
                hits += guesses
                    .zip(labels)
                    .filter(|&(guess, &label)| guess == usize::from(label))
                    .count();
            })?;
        }
        Ok(hits as f64 / all as f64)
    }
}

/// Pixels from 0 to 1, and the class.
fn fill_row(rows: &Rows, row: usize, features: &mut [f32], target: &mut f32) {
    let image = &rows.images[row * PIXELS..][..PIXELS];
    for (feature, &byte) in features.iter_mut().zip(image) {
        *feature = f32::from(byte) * (1.0 / 255.0);
    }
    *target = f32::from(rows.labels[row]);
}
