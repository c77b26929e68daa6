//! Expressions in a canonical form: whatever is built is already tidied a little.
//!
//! Numbers are exact fractions. A sum holds no sums, a product no products; like terms and equal
//! bases are merged; terms and factors stand in a fixed order. So equal expressions are mostly equal
//! as data, and derivatives come out short.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational as Rational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::function::{Function, Symmetry, exact};

/// Most bits of an exact power; what is larger stays written as a power.
const MOST_BITS: u64 = 4096;

/// A real expression. Copies share their parts.
#[derive(Debug, Clone)]
pub struct Expr(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    node: Node,
    /// Nodes, those that are shared counted every time.
    size: u64,
    hash: u64,
}

/// A number with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Constant {
    /// 2.718…
    E,
    /// 3.141…
    Pi,
}

/// What an expression is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// An exact number.
    Number(Rational),
    /// π or e.
    Constant(Constant),
    /// An unknown.
    Variable(Arc<str>),
    /// A base and an exponent. eᵘ has the base [`Constant::E`], √u the exponent 1/2.
    Power(Expr, Expr),
    /// A function of an expression.
    Call(Function, Expr),
    /// At least two factors, a number (not 0 or 1) only first.
    Product(Vec<Expr>),
    /// At least two terms, a number (not 0) only first.
    Sum(Vec<Expr>),
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.hash == other.0.hash && self.0.node == other.0.node)
    }
}

impl Eq for Expr {}

impl PartialOrd for Expr {
    fn partial_cmp(&self, other: &Expr) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Expr {
    fn cmp(&self, other: &Expr) -> Ordering {
        if self == other { Ordering::Equal } else { self.0.node.cmp(&other.0.node) }
    }
}

impl Hash for Expr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash.hash(state);
    }
}

impl Expr {
    fn new(node: Node) -> Expr {
        let size = match &node {
            Node::Number(_) | Node::Constant(_) | Node::Variable(_) => 1,
            Node::Power(a, b) => a.size().saturating_add(b.size()),
            Node::Call(_, a) => a.size().saturating_add(1),
            Node::Product(all) | Node::Sum(all) => {
                all.iter().fold(1, |size: u64, e| size.saturating_add(e.size()))
            }
        };
        let mut hasher = DefaultHasher::new();
        node.hash(&mut hasher);
        Expr(Arc::new(Inner { node, size, hash: hasher.finish() }))
    }

    /// An exact number.
    #[must_use]
    pub fn number(value: Rational) -> Expr {
        Expr::new(Node::Number(value))
    }

    /// An unknown.
    #[must_use]
    pub fn variable(name: &str) -> Expr {
        Expr::new(Node::Variable(name.into()))
    }

    /// π or e.
    #[must_use]
    pub fn constant(constant: Constant) -> Expr {
        Expr::new(Node::Constant(constant))
    }

