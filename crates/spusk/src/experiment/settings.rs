//! The list of all settings. Adding one is a field in `experiment.rs` and an entry here.

use super::field::{Context, Field, Noun, Refusal};
use super::help::Range;
use super::node::{Node, NodeValue};
use super::problem::Fault;
use super::spec::parse_number;
use super::{Experiment, FORMAT};

/// One setting: where it stands, what it means, how it is read and printed.
pub(super) struct Setting {
    /// The section; empty for the top of the file.
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    /// What others call it; only for "did you mean".
    pub(super) aliases: &'static [&'static str],
    /// What it means; the comment in the printed file.
    pub(super) doc: &'static str,
    /// A value as it is written in the file.
    pub(super) example: &'static str,
    access: Box<dyn Access>,
}

/// Reading and printing one field, whatever its type.
trait Access {
    fn expected(&self) -> String;
    fn read(&self, to: &mut Experiment, node: &Node, context: Context) -> Result<(), Refusal>;
    fn print(&self, of: &mut Experiment) -> Option<String>;
    fn set_argument(
        &self,
        of: &mut Experiment,
        name: (&str, std::ops::Range<usize>),
        value: &Node,
        context: Context,
    ) -> Result<(), Fault>;
}

struct Place<T: Field> {
    limits: T::Limits,
    field: fn(&mut Experiment) -> &mut T,
}

impl<T: Field> Access for Place<T> {
    fn expected(&self) -> String {
        T::expected(self.limits)
    }

    fn read(&self, to: &mut Experiment, node: &Node, context: Context) -> Result<(), Refusal> {
        *(self.field)(to) = T::read(node, self.limits, context)?;
        Ok(())
    }

    fn print(&self, of: &mut Experiment) -> Option<String> {
        (self.field)(of).print()
    }

    fn set_argument(
        &self,
        of: &mut Experiment,
        name: (&str, std::ops::Range<usize>),
        value: &Node,
        context: Context,
    ) -> Result<(), Fault> {
        (self.field)(of).set_argument(name, value, self.limits, context)
    }
}

impl Setting {
    /// `training.seed`.
    pub(super) fn path(&self) -> String {
        match self.section {
            "" => self.name.into(),
            section => format!("{section}.{}", self.name),
        }
    }

    /// Reads the value into the experiment.
    pub(super) fn read(
        &self,
        to: &mut Experiment,
        node: &Node,
        context: Context,
    ) -> Result<(), Fault> {
        self.access.read(to, node, context).map_err(|refusal| match refusal {
            Refusal::Kind if self.is_number_in_quotes(node, context) => {
                let text = node.text().unwrap_or_default();
                self.wrong_kind(node).help(format!("without quotes: `{} = {text}`", self.name))
            }
            Refusal::Kind => self
                .wrong_kind(node)
                .help(format!("for example `{} = {}`", self.name, self.example)),
            Refusal::Meant(word) => self.wrong_kind(node).label(format!("did you mean `{word}`?")),
            Refusal::Fault(fault) => fault,
        })
    }

    fn wrong_kind(&self, node: &Node) -> Fault {
        let (expected, got) = (self.access.expected(), node.describe());
        let message = format!("`{}` must be {expected}, got {got}", self.name);
        Fault::new(node.span.clone(), message)
    }

    /// Whether the value would be right if it stood without quotes.
    fn is_number_in_quotes(&self, node: &Node, context: Context) -> bool {
        let Some(number) = node.text().and_then(parse_number) else { return false };
        let bare = Node { value: NodeValue::Float(number), span: node.span.clone() };
        self.access.read(&mut Experiment::default(), &bare, context).is_ok()
    }

    /// Replaces one argument of the item that this setting names.
    pub(super) fn set_argument(
        &self,
        of: &mut Experiment,
        name: (&str, std::ops::Range<usize>),
        value: &Node,
        context: Context,
    ) -> Result<(), Fault> {
        self.access.set_argument(of, name, value, context)
    }

    fn aliases(mut self, aliases: &'static [&'static str]) -> Setting {
        self.aliases = aliases;
        self
    }
}

fn setting<T: Field + 'static>(
    path: (&'static str, &'static str),
    limits: T::Limits,
    field: fn(&mut Experiment) -> &mut T,
    example: &'static str,
    doc: &'static str,
) -> Setting {
    let (section, name) = path;
    let access = Box::new(Place { limits, field });
    Setting { section, name, aliases: &[], doc, example, access }
}

