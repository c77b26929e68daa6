use crate::ops::{Attributes, Call, Lowering, Rules, Sample, Vjp, expect};
use crate::{Array, Shape};

/// y = a where the condition is not 0, else b.
#[derive(Debug, Clone, Copy)]
pub struct Select;

impl Rules for Select {
    const NAME: &'static str = "select";
    fn attributes(&self) -> Attributes {
        Attributes::none()
    }
    fn from_attributes(_: &Attributes) -> Result<Self, String> {
        Ok(Select)
    }
    fn infer(&self, inputs: &[&Shape]) -> Result<Shape, String> {
        let [condition, a, b] = expect::<3>(inputs)?;
        if condition == a && a == b {
            Ok(a)
        } else {
            Err(format!("operands have shapes {condition}, {a} and {b}; broadcast them"))
        }
    }
    fn reference(&self, inputs: &[&Array], shape: &Shape) -> Array {
        let pairs = inputs[1].data.iter().zip(&inputs[2].data);
        let pick = |(&c, (&a, &b)): (&f64, (&f64, &f64))| if c != 0.0 { a } else { b };
        Array::new(shape.clone(), inputs[0].data.iter().zip(pairs).map(pick).collect())
    }
    fn vjp<'t>(&self, call: &Call<'t>) -> Vjp<'t> {
        let (condition, g) = (call.inputs[0], call.cotangent);
        let zero = g.zeros_like();
        Vjp::Inputs(vec![None, Some(condition.select(g, zero)), Some(condition.select(zero, g))])
    }
    fn lower(&self) -> Lowering<'_> {
        Lowering::Select
    }
    fn samples() -> Vec<Sample<Self>> {
        // A condition that the differences do not move across 0.

        vec![
            Sample::new(Select, &[(&[4], 1.0, 2.0), (&[4], -2.0, 2.0), (&[4], -2.0, 2.0)]),
            Sample::new(
                Select,
                &[(&[2, 3], -2.0, -1.0), (&[2, 3], -2.0, 2.0), (&[2, 3], -2.0, 2.0)],
            ),
        ]
    }
}
