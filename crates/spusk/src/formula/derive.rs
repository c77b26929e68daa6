//! Derivatives by the rules of school.

use std::collections::HashMap;

use super::expr::{Expr, Node, call, integer, power, product, sum};
use super::function::Function;

/// ∂e/∂variable, not yet simplified.
pub(crate) fn derivative(e: &Expr, variable: &str) -> Expr {
    Derivation { variable, known: HashMap::new() }.of(e)
}

struct Derivation<'a> {
    variable: &'a str,
    /// Of every part once, however often it is shared.
    known: HashMap<usize, Expr>,
}

impl Derivation<'_> {
    fn of(&mut self, e: &Expr) -> Expr {
        if let Some(known) = self.known.get(&e.address()) {
            return known.clone();
        }
        let found = match e.node() {
            Node::Number(_) | Node::Constant(_) => integer(0),
            Node::Variable(name) => integer(i64::from(**name == *self.variable)),
            Node::Sum(terms) => sum(terms.iter().map(|term| self.of(term)).collect()),
            Node::Product(factors) => self.of_product(factors),
            Node::Power(base, exponent) => self.of_power(e, base, exponent),
            Node::Call(function, inner) => {
                let inside = self.of(inner);
                if inside.is_zero() { inside } else { product(vec![function.slope(inner), inside]) }
            }
        };
        self.known.insert(e.address(), found.clone());
        found
    }

    /// (abc)′ = a′bc + ab′c + abc′.
    fn of_product(&mut self, factors: &[Expr]) -> Expr {
        let mut terms = Vec::new();
        for (i, factor) in factors.iter().enumerate() {
            let inner = self.of(factor);
            if !inner.is_zero() {
                let mut all = factors.to_vec();
                all[i] = inner;
                terms.push(product(all));
            }
        }
        sum(terms)
    }

    /// (bᵉ)′ = bᵉ·(e′·ln b + e·b′/b).
    fn of_power(&mut self, whole: &Expr, base: &Expr, exponent: &Expr) -> Expr {
        let (of_base, of_exponent) = (self.of(base), self.of(exponent));
        let mut terms = Vec::new();
        if !of_base.is_zero() {
            let less = power(base, &sum(vec![exponent.clone(), integer(-1)]));
            terms.push(product(vec![exponent.clone(), less, of_base]));
        }
        if !of_exponent.is_zero() {
            terms.push(product(vec![whole.clone(), call(Function::Log, base), of_exponent]));
        }
        sum(terms)
    }
}
