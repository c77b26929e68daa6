//! Steps of gradient descent that a product makes itself: `w - rate · (a · b)`, where nobody else reads the
//! gradient `a · b`. The tile of the gradient is still in registers when it becomes a step, and the gradient
//! needs no memory. The results are the same bits.

use std::collections::HashMap;

use spusk_kernels::{GradientStep, Place, Space, TileBinary, Triangle};

use crate::fuse::{self, Clusters, Reading};
use crate::lower::{Descent, Term, Unit, UnitKind};
use crate::ops::Lowering;
use crate::{Graph, Value};

/// Lets products make the steps that alone read them.
pub(crate) fn join(
    graph: &Graph,
    clusters: &Clusters,
    units: Vec<Unit>,
    wanted: &[Value],
) -> Vec<Unit> {
    let mut writer: HashMap<Value, usize> = HashMap::new();
    let mut readers: HashMap<Value, usize> = HashMap::new();
    for (i, unit) in units.iter().enumerate() {
        writer.extend(unit.outputs.iter().map(|&output| (output, i)));
        for &input in &unit.inputs {
            *readers.entry(input).or_default() += 1;
        }
    }
    let wanted: Vec<Value> = wanted.iter().map(|&value| fuse::root(graph, value)).collect();
    let mut units: Vec<Option<Unit>> = units.into_iter().map(Some).collect();
    for i in 0..units.len() {
        let Some(step) = units[i].as_ref().and_then(|unit| Step::new(graph, clusters, unit)) else {
            continue;
        };
        if readers.get(&step.gradient) != Some(&1) || wanted.contains(&step.gradient) {
            continue;
        }
        let product = writer.get(&step.gradient).copied();
        if let Some(product) = product
            && let Some(unit) = units[product].as_ref().and_then(|unit| step.made_by(graph, unit))
        {
            units[product] = None;
            units[i] = Some(unit);
        }
    }
    units.into_iter().flatten().collect()
}

/// What a step is made of.
struct Step {
    descent: Descent,
    gradient: Value,
    output: Value,
}

impl Step {
    /// Of a cluster that does nothing else: a difference, in which a product with one number is taken away.
    fn new(graph: &Graph, clusters: &Clusters, unit: &Unit) -> Option<Step> {
        let UnitKind::Fused(cluster) = unit.kind else { return None };
        let (&[scaled, output], [only]) = (&clusters.all[cluster].nodes[..], &unit.outputs[..])
        else {
            return None;
        };
        let is = |value: Value, kind: TileBinary| matches!(graph.node(value).op.lower(), Lowering::Binary(found) if found == kind);
        if *only != output || !is(scaled, TileBinary::Mul) || !is(output, TileBinary::Sub) {
            return None;
        }
        let operands = |value: Value| {
            [0, 1]
                .map(|i| fuse::operand(graph, graph.node(value).inputs[i], &clusters.materialized))
        };
        let [from, taken] = operands(output);
        let [mut gradient, mut rate] = operands(scaled);
        if gradient.reading == Reading::Scalar {
            std::mem::swap(&mut gradient, &mut rate);
        }
        let fits = taken.value == scaled
            && [from, taken, gradient].iter().all(|operand| operand.reading == Reading::Same)
            && rate.reading == Reading::Scalar
            && unit.inputs.contains(&rate.value)
            && from.value != scaled;
        let descent = Descent { from: from.value, rate: rate.value };
        fits.then_some(Step { descent, gradient: gradient.value, output })
    }

    /// The product that makes the gradient and the step at once, if it can.
    fn made_by(&self, graph: &Graph, unit: &Unit) -> Option<Unit> {
        let UnitKind::MatMul { terms, bias: None, step: None, .. } = &unit.kind else {
            return None;
        };
        let [term] = &terms[..] else { return None };
        if !takes_a_step(graph, term) {
            return None;
        }
        let mut inputs = unit.inputs.clone();
        for value in [self.descent.from, self.descent.rate] {
            if !inputs.contains(&value) {
                inputs.push(value);
            }
        }
        let (terms, output) = (terms.clone(), self.output);
        let kind = UnitKind::MatMul { terms, output, bias: None, step: Some(self.descent) };
        Some(Unit { kind, inputs, outputs: vec![output] })
    }
}

/// Whether a product is one of those that can: what [`GradientStep`] says.
fn takes_a_step(graph: &Graph, term: &Term) -> bool {
    let node = graph.node(term.product);
    let depth = graph.shape(node.inputs[0]).last().copied().unwrap_or(0);
    let anywhere = Place { space: Space::Work, offset: 0, len: 0 };
    let by_columns = term.a.matrix(anywhere).is_some_and(|matrix| matrix.row_stride == 1);
    let full = !matches!(node.op.lower(), Lowering::Triangle(kind) if kind != Triangle::None);
    let several = node.shape.iter().rev().take(2).all(|&size| size > 1);
    full && by_columns && several && (1..=GradientStep::MOST_SUMMANDS).contains(&depth)
}
