//! One neuron, step by step.

use std::collections::BTreeMap;
use std::fmt;

use spusk_graph::{Array, Trace, evaluate, grad};

use crate::layers::AnyLayer;
use crate::messages::{self as say, Language, Said};
use crate::net::{Mode, Net};

/// A function of its inputs: y = f(Σ wᵢ·xᵢ + b).
#[derive(Debug, Clone)]
pub struct Neuron {
    /// One weight for each input.
    pub weights: Vec<f64>,
    /// What is added to the sum; the negative of a threshold.
    pub bias: f64,
    /// f: an activation, such as [`crate::layers::Threshold`].
    pub activation: AnyLayer,
}

/// What a neuron does with its inputs. Its `Display` shows every step.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Input, weight and their product.
    pub products: Vec<Product>,
    /// The bias.
    pub bias: f64,
    /// Σ wᵢ·xᵢ + b.
    pub sum: f64,
    /// The activation's name.
    pub activation: String,
    /// f(sum).
    pub output: f64,
    /// f'(sum): how much the output changes with the sum.
    pub slope: f64,
    /// Whether a threshold neuron says yes; `None` for another activation.
    pub decision: Option<bool>,
}

/// One input on its way into the sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Product {
    /// x.
    pub input: f64,
    /// w.
    pub weight: f64,
    /// w·x.
    pub value: f64,
}

impl Neuron {
    /// What it makes of some inputs, or why it cannot.
    ///
    /// ```
    /// use spusk::layers::Threshold;
    /// use spusk::neuron::Neuron;
    ///
    /// // Waves: yes (weight 5). Sharks: no (2). Friends: yes (4). Go above 3?
    /// let neuron = Neuron { weights: vec![5.0, 2.0, 4.0], bias: -3.0, activation: Threshold.into() };
    /// let surfing = neuron.evaluate(&[1.0, 0.0, 1.0])?;
    /// assert_eq!((surfing.sum, surfing.decision), (6.0, Some(true)));
    /// # Ok::<(), spusk::messages::Said>(())
    /// ```
    pub fn evaluate(&self, inputs: &[f64]) -> Result<Evaluation, Said> {
        let (given, expected) = (inputs.len(), self.weights.len());
        if given != expected {
            return Err(Said::new(|l| say::neuron_counts(l, given, expected)));
        }
        let product = |(&input, &weight)| Product { input, weight, value: input * weight };
        let products: Vec<Product> = inputs.iter().zip(&self.weights).map(product).collect();
        let sum = products.iter().map(|product| product.value).sum::<f64>() + self.bias;
        if !sum.is_finite() {
            return Err(Said::new(say::neuron_overflow));
        }
        let (output, slope) = self.activate(sum)?;
        let threshold = matches!(self.activation, AnyLayer::Threshold(_));
        Ok(Evaluation {
            products,
            bias: self.bias,
            sum,
            activation: self.activation.name().into(),
            output,
            slope,
            decision: threshold.then_some(output > 0.0),
        })
    }

    /// The activation and its slope at a sum.
    fn activate(&self, sum: f64) -> Result<(f64, f64), Said> {
        let trace = Trace::new();
        let mut net = Net::new(&trace, Mode::Eval);
        let x = trace.input("x", &[1, 1]);
        let y = self.activation.build(&mut net, x);
        let name = self.activation.name();
        if !net.parameters.is_empty() || !net.buffers.is_empty() || y.shape() != x.shape() {
            return Err(Said::new(|l| say::neuron_no_activation(l, name)));
        }
        let slope = grad(y.sum(), &[x])[0];
        let value = |var| trace.value(var).map_err(|error| Said::from(error.to_string()));
        let wanted = [value(y)?, value(slope)?];
        let given = BTreeMap::from([("x".to_string(), Array::filled([1, 1], sum))]);
        let got = evaluate(&trace.graph(), &given, &wanted)
            .map_err(|error| Said::from(error.to_string()))?;
        Ok((got[0].data[0], got[1].data[0]))
    }
}

