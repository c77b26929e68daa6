//! A network in numbers, before or after it is trained.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use spusk_graph::{Cost, GraphError, Kernel, Level, Plan, PlanOptions, PlanSpec, StateLayout};

use super::resolve::{data_options, resolve, step_options};
use super::{LayerFacts, SessionError, SessionEvent, Trained};
use crate::Model;
use crate::auto::Until;
use crate::data::prepare;
use crate::engine::Engine;
use crate::experiment::Experiment;
use crate::losses::AnyLoss;
use crate::messages::Said;
use crate::model::{Batch, StepOptions};
use crate::optimizers::{Adam, AnyOptimizer};

/// A network and what its steps cost.
#[derive(Debug, Clone)]
pub struct Description {
    /// The experiment with what is known of it.
    pub experiment: Experiment,
    /// What to know of its weights: that training was not over.
    pub note: Option<Said>,
    /// Sizes of one example's features.
    pub features: Vec<usize>,
    /// A row a layer.
    pub layers: Vec<LayerFacts>,
    /// Trained numbers in all.
    pub parameters: usize,
    /// Examples in a step.
    pub batch_size: usize,
    /// What a training step costs.
    pub step: Cost,
    /// Its kernels, in their order.
    pub kernels: Vec<Kernel>,
    /// What a prediction for one example costs.
    pub prediction: Cost,
    /// The instruction set of this computer, for which the kernels are.
    pub level: Level,
}

impl Description {
    /// Layers with numbers of their own; those that only hold others are not counted twice.
    #[must_use]
    pub fn weighted_layers(&self) -> u64 {
        let layers = &self.layers;
        let is_leaf = |i: usize| layers.get(i + 1).is_none_or(|next| next.depth <= layers[i].depth);
        (0..layers.len()).filter(|&i| layers[i].parameters > 0 && is_leaf(i)).count() as u64
    }
}

/// Describes a saved run; its data need not be there.
///
/// # Errors
/// If a file is missing, damaged or of another network.
pub fn describe_run(path: &Path) -> Result<Description, SessionError> {
    let trained = Trained::open(path, 1)?;
    let training = &trained.experiment.training;
    let optimizer = match training.optimizer.set() {
        Some(spec) => AnyOptimizer::from_spec(spec).map_err(SessionError::told)?,
        None => Adam::default().into(),
    };
    let step = step_options(training, trained.loss().clone(), optimizer);
    let batch = Batch {
        size: training.batch_size.set().map_or(1, |&size| size as usize).max(1),
        features: trained.preprocessing.shape().into(),
        target: trained.preprocessing.target_shape().into(),
    };
    let found = describe(&trained.experiment, &trained.model, &step, &batch)?;
    Ok(Description { note: trained.note, ..found })
}

