//! `spusk neuron`: one neuron, step by step.

use clap::Args;
use serde_json::json;
use spusk::experiment::{Experiment, Layers, Override};
use spusk::layers::AnyLayer;
use spusk::messages as say;
use spusk::session::vocabulary;

use super::{Format, Outcome};
use crate::terminal::{Failure, language, line, wrong_words};

/// Show what one neuron makes of its inputs, step by step.
///
/// The sum of inputs times weights, plus the bias, goes through the activation. With the activation
/// `threshold` the neuron decides: go if the sum is above 0.
#[derive(Args)]
#[command(after_help = "Example: shall we go surfing? Waves are good (1), the line-up is crowded \
                        (0), no sharks (1):\n  spusk neuron --inputs 1,0,1 --weights 5,2,4 --bias -3")]
pub(crate) struct Neuron {
    /// The inputs, with commas between.
    #[arg(
        long,
        value_name = "X,…",
        value_delimiter = ',',
        required = true,
        allow_hyphen_values = true
    )]
    inputs: Vec<f64>,
    /// A weight for each input: how much it counts.
    #[arg(
        long,
        value_name = "W,…",
        value_delimiter = ',',
        required = true,
        allow_hyphen_values = true
    )]
    weights: Vec<f64>,
    /// What is added to the sum; the negative of the threshold.
    #[arg(long, value_name = "B", default_value_t = 0.0, allow_hyphen_values = true)]
    bias: f64,
    /// What the sum goes through, such as threshold, sigmoid, tanh, relu, "leaky_relu 0.2".
    #[arg(long, value_name = "NAME", default_value = "threshold")]
    activation: String,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Neuron {
    pub(crate) fn run(self) -> Outcome {
        let numbers = self.inputs.iter().chain(&self.weights).chain([&self.bias]);
        if let Some(number) = numbers.into_iter().find(|number| !number.is_finite()) {
            return Err(Failure::wrong(|l| say::neuron_not_finite(l, number)));
        }
        let activation = activation(&self.activation)?;
        let neuron = spusk::neuron::Neuron { weights: self.weights, bias: self.bias, activation };
        let found = neuron.evaluate(&self.inputs).map_err(Failure::wrong)?;
        match self.format {
            Format::Human => line(found.in_language(language()))?,
            Format::Json => line(json!({
                "products": found.products.iter().map(|product| product.value).collect::<Vec<_>>(),
                "bias": found.bias,
                "sum": found.sum,
                "activation": found.activation,
                "output": found.output,
                "slope": found.slope,
                "decision": found.decision,
            }))?,
        }
        Ok(0)
    }
}

/// The layer that a short form names.
fn activation(text: &str) -> Result<AnyLayer, Failure> {
    let given = [Override::flag("--activation", "model.layers", text)];
    let parsed = Experiment::parse("", "", &given, vocabulary()).map_err(wrong_words)?;
    match parsed.model.layers {
        Layers::These(layers) if layers.len() == 1 => {
            AnyLayer::from_spec(&layers[0]).map_err(Failure::usage)
        }
        _ => Err(Failure::wrong(|l| say::neuron_one_activation(l, text))),
    }
}
