use spusk_kernels::Triangle;

use crate::ops::matmul::product;
use crate::ops::{Attributes, Call, Lowering, MatMul, Rules, Sample, Vjp};
use crate::{Array, Shape};

/// A part of `y[…, M, N] = a[…, M, K] · b[…, K, N]`, the leading axes equal: of a only its elements on and
/// below (or above) the diagonal count, or y has 0 above the diagonal.
///
/// What does not count is not computed: half of the work of an attention that looks only back.
#[derive(Debug, Clone, Copy)]
pub struct MatMulTriangle {
    /// Which part.
    pub triangle: Triangle,
}

/// The parts by name.
const NAMES: [(&str, Triangle); 3] = [
    ("left_lower", Triangle::LeftLower),
    ("left_upper", Triangle::LeftUpper),
    ("lower", Triangle::Lower),
];

impl Rules for MatMulTriangle {
    const NAME: &'static str = "matmul_triangle";
    fn attributes(&self) -> Attributes {
        let name = NAMES.iter().find(|(_, triangle)| *triangle == self.triangle);
        Attributes::none().text("part", name.map_or("all", |(name, _)| name))
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        let name = attributes.get_text("part")?;
        match NAMES.iter().find(|(known, _)| *known == name) {
            Some(&(_, triangle)) => Ok(MatMulTriangle { triangle }),
            None => Err(format!(
                "part \"{name}\", expected \"left_lower\", \"left_upper\" or \"lower\""
            )),
        }
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        MatMul.infer(inputs)
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        product(inputs, shape, self.triangle)
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let (a, b, g) = (call.inputs[0], call.inputs[1], call.cotangent);
        let turned = |x: crate::Var<'t>| x.transpose_last();
        let product = |x: crate::Var<'t>, y, triangle| x.matmul_triangle(y, triangle);
        Vjp::all(match self.triangle {
            Triangle::None => [g.matmul(turned(b)), turned(a).matmul(g)],
            Triangle::LeftLower => {
                [product(g, turned(b), Triangle::Lower), product(turned(a), g, Triangle::LeftUpper)]
            }
            Triangle::LeftUpper => [
                turned(product(b, turned(g), Triangle::Lower)),
                product(turned(a), g, Triangle::LeftLower),
            ],
            Triangle::Lower => [
                product(g, turned(b), Triangle::LeftLower),
                turned(product(turned(g), a, Triangle::LeftUpper)),
            ],
        })
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Triangle(self.triangle)
    }
    fn samples() -> Vec<Sample<Self>> {
        let shapes: [[&[usize]; 2]; 4] =
            [[&[3, 4], &[4, 5]], [&[2, 5, 3], &[2, 3, 4]], [&[7, 1], &[1, 7]], [&[1, 4], &[4, 1]]];
        let all = NAMES.iter().flat_map(|&(_, triangle)| shapes.map(|shapes| (triangle, shapes)));
        let sample = |(triangle, [a, b]): (Triangle, [&[usize]; 2])| {
            Sample::new(MatMulTriangle { triangle }, &[(a, -1.0, 1.0), (b, -1.0, 1.0)])
        };
        all.map(sample).collect()
    }
}
