use crate::ops::Vjp;
use spusk_kernels::TileBinary;

binary!(
    /// y = a · b.
    Mul, "mul", |a, b| a * b, TileBinary::Mul, -2.0..2.0, -2.0..2.0, |a, b, y, g| Vjp::all([g * b, g * a])
);
