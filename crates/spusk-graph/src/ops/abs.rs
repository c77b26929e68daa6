use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = |x|; the gradient at 0 is 0.
    Abs, "abs", f64::abs, Lowering::Unary(TileUnary::Abs), 0.1..2.0, |x, y, g| Vjp::all([g * x.sign()])
);
