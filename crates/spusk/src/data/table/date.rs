//! Dates in tables: reading them, and the numbers that a network sees of them.

use serde::{Deserialize, Serialize};

/// Which of the numbers in a date is the year, the month and the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 2026-11-23; also 2026-11 and a time behind it.
    YearMonthDay,
    /// 23.11.2026
    DayMonthYear,
    /// 11/23/2026
    MonthDayYear,
}

impl DateOrder {
    /// A date in this order, for messages.
    pub(crate) fn example(self) -> &'static str {
        match self {
            DateOrder::YearMonthDay => "2026-11-23",
            DateOrder::DayMonthYear => "23.11.2026",
            DateOrder::MonthDayYear => "11/23/2026",
        }
    }

    /// The order in words, for messages.
    pub fn name(self) -> &'static str {
        match self {
            DateOrder::YearMonthDay => "year-month-day",
            DateOrder::DayMonthYear => "day/month/year",
            DateOrder::MonthDayYear => "month/day/year",
        }
    }
}

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// The seconds since 1970-01-01 00:00 of a date such as `2026-11-23`, `2026-11`, `23.11.2026`,
/// `2026-11-23 09:30:15` or `2026-11-23T09:30:15.5+03:00`.
pub(crate) fn seconds(cell: &[u8], order: DateOrder) -> Option<f64> {
    let end = cell.iter().position(|byte| matches!(byte, b' ' | b'T')).unwrap_or(cell.len());
    let day = date_part(&cell[..end], order)? as f64;
    let time = if end == cell.len() { 0.0 } else { time_part(&cell[end + 1..])? };
    Some(day * DAY + time)
}

