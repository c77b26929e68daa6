use spusk_kernels::ReduceKind;

use crate::array::{indices, offset};
use crate::ops::repeating_strides;
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, check_axes, expect};
use crate::{Array, Shape};

/// The sum over some axes, which stay with size 1.
#[derive(Debug, Clone)]
pub struct Sum {
    /// Ascending.
    pub axes: Vec<usize>,
}

impl Rules for Sum {
    const NAME: &'static str = "sum";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("axes", &self.axes)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Sum { axes: attributes.get_sizes("axes")? })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        check_axes(&self.axes, &x)?;
        Ok(x.collapsed(&self.axes))
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        reduce(inputs[0], shape, 0.0, |sum, x| sum + x)
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        Vjp::all([call.cotangent.broadcast(&call.inputs[0].shape())])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Reduce(ReduceKind::Sum, &self.axes)
    }
    fn samples() -> Vec<Sample<Self>> {
        samples(|axes| Sum { axes })
    }
}

/// Folds every element into the place that its index has with the reduced axes at 0.
pub(crate) fn reduce(x: &Array, shape: &Shape, start: f64, f: impl Fn(f64, f64) -> f64) -> Array {
    let mut result = Array::filled(shape.clone(), start);
    let strides = repeating_strides(shape);
    for (index, &element) in indices(&x.shape).iter().zip(&x.data) {
        let place = &mut result.data[offset(index, &strides)];
        *place = f(*place, element);
    }
    result
}

/// Axes at the front, at the back, in the middle, all, none.
pub(crate) fn samples<O>(op: impl Fn(Vec<usize>) -> O) -> Vec<Sample<O>> {
    let sample =
        |axes: &[usize], shape: &[usize]| Sample::new(op(axes.to_vec()), &[(shape, -2.0, 2.0)]);
    vec![
        sample(&[0], &[5, 3]),
        sample(&[1], &[5, 3]),
        sample(&[0, 1], &[5, 3]),
        sample(&[1], &[2, 3, 4]),
        sample(&[0, 2], &[2, 3, 4]),
        sample(&[], &[4]),
        sample(&[0], &[40]),
    ]
}
