use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// The same elements in row-major order under another shape.
#[derive(Debug, Clone)]
pub struct Reshape {
    /// The new sizes.
    pub shape: Shape,
}

impl Rules for Reshape {
    const NAME: &'static str = "reshape";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("shape", &self.shape)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Reshape { shape: attributes.get_sizes("shape")?.into() })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        if x.size() == self.shape.size() {
            Ok(self.shape.clone())
        } else {
            let (shape, got, want) = (&self.shape, x.size(), self.shape.size());
            Err(format!("{x} has {got} elements, {shape} needs {want}"))
        }
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        Array::new(shape.clone(), inputs[0].data.clone())
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        Vjp::all([call.cotangent.reshape(&call.inputs[0].shape())])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::View
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |to: &[usize], from: &[usize]| {
            Sample::new(Reshape { shape: to.into() }, &[(from, -2.0, 2.0)])
        };
        vec![sample(&[6], &[2, 3]), sample(&[], &[1, 1]), sample(&[2, 1, 2], &[4])]
    }
}
