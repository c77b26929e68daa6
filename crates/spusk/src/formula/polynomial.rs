//! All real roots of a polynomial, certified: isolated in exact arithmetic, with multiplicities.
//!
//! Multiplicities come from the square-free decomposition (Musser 1971), isolation from Descartes'
//! rule of signs on halved intervals (Collins & Akritas 1976), so neither a root can be missed nor
//! one invented.

use num_bigint::{BigInt, Sign};
use num_rational::BigRational as Rational;
use num_traits::{One, Signed, Zero};

use super::expr::{Expr, Node};
use super::print::to_f64;

/// Highest degree whose roots are isolated.
pub(crate) const MOST_DEGREE: usize = 60;

/// Most bits of a coefficient.
const MOST_BITS: u64 = 8_000;

/// Coefficients from the constant up; the last is not 0, and 0 has none.
type Coefficients = Vec<BigInt>;

/// A real root.
#[derive(Debug, Clone, PartialEq)]
pub struct Root {
    /// The root is not below this,
    pub low: Rational,
    /// nor above this, and no other root lies between.
    pub high: Rational,
    /// The nearest floating-point number.
    pub near: f64,
    /// How often it is a root.
    pub multiplicity: usize,
}

impl Root {
    /// The root itself, if it is a fraction that was found.
    #[must_use]
    pub fn exact(&self) -> Option<&Rational> {
        (self.low == self.high).then_some(&self.low)
    }
}

/// The coefficients of an expression in one variable, from the constant up; `None` if it is no
/// polynomial, or one of a high degree.
pub(crate) fn coefficients(e: &Expr) -> Option<Vec<Rational>> {
    let found = match e.node() {
        Node::Number(number) => vec![number.clone()],
        Node::Variable(_) => vec![Rational::zero(), Rational::one()],
        Node::Sum(terms) => {
            let mut all: Vec<Rational> = Vec::new();
            for term in terms {
                let term = coefficients(term)?;
                if all.len() < term.len() {
                    all.resize(term.len(), Rational::zero());
                }
                all.iter_mut().zip(term).for_each(|(a, b)| *a += b);
            }
            all
        }
        Node::Product(factors) => {
            let mut all = vec![Rational::one()];
            for factor in factors {
                all = times(&all, &coefficients(factor)?)?;
            }
            all
        }
        Node::Power(base, exponent) => {
            let n = usize::try_from(exponent.as_integer()?).ok().filter(|&n| n <= MOST_DEGREE)?;
            let base = coefficients(base)?;
            let mut all = vec![Rational::one()];
            for _ in 0..n {
                all = times(&all, &base)?;
            }
            all
        }
        Node::Constant(_) | Node::Call(..) => return None,
    };
    let small = |c: &Rational| c.numer().bits().max(c.denom().bits()) <= MOST_BITS;
    found.iter().all(small).then_some(found)
}

fn times(a: &[Rational], b: &[Rational]) -> Option<Vec<Rational>> {
    if a.is_empty() || b.is_empty() {
        return Some(Vec::new());
    }
    if a.len() + b.len() > MOST_DEGREE + 2 {
        return None;
    }
    let mut all = vec![Rational::zero(); a.len() + b.len() - 1];
    for (i, a) in a.iter().enumerate() {
        for (j, b) in b.iter().enumerate() {
            all[i + j] += a * b;
        }
    }
    Some(all)
}

/// All real roots, rising. Of a polynomial that is 0 everywhere there are none.
///
/// ```
/// use num_rational::BigRational;
/// use spusk::formula::real_roots;
///
/// // x³ − x² = x²·(x − 1)
/// let coefficients = [0, 0, -1, 1].map(|c| BigRational::from_integer(c.into()));
/// let roots = real_roots(&coefficients);
/// assert_eq!(roots.iter().map(|r| (r.near, r.multiplicity)).collect::<Vec<_>>(), [(0.0, 2), (1.0, 1)]);
/// ```
#[must_use]
pub fn real_roots(coefficients: &[Rational]) -> Vec<Root> {
    let p = whole(coefficients);
    let mut roots = Vec::new();
    for (factor, multiplicity) in square_free(&p) {
        for (low, high) in isolate(&factor) {
            roots.push(refine(&factor, low, high, multiplicity));
        }
    }
    roots.sort_by(|a, b| a.near.total_cmp(&b.near).then_with(|| a.low.cmp(&b.low)));
    roots
}

