//! How raw rows become the numbers that a network sees; fitted on the training part, saved with the
//! model.

mod encoding;
mod pixels;
mod target;

use crate::messages as say;
use serde::{Deserialize, Serialize};

use super::error::{DataError, quoted, short};
use super::options::Task;
use super::patches::PatchInputs;
use super::series::{Channel, SeriesInputs};
use super::table::date::DateOrder;
use super::table::spelling::Spelling;
use super::tokens::Tokens;
pub(crate) use encoding::{dropped, signed_log};
pub(crate) use pixels::is_pixel_scale;

/// The text form's version; later versions must be told apart.
pub(crate) const VERSION: u32 = 1;

/// No encoded number is larger than this, so that a wild value in new data cannot turn the network's
/// sums into infinities. Training values are never near it: among n rows none is more than √n
/// standard deviations from their mean.
const FARTHEST: f64 = 1e6;

/// A category that the network does not know, as the number of a raw cell.
pub(crate) const UNKNOWN: f64 = u32::MAX as f64;

/// Everything that turns raw rows into network inputs and targets, and outputs back.
///
/// It is a value: save it with the model as JSON or TOML, and new raw rows are encoded as the
/// training rows were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// The version of this text form.
    pub version: u32,
    /// What the network learns.
    pub task: Task,
    /// The features.
    pub inputs: Inputs,
    /// What is predicted.
    pub target: Target,
}

/// The features of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Inputs {
    /// Columns of a table.
    Table {
        /// Columns are found by their names; otherwise by their places.
        named: bool,
        /// The columns in the order of the table, without the target's.
        columns: Vec<Column>,
    },
    /// Images, or other rows whose numbers share one scale.
    Pixels(PixelScale),
    /// Windows of series.
    Series(SeriesInputs),
    /// Patches of pictures.
    Patches(PatchInputs),
}

/// One scale for all numbers of a row: (x − mean) / std.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PixelScale {
    /// The shape of a row: [H, W, C] for images, [N] for rows of numbers.
    pub shape: Vec<usize>,
    /// The mean of all numbers of the training part.
    pub mean: f64,
    /// Their standard deviation.
    pub std: f64,
}

/// A column of the table and its encoding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The column's name, or c1, c2, … by its place.
    pub name: String,
    /// The column's place in the table, from 0.
    pub place: usize,
    /// How its cells become inputs.
    pub encoding: Encoding,
    /// How its numbers are written, where that is not plainly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spelling: Option<Spelling>,
}

/// How the cells of a column become network inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Encoding {
    /// (x − center) / spread, or the same of sign(x)·ln(1 + |x|).
    Number {
        /// The logarithm is taken first.
        #[serde(default)]
        log: bool,
        /// What becomes 0.
        center: f64,
        /// What becomes 1.
        spread: f64,
        /// What stands in for a missing value (of the logarithm, where one is taken).
        fill: f64,
        /// One more input is 1 where the value is missing.
        indicator: bool,
    },
    /// Two words as one number with mean 0 and variance 1.
    Boolean {
        /// The word for 0.
        no: String,
        /// The word for 1.
        yes: String,
        /// What becomes 0.
        center: f64,
        /// What becomes 1.
        spread: f64,
        /// One more input is 1 where the value is missing.
        indicator: bool,
    },
    /// One input for each value, of which one is 1.
    Category {
        /// The values that have an input of their own.
        values: Vec<String>,
        /// One more input stands for all other values, because the training part has such.
        others: bool,
        /// One more input stands for a missing value, because the training part has such.
        missing: bool,
    },
    /// The days since a mean day, and points on the circles of year, week and day.
    Date {
        /// The order of year, month and day.
        order: DateOrder,
        /// The mean of the days since 1970-01-01.
        center: f64,
        /// Their standard deviation.
        spread: f64,
        /// The parts that vary in the training part, by their numbers in this list: days, month
        /// (sine, cosine), weekday (sine, cosine), time of day (sine, cosine).
        parts: Vec<usize>,
        /// One more input is 1 where the date is missing.
        indicator: bool,
    },
    /// Numbers of tokens, then zeros. They are no quantities, so nothing is scaled.
    Text {
        /// The vocabulary.
        #[serde(flatten)]
        tokens: Tokens,
        /// Inputs of a text: tokens behind them are not read.
        length: usize,
    },
    /// No input.
    Dropped {
        /// The reason.
        why: String,
    },
}

