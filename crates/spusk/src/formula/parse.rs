//! From text to an expression, with errors that point.

use std::collections::BTreeSet;
use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational as Rational;
use num_traits::{One, Pow, Zero};

use super::expr::{self, Constant, Expr, call, integer, power, product, ratio, sum};
use super::function::Function;
use crate::experiment::nearest;
use crate::messages::{self, Language, Said};
use crate::text::shown;

/// Most characters of a formula.
pub const MOST_LETTERS: usize = 10_000;

/// How deep parentheses, signs and powers may be nested: what is read recursively must end.
const MOST_DEPTH: usize = 100;

/// Most digits of a number.
const MOST_DIGITS: usize = 400;

/// Why a formula cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaError {
    /// The formula.
    pub source: String,
    /// The first character that is meant, counted from 0; `None` of the formula as a whole.
    pub at: Option<usize>,
    /// What is wrong, in every language.
    pub what: Said,
}

impl FormulaError {
    /// The message with the place, and a mark under it.
    #[must_use]
    pub fn in_language(&self, language: Language) -> String {
        let what = self.what.in_language(language);
        let Some(at) = self.at else { return what.to_string() };
        let message = messages::formula_column(language, at + 1, what);
        // Of a long formula only the neighborhood.
        let from = at.saturating_sub(50);
        let head = if from > 0 { "…" } else { "" };
        let near: String = self.source.chars().skip(from).take(100).collect();
        let near: String = near.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let tail = if self.source.chars().count() > from + 100 { "…" } else { "" };
        let gap = " ".repeat(at - from + head.chars().count());
        format!("{message}\n  {head}{near}{tail}\n  {gap}^")
    }
}

impl std::fmt::Display for FormulaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl std::error::Error for FormulaError {}

