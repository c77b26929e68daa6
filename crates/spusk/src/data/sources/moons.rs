//! Two half circles that reach into each other.

use std::f64::consts::PI;

use super::generated::{Point, points, sizes};
use super::{Request, Source, never};
use crate::data::error::DataError;
use crate::data::raw::Opened;
use crate::messages::{self as say, Said};

pub(super) const SOURCE: Source = Source {
    name: "moons",
    about: "two half circles that reach into each other, generated",
    example: "moons:500",
    claims: never,
    open,
};

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let sizes = sizes(&SOURCE, request, 500, None)?;
    let noise = request.options.noise.unwrap_or(0.1);
    let about = Said::new(|l| say::data_moons(l, l.digits(&noise.to_string())));
    points("moons", about, request, sizes.points, |row, chance| {
        let class = row % 2;
        let (sine, cosine) = (PI * chance.uniform()).sin_cos();
        let (x, y) = if class == 0 { (cosine, sine) } else { (1.0 - cosine, 0.5 - sine) };
        Point { x: x + chance.normal(noise), y: y + chance.normal(noise), class }
    })
}
