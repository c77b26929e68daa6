use super::*;
use crate::layers::{BatchNorm, Flatten, Gelu, LayerNorm, LeakyRelu, Relu, Softmax};
use crate::losses::{CrossEntropy, Mse, Task};
use crate::optimizers::{Adam, AdamW, Adan, Sgd};
use crate::options::tests::least;
use crate::testing::Training;

fn names<T>(all: &[(String, T)]) -> Vec<&str> {
    all.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn states_have_the_names_that_files_use() {
    let model = Model::mlp(&[3], Relu, 2);
    let options = StepOptions { average: Some(0.9), ..StepOptions::new(Mse, Adam::default()) };
    let batch = Batch { size: 4, features: [5].into(), target: [2].into() };
    let step = model.train_graph(&batch, &options).expect("the sizes fit");
    let parameters: Vec<_> = step.parameters.iter().map(|p| (&p.name[..], &p.shape)).collect();
    let want = [
        ("layers.0.weight", &Shape::from([5, 3])),
        ("layers.0.bias", &Shape::from([3])),
        ("layers.2.weight", &Shape::from([3, 2])),
        ("layers.2.bias", &Shape::from([2])),
    ];
    assert_eq!(parameters, want);
    assert_eq!(step.parameters[0].layout.stored_shape(&step.parameters[0].shape), [3, 5].into());
    let states: Vec<&str> = step.optimizer.iter().map(|state| &state.name[..]).take(4).collect();
    let want = [
        "optimizer.step",
        "optimizer.m.layers.0.weight",
        "optimizer.v.layers.0.weight",
        "optimizer.m.layers.0.bias",
    ];
    assert_eq!(states, want);
    let last = step.optimizer.last().expect("there are some");
    assert_eq!(last.name, "optimizer.average.layers.2.bias");
    assert_eq!(last.initial, OptimizerInitial::Parameter("layers.2.bias".into()));
    // Every state is updated, once: 4 parameters, m, v and mean of each, two counters.
    assert_eq!(step.updates.len(), 4 * 4 + 2);
    spusk_graph::verify(&step.graph).expect("the graph is legal");
}

#[test]
fn a_network_learns_exclusive_or() {
    let model = Model::mlp(&[8], Relu, 2);
    let mut options = StepOptions::new(CrossEntropy::default(), Adam::default());
    options.outputs = StepOutputs { gradient_norm: true, correct: true, outputs: true };
    let batch = Batch::of_rows(4, 2);
    let step = model.train_graph(&batch, &options).expect("the sizes fit");
    assert_eq!(names(&step.outputs), ["loss", "outputs", "correct", "gradient_norm"]);
    let mut training = Training::new(&step, 3);
    training.give("features", &[4, 2], &[0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
    training.give("targets", &[4], &[0.0, 1.0, 1.0, 0.0]);
    training.give("learning_rate", &[], &[0.05]);
    let first = training.step(&step)["loss"].data[0];
    (0..200).for_each(|_| drop(training.step(&step)));
    let last = training.step(&step);
    assert!(first > 0.5 && last["loss"].data[0] < 0.01, "{first} {}", last["loss"].data[0]);
    assert_eq!(last["correct"].data, [4.0]);

    let loss = CrossEntropy::default().into();
    let eval = model.eval_graph(&batch, Some(&loss), false, None).expect("the sizes fit");
    let results = training.evaluate(&eval);
    assert!(results["predictions"].data.chunks(2).all(|p| (p[0] + p[1] - 1.0).abs() < 1e-12));
    assert_eq!(results["loss_weight"].data, [4.0]);
    let mean = results["loss_sum"].data[0] / 4.0;
    assert!(mean < last["loss"].data[0], "evaluated one step later");
}

#[test]
fn rows_of_weight_0_do_not_count() {
    let model = Model::mlp(&[4], Relu, 1);
    let train = |rows: usize, weights: &[f64]| {
        let mut options = StepOptions::new(Mse, Sgd { momentum: 0.9, nesterov: true });
        (options.weighted, options.clip_norm) = (true, Some(0.1));
        let batch = Batch::of_rows(rows, 2);
        let step = model.train_graph(&batch, &options).expect("the sizes fit");
        let mut training = Training::new(&step, 5);
        let features: Vec<f64> = (0..rows * 2).map(|i| (i as f64).sin()).collect();
        training.give("features", &[rows, 2], &features);
        training.give("targets", &[rows], &[1.0, -1.0, 2.0, 50.0][..rows]);
        training.give("weights", &[rows], weights);
        training.give("learning_rate", &[], &[0.1]);
        (0..5).for_each(|_| drop(training.step(&step)));
        training.state("layers.0.weight").clone()
    };
    let (whole, padded) = (train(3, &[1.0; 3]), train(4, &[1.0, 1.0, 1.0, 0.0]));
    let off = whole.zip(&padded, |a, b| (a - b).abs());
    assert!(off.data.iter().all(|&x| x < 1e-14), "{whole:?} {padded:?}");
}

#[test]
fn averages_are_what_is_evaluated() {
    let model = Model::mlp(&[], Relu, 1);
    let options = StepOptions { average: Some(0.5), ..StepOptions::new(Mse, Sgd::default()) };
    let batch = Batch::of_rows(1, 1);
    let step = model.train_graph(&batch, &options).expect("the sizes fit");
    let mut training = Training::new(&step, 1);
    training.give("features", &[1, 1], &[1.0]);
    training.give("targets", &[1], &[1.0]);
    training.give("learning_rate", &[], &[0.1]);
    let mut mean = 0.0;
    for t in 0..5 {
        training.step(&step);
        let keep = (f64::from(t) / f64::from(t + 1)).min(0.5);
        mean = keep * mean + (1.0 - keep) * training.state("layers.0.weight").data[0];
    }
    let graph = model.evaluated_graph(&batch, &options).expect("the sizes fit");
    let graph = graph.expect("averages are other values");
    let plain = StepOptions::new(Mse, Adam::default());
    assert!(model.evaluated_graph(&batch, &plain).expect("the sizes fit").is_none());
    let weight = training.evaluate(&graph)["layers.0.weight"].data[0];
    assert!((weight - mean).abs() < 1e-15, "{weight}, expected {mean}");
    let eval = model.eval_graph(&batch, None, false, Some(&options)).expect("the sizes fit");
    let bias = training.evaluate(&graph)["layers.0.bias"].data[0];
    let output = training.evaluate(&eval)["outputs"].data[0];
    assert!((output - (weight + bias)).abs() < 1e-15);
}

/// sin(a + 0.7·i)/2 for element i in PyTorch's order.
fn waves(training: &mut Training, parameter: &Parameter, a: f64) {
    let file: Vec<f64> =
        (0..parameter.shape.size()).map(|i| (a + 0.7 * i as f64).sin() * 0.5).collect();
    let graph = parameter.layout.load(&file, &parameter.shape);
    training.give(&parameter.name, &parameter.shape, &graph);
}

#[test]
fn fifty_steps_are_those_of_pytorch() {
    // The figures are PyTorch 2.15's, of the same network from the same numbers, in f64: Linear(4,
    // 6), BatchNorm1d, GELU, Linear(6, 5), LayerNorm, LeakyReLU(0.1), Linear(5, 3); cross-entropy
    // with label smoothing 0.1, clip_grad_norm_ to 0.5, Adam with weight_decay (an L2 penalty).
    let dense = |out: usize| AnyLayer::from(Dense::new(out));
    let model = Model::from(vec![
        dense(6),
        BatchNorm::default().into(),
        Gelu::default().into(),
        dense(5),
        LayerNorm::default().into(),
        LeakyRelu::default().into(),
        dense(3),
    ]);
    let loss = CrossEntropy { label_smoothing: 0.1, ..CrossEntropy::default() };
    let mut options = StepOptions::new(loss.clone(), Adam::default());
    (options.clip_norm, options.l2_penalty) = (Some(0.5), 0.02);
    options.outputs.gradient_norm = true;
    let batch = Batch::of_rows(8, 4);
    let step = model.train_graph(&batch, &options).expect("the sizes fit");
    let mut training = Training::new(&step, 0);
    let drawn = step.parameters.iter().filter(|p| {
        let layer = &p.name["layers.".len()..][..1];
        ["0", "3", "6"].contains(&layer)
    });
    for (parameter, a) in drawn.zip([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) {
        waves(&mut training, parameter, a);
    }
    let features: Vec<f64> = (0..32)
        .map(|n| (1.3 * f64::from(n / 4) + 0.5 * f64::from((n % 4) * (n % 4))).sin())
        .collect();
    training.give("features", &[8, 4], &features);
    training.give("targets", &[8], &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0]);
    training.give("learning_rate", &[], &[0.01]);
    let results: Vec<_> = (0..50).map(|_| training.step(&step)).collect();
    let near = |got: f64, want: f64| {
        assert!((got - want).abs() < 1e-11, "{got}, expected {want}");
    };
    near(results[0]["loss"].data[0], 1.4528010631631312);
    near(results[1]["loss"].data[0], 1.395271693625487);
    near(results[9]["loss"].data[0], 1.108357914769467);
    near(results[49]["loss"].data[0], 0.8398045172571099);
    near(results[49]["gradient_norm"].data[0], 0.5126737855322547);
    near(training.state("layers.1.running_mean").data[0], 0.1715546640848967);
    near(training.state("layers.1.running_var").data[5], 0.07525116033515983);
    let eval = model.eval_graph(&batch, Some(&loss.into()), false, None).expect("fits");
    near(training.evaluate(&eval)["loss_sum"].data[0] / 8.0, 1.0814452169492021);
}

/// One step of a small network, in the engine and by the reference.
fn check_engine(layer: AnyLayer, loss: AnyLoss, optimizer: AnyOptimizer) {
    let outputs = loss.outputs(&Task::Classify { classes: 3 });
    let features = [crate::layers::tests::places(&layer), &[4]].concat();
    let last = Dense::new(outputs).into();
    let first = crate::layers::tests::in_front(&layer).into_iter();
    let layers = first.chain([layer.clone(), Flatten.into(), last]).collect();
    let model = Model { layers };
    let numbers = loss.prediction() == Prediction::Identity;
    let target = if numbers { Shape::from([3]) } else { Shape::default() };
    let mut options = StepOptions::new(loss, optimizer);
    (options.clip_norm, options.clip_value) = (Some(0.5), Some(0.4));
    (options.average, options.weighted, options.l2_penalty) = (Some(0.9), true, 0.01);
    options.outputs.gradient_norm = true;
    let batch = Batch { size: 5, features: features[..].into(), target: target.clone() };
    let step = model.train_graph(&batch, &options).expect("the sizes fit");
    let mut training = Training::new(&step, 2);
    let wave = |n: usize| (0..n).map(|i| (1.7 * i as f64).sin()).collect::<Vec<f64>>();
    let shape = batch.shape(&batch.features);
    let features = crate::layers::tests::features(&layer, wave(shape.iter().product()));
    training.give("features", &shape, &features);
    let targets = if numbers { wave(15) } else { vec![0.0, 1.0, 2.0, 0.0, 1.0] };
    training.give("targets", &batch.shape(&target), &targets);
    training.give("weights", &[5], &[1.0, 1.0, 0.5, 1.0, 0.0]);
    training.give("learning_rate", &[], &[0.01]);
    training.give("key", &[4], &[1.0, 2.0, 3.0, 4.0]);
    // A second step starts from slots that are not 0.
    training.step(&step);
    training.check_engine(&step);
}

#[test]
fn the_engine_does_what_the_reference_says() {
    let relu = || AnyLayer::from(Relu);
    for layer in crate::layers::tests::one_of_each() {
        check_engine(layer, CrossEntropy::default().into(), Sgd::default().into());
    }
    for help in AnyLoss::HELP {
        let loss = AnyLoss::from_spec(&least(help)).expect("the list's test reads it");
        check_engine(relu(), loss, Sgd::default().into());
    }
    for help in AnyOptimizer::HELP {
        let optimizer = AnyOptimizer::from_spec(&least(help)).expect("the list's test reads it");
        check_engine(relu(), CrossEntropy::default().into(), optimizer);
    }
}

#[test]
fn single_precision_stays_near_for_fifty_steps() {
    for help in AnyOptimizer::HELP {
        let optimizer = AnyOptimizer::from_spec(&least(help)).expect("the list's test reads it");
        // Gentle steps: wide ones magnify any rounding, here and in every other program.
        let rate = 0.1 * optimizer.learning_rate();
        let model = Model::mlp(&[16, 16], crate::layers::Tanh, 3);
        let options = StepOptions::new(CrossEntropy::default(), optimizer);
        let step = model.train_graph(&Batch::of_rows(12, 4), &options).expect("the sizes fit");
        let mut training = Training::new(&step, 2);
        // What is rounded on the way in is not the engine's rounding.
        let wave = |i: usize| f64::from((1.7 * i as f64).sin() as f32);
        training.give("features", &[12, 4], &(0..48).map(wave).collect::<Vec<f64>>());
        training.give("targets", &[12], &[0.0, 1.0, 2.0].repeat(4));
        training.give("learning_rate", &[], &[rate]);
        let single = training.losses::<f32>(&step, 50);
        let double = training.losses::<f64>(&step, 50);
        assert!(double[49] < double[0], "{} descends", help.name);
        for (t, (single, double)) in single.iter().zip(&double).enumerate() {
            let off = (single / double - 1.0).abs();
            assert!(off < 1e-4, "{} step {t}: {single}, in f64 {double}", help.name);
        }
    }
}

#[test]
fn the_decay_asked_for_replaces_the_optimizers_own() {
    let weight = |optimizer: AnyOptimizer, weight_decay: Option<f64>| {
        let model = Model::mlp(&[], Relu, 1);
        let options = StepOptions { weight_decay, ..StepOptions::new(Mse, optimizer) };
        let step = model.train_graph(&Batch::of_rows(1, 1), &options).expect("the sizes fit");
        let mut training = Training::new(&step, 1);
        training.give("features", &[1, 1], &[0.0]);
        training.give("targets", &[1], &[0.0]);
        training.give("layers.0.weight", &[1, 1], &[1.0]);
        training.give("learning_rate", &[], &[0.1]);
        training.step(&step);
        training.state("layers.0.weight").data[0]
    };
    // The gradient is 0: the decay acts alone.
    assert_eq!(weight(AdamW::default().into(), None), 1.0 - 0.1 * 0.01);
    assert_eq!(weight(AdamW::default().into(), Some(0.5)), 1.0 - 0.1 * 0.5);
    assert_eq!(weight(Sgd::default().into(), Some(0.5)), 1.0 - 0.1 * 0.5);
    assert_eq!(weight(Adan::default().into(), Some(0.5)), 1.0 / (1.0 + 0.1 * 0.5));
}

#[test]
fn errors_name_the_layer_and_the_cure() {
    let check = |model: &Model, batch: Batch, loss: AnyLoss, want: &str| {
        let options = StepOptions::new(loss, Sgd::default());
        let error = model.train_graph(&batch, &options).expect_err("broken").to_string();
        assert_eq!(error, want);
    };
    check(
        &Model::mlp(&[], Relu, 3),
        Batch { size: 4, features: [].into(), target: [].into() },
        Mse.into(),
        "layers.0 dense: the input has shape [4], expected [batch, features]; give each row a \
         list of features",
    );
    check(
        &Model::mlp(&[], Relu, 3),
        Batch::of_rows(4, 2),
        Mse.into(),
        "loss mse: the last layer's output has shape [4, 3], the targets [4]; end the network \
         with `dense 1`",
    );
    check(
        &Model::from(vec![Dense::new(3).into(), Softmax.into()]),
        Batch::of_rows(4, 2),
        CrossEntropy::default().into(),
        "loss cross_entropy: the network ends with `softmax`, which this loss applies itself, in \
         a more exact form; leave the last layer out",
    );
    check(
        &Model::mlp(&[], Relu, 3),
        Batch { size: 4, features: [2, 2].into(), target: [].into() },
        CrossEntropy::default().into(),
        "loss cross_entropy: the last layer's output has shape [4, 2, 3], expected [batch, \
         classes]; put `flatten` before the last `dense`",
    );
}

#[test]
fn the_table_of_layers_counts_parameters() {
    let rows = Model::mlp(&[128], Relu, 10).describe(&Batch::of_rows(64, 784)).expect("fits");
    let got: Vec<_> = (rows.iter())
        .map(|row| (&row.path[..], &row.layer[..], row.output.to_string(), row.parameters))
        .collect();
    let want = [
        ("layers.0", "dense 128", "[64, 128]".to_string(), 100_480),
        ("layers.1", "relu", "[64, 128]".to_string(), 0),
        ("layers.2", "dense 10", "[64, 10]".to_string(), 1290),
    ];
    assert_eq!(got, want);
}
