//! Dense networks on tables, and on small pictures read as rows.

use super::{BY_HEART, CREEPING, Case, EQUAL, HUGE, LOST, NOISE, THROWN, UNHEARD, USUAL};

pub(super) const DEEP_SIGMOID: &str = "dense 24, sigmoid, dense 24, sigmoid, dense 24, sigmoid, dense 24, sigmoid, \
                            dense 24, sigmoid, dense 24, sigmoid";
const DEEP_RELU: &str =
    "dense 24, relu, dense 24, relu, dense 24, relu, dense 24, relu, dense 24, relu";

pub(super) const CASES: &[Case] = &[
    Case { name: "healthy: adamw", ..USUAL },
    Case {
        name: "healthy: momentum",
        settings: &[
            ("training.optimizer", "sgd momentum=0.9"),
            ("training.learning_rate", "0.03"),
            ("model.layers", "dense 32, tanh"),
        ],
        sets: &["digits", "iris", "moons", "wave"],
        ..USUAL
    },
    Case { name: "healthy: regression", sets: &["wave", "plane"], ..USUAL },
    Case {
        name: "healthy: full batch at the edge of stability",
        settings: &[
            ("training.optimizer", "sgd"),
            ("training.learning_rate", "0.5"),
            ("training.batch_size", "2000"),
            ("training.epochs", "400"),
            ("model.layers", "dense 32, tanh"),
        ],
        sets: &["digits", "iris", "moons"],
        may: &[("wasteful_batch", "a batch of everything may be larger than its noise asks for")],
        ..USUAL
    },
    Case {
        name: "healthy: six layers",
        settings: &[("model.layers", DEEP_RELU)],
        sets: &["digits", "spirals", "moons"],
        ..USUAL
    },
    Case {
        name: "rate far too large (adamw)",
        settings: &[("training.learning_rate", "1.0")],
        must: &["large_updates"],
        may: THROWN,
        ..USUAL
    },
    Case {
        name: "rate too large (sgd)",
        settings: &[
            ("training.optimizer", "sgd momentum=0.9"),
            ("training.learning_rate", "3"),
            ("model.layers", "dense 32, tanh"),
        ],
        sets: &["digits", "iris", "moons", "spirals"],
        must: &["step_too_wide"],
        may: THROWN,
        ..USUAL
    },
    Case {
        name: "rate that diverges",
        settings: &[("training.optimizer", "sgd momentum=0.9"), ("training.learning_rate", "10")],
        sets: &["wave", "plane"],
        must: &["not_finite"],
        may: THROWN,
        ..USUAL
    },
    Case {
        name: "rate too small (sgd)",
        settings: &[("training.optimizer", "sgd"), ("training.learning_rate", "1e-5")],
        must: &["step_too_narrow"],
        may: CREEPING,
        ..USUAL
    },
    Case {
        name: "rate too small (adamw)",
        settings: &[("training.learning_rate", "1e-7")],
        must: &["small_updates"],
        may: CREEPING,
        ..USUAL
    },
    Case {
        name: "inputs not scaled",
        settings: &[("data.standardize", "false")],
        sets: &["units", "money"],
        must: &["unscaled_inputs"],
        may: &[
            ("bad_start", "inputs of thousands make first outputs of thousands"),
            ("step_too_wide", "the curvature grows with the square of the inputs"),
            ("dead_relu", "the largest input alone decides the sign of every unit"),
            LOST,
        ],
        ..USUAL
    },
    Case {
        name: "equal weights",
        settings: &[("model.layers", "dense 32 init=ones, relu, dense 32 init=ones, relu")],
        must: &["clones"],
        may: EQUAL,
        ..USUAL
    },
    Case {
        name: "weights of 0",
        settings: &[("model.layers", "dense 32 init=zeros, tanh, dense 32 init=zeros, tanh")],
        must: &["clones", "stuck"],
        ..USUAL
    },
    Case {
        name: "deep, sigmoid",
        settings: &[("model.layers", DEEP_SIGMOID), ("training.learning_rate", "0.001")],
        must: &["vanishing_gradient"],
        may: UNHEARD,
        ..USUAL
    },
    Case {
        name: "huge first weights, tanh",
        settings: &[
            ("model.layers", "dense 32, tanh, dense 32, tanh"),
            ("training.learning_rate", "0.001"),
        ],
        scale: 20.0,
        must: &["bad_start", "saturation"],
        may: HUGE,
        ..USUAL
    },
    Case {
        name: "huge first weights, deep relu",
        settings: &[("model.layers", DEEP_RELU), ("training.learning_rate", "0.0001")],
        scale: 6.0,
        must: &["bad_start", "exploding_signal"],
        may: HUGE,
        ..USUAL
    },
    Case {
        name: "dead rectifiers",
        settings: &[
            ("model.layers", "dense 32, relu, dense 32, relu"),
            ("training.learning_rate", "0.3"),
            ("training.optimizer", "adam"),
        ],
        must: &["dead_relu"],
        may: THROWN,
        ..USUAL
    },
    Case {
        name: "batches of 1",
        settings: &[
            ("training.batch_size", "1"),
            ("model.layers", "dense 32, tanh, dense 32, tanh"),
            ("training.epochs", "20"),
            ("training.optimizer", "sgd"),
            ("training.learning_rate", "0.1"),
        ],
        sets: &["digits"],
        must: &["noisy_gradient"],
        may: &[NOISE],
        ..USUAL
    },
    Case {
        name: "batches of 1, noisy data",
        settings: &[
            ("training.batch_size", "1"),
            ("training.epochs", "20"),
            ("training.optimizer", "sgd"),
            ("training.learning_rate", "0.2"),
        ],
        sets: &["noisy"],
        models: &["dense 32, tanh", "dense 32, relu"],
        must: &["noisy_gradient"],
        may: &[NOISE, BY_HEART],
        ..USUAL
    },
    Case {
        name: "batches of everything",
        settings: &[("training.batch_size", "2000"), ("training.epochs", "15")],
        sets: &["digits", "moons", "wave", "plane"],
        must: &["wasteful_batch"],
        may: &[LOST],
        ..USUAL
    },
    Case {
        name: "wrong labels, long training",
        settings: &[
            ("training.epochs", "200"),
            ("model.layers", "dense 128, relu"),
            ("training.early_stopping", "false"),
        ],
        sets: &["noisy"],
        must: &["overfitting"],
        ..USUAL
    },
    Case {
        name: "nothing to learn",
        settings: &[
            ("model.layers", "dense 8, tanh"),
            ("training.learning_rate", "0.003"),
            ("training.epochs", "30"),
        ],
        sets: &["random"],
        must: &["stuck"],
        may: &[BY_HEART],
        ..USUAL
    },
];
