use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = √x.
    Sqrt, "sqrt", f64::sqrt, Lowering::Unary(TileUnary::Sqrt), 0.3..3.0, |x, y, g| Vjp::all([g * 0.5 / y])
);
