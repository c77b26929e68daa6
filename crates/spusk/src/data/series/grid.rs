//! From the rows of a table to values at equal steps: sorting, repeated times, gaps.

use super::options::{Gaps, Repeats};
use super::step::Step;
use crate::data::error::{DataError, quoted};
use crate::data::options::BadRows;
use crate::data::raw::{Skipped, skip};
use crate::messages::{self as say, Language, Said};

/// Rows as they stand in the table.
pub(crate) struct Rows {
    /// Seconds since 1970, or the number of the row from 0; NaN where it is missing.
    pub(crate) times: Vec<f64>,
    /// The line (or number) of each row.
    pub(crate) lines: Vec<u64>,
    /// values[rows, columns], NaN where they are missing.
    pub(crate) values: Vec<f64>,
}

/// Rules for what is not as it should be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) gaps: Gaps,
    pub(crate) repeats: Repeats,
    pub(crate) bad_rows: BadRows,
}

/// Values at equal steps.
#[derive(Debug)]
pub(crate) struct Grid {
    pub(crate) step: Step,
    /// The time of the first step.
    pub(crate) start: f64,
    /// values[steps, columns], NaN where they are missing.
    pub(crate) values: Vec<f64>,
    pub(crate) columns: usize,
    /// The rows of each step; 0 where it is a gap.
    pub(crate) rows: Vec<u32>,
    /// The line of the first row of each step; 0 where it is a gap.
    pub(crate) lines: Vec<u64>,
}

/// What a source is called, and its columns.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) source: &'a str,
    pub(crate) time: &'a str,
    pub(crate) columns: &'a [String],
}

impl Grid {
    /// The number of steps.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The time of a step, for people.
    pub(crate) fn label(&self, index: usize) -> String {
        self.step.label(self.start, index as i64)
    }
}

/// Puts rows on a grid. `step` is that of the training where there was one.
pub(crate) fn grid(
    rows: Rows,
    names: Names<'_>,
    rules: Rules,
    step: Option<Step>,
    skipped: &mut Skipped,
    notes: &mut Vec<Said>,
) -> Result<Grid, DataError> {
    let columns = names.columns.len();
    let mut order: Vec<usize> = Vec::with_capacity(rows.times.len());
    for (row, time) in rows.times.iter().enumerate() {
        if time.is_finite() {
            order.push(row);
        } else if rules.bad_rows == BadRows::Skip {
            skip(skipped, "no time", rows.lines[row]);
        } else {
            return Err(DataError::new(names.source, say::series_no_time)
                .line(rows.lines[row])
                .column(names.time)
                .expected(say::series_want_time)
                .cure(say::cure_no_time));
        }
    }
    let unsorted =
        order.windows(2).filter(|pair| rows.times[pair[1]] < rows.times[pair[0]]).count();
    if unsorted > 0 {
        let first = order.windows(2).find(|pair| rows.times[pair[1]] < rows.times[pair[0]]);
        let line = first.map_or(0, |pair| rows.lines[pair[1]]);
        notes.push(Said::new(|l| say::data_unsorted(l, l.counted(unsorted as u64, "row"), line)));
        // A stable sort keeps the order of rows with one time.
        order.sort_by(|&a, &b| rows.times[a].total_cmp(&rows.times[b]));
    }
    let mut distinct: Vec<f64> = order.iter().map(|&row| rows.times[row]).collect();
    distinct.dedup();
    let Some(step) = step.or_else(|| Step::of(&distinct)) else {
        let times = distinct.len() as u64;
        return Err(DataError::new(names.source, |l: Language| {
            say::series_times(l, l.counted(times, "time"))
        })
        .column(names.time)
        .expected(say::series_want_times));
    };
    let start = distinct[0];
    let steps = place(&rows, &order, start, step, names, rules, skipped)?;
    fill_grid(
        &rows,
        &steps,
        Grid { step, start, values: Vec::new(), columns, rows: Vec::new(), lines: Vec::new() },
        names,
        rules,
        skipped,
        notes,
    )
}

