use spusk_graph::{Array, Var};

use crate::Net;
use crate::init::{Draw, Follower};
use crate::layers::Layer;
use crate::net::Layout;
use crate::options::Setting;
use crate::spec::{Kind, Value};

/// What says where in its sequence an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// A trained row for every place.
    Learned,
    /// Sines and cosines of fixed wavelengths.
    Sinusoidal,
}

impl Encoding {
    /// The names.
    pub const NAMES: &'static [&'static str] = &["learned", "sinusoidal"];
}

impl Setting for Encoding {
    fn read(value: &Value) -> Option<Encoding> {
        match value {
            Value::Word(word) if word == "learned" => Some(Encoding::Learned),
            Value::Word(word) if word == "sinusoidal" => Some(Encoding::Sinusoidal),
            _ => None,
        }
    }
    fn write(&self) -> Value {
        Value::Word(Encoding::NAMES[*self as usize].into())
    }
}

options! {
    /// Adds to every element of a sequence what tells its place.
    ///
    /// `y[B, T, D] = x[B, T, D] + e[T, D]`. Learned: e is the parameter `weight[T, D]`, normal with
    /// standard deviation 0.02 at first. Sinusoidal: e[t, 2i] = sin(t / 10000^(2i/D)) and e[t, 2i + 1]
    /// the cosine of the same.
    ///
    /// Vaswani et al. 2017, "Attention is all you need", section 3.5.
    "positions", aliases [], example "positions sinusoidal";
    pub struct Positions options {
        /// What is added.
        encoding: Encoding = learned where Kind::Choice(Encoding::NAMES), positional;
    }
}

impl Layer for Positions {
    fn build<'t>(&self, net: &mut Net<'t>, x: Var<'t>) -> Var<'t> {
        let Some([_, length, features]) = super::attention::sequence(net, x) else { return x };
        let shape = [length, features];
        let encoding = match self.encoding {
            Encoding::Learned => {
                net.parameter("weight", &shape, Draw::Normal { deviation: 0.02 }, Layout::Same)
            }
            Encoding::Sinusoidal => net.trace().literal(Array::from_fn(shape, |index| {
                let (t, d) = (index[0] as f64, index[1]);
                let angle = t / 10000f64.powf((d - d % 2) as f64 / features as f64);
                if d % 2 == 0 { angle.sin() } else { angle.cos() }
            })),
        };
        x + encoding
    }

    fn follower(&self) -> Follower {
        Follower::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::tests::outputs;

    #[test]
    fn places_are_told_by_sines_and_cosines() {
        let positions = Positions { encoding: Encoding::Sinusoidal };
        let y = outputs(&[positions.into()], &[1, 2, 4], &[1.0; 8]);
        let (sin, cos) = (f64::sin, f64::cos);
        let want =
            [1.0, 2.0, 1.0, 2.0, 1.0 + sin(1.0), 1.0 + cos(1.0), 1.0 + sin(0.01), 1.0 + cos(0.01)];
        assert!(y.iter().zip(want).all(|(y, want)| (y - want).abs() < 1e-15), "{y:?}");
    }
}
