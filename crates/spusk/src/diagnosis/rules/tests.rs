//! Every rule fires on a training that is broken its way, and on no healthy one.

use super::*;
use crate::data::{DataOptions, Prepared, prepare};
use crate::diagnosis::{Hessian, InputKinds, InputSpread, NoiseScale, Prober, RunFacts, Sample};
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
            inputs: Some(InputSpread::measure(&sample, &options.loss, &InputKinds::default())),
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
                let noise =
                    NoiseScale::measure(&mut engine, &sample, self.batch, (step, self.rate));
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

#[test]
fn a_last_layer_that_starts_at_zeros_raises_no_alarm() {
    let zero_output = |engine: &mut Engine| {
        for name in ["layers.4.weight", "layers.4.bias"] {
            engine.state_mut().get_mut(name).expect("a state").fill(0.0);
        }
    };
    // As forecasts begin: few small steps leave the last layer far smaller than its gradient.
    let toy = Toy {
        layers: Toy::deep(Relu, 2),
        start: zero_output,
        rate: 1e-4,
        epochs: 2,
        ..Toy::healthy()
    };
    let evidence = toy.evidence();
    let last = evidence.probes[0].layers.last().expect("layers");
    assert_eq!(last.weight, 0.0);
    assert!(!vanishing_gradient::RULE.fires(&evidence));
}

#[test]
fn every_cure_that_is_named_can_be_tried() {
    let fired = diagnose(&Toy { start: |e| bias(e, -30.0), ..Toy::healthy() }.evidence());
    let dead = fired.iter().find(|finding| finding.rule == "dead_relu").expect("it fires");
    let settings: Vec<String> = dead.changes().map(Change::setting).collect();
    assert_eq!(settings, ["relu -> leaky_relu", "learning_rate = 0.001", "init = auto"]);
}

