//! What a landscape is taken of: a network, its weights, and the rows that its loss is a mean over.

use std::ops::Range;
use std::path::Path;

use spusk_graph::{GraphError, Shape, Trace, Var};

use crate::data::{Encoded, Permutation, random};
use crate::layers::AnyLayer;
use crate::losses::AnyLoss;
use crate::messages as say;
use crate::model::{Batch, Model};
use crate::net::{Buffer, Mode, Net, Parameter, Substitute};
use crate::session::{SessionError, Trained};

/// Most rows that are computed at once.
const MOST_ROWS: usize = 512;

/// Fewest rows at once: batch norm measures its statistics on them.
const FEWEST_ROWS: usize = 32;

/// What the values of all layers may take for the rows that are computed at once, in bytes.
const MOST_BYTES: usize = 256 << 20;

/// Some rows, encoded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub(super) rows: usize,
    pub(super) features: Vec<f32>,
    pub(super) targets: Vec<f32>,
}

/// A network at its weights θ, with the rows that the loss is taken over.
///
/// The loss is that of the evaluation: nothing is dropped out, penalties on the weights are left out.
/// Batch norm measures its statistics anew at every point, on the rows that are computed at once:
/// stored averages belong to the trained weights and to no others.
#[derive(Debug, Clone)]
pub struct Subject {
    pub(super) model: Model,
    pub(super) loss: AnyLoss,
    pub(super) features: Shape,
    pub(super) target: Shape,
    pub(super) parameters: Vec<Parameter>,
    pub(super) buffers: Vec<(Buffer, Vec<f32>)>,
    pub(super) blocks: Vec<Block>,
    /// All parameters, one after the other, each as the graph has it.
    pub(super) weights: Vec<f64>,
    pub(super) total_rows: usize,
}

/// Where a run and the rows of its landscape come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsRequest {
    /// Rows of the training part that the loss is taken over; all if there are fewer.
    pub rows: usize,
    /// Which rows.
    pub seed: u64,
}

impl Subject {
    /// A network with the values of its parameters and buffers, without rows yet.
    ///
    /// # Errors
    /// If the layers do not fit the features, or a value is missing.
    pub fn new(
        model: &Model,
        loss: &AnyLoss,
        features: &[usize],
        target: &[usize],
        values: impl Fn(&str) -> Option<Vec<f32>>,
    ) -> Result<Subject, GraphError> {
        let batch = Batch { size: 1, features: features.into(), target: target.into() };
        let step = model.eval_graph(&batch, Some(loss), false, None)?;
        let missing =
            |name: &str| GraphError::new("landscape", format!("there are no values of `{name}`"));
        let mut weights = Vec::new();
        for parameter in &step.parameters {
            let given = values(&parameter.name).filter(|v| v.len() == parameter.shape.size());
            let given = given.ok_or_else(|| missing(&parameter.name))?;
            weights.extend(given.into_iter().map(f64::from));
        }
        let buffer = |buffer: Buffer| {
            let given = values(&buffer.name).filter(|v| v.len() == buffer.shape.size());
            given.map(|given| (buffer.clone(), given)).ok_or_else(|| missing(&buffer.name))
        };
        Ok(Subject {
            model: model.clone(),
            loss: loss.clone(),
            features: features.into(),
            target: target.into(),
            parameters: step.parameters,
            buffers: step.buffers.into_iter().map(buffer).collect::<Result<_, _>>()?,
            blocks: Vec::new(),
            weights,
            total_rows: 0,
        })
    }

    /// The network of a run, with rows of its training part.
    ///
    /// # Errors
    /// If the run cannot be opened, or its data are not what they were.
    pub fn of_run(path: &Path, request: RowsRequest) -> Result<(Subject, Encoded), SessionError> {
        let trained = Trained::open(path, 1)?;
        let data = trained.prepared(say::so_no_surface)?;
        let subject = Subject::of_trained(&trained)?;
        Ok((subject.with_rows(&data.train, request)?, data.train))
    }

    /// The network of a run that was opened, without rows yet.
    ///
    /// # Errors
    /// None that a run which could be opened can have.
    pub fn of_trained(trained: &Trained) -> Result<Subject, GraphError> {
        let preprocessing = &trained.preprocessing;
        let (features, target) = (preprocessing.shape(), preprocessing.target_shape());
        Subject::new(&trained.model, trained.loss(), &features, &target, |name| {
            trained.values(name).map(<[f32]>::to_vec)
        })
    }

    /// The same, with the loss taken over some rows of a part, drawn without repetition.
    ///
    /// # Errors
    /// If a row cannot be read, or there is none.
    pub fn with_rows(self, part: &Encoded, request: RowsRequest) -> Result<Subject, SessionError> {
        let count = request.rows.min(part.len());
        if count == 0 {
            return Err(SessionError::told(say::landscape_no_rows));
        }
        let order = Permutation::new(part.len(), random::key(request.seed, "landscape rows"));
        let chosen: Vec<usize> = (0..count).map(|i| order.at(i)).collect();
        let most = self.rows_at_once()?;
        let size = count.div_ceil(count.div_ceil(most));
        let blocks = chosen.chunks(size).map(|rows| block(part, rows));
        let blocks = blocks.collect::<Result<_, SessionError>>()?;
        Ok(Subject { blocks, total_rows: part.len(), ..self })
    }

