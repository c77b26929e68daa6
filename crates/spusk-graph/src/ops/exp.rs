use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = eˣ.
    Exp, "exp", f64::exp, Lowering::Unary(TileUnary::Exp), -2.0..2.0, |x, y, g| Vjp::all([g * y])
);
