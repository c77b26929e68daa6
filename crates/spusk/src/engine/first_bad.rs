//! Where a value first went bad.

use std::fmt;

use spusk_graph::Kernel;

/// The first value of a step that is not finite.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstBad {
    /// The layer, loss or optimizer that made it; `data` for the features themselves.
    pub scope: String,
    /// The kernel that made it.
    pub kernel: String,
    /// NaN, ∞ or -∞.
    pub value: f32,
    /// The row of the batch, where the value belongs to one.
    pub row: Option<usize>,
}

impl FirstBad {
    pub(crate) fn input(row: usize) -> FirstBad {
        FirstBad { scope: "data".into(), kernel: "input".into(), value: f32::NAN, row: Some(row) }
    }

    pub(crate) fn kernel(
        kernel: &Kernel,
        values: &[f32],
        position: usize,
        rows: usize,
    ) -> FirstBad {
        // A value with an element or more a row, in the batch's order.
        let per_row = values.len() / rows.max(1);
        let batched = per_row > 0 && values.len() == per_row * rows && rows > 1;
        FirstBad {
            scope: kernel.scope.clone(),
            kernel: kernel.what.clone(),
            value: values[position],
            row: batched.then(|| position / per_row),
        }
    }

    /// What most often makes such a value there, and what helps.
    pub fn cure(&self) -> &'static str {
        if self.scope == "data" {
            "the data contain a value that is not a number; correct the row or skip it"
        } else if self.scope.contains("loss") {
            "the outputs grew too large for the loss; lower the learning rate, or clip gradients \
             with clip_norm = 1"
        } else if self.scope.contains("optimizer") {
            "the update overflowed; lower the learning rate, or clip gradients with clip_norm = 1"
        } else {
            "the weights or activations grew too large; lower the learning rate, clip gradients \
             with clip_norm = 1, or add normalization"
        }
    }
}

impl fmt::Display for FirstBad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = if self.scope.is_empty() { "the step" } else { &self.scope };
        write!(f, "the first bad value is {} in {scope} ({})", self.value, self.kernel)?;
        if let Some(row) = self.row {
            write!(f, ", row {row} of the batch")?;
        }
        Ok(())
    }
}
