//! Saved networks: writing one at the end of a run, and predicting with one.

use std::path::Path;

use spusk_graph::{GraphError, Plan, PlanSpec, State, StateLayout, Team, Workspace};

use super::forecast::Baseline;
use super::resolve::{losses_task, whole_network};
use super::{Resolved, ScoreGatherer, Scores, SessionError, data_options, vocabulary};
use crate::Model;
use crate::data::{DataError, Encoded, NewRows, Prepared, Preprocessing, Target, prepare};
use crate::engine::Engine;
use crate::experiment::{Experiment, Layers};
use crate::layers::AnyLayer;
use crate::losses::{self, AnyLoss, Prediction};
use crate::messages::{self as say, Said};
use crate::model::Batch;
use crate::net::Layout;
use crate::run::{RunDir, RunError, RunWriter};
use crate::safetensors::{self, Metadata, Tensor};
use crate::train::{Examples, Shuffled};

/// Where a training was when it was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped {
    /// Epochs that were over.
    pub(super) epoch: u64,
    /// The epoch whose weights are the best so far, where that is known; else they are the last ones.
    pub(super) kept: Option<u64>,
}

impl Stopped {
    /// As the metadata of a file have it.
    fn written(self) -> [(String, String); 2] {
        let kept = self.kept.map_or(String::new(), |epoch| epoch.to_string());
        [("stopped_after_epoch".into(), self.epoch.to_string()), ("weights_of_epoch".into(), kept)]
    }

    fn read(metadata: &Metadata) -> Option<Stopped> {
        let number = |name: &str| metadata.get(name)?.parse().ok();
        Some(Stopped { epoch: number("stopped_after_epoch")?, kept: number("weights_of_epoch") })
    }

    fn note(self, run: &Path) -> Said {
        Said::new(|l| {
            let run = run.display();
            match self.kept {
                Some(kept) => say::weights_so_far_best(l, self.epoch, kept, run),
                None => say::weights_so_far(l, self.epoch, run),
            }
        })
    }
}

/// Writes `model.safetensors`: parameters as PyTorch shapes them, and buffers.
/// `more` stands beside them; `stopped` says that training was not over.
pub(super) fn save(
    writer: &RunWriter,
    engine: &mut Engine,
    resolved: &Resolved,
    more: Vec<Tensor>,
    stopped: Option<Stopped>,
) -> Result<(), SessionError> {
    let layouts: Vec<(String, Layout)> =
        engine.parameters().iter().map(|p| (p.name.clone(), p.layout)).collect();
    let mut tensors = more;
    for (name, shape, values) in engine.evaluated()? {
        let layout = layouts.iter().find(|(n, _)| *n == name).map_or(Layout::Same, |(_, l)| *l);
        let stored = layout.stored_shape(&shape).to_vec();
        tensors.push(Tensor::f32(name, stored, layout.store(&values, &shape)));
    }
    let layers = crate::experiment::print_layers(&super::resolve::written(&resolved.model.layers));
    let mut metadata = Metadata::from([("layers".to_string(), layers)]);
    metadata.extend(stopped.into_iter().flat_map(Stopped::written));
    writer.write_model(&tensors, &metadata)?;
    Ok(())
}

/// Puts the weights of a file into an engine; slots that start as copies follow.
pub(super) fn load_weights(engine: &mut Engine, path: &Path) -> Result<(), SessionError> {
    let contents = safetensors::read(path).map_err(RunError::Safetensors)?;
    put_weights(engine, &contents, path)
}

/// Puts weights under this network's names into an engine; `path` is named in errors.
pub(super) fn put_weights(
    engine: &mut Engine,
    contents: &safetensors::Contents,
    path: &Path,
) -> Result<(), SessionError> {
    let parameters = engine.parameters().to_vec();
    for parameter in &parameters {
        let values = loaded(contents, &parameter.name, &parameter.shape, parameter.layout, path)?;
        if let Some(place) = engine.state_mut().get_mut(&parameter.name) {
            place.copy_from_slice(&values);
        }
    }
    engine.reset_slots();
    let buffers: Vec<(String, spusk_graph::Shape)> = engine
        .state()
        .layout()
        .entries()
        .iter()
        .map(|entry| (entry.name.clone(), entry.shape.clone()))
        .filter(|(name, _)| contents.get(name).is_some())
        .filter(|(name, _)| parameters.iter().all(|parameter| parameter.name != *name))
        .collect();
    for (name, shape) in buffers {
        let values = loaded(contents, &name, &shape, Layout::Same, path)?;
        if let Some(place) = engine.state_mut().get_mut(&name) {
            place.copy_from_slice(&values);
        }
    }
    Ok(())
}

