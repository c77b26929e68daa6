use spusk_kernels::{Copy, Instruction};

use crate::array::{indices, offset};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// Elements `starts..ends` along every axis.
#[derive(Debug, Clone)]
pub struct Slice {
    /// First index, an axis each.
    pub starts: Vec<usize>,
    /// Behind the last index, an axis each.
    pub ends: Vec<usize>,
}

impl Rules for Slice {
    const NAME: &'static str = "slice";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("starts", &self.starts).sizes("ends", &self.ends)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Slice { starts: attributes.get_sizes("starts")?, ends: attributes.get_sizes("ends")? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        let ranges = || self.starts.iter().zip(&self.ends);
        let fits = self.starts.len() == x.rank()
            && self.ends.len() == x.rank()
            && ranges().zip(x.iter()).all(|((start, end), size)| start <= end && end <= size);
        if !fits {
            return Err(format!("{x} has no elements {:?} to {:?}", self.starts, self.ends));
        }
        Ok(ranges().map(|(start, end)| end - start).collect::<Vec<_>>().into())
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let strides = inputs[0].shape.strides();
        let first = offset(&self.starts, &strides);
        let pick = |index: &Vec<usize>| inputs[0].data[first + offset(index, &strides)];
        Array::new(shape.clone(), indices(shape).iter().map(pick).collect())
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let shape = call.inputs[0].shape();
        let after: Vec<usize> =
            shape.iter().zip(&self.ends).map(|(size, end)| size - end).collect();
        Vjp::all([call.cotangent.pad(&self.starts, &after)])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| {
            let strides = at.shapes[0].strides();
            vec![Instruction::Copy(Copy {
                shape: at.shape.to_vec(),
                input: at.inputs[0],
                in_offset: offset(&self.starts, &strides),
                in_strides: strides,
                output: at.output,
                out_offset: 0,
                out_strides: at.shape.strides(),
            })]
        }))
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |starts: &[usize], ends: &[usize], shape: &[usize]| {
            let op = Slice { starts: starts.to_vec(), ends: ends.to_vec() };
            Sample::new(op, &[(shape, -2.0, 2.0)])
        };
        vec![
            sample(&[1], &[4], &[6]),
            sample(&[0, 2], &[3, 3], &[3, 5]),
            sample(&[1, 0, 1], &[2, 3, 4], &[2, 3, 4]),
        ]
    }
}
