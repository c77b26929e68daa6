use spusk_graph::Var;

use crate::Net;
use crate::init::{Draw, Follower};
use crate::layers::{AnyLayer, Dense, Layer, Sequential, inner_layers, specs};
use crate::messages::{self as say, Said};
use crate::net::Layout;
use crate::options::{self, Options, Setting};
use crate::spec::{ArgumentHelp, Help, Kind, Range, Spec, Value};

/// K networks that know nothing of each other, each as the layers inside say, and one output of theirs.
///
/// The parts share no parameter and no intermediate value, so they are computed side by side. Their
/// parameters are `parts.<k>.layers.<i>.weight`, each drawn anew.
///
/// The gate: g = softmax(x · W), y = Σ gₖ · fₖ(x), a mixture of experts: Jacobs, Jordan, Nowlan & Hinton 1991,
/// "Adaptive mixtures of local experts". All experts are computed (no example leaves one out), and
/// `balance`·K·Σ (mean gₖ)² is added to the loss, which is least when all are used alike: Shazeer et al.
/// 2017, "Outrageously large neural networks", equation 6, up to a constant.
#[derive(Debug, Clone)]
pub struct Modular {
    /// K.
    pub parts: usize,
    /// How the outputs become one.
    pub combine: Combine,
    /// What the parts are trained on.
    pub train: PartsOf,
    /// How much an uneven use of the parts counts in the loss; for `combine=gate`.
    pub balance: f64,
    /// Each part.
    pub layers: Vec<AnyLayer>,
}

/// How the outputs of the parts become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// Their mean.
    Average,
    /// ln of the mean of their softmaxes: each part gives shares to the classes.
    Vote,
    /// A mean with weights that depend on the input and are learned.
    Gate,
    /// A dense layer behind all of them.
    Stack,
}

/// What the parts are trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartsOf {
    /// Everything, as one network.
    Joint,
    /// Each by itself on its own rows: row r is of part r mod K.
    Rows,
    /// Each by itself on its own inputs: a stretch of the features.
    Columns,
}

impl Combine {
    pub(crate) const NAMES: &[&str] = &["average", "vote", "gate", "stack"];
    const ALL: [Combine; 4] = [Combine::Average, Combine::Vote, Combine::Gate, Combine::Stack];
}

impl PartsOf {
    pub(crate) const NAMES: &[&str] = &["joint", "rows", "columns"];
    const ALL: [PartsOf; 3] = [PartsOf::Joint, PartsOf::Rows, PartsOf::Columns];
}

impl Setting for Combine {
    fn read(value: &Value) -> Option<Combine> {
        chosen(value, Combine::NAMES, &Combine::ALL)
    }

    fn write(&self) -> Value {
        Value::Word(Combine::NAMES[*self as usize].into())
    }
}

impl Setting for PartsOf {
    fn read(value: &Value) -> Option<PartsOf> {
        chosen(value, PartsOf::NAMES, &PartsOf::ALL)
    }

    fn write(&self) -> Value {
        Value::Word(PartsOf::NAMES[*self as usize].into())
    }
}

/// The item of `all` whose name in `names` the value is.
fn chosen<T: Copy>(value: &Value, names: &[&str], all: &[T]) -> Option<T> {
    let Value::Word(word) = value else { return None };
    names.iter().position(|name| name == word).and_then(|at| all.get(at)).copied()
}

impl Modular {
    /// Parts that are trained as one network and averaged.
    pub fn new(parts: usize, layers: Vec<AnyLayer>) -> Modular {
        Modular { parts, combine: Combine::Average, train: PartsOf::Joint, balance: 0.01, layers }
    }

    /// The features that part `k` of `width` sees.
    pub(crate) fn columns(&self, width: usize, k: usize) -> std::ops::Range<usize> {
        match self.train {
            PartsOf::Columns => width * k / self.parts..width * (k + 1) / self.parts,
            PartsOf::Joint | PartsOf::Rows => 0..width,
        }
    }