fn loaded(
    contents: &safetensors::Contents,
    name: &str,
    shape: &spusk_graph::Shape,
    layout: Layout,
    path: &Path,
) -> Result<Vec<f32>, SessionError> {
    let file = &path.display();
    let Some(tensor) = contents.get(name) else {
        let names: Vec<&str> = contents.tensors.iter().map(|tensor| &*tensor.name).collect();
        let names = names.join(", ");
        return Err(SessionError::told(|l| say::weights_absent(l, file, name, &names)));
    };
    let want = layout.stored_shape(shape);
    if tensor.shape != want[..] {
        let got = format!("{:?}", tensor.shape);
        return Err(SessionError::told(|l| say::weights_shape(l, file, name, &got, &want)));
    }
    let values = tensor.to_f32().map_err(|problem| {
        SessionError::told(|l| say::weights_wrong(l, file, problem.in_language(l)))
    })?;
    Ok(layout.load(&values, shape))
}

/// A saved network, ready to predict.
pub struct Trained {
    /// How it was trained.
    pub experiment: Experiment,
    /// What encodes raw rows.
    pub preprocessing: Preprocessing,
    /// The network.
    pub model: Model,
    run: RunDir,
    /// What to know before its results are used: that training was not over.
    pub note: Option<Said>,
    loss: AnyLoss,
    pub(super) state: State<f32>,
    layout: StateLayout,
    pub(super) team: Team,
    plans: Vec<(usize, bool, Plan<f32>, Workspace<f32>)>,
    /// The linear forecast that a forecast is compared with.
    pub(super) baseline: Option<Baseline>,
}

/// Predictions for some rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Predicted {
    /// Probabilities of the classes, or outputs in the target's own unit, row by row.
    pub values: Vec<f64>,
    /// Numbers a row.
    pub width: usize,
    /// The lines or numbers of the rows in their source.
    pub lines: Vec<u64>,
    /// What `lines` are: `line` or `row`.
    pub counted_by: &'static str,
    /// The files of the rows, where each row has one of its own; else empty.
    pub files: Vec<String>,
    /// The times that rows of a forecast are for; else empty.
    pub times: Vec<String>,
    /// What an autoencoder adds.
    pub autoencoded: Option<Autoencoded>,
}

/// What an autoencoder says of some rows, beside the rows that it gives back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Autoencoded {
    /// The codes, row by row.
    pub codes: Vec<f32>,
    /// Numbers of a code; 0 if no layer marks it.
    pub code: usize,
    /// The reconstruction error of each row: the mean of (given back − input)², inputs as the network
    /// sees them. Large for rows that are unlike those of the training: an anomaly score.
    pub errors: Vec<f64>,
    /// The class of each row, where the source tells it.
    pub labels: Vec<Option<usize>>,
    /// The rows as the network sees them, and gives them back: [rows, width] each.
    pub inputs: Vec<f32>,
    /// See `inputs`.
    pub given_back: Vec<f32>,
}

