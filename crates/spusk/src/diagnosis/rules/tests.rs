//! Every rule fires on a training that is broken its way, and on no healthy one.

use super::*;
use crate::data::{DataOptions, Prepared, prepare};
use crate::diagnosis::{Hessian, InputSpread, NoiseScale, Prober, RunFacts, Sample};
use crate::engine::{Engine, step_key};
use crate::layers::{AnyLayer, Dense, Relu, Sigmoid, Tanh};
use crate::losses::CrossEntropy;
use crate::model::{Model, StepOptions};
use crate::optimizers::{Adam, AnyOptimizer, Sgd};
use crate::train::{EpochRecord, Examples, Shuffled, batches, evaluate, positions};

/// A small training by hand.
struct Toy {
    source: &'static str,
    layers: Vec<AnyLayer>,
    optimizer: AnyOptimizer,
    rate: f64,
    batch: usize,
    epochs: u64,
    /// What is done to the weights before the first step.
    start: fn(&mut Engine),
    scaled: bool,
}

impl Toy {
    fn healthy() -> Toy {
        Toy {
            source: "moons",
            layers: vec![Dense::new(16).into(), Relu.into(), Dense::new(2).into()],
            optimizer: Adam::default().into(),
            rate: 0.01,
            batch: 32,
            epochs: 16,
            start: |_| {},
            scaled: true,
        }
    }

    fn deep(activation: impl Into<AnyLayer>, depth: usize) -> Vec<AnyLayer> {
        let activation = activation.into();
        let hidden = (0..depth).flat_map(|_| [Dense::new(16).into(), activation.clone()]);
        hidden.chain([Dense::new(2).into()]).collect()
    }

    fn data(&self) -> Prepared {
        let scale =
            if self.scaled { DataOptions::default().scale } else { crate::data::Scale::None };
        prepare(self.source, &DataOptions { scale, ..DataOptions::default() }).expect("built in")
    }

    fn evidence(&self) -> Evidence {
        let data = self.data();
        let train = Shuffled::new(&data.train, 1, true);
        let held = Shuffled::new(&data.validation, 1, false);
        let options = StepOptions::new(CrossEntropy::default(), self.optimizer.clone());
        let model = Model { layers: self.layers.clone() };
        let shape = data.train.shape();
        let mut engine =
            Engine::new(&model, &options, shape, &[], self.batch, 1, 1).expect("it fits");
        (self.start)(&mut engine);
        let sample = Sample::take(&engine, &train, 256).expect("in memory");
        let mut prober = Prober::new(&engine, sample.rows()).expect("has a gradient");
        let mut evidence = Evidence {
            run: RunFacts {
                learning_rate: self.rate,
                batch_size: self.batch,
                train_rows: train.len(),
                ..RunFacts::default()
            },
            inputs: Some(InputSpread::measure(&sample, &options.loss, false)),
            ..Evidence::default()
        };
        evidence.probes.push(prober.look(&mut engine, (&sample, 0), (0, self.rate)));
        let mut step = 0;
        for epoch in 0..self.epochs {
            let mut sum = 0.0;
            for batch in 0..batches(train.len(), self.batch) {
                let range = positions(train.len(), self.batch, batch);
                let (rows, key) = (range.len(), step_key(1, step));
                let loss = engine.step(rows, self.rate, key, |features, targets| {
                    train
                        .fill(epoch, range, features, targets)
                        .map_err(crate::train::TrainError::from)
                });
                sum += loss.expect("in memory") * rows as f64;
                step += 1;
            }
            let validation = evaluate(&mut engine, &held, |_, _, _| {}).expect("in memory").mean();
            evidence.epochs.push(EpochRecord {
                epoch: epoch + 1,
                step,
                train_loss: sum / train.len() as f64,
                validation_loss: Some(validation),
                validation_score: None,
                learning_rate: self.rate,
                is_best: false,
                seconds: 0.0,
            });
            evidence.probes.push(prober.look(&mut engine, (&sample, 0), (step, self.rate)));
            if epoch % 4 == 3 {
                let noise = NoiseScale::measure(&mut engine, &sample, self.batch, step);
                evidence.noise.extend(noise.expect("has a gradient"));
                let mut hessian = Hessian::new(&engine, sample.rows()).expect("smooth enough");
                let at = (step, self.rate);
                let found = hessian.curvature(&mut engine, &sample, at, true);
                evidence.curvatures.extend(found.expect("computed"));
            }
        }
        evidence
    }

    fn fired(&self) -> Vec<String> {
        diagnose(&self.evidence()).into_iter().map(|finding| finding.rule).collect()
    }
}

/// Multiplies all weights.
fn scale(engine: &mut Engine, by: f32) {
    for parameter in engine.parameters().to_vec() {
        let values = engine.state_mut().get_mut(&parameter.name).expect("a state");
        values.iter_mut().for_each(|x| *x *= by);
    }
}

#[test]
fn healthy_trainings_are_left_alone() {
    let none: [String; 0] = [];
    assert_eq!(Toy::healthy().fired(), none);
    let tanh = vec![Dense::new(16).into(), Tanh.into(), Dense::new(2).into()];
    assert_eq!(Toy { layers: tanh.clone(), ..Toy::healthy() }.fired(), none);
    let sgd = Sgd { momentum: 0.9, nesterov: false }.into();
    assert_eq!(Toy { optimizer: sgd, rate: 0.05, layers: tanh, ..Toy::healthy() }.fired(), none);
}

#[test]
fn broken_trainings_are_told() {
    let mut missed = Vec::new();
    let mut check = |rule: &str, toy: Toy| {
        let fired = toy.fired();
        if fired.iter().all(|name| name != rule) {
            missed.push(format!("{rule}: {fired:?}"));
        }
    };
    let plain = || AnyOptimizer::from(Sgd { momentum: 0.0, nesterov: false });
    check(
        "step_too_wide",
        Toy { optimizer: plain(), rate: 30.0, layers: Toy::deep(Tanh, 1), ..Toy::healthy() },
    );
    check("step_too_narrow", Toy { optimizer: plain(), rate: 1e-4, ..Toy::healthy() });
    check("small_updates", Toy { rate: 1e-6, ..Toy::healthy() });
    check("large_updates", Toy { rate: 3.0, ..Toy::healthy() });
    check("vanishing_gradient", Toy { layers: Toy::deep(Sigmoid, 8), ..Toy::healthy() });
    check("dead_relu", Toy { start: |e| bias(e, -30.0), ..Toy::healthy() });
    check(
        "saturation",
        Toy { layers: Toy::deep(Tanh, 3), start: |e| scale(e, 40.0), epochs: 2, ..Toy::healthy() },
    );
    check("clones", Toy { start: |e| constant(e, 0.1), ..Toy::healthy() });
    check("bad_start", Toy { start: |e| scale(e, 30.0), ..Toy::healthy() });
    check(
        "exploding_signal",
        Toy {
            layers: Toy::deep(Relu, 6),
            start: |e| scale(e, 6.0),
            epochs: 2,
            rate: 1e-6,
            ..Toy::healthy()
        },
    );
    check("stuck", Toy { start: |e| constant(e, 0.0), ..Toy::healthy() });
    assert!(missed.is_empty(), "{missed:#?}");
}

fn constant(engine: &mut Engine, value: f32) {
    for parameter in engine.parameters().to_vec() {
        let values = engine.state_mut().get_mut(&parameter.name).expect("a state");
        values.fill(value);
    }
}

fn bias(engine: &mut Engine, value: f32) {
    engine.state_mut().get_mut("layers.0.bias").expect("a state").fill(value);
}
