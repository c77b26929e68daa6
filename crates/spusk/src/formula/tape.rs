//! Expressions ready to be evaluated often: every part once, in order.

use std::collections::HashMap;

use super::expr::{Constant, Expr, Node};
use super::function::Function;
use super::print::to_f64;

/// Some expressions as a list of operations in f64.
#[derive(Debug, Clone)]
pub(crate) struct Tape {
    operations: Vec<Operation>,
    outputs: Vec<usize>,
}

#[derive(Debug, Clone)]
enum Operation {
    Number(f64),
    Variable(usize),
    Sum(Vec<usize>),
    Product(Vec<usize>),
    WholePower(usize, i32),
    Sqrt(usize),
    Exp(usize),
    Power(usize, usize),
    Call(Function, usize),
}

impl Tape {
    /// `variables` are the names in the order of the values.
    pub(crate) fn new(expressions: &[Expr], variables: &[std::sync::Arc<str>]) -> Tape {
        let mut writer = Writer { operations: Vec::new(), known: HashMap::new(), variables };
        let outputs = expressions.iter().map(|e| writer.place(e)).collect();
        Tape { operations: writer.operations, outputs }
    }

    /// The values of all expressions, `NaN` where one is not defined.
    pub(crate) fn evaluate(&self, at: &[f64]) -> Vec<f64> {
        let mut values: Vec<f64> = Vec::with_capacity(self.operations.len());
        for operation in &self.operations {
            let value = match operation {
                Operation::Number(number) => *number,
                Operation::Variable(index) => at[*index],
                Operation::Sum(parts) => parts.iter().map(|&p| values[p]).sum(),
                Operation::Product(parts) => parts.iter().map(|&p| values[p]).product(),
                Operation::WholePower(base, n) => values[*base].powi(*n),
                Operation::Sqrt(inner) => values[*inner].sqrt(),
                Operation::Exp(inner) => values[*inner].exp(),
                Operation::Power(base, exponent) => values[*base].powf(values[*exponent]),
                Operation::Call(function, inner) => function.value(values[*inner]),
            };
            values.push(value);
        }
        self.outputs.iter().map(|&place| values[place]).collect()
    }
}

struct Writer<'a> {
    operations: Vec<Operation>,
    known: HashMap<Expr, usize>,
    variables: &'a [std::sync::Arc<str>],
}

impl Writer<'_> {
    fn place(&mut self, e: &Expr) -> usize {
        if let Some(&known) = self.known.get(e) {
            return known;
        }
        let operation = match e.node() {
            Node::Number(number) => Operation::Number(to_f64(number)),
            Node::Constant(Constant::E) => Operation::Number(std::f64::consts::E),
            Node::Constant(Constant::Pi) => Operation::Number(std::f64::consts::PI),
            Node::Variable(name) => Operation::Variable(
                self.variables.iter().position(|v| v == name).expect("every variable is listed"),
            ),
            Node::Sum(terms) => Operation::Sum(terms.iter().map(|t| self.place(t)).collect()),
            Node::Product(all) => Operation::Product(all.iter().map(|f| self.place(f)).collect()),
            Node::Call(function, inner) => Operation::Call(*function, self.place(inner)),
            Node::Power(base, exponent) => self.power(base, exponent),
        };
        self.operations.push(operation);
        self.known.insert(e.clone(), self.operations.len() - 1);
        self.operations.len() - 1
    }

    fn power(&mut self, base: &Expr, exponent: &Expr) -> Operation {
        if base.is_e() {
            return Operation::Exp(self.place(exponent));
        }
        if let Some(n) = exponent.as_integer().and_then(|n| i32::try_from(n).ok()) {
            return Operation::WholePower(self.place(base), n);
        }
        let half = exponent.as_number().is_some_and(|n| to_f64(n) == 0.5);
        if half {
            return Operation::Sqrt(self.place(base));
        }
        Operation::Power(self.place(base), self.place(exponent))
    }
}
