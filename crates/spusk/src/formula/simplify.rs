//! Expressions as a person would write them: of several equal forms the shortest.

use std::collections::{BTreeMap, HashMap};

use num_rational::BigRational as Rational;
use num_traits::{Signed, Zero};

use super::expr::{Expr, Node, call, integer, power, product, sum};
use super::print::Style;

/// Most terms of an expanded form.
const MOST_TERMS: usize = 64;

/// Larger expressions are left as they are: no person writes them.
const LARGEST: u64 = 2_000;

/// The shortest form that is found.
pub(crate) fn simplify(e: &Expr) -> Expr {
    Simplifier { known: HashMap::new() }.of(e)
}

struct Simplifier {
    known: HashMap<usize, (Expr, Expr)>,
}

impl Simplifier {
    fn of(&mut self, e: &Expr) -> Expr {
        if e.size() > LARGEST {
            return e.clone();
        }
        if let Some((_, known)) = self.known.get(&e.address()) {
            return known.clone();
        }
        let rebuilt = match e.node() {
            Node::Number(_) | Node::Constant(_) | Node::Variable(_) => e.clone(),
            Node::Power(base, exponent) => power(&self.of(base), &self.of(exponent)),
            Node::Call(function, inner) => call(*function, &self.of(inner)),
            Node::Product(factors) => product(factors.iter().map(|f| self.of(f)).collect()),
            Node::Sum(terms) => sum(terms.iter().map(|t| self.of(t)).collect()),
        };
        let mut best = rebuilt.clone();
        if matches!(rebuilt.node(), Node::Sum(_) | Node::Product(_)) {
            let expanded = expand(&rebuilt);
            let forms = [common_factor(&rebuilt), expanded.as_ref().and_then(common_factor)];
            for form in forms.into_iter().flatten().chain(expanded) {
                if length(&form) <= length(&best) {
                    best = form;
                }
            }
        }
        // The original is kept beside its form, so that no other takes its address.
        self.known.insert(e.address(), (e.clone(), best.clone()));
        best
    }
}

/// How long it is on paper; of equally long ones, of how many parts.
fn length(e: &Expr) -> (usize, u64) {
    if e.size() > LARGEST {
        return (usize::MAX, e.size());
    }
    (e.to_text(Style { pretty: false, decimals: false }).len(), e.size())
}

/// Products of sums multiplied out, if that has not too many terms.
pub(crate) fn expand(e: &Expr) -> Option<Expr> {
    Some(sum(terms_of(e)?))
}

fn terms_of(e: &Expr) -> Option<Vec<Expr>> {
    let terms = match e.node() {
        Node::Sum(terms) => {
            let mut all = Vec::new();
            for term in terms {
                all.extend(terms_of(term)?);
            }
            all
        }
        Node::Product(factors) => {
            let mut all = vec![integer(1)];
            for factor in factors {
                all = multiply(&all, &terms_of(factor)?)?;
            }
            all
        }
        Node::Power(base, exponent) => match (base.node(), exponent.as_integer()) {
            (Node::Sum(_), Some(times @ 2..=8)) => {
                let inner = terms_of(base)?;
                let mut all = vec![integer(1)];
                for _ in 0..times {
                    all = multiply(&all, &inner)?;
                }
                all
            }
            _ => vec![e.clone()],
        },
        _ => vec![e.clone()],
    };
    (terms.len() <= MOST_TERMS).then_some(terms)
}

fn multiply(a: &[Expr], b: &[Expr]) -> Option<Vec<Expr>> {
    if a.len() * b.len() > 8 * MOST_TERMS {
        return None;
    }
    let pairs = a.iter().flat_map(|a| b.iter().map(|b| product(vec![a.clone(), b.clone()])));
    let whole = sum(pairs.collect());
    let terms = match whole.node() {
        Node::Sum(terms) => terms.clone(),
        _ => vec![whole],
    };
    (terms.len() <= MOST_TERMS).then_some(terms)
}

/// A sum over its common denominator, and with its common functions in front.
fn common_factor(e: &Expr) -> Option<Expr> {
    let Node::Sum(terms) = e.node() else { return None };
    let mut least: BTreeMap<Expr, Rational> = BTreeMap::new();
    let parts: Vec<BTreeMap<Expr, Rational>> = terms.iter().map(powers_of).collect();
    for base in parts.iter().flat_map(BTreeMap::keys) {
        let exponents =
            parts.iter().map(|part| part.get(base).cloned().unwrap_or_else(Rational::zero));
        let smallest = exponents.min().unwrap_or_else(Rational::zero);
        // Powers of a variable stay in the sum: 3x² + 6x is as short as a person wants it.
        let plain = matches!(base.node(), Node::Variable(_)) && smallest.is_positive();
        if !smallest.is_zero() && !plain {
            least.insert(base.clone(), smallest);
        }
    }
    if least.is_empty() {
        return None;
    }
    let front: Vec<Expr> =
        least.iter().map(|(base, n)| power(base, &Expr::number(n.clone()))).collect();
    let back: Vec<Expr> =
        least.iter().map(|(base, n)| power(base, &Expr::number(-n.clone()))).collect();
    let inner = terms.iter().map(|term| {
        let mut factors = back.clone();
        factors.push(term.clone());
        product(factors)
    });
    let inner = sum(inner.collect());
    let inner = expand(&inner).unwrap_or(inner);
    let mut factors = front;
    factors.push(inner);
    Some(product(factors))
}

/// The bases of a term with their numeric exponents. Of eᵘ the whole counts as a base.
fn powers_of(term: &Expr) -> BTreeMap<Expr, Rational> {
    let factors = match term.node() {
        Node::Product(factors) => factors.clone(),
        _ => vec![term.clone()],
    };
    let one = || Rational::from_integer(1.into());
    factors
        .into_iter()
        .filter(|factor| factor.as_number().is_none())
        .map(|factor| match factor.node() {
            Node::Power(base, exponent) if !base.is_e() => match exponent.as_number() {
                Some(n) => (base.clone(), n.clone()),
                None => (factor.clone(), one()),
            },
            _ => (factor.clone(), one()),
        })
        .collect()
}
