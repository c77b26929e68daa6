use crate::ops::Vjp;
use spusk_kernels::TileBinary;

binary!(
    /// y = a - b.
    Sub, "sub", |a, b| a - b, TileBinary::Sub, -2.0..2.0, -2.0..2.0, |a, b, y, g| Vjp::all([g, -g])
);
