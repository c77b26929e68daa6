//! Times, and how often something happens.

use std::time::Duration;

use super::{Context, Field, Refusal};
use crate::experiment::Every;
use crate::experiment::node::{Node, quote};
use crate::messages::{self as say, Language};

impl Field for Duration {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_time(l)
    }

    fn read(node: &Node, (): (), _: Context) -> Result<Self, Refusal> {
        node.text().and_then(parse_duration).ok_or(Refusal::Kind)
    }

    fn print(&self) -> Option<String> {
        Some(quote(&print_duration(*self)))
    }
}

impl Field for Every {
    type Limits = ();

    fn expected((): (), l: Language) -> String {
        say::want_every(l)
    }

    fn read(node: &Node, (): (), _: Context) -> Result<Self, Refusal> {
        let steps = node.integer().filter(|&steps| steps > 0).map(Every::Steps);
        let text = node.text();
        let off = (text == Some("off")).then_some(Every::Off);
        let time = text.and_then(parse_duration).map(Every::Time);
        steps.or(off).or(time).ok_or(Refusal::Kind)
    }

    fn print(&self) -> Option<String> {
        match self {
            Every::Steps(steps) => steps.print(),
            Every::Time(time) => time.print(),
            Every::Off => Some(quote("off")),
        }
    }
}

const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// `90s`, `10m`, `1h30m`, `1.5h`, to the millisecond, above zero.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut milliseconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..letters])?;
        milliseconds += number * *unit as f64;
        rest = rest[letters..].trim_start();
    }
    // Three hundred years; longer is a slip of the finger.
    (0.5..1e13).contains(&milliseconds).then(|| Duration::from_millis(milliseconds.round() as u64))
}

/// The shortest such text.
pub(super) fn print_duration(duration: Duration) -> String {
    let mut left = duration.as_millis() as u64;
    let mut text = String::new();
    for (name, unit) in UNITS {
        let count = left / unit;
        left %= unit;
        if count > 0 {
            text.push_str(&format!("{count}{name}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let check = |text: &str, milliseconds: u64, printed: &str| {
            let time = parse_duration(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(time.as_millis() as u64, milliseconds, "{text}");
            assert_eq!(print_duration(time), printed);
            assert_eq!(parse_duration(printed), Some(time));
        };
        check("90s", 90_000, "1m30s");
        check("10m", 600_000, "10m");
        check("1.5h", 5_400_000, "1h30m");
        check("1h 30m", 5_400_000, "1h30m");
        check("250ms", 250, "250ms");
        check(" 61.001s ", 61_001, "1m1s1ms");
        for text in
            ["", "10", "m", "10 m", "10d", "-5s", "1e3s", "0s", "1..5s", "999999999999h", "٣s"]
        {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
