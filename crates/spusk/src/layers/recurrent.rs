//! What the recurrent layers share: options, layers one on another, directions, parameters and the loop.

use spusk_graph::{Geometry, Var};

use crate::Net;
use crate::init::Draw;
use crate::layers::{Dropout, Layer};
use crate::messages::{self as say, Language, Said};
use crate::net::Layout;

/// Declares a recurrent layer over sequences `[B, T, C]`: documentation, name, example and struct; the
/// options are the same for all.
macro_rules! recurrent {
    ($(#[doc = $doc:literal])+ $name:literal, example $example:literal; pub struct $Type:ident;) => {
        options! {
            $(#[doc = $doc])+
            $name, aliases [], example $example;
            pub struct $Type {
                /// Size of h.
                hidden_size: usize where $crate::spec::Kind::Integer(1);
            } options {
                /// Layers, each over the outputs of the one before.
                num_layers: usize = 1 where $crate::spec::Kind::Integer(1);
                /// Whether a second one goes through time backwards; its outputs stand behind the first one's.
                bidirectional: bool = false where $crate::spec::Kind::Switch;
                /// Share of the features that is dropped between layers, in training.
                dropout: f64 = 0.0 where $crate::spec::Kind::Number($crate::spec::Range::FRACTION);
                /// Whether only the last state is given on, `[B, H]` (of each direction), not `[B, T, H]`.
                last: bool = false where $crate::spec::Kind::Switch;
            }
        }

        impl $Type {
            /// One layer, forwards, with outputs at every step.
            pub fn new(hidden_size: usize) -> $Type {
                $Type { hidden_size, num_layers: 1, bidirectional: false, dropout: 0.0, last: false }
            }
        }

        impl $crate::layers::Layer for $Type {
            fn build<'t>(
                &self,
                net: &mut $crate::Net<'t>,
                x: spusk_graph::Var<'t>,
            ) -> spusk_graph::Var<'t> {
                let $Type { hidden_size, num_layers, bidirectional, dropout, last } = *self;
                let recurrent = $crate::layers::recurrent::Recurrent {
                    hidden_size,
                    window: None,
                    num_layers,
                    bidirectional,
                    dropout,
                    last,
                };
                recurrent.build::<$Type>(net, x)
            }

            fn follower(&self) -> $crate::init::Follower {
                $crate::init::Follower::Saturating
            }
        }
    };
}
pub(super) use recurrent;

/// One turn of a recurrent layer.
///
/// Gates are values of their own, `[B, hidden]` each: no turn copies a part out of a wider value, and
/// all that follows the products is one pass over memory.
pub(super) trait Cell {
    /// Gates, in the order in which the weights have them.
    const GATES: usize;
    /// Values that go from turn to turn; the first one is the output.
    const CARRIES: usize;

    /// Whether what stands before a gate is not just a sum, so that the bias of the recurrent product
    /// stays with that product.
    fn keeps_bias(_gate: usize) -> bool {
        false
    }

    /// The next carries from the present ones, and of each gate `given` = x · weight_ih + biases and
    /// `recurrent` = h · weight_hh (+ its bias where it stays).
    fn turn<'b>(carries: &[Var<'b>], given: &[Var<'b>], recurrent: &[Var<'b>]) -> Vec<Var<'b>>;
}

/// Layers one on another: every one is traced, so a slip of the pen must not fill the memory.
const MOST_LAYERS: usize = 1000;

/// The options of a recurrent layer.
pub(super) struct Recurrent {
    pub(super) hidden_size: usize,
    /// Height and width of the windows of convolutions, where these stand for the products.
    pub(super) window: Option<[usize; 2]>,
    pub(super) num_layers: usize,
    pub(super) bidirectional: bool,
    pub(super) dropout: f64,
    pub(super) last: bool,
}

