//! Expressions as text.

use num_bigint::BigInt;
use num_rational::BigRational as Rational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::expr::{Constant, Expr, Node, integer, power};
use super::function::Function;

/// How expressions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// For people: 2xy³ in place of 2*x*y^3, which SymPy reads.
    pub pretty: bool,
    /// 0.5 in place of 1/2, where that is exact.
    pub decimals: bool,
}

/// How tightly something binds: what is looser than its surroundings needs parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Power,
    Atom,
}

impl Expr {
    /// The expression as text.
    #[must_use]
    pub fn to_text(&self, style: Style) -> String {
        Printer { style }.write(self).0
    }
}

struct Printer {
    style: Style,
}

impl Printer {
    fn write(&self, e: &Expr) -> (String, Binding) {
        match e.node() {
            Node::Number(number) => self.number(number),
            Node::Constant(Constant::E) => {
                (if self.style.pretty { "e" } else { "E" }.into(), Binding::Atom)
            }
            Node::Constant(Constant::Pi) => {
                (if self.style.pretty { "π" } else { "pi" }.into(), Binding::Atom)
            }
            Node::Variable(name) => (name.to_string(), Binding::Atom),
            Node::Call(function, inner) => self.call(*function, inner),
            Node::Power(base, exponent) => self.power(e, base, exponent),
            Node::Product(factors) => self.product(factors),
            Node::Sum(terms) => (self.sum(terms), Binding::Sum),
        }
    }

    /// In parentheses where it binds looser than `least`.
    fn within(&self, e: &Expr, least: Binding) -> String {
        let (text, binding) = self.write(e);
        if binding < least { format!("({text})") } else { text }
    }

    fn call(&self, function: Function, inner: &Expr) -> (String, Binding) {
        let inside = self.write(inner).0;
        let text = match function {
            Function::Abs if self.style.pretty && !inside.contains('|') => format!("|{inside}|"),
            Function::Log if self.style.pretty => format!("ln({inside})"),
            _ => format!("{}({inside})", function.name()),
        };
        (text, Binding::Atom)
    }

    fn number(&self, number: &Rational) -> (String, Binding) {
        let sign = if number.is_negative() { self.minus() } else { "" };
        let size = number.abs();
        let (text, whole) = self.size_of_number(&size);
        let binding = match (whole, sign) {
            (_, "−" | "-") => Binding::Sum,
            (true, _) => Binding::Atom,
            (false, _) => Binding::Product,
        };
        (format!("{sign}{text}"), binding)
    }

    /// A number of at least 0, and whether it is one word.
    fn size_of_number(&self, size: &Rational) -> (String, bool) {
        if size.is_integer() {
            return (size.numer().to_string(), true);
        }
        match decimal(size).filter(|_| self.style.decimals) {
            Some(text) => (text, true),
            None => (format!("{}/{}", size.numer(), size.denom()), false),
        }
    }

    fn minus(&self) -> &'static str {
        if self.style.pretty { "−" } else { "-" }
    }

    fn power(&self, whole: &Expr, base: &Expr, exponent: &Expr) -> (String, Binding) {
        if base.is_e() {
            return (format!("exp({})", self.write(exponent).0), Binding::Atom);
        }
        let number = exponent.as_number();
        if number.is_some_and(Signed::is_negative) {
            return self.product(std::slice::from_ref(whole));
        }
        if number.is_some_and(|n| *n == Rational::new(1.into(), 2.into())) {
            let (inside, binding) = self.write(base);
            return match (self.style.pretty, binding) {
                (true, Binding::Atom) => (format!("√{inside}"), Binding::Power),
                (true, _) => (format!("√({inside})"), Binding::Power),
                (false, _) => (format!("sqrt({inside})"), Binding::Atom),
            };
        }
        let inside = self.within(base, Binding::Atom);
        let raised = exponent.as_integer().filter(|n| self.style.pretty && (0..1000).contains(n));
        let text = match raised {
            Some(n) => {
                format!(
                    "{inside}{}",
                    crate::plot::number::power_of_ten(n as i32).replacen("10", "", 1)
                )
            }
            None => format!("{inside}^{}", self.within(exponent, Binding::Atom)),
        };
        (text, Binding::Power)
    }

    fn product(&self, factors: &[Expr]) -> (String, Binding) {
        let mut number = Rational::one();
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for factor in factors {
            match factor.node() {
                Node::Number(value) => number = value.clone(),
                Node::Power(base, exponent)
                    if !base.is_e() && exponent.as_number().is_some_and(Signed::is_negative) =>
                {
                    let upright = exponent.as_number().map(|n| -n).unwrap_or_else(Rational::one);
                    below.push(power(base, &Expr::number(upright)));
                }
                _ => above.push(factor.clone()),
            }
        }
        let sign = if number.is_negative() { self.minus() } else { "" };
        let size = number.abs();
        let whole = size.is_integer() || (self.style.decimals && decimal(&size).is_some());
        if whole {
            if !size.is_one() || above.is_empty() {
                above.insert(0, Expr::number(size));
            }
        } else {
            if !size.numer().is_one() || above.is_empty() {
                above.insert(0, Expr::number(Rational::from_integer(size.numer().clone())));
            }
            below.insert(0, Expr::number(Rational::from_integer(size.denom().clone())));
        }
        in_order(&mut above);
        in_order(&mut below);
        let mut text = format!("{sign}{}", self.row(&above));
        if !below.is_empty() {
            let under = match &below[..] {
                [one] => self.within(one, Binding::Power),
                more => format!("({})", self.row(more)),
            };
            text = format!("{text}/{under}");
        }
        let binding = if sign.is_empty() { Binding::Product } else { Binding::Sum };
        (text, binding)
    }

    /// Factors side by side.
    fn row(&self, factors: &[Expr]) -> String {
        let mut text = String::new();
        let mut before = false;
        for (i, factor) in factors.iter().enumerate() {
            let least = if factors.len() > 1 { Binding::Power } else { Binding::Product };
            let next = self.within(factor, least);
            let close = sticks(factor) || next.starts_with('(');
            if i > 0 {
                text += match self.style.pretty {
                    true if before && close => "",
                    true => "·",
                    false => "*",
                };
            }
            text += &next;
            before = close;
        }
        text
    }

    fn sum(&self, terms: &[Expr]) -> String {
        let mut terms: Vec<(Rational, Expr)> = terms.iter().map(Expr::split_coefficient).collect();
        terms.sort_by_cached_key(|(_, rest)| TermKey::of(rest));
        // 1 − x² rather than −x² + 1.
        if terms.len() == 2 && terms[0].0.is_negative() && terms[1].0.is_positive() {
            terms.swap(0, 1);
        }
        let mut text = String::new();
        for (i, (coefficient, rest)) in terms.into_iter().enumerate() {
            let size = super::expr::product(vec![Expr::number(coefficient.abs()), rest]);
            let written = self.within(&size, Binding::Product);
            text += &match (i, coefficient.is_negative()) {
                (0, false) => written,
                (0, true) => format!("{}{written}", self.minus()),
                (_, false) => format!(" + {written}"),
                (_, true) => format!(" {} {written}", self.minus()),
            };
        }
        text
    }
}

