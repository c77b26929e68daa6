use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// A value that every run is given: a batch of data, a learning rate.
#[derive(Debug, Clone)]
pub struct Input {
    /// Unique among inputs and states.
    pub name: String,
    /// Its sizes.
    pub shape: Shape,
}

impl Rules for Input {
    const NAME: &'static str = "input";
    fn attributes(&self) -> Attributes {
        Attributes::none().text("name", &self.name).sizes("shape", &self.shape)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let shape = attributes.get_sizes("shape")?.into();
        Ok(Input { name: attributes.get_text("name")?, shape })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        expect::<0>(inputs).map(|[]| self.shape.clone())
    }
    fn reference(&self, _: &[&Array], shape: &Shape) -> Array {
        // The evaluator looks given values up by name before it asks an op.
        Array::filled(shape.clone(), f64::NAN)
    }
    fn vjp<'t>(&self, _: &Call<'t>) -> Vjp<'t> {
        Vjp::Inputs(Vec::new())
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Leaf
    }
    fn samples() -> Vec<Sample<Self>> {
        Vec::new()
    }
}
