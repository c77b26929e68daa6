//! Reverse mode, graph to graph. It names no op.

use crate::ops::{Call, Vjp};
use crate::{Trace, Value, Var};

/// The gradients of a scalar with respect to some variables, as new values of the same trace.
///
/// They are made of ops themselves, so they can be differentiated again. A variable that the scalar
/// does not depend on has gradient 0.
pub fn grad<'t>(output: Var<'t>, variables: &[Var<'t>]) -> Vec<Var<'t>> {
    let trace = output.trace();
    let shape = output.shape();
    if shape.rank() != 0 {
        let failed = trace.fail(format!("grad: of a scalar, got shape {shape}; sum or average it"));
        return vec![failed; variables.len()];
    }
    let (Some(output_value), Some(wanted)) =
        (output.value(), variables.iter().map(|v| v.value()).collect::<Option<Vec<_>>>())
    else {
        return vec![trace.fail("grad: of a value that failed"); variables.len()];
    };
    let seed = trace.constant(1.0);
    let found = pull_back(trace, &[(output_value, seed)], &wanted);
    found.into_iter().zip(variables).map(|(g, v)| g.unwrap_or_else(|| v.zeros_like())).collect()
}

/// The gradients of `wanted` from those of some values, `seeds`; `None` where no seed depends on it.
pub(crate) fn pull_back<'t>(
    trace: &'t Trace,
    seeds: &[(Value, Var<'t>)],
    wanted: &[Value],
) -> Vec<Option<Var<'t>>> {
    let count = seeds.iter().map(|(value, _)| value.index() + 1).max().unwrap_or(0);
    let mut cotangents = Cotangents::new(trace, count, wanted);
    for &(value, seed) in seeds {
        cotangents.add(value, seed);
    }
    let values = trace.graph().values().take(count).rev();
    for value in values {
        cotangents.propagate(value, trace);
    }
    let gradient = |value: &Value| cotangents.of.get(value.index()).copied().flatten();
    wanted.iter().map(gradient).collect()
}

struct Cotangents<'t> {
    /// Whether a gradient must flow to the value.
    needed: Vec<bool>,
    of: Vec<Option<Var<'t>>>,
}

impl<'t> Cotangents<'t> {
    fn new(trace: &'t Trace, count: usize, wanted: &[Value]) -> Self {
        let mut needed = vec![false; count];
        for value in wanted.iter().filter(|value| value.index() < count) {
            needed[value.index()] = true;
        }
        let graph = trace.graph();
        for (i, node) in graph.nodes()[..count].iter().enumerate() {
            needed[i] |= node.inputs.iter().any(|input| needed[input.index()]);
        }
        Cotangents { needed, of: vec![None; count] }
    }

    fn add(&mut self, value: Value, gradient: Var<'t>) {
        let sum = &mut self.of[value.index()];
        *sum = Some(sum.map_or(gradient, |earlier| earlier + gradient));
    }

    fn propagate(&mut self, value: Value, trace: &'t Trace) {
        let Some(cotangent) = self.of[value.index()].filter(|_| self.needed[value.index()]) else {
            return;
        };
        let node = trace.graph().node(value).clone();
        if !node.inputs.iter().any(|input| self.needed[input.index()]) {
            return;
        }
        let inputs = node.inputs.iter().map(|&input| trace.var(input)).collect();
        let call = Call { inputs, output: trace.var(value), cotangent };
        // Gradients are shown as made by the layer that they belong to.
        let Vjp::Inputs(gradients) = trace.in_scope(&node.scope, || node.op.vjp(&call)) else {
            return;
        };
        for (&input, gradient) in node.inputs.iter().zip(gradients) {
            if let Some(gradient) = gradient.filter(|_| self.needed[input.index()]) {
                self.add(input, gradient);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Array, Op, Sample, Shape, evaluate};

    /// A fixed sequence of numbers in [0, 1).
    fn numbers(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 53) as f64
        }
    }

    fn random_array(shape: &Shape, lo: f64, hi: f64, seed: u64) -> Array {
        let mut next = numbers(seed);
        Array::from_fn(shape.clone(), |_| lo + (hi - lo) * next())
    }

