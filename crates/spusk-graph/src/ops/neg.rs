use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = -x.
    Neg, "neg", |x: f64| -x, Lowering::Unary(TileUnary::Neg), -2.0..2.0, |x, y, g| Vjp::all([-g])
);
