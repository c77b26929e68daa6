use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = -1, 0 or 1.
    Sign, "sign", |x: f64| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { x + 0.0 }, Lowering::Unary(TileUnary::Sign), 0.1..2.0,
    |x, y, g| Vjp::Flat { why: "constant but for a jump at 0" }
);