    /// A scalar of the op's output that sees every element with another weight, and its order-th
    /// directional derivative, as graphs.
    fn derivatives<'t>(trace: &'t Trace, sample: &Sample<Op>, order: usize) -> Vec<Var<'t>> {
        let inputs: Vec<Var> = (sample.inputs.iter().enumerate())
            .map(|(i, (shape, ..))| trace.input(&format!("x{i}"), shape))
            .collect();
        let directions: Vec<Var> = (sample.inputs.iter().enumerate())
            .map(|(i, (shape, ..))| trace.literal(random_array(shape, -1.0, 1.0, 91 + i as u64)))
            .collect();
        let y = trace.apply(sample.op.clone(), &inputs);
        let weights = trace.literal(random_array(&y.shape(), 0.5, 1.5, 17));
        let mut scalar = (y * weights).sum();
        let mut all = vec![scalar];
        for _ in 0..order {
            let zero = trace.constant(0.0);
            scalar = (grad(scalar, &inputs).into_iter().zip(&directions))
                .fold(zero, |sum, (g, &d)| sum + (g * d).sum());
            all.push(scalar);
        }
        all
    }

    /// Each derivative along a direction against central differences of the one before.
    fn check(sample: &Sample<Op>) {
        let trace = Trace::new();
        let orders = derivatives(&trace, sample, 3);
        trace.check().expect("the sample's shapes fit");
        let values: Vec<Value> = orders.iter().map(|v| trace.value(*v).expect("checked")).collect();
        let at = |t: f64| -> Vec<f64> {
            let given: BTreeMap<String, Array> = (sample.inputs.iter().enumerate())
                .map(|(i, (shape, lo, hi))| {
                    let x = random_array(shape, *lo, *hi, 5 + i as u64);
                    let direction = random_array(shape, -1.0, 1.0, 91 + i as u64);
                    (format!("x{i}"), x.zip(&direction, |x, d| x + t * d))
                })
                .collect();
            let found = evaluate(&trace.graph(), &given, &values).expect("all inputs are given");
            found.iter().map(|array| array.data[0]).collect()
        };
        let h = 1e-4;
        let (low, mid, high) = (at(-h), at(0.0), at(h));
        for order in 1..=3 {
            let difference = (high[order - 1] - low[order - 1]) / (2.0 * h);
            let error = (difference - mid[order]).abs() / (1.0 + difference.abs());
            assert!(
                error < 1e-6,
                "{:?}: derivative {order} is {}, differences say {difference}",
                sample.op,
                mid[order]
            );
        }
    }

    #[test]
    fn every_op_agrees_with_differences_to_third_order() {
        for sample in Op::samples() {
            // The key of random numbers is not a quantity, and `stop_gradient` differs on purpose.
            if !["random", "stop_gradient"].contains(&sample.op.name()) {
                check(&sample);
            }
        }
    }

    #[test]
    fn compositions_agree_with_differences() {
        let trace = Trace::new();
        let x = trace.input("x", &[3, 4]);
        let all = [x.softmax(), x.log_softmax(), x.softplus(), x.sigmoid() * x, x.pow(3.0)];
        for y in all {
            let loss = (y * y.sin()).mean();
            let d = trace.literal(random_array(&[3, 4].into(), -1.0, 1.0, 3));
            let slope = (grad(loss, &[x])[0] * d).sum();
            let values = [trace.value(loss).expect("fits"), trace.value(slope).expect("fits")];
            let at = |t: f64| {
                let x = random_array(&[3, 4].into(), 0.5, 2.0, 8);
                let moved = x.zip(&random_array(&[3, 4].into(), -1.0, 1.0, 3), |x, d| x + t * d);
                let given = BTreeMap::from([("x".to_string(), moved)]);
                evaluate(&trace.graph(), &given, &values).expect("x is given")
            };
            let difference = (at(1e-5)[0].data[0] - at(-1e-5)[0].data[0]) / 2e-5;
            assert!((difference - at(0.0)[1].data[0]).abs() < 1e-8);
        }
    }

    #[test]
    fn a_variable_that_does_not_matter_has_gradient_zero() {
        let trace = Trace::new();
        let (x, y) = (trace.input("x", &[2]), trace.input("y", &[3]));
        let gradient = grad(x.sum(), &[x, y])[1];
        let value = trace.value(gradient).expect("fits");
        let given = BTreeMap::new();
        let found = evaluate(&trace.graph(), &given, &[value]).expect("needs no input");
        assert_eq!(found[0], Array::filled([3], 0.0));
    }

    #[test]
    fn only_scalars_have_gradients() {
        let trace = Trace::new();
        let x = trace.input("x", &[2]);
        grad(x, &[x]);
        let error = trace.check().expect_err("x is no scalar").to_string();
        assert_eq!(error, "grad: of a scalar, got shape [2]; sum or average it");
    }
}