#[test]
fn a_step_that_throws_the_network_to_chance_is_too_wide() {
    let mut evidence = Toy { rate: 1e-6, ..Toy::healthy() }.evidence();
    // At chance, and it stays there.
    let chance = evidence.constant_loss().expect("known");
    evidence.probes.iter_mut().for_each(|probe| probe.loss = chance);
    evidence.epochs.iter_mut().for_each(|epoch| epoch.train_loss = chance);
    assert!(!step_too_wide::RULE.fires(&evidence));
    evidence.thrown = Some(40.0);
    assert!(step_too_wide::RULE.fires(&evidence));
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

/// An evidence by hand for every rule, in their order.
fn by_hand() -> Vec<(&'static str, Evidence)> {
    use crate::diagnosis::{Birth, Curvature};
    let run =
        RunFacts { learning_rate: 0.01, batch_size: 256, train_rows: 5000, ..RunFacts::default() };
    let epochs = |losses: &[(f64, f64)]| -> Vec<EpochRecord> {
        let record = |(i, &(train_loss, validation)): (usize, &(f64, f64))| EpochRecord {
            epoch: i as u64 + 1,
            step: 100 * (i as u64 + 1),
            train_loss,
            validation_loss: Some(validation),
            validation_score: None,
            learning_rate: 0.01,
            is_best: false,
            seconds: 0.0,
        };
        losses.iter().enumerate().map(record).collect()
    };
    let look = |step: u64, loss: f64| Probe {
        step,
        learning_rate: 0.01,
        loss,
        zero_loss: 0.7,
        rows: 256,
        gradient_norm: 1.0,
        ..Probe::default()
    };
    let flat = || Evidence {
        run: run.clone(),
        epochs: epochs(&[(0.68, 0.7); 12]),
        probes: vec![look(0, 0.7), look(600, 0.68), look(1200, 0.68)],
        ..Evidence::default()
    };
    let good = || Evidence {
        epochs: epochs(&[(0.01, 0.02); 8]),
        probes: vec![look(0, 0.7), look(800, 0.01)],
        ..flat()
    };
    let curvature = |largest, smallest| Curvature {
        step: 1200,
        learning_rate: 0.01,
        largest,
        limit: Some(200.0),
        smallest,
        ..Curvature::default()
    };
    let layers = |evidence: Evidence, layers: [(f64, f64, f64); 2]| {
        let layer = |(i, (gradient, update, clones)): (usize, (f64, f64, f64))| LayerProbe {
            path: format!("layers.{}", 2 * i),
            weight: 1.0,
            gradient,
            update,
            clones,
        };
        let layers: Vec<LayerProbe> = layers.into_iter().enumerate().map(layer).collect();
        let probes = evidence.probes.iter().cloned();
        let probes = probes.map(|probe| Probe { layers: layers.clone(), ..probe }).collect();
        Evidence { probes, ..evidence }
    };
    let signals = |evidence: Evidence, layer: &str, silent, flat| {
        let signal = |path: &str, rms| SignalProbe {
            path: path.into(),
            layer: layer.into(),
            rms,
            silent,
            flat,
            units: 128,
        };
        let signals = vec![signal("layers.1", 1.0), signal("layers.3", 5e4)];
        let probes = evidence.probes.iter().cloned();
        let probes = probes.map(|probe| Probe { signals: signals.clone(), ..probe }).collect();
        Evidence { probes, ..evidence }
    };
    let quiet = |evidence: Evidence| {
        let probes = evidence.probes.iter().cloned();
        let calm = |signal: SignalProbe| SignalProbe { rms: 1.0, ..signal };
        let probes = probes.map(|probe| Probe {
            signals: probe.signals.iter().cloned().map(calm).collect(),
            ..probe
        });
        Evidence { probes: probes.collect(), ..evidence }
    };
    let noise = |noise, excess| {
        let rows = 1024;
        let (gradient, learning_rate) = (1.0, 0.01);
        vec![NoiseScale { step: 100, noise, gradient, rows, learning_rate, excess: Some(excess) }]
    };
    let inputs =
        InputSpread { largest: 2, largest_rms: 5400.0, spread_ratio: 180.0, constant_loss: None };
    let birth = Birth {
        step: 812,
        place: "layers.2 dense".into(),
        origin: Some("line 17".into()),
        learning_rate: 0.01,
    };
    let risen: Vec<(f64, f64)> = (0..20)
        .map(|i| (0.5 / (1.0 + f64::from(i)), 0.3 + 0.02 * f64::from(i32::abs(i - 4))))
        .collect();
    vec![
        ("not_finite", Evidence { not_finite: Some(birth), ..good() }),
        ("step_too_wide", Evidence { curvatures: vec![curvature(420.0, None)], ..flat() }),
        (
            "step_too_narrow",
            Evidence {
                curvatures: vec![curvature(0.5, None)],
                probes: vec![look(0, 0.7), look(600, 0.69), look(1200, 0.68)],
                ..flat()
            },
        ),
        ("small_updates", layers(flat(), [(1.0, 1e-7, 0.0), (1.0, 1e-3, 0.0)])),
        ("large_updates", layers(good(), [(1.0, 1.7, 0.0), (1.0, 1e-3, 0.0)])),
        ("vanishing_gradient", layers(good(), [(1e-5, 1e-3, 0.0), (1.0, 1e-3, 0.0)])),
        ("exploding_signal", signals(good(), "relu", None, None)),
        ("dead_relu", quiet(signals(good(), "relu", Some(0.7), None))),
        ("saturation", quiet(signals(flat(), "tanh", None, Some(0.8)))),
        ("clones", layers(good(), [(1.0, 1e-3, 0.9), (1.0, 1e-3, 0.9)])),
        (
            "bad_start",
            Evidence { probes: vec![look(0, 40.0), look(50, 30.0), look(800, 0.01)], ..good() },
        ),
        ("unscaled_inputs", Evidence { inputs: Some(inputs), ..good() }),
        (
            "noisy_gradient",
            Evidence {
                epochs: epochs(&[(0.3, 0.3); 12]),
                noise: noise(4000.0, 0.2),
                run: RunFacts { batch_size: 4, ..run.clone() },
                ..flat()
            },
        ),
        ("wasteful_batch", Evidence { noise: noise(8.0, 0.0), ..good() }),
        ("overfitting", Evidence { epochs: epochs(&risen), ..good() }),
        ("stuck", Evidence { curvatures: vec![curvature(100.0, Some(-30.0))], ..flat() }),
    ]
}

#[test]
fn every_rule_says_what_it_means() {
    let mut text = String::new();
    let all = by_hand();
    assert_eq!(
        all.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(),
        RULES.iter().map(|r| r.name).collect::<Vec<_>>()
    );
    for (rule, evidence) in all {
        let found = diagnose(&evidence);
        let finding = found.iter().find(|finding| finding.rule == rule);
        let finding = finding.unwrap_or_else(|| panic!("{rule} does not fire: {found:?}"));
        text += &format!("{rule} {:.3} > {}\n", finding.value, finding.threshold);
        for &l in Language::ALL {
            let [title, meaning, cure] =
                [&finding.title, &finding.meaning, &finding.cure].map(|said| said.in_language(l));
            text += &format!("  {title}: {meaning}\n  {cure}\n");
        }
        text += &format!("  {}\n\n", finding.change.as_ref().map_or("-".into(), |c| c.setting()));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_edge_of_stability_is_no_alarm() {
    let (_, flat) = by_hand().swap_remove(1);
    let falling = |i: usize| 0.69 * 0.9f64.powi(i as i32);
    let epochs = flat.epochs.iter().enumerate();
    let epochs = epochs.map(|(i, e)| EpochRecord { train_loss: falling(i), ..e.clone() }).collect();
    let curvatures =
        flat.curvatures.iter().map(|c| crate::diagnosis::Curvature { largest: 230.0, ..*c });
    let evidence = Evidence { epochs, curvatures: curvatures.collect(), ..flat };
    assert_eq!(diagnose(&evidence), []);
}

/// The evidence by hand of a rule.
fn of(rule: &str) -> Evidence {
    let found = by_hand().into_iter().find(|(name, _)| *name == rule);
    found.expect("every rule has one").1
}

#[test]
fn noise_is_not_blamed_for_what_the_rate_does() {
    let noisy = of("noisy_gradient");
    assert!(noisy_gradient::RULE.fires(&noisy));
    // A step longer than the weights is too wide for any batch.
    let thrown = of("large_updates").probes;
    assert!(!noisy_gradient::RULE.fires(&Evidence { probes: thrown, ..noisy.clone() }));
    let losses = |loss: fn(f64) -> f64| {
        let epochs = noisy.epochs.iter().enumerate();
        let epochs = epochs.map(|(i, e)| EpochRecord { train_loss: loss(i as f64), ..e.clone() });
        Evidence { epochs: epochs.collect(), ..noisy.clone() }
    };
    // Above a constant prediction, or while the loss falls much; a little up and down is noise.
    assert!(!noisy_gradient::RULE.fires(&losses(|_| 0.8)));
    assert!(!noisy_gradient::RULE.fires(&losses(|i| 0.6 * 0.9f64.powf(i))));
    assert!(noisy_gradient::RULE.fires(&losses(|i| 0.3 + 0.02 * (i * 2.0).sin())));
}

#[test]
fn the_cause_is_told_and_not_what_follows_from_it() {
    // Steps longer than the weights leave large signals, and a loss above that of a constant.
    let thrown = of("large_updates").probes.remove(0);
    for (rule, name) in [
        (&exploding_signal::RULE, "exploding_signal"),
        (&vanishing_gradient::RULE, "vanishing_gradient"),
        (&bad_start::RULE, "bad_start"),
    ] {
        let mut evidence = of(name);
        assert!(rule.fires(&evidence), "{name}");
        evidence.probes.insert(1, Probe { step: 1, ..thrown.clone() });
        assert!(!rule.fires(&evidence), "{name}");
    }
    // A start that is a few times too high has no chance while nothing moves; one that is far too high is told.
    let creeping = of("small_updates");
    for (start, told) in [(4.0, false), (40.0, true)] {
        let mut evidence = creeping.clone();
        evidence.probes.iter_mut().for_each(|probe| probe.loss = start);
        evidence.epochs.iter_mut().for_each(|epoch| epoch.train_loss = start);
        assert_eq!(bad_start::RULE.fires(&evidence), told, "{start}");
    }
}

#[test]
fn few_examples_make_no_neuron_dead() {
    let dead = of("dead_relu");
    assert!(dead_relu::RULE.fires(&dead));
    let with = |rows| {
        let probes = dead.probes.iter().cloned().map(|probe| Probe { rows, ..probe });
        Evidence { probes: probes.collect(), ..dead.clone() }
    };
    assert!(!dead_relu::RULE.fires(&with(64)));
    // All examples that there are say all.
    let run = RunFacts { train_rows: 64, ..dead.run.clone() };
    assert!(dead_relu::RULE.fires(&Evidence { run, ..with(64) }));
}

#[test]
fn a_gradient_that_large_signals_make_is_no_vanishing_one() {
    let vanishing = of("vanishing_gradient");
    assert!(vanishing_gradient::RULE.fires(&vanishing));
    let with = |rms| {
        let probes = vanishing.probes.iter().cloned().map(|probe| {
            let signal = |path: &str, layer: &str, rms| SignalProbe {
                path: path.into(),
                layer: layer.into(),
                rms,
                ..SignalProbe::default()
            };
            let signals = ["layers.0", "layers.1", "layers.2"].map(|path| match path {
                "layers.1" => signal(path, "relu", rms),
                _ => signal(path, "dense", 1.0),
            });
            Probe { signals: signals.into(), ..probe }
        });
        Evidence { probes: probes.collect(), ..vanishing.clone() }
    };
    assert!(vanishing_gradient::RULE.fires(&with(0.5)));
    assert!(!vanishing_gradient::RULE.fires(&with(1e4)));
}
