//! How the cells of a column become inputs.

use super::{Column, Encoding, bounded, is_scale};
use crate::data::error::{counted, quoted, short};
use crate::data::table::date;
use crate::data::tokens::MOST_TOKENS;
use crate::messages::{self as say, Language};

impl Column {
    pub(super) fn describe(&self) -> String {
        let name = quoted(self.name.as_bytes());
        let (encoding, width) = (self.encoding.describe(Language::English), self.encoding.width());
        match &self.encoding {
            Encoding::Dropped { .. } => format!("{name}: {encoding}"),
            _ => format!("{name}: {encoding} → {}", counted(width as u64, "input")),
        }
    }
}

/// Why a column is left out, by the words that files say it with.
pub(crate) fn dropped(l: Language, why: &str) -> String {
    let fixed = [
        say::dropped_ignored,
        say::dropped_numbering,
        say::dropped_all_missing,
        say::dropped_same,
        say::dropped_same_date,
    ];
    if let Some(message) = fixed.into_iter().find(|message| message(Language::English) == why) {
        return message(l);
    }
    let inside = |before: &str, after: &str| why.strip_prefix(before)?.strip_suffix(after);
    if let Some(value) = inside("it is always ", " in the training part") {
        return say::dropped_always(l, l.digits(value));
    }
    match inside("it has ", " rows, as a name or a text has") {
        Some(rest) => match rest.split_once(" different values in ") {
            Some((different, rows)) => say::dropped_name(l, different, rows),
            None => why.into(),
        },
        None => why.into(),
    }
}

impl Encoding {
    /// Inputs that the column becomes.
    pub fn width(&self) -> usize {
        match self {
            Encoding::Number { indicator, .. } | Encoding::Boolean { indicator, .. } => {
                1 + usize::from(*indicator)
            }
            Encoding::Category { values, others, missing } => {
                values.len() + usize::from(*others) + usize::from(*missing)
            }
            Encoding::Date { parts, indicator, .. } => parts.len() + usize::from(*indicator),
            Encoding::Text { length, .. } => *length,
            Encoding::Dropped { .. } => 0,
        }
    }

    /// Writes the inputs of a raw cell: a number, seconds, 0 or 1, the index of a category or
    /// [`UNKNOWN`]; NaN where it is missing. Texts are no numbers: a `TextEncoder` writes theirs.
    pub(crate) fn encode(&self, raw: f64, inputs: &mut [f32]) {
        let missing = raw.is_nan();
        match self {
            Encoding::Number { log, center, spread, fill, indicator, .. } => {
                let value = match (missing, log) {
                    (true, _) => *fill,
                    (false, true) => signed_log(raw),
                    (false, false) => raw,
                };
                inputs[0] = bounded((value - center) / spread);
                if *indicator {
                    inputs[1] = f32::from(u8::from(missing));
                }
            }
            Encoding::Boolean { center, spread, indicator, .. } => {
                inputs[0] = if missing { 0.0 } else { bounded((raw - center) / spread) };
                if *indicator {
                    inputs[1] = f32::from(u8::from(missing));
                }
            }
            Encoding::Category { values, others, missing: own } => {
                inputs.fill(0.0);
                if missing && *own {
                    inputs[values.len() + usize::from(*others)] = 1.0;
                } else if !missing && raw < values.len() as f64 {
                    inputs[raw as usize] = 1.0;
                } else if *others {
                    inputs[values.len()] = 1.0;
                }
            }
            Encoding::Date { center, spread, parts, indicator, .. } => {
                inputs.fill(0.0);
                if missing {
                    if *indicator {
                        inputs[parts.len()] = 1.0;
                    }
                    return;
                }
                let values = date::parts(raw);
                for (input, &part) in inputs.iter_mut().zip(parts) {
                    let value = values[part];
                    *input =
                        if part == 0 { bounded((value - center) / spread) } else { value as f32 };
                }
            }
            Encoding::Text { .. } | Encoding::Dropped { .. } => {}
        }
    }

    /// The encoding in words.
    pub(crate) fn describe(&self, l: Language) -> String {
        let and = |flag: bool, text: fn(Language) -> String| match flag {
            true => text(l),
            false => String::new(),
        };
        let number = |value: f64| l.digits(&short(value));
        match self {
            Encoding::Number { log, center, spread, indicator, .. } => {
                let value = if *log { "sign(x)·ln(1 + |x|)" } else { "x" };
                let shown = if *center < 0.0 {
                    format!("({value} + {})", number(-center))
                } else {
                    format!("({value} − {})", number(*center))
                };
                let marked = and(*indicator, say::use_marked);
                format!("{}{marked}", say::use_number(l, shown, number(*spread)))
            }
            Encoding::Boolean { no, yes, indicator, .. } => {
                format!("{}{}", say::use_boolean(l, no, yes), and(*indicator, say::use_marked))
            }
            Encoding::Category { values, others, missing } => format!(
                "{}{}{}",
                say::use_category(l, l.counted(values.len() as u64, "value")),
                and(*others, say::use_rare),
                and(*missing, say::use_missing_too)
            ),
            Encoding::Date { parts, indicator, .. } => {
                let names: Vec<String> =
                    parts.iter().map(|&part| say::date_part(l, date::PARTS[part])).collect();
                let marked = and(*indicator, say::use_marked);
                format!("{}{marked}", say::use_date(l, names.join(", ")))
            }
            Encoding::Text { tokens, length } => {
                say::use_text(l, tokens.describe(l), l.counted(*length as u64, "token"))
            }
            Encoding::Dropped { why } => say::use_left_out_since(l, dropped(l, why)),
        }
    }

    pub(super) fn input_names(&self, name: &str) -> Vec<String> {
        let mut names = match self {
            Encoding::Number { .. } | Encoding::Boolean { .. } => vec![name.to_owned()],
            Encoding::Category { values, others, .. } => {
                let mut names: Vec<String> =
                    values.iter().map(|value| format!("{name} = {value}")).collect();
                if *others {
                    names.push(format!("{name} = (others)"));
                }
                names
            }
            Encoding::Date { parts, .. } => {
                parts.iter().map(|&part| format!("{name}: {}", date::PARTS[part])).collect()
            }
            Encoding::Text { length, .. } => {
                (1..=*length).map(|place| format!("{name}: token {place}")).collect()
            }
            Encoding::Dropped { .. } => Vec::new(),
        };
        if names.len() < self.width() {
            names.push(format!("{name} is missing"));
        }
        names
    }

    pub(super) fn validate(&self) -> Result<(), String> {
        let sound = match self {
            Encoding::Number { center, spread, fill, .. } => {
                is_scale(*center, *spread) && fill.is_finite()
            }
            Encoding::Boolean { center, spread, .. } => is_scale(*center, *spread),
            Encoding::Category { values, .. } => values.len() <= 1 << 20,
            Encoding::Date { center, spread, parts, .. } => {
                is_scale(*center, *spread) && parts.iter().all(|&part| part < date::PARTS.len())
            }
            Encoding::Text { tokens, length } => {
                (1..=MOST_TOKENS).contains(length) && tokens.is_sound()
            }
            Encoding::Dropped { .. } => true,
        };
        if sound { Ok(()) } else { Err(format!("got {}", self.describe_raw())) }
    }

    fn describe_raw(&self) -> String {
        quoted(format!("{self:?}").as_bytes())
    }
}

/// sign(x)·ln(1 + |x|)
pub(crate) fn signed_log(x: f64) -> f64 {
    x.abs().ln_1p().copysign(x)
}
