//! Normal clouds around centers on a circle.

use std::f64::consts::TAU;

use super::generated::{Point, points, sizes};
use super::{Request, Source, never};
use crate::data::error::DataError;
use crate::data::raw::Opened;
use crate::messages::{self as say, Said};

pub(super) const SOURCE: Source = Source {
    name: "blobs",
    about: "clouds of points around 3 centers (or as many as named), generated",
    example: "blobs:300,3",
    claims: never,
    open,
};

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let sizes = sizes(&SOURCE, request, 300, Some((3, 2..=1000)))?;
    let noise = request.options.noise.unwrap_or(0.25);
    let about = Said::new(|l| say::data_clouds(l, sizes.second, l.digits(&noise.to_string())));
    points("blobs", about, request, sizes.points, |row, chance| {
        let class = row % sizes.second;
        let (sine, cosine) = (TAU * class as f64 / sizes.second as f64).sin_cos();
        Point { x: cosine + chance.normal(noise), y: sine + chance.normal(noise), class }
    })
}