/// Whole coefficients without a common divisor.
fn whole(coefficients: &[Rational]) -> Coefficients {
    let common = coefficients.iter().fold(BigInt::one(), |all, c| lcm(&all, c.denom()));
    let scale = Rational::from_integer(common);
    primitive(coefficients.iter().map(|c| (c * &scale).to_integer()).collect())
}

fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    let (mut a, mut b) = (a.abs(), b.abs());
    while !b.is_zero() {
        (a, b) = (b.clone(), a % b);
    }
    a
}

fn lcm(a: &BigInt, b: &BigInt) -> BigInt {
    a / gcd(a, b) * b
}

fn primitive(mut p: Coefficients) -> Coefficients {
    while p.last().is_some_and(Zero::is_zero) {
        p.pop();
    }
    let content = p.iter().fold(BigInt::zero(), |all, c| gcd(&all, c));
    if content > BigInt::one() {
        p.iter_mut().for_each(|c| *c /= &content);
    }
    p
}

fn derivative(p: &[BigInt]) -> Coefficients {
    p.iter().enumerate().skip(1).map(|(i, c)| c * BigInt::from(i)).collect()
}

/// The greatest common divisor of primitive polynomials, by pseudo-remainders.
fn common_divisor(a: &[BigInt], b: &[BigInt]) -> Coefficients {
    let (mut a, mut b) = (primitive(a.to_vec()), primitive(b.to_vec()));
    while !b.is_empty() {
        let rest = pseudo_remainder(&a, &b);
        (a, b) = (b, primitive(rest));
    }
    a
}

fn pseudo_remainder(a: &[BigInt], b: &[BigInt]) -> Coefficients {
    let mut rest = a.to_vec();
    let lead = &b[b.len() - 1];
    while rest.len() >= b.len() {
        let top = rest[rest.len() - 1].clone();
        let shift = rest.len() - b.len();
        rest.iter_mut().for_each(|c| *c *= lead);
        for (i, c) in b.iter().enumerate() {
            rest[shift + i] -= &top * c;
        }
        rest.pop();
        while rest.last().is_some_and(Zero::is_zero) {
            rest.pop();
        }
    }
    rest
}

/// a / b, where b divides a and both are primitive: Gauss' lemma keeps it whole.
fn divide(a: &[BigInt], b: &[BigInt]) -> Coefficients {
    let mut rest = a.to_vec();
    let mut quotient = vec![BigInt::zero(); (a.len() + 1).saturating_sub(b.len())];
    for shift in (0..quotient.len()).rev() {
        let top = &rest[shift + b.len() - 1] / &b[b.len() - 1];
        for (i, c) in b.iter().enumerate() {
            rest[shift + i] -= &top * c;
        }
        quotient[shift] = top;
    }
    primitive(quotient)
}

/// Factors without repeated roots, each with how often it divides p.
fn square_free(p: &[BigInt]) -> Vec<(Coefficients, usize)> {
    if p.len() < 2 {
        return Vec::new();
    }
    let mut repeated = common_divisor(p, &derivative(p));
    let mut left = divide(p, &repeated);
    let mut factors = Vec::new();
    let mut multiplicity = 1;
    while left.len() > 1 {
        let more = common_divisor(&left, &repeated);
        let factor = divide(&left, &more);
        if factor.len() > 1 {
            factors.push((factor, multiplicity));
        }
        repeated = divide(&repeated, &more);
        left = more;
        multiplicity += 1;
    }
    factors
}

/// Intervals with one root each; a root that was met exactly is both ends.
fn isolate(p: &[BigInt]) -> Vec<(Rational, Rational)> {
    let mut found = Vec::new();
    let mut p = p.to_vec();
    if p[0].is_zero() {
        found.push((Rational::zero(), Rational::zero()));
        p.remove(0);
    }
    let mirrored = p.iter().enumerate().map(|(i, c)| if i % 2 == 1 { -c } else { c.clone() });
    let mirrored: Coefficients = mirrored.collect();
    found.extend(positive_roots(&p));
    found.extend(positive_roots(&mirrored).into_iter().map(|(low, high)| (-high, -low)));
    found
}