impl Trained {
    /// Opens a run directory.
    ///
    /// # Errors
    /// If a file is missing, damaged or of another network.
    pub fn open(path: &Path, threads: usize) -> Result<Trained, SessionError> {
        let run = RunDir::open(path)?;
        let experiment = run.experiment(vocabulary())?;
        let preprocessing: Preprocessing = run.preprocessing()?;
        preprocessing.validate()?;
        let contents = run.model()?;
        let task = losses_task(&preprocessing);
        let loss = match experiment.training.loss.set() {
            Some(spec) => AnyLoss::from_spec(spec).map_err(SessionError::told)?,
            None => losses::default_for(&task),
        };
        let Layers::These(specs) = &experiment.model.layers else {
            return Err(SessionError::told(|l| say::run_no_layers(l, path.display())));
        };
        let hidden = specs.iter().map(AnyLayer::from_spec).collect::<Result<Vec<_>, _>>();
        let hidden = hidden.map_err(SessionError::told)?;
        let model = whole_network(hidden, &preprocessing, loss.outputs(&task));
        let batch = Batch {
            size: 1,
            features: preprocessing.shape().into(),
            target: preprocessing.target_shape().into(),
        };
        let step = model.eval_graph(&batch, Some(&loss), false, None)?;
        let parameters = step.parameters.iter().map(|p| (p.name.clone(), p.shape.clone()));
        crate::engine::check_state(&parameters.collect::<Vec<_>>())?;
        let entries = step.parameters.iter().map(|p| (&*p.name, &p.shape[..]));
        let buffers = step.buffers.iter().map(|b| (&*b.name, &b.shape[..]));
        let layout = StateLayout::new(entries.chain(buffers));
        let mut state = State::new(&layout);
        let file = path.join("model.safetensors");
        for entry in layout.entries() {
            let parameter = step.parameters.iter().find(|p| p.name == entry.name);
            let order = parameter.map_or(Layout::Same, |p| p.layout);
            let values = loaded(&contents, &entry.name, &entry.shape, order, &file)?;
            if let Some(place) = state.get_mut(&entry.name) {
                place.copy_from_slice(&values);
            }
        }
        let team = Team::new(threads);
        Ok(Trained {
            experiment,
            preprocessing,
            model,
            run,
            note: Stopped::read(&contents.metadata).map(|stopped| stopped.note(path)),
            loss,
            state,
            layout,
            team,
            plans: Vec::new(),
            baseline: Baseline::read(&contents),
        })
    }

    /// Outputs and predictions for encoded rows, `features[rows, …]`; with `targets` also Σ loss and
    /// Σ weight.
    ///
    /// # Errors
    /// If the network cannot be compiled for this many rows.
    pub fn forward(
        &mut self,
        rows: usize,
        features: &[f32],
        targets: Option<&[f32]>,
        take: impl FnOnce(&[f32], &[f32]),
    ) -> Result<Option<(f64, f64)>, GraphError> {
        let with_loss = targets.is_some();
        let known = self.plans.iter().position(|(n, l, ..)| (*n, *l) == (rows, with_loss));
        let at = match known {
            Some(at) => at,
            None => {
                let batch = Batch {
                    size: rows,
                    features: self.preprocessing.shape().into(),
                    target: self.preprocessing.target_shape().into(),
                };
                let plan = self.compile(&batch, with_loss)?;
                let work = plan.workspace();
                self.plans.push((rows, with_loss, plan, work));
                self.plans.len() - 1
            }
        };
        let (_, _, plan, work) = &mut self.plans[at];
        let mut given = vec![(plan.input_place("features")?, features)];
        if let Some(targets) = targets {
            given.push((plan.input_place("targets")?, targets));
        }
        plan.run_lending(self.team.threads(), &mut self.team, &mut self.state, work, &given)?;
        let get = |name: &str| plan.output(name, &self.state, work);
        take(get("outputs")?, get("predictions")?);
        if !with_loss {
            return Ok(None);
        }
        Ok(Some((f64::from(get("loss_sum")?[0]), f64::from(get("loss_weight")?[0]))))
    }

    /// What is known of the rows that the last forward pass without targets took.
    fn autoencoded(
        &self,
        inputs: Vec<f32>,
        given_back: Vec<f32>,
        labels: Vec<Option<usize>>,
    ) -> Autoencoded {
        let (rows, width) = (labels.len(), self.preprocessing.width().max(1));
        let plan = self.plans.iter().find(|(n, with_loss, ..)| *n == rows && !with_loss);
        let code = plan.and_then(|(.., plan, work)| plan.output("code", &self.state, work).ok());
        let pairs = given_back.chunks(width).zip(inputs.chunks(width));
        Autoencoded {
            codes: code.map_or(Vec::new(), <[f32]>::to_vec),
            code: code.map_or(0, |code| code.len() / rows.max(1)),
            errors: pairs.map(|(back, row)| crate::metrics::row_error(back, row)).collect(),
            labels,
            inputs,
            given_back,
        }
    }

    pub(super) fn compile(&self, batch: &Batch, with_loss: bool) -> Result<Plan<f32>, GraphError> {
        let step = self.model.eval_graph(batch, Some(&self.loss), false, None)?;
        let mut spec = PlanSpec::default();
        spec.lend("features");
        spec.lend("targets");
        let wanted = |name: &str| with_loss || !name.starts_with("loss");
        for (name, value) in step.outputs.iter().filter(|(name, _)| wanted(name)) {
            spec.output(name, *value);
        }
        Plan::compile(&step.graph, &spec, &self.layout)
    }

