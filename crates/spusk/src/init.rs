//! Initial weights: seeded, and the same for a parameter whatever stands beside it.
//!
//! Every element is a pure function of the seed, the parameter's name and the element's index.

mod orthogonal;
mod random;

use spusk_graph::{Element, Shape};

use crate::options::Setting;
use crate::spec::Value;

pub use random::Numbers;

/// How a layer's weights are drawn, as an experiment names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Initializer {
    /// By what follows the layer: [`Initializer::KaimingUniform`] before a rectifier (ReLU and its
    /// kin), [`Initializer::XavierUniform`] before a saturating activation (tanh, sigmoid),
    /// [`Initializer::LecunUniform`] before none.
    #[default]
    Auto,
    /// 0.
    Zeros,
    /// 1.
    Ones,
    /// Uniform within ±1/√fan_in, the biases too, as PyTorch initializes its linear layers.
    FanInUniform,
    /// Uniform with variance 2 / ((1 + slope²) · fan_in), slope that of the rectifier that follows.
    ///
    /// He, Zhang, Ren & Sun 2015, "Delving deep into rectifiers".
    KaimingUniform,
    /// Normal with the same variance.
    KaimingNormal,
    /// Uniform with variance 2 / (fan_in + fan_out).
    ///
    /// Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward networks".
    XavierUniform,
    /// Normal with the same variance.
    XavierNormal,
    /// Uniform with variance 1 / fan_in.
    ///
    /// LeCun, Bottou, Orr & Müller 1998, "Efficient BackProp", 4.6.
    LecunUniform,
    /// Normal with the same variance. Not truncated, which Keras's is.
    LecunNormal,
    /// A random matrix with orthonormal rows or columns, times √2 before a rectifier.
    ///
    /// Saxe, McClelland & Ganguli 2014, "Exact solutions to the nonlinear dynamics of learning in
    /// deep linear neural networks".
    Orthogonal,
    /// Uniform within ±½ whatever the layer, the biases too.
    ///
    /// Choromanska, Henaff, Mathieu, Ben Arous & LeCun 2015, "The loss surfaces of multilayer networks",
    /// who draw "uniformly within the unit cube"; that it is centered at 0 is our reading.
    Cube,
}

/// What follows a layer. It decides how wide the layer's initial weights spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Follower {
    /// Passes one side and damps the other to this slope: ReLU and its kin.
    Rectifier {
        /// Slope of the damped side.
        slope: f64,
    },
    /// Flattens on both sides: tanh, sigmoid.
    Saturating,
    /// Passes its input on: another layer of weights, the end.
    Linear,
    /// Look at what follows this: dropout, normalization, a change of shape.
    Next,
}

/// Number of inputs that each output sees, and of outputs that each input reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fan {
    /// Inputs.
    pub inputs: usize,
    /// Outputs.
    pub outputs: usize,
}

/// A distribution of initial values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Draw {
    /// One number everywhere.
    Constant(f64),
    /// Uniform within ±`limit`.
    Uniform {
        /// The largest magnitude.
        limit: f64,
    },
    /// Normal with mean 0.
    Normal {
        /// Standard deviation.
        deviation: f64,
    },
    /// A matrix (leading axes taken together) with orthonormal rows or columns, whichever are
    /// fewer, times `gain`.
    Orthogonal {
        /// Scale.
        gain: f64,
    },
}

