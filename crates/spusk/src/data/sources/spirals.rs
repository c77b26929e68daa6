//! Two spirals around each other: Lang & Witbrock 1988, "Learning to tell two spirals apart".

use std::f64::consts::PI;

use super::generated::{Point, points, sizes};
use super::{Request, Source, never};
use crate::data::error::DataError;
use crate::data::raw::Opened;
use crate::messages::{self as say, Said};

pub(super) const SOURCE: Source = Source {
    name: "spirals",
    about: "two spirals around each other, generated",
    example: "spirals:1000",
    claims: never,
    open,
};

/// Turns of each spiral.
const TURNS: f64 = 1.75;

fn open(request: &Request<'_>) -> Result<Opened, DataError> {
    let sizes = sizes(&SOURCE, request, 1000, None)?;
    let noise = request.options.noise.unwrap_or(0.02);
    let about = Said::new(|l| {
        say::data_spirals(l, l.digits(&TURNS.to_string()), l.digits(&noise.to_string()))
    });
    points("spirals", about, request, sizes.points, |row, chance| {
        let class = row % 2;
        // The root makes the points about as dense outside as inside.
        let radius = chance.uniform().sqrt();
        let angle = 2.0 * PI * TURNS * radius + PI * class as f64;
        Point {
            x: radius * angle.cos() + chance.normal(noise),
            y: radius * angle.sin() + chance.normal(noise),
            class,
        }
    })
}