fn positive_roots(p: &[BigInt]) -> Vec<(Rational, Rational)> {
    if p.len() < 2 {
        return Vec::new();
    }
    // Cauchy: no root is larger than 1 + the largest ratio to the leading coefficient.
    let lead = p[p.len() - 1].bits();
    let most = p.iter().map(BigInt::bits).max().unwrap_or(0);
    let exponent = (most - lead.min(most) + 2) as usize;
    let scaled: Coefficients = p.iter().enumerate().map(|(i, c)| c << (exponent * i)).collect();
    let mut found = Vec::new();
    let mut todo = vec![(scaled, BigInt::zero(), 0usize)];
    while let Some((q, left, depth)) = todo.pop() {
        let place = |n: &BigInt| Rational::new(n << exponent, BigInt::one() << depth);
        match sign_changes_within(&q) {
            0 => {}
            1 => found.push((place(&left), place(&(&left + 1)))),
            _ => {
                let degree = q.len() - 1;
                let half: Coefficients =
                    q.iter().enumerate().map(|(i, c)| c << (degree - i)).collect();
                let mut upper = shifted(&half);
                let (first, second) = (&left << 1, (&left << 1) + 1);
                if upper[0].is_zero() {
                    let middle = Rational::new(&second << exponent, BigInt::one() << (depth + 1));
                    found.push((middle.clone(), middle));
                    upper.remove(0);
                }
                todo.push((primitive(half), first, depth + 1));
                todo.push((primitive(upper), second, depth + 1));
            }
        }
    }
    found
}

/// p(x + 1).
fn shifted(p: &[BigInt]) -> Coefficients {
    let mut q = p.to_vec();
    for i in 0..q.len() {
        for j in (i..q.len() - 1).rev() {
            let above = q[j + 1].clone();
            q[j] += above;
        }
    }
    q
}

