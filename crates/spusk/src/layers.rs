//! The layers: one file each, listed once, at the end of this file.
//!
//! A layer is a struct of its options, which is also its written form, and a function that traces
//! it. Axis 0 of every input is the batch; features stand along the last axis.

use std::fmt::Debug;
use std::ops::Range;

use spusk_graph::Var;

use crate::Net;
use crate::init::Follower;
use crate::messages::{self as say, Said};
use crate::spec::{Help, Spec};

/// What a layer must know.
///
/// A layer of one's own stands in a network as [`AnyLayer::Custom`]:
///
/// ```
/// use std::sync::Arc;
///
/// use spusk::init::{Draw, Follower};
/// use spusk::layers::{AnyLayer, Dense, Layer};
/// use spusk::model::{Batch, Model};
/// use spusk::{Layout, Net};
/// use spusk_graph::Var;
///
/// /// y = scale · sin x, one trained scale for each feature.
/// #[derive(Debug)]
/// struct Sine;
///
/// impl Layer for Sine {
///     fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
///         let Some(features) = net.features(x) else { return x };
///         let scale = net.parameter("scale", &[features], Draw::Constant(1.0), Layout::Same);
///         x.sin() * scale
///     }
///
///     fn follower(&self) -> Follower {
///         Follower::Saturating
///     }
/// }
///
/// let sine = AnyLayer::Custom(Arc::new(Sine));
/// let model = Model::from(vec![Dense::new(8).into(), sine, Dense::new(1).into()]);
/// let parameters = model.parameters(&Batch::of_rows(32, 2))?;
/// assert_eq!(parameters[2].name, "layers.1.scale");
/// # Ok::<(), spusk_graph::GraphError>(())
/// ```
pub trait Layer: Debug + Send + Sync {
    /// Writes its formula into the graph and its parameters into the network.
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t>;

    /// What it is to the weights before it.
    fn follower(&self) -> Follower;
}

mod adaptive_avg_pool;
mod attention;
mod avg_pool;
mod batch_norm;
mod beside;
mod code;
mod concat;
mod conv1d;
mod conv2d;
mod conv_lstm;
mod conv_transpose1d;
mod conv_transpose2d;
mod convolution;
mod dense;
mod dropout;
mod elu;
mod embedding;
mod enlarge;
mod flatten;
mod forecast;
mod gelu;
mod global_avg_pool;
mod global_max_pool;
mod group_norm;
mod gru;
mod identity;
mod last;
mod layer_norm;
mod leaky_relu;
mod lstm;
mod max_pool;
mod maxout;
mod modular;
mod pixel_shuffle;
mod positions;
mod recurrent;
mod relu;
mod residual;
mod rms_norm;
mod rnn;
mod sequential;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod summary;
mod tanh;
mod threshold;
mod transformer;
mod unflatten;
mod upsample;

pub use adaptive_avg_pool::AdaptiveAvgPool;
pub use attention::Attention;
pub use avg_pool::AvgPool;
pub use batch_norm::BatchNorm;
pub use beside::Beside;
pub use code::Code;
pub use concat::Concat;
pub use conv_lstm::ConvLstm;
pub use conv_transpose1d::ConvTranspose1d;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv1d::Conv1d;
pub use conv2d::Conv2d;
pub use convolution::{Padding, Pair};
pub use dense::Dense;
pub use dropout::Dropout;
pub use elu::Elu;
pub use embedding::Embedding;
pub use enlarge::Enlarge;
pub use flatten::Flatten;
pub use forecast::{Forecast, WindowScale};
pub use gelu::Gelu;
pub use global_avg_pool::GlobalAvgPool;
pub use global_max_pool::GlobalMaxPool;
pub use group_norm::GroupNorm;
pub use gru::Gru;
pub use identity::Identity;
pub use last::Last;
pub use layer_norm::LayerNorm;
pub use leaky_relu::LeakyRelu;
pub use lstm::Lstm;
pub use max_pool::MaxPool;
pub use maxout::Maxout;
pub use modular::{Combine, Modular, PartsOf};
pub use pixel_shuffle::PixelShuffle;
pub use positions::{Encoding, Positions};
pub use relu::Relu;
pub use residual::Residual;
pub use rms_norm::RmsNorm;
pub use rnn::Rnn;
pub use sequential::Sequential;
pub use sigmoid::Sigmoid;
pub use silu::Silu;
pub use softmax::Softmax;
pub use softplus::Softplus;
pub use summary::Summary;
pub use tanh::Tanh;
pub use threshold::Threshold;
pub use transformer::Transformer;
pub use unflatten::Unflatten;
pub use upsample::{Resize, Upsample};

