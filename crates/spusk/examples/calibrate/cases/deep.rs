//! Deep dense networks with batch norm, layer norm and residual sums.

use super::{CREEPING, Case, HUGE, THROWN, USUAL};

pub(super) const SETTINGS: &[(&str, &str)] = &[("training.batch_size", "32")];

const BATCH_NORM: &str = "dense 24, batch_norm, relu, dense 24, batch_norm, relu, dense 24, batch_norm, relu, dense 24, batch_norm, relu";
const RESIDUAL: &str = "dense 24, residual(layer_norm, dense 24, relu), residual(layer_norm, dense 24, relu), \
                        residual(layer_norm, dense 24, relu), residual(layer_norm, dense 24, relu), layer_norm";
const GELU: &str = "dense 24, gelu, residual(dense 24, gelu), residual(dense 24, gelu)";

const DEEP: Case =
    Case { sets: &["digits", "spirals"], models: &[BATCH_NORM, RESIDUAL, GELU], ..USUAL };

pub(super) const CASES: &[Case] = &[
    Case { name: "healthy", sets: &["digits", "spirals", "wave"], ..DEEP },
    Case {
        name: "healthy: momentum",
        settings: &[("training.optimizer", "sgd momentum=0.9"), ("training.learning_rate", "0.03")],
        ..DEEP
    },
    Case {
        name: "healthy: as chosen",
        settings: &[
            ("training.learning_rate", "auto"),
            ("training.schedule", "auto"),
            ("training.epochs", "auto"),
        ],
        sets: &["digits"],
        ..DEEP
    },
    Case {
        name: "rate far too large (adamw)",
        settings: &[("training.learning_rate", "1.0")],
        must: &["large_updates"],
        may: THROWN,
        ..DEEP
    },
    Case {
        name: "rate too large (sgd)",
        settings: &[("training.optimizer", "sgd momentum=0.9"), ("training.learning_rate", "10")],
        models: &[GELU],
        must: &["step_too_wide"],
        may: THROWN,
        ..DEEP
    },
    Case {
        name: "rate too small (sgd)",
        settings: &[("training.optimizer", "sgd"), ("training.learning_rate", "1e-5")],
        must: &["step_too_narrow"],
        may: CREEPING,
        ..DEEP
    },
    Case {
        name: "rate too small (adamw)",
        settings: &[("training.learning_rate", "1e-7")],
        must: &["small_updates"],
        may: CREEPING,
        ..DEEP
    },
    Case {
        name: "huge first weights",
        settings: &[("training.learning_rate", "0.001")],
        scale: 20.0,
        must: &["bad_start"],
        may: HUGE,
        ..DEEP
    },
    Case {
        name: "wrong labels, long training",
        settings: &[("training.epochs", "150"), ("training.early_stopping", "false")],
        sets: &["noisy"],
        must: &["overfitting"],
        ..DEEP
    },
];
