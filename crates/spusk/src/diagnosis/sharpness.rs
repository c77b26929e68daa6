//! The largest and the smallest curvature, from products with the Hessian.

use serde::{Deserialize, Serialize};
use spusk_graph::{GraphError, Trace, Var, grad};

use super::Sample;
use super::stability::Stability;
use crate::Model;
use crate::eigen::lanczos::{Search, Symmetric, follow};
use crate::engine::{Engine, Extra, step_key};
use crate::model::{Batch, EvalStep, StepOptions, resolve};
use crate::net::{Mode, Net};

/// The curvature of the loss at one moment, beside the limit of the optimizer in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Curvature {
    /// Steps taken before.
    pub step: u64,
    /// η of the next step.
    pub learning_rate: f64,
    /// λ₁ of the Hessian, of an adaptive method of the preconditioned one.
    pub largest: f64,
    /// Half of what λ₁ differs by on other examples, where there are enough.
    pub deviation: Option<f64>,
    /// The least eigenvalue, where it was looked for.
    pub smallest: Option<f64>,
    /// The λ₁ beyond which steps of this width cannot settle, where it is known.
    pub limit: Option<f64>,
    /// Whether the Hessian is preconditioned.
    pub preconditioned: bool,
    /// Examples of each measurement.
    pub rows: usize,
}

impl Curvature {
    /// ρ = λ₁ / limit: ½ is the best step along the sharpest direction, above 1 it grows.
    pub fn ratio(&self) -> Option<f64> {
        self.limit.map(|limit| self.largest / limit).filter(|ratio| ratio.is_finite())
    }
}

/// How the eigenvalues are looked for: a few percent at worst is enough.
const SEARCH: Search = Search { products: 30, residual: 0.03, both: false, bytes: 1 << 28 };

/// Products with the Hessian of the loss.
pub struct Hessian {
    extra: Extra,
    parameters: Vec<(String, usize)>,
    /// Where the last search ended: a good start for the next one.
    direction: Vec<f64>,
}

/// P^−½ H P^−½ on some examples.
struct Scaled<'a> {
    hessian: (&'a mut Extra, &'a [(String, usize)]),
    engine: &'a mut Engine,
    sample: &'a Sample,
    start: usize,
    scale: &'a [f64],
    size: usize,
}

impl Hessian {
    /// Compiles the product for an engine, `rows` examples at once.
    ///
    /// # Errors
    /// If the network has no second derivative, or it cannot be compiled.
    pub fn new(engine: &Engine, rows: usize) -> Result<Hessian, GraphError> {
        let extra = engine.extra(rows, graph)?;
        let trained = engine.parameters().iter().filter(|parameter| parameter.trainable);
        let parameters: Vec<(String, usize)> =
            trained.map(|p| (p.name.clone(), p.shape.size())).collect();
        let size = parameters.iter().map(|(_, size)| size).sum();
        Ok(Hessian { extra, parameters, direction: signs(size) })
    }

    /// The curvature where the engine stands; `None` before the first step of an adaptive method.
    /// `both` looks for the least eigenvalue, too. Changes nothing.
    ///
    /// # Errors
    /// None that a network with a second derivative has.
    pub fn curvature(
        &mut self,
        engine: &mut Engine,
        sample: &Sample,
        (step, learning_rate): (u64, f64),
        both: bool,
    ) -> Result<Option<Curvature>, GraphError> {
        let stability = Stability::of(&engine.options().optimizer);
        let Some(scale) = self.scale(engine, stability) else { return Ok(None) };
        let size = self.direction.len();
        let mut direction = self.direction.clone();
        // A direction that grows new need not lie in the old one: a little of all others goes along.
        let others = 0.1 / (size.max(1) as f64).sqrt();
        direction.iter_mut().zip(signs(size)).for_each(|(x, sign)| *x += others * sign);
        let rows = self.extra.rows();
        let hessian = (&mut self.extra, &self.parameters[..]);
        let mut matrix = Scaled { hessian, engine, sample, start: 0, scale: &scale, size };
        let search = Search { both, ..SEARCH };
        let (found, smallest) = follow(&mut matrix, &mut direction, &search)?;
        let mut deviation = None;
        if sample.rows() >= 2 * rows {
            matrix.start = rows;
            let (other, _) = follow(&mut matrix, &mut direction.clone(), &SEARCH)?;
            deviation = Some((found - other).abs() / 2.0);
        }
        let smallest = both.then_some(smallest);
        // Weights that are not finite leave no direction to go on from.
        if direction.iter().all(|x| x.is_finite()) {
            self.direction = direction;
        }
        Ok(Some(Curvature {
            step,
            learning_rate,
            largest: found,
            deviation,
            smallest,
            limit: stability.map(|stability| stability.width / learning_rate),
            preconditioned: stability.is_some_and(|stability| stability.is_preconditioned()),
            rows,
        }))
    }

    /// P^−½; empty for 1 everywhere.
    fn scale(&self, engine: &Engine, stability: Option<Stability>) -> Option<Vec<f64>> {
        let Some(stability) = stability else { return Some(Vec::new()) };
        let parts = self.parameters.iter().map(|(name, _)| stability.scale(engine.state(), name));
        parts.collect::<Option<Vec<_>>>().map(|parts| parts.concat())
    }
}

