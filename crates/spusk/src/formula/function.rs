//! The functions of one number that expressions may hold.

use num_rational::BigRational as Rational;
use num_traits::{One, Signed, Zero};

use super::expr::{Constant, Expr, Node, call, integer, power, product, ratio, sum};

/// Whether f(−x) is −f(x), f(x), or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symmetry {
    Odd,
    Even,
    None,
}

/// Makes the list of functions: a line has the name, the symmetry, the value and the derivative.
macro_rules! functions {
    ($($(#[$doc:meta])* $Name:ident $name:literal $symmetry:ident, $value:expr, $slope:expr;)*) => {
        /// A function of one number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Function {
            $($(#[$doc])* $Name,)*
        }

        impl Function {
            /// All of them.
            pub const ALL: &[Function] = &[$(Function::$Name),*];

            /// As it is written, in the syntax that SymPy reads.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Function::$Name => $name,)* }
            }

            /// Its value; NaN where it is not defined.
            #[must_use]
            pub fn value(self, x: f64) -> f64 {
                match self { $(Function::$Name => { let f: fn(f64) -> f64 = $value; f(x) })* }
            }

            pub(crate) fn symmetry(self) -> Symmetry {
                match self { $(Function::$Name => Symmetry::$symmetry,)* }
            }

            /// Its derivative at an expression.
            pub(crate) fn slope(self, at: &Expr) -> Expr {
                match self {
                    $(Function::$Name => { let f: fn(&Expr) -> Expr = $slope; f(at) })*
                }
            }
        }
    };
}

functions! {
    /// The sine, of radians.
    Sin "sin" Odd, f64::sin, |u| call(Function::Cos, u);
    /// The cosine, of radians.
    Cos "cos" Even, f64::cos, |u| negative(call(Function::Sin, u));
    /// The tangent, of radians.
    Tan "tan" Odd, f64::tan, |u| power(&call(Function::Cos, u), &integer(-2));
    /// The angle from −π/2 to π/2 with this sine.
    Asin "asin" Odd, f64::asin, |u| power(&one_minus_square(u), &ratio(-1, 2));
    /// The angle from 0 to π with this cosine.
    Acos "acos" None, f64::acos, |u| negative(power(&one_minus_square(u), &ratio(-1, 2)));
    /// The angle from −π/2 to π/2 with this tangent.
    Atan "atan" Odd, f64::atan, |u| power(&square_plus(u, 1), &integer(-1));
    /// (eˣ − e⁻ˣ)/2.
    Sinh "sinh" Odd, f64::sinh, |u| call(Function::Cosh, u);
    /// (eˣ + e⁻ˣ)/2.
    Cosh "cosh" Even, f64::cosh, |u| call(Function::Sinh, u);
    /// sinh x / cosh x.
    Tanh "tanh" Odd, f64::tanh, |u| one_minus_square(&call(Function::Tanh, u));
    /// The inverse of sinh.
    Asinh "asinh" Odd, f64::asinh, |u| power(&square_plus(u, 1), &ratio(-1, 2));
    /// The inverse of cosh, at least 0.
    Acosh "acosh" None, f64::acosh, |u| power(&square_plus(u, -1), &ratio(-1, 2));
    /// The inverse of tanh.
    Atanh "atanh" Odd, f64::atanh, |u| power(&one_minus_square(u), &integer(-1));
    /// The natural logarithm.
    Log "log" None, f64::ln, |u| power(u, &integer(-1));
    /// |x|; its derivative at 0 is taken as 0.
    Abs "abs" Even, f64::abs, |u| call(Function::Sign, u);
    /// −1, 0 or 1; its derivative is 0, also at the jump.
    Sign "sign" Odd, sign, |_| integer(0);
    /// The real cube root, also of negative numbers.
    Cbrt "cbrt" Odd, f64::cbrt, |u| {
        product(vec![ratio(1, 3), power(&call(Function::Cbrt, u), &integer(-2))])
    };
}

/// 0 at 0, unlike [`f64::signum`].
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

fn negative(e: Expr) -> Expr {
    product(vec![integer(-1), e])
}

/// 1 − u².
fn one_minus_square(u: &Expr) -> Expr {
    sum(vec![integer(1), negative(power(u, &integer(2)))])
}

/// u² + c.
fn square_plus(u: &Expr, c: i64) -> Expr {
    sum(vec![power(u, &integer(2)), integer(c)])
}

/// What a function is at an expression, where that is known exactly.
pub(crate) fn exact(function: Function, at: &Expr) -> Option<Expr> {
    use Function as F;
    if let Node::Number(number) = at.node() {
        return exact_of_number(function, number);
    }
    if let Some(turns) = multiple_of_pi(at) {
        if let Some(value) = exact_of_half_turns(function, &turns) {
            return Some(value);
        }
    }
    match (function, at.node()) {
        (F::Log, Node::Constant(Constant::E)) => Some(integer(1)),
        (F::Log, Node::Power(base, exponent))
            if matches!(base.node(), Node::Constant(Constant::E)) =>
        {
            Some(exponent.clone())
        }
        (F::Abs, Node::Constant(_)) => Some(at.clone()),
        (F::Sign, Node::Constant(_)) => Some(integer(1)),
        (F::Abs, _) if never_negative(at) => Some(at.clone()),
        (F::Abs, Node::Call(F::Abs, _)) => Some(at.clone()),
        (F::Abs, Node::Product(factors)) => {
            let (coefficient, rest) = at.split_coefficient();
            let scaled = !coefficient.is_one() && factors.len() > 1;
            scaled.then(|| product(vec![Expr::number(coefficient.abs()), call(F::Abs, &rest)]))
        }
        _ => None,
    }
}

fn exact_of_number(function: Function, x: &Rational) -> Option<Expr> {
    use Function as F;
    match function {
        F::Abs => Some(Expr::number(x.abs())),
        F::Sign => Some(Expr::number(x.signum())),
        F::Log if x.is_one() => Some(integer(0)),
        F::Acos | F::Acosh if x.is_one() => Some(integer(0)),
        F::Cos | F::Cosh if x.is_zero() => Some(integer(1)),
        _ if function.symmetry() == Symmetry::Odd && x.is_zero() => Some(integer(0)),
        _ => None,
    }
}

/// The expression divided by π, if that is a number.
fn multiple_of_pi(e: &Expr) -> Option<Rational> {
    let (coefficient, rest) = e.split_coefficient();
    matches!(rest.node(), Node::Constant(Constant::Pi)).then_some(coefficient)
}

/// Sine, cosine and tangent at multiples of π/2, where they are whole numbers.
fn exact_of_half_turns(function: Function, turns: &Rational) -> Option<Expr> {
    let halves = turns * Rational::from_integer(2.into());
    if !halves.is_integer() {
        return None;
    }
    let four = num_bigint::BigInt::from(4);
    let quarter = ((halves.to_integer() % &four) + &four) % &four;
    let quarter = usize::try_from(quarter).ok()?;
    match function {
        Function::Sin => Some(integer([0, 1, 0, -1][quarter])),
        Function::Cos => Some(integer([1, 0, -1, 0][quarter])),
        Function::Tan if quarter % 2 == 0 => Some(integer(0)),
        _ => None,
    }
}

/// Even powers and exponentials.
fn never_negative(e: &Expr) -> bool {
    match e.node() {
        Node::Power(base, _) if matches!(base.node(), Node::Constant(Constant::E)) => true,
        Node::Power(_, exponent) => exponent.as_integer().is_some_and(|n| n % 2 == 0),
        _ => false,
    }
}