/// Describes what an experiment would train: reads its data and makes its choices.
///
/// # Errors
/// If the data cannot be read, or the layers do not fit them.
pub fn describe_experiment(
    experiment: &Experiment,
    tell: &mut dyn FnMut(SessionEvent<'_>),
) -> Result<Description, SessionError> {
    let data = prepare(&experiment.data.source, &data_options(experiment)?)?;
    let never = AtomicBool::new(false);
    let until = Until::new(&never, Instant::now(), experiment.training.time_limit);
    let resolved = resolve(experiment, &data, &until, tell)?;
    let batch = Batch {
        size: resolved.settings.batch_size.clamp(1, data.train.len().max(1)),
        features: data.train.shape().into(),
        target: resolved.target_shape.as_slice().into(),
    };
    describe(&resolved.experiment, &resolved.model, &resolved.step, &batch)
}

fn describe(
    experiment: &Experiment,
    model: &Model,
    step: &StepOptions,
    batch: &Batch,
) -> Result<Description, SessionError> {
    let engine = Engine::new(model, step, &batch.features, &batch.target, batch.size, 1, 0)?;
    let layers = layer_facts(model, &step.loss, batch)?;
    Ok(Description {
        experiment: experiment.clone(),
        note: None,
        features: batch.features.to_vec(),
        parameters: layers.iter().filter(|row| row.depth == 0).map(|row| row.parameters).sum(),
        layers,
        batch_size: batch.size,
        step: engine.cost(),
        kernels: engine.plan().kernels().to_vec(),
        prediction: forward(model, &step.loss, batch, PlanOptions::default())?.cost(),
        level: Level::detect(),
    })
}

/// A row a layer, with what it costs forward for one example.
pub(super) fn layer_facts(
    model: &Model,
    loss: &AnyLoss,
    batch: &Batch,
) -> Result<Vec<LayerFacts>, GraphError> {
    // Kernels that are not fused belong to one layer each.
    let plan = forward(model, loss, batch, PlanOptions { fuse: false, ..PlanOptions::default() })?;
    let flops = |path: &str| {
        let inside = |scope: &str| {
            let scope = path_of(scope);
            let rest = scope.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let kernels = plan.kernels().iter().filter(|kernel| inside(&kernel.scope));
        kernels.map(|kernel| kernel.flops).sum()
    };
    let rows = model.describe(batch)?;
    let facts = rows.into_iter().map(|row| LayerFacts {
        flops: flops(&row.path),
        path: row.path,
        layer: row.layer,
        output: row.output.to_vec(),
        parameters: row.parameters,
        depth: row.depth,
    });
    Ok(facts.collect())
}

/// The layer's path in a scope: `layers.1.layers.0` in `layers.1 residual.layers.0 dense`.
fn path_of(scope: &str) -> String {
    let mut words = scope.split(' ');
    let first = words.next().unwrap_or("").to_string();
    // Behind the name of a layer, which has no dots, stands the rest of the path.
    words
        .filter_map(|word| word.split_once('.'))
        .fold(first, |path, (_, rest)| format!("{path}.{rest}"))
}

/// The plan of a prediction for one example.
fn forward(
    model: &Model,
    loss: &AnyLoss,
    batch: &Batch,
    options: PlanOptions,
) -> Result<Plan<f32>, GraphError> {
    let one = Batch { size: 1, ..batch.clone() };
    let mut step = model.eval_graph(&one, Some(loss), false, None)?;
    step.outputs.retain(|(name, _)| name == "predictions");
    let entries = step.parameters.iter().map(|p| (&*p.name, &p.shape[..]));
    let buffers = step.buffers.iter().map(|b| (&*b.name, &b.shape[..]));
    let layout = StateLayout::new(entries.chain(buffers));
    let mut spec = PlanSpec::default();
    step.outputs.iter().for_each(|(name, value)| spec.output(name, *value));
    Plan::compile_with(&step.graph, &spec, &layout, options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Dense, Relu, Residual};
    use crate::losses::CrossEntropy;

    #[test]
    fn scopes_name_layers() {
        let check = |scope: &str, path: &str| assert_eq!(path_of(scope), path);
        check("layers.1 dense", "layers.1");
        check("layers.1 residual.layers.0 dense", "layers.1.layers.0");
        check("", "");
    }

    #[test]
    fn each_layer_has_its_parameters_and_operations() {
        let block = Residual::new(vec![Dense::new(8).into(), Relu.into()]);
        let model =
            Model { layers: vec![Dense::new(8).into(), block.into(), Dense::new(3).into()] };
        let facts = layer_facts(&model, &CrossEntropy::default().into(), &Batch::of_rows(5, 4));
        let facts = facts.expect("the layers fit");
        let row = |path: &str| {
            let row = facts.iter().find(|row| row.path == path).expect("the layer is listed");
            (row.parameters, row.flops)
        };
        // A product of 1×m by m×n costs 2mn, a bias n, a ReLU n, the sum of the skip n.
        assert_eq!(row("layers.0"), (40, 2 * 4 * 8 + 8));
        assert_eq!(row("layers.1"), (72, 2 * 8 * 8 + 8 + 8 + 8));
        assert_eq!(row("layers.1.layers.0"), (72, 2 * 8 * 8 + 8));
        assert_eq!(row("layers.2"), (27, 2 * 8 * 3 + 3));
    }
}
