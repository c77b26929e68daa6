//! The experiment: everything that decides how a run goes, read from a TOML file, from the command
//! line, or both.
//!
//! Every setting is optional and is listed once, in `settings.rs`; reader, overrides, errors and
//! the printed file all come from that list. What is printed reads back to an equal experiment.
//!
//! ```
//! use spusk::experiment::{Experiment, Override, Vocabulary};
//!
//! let text = "[training]\nepochs = 20\nlearning_rate = 0.01\n";
//! let flag = Override::flag("--epochs", "training.epochs", "5");
//! let experiment = Experiment::parse("small.toml", text, &[flag], Vocabulary::default())?;
//! assert_eq!(experiment.training.epochs.set(), Some(&5));
//!
//! let wrong = Experiment::parse("wrong.toml", "[training]\nepoch = 20\n", &[], Vocabulary::default());
//! assert!(wrong.unwrap_err().to_string().contains("did you mean `epochs`?"));
//! # Ok::<(), spusk::experiment::ExperimentError>(())
//! ```

mod field;
mod grammar;
mod help;
mod node;
mod overrides;
mod problem;
mod read;
mod settings;
mod spec;
mod suggest;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::data::{ColumnKind, DataOptions, Gaps, Repeats, Scale, TokenKind};
use field::Words;

pub use help::{ArgumentHelp, Help, Kind, Range, Vocabulary};
pub use overrides::Override;
pub use problem::{ExperimentError, Problem};
pub use settings::{SettingHelp, settings_help};
pub use spec::{Argument, Spec, Value, print_layers};
pub(crate) use suggest::nearest;

/// The version of the file that is written. A file that says a higher one is refused.
pub const FORMAT: u64 = 1;

/// Everything that decides how a run goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Experiment {
    /// The name of the run; the name of the data if there is none.
    pub name: Option<String>,
    /// The directory of the run; `runs/<date>-<name>` if there is none.
    pub out: Option<String>,
    /// What the network learns from.
    pub data: DataSettings,
    /// The network.
    pub model: ModelSettings,
    /// How it is trained.
    pub training: TrainingSettings,
}

/// What the network learns from.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSettings {
    /// A built-in set or a path.
    pub source: String,
    /// Test examples; split off from `source` if there are none.
    pub test: Option<String>,
    /// The column to predict: a name, a number from 1, or `last`.
    pub target: Option<String>,
    /// What is predicted.
    pub task: Auto<Task>,
    /// Columns that are not used.
    pub ignore: Vec<String>,
    /// The part of the training examples that is held out to choose by.
    pub validation_fraction: f64,
    /// The part of all examples that is held out for the end, where `test` is not given. Left open, a
    /// source keeps its own test part, and 0.2 is held out where it has none.
    pub test_fraction: Auto<f64>,
    /// What becomes of missing values.
    pub missing: Auto<Missing>,
    /// What becomes of rows that cannot be read.
    pub bad_rows: BadRows,
    /// Whether inputs are brought to mean 0 and standard deviation 1.
    pub standardize: bool,
    /// The letter between the columns of a text file.
    pub delimiter: Auto<String>,
    /// Whether the first line of a text file names the columns.
    pub header: Auto<bool>,
    /// Steps to forecast.
    pub horizon: Auto<u64>,
    /// Steps that a forecast looks back on.
    pub window: Auto<u64>,
    /// The column of the times of a series.
    pub time: Option<String>,
    /// Steps after which a series repeats.
    pub season: Auto<u64>,
    /// Whether the logarithm of a series is forecast.
    pub log: Auto<bool>,
    /// Where the parts of a series end.
    pub split: Option<String>,
    /// What stands in for missing values of a series.
    pub gaps: Gaps,
    /// What becomes of repeated times of a series.
    pub repeats: Repeats,
    /// Whether quotes bound the cells of a text file.
    pub quotes: Auto<bool>,
    /// Whether numbers are written 1,5 instead of 1.5.
    pub decimal_comma: Auto<bool>,
    /// Cells that mean "missing", beside the usual ones.
    pub missing_values: Vec<String>,
    /// The kinds of columns that are set by hand, by their names.
    pub columns: BTreeMap<String, ColumnKind>,
    /// How inputs are brought to one size, where `standardize` is on.
    pub scale: Scale,
    /// Height and width to which pictures are brought.
    pub size: Auto<[usize; 2]>,
    /// Memory for the data, in MiB; what is longer is kept in temporary files.
    pub memory_limit: u64,
    /// The column of texts.
    pub text: Option<String>,
    /// What a token of a text is.
    pub tokens: TokenKind,
    /// Tokens that are known, at most.
    pub vocabulary: Auto<u64>,
    /// Tokens that are read of a text.
    pub text_length: Auto<u64>,
    /// How training images are changed anew in every epoch.
    pub augment: Vec<String>,
    /// The standard deviation of the noise that pictures are freed of.
    pub sigma: Auto<f64>,
    /// How many times pictures are enlarged.
    pub factor: Auto<u64>,
    /// The side of the patches that pictures are cut into.
    pub patch: Auto<u64>,
    /// Patches in an epoch.
    pub patches: Auto<u64>,
}

