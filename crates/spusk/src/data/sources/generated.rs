//! What the generated sets share: sizes, noise, and points of the plane as a table.

use super::{Request, Source};
use crate::data::error::DataError;
use crate::data::options::Task;
use crate::data::random;
use crate::data::raw::{Content, Opened, OwnTest, RawColumn, RawKind, RawTable, Skipped};
use crate::data::store::{Room, Writer};
use crate::messages::{self as say, Said};

/// More points than this are taken for a mistake.
const MOST_POINTS: usize = 100_000_000;

/// What stands behind the name, as in `blobs:300,4`: the points, and one more number.
pub(super) struct Sizes {
    pub(super) points: usize,
    pub(super) second: usize,
}

/// Reads the sizes behind a name; `second` is the default and the bounds of the second number.
pub(super) fn sizes(
    source: &Source,
    request: &Request<'_>,
    points: usize,
    second: Option<(usize, std::ops::RangeInclusive<usize>)>,
) -> Result<Sizes, DataError> {
    let wrong = || {
        let spec = format!("{}:{}", source.name, request.rest);
        DataError::new(spec, say::error_bad_sizes)
            .expected(|l| say::error_such_as(l, source.example))
    };
    let mut sizes = Sizes { points, second: second.as_ref().map_or(0, |(default, _)| *default) };
    if request.rest.is_empty() {
        return Ok(sizes);
    }
    let mut parts = request.rest.split(',');
    let mut next = |range: std::ops::RangeInclusive<usize>| match parts.next() {
        None => Ok(None),
        Some(text) => match text.trim().parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(wrong()),
        },
    };
    sizes.points = next(4..=MOST_POINTS)?.unwrap_or(points);
    if let Some((_, range)) = second {
        sizes.second = next(range)?.unwrap_or(sizes.second);
    }
    if parts.next().is_some() { Err(wrong()) } else { Ok(sizes) }
}

/// A point of the plane and its class.
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) class: usize,
}

/// Random numbers for one point.
pub(super) struct Chance {
    key: u64,
    asked: u64,
}

impl Chance {
    /// For the row of a set with this key.
    pub(super) fn of(key: u64, row: usize) -> Chance {
        Chance { key: random::word(key, row as u64), asked: 0 }
    }

    /// Uniform in [0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        self.asked += 1;
        random::uniform(self.key, self.asked)
    }

    /// Normal with mean 0 and the given standard deviation.
    pub(super) fn normal(&mut self, std: f64) -> f64 {
        self.asked += 1;
        std * random::normal(self.key, self.asked)
    }
}

/// A set of `points` for training and validation and a fifth more for the test, each made by
/// `point` from its number and its chance.
pub(super) fn points(
    name: &str,
    about: Said,
    request: &Request<'_>,
    points: usize,
    mut point: impl FnMut(usize, &mut Chance) -> Point,
) -> Result<Opened, DataError> {
    let test = points.div_ceil(5);
    let rows = points + test;
    let key = random::key(request.options.seed, name);
    let room =
        Room { bytes: request.options.memory_limit / 4, folder: request.options.spool_dir.clone() };
    let mut cells = Writer::with_capacity(rows as u64 * 3, room)?;
    for row in 0..rows {
        let mut chance = Chance::of(key, row);
        let point = point(row, &mut chance);
        cells.push(&[point.x, point.y, point.class as f64])?;
    }
    let column =
        |name: &str| RawColumn { name: name.to_owned(), kind: RawKind::Number, written: None };
    Ok(Opened {
        name: name.to_owned(),
        kind: Said::new(|l| say::data_generated(l, about.in_language(l))),
        content: Content::Table(RawTable {
            columns: vec![column("x"), column("y"), column("class")],
            rows,
            cells: cells.finish()?,
            lines: None,
            named: true,
            classes: None,
            targets: Some(vec![2]),
            task: Some(Task::Classify),
            whole_targets: true,
        }),
        own_test: OwnTest::Last(test),
        skipped: Skipped::new(),
        notes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::options::DataOptions;
    use crate::data::sources::{SOURCES, open};

    #[test]
    fn sizes_are_read_and_checked() {
        let rows = |spec: &str| {
            open(spec, &DataOptions::default()).map(|opened| match opened.content {
                Content::Table(table) => table.rows,
                _ => unreachable!("generated sets are tables"),
            })
        };
        assert_eq!(rows("spirals:100").expect("opens"), 120);
        assert_eq!(rows("blobs:100,7").expect("opens"), 120);
        for spec in
            ["spirals:x", "spirals:1", "moons:10,2", "xor:-4", "blobs:10,1", "xor:9999999999"]
        {
            let error = rows(spec).expect_err(spec).to_string();
            assert!(error.contains("the sizes cannot be read, expected such as"), "{error}");
        }
    }

    #[test]
    fn generated_sets_are_functions_of_the_seed() {
        for name in ["spirals", "moons", "blobs", "xor"] {
            assert!(SOURCES.iter().any(|source| source.name == name));
            let cells = |seed| {
                let options = DataOptions { seed, ..DataOptions::default() };
                match open(&format!("{name}:50"), &options).expect("opens").content {
                    Content::Table(table) => table.cells.slice().expect("small").to_vec(),
                    _ => unreachable!("generated sets are tables"),
                }
            };
            assert_eq!(cells(1), cells(1));
            assert_ne!(cells(1), cells(2));
        }
    }
}
