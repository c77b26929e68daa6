use spusk_kernels::Instruction;

use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// The index of the largest element along the last axis, which stays with size 1; the first of
/// equals, and a NaN counts as the largest.
#[derive(Debug, Clone, Copy)]
pub struct ArgMax;

impl Rules for ArgMax {
    const NAME: &'static str = "argmax";
    fn attributes(&self) -> Attributes {
        Attributes::none()
    }
    fn from_attributes(_: &Attributes) -> Result<Self, String> {
        Ok(ArgMax)
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        match x.last() {
            None | Some(0) => Err(format!("a shape {x} has no last axis to look along")),
            Some(_) => Ok(x.collapsed(&[x.rank() - 1])),
        }
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let columns = inputs[0].shape[shape.rank() - 1];
        let largest = |row: &[f64]| {
            let mut best = 0;
            for (i, x) in row.iter().enumerate() {
                if !row[best].is_nan() && (x.is_nan() || *x > row[best]) {
                    best = i;
                }
            }
            best as f64
        };
        Array::new(shape.clone(), inputs[0].data.chunks(columns).map(largest).collect())
    }
    fn vjp<'t>(&self, _: &Call<'t>) -> Vjp<'t> {
        Vjp::Flat { why: "an index does not change with small changes of the elements" }
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| {
            let rows = at.shape.size();
            vec![Instruction::ArgMax(spusk_kernels::ArgMax {
                rows,
                columns: at.shapes[0][at.shapes[0].rank() - 1],
                input: at.inputs[0],
                output: at.output,
            })]
        }))
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |shape: &[usize]| Sample::new(ArgMax, &[(shape, -2.0, 2.0)]);
        vec![sample(&[5]), sample(&[3, 10]), sample(&[2, 3, 33])]
    }
}