/// What is predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// One of several classes; the target number is the class's index.
    Classes {
        /// The column that holds the class.
        column: String,
        /// The column's place, from 0.
        place: usize,
        /// What stands in the data, in the order of the indexes.
        values: Vec<String>,
        /// The names shown to people; the values themselves where the source tells no better.
        names: Vec<String>,
        /// The values are numbers.
        numeric: bool,
    },
    /// One or more numbers, standardized.
    Numbers {
        /// The columns that hold them.
        columns: Vec<NumberTarget>,
    },
    /// The next values of series; output h·S + s is step h of series s.
    Series {
        /// The series, S of them.
        channels: Vec<Channel>,
        /// Steps, H.
        horizon: usize,
    },
    /// Nothing beside the inputs, which an autoencoder gives back.
    Inputs,
    /// The patches before they were spoiled.
    Patches,
}

/// Where the tokens of a text stand among the inputs of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextBlock {
    /// The first of its inputs.
    pub start: usize,
    /// Its inputs, T.
    pub length: usize,
    /// How many different numbers they may be.
    pub vocab_size: usize,
}

/// A predicted number: the target is (y − mean) / std.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberTarget {
    /// How its numbers are written, where that is not plainly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spelling: Option<Spelling>,
    /// The column that holds it.
    pub name: String,
    /// The column's place, from 0.
    pub place: usize,
    /// The mean of the training part.
    pub mean: f64,
    /// Its standard deviation.
    pub std: f64,
}

impl Preprocessing {
    /// Inputs of one row.
    pub fn width(&self) -> usize {
        match &self.inputs {
            Inputs::Table { columns, .. } => {
                columns.iter().map(|column| column.encoding.width()).sum()
            }
            Inputs::Pixels(scale) => scale.width(),
            Inputs::Series(series) => series.window * series.width(),
            Inputs::Patches(patches) => patches.scale.width(),
        }
    }

    /// The shape of one row's inputs: [H, W, C] for images, else [N].
    pub fn shape(&self) -> Vec<usize> {
        match &self.inputs {
            Inputs::Table { .. } => vec![self.width()],
            Inputs::Pixels(scale) => scale.shape.clone(),
            Inputs::Series(series) => vec![series.window, series.width()],
            Inputs::Patches(patches) => patches.scale.shape.clone(),
        }
    }

    /// The inputs that are tokens of a text, where a row has some.
    pub fn text(&self) -> Option<TextBlock> {
        let Inputs::Table { columns, .. } = &self.inputs else { return None };
        let mut start = 0;
        for column in columns {
            if let Encoding::Text { tokens, length } = &column.encoding {
                return Some(TextBlock { start, length: *length, vocab_size: tokens.vocab_size() });
            }
            start += column.encoding.width();
        }
        None
    }

    /// Target numbers of one row: 1 for classes (the index).
    pub fn targets(&self) -> usize {
        match &self.target {
            _ if self.is_autoencoder() => self.width(),
            Target::Classes { .. } => 1,
            Target::Numbers { .. } | Target::Series { .. } | Target::Patches => self.outputs(),
            Target::Inputs => self.width(),
        }
    }

    /// The shape of one row's target: `[]` for a class, else [N].
    pub fn target_shape(&self) -> Vec<usize> {
        match &self.target {
            Target::Classes { .. } if !self.is_autoencoder() => vec![],
            _ => vec![self.targets()],
        }
    }

    /// Whether the network is to give its inputs back. Classes, where there are some, then only
    /// color pictures.
    pub fn is_autoencoder(&self) -> bool {
        self.task == Task::Autoencode
    }

    /// Numbers that a network must put out: as many as there are classes, or targets.
    pub fn outputs(&self) -> usize {
        match &self.target {
            _ if self.is_autoencoder() => self.width(),
            Target::Classes { values, .. } => values.len(),
            Target::Numbers { columns } => columns.len(),
            Target::Series { channels, horizon } => channels.len() * horizon,
            Target::Inputs => self.width(),
            Target::Patches => {
                self.patches().map_or(0, |patches| patches.target_shape().iter().product())
            }
        }
    }

    /// What a network that restores pictures sees and undoes.
    pub fn patches(&self) -> Option<&PatchInputs> {
        match &self.inputs {
            Inputs::Patches(patches) => Some(patches),
            Inputs::Table { .. } | Inputs::Pixels(_) | Inputs::Series(_) => None,
        }
    }

