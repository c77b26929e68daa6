use crate::ops::Vjp;
use spusk_kernels::TileBinary;

binary!(
    /// y = a / b.
    Div, "div", |a, b| a / b, TileBinary::Div, -2.0..2.0, 0.5..2.0, |a, b, y, g| Vjp::all([g / b, -(g * y) / b])
);