/// The days since 1970-01-01 of the date without its time.
fn date_part(date: &[u8], order: DateOrder) -> Option<i64> {
    let sign = *date.iter().find(|byte| !byte.is_ascii_digit())?;
    if !matches!(sign, b'-' | b'/' | b'.') {
        return None;
    }
    let mut parts = date.split(|&byte| byte == sign);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match order {
        DateOrder::YearMonthDay => (first, second, third.unwrap_or(b"1")),
        DateOrder::DayMonthYear => (third?, second, first),
        DateOrder::MonthDayYear => (third?, first, second),
    };
    // Without this rule 1.5 and 3-4 would be dates.
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    let valid = (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
    valid.then(|| days_since_1970(year, month, day))
}

/// The seconds since midnight of `09:30`, `09:30:15`, `09:30:15.25`, each perhaps with a time zone
/// `Z` or `+03:00`.
fn time_part(time: &[u8]) -> Option<f64> {
    let zone = time.iter().position(|byte| matches!(byte, b'Z' | b'+' | b'-'));
    let (clock, zone) = time.split_at(zone.unwrap_or(time.len()));
    let shift = match zone {
        [] | [b'Z'] => 0,
        [sign, h1, h2, rest @ ..] => {
            let minutes = match rest {
                [] => 0,
                [b':', m1, m2] | [m1, m2] => digits(&[*m1, *m2])?,
                _ => return None,
            };
            let shift = 60 * digits(&[*h1, *h2])? + minutes;
            if *sign == b'-' { -shift } else { shift }
        }
        _ => return None,
    };
    let mut parts = clock.split(|&byte| byte == b':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let second = match parts.next() {
        None => 0.0,
        Some(text) if text.first()?.is_ascii_digit() => super::cell::number(text, false)?,
        Some(_) => return None,
    };
    if parts.next().is_some() || hour > 24 || minute > 59 || !(0.0..61.0).contains(&second) {
        return None;
    }
    Some((3600 * hour + 60 * (minute - shift)) as f64 + second)
}

fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 4 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().fold(0, |value, digit| 10 * value + i64::from(digit - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01, in the Gregorian calendar carried backwards.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March put the leap day last, so the months before any month have a
    // number of days that does not depend on the year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    before + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The year, the month (0 to 11) and the day in it (0 to 30) of a day since 1970-01-01.
fn calendar(days: i64) -> (i64, i64, i64) {
    // A guess that is never too late, since years have 365 or 366 days; then forward.
    let mut year = 1970 + days.div_euclid(if days < 0 { 365 } else { 366 });
    while days_since_1970(year + 1, 1, 1) <= days {
        year += ((days - days_since_1970(year + 1, 1, 1)) / 366).max(1);
    }
    let mut left = days - days_since_1970(year, 1, 1);
    let mut month = 1;
    while left >= days_in(year, month) {
        left -= days_in(year, month);
        month += 1;
    }
    (year, month - 1, left)
}

/// The month of a time (months since year 0) and the day in it (0 to 30).
pub(crate) fn month_of(seconds: f64) -> (i64, i64) {
    let (year, month, day) = calendar((seconds / DAY).floor() as i64);
    (12 * year + month, day)
}

/// The same day and time so many months later; the last day of a month where it has no such day.
pub(crate) fn add_months(seconds: f64, months: i64) -> f64 {
    let days = (seconds / DAY).floor();
    let (year, month, day) = calendar(days as i64);
    let later = 12 * year + month + months;
    let (new_year, new_month) = (later.div_euclid(12), later.rem_euclid(12) + 1);
    // The last day of a month stays the last day.
    let last = day + 1 == days_in(year, month + 1);
    let length = days_in(new_year, new_month);
    let new_day = if last && day >= 27 { length } else { (day + 1).min(length) };
    days_since_1970(new_year, new_month, new_day) as f64 * DAY + (seconds - days * DAY)
}

/// The date, for people, of a number of days since 1970-01-01.
pub(crate) fn day_name(days: f64) -> String {
    let (year, month, day) = calendar(days.floor() as i64);
    format!("{year:04}-{:02}-{:02}", month + 1, day + 1)
}

/// The names of the numbers that [`parts`] makes, in its order.
pub(crate) const PARTS: [&str; 7] = [
    "days",
    "month (sin)",
    "month (cos)",
    "weekday (sin)",
    "weekday (cos)",
    "hour (sin)",
    "hour (cos)",
];

/// What a network sees of a date: the days since 1970, and the place in the year, the week and the
/// day as points of a circle, so that December lies beside January.
pub(crate) fn parts(seconds: f64) -> [f64; 7] {
    let days = seconds / DAY;
    let (_, month, day) = calendar(days.floor() as i64);
    let circle = |share: f64| (std::f64::consts::TAU * share).sin_cos();
    let year = circle((month as f64 + day as f64 / 31.0) / 12.0);
    // 1970-01-01 was a Thursday.
    let week = circle((days.floor() + 3.0).rem_euclid(7.0) / 7.0);
    let hours = circle(days - days.floor());
    [days, year.0, year.1, week.0, week.1, hours.0, hours.1]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISO: DateOrder = DateOrder::YearMonthDay;

    #[test]
    fn dates_of_all_forms() {
        let check = |text: &str, order: DateOrder, expected: Option<f64>| {
            assert_eq!(seconds(text.as_bytes(), order), expected, "{text}");
        };
        check("1970-01-01", ISO, Some(0.0));
        check("1970-01", ISO, Some(0.0));
        check("1970-01-02 01:00", ISO, Some(90_000.0));
        check("1970-01-01T00:00:01.5Z", ISO, Some(1.5));
        check("1970-01-01T03:00:00+03:00", ISO, Some(0.0));
        check("1970-01-01T00:00-0130", ISO, Some(5400.0));
        check("2000/03/01", ISO, Some(951_868_800.0));
        check("2016-07-01 00:00:00", ISO, Some(1_467_331_200.0));
        check("01.03.2000", DateOrder::DayMonthYear, Some(951_868_800.0));
        check("3/1/2000", DateOrder::MonthDayYear, Some(951_868_800.0));
        check("1749-01", ISO, Some(-6_974_035_200.0));
        for text in ["2001-02-29", "2001-13-01", "2001-00-01", "2001-1-0", "1.5", "12", "1-2", ""] {
            check(text, ISO, None);
        }
        for text in ["2001-01-01 25:00", "2001-01-01 10", "2001-01-01 10:00:+1", "2001-01-01 "] {
            check(text, ISO, None);
        }
        check("13/13/2001", DateOrder::MonthDayYear, None);
    }

    #[test]
    fn days_count_up_and_back() {
        let mut expected = days_since_1970(1600, 1, 1);
        for year in 1600..2410 {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    assert_eq!(days_since_1970(year, month, day), expected);
                    assert_eq!(calendar(expected), (year, month - 1, day - 1));
                    expected += 1;
                }
            }
        }
        assert_eq!(calendar(days_since_1970(1, 1, 1)), (1, 0, 0));
        assert_eq!(calendar(days_since_1970(9999, 12, 31)), (9999, 11, 30));
        assert_eq!(day_name(0.5), "1970-01-01");
    }

    #[test]
    fn circles_close() {
        // 2026-11-23 is a Monday.
        let monday = parts(seconds(b"2026-11-23 06:00", ISO).expect("a date"));
        assert_eq!((monday[3], monday[4]), (0.0, 1.0));
        assert!((monday[5] - 1.0).abs() < 1e-12 && monday[6].abs() < 1e-12);
        let january = parts(seconds(b"2027-01-01", ISO).expect("a date"));
        assert_eq!((january[1], january[2]), (0.0, 1.0));
    }
}
