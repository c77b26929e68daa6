//! Dense networks on tables, and on small pictures read as rows.

use super::{Case, USUAL};

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
        may: &["wasteful_batch"],
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
        may: &[
            "step_too_wide",
            "dead_relu",
            "stuck",
            "noisy_gradient",
            "exploding_signal",
            "overfitting",
            "vanishing_gradient",
        ],
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
        may: &[
            "dead_relu",
            "large_updates",
            "saturation",
            "stuck",
            "noisy_gradient",
            "exploding_signal",
            "not_finite",
            "overfitting",
            "vanishing_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "rate that diverges",
        settings: &[("training.optimizer", "sgd momentum=0.9"), ("training.learning_rate", "10")],
        sets: &["wave", "plane"],
        must: &["not_finite"],
        may: &[
            "large_updates",
            "step_too_wide",
            "exploding_signal",
            "dead_relu",
            "stuck",
            "noisy_gradient",
            "vanishing_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "rate too small (sgd)",
        settings: &[("training.optimizer", "sgd"), ("training.learning_rate", "1e-5")],
        must: &["step_too_narrow"],
        may: &["small_updates", "stuck"],
        ..USUAL
    },
    Case {
        name: "rate too small (adamw)",
        settings: &[("training.learning_rate", "1e-7")],
        must: &["small_updates"],
        may: &["step_too_narrow", "stuck"],
        ..USUAL
    },
    Case {
        name: "inputs not scaled",
        settings: &[("data.standardize", "false")],
        sets: &["units", "money"],
        must: &["unscaled_inputs"],
        may: &[
            "bad_start",
            "step_too_wide",
            "stuck",
            "dead_relu",
            "noisy_gradient",
            "exploding_signal",
            "small_updates",
            "large_updates",
            "vanishing_gradient",
            "step_too_narrow",
        ],
        ..USUAL
    },
    Case {
        name: "equal weights",
        settings: &[("model.layers", "dense 32 init=ones, relu, dense 32 init=ones, relu")],
        must: &["clones"],
        may: &[
            "bad_start",
            "stuck",
            "exploding_signal",
            "dead_relu",
            "vanishing_gradient",
            "noisy_gradient",
            "step_too_wide",
            "small_updates",
        ],
        ..USUAL
    },
    Case {
        name: "weights of 0",
        settings: &[("model.layers", "dense 32 init=zeros, tanh, dense 32 init=zeros, tanh")],
        must: &["clones", "stuck"],
        may: &[
            "vanishing_gradient",
            // Adam takes steps of full width along what little noise there is.
            "step_too_wide",
            "small_updates",
            "large_updates",
            "step_too_narrow",
            "exploding_signal",
            "noisy_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "deep, sigmoid",
        settings: &[("model.layers", DEEP_SIGMOID), ("training.learning_rate", "0.001")],
        must: &["vanishing_gradient"],
        may: &["saturation", "stuck", "small_updates", "step_too_narrow", "noisy_gradient"],
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
        may: &[
            "step_too_narrow",
            "exploding_signal",
            "small_updates",
            "stuck",
            "step_too_wide",
            "noisy_gradient",
            "overfitting",
            "vanishing_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "huge first weights, deep relu",
        settings: &[("model.layers", DEEP_RELU), ("training.learning_rate", "0.0001")],
        scale: 6.0,
        must: &["bad_start", "exploding_signal"],
        may: &[
            "step_too_wide",
            "small_updates",
            "stuck",
            "noisy_gradient",
            "dead_relu",
            "overfitting",
            "vanishing_gradient",
            "step_too_narrow",
        ],
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
        may: &[
            "small_updates",
            "large_updates",
            "stuck",
            "step_too_wide",
            "noisy_gradient",
            "exploding_signal",
            "overfitting",
            "vanishing_gradient",
        ],
        ..USUAL
    },
    Case {
        name: "batches of 1",
        settings: &[
            ("training.batch_size", "1"),
            ("model.layers", "dense 32, tanh, dense 32, tanh"),
            ("training.epochs", "6"),
            ("training.optimizer", "sgd"),
            ("training.learning_rate", "0.1"),
        ],
        sets: &["digits", "wave"],
        must: &["noisy_gradient"],
        may: &[
            "large_updates",
            "step_too_wide",
            "dead_relu",
            "stuck",
            "overfitting",
            "exploding_signal",
            "vanishing_gradient",
            "saturation",
        ],
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
        may: &["noisy_gradient"],
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
        may: &["noisy_gradient", "overfitting"],
        ..USUAL
    },
];