/// The network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelSettings {
    /// The layers before the output layer, which the task adds.
    pub layers: Layers,
    /// A file of weights to start from.
    pub init: Option<String>,
}

/// How the network is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingSettings {
    /// What is minimized.
    pub loss: Auto<Spec>,
    /// How parameters follow the gradient.
    pub optimizer: Auto<Spec>,
    /// The size of a step.
    pub learning_rate: Auto<f64>,
    /// How that size changes over the run.
    pub schedule: Auto<Spec>,
    /// Examples in one step.
    pub batch_size: Auto<u64>,
    /// Passes over the training examples.
    pub epochs: Auto<u64>,
    /// The longest gradient that is followed, as a Euclidean norm.
    pub clip_norm: Option<f64>,
    /// The largest component of a gradient that is followed.
    pub clip_value: Option<f64>,
    /// Decoupled decay of the weights (AdamW); the optimizer's own default if there is none.
    pub weight_decay: Option<f64>,
    /// Decay of the weights through the gradient.
    pub l2_penalty: f64,
    /// How much of each label is spread over all classes.
    pub label_smoothing: f64,
    /// How much the classes count.
    pub class_weights: ClassWeights,
    /// Whether training stops when the validation loss no longer falls, and the weights of the best epoch are
    /// kept. Open, it does unless cross-validation has chosen the length.
    pub early_stopping: Auto<bool>,
    /// Epochs without improvement before it stops.
    pub patience: Auto<u64>,
    /// The decay of a running average of the parameters, which is then used in their place.
    pub average_decay: Option<f64>,
    /// The source of everything random.
    pub seed: u64,
    /// Threads to compute with.
    pub threads: Auto<u64>,
    /// When to stop at the latest, counted from the start, with what is chosen automatically.
    pub time_limit: Option<Duration>,
    /// Whether the examples are shuffled anew in every epoch.
    pub shuffle: bool,
    /// Whether the loss of every step is recorded.
    pub step_losses: bool,
    /// Whether the training is watched for what goes wrong.
    pub diagnosis: bool,
    /// How often the state is saved, besides the end.
    pub checkpoint_every: Auto<Every>,
}

impl Default for DataSettings {
    fn default() -> Self {
        DataSettings {
            source: "digits".into(),
            test: None,
            target: None,
            task: Auto::Auto,
            ignore: Vec::new(),
            validation_fraction: 0.1,
            test_fraction: Auto::Auto,
            missing: Auto::Auto,
            bad_rows: BadRows::Error,
            standardize: true,
            delimiter: Auto::Auto,
            header: Auto::Auto,
            horizon: Auto::Auto,
            window: Auto::Auto,
            time: None,
            season: Auto::Auto,
            log: Auto::Auto,
            split: None,
            gaps: Gaps::default(),
            repeats: Repeats::default(),
            quotes: Auto::Auto,
            decimal_comma: Auto::Auto,
            missing_values: Vec::new(),
            columns: BTreeMap::new(),
            scale: Scale::default(),
            size: Auto::Auto,
            memory_limit: DataOptions::default().memory_limit >> 20,
            text: None,
            tokens: TokenKind::default(),
            vocabulary: Auto::Auto,
            text_length: Auto::Auto,
            augment: Vec::new(),
            sigma: Auto::Auto,
            factor: Auto::Auto,
            patch: Auto::Auto,
            patches: Auto::Auto,
        }
    }
}

