use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// One number everywhere.
#[derive(Debug, Clone)]
pub struct Constant {
    /// The number.
    pub value: f64,
    /// The sizes.
    pub shape: Shape,
}

impl Rules for Constant {
    const NAME: &'static str = "constant";
    fn attributes(&self) -> Attributes {
        Attributes::none().number("value", self.value).sizes("shape", &self.shape)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let shape = attributes.get_sizes("shape")?.into();
        Ok(Constant { value: attributes.get_number("value")?, shape })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        expect::<0>(inputs).map(|[]| self.shape.clone())
    }
    fn reference(&self, _: &[&Array], shape: &Shape) -> Array {
        Array::filled(shape.clone(), self.value)
    }
    fn vjp<'t>(&self, _: &Call<'t>) -> Vjp<'t> {
        Vjp::Inputs(Vec::new())
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Leaf
    }
    fn samples() -> Vec<Sample<Self>> {
        vec![Sample::new(Constant { value: 1.5, shape: [2, 3].into() }, &[])]
    }
}
