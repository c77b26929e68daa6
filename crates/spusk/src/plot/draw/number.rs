//! Numbers as people read them: grouped digits, a true minus, powers of ten.

/// The value with so many decimals, digits grouped by comma: −1,234.50.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return not_finite(value);
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let negative = value < 0.0 && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    let sign = if negative { "−" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", grouped(whole))
}

/// The value with so many significant digits as an option takes it: no groups, no powers, a point everywhere.
pub fn written(value: f64, digits: usize) -> String {
    let rounded = format!("{value:.*e}", digits.max(1) - 1).parse::<f64>();
    rounded.unwrap_or(value).to_string()
}

/// The value with so many significant digits; very large and small ones as 1.23×10⁷.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return not_finite(value);
    }
    if value == 0.0 {
        return "0".into();
    }
    let digits = digits.max(1);
    // Rust's own rounding decides the exponent: 9.996 to three digits is 10.0, not 9.100.
    let text = format!("{:.*e}", digits - 1, value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..7).contains(&exponent) {
        let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
        return without_zeros(&fixed(value, decimals));
    }
    let sign = if value < 0.0 { "−" } else { "" };
    match without_zeros(mantissa).as_str() {
        "1" => format!("{sign}{}", power_of_ten(exponent)),
        mantissa => format!("{sign}{mantissa}×{}", power_of_ten(exponent)),
    }
}

/// A whole number with grouped digits: 1,234,567.
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// A large whole number in short: 1.23 M. Below 10,000 it is exact.
pub fn short_count(value: u64) -> String {
    const UNITS: [(&str, f64); 5] = [("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15)];
    if value < 10_000 {
        return count(value);
    }
    let value = value as f64;
    let fits = |&&(_, unit): &&(&str, f64)| value < unit * 999.5;
    let (name, unit) = UNITS.iter().find(fits).unwrap_or(&UNITS[4]);
    format!("{} {name}", significant(value / unit, 3))
}

/// A size in memory: 1.23 MB.
pub fn bytes(value: u64) -> String {
    let short = short_count(value);
    if short.contains(' ') { format!("{short}B") } else { format!("{short} B") }
}

/// A share as a percentage. What is not all is never rounded to 100%, nor something to 0%.
pub fn percent(share: f64, decimals: usize) -> String {
    if !share.is_finite() {
        return not_finite(share);
    }
    for decimals in decimals..=decimals + 3 {
        let text = format!("{}%", fixed(100.0 * share, decimals));
        let rounded: f64 = format!("{:.decimals$}", 100.0 * share).parse().unwrap_or(0.0);
        let false_end = (rounded >= 100.0 && share < 1.0) || (rounded <= 0.0 && share > 0.0);
        if !false_end {
            return text;
        }
    }
    if share < 0.5 { "almost 0%".into() } else { "almost 100%".into() }
}

/// A score whose best is 1, to three decimals. What is not 1 is never rounded to it.
pub fn score(value: f64) -> String {
    if (0.9995..1.0).contains(&value) {
        return ">0.999".into();
    }
    // No score is as large as this; a spoiled one must still have its place.
    if value.abs() < 1e6 { fixed(value, 3) } else { significant(value, 3) }
}

/// A length of time: 0.42 s, 12.3 s, 3 min 05 s, 2 h 07 min.
pub fn seconds(value: f64) -> String {
    if !value.is_finite() || value < 0.0 {
        return not_finite(value);
    }
    if value < 0.9995 {
        return format!("{} ms", significant(1000.0 * value, 3));
    }
    if value < 59.95 {
        return format!("{} s", significant(value, 3));
    }
    let whole = value.round().min(1e15) as u64;
    match whole {
        ..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", count(whole / 3600), whole % 3600 / 60),
    }
}

/// 10⁻⁵
pub fn power_of_ten(exponent: i32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let sign = if exponent < 0 { "⁻" } else { "" };
    let digits = exponent.unsigned_abs().to_string();
    let raised: String = digits.bytes().map(|digit| RAISED[usize::from(digit - b'0')]).collect();
    format!("10{sign}{raised}")
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn without_zeros(text: &str) -> String {
    if !text.contains('.') {
        return text.into();
    }
    text.trim_end_matches('0').trim_end_matches('.').into()
}

fn not_finite(value: f64) -> String {
    match value {
        v if v == f64::INFINITY => "∞".into(),
        v if v == f64::NEG_INFINITY => "−∞".into(),
        v if v.is_nan() => "NaN".into(),
        // A negative length of time and the like.
        v => v.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_take_what_is_written() {
        for (value, text) in
            [(1000.0, "1000"), (123_456.0, "120000"), (1.25e-5, "0.000013"), (0.5, "0.5")]
        {
            assert_eq!(written(value, 2), text);
            assert!(text.parse::<f64>().is_ok());
        }
    }

    #[test]
    fn fixed_decimals() {
        for (value, decimals, want) in [
            (1234.5, 2, "1,234.50"),
            (-0.25, 2, "−0.25"),
            (-0.001, 2, "0.00"),
            (1e6, 0, "1,000,000"),
            (999.96, 1, "1,000.0"),
            (f64::NAN, 2, "NaN"),
            (f64::NEG_INFINITY, 2, "−∞"),
        ] {
            assert_eq!(fixed(value, decimals), want);
        }
    }

    #[test]
    fn significant_digits() {
        for (value, want) in [
            (0.0, "0"),
            (0.012345, "0.0123"),
            (9.996, "10"),
            (-1234.5, "−1,234"),
            (12_345_678.0, "1.23×10⁷"),
            (1e-7, "10⁻⁷"),
            (-1e300, "−10³⁰⁰"),
            (0.1 + 0.2, "0.3"),
            (100.0, "100"),
        ] {
            assert_eq!(significant(value, 3), want, "{value}");
        }
    }

    #[test]
    fn counts_percents_and_times() {
        for (value, want) in [
            (0, "0"),
            (9_999, "9,999"),
            (10_000, "10 k"),
            (999_600, "1 M"),
            (1_234_567, "1.23 M"),
            (u64::MAX, "18,447 P"),
        ] {
            assert_eq!(short_count(value), want);
        }
        assert_eq!((bytes(512), bytes(1_234_567)), ("512 B".into(), "1.23 MB".into()));
        for (value, want) in [(1.0, "1.000"), (0.9999, ">0.999"), (0.5, "0.500"), (-0.2, "−0.200")]
        {
            assert_eq!(score(value), want);
        }
        for (share, want) in [
            (0.978, "97.8%"),
            (1.0, "100.0%"),
            (0.9997, "99.97%"),
            (0.0, "0.0%"),
            (0.0001, "0.01%"),
            (0.999_999_9, "almost 100%"),
            (-0.25, "−25.0%"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(percent(share, 1), want);
        }
        for (value, want) in [
            (0.0421, "42.1 ms"),
            (1.0, "1 s"),
            (59.96, "1 min 00 s"),
            (185.0, "3 min 05 s"),
            (7630.0, "2 h 07 min"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(seconds(value), want);
        }
    }
}
