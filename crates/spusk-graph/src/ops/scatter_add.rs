use spusk_kernels::GatherKind;

use crate::ops::gather::{instruction, row};
use crate::ops::{Attributes, Call, Gather, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// `y[V, D]`: 0, and every row of `g[…, D]` added to the row that its number in `ids[…]` names, in
/// order. The gradient of [`Gather`]'s table; ids without a row are left out.
#[derive(Debug, Clone, Copy)]
pub struct ScatterAdd {
    /// V.
    pub rows: usize,
}

impl Rules for ScatterAdd {
    const NAME: &'static str = "scatter_add";
    fn attributes(&self) -> Attributes {
        Attributes::none().sizes("size", &[self.rows])
    }
    fn from_attributes(attributes: &Attributes) -> Result<Self, String> {
        match attributes.get_sizes("size")?[..] {
            [rows] => Ok(ScatterAdd { rows }),
            ref other => Err(format!("attribute `size` is {other:?}, expected one size")),
        }
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [ids, g] = expect::<2>(inputs)?;
        match g.split_last() {
            Some((&columns, rest)) if *rest == ids[..] => Ok([self.rows, columns].into()),
            _ => Err(format!("{g} has not one row for each of the ids {ids}")),
        }
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let mut result = Array::filled(shape.clone(), 0.0);
        let columns = shape[1];
        for (i, &id) in inputs[0].data.iter().enumerate() {
            let Some(row) = row(id, self.rows) else { continue };
            for c in 0..columns {
                result.data[row * columns + c] += inputs[1].data[i * columns + c];
            }
        }
        result
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let rows = call.cotangent.trace().apply(Gather, &[call.cotangent, call.inputs[0]]);
        // Which row an id means does not change with small changes.
        Vjp::Inputs(vec![None, Some(rows)])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| {
            let places = [at.inputs[1], at.inputs[0]];
            instruction(GatherKind::ScatterAdd, at.shape, places, at)
        }))
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |rows: usize, ids: &[usize], columns: usize| {
            let g = [ids, &[columns]].concat();
            let last = rows as f64 - 0.6;
            Sample::new(ScatterAdd { rows }, &[(ids, -0.4, last), (&g, -2.0, 2.0)])
        };
        vec![sample(5, &[8], 3), sample(3, &[2, 5], 17), sample(4, &[1], 1)]
    }
}