/// The step of every row that is used.
fn place(
    rows: &Rows,
    order: &[usize],
    start: f64,
    step: Step,
    names: Names<'_>,
    rules: Rules,
    skipped: &mut Skipped,
) -> Result<Vec<(usize, usize)>, DataError> {
    let mut steps: Vec<(usize, usize)> = Vec::with_capacity(order.len());
    for &row in order {
        match step.index(start, rows.times[row]) {
            Some(index) => steps.push((index as usize, row)),
            None if rules.bad_rows == BadRows::Skip => {
                skip(skipped, "a time between two steps", rows.lines[row]);
            }
            None => {
                return Err(DataError::new(names.source, |l| {
                    say::series_between(l, step.named(l))
                })
                .line(rows.lines[row])
                .column(names.time)
                .expected(|l| say::series_want_whole(l, step.label(start, 0)))
                .cure(say::cure_between));
            }
        }
    }
    let last = steps.last().map_or(0, |last| last.0);
    // A wrong date must not become a billion steps.
    if last > 1000 + 20 * steps.len() {
        let widest = steps.windows(2).max_by_key(|pair| pair[1].0 - pair[0].0);
        let line = widest.map_or(0, |pair| rows.lines[pair[1].1]);
        let (missing, present) = ((last + 1 - steps.len()) as u64, steps.len() as u64);
        return Err(DataError::new(names.source, |l: Language| {
            say::series_long_gap(l, l.counted(missing, "step"), l.counted(present, "row"))
        })
        .line(line)
        .column(names.time)
        .expected(|l| say::series_want_following(l, step.named(l)))
        .cure(say::cure_long_gap));
    }
    Ok(steps)
}

fn fill_grid(
    rows: &Rows,
    steps: &[(usize, usize)],
    mut grid: Grid,
    names: Names<'_>,
    rules: Rules,
    skipped: &mut Skipped,
    notes: &mut Vec<Said>,
) -> Result<Grid, DataError> {
    let columns = grid.columns;
    let count = steps.last().map_or(0, |last| last.0 + 1);
    grid.values = vec![f64::NAN; count * columns];
    grid.rows = vec![0; count];
    grid.lines = vec![0; count];
    let mut repeated: Option<(u64, u64)> = None;
    let mut sums: Vec<u32> = vec![0; columns];
    for (position, &(index, row)) in steps.iter().enumerate() {
        let line = rows.lines[row];
        let cells = &rows.values[row * columns..(row + 1) * columns];
        let values = &mut grid.values[index * columns..(index + 1) * columns];
        let again = position > 0 && steps[position - 1].0 == index;
        if !again {
            values.copy_from_slice(cells);
            (grid.rows[index], grid.lines[index]) = (1, line);
            sums.iter_mut().zip(cells).for_each(|(n, cell)| *n = u32::from(!cell.is_nan()));
            continue;
        }
        if rules.repeats == Repeats::Error {
            let time = quoted(grid.label(index).as_bytes());
            return Err(DataError::new(names.source, |l| say::series_again(l, &time))
                .line(line)
                .column(names.time)
                .expected(|l| say::series_want_once(l, grid.lines[index]))
                .cure(say::cure_again));
        }
        skip(skipped, "a repeated time", line);
        repeated = Some((repeated.map_or(1, |(n, _)| n + 1), repeated.map_or(line, |(_, l)| l)));
        for ((value, &cell), n) in values.iter_mut().zip(cells).zip(&mut sums) {
            if cell.is_nan() {
                continue;
            }
            *n += 1;
            match rules.repeats {
                Repeats::Mean if *n > 1 => *value += (cell - *value) / f64::from(*n),
                Repeats::First if *n > 1 => {}
                _ => *value = cell,
            }
        }
    }
    if let Some((count, line)) = repeated {
        notes.push(Said::new(|l| {
            say::data_repeated(l, l.counted(count, "row"), line, rules.repeats.name())
        }));
    }
    Ok(grid)
}

