use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = eˣ - 1, accurate near 0.
    Expm1, "expm1", f64::exp_m1, Lowering::Unary(TileUnary::Expm1), -2.0..2.0, |x, y, g| Vjp::all([g * (y + 1.0)])
);
