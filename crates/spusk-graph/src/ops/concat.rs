use spusk_kernels::{Copy, Instruction};

use crate::array::{indices, offset};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp};
use crate::{Array, Shape};

/// Arrays one after the other along an axis.
#[derive(Debug, Clone)]
pub struct Concat {
    /// The axis.
    pub axis: usize,
}

impl Rules for Concat {
    const NAME: &'static str = "concat";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("axis", &[self.axis])
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        match attributes.get_sizes("axis")?[..] {
            [axis] => Ok(Concat { axis }),
            ref other => Err(format!("attribute `axis` is {other:?}, expected one axis")),
        }
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let first = inputs.first().ok_or("takes at least one input")?;
        let axis = self.axis;
        if axis >= first.rank() {
            return Err(format!("axis {axis} of a shape {first} of rank {}", first.rank()));
        }
        for other in inputs {
            if other.rank() != first.rank() || other.collapsed(&[axis]) != first.collapsed(&[axis])
            {
                return Err(format!("{first} and {other} differ in more than axis {axis}"));
            }
        }
        let mut sizes = first.to_vec();
        sizes[axis] = inputs.iter().map(|shape| shape[axis]).sum();
        Ok(sizes.into())
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let mut result = Array::filled(shape.clone(), 0.0);
        let strides = shape.strides();
        let mut start = 0;
        for input in inputs {
            for (index, &x) in indices(&input.shape).iter().zip(&input.data) {
                result.data[start * strides[self.axis] + offset(index, &strides)] = x;
            }
            start += input.shape[self.axis];
        }
        result
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let mut start = 0;
        Vjp::all(call.inputs.iter().map(|input| {
            let shape = input.shape();
            let mut starts = vec![0; shape.rank()];
            starts[self.axis] = start;
            let ends: Vec<usize> = starts.iter().zip(shape.iter()).map(|(s, n)| s + n).collect();
            start += shape[self.axis];
            call.cotangent.slice(&starts, &ends)
        }))
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| {
            let strides = at.shape.strides();
            let mut start = 0;
            let mut copies = Vec::new();
            for (input, shape) in at.inputs.iter().zip(&at.shapes) {
                copies.push(Instruction::Copy(Copy {
                    shape: shape.to_vec(),
                    input: *input,
                    in_offset: 0,
                    in_strides: shape.strides(),
                    output: at.output,
                    out_offset: start * strides[self.axis],
                    out_strides: strides.clone(),
                }));
                start += shape[self.axis];
            }
            copies
        }))
    }
    fn samples() -> Vec<Sample<Self>> {
        vec![
            Sample::new(Concat { axis: 0 }, &[(&[2], -2.0, 2.0), (&[3], -2.0, 2.0)]),
            Sample::new(
                Concat { axis: 1 },
                &[(&[2, 1], -2.0, 2.0), (&[2, 3], -2.0, 2.0), (&[2, 2], -2.0, 2.0)],
            ),
            Sample::new(Concat { axis: 1 }, &[(&[2, 2, 3], -2.0, 2.0), (&[2, 1, 3], -2.0, 2.0)]),
        ]
    }
}
