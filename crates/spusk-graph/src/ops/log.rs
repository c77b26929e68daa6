use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = ln x.
    Log, "log", f64::ln, Lowering::Unary(TileUnary::Log), 0.3..3.0, |x, y, g| Vjp::all([g / x])
);
