use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// y = 1 / (1 + e⁻ˣ).
    Sigmoid, "sigmoid", |x: f64| 1.0 / (1.0 + (-x).exp()), Lowering::Unary(TileUnary::Sigmoid), -3.0..3.0, |x, y, g| Vjp::all([g * y * (1.0 - y)])
);
