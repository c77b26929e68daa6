use super::Network;
use crate::layers::{AnyLayer, Dense, Dropout};
use crate::options::Setting;
use crate::spec::{Kind, Range, Spec, Value};

options! {
    /// Dense layers, each with an activation behind it: the feed-forward network.
    ///
    /// Rosenblatt 1958, "The perceptron"; Rumelhart, Hinton & Williams 1986, "Learning representations by
    /// back-propagating errors". Widths are written `mlp:256,128` or `mlp widths=[256, 128]`.
    "mlp", aliases ["feed_forward", "perceptron", "dnn"], example "mlp:256,128";
    pub struct Mlp options {
        /// Neurons of each layer.
        widths: Vec<f64> = [256, 128] where Kind::Numbers(Range::POSITIVE), positional;
        /// What stands behind each dense layer.
        activation: Activation = relu where Kind::Choice(Activation::NAMES);
        /// Share of the neurons that is dropped, in training.
        dropout: f64 = 0 where Kind::Number(Range::FRACTION);
    }
}

/// An activation by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activation(&'static str);

impl Activation {
    const NAMES: &[&str] = &[
        "relu",
        "leaky_relu",
        "elu",
        "gelu",
        "silu",
        "softplus",
        "tanh",
        "sigmoid",
        "threshold",
        "identity",
    ];
}

impl Setting for Activation {
    fn read(value: &Value) -> Option<Activation> {
        let Value::Word(word) = value else { return None };
        Activation::NAMES.iter().find(|&name| name == word).map(|name| Activation(name))
    }

    fn write(&self) -> Value {
        Value::Word(self.0.into())
    }
}

impl Network for Mlp {
    fn layers(&self) -> Result<Vec<AnyLayer>, String> {
        let mut layers = Vec::new();
        for &width in &self.widths {
            let whole = usize::read(&Value::Number(width)).filter(|&width| width > 0);
            let width = whole.ok_or_else(|| {
                format!("a width must be a whole number of at least 1, got `{width}`")
            })?;
            layers.push(Dense::new(width).into());
            layers.push(AnyLayer::from_spec(&Spec::new(self.activation.0))?);
            if self.dropout > 0.0 {
                layers.push(Dropout { dropout_rate: self.dropout }.into());
            }
        }
        Ok(layers)
    }
}