impl Initializer {
    /// Every initializer with its name.
    const TABLE: [(Initializer, &'static str); 12] = [
        (Initializer::Auto, "auto"),
        (Initializer::Zeros, "zeros"),
        (Initializer::Ones, "ones"),
        (Initializer::FanInUniform, "fan_in_uniform"),
        (Initializer::KaimingUniform, "kaiming_uniform"),
        (Initializer::KaimingNormal, "kaiming_normal"),
        (Initializer::XavierUniform, "xavier_uniform"),
        (Initializer::XavierNormal, "xavier_normal"),
        (Initializer::LecunUniform, "lecun_uniform"),
        (Initializer::LecunNormal, "lecun_normal"),
        (Initializer::Orthogonal, "orthogonal"),
        (Initializer::Cube, "cube"),
    ];

    /// The names.
    pub const NAMES: &'static [&'static str] = &{
        let mut names = [""; Initializer::TABLE.len()];
        let mut i = 0;
        while i < names.len() {
            names[i] = Initializer::TABLE[i].1;
            i += 1;
        }
        names
    };

    /// Its name in an experiment.
    pub fn name(self) -> &'static str {
        Initializer::TABLE[self as usize].1
    }

    /// The distribution of a layer's weights.
    pub fn weights(self, fan: Fan, follower: Follower) -> Draw {
        let (inputs, outputs) = (fan.inputs.max(1) as f64, fan.outputs.max(1) as f64);
        let rectified = match follower {
            Follower::Rectifier { slope } => 2.0 / (1.0 + slope * slope),
            Follower::Saturating | Follower::Linear | Follower::Next => 2.0,
        };
        let uniform = |variance: f64| Draw::Uniform { limit: (3.0 * variance).sqrt() };
        let normal = |variance: f64| Draw::Normal { deviation: variance.sqrt() };
        match self {
            Initializer::Auto => match follower {
                Follower::Rectifier { .. } => Initializer::KaimingUniform.weights(fan, follower),
                Follower::Saturating => Initializer::XavierUniform.weights(fan, follower),
                Follower::Linear | Follower::Next => {
                    Initializer::LecunUniform.weights(fan, follower)
                }
            },
            Initializer::Zeros => Draw::Constant(0.0),
            Initializer::Ones => Draw::Constant(1.0),
            Initializer::FanInUniform => Draw::Uniform { limit: 1.0 / inputs.sqrt() },
            Initializer::KaimingUniform => uniform(rectified / inputs),
            Initializer::KaimingNormal => normal(rectified / inputs),
            Initializer::XavierUniform => uniform(2.0 / (inputs + outputs)),
            Initializer::XavierNormal => normal(2.0 / (inputs + outputs)),
            Initializer::LecunUniform => uniform(1.0 / inputs),
            Initializer::LecunNormal => normal(1.0 / inputs),
            Initializer::Cube => Draw::Uniform { limit: 0.5 },
            Initializer::Orthogonal => Draw::Orthogonal {
                gain: match follower {
                    Follower::Rectifier { .. } => rectified.sqrt(),
                    Follower::Saturating | Follower::Linear | Follower::Next => 1.0,
                },
            },
        }
    }

    /// The distribution of a layer's biases: 0, but for [`Initializer::FanInUniform`] and
    /// [`Initializer::Cube`].
    pub fn biases(self, fan: Fan) -> Draw {
        match self {
            Initializer::FanInUniform | Initializer::Cube => self.weights(fan, Follower::Linear),
            _ => Draw::Constant(0.0),
        }
    }
}

impl Setting for Initializer {
    fn read(value: &Value) -> Option<Initializer> {
        let Value::Word(word) = value else { return None };
        let found = Initializer::TABLE.iter().find(|(_, name)| name == word);
        found.map(|(initializer, _)| *initializer)
    }
    fn write(&self) -> Value {
        Value::Word(self.name().into())
    }
}

