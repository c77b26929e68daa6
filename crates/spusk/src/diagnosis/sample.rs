//! The training examples that a diagnosis looks at.

use spusk_graph::Shape;

use crate::engine::Engine;
use crate::train::{Examples, TrainError};

/// Some training examples, as the network sees them: the first ones of the first epoch, so that they
/// are mixed as batches are.
#[derive(Debug, Clone)]
pub struct Sample {
    features: Vec<f32>,
    targets: Vec<f32>,
    rows: usize,
}

impl Sample {
    /// At most `rows` examples for the network of an engine.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn take(engine: &Engine, train: &dyn Examples, rows: usize) -> Result<Sample, TrainError> {
        let rows = rows.min(train.len());
        let (features, target): (&Shape, &Shape) = engine.example();
        let mut sample = Sample {
            features: vec![0.0; rows * features.size()],
            targets: vec![0.0; rows * target.size()],
            rows,
        };
        train.fill(0, 0..rows, &mut sample.features, &mut sample.targets)?;
        Ok(sample)
    }

    /// How many examples there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All features, row by row.
    pub fn features(&self) -> &[f32] {
        &self.features
    }

    /// All targets, row by row.
    pub fn targets(&self) -> &[f32] {
        &self.targets
    }

    /// Copies `rows` examples from `start` on, which must be there.
    pub(crate) fn fill(&self, start: usize, features: &mut [f32], targets: &mut [f32]) {
        let part = |all: &[f32], part: &mut [f32]| {
            let width = all.len() / self.rows.max(1);
            part.copy_from_slice(&all[start * width..][..part.len()]);
        };
        part(&self.features, features);
        part(&self.targets, targets);
    }
}