    /// The names of the classes; none for a regression.
    pub fn class_names(&self) -> &[String] {
        match &self.target {
            Target::Classes { names, .. } => names,
            Target::Numbers { .. } | Target::Series { .. } | Target::Inputs | Target::Patches => {
                &[]
            }
        }
    }

    /// The names of the inputs, one for each; pixels have none.
    pub fn input_names(&self) -> Vec<String> {
        match &self.inputs {
            Inputs::Table { columns, .. } => columns
                .iter()
                .flat_map(|column| column.encoding.input_names(&column.name))
                .collect(),
            Inputs::Pixels(_) | Inputs::Series(_) | Inputs::Patches(_) => Vec::new(),
        }
    }

    /// The value in the data's own unit of output `index` of a regression.
    pub fn unscale(&self, index: usize, output: f64) -> f64 {
        self.target.unscale(index, output)
    }

    /// The value in the data's own unit of input `index`, where it is a plain number; else the input. Of
    /// windows it is the input too: nothing gives them back.
    pub fn unscale_input(&self, index: usize, input: f64) -> f64 {
        let columns = match &self.inputs {
            Inputs::Pixels(scale) => return scale.decode(input as f32),
            Inputs::Series(_) => return input,
            Inputs::Patches(patches) => return patches.scale.decode(input as f32),
            Inputs::Table { columns, .. } => columns,
        };
        let mut start = 0;
        for column in columns {
            let (first, width) = (start, column.encoding.width());
            start += width;
            if index < start {
                return match column.encoding {
                    Encoding::Number { log, center, spread, .. } if index == first => {
                        let value = input * spread + center;
                        if log { value.abs().exp_m1().copysign(value) } else { value }
                    }
                    _ => input,
                };
            }
        }
        input
    }

    /// All choices, a line each.
    pub fn describe(&self) -> Vec<String> {
        let mut lines = match &self.inputs {
            Inputs::Table { columns, .. } => columns.iter().map(Column::describe).collect(),
            Inputs::Pixels(scale) => vec![format!(
                "{}: (x − {}) / {}, one scale for all",
                scale.describe_shape(),
                short(scale.mean),
                short(scale.std)
            )],
            Inputs::Series(series) => series.describe(),
            Inputs::Patches(patches) => patches.describe(),
        };
        lines.push(self.target.describe());
        lines
    }

    /// Whether features and targets have one place each in a table without gaps.
    fn places_are_sound(&self) -> bool {
        let mut places = self.target.places();
        match &self.inputs {
            Inputs::Table { columns, .. } => {
                places.extend(columns.iter().map(|column| column.place));
            }
            Inputs::Pixels(scale) => {
                let width = scale.shape.iter().try_fold(1usize, |all, &size| all.checked_mul(size));
                // The targets stand behind the pixels.
                places.iter_mut().for_each(|place| {
                    *place = place.wrapping_sub(width.unwrap_or(usize::MAX));
                });
            }
            // The targets are among the inputs.
            Inputs::Series(_) | Inputs::Patches(_) => return true,
        }
        places.sort_unstable();
        places.iter().enumerate().all(|(index, &place)| index == place)
    }

    /// Refuses a saved form that no fit can have made.
    pub fn validate(&self) -> Result<(), DataError> {
        let bad = |problem: String| {
            Err(DataError::new("preprocessing", |l| say::preprocessing_damaged(l, &problem)))
        };
        if self.version != VERSION {
            return bad(format!("got version {}, expected {VERSION}", self.version));
        }
        if !self.places_are_sound() {
            return bad("the places of its columns do not fit each other".to_owned());
        }
        match &self.inputs {
            Inputs::Table { columns, .. } => {
                for column in columns {
                    if let Err(problem) = column.encoding.validate() {
                        return bad(format!(
                            "column {}: {problem}",
                            quoted(column.name.as_bytes())
                        ));
                    }
                }
            }
            Inputs::Pixels(scale) => {
                let product =
                    scale.shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
                let sensible = product.is_some_and(|width| (1..=1 << 28).contains(&width));
                if !sensible || !is_pixel_scale(scale.mean, scale.std) {
                    return bad(format!("got pixels {scale:?}"));
                }
            }
            Inputs::Series(series) => {
                if let Err(problem) = series.validate(&self.target) {
                    return bad(problem);
                }
            }
            Inputs::Patches(_) => {}
        }
        if let Inputs::Patches(patches) = &self.inputs
            && let Err(problem) = patches.validate()
        {
            return bad(problem);
        }
        let restores = matches!(self.task, Task::Denoise | Task::Upscale);
        let is_patched = matches!(self.inputs, Inputs::Patches(_));
        if restores != is_patched || restores != (self.target == Target::Patches) {
            return bad("its inputs do not fit its task".to_owned());
        }
        if self.target == Target::Inputs && !self.is_autoencoder() {
            return bad("there is no target".to_owned());
        }
        self.target.validate().or_else(bad)
    }
}

