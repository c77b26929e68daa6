use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = ln(1 + x), accurate near 0.
    Log1p, "log1p", f64::ln_1p, Lowering::Unary(TileUnary::Log1p), -0.6..3.0, |x, y, g| Vjp::all([g / (x + 1.0)])
);
