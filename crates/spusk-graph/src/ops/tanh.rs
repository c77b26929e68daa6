use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = tanh x.
    Tanh, "tanh", f64::tanh, Lowering::Unary(TileUnary::Tanh), -2.0..2.0, |x, y, g| Vjp::all([g * (1.0 - y * y)])
);
