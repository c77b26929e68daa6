//! `spusk why-not-analytic`: what the school method would cost for a network.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use spusk::experiment::Experiment;
use spusk::formula::analytic_cost;
use spusk::messages as say;
use spusk::plot::number::{bytes, count, power_of_ten, seconds, significant};
use spusk::session::{Description, SessionEvent, describe_experiment, describe_run, vocabulary};

use super::{Format, Outcome, Telling};
use crate::terminal::{Failure, complain, line};

/// Operations a second that the comparison of costs assumes; it is said with the numbers.
const SPEED: f64 = 5e10;

/// Count what "derivative = 0, solve" would cost for a network: unknowns, equations, solutions.
#[derive(Args)]
#[command(name = "why-not-analytic")]
pub(crate) struct WhyNotAnalytic {
    /// The directory of a run, or a file of settings whose data can be read.
    #[arg(value_name = "RUN|EXPERIMENT.toml")]
    path: PathBuf,
    #[command(flatten)]
    telling: Telling,
}

impl WhyNotAnalytic {
    pub(crate) fn run(self) -> Outcome {
        let l = self.telling.language();
        let found = if self.path.is_file() {
            let experiment =
                Experiment::load(&self.path, &[], vocabulary()).map_err(Failure::failed)?;
            describe_experiment(&experiment, &mut |event| {
                if let SessionEvent::Note(text) = event {
                    complain(&format!("note: {text}"));
                }
            })?
        } else {
            describe_run(&self.path)?
        };
        let layers = weighted_layers(&found);
        let cost = analytic_cost(found.parameters as u64, layers);
        if self.telling.format == Format::Json {
            line(json!({
                "unknowns": cost.unknowns,
                "equations": cost.unknowns,
                "layers": cost.layers,
                "degree": cost.degree,
                "solutions_log10": cost.solutions_log10,
                "hessian_bytes": cost.hessian_bytes,
                "newton_flops": cost.newton_flops,
                "descent_step_flops": found.step.flops,
            }))?;
            return Ok(0);
        }
        let unknowns = count(cost.unknowns);
        line(say::analytic_unknowns(l, &unknowns))?;
        if cost.degree > 1 {
            let digits = cost.solutions_log10.min(2e9) as i32;
            line(say::analytic_solutions(l, cost.degree, &unknowns, power_of_ten(digits)))?;
        } else {
            line(say::analytic_linear(l))?;
        }
        let memory = bytes(cost.hessian_bytes as u64);
        let flops = significant(cost.newton_flops, 3);
        let time = seconds(cost.newton_flops / SPEED);
        line(say::analytic_newton(l, &unknowns, memory, flops, time))?;
        let step = found.step.flops;
        let times = significant(cost.newton_flops / (step as f64).max(1.0), 3);
        line(say::analytic_descent(l, count(found.batch_size as u64), count(step), times))?;
        Ok(0)
    }
}

/// Layers with numbers of their own; those that only hold others are not counted twice.
fn weighted_layers(found: &Description) -> u64 {
    let layers = &found.layers;
    let is_leaf = |i: usize| layers.get(i + 1).is_none_or(|next| next.depth <= layers[i].depth);
    (0..layers.len()).filter(|&i| layers[i].parameters > 0 && is_leaf(i)).count() as u64
}