/// A setting, for those who make flags or a manual of the list.
#[derive(Clone, Debug)]
pub struct SettingHelp {
    /// The section; empty for the top of the file.
    pub section: &'static str,
    /// The name in the file.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub doc: &'static str,
    /// A value as it is written in the file.
    pub example: &'static str,
    /// What it may be, such as `a number above 0`.
    pub expected: String,
}

impl SettingHelp {
    /// The whole name: `training.seed`.
    pub fn key(&self) -> String {
        match self.section {
            "" => self.name.into(),
            section => format!("{section}.{}", self.name),
        }
    }
}

/// All settings, in the order of the printed file.
pub fn settings_help() -> Vec<SettingHelp> {
    let help = |setting: Setting| SettingHelp {
        expected: setting.access.expected(),
        section: setting.section,
        name: setting.name,
        doc: setting.doc,
        example: setting.example,
    };
    settings().into_iter().map(help).collect()
}

/// The sections, what they are about, and which setting `section = value` means.
pub(super) const SECTIONS: [(&str, &str, &str); 3] = [
    ("data", "What the network learns from.", "source"),
    ("model", "The network.", "layers"),
    ("training", "How it is trained.", ""),
];

/// All settings, in the order of the printed file.
pub(super) fn settings() -> Vec<Setting> {
    let mut all = vec![
        setting(
            ("", "name"),
            (),
            |e| &mut e.name,
            "\"houses\"",
            "The name of the run; the name of the data if not set.",
        ),
        setting(
            ("", "out"),
            (),
            |e| &mut e.out,
            "\"runs/houses\"",
            "The directory of the run; runs/<date>-<name> if not set.",
        ),
    ];
    all.extend(data());
    all.extend(texts());
    all.extend(series());
    all.extend(pictures());
    all.extend(model());
    all.extend(training());
    all
}

fn data() -> Vec<Setting> {
    vec![
        setting(
            ("data", "source"),
            (),
            |e| &mut e.data.source,
            "\"houses.csv\"",
            "The examples: a built-in set or a path.",
        )
        .aliases(&["train", "path", "file", "data", "dataset"]),
        setting(
            ("data", "test"),
            (),
            |e| &mut e.data.test,
            "\"test.csv\"",
            "Test examples; split off from `source` if not set.",
        ),
        setting(
            ("data", "target"),
            (),
            |e| &mut e.data.target,
            "\"price\"",
            "The column to predict: a name, a number from 1, or \"last\".",
        )
        .aliases(&["label", "y", "output"]),
        setting(
            ("data", "task"),
            (),
            |e| &mut e.data.task,
            "\"classify\"",
            "What is predicted: \"classify\", \"regress\", \"forecast\", \"autoencode\" (the inputs themselves), \"denoise\" or \"upscale\" (pictures), or \"auto\" to tell from the target.",
        ),
        setting(
            ("data", "ignore"),
            (),
            |e| &mut e.data.ignore,
            "[\"id\"]",
            "Columns that are not used.",
        )
        .aliases(&["drop", "exclude"]),
        setting(
            ("data", "validation_fraction"),
            Range::FRACTION,
            |e| &mut e.data.validation_fraction,
            "0.1",
            "The part of the training examples that is held out to choose by.",
        )
        .aliases(&["validation", "validation_split", "val_fraction"]),
        setting(
            ("data", "test_fraction"),
            Range::FRACTION,
            |e| &mut e.data.test_fraction,
            "0.2",
            "The part of all examples that is held out for the end, where there is no `test`, or \"auto\".",
        )
        .aliases(&["test_split", "test_size"]),
        setting(
            ("data", "missing"),
            (),
            |e| &mut e.data.missing,
            "\"median\"",
            "What becomes of missing values: \"mean\", \"median\", \"skip\" (the row), \"error\" or \"auto\".",
        ),
        setting(
            ("data", "bad_rows"),
            (),
            |e| &mut e.data.bad_rows,
            "\"skip\"",
            "What becomes of rows that cannot be read: \"error\" or \"skip\" (and count).",
        ),
        setting(
            ("data", "standardize"),
            (),
            |e| &mut e.data.standardize,
            "true",
            "Whether inputs are brought to mean 0 and standard deviation 1.",
        )
        .aliases(&["normalize", "scale"]),
        setting(
            ("data", "delimiter"),
            (),
            |e| &mut e.data.delimiter,
            "\";\"",
            "The letter between the columns of a text file, or \"auto\".",
        )
        .aliases(&["separator", "sep"]),
        setting(
            ("data", "header"),
            (),
            |e| &mut e.data.header,
            "true",
            "Whether the first line of a text file names the columns, or \"auto\".",
        ),
        setting(
            ("data", "quotes"),
            (),
            |e| &mut e.data.quotes,
            "false",
            "Whether quotes bound the cells of a text file and are no letters of them, or \"auto\".",
        ),
        setting(
            ("data", "augment"),
            (),
            |e| &mut e.data.augment,
            "[\"shift\", \"flip\"]",
            "How training images are changed anew in every epoch: shift, flip, crop, rotate, mix_up.",
        )
        .aliases(&["augmentation", "transforms"]),
    ]
}

