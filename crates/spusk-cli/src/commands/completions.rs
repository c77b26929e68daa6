//! `spusk completions`: the words of the command line, for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Outcome;
use crate::terminal::Failure;

/// Print the completions of a shell.
#[derive(Args)]
#[command(
    after_help = "Example: spusk completions bash > ~/.local/share/bash-completion/completions/spusk"
)]
pub(crate) struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut crate::Arguments::command(), "spusk", &mut script);
        std::io::Write::write_all(&mut std::io::stdout(), &script).map_err(Failure::from)?;
        Ok(0)
    }
}