    fn combined<'t>(&self, net: &mut Net<'t>, x: Var<'t>, parts: &[Var<'t>]) -> Var<'t> {
        let share = 1.0 / parts.len() as f64;
        let sum = |all: Vec<Var<'t>>| all.into_iter().reduce(|a, b| a + b).unwrap_or(x);
        match self.combine {
            Combine::Average => sum(parts.to_vec()) * share,
            Combine::Vote => {
                // A share of 0 has no logarithm.
                let mean = sum(parts.iter().map(|part| part.softmax()).collect()) * share;
                mean.max(1e-30).log()
            }
            Combine::Gate => self.gated(net, x, parts),
            Combine::Stack => {
                let Some((first, rest)) = parts.split_first() else { return x };
                let Some(&width) = first.shape().last() else { return x };
                let all = first.concat(rest, first.shape().rank().saturating_sub(1));
                net.layer("combine", &Dense::new(width).into(), Follower::Linear, all)
            }
        }
    }

    fn gated<'t>(&self, net: &mut Net<'t>, x: Var<'t>, parts: &[Var<'t>]) -> Var<'t> {
        let Some(features) = net.features(x) else { return x };
        let count = self.parts;
        // All parts alike at first.
        let weight =
            net.parameter("gate", &[features, count], Draw::Constant(0.0), Layout::Transposed);
        let gate = x.matmul(weight).softmax();
        let last = x.shape().rank().saturating_sub(1);
        if net.training() && self.balance > 0.0 {
            let axes: Vec<usize> = (0..last).collect();
            let used = gate.mean_keeping(&axes);
            net.add_penalty(used.square().sum() * (self.balance * count as f64));
        }
        let weighted =
            parts.iter().enumerate().map(|(k, part)| *part * gate.narrow(last, k, k + 1));
        weighted.reduce(|a, b| a + b).unwrap_or(x)
    }
}

impl Options for Modular {
    const HELP: Help = Help {
        name: "modular",
        aliases: &["ensemble", "experts"],
        summary: "Networks side by side that know nothing of each other, combined to one output.",
        example: "modular 4 vote(dense 64, relu)",
        arguments: &[
            ArgumentHelp {
                name: "parts",
                summary: "Number of networks.",
                kind: Kind::Integer(1),
                default: None,
                positional: true,
            },
            ArgumentHelp {
                name: "combine",
                summary: "How their outputs become one: their mean, a vote, a learned gate (mixture of \
                          experts), or a dense layer behind all.",
                kind: Kind::Choice(Combine::NAMES),
                default: Some("average"),
                positional: true,
            },
            ArgumentHelp {
                name: "train",
                summary: "Whether the parts are trained as one network, or each by itself on its own \
                          rows or columns.",
                kind: Kind::Choice(PartsOf::NAMES),
                default: Some("joint"),
                positional: false,
            },
            ArgumentHelp {
                name: "balance",
                summary: "How much an uneven use of the parts by the gate counts in the loss.",
                kind: Kind::Number(Range::NON_NEGATIVE),
                default: Some("0.01"),
                positional: false,
            },
        ],
        contains_layers: true,
    };

    fn from_spec(spec: &Spec) -> Result<Self, String> {
        options::check(&Self::HELP, spec)?;
        let modular = Modular {
            parts: options::read(&Self::HELP, spec, "parts")?,
            combine: options::read(&Self::HELP, spec, "combine")?,
            train: options::read(&Self::HELP, spec, "train")?,
            balance: options::read(&Self::HELP, spec, "balance")?,
            layers: inner_layers(&Self::HELP, spec)?,
        };
        let learned = matches!(modular.combine, Combine::Gate | Combine::Stack);
        if modular.train != PartsOf::Joint && learned {
            let combine = Combine::NAMES[modular.combine as usize];
            return Err(format!(
                "`modular`: combine={combine} is learned with the parts, so it needs train=joint; use \
                 combine=average or combine=vote"
            ));
        }
        Ok(modular)
    }

