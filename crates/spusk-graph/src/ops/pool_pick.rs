use spusk_kernels::PoolKind;

use crate::ops::pooling::Pooling;
use crate::ops::{Attributes, Call, Lowering, PoolSpread, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// `y[B, Ho, Wo, C]`: of each window the element of `v[B, H, W, C]` that stands where the largest
/// element of `x[B, H, W, C]` does. The gradient of [`PoolSpread`].
#[derive(Debug, Clone)]
pub struct PoolPick {
    /// The windows.
    pub pooling: Pooling,
}

impl Rules for PoolPick {
    const NAME: &'static str = "pool_pick";
    fn attributes(&self) -> Attributes {
        self.pooling.attributes()
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(PoolPick { pooling: Pooling::from_attributes(attributes)? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x, v] = expect::<2>(inputs)?;
        if x != v {
            return Err(format!("picks by {x} from {v}; both must have one shape"));
        }
        self.pooling.pooled(&x)
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let winners = self.pooling.winners(inputs[0]);
        Array::new(shape.clone(), winners.iter().map(|&at| inputs[1].data[at]).collect())
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let spread = PoolSpread { pooling: self.pooling };
        let spread = call.cotangent.trace().apply(spread, &[call.inputs[0], call.cotangent]);
        // Where the largest element stands does not change with small changes.
        Vjp::Inputs(vec![None, Some(spread)])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| self.pooling.instructions(PoolKind::Pick, at)))
    }
    fn samples() -> Vec<Sample<Self>> {
        Pooling::samples()
            .into_iter()
            .map(|(pooling, x, _)| {
                Sample::new(PoolPick { pooling }, &[(&x, -2.0, 2.0), (&x, -2.0, 2.0)])
            })
            .collect()
    }
}
