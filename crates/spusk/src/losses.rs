//! The losses: one file each, listed once, at the end of this file.
//!
//! A loss gives every example (row) its own value; what is minimized is their mean. Rows can be
//! weighted: a weight of 0 leaves a row out, so padding does not count.

use crate::messages::{self as say, Said};
use std::fmt::Debug;

use spusk_graph::{Shape, Var};

/// What a loss must know.
///
/// A loss of one's own is used as [`AnyLoss::Custom`]:
///
/// ```
/// use std::sync::Arc;
///
/// use spusk::losses::{AnyLoss, Loss, Prediction, Rows, Task};
/// use spusk_graph::{Trace, Var};
///
/// /// (y − t)⁴.
/// #[derive(Debug)]
/// struct Fourth;
///
/// impl Loss for Fourth {
///     fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t> {
///         let error = outputs.reshape(&targets.shape()) - targets;
///         Rows { loss: error.square().square(), weight: None }
///     }
///     fn prediction(&self) -> Prediction {
///         Prediction::Identity
///     }
///     fn outputs(&self, task: &Task) -> usize {
///         task.targets()
///     }
/// }
///
/// let trace = Trace::new();
/// let (outputs, targets) = (trace.input("outputs", &[32, 1]), trace.input("targets", &[32]));
/// let loss = AnyLoss::Custom(Arc::new(Fourth)).loss(outputs, targets, None);
/// assert_eq!(loss.shape().rank(), 0);
/// ```
pub trait Loss: Debug + Send + Sync {
    /// The loss of every example, from `outputs[B, …]` of the last layer and `targets[B, …]`.
    fn rows<'t>(&self, outputs: Var<'t>, targets: Var<'t>) -> Rows<'t>;

    /// What makes a prediction of the last layer's outputs. The loss applies it itself, in a stable
    /// form, so the network must not.
    fn prediction(&self) -> Prediction;

    /// How many outputs the last layer should have for a task.
    fn outputs(&self, task: &Task) -> usize;

    /// Whether minimizing it learns the task; of a loss of one's own nobody else can say no.
    fn fits(&self, _task: &Task) -> bool {
        true
    }
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

impl Task {
    /// Whether classes are told apart.
    pub fn classifies(&self) -> bool {
        matches!(self, Task::Classify { .. })
    }

    /// Numbers or classes to predict.
    pub fn targets(&self) -> usize {
        match *self {
            Task::Classify { classes } => classes,
            Task::Regress { targets } => targets,
        }
    }
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

/// Names of the losses that fit a task, of those that need no arguments.
pub(crate) fn fitting(task: &Task) -> Vec<&'static str> {
    let fits = |name: &str| {
        AnyLoss::from_spec(&crate::spec::Spec::new(name)).is_ok_and(|loss| loss.fits(task))
    };
    AnyLoss::HELP.iter().map(|help| help.name).filter(|name| fits(name)).collect()
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
    outputs.trace().fail(Said::new(|l| say::loss_targets(l, &want, &got, columns)))
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
        trace.fail(Said::new(|l| say::loss_classes(l, &scores)));
        return None;
    };
    if labels.first() != Some(&batch) || (labels.size() != batch && labels != scores) {
        trace.fail(Said::new(|l| say::loss_labels(l, &labels, batch, classes)));
        return None;
    }
    Some((batch, classes))
}

mod binary_cross_entropy;
mod cross_entropy;
mod hinge;
mod huber;
mod kl_divergence;
mod log_cosh;
mod mae;
mod mse;
mod quantile;

pub use binary_cross_entropy::BinaryCrossEntropy;
pub use cross_entropy::CrossEntropy;
pub use hinge::Hinge;
pub use huber::Huber;
pub use kl_divergence::KlDivergence;
pub use log_cosh::LogCosh;
pub use mae::Mae;
pub use mse::Mse;
pub use quantile::Quantile;

