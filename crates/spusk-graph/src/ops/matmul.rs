use spusk_kernels::Triangle;

use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// `y[…, M, N] = a[…, M, K] · b[…, K, N]`, the leading axes equal.
#[derive(Debug, Clone, Copy)]
pub struct MatMul;

impl Rules for MatMul {
    const NAME: &'static str = "matmul";
    fn attributes(&self) -> Attributes {
        Attributes::none()
    }
    fn from_attributes(_: &Attributes) -> Result<Self, String> {
        Ok(MatMul)
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [a, b] = expect::<2>(inputs)?;
        let rank = a.rank();
        if rank < 2 || b.rank() != rank || a[..rank - 2] != b[..rank - 2] {
            return Err(format!("{a} and {b} are no matrices with equal leading axes"));
        }
        if a[rank - 1] != b[rank - 2] {
            let (columns, rows) = (a[rank - 1], b[rank - 2]);
            return Err(format!("{a} has {columns} columns, but {b} has {rows} rows"));
        }
        let mut sizes = a.to_vec();
        sizes[rank - 1] = b[rank - 1];
        Ok(sizes.into())
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        product(inputs, shape, Triangle::None)
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let (a, b, g) = (call.inputs[0], call.inputs[1], call.cotangent);
        Vjp::all([g.matmul(b.transpose_last()), a.transpose_last().matmul(g)])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::MatMul
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample =
            |a: &[usize], b: &[usize]| Sample::new(MatMul, &[(a, -1.0, 1.0), (b, -1.0, 1.0)]);
        vec![
            sample(&[3, 4], &[4, 5]),
            sample(&[1, 7], &[7, 1]),
            sample(&[2, 3, 2], &[2, 2, 4]),
            sample(&[17, 33], &[33, 18]),
        ]
    }
}

/// A part of the product, by its definition.
pub(super) fn product(inputs: &[&Array], shape: &Shape, triangle: Triangle) -> Array {
    let (a, b) = (inputs[0], inputs[1]);
    let rank = shape.rank();
    let depth = a.shape[rank - 1];
    Array::from_fn(shape.clone(), |index| {
        let (mut i, mut j) = (index.to_vec(), index.to_vec());
        (triangle.range(index[rank - 2], index[rank - 1], depth))
            .map(|k| {
                i[rank - 1] = k;
                j[rank - 2] = k;
                a.at(&i) * b.at(&j)
            })
            .sum()
    })
}
