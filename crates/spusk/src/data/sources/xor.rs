//! The exclusive or: four corners, of which opposite ones have the same class.

use super::generated::{Point, points, sizes};
use super::{Request, Source, never};
use crate::data::error::DataError;
use crate::data::raw::Opened;
use crate::messages::{self as say, Said};

pub(super) const SOURCE: Source = Source {
    name: "xor",
    about: "points around four corners, opposite ones of the same class, generated",
    example: "xor:400",
    claims: never,
    open,
};

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let sizes = sizes(&SOURCE, request, 400, None)?;
    let noise = request.options.noise.unwrap_or(0.2);
    let about = Said::new(|l| say::data_xor(l, l.digits(&noise.to_string())));
    points("xor", about, request, sizes.points, |row, chance| {
        let (right, top) = (row % 2, row / 2 % 2);
        Point {
            x: right as f64 + chance.normal(noise),
            y: top as f64 + chance.normal(noise),
            class: right ^ top,
        }
    })
}
