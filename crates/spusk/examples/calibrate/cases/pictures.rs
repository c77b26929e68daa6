//! Convolutions on pictures.

use super::{BY_HEART, CREEPING, Case, EQUAL, HUGE, LOST, NOISE, THROWN, UNHEARD, USUAL};

pub(super) const SETTINGS: &[(&str, &str)] =
    &[("training.epochs", "10"), ("training.batch_size", "32")];

const CONV: &str =
    "conv2d 8 3, relu, max_pool 2, conv2d 16 3, relu, max_pool 2, flatten, dense 32, relu";
const TANH: &str =
    "conv2d 8 3, tanh, avg_pool 2, conv2d 16 3, tanh, avg_pool 2, flatten, dense 32, tanh";
const NORMED: &str = "conv2d 8 3 bias=false, batch_norm, relu, conv2d 16 3 stride=2 bias=false, batch_norm, relu, global_avg_pool";
const RESNET: &str = "resnet: 8 width=4";

const PICTURE: Case = Case { sets: &["shapes", "small mnist"], models: &[CONV, TANH], ..USUAL };

pub(super) const CASES: &[Case] = &[
    Case { name: "healthy", models: &[CONV, TANH, NORMED, RESNET], ..PICTURE },
    Case { name: "healthy: lenet", sets: &["mnist"], models: &["lenet"], ..PICTURE },
    Case {
        name: "healthy: as chosen",
        settings: &[
            ("training.learning_rate", "auto"),
            ("training.schedule", "auto"),
            ("training.epochs", "auto"),
        ],
        sets: &["small mnist"],
        models: &[CONV],
        ..PICTURE
    },
    Case {
        name: "healthy: momentum",
        settings: &[("training.optimizer", "sgd momentum=0.9"), ("training.learning_rate", "0.03")],
        models: &[CONV, NORMED],
        ..PICTURE
    },
    Case {
        name: "rate far too large (adamw)",
        settings: &[("training.learning_rate", "1.0")],
        must: &["large_updates"],
        may: THROWN,
        models: &[CONV, TANH, NORMED],
        ..PICTURE
    },
    Case {
        name: "rate too large (sgd)",
        settings: &[("training.optimizer", "sgd momentum=0.9"), ("training.learning_rate", "5")],
        must: &["step_too_wide"],
        may: THROWN,
        ..PICTURE
    },
    Case {
        name: "rate too small (sgd)",
        settings: &[("training.optimizer", "sgd"), ("training.learning_rate", "1e-5")],
        models: &[CONV, NORMED],
        must: &["step_too_narrow"],
        may: CREEPING,
        ..PICTURE
    },
    Case {
        name: "rate too small (adamw)",
        settings: &[("training.learning_rate", "1e-7")],
        must: &["small_updates"],
        may: CREEPING,
        models: &[CONV, NORMED],
        ..PICTURE
    },
    Case {
        name: "huge first weights",
        settings: &[("training.learning_rate", "0.001")],
        scale: 10.0,
        must: &["bad_start"],
        may: HUGE,
        ..PICTURE
    },
    Case {
        name: "equal weights",
        models: &["conv2d 8 3 init=ones, relu, max_pool 2, flatten, dense 32 init=ones, relu"],
        must: &["clones"],
        may: EQUAL,
        ..PICTURE
    },
    Case {
        name: "dead rectifiers",
        settings: &[("training.learning_rate", "0.3"), ("training.optimizer", "adam")],
        models: &[CONV],
        must: &["dead_relu"],
        may: THROWN,
        ..PICTURE
    },
    Case {
        name: "deep, sigmoid",
        models: &[
            "conv2d 8 3, sigmoid, avg_pool 2, conv2d 8 3, sigmoid, conv2d 8 3 padding=same, sigmoid, conv2d 8 3 padding=same, sigmoid, conv2d 8 3 padding=same, sigmoid, global_avg_pool, dense 24, sigmoid",
        ],
        settings: &[("training.learning_rate", "0.001")],
        must: &["vanishing_gradient"],
        may: UNHEARD,
        ..PICTURE
    },
    Case {
        name: "wrong labels, long training",
        settings: &[("training.epochs", "50"), ("training.early_stopping", "false")],
        sets: &["wrong shapes"],
        models: &[CONV, TANH],
        must: &["overfitting"],
        ..PICTURE
    },
    Case {
        name: "batches of 1",
        settings: &[
            ("training.batch_size", "1"),
            ("training.optimizer", "sgd"),
            ("training.learning_rate", "0.03"),
            ("training.epochs", "12"),
        ],
        sets: &["small mnist", "wrong shapes"],
        models: &[CONV],
        must: &["noisy_gradient"],
        may: &[NOISE, BY_HEART],
        ..PICTURE
    },
    Case {
        name: "batches of everything",
        settings: &[("training.batch_size", "2000"), ("training.epochs", "15")],
        models: &[CONV],
        must: &["wasteful_batch"],
        may: &[LOST],
        ..PICTURE
    },
];