/// What only texts ask for.
fn texts() -> Vec<Setting> {
    vec![
        setting(
            ("data", "text"),
            (),
            |e| &mut e.data.text,
            "\"message\"",
            "The column of texts: a name, a number from 1, or \"last\"; found if not set.",
        )
        .aliases(&["text_column"]),
        setting(
            ("data", "tokens"),
            (),
            |e| &mut e.data.tokens,
            "\"bpe\"",
            "What texts are cut into: \"word\", \"character\" or \"bpe\" (byte pairs).",
        )
        .aliases(&["tokenizer", "token"]),
        setting(
            ("data", "vocabulary"),
            8,
            |e| &mut e.data.vocabulary,
            "5000",
            "Tokens that are known, at most, or \"auto\".",
        )
        .aliases(&["vocab_size", "vocabulary_size"]),
        setting(
            ("data", "text_length"),
            1,
            |e| &mut e.data.text_length,
            "200",
            "Tokens that are read of a text; \"auto\" for as many as 99 % of the training texts have.",
        )
        .aliases(&["max_length", "max_tokens"]),
    ]
}

/// What only forecasts ask for.
fn series() -> Vec<Setting> {
    vec![
        setting(
            ("data", "horizon"),
            1,
            |e| &mut e.data.horizon,
            "24",
            "Steps to forecast; with it the task is \"forecast\".",
        )
        .aliases(&["pred_len", "forecast_horizon", "steps_ahead"]),
        setting(
            ("data", "window"),
            1,
            |e| &mut e.data.window,
            "168",
            "Steps that a forecast looks back on, or \"auto\".",
        )
        .aliases(&["seq_len", "lookback", "input_size", "context_length"]),
        setting(
            ("data", "time"),
            (),
            |e| &mut e.data.time,
            "\"date\"",
            "The column of the times of a series; the first column of dates if not set.",
        )
        .aliases(&["date", "timestamp", "time_column"]),
        setting(
            ("data", "season"),
            1,
            |e| &mut e.data.season,
            "12",
            "Steps after which a series repeats (1 for none), or \"auto\".",
        )
        .aliases(&["seasonality", "period"]),
        setting(
            ("data", "log"),
            (),
            |e| &mut e.data.log,
            "true",
            "Whether the logarithm of a series is forecast, or \"auto\".",
        )
        .aliases(&["logarithm", "log_transform"]),
        setting(
            ("data", "split"),
            (),
            |e| &mut e.data.split,
            "\"8640/2880/2880\"",
            "The parts of a series: steps or shares of training/validation/test, or the dates at which validation/test begin.",
        )
        .aliases(&["parts"]),
        setting(
            ("data", "gaps"),
            (),
            |e| &mut e.data.gaps,
            "\"interpolate\"",
            "What stands in for missing values of a series: \"previous\" (the value before), \"interpolate\" or \"error\".",
        ),
        setting(
            ("data", "repeats"),
            (),
            |e| &mut e.data.repeats,
            "\"mean\"",
            "What becomes of rows of a series with one time: \"last\", \"first\", \"mean\" or \"error\".",
        )
        .aliases(&["duplicates"]),
    ]
}

