//! `spusk why-not-analytic`: what the school method would cost for a network.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use spusk::experiment::Experiment;
use spusk::formula::{account_analytic, analytic_cost};
use spusk::session::{SessionEvent, describe_experiment, describe_run, vocabulary};

use super::{Format, Outcome, Telling};
use crate::terminal::{complain, line};

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
            let experiment = Experiment::load(&self.path, &[], vocabulary())?;
            describe_experiment(&experiment, &mut |event| {
                if let SessionEvent::Note(text) = event {
                    complain(&spusk::messages::note_word(l, text.in_language(l)));
                }
            })?
        } else {
            describe_run(&self.path)?
        };
        let cost = analytic_cost(found.parameters as u64, found.weighted_layers());
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
        let part = account_analytic(&cost, found.batch_size as u64, found.step.flops, l);
        part.sentences.iter().try_for_each(line)?;
        Ok(0)
    }
}
