use spusk_kernels::{GatherKind, Instruction};

use crate::ops::{Attributes, Call, Lowering, Placed, Rules, Sample, ScatterAdd, Vjp, expect};
use crate::{Array, Shape};

/// `y[…, D]`: rows of `table[V, D]` by the numbers `ids[…]`.
///
/// An id is rounded to the nearest whole number; where there is no such row, the result is NaN. So a
/// wrong id is never taken for another one: it shows in the loss, and training stops at it.
#[derive(Debug, Clone, Copy)]
pub struct Gather;

impl Rules for Gather {
    const NAME: &'static str = "gather";
    fn attributes(&self) -> Attributes {
        Attributes::none()
    }
    fn from_attributes(_: &Attributes) -> Result<Self, String> {
        Ok(Gather)
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [table, ids] = expect::<2>(inputs)?;
        let &[_, columns] = &table[..] else {
            return Err(format!("takes rows of a table [V, D], got {table}"));
        };
        Ok([&ids[..], &[columns]].concat().into())
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let (rows, columns) = (inputs[0].shape[0], inputs[0].shape[1]);
        let data = (inputs[1].data.iter())
            .flat_map(|&id| match row(id, rows) {
                Some(row) => inputs[0].data[row * columns..][..columns].to_vec(),
                None => vec![f64::NAN; columns],
            })
            .collect();
        Array::new(shape.clone(), data)
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let scatter = ScatterAdd { rows: call.inputs[0].shape()[0] };
        let table = call.cotangent.trace().apply(scatter, &[call.inputs[1], call.cotangent]);
        // Which row an id means does not change with small changes.
        Vjp::Inputs(vec![Some(table), None])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Kernel(Box::new(|at| {
            let table = at.shapes[0];
            instruction(GatherKind::Gather, table, [at.inputs[0], at.inputs[1]], at)
        }))
    }
    fn samples() -> Vec<Sample<Self>> {
        let sample = |table: &[usize], ids: &[usize]| {
            let last = table[0] as f64 - 0.6;
            Sample::new(Gather, &[(table, -2.0, 2.0), (ids, -0.4, last)])
        };
        vec![sample(&[5, 3], &[4]), sample(&[3, 17], &[2, 5]), sample(&[1, 2], &[])]
    }
}

/// The row that an id means.
pub(super) fn row(id: f64, rows: usize) -> Option<usize> {
    let nearest = (id + 0.5).floor();
    (nearest >= 0.0 && nearest < rows as f64).then_some(nearest as usize)
}

pub(super) fn instruction(
    kind: GatherKind,
    table: &Shape,
    [input, ids]: [spusk_kernels::Place; 2],
    at: &Placed<'_>,
) -> Vec<Instruction> {
    let (rows, columns) = (table[0], table[1]);
    let output = at.output;
    vec![Instruction::Gather(spusk_kernels::Gather { kind, rows, columns, input, ids, output })]
}
