use spusk_kernels::{Copy, Instruction};

use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// A run of elements of a flat array, under a shape: above all, a value of the body of a
/// [`Scan`](crate::ops::Scan), stacked over time.
#[derive(Debug, Clone)]
pub struct Pick {
    /// The first element.
    pub start: usize,
    /// Sizes of the result.
    pub shape: Shape,
}

impl Rules for Pick {
    const NAME: &'static str = "pick";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("start", &[self.start]).sizes("shape", &self.shape)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let [start] = attributes.get_sizes("start")?[..] else {
            return Err("attribute `start` must be one number".into());
        };
        Ok(Pick { start, shape: attributes.get_sizes("shape")?.into() })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        let end = self.start.checked_add(self.shape.size());
        if x.rank() == 1 && end.is_some_and(|end| end <= x.size()) {
            return Ok(self.shape.clone());
        }
        let (start, shape) = (self.start, &self.shape);
        Err(format!("{x} is no flat array with elements {start} and on for a shape {shape}"))
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let run = self.start..self.start + shape.size();
        Array::new(shape.clone(), inputs[0].data[run].to_vec())
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let size = self.shape.size();
        let after = call.inputs[0].size() - self.start - size;
        Vjp::all([call.cotangent.reshape(&[size]).pad(&[self.start], &[after])])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| {
            vec![Instruction::Copy(Copy {
                shape: vec![at.shape.size()],
                input: at.inputs[0],
                in_offset: self.start,
                in_strides: vec![1],
                output: at.output,
                out_offset: 0,
                out_strides: vec![1],
            })]
        }))
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |start: usize, shape: &[usize], size: usize| {
            Sample::new(Pick { start, shape: shape.into() }, &[(&[size], -2.0, 2.0)])
        };
        vec![sample(0, &[2, 3], 6), sample(4, &[3, 1], 40), sample(33, &[], 34)]
    }
}