list! {
    /// Every loss there is.
    pub enum AnyLoss: Loss, "loss" [
        BinaryCrossEntropy,
        CrossEntropy,
        Hinge,
        Huber,
        KlDivergence,
        LogCosh,
        Mae,
        Mse,
        Quantile,
    ]
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use spusk_graph::{Trace, evaluate, grad};

    use super::*;
    use crate::options::tests::{check_example, check_list};

    /// Sizes and elements.
    type Table<'a> = (&'a [usize], &'a [f64]);

    /// Scores of three classes.
    pub(crate) const LOGITS: Table = (&[2, 3], &[0.5, -1.0, 2.0, 3.0, 0.25, -0.5]);
    /// Class indices.
    pub(crate) const LABELS: Table = (&[2], &[2.0, 1.0]);
    /// Probabilities of three classes.
    pub(crate) const PROBABILITIES: Table = (&[2, 3], &[0.2, 0.3, 0.5, 0.0, 0.9, 0.1]);

    /// Loss and its gradient with respect to the outputs.
    fn both(loss: &AnyLoss, y: Table, t: Table, weights: Option<&[f64]>) -> (f64, Vec<f64>) {
        let trace = Trace::new();
        let outputs = trace.input("outputs", y.0);
        let targets = trace.input("targets", t.0);
        let weights_var = weights.map(|all| trace.input("weights", &[all.len()]));
        let scalar = loss.loss(outputs, targets, weights_var);
        let gradient = grad(scalar, &[outputs])[0];
        let wanted = [scalar, gradient].map(|v| trace.value(v).expect("the sizes fit"));
        let array = |(shape, data): Table| spusk_graph::Array::new(shape, data.to_vec());
        let mut given =
            BTreeMap::from([("outputs".to_string(), array(y)), ("targets".to_string(), array(t))]);
        if let Some(all) = weights {
            given.insert("weights".into(), array((&[all.len()], all)));
        }
        let got = evaluate(&trace.graph(), &given, &wanted).expect("all is given");
        (got[0].data[0], got[1].data.clone())
    }

    /// The mean loss.
    pub(crate) fn value(loss: &AnyLoss, y: Table, t: Table, weights: Option<&[f64]>) -> f64 {
        both(loss, y, t, weights).0
    }

    /// Holds a loss to its value and its gradient to differences.
    pub(crate) fn check(loss: impl Into<AnyLoss>, y: Table, t: Table, want: f64) {
        let loss = loss.into();
        let (got, gradient) = both(&loss, y, t, None);
        let name = loss.name();
        assert!((got - want).abs() < 1e-14 * want.abs().max(1.0), "{name}: {got}, expected {want}");
        for (i, gradient) in gradient.into_iter().enumerate() {
            let at = |delta: f64| {
                let mut near = y.1.to_vec();
                near[i] += delta;
                value(&loss, (y.0, &near), t, None)
            };
            let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
            assert!(
                (gradient - slope).abs() < 1e-8,
                "{name}[{i}]: {gradient}, differences {slope}"
            );
        }
    }

    /// Holds a loss of numbers to its value at errors 0.5, 0.25, 2 and −3.
    pub(crate) fn check_numbers(loss: impl Into<AnyLoss>, want: f64) {
        check(loss, (&[2, 2], &[0.5, -1.0, 2.5, 0.0]), (&[2, 2], &[0.0, -1.25, 0.5, 3.0]), want);
    }

    /// One of every loss, with outputs and targets of four rows.
    fn one_of_each() -> impl Iterator<Item = (AnyLoss, usize, bool)> {
        AnyLoss::HELP.iter().map(|help| {
            let spec = crate::options::tests::least(help);
            let loss = AnyLoss::from_spec(&spec).expect("the list's test reads it");
            let numbers = loss.prediction() == Prediction::Identity;
            (loss, if numbers { 1 } else { 3 }, numbers)
        })
    }

    #[test]
    fn the_list_is_sound() {
        check_list(AnyLoss::HELP, |spec| AnyLoss::from_spec(spec).map(|item| item.to_spec()));
        for help in AnyLoss::HELP {
            check_example(help, "training.loss", |e| {
                let spec = e.training.loss.set().ok_or("not set")?;
                AnyLoss::from_spec(spec).map(|item| item.to_spec())
            });
        }
    }

    #[test]
    fn weights_leave_rows_out_and_repeat_them() {
        for (loss, columns, numbers) in one_of_each() {
            let outputs: Vec<f64> =
                (0..4 * columns).map(|i| (i as f64 * 0.7).sin() * 2.0).collect();
            let targets = if numbers { [0.3, -2.0, 1.5, 9.0] } else { [0.0, 2.0, 1.0, 2.0] };
            let part = |rows: &[usize], weights: Option<&[f64]>| {
                let y: Vec<f64> = (rows.iter())
                    .flat_map(|row| outputs[row * columns..][..columns].to_vec())
                    .collect();
                let t: Vec<f64> = rows.iter().map(|&row| targets[row]).collect();
                value(&loss, (&[rows.len(), columns], &y), (&[rows.len()], &t), weights)
            };
            let same = |a: f64, b: f64| {
                assert!((a - b).abs() < 1e-14, "{}: {a} and {b}", loss.name());
            };
            same(part(&[0, 1, 2, 3], Some(&[1.0, 1.0, 1.0, 0.0])), part(&[0, 1, 2], None));
            same(part(&[0, 1], Some(&[2.0, 1.0])), part(&[0, 0, 1], None));
        }
    }

    #[test]
    fn parts_of_a_data_set_add_up() {
        let class_weights = vec![0.5, 2.0, 1.5];
        let loss = CrossEntropy { class_weights, label_smoothing: 0.1 };
        let outputs = LOGITS.1;
        let part = |rows: std::ops::Range<usize>| {
            let trace = Trace::new();
            let array = |shape: &[usize], data: &[f64]| {
                trace.literal(spusk_graph::Array::new(shape, data.to_vec()))
            };
            let y = array(&[rows.len(), 3], &outputs[rows.start * 3..rows.end * 3]);
            let total = loss.rows(y, array(&[rows.len()], &LABELS.1[rows])).total(None);
            let wanted = [total.sum, total.weight].map(|v| trace.value(v).expect("fits"));
            let got = evaluate(&trace.graph(), &BTreeMap::new(), &wanted).expect("all is given");
            (got[0].data[0], got[1].data[0])
        };
        let (first, second) = (part(0..1), part(1..2));
        let mean = (first.0 + second.0) / (first.1 + second.1);
        let whole = value(&loss.clone().into(), LOGITS, LABELS, None);
        assert!((mean - whole).abs() < 1e-14, "{mean} {whole}");
    }

    #[test]
    fn errors_name_the_cure() {
        let check = |loss: AnyLoss, y: &[usize], t: &[usize], want: &str| {
            let trace = Trace::new();
            loss.loss(trace.input("y", y), trace.input("t", t), None);
            assert_eq!(trace.check().expect_err("broken").to_string(), want);
        };
        let ce = CrossEntropy::default;
        check(
            ce().into(),
            &[4, 3],
            &[4, 2],
            "the targets have shape [4, 2], expected class indices [4] or probabilities [4, 3]",
        );
        check(
            CrossEntropy { class_weights: vec![1.0, 2.0], ..ce() }.into(),
            &[4, 3],
            &[4],
            "2 class weights for 3 classes; give one number a class",
        );
        check(
            Quantile { quantiles: vec![0.1, 0.9] }.into(),
            &[4, 3],
            &[4],
            "the last layer's output has shape [4, 3], the targets [4], with 2 quantiles; end the \
             network with `dense 2`",
        );
        check(
            BinaryCrossEntropy { pos_weight: vec![1.0, 2.0] }.into(),
            &[4, 1],
            &[4],
            "pos_weight has 2 numbers for 1 outputs; give one for all or one each",
        );
    }
}
