use crate::ops::Vjp;
use spusk_kernels::TileBinary;

binary!(
    /// y = aᵇ. The gradient of b is finite for a > 0 only.
    Pow, "pow", f64::powf, TileBinary::Pow, 0.4..2.0, -2.0..2.0, |a, b, y, g| Vjp::all([g * b * a.pow(b - 1.0), g * y * a.log()])
);
