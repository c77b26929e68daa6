//! Where a value first went bad.

use std::fmt;

use spusk_graph::Kernel;

use crate::messages::{self as say, Language};

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
    pub fn cure(&self, l: Language) -> String {
        if self.scope == "data" {
            say::bad_data(l)
        } else if self.scope.contains("loss") {
            say::bad_loss(l)
        } else if self.scope.contains("optimizer") {
            say::bad_update(l)
        } else {
            say::bad_activations(l)
        }
    }

    /// What it is and where it arose, in a language; layers and kernels have one name in all.
    pub fn in_language(&self, l: Language) -> String {
        let scope = if self.scope.is_empty() { say::bad_step(l) } else { self.scope.clone() };
        let first = say::bad_first(l, self.value, scope, &self.kernel);
        match self.row {
            Some(row) => say::bad_row(l, first, row),
            None => first,
        }
    }
}

impl fmt::Display for FirstBad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}
