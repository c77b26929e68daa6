//! What is wrong on the command line, in Russian, from what clap knows of it.

use std::error::Error as _;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use spusk::messages::{self as say, Language::Russian};

use super::{USAGE, usage};

/// The whole complaint: what is wrong, what may have been meant, how the command is written.
pub(super) fn in_russian(error: &Error) -> String {
    let mut text = say::error_word(Russian, complaint(error));
    let tips = tips(error);
    if !tips.is_empty() {
        text += "\n";
    }
    for tip in tips {
        text += &format!("\n  {}: {tip}", say::error_help(Russian));
    }
    if let Some(ContextValue::StyledStr(line)) = error.get(ContextKind::Usage) {
        text += &format!("\n\n{USAGE} {}", usage(&line.to_string()));
    }
    format!("{}\n\n{}", text.trim_end(), say::error_more_help(Russian))
}

/// One thing that clap knows of an error.
fn one(error: &Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        ContextValue::Strings(texts) => texts.first().map(String::as_str),
        _ => None,
    }
}

/// Several things.
fn all(error: &Error, kind: ContextKind) -> Vec<&str> {
    match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        Some(ContextValue::String(text)) => vec![text],
        _ => Vec::new(),
    }
}

fn number(error: &Error, kind: ContextKind) -> isize {
    match error.get(kind) {
        Some(ContextValue::Number(number)) => *number,
        _ => 0,
    }
}

fn complaint(error: &Error) -> String {
    let argument = one(error, ContextKind::InvalidArg).unwrap_or_default();
    let value = one(error, ContextKind::InvalidValue).unwrap_or_default();
    let given = number(error, ContextKind::ActualNumValues);
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!("флага `{argument}` нет")
        }
        ErrorKind::UnknownArgument => format!("`{argument}` — лишнее слово"),
        ErrorKind::InvalidSubcommand => {
            let name = one(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("команды `{name}` нет")
        }
        ErrorKind::MissingSubcommand => {
            format!(
                "не названа команда{}",
                list("команды", &all(error, ContextKind::ValidSubcommand))
            )
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = all(error, ContextKind::InvalidArg);
            format!("не дано обязательное:\n  {}", missing.join("\n  "))
        }
        ErrorKind::InvalidValue => {
            let values = list("значения", &all(error, ContextKind::ValidValue));
            match value {
                "" => format!("у `{argument}` нет значения{values}"),
                _ => format!("значение `{value}` не подходит для `{argument}`{values}"),
            }
        }
        ErrorKind::ValueValidation => match expected(error, value) {
            Some(expected) => {
                format!("значение `{value}` не подходит для `{argument}`: {expected}")
            }
            None => format!("значение `{value}` не подходит для `{argument}`"),
        },
        ErrorKind::ArgumentConflict => conflict(error, argument),
        ErrorKind::NoEquals => format!("`{argument}` пишется со знаком равенства"),
        ErrorKind::TooManyValues => format!("у `{argument}` лишнее значение `{value}`"),
        ErrorKind::TooFewValues => {
            let least = number(error, ContextKind::MinValues);
            format!("у `{argument}` значений {given}, а нужно не меньше {least}")
        }
        ErrorKind::WrongNumberOfValues => {
            let wanted = number(error, ContextKind::ExpectedNumValues);
            format!("у `{argument}` значений {given}, а нужно {wanted}")
        }
        ErrorKind::InvalidUtf8 => "в словах команды не UTF-8".into(),
        // What clap cannot tell more of.
        _ => error.to_string(),
    }
}

fn conflict(error: &Error, argument: &str) -> String {
    let others = all(error, ContextKind::PriorArg);
    match others.as_slice() {
        [] => format!("`{argument}` не сочетается с другими флагами"),
        [other] if *other == argument => format!("`{argument}` дано дважды"),
        others => format!("`{argument}` не сочетается с `{}`", others.join("`, `")),
    }
}

fn list(name: &str, values: &[&str]) -> String {
    match values {
        [] => String::new(),
        values => format!("\n  [{name}: {}]", values.join(", ")),
    }
}

/// What a value should have been.
fn expected(error: &Error, value: &str) -> Option<String> {
    let source = error.source()?;
    if let Some(wrong) = source.downcast_ref::<ParseIntError>() {
        let negative = value.strip_prefix('-').is_some_and(|rest| rest.parse::<u64>().is_ok());
        return Some(match wrong.kind() {
            IntErrorKind::PosOverflow => "число слишком велико".into(),
            IntErrorKind::NegOverflow => "число слишком мало".into(),
            _ if negative => "ожидалось целое число не меньше 0".into(),
            _ => "ожидалось целое число".into(),
        });
    }
    if source.is::<ParseFloatError>() {
        return Some("ожидалось число".into());
    }
    let source = source.to_string();
    match source.split_once(" is not in ").and_then(|(_, range)| range.split_once("..")) {
        Some((low, high)) => Some(format!("ожидалось целое число {}", range(low, high))),
        None => Some(source),
    }
}

/// A range as Rust writes it; past the greatest number it has no end.
fn range(low: &str, high: &str) -> String {
    let endless = high.is_empty() || high.parse::<u64>().is_ok_and(|high| high >= u32::MAX.into());
    match high.strip_prefix('=') {
        Some(high) => format!("от {low} до {high}"),
        None if endless => format!("не меньше {low}"),
        None => format!("от {low}, но меньше {high}"),
    }
}

/// What may have been meant.
fn tips(error: &Error) -> Vec<String> {
    let similar =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let mut tips: Vec<String> = similar
        .into_iter()
        .flat_map(|kind| all(error, kind))
        .map(|word| say::meant(Russian, word))
        .collect();
    if let Some(ContextValue::StyledStrs(texts)) = error.get(ContextKind::Suggested) {
        tips.extend(texts.iter().filter_map(|text| tip(&text.to_string())));
    }
    tips
}

/// A tip that clap has only as an English sentence: its quoted words, in a Russian one.
fn tip(english: &str) -> Option<String> {
    let quoted: Vec<&str> = english.split('\'').skip(1).step_by(2).collect();
    match quoted.as_slice() {
        [word, written] if english.contains("as a value") => {
            Some(format!("если `{word}` — значение, пишите `{written}`"))
        }
        [name, dashes] if english.contains("remove the") => {
            Some(format!("есть команда `{name}`; уберите `{dashes}` перед ней"))
        }
        [words] if english.ends_with("exists") => Some(format!("есть `{words}`")),
        _ => None,
    }
}
