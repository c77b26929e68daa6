//! The largest and the smallest curvature, by power iteration on products with the Hessian.

use serde::{Deserialize, Serialize};
use spusk_graph::{GraphError, Trace, Var, grad};

use super::Sample;
use super::stability::Stability;
use crate::Model;
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

/// Most products with the Hessian for one eigenvalue.
const ITERATIONS: usize = 30;
/// An eigenvalue is found when it changes by less than this share.
const TOLERANCE: f64 = 0.01;

/// Products with the Hessian of the loss.
pub struct Hessian {
    extra: Extra,
    parameters: Vec<(String, usize)>,
    /// Where the last search ended: a good start for the next one.
    direction: Vec<f64>,
}

/// What an eigenvalue is looked for on.
struct Place<'a> {
    engine: &'a mut Engine,
    sample: &'a Sample,
    start: usize,
    scale: &'a [f64],
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
        let mut place = Place { engine, sample, start: 0, scale: &scale };
        let mut direction = std::mem::take(&mut self.direction);
        let found = self.largest(&mut place, &mut direction)?;
        let rows = self.extra.rows();
        let mut deviation = None;
        if sample.rows() >= 2 * rows {
            place.start = rows;
            let other = self.largest(&mut place, &mut direction)?;
            deviation = Some((found - other).abs() / 2.0);
            place.start = 0;
        }
        let smallest = match both {
            true => Some(found + self.dominant(&mut place, -found, &mut signs(direction.len()))?),
            false => None,
        };
        self.direction = direction;
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

    /// The largest eigenvalue: where a negative one is larger in magnitude, the spectrum is shifted.
    fn largest(&mut self, place: &mut Place, direction: &mut [f64]) -> Result<f64, GraphError> {
        let found = self.dominant(place, 0.0, direction)?;
        match found < 0.0 {
            true => Ok(found + self.dominant(place, -found, direction)?),
            false => Ok(found),
        }
    }

    /// The eigenvalue of H + shift·1 with the largest magnitude, from and to a direction.
    fn dominant(
        &mut self,
        place: &mut Place,
        shift: f64,
        direction: &mut [f64],
    ) -> Result<f64, GraphError> {
        if normalize(direction) == 0.0 {
            direction.copy_from_slice(&signs(direction.len()));
            normalize(direction);
        }
        let mut before = f64::NAN;
        for _ in 0..ITERATIONS {
            let mut product = self.product(place, direction)?;
            product.iter_mut().zip(&*direction).for_each(|(h, v)| *h += shift * v);
            let value: f64 = product.iter().zip(&*direction).map(|(h, v)| h * v).sum();
            if normalize(&mut product) == 0.0 || !value.is_finite() {
                return Ok(value);
            }
            direction.copy_from_slice(&product);
            if (value - before).abs() <= TOLERANCE * value.abs() {
                return Ok(value);
            }
            before = value;
        }
        Ok(before)
    }

    /// P^−½ H P^−½ v.
    fn product(&mut self, place: &mut Place, v: &[f64]) -> Result<Vec<f64>, GraphError> {
        let Place { engine, sample, start, scale } = place;
        let scaled = |i: usize| v[i] * scale.get(i).copied().unwrap_or(1.0);
        let mut at = 0;
        for (name, size) in &self.parameters {
            let Some(input) = self.extra.input_mut(&format!("v.{name}")) else { continue };
            input.iter_mut().enumerate().for_each(|(i, x)| *x = scaled(at + i) as f32);
            at += size;
        }
        engine.run_extra(&mut self.extra, 0.0, step_key(0, 0), |features, targets| {
            sample.fill(*start, features, targets);
            Ok::<_, GraphError>(())
        })?;
        let mut product = Vec::with_capacity(v.len());
        for (name, size) in &self.parameters {
            match engine.extra_output(&self.extra, &format!("h.{name}")) {
                Some(values) => product.extend(values.iter().map(|&x| f64::from(x))),
                None => product.extend(std::iter::repeat_n(0.0, *size)),
            }
        }
        product.iter_mut().zip(scale.iter()).for_each(|(h, s)| *h *= s);
        Ok(product)
    }

    /// P^−½; empty for 1 everywhere.
    fn scale(&self, engine: &Engine, stability: Option<Stability>) -> Option<Vec<f64>> {
        let Some(stability) = stability else { return Some(Vec::new()) };
        let parts = self.parameters.iter().map(|(name, _)| stability.scale(engine.state(), name));
        parts.collect::<Option<Vec<_>>>().map(|parts| parts.concat())
    }
}

/// Directions that are as good as random, always the same: ±1 by SplitMix64's finalizer.
fn signs(size: usize) -> Vec<f64> {
    let sign = |i: usize| if step_key(1, i as u64)[0] & 1 == 0 { 1.0 } else { -1.0 };
    (0..size).map(sign).collect()
}

/// Brings a vector to length 1; returns what it was, 0 if it cannot.
fn normalize(v: &mut [f64]) -> f64 {
    let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
    if !norm.is_finite() || norm == 0.0 {
        return 0.0;
    }
    v.iter_mut().for_each(|x| *x /= norm);
    norm
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