impl Symmetric for Scaled<'_> {
    fn size(&self) -> usize {
        self.size
    }

    fn apply(&mut self, v: &[f64], result: &mut [f64]) -> Result<(), GraphError> {
        let Scaled { hessian: (extra, parameters), engine, sample, start, scale, .. } = self;
        let scale = |i: usize| scale.get(i).copied().unwrap_or(1.0);
        let mut at = 0;
        for (name, size) in *parameters {
            if let Some(input) = extra.input_mut(&format!("v.{name}")) {
                input
                    .iter_mut()
                    .enumerate()
                    .for_each(|(i, x)| *x = (v[at + i] * scale(at + i)) as f32);
            }
            at += size;
        }
        engine.run_extra(extra, 0.0, step_key(0, 0), |features, targets| {
            sample.fill(*start, features, targets);
            Ok::<_, GraphError>(())
        })?;
        let mut at = 0;
        for (name, size) in *parameters {
            let part = &mut result[at..at + size];
            match engine.extra_output(extra, &format!("h.{name}")) {
                Some(values) => part.iter_mut().zip(values).for_each(|(h, &x)| *h = f64::from(x)),
                None => part.fill(0.0),
            }
            part.iter_mut().enumerate().for_each(|(i, h)| *h *= scale(at + i));
            at += size;
        }
        Ok(())
    }
}

/// Directions that are as good as random, always the same: ±1 by SplitMix64's finalizer.
fn signs(size: usize) -> Vec<f64> {
    let sign = |i: usize| if step_key(1, i as u64)[0] & 1 == 0 { 1.0 } else { -1.0 };
    (0..size).map(sign).collect()
}

/// H·v as ∇(∇L·v), of the function that training descends.
fn graph(model: &Model, batch: &Batch, options: &StepOptions) -> Result<EvalStep, GraphError> {
    let trace = Trace::new();
    let mut net = Net::new(&trace, Mode::Train);
    let (features, targets) = batch.inputs(&trace);
    let outputs = net.layers(&model.layers, features);
    let loss = options.loss.loss(outputs, targets, None);
    let minimized = net.minimized(loss);
    let trained = net.parameters.iter().filter(|(parameter, _)| parameter.trainable);
    let (names, values): (Vec<String>, Vec<Var>) =
        trained.map(|(parameter, value)| (parameter.name.clone(), *value)).unzip();
    let mut along = trace.constant(0.0);
    let mut inputs = Vec::new();
    for ((name, value), gradient) in names.iter().zip(&values).zip(grad(minimized, &values)) {
        let v = trace.input(&format!("v.{name}"), &value.shape());
        along = along + (gradient * v).sum();
        inputs.push(v);
    }
    let mut named = vec![("loss".to_string(), loss)];
    for ((name, value), (h, v)) in
        names.iter().zip(&values).zip(grad(along, &values).into_iter().zip(inputs))
    {
        // The penalty ½λ‖θ‖² is added to gradients, not to the loss.
        let h = if options.l2_penalty > 0.0 { h + v * options.l2_penalty } else { h };
        named.push((format!("h.{name}"), h.broadcast(&value.shape())));
    }
    Ok(EvalStep {
        outputs: resolve(named, |var| trace.value(var))?,
        parameters: net.parameters.into_iter().map(|(parameter, _)| parameter).collect(),
        buffers: net.buffers.into_iter().map(|(buffer, _)| buffer).collect(),
        graph: trace.graph().clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DataOptions, prepare};
    use crate::eigen::symmetric;
    use crate::layers::{Dense, Tanh};
    use crate::losses::CrossEntropy;
    use crate::optimizers::Sgd;
    use crate::train::Shuffled;

    /// The ends of the spectrum are those of the whole matrix, column by column.
    #[test]
    fn curvatures_are_those_of_the_whole_matrix() {
        let layers = vec![Dense::new(5).into(), Tanh.into(), Dense::new(3).into()];
        let options =
            StepOptions::new(CrossEntropy::default(), Sgd { momentum: 0.9, nesterov: false });
        let data = prepare("iris", &DataOptions::default()).expect("built in");
        let train = Shuffled::new(&data.train, 1, true);
        let (model, shape) = (Model { layers }, data.train.shape());
        let mut engine = Engine::new(&model, &options, shape, &[], 32, 1, 1).expect("it fits");
        let sample = Sample::take(&engine, &train, 64).expect("in memory");
        let mut hessian = Hessian::new(&engine, sample.rows()).expect("smooth");
        let size = hessian.direction.len();
        let mut columns = vec![vec![0.0; size]; size];
        let mut matrix = Scaled {
            hessian: (&mut hessian.extra, &hessian.parameters),
            engine: &mut engine,
            sample: &sample,
            start: 0,
            scale: &[],
            size,
        };
        for (i, column) in columns.iter_mut().enumerate() {
            let mut unit = vec![0.0; size];
            unit[i] = 1.0;
            matrix.apply(&unit, column).expect("it runs");
        }
        let (values, _) = symmetric(columns);
        let found = hessian.curvature(&mut engine, &sample, (0, 0.1), true);
        let found = found.expect("it runs").expect("no preconditioner");
        assert!((found.largest / values[0] - 1.0).abs() < 0.02, "{found:?} {}", values[0]);
        let smallest = found.smallest.expect("asked for");
        assert!((smallest - values[size - 1]).abs() < 0.02 * values[0], "{found:?} {values:?}");
        assert_eq!(found.limit, Some(3.8 / 0.1));
    }
}
