use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = the largest integer not above x.
    Floor, "floor", f64::floor, Lowering::Unary(TileUnary::Floor), 0.1..0.9,
    |x, y, g| Vjp::Flat { why: "constant between the integers" }
);
