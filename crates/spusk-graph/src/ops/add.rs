use crate::ops::Vjp;
use spusk_kernels::TileBinary;

binary!(
    /// y = a + b.
    Add, "add", |a, b| a + b, TileBinary::Add, -2.0..2.0, -2.0..2.0, |a, b, y, g| Vjp::all([g, g])
);