    /// As many rows as their values in all layers have room for.
    fn rows_at_once(&self) -> Result<usize, GraphError> {
        let rows = self.model.describe(&self.batch(1))?;
        let numbers: usize = rows.iter().map(|row| row.output.size()).sum();
        let most = MOST_BYTES / (4 * numbers.max(1));
        Ok(most.clamp(FEWEST_ROWS, MOST_ROWS))
    }

    /// The same with other weights.
    ///
    /// # Panics
    /// If they are of another number.
    #[must_use]
    pub fn at(&self, weights: Vec<f64>) -> Subject {
        assert_eq!(weights.len(), self.weights.len(), "the weights of the same network");
        Subject { weights, ..self.clone() }
    }

    /// Its weights θ: all parameters, one after the other.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The parameters, in the order of the weights.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Rows that the loss is taken over.
    pub fn rows(&self) -> usize {
        self.blocks.iter().map(|block| block.rows).sum()
    }

    /// Rows of the part that they were drawn from.
    pub fn total_rows(&self) -> usize {
        self.total_rows
    }

    /// Rows that are computed at once, on which batch norm measures its statistics.
    pub fn block_rows(&self) -> usize {
        self.blocks.first().map_or(0, |block| block.rows)
    }

    /// Whether a layer measures its batch.
    pub fn has_batch_norm(&self) -> bool {
        self.buffers.iter().any(|(buffer, _)| buffer.name.ends_with("running_mean"))
    }

    /// Where each parameter stands among the weights.
    pub(super) fn ranges(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        let range = |parameter: &Parameter| {
            let range = start..start + parameter.shape.size();
            start = range.end;
            range
        };
        self.parameters.iter().map(range).collect()
    }

    pub(super) fn batch(&self, size: usize) -> Batch {
        Batch { size, features: self.features.clone(), target: self.target.clone() }
    }

    /// The input of the features of so many rows.
    pub(super) fn features<'t>(&self, trace: &'t Trace, rows: usize) -> Var<'t> {
        trace.input("features", &[&[rows][..], &self.features].concat())
    }

    /// The number of layers in front of the first dense one, if they only hand the features on: then
    /// its products are linear in its weights.
    pub(super) fn before_first_dense(&self) -> Option<usize> {
        let hands_on = |layer: &AnyLayer| {
            matches!(layer, AnyLayer::Flatten(_) | AnyLayer::Identity(_) | AnyLayer::Dropout(_))
        };
        let count = self.model.layers.iter().take_while(|layer| hands_on(layer)).count();
        matches!(self.model.layers.get(count), Some(AnyLayer::Dense(_))).then_some(count)
    }

    /// The loss of so many rows as a formula, with values that stand for the parameters.
    pub(super) fn trace<'t>(
        &self,
        trace: &'t Trace,
        rows: usize,
        substitute: Option<Substitute<'t>>,
        first_product: Option<Var<'t>>,
    ) -> TracedLoss<'t> {
        let mut net = Net::new(trace, Mode::Measure);
        if let Some(substitute) = substitute {
            net = net.with_substitute(substitute);
        }
        if let Some(product) = first_product {
            net = net.with_first_product(product);
        }
        let outputs = net.layers(&self.model.layers, self.features(trace, rows));
        let targets = trace.input("targets", &[&[rows][..], &self.target].concat());
        let of_rows = self.loss.rows(outputs, targets);
        let total = of_rows.total(None);
        let parameters = net.parameters.iter().map(|(_, state)| *state).collect();
        TracedLoss {
            sum: total.sum,
            weight: total.weight,
            rows: of_rows.loss,
            row_weights: of_rows.weight,
            parameters,
        }
    }
}

/// The loss of some rows as a formula.
pub(super) struct TracedLoss<'t> {
    pub(super) sum: Var<'t>,
    pub(super) weight: Var<'t>,
    pub(super) rows: Var<'t>,
    pub(super) row_weights: Option<Var<'t>>,
    pub(super) parameters: Vec<Var<'t>>,
}

/// Rows of a part, encoded.
pub(super) fn block(part: &Encoded, rows: &[usize]) -> Result<Block, SessionError> {
    let (width, targets) = (part.width(), part.targets());
    let mut block = Block {
        rows: rows.len(),
        features: vec![0.0; rows.len() * width],
        targets: vec![0.0; rows.len() * targets],
    };
    let places =
        block.features.chunks_mut(width.max(1)).zip(block.targets.chunks_mut(targets.max(1)));
    for (&row, (features, targets)) in rows.iter().zip(places) {
        part.row(row, features, targets)?;
    }
    Ok(block)
}
