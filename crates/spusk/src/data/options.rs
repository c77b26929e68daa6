//! The settings of the data side, as they stand in an experiment's `[data]` table.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::DataError;
use super::patches::PatchOptions;
use super::series::SeriesOptions;
use super::tokens::{MOST_TOKENS, MOST_VOCABULARY, TokenKind};
use crate::messages::{self as say, Language};

/// What the network is to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One of several classes.
    Classify,
    /// One or more numbers.
    Regress,
    /// The next values of one or more series.
    Forecast,
    /// The inputs themselves, through a narrow code.
    Autoencode,
    /// A picture without its noise.
    Denoise,
    /// A picture of more pixels.
    Upscale,
}

impl Task {
    /// The word of the command line.
    pub fn name(self) -> &'static str {
        match self {
            Task::Classify => "classify",
            Task::Regress => "regress",
            Task::Forecast => "forecast",
            Task::Autoencode => "autoencode",
            Task::Denoise => "denoise",
            Task::Upscale => "upscale",
        }
    }

    /// What is done, in the words of a language.
    #[must_use]
    pub fn in_words(self, l: Language) -> String {
        match self {
            Task::Classify => say::task_classify(l),
            Task::Regress => say::task_regress(l),
            Task::Forecast => say::task_forecast(l),
            Task::Autoencode => say::task_autoencode(l),
            Task::Denoise => say::task_denoise(l),
            Task::Upscale => say::task_upscale(l),
        }
    }
}

/// What the cells of a table's column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Numbers.
    Number,
    /// Words from a list.
    Category,
    /// Two words that mean no and yes.
    Boolean,
    /// Dates, with or without a time.
    Date,
    /// Sentences, which are read word by word.
    Text,
}

impl ColumnKind {
    /// The word that settings and descriptions use.
    pub fn name(self) -> &'static str {
        match self {
            ColumnKind::Number => "number",
            ColumnKind::Category => "category",
            ColumnKind::Boolean => "boolean",
            ColumnKind::Date => "date",
            ColumnKind::Text => "text",
        }
    }
}

/// What happens to a row that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadRows {
    /// The run stops with an error that names the place.
    #[default]
    Error,
    /// The row is left out and counted.
    Skip,
}

/// How number columns, booleans and pixels are brought to one size. Dates always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// (x − mean) / standard deviation.
    #[default]
    Standard,
    /// (x − median) / (interquartile range / 1.349), which few huge values do not bend.
    Robust,
    /// The standard form of sign(x)·ln(1 + |x|), for values that span many powers of ten.
    Log,
    /// They stay as they are; a yes is 1, a no 0.
    None,
}

/// What becomes of a table's missing cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// The mean of the training part.
    #[default]
    Mean,
    /// The median of the training part.
    Median,
    /// Nothing: the row is left out and counted.
    Skip,
    /// Nothing: the first one is an error.
    Error,
}

/// The color of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// One channel.
    Gray,
    /// Three channels.
    Rgb,
}

/// All settings of the data side. Every one has a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataOptions {
    /// The column to predict: a name, a number from 1, `last`, several of them with commas, or the
    /// path of a second file that holds it. Default: a column called target, label, class or y,
    /// else the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The task; found from the target when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// A second source that is the test part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_source: Option<String>,
    /// The test part as a share of all rows. When absent, a source's own test part is kept, and
    /// 0.2 is split off where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<f64>,
    /// The validation part as a share of the rows that are not test rows.
    pub validation: f64,
    /// The seed of splits, of shuffling and of generated sets.
    pub seed: u64,
    /// The sign between cells; found when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether the first line holds the column names; found when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Whether quotes bound cells; found when absent. They always do but in tables with tabs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotes: Option<bool>,
    /// Whether numbers are written 1,5 instead of 1.5; found when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_comma: Option<bool>,
    /// More words that mean "missing", beside the usual ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Columns to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Columns whose kind is set by hand.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, ColumnKind>,
    /// What happens to rows that cannot be read.
    pub bad_rows: BadRows,
    /// How number columns are brought to one size.
    pub scale: Scale,
    /// What stands in for missing numbers.
    pub fill: Fill,
    /// A category column keeps at most this many of its values; the rest share one input.
    pub max_categories: usize,
    /// A category that has fewer training examples shares one input with the other rare ones.
    pub min_category_count: usize,
    /// The size, height and width, to which images are resized; also written "28x28". When absent, it is
    /// found from the sizes that they have.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "size")]
    pub size: Option<[usize; 2]>,
    /// The color to which images are turned; found when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// The noise of generated sets; each has its own default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<f64>,
    /// The bytes of memory that the data may take; what is longer is kept in temporary files.
    pub memory_limit: u64,
    /// The folder of the temporary files; the system's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spool_dir: Option<PathBuf>,
    /// How a table is read as series, for forecasts.
    pub series: SeriesOptions,
    /// How pictures are spoiled and cut, for networks that restore them.
    pub patches: PatchOptions,
    /// The column of texts; found when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What a token of a text is.
    pub tokens: TokenKind,
    /// Numbers of a vocabulary at most; each kind of token has its own default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<usize>,
    /// Tokens that are read of a text; where absent, as many as 99 % of the training texts have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_length: Option<usize>,
}

