//! The step of a series: the time from one value to the next.

use serde::{Deserialize, Serialize};

use crate::data::table::date;
use crate::messages::{self as say, Language};

const DAY: f64 = 86_400.0;

/// A time this share of a step beside the grid still lies on it: clocks are not exact.
const SLACK: f64 = 0.1;

/// The time from one value of a series to the next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// Equal stretches of time.
    Seconds {
        /// Seconds from one value to the next.
        seconds: f64,
    },
    /// Calendar months, which differ in length.
    Months {
        /// Months from one value to the next.
        months: u32,
    },
    /// There are no times: the rows follow each other.
    Rows,
}

impl Step {
    /// The step of sorted, different times (seconds since 1970): months where every time lies in a
    /// month of its own at the same day, else the median difference.
    pub(crate) fn of(times: &[f64]) -> Option<Step> {
        let mut gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if gaps.is_empty() {
            return None;
        }
        gaps.sort_by(f64::total_cmp);
        // Gaps in the series only make differences longer: of two middle ones, the shorter.
        let median = gaps[(gaps.len() - 1) / 2];
        if gaps[0] >= 28.0 * DAY {
            let places: Vec<(i64, i64)> = times.iter().map(|&time| date::month_of(time)).collect();
            let same_day = places.iter().all(|place| place.1 == places[0].1);
            let at_end = places.iter().all(|place| place.1 >= 27);
            if same_day || at_end {
                let mut months: Vec<i64> =
                    places.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
                months.sort_unstable();
                let months = u32::try_from(months[(months.len() - 1) / 2]).unwrap_or(1);
                return Some(Step::Months { months: months.max(1) });
            }
        }
        (median > 0.0 && median.is_finite()).then_some(Step::Seconds { seconds: median })
    }

    /// How many steps a time lies behind `start`; none where it lies on no step.
    pub(crate) fn index(self, start: f64, time: f64) -> Option<i64> {
        let exact = match self {
            Step::Rows => time - start,
            Step::Seconds { seconds } => (time - start) / seconds,
            Step::Months { months } => {
                (date::month_of(time).0 - date::month_of(start).0) as f64 / f64::from(months)
            }
        };
        let whole = exact.round();
        ((exact - whole).abs() <= SLACK && whole.abs() < 1e12).then_some(whole as i64)
    }

    /// The time `index` steps behind `start`, in seconds since 1970.
    pub(crate) fn time(self, start: f64, index: i64) -> f64 {
        match self {
            Step::Rows => start + index as f64,
            Step::Seconds { seconds } => start + seconds * index as f64,
            Step::Months { months } => date::add_months(start, i64::from(months) * index),
        }
    }

