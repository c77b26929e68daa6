//! Points and intervals as they stand on the command line.

use std::sync::Arc;

use spusk::formula::Region;
use spusk::messages::{self as say, Said};

/// Intervals are narrower than this: products of numbers from wider ones would not fit into 64 bits.
const WIDEST: f64 = 1e100;

/// `x=1,y=-2`: a value for every variable; for one variable also just `1`.
pub(super) fn point(text: &str, variables: &[Arc<str>]) -> Result<Vec<f64>, Said> {
    let mut values = vec![None; variables.len()];
    for (name, value) in assignments(text, variables)? {
        let number: f64 = value.parse().unwrap_or(f64::NAN);
        if !number.is_finite() {
            return Err(Said::new(|l| say::point_not_finite(l, value)));
        }
        set(&mut values, name, variables, number)?;
    }
    let missing = values.iter().position(Option::is_none);
    match missing {
        Some(index) => {
            Err(Said::new(|l| say::point_missing(l, &variables[index], variables.join(", "))))
        }
        None => Ok(values.into_iter().flatten().collect()),
    }
}

/// `-3..3`, or `x=-3..3,y=0..1`; what is not named keeps its usual interval.
pub(super) fn region(text: &str, variables: &[Arc<str>]) -> Result<Region, Said> {
    if !text.contains('=') {
        let bounds = vec![interval(text)?; variables.len()];
        return Ok(Region { bounds, given: true });
    }
    let mut bounds = vec![None; variables.len()];
    for (name, value) in assignments(text, variables)? {
        set(&mut bounds, name, variables, interval(value)?)?;
    }
    let usual = Region::around(variables.len()).bounds;
    let bounds = bounds.into_iter().zip(usual).map(|(given, usual)| given.unwrap_or(usual));
    Ok(Region { bounds: bounds.collect(), given: true })
}

fn interval(text: &str) -> Result<[f64; 2], Said> {
    let wrong = || Said::new(|l| say::interval_wrong(l, text));
    let (low, high) = text.split_once("..").ok_or_else(wrong)?;
    let low: f64 = low.trim().parse().map_err(|_| wrong())?;
    let high: f64 = high.trim().parse().map_err(|_| wrong())?;
    let rising = low.is_finite() && high.is_finite() && low < high;
    match rising {
        false => Err(wrong()),
        true if high - low >= WIDEST => Err(Said::new(|l| say::interval_wide(l, text))),
        true => Ok([low, high]),
    }
}

/// The index of the variable and its text, of every part between commas.
fn assignments<'a>(text: &'a str, variables: &[Arc<str>]) -> Result<Vec<(usize, &'a str)>, Said> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once('=') {
            None if variables.len() == 1 => Ok((0, part)),
            None => Err(Said::new(|l| say::point_needs_name(l, part))),
            Some((name, value)) => {
                let name = name.trim();
                let index = variables.iter().position(|known| **known == *name);
                let index = index.ok_or_else(|| {
                    Said::new(|l| say::point_no_variable(l, name, variables.join(", ")))
                })?;
                Ok((index, value.trim()))
            }
        })
        .collect()
}

fn set<T>(
    values: &mut [Option<T>],
    index: usize,
    variables: &[Arc<str>],
    value: T,
) -> Result<(), Said> {
    if values[index].is_some() {
        return Err(Said::new(|l| say::point_twice(l, &variables[index])));
    }
    values[index] = Some(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_and_intervals_in_a_table() {
        let xy: [Arc<str>; 2] = ["x".into(), "y".into()];
        assert_eq!(point("y=2, x=-1e3", &xy), Ok(vec![-1000.0, 2.0]));
        assert_eq!(point("7", &xy[..1]), Ok(vec![7.0]));
        for (text, want) in [
            ("x=1", "no value for y"),
            ("x=1,y=2,z=3", "no variable `z`"),
            ("x=1,x=2,y=3", "x is given twice"),
            ("x=one,y=2", "`one` is not a finite number"),
            ("x=1,y=inf", "`inf` is not a finite number"),
            ("1,2", "`1`: expected a name and a value"),
        ] {
            let error = point(text, &xy).expect_err(text);
            assert!(error.english().starts_with(want), "{text}: {error:?}");
        }
        assert_eq!(region("-3..3", &xy).map(|r| r.bounds), Ok(vec![[-3.0, 3.0]; 2]));
        let mixed = region("y=0..1.5", &xy).map(|r| r.bounds);
        assert_eq!(mixed, Ok(vec![[-5.0, 5.0], [0.0, 1.5]]));
        for text in ["3..-3", "1", "a..b", "x=1..", "nan..1", "0..inf"] {
            assert!(region(text, &xy).is_err(), "{text}");
        }
    }
}