/// Cuts off the first steps, at which some column has no value yet, and tells how many there were.
pub(crate) fn trim(grid: &mut Grid, skipped: &mut Skipped, notes: &mut Vec<Said>) {
    let columns = grid.columns.max(1);
    let first = (0..columns).map(|column| {
        let known = grid.values.iter().skip(column).step_by(columns);
        known.clone().position(|value| !value.is_nan()).unwrap_or(0)
    });
    let first = first.max().unwrap_or(0);
    if first == 0 {
        return;
    }
    let rows = grid.rows[..first].iter().zip(&grid.lines[..first]);
    for (_, &line) in rows.filter(|(rows, _)| **rows > 0) {
        skip(skipped, "before the first value of some series", line);
    }
    notes.push(Said::new(|l| say::data_begins(l, grid.label(first))));
    grid.start = grid.step.time(grid.start, first as i64);
    grid.values.drain(..first * columns);
    grid.rows.drain(..first);
    grid.lines.drain(..first);
}

/// Fills what is missing by the rule; `ends` are the steps behind which parts begin.
pub(crate) fn fill(
    grid: &mut Grid,
    ends: &[usize],
    names: Names<'_>,
    rule: Gaps,
    notes: &mut Vec<Said>,
) -> Result<(), DataError> {
    let (steps, columns) = (grid.len(), grid.columns);
    let absent = grid.rows.iter().filter(|&&rows| rows == 0).count();
    let missing = |grid: &Grid, index: usize| {
        grid.values[index * columns..(index + 1) * columns].iter().any(|value| value.is_nan())
    };
    let gaps: Vec<usize> = (0..steps).filter(|&index| missing(grid, index)).collect();
    let Some(&first) = gaps.first() else { return Ok(()) };
    let (mut longest, mut run) = (1, 1);
    for pair in gaps.windows(2) {
        run = if pair[1] == pair[0] + 1 { run + 1 } else { 1 };
        longest = longest.max(run);
    }
    if rule == Gaps::Error {
        let time = grid.label(first);
        let (line, what) = match grid.rows[first] {
            0 => {
                let before = grid.lines[..first].iter().rev().find(|&&line| line > 0);
                (before.copied(), Said::new(|l| say::series_gap_row(l, &time)))
            }
            _ => (Some(grid.lines[first]), Said::new(|l| say::series_gap_value(l, &time))),
        };
        let mut error = DataError::new(names.source, what)
            .column(names.time)
            .expected(|l| say::series_want_value(l, grid.step.named(l)))
            .cure(say::cure_gap);
        if let Some(line) = line {
            error = error.line(line);
        }
        return Err(error);
    }
    for column in 0..columns {
        fill_column(&mut grid.values, column, columns, ends, rule);
    }
    notes.push(Said::new(|l| {
        let (steps, longest) = (l.counted(gaps.len() as u64, "step"), l.counted(longest, "step"));
        say::data_gaps(l, steps, absent, longest, grid.label(first), rule.name())
    }));
    Ok(())
}

