use crate::array::{indices, offset};
use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// Repeats the input along the axes where it has size 1; the rank stays.
#[derive(Debug, Clone)]
pub struct Broadcast {
    /// The new sizes.
    pub shape: Shape,
}

impl Broadcast {
    /// The axes along which the input is repeated.
    pub fn axes(&self, input: &Shape) -> Vec<usize> {
        (0..input.rank()).filter(|&axis| input[axis] != self.shape[axis]).collect()
    }
}

impl Rules for Broadcast {
    const NAME: &'static str = "broadcast";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("shape", &self.shape)
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        Ok(Broadcast { shape: attributes.get_sizes("shape")?.into() })
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [x] = expect::<1>(inputs)?;
        let fits = x.rank() == self.shape.rank()
            && x.iter().zip(self.shape.iter()).all(|(&from, &to)| from == to || from == 1);
        if fits {
            Ok(self.shape.clone())
        } else {
            Err(format!("{x} cannot be repeated to {}; sizes must be equal or 1", self.shape))
        }
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let strides = repeating_strides(&inputs[0].shape);
        let pick = |index: &Vec<usize>| inputs[0].data[offset(index, &strides)];
        Array::new(shape.clone(), indices(shape).iter().map(pick).collect())
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        Vjp::all([call.cotangent.sum_keeping(&self.axes(&call.inputs[0].shape()))])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Broadcast
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |to: &[usize], from: &[usize]| {
            Sample::new(Broadcast { shape: to.into() }, &[(from, -2.0, 2.0)])
        };
        vec![
            sample(&[4, 3], &[1, 3]),
            sample(&[4, 3], &[4, 1]),
            sample(&[4, 3], &[1, 1]),
            sample(&[2, 3, 2], &[2, 1, 2]),
            sample(&[2, 3, 4, 2], &[1, 3, 1, 2]),
        ]
    }
}

/// Row-major strides with 0 along axes of size 1.
pub(crate) fn repeating_strides(shape: &Shape) -> Vec<usize> {
    let repeat = |(stride, &size)| if size == 1 { 0 } else { stride };
    shape.strides().into_iter().zip(shape.iter()).map(repeat).collect()
}