    /// What it is made of.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.0.node
    }

    /// Its nodes, those that are shared counted every time they are used.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// A key that shared parts have in common.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// Its parts.
    pub(crate) fn parts(&self) -> Vec<&Expr> {
        match self.node() {
            Node::Number(_) | Node::Constant(_) | Node::Variable(_) => Vec::new(),
            Node::Power(a, b) => vec![a, b],
            Node::Call(_, a) => vec![a],
            Node::Product(all) | Node::Sum(all) => all.iter().collect(),
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<&Rational> {
        match self.node() {
            Node::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The whole number, if it is one that fits.
    pub(crate) fn as_integer(&self) -> Option<i64> {
        self.as_number().filter(|n| n.is_integer()).and_then(ToPrimitive::to_i64)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.as_number().is_some_and(Zero::is_zero)
    }

    /// Whether it is the base of exponentials.
    pub(crate) fn is_e(&self) -> bool {
        matches!(self.node(), Node::Constant(Constant::E))
    }

    /// Its number in front and what is behind.
    pub(crate) fn split_coefficient(&self) -> (Rational, Expr) {
        match self.node() {
            Node::Number(number) => (number.clone(), integer(1)),
            Node::Product(factors) => match factors[0].as_number() {
                Some(number) => {
                    let rest = match &factors[1..] {
                        [one] => one.clone(),
                        more => Expr::new(Node::Product(more.to_vec())),
                    };
                    (number.clone(), rest)
                }
                None => (Rational::one(), self.clone()),
            },
            _ => (Rational::one(), self.clone()),
        }
    }
}

/// A whole number.
pub(crate) fn integer(value: i64) -> Expr {
    Expr::number(Rational::from_integer(value.into()))
}

/// A fraction; the denominator is not 0.
pub(crate) fn ratio(numerator: i64, denominator: i64) -> Expr {
    Expr::number(Rational::new(numerator.into(), denominator.into()))
}

/// a + b + …
#[must_use]
pub(crate) fn sum(terms: Vec<Expr>) -> Expr {
    let mut number = Rational::zero();
    let mut collected: BTreeMap<Expr, Rational> = BTreeMap::new();
    let mut todo: Vec<(Rational, Expr)> = terms.into_iter().map(|e| (Rational::one(), e)).collect();
    while let Some((scale, term)) = todo.pop() {
        let (coefficient, rest) = term.split_coefficient();
        let coefficient = coefficient * scale;
        match rest.node() {
            Node::Number(one) => number += coefficient * one,
            // 2·(x + 1) within a sum is 2x + 2, so that it can meet like terms.
            Node::Sum(inner) => {
                todo.extend(inner.iter().map(|e| (coefficient.clone(), e.clone())));
            }
            _ => *collected.entry(rest).or_insert_with(Rational::zero) += coefficient,
        }
    }
    pythagoras(&mut collected, &mut number);
    let mut terms: Vec<Expr> = Vec::with_capacity(collected.len() + 1);
    if !number.is_zero() {
        terms.push(Expr::number(number));
    }
    let kept = collected.into_iter().filter(|(_, coefficient)| !coefficient.is_zero());
    terms.extend(kept.map(|(rest, coefficient)| scaled(coefficient, rest)));
    match terms.len() {
        0 => integer(0),
        1 => terms.remove(0),
        _ => Expr::new(Node::Sum(terms)),
    }
}

/// c·sin²u + c·cos²u = c.
fn pythagoras(collected: &mut BTreeMap<Expr, Rational>, number: &mut Rational) {
    let squared = |rest: &Expr| match rest.node() {
        Node::Power(base, two) if two.as_integer() == Some(2) => match base.node() {
            Node::Call(Function::Sin, u) => Some(u.clone()),
            _ => None,
        },
        _ => None,
    };
    let sines: Vec<Expr> = collected.keys().filter_map(squared).collect();
    for u in sines {
        let key = |function| power(&call(function, &u), &integer(2));
        let (sine, cosine) = (key(Function::Sin), key(Function::Cos));
        if collected.get(&sine).is_some() && collected.get(&sine) == collected.get(&cosine) {
            collected.remove(&cosine);
            *number += collected.remove(&sine).unwrap_or_else(Rational::zero);
        }
    }
}

/// c·rest, where rest has no number in front.
fn scaled(coefficient: Rational, rest: Expr) -> Expr {
    if coefficient.is_one() {
        return rest;
    }
    let mut factors = vec![Expr::number(coefficient)];
    match rest.node() {
        Node::Product(more) => factors.extend(more.iter().cloned()),
        _ => factors.push(rest),
    }
    Expr::new(Node::Product(factors))
}

/// a·b·…
#[must_use]
pub(crate) fn product(factors: Vec<Expr>) -> Expr {
    let mut number = Rational::one();
    let mut collected: BTreeMap<Expr, Vec<Expr>> = BTreeMap::new();
    let mut todo = factors;
    while let Some(factor) = todo.pop() {
        match factor.node() {
            Node::Number(value) => number *= value,
            Node::Product(inner) => todo.extend(inner.iter().cloned()),
            Node::Power(base, exponent) => {
                collected.entry(base.clone()).or_default().push(exponent.clone());
            }
            _ => collected.entry(factor).or_default().push(integer(1)),
        }
    }
    if number.is_zero() {
        return integer(0);
    }
    let mut factors: Vec<Expr> = Vec::with_capacity(collected.len() + 1);
    let mut again = false;
    for (base, mut exponents) in collected {
        let merged = exponents.len() > 1;
        let exponent = if merged { sum(exponents) } else { exponents.remove(0) };
        let factor = power(&base, &exponent);
        // A merged power may be a number or fall into factors, which meet the others in turn.
        again |= matches!(factor.node(), Node::Number(_) | Node::Product(_));
        factors.push(factor);
    }
    if again {
        factors.push(Expr::number(number));
        return product(factors);
    }
    if !number.is_one() {
        factors.insert(0, Expr::number(number));
    }
    factors.sort();
    match factors.len() {
        0 => integer(1),
        1 => factors.remove(0),
        _ => Expr::new(Node::Product(factors)),
    }
}

/// base^exponent.
#[must_use]
pub(crate) fn power(base: &Expr, exponent: &Expr) -> Expr {
    let plain = || Expr::new(Node::Power(base.clone(), exponent.clone()));
    if let Some(number) = exponent.as_number() {
        if number.is_zero() {
            return integer(1);
        }
        if number.is_one() {
            return base.clone();
        }
        if base.is_zero() && number.is_positive() {
            return integer(0);
        }
    }
    let whole = exponent.as_integer();
    match base.node() {
        Node::Number(number) if number.is_one() => integer(1),
        Node::Number(number) => exact_power(number, exponent).unwrap_or_else(plain),
        Node::Constant(Constant::E) => log_of(exponent).unwrap_or_else(plain),
        Node::Power(inner, first) => {
            let both = || product(vec![first.clone(), exponent.clone()]);
            if whole.is_some() || inner.is_e() {
                return power(inner, &both());
            }
            // √(x²) is |x|.
            let even = first.as_integer().is_some_and(|n| n % 2 == 0);
            if even && exponent.as_number().is_some() {
                return power(&call(Function::Abs, inner), &both());
            }
            plain()
        }
        Node::Product(factors) if whole.is_some() => {
            product(factors.iter().map(|factor| power(factor, exponent)).collect())
        }
        Node::Product(_) => {
            let (number, rest) = base.split_coefficient();
            if number.is_positive() && !number.is_one() {
                let number = Expr::number(number);
                return product_of_powers(power(&number, exponent), power(&rest, exponent));
            }
            plain()
        }
        // |x|² is x².
        Node::Call(Function::Abs, inner) if whole.is_some_and(|n| n % 2 == 0) => {
            power(inner, exponent)
        }
        _ => plain(),
    }
}

/// Two factors of different bases.
fn product_of_powers(a: Expr, b: Expr) -> Expr {
    product(vec![a, b])
}

/// e^(c·ln u) = u^c.
fn log_of(exponent: &Expr) -> Option<Expr> {
    let (coefficient, rest) = exponent.split_coefficient();
    match rest.node() {
        Node::Call(Function::Log, u) => Some(power(u, &Expr::number(coefficient))),
        _ => None,
    }
}

/// A number to a power, where that is a number of moderate length.
fn exact_power(base: &Rational, exponent: &Expr) -> Option<Expr> {
    let exponent = exponent.as_number()?;
    let root = exponent.denom().to_u32().filter(|&root| root <= 64)?;
    let times = exponent.numer().to_i32()?;
    if base.is_zero() || (root > 1 && base.is_negative()) {
        return None;
    }
    let bits = base.numer().bits().max(base.denom().bits());
    if bits.saturating_mul(u64::from(times.unsigned_abs())) > MOST_BITS {
        return None;
    }
    let base = if root == 1 { base.clone() } else { exact_root(base, root)? };
    Some(Expr::number(num_traits::Pow::pow(base, times)))
}

fn exact_root(value: &Rational, root: u32) -> Option<Rational> {
    let part = |n: &BigInt| {
        let found = n.nth_root(root);
        (num_traits::Pow::pow(&found, root) == *n).then_some(found)
    };
    Some(Rational::new(part(value.numer())?, part(value.denom())?))
}

/// f(u).
#[must_use]
pub(crate) fn call(function: Function, at: &Expr) -> Expr {
    if let Some(value) = exact(function, at) {
        return value;
    }
    let (coefficient, _) = at.split_coefficient();
    if coefficient.is_negative() && function.symmetry() != Symmetry::None {
        let flipped = call(function, &product(vec![integer(-1), at.clone()]));
        return match function.symmetry() {
            Symmetry::Odd => product(vec![integer(-1), flipped]),
            _ => flipped,
        };
    }
    Expr::new(Node::Call(function, at.clone()))
}

/// Every variable in it, in alphabetical order.
pub(crate) fn variables(e: &Expr) -> Vec<Arc<str>> {
    let mut found = std::collections::BTreeSet::new();
    let mut seen = std::collections::HashSet::new();
    let mut todo = vec![e];
    while let Some(e) = todo.pop() {
        if !seen.insert(e.address()) {
            continue;
        }
        if let Node::Variable(name) = e.node() {
            found.insert(name.clone());
        }
        todo.extend(e.parts());
    }
    found.into_iter().collect()
}
