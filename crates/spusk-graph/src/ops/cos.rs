use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = cos x.
    Cos, "cos", f64::cos, Lowering::Unary(TileUnary::Cos), -3.0..3.0, |x, y, g| Vjp::all([g * -x.sin()])
);
