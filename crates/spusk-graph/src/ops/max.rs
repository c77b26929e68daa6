use crate::ops::Vjp;
use spusk_kernels::TileBinary;

binary!(
    /// y = the larger, NaN if either is NaN; where they are equal the gradient goes to b.
    Max, "max", |a: f64, b: f64| if a.is_nan() || a > b { a } else { b }, TileBinary::Max, 0.1..1.0, 1.1..2.0, |a, b, y, g| { let larger = a.greater(b); let zero = g.zeros_like(); Vjp::all([larger.select(g, zero), larger.select(zero, g)]) }
);
