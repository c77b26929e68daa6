//! How the network is trained.

use super::{Setting, setting};
use crate::experiment::field::Noun;
use crate::experiment::help::Range;

pub(super) fn training() -> Vec<Setting> {
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
            "Whether training stops when the validation loss no longer falls and the best weights are kept, or \"auto\".",
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
