use crate::ops::Vjp;
use spusk_kernels::TileBinary;

binary!(
    /// y = 1 where a > b, else 0.
    Greater, "greater", |a, b| f64::from(a > b), TileBinary::Greater, 0.1..1.0, 1.1..2.0,
    |a, b, y, g| Vjp::Flat { why: "constant but where the operands meet" }
);