/// Reads `[28, 28]` or `"28x28"`.
fn size<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<[usize; 2]>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Numbers([usize; 2]),
        Text(String),
    }
    match Form::deserialize(deserializer) {
        Ok(Form::Numbers(size)) => Ok(Some(size)),
        Ok(Form::Text(text)) => {
            let sides = text.split_once('x').map(|(height, width)| (height.parse(), width.parse()));
            match sides {
                Some((Ok(height), Ok(width))) => Ok(Some([height, width])),
                _ => Err(serde::de::Error::custom(format!(
                    "got {text}, expected a height and a width such as \"28x28\""
                ))),
            }
        }
        Err(_) => Err(serde::de::Error::custom("expected a height and a width such as [28, 28]")),
    }
}

/// The most pixels to which a side of a picture can be resized.
pub const LARGEST_SIDE: usize = 4096;

/// The share of test rows where neither the source nor the settings say one.
pub const DEFAULT_TEST_SHARE: f64 = 0.2;

impl Default for DataOptions {
    fn default() -> DataOptions {
        DataOptions {
            target: None,
            task: None,
            test_source: None,
            test: None,
            validation: 0.1,
            seed: 0,
            delimiter: None,
            header: None,
            quotes: None,
            decimal_comma: None,
            missing: Vec::new(),
            ignore: Vec::new(),
            columns: BTreeMap::new(),
            bad_rows: BadRows::default(),
            scale: Scale::default(),
            fill: Fill::default(),
            max_categories: 64,
            min_category_count: 2,
            size: None,
            color: None,
            noise: None,
            memory_limit: 256 << 20,
            spool_dir: None,
            series: SeriesOptions::default(),
            patches: PatchOptions::default(),
            text: None,
            tokens: TokenKind::default(),
            vocabulary: None,
            text_length: None,
        }
    }
}

impl DataOptions {
    /// Refuses settings that make no sense.
    pub fn validate(&self) -> Result<(), DataError> {
        let share = |name: &str, share: f64| {
            if (0.0..1.0).contains(&share) {
                return Ok(());
            }
            Err(option_error(name, share).expected(say::option_share))
        };
        share("test", self.test.unwrap_or(DEFAULT_TEST_SHARE))?;
        share("validation", self.validation)?;
        if self.max_categories == 0 {
            return Err(option_error("max_categories", 0).expected(|l| say::option_least(l, 1)));
        }
        let whole = |name: &str, set: Option<usize>, least: usize, most: usize| match set {
            Some(size) if !(least..=most).contains(&size) => {
                Err(option_error(name, size).expected(|l| say::option_range(l, least, most)))
            }
            _ => Ok(()),
        };
        // Byte pairs need a number for each byte.
        let least = if self.tokens == TokenKind::Bpe { 257 } else { 8 };
        whole("vocabulary", self.vocabulary, least, MOST_VOCABULARY)?;
        whole("text_length", self.text_length, 1, MOST_TOKENS)?;
        if let Some(noise) = self.noise
            && !(0.0..=1000.0).contains(&noise)
        {
            return Err(option_error("noise", noise).expected(|l| say::option_range(l, 0, 1000)));
        }
        if let Some([height, width]) = self.size
            && !((1..=LARGEST_SIDE).contains(&height) && (1..=LARGEST_SIDE).contains(&width))
        {
            let most = format!("{LARGEST_SIDE}x{LARGEST_SIDE}");
            return Err(option_error("size", format!("{height}x{width}"))
                .expected(|l| say::option_sizes(l, "1x1", &most)));
        }
        if let Some(delimiter) = self.delimiter
            && (!delimiter.is_ascii() || "\"\r\n.".contains(delimiter))
        {
            let got = delimiter.escape_default().to_string();
            return Err(option_error("delimiter", got).expected(say::option_delimiter));
        }
        if let Some(folder) = &self.spool_dir {
            super::store::check_folder(folder)?;
        }
        Ok(())
    }
}

/// A setting of the data that has a value which it may not have.
pub(crate) fn option_error(name: &str, got: impl std::fmt::Display) -> DataError {
    DataError::new(format!("data.{name}"), |l| say::error_got(l, &got))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_survive_toml() {
        let options = DataOptions::default();
        options.validate().expect("the defaults are valid");
        let text = toml::to_string(&options).expect("options have a text form");
        assert_eq!(toml::from_str::<DataOptions>(&text).expect("reads back"), options);
        assert_eq!(toml::from_str::<DataOptions>("").expect("all have defaults"), options);
    }

    #[test]
    fn senseless_settings_are_refused() {
        let check = |toml: &str, message: &str| {
            let options: DataOptions = toml::from_str(toml).expect("parses");
            assert_eq!(options.validate().expect_err(toml).to_string(), message);
        };
        check("test = 1.5", "data.test: got 1.5, expected a share from 0 to below 1, such as 0.2");
        check(
            "validation = nan",
            "data.validation: got NaN, expected a share from 0 to below 1, such as 0.2",
        );
        check("max_categories = 0", "data.max_categories: got 0, expected a number from 1");
        check(
            "delimiter = '\"'",
            "data.delimiter: got \\\", expected one of , ; | a tab or a blank",
        );
        check("size = [0, 3]", "data.size: got 0x3, expected 1x1 to 4096x4096");
        let sized: DataOptions = toml::from_str("size = '28x32'").expect("parses");
        assert_eq!(sized.size, Some([28, 32]));
        assert!(toml::from_str::<DataOptions>("size = '28'").is_err());
        check("noise = -1.0", "data.noise: got -1, expected a number from 0 to 1000");
    }
}