    /// What was minimized.
    pub fn loss(&self) -> &AnyLoss {
        &self.loss
    }

    /// The class that predictions for one row say; `None` for a regression.
    pub fn class(&self, predictions: &[f64]) -> Option<usize> {
        let Target::Classes { .. } = self.preprocessing.target else { return None };
        match *predictions {
            [probability] if self.loss.prediction() == Prediction::Sigmoid => {
                Some(usize::from(probability > 0.5))
            }
            [score] => Some(usize::from(score > 0.0)),
            _ => Some(crate::metrics::rank::argmax(predictions)),
        }
    }

    /// The probability of every class, by what is predicted for one row; `None` for a regression and
    /// for a loss whose outputs are no probabilities.
    pub fn probabilities(&self, predictions: &[f64]) -> Option<Vec<f64>> {
        let Target::Classes { .. } = self.preprocessing.target else { return None };
        match (self.loss.prediction(), predictions) {
            (Prediction::Sigmoid, &[yes]) => Some(vec![1.0 - yes, yes]),
            (Prediction::Sigmoid | Prediction::Softmax, _) => Some(predictions.to_vec()),
            (Prediction::Identity | Prediction::Scores, _) => None,
        }
    }

    /// The data of the training, in their parts.
    ///
    /// # Errors
    /// If they cannot be read any more, or are not those of the training; `so` says what follows.
    pub fn prepared(&self, so: impl Into<Said>) -> Result<Prepared, SessionError> {
        let source = &self.experiment.data.source;
        super::refuse_lost(&self.run, source)?;
        let data = prepare(source, &data_options(&self.experiment)?)?;
        // The same data and seed give the same parts and the same fit.
        if data.preprocessing != self.preprocessing {
            let so = so.into();
            return Err(SessionError::told(|l| say::data_changed(l, source, so.in_language(l))));
        }
        Ok(data)
    }

    /// The values of a parameter or buffer, as the graph has them.
    pub fn values(&self, name: &str) -> Option<&[f32]> {
        self.state.get(name)
    }

    /// Scores on the test part that was held out when the network was trained; notes go to `tell`.
    ///
    /// # Errors
    /// If the data cannot be read any more, are not those of the training, or have no test part.
    pub fn evaluate_held_out(
        &mut self,
        tell: &mut dyn FnMut(&Said),
    ) -> Result<Scores, SessionError> {
        let source = self.experiment.data.source.clone();
        let data = self.prepared(say::so_no_test_part)?;
        if data.test.is_empty() {
            return Err(SessionError::told(|l| say::run_no_test_part(l, &source)));
        }
        data.notes.iter().for_each(&mut *tell);
        let mut scores = self.score_part(&data.test)?;
        if let Some(patches) = data.test.as_patches() {
            self.score_pictures(&mut scores, patches)?;
        }
        if let (Some(series), Some(windows)) = (&data.series, data.test.as_windows()) {
            super::forecast::compare(&mut scores, &data.preprocessing, series, windows);
        }
        Ok(scores)
    }

    /// Scores on encoded rows.
    pub(super) fn score_part(&mut self, data: &Encoded) -> Result<Scores, SessionError> {
        let part = Shuffled::new(data, 0, false);
        let (width, targets_width) = (data.width(), data.targets());
        let (loss, preprocessing) = (self.loss.clone(), self.preprocessing.clone());
        let mut gather = ScoreGatherer::new(&preprocessing, &loss);
        let (mut sum, mut weight, mut start) = (0.0, 0.0, 0);
        while start < part.len() {
            let rows = ROWS.min(part.len() - start);
            let mut features = vec![0.0; rows * width];
            let mut targets = vec![0.0; rows * targets_width];
            part.fill_in_order(start..start + rows, &mut features, &mut targets)?;
            let total = self.forward(rows, &features, Some(&targets), |outputs, predictions| {
                gather.push(outputs, predictions, &targets);
            })?;
            let (s, w) = total.unwrap_or((0.0, 0.0));
            (sum, weight, start) = (sum + s, weight + w, start + rows);
        }
        gather.finish(sum / weight, part.len())
    }

