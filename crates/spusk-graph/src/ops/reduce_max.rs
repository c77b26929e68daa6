use spusk_kernels::ReduceKind;

use crate::ops::sum::{reduce, samples};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, check_axes, expect};
use crate::{Array, Shape};

/// The maximum over some axes, which stay with size 1; NaN if one is NaN. Where several elements
/// are the largest, they share the gradient equally.
#[derive(Debug, Clone)]
pub struct ReduceMax {
    /// Ascending.
    pub axes: Vec<usize>,
}

impl Rules for ReduceMax {
    const NAME: &'static str = "reduce_max";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("axes", &self.axes)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(ReduceMax { axes: attributes.get_sizes("axes")? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        check_axes(&self.axes, &x)?;
        Ok(x.collapsed(&self.axes))
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let larger = |a: f64, b: f64| if a.is_nan() || a > b { a } else { b };
        reduce(inputs[0], shape, f64::NEG_INFINITY, larger)
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let x = call.inputs[0];
        let largest = x.equal(call.output.broadcast(&x.shape()));
        let share = call.cotangent / largest.sum_keeping(&self.axes);
        Vjp::all([largest * share.broadcast(&x.shape())])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Reduce(ReduceKind::Max, &self.axes)
    }
    fn samples() -> Vec<Sample<Self>> {
        samples(|axes| ReduceMax { axes })
    }
}
