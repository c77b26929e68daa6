use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// A value that lives from run to run: a parameter, a buffer, an optimizer slot.
#[derive(Debug, Clone)]
pub struct State {
    /// Unique among inputs and states.
    pub name: String,
    /// Its sizes.
    pub shape: Shape,
}

impl Rules for State {
    const NAME: &'static str = "state";
    fn attributes(&self) -> Attributes {
        Attributes::none().text("name", &self.name).sizes("shape", &self.shape)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let shape = attributes.get_sizes("shape")?.into();
        Ok(State { name: attributes.get_text("name")?, shape })
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