impl Default for TrainingSettings {
    fn default() -> Self {
        TrainingSettings {
            loss: Auto::Auto,
            optimizer: Auto::Auto,
            learning_rate: Auto::Auto,
            schedule: Auto::Auto,
            batch_size: Auto::Auto,
            epochs: Auto::Auto,
            clip_norm: None,
            clip_value: None,
            weight_decay: None,
            l2_penalty: 0.0,
            label_smoothing: 0.0,
            class_weights: ClassWeights::Off,
            early_stopping: Auto::Auto,
            patience: Auto::Auto,
            average_decay: None,
            seed: 0,
            threads: Auto::Auto,
            time_limit: None,
            shuffle: true,
            step_losses: false,
            diagnosis: true,
            checkpoint_every: Auto::Auto,
        }
    }
}

/// A value, or the wish that it be chosen from the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auto<T> {
    /// To be chosen.
    #[default]
    Auto,
    /// Given.
    Set(T),
}

impl<T> Auto<T> {
    /// The value, if it is given.
    pub fn set(&self) -> Option<&T> {
        match self {
            Auto::Auto => None,
            Auto::Set(value) => Some(value),
        }
    }
}

/// The layers of a model, without the output layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Layers {
    /// Chosen from the data.
    #[default]
    Auto,
    /// These; none for a linear model.
    These(Vec<Spec>),
}

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// One of several classes.
    Classify,
    /// A number.
    Regress,
    /// The next values of series.
    Forecast,
    /// The inputs themselves, through a narrow code.
    Autoencode,
    /// Pictures without their noise.
    Denoise,
    /// Pictures of more pixels.
    Upscale,
}

impl Words for Task {
    const WORDS: &'static [(&'static str, Task)] = &[
        ("classify", Task::Classify),
        ("regress", Task::Regress),
        ("forecast", Task::Forecast),
        ("autoencode", Task::Autoencode),
        ("denoise", Task::Denoise),
        ("upscale", Task::Upscale),
    ];
}

impl Words for Gaps {
    const WORDS: &'static [(&'static str, Gaps)] =
        &[("previous", Gaps::Previous), ("interpolate", Gaps::Interpolate), ("error", Gaps::Error)];
}

impl Words for ColumnKind {
    const WORDS: &'static [(&'static str, ColumnKind)] = &[
        ("number", ColumnKind::Number),
        ("category", ColumnKind::Category),
        ("boolean", ColumnKind::Boolean),
        ("date", ColumnKind::Date),
        ("text", ColumnKind::Text),
    ];
}

impl Words for Scale {
    const WORDS: &'static [(&'static str, Scale)] = &[
        ("standard", Scale::Standard),
        ("robust", Scale::Robust),
        ("log", Scale::Log),
        ("none", Scale::None),
    ];
}

impl Words for TokenKind {
    const WORDS: &'static [(&'static str, TokenKind)] =
        &[("word", TokenKind::Word), ("character", TokenKind::Character), ("bpe", TokenKind::Bpe)];
}

impl Words for Repeats {
    const WORDS: &'static [(&'static str, Repeats)] = &[
        ("last", Repeats::Last),
        ("first", Repeats::First),
        ("mean", Repeats::Mean),
        ("error", Repeats::Error),
    ];
}

/// What becomes of missing values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The mean of the column takes their place, for categories the most frequent one.
    Mean,
    /// The median of the column takes their place, for categories the most frequent one.
    Median,
    /// Their rows are skipped and counted.
    Skip,
    /// They are an error.
    Error,
}

impl Words for Missing {
    const WORDS: &'static [(&'static str, Missing)] = &[
        ("mean", Missing::Mean),
        ("median", Missing::Median),
        ("skip", Missing::Skip),
        ("error", Missing::Error),
    ];
}

/// What becomes of rows that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadRows {
    /// The first one is an error.
    #[default]
    Error,
    /// They are skipped and counted.
    Skip,
}

impl Words for BadRows {
    const WORDS: &'static [(&'static str, BadRows)] =
        &[("error", BadRows::Error), ("skip", BadRows::Skip)];
}

/// How much the classes count in the loss.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ClassWeights {
    /// All the same.
    #[default]
    Off,
    /// In inverse proportion to how often they occur.
    Balanced,
    /// As given by label; a class that is not named has weight 1.
    Of(BTreeMap<String, f64>),
}

/// How often something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// After so many steps.
    Steps(u64),
    /// After so much time.
    Time(Duration),
    /// Never.
    Off,
}
