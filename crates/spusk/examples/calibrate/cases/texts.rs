//! Convolutions over words, recurrent layers and attention, on short texts.

use super::{BY_HEART, CREEPING, Case, EQUAL, HUGE, NOISE, THROWN, UNHEARD, USUAL};

pub(super) const SETTINGS: &[(&str, &str)] = &[
    ("training.epochs", "12"),
    ("data.text_length", "16"),
    ("data.vocabulary", "300"),
    ("training.batch_size", "32"),
];

const TEXTCNN: &str = "textcnn: filters=32 embedding_size=32 dropout=0.2";
const LSTM: &str = "lstm: hidden_size=24";
const TRANSFORMER: &str = "transformer: blocks=1 hidden_size=24 heads=2";
const WORDS: &str =
    "embedding 1 24, conv1d 24 3 padding=same, relu, global_max_pool, dense 24, relu";

const TEXT: Case = Case {
    may: &[("overfitting", "a few hundred short texts are soon known by heart")],
    sets: &["words", "spam"],
    models: &[TEXTCNN, LSTM, TRANSFORMER],
    ..USUAL
};

pub(super) const CASES: &[Case] = &[
    Case { name: "healthy", ..TEXT },
    Case {
        name: "healthy: as chosen",
        settings: &[
            ("training.learning_rate", "auto"),
            ("training.schedule", "auto"),
            ("training.epochs", "auto"),
        ],
        sets: &["spam"],
        models: &[TEXTCNN, TRANSFORMER],
        ..TEXT
    },
    Case { name: "healthy: stacked", models: &[WORDS], ..TEXT },
    Case {
        name: "healthy: momentum",
        settings: &[("training.optimizer", "sgd momentum=0.9"), ("training.learning_rate", "0.02")],
        models: &[WORDS, LSTM],
        ..TEXT
    },
    Case {
        name: "rate far too large (adamw)",
        settings: &[("training.learning_rate", "1.0")],
        must: &["large_updates"],
        may: THROWN,
        ..TEXT
    },
    Case {
        name: "rate too large (sgd)",
        settings: &[("training.optimizer", "sgd momentum=0.9"), ("training.learning_rate", "30")],
        models: &[WORDS, LSTM],
        must: &["step_too_wide"],
        may: THROWN,
        ..TEXT
    },
    Case {
        name: "rate too small (sgd)",
        settings: &[("training.optimizer", "sgd"), ("training.learning_rate", "1e-5")],
        models: &[WORDS, TRANSFORMER],
        must: &["step_too_narrow"],
        may: CREEPING,
        ..TEXT
    },
    Case {
        name: "rate too small (adamw)",
        settings: &[("training.learning_rate", "1e-7")],
        must: &["small_updates"],
        may: CREEPING,
        ..TEXT
    },
    Case {
        name: "huge first weights",
        settings: &[("training.learning_rate", "0.001")],
        scale: 20.0,
        models: &[WORDS, LSTM],
        must: &["bad_start"],
        may: HUGE,
        ..TEXT
    },
    Case {
        name: "equal weights",
        models: &[
            "embedding 1 24, conv1d 24 3 init=ones padding=same, relu, global_max_pool, dense 24 init=ones, relu",
        ],
        must: &["clones"],
        may: EQUAL,
        ..TEXT
    },
    Case {
        name: "dead rectifiers",
        settings: &[("training.learning_rate", "0.3"), ("training.optimizer", "adam")],
        models: &[WORDS],
        must: &["dead_relu"],
        may: THROWN,
        ..TEXT
    },
    Case {
        name: "deep, sigmoid",
        models: &[
            "embedding 1 24, global_avg_pool, dense 24, sigmoid, dense 24, sigmoid, dense 24, sigmoid, dense 24, sigmoid, dense 24, sigmoid, dense 24, sigmoid",
        ],
        settings: &[("training.learning_rate", "0.001")],
        must: &["vanishing_gradient"],
        may: UNHEARD,
        ..TEXT
    },
    Case {
        name: "wrong labels, long training",
        settings: &[("training.epochs", "60"), ("training.early_stopping", "false")],
        sets: &["wrong words"],
        models: &[WORDS, LSTM, TRANSFORMER],
        must: &["overfitting"],
        ..TEXT
    },
    Case {
        name: "batches of 1",
        settings: &[
            ("training.batch_size", "1"),
            ("training.optimizer", "sgd"),
            ("training.learning_rate", "0.4"),
            ("training.epochs", "16"),
        ],
        sets: &["wrong words"],
        models: &[LSTM],
        must: &["noisy_gradient"],
        may: &[NOISE, BY_HEART],
        ..TEXT
    },
];