impl Recurrent {
    /// `[B, T, C]` to `[B, T, H]`, or to `[B, H]` of the last step; twice H in two directions. With windows
    /// the elements are pictures: `[B, T, height, width, C]`.
    pub(super) fn build<'t, C: Cell>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        if x.value().is_none() {
            return x;
        }
        if let Some(error) = self.misfit(x) {
            return net.trace().fail(error);
        }
        let directions = if self.bidirectional { 2 } else { 1 };
        let mask = net.mask(x).map(|mask| mask.transpose(&[1, 0, 2]));
        // Time goes first, so that a turn reads one run of memory.
        let order: Vec<usize> = [1, 0].into_iter().chain(2..x.shape().rank()).collect();
        let channels = order.len() - 1;
        let mut x = x.transpose(&order);
        let turns = x.shape()[0];
        let mut found = Vec::new();
        for layer in 0..self.num_layers {
            if layer > 0 {
                x = Dropout { dropout_rate: self.dropout }.build(net, x);
            }
            found = (0..directions)
                .map(|direction| self.direction::<C>(net, (x, mask), layer, direction == 1))
                .collect();
            x = found[0].concat(&found[1..], channels);
        }
        if !self.last {
            return x.transpose(&order);
        }
        // The way back ends at the first step.
        let ends = found.iter().zip([turns.saturating_sub(1), 0]).map(|(y, end)| {
            let element = y.shape().get(1..).unwrap_or_default().to_vec();
            y.narrow(0, end, turns.min(end + 1)).reshape(&element)
        });
        let ends: Vec<Var<'t>> = ends.collect();
        ends[0].concat(&ends[1..], channels - 1)
    }

    /// Why the options do not suit the input.
    fn misfit(&self, x: Var<'_>) -> Option<Said> {
        let shape = x.shape();
        type Words = fn(Language) -> String;
        let (rank, what, cure): (usize, Words, Words) = match self.window {
            None => (3, say::layer_sequences, say::cure_layer_recurrent),
            Some(_) => (5, say::layer_movies, say::cure_layer_movies),
        };
        if shape.rank() != rank {
            return Some(Said::new(|l| say::layer_input_cure(l, &shape, what(l), cure(l))));
        }
        let layers = self.num_layers;
        (!(1..=MOST_LAYERS).contains(&layers))
            .then(|| Said::new(|l| say::layer_num_layers(l, layers, MOST_LAYERS)))
    }

    /// One layer in one direction: `[T, B, …, C]` to `[T, B, …, H]`. At padding, where the mask `[T, B, 1]`
    /// is 0, all stays as it was: the way forth ends with the state behind the last element, and the way
    /// back begins there.
    fn direction<'t, C: Cell>(
        &self,
        net: &mut Net<'t>,
        (x, mask): (Var<'t>, Option<Var<'t>>),
        layer: usize,
        reverse: bool,
    ) -> Var<'t> {
        let (shape, hidden) = (x.shape(), self.hidden_size);
        let [_, element @ .., channels] = &shape[..] else { return x };
        let taps = self.window.as_ref().map_or(&[][..], |window| window);
        // PyTorch's initial weights, for all alike.
        let draw = Draw::Uniform {
            limit: 1.0 / taps.iter().fold(hidden as f64, |n, &k| n * k as f64).sqrt(),
        };
        let end = if reverse { "_reverse" } else { "" };
        let mut parameter = |name: &str, shape: &[usize], layout| {
            net.parameter(&format!("{name}_l{layer}{end}"), shape, draw, layout)
        };
        let of_a_gate = |inputs: usize| [taps, &[inputs, hidden]].concat();
        let [weight_ih, weight_hh] =
            [("weight_ih", *channels), ("weight_hh", hidden)].map(|(name, inputs)| {
                parameter(name, &[&[C::GATES][..], &of_a_gate(inputs)].concat(), Layout::Gates)
            });
        let [bias_ih, bias_hh] = ["bias_ih", "bias_hh"]
            .map(|name| parameter(name, &[hidden.saturating_mul(C::GATES)], Layout::Same));
        let weights = |weight: Var<'t>, inputs: usize, gate: usize| {
            weight.narrow(0, gate, gate + 1).reshape(&of_a_gate(inputs))
        };
        let vector = |bias: Var<'t>, gate: usize| {
            bias.narrow(0, hidden.saturating_mul(gate), hidden.saturating_mul(gate + 1))
        };
        let (mut given, mut constants) = (Vec::new(), Vec::new());
        for gate in 0..C::GATES {
            let mut bias = vector(bias_ih, gate);
            if !C::keeps_bias(gate) {
                bias = bias + vector(bias_hh, gate);
            }
            given.push(self.product(x, weights(weight_ih, *channels, gate)) + bias);
            constants.push(weights(weight_hh, hidden, gate));
        }
        let kept = (0..C::GATES).filter(|&gate| C::keeps_bias(gate));
        constants.extend(kept.map(|gate| vector(bias_hh, gate)));
        let start = net.trace().full(0.0, &[element, &[hidden]].concat());
        let carries = vec![start; C::CARRIES];
        given.extend(mask);
        let stacked =
            net.trace().scan(reverse, &carries, &given, &constants, |carries, given, constants| {
                let (weights, biases) = constants.split_at(C::GATES);
                let mut biases = biases.iter();
                let mut recurrent = Vec::with_capacity(C::GATES);
                for (gate, &weight) in weights.iter().enumerate() {
                    let product = self.product(carries[0], weight);
                    let bias = if C::keeps_bias(gate) { biases.next() } else { None };
                    recurrent.push(bias.map_or(product, |&bias| product + bias));
                }
                let new = C::turn(carries, given, &recurrent);
                let Some(&mask) = given.get(C::GATES) else { return new };
                new.iter().zip(carries).map(|(&new, &old)| mask.select(new, old)).collect()
            });
        stacked[0]
    }

    /// x with a gate's weights: a product with a matrix, or a convolution of every picture that keeps its
    /// size.
    fn product<'v>(&self, x: Var<'v>, weights: Var<'v>) -> Var<'v> {
        let Some(window) = self.window else { return x.matmul(weights) };
        let shape = x.shape();
        let [.., height, width, channels] = shape[..] else { return x };
        let pictures = shape.size() / (height * width * channels).max(1);
        let around = window.map(|size| size.saturating_sub(1));
        let before = around.map(|size| size / 2);
        let after = [0, 1].map(|axis| around[axis] - before[axis]);
        let geometry = Geometry { stride: [1; 2], dilation: [1; 2], before, after, groups: 1 };
        let y = x.reshape(&[pictures, height, width, channels]).conv(weights, &geometry);
        let mut sizes = shape.to_vec();
        sizes.pop();
        sizes.push(self.hidden_size);
        y.reshape(&sizes)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use spusk_graph::{Array, Trace, Value, evaluate, grad};

    use super::Recurrent;
    use crate::layers::{AnyLayer, Dense, Gru, Lstm, Rnn};
    use crate::losses::Mse;
    use crate::model::{Batch, Model, StepOptions};
    use crate::net::Mode;
    use crate::optimizers::Sgd;
    use crate::testing::Training;
    use crate::{Net, Parameter};

    /// What PyTorch 2 gives in f64 for x[2, 3, 2] and hidden size 2.
    pub(in crate::layers) struct Torch {
        pub(in crate::layers) outputs: &'static [f64],
        /// ∂s/∂x for s = Σ outputs · wave(0.5).
        pub(in crate::layers) input_gradient: &'static [f64],
        /// Of every parameter name, sizes and Σᵢ ∂s/∂pᵢ · cos(0.9 i + 0.3), in the order of files.
        pub(in crate::layers) parameters: &'static [(&'static str, &'static [usize], f64)],
    }

    /// Numbers that are the same in PyTorch.
    fn wave(size: usize, start: f64) -> Vec<f64> {
        (0..size).map(|i| 0.8 * (1.7 * i as f64 + start).sin()).collect()
    }

    /// Holds a layer to PyTorch: outputs and gradients; parameter k is wave(k), from 1 on.
    pub(in crate::layers) fn check_torch(layer: impl Into<AnyLayer>, torch: &Torch) {
        let near = |what: &str, got: &[f64], want: &[f64]| {
            assert_eq!(got.len(), want.len(), "{what}");
            let far = got.iter().zip(want).position(|(got, want)| (got - want).abs() > 1e-13);
            assert_eq!(far, None, "{what}: got {got:?}, expected {want:?}");
        };
        let trace = Trace::new();
        let mut net = Net::new(&trace, Mode::Eval);
        let x = trace.input("x", &[2, 3, 2]);
        let y = net.layers(&[layer.into()], x);
        let seed = Array::new(y.shape(), wave(y.size(), 0.5));
        let mut variables = vec![x];
        variables.extend(net.parameters.iter().map(|&(_, state)| state));
        let mut wanted = vec![y];
        wanted.extend(grad((y * trace.literal(seed)).sum(), &variables));
        let wanted: Vec<Value> = wanted.iter().map(|&v| trace.value(v).expect("fits")).collect();
        let mut given = BTreeMap::from([("x".into(), Array::new([2, 3, 2], wave(12, 0.0)))]);
        let parameters: Vec<Parameter> = net.parameters.iter().map(|(p, _)| p.clone()).collect();
        for (k, Parameter { name, shape, layout, .. }) in parameters.iter().enumerate() {
            let data = layout.load(&wave(shape.size(), (k + 1) as f64), shape);
            given.insert(name.clone(), Array::new(shape.clone(), data));
        }
        let got = evaluate(&trace.graph(), &given, &wanted).expect("all is given");
        near("outputs", &got[0].data, torch.outputs);
        near("x", &got[1].data, torch.input_gradient);
        assert_eq!(parameters.len(), torch.parameters.len());
        for ((parameter, got), want) in parameters.iter().zip(&got[2..]).zip(torch.parameters) {
            assert_eq!(parameter.name, format!("layers.0.{}", want.0));
            assert_eq!(parameter.layout.stored_shape(&parameter.shape)[..], *want.1, "{}", want.0);
            let stored = parameter.layout.store(&got.data, &parameter.shape);
            let sum = stored.iter().enumerate().map(|(i, g)| g * (0.9 * i as f64 + 0.3).cos());
            near(want.0, &[sum.sum()], &[want.2]);
        }
    }

    /// The three layers with the same options.
    fn each(options: &Recurrent) -> [AnyLayer; 3] {
        let Recurrent { hidden_size, num_layers, bidirectional, dropout, last, .. } = *options;
        [
            Rnn { hidden_size, num_layers, bidirectional, dropout, last }.into(),
            Lstm { hidden_size, num_layers, bidirectional, dropout, last }.into(),
            Gru { hidden_size, num_layers, bidirectional, dropout, last }.into(),
        ]
    }

    const PLAIN: Recurrent = Recurrent {
        hidden_size: 6,
        window: None,
        num_layers: 1,
        bidirectional: false,
        dropout: 0.0,
        last: false,
    };

    fn shape_of(layer: AnyLayer, input: &[usize]) -> Result<Vec<usize>, String> {
        let trace = Trace::new();
        let y = Net::new(&trace, Mode::Train).layers(&[layer], trace.input("x", input));
        trace.check().map(|()| y.shape().to_vec()).map_err(|error| error.what)
    }

    #[test]
    fn sequences_stay_sequences_or_become_their_ends() {
        let check = |options: Recurrent, want: &[usize]| {
            for layer in each(&options) {
                assert_eq!(shape_of(layer, &[4, 5, 3]), Ok(want.to_vec()));
            }
        };
        check(PLAIN, &[4, 5, 6]);
        check(Recurrent { bidirectional: true, num_layers: 2, dropout: 0.5, ..PLAIN }, &[4, 5, 12]);
        check(Recurrent { last: true, ..PLAIN }, &[4, 6]);
        check(Recurrent { last: true, bidirectional: true, ..PLAIN }, &[4, 12]);
    }

    #[test]
    fn what_is_no_sequence_is_refused() {
        for input in [&[4, 3][..], &[4, 5, 5, 3]] {
            for layer in each(&PLAIN) {
                let error = shape_of(layer, input).expect_err("no time");
                assert!(error.contains("expected sequences [batch, time, channels]"), "{error}");
            }
        }
        for num_layers in [0, 1001] {
            for layer in each(&Recurrent { num_layers, ..PLAIN }) {
                let error = shape_of(layer, &[4, 5, 3]).expect_err("too many or none");
                assert_eq!(error, format!("num_layers = {num_layers}, expected 1 to 1000"));
            }
        }
    }

    #[test]
    fn the_last_step_of_the_way_back_is_the_first() {
        let x = wave(12, 0.0);
        let both = |last| each(&Recurrent { hidden_size: 2, bidirectional: true, last, ..PLAIN });
        for (all, ends) in both(false).into_iter().zip(both(true)) {
            let [all, ends] =
                [all, ends].map(|layer| crate::layers::tests::outputs(&[layer], &[1, 6, 2], &x));
            assert_eq!(ends, [all[20], all[21], all[2], all[3]]);
        }
    }

    /// What layers make of an embedded text and its gradient by the embedded tokens, in rows of `places`.
    fn of_texts(layer: &AnyLayer, texts: &[&[f64]], places: usize) -> (Vec<f64>, Vec<f64>) {
        let trace = Trace::new();
        let mut net = Net::new(&trace, Mode::Eval);
        let x = trace.input("x", &[texts.len(), places, 2]);
        let lengths = trace.input("lengths", &[texts.len(), 1]);
        net.set_lengths(Some(lengths));
        let y = net.layers(std::slice::from_ref(layer), x);
        // Behind the end of a text nobody looks.
        let y = net.without_padding(y);
        let size = y.size() / y.shape()[..y.shape().rank() - 1].iter().product::<usize>();
        let seed = trace.literal(Array::new([size], wave(size, 0.5)));
        let wanted = [y, grad((y * seed).sum(), &[x])[0]];
        let wanted: Vec<Value> = wanted.iter().map(|&v| trace.value(v).expect("fits")).collect();
        let mut data = Vec::new();
        for text in texts {
            data.extend_from_slice(text);
            // What stands there must not matter.
            data.extend((text.len()..2 * places).map(|i| 1000.0 + i as f64));
        }
        let of = |text: &&[f64]| (text.len() / 2) as f64;
        let mut given = BTreeMap::from([
            ("x".into(), Array::new([texts.len(), places, 2], data)),
            ("lengths".into(), Array::new([texts.len(), 1], texts.iter().map(of).collect())),
        ]);
        for (k, (parameter, _)) in net.parameters.iter().enumerate() {
            let data = wave(parameter.shape.size(), (k + 1) as f64);
            given.insert(parameter.name.clone(), Array::new(parameter.shape.clone(), data));
        }
        let mut found = evaluate(&trace.graph(), &given, &wanted).expect("all is given");
        (std::mem::take(&mut found[0].data), std::mem::take(&mut found[1].data))
    }

    /// Sequences of many lengths in one batch are those that each would have been by itself: outputs,
    /// last states, and gradients, which are 0 at padding.
    #[test]
    fn padding_changes_nothing_in_any_direction() {
        let texts = [wave(10, 0.0), wave(4, 0.7), wave(2, 1.9)];
        let texts: Vec<&[f64]> = texts.iter().map(Vec::as_slice).collect();
        for (last, bidirectional, num_layers) in [
            (true, false, 1),
            (true, true, 1),
            (true, true, 2),
            (false, true, 2),
            (false, false, 1),
        ] {
            let options = Recurrent { hidden_size: 3, last, bidirectional, num_layers, ..PLAIN };
            for layer in each(&options) {
                for places in [5, 8] {
                    let (all, gradients) = of_texts(&layer, &texts, places);
                    for (i, text) in texts.iter().enumerate() {
                        let (alone, gradient) = of_texts(&layer, &[text], text.len() / 2);
                        let row = all.len() / texts.len() * i;
                        let what = format!("{} of {places} places, text {i}", layer.to_spec());
                        assert_eq!(all[row..row + alone.len()], alone, "{what}");
                        let row = &gradients[2 * places * i..2 * places * (i + 1)];
                        assert_eq!(row[..text.len()], gradient, "gradient, {what}");
                        assert!(row[text.len()..].iter().all(|&g| g == 0.0), "padding, {what}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_engine_trains_them_to_the_same_bits_on_any_number_of_threads() {
        for layer in each(&Recurrent { hidden_size: 20, num_layers: 2, last: true, ..PLAIN }) {
            let model = Model { layers: vec![layer, Dense::new(2).into()] };
            let batch = Batch { size: 50, features: [6, 3].into(), target: [2].into() };
            let step = model.train_graph(&batch, &StepOptions::new(Mse, Sgd::default()));
            let step = step.expect("the sizes fit");
            let mut training = Training::new(&step, 3);
            training.give("features", &[50, 6, 3], &wave(900, 0.0));
            training.give("targets", &[50, 2], &wave(100, 1.0));
            training.give("learning_rate", &[], &[0.1]);
            training.check_engine(&step);
            let bits = |threads| training.states::<f32>(&step, 3, threads);
            assert!(bits(1) == bits(2) && bits(1) == bits(3));
        }
    }
}
