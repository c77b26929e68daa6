//! Formulas: read, differentiated, solved, descended.
//!
//! A [`Formula`] is read from text; its gradient and its matrix of second derivatives (Hessian) are
//! formulas again, simplified as a person would write them. [`critical_points`] finds where the
//! gradient is 0, [`descend`] follows gradient descent step by step, [`optimize`] runs the library's
//! optimizers on it, [`basins`] tries many starts, [`sweep()`] many steps.
//!
//! ```
//! use spusk::formula::Formula;
//!
//! let f = Formula::parse("2*x*y^3 + 3*z^2")?;
//! assert_eq!(f.gradient_text(), ["2*y^3", "6*x*y^2", "6*z"]);
//! assert_eq!(f.gradient_at(&[1.0, 2.0, 3.0]), [16.0, 24.0, 18.0]);
//! # Ok::<(), spusk::formula::FormulaError>(())
//! ```

mod account;
mod analytic;
mod basins;
mod critical;
mod derive;
mod descent;
mod explore;
mod expr;
mod function;
mod linear;
mod page;
mod parse;
mod polynomial;
mod print;
mod race;
mod simplify;
mod sweep;
mod tape;

use std::sync::Arc;

pub use account::{Part, account};
pub use analytic::{AnalyticCost, account_analytic, analytic_cost};
pub use basins::{BasinMinimum, Basins, basins};
pub use critical::{
    CriticalPoint, CriticalPoints, Edge, End, Kind, MOST_POINTS, Pole, Region, critical_points,
};
pub use descent::{
    Audit, Descent, DescentOptions, RateChoice, Stopped, Verdict, audit, choose_rate, descend,
};
pub use explore::{Exploration, Racer, Request, explore};
pub use expr::{Constant, Expr, Node};
pub use function::Function;
pub use page::{FormulaPage, page};
pub use parse::{FormulaError, MOST_LETTERS};
pub use polynomial::{Root, real_roots};
pub use print::Style;
pub use race::optimize;
pub use sweep::{Course, Sweep, SweepRun, sweep};

use crate::messages::{self, Language, Said};
use tape::Tape;

/// Most variables of a formula.
pub const MOST_VARIABLES: usize = 20;

/// Most nodes of a derivative, shared ones counted every time they are written.
const MOST_NODES: u64 = 50_000;

/// A formula with its first and second derivatives.
#[derive(Debug, Clone)]
pub struct Formula {
    source: String,
    expr: Expr,
    variables: Vec<Arc<str>>,
    gradient: Vec<Expr>,
    /// `hessian[n, n]` by rows; equal halves are shared.
    hessian: Vec<Expr>,
    decimals: bool,
    value: Tape,
    slopes: Tape,
    curvatures: Tape,
}

impl Formula {
    /// Reads a formula: numbers, names of variables, `+ - * / ^`, parentheses, the usual functions,
    /// `pi` and `e`.
    ///
    /// # Errors
    /// If it cannot be read, or is too large: see [`FormulaError`].
    pub fn parse(source: &str) -> Result<Formula, FormulaError> {
        let (expr, variables) = parse::parse(source)?;
        let fail = |what: Said| FormulaError { source: source.into(), at: None, what };
        if variables.len() > MOST_VARIABLES {
            let count = variables.len();
            let most = MOST_VARIABLES;
            return Err(fail(Said::new(|l| messages::formula_too_many_variables(l, count, most))));
        }
        let small = |e: Expr, word: fn(Language) -> String| match e.size() <= MOST_NODES {
            true => Ok(e),
            false => Err(fail(Said::new(|l| messages::formula_too_large(l, word(l), MOST_NODES)))),
        };
        let expr = small(expr, messages::formula_word)?;
        let slope = |e: &Expr, name: &Arc<str>| simplify::simplify(&derive::derivative(e, name));
        let mut gradient = Vec::new();
        for name in &variables {
            gradient.push(small(slope(&expr, name), messages::gradient_word)?);
        }
        let n = variables.len();
        let mut hessian: Vec<Expr> = Vec::with_capacity(n * n);
        for i in 0..n {
            for j in 0..n {
                let entry = match j < i {
                    true => hessian[j * n + i].clone(),
                    false => small(slope(&gradient[i], &variables[j]), messages::hessian_word)?,
                };
                hessian.push(entry);
            }
        }
        Ok(Formula {
            source: source.trim().into(),
            decimals: parse::has_decimals(source),
            value: Tape::new(std::slice::from_ref(&expr), &variables),
            slopes: Tape::new(&gradient, &variables),
            curvatures: Tape::new(&hessian, &variables),
            expr,
            variables,
            gradient,
            hessian,
        })
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The expression.
    #[must_use]
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Its variables, in alphabetical order. Points are given in this order.
    #[must_use]
    pub fn variables(&self) -> &[Arc<str>] {
        &self.variables
    }

    /// ∂f/∂v of every variable.
    #[must_use]
    pub fn gradient(&self) -> &[Expr] {
        &self.gradient
    }

    /// The matrix of second derivatives, `hessian[n, n]` row by row.
    #[must_use]
    pub fn hessian(&self) -> &[Expr] {
        &self.hessian
    }

    /// How its expressions are written: `pretty` for people, else in the syntax of SymPy.
    #[must_use]
    pub fn style(&self, pretty: bool) -> Style {
        Style { pretty, decimals: self.decimals }
    }

    /// The gradient in the syntax of SymPy.
    #[must_use]
    pub fn gradient_text(&self) -> Vec<String> {
        self.gradient.iter().map(|e| e.to_text(self.style(false))).collect()
    }

    /// The rows of the Hessian in the syntax of SymPy.
    #[must_use]
    pub fn hessian_text(&self) -> Vec<Vec<String>> {
        let text: Vec<String> = self.hessian.iter().map(|e| e.to_text(self.style(false))).collect();
        text.chunks(self.variables.len().max(1)).map(<[String]>::to_vec).collect()
    }

    /// f(at), NaN where it is not defined.
    #[must_use]
    pub fn value_at(&self, at: &[f64]) -> f64 {
        self.value.evaluate(at)[0]
    }

    /// ∇f(at).
    #[must_use]
    pub fn gradient_at(&self, at: &[f64]) -> Vec<f64> {
        self.slopes.evaluate(at)
    }

    /// The Hessian at a point, `[n, n]` row by row.
    #[must_use]
    pub fn hessian_at(&self, at: &[f64]) -> Vec<f64> {
        self.curvatures.evaluate(at)
    }
}

#[cfg(test)]
mod classics;
#[cfg(test)]
mod tests;
