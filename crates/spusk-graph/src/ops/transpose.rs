use crate::array::{indices, offset};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// Axes in another order: axis i of the result is axis `order[i]` of the input.
#[derive(Debug, Clone)]
pub struct Transpose {
    /// A permutation of 0, …, rank - 1.
    pub order: Vec<usize>,
}

impl Rules for Transpose {
    const NAME: &'static str = "transpose";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("order", &self.order)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Transpose { order: attributes.get_sizes("order")? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        let mut sorted = self.order.clone();
        sorted.sort_unstable();
        if sorted.len() != x.rank() || sorted.iter().enumerate().any(|(i, &axis)| i != axis) {
            return Err(format!("{:?} is no order of the {} axes of {x}", self.order, x.rank()));
        }
        Ok(self.order.iter().map(|&axis| x[axis]).collect::<Vec<_>>().into())
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let strides = inputs[0].shape.strides();
        let strides: Vec<usize> = self.order.iter().map(|&axis| strides[axis]).collect();
        let pick = |index: &Vec<usize>| inputs[0].data[offset(index, &strides)];
        Array::new(shape.clone(), indices(shape).iter().map(pick).collect())
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let mut inverse = vec![0; self.order.len()];
        for (i, &axis) in self.order.iter().enumerate() {
            inverse[axis] = i;
        }
        Vjp::all([call.cotangent.transpose(&inverse)])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Transpose(&self.order)
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |order: &[usize], shape: &[usize]| {
            Sample::new(Transpose { order: order.to_vec() }, &[(shape, -2.0, 2.0)])
        };
        vec![
            sample(&[1, 0], &[3, 5]),
            sample(&[1, 0], &[17, 33]),
            sample(&[0, 2, 1], &[2, 3, 4]),
            sample(&[2, 0, 1], &[2, 3, 4]),
            sample(&[0, 2, 1, 3], &[2, 3, 2, 4]),
        ]
    }
}
