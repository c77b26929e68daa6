//! How good predictions are: plain numbers in, scores out.
//!
//! Scores are gathered batch by batch, so that a test part larger than memory can be measured:
//! [`Classification`] and [`Regression`] take `push(batch)` any number of times and give their
//! scores at `finish()`. A score that does not exist (the recall of a class that has no example,
//! R² of a constant target, anything of no examples) is `None`, never a made-up number.
//!
//! ```
//! use spusk::metrics::{Classification, Outputs};
//!
//! let mut scores = Classification::new(3, Outputs::Logits);
//! scores.push(&[2.0, 0.0, 1.0, 0.5, 0.1, 0.9], &[0, 1])?; // two examples, three classes
//! assert_eq!(scores.finish().accuracy, Some(0.5));
//! # Ok::<(), spusk::metrics::MetricsError>(())
//! ```

mod averages;
mod classification;
mod confusion;
mod forecast;
mod interval;
pub(crate) mod json_number;
mod mistakes;
mod picture;
pub(crate) mod rank;
mod reconstruction;
mod regression;
mod residuals;
mod roc;

pub use averages::{Average, ClassScore, ClassTally};
pub use classification::{
    Classification, ClassificationOptions, ClassificationScores, Outputs, TopK,
};
pub use confusion::Confusion;
pub use forecast::{ForecastErrors, ForecastSums};
pub use interval::{share_interval, t_interval, wilson};
pub use mistakes::Mistake;
pub use picture::Likeness;
pub use reconstruction::{PcaScores, Reconstruction, ReconstructionScores, RowError, row_error};
pub use regression::{OutputScores, Regression, RegressionOptions, RegressionScores};
pub use residuals::Pair;
pub use roc::RocCurve;

/// Why predictions cannot be measured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricsError {
    /// The number of outputs is not the number of examples times the width of a row.
    #[error(
        "metrics: got {values} output values for {examples} examples, expected {expected} \
         ({width} an example); pass the outputs row by row, one row per example"
    )]
    Shape {
        /// Values given.
        values: usize,
        /// Labels or targets given.
        examples: usize,
        /// Values wanted.
        expected: usize,
        /// Values wanted per example.
        width: usize,
    },
    /// A label names no class.
    #[error(
        "metrics: example {row} of the batch has label {label}, expected a class index from 0 to \
         {last}; check how the classes were numbered"
    )]
    Label {
        /// Row within the batch, from 0.
        row: usize,
        /// The label as given.
        label: String,
        /// The largest class index.
        last: usize,
    },
    /// An output or a target is NaN or infinite.
    #[error(
        "metrics: {what} {column} of example {row} of the batch is {value}, expected a finite \
         number; the weights have diverged or the input holds such a value: go back to the last \
         good checkpoint, lower the learning rate"
    )]
    NotFinite {
        /// "output" or "target".
        what: &'static str,
        /// Column, from 0.
        column: usize,
        /// Row within the batch, from 0.
        row: usize,
        /// "NaN", "inf" or "-inf".
        value: String,
    },
    /// What was announced as probabilities is none.
    #[error(
        "metrics: example {row} of the batch has probabilities that {problem}, expected numbers \
         from 0 to 1 that add up to 1; if these are scores before the softmax, say so with \
         Outputs::Logits"
    )]
    Probability {
        /// Row within the batch, from 0.
        row: usize,
        /// What is wrong, as "add up to 1.7".
        problem: String,
    },
}