list! {
    /// Every layer there is.
    pub enum AnyLayer: Layer, "layer" [
        AdaptiveAvgPool,
        Attention,
        AvgPool,
        BatchNorm,
        Beside,
        Code,
        Concat,
        Conv1d,
        Conv2d,
        ConvLstm,
        ConvTranspose1d,
        ConvTranspose2d,
        Dense,
        Dropout,
        Elu,
        Embedding,
        Enlarge,
        Flatten,
        Forecast,
        Gelu,
        GlobalAvgPool,
        GlobalMaxPool,
        GroupNorm,
        Gru,
        Identity,
        Last,
        LayerNorm,
        LeakyRelu,
        Lstm,
        MaxPool,
        Maxout,
        Modular,
        PixelShuffle,
        Positions,
        Relu,
        Residual,
        RmsNorm,
        Rnn,
        Sequential,
        Sigmoid,
        Silu,
        Softmax,
        Softplus,
        Summary,
        Tanh,
        Threshold,
        Transformer,
        Unflatten,
        Upsample,
    ]
}

/// Layers that move over the axes of images and sequences.
const SPATIAL: &[&str] = &[
    "adaptive_avg_pool",
    "attention",
    "avg_pool",
    "conv1d",
    "conv2d",
    "conv_lstm",
    "conv_transpose1d",
    "conv_transpose2d",
    "enlarge",
    "global_avg_pool",
    "global_max_pool",
    "gru",
    "last",
    "lstm",
    "max_pool",
    "pixel_shuffle",
    "positions",
    "rnn",
    "summary",
    "transformer",
    "upsample",
];

/// Layers of pictures that are given every picture of a sequence `[B, T, H, W, C]`, one like the other.
const OF_PICTURES: &[&str] = &[
    "adaptive_avg_pool",
    "avg_pool",
    "conv2d",
    "conv_transpose2d",
    "enlarge",
    "global_avg_pool",
    "global_max_pool",
    "max_pool",
    "pixel_shuffle",
    "upsample",
];

/// Layers that mix the elements of sequences and know nothing of padding.
const MIXES_PADDING: &[&str] = &[
    "adaptive_avg_pool",
    "avg_pool",
    "batch_norm",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "forecast",
    "group_norm",
    "max_pool",
    "pixel_shuffle",
    "upsample",
];

impl AnyLayer {
    /// Writes its formula. Of sequences of pictures, layers of pictures get time as a part of the batch.
    pub(crate) fn build_each<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let shape = x.shape();
        match shape[..] {
            [batch, turns, height, width, channels] if OF_PICTURES.contains(&self.name()) => {
                let pictures = [batch * turns, height, width, channels];
                let y = self.build(net, x.reshape(&pictures));
                let sizes = y.shape();
                y.reshape(&[&[batch, turns], sizes.get(1..).unwrap_or_default()].concat())
            }
            _ => self.build(net, x),
        }
    }

    /// Whether it would let the padding of short sequences change what it makes of them.
    pub(crate) fn mixes_padding(&self) -> bool {
        MIXES_PADDING.contains(&self.name())
    }

    /// Whether it, or a layer inside of it, moves over the axes of images or sequences, so that its
    /// input must not be flattened.
    pub fn is_spatial(&self) -> bool {
        fn any(spec: &Spec) -> bool {
            SPATIAL.contains(&spec.name.as_str()) || spec.layers.iter().any(any)
        }
        any(&self.to_spec())
    }
}

/// The axes between the batch and the channels of images `[B, H, W, C]` or sequences `[B, T, C]`;
/// else the error is recorded.
fn spatial(net: &Net<'_>, x: Var<'_>) -> Option<Range<usize>> {
    let shape = x.shape();
    x.value()?;
    if matches!(shape.rank(), 3 | 4) {
        return Some(1..shape.rank() - 1);
    }
    net.trace().fail(Said::new(|l| say::layer_input(l, &shape, say::layer_images_or_sequences(l))));
    None
}