/// Descartes' bound on the roots within (0, 1): exact when it says 0 or 1.
fn sign_changes_within(q: &[BigInt]) -> usize {
    let reversed: Coefficients = q.iter().rev().cloned().collect();
    let signs: Vec<Sign> =
        shifted(&reversed).iter().map(BigInt::sign).filter(|&s| s != Sign::NoSign).collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// The sign of p at a fraction.
fn sign_at(p: &[BigInt], x: &Rational) -> Sign {
    let (n, d) = (x.numer(), x.denom());
    let mut value = BigInt::zero();
    let mut scale = BigInt::one();
    for c in p.iter().rev() {
        value = value * n + c * &scale;
        scale *= d;
    }
    value.sign()
}

/// Halves the interval until both ends are the same floating-point number.
fn refine(p: &[BigInt], mut low: Rational, mut high: Rational, multiplicity: usize) -> Root {
    let two = Rational::from_integer(2.into());
    if low == high {
        return Root { near: to_f64(&low), low, high, multiplicity };
    }
    // An end may be a root of its own that stands beside this one; from within the sign is opposite
    // to that at the other end.
    let at_high = sign_at(p, &high);
    let rising = match at_high {
        Sign::NoSign => match sign_at(p, &low) {
            Sign::NoSign => sign_just_below(p, &high),
            sign => -sign,
        },
        sign => sign,
    };
    for _ in 0..2_000 {
        if to_f64(&low) == to_f64(&high) {
            break;
        }
        let middle = (&low + &high) / &two;
        match sign_at(p, &middle) {
            Sign::NoSign => {
                return Root {
                    near: to_f64(&middle),
                    low: middle.clone(),
                    high: middle,
                    multiplicity,
                };
            }
            sign if sign == rising => high = middle,
            _ => low = middle,
        }
    }
    let simple = simplest_between(&low, &high);
    if sign_at(p, &simple) == Sign::NoSign {
        return Root { near: to_f64(&simple), low: simple.clone(), high: simple, multiplicity };
    }
    Root { near: to_f64(&((&low + &high) / &two)), low, high, multiplicity }
}

/// The sign just below a simple root: opposite to the slope there.
fn sign_just_below(p: &[BigInt], root: &Rational) -> Sign {
    -sign_at(&derivative(p), root)
}

/// The fraction with the smallest denominator between two: Stern 1858 & Brocot 1861, by the common
/// head of both continued fractions.
fn simplest_between(low: &Rational, high: &Rational) -> Rational {
    if low.is_negative() && high.is_positive() {
        return Rational::zero();
    }
    if low.is_negative() {
        return -simplest_between(&-high.clone(), &-low.clone());
    }
    let whole = low.ceil();
    if whole <= *high {
        return whole;
    }
    let floor = low.floor();
    let inner = simplest_between(&(high - &floor).recip(), &(low - &floor).recip());
    floor + inner.recip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::Formula;

    fn roots(formula: &str) -> Vec<(f64, usize)> {
        let f = Formula::parse(formula).expect(formula);
        let coefficients = coefficients(f.expr()).expect("a polynomial");
        real_roots(&coefficients).iter().map(|r| (r.near, r.multiplicity)).collect()
    }

    #[test]
    fn roots_in_a_table() {
        for (formula, want) in [
            ("x", &[(0.0, 1)][..]),
            ("x^2 - 2", &[(-std::f64::consts::SQRT_2, 1), (std::f64::consts::SQRT_2, 1)]),
            ("x^2 + 1", &[]),
            ("5", &[]),
            ("x^7", &[(0.0, 7)]),
            ("(x-1)^3*(x+2)^2*(x-1/3)", &[(-2.0, 2), (1.0 / 3.0, 1), (1.0, 3)]),
            ("(x-1)*(x-2)*(x-3)*(x-4)", &[(1.0, 1), (2.0, 1), (3.0, 1), (4.0, 1)]),
            (
                "(x^2-2)^2*x",
                &[(-std::f64::consts::SQRT_2, 2), (0.0, 1), (std::f64::consts::SQRT_2, 2)],
            ),
            ("(x - 1/1000000)*(x - 2/1000000)", &[(1e-6, 1), (2e-6, 1)]),
            ("x^5 - 1e20", &[(1e4, 1)]),
        ] {
            assert_eq!(roots(formula), want, "{formula}");
        }
    }

    #[test]
    fn close_roots_are_told_apart() {
        // Mignotte: x⁸ − 2·(1000x − 1)² has two roots about 10⁻¹⁵ apart around 1/1000.
        let found = roots("x^8 - 2*(1000*x - 1)^2");
        assert_eq!(found.len(), 4, "{found:?}");
        assert!((found[1].0 - 0.001).abs() < 1e-14 && (found[2].0 - 0.001).abs() < 1e-14);
    }

    #[test]
    fn wilkinsons_polynomial_has_its_twenty_roots() {
        let formula: Vec<String> = (1..=20).map(|i| format!("(x-{i})")).collect();
        let want: Vec<(f64, usize)> = (1..=20).map(|i| (f64::from(i), 1)).collect();
        assert_eq!(roots(&formula.join("*")), want);
    }

    #[test]
    fn chebyshev_roots_are_cosines() {
        // T₁₆, by Tₙ₊₁ = 2x·Tₙ − Tₙ₋₁.
        let mut pair = (vec![Rational::one()], vec![Rational::zero(), Rational::one()]);
        for _ in 1..16 {
            let two_x = [Rational::zero(), Rational::from_integer(2.into())];
            let mut next = times(&two_x, &pair.1).expect("a low degree");
            next.iter_mut().zip(&pair.0).for_each(|(a, b)| *a -= b);
            pair = (pair.1, next);
        }
        let found = real_roots(&pair.1);
        assert_eq!(found.len(), 16);
        for (i, root) in found.iter().enumerate() {
            let want = -((2.0 * i as f64 + 1.0) * std::f64::consts::PI / 32.0).cos();
            assert!((root.near - want).abs() < 1e-15, "{i}: {} {want}", root.near);
            assert!(root.low <= root.high);
        }
    }
}
