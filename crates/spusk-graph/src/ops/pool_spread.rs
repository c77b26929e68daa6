use spusk_kernels::PoolKind;

use crate::ops::pooling::Pooling;
use crate::ops::{Attributes, Call, Lowering, PoolPick, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// `y[B, H, W, C]`: 0, and every window's number in `g[B, Ho, Wo, C]` added where the largest element
/// of its window of `x[B, H, W, C]` stands. The gradient of [`crate::ops::MaxPool`].
#[derive(Debug, Clone)]
pub struct PoolSpread {
    /// The windows.
    pub pooling: Pooling,
}

impl Rules for PoolSpread {
    const NAME: &'static str = "pool_spread";
    fn attributes(&self) -> Attributes {
        self.pooling.attributes()
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(PoolSpread { pooling: Pooling::from_attributes(attributes)? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x, g] = expect::<2>(inputs)?;
        self.pooling.check_pooled(&x, &g)?;
        Ok(x)
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let mut result = Array::filled(shape.clone(), 0.0);
        for (at, g) in self.pooling.winners(inputs[0]).into_iter().zip(&inputs[1].data) {
            result.data[at] += g;
        }
        result
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let pick = PoolPick { pooling: self.pooling };
        let picked = call.cotangent.trace().apply(pick, &[call.inputs[0], call.cotangent]);
        // Where the largest element stands does not change with small changes.
        Vjp::Inputs(vec![None, Some(picked)])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| self.pooling.instructions(PoolKind::Spread, at)))
    }
    fn samples() -> Vec<Sample<Self>> {
        Pooling::samples()
            .into_iter()
            .map(|(pooling, x, y)| {
                Sample::new(PoolSpread { pooling }, &[(&x, -2.0, 2.0), (&y, -2.0, 2.0)])
            })
            .collect()
    }
}
