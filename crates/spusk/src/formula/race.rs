//! The library's optimizers on a formula: the formula becomes a graph, which the engine runs in f64 as it
//! runs the training of a network.

use std::collections::HashMap;

use spusk_graph::{
    GraphError, Plan, PlanSpec, State, StateLayout, Team, Trace, Var, Workspace, grad,
};

use super::Formula;
use super::descent::{Descent, DescentOptions};
use super::expr::{Constant, Expr, Node};
use super::function::Function;
use super::print::to_f64;
use crate::optimizers::{AnyOptimizer, ParameterVars, SlotInitial, UpdateContext};

/// Runs an optimizer from a start, by the same rule of stopping as [`descend`](super::descend). No
/// weights are decayed: that would move the minimum.
///
/// # Errors
/// If the engine refuses the graph.
pub fn optimize(
    f: &Formula,
    optimizer: &AnyOptimizer,
    start: &[f64],
    options: &DescentOptions,
) -> Result<Descent, GraphError> {
    let mut runner = Runner::new(f, optimizer, start)?;
    let mut descent = Descent::from(f, start);
    if !descent.values[0].is_finite() {
        descent.stopped = super::Stopped::Diverged;
        return Ok(descent);
    }
    for _ in 0..options.max_steps {
        let next = runner.step(f, options.learning_rate)?;
        if descent.step(f, next, options.threshold) {
            break;
        }
    }
    Ok(descent)
}

struct Runner {
    plan: Plan<f64>,
    state: State<f64>,
    work: Workspace<f64>,
    team: Team,
    /// Whether the graph holds no formula, since it has no op for a function in it: then the gradient is
    /// given from the symbolic one.
    given: bool,
}

impl Runner {
    fn new(f: &Formula, optimizer: &AnyOptimizer, start: &[f64]) -> Result<Runner, GraphError> {
        let trace = Trace::new();
        let n = start.len();
        let mut entries: Vec<(String, Vec<usize>, Vec<f64>)> =
            vec![("point".into(), vec![n], start.to_vec())];
        let point = trace.state("point", &[n]);
        let globals: Vec<Var> = (optimizer.globals().iter())
            .map(|slot| {
                let name = format!("global.{}", slot.name);
                let SlotInitial::Number(number) = slot.initial else {
                    return trace.fail("a scalar of an optimizer starts with a number");
                };
                entries.push((name.clone(), vec![], vec![number]));
                trace.state(&name, &[])
            })
            .collect();
        let slots: Vec<Var> = (optimizer.slots().iter())
            .map(|slot| {
                let name = format!("slot.{}", slot.name);
                let initial = match slot.initial {
                    SlotInitial::Number(number) => vec![number; n],
                    SlotInitial::Parameter => start.to_vec(),
                };
                entries.push((name.clone(), vec![n], initial));
                trace.state(&name, &[n])
            })
            .collect();
        let learning_rate = trace.input("learning_rate", &[]);
        let traced = traced(f, point);
        let given = traced.is_none();
        let gradient = match traced {
            Some(loss) => grad(loss, &[point])[0],
            None => trace.input("gradient", &[n]),
        };
        let context = UpdateContext { learning_rate, weight_decay: 0.0, globals: globals.clone() };
        let parameter = ParameterVars { value: point, gradient, slots: slots.clone() };
        let update = optimizer.update(&context, &[parameter]);
        let mut spec = PlanSpec::default();
        let new = &update.parameters[0];
        let evaluated = optimizer.evaluated(new.value, &new.slots, &update.globals);
        spec.output("evaluated", trace.value(evaluated)?);
        let pairs = std::iter::once((point, new.value))
            .chain(slots.into_iter().zip(new.slots.iter().copied()))
            .chain(globals.into_iter().zip(update.globals.iter().copied()));
        for (old, new) in pairs {
            spec.update(trace.value(old)?, trace.value(new)?);
        }
        let layout =
            StateLayout::new(entries.iter().map(|(name, shape, _)| (&name[..], &shape[..])));
        let plan = Plan::<f64>::compile(&trace.graph(), &spec, &layout)?;
        let mut state = State::new(&layout);
        for (name, _, values) in &entries {
            state.get_mut(name).expect("in the layout").copy_from_slice(values);
        }
        let work = plan.workspace();
        Ok(Runner { plan, state, work, team: Team::new(1), given })
    }

