use spusk_kernels::{Copy, Fill, Instruction};

use crate::array::{indices, offset};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// Zeros before and after, along every axis.
#[derive(Debug, Clone)]
pub struct Pad {
    /// Zeros in front, an axis each.
    pub before: Vec<usize>,
    /// Zeros behind, an axis each.
    pub after: Vec<usize>,
}

impl Rules for Pad {
    const NAME: &'static str = "pad";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("before", &self.before).sizes("after", &self.after)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Pad { before: attributes.get_sizes("before")?, after: attributes.get_sizes("after")? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        if self.before.len() != x.rank() || self.after.len() != x.rank() {
            let (before, after) = (&self.before, &self.after);
            return Err(format!(
                "padding {before:?} and {after:?} for the {} axes of {x}",
                x.rank()
            ));
        }
        let padded = (0..x.rank()).map(|axis| self.before[axis] + x[axis] + self.after[axis]);
        Ok(padded.collect::<Vec<_>>().into())
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let mut result = Array::filled(shape.clone(), 0.0);
        let strides = shape.strides();
        let first = offset(&self.before, &strides);
        for (index, &x) in indices(&inputs[0].shape).iter().zip(&inputs[0].data) {
            result.data[first + offset(index, &strides)] = x;
        }
        result
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let shape = call.inputs[0].shape();
        let ends: Vec<usize> = shape.iter().zip(&self.before).map(|(size, b)| size + b).collect();
        Vjp::all([call.cotangent.slice(&self.before, &ends)])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| {
            let strides = at.shape.strides();
            vec![
                Instruction::Fill(Fill { value: 0.0, output: at.output }),
                Instruction::Copy(Copy {
                    shape: at.shapes[0].to_vec(),
                    input: at.inputs[0],
                    in_offset: 0,
                    in_strides: at.shapes[0].strides(),
                    output: at.output,
                    out_offset: offset(&self.before, &strides),
                    out_strides: strides,
                }),
            ]
        }))
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |before: &[usize], after: &[usize], shape: &[usize]| {
            let op = Pad { before: before.to_vec(), after: after.to_vec() };
            Sample::new(op, &[(shape, -2.0, 2.0)])
        };
        vec![
            sample(&[1], &[2], &[3]),
            sample(&[0, 2], &[1, 0], &[2, 3]),
            sample(&[1, 0, 1], &[1, 1, 0], &[2, 1, 3]),
        ]
    }
}