/// What only networks ask for that restore pictures.
fn pictures() -> Vec<Setting> {
    vec![
        setting(
            ("data", "sigma"),
            Range::POSITIVE,
            |e| &mut e.data.sigma,
            "25",
            "The standard deviation of the noise that pictures are freed of, in steps of 255, or \"auto\" (25).",
        )
        .aliases(&["noise", "noise_level"]),
        setting(
            ("data", "factor"),
            2,
            |e| &mut e.data.factor,
            "2",
            "How many times as high and wide pictures become, or \"auto\" (2).",
        )
        .aliases(&["upscale_factor", "upscale"]),
        setting(
            ("data", "patch"),
            1,
            |e| &mut e.data.patch,
            "40",
            "The side of the patches that pictures are cut into, or \"auto\" (40; 48 to enlarge).",
        )
        .aliases(&["patch_size", "crop_size"]),
        setting(
            ("data", "patches"),
            1,
            |e| &mut e.data.patches,
            "2048",
            "Patches that are drawn in every epoch, or \"auto\" (2048).",
        )
        .aliases(&["patches_per_epoch"]),
    ]
}

fn model() -> Vec<Setting> {
    vec![
        setting(
            ("model", "layers"),
            (),
            |e| &mut e.model.layers,
            "\"mlp:256,128\"",
            "The layers before the output layer, which the task adds; [] for a linear model, or \"auto\".",
        )
        .aliases(&["model", "hidden", "architecture"]),
        setting(
            ("model", "init"),
            (),
            |e| &mut e.model.init,
            "\"weights.safetensors\"",
            "A file of weights to start from; random weights if not set.",
        )
        .aliases(&["initial_weights", "weights", "pretrained"]),
    ]
}

fn training() -> Vec<Setting> {
    let mut all = method();
    all.extend(regularization());
    all.extend(running());
    all
}

fn method() -> Vec<Setting> {
    vec![
        setting(
            ("training", "loss"),
            Noun::Loss,
            |e| &mut e.training.loss,
            "\"cross_entropy\"",
            "What is minimized, or \"auto\" to tell from the task.",
        )
        .aliases(&["criterion", "objective"]),
        setting(
            ("training", "optimizer"),
            Noun::Optimizer,
            |e| &mut e.training.optimizer,
            "\"adamw beta1=0.9\"",
            "How parameters follow the gradient, or \"auto\".",
        )
        .aliases(&["optimiser", "solver"]),
        setting(
            ("training", "learning_rate"),
            Range::POSITIVE,
            |e| &mut e.training.learning_rate,
            "0.001",
            "The size of a step, or \"auto\".",
        )
        .aliases(&["lr", "eta", "alpha", "step_size", "learning_rate_init"]),
        setting(
            ("training", "schedule"),
            Noun::Schedule,
            |e| &mut e.training.schedule,
            "\"cosine warmup=100\"",
            "How the learning rate changes over the run, or \"auto\".",
        )
        .aliases(&["scheduler", "lr_scheduler", "decay"]),
        setting(
            ("training", "batch_size"),
            1,
            |e| &mut e.training.batch_size,
            "64",
            "Examples in one step, or \"auto\".",
        )
        .aliases(&["batch", "minibatch", "bs"]),
        setting(
            ("training", "epochs"),
            1,
            |e| &mut e.training.epochs,
            "20",
            "Passes over the training examples, or \"auto\".",
        )
        .aliases(&["max_epochs", "num_epochs", "n_epochs", "max_iter", "iterations"]),
    ]
}