/// Reads a formula. Its variables are all that are named, in alphabetical order.
///
/// # Errors
/// See [`FormulaError`].
pub(crate) fn parse(source: &str) -> Result<(Expr, Vec<Arc<str>>), FormulaError> {
    let length = source.chars().count();
    if length > MOST_LETTERS {
        let source = source.chars().take(200).collect();
        let what = Said::new(|l| messages::formula_too_long(l, length, MOST_LETTERS));
        return Err(FormulaError { source, at: None, what });
    }
    let named = BTreeSet::new();
    let mut parser = Parser { source, tokens: tokens(source)?, next: 0, depth: 0, named };
    if parser.tokens.is_empty() {
        return Err(parser.error(None, messages::formula_is_empty));
    }
    let expr = parser.sum()?;
    match parser.peek() {
        None => {
            let mut named = parser.named;
            named.extend(expr::variables(&expr));
            Ok((expr, named.into_iter().collect()))
        }
        Some(token) => {
            let (at, got) = (token.at, quoted(&token.text));
            Err(parser.error(Some(at), |l| messages::formula_expected_operator(l, &got)))
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Number(Rational),
    Name,
    Mark(char),
}

#[derive(Debug, Clone)]
struct Token {
    kind: Kind,
    text: String,
    at: usize,
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

fn tokens(source: &str) -> Result<Vec<Token>, FormulaError> {
    let letters: Vec<char> = source.chars().collect();
    let fail = |at: usize, what: Said| FormulaError { source: source.into(), at: Some(at), what };
    let mut tokens = Vec::new();
    let mut i = 0;
    while i < letters.len() {
        let (at, c) = (i, letters[i]);
        i += 1;
        let mark = match c {
            _ if c.is_whitespace() => continue,
            '0'..='9' | '.' => {
                i = end_of_number(&letters, at);
                let text: String = letters[at..i].iter().collect();
                let number = number(&text).ok_or_else(|| {
                    fail(at, Said::new(|l| messages::formula_bad_number(l, quoted(&text))))
                })?;
                tokens.push(Token { kind: Kind::Number(number), text, at });
                continue;
            }
            'π' => {
                tokens.push(Token { kind: Kind::Name, text: "pi".into(), at });
                continue;
            }
            _ if c.is_alphabetic() || c == '_' => {
                while i < letters.len() && (letters[i].is_alphanumeric() || letters[i] == '_') {
                    // ² and its like are numeric to Unicode, but a power here.
                    if superscript(letters[i]).is_some() {
                        break;
                    }
                    i += 1;
                }
                let text = letters[at..i].iter().collect();
                tokens.push(Token { kind: Kind::Name, text, at });
                continue;
            }
            '*' if letters.get(i) == Some(&'*') => {
                i += 1;
                '^'
            }
            '+' | '-' | '*' | '/' | '^' | '(' | ')' | ',' => c,
            '−' | '–' => '-',
            '·' | '×' | '⋅' => '*',
            '÷' => '/',
            _ => {
                if let Some(digit) = superscript(c) {
                    let mark = Token { kind: Kind::Mark('^'), text: c.to_string(), at };
                    let kind = Kind::Number(Rational::from_integer(digit.into()));
                    tokens.extend([mark, Token { kind, text: c.to_string(), at }]);
                    continue;
                }
                let letter = quoted(&c.to_string());
                return Err(fail(at, Said::new(|l| messages::formula_bad_letter(l, &letter))));
            }
        };
        let text = letters[at..i].iter().collect();
        tokens.push(Token { kind: Kind::Mark(mark), text, at });
    }
    Ok(tokens)
}

fn superscript(c: char) -> Option<i64> {
    match c {
        '²' => Some(2),
        '³' => Some(3),
        '⁴' => Some(4),
        _ => None,
    }
}

/// Digits, a point, digits, and an exponent if digits follow the e.
fn end_of_number(letters: &[char], from: usize) -> usize {
    let digits = |mut i: usize| {
        while letters.get(i).is_some_and(char::is_ascii_digit) {
            i += 1;
        }
        i
    };
    let mut end = digits(from);
    if letters.get(end) == Some(&'.') {
        end = digits(end + 1);
    }
    if matches!(letters.get(end), Some('e' | 'E')) {
        let sign = usize::from(matches!(letters.get(end + 1), Some('+' | '-')));
        let start = end + 1 + sign;
        if letters.get(start).is_some_and(char::is_ascii_digit) {
            end = digits(start);
        }
    }
    end
}

/// The exact value of a decimal number.
fn number(text: &str) -> Option<Rational> {
    if text.len() > MOST_DIGITS {
        return None;
    }
    let approximate: f64 = text.parse().ok()?;
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    if digits.is_zero() {
        return Some(Rational::zero());
    }
    // What is infinite or 0 as a floating-point number is no use in any picture or table.
    if !(1e-300..=1e300).contains(&approximate) {
        return None;
    }
    let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let scale = Pow::pow(BigInt::from(10), exponent.unsigned_abs());
    Some(match exponent >= 0 {
        true => Rational::from_integer(digits * scale),
        false => Rational::new(digits, scale),
    })
}

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    /// The variables that were named: also those that cancel out.
    named: BTreeSet<Arc<str>>,
}

impl Parser<'_> {
    fn error(&self, at: Option<usize>, what: impl Fn(Language) -> String) -> FormulaError {
        FormulaError { source: self.source.into(), at, what: Said::new(what) }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn is(&self, mark: char) -> bool {
        self.peek().is_some_and(|token| token.kind == Kind::Mark(mark))
    }

    /// Takes the mark if it stands there.
    fn take(&mut self, mark: char) -> bool {
        let there = self.is(mark);
        self.next += usize::from(there);
        there
    }

    /// Where the next token starts, or just behind the last character.
    fn here(&self) -> usize {
        self.peek().map_or(self.source.chars().count(), |token| token.at)
    }

    /// One level deeper, for as long as `f` runs.
    fn deeper<T>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<T, FormulaError>,
    ) -> Result<T, FormulaError> {
        if self.depth == MOST_DEPTH {
            let at = self.here();
            return Err(self.error(Some(at), |l| messages::formula_too_deep(l, MOST_DEPTH)));
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    fn sum(&mut self) -> Result<Expr, FormulaError> {
        let mut terms = vec![self.term()?];
        loop {
            if self.take('+') {
                terms.push(self.term()?);
            } else if self.take('-') {
                terms.push(product(vec![integer(-1), self.term()?]));
            } else {
                return Ok(sum(terms));
            }
        }
    }

    fn term(&mut self) -> Result<Expr, FormulaError> {
        let mut factors = vec![self.signed()?];
        loop {
            if self.take('*') {
                factors.push(self.signed()?);
            } else if self.is('/') {
                let at = self.here();
                self.next += 1;
                let divisor = self.signed()?;
                if divisor.is_zero() {
                    return Err(self.error(Some(at), messages::formula_zero_division));
                }
                factors.push(power(&divisor, &integer(-1)));
            } else if self.product_without_sign() {
                factors.push(self.raised()?);
            } else {
                return Ok(product(factors));
            }
        }
    }

    /// 2x, 2(x + 1) and (x + 1)(x − 1) are products.
    fn product_without_sign(&self) -> bool {
        let Some(before) = self.next.checked_sub(1).and_then(|i| self.tokens.get(i)) else {
            return false;
        };
        let Some(token) = self.peek() else { return false };
        let after_value = matches!(before.kind, Kind::Number(_) | Kind::Mark(')'));
        after_value && (token.kind == Kind::Name || token.kind == Kind::Mark('('))
    }

    fn signed(&mut self) -> Result<Expr, FormulaError> {
        if self.take('-') {
            let inner = self.deeper(Parser::signed)?;
            return Ok(product(vec![integer(-1), inner]));
        }
        if self.take('+') {
            return self.deeper(Parser::signed);
        }
        self.raised()
    }

    fn raised(&mut self) -> Result<Expr, FormulaError> {
        let base = self.atom()?;
        let at = self.here();
        if !self.take('^') {
            return Ok(base);
        }
        // From the right, and a sign may stand there: 2^-x^2 = 2^(−(x²)).
        let exponent = self.deeper(Parser::signed)?;
        let negative = exponent.as_number().is_some_and(num_traits::Signed::is_negative);
        if base.is_zero() && negative {
            return Err(self.error(Some(at), messages::formula_zero_division));
        }
        Ok(power(&base, &exponent))
    }

    fn atom(&mut self) -> Result<Expr, FormulaError> {
        let Some(token) = self.peek().cloned() else {
            let at = self.here();
            return Err(self.error(Some(at), |l| {
                messages::formula_expected_value(l, messages::formula_the_end(l))
            }));
        };
        match token.kind {
            Kind::Number(number) => {
                self.next += 1;
                Ok(Expr::number(number))
            }
            Kind::Name => {
                self.next += 1;
                self.name(&token)
            }
            Kind::Mark('(') => {
                self.next += 1;
                let inner = self.deeper(Parser::sum)?;
                self.close(token.at)?;
                Ok(inner)
            }
            Kind::Mark(_) => {
                let got = quoted(&token.text);
                Err(self.error(Some(token.at), |l| messages::formula_expected_value(l, &got)))
            }
        }
    }

    fn close(&mut self, opened: usize) -> Result<(), FormulaError> {
        if self.take(')') {
            return Ok(());
        }
        match self.peek() {
            None => Err(self.error(Some(opened), messages::formula_unclosed)),
            Some(token) => {
                let (at, got) = (token.at, quoted(&token.text));
                Err(self.error(Some(at), |l| messages::formula_expected_operator(l, &got)))
            }
        }
    }

    fn name(&mut self, token: &Token) -> Result<Expr, FormulaError> {
        let name = token.text.as_str();
        let known = NAMED.iter().find(|named| named.name == name);
        let opened = self.here();
        if !self.is('(') {
            return match (name, known) {
                ("pi", _) => Ok(Expr::constant(Constant::Pi)),
                ("e" | "E", _) => Ok(Expr::constant(Constant::E)),
                (_, Some(_)) => {
                    Err(self
                        .error(Some(token.at), |l| messages::formula_needs_parentheses(l, name)))
                }
                _ => {
                    self.named.insert(name.into());
                    Ok(Expr::variable(name))
                }
            };
        }
        let Some(known) = known else {
            let near = nearest(name, NAMED.iter().map(|named| named.name));
            let shown = shown(name);
            return Err(self.error(Some(token.at), |l| match near {
                Some(near) => messages::formula_did_you_mean(l, &shown, near),
                None => messages::formula_unknown_function(l, &shown),
            }));
        };
        self.next += 1;
        let mut arguments = vec![self.deeper(Parser::sum)?];
        while self.take(',') {
            arguments.push(self.deeper(Parser::sum)?);
        }
        self.close(opened)?;
        if arguments.len() != known.arguments {
            let got = arguments.len();
            return Err(self.error(Some(token.at), |l| {
                messages::formula_wrong_count(l, name, known.arguments, got)
            }));
        }
        Ok((known.make)(&arguments))
    }
}

/// A function as it may be written.
struct Named {
    name: &'static str,
    arguments: usize,
    make: fn(&[Expr]) -> Expr,
}

const fn named(name: &'static str, arguments: usize, make: fn(&[Expr]) -> Expr) -> Named {
    Named { name, arguments, make }
}

/// Every function that can be written. Those without a function of their own are made of others.
const NAMED: &[Named] = &[
    named("sin", 1, |a| call(Function::Sin, &a[0])),
    named("cos", 1, |a| call(Function::Cos, &a[0])),
    named("tan", 1, |a| call(Function::Tan, &a[0])),
    named("cot", 1, |a| inverse(&call(Function::Tan, &a[0]))),
    named("sec", 1, |a| inverse(&call(Function::Cos, &a[0]))),
    named("csc", 1, |a| inverse(&call(Function::Sin, &a[0]))),
    named("asin", 1, |a| call(Function::Asin, &a[0])),
    named("acos", 1, |a| call(Function::Acos, &a[0])),
    named("atan", 1, |a| call(Function::Atan, &a[0])),
    named("arcsin", 1, |a| call(Function::Asin, &a[0])),
    named("arccos", 1, |a| call(Function::Acos, &a[0])),
    named("arctan", 1, |a| call(Function::Atan, &a[0])),
    named("sinh", 1, |a| call(Function::Sinh, &a[0])),
    named("cosh", 1, |a| call(Function::Cosh, &a[0])),
    named("tanh", 1, |a| call(Function::Tanh, &a[0])),
    named("asinh", 1, |a| call(Function::Asinh, &a[0])),
    named("acosh", 1, |a| call(Function::Acosh, &a[0])),
    named("atanh", 1, |a| call(Function::Atanh, &a[0])),
    named("exp", 1, |a| power(&Expr::constant(Constant::E), &a[0])),
    named("log", 1, |a| call(Function::Log, &a[0])),
    named("ln", 1, |a| call(Function::Log, &a[0])),
    named("log2", 1, |a| log_to_base(&a[0], 2)),
    named("log10", 1, |a| log_to_base(&a[0], 10)),
    named("sqrt", 1, |a| power(&a[0], &ratio(1, 2))),
    named("cbrt", 1, |a| call(Function::Cbrt, &a[0])),
    named("abs", 1, |a| call(Function::Abs, &a[0])),
    named("sign", 1, |a| call(Function::Sign, &a[0])),
    named("pow", 2, |a| power(&a[0], &a[1])),
    named("min", 2, |a| extreme(a, -1)),
    named("max", 2, |a| extreme(a, 1)),
    named("relu", 1, |a| extreme(&[a[0].clone(), integer(0)], 1)),
    named("sigmoid", 1, |a| inverse(&sum(vec![integer(1), exp_of(-1, &a[0])]))),
    named("softplus", 1, |a| call(Function::Log, &sum(vec![integer(1), exp_of(1, &a[0])]))),
];

fn inverse(e: &Expr) -> Expr {
    power(e, &integer(-1))
}

/// e^(c·u).
fn exp_of(c: i64, u: &Expr) -> Expr {
    power(&Expr::constant(Constant::E), &product(vec![integer(c), u.clone()]))
}

fn log_to_base(u: &Expr, base: i64) -> Expr {
    product(vec![call(Function::Log, u), inverse(&call(Function::Log, &integer(base)))])
}

/// (a + b ± |a − b|)/2: the larger or the smaller of two.
fn extreme(pair: &[Expr], sign: i64) -> Expr {
    let difference = sum(vec![pair[0].clone(), product(vec![integer(-1), pair[1].clone()])]);
    let distance = product(vec![integer(sign), call(Function::Abs, &difference)]);
    product(vec![ratio(1, 2), sum(vec![pair[0].clone(), pair[1].clone(), distance])])
}

/// Whether a decimal point stands in the formula: then numbers are written with one.
pub(crate) fn has_decimals(source: &str) -> bool {
    source.contains('.')
        || tokens(source).is_ok_and(|all| {
            all.iter().any(|token| matches!(&token.kind, Kind::Number(n) if !n.denom().is_one()))
        })
}