    /// Scores on a source with targets; notes go to `tell`.
    ///
    /// # Errors
    /// If the source cannot be read or has no targets.
    pub fn evaluate(
        &mut self,
        source: &str,
        tell: &mut dyn FnMut(&Said),
    ) -> Result<Scores, SessionError> {
        let options = data_options(&self.experiment)?;
        let preprocessing = self.preprocessing.clone();
        if let Target::Series { .. } = preprocessing.target {
            return self.evaluate_series(source, &options, tell);
        }
        if preprocessing.patches().is_some() {
            return self.evaluate_pictures(source, &options, tell);
        }
        let loss = self.loss.clone();
        let mut gather = ScoreGatherer::new(&preprocessing, &loss);
        let mut rows = NewRows::open(&preprocessing, source, &options, true)?;
        let (mut sum, mut weight, mut examples) = (0.0, 0.0, 0);
        loop {
            let (mut features, mut targets, mut lines) = (Vec::new(), Vec::new(), Vec::new());
            let count = rows.read(ROWS, &mut features, &mut targets, &mut lines)?;
            if count == 0 {
                break;
            }
            if preprocessing.is_autoencoder() {
                targets.clone_from(&features);
            }
            let total =
                self.forward(count, &features, Some(&targets), |outputs, predictions| {
                    gather.push(outputs, predictions, &targets);
                })?;
            let (s, w) = total.unwrap_or((0.0, 0.0));
            (sum, weight, examples) = (sum + s, weight + w, examples + count);
        }
        rows.notes().iter().for_each(&mut *tell);
        if examples == 0 {
            return Err(DataError::new(source, say::error_no_scored_row)
                .expected(say::error_want_scored_rows)
                .cure(say::cure_scored_rows)
                .into());
        }
        gather.finish(sum / weight, examples)
    }

    /// Predictions for the rows of a source, batch by batch; notes go to `tell`.
    ///
    /// # Errors
    /// If the source cannot be read, or `take` fails.
    pub fn predict(
        &mut self,
        source: &str,
        tell: &mut dyn FnMut(&Said),
        take: &mut dyn FnMut(&Trained, &Predicted) -> Result<(), SessionError>,
    ) -> Result<usize, SessionError> {
        let options = data_options(&self.experiment)?;
        let preprocessing = self.preprocessing.clone();
        if let Target::Series { .. } = preprocessing.target {
            let predicted = self.forecast(source, &options, tell)?;
            take(self, &predicted)?;
            return Ok(predicted.times.len());
        }
        let mut rows = NewRows::open(&preprocessing, source, &options, false)?;
        let mut total = 0;
        loop {
            let (mut features, mut targets) = (Vec::new(), Vec::new());
            let mut predicted = Predicted { counted_by: rows.counted_by(), ..Predicted::default() };
            let count = rows.read(ROWS, &mut features, &mut targets, &mut predicted.lines)?;
            if count == 0 {
                break;
            }
            let files = predicted.lines.iter().map_while(|&line| rows.file(line));
            predicted.files = files.map(String::from).collect();
            let autoencodes = preprocessing.is_autoencoder();
            let mut given_back = Vec::new();
            self.forward(count, &features, None, |_, predictions| {
                predicted.width = predictions.len() / count;
                if autoencodes {
                    given_back = predictions.to_vec();
                }
                let unscale = |(i, &x): (usize, &f32)| match &preprocessing.target {
                    _ if autoencodes => {
                        preprocessing.unscale_input(i % predicted.width, f64::from(x))
                    }
                    Target::Classes { .. } | Target::Inputs | Target::Patches => f64::from(x),
                    Target::Numbers { columns } => {
                        preprocessing.unscale(i % predicted.width % columns.len(), f64::from(x))
                    }
                    Target::Series { .. } => unreachable!("series are forecast, above"),
                };
                predicted.values = predictions.iter().enumerate().map(unscale).collect();
            })?;
            if autoencodes {
                let labels = rows.labels();
                predicted.autoencoded = Some(self.autoencoded(features, given_back, labels));
            }
            take(self, &predicted)?;
            total += count;
        }
        rows.notes().iter().for_each(&mut *tell);
        Ok(total)
    }
}

/// Rows that are read and predicted at once.
const ROWS: usize = 512;