    fn to_spec(&self) -> Spec {
        let spec = Spec { layers: specs(&self.layers), ..Spec::new(Self::HELP.name) };
        let spec = options::write(&Self::HELP, spec, "parts", self.parts.write());
        let spec = options::write(&Self::HELP, spec, "combine", self.combine.write());
        let spec = options::write(&Self::HELP, spec, "train", self.train.write());
        options::write(&Self::HELP, spec, "balance", self.balance.write()).in_order(&Self::HELP)
    }
}

impl Layer for Modular {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let shape = x.shape();
        let last = shape.rank().saturating_sub(1);
        let width = shape.last().copied().unwrap_or(0);
        if self.train == PartsOf::Columns && width < self.parts && x.value().is_some() {
            return net.trace().fail(Said::new(|l| say::layer_few_features(l, width, self.parts)));
        }
        let follower = match self.combine {
            Combine::Vote => Follower::Linear,
            _ => net.follower(),
        };
        let part = AnyLayer::from(Sequential { layers: self.layers.clone() });
        let build = |k: usize| {
            let columns = self.columns(width, k);
            let own =
                if columns.len() == width { x } else { x.narrow(last, columns.start, columns.end) };
            net.layer(&format!("parts.{k}"), &part, follower, own)
        };
        let parts: Vec<Var<'t>> = (0..self.parts).map(build).collect();
        self.combined(net, x, &parts)
    }

    fn follower(&self) -> Follower {
        match self.layers.first() {
            Some(first) => first.follower(),
            None => Follower::Next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Initializer;
    use crate::layers::tests::{outputs, outputs_with};
    use crate::losses::Mse;
    use crate::model::{Batch, Model, StepOptions};
    use crate::optimizers::Sgd;
    use crate::testing::Training;

    fn linear(combine: Combine, train: PartsOf) -> AnyLayer {
        let inside = Dense { out_features: 2, bias: false, init: Initializer::Auto };
        Modular { combine, train, ..Modular::new(2, vec![inside.into()]) }.into()
    }

    /// Files have weights as [out, in]; the graph, as here, as [in, out].
    const FIRST: (&str, &[f64]) = ("parts.0.layers.0.weight", &[1.0, 0.0, 0.0, 1.0]);
    const SECOND: (&str, &[f64]) = ("parts.1.layers.0.weight", &[3.0, 0.0, 0.0, -1.0]);

    #[test]
    fn outputs_are_combined() {
        let x = [2.0, 4.0];
        let run = |combine, more: &[(&str, &[f64])]| {
            let given = [&[FIRST, SECOND], more].concat();
            outputs_with(linear(combine, PartsOf::Joint), &[1, 2], &x, &given)
        };
        // The parts give (2, 4) and (6, −4).
        assert_eq!(run(Combine::Average, &[]), [4.0, 0.0]);
        let soft = |a: f64, b: f64| 1.0 / (1.0 + (b - a).exp());
        let mean = (soft(2.0, 4.0) + soft(6.0, -4.0)) / 2.0;
        let got = run(Combine::Vote, &[]);
        assert!((got[0] - mean.ln()).abs() < 1e-12 && (got[1] - (1.0 - mean).ln()).abs() < 1e-9);
        // gate[in, part]: scores 2·1 and 4·½ are equal, so are the shares.
        let got = run(Combine::Gate, &[("gate", &[1.0, 0.0, 0.0, 0.5])]);
        assert!((got[0] - 4.0).abs() < 1e-12 && got[1].abs() < 1e-12, "{got:?}");
        let got = run(Combine::Gate, &[("gate", &[50.0, 0.0, 0.0, 0.0])]);
        assert!((got[0] - 2.0).abs() < 1e-9 && (got[1] - 4.0).abs() < 1e-9, "{got:?}");
        let pick = [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0];
        let got = run(Combine::Stack, &[("combine.weight", &pick), ("combine.bias", &[0.0, 1.0])]);
        assert_eq!(got, [6.0, -7.0]);
    }

    #[test]
    fn columns_are_dealt_out() {
        let inside = Dense { out_features: 1, bias: false, init: Initializer::Auto };
        let modular = Modular { train: PartsOf::Columns, ..Modular::new(2, vec![inside.into()]) };
        assert_eq!([modular.columns(5, 0), modular.columns(5, 1)], [0..2, 2..5]);
        let given: [(&str, &[f64]); 2] = [
            ("parts.0.layers.0.weight", &[1.0, 10.0]),
            ("parts.1.layers.0.weight", &[100.0, 1000.0, 10000.0]),
        ];
        let y = outputs_with(modular.into(), &[1, 5], &[1.0, 2.0, 3.0, 4.0, 5.0], &given);
        assert_eq!(y, [(21.0 + 54300.0) / 2.0]);
        let few = linear(Combine::Average, PartsOf::Columns);
        let error = Model { layers: vec![few] }.parameters(&Batch::of_rows(3, 1));
        assert_eq!(
            error.expect_err("too few").to_string(),
            "layers.0 modular: the input has 1 features, expected at least one for each of 2 parts; use \
             fewer parts, or train=rows"
        );
    }

    #[test]
    fn parts_start_differently() {
        let layers = vec![linear(Combine::Average, PartsOf::Joint)];
        let parameters = Model { layers }.parameters(&Batch::of_rows(3, 4)).expect("fits");
        let draw = |i: usize| {
            let mut values = vec![0.0_f64; 8];
            parameters[i].fill(1, &mut values);
            values
        };
        assert_eq!(parameters[1].name, "layers.0.parts.1.layers.0.weight");
        assert_ne!(draw(0), draw(1));
    }

    #[test]
    fn the_gate_learns_and_is_kept_balanced() {
        let step = |balance: f64| {
            let AnyLayer::Modular(modular) = linear(Combine::Gate, PartsOf::Joint) else {
                unreachable!("it is one")
            };
            let model = Model { layers: vec![Modular { balance, ..modular }.into()] };
            let options = StepOptions::new(Mse, Sgd::default());
            let batch = Batch { size: 3, features: [2].into(), target: [2].into() };
            let step = model.train_graph(&batch, &options).expect("the sizes fit");
            let mut training = Training::new(&step, 1);
            training.give("features", &[3, 2], &[1.0, 0.5, 0.2, 1.0, 0.7, 0.7]);
            training.give("targets", &[3, 2], &[0.0; 6]);
            training.give("learning_rate", &[], &[1.0]);
            training.give("layers.0.gate", &[2, 2], &[1.0, -1.0, 1.0, -1.0]);
            let loss = training.step(&step)["loss"].data[0];
            (loss, training.state("layers.0.gate").data.clone())
        };
        let ((plain, without), (balanced, with)) = (step(0.0), step(5.0));
        assert_eq!(plain, balanced, "what is told is the loss of the task alone");
        // The first part is used more; balance moves its weights down.
        assert!(with[0] < without[0] && with[1] > without[1], "{with:?} {without:?}");
    }

    #[test]
    fn what_is_learned_together_cannot_be_trained_apart() {
        let spec = linear(Combine::Gate, PartsOf::Rows).to_spec();
        assert_eq!(
            AnyLayer::from_spec(&spec).expect_err("contradictory"),
            "`modular`: combine=gate is learned with the parts, so it needs train=joint; use \
             combine=average or combine=vote"
        );
        let one = Modular::new(1, vec![AnyLayer::from(crate::layers::Relu)]);
        assert_eq!(outputs(&[one.into()], &[1, 2], &[-1.0, 2.0]), [0.0, 2.0]);
    }
}
