use crate::ops::Vjp;
use spusk_kernels::TileBinary;

binary!(
    /// y = the smaller, NaN if either is NaN; where they are equal the gradient goes to b.
    Min, "min", |a: f64, b: f64| if a.is_nan() || a < b { a } else { b }, TileBinary::Min, 0.1..1.0, 1.1..2.0, |a, b, y, g| { let smaller = b.greater(a); let zero = g.zeros_like(); Vjp::all([smaller.select(g, zero), smaller.select(zero, g)]) }
);