impl Evaluation {
    /// Every step, a line each.
    #[must_use]
    pub fn in_language(&self, l: Language) -> String {
        let term = |number: f64| l.digits(&Term(number).to_string());
        let mut lines = Vec::new();
        for (i, Product { input, weight, value }) in self.products.iter().enumerate() {
            let name = say::neuron_input(l, i + 1);
            lines.push(format!("{name}: {} · {} = {}", term(*input), term(*weight), term(*value)));
        }
        let terms: Vec<f64> = self.products.iter().map(|product| product.value).collect();
        let mut sum = String::new();
        for (i, &number) in [&terms[..], &[self.bias]].concat().iter().enumerate() {
            sum += &match (i, number.is_sign_negative() && number != 0.0) {
                (0, _) => term(number),
                (_, true) => format!(" − {}", term(-number)),
                (_, false) => format!(" + {}", term(number)),
            };
        }
        lines.push(format!("{}: {sum} = {}", say::neuron_sum(l), term(self.sum)));
        let decision = match self.decision {
            Some(true) => format!(": {}", say::neuron_go(l)),
            Some(false) => format!(": {}", say::neuron_stay(l)),
            None => String::new(),
        };
        let (name, sum, output) = (&self.activation, term(self.sum), term(self.output));
        lines.push(format!("{name}({sum}) = {output}{decision}"));
        lines.join("\n")
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

/// A number for people: a true minus sign, no more digits than six behind the point.
struct Term(f64);

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 1e6).round() / 1e6;
        // Very large and very small numbers are shown as they are.
        let shown = if self.0 != 0.0 && (rounded == 0.0 || !rounded.is_finite()) {
            self.0
        } else {
            rounded
        };
        let sign = if shown < 0.0 { "−" } else { "" };
        write!(f, "{sign}{}", shown.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Dense, Sigmoid, Threshold};

    fn neuron(activation: impl Into<AnyLayer>) -> Neuron {
        Neuron { weights: vec![5.0, 2.0, 4.0], bias: -3.0, activation: activation.into() }
    }

    #[test]
    fn every_step_is_shown() {
        let check = |neuron: Neuron, inputs: &[f64], want: &str| {
            let got = neuron.evaluate(inputs).expect("a neuron").to_string();
            assert_eq!(got, want);
        };
        check(
            neuron(Threshold),
            &[1.0, 0.0, 1.0],
            "input 1: 1 · 5 = 5\n\
             input 2: 0 · 2 = 0\n\
             input 3: 1 · 4 = 4\n\
             sum: 5 + 0 + 4 − 3 = 6\n\
             threshold(6) = 1: go",
        );
        check(
            neuron(Threshold),
            &[0.0, 1.0, 0.0],
            "input 1: 0 · 5 = 0\n\
             input 2: 1 · 2 = 2\n\
             input 3: 0 · 4 = 0\n\
             sum: 0 + 2 + 0 − 3 = −1\n\
             threshold(−1) = 0: stay",
        );
        check(
            Neuron { weights: vec![-0.5], bias: 0.25, activation: Sigmoid.into() },
            &[0.1],
            "input 1: 0.1 · −0.5 = −0.05\nsum: −0.05 + 0.25 = 0.2\nsigmoid(0.2) = 0.549834",
        );
    }

    #[test]
    fn slopes_are_those_of_the_activation() {
        let sigmoid = neuron(Sigmoid).evaluate(&[1.0, 0.0, 1.0]).expect("a neuron");
        assert!((sigmoid.slope - sigmoid.output * (1.0 - sigmoid.output)).abs() < 1e-15);
    }

    #[test]
    fn what_is_no_neuron_is_refused() {
        let error = |neuron: Neuron, inputs: &[f64]| neuron.evaluate(inputs).expect_err("broken");
        assert_eq!(
            error(neuron(Threshold), &[1.0]),
            "1 inputs for 3 weights; give one weight for each input"
        );
        assert_eq!(
            error(neuron(Dense::new(1)), &[1.0, 2.0, 3.0]),
            "`dense` is no activation; take one such as threshold or sigmoid"
        );
    }
}