    /// A time of the series for people: as exact as the step asks for.
    pub(crate) fn label(self, start: f64, index: i64) -> String {
        let time = self.time(start, index);
        let (days, seconds) = ((time / DAY).floor(), (time.rem_euclid(DAY)).round() as u64);
        let day = date::day_name(days);
        let clock = format!("{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60);
        match self {
            Step::Rows => format!("{}", time as i64 + 1),
            Step::Months { .. } if day.ends_with("-01") && seconds == 0 => {
                day[..day.len() - 3].to_owned()
            }
            Step::Seconds { seconds: step } if step % 60.0 != 0.0 => {
                format!("{day} {clock}:{:02}", seconds % 60)
            }
            Step::Seconds { seconds: step } if step % DAY != 0.0 => format!("{day} {clock}"),
            _ if seconds != 0 => format!("{day} {clock}"),
            _ => day,
        }
    }

    /// The step in words: `hourly`, `every 15 minutes`.
    pub fn name(self) -> String {
        self.named(Language::English)
    }

    /// The step in the words of a language.
    pub(crate) fn named(self, l: Language) -> String {
        match self {
            Step::Rows => say::step_rows(l),
            Step::Months { months: 1 } => say::step_monthly(l),
            Step::Months { months: 3 } => say::step_quarterly(l),
            Step::Months { months: 12 } => say::step_yearly(l),
            Step::Months { months } => say::step_months(l, months),
            Step::Seconds { seconds: 1.0 } => say::step_second(l),
            Step::Seconds { seconds: 60.0 } => say::step_minute(l),
            Step::Seconds { seconds: 3600.0 } => say::step_hourly(l),
            Step::Seconds { seconds: DAY } => say::step_daily(l),
            Step::Seconds { seconds } if seconds == 7.0 * DAY => say::step_weekly(l),
            Step::Seconds { seconds } if seconds % DAY == 0.0 => say::step_days(l, seconds / DAY),
            Step::Seconds { seconds } if seconds % 3600.0 == 0.0 => {
                say::step_hours(l, seconds / 3600.0)
            }
            Step::Seconds { seconds } if seconds % 60.0 == 0.0 => {
                say::step_minutes(l, seconds / 60.0)
            }
            Step::Seconds { seconds } => say::step_seconds(l, l.digits(&seconds.to_string())),
        }
    }

    /// The usual cycles in steps, the shortest first: day, week and year where they are whole.
    pub(crate) fn cycles(self) -> Vec<usize> {
        let cycles = match self {
            Step::Rows => vec![],
            Step::Months { months } => vec![12.0 / f64::from(months)],
            Step::Seconds { seconds } => {
                let mut cycles = vec![DAY / seconds, 7.0 * DAY / seconds];
                if seconds >= DAY / 4.0 {
                    cycles.push((365.25 * DAY / seconds).round());
                }
                cycles
            }
        };
        let whole = |cycle: &f64| *cycle >= 2.0 && *cycle <= 20_000.0 && cycle.fract() == 0.0;
        cycles.into_iter().filter(whole).map(|cycle| cycle as usize).collect()
    }

    /// The parts of a date that vary at this step and come round at least twice in `count` steps, by
    /// their numbers in [`date::PARTS`].
    pub(crate) fn date_parts(self, count: usize) -> Vec<usize> {
        let seconds = match self {
            Step::Rows => return Vec::new(),
            Step::Months { months: 1..=6 } => DAY * 30.0,
            Step::Months { .. } => return Vec::new(),
            Step::Seconds { seconds } => seconds,
        };
        let months = matches!(self, Step::Months { .. });
        let span = match self {
            Step::Months { months } => f64::from(months) * 30.4 * DAY * count as f64,
            _ => seconds * count as f64,
        };
        let mut parts = Vec::new();
        if seconds <= 92.0 * DAY && span >= 2.0 * 365.0 * DAY {
            parts.extend([1, 2]);
        }
        if !months && seconds <= DAY && span >= 14.0 * DAY {
            parts.extend([3, 4]);
        }
        if !months && seconds <= DAY / 4.0 && span >= 2.0 * DAY {
            parts.extend([5, 6]);
        }
        parts
    }

    /// Refuses what no series can have.
    pub(crate) fn is_sound(self) -> bool {
        match self {
            Step::Rows => true,
            Step::Months { months } => (1..=12_000).contains(&months),
            Step::Seconds { seconds } => seconds.is_finite() && seconds > 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::table::date::{DateOrder, seconds};

    fn times(texts: &[&str]) -> Vec<f64> {
        texts
            .iter()
            .map(|text| seconds(text.as_bytes(), DateOrder::YearMonthDay).expect("a date"))
            .collect()
    }

    #[test]
    fn steps_are_detected_and_named() {
        let check = |texts: &[&str], name: &str, last: &str, next: &str| {
            let times = times(texts);
            let step = Step::of(&times).expect("there are gaps");
            let end = times.len() - 1;
            let index = step.index(times[0], times[end]).expect("on the grid");
            let labels =
                (step.name(), step.label(times[0], index), step.label(times[0], index + 1));
            assert_eq!(labels, (name.into(), last.into(), next.into()));
        };
        check(&["1949-01", "1949-02", "1949-04"], "monthly", "1949-04", "1949-05");
        check(&["2020-01-31", "2020-02-29", "2020-03-31"], "monthly", "2020-03-31", "2020-04-30");
        check(&["2000-01", "2000-04", "2000-07"], "quarterly", "2000-07", "2000-10");
        check(&["2000-01", "2001-01", "2002-01"], "yearly", "2002-01", "2003-01");
        check(&["2020-02-27", "2020-02-28", "2020-03-01"], "daily", "2020-03-01", "2020-03-02");
        check(
            &["2020-02-01", "2020-02-29", "2020-03-28"],
            "every 28 days",
            "2020-03-28",
            "2020-04-25",
        );
        check(
            &["2016-07-01 00:00:00", "2016-07-01 01:00:00", "2016-07-01 02:00:00"],
            "hourly",
            "2016-07-01 02:00",
            "2016-07-01 03:00",
        );
        check(
            &["2016-07-01 23:30", "2016-07-01 23:45"],
            "every 15 minutes",
            "2016-07-01 23:45",
            "2016-07-02 00:00",
        );
    }

    #[test]
    fn times_beside_the_grid_have_no_index() {
        let hourly = Step::Seconds { seconds: 3600.0 };
        assert_eq!(hourly.index(0.0, 7210.0), Some(2));
        assert_eq!(hourly.index(0.0, 5400.0), None);
        assert_eq!(Step::of(&[5.0]), None);
    }

    #[test]
    fn cycles_and_date_parts_fit_the_step() {
        let check = |step: Step, count: usize, cycles: &[usize], parts: &[usize]| {
            assert_eq!((step.cycles(), step.date_parts(count)), (cycles.to_vec(), parts.to_vec()));
        };
        check(Step::Seconds { seconds: 3600.0 }, 8640, &[24, 168], &[3, 4, 5, 6]);
        check(Step::Seconds { seconds: DAY }, 3000, &[7, 365], &[1, 2, 3, 4]);
        check(Step::Months { months: 1 }, 120, &[12], &[1, 2]);
        check(Step::Months { months: 12 }, 120, &[], &[]);
        check(Step::Rows, 1000, &[], &[]);
    }
}