/// The layers that stand inside a layer.
fn inner_layers(help: &Help, spec: &Spec) -> Result<Vec<AnyLayer>, String> {
    if spec.layers.is_empty() {
        return Err(format!("`{}` needs layers inside; write `{}`", help.name, help.example));
    }
    spec.layers.iter().map(AnyLayer::from_spec).collect()
}

/// The written form of layers.
fn specs(layers: &[AnyLayer]) -> Vec<Spec> {
    layers.iter().map(AnyLayer::to_spec).collect()
}

/// A list of layers, each written as its struct: `sequential![Dense::new(64), Relu, Dense::new(1)]`.
#[macro_export]
macro_rules! sequential {
    ($($layer:expr),* $(,)?) => {
        $crate::layers::Sequential {
            layers: vec![$($crate::layers::AnyLayer::from($layer)),*],
        }
    };
}

#[cfg(test)]
pub(crate) mod tests {
    use spusk_graph::{Array, Trace, Value, evaluate, grad};
    use std::collections::BTreeMap;

    use super::*;
    use crate::experiment::{Experiment, Layers};
    use crate::init::Numbers;
    use crate::losses::Mse;
    use crate::model::{Batch, Model, StepOptions};
    use crate::net::Mode;
    use crate::optimizers::Sgd;
    use crate::options::tests::{check_example, check_list, least};
    use crate::testing::Training;

    /// The key of the random numbers in these tests.
    const KEY: [f64; 4] = [11.0, 22.0, 33.0, 44.0];

    /// What layers make of an input, in a mode, with parameters given by name or initial.
    fn run(
        layers: &[AnyLayer],
        mode: Mode,
        shape: &[usize],
        x: &[f64],
        given: &[(&str, &[f64])],
    ) -> Vec<f64> {
        let trace = Trace::new();
        let mut net = Net::new(&trace, mode);
        let y = net.layers(layers, trace.input("x", shape));
        let mut values = BTreeMap::from([
            ("x".to_string(), Array::new(shape, x.to_vec())),
            ("key".to_string(), Array::new([4], KEY.to_vec())),
        ]);
        for (parameter, _) in &net.parameters {
            let mut array = Array::filled(parameter.shape.clone(), 0.0);
            parameter.fill(1, &mut array.data);
            let own = given.iter().find(|(name, _)| parameter.name == format!("layers.0.{name}"));
            array.data = own.map_or(array.data, |(_, data)| data.to_vec());
            values.insert(parameter.name.clone(), array);
        }
        for (buffer, _) in &net.buffers {
            let array = Array::filled(buffer.shape.clone(), buffer.initial);
            values.insert(buffer.name.clone(), array);
        }
        let wanted = trace.value(y).expect("the sizes fit");
        let graph = trace.graph();
        evaluate(&graph, &values, &[wanted]).expect("all is given").remove(0).data
    }

    /// What layers make of an input in evaluation.
    pub(crate) fn outputs(layers: &[AnyLayer], shape: &[usize], x: &[f64]) -> Vec<f64> {
        run(layers, Mode::Eval, shape, x, &[])
    }

    /// What one layer with the given parameters makes of an input.
    pub(crate) fn outputs_with(
        layer: AnyLayer,
        shape: &[usize],
        x: &[f64],
        given: &[(&str, &[f64])],
    ) -> Vec<f64> {
        run(&[layer], Mode::Eval, shape, x, given)
    }

    /// What layers make of an input in training.
    pub(crate) fn train_outputs(layers: &[AnyLayer], shape: &[usize], x: &[f64]) -> Vec<f64> {
        run(layers, Mode::Train, shape, x, &[])
    }

