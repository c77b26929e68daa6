//! `spusk doctor`: what is wrong with a run, and what helps.

use std::path::PathBuf;

use clap::Args;
use spusk::session::{ExamineOptions, account_examination, examine};

use super::{Format, Outcome, Telling, print_part};
use crate::terminal::line;

/// Examine a run: what is wrong, and whether the cure helps.
///
/// The first steps are replayed, the end is looked at, and every cure is tested on a fork of the run. The
/// run itself is not changed. The exit status is 0 also when something is found.
#[derive(Args)]
pub(crate) struct Doctor {
    /// The directory of the run.
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Steps that are replayed, and steps of each fork.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Name the cures without testing them.
    #[arg(long)]
    no_trials: bool,
    #[command(flatten)]
    telling: Telling,
}

impl Doctor {
    pub(crate) fn run(self) -> Outcome {
        let options = ExamineOptions { steps: self.steps, test_cures: !self.no_trials };
        let examination = examine(&self.run, &options)?;
        if self.telling.format == Format::Json {
            let object = serde_json::to_value(&examination);
            line(object.map_err(crate::terminal::Failure::failed)?)?;
            return Ok(0);
        }
        let l = self.telling.language();
        for (i, part) in account_examination(&examination, l).iter().enumerate() {
            if i > 0 {
                line("")?;
            }
            print_part(part)?;
        }
        Ok(0)
    }
}
