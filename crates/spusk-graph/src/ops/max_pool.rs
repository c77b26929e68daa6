use spusk_kernels::PoolKind;

use crate::ops::pooling::Pooling;
use crate::ops::{Attributes, Call, Lowering, PoolSpread, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// The largest element of each window of `x[B, H, W, C]`, channel by channel: `y[B, Ho, Wo, C]`.
///
/// Missing elements around the image are smaller than all. NaN if one is.
#[derive(Debug, Clone)]
pub struct MaxPool {
    /// The windows.
    pub pooling: Pooling,
}

impl Rules for MaxPool {
    const NAME: &'static str = "max_pool";
    fn attributes(&self) -> Attributes {
        self.pooling.attributes()
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(MaxPool { pooling: Pooling::from_attributes(attributes)? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        self.pooling.pooled(&x)
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let winners = self.pooling.winners(inputs[0]);
        Array::new(shape.clone(), winners.iter().map(|&at| inputs[0].data[at]).collect())
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let spread = PoolSpread { pooling: self.pooling };
        Vjp::all([call.cotangent.trace().apply(spread, &[call.inputs[0], call.cotangent])])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| self.pooling.instructions(PoolKind::Max, at)))
    }
    fn samples() -> Vec<Sample<Self>> {
        Pooling::samples()
            .into_iter()
            .map(|(pooling, x, _)| Sample::new(MaxPool { pooling }, &[(&x, -2.0, 2.0)]))
            .collect()
    }
}