impl Draw {
    /// Fills a parameter with its initial values.
    ///
    /// # Panics
    /// If `values` has not the shape's size.
    pub fn fill<T: Element>(self, seed: u64, name: &str, shape: &Shape, values: &mut [T]) {
        assert_eq!(values.len(), shape.size(), "a parameter has its shape's size");
        let numbers = Numbers::new(seed, name);
        match self {
            Draw::Constant(value) => values.fill(T::from_f64(value)),
            Draw::Uniform { limit } => {
                for (i, value) in values.iter_mut().enumerate() {
                    *value = T::from_f64(limit * (2.0 * numbers.uniform(i as u64) - 1.0));
                }
            }
            Draw::Normal { deviation } => {
                for (i, value) in values.iter_mut().enumerate() {
                    *value = T::from_f64(deviation * numbers.normal(i as u64));
                }
            }
            Draw::Orthogonal { gain } => {
                let columns = shape.last().copied().unwrap_or(1).max(1);
                let matrix = orthogonal::orthogonal(values.len() / columns, columns, &numbers);
                for (value, element) in values.iter_mut().zip(matrix) {
                    *value = T::from_f64(gain * element);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(draw: Draw, seed: u64, name: &str, shape: &[usize]) -> Vec<f64> {
        let shape = Shape::from(shape);
        let mut values = vec![0.0; shape.size()];
        draw.fill(seed, name, &shape, &mut values);
        values
    }

    fn variance(values: &[f64]) -> f64 {
        values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64
    }

    #[test]
    fn names_are_in_the_enum_s_order() {
        for (i, (initializer, name)) in Initializer::TABLE.into_iter().enumerate() {
            assert_eq!(initializer as usize, i);
            assert_eq!(Initializer::read(&Value::Word(name.into())), Some(initializer));
        }
    }

    #[test]
    fn variances_are_those_of_the_papers() {
        let fan = Fan { inputs: 300, outputs: 200 };
        let check = |initializer: Initializer, follower, want: f64| {
            let got = variance(&values(initializer.weights(fan, follower), 1, "w", &[300, 200]));
            // 60,000 draws: the standard error of a variance is below 0.6 %.
            assert!((got / want - 1.0).abs() < 0.03, "{initializer:?}: {got}, expected {want}");
        };
        let relu = Follower::Rectifier { slope: 0.0 };
        check(Initializer::FanInUniform, Follower::Linear, 1.0 / 900.0);
        check(Initializer::KaimingUniform, relu, 2.0 / 300.0);
        check(Initializer::KaimingNormal, relu, 2.0 / 300.0);
        check(Initializer::KaimingUniform, Follower::Rectifier { slope: 0.5 }, 1.6 / 300.0);
        check(Initializer::XavierUniform, Follower::Saturating, 2.0 / 500.0);
        check(Initializer::XavierNormal, Follower::Saturating, 2.0 / 500.0);
        check(Initializer::LecunUniform, Follower::Linear, 1.0 / 300.0);
        check(Initializer::LecunNormal, Follower::Linear, 1.0 / 300.0);
        check(Initializer::Auto, relu, 2.0 / 300.0);
        check(Initializer::Auto, Follower::Saturating, 2.0 / 500.0);
        check(Initializer::Auto, Follower::Linear, 1.0 / 300.0);
        // 200 orthonormal columns of 300: each element has variance 1/300.
        check(Initializer::Orthogonal, Follower::Linear, 1.0 / 300.0);
        check(Initializer::Orthogonal, relu, 2.0 / 300.0);
    }

    #[test]
    fn values_depend_on_seed_and_name_alone() {
        let draw = Draw::Uniform { limit: 1.0 };
        let a = values(draw, 1, "layers.0.weight", &[4, 5]);
        assert_eq!(a, values(draw, 1, "layers.0.weight", &[4, 5]));
        assert_eq!(a[..10], values(draw, 1, "layers.0.weight", &[10]));
        assert_ne!(a, values(draw, 2, "layers.0.weight", &[4, 5]));
        assert_ne!(a, values(draw, 1, "layers.1.weight", &[4, 5]));
        let single: Vec<f32> = {
            let mut values = vec![0.0; 20];
            draw.fill(1, "layers.0.weight", &[4, 5].into(), &mut values);
            values
        };
        assert!(single.iter().zip(&a).all(|(&s, &d)| s == d as f32));
    }
}