    /// Holds an activation to a table of inputs, outputs and slopes.
    pub(crate) fn check_activation(layer: impl Into<AnyLayer>, table: &[(f64, f64, f64)]) {
        let layer = layer.into();
        let xs: Vec<f64> = table.iter().map(|row| row.0).collect();
        let trace = Trace::new();
        let x = trace.input("x", &[1, xs.len()]);
        let y = layer.build(&mut Net::new(&trace, Mode::Train), x);
        let slope = grad(y.sum(), &[x])[0];
        let wanted: Vec<Value> = [y, slope].map(|v| trace.value(v).expect("fits")).to_vec();
        let given = BTreeMap::from([("x".to_string(), Array::new([1, xs.len()], xs))]);
        let got = evaluate(&trace.graph(), &given, &wanted).expect("all is given");
        for (i, &(x, want_y, want_slope)) in table.iter().enumerate() {
            for (what, got, want) in
                [("y", got[0].data[i], want_y), ("slope", got[1].data[i], want_slope)]
            {
                let name = layer.name();
                assert!((got - want).abs() < 1e-14, "{name} at {x}: {what} {got}, expected {want}");
            }
        }
    }

    /// One of every layer, with its defaults.
    pub(crate) fn one_of_each() -> impl Iterator<Item = AnyLayer> {
        AnyLayer::HELP.iter().map(|help| {
            let inside = [Dense::new(4).into(), Tanh.into(), Dense::new(5).into()];
            let layers = if help.contains_layers { specs(&inside) } else { Vec::new() };
            if help.name == "embedding" {
                // A table of one row would hide which row is taken.
                return Embedding { vocab_size: TOKENS, ..Embedding::new(3) }.into();
            }
            if help.name == "enlarge" {
                // What is added must be as large as the input.
                let layers = vec![Tanh.into(), Dense::new(8).into()];
                return Enlarge { layers, scale: 1, mode: Resize::Nearest }.into();
            }
            let spec = Spec { layers, ..least(help) };
            AnyLayer::from_spec(&spec).expect("the list's test reads it")
        })
    }

    /// How many tokens the embedding of [`one_of_each`] knows.
    const TOKENS: usize = 4;

    /// What a test puts in front of a layer: a dense layer, but nothing in front of one that reads
    /// token numbers, since these are whole.
    pub(crate) fn in_front(layer: &AnyLayer) -> Option<AnyLayer> {
        (layer.name() != "embedding").then(|| Dense::new(8).into())
    }

    /// Features of a test: numbers as given, or numbers of tokens.
    pub(crate) fn features(layer: &AnyLayer, numbers: Vec<f64>) -> Vec<f64> {
        match layer.name() {
            "embedding" => (0..numbers.len()).map(|i| (i * 3 % TOKENS) as f64).collect(),
            _ => numbers,
        }
    }

    #[test]
    fn the_list_is_sound() {
        check_list(AnyLayer::HELP, |spec| AnyLayer::from_spec(spec).map(|item| item.to_spec()));
        for help in AnyLayer::HELP {
            let read = |e: Experiment| match e.model.layers {
                Layers::These(layers) => AnyLayer::from_spec(&layers[0]).map(|item| item.to_spec()),
                Layers::Auto => Err("no layers".into()),
            };
            check_example(help, "model.layers", read);
        }
    }