fn fill_column(values: &mut [f64], column: usize, columns: usize, ends: &[usize], rule: Gaps) {
    let steps = values.len() / columns;
    let mut index = 0;
    while index < steps {
        if !values[index * columns + column].is_nan() {
            index += 1;
            continue;
        }
        let from = index;
        while index < steps && values[index * columns + column].is_nan() {
            index += 1;
        }
        let before = if from == 0 { 0.0 } else { values[(from - 1) * columns + column] };
        let crosses = index == steps || ends.iter().any(|&end| from <= end && end <= index);
        let after = match rule {
            Gaps::Interpolate if !crosses => values[index * columns + column],
            _ => before,
        };
        let length = (index - from + 1) as f64;
        for place in from..index {
            let share = (place - from + 1) as f64 / length;
            values[place * columns + column] = before + share * (after - before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules =
        Rules { gaps: Gaps::Previous, repeats: Repeats::Last, bad_rows: BadRows::Error };

    fn days(days: &[f64], values: &[f64]) -> Rows {
        Rows {
            times: days.iter().map(|day| day * 86_400.0).collect(),
            lines: (2..).take(days.len()).collect(),
            values: values.to_vec(),
        }
    }

    fn run(
        rows: Rows,
        rules: Rules,
        ends: &[usize],
    ) -> Result<(Vec<f64>, Skipped, Vec<Said>), String> {
        let columns = ["y".to_string()];
        let names = Names { source: "s.csv", time: "day", columns: &columns };
        let (mut skipped, mut notes) = (Skipped::new(), Vec::new());
        let text = |error: DataError| error.to_string();
        let mut grid = grid(rows, names, rules, None, &mut skipped, &mut notes).map_err(text)?;
        trim(&mut grid, &mut skipped, &mut notes);
        fill(&mut grid, ends, names, rules.gaps, &mut notes).map_err(text)?;
        Ok((grid.values, skipped, notes))
    }

    #[test]
    fn unsorted_rows_repeats_and_gaps_are_told_and_handled() {
        let rows = || days(&[3.0, 0.0, 1.0, 1.0, 5.0, 6.0], &[3.0, 0.0, 1.0, 9.0, 5.0, f64::NAN]);
        let (values, skipped, notes) = run(rows(), RULES, &[]).expect("has rules for all");
        assert_eq!(values, [0.0, 9.0, 9.0, 3.0, 3.0, 5.0, 5.0]);
        assert_eq!(skipped["a repeated time"].count, 1);
        assert_eq!(
            notes,
            [
                "the rows were not in the order of their times (1 row earlier than the one before, first \
             in line 3); they are sorted",
                "1 row with a time that was there before, first in line 5; rule `last` (data.repeats)",
                "3 steps without all values (2 without a row), the longest gap 1 step, first at 1970-01-03; \
             filled by rule `previous` (data.gaps)",
            ]
        );
        let rules = Rules { gaps: Gaps::Interpolate, repeats: Repeats::Mean, ..RULES };
        let (values, ..) = run(rows(), rules, &[]).expect("has rules for all");
        assert_eq!(values, [0.0, 5.0, 4.0, 3.0, 4.0, 5.0, 5.0]);
        // The part ends before step 4, so nothing behind it shows in it.
        let (values, ..) = run(rows(), rules, &[4]).expect("has rules for all");
        assert_eq!(values, [0.0, 5.0, 4.0, 3.0, 3.0, 5.0, 5.0]);
    }

    #[test]
    fn rules_of_error_name_the_place() {
        let check = |rows: Rows, rules: Rules, message: &str| {
            assert_eq!(run(rows, rules, &[]).expect_err("refused"), message);
        };
        check(
            days(&[0.0, 1.0, 1.0], &[0.0; 3]),
            Rules { repeats: Repeats::Error, ..RULES },
            "s.csv, line 4, column `day`: the time `1970-01-02` comes again, expected one row for \
             every time; the first is line 3; remove one of them, or say which counts with \
             data.repeats: last, first or mean",
        );
        check(
            days(&[0.0, 1.0, 3.0], &[0.0; 3]),
            Rules { gaps: Gaps::Error, ..RULES },
            "s.csv, line 3, column `day`: there is no row for 1970-01-03, expected a value at every \
             step (daily); add it, or name a rule with data.gaps: previous or interpolate",
        );
        check(
            days(&[0.0, 1.0, 2.0, 2.5], &[0.0; 4]),
            RULES,
            "s.csv, line 5, column `day`: the time lies between two steps of this series (daily), \
             expected times at whole steps from 1970-01-01; bring the series to equal steps, say \
             --bad-rows skip to leave such rows out, or leave the time column out with data.ignore \
             to take the rows as they follow each other",
        );
        check(
            days(&[0.0, 1.0, 2.0, 2e6], &[0.0; 4]),
            RULES,
            "s.csv, line 5, column `day`: 1999997 steps would be missing between 4 rows, expected a \
             series whose times follow each other, daily; correct this time, behind the longest gap, \
             or take a part of the series",
        );
        check(
            days(&[0.0, f64::NAN], &[0.0; 2]),
            RULES,
            "s.csv, line 3, column `day`: the time is missing, expected a time in every row; fill it \
             in, or say --bad-rows skip to leave such rows out",
        );
        check(
            days(&[4.0, 4.0], &[0.0; 2]),
            RULES,
            "s.csv, column `day`: the table has 1 time, expected at least two different times, so \
             that there is a step between them",
        );
    }
}
