//! The date in the name of a run.

use std::time::{SystemTime, UNIX_EPOCH};

/// The date in UTC, such as `2026-11-23`. Times before 1970 give its first day.
pub(super) fn date(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = civil(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The date of a day that many days after 1970-01-01; days before it are counted.
pub(crate) fn date_of_day(days: f64) -> String {
    match days.round() {
        day if (0.0..1e7).contains(&day) => {
            let (year, month, day) = civil(day as u64);
            format!("{year:04}-{month:02}-{day:02}")
        }
        day => format!("{day} days after 1970-01-01"),
    }
}

/// The Gregorian date that many days after 1970-01-01.
///
/// Years are counted from March, so that the leap day is the last of a year and the months before
/// it have a regular pattern: five of them always have 153 days (Hinnant 2013, "chrono-Compatible
/// Low-Level Date Algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // since 0000-03-01
    let era = days / 146_097; // 400 years
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = 400 * era + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn known_dates() {
        let check = |seconds, want| {
            assert_eq!(date(UNIX_EPOCH + Duration::from_secs(seconds)), want);
        };
        check(0, "1970-01-01");
        check(86_399, "1970-01-01");
        check(951_782_400, "2000-02-29");
        check(951_868_800, "2000-03-01");
        check(1_795_391_999, "2026-11-22");
        check(4_107_542_400, "2100-03-01");
        assert_eq!(date(UNIX_EPOCH - Duration::from_secs(5)), "1970-01-01");
    }

    /// The calendar counted day by day.
    #[test]
    fn every_day_of_five_centuries() {
        let divides = |by: u64, year: u64| year.is_multiple_of(by);
        let leap = |year| divides(4, year) && (!divides(100, year) || divides(400, year));
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..182_622 {
            assert_eq!(civil(days), (year, month, day));
            let length = match month {
                2 => 28 + u64::from(leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }
}
