//! From an experiment with open choices to one without.

mod loss;
mod stopping;

use std::time::Duration;

use spusk_graph::GraphError;

use self::stopping::{Length, Stopping};
use super::{SessionError, SessionEvent, autoencoder, enhance, text};
use crate::Model;
use crate::auto::{
    self, CorrectionOf, CorrectionRequest, FoundRate, NetworkRequest, RateRequest, Recipe, Rows,
    Until, choose_correction, choose_network, choose_rate,
};
use crate::data::{self, DataOptions, Prepared, Preprocessing, Target, option_error, quoted};
use crate::engine::Engine;
use crate::experiment::{Auto, Every, Experiment, Layers, Missing, Task, TrainingSettings};
use crate::layers::{AnyLayer, ConvLstm, Dense, Dropout, Flatten, Relu};
use crate::losses::{self, AnyLoss};
use crate::messages::{self as say, Said};
use crate::model::{Batch, StepOptions};
use crate::optimizers::{AdamW, AnyOptimizer};
use crate::schedules::{AnySchedule, Constant, Cosine};
use crate::spec::Spec;
use crate::train::{CheckpointEvery, Score, Settings, Shuffled, batches};
use crate::zoo::{Cnn, Network as _};

/// An experiment with every choice made, and what it means.
#[derive(Clone)]
pub struct Resolved {
    /// Everything is set.
    pub experiment: Experiment,
    /// The network with its output layer.
    pub model: Model,
    /// What is minimized.
    pub loss: AnyLoss,
    /// The training step.
    pub step: StepOptions,
    /// The loop.
    pub settings: Settings,
    /// Threads to compute with.
    pub threads: usize,
    /// Sizes of one example's target.
    pub target_shape: Vec<usize>,
    /// What was chosen and why, a sentence each.
    pub notes: Vec<Said>,
    /// How the learning rate was found, where it was.
    pub found_rate: Option<FoundRate>,
}

impl std::fmt::Debug for Resolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolved").field("experiment", &self.experiment).finish_non_exhaustive()
    }
}

impl Resolved {
    /// The engine for this experiment, with its initial state.
    ///
    /// # Errors
    /// If the layers do not fit the data or each other.
    pub fn engine(&self, data: &Prepared) -> Result<Engine, GraphError> {
        Engine::new(
            &self.model,
            &self.step,
            data.train.shape(),
            &self.target_shape,
            self.settings.batch_size.min(data.train.len().max(1)),
            self.threads,
            self.experiment.training.seed,
        )
    }
}

/// The data side's settings of an experiment.
///
/// # Errors
/// If a setting has no meaning for the data side.
pub fn data_options(experiment: &Experiment) -> Result<DataOptions, SessionError> {
    let from = &experiment.data;
    let delimiter = match from.delimiter.set().map(String::as_str) {
        None => None,
        Some("tab" | "\\t" | "\t") => Some('\t'),
        Some(text) => match text.chars().collect::<Vec<_>>()[..] {
            [one] => Some(one),
            _ => {
                let error = option_error("delimiter", quoted(text.as_bytes()));
                return Err(error.expected(say::option_one_letter).into());
            }
        },
    };
    let defaults = DataOptions::default();
    // What is too large is refused with the limits.
    let whole = |set: &Auto<u64>| set.set().map(|&n| usize::try_from(n).unwrap_or(usize::MAX));
    Ok(DataOptions {
        target: from.target.clone(),
        task: from.task.set().map(|task| match task {
            Task::Classify => data::Task::Classify,
            Task::Regress => data::Task::Regress,
            Task::Forecast => data::Task::Forecast,
            Task::Autoencode => data::Task::Autoencode,
            Task::Denoise => data::Task::Denoise,
            Task::Upscale => data::Task::Upscale,
        }),
        series: super::forecast::series_options(from)?,
        patches: data::PatchOptions {
            sigma: from.sigma.set().copied(),
            factor: whole(&from.factor),
            side: whole(&from.patch),
            count: whole(&from.patches),
        },
        test_source: from.test.clone(),
        test: from.test_fraction.set().copied(),
        validation: from.validation_fraction,
        seed: experiment.training.seed,
        delimiter,
        header: from.header.set().copied(),
        quotes: from.quotes.set().copied(),
        text: from.text.clone(),
        tokens: from.tokens,
        vocabulary: whole(&from.vocabulary),
        text_length: whole(&from.text_length),
        ignore: from.ignore.clone(),
        bad_rows: match from.bad_rows {
            crate::experiment::BadRows::Error => data::BadRows::Error,
            crate::experiment::BadRows::Skip => data::BadRows::Skip,
        },
        fill: match from.missing.set() {
            None | Some(Missing::Mean) => data::Fill::Mean,
            Some(Missing::Median) => data::Fill::Median,
            Some(Missing::Skip) => data::Fill::Skip,
            Some(Missing::Error) => data::Fill::Error,
        },
        scale: if from.standardize { from.scale } else { data::Scale::None },
        decimal_comma: from.decimal_comma.set().copied(),
        missing: from.missing_values.clone(),
        columns: from.columns.clone(),
        size: from.size.set().copied(),
        memory_limit: from.memory_limit.saturating_mul(1 << 20),
        ..defaults
    })
}

