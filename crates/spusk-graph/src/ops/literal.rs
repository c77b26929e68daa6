use std::sync::Arc;

use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// A table of numbers.
#[derive(Debug, Clone)]
pub struct Literal {
    /// The table.
    pub array: Arc<Array>,
}

impl Rules for Literal {
    const NAME: &'static str = "literal";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("shape", &self.array.shape).numbers("data", &self.array.data)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let shape = Shape::from(attributes.get_sizes("shape")?);
        let data = attributes.get_numbers("data")?;
        if shape.size() != data.len() {
            return Err(format!(
                "shape {shape} needs {} numbers, got {}",
                shape.size(),
                data.len()
            ));
        }
        Ok(Literal { array: Array::new(shape, data).into() })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        expect::<0>(inputs).map(|[]| self.array.shape.clone())
    }
    fn reference(&self, _: &[&Array], _: &Shape) -> Array {
        self.array.as_ref().clone()
    }
    fn vjp<'t>(&self, _: &Call<'t>) -> Vjp<'t> {
        Vjp::Inputs(Vec::new())
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Leaf
    }
    fn samples() -> Vec<Sample<Self>> {
        let array = Array::new([2, 2], vec![1.0, -2.5, 0.0, 4.0]).into();
        vec![Sample::new(Literal { array }, &[])]
    }
}