    /// Sizes of an example that a layer takes, but for the features.
    pub(crate) fn places(layer: &AnyLayer) -> &'static [usize] {
        match layer.name() {
            "attention" | "conv1d" | "conv_transpose1d" | "gru" | "last" | "lstm" | "positions"
            | "rnn" | "summary" | "transformer" => &[4],
            "conv_lstm" => &[3, 2, 3],
            _ if layer.is_spatial() => &[2, 4],
            _ => &[],
        }
    }

    /// A training of the layer between two dense layers, and the loss as a function of the states.
    fn training(layer: AnyLayer, seed: u64) -> (crate::model::TrainStep, Training) {
        let sizes = [places(&layer), &[3]].concat();
        let shape = [&[5], &sizes[..]].concat();
        let first = in_front(&layer).into_iter();
        let rest = [layer.clone(), Flatten.into(), Dense::new(2).into()];
        let batch = Batch { size: 5, features: sizes[..].into(), target: [2].into() };
        let options = StepOptions::new(Mse, Sgd::default());
        let model = Model { layers: first.chain(rest).collect() };
        let step = model.train_graph(&batch, &options).expect("the sizes fit");
        let mut training = Training::new(&step, seed);
        let numbers = Numbers::new(9, "data");
        let data = |n: u64| (0..n).map(|i| numbers.normal(i)).collect::<Vec<f64>>();
        let size: usize = shape.iter().product();
        training.give("features", &shape, &features(&layer, data(size as u64)));
        training.give("targets", &[5, 2], &data(10));
        training.give("key", &[4], &KEY);
        training.give("learning_rate", &[], &[1.0]);
        (step, training)
    }

    /// A sequence of pictures is that many pictures, whatever is done with each.
    #[test]
    fn layers_of_pictures_are_given_every_picture_of_a_sequence() {
        let x: Vec<f64> = (0..3 * 2 * 4 * 4 * 3).map(|i| (f64::from(i) * 1.7).sin()).collect();
        let of_pictures = |layer: &AnyLayer| OF_PICTURES.contains(&layer.name());
        let layers: Vec<AnyLayer> = one_of_each().filter(of_pictures).collect();
        assert_eq!(layers.len(), OF_PICTURES.len());
        for layer in layers {
            // Channels that every one of them can take.
            let layers = [Dense::new(8).into(), layer];
            let single = outputs(&layers, &[6, 4, 4, 3], &x);
            assert_eq!(outputs(&layers, &[3, 2, 4, 4, 3], &x), single, "{}", layers[1].name());
        }
    }

    #[test]
    fn gradients_reach_every_parameter_and_are_those_of_differences() {
        for layer in one_of_each() {
            let name = layer.name();
            let (step, start) = training(layer, 1);
            let mut moved = start.clone();
            moved.step(&step);
            for parameter in &step.parameters {
                let (before, after) = (start.state(&parameter.name), moved.state(&parameter.name));
                // With learning rate 1 the parameter moves by its gradient.
                let gradient = before.zip(after, |a, b| a - b).data;
                let at = &parameter.name;
                // A shift before a softmax, or before a normalization, changes nothing.
                let flat = ["softmax", "batch_norm"].contains(&name) && at == "layers.0.bias";
                let reached = gradient.iter().any(|g| g.abs() > 1e-6);
                assert!(reached || flat, "{name}: {at} gets no gradient");
                // The threshold's gradient is by design not that of its value.
                if name == "threshold" && at.starts_with("layers.0") {
                    continue;
                }
                for i in [0, gradient.len() / 2, gradient.len() - 1] {
                    let loss = |delta: f64| {
                        let mut data = before.data.clone();
                        data[i] += delta;
                        let mut near = start.clone();
                        near.give(at, &before.shape, &data);
                        near.step(&step)["loss"].data[0]
                    };
                    let slope = (loss(1e-5) - loss(-1e-5)) / 2e-5;
                    let off = (slope - gradient[i]).abs();
                    assert!(off < 1e-7, "{name}: {at}[{i}] {}, differences {slope}", gradient[i]);
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bits() {
        for layer in one_of_each() {
            let name = layer.name();
            let weights = |seed| {
                let (step, mut training) = training(layer.clone(), seed);
                training.step(&step);
                let weights = step.parameters.iter().map(|p| training.state(&p.name).clone());
                weights.collect::<Vec<Array>>()
            };
            assert!(weights(1) == weights(1), "{name}");
            assert!(weights(1) != weights(2), "{name}");
        }
    }

    #[test]
    fn training_and_evaluation_have_the_same_states() {
        for layer in one_of_each() {
            let trace = [Trace::new(), Trace::new()];
            let states = |trace, mode| {
                let mut net = Net::new(trace, mode);
                let shape = [&[4], places(&layer), &[8]].concat();
                net.layers(std::slice::from_ref(&layer), trace.input("x", &shape));
                trace.check().expect("the sizes fit");
                (net.parameters, net.buffers)
            };
            let (train, eval) = (states(&trace[0], Mode::Train), states(&trace[1], Mode::Eval));
            let parameters = |all: &[(crate::Parameter, Var)]| {
                all.iter().map(|(p, _)| p.clone()).collect::<Vec<_>>()
            };
            let buffers = |all: &[(crate::Buffer, Var)]| {
                all.iter().map(|(b, _)| b.clone()).collect::<Vec<_>>()
            };
            assert_eq!(parameters(&train.0), parameters(&eval.0), "{}", layer.name());
            assert_eq!(buffers(&train.1), buffers(&eval.1), "{}", layer.name());
        }
    }
}
