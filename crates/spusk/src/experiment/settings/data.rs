//! What the network learns from.

use super::{Setting, setting};
use crate::experiment::help::Range;

pub(super) fn data() -> Vec<Setting> {
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
        .aliases(&["normalize"]),
        setting(
            ("data", "scale"),
            (),
            |e| &mut e.data.scale,
            "\"robust\"",
            "How inputs are brought to one size: \"standard\" (mean and standard deviation), \"robust\" (median and quartiles, which few huge values do not bend), \"log\" (the standard form of logarithms) or \"none\".",
        )
        .aliases(&["scaling", "scaler"]),
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
            ("data", "decimal_comma"),
            (),
            |e| &mut e.data.decimal_comma,
            "true",
            "Whether numbers are written 1,5 instead of 1.5, or \"auto\".",
        )
        .aliases(&["decimal"]),
        setting(
            ("data", "missing_values"),
            (),
            |e| &mut e.data.missing_values,
            "[\"-999\"]",
            "Cells that mean \"missing\", beside the usual ones such as NA, null or ?.",
        )
        .aliases(&["na_values", "null_values"]),
        setting(
            ("data", "columns"),
            (),
            |e| &mut e.data.columns,
            "[\"zip=category\"]",
            "Kinds of columns that are not to be found from their cells, NAME=KIND: number, category, boolean, date or text.",
        )
        .aliases(&["kinds", "dtypes", "column_types"]),
        setting(
            ("data", "memory_limit"),
            1,
            |e| &mut e.data.memory_limit,
            "1024",
            "Memory for the data, in MiB; what is longer is kept in temporary files.",
        )
        .aliases(&["memory", "max_memory"]),
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
pub(super) fn texts() -> Vec<Setting> {
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
pub(super) fn series() -> Vec<Setting> {
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

/// What only pictures ask for, most of it only networks that restore them.
pub(super) fn pictures() -> Vec<Setting> {
    vec![
        setting(
            ("data", "size"),
            (),
            |e| &mut e.data.size,
            "\"64x64\"",
            "Height and width in pixels to which pictures of classes are brought; \"auto\" for that of most of them or the median; large ones are reduced.",
        )
        .aliases(&["image_size", "picture_size", "resize"]),
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