/// Whether it can stand beside its neighbor without a sign: numbers, single letters, their powers.
fn sticks(e: &Expr) -> bool {
    match e.node() {
        Node::Number(_) => true,
        Node::Variable(name) => name.chars().count() == 1,
        Node::Constant(_) => true,
        Node::Power(base, exponent) => {
            matches!(base.node(), Node::Variable(name) if name.chars().count() == 1)
                && exponent.as_integer().is_some_and(|n| n > 0)
        }
        _ => false,
    }
}

/// Numbers, constants, variables, their powers, functions, sums; each kind by its letters.
fn in_order(factors: &mut [Expr]) {
    let kind = |e: &Expr| match e.node() {
        Node::Number(_) => 0,
        Node::Constant(_) => 1,
        Node::Variable(_) => 2,
        Node::Power(base, _) if matches!(base.node(), Node::Variable(_)) => 2,
        Node::Call(..) | Node::Product(_) => 4,
        Node::Power(base, _) if matches!(base.node(), Node::Sum(_)) => 3,
        Node::Sum(_) => 3,
        Node::Power(..) => 4,
    };
    let base = |e: &Expr| match e.node() {
        Node::Power(base, _) => base.clone(),
        _ => e.clone(),
    };
    factors.sort_by_key(|e| (kind(e), base(e)));
}

/// Terms stand by falling degree, then as in (x + y)² = x² + 2xy + y²; numbers come last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct TermKey {
    is_number: bool,
    degree: std::cmp::Reverse<Rational>,
    powers: Vec<(std::sync::Arc<str>, std::cmp::Reverse<Rational>)>,
    rest: Expr,
}

impl TermKey {
    fn of(term: &Expr) -> TermKey {
        let factors = match term.node() {
            Node::Product(factors) => factors.clone(),
            _ => vec![term.clone()],
        };
        let mut powers = Vec::new();
        for factor in &factors {
            let (base, exponent) = match factor.node() {
                Node::Power(base, exponent) => (base.clone(), exponent.clone()),
                _ => (factor.clone(), integer(1)),
            };
            if let (Node::Variable(name), Some(n)) = (base.node(), exponent.as_number()) {
                powers.push((name.clone(), std::cmp::Reverse(n.clone())));
            }
        }
        powers.sort();
        let degree = powers.iter().fold(Rational::zero(), |all, (_, n)| all + &n.0);
        let is_number = super::expr::variables(term).is_empty();
        TermKey { is_number, degree: std::cmp::Reverse(degree), powers, rest: term.clone() }
    }
}

/// A fraction as a decimal number, if it has at most 17 digits behind the point.
fn decimal(value: &Rational) -> Option<String> {
    let mut rest = value.denom().clone();
    let mut places = 0usize;
    for prime in [2, 5] {
        let mut count = 0;
        let prime = BigInt::from(prime);
        while (&rest % &prime).is_zero() && count < 18 {
            rest /= &prime;
            count += 1;
        }
        places = places.max(count);
    }
    if !rest.is_one() || places > 17 {
        return None;
    }
    let scale: BigInt = num_traits::Pow::pow(BigInt::from(10), places);
    let scaled = (value * Rational::from_integer(scale)).to_integer();
    let digits = format!("{scaled:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    Some(format!("{whole}.{fraction}"))
}

/// The nearest floating-point number.
pub(crate) fn to_f64(value: &Rational) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}
