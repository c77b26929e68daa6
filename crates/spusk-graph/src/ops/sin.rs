use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = sin x.
    Sin, "sin", f64::sin, Lowering::Unary(TileUnary::Sin), -3.0..3.0, |x, y, g| Vjp::all([g * x.cos()])
);