fn regularization() -> Vec<Setting> {
    vec![
        setting(
            ("training", "clip_norm"),
            Range::POSITIVE,
            |e| &mut e.training.clip_norm,
            "1.0",
            "The longest gradient that is followed (Euclidean norm), or \"off\".",
        )
        .aliases(&["grad_clip", "gradient_clipping", "max_grad_norm"]),
        setting(
            ("training", "clip_value"),
            Range::POSITIVE,
            |e| &mut e.training.clip_value,
            "0.5",
            "The largest component of a gradient that is followed, or \"off\".",
        ),
        setting(
            ("training", "weight_decay"),
            Range::NON_NEGATIVE,
            |e| &mut e.training.weight_decay,
            "0.01",
            "Decoupled decay of the weights; the optimizer's own if not set.",
        )
        .aliases(&["wd"]),
        setting(
            ("training", "l2_penalty"),
            Range::NON_NEGATIVE,
            |e| &mut e.training.l2_penalty,
            "0.0001",
            "Decay of the weights through the gradient.",
        )
        .aliases(&["l2", "ridge"]),
        setting(
            ("training", "label_smoothing"),
            Range::FRACTION,
            |e| &mut e.training.label_smoothing,
            "0.1",
            "How much of each label is spread over all classes.",
        ),
        setting(
            ("training", "class_weights"),
            (),
            |e| &mut e.training.class_weights,
            "\"balanced\"",
            "How much the classes count: \"off\", \"balanced\", or { cat = 1.0, dog = 2.5 }.",
        )
        .aliases(&["class_weight"]),
        setting(
            ("training", "early_stopping"),
            (),
            |e| &mut e.training.early_stopping,
            "true",
            "Whether training stops when the validation loss no longer falls.",
        ),
        setting(
            ("training", "patience"),
            1,
            |e| &mut e.training.patience,
            "10",
            "Epochs without improvement before it stops, or \"auto\".",
        )
        .aliases(&["n_iter_no_change"]),
        setting(
            ("training", "average_decay"),
            Range::FRACTION,
            |e| &mut e.training.average_decay,
            "0.999",
            "The decay of a running average of the parameters, used in their place, or \"off\".",
        )
        .aliases(&["ema", "ema_decay", "averaging"]),
    ]
}

fn running() -> Vec<Setting> {
    vec![
        setting(
            ("training", "seed"),
            0,
            |e| &mut e.training.seed,
            "7",
            "The source of everything random: the same seed gives the same bits.",
        )
        .aliases(&["random_state", "random_seed"]),
        setting(
            ("training", "threads"),
            1,
            |e| &mut e.training.threads,
            "2",
            "Threads to compute with, or \"auto\". The result does not depend on it.",
        )
        .aliases(&["num_threads", "n_jobs", "num_workers"]),
        setting(
            ("training", "time_limit"),
            (),
            |e| &mut e.training.time_limit,
            "\"10m\"",
            "When to stop at the latest, the automatic choices counted, or \"off\".",
        )
        .aliases(&["max_time", "timeout"]),
        setting(
            ("training", "shuffle"),
            (),
            |e| &mut e.training.shuffle,
            "true",
            "Whether the examples are shuffled anew in every epoch.",
        ),
        setting(
            ("training", "diagnosis"),
            (),
            |e| &mut e.training.diagnosis,
            "true",
            "Whether the training is watched for what goes wrong, with what helps.",
        )
        .aliases(&["doctor", "watch", "warnings"]),
        setting(
            ("training", "step_losses"),
            (),
            |e| &mut e.training.step_losses,
            "false",
            "Whether metrics.jsonl and --format json have a line for every step, with its loss.",
        ),
        setting(
            ("training", "checkpoint_every"),
            (),
            |e| &mut e.training.checkpoint_every,
            "\"30s\"",
            "How often the state is saved: a time, a number of steps, \"off\" or \"auto\".",
        )
        .aliases(&["checkpoint", "checkpoint_interval", "save_every"]),
    ]
}

impl Experiment {
    /// Every setting by its key, as it would be written; nothing where it is not set.
    pub fn values(&self) -> Vec<(String, Option<String>)> {
        let mut experiment = self.clone();
        let mut value = |setting: &Setting| (setting.path(), setting.access.print(&mut experiment));
        settings().iter().map(&mut value).collect()
    }

    /// The whole experiment as TOML with a comment for every setting. Reads back to an equal
    /// experiment. Times are written to the millisecond.
    pub fn to_toml(&self) -> String {
        // Fields are reached through one accessor, which asks for `&mut`.
        let mut experiment = self.clone();
        let settings = settings();
        let mut text = format!(
            "# An experiment of Spusk. Settings that are commented out are not set.\nformat = {FORMAT}\n"
        );
        let mut section = "";
        for setting in &settings {
            if setting.section != section {
                section = setting.section;
                let about =
                    SECTIONS.iter().find(|known| known.0 == section).map_or("", |known| known.1);
                text.push_str(&format!("\n# {about}\n[{section}]\n"));
            } else {
                text.push('\n');
            }
            text.push_str(&format!("# {}\n", setting.doc));
            match setting.access.print(&mut experiment) {
                Some(value) => text.push_str(&format!("{} = {value}\n", setting.name)),
                None => text.push_str(&format!("# {} = {}\n", setting.name, setting.example)),
            }
        }
        text
    }
}