pub(crate) fn bounded(x: f64) -> f32 {
    x.clamp(-FARTHEST, FARTHEST) as f32
}

pub(crate) fn is_scale(center: f64, spread: f64) -> bool {
    center.is_finite() && spread.is_finite() && spread > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(encoding: &Encoding, raw: f64) -> Vec<f32> {
        // Filled with rubbish, so that what is not written shows.
        let mut inputs = vec![9.0; encoding.width()];
        encoding.encode(raw, &mut inputs);
        inputs
    }

    #[test]
    fn cells_become_inputs() {
        let number = |log, indicator| Encoding::Number {
            log,
            center: 1.0,
            spread: 2.0,
            fill: 3.0,
            indicator,
        };
        assert_eq!(encode(&number(false, false), 5.0), [2.0]);
        assert_eq!(encode(&number(false, false), f64::NAN), [1.0]);
        assert_eq!(encode(&number(false, true), f64::NAN), [1.0, 1.0]);
        assert_eq!(encode(&number(false, true), 1e300), [1e6, 0.0]);
        assert_eq!(encode(&number(true, false), std::f64::consts::E - 1.0), [0.0]);
        let category = |others, missing| Encoding::Category {
            values: vec!["a".into(), "b".into()],
            others,
            missing,
        };
        assert_eq!(encode(&category(false, false), 1.0), [0.0, 1.0]);
        assert_eq!(encode(&category(false, false), UNKNOWN), [0.0, 0.0]);
        assert_eq!(encode(&category(true, false), UNKNOWN), [0.0, 0.0, 1.0]);
        assert_eq!(encode(&category(true, false), f64::NAN), [0.0, 0.0, 1.0]);
        assert_eq!(encode(&category(true, true), f64::NAN), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(encode(&category(false, true), f64::NAN), [0.0, 0.0, 1.0]);
        let date = Encoding::Date {
            order: DateOrder::YearMonthDay,
            center: 1.0,
            spread: 1.0,
            parts: vec![0, 2],
            indicator: true,
        };
        assert_eq!(encode(&date, 0.0), [-1.0, 1.0, 0.0]);
        assert_eq!(encode(&date, f64::NAN), [0.0, 0.0, 1.0]);
        assert!(encode(&Encoding::Dropped { why: String::new() }, 1.0).is_empty());
    }

    #[test]
    fn saved_forms_are_checked() {
        let sound = Preprocessing {
            version: VERSION,
            task: Task::Regress,
            inputs: Inputs::Pixels(PixelScale { shape: vec![8, 8, 1], mean: 0.1, std: 0.3 }),
            target: Target::Numbers {
                columns: vec![NumberTarget {
                    name: "y".into(),
                    place: 64,
                    mean: 0.1,
                    std: 2.5,
                    spelling: None,
                }],
            },
        };
        sound.validate().expect("is sound");
        let text = toml::to_string(&sound).expect("has a text form");
        assert_eq!(toml::from_str::<Preprocessing>(&text).expect("reads back"), sound);
        assert_eq!((sound.width(), sound.outputs(), sound.unscale(0, 1.0)), (64, 1, 2.6));
        let check = |change: fn(&mut Preprocessing)| {
            let mut broken = sound.clone();
            change(&mut broken);
            assert!(broken.validate().is_err());
        };
        check(|broken| broken.version = 7);
        check(|broken| {
            if let Target::Numbers { columns } = &mut broken.target {
                columns[0].place = 3;
            }
        });
        check(|broken| {
            broken.inputs =
                Inputs::Pixels(PixelScale { shape: vec![usize::MAX, 9], mean: 0.0, std: 1.0 });
        });
        check(|broken| {
            broken.inputs = Inputs::Pixels(PixelScale { shape: vec![8], mean: 0.0, std: 0.0 });
        });
        check(|broken| broken.target = Target::Numbers { columns: vec![] });
    }
}
