//! The losses: one file each, listed once, at the end of this file.
//!
//! A loss gives every example (row) its own value; what is minimized is their mean. Rows can be
//! weighted: a weight of 0 leaves a row out, so padding does not count.

use std::fmt::Debug;

use spusk_graph::{Shape, Var};

/// What a loss must know.
pub trait Loss: Debug + Send + Sync {
    /// The loss of every example, from `outputs[B, …]` of the last layer and `targets[B, …]`.
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t>;

    /// What makes a prediction of the last layer's outputs. The loss applies it itself, in a stable
    /// form, so the network must not.
    fn prediction(&self) -> Prediction;

    /// How many outputs the last layer should have for a task.
    fn outputs(&self, task: &Task) -> usize;
}

/// The loss of every example.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'t> {
    /// `loss[B]`.
    pub loss: Var<'t>,
    /// `weight[B]`: what each example counts for in the mean; 1 if `None`. `loss` already contains
    /// it.
    pub weight: Option<Var<'t>>,
}

/// From the last layer's outputs to a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prediction {
    /// The outputs are the prediction.
    Identity,
    /// Each output becomes a probability of its own.
    Sigmoid,
    /// The outputs become the probabilities of the classes.
    Softmax,
    /// The outputs are scores of the classes, the largest wins; they are no probabilities.
    Scores,
}

impl Prediction {
    /// The prediction from the outputs.
    pub fn apply(self, outputs: Var<'_>) -> Var<'_> {
        match self {
            Prediction::Identity | Prediction::Scores => outputs,
            Prediction::Sigmoid => outputs.sigmoid(),
            Prediction::Softmax => outputs.softmax(),
        }
    }
}

/// What is to be learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// One of several classes; targets are class indices `[B]`.
    Classify {
        /// Number of classes.
        classes: usize,
    },
    /// Numbers; targets are `[B, targets]`, or `[B]` for one.
    Regress {
        /// Numbers for each example.
        targets: usize,
    },
}

/// The mean loss as a fraction, so that parts of a data set can be added up.
#[derive(Debug, Clone, Copy)]
pub struct Total<'t> {
    /// Σ of the rows' losses.
    pub sum: Var<'t>,
    /// Σ of the rows' weights.
    pub weight: Var<'t>,
}

impl dyn Loss {
    /// The mean of the rows' losses, a scalar: Σ wᵢ·lossᵢ / Σ wᵢ.
    ///
    /// `weights[B]` says what each row counts for; 0 leaves it out. With `None` all count alike.
    pub fn loss<'t>(
        &self,
        outputs: Var<'t>,
        targets: Var<'t>,
        weights: Option<Var<'t>>,
    ) -> Var<'t> {
        let rows = self.rows(outputs, targets);
        if rows.weight.is_none() && weights.is_none() {
            return rows.loss.mean();
        }
        let total = rows.total(weights);
        total.sum / total.weight
    }
}

impl<'t> Rows<'t> {
    /// Sum and weight, of which the mean loss is the quotient.
    pub fn total(self, weights: Option<Var<'t>>) -> Total<'t> {
        let weighted = |x: Var<'t>| weights.map_or(x, |weights| x * weights);
        let count = self.loss.shape().size() as f64;
        let weight = match (self.weight, weights) {
            (Some(own), _) => weighted(own).sum(),
            (None, Some(weights)) => weights.sum(),
            (None, None) => self.loss.trace().constant(count),
        };
        Total { sum: weighted(self.loss).sum(), weight }
    }
}

/// The loss for a task when none is named: cross-entropy for classes, mean squared error for
/// numbers.
pub fn default_for(task: &Task) -> AnyLoss {
    match task {
        Task::Classify { .. } => CrossEntropy::default().into(),
        Task::Regress { .. } => Mse.into(),
    }
}

/// The targets in the outputs' shape: `[B]` for `[B, 1]`, or any with as many elements.
pub(crate) fn targets_like<'t>(outputs: Var<'t>, targets: Var<'t>) -> Var<'t> {
    let (want, got) = (outputs.shape(), targets.shape());
    if want.size() == got.size() && want.first() == got.first() {
        return targets.reshape(&want);
    }
    if outputs.value().is_none() || targets.value().is_none() {
        return targets;
    }
    let columns = got.size() / got.first().copied().unwrap_or(1).max(1);
    outputs.trace().fail(format!(
        "the last layer's output has shape {want}, the targets {got}; end the network with \
         `dense {columns}`"
    ))
}

/// The mean over all axes but the batch: `[B]`.
pub(crate) fn mean_of_row(x: Var<'_>) -> Var<'_> {
    let shape = x.shape();
    let Some(&batch) = shape.first() else { return x };
    let axes: Vec<usize> = (1..shape.rank()).collect();
    x.mean_keeping(&axes).reshape(&[batch])
}

/// `[B, classes]` scores and `[B]` class indices, or the error that they are not.
pub(crate) fn class_shapes(outputs: Var<'_>, targets: Var<'_>) -> Option<(usize, usize)> {
    let (scores, labels): (Shape, Shape) = (outputs.shape(), targets.shape());
    if outputs.value().is_none() || targets.value().is_none() {
        return None;
    }
    let trace = outputs.trace();
    let &[batch, classes] = &scores[..] else {
        trace.fail(format!(
            "the last layer's output has shape {scores}, expected [batch, classes]; put `flatten` \
             before the last `dense`"
        ));
        return None;
    };
    if labels.first() != Some(&batch) || (labels.size() != batch && labels != scores) {
        trace.fail(format!(
            "the targets have shape {labels}, expected class indices [{batch}] or probabilities \
             [{batch}, {classes}]"
        ));
        return None;
    }
    Some((batch, classes))
}

mod cross_entropy;
mod mse;

pub use cross_entropy::CrossEntropy;
pub use mse::Mse;

list! {
    /// Every loss there is.
    pub enum AnyLoss: Loss, "loss" [
        CrossEntropy,
        Mse,
    ]
}
