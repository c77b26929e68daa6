//! Series in memory, from which windows are read.

use std::ops::Range;

use super::step::Step;

/// Standardized values at equal steps, values[steps, channels]: targets, then other series, then the
/// parts of the date.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) values: Vec<f32>,
    pub(crate) channels: usize,
    /// The first so many channels are forecast.
    pub(crate) targets: usize,
    pub(crate) step: Step,
    /// The time of the first step.
    pub(crate) start: f64,
}

/// The windows of some origins. The origin is the first step that is forecast.
#[derive(Debug, Clone)]
pub(crate) struct Windows {
    pub(crate) frame: std::sync::Arc<Frame>,
    pub(crate) origins: Range<usize>,
    pub(crate) window: usize,
    pub(crate) horizon: usize,
}

impl Frame {
    /// The number of steps.
    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.channels.max(1)
    }

    /// A time for people.
    pub(crate) fn label(&self, index: usize) -> String {
        self.step.label(self.start, index as i64)
    }
}

impl Windows {
    /// Copies the window of a row: features[T, C], and targets[H, S] where they lie in the frame.
    pub(crate) fn read(&self, row: usize, features: &mut [f32], targets: &mut [f32]) {
        let Frame { values, channels, targets: series, .. } = &*self.frame;
        let origin = self.origins.start + row;
        features.copy_from_slice(&values[(origin - self.window) * channels..origin * channels]);
        for (h, targets) in targets.chunks_exact_mut(*series).enumerate() {
            let at = (origin + h) * channels;
            targets.copy_from_slice(&values[at..at + series]);
        }
    }

    /// The bits of all that its rows are made of.
    pub(crate) fn bits(&self) -> impl Iterator<Item = u32> + '_ {
        let channels = self.frame.channels;
        let range = match self.origins.is_empty() {
            true => 0..0,
            false => {
                let first = self.origins.start - self.window;
                first * channels..(self.origins.end - 1 + self.horizon) * channels
            }
        };
        self.frame.values[range].iter().map(|value| value.to_bits())
    }
}