    fn step(&mut self, f: &Formula, rate: f64) -> Result<Vec<f64>, GraphError> {
        if self.plan.inputs().iter().any(|entry| entry.name == "learning_rate") {
            self.work.input_mut("learning_rate")?[0] = rate;
        }
        if self.given {
            let gradient = f.gradient_at(self.state.get("point").expect("in the layout"));
            self.work.input_mut("gradient")?.copy_from_slice(&gradient);
        }
        self.plan.run(&mut self.team, &mut self.state, &mut self.work);
        Ok(self.plan.output("evaluated", &self.state, &self.work)?.to_vec())
    }
}

/// The formula in ops, of a point `[n]`; `None` if it has a function without an op.
pub(crate) fn traced<'t>(f: &Formula, point: Var<'t>) -> Option<Var<'t>> {
    let variable = |i: usize| point.narrow(0, i, i + 1).reshape(&[]);
    let variables: Vec<Var> = (0..f.variables().len()).map(variable).collect();
    let names = f.variables().iter().map(ToString::to_string).zip(variables);
    Tracing { point, variables: names.collect(), known: HashMap::new() }.of(f.expr())
}

struct Tracing<'t> {
    point: Var<'t>,
    variables: HashMap<String, Var<'t>>,
    known: HashMap<Expr, Var<'t>>,
}

impl<'t> Tracing<'t> {
    fn of(&mut self, e: &Expr) -> Option<Var<'t>> {
        if let Some(&known) = self.known.get(e) {
            return Some(known);
        }
        let constant = |value| self.point.trace().constant(value);
        let found = match e.node() {
            Node::Number(number) => constant(to_f64(number)),
            Node::Constant(Constant::E) => constant(std::f64::consts::E),
            Node::Constant(Constant::Pi) => constant(std::f64::consts::PI),
            Node::Variable(name) => self.variables[&**name],
            Node::Sum(terms) => {
                let first = self.of(&terms[0])?;
                terms[1..].iter().try_fold(first, |all, term| Some(all + self.of(term)?))?
            }
            Node::Product(factors) => {
                let first = self.of(&factors[0])?;
                factors[1..].iter().try_fold(first, |all, factor| Some(all * self.of(factor)?))?
            }
            Node::Power(base, exponent) => self.power(base, exponent)?,
            Node::Call(function, inner) => call(*function, self.of(inner)?)?,
        };
        self.known.insert(e.clone(), found);
        Some(found)
    }

    fn power(&mut self, base: &Expr, exponent: &Expr) -> Option<Var<'t>> {
        if base.is_e() {
            return Some(self.of(exponent)?.exp());
        }
        let inner = self.of(base)?;
        if exponent.as_number().is_some_and(|n| to_f64(n) == 0.5) {
            return Some(inner.sqrt());
        }
        match exponent.as_integer() {
            Some(n) if n.abs() <= 64 => {
                let raised = whole_power(inner, n.unsigned_abs());
                Some(if n < 0 { raised.reciprocal() } else { raised })
            }
            _ => Some(inner.pow(self.of(exponent)?)),
        }
    }
}

/// By squares. n is at least 1.
fn whole_power(x: Var<'_>, n: u64) -> Var<'_> {
    match n {
        0 | 1 => x,
        _ if n % 2 == 0 => whole_power(x * x, n / 2),
        _ => whole_power(x * x, n / 2) * x,
    }
}

fn call(function: Function, x: Var<'_>) -> Option<Var<'_>> {
    let found = match function {
        Function::Sin => x.sin(),
        Function::Cos => x.cos(),
        Function::Tan => x.sin() / x.cos(),
        Function::Sinh => (x.exp() - (-x).exp()) * 0.5,
        Function::Cosh => (x.exp() + (-x).exp()) * 0.5,
        Function::Tanh => x.tanh(),
        Function::Log => x.log(),
        Function::Abs => x.abs(),
        Function::Sign => x.sign(),
        Function::Asinh => x.sign() * (x.abs() + (x * x + 1.0).sqrt()).log(),
        Function::Acosh => (x + (x * x - 1.0).sqrt()).log(),
        Function::Atanh => (x.log1p() - (-x).log1p()) * 0.5,
        Function::Asin | Function::Acos | Function::Atan | Function::Cbrt => return None,
    };
    Some(found)
}
