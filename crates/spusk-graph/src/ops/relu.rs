use crate::ops::{Lowering, Vjp};

unary!(
    /// y = max(x, 0), NaN for NaN; the gradient at 0 is 0, as in PyTorch.
    ///
    /// An op of its own because its gradient needs the output alone, so the output can take the
    /// input's place in memory.
    Relu, "relu", |x: f64| if x < 0.0 { 0.0 } else { x }, Lowering::Relu, 0.1..2.0,
    |x, y, g| Vjp::all([y.step().select(g, g.zeros_like())])
);
