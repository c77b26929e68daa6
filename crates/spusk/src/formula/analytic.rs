//! Why the school method (derivative = 0, solve) is no way to train a network: its cost, counted.

use super::Part;
use crate::messages::{self as say, Language};

/// What it would take to solve "gradient = 0" for a network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnalyticCost {
    /// Unknowns, and as many equations: every weight and bias has its derivative.
    pub unknowns: u64,
    /// Layers with weights.
    pub layers: u64,
    /// Degree of the equations if no layer had an activation and the loss were squared error: 2L − 1,
    /// since the output is then a polynomial of degree L in the weights.
    pub degree: u64,
    /// log₁₀ of Bézout's bound degreeᴺ on the number of solutions that would have to be compared.
    pub solutions_log10: f64,
    /// Bytes of the N × N matrix of second derivatives in f64.
    pub hessian_bytes: f64,
    /// Floating-point operations of one step of Newton's method: ⅔·N³ for the elimination alone.
    pub newton_flops: f64,
}

/// Counts for a network with so many trained numbers in so many layers.
///
/// ```
/// let cost = spusk::formula::analytic_cost(101_770, 2);
/// assert_eq!((cost.degree, cost.solutions_log10 as u64), (3, 48_556));
/// assert_eq!(cost.hessian_bytes, 8.0 * 101_770.0 * 101_770.0);
/// ```
#[must_use]
pub fn analytic_cost(parameters: u64, layers: u64) -> AnalyticCost {
    let n = parameters as f64;
    let degree = (2 * layers).saturating_sub(1);
    AnalyticCost {
        unknowns: parameters,
        layers,
        degree,
        solutions_log10: n * (degree.max(1) as f64).log10(),
        hessian_bytes: 8.0 * n * n,
        newton_flops: 2.0 / 3.0 * n * n * n,
    }
}

/// Operations a second that the comparison of costs assumes; it is said with the numbers.
const SPEED: f64 = 5e10;

/// The cost in words, beside that of a step of gradient descent on a batch of `examples`, `step` operations.
#[must_use]
pub fn account_analytic(cost: &AnalyticCost, examples: u64, step: u64, l: Language) -> Part {
    let mut part = Part { heading: say::analytic_heading(l), ..Part::default() };
    let unknowns = l.count(cost.unknowns);
    part.sentences.push(say::analytic_unknowns(l, &unknowns));
    part.sentences.push(match cost.degree > 1 {
        true => {
            let digits = cost.solutions_log10.min(2e9) as i32;
            say::analytic_solutions(
                l,
                cost.degree,
                &unknowns,
                crate::plot::number::power_of_ten(digits),
            )
        }
        false => say::analytic_linear(l),
    });
    let memory = l.bytes(cost.hessian_bytes as u64);
    let flops = l.significant(cost.newton_flops, 3);
    let time = l.seconds(cost.newton_flops / SPEED);
    part.sentences.push(say::analytic_newton(l, &unknowns, memory, flops, time));
    let times = l.significant(cost.newton_flops / (step as f64).max(1.0), 3);
    part.sentences.push(say::analytic_descent(l, l.count(examples), l.count(step), times));
    part
}
