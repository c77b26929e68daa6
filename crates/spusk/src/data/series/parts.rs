//! Where the parts of a series begin and end, in time order.

use crate::data::error::{DataError, quoted};
use crate::data::options::option_error;
use crate::data::table::date::{self, DateOrder};
use crate::messages::{self as say, Language};

use super::grid::Grid;

/// The ends of training, validation and test part, in steps; what lies behind is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) train: usize,
    pub(crate) validation: usize,
    pub(crate) test: usize,
}

/// Shares where nothing else is said: the test part of all, the validation part of the rest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shares {
    pub(crate) test: f64,
    pub(crate) validation: f64,
}

/// The parts of a series by `split`, or by shares, in which both held-out parts hold at least a
/// horizon where the series is long enough.
pub(crate) fn parts(
    source: &str,
    grid: &Grid,
    split: Option<&str>,
    shares: Shares,
    horizon: usize,
) -> Result<Ends, DataError> {
    let steps = grid.len();
    let Some(split) = split else {
        let room = |share: f64, of: usize| match share {
            0.0 => 0,
            share => ((of as f64 * share).round() as usize).max(horizon).min(of / 3),
        };
        let validation = steps - room(shares.test, steps);
        let train = validation - room(shares.validation, validation);
        return Ok(Ends { train, validation, test: steps });
    };
    let wrong = || option_error("split", quoted(split.as_bytes())).expected(say::series_want_split);
    let words: Vec<&str> = split.split('/').map(str::trim).collect();
    let dates: Option<Vec<f64>> =
        words.iter().map(|word| date::seconds(word.as_bytes(), DateOrder::YearMonthDay)).collect();
    if let Some(dates) = dates {
        let index = |time: f64| {
            (0..steps).position(|i| grid.step.time(grid.start, i as i64) >= time).unwrap_or(steps)
        };
        let [validation, test, end] = match dates[..] {
            [validation, test] => [validation, test, f64::INFINITY],
            [validation, test, end] => [validation, test, end],
            _ => return Err(wrong()),
        };
        let ends = Ends { train: index(validation), validation: index(test), test: index(end) };
        return if ends.train <= ends.validation && ends.validation <= ends.test {
            Ok(ends)
        } else {
            Err(wrong())
        };
    }
    let numbers: Option<Vec<f64>> = words.iter().map(|word| word.parse().ok()).collect();
    let Some([train, validation, test]) = numbers.as_deref() else { return Err(wrong()) };
    let all = [*train, *validation, *test];
    if !all.iter().all(|part| part.is_finite() && *part >= 0.0) {
        return Err(wrong());
    }
    let sum: f64 = all.iter().sum();
    if sum <= 1.0 + 1e-9 {
        let at = |share: f64| ((steps as f64 * share).round() as usize).min(steps);
        let [train, validation] = [at(*train), at(train + validation)];
        return Ok(Ends { train, validation, test: at(sum) });
    }
    if all.iter().any(|part| part.fract() != 0.0) {
        return Err(wrong());
    }
    if sum > steps as f64 {
        let split = quoted(split.as_bytes());
        return Err(DataError::new(source, |l: Language| {
            say::series_steps(l, l.counted(steps as u64, "step"))
        })
        .expected(|l| say::series_want_sum(l, sum, &split))
        .cure(say::cure_smaller_parts));
    }
    let [train, validation, test] = all.map(|part| part as usize);
    Ok(Ends { train, validation: train + validation, test: train + validation + test })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::series::step::Step;

    fn grid(steps: usize) -> Grid {
        Grid {
            step: Step::Seconds { seconds: 86_400.0 },
            start: 0.0,
            values: vec![0.0; steps],
            columns: 1,
            rows: vec![1; steps],
            lines: vec![1; steps],
        }
    }

    #[test]
    fn parts_by_counts_shares_and_dates() {
        let shares = Shares { test: 0.2, validation: 0.1 };
        let check = |split: Option<&str>, horizon: usize, ends: [usize; 3]| {
            let found = parts("s.csv", &grid(100), split, shares, horizon).expect("fits");
            assert_eq!([found.train, found.validation, found.test], ends, "{split:?}");
        };
        check(None, 1, [72, 80, 100]);
        check(None, 24, [52, 76, 100]);
        check(Some("50/20/10"), 1, [50, 70, 80]);
        check(Some("0.7/0.1/0.2"), 1, [70, 80, 100]);
        check(Some("1970-02-01/1970-03-01"), 1, [31, 59, 100]);
        check(Some("1970-02-01/1970-03-01/1970-03-11"), 1, [31, 59, 69]);
    }

    #[test]
    fn splits_that_make_no_sense_are_refused() {
        let shares = Shares { test: 0.2, validation: 0.1 };
        for split in
            ["", "a/b/c", "1/2", "0.5/0.7/0.1", "-1/5/5", "1970-03-01/1970-02-01", "nan/1/1"]
        {
            let error = parts("s.csv", &grid(100), Some(split), shares, 1).expect_err(split);
            assert!(error.to_string().contains("such as 8640/2880/2880"), "{split}: {error}");
        }
        let error = parts("s.csv", &grid(100), Some("90/20/10"), shares, 1).expect_err("too long");
        assert_eq!(
            error.to_string(),
            "s.csv: the series has 100 steps, expected 120 for data.split `90/20/10`; choose smaller \
             parts"
        );
    }
}
