use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = 1/x.
    Reciprocal, "reciprocal", f64::recip, Lowering::Unary(TileUnary::Reciprocal), 0.4..2.0, |x, y, g| Vjp::all([-(g * y * y)])
);
