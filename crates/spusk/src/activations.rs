//! The activation functions: their curves and slopes, and a race of them on one's own data.

mod account;
mod race;

use std::collections::BTreeMap;

use spusk_graph::{Array, GraphError, Trace, evaluate, grad};

use crate::init::Initializer;
use crate::layers::{
    AnyLayer, Elu, Gelu, LeakyRelu, Maxout, Relu, Sigmoid, Silu, Softmax, Softplus, Tanh, Threshold,
};
use crate::net::{Mode, Net};

pub(crate) use account::sections;
pub use account::{ActivationsPage, account, account_race, page};
pub use race::{Place, RaceError, RaceFound, RaceRequest, race};

/// An activation function.
#[derive(Debug, Clone)]
pub struct Activation {
    /// The layer that it is.
    pub layer: AnyLayer,
    /// As it is written.
    pub name: &'static str,
    /// Its formula.
    pub formula: &'static str,
}

/// All of them, from the threshold of 1943 on.
#[must_use]
pub fn all() -> Vec<Activation> {
    let of = |layer: AnyLayer, name, formula| Activation { layer, name, formula };
    vec![
        of(Threshold.into(), "threshold", "x > 0 ? 1 : 0"),
        of(Sigmoid.into(), "sigmoid", "1 / (1 + exp(−x))"),
        of(Tanh.into(), "tanh", "tanh x"),
        of(Softplus.into(), "softplus", "ln(1 + exp(x))"),
        of(Relu.into(), "relu", "max(0, x)"),
        of(LeakyRelu::default().into(), "leaky_relu", "max(0.1x, x)"),
        of(Elu::default().into(), "elu", "x > 0 ? x : exp(x) − 1"),
        of(Silu.into(), "silu", "x / (1 + exp(−x))"),
        of(Gelu::default().into(), "gelu", "x·Φ(x)"),
        of(maxout(1).into(), "maxout", "max(w₁x + b₁, w₂x + b₂)"),
        of(Softmax.into(), "softmax", "exp(x) / (exp(x) + 1)"),
    ]
}

/// A maxout layer of two pieces.
fn maxout(out_features: usize) -> Maxout {
    Maxout { out_features, pieces: 2, init: Initializer::Auto }
}

/// The weights of the maxout unit that is drawn: max(x, −x/2), a kink like that of leaky ReLU but of
/// weights that are learned.
const MAXOUT: [f64; 2] = [1.0, -0.5];

/// A function and its slope at some places.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// Where.
    pub x: Vec<f64>,
    /// The values.
    pub y: Vec<f64>,
    /// The slopes that training uses.
    pub slope: Vec<f64>,
}

impl Activation {
    /// Its values and the slopes that training uses, by the layer itself in double precision. Softmax is
    /// that of x beside 0; maxout is drawn for weights 1 and −½.
    ///
    /// # Errors
    /// None that a layer of [`all`] can have.
    pub fn sample(&self, places: &[f64]) -> Result<Sampled, GraphError> {
        let trace = Trace::new();
        let mut net = Net::new(&trace, Mode::Eval);
        let x = trace.input("x", &[places.len(), 1]);
        let pair = matches!(self.layer, AnyLayer::Softmax(_));
        let y = match pair {
            true => self.layer.build(&mut net, x.concat(&[x.zeros_like()], 1)).narrow(1, 0, 1),
            false => self.layer.build(&mut net, x),
        };
        let slope = grad(y.sum(), &[x])[0];
        let wanted = [trace.value(y)?, trace.value(slope)?];
        let mut given =
            BTreeMap::from([("x".to_string(), Array::new([places.len(), 1], places.to_vec()))]);
        for (parameter, _) in &net.parameters {
            let values = if parameter.shape.rank() == 2 { MAXOUT.to_vec() } else { vec![0.0; 2] };
            given.insert(parameter.name.clone(), Array::new(parameter.shape.clone(), values));
        }
        let found = evaluate(&trace.graph(), &given, &wanted)?;
        Ok(Sampled { x: places.to_vec(), y: found[0].data.clone(), slope: found[1].data.clone() })
    }

    /// A hidden layer of this width with the activation; `None` where it is none for hidden layers
    /// (softmax makes shares of a whole).
    #[must_use]
    pub fn hidden(&self, width: usize) -> Option<Vec<AnyLayer>> {
        match &self.layer {
            AnyLayer::Softmax(_) => None,
            AnyLayer::Maxout(_) => Some(vec![maxout(width).into()]),
            layer => Some(vec![crate::layers::Dense::new(width).into(), layer.clone()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_curves() {
        let (h, places) = (1e-6, [-2.3, -0.7, 0.4, 1.9]);
        for activation in all().into_iter().filter(|a| a.name != "threshold") {
            let at = |by: f64| {
                let moved: Vec<f64> = places.iter().map(|x| x + by).collect();
                activation.sample(&moved).expect("it is a function").y
            };
            let slopes = activation.sample(&places).expect("it is a function").slope;
            for ((high, low), slope) in at(h).iter().zip(at(-h)).zip(slopes) {
                let want = (high - low) / (2.0 * h);
                assert!((slope - want).abs() < 1e-6, "{}: {slope} {want}", activation.name);
            }
        }
    }

    #[test]
    fn every_activation_of_the_list_of_layers_is_there() {
        let names: Vec<&str> = all().iter().map(|a| a.layer.name()).collect();
        // What has no weights, keeps the shape, and is no straight line.
        for help in AnyLayer::HELP.iter().filter(|help| help.example == help.name) {
            let spec = crate::spec::Spec::new(help.name);
            let Ok(layer) = AnyLayer::from_spec(&spec) else { continue };
            let trace = Trace::new();
            let mut net = Net::new(&trace, Mode::Eval);
            let x = trace.input("x", &[3, 2]);
            let y = layer.build(&mut net, x);
            let plain = trace.check().is_ok() && net.parameters.is_empty();
            if plain && y.shape() == x.shape() && y.value() != x.value() {
                assert!(names.contains(&help.name), "{} is missing", help.name);
            }
        }
    }

    #[test]
    fn softmax_is_for_outputs() {
        let all = all();
        let without: Vec<&str> =
            all.iter().filter(|a| a.hidden(8).is_none()).map(|a| a.name).collect();
        assert_eq!(without, ["softmax"]);
    }
}
