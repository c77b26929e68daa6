use crate::ops::{Lowering, Vjp};
use spusk_kernels::TileUnary;

unary!(
    /// The threshold neuron: y = 1 where x > 0, else 0.
    Step, "step", |x: f64| f64::from(x > 0.0), Lowering::Unary(TileUnary::Step), 0.1..2.0,
    |x, y, g| Vjp::Flat { why: "constant but for a jump at 0; layers put a straight-through gradient around it" }
);