/// Makes every open choice, as far as there is time.
pub(super) fn resolve(
    experiment: &Experiment,
    data: &Prepared,
    until: &Until<'_>,
    tell: &mut dyn FnMut(SessionEvent<'_>),
) -> Result<Resolved, SessionError> {
    let mut resolved = experiment.clone();
    if let Some(size) = data.picture_size() {
        resolved.data.size = Auto::Set(size);
    }
    let training = &mut resolved.training;
    let task = task(data);
    let target_shape = data.preprocessing.target_shape();
    let is_series = data.series.is_some();
    let text = data.preprocessing.text();
    let autoencodes = data.preprocessing.is_autoencoder();
    let patches = data.preprocessing.patches();
    let loss = loss::loss(experiment, data, &task)?;
    training.loss = Auto::Set(loss.to_spec());
    let optimizer = match experiment.training.optimizer.set() {
        Some(spec) => AnyOptimizer::from_spec(spec).map_err(SessionError::told)?,
        None => AdamW::default().into(),
    };
    training.optimizer = Auto::Set(optimizer.to_spec());
    let rows = data.train.len();
    // Windows overlap, so random folds would show what they hide.
    // Patches come from pictures, of which many share each; a network of a text costs too much to be trained on
    // all folds.
    let is_plain = !is_series && patches.is_none() && text.is_none();
    // Nor are convolutions compared: on pictures they are better than what else the comparison would try.
    let pictures = Cnn::usual(data.train.shape())
        .filter(|_| is_plain && !autoencodes && experiment.model.layers == Layers::Auto);
    let small = rows + data.validation.len() <= auto::SMALL && is_plain && pictures.is_none();
    let batch_size = match experiment.training.batch_size.set() {
        Some(&size) => size as usize,
        None if patches.is_some() => enhance::USUAL_BATCH,
        None if text.is_some() => text::usual_batch_size(rows),
        None => usual_batch_size(rows),
    };
    training.batch_size = Auto::Set(batch_size as u64);
    let threads = match experiment.training.threads.set() {
        Some(&threads) => threads as usize,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let given = match &experiment.model.layers {
        Layers::These(specs) => {
            let layers = specs.iter().map(AnyLayer::from_spec).collect::<Result<Vec<_>, _>>();
            let layers = layers.map_err(SessionError::told)?;
            super::apart::check(&layers, is_series)?;
            Some(text::with_embedding(layers, text.as_ref())?)
        }
        Layers::Auto => None,
    };
    let network =
        |hidden: Vec<AnyLayer>| whole_network(hidden, &data.preprocessing, loss.outputs(&task));
    let mut step = step_options(training, loss.clone(), optimizer.clone());
    step.initial = super::forecast::initial(data);
    let usual_rate = optimizer.learning_rate();
    let batches = batches(rows, batch_size) as u64;
    let mut notes: Vec<Said> = Vec::new();

    let given = match (given, patches) {
        (None, Some(patches)) => {
            let (layers, name) = enhance::usual_network(patches).map_err(SessionError::told)?;
            notes.push(Said::new(|l| say::chosen_network(l, name)));
            Some(layers)
        }
        (given, _) if !autoencodes => given,
        (given, _) => {
            let layers = given.unwrap_or_else(|| {
                let usual = autoencoder::usual_layers(data.train.width());
                let written = crate::experiment::print_layers(&written(&usual));
                notes.push(Said::new(|l| say::chosen_autoencoder(l, &written)));
                usual
            });
            let widths = widths(&network(layers.clone()), &layers, data)?;
            let (layers, note) = autoencoder::with_code(layers, &widths);
            notes.extend(note);
            Some(layers)
        }
    };
    let cross_validates = |open: bool| small && open && !autoencodes;
    let cross_validated = cross_validates(experiment.training.epochs.set().is_none());
    let open_network = given.is_none() || experiment.training.epochs.set().is_none();
    let mut folds_rate = None;
    let mut spent = None;
    let length = experiment.training.epochs.set().map(|&epochs| epochs.saturating_mul(batches));
    let too_short = length.is_some_and(|length| length < auto::SHORTEST);
    let (hidden, steps) = if cross_validates(open_network) && !too_short {
        let all = Rows::of(&[&data.train, &data.validation])?;
        let request = NetworkRequest {
            rows: &all,
            features: data.train.shape(),
            target: &target_shape,
            classes: matches!(data.preprocessing.target, Target::Classes { .. }),
            model: &network,
            step: &step,
            decay_is_given: experiment.training.weight_decay.is_some()
                || experiment.training.optimizer.set().is_some(),
            hidden: given,
            batch_size,
            length,
            rate: *experiment.training.learning_rate.set().unwrap_or(&(3.0 * usual_rate)),
            rate_is_open: experiment.training.learning_rate.set().is_none(),
            seed: experiment.training.seed,
        };
        let found = choose_network(&request, until)?;
        notes.extend(found.notes);
        folds_rate = found.rate;
        spent = Some(found.spent);
        step.weight_decay = found.weight_decay;
        training.weight_decay = found.weight_decay;
        (found.hidden, found.steps)
    } else {
        let hidden = if let Some(given) = given {
            given
        } else {
            let (hidden, note) = match &text {
                _ if is_series => {
                    let window = data.preprocessing.shape()[0];
                    (super::forecast::usual_network(rows, window), None)
                }
                Some(text) => {
                    let (hidden, note) = text::usual_network(text);
                    (hidden, Some(note))
                }
                None => match &pictures {
                    Some(cnn) => {
                        let hidden = cnn.layers().map_err(SessionError::told)?;
                        (hidden, Some(pictures_note(cnn, data)))
                    }
                    None => (usual_network(data.train.width(), rows), None),
                },
            };
            let written = crate::experiment::print_layers(&written(&hidden));
            let usual = || {
                Said::new(|l| match length.filter(|_| small && too_short) {
                    Some(length) => say::chosen_too_short(l, &written, length),
                    None => say::chosen_by_rows(l, &written, l.count(rows as u64)),
                })
            };
            notes.push(note.unwrap_or_else(usual));
            hidden
        };
        let steps = match (is_series, small) {
            _ if text.is_some() => text::usual_steps(rows, batch_size),
            (true, _) => super::forecast::usual_steps(rows),
            _ if patches.is_some() => enhance::USUAL_STEPS,
            _ if pictures.is_some() => (25 * batches).clamp(600, 4000),
            (false, true) => 1500,
            (false, false) => 7000,
        };
        (hidden, steps)
    };
    resolved.model.layers = Layers::These(written(&hidden));
    let model = network(hidden);
    enhance::check(&model, &data.preprocessing)?;
    if has_threshold(&model) {
        notes.push(Said::new(say::chosen_straight_through));
    }
    let training = &mut resolved.training;
    let epochs = match experiment.training.epochs.set() {
        Some(&epochs) => epochs,
        None => steps.div_ceil(batches.max(1)).clamp(3, 1000),
    };
    training.epochs = Auto::Set(epochs);
    let total = epochs.saturating_mul(batches);
    if let Some(spent) = spent {
        notes.push(Said::new(|l| {
            let share = l.percent(spent as f64 / total.max(1) as f64, 0);
            say::chosen_took(l, l.counted(spent, "step"), share, l.count(total))
        }));
    }
    let schedule: AnySchedule = match experiment.training.schedule.set() {
        Some(spec) => AnySchedule::from_spec(spec).map_err(SessionError::told)?,
        // Beside a threshold, steps that a schedule makes short would end the training.
        None if optimizer.threshold().is_some() => Constant::default().into(),
        None => Cosine { warmup_steps: (total / 20).min(500) as usize, ..Cosine::default() }.into(),
    };
    training.schedule = Auto::Set(schedule.to_spec());
    let patience = *experiment.training.patience.set().unwrap_or(&(epochs / 4).max(5));
    training.patience = Auto::Set(patience);
    let decides = match is_series {
        // Every window is many values.
        true => data.validation.len() * data.validation.targets() >= DECISIVE,
        false => data.validation.len() >= DECISIVE,
    };
    let stopping = Stopping {
        given: match (training.early_stopping.set(), experiment.training.patience.set()) {
            (None, Some(_)) => Some(true),
            (given, _) => given.copied(),
        },
        decides,
        length: match (is_series, cross_validated) {
            (true, _) => Length::OfSeries,
            (false, true) => Length::CrossValidated,
            (false, false) if pictures.is_some() && experiment.training.epochs.set().is_none() => {
                Length::OfPictures
            }
            (false, false) => Length::Open,
        },
        rows: data.validation.len(),
    };
    let keeps_best = stopping.keeps_best();
    notes.extend(stopping.note());
    training.early_stopping = Auto::Set(keeps_best);

    let mut found_rate = None;
    let learning_rate = match experiment.training.learning_rate.set() {
        Some(&rate) => rate,
        // Dropout on tokens and rows of an embedding that are seldom met make a short race a matter of
        // chance.
        None if text.is_some() => {
            let rate = text::RATE * usual_rate;
            notes.push(Said::new(|l| say::chosen_text_rate(l, l.digits(&rate.to_string()))));
            rate
        }
        // The correction starts at nothing, from where a range test sees no way down.
        None if !is_plain => {
            let seed = experiment.training.seed;
            let recipe = Recipe { model: model.clone(), step: step.clone(), batch_size, seed };
            let request = CorrectionRequest {
                recipe,
                features: data.train.shape(),
                target: &target_shape,
                train: &Shuffled::new(&data.train, seed, true),
                held: &Shuffled::new(&data.validation, seed, false),
                usual: usual_rate,
                steps: total,
                threads,
                of: if is_series { CorrectionOf::Forecast } else { CorrectionOf::Picture },
            };
            let (rate, note) = choose_correction(&request, until)?;
            notes.push(note);
            rate
        }
        None if folds_rate.is_some() => {
            found_rate = folds_rate;
            found_rate.as_ref().map_or(usual_rate, |found| found.rate)
        }
        None => {
            let seed = experiment.training.seed;
            let train = Shuffled::new(&data.train, seed, true);
            let held = Shuffled::new(&data.validation, seed, false);
            let recipe = Recipe { model: model.clone(), step: step.clone(), batch_size, seed };
            let request = RateRequest {
                recipe,
                features: data.train.shape(),
                target: &target_shape,
                train: &train,
                // Without folds few rows must do.
                held: (decides || pictures.is_some() && !data.validation.is_empty())
                    .then_some(&held),
                schedule: &schedule,
                usual: usual_rate,
                steps: total,
                threads,
            };
            let found = choose_rate(&request, until)?;
            notes.extend(found.notes.iter().cloned());
            let most = PICTURES_RATE * usual_rate;
            let rate = if pictures.is_some() && found.rate > most {
                notes.push(Said::new(|l| say::chosen_lower_rate(l, l.digits(&most.to_string()))));
                most
            } else {
                found.rate
            };
            found_rate = Some(FoundRate { rate, ..found });
            rate
        }
    };
    let training = &mut resolved.training;
    training.learning_rate = Auto::Set(learning_rate);
    let score = match &data.preprocessing.target {
        _ if autoencodes => Score::None,
        Target::Inputs => Score::None,
        Target::Classes { .. } => Score::Accuracy,
        Target::Numbers { columns } => {
            Score::Rmse { scales: columns.iter().map(|column| column.std).collect() }
        }
        // The loss is the error on standardized data, which is what forecasts are compared by.
        Target::Series { .. } => Score::None,
        Target::Patches => Score::Psnr { std: patches.map_or(1.0, |patches| patches.scale.std) },
    };
    let settings = Settings {
        batch_size,
        epochs,
        learning_rate,
        schedule,
        seed: training.seed,
        patience: keeps_best.then_some(patience),
        restore_best: keeps_best,
        time_limit: training.time_limit,
        checkpoint_every: match training.checkpoint_every.set() {
            Some(Every::Steps(steps)) => CheckpointEvery::Steps(*steps),
            Some(Every::Time(time)) => CheckpointEvery::Time(*time),
            Some(Every::Off) => CheckpointEvery::Off,
            None => CheckpointEvery::Time(Duration::from_secs(30)),
        },
        step_events: match training.step_losses {
            true => Duration::ZERO,
            false => Duration::from_millis(100),
        },
        score,
    };
    if until.is_late() {
        notes.push(Said::new(say::chosen_late));
    }
    for note in &notes {
        tell(SessionEvent::Note(note));
    }
    Ok(Resolved {
        experiment: resolved,
        model,
        loss,
        step,
        settings,
        threads,
        target_shape,
        notes,
        found_rate,
    })
}

/// The largest rate for the usual network for pictures, relative to the optimizer's own. A short race
/// prefers rates at which its dropout never settles.
const PICTURES_RATE: f64 = 3.0;

/// Validation rows from which on the best epoch by their loss means more than chance.
const DECISIVE: usize = 200;

/// Whether a neuron decides between 0 and 1, also inside of other layers.
fn has_threshold(model: &Model) -> bool {
    let text = crate::experiment::print_layers(&written(&model.layers));
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .any(|word| word == "threshold")
}

/// About fifty steps an epoch, in the range where steps are neither noisy nor few.
fn usual_batch_size(rows: usize) -> usize {
    let wanted = if rows > 1_000_000 { 512 } else { (rows / 50).next_power_of_two() };
    if rows > 1_000_000 { wanted } else { wanted.clamp(16, 128) }
}

/// Two hidden layers, wider for wide inputs, with dropout where they are wide.
fn usual_network(width: usize, rows: usize) -> Vec<AnyLayer> {
    let widths = if width >= 64 { [256, 128] } else { [128, 64] };
    let dropout = width >= 64 && rows < 1_000_000;
    let mut layers: Vec<AnyLayer> = Vec::new();
    for width in widths {
        layers.extend([Dense::new(width).into(), Relu.into()]);
        if dropout {
            layers.push(Dropout { dropout_rate: 0.2 }.into());
        }
    }
    layers
}

fn pictures_note(cnn: &Cnn, data: &Prepared) -> Said {
    let blocks = cnn.blocks;
    let size =
        data.train.shape().iter().take(2).map(usize::to_string).collect::<Vec<_>>().join(" × ");
    Said::new(|l| say::chosen_for_pictures(l, format!("cnn:{blocks}"), &size))
}

/// The training step of settings in which loss and optimizer are known.
pub(super) fn step_options(
    training: &TrainingSettings,
    loss: AnyLoss,
    optimizer: AnyOptimizer,
) -> StepOptions {
    StepOptions {
        clip_norm: training.clip_norm,
        clip_value: training.clip_value,
        l2_penalty: training.l2_penalty,
        weight_decay: training.weight_decay,
        average: training.average_decay,
        ..StepOptions::new(loss, optimizer)
    }
}

/// The losses' view of the task.
pub(super) fn task(data: &Prepared) -> losses::Task {
    losses_task(&data.preprocessing)
}

/// The losses' view of a saved task.
pub(crate) fn losses_task(preprocessing: &Preprocessing) -> losses::Task {
    let outputs = preprocessing.outputs();
    match &preprocessing.target {
        Target::Classes { .. } if !preprocessing.is_autoencoder() => {
            losses::Task::Classify { classes: outputs }
        }
        _ => losses::Task::Regress { targets: outputs },
    }
}

/// Numbers that each of the hidden layers of an autoencoder puts out; the network may have a flattening
/// and an output layer of its own among them.
fn widths(model: &Model, hidden: &[AnyLayer], data: &Prepared) -> Result<Vec<usize>, GraphError> {
    let batch = Batch {
        size: 1,
        features: data.train.shape().into(),
        target: data.preprocessing.target_shape().into(),
    };
    let rows = model.describe(&batch)?;
    let mut hidden = hidden.iter().map(AnyLayer::to_spec).peekable();
    let outer = rows.iter().filter(|row| row.depth == 0).zip(&model.layers);
    let own = outer.filter(|(_, layer)| hidden.next_if_eq(&layer.to_spec()).is_some());
    Ok(own.map(|(row, _)| row.output.size()).collect())
}

/// The whole network of a saved or a new experiment. A forecast goes around a linear one; an autoencoder
/// that ends with a layer over images gives images back as it is; any other network gets its output layer.
pub(crate) fn whole_network(
    hidden: Vec<AnyLayer>,
    preprocessing: &Preprocessing,
    outputs: usize,
) -> Model {
    if let Some(patches) = preprocessing.patches() {
        return enhance::network(patches, hidden);
    }
    if let data::Inputs::Series(inputs) = &preprocessing.inputs {
        return super::forecast::network(inputs, preprocessing, hidden, outputs);
    }
    if let Some(text) = preprocessing.text() {
        return super::text::network(hidden, &text, preprocessing.width(), outputs);
    }
    if let Some(model) = super::apart::network(&hidden, preprocessing.shape().len(), outputs) {
        return model;
    }
    let gives_images = hidden.last().is_some_and(AnyLayer::is_spatial);
    if preprocessing.is_autoencoder() && gives_images {
        return Model { layers: hidden };
    }
    with_output(hidden, preprocessing.shape().len(), outputs)
}

/// Hidden layers and the output layer behind. An input with axes is flattened: in front, or, where
/// layers move over its axes, behind them, unless the layers say themselves where.
pub(super) fn with_output(hidden: Vec<AnyLayer>, axes: usize, outputs: usize) -> Model {
    let mut layers: Vec<AnyLayer> = Vec::new();
    let spatial = hidden.iter().rposition(AnyLayer::is_spatial);
    // Of a sequence of pictures, the pictures' own axes: that of time may be left.
    let leaves_time = |before: &[AnyLayer]| {
        let ends =
            |layer: &AnyLayer| matches!(layer, AnyLayer::ConvLstm(ConvLstm { last: true, .. }));
        axes > 3 && !before.iter().any(ends)
    };
    let flattens = |(i, layer): (usize, &AnyLayer)| match layer {
        AnyLayer::Flatten(_) => true,
        AnyLayer::GlobalAvgPool(_) | AnyLayer::GlobalMaxPool(_) => !leaves_time(&hidden[..i]),
        _ => false,
    };
    let open = axes > 1 && !(spatial.is_some() && hidden.iter().enumerate().any(flattens));
    let weighs = |layer: &AnyLayer| ["dense", "maxout"].contains(&layer.name());
    let behind = spatial.map_or(0, |last| last + 1);
    let dense = hidden[behind..].iter().position(weighs).map_or(hidden.len(), |i| behind + i);
    let flatten_at = if spatial.is_some() { dense } else { 0 };
    for (i, layer) in hidden.into_iter().enumerate() {
        if open && i == flatten_at {
            layers.push(Flatten.into());
        }
        layers.push(layer);
    }
    if open && flatten_at >= layers.len() {
        layers.push(Flatten.into());
    }
    layers.push(Dense::new(outputs).into());
    Model { layers }
}

/// The written form of layers, for files.
pub(super) fn written(layers: &[AnyLayer]) -> Vec<Spec> {
    layers.iter().map(AnyLayer::to_spec).collect()
}
